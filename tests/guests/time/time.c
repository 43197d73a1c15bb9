/* SPDX-License-Identifier: GPL-2.0 */
/*
 * time - system time, wall clock, timers, and giving up the processor.
 * Keeps true: no check depends on how fast the machine is, beyond a second.
 */
#include "guest.h"

static uint32_t timer_port;

static void clock(void)
{
    uint64_t a, b, t, i;
    bool forwards = true;

    check_eq("time record: not being written",
             vcpu_info(0)->time.version & 1, 0);
    check("time record: a scale", vcpu_info(0)->time.tsc_to_system_mul != 0);
    a = now();
    for (i = 0; i < 100000; i++) {
        b = now();
        forwards = forwards && b >= a;
        a = b;
    }
    check("system time goes forwards only", forwards);
    t = rdtsc();
    a = now();
    WAIT_FOR(false, SECOND / 20);
    check("and goes with the TSC",
          now() - a >= SECOND / 20 && rdtsc() - t > 1000000);
    check("wall clock: written", shared->wc_version && shared->wc_sec);
    note("wall clock at boot: %u s", shared->wc_sec);
    check("wall clock: after 2020",
          ((uint64_t)shared->wc_sec_hi << 32 | shared->wc_sec) > 1577836800);
}

static void bind_timer(void)
{
    struct evtchn_bind_virq op = {.virq = VIRQ_TIMER, .vcpu = 0};

    HC(vcpu_op, VCPUOP_stop_periodic_timer, 0, 0);
    if (HC(event_channel_op, EVTCHNOP_bind_virq, &op))
        panic("no timer");
    timer_port = op.port;
    port_unmask(timer_port);
    port_count[timer_port] = 0;
}

static long singleshot(uint64_t at, uint32_t flags)
{
    struct vcpu_set_singleshot_timer op = {at, flags};

    return HC(vcpu_op, VCPUOP_set_singleshot_timer, 0, &op);
}

static void one_shot(void)
{
    uint64_t set = now();
    unsigned int before;
    long late;

    events_unmask();
    check_eq("one-shot timer", singleshot(set + SECOND / 50, 0), 0);
    check("it comes", WAIT_FOR(port_count[timer_port], 5 * SECOND));
    check("not too early", now() >= set + SECOND / 50);
    before = port_count[timer_port];
    check_eq("one in the past is late, not wrong", singleshot(1, 0), 0);
    check("it comes at once",
          WAIT_FOR(port_count[timer_port] > before, SECOND));
    before = port_count[timer_port];
    late = singleshot(1, VCPU_SSHOTTMR_future);
    check("one in the past that should not be: refused, or at once",
          late == -E_TIME ||
              (!late && WAIT_FOR(port_count[timer_port] > before, SECOND)));
    before = port_count[timer_port];
    singleshot(now() + SECOND / 10, 0);
    check_eq("stop it", HC(vcpu_op, VCPUOP_stop_singleshot_timer, 0, 0), 0);
    WAIT_FOR(false, SECOND / 5);
    check_eq("then it does not come", port_count[timer_port], before);
    check_eq("set_timer_op", HC(set_timer_op, now() + SECOND / 50), 0);
    check("comes too", WAIT_FOR(port_count[timer_port] > before, SECOND));
    before = port_count[timer_port];
    HC(set_timer_op, now() + SECOND / 20);
    check_eq("set_timer_op 0 stops it", HC(set_timer_op, 0), 0);
    WAIT_FOR(false, SECOND / 8);
    check_eq("then it does not come", port_count[timer_port], before);
    events_mask();
}

static void periodic(void)
{
    struct vcpu_set_periodic_timer op = {.period_ns = SECOND / 100};
    unsigned int before = port_count[timer_port];

    events_unmask();
    check_eq("periodic timer", HC(vcpu_op, VCPUOP_set_periodic_timer, 0, &op),
             0);
    check("it comes again and again",
          WAIT_FOR(port_count[timer_port] >= before + 5, 5 * SECOND));
    check_eq("stop it", HC(vcpu_op, VCPUOP_stop_periodic_timer, 0, 0), 0);
    before = port_count[timer_port];
    WAIT_FOR(false, SECOND / 20);
    check("then it does not come", port_count[timer_port] <= before + 1);
    op.period_ns = 10;
    check("a period that is too short is refused",
          HC(vcpu_op, VCPUOP_set_periodic_timer, 0, &op) == -E_INVAL);
    events_mask();
}

static void blocking(void)
{
    uint64_t set;
    unsigned int before = port_count[timer_port];

    set = now();
    singleshot(set + SECOND / 20, 0);
    events_mask();
    check_eq("block", HC(sched_op, SCHEDOP_block, 0), 0);
    check("it waited", now() >= set + SECOND / 20);
    check_eq("it unmasked events", vcpu_info(0)->evtchn_upcall_mask, 0);
    check("and the event came", port_count[timer_port] > before);
    check_eq("yield", HC(sched_op, SCHEDOP_yield, 0), 0);
    events_mask();
}

static long poll(evtchn_port_t *ports, uint32_t n, uint64_t until)
{
    struct sched_poll op = {guest_va(ports), n, until};

    return HC(sched_op, SCHEDOP_poll, &op);
}

static void polling(void)
{
    evtchn_port_t port = timer_port, wild = 0x7fffffff;
    uint64_t set;

    events_mask();
    port_mask(timer_port);
    set = now();
    check_eq("poll until a time", poll(&port, 1, set + SECOND / 50), 0);
    check("it waited", now() >= set + SECOND / 50);
    set = now();
    singleshot(set + SECOND / 50, 0);
    check_eq("poll for a port", poll(&port, 1, set + 60 * SECOND), 0);
    check("it did not wait for the time", now() < set + 50 * SECOND);
    check("the port is pending",
          shared->evtchn_pending[port / 64] >> (port % 64) & 1);
    set = now();
    check_eq("poll for what is there", poll(&port, 1, 0), 0);
    check_eq("poll for a port that cannot be", poll(&wild, 1, set), -E_INVAL);
    check_eq("poll for too many", poll(&port, 1000, set), -E_INVAL);
    check_eq("poll with a bad list", poll((evtchn_port_t *)0x1000, 2, set),
             -E_FAULT);
    port_unmask(timer_port);
}

static void runstate(void)
{
    struct vcpu_runstate_info info;
    static struct vcpu_runstate_info area;
    struct vcpu_register_runstate_memory_area reg = {
        .addr.h = guest_va(&area)};
    uint64_t blocked, running;

    events_unmask(); /* what waits from before */
    events_mask();
    check_eq("runstate", HC(vcpu_op, VCPUOP_get_runstate_info, 0, &info), 0);
    check_eq("it is running", info.state, RUNSTATE_running);
    check("it ran", info.time[RUNSTATE_running] > 0);
    blocked = info.time[RUNSTATE_blocked];
    singleshot(now() + SECOND / 20, 0);
    HC(sched_op, SCHEDOP_block, 0);
    events_mask();
    HC(vcpu_op, VCPUOP_get_runstate_info, 0, &info);
    check("time blocked is counted",
          info.time[RUNSTATE_blocked] >= blocked + SECOND / 40);
    running = info.time[RUNSTATE_running];
    WAIT_FOR(false, SECOND / 50);
    HC(vcpu_op, VCPUOP_get_runstate_info, 0, &info);
    check("time running is counted",
          info.time[RUNSTATE_running] >= running + SECOND / 100);
    check_eq("a place for it",
             HC(vcpu_op, VCPUOP_register_runstate_memory_area, 0, &reg), 0);
    check("it is filled", area.state == RUNSTATE_running &&
                              area.state_entry_time != 0);
    blocked = area.time[RUNSTATE_blocked];
    singleshot(now() + SECOND / 20, 0);
    HC(sched_op, SCHEDOP_block, 0);
    events_mask();
    check("and kept up to date",
          area.time[RUNSTATE_blocked] >= blocked + SECOND / 40);
    check("the sum of all is the time since the start",
          area.time[0] + area.time[1] + area.time[2] + area.time[3] <=
              now());
}

static void areas(void)
{
    static struct vcpu_time_info second;
    struct vcpu_register_time_memory_area reg = {.addr.h = guest_va(&second)};
    static char moved[PAGE] __attribute__((aligned(4096)));
    struct vcpu_register_vcpu_info op = {.mfn = mfn_of(moved),
                                         .offset = 4096 - 32};
    unsigned int before = port_count[timer_port];
    long rc;

    rc = HC(vcpu_op, VCPUOP_register_vcpu_time_memory_area, 0, &reg);
    if (rc == -E_NOSYS)
        skip("a second time record", "not offered");
    else
        check("a second time record",
              !rc && second.tsc_to_system_mul ==
                         vcpu_info(0)->time.tsc_to_system_mul);
    check("vcpu_info across a page",
          HC(vcpu_op, VCPUOP_register_vcpu_info, 0, &op) < 0);
    op.offset = 4;
    check("vcpu_info at a crooked place",
          HC(vcpu_op, VCPUOP_register_vcpu_info, 0, &op) < 0);
    op = (struct vcpu_register_vcpu_info){.mfn = 0xffffffffffUL};
    check_eq("vcpu_info in no frame",
             HC(vcpu_op, VCPUOP_register_vcpu_info, 0, &op), -E_INVAL);
    op = (struct vcpu_register_vcpu_info){.mfn = mfn_of(moved),
                                          .offset = 1024};
    events_mask();
    check_eq("vcpu_info in a page of ours",
             HC(vcpu_op, VCPUOP_register_vcpu_info, 0, &op), 0);
    vcpu_info_at[0] = (struct vcpu_info *)(moved + 1024);
    check("time goes on there", WAIT_FOR(true, 0) && now() > 0);
    events_unmask();
    singleshot(now() + SECOND / 100, 0);
    check("events come there",
          WAIT_FOR(port_count[timer_port] > before, 5 * SECOND));
    events_mask();
    check("it cannot be moved twice",
          HC(vcpu_op, VCPUOP_register_vcpu_info, 0, &op) < 0);
}

static void refused(void)
{
    struct sched_watchdog dog = {.id = 7, .timeout = 10};

    check_eq("sched_op of no number", HC(sched_op, 99, 0), -E_NOSYS);
    check_eq("vcpu_op of no number", HC(vcpu_op, 99, 0, 0), -E_NOSYS);
    check_eq("vcpu_op of no vcpu", HC(vcpu_op, VCPUOP_is_up, 99, 0),
             -E_NOENT);
    check_eq("poll with a bad pointer",
             HC(sched_op, SCHEDOP_poll, 0x1000), -E_FAULT);
    check_eq("a watchdog that there is not",
             HC(sched_op, SCHEDOP_watchdog, &dog), -E_INVAL);
    dog.id = 0;
    dog.timeout = 1000;
    check("a watchdog", (dog.id = (uint32_t)HC(sched_op, SCHEDOP_watchdog,
                                               &dog)) > 0);
    dog.timeout = 0;
    check_eq("is sent away", HC(sched_op, SCHEDOP_watchdog, &dog), 0);
}

void test_main(void)
{
    clock();
    bind_timer();
    one_shot();
    periodic();
    blocking();
    polling();
    runstate();
    refused();
    areas();
}
