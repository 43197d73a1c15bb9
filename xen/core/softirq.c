/* SPDX-License-Identifier: GPL-2.0 */
/*
 * softirq.c - work put off until the CPU has left its interrupt.
 */
#include "core/arch.h"
#include "core/softirq.h"

static void (*handlers[NR_SOFTIRQS])(void);

void softirq_register(enum softirq nr, void (*fn)(void))
{
    handlers[nr] = fn;
}

static bool set_pending(struct cpu *c, enum softirq nr)
{
    uint64_t was = __atomic_fetch_or(&c->softirq_pending, 1UL << nr,
                                     __ATOMIC_SEQ_CST);

    return !was; /* the CPU may be on its way to sleep */
}

void softirq_raise(enum softirq nr)
{
    set_pending(this_cpu(), nr);
}

void softirq_raise_on(unsigned int cpu, enum softirq nr)
{
    if (set_pending(cpu_by_id(cpu), nr) && cpu != cpu_id())
        arch_send_softirq_ipi(cpu);
}

void softirq_run(void)
{
    const uint64_t later = 1UL << SOFTIRQ_SCHEDULE;
    struct cpu *c = this_cpu();
    uint64_t todo;

    while ((todo = READ_ONCE(c->softirq_pending) & ~later)) {
        unsigned int nr = (unsigned int)__builtin_ctzl(todo);

        __atomic_fetch_and(&c->softirq_pending, ~(1UL << nr),
                           __ATOMIC_SEQ_CST);
        if (handlers[nr])
            handlers[nr]();
    }
}
