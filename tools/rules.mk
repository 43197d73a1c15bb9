# SPDX-License-Identifier: GPL-2.0
# Tools: every folder here is a room. The rooms of TOOL_ROOMS become static
# libraries, bottom up; every other folder with C files becomes the program of
# its name in $(O)/tools/. A room may have a rules.mk of its own, which may
# say EXTRA_PROGS += NAME:FILE.c for more programs, or link names.
#
# Switches: STATIC=1 (static programs), SAN=1 (sanitizers).

PREFIX     ?= /usr
TOOL_ROOMS := base hyp store build save
TOOL_OUT   := $(O)/tools
TOOL_CC    ?= $(CC)

TOOL_CFLAGS := -std=gnu11 -O2 -g -D_GNU_SOURCE -fno-common \
	-fno-strict-aliasing -fstack-protector-strong $(WARN) \
	-Itools/include -Iguest-abi \
	-isystem /usr/include/libxml2
TOOL_LIBS := -Wl,--as-needed -lxml2 -lz -llzma -lzstd -llz4
TOOL_LDFLAGS := -Wl,--gc-sections -Wl,-z,relro,-z,now
TOOL_CFLAGS += -ffunction-sections -fdata-sections
ifneq ($(STATIC),)
TOOL_OUT   := $(O)/tools-static
TOOL_LDFLAGS += -static
TOOL_LIBS := -lxml2 -licuuc -licudata -lz -llzma -lzstd -llz4 -lm -lstdc++
endif
ifneq ($(SAN),)
TOOL_OUT   := $(O)/tools-san
TOOL_SAN   := -fsanitize=address,undefined -fno-sanitize-recover=all
TOOL_CFLAGS += $(TOOL_SAN)
TOOL_LDFLAGS += $(TOOL_SAN)
endif

tool_src   = $(wildcard tools/$(1)/*.c)
tool_obj   = $(patsubst tools/%.c,$(TOOL_OUT)/obj/%.o,$(1))
TOOL_ALL   := $(patsubst tools/%/,%,$(sort $(dir $(wildcard tools/*/*.c))))
TOOL_PROGS := $(filter-out $(TOOL_ROOMS),$(TOOL_ALL))
# Archives from top to bottom, so that each finds what it needs behind it.
TOOL_ARCHIVES := $(foreach r,save build store hyp base,\
	$(if $(call tool_src,$(r)),$(TOOL_OUT)/lib$(r).a))
EXTRA_PROGS :=

.PHONY: tools tools-install
tools: ## Build the toolstack (build/tools/)
build: tools
install: tools-install

$(TOOL_OUT)/obj/%.o: tools/%.c
	@mkdir -p $(@D)
	$(Q)$(TOOL_CC) $(TOOL_CFLAGS) -MMD -MP -c -o $@ $<

define tool_library
$(TOOL_OUT)/lib$(1).a: $(call tool_obj,$(call tool_src,$(1)))
	$$(Q)rm -f $$@ && $$(AR) rcs $$@ $$^
tools: $(TOOL_OUT)/lib$(1).a
endef

# program name, its objects
define tool_program
$(TOOL_OUT)/$(1): $(2) $(TOOL_ARCHIVES)
	@mkdir -p $$(@D)
	$$(Q)$$(TOOL_CC) $$(TOOL_LDFLAGS) -o $$@ $(2) $$(TOOL_ARCHIVES) \
		$$(TOOL_LIBS)
tools: $(TOOL_OUT)/$(1)
endef

$(foreach r,$(filter $(TOOL_ROOMS),$(TOOL_ALL)),\
	$(eval $(call tool_library,$(r))))

include $(wildcard tools/*/rules.mk)

$(foreach p,$(TOOL_PROGS),$(eval $(call tool_program,$(p),\
	$(call tool_obj,$(call tool_src,$(p))))))
$(foreach e,$(EXTRA_PROGS),$(eval $(call tool_program,\
	$(word 1,$(subst :, ,$(e))),\
	$(call tool_obj,$(word 2,$(subst :, ,$(e)))))))

include $(wildcard tests/tools/rules.mk)

-include $(wildcard $(TOOL_OUT)/obj/*/*.d)

tools-install: tools
	$(Q)mkdir -p $(DESTDIR)$(PREFIX)/sbin
	$(Q)for p in $(TOOL_PROGS) $(foreach e,$(EXTRA_PROGS),\
			$(word 1,$(subst :, ,$(e)))); do \
		install -m 755 $(TOOL_OUT)/$$p $(DESTDIR)$(PREFIX)/sbin/; \
	done
