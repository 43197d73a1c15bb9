# SPDX-License-Identifier: GPL-2.0
# tests/pair: a guest of a few KiB for tests of the tools, in Dom0's /xt.

SMALL_GUEST := $(O)/tests/pair/small-guest
$(SMALL_GUEST): tests/pair/small/small.c tests/guests/lib/guest.lds
	$(Q)mkdir -p $(@D)
	$(Q)$(CC) $(GUEST_FLAGS) -c -o $@.o $<
	$(Q)$(GUEST_LINK) -s -o $@ $@.o
-include $(wildcard $(O)/tests/pair/*.d)

$(O)/dom0-test.img: $(SMALL_GUEST)
