# SPDX-License-Identifier: GPL-2.0
# Fuzzers of the hypervisor's parts; other rooms have theirs, and run.mk runs
# them all. `make check` replays the corpora, each file with some hundred
# changes, in programs that gcc builds.

FUZZ_O     := $(O)/tests/fuzz
FUZZ_NAMES := decode elf unpack lzma
FUZZERS    += $(foreach f,$(FUZZ_NAMES),$f:$(FUZZ_O)/fuzz-$f)

FUZZ_SRC_decode := arch/x86/pv/decode arch/x86/pv/insn_apply
FUZZ_SRC_elf    := lib/elf lib/pv_image lib/bzimage lib/unpack/packing
FUZZ_SRC_unpack := $(patsubst xen/%.c,%,$(wildcard xen/lib/unpack/*.c))
FUZZ_SRC_lzma   := $(FUZZ_SRC_unpack)

FUZZ_CFLAGS := -std=gnu11 -g -O1 $(WARN) -Ixen/include -Iguest-abi \
	-Itests/unit -Itests/fuzz -fno-omit-frame-pointer -MMD -MP

# $(1): name of the fuzzer. clang makes no .d file for several sources at
# once, so headers are prerequisites by pattern.
define fuzz_program
FUZZ_C_$(1) := tests/fuzz/fuzz_$(1).c $(FUZZ_SRC_$(1):%=xen/%.c)
FUZZ_REPLAY_OBJS_$(1) := $$(patsubst %.c,$(FUZZ_O)/$(1).d/%.o,\
	$$(FUZZ_C_$(1)) tests/fuzz/replay.c)

$(FUZZ_O)/$(1).d/%.o: %.c
	@mkdir -p $$(@D)
	$(Q)$(HOSTCC) $(FUZZ_CFLAGS) -fsanitize=address,undefined \
		-fno-sanitize-recover=undefined \
		-DCORPUS='"tests/fuzz/corpus/$(1)"' -c $$< -o $$@

$(FUZZ_O)/replay-$(1): $$(FUZZ_REPLAY_OBJS_$(1))
	@echo "  FUZZ    replay-$(1)"
	$(Q)$(HOSTCC) -fsanitize=address,undefined $$^ -o $$@

$(FUZZ_O)/fuzz-$(1): $$(FUZZ_C_$(1)) $(wildcard xen/include/*/*.h)
	@mkdir -p $$(@D)
	@echo "  FUZZ    fuzz-$(1)"
	$(Q)clang $(filter-out -MMD -MP,$(FUZZ_CFLAGS)) \
		-fsanitize=fuzzer,address,undefined $$(FUZZ_C_$(1)) -o $$@

-include $$(FUZZ_REPLAY_OBJS_$(1):.o=.d)
endef
$(foreach f,$(FUZZ_NAMES),$(eval $(call fuzz_program,$(f))))

HOST_TESTS += $(FUZZ_NAMES:%=$(FUZZ_O)/replay-%)
