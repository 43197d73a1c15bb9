# SPDX-License-Identifier: GPL-2.0
# tests/guests: one small PV kernel a folder, all on the runtime in lib/.

GUEST_DIRS := $(filter-out lib,$(notdir $(patsubst %/,%,$(dir \
	$(wildcard tests/guests/*/*.c)))))
GUEST_DIRS := $(sort $(GUEST_DIRS))
GUEST_LIB  := $(patsubst tests/guests/lib/%,$(O)/tests/guests/lib/%.o,\
	$(wildcard tests/guests/lib/*.c tests/guests/lib/*.S))
GUEST_ELFS := $(foreach t,$(GUEST_DIRS),$(O)/tests/guests/$(t).elf)

GUEST_FLAGS := -std=gnu11 $(WARN) -O2 -g -ffreestanding -fno-pic -no-pie \
	-mcmodel=kernel -mno-red-zone -mgeneral-regs-only \
	-fno-stack-protector -fno-strict-aliasing -fcf-protection=none \
	-fno-asynchronous-unwind-tables -Wno-clobbered -MMD -MP \
	-I guest-abi -I tests/guests/lib

GUEST_LINK := ld -m elf_x86_64 -z max-page-size=4096 -z noexecstack \
	--no-warn-rwx-segments -T tests/guests/lib/guest.lds

.SECONDARY: $(GUEST_LIB)
.PHONY: guests
guests: $(GUEST_ELFS) ## Build the test kernels

$(O)/tests/guests/%.o: tests/guests/%
	$(Q)mkdir -p $(@D)
	$(Q)$(CC) $(GUEST_FLAGS) -c -o $@ $<

$(O)/tests/guests/%.elf: $(GUEST_LIB) tests/guests/lib/guest.lds
	$(Q)$(GUEST_LINK) -o $@ $(filter %.o,$^)

# A kernel is made of all C and assembly files of its folder.
define guest_rule
$(O)/tests/guests/$(1).elf: $$(patsubst tests/guests/%,$(O)/tests/guests/%.o,\
	$$(wildcard tests/guests/$(1)/*.c tests/guests/$(1)/*.S))
endef
$(foreach t,$(GUEST_DIRS),$(eval $(call guest_rule,$(t))))

-include $(wildcard $(O)/tests/guests/*/*.d)
