# SPDX-License-Identifier: GPL-2.0
# Running the fuzzers: after every room's rules.mk has added to FUZZERS its
# words name:program. `make fuzz` runs each for TIME seconds under libFuzzer
# and keeps what it finds in build/fuzz; `make fuzz FUZZ=elf TIME=60` runs one.

FUZZ      ?= $(foreach f,$(FUZZERS),$(firstword $(subst :, ,$(f))))
TIME      ?= 600
FUZZ_DEPS := clang libclang-rt-14-dev

FUZZ_STAMP := $(O)/deps-fuzz.stamp
$(FUZZ_STAMP):
	$(Q)dom0/install-deps $(FUZZ_DEPS)
	$(Q)mkdir -p $(O) && touch $@

# $(1): name, $(2): program
define fuzz_runner
$(2): | $(FUZZ_STAMP)
.PHONY: fuzz-$(1)
fuzz-$(1): $(2)
	$(Q)mkdir -p $(O)/fuzz/$(1)
	$(Q)$(2) -max_total_time=$(TIME) -timeout=10 -print_final_stats=1 \
		-artifact_prefix=$(O)/fuzz/$(1)- \
		$(O)/fuzz/$(1) tests/fuzz/corpus/$(1)
endef
$(foreach f,$(FUZZERS),$(eval \
	$(call fuzz_runner,$(firstword $(subst :, ,$(f))),$(lastword $(subst :, ,$(f))))))

.PHONY: fuzz
fuzz: $(FUZZ:%=fuzz-%) ## Run the fuzzers, ten minutes each (FUZZ=elf TIME=60)
