# SPDX-License-Identifier: GPL-2.0
# Host tests of the toolstack's libraries (sanitizers on), and domtest, which
# tries the builder in a Dom0.

TOOLTEST_OUT    := $(O)/tests/tools
TOOLTEST_SAN    := -fsanitize=address,undefined -fno-sanitize-recover=all
TOOLTEST_CFLAGS := -std=gnu11 -O1 -g -D_GNU_SOURCE $(WARN) $(TOOLTEST_SAN) \
	-Itools/include -Itools/build -Iguest-abi -Itests/tools \
	-isystem /usr/include/libxml2
TOOLTEST_NAMES  := $(patsubst tests/tools/test_%.c,%,\
	$(wildcard tests/tools/test_*.c))
# All of the pure rooms and files; what speaks to the hypervisor stays out.
TOOLTEST_SRC    := $(wildcard tools/base/*.c tools/store/*.c) \
	tools/build/image.c tools/build/unpack.c tools/build/plan.c \
	tools/build/tables.c
TOOLTEST_OBJ    := $(patsubst tools/%.c,$(TOOLTEST_OUT)/obj/%.o,\
	$(TOOLTEST_SRC))

.PHONY: check-tools domtest
check-tools: $(TOOLTEST_NAMES:%=run-tooltest-%) ## Host tests of the tools

$(TOOLTEST_OUT)/obj/%.o: tools/%.c
	@mkdir -p $(@D)
	$(Q)$(HOSTCC) $(TOOLTEST_CFLAGS) -MMD -MP -c -o $@ $<

$(TOOLTEST_OUT)/test_%: tests/tools/test_%.c $(TOOLTEST_OBJ)
	@mkdir -p $(@D)
	$(Q)$(HOSTCC) $(TOOLTEST_CFLAGS) -MMD -MP -o $@ $< $(TOOLTEST_OBJ) \
		-lxml2 -lz -llzma -lzstd -llz4 -lm

.PHONY: $(TOOLTEST_NAMES:%=run-tooltest-%)
$(TOOLTEST_NAMES:%=run-tooltest-%): run-tooltest-%: $(TOOLTEST_OUT)/test_%
	$(Q)$<

domtest: $(TOOL_OUT)/domtest
$(TOOL_OUT)/domtest: tests/tools/domtest.c $(TOOL_ARCHIVES)
	@mkdir -p $(@D)
	$(Q)$(TOOL_CC) $(TOOL_CFLAGS) $(TOOL_LDFLAGS) -o $@ $< \
		$(TOOL_ARCHIVES) $(TOOL_LIBS)

-include $(wildcard $(TOOLTEST_OUT)/obj/*/*.d $(TOOLTEST_OUT)/*.d)
