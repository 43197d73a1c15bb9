/* SPDX-License-Identifier: GPL-2.0 */
/* vcpu - a second vcpu: up, poked, counted, down, up again; a third. */
#include "guest.h"

static volatile unsigned int lives, pokes, stop, started_on, faults;
static volatile uint64_t its_time;
static volatile int port_trap[3] = {-2, -2, -2}; /* -2: not tried yet */
static uint32_t ipi;

static bool on_trap(struct frame *f)
{
    if (vcpu_self() != 1 || f->vector != 3)
        return false;
    faults++;
    return true;
}

static void on_port(unsigned int port)
{
    if (port == ipi && vcpu_self() == 1)
        pokes++;
}

static void try_port(unsigned int vcpu)
{
    port_trap[vcpu] = TRAP_OF(__asm__ volatile("outb %%al, $0x80" ::"a"(0)));
}

static void second(unsigned int vcpu)
{
    try_port(vcpu);
    started_on = vcpu;
    lives++;
    events_unmask();
    while (!stop) {
        its_time = now();
    }
    __asm__ volatile("int3");
    events_mask();
}

static long evtchn_send(uint32_t port)
{
    struct evtchn_send op = {.port = port};

    return HC(event_channel_op, EVTCHNOP_send, &op);
}

static void bring_up(void)
{
    struct evtchn_bind_ipi op = {.vcpu = 1};
    uint64_t a, b;
    unsigned int i;

    check_eq("it is not up", HC(vcpu_op, VCPUOP_is_up, 1, 0), 0);
    check_eq("up before it is initialised", HC(vcpu_op, VCPUOP_up, 1, 0),
             -E_INVAL);
    check_eq("initialise", vcpu_make_with(1, second, 0x1200), 0);
    check_eq("initialise twice", vcpu_make(1, second), -E_EXIST);
    check_eq("a port to it", HC(event_channel_op, EVTCHNOP_bind_ipi, &op), 0);
    ipi = op.port;
    port_hook = on_port;
    trap_hook = on_trap;
    port_unmask(ipi);
    check_eq("up", HC(vcpu_op, VCPUOP_up, 1, 0), 0);
    check("it runs", WAIT_FOR(lives == 1, 10 * SECOND));
    check_eq("with the register it was given", started_on, 1);
    check_eq("it is up", HC(vcpu_op, VCPUOP_is_up, 1, 0), 1);
    check("its clock goes", WAIT_FOR(its_time != 0, 10 * SECOND));
    a = its_time;
    b = now();
    note("its %lu ours %lu", a, b);
    check("and agrees with ours", a <= b + SECOND / 10000 && a + SECOND > b);
    for (i = 1; i <= 20; i++) {
        evtchn_send(ipi);
        if (!WAIT_FOR(pokes == i, 10 * SECOND))
            break;
    }
    check_eq("20 pokes arrive there", pokes, 20);
}

static void move_port(void)
{
    struct evtchn_alloc_unbound un = {.dom = DOMID_SELF, .remote_dom = 0};
    struct evtchn_bind_interdomain bind = {.remote_dom = 0};
    struct evtchn_bind_vcpu move = {.vcpu = 1};

    HC(event_channel_op, EVTCHNOP_alloc_unbound, &un);
    bind.remote_port = un.port;
    HC(event_channel_op, EVTCHNOP_bind_interdomain, &bind);
    port_unmask(un.port);
    move.port = un.port;
    check_eq("a port moves to it",
             HC(event_channel_op, EVTCHNOP_bind_vcpu, &move), 0);
    ipi = un.port;
    pokes = 0;
    evtchn_send(bind.local_port);
    check("its events arrive there", WAIT_FOR(pokes == 1, 10 * SECOND));
    move.vcpu = 99;
    check_eq("a port cannot move to no vcpu",
             HC(event_channel_op, EVTCHNOP_bind_vcpu, &move), -E_NOENT);
}

/* A global virtual interrupt may tell another vcpu, but stays bound once. */
static void move_virq(void)
{
    struct evtchn_bind_virq op = {.virq = VIRQ_DOM_EXC};
    struct evtchn_bind_vcpu move = {.vcpu = 1};
    struct evtchn_close close;

    check_eq("bind a global one",
             HC(event_channel_op, EVTCHNOP_bind_virq, &op), 0);
    move.port = close.port = op.port;
    check_eq("move it", HC(event_channel_op, EVTCHNOP_bind_vcpu, &move), 0);
    check_eq("close it", HC(event_channel_op, EVTCHNOP_close, &close), 0);
    check_eq("after moving and closing it may be bound again",
             HC(event_channel_op, EVTCHNOP_bind_virq, &op), 0);
    close.port = op.port;
    HC(event_channel_op, EVTCHNOP_close, &close);
}

static void bring_down(void)
{
    struct vcpu_runstate_info info;

    stop = 1;
    check("it goes down by itself",
          WAIT_FOR(!HC(vcpu_op, VCPUOP_is_up, 1, 0), 10 * SECOND));
    check_eq("its last trap was its own", faults, 1);
    check("it can be seen from outside",
          !HC(vcpu_op, VCPUOP_get_runstate_info, 1, &info));
    check("as not running",
          WAIT_FOR(!HC(vcpu_op, VCPUOP_get_runstate_info, 1, &info) &&
                       info.state != RUNSTATE_running,
                   10 * SECOND));
    check("it ran for a while", info.time[RUNSTATE_running] > 0);
}

/* A vcpu's I/O privilege comes with the flags of its context. */
static void privilege(void)
{
    check_eq("flags with I/O privilege 1: a port may be used", port_trap[1],
             -1);
    check_eq("a third, without", vcpu_make(2, try_port), 0);
    check_eq("up", HC(vcpu_op, VCPUOP_up, 2, 0), 0);
    check("it runs", WAIT_FOR(port_trap[2] != -2, 10 * SECOND));
    check_eq("flags without it: a port traps", port_trap[2], 13);
}

static void flushes(void)
{
    char *page = page_new(), *with = page_new();
    unsigned int i;
    bool good = true;

    /* The other vcpu reads time all along; ours changes what it might
     * have cached. Nothing but the answers can be seen from here. */
    for (i = 0; i < 200 && good; i++) {
        good = !HC(update_va_mapping, page, mfn_of(with) * PAGE | PTE_RO,
                   UVMF_INVLPG | UVMF_ALL) &&
               !HC(update_va_mapping, page, mfn_of(page) * PAGE | PTE_RW,
                   UVMF_TLB_FLUSH | UVMF_ALL);
        *(volatile unsigned int *)page = i;
        good = good && *(volatile unsigned int *)page == i;
    }
    check("400 flushes on both", good);
}

static void refused(void)
{
    check("initialise a vcpu that there is not",
          HC(vcpu_op, VCPUOP_initialise, 99, start) < 0);
    check_eq("up, of a vcpu that there is not",
             HC(vcpu_op, VCPUOP_up, 99, 0), -E_NOENT);
    check_eq("down, of a vcpu that there is not",
             HC(vcpu_op, VCPUOP_down, 99, 0), -E_NOENT);
    check_eq("initialise from a bad pointer",
             HC(vcpu_op, VCPUOP_initialise, 1, 0x1000), -E_FAULT);
}

void test_main(void)
{
    refused();
    bring_up();
    privilege();
    flushes();
    move_port();
    move_virq();
    bring_down();
    stop = 0;
    check_eq("up again", HC(vcpu_op, VCPUOP_up, 1, 0), 0);
    check("it goes on behind the call", WAIT_FOR(lives == 2, 10 * SECOND));
    check_eq("down, from outside", HC(vcpu_op, VCPUOP_down, 1, 0), 0);
    its_time = 0;
    WAIT_FOR(false, SECOND / 20);
    its_time = 0;
    check("then it stands still", !WAIT_FOR(its_time, SECOND / 20));
}
