# SPDX-License-Identifier: GPL-2.0
# Host tests of xm and xend: their pure parts, and xm beside a made-up xend.

XMTEST_OUT    := $(O)/tests/xm
XMTEST_CFLAGS := -std=gnu11 -O1 -g -D_GNU_SOURCE $(WARN) \
	-fsanitize=address,undefined -fno-sanitize-recover=all \
	-Itools/include -Iguest-abi -Itools/xm -Itools/xend -Itests/unit \
	-isystem /usr/include/libxml2
xmtest_obj = $(patsubst tools/%.c,$(XMTEST_OUT)/%.o,$(1))
XMTEST_LIB := $(call xmtest_obj,$(wildcard tools/base/*.c tools/hyp/*.c \
	tools/store/*.c tools/build/*.c))
XMTEST_XM  := $(call xmtest_obj,$(wildcard tools/xm/*.c))
XMTEST_XEND := $(call xmtest_obj,$(filter-out tools/xend/main.c,\
	$(wildcard tools/xend/*.c)))

HOST_TESTS += $(XMTEST_OUT)/test_xm $(XMTEST_OUT)/test_xend \
	$(XMTEST_OUT)/test_dump
check-host check-fast check: $(XMTEST_OUT)/xm-san

$(XMTEST_OUT)/%.o: tools/%.c
	@mkdir -p $(@D)
	$(Q)$(HOSTCC) $(XMTEST_CFLAGS) -MMD -MP -c -o $@ $<

XMTEST_LINK = $(HOSTCC) $(XMTEST_CFLAGS) -MMD -MP -o $@
XMTEST_LIBS := -lxml2 -lz -llzma -lzstd -llz4

$(XMTEST_OUT)/test_xm: tests/xm/test_xm.c \
		$(filter-out %/xm/main.o,$(XMTEST_XM)) $(XMTEST_LIB)
	$(Q)$(XMTEST_LINK) $^ $(XMTEST_LIBS)
$(XMTEST_OUT)/test_xend: tests/xm/test_xend.c $(XMTEST_XEND) $(XMTEST_LIB)
	$(Q)$(XMTEST_LINK) $^ $(XMTEST_LIBS)
# dump.c is in it as text: its steps are its own.
$(XMTEST_OUT)/test_dump: tests/xm/test_dump.c tools/xend/dump.c \
		$(call xmtest_obj,tools/base/log.c)
	$(Q)$(XMTEST_LINK) $(filter-out %/dump.c,$^)
# The command itself, with sanitizers, for cli.py and files.py.
$(XMTEST_OUT)/xm-san: $(XMTEST_XM) $(XMTEST_LIB)
	$(Q)$(XMTEST_LINK) $^ $(XMTEST_LIBS)

-include $(wildcard $(XMTEST_OUT)/*/*.d $(XMTEST_OUT)/*.d)

# Fuzzers: `make fuzz FUZZ=xm_domain`; `make check` replays the
# corpus.
XMFUZZ := xm_domain xm_answer
XMFUZZ_SRC := $(filter-out tools/xm/main.c tools/xm/table.c \
	tools/xm/cmd_%.c tools/xm/client.c,$(wildcard tools/xm/*.c)) \
	$(filter-out tools/xend/main.c,$(wildcard tools/xend/*.c)) \
	$(wildcard tools/base/*.c tools/hyp/*.c tools/store/*.c \
	tools/build/*.c)
XMFUZZ_SRC := $(filter-out tools/xm/args.c tools/xm/print.c,$(XMFUZZ_SRC))

HOST_TESTS += $(XMFUZZ:%=$(XMTEST_OUT)/replay-%)
$(XMTEST_OUT)/replay-%: tests/fuzz/%.c tests/fuzz/replay.c \
		$(call xmtest_obj,$(XMFUZZ_SRC))
	$(Q)$(HOSTCC) $(XMTEST_CFLAGS) -Itests/fuzz \
		-DCORPUS='"tests/fuzz/corpus/$*"' -o $@ $^ $(XMTEST_LIBS)
$(XMTEST_OUT)/fuzz-%: tests/fuzz/%.c $(XMFUZZ_SRC)
	@mkdir -p $(@D)
	$(Q)clang $(filter-out -fsanitize% -fno-sanitize%,$(XMTEST_CFLAGS)) \
		-Itests/fuzz -fsanitize=fuzzer,address,undefined $^ -o $@ \
		$(XMTEST_LIBS)

FUZZERS += $(foreach f,$(XMFUZZ),$f:$(XMTEST_OUT)/fuzz-$f)
