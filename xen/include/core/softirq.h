/* SPDX-License-Identifier: GPL-2.0 */
/*
 * softirq.h - work that waits until the CPU leaves its interrupt: run on the
 * way back to the guest, and in the idle loop, with interrupts enabled.
 */
#ifndef CORE_SOFTIRQ_H
#define CORE_SOFTIRQ_H

#include "cpu/percpu.h"

enum softirq {
    SOFTIRQ_TIMER,
    SOFTIRQ_SCHEDULE, /* runs last: it may not come back */
    SOFTIRQ_TASKLET,
    SOFTIRQ_RCU_FREE,
    SOFTIRQ_KEYS,
    SOFTIRQ_TIME_SYNC,
    SOFTIRQ_NMI, /* an NMI to report */
    SOFTIRQ_MCA, /* a machine check to report */
    NR_SOFTIRQS
};

void softirq_register(enum softirq nr, void (*fn)(void));
void softirq_raise(enum softirq nr);                     /* here */
void softirq_raise_on(unsigned int cpu, enum softirq nr); /* there, by IPI */
/* Run what is pending here, SOFTIRQ_SCHEDULE excepted. */
void softirq_run(void);

static inline bool softirq_any(void)
{
    return READ_ONCE(this_cpu()->softirq_pending) != 0;
}

/* Long work asks this between steps: is something else due here? */
static inline bool preempt_wanted(void)
{
    return unlikely(softirq_any());
}

#endif
