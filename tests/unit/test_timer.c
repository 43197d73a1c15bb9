/* SPDX-License-Identifier: GPL-2.0 */
/* test_timer.c - core/timer.c on four CPUs: what is due runs, in its order, on
 * its CPU, once; and the hardware is armed for what comes first. */
#include <string.h>

#include "core/timer.c" /* its heaps are its own: see cpus_init() */

#include "unit.h"

#define CPUS   4
#define TIMERS 40

static struct cpu cpu[CPUS];
static unsigned int here;
static ns_t clock_ns;
static ns_t armed[CPUS];
static uint64_t pending; /* SOFTIRQ_TIMER, a bit a CPU */
static struct timer_heap heaps[CPUS];
static void (*handler)(void);

cpumask_t cpus_online = {{(1u << CPUS) - 1}};

struct cpu *this_cpu(void)
{
    return &cpu[here];
}
struct cpu *cpu_by_id(unsigned int n)
{
    return &cpu[n];
}
ns_t now(void)
{
    return clock_ns;
}
void arch_timer_arm(ns_t deadline)
{
    armed[here] = deadline;
}
void arch_wait(void)
{
}
void softirq_register(enum softirq nr, void (*fn)(void))
{
    (void)nr;
    handler = fn;
}
void softirq_raise(enum softirq nr)
{
    (void)nr;
    pending |= 1u << here;
}
void softirq_raise_on(unsigned int n, enum softirq nr)
{
    (void)nr;
    pending |= 1u << n;
}
void printk(const char *fmt, ...)
{
    (void)fmt;
}
bool symbol_lookup(uint64_t addr, const char **name, uint64_t *offset)
{
    (void)addr;
    (void)name;
    (void)offset;
    return false;
}

/* ---- the model ---- */

static struct timer timer[TIMERS];
static ns_t due[TIMERS]; /* NS_NEVER: not set */
static unsigned int on[TIMERS];
static ns_t last_run;
static int repeat; /* the timer that sets itself again, or -1 */

static void ran(void *data)
{
    int i = (int)((struct timer *)data - timer);

    CHECK(due[i] <= clock_ns);
    CHECK(due[i] >= last_run);
    CHECK_EQ(on[i], here);
    last_run = due[i];
    due[i] = NS_NEVER;
    if (i == repeat) {
        timer_set(&timer[i], clock_ns + 7);
        due[i] = clock_ns + 7;
    }
}

static void cpus_init(void)
{
    memset(heaps, 0, sizeof(heaps));
    memset(timer, 0, sizeof(timer));
    pending = 0;
    repeat = -1;
    clock_ns = 0;
    for (unsigned int n = 0; n < CPUS; n++) {
        cpu[n].id = n;
        cpu[n].percpu_offset =
            (long)((uintptr_t)&heaps[n] - (uintptr_t)&timer_heap);
        armed[n] = NS_NEVER;
        timers_init_cpu(n);
    }
    here = 0;
    timers_init();
    for (int i = 0; i < TIMERS; i++) {
        here = (unsigned int)i % CPUS;
        timer_init(&timer[i], ran, &timer[i]);
        due[i] = NS_NEVER;
        on[i] = here;
    }
}

static ns_t first_due(unsigned int n)
{
    ns_t first = NS_NEVER;

    for (int i = 0; i < TIMERS; i++)
        if (on[i] == n && due[i] < first)
            first = due[i];
    return first;
}

static void check_all(void)
{
    for (int i = 0; i < TIMERS; i++)
        CHECK_EQ(timer_is_set(&timer[i]), due[i] != NS_NEVER);
    for (unsigned int n = 0; n < CPUS; n++)
        CHECK(pending >> n & 1 || armed[n] <= first_due(n));
}

static void run_softirq(void)
{
    pending &= ~(1ul << here);
    last_run = 0;
    handler();
    CHECK(first_due(here) > clock_ns);
    CHECK_EQ(armed[here], first_due(here));
}

static void step(uint64_t r)
{
    unsigned int i = (unsigned int)(r >> 8) % TIMERS;

    here = (unsigned int)(r >> 16) % CPUS;
    switch (r % 8) {
    case 0:
        timer_stop(&timer[i]);
        due[i] = NS_NEVER;
        break;
    case 1:
        timer_migrate(&timer[i], (unsigned int)(r >> 24) % CPUS);
        on[i] = (unsigned int)(r >> 24) % CPUS;
        break;
    case 2:
        clock_ns += (ns_t)(r >> 32) % 50;
        run_softirq();
        break;
    case 3:
        timer_kill(&timer[i]);
        due[i] = NS_NEVER;
        break;
    default:
        due[i] = clock_ns + (ns_t)(r >> 32) % 200;
        on[i] = here;
        timer_set(&timer[i], due[i]);
    }
}

static void random_steps(void)
{
    uint64_t seed = 31;

    cpus_init();
    repeat = 3;
    for (int i = 0; i < 300000; i++) {
        step(unit_random(&seed));
        check_all();
    }
}

static void in_order(void)
{
    cpus_init();
    here = 0;
    for (int i = 0; i < TIMERS; i++) {
        due[i] = i * 37 % TIMERS;
        on[i] = 0;
        timer_set(&timer[i], due[i]);
    }
    CHECK_EQ(armed[0], 0);
    clock_ns = TIMERS;
    run_softirq(); /* ran() checks the order */
    CHECK_EQ(armed[0], NS_NEVER);
    CHECK(!heaps[0].top && !heaps[0].nr);
}

static void set_again(void)
{
    cpus_init();
    here = 1;
    timer_set(&timer[0], 100);
    due[0] = 100;
    timer_set(&timer[0], 50);
    due[0] = 50;
    on[0] = 1;
    CHECK_EQ(armed[1], 50);
    here = 2;
    timer_set(&timer[0], 70);
    due[0] = 70;
    on[0] = 2;
    CHECK_EQ(armed[2], 70);
    clock_ns = 60;
    here = 1;
    run_softirq();
    CHECK(timer_is_set(&timer[0]));
    clock_ns = 70;
    here = 2;
    run_softirq();
    CHECK(!timer_is_set(&timer[0]));
}

/* As guests give them: the number comes as it is from a hypercall. */
static void before_time(void)
{
    cpus_init();
    here = 0;
    clock_ns = 1000;
    timer_set(&timer[1], 2000);
    due[1] = 2000;
    on[0] = on[1] = here;
    timer_set(&timer[0], INT64_MIN);
    due[0] = 0;
    CHECK_EQ(armed[0], 0); /* what is left until then does not overflow */
    run_softirq();
    CHECK(!timer_is_set(&timer[0]));
    CHECK_EQ(armed[0], 2000);
}

static const struct unit_test tests[] = {
    {"a deadline before the clock began is gone by", before_time},
    {"timers run in the order of their deadlines", in_order},
    {"set again, a timer moves, to another CPU too", set_again},
    {"random steps on four CPUs lose and repeat nothing", random_steps},
};

UNIT_MAIN("timer", tests)
