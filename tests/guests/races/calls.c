/* SPDX-License-Identifier: GPL-2.0 */
/*
 * calls.c - two vcpus make calls on one object, again and again.
 *
 * Each race is a pair of functions: vcpu 0 runs one, vcpu 2 the other, both
 * start each round together.
 */
#include "races.h"

#define FIRST_TARGET 4 /* vcpus that nobody runs */
#define LAST_TARGET  31

/* A round is under way on vcpu 2 while the two differ. */
static volatile unsigned int asked, answered;
static void (*volatile other_side)(unsigned int round);
static volatile bool over;

static void second(unsigned int vcpu)
{
    (void)vcpu;
    while (!over) {
        if (asked == answered)
            continue;
        other_side(asked);
        answered = asked;
    }
}

/* False: a side never came back. */
static bool race(unsigned int rounds, void (*mine)(unsigned int round),
                 void (*other)(unsigned int round))
{
    unsigned int i;

    other_side = other;
    for (i = 0; i < rounds; i++) {
        asked = asked + 1;
        mine(asked);
        if (!WAIT_FOR(asked == answered, 20 * SECOND))
            return false;
    }
    return true;
}

/* --- where a vcpu looks for its events --------------------------------- */

static long register_info(unsigned int vcpu, const void *page)
{
    struct vcpu_register_vcpu_info op = {.mfn = mfn_of(page)};

    return HC(vcpu_op, VCPUOP_register_vcpu_info, vcpu, &op);
}

static char *info_page;

static void register_other(unsigned int round)
{
    (void)round;
    register_info(2, info_page);
}

static void register_zero(unsigned int round)
{
    (void)round;
    register_info(0, info_page);
}

static void records(void)
{
    info_page = page_new();
    check_eq("a running vcpu's record is its own to move",
             register_info(2, info_page), -E_INVAL);
    check("two vcpus that would move each other's go on",
          race(2000, register_other, register_zero));
    check_eq("one that is down is anybody's",
             register_info(FIRST_TARGET, info_page), 0);
    check_eq("once", register_info(FIRST_TARGET, info_page), -E_INVAL);
}

/* --- who makes a vcpu --------------------------------------------------- */

static struct vcpu_guest_context contexts[2];
static long results[2];
static uint64_t *tables[2];

static long initialise(unsigned int side, unsigned int round)
{
    unsigned int target = FIRST_TARGET + round % (LAST_TARGET - FIRST_TARGET);

    return HC(vcpu_op, VCPUOP_initialise, target, &contexts[side]);
}

static void initialise_zero(unsigned int round)
{
    results[0] = initialise(0, round);
}

static void initialise_one(unsigned int round)
{
    results[1] = initialise(1, round);
}

static void contexts_fill(void)
{
    unsigned int i;

    for (i = 0; i < 2; i++) {
        struct vcpu_guest_context *c = &contexts[i];

        tables[i] = page_new();
        make_read_only(tables[i]);
        c->flags = VGCF_in_kernel;
        c->user_regs.cs = FLAT_KERNEL_CS;
        c->user_regs.ss = FLAT_KERNEL_SS;
        c->ctrlreg[3] = xen_pfn_to_cr3(mfn_of((void *)start->pt_base));
        c->gdt_frames[0] = mfn_of(tables[i]);
        c->gdt_ents = 512;
    }
}

static void makers(void)
{
    unsigned int i, once = 0;

    contexts_fill();
    for (i = FIRST_TARGET; i < LAST_TARGET; i++) {
        if (!race(1, initialise_zero, initialise_one))
            break;
        once += (!results[0] && results[1] == -E_EXIST) ||
                (!results[1] && results[0] == -E_EXIST);
    }
    check_eq("of two that make a vcpu one does", once,
             LAST_TARGET - FIRST_TARGET);
}

/* --- the queues of events ----------------------------------------------- */

static void *block_page, *words_page;

static long evtchn(int op, void *arg)
{
    return HC(event_channel_op, op, arg);
}

static void queues_make(unsigned int round)
{
    struct evtchn_init_control init = {.control_gfn = mfn_of(block_page)};
    struct evtchn_expand_array more = {.array_gfn = mfn_of(words_page)};
    static evtchn_port_t ports[128];
    struct sched_poll poll = {.ports = guest_va(ports), .nr_ports = 128,
                              .timeout = 1};
    unsigned int i;

    (void)round;
    for (i = 0; i < 4; i++) {
        evtchn(EVTCHNOP_init_control, &init);
        evtchn(EVTCHNOP_expand_array, &more);
        HC(sched_op, SCHEDOP_poll, &poll);
    }
}

static void queues_take(unsigned int round)
{
    struct evtchn_reset op = {.dom = DOMID_SELF};
    unsigned int i;

    (void)round;
    for (i = 0; i < 4; i++)
        evtchn(EVTCHNOP_reset, &op);
}

static void queues(void)
{
    block_page = page_new();
    words_page = page_new();
    check("queues of events come and go at once",
          race(2000, queues_make, queues_take));
    queues_take(0);
    check_eq("and leave their pages", make_read_only(block_page), 0);
    check_eq("to be what we like", pin(1, block_page), 0);
}

/* --- a port that fails to become a line's ------------------------------- */

#define NO_PIRQ 900

static uint32_t first_port;
static volatile unsigned int taken;

static long port_close(uint32_t port)
{
    struct evtchn_close op = {.port = port};

    return evtchn(EVTCHNOP_close, &op);
}

/* The port is made, the line refused, the port given back. */
static void line_bind(unsigned int round)
{
    struct evtchn_bind_pirq op = {.pirq = NO_PIRQ};
    unsigned int i;

    (void)round;
    for (i = 0; i < 100; i++)
        evtchn(EVTCHNOP_bind_pirq, &op);
}

static void port_take(unsigned int round)
{
    unsigned int i;

    (void)round;
    for (i = 0; i < 100; i++)
        taken += !port_close(first_port);
}

static void lines(void)
{
    struct evtchn_alloc_unbound op = {.dom = DOMID_SELF, .remote_dom = 0};

    evtchn(EVTCHNOP_alloc_unbound, &op);
    first_port = op.port;
    port_close(first_port);
    race(500, line_bind, port_take);
    check_eq("a port that is being made is nobody's to close", taken, 0);
}

void calls(void)
{
    if (vcpu_make(2, second) || HC(vcpu_op, VCPUOP_up, 2, 0))
        panic("no second vcpu");
    records();
    makers();
    queues();
    lines();
    over = true;
    WAIT_FOR(!HC(vcpu_op, VCPUOP_is_up, 2, 0), 10 * SECOND);
}
