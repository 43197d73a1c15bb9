# SPDX-License-Identifier: GPL-2.0
# The store's pure parts (all of tools/xenstored but its main and rings), on
# the host with sanitizers: make check-store

STORE_O      := $(O)/tests/store
STORE_PARTS  := wire tree quota watch txn xstore ops ops_node ops_client \
	ops_domain control keep keep_log keep_store indices
STORE_CFLAGS := -std=gnu11 -g -O1 -D_GNU_SOURCE $(WARN) -Itools/include \
	-Itools/xenstored -Iguest-abi -Itests/unit \
	-fsanitize=address,undefined -fno-sanitize-recover=undefined \
	-fno-omit-frame-pointer
STORE_TESTS  := wire tree store txn watch keep indices connect
STORE_OBJS   := $(STORE_PARTS:%=$(STORE_O)/obj/%.o) $(STORE_O)/obj/log.o

HOST_TESTS += $(STORE_TESTS:%=$(STORE_O)/%)

$(STORE_O)/obj/%.o: tools/xenstored/%.c
	@mkdir -p $(@D)
	$(Q)$(HOSTCC) $(STORE_CFLAGS) -MMD -MP -c $< -o $@

$(STORE_O)/obj/log.o: tools/base/log.c
	@mkdir -p $(@D)
	$(Q)$(HOSTCC) $(STORE_CFLAGS) -MMD -MP -c $< -o $@

$(STORE_O)/%: tests/store/test_%.c tests/store/store_test.h $(STORE_OBJS)
	@mkdir -p $(@D)
	$(Q)$(HOSTCC) $(STORE_CFLAGS) -MMD -MP -MF $@.d $(filter %.c %.o,$^) -o $@

# With a made-up hypervisor.
$(STORE_O)/connect: $(STORE_O)/obj/connect.o $(STORE_O)/obj/ring.o

# The whole daemon, and the script that talks to it.
STORE_DAEMON_SRC := $(wildcard tools/xenstored/*.c tools/hyp/*.c) \
	$(addprefix tools/base/,log.c loop.c buf.c daemon.c)
$(STORE_O)/xenstored-san: $(STORE_DAEMON_SRC) $(wildcard tools/xenstored/*.h)
	@mkdir -p $(@D)
	$(Q)$(HOSTCC) $(STORE_CFLAGS) $(STORE_DAEMON_SRC) -o $@
$(STORE_O)/daemon: tests/store/daemon.py $(STORE_O)/xenstored-san
	$(Q)install -m 755 $< $@
HOST_TESTS += $(STORE_O)/daemon

.SECONDARY: $(STORE_OBJS)
.PHONY: check-store
check-store: $(STORE_TESTS:%=$(STORE_O)/%) $(STORE_O)/daemon
check-store: ## Tests of the store
	$(Q)bad=0; for t in $(STORE_TESTS) daemon; do \
		$(STORE_O)/$$t || { [ $$? = 77 ] || bad=1; }; done; exit $$bad

-include $(wildcard $(STORE_O)/obj/*.d $(STORE_O)/*.d)

# Fuzzers: `make fuzz FUZZ=store_wire`; `make check`
# replays their corpora.
STOREFUZZ := store_wire store_ring
STOREFUZZ_SRC := $(STORE_PARTS:%=tools/xenstored/%.c) tools/xenstored/ring.c \
	tools/base/log.c

$(STORE_O)/replay-%: tests/fuzz/%.c tests/fuzz/replay.c $(STORE_OBJS) \
		$(STORE_O)/obj/ring.o
	@mkdir -p $(@D)
	$(Q)$(HOSTCC) $(STORE_CFLAGS) -Itests/fuzz \
		-DCORPUS='"tests/fuzz/corpus/$*"' $^ -o $@

$(STORE_O)/fuzz-%: tests/fuzz/%.c $(STOREFUZZ_SRC)
	@mkdir -p $(@D)
	$(Q)clang $(filter-out -fsanitize=address%,$(STORE_CFLAGS)) -Itests/fuzz \
		-fsanitize=fuzzer,address,undefined $^ -o $@

HOST_TESTS += $(STOREFUZZ:%=$(STORE_O)/replay-%)

FUZZERS += $(foreach f,$(STOREFUZZ),$f:$(STORE_O)/fuzz-$f)

# Requests a second of any xenstored, to be run in a Dom0.
$(O)/tests/bench/store: tests/bench/store.c
	@mkdir -p $(@D)
	$(Q)$(HOSTCC) -std=gnu11 -O2 -D_GNU_SOURCE $(WARN) -Iguest-abi $< -o $@
.PHONY: bench-store
bench-store: $(O)/tests/bench/store ## Build the store's bench program
