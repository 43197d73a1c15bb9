/* SPDX-License-Identifier: GPL-2.0 */
/*
 * smpcall.h - run a function on other CPUs and wait for them.
 * Not with interrupts off (two callers would wait for each other).
 */
#ifndef CORE_SMPCALL_H
#define CORE_SMPCALL_H

#include "cpu/percpu.h"

void smp_call(const cpumask_t *cpus, void (*fn)(void *), void *data);
void smp_call_one(unsigned int cpu, void (*fn)(void *), void *data);
void smp_call_interrupt(void);

#endif
