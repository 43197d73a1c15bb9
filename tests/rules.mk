# SPDX-License-Identifier: GPL-2.0
# Tests. A folder below brings its own rules.mk, which may add programs:
#
#   HOST_TESTS  += build/tests/unit/lib/test-x   runs on the host, in a moment
#   GUEST_DIRS  += x                             boots tests/guests/x in QEMU
#
# Scripts stand in tests/tests.list, one line each.

.PHONY: check check-host check-guests check-boot check-fast check-stress \
	check-debian check-all fuzz bench

HOST_TESTS += $(UNIT_TESTS:%=$(UNIT_O)/%)
HOST_TESTS += $(TOOLTEST_NAMES:%=$(TOOLTEST_OUT)/test_%)

RUN_TESTS = XT_BUILD=$(abspath $(O)) DEBIAN_XEN="--xen $(DEBIAN_TEST)/boot/xen-4.17-amd64.gz" \
	tests/run $(if $(ONLY),--only '$(ONLY)') \
	$(addprefix --program host:,$(sort $(HOST_TESTS))) \
	$(GUEST_DIRS:%=--program 'guests:tests/guests/run %')

BOOT_NEEDS := $(O)/dom0.img $(O)/dom0-test.img $(O)/debian/vmlinuz

check-host: $(DEPS_STAMP) ## Tests on the host: units, ABI, style
check-guests: $(DEPS_STAMP) ## Guest kernels of our own in QEMU
check-boot: $(DEPS_STAMP) $(BOOT_NEEDS) ## Debian as Dom0 in QEMU
check-stress: $(DEPS_STAMP) $(BOOT_NEEDS) ## Two minutes of each load in Dom0
check-debian: $(DEPS_STAMP) $(BOOT_NEEDS) ## The boot tests on Debian's Xen

# The lists of programs grow while fragments are read; expand them late.
.SECONDEXPANSION:
check-host: $$(HOST_TESTS)
	$(Q)$(RUN_TESTS) host
check-guests: $(XEN_IMAGE) $$(GUEST_ELFS)
	$(Q)$(RUN_TESTS) guests
check-fast: $(DEPS_STAMP) $(XEN_IMAGE) $$(HOST_TESTS) $$(GUEST_ELFS)
check-fast: ## Host tests and guest kernels
	$(Q)$(RUN_TESTS) host guests
check-boot: $(XEN_IMAGE)
	$(Q)$(RUN_TESTS) boot pair
check-stress: $(XEN_IMAGE)
	$(Q)$(RUN_TESTS) stress
check-debian:
	$(Q)$(RUN_TESTS) debian
check check-all: $(DEPS_STAMP) $(BOOT_NEEDS) $$(HOST_TESTS) $$(GUEST_ELFS)
check check-all: build tools
check-all: ## These, longer ones, and all on Debian's Xen
	$(Q)$(RUN_TESTS) host guests boot pair more stress debian
check: ## All tests; the last line counts them
	$(Q)$(RUN_TESTS) host guests boot pair
