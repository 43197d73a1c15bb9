# SPDX-License-Identifier: GPL-2.0
# Unit tests on the host: one program for each source file, sanitizers on.
# make check-unit       all of them
# build/tests/unit/X    one of them

UNIT_O := $(O)/tests/unit
UNIT_CFLAGS := -std=gnu11 -g -O1 $(WARN) -Ixen/include -Iguest-abi \
	-Itests/unit -fsanitize=address,undefined \
	-fno-sanitize-recover=undefined -fno-omit-frame-pointer

# Under names of its own, what the C library has too.
UNIT_RENAME := $(foreach f,memcpy memmove memset memcmp strlen strnlen \
	strcmp strncmp strchr strlcpy,-D$(f)=our_$(f))

UNIT_TESTS := string format bitmap rangeset minheap list decode elf unpack \
	pagetype heap multiboot e820 tsc rtc cmdline timer credit \
	mce

# The sources under test (.c files below xen/) and libraries to link.
UNIT_SRC_string   := lib/string lib/parse
UNIT_FLAG_string  := -fno-builtin -Wno-stringop-overread $(UNIT_RENAME)
UNIT_SRC_format   := lib/format
UNIT_SRC_bitmap   := lib/bitmap
UNIT_SRC_rangeset := lib/rangeset
UNIT_SRC_minheap  := lib/minheap
UNIT_SRC_decode   := arch/x86/pv/decode arch/x86/pv/insn_apply
UNIT_SRC_elf      := lib/elf lib/pv_image lib/bzimage lib/unpack/packing
UNIT_SRC_unpack   := $(patsubst xen/%.c,%,$(wildcard xen/lib/unpack/*.c))
UNIT_LIB_unpack   := -lz -llzma -lzstd -llz4
UNIT_SRC_pagetype := $(addprefix arch/x86/pv/,pagetype pgtable mmu_op) \
	domain/pages lib/rangeset
UNIT_FLAG_pagetype := -DHOST_TEST -Itests/fake
UNIT_LIB_pagetype := -lpthread

UNIT_SRC_heap     := arch/x86/mm/heap
UNIT_FLAG_heap    := -DHOST_TEST -Ixen -fno-sanitize=object-size # by percpu()

UNIT_SRC_multiboot := arch/x86/boot/multiboot arch/x86/boot/e820
UNIT_SRC_e820     := arch/x86/boot/e820
UNIT_SRC_tsc      := arch/x86/cpu/tsc_scale
UNIT_SRC_rtc      := arch/x86/dev/rtc_date
UNIT_SRC_cmdline  := core/cmdline lib/parse
UNIT_SRC_mce      := arch/x86/cpu/mce_judge
UNIT_SRC_credit   := domain/sched_credit
UNIT_SRC_timer    := core/spinlock
UNIT_FLAG_timer   := -DHOST_TEST -Ixen -fno-sanitize=object-size # by percpu()

# Only the tested source, not the test, is built with these.
UNIT_SRCFLAG_format := -Dsnprintf=our_snprintf -Dvsnprintf=our_vsnprintf

# $(1): name of the test
define unit_program
UNIT_OBJS_$(1) := $(UNIT_O)/$(1).d/test.o $(UNIT_SRC_$(1):%=$(UNIT_O)/$(1).d/%.o)

$(UNIT_O)/$(1): $$(UNIT_OBJS_$(1))
	@echo "  UNIT    $(1)"
	$(Q)$(HOSTCC) $(UNIT_CFLAGS) $$^ $(UNIT_LIB_$(1)) -o $$@

$(UNIT_O)/$(1).d/test.o: tests/unit/test_$(1).c
	@mkdir -p $$(@D)
	$(Q)$(HOSTCC) $(UNIT_CFLAGS) $(UNIT_FLAG_$(1)) -MMD -MP -c $$< -o $$@

$(UNIT_O)/$(1).d/%.o: xen/%.c
	@mkdir -p $$(@D)
	$(Q)$(HOSTCC) $(UNIT_CFLAGS) $(UNIT_FLAG_$(1)) $(UNIT_SRCFLAG_$(1)) \
		-MMD -MP -c $$< -o $$@

-include $$(UNIT_OBJS_$(1):.o=.d)
endef
$(foreach t,$(UNIT_TESTS),$(eval $(call unit_program,$(t))))

.PHONY: check-unit
check-unit: $(UNIT_TESTS:%=$(UNIT_O)/%) ## Unit tests on the host
	$(Q)bad=0; for t in $(UNIT_TESTS); do \
		$(UNIT_O)/$$t || { [ $$? = 77 ] || bad=1; }; done; exit $$bad
