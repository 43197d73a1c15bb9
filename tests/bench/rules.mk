# SPDX-License-Identifier: GPL-2.0
# tests/bench: one PV kernel that counts instructions, on the test kernels'
# runtime; and the table that sets two hypervisors side by side.

BENCH_ELF := $(O)/tests/bench/bench.elf
$(BENCH_ELF): $(O)/tests/bench/bench.c.o $(O)/tests/bench/paths.S.o \
		$$(GUEST_LIB) tests/guests/lib/guest.lds
	$(Q)$(GUEST_LINK) -o $@ $(filter %.o,$^)

$(O)/tests/bench/%.o: tests/bench/%
	$(Q)mkdir -p $(@D)
	$(Q)$(CC) $(GUEST_FLAGS) -c -o $@ $<

.PHONY: bench-guest
bench-guest: $(BENCH_ELF) ## Build the kernel that counts instructions
-include $(wildcard $(O)/tests/bench/*.d)

bench: $(BENCH_ELF) $(XEN_IMAGE) ## Count instructions, beside Debian's Xen
	tests/bench/run
