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

# Debian's kernel as Dom0, with one program; and who counts.
$(O)/tests/bench/linux: tests/bench/linux.c
	$(Q)mkdir -p $(@D)
	$(Q)$(HOSTCC) -std=gnu11 -O2 -D_GNU_SOURCE $(WARN) -static -no-pie \
		-o $@ $<

$(O)/tests/bench/split.so: tests/bench/split.c
	$(Q)mkdir -p $(@D)
	$(Q)$(HOSTCC) -std=gnu11 -O2 $(WARN) -fPIC -shared -o $@ $<

.PHONY: bench-linux
bench-linux: $(O)/tests/bench/linux $(O)/tests/bench/split.so $(XEN_IMAGE)
bench-linux: $(O)/debian/vmlinuz ## Instructions of a process under Linux
	tests/bench/linux.py

# What tests/bench/tools.py needs in Dom0, as one more archive behind the
# tests': the programs that measure, and a kernel that is large to load.
BENCH_TREE := $(O)/tests/bench/tree
$(BENCH_TREE)-%: tests/bench/%.c
	$(Q)mkdir -p $(@D)
	$(Q)$(HOSTCC) -std=gnu11 -O2 -D_GNU_SOURCE $(WARN) -Iguest-abi \
		-static -o $@ $<

$(O)/tests/bench/tools.img: $(BENCH_TREE)-store $(BENCH_TREE)-timed \
		tests/bench/big-kernel dom0/lib.sh
	$(Q)rm -rf $(BENCH_TREE) && mkdir -p $(BENCH_TREE)/xt
	$(Q)for p in store timed; do \
		cp $(BENCH_TREE)-$$p $(BENCH_TREE)/xt/$$p; done
	$(Q)tests/bench/big-kernel $(BENCH_TREE)/xt/big-kernel 16
	$(Q). dom0/lib.sh && pack $(BENCH_TREE) | lz4 -l -9 -q -c >$@.new
	$(Q)mv $@.new $@

.PHONY: bench-tools
bench-tools: $(O)/tests/bench/tools.img $(XEN_IMAGE) $(BOOT_NEEDS)
bench-tools: ## Time our tools beside Debian's, in one Dom0
	tests/bench/tools.py --parts create,userland
	tests/bench/tools.py --icount

bench: $(BENCH_ELF) $(XEN_IMAGE) ## Instruction counts and the tools' times
	tests/bench/run
	$(Q)$(MAKE) --no-print-directory bench-linux
	$(Q)$(MAKE) --no-print-directory bench-tools
