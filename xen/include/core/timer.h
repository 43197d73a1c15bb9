/* SPDX-License-Identifier: GPL-2.0 */
/*
 * timer.h - one-shot timers in system time, on a heap for each CPU.
 * fn runs in softirq context on the CPU that set the timer.
 */
#ifndef CORE_TIMER_H
#define CORE_TIMER_H

#include "lib/types.h"

struct timer {
    ns_t deadline;
    void (*fn)(void *data);
    void *data;
    unsigned int cpu;  /* whose heap it is on (or was last) */
    bool queued;       /* this and the links: under the CPU's timer lock */
    struct timer *child, *next, *prev; /* prev: elder sibling or parent */
};

void timer_init(struct timer *t, void (*fn)(void *), void *data);
void timer_set(struct timer *t, ns_t deadline); /* again: moves it; this CPU */
void timer_stop(struct timer *t);               /* fn may be running still */
void timer_kill(struct timer *t);               /* and waits until it is not */
bool timer_is_set(const struct timer *t);
void timer_migrate(struct timer *t, unsigned int cpu);
void timers_init(void);
void timers_init_cpu(unsigned int cpu);
void timers_show(unsigned int cpu); /* print what a CPU waits for */
void timer_interrupt(void); /* the LAPIC timer fired */

#endif
