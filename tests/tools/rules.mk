# SPDX-License-Identifier: GPL-2.0
# Host tests of the toolstack's libraries (sanitizers on), and domtest, which
# tries the builder in a Dom0.

TOOLTEST_OUT    := $(O)/tests/tools
TOOLTEST_SAN    := -fsanitize=address,undefined -fno-sanitize-recover=all
TOOLTEST_CFLAGS := -std=gnu11 -O1 -g -D_GNU_SOURCE $(WARN) $(TOOLTEST_SAN) \
	-Itools/include -Itools/build -Iguest-abi -Itests/unit -Itests/fuzz \
	-isystem /usr/include/libxml2
TOOLTEST_NAMES  := $(patsubst tests/tools/test_%.c,%,\
	$(wildcard tests/tools/test_*.c))
# All of the pure rooms and files; what speaks to the hypervisor stays out.
TOOLTEST_SRC    := $(wildcard tools/base/*.c tools/store/*.c) \
	tools/build/image.c tools/build/unpack.c tools/build/plan.c \
	tools/build/tables.c tools/xenconsoled/ring.c
TOOLTEST_OBJ    := $(patsubst tools/%.c,$(TOOLTEST_OUT)/obj/%.o,\
	$(TOOLTEST_SRC))

.SECONDARY: $(TOOLTEST_OBJ)
.PHONY: check-tools domtest
check-tools: $(TOOLTEST_NAMES:%=run-tooltest-%) ## Host tests of the tools

$(TOOLTEST_OUT)/obj/%.o: tools/%.c
	@mkdir -p $(@D)
	$(Q)$(HOSTCC) $(TOOLTEST_CFLAGS) -MMD -MP -c -o $@ $<

$(TOOLTEST_OUT)/test_%: tests/tools/test_%.c $(TOOLTEST_OBJ)
	@mkdir -p $(@D)
	$(Q)$(HOSTCC) $(TOOLTEST_CFLAGS) -MMD -MP -o $@ $< $(TOOLTEST_OBJ) \
		-lxml2 -lz -llzma -lzstd -llz4 -lm -lpthread

# With a made-up hypervisor and store: these parts and no others.
$(TOOLTEST_OUT)/test_console: tests/tools/test_console.c \
		$(addprefix $(TOOLTEST_OUT)/obj/,base/loop.o base/log.o \
		base/buf.o store/path.o xenconsoled/guest.o xenconsoled/ring.o \
		xenconsoled/logfile.o)
	@mkdir -p $(@D)
	$(Q)$(HOSTCC) $(TOOLTEST_CFLAGS) -MMD -MP -o $@ $^

.PHONY: $(TOOLTEST_NAMES:%=run-tooltest-%)
$(TOOLTEST_NAMES:%=run-tooltest-%): run-tooltest-%: $(TOOLTEST_OUT)/test_%
	$(Q)$<

domtest: $(TOOL_OUT)/domtest
$(TOOL_OUT)/domtest: tests/tools/domtest.c $(TOOL_ARCHIVES)
	@mkdir -p $(@D)
	$(Q)$(TOOL_CC) $(TOOL_CFLAGS) $(TOOL_LDFLAGS) -o $@ $< \
		$(TOOL_ARCHIVES) $(TOOL_LIBS)

HOST_TESTS += $(TOOLTEST_NAMES:%=$(TOOLTEST_OUT)/test_%)

# Fuzzers: `make fuzz FUZZ=tools_config`; `make check` replays the
# corpora in programs that gcc builds.
TOOLFUZZ_NAMES := $(patsubst tests/fuzz/tools_%.c,%,\
	$(wildcard tests/fuzz/tools_*.c))
TOOLFUZZ_LIBS  := -lxml2 -lz -llzma -lzstd -llz4 -lm

$(TOOLTEST_OUT)/replay-tools_%: tests/fuzz/tools_%.c tests/fuzz/replay.c \
		$(TOOLTEST_OBJ)
	@mkdir -p $(@D)
	$(Q)$(HOSTCC) $(TOOLTEST_CFLAGS) -o $@ \
		-DCORPUS='"tests/fuzz/corpus/tools_$*"' $^ $(TOOLFUZZ_LIBS)
HOST_TESTS += $(TOOLFUZZ_NAMES:%=$(TOOLTEST_OUT)/replay-tools_%)

$(TOOLTEST_OUT)/fuzz-tools_%: tests/fuzz/tools_%.c $(TOOLTEST_SRC)
	@mkdir -p $(@D)
	$(Q)clang $(filter-out $(TOOLTEST_SAN),$(TOOLTEST_CFLAGS)) \
		-fsanitize=fuzzer,address,undefined $^ -o $@ $(TOOLFUZZ_LIBS)

FUZZERS += $(foreach f,$(TOOLFUZZ_NAMES),\
	tools_$f:$(TOOLTEST_OUT)/fuzz-tools_$f)

-include $(wildcard $(TOOLTEST_OUT)/obj/*/*.d $(TOOLTEST_OUT)/*.d)
