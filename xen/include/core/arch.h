/* SPDX-License-Identifier: GPL-2.0 */
/*
 * arch.h - what common code needs of the processor. cpu/ provides it; on the
 * host tests/fake does.
 */
#ifndef CORE_ARCH_H
#define CORE_ARCH_H

#include "cpu/percpu.h"
#include "lib/insn.h"
#include "lib/types.h"

ns_t now(void);                       /* system time: ns since boot */
void arch_timer_arm(ns_t deadline);   /* this CPU's next timer interrupt */
void arch_send_softirq_ipi(unsigned int cpu);
/* One turn of waiting for another CPU, which may wait for this one to flush
 * its TLB: with interrupts off it would not hear of that. */
void arch_wait(void);

#endif
