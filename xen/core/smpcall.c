/* SPDX-License-Identifier: GPL-2.0 */
/*
 * smpcall.c - run a function on other CPUs and wait until all have.
 * Locks: call_lock, held by the one caller whose call is under way. A CPU
 * that waits for the lock answers calls meanwhile.
 */
#include "core/arch.h"
#include "core/smpcall.h"
#include "core/spinlock.h"
#include "cpu/lapic.h"
#include "lib/atomic.h"

static spinlock_t call_lock = SPINLOCK_INIT(RANK_CALL);
static struct {
    void (*fn)(void *);
    void *data;
    cpumask_t waiting; /* who has not finished yet */
} call;

void smp_call_interrupt(void)
{
    unsigned int me = cpu_id();

    if (!cpumask_has(&call.waiting, me))
        return;
    call.fn(call.data);
    cpumask_clear(&call.waiting, me);
}

void smp_call(const cpumask_t *cpus, void (*fn)(void *), void *data)
{
    unsigned int n, me = cpu_id();
    uint64_t flags;

    while (!spin_trylock(&call_lock)) {
        flags = irq_save();
        smp_call_interrupt();
        irq_restore(flags);
        arch_wait();
    }
    call.fn = fn;
    call.data = data;
    for_each_cpu(n, cpus) {
        if (n == me || !cpumask_has(&cpus_online, n))
            continue;
        cpumask_set(&call.waiting, n);
        lapic_send_ipi(n, VECTOR_CALL);
    }
    if (cpumask_has(cpus, me)) {
        flags = irq_save();
        fn(data);
        irq_restore(flags);
    }
    while (!cpumask_empty(&call.waiting))
        arch_wait();
    spin_unlock(&call_lock);
}

void smp_call_one(unsigned int cpu, void (*fn)(void *), void *data)
{
    cpumask_t one = {{0}};

    cpumask_set(&one, cpu);
    smp_call(&one, fn, data);
}
