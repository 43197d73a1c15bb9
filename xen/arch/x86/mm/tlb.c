/* SPDX-License-Identifier: GPL-2.0 */
/*
 * tlb.c - which CPUs may remember what, and making them forget.
 * Keeps true: a CPU's time is a value the clock had before that CPU's last
 * flush began; so a CPU whose time is after a stamp has flushed since.
 * Our own mappings are global and change only through vunmap; a guest's never
 * are, so loading CR3 forgets all of a guest's.
 * Locks: one request at a time, its maker holds `turn`. Who waits for the
 * turn, for an answer or for a spinlock answers others meanwhile, so interrupts
 * may be off, and locks be held.
 */
#include "core/arch.h"
#include "core/softirq.h"
#include "cpu/lapic.h"
#include "lib/atomic.h"
#include "lib/insn.h"
#include "mm/tlb.h"

#define WHOLE ~0UL

static uint32_t flush_clock = 1;
static PERCPU uint32_t flushed_at = 1;

static int turn;
static struct {
    uint64_t va; /* a page, or WHOLE */
    cpumask_t waiting;
} request;

uint32_t tlb_clock(void)
{
    smp_mb(); /* the caller's entry was changed before the clock is read */
    return READ_ONCE(flush_clock);
}

/* Later, by a clock that goes round? */
static bool later(uint32_t a, uint32_t b)
{
    return (int32_t)(a - b) > 0;
}

void tlb_filter(cpumask_t *cpus, uint32_t stamp)
{
    unsigned int n;

    for_each_cpu(n, cpus)
        if (later(READ_ONCE(percpu_on(n, flushed_at)), stamp))
            cpumask_clear(cpus, n);
}

/* The time to claim for a flush that begins now. */
static uint32_t tick(void)
{
    uint32_t t = __atomic_add_fetch(&flush_clock, 1, __ATOMIC_SEQ_CST);

    /* Long before the clock has gone half round, everybody flushes. */
    if (!(t & 0x3fffffff)) {
        unsigned int n;

        for_each_cpu(n, &cpus_online)
            if (n != cpu_id())
                lapic_send_ipi(n, VECTOR_TLB_FLUSH);
    }
    return t;
}

void tlb_flush_here(void)
{
    uint64_t irq = irq_save();
    uint32_t t = tick();

    write_cr3(read_cr3());
    percpu(flushed_at) = t;
    irq_restore(irq);
}

void tlb_flush_page_here(uint64_t va)
{
    invlpg(va);
}

void root_load(paddr_t root)
{
    struct cpu *c = this_cpu();
    uint64_t irq;
    uint32_t t;

    if (c->loaded_root == root)
        return;
    irq = irq_save();
    t = tick();
    write_cr3(root);
    c->loaded_root = root;
    percpu(flushed_at) = t;
    irq_restore(irq);
}

/* Interrupts are off. */
static void answer(void)
{
    unsigned int me = cpu_id();

    if (!cpumask_has(&request.waiting, me))
        return;
    if (request.va == WHOLE)
        tlb_flush_here();
    else
        tlb_flush_page_here(request.va);
    cpumask_clear(&request.waiting, me);
}

void tlb_flush_interrupt(void)
{
    answer();
    if (flush_clock - percpu(flushed_at) > 0x20000000u)
        tlb_flush_here(); /* the clock is about to go round */
}

void arch_wait(void)
{
    uint64_t irq = irq_save();

    answer();
    irq_restore(irq);
    cpu_relax();
}

static void flush_others(const cpumask_t *cpus, uint64_t va)
{
    unsigned int n, me = cpu_id();
    bool any = false;

    while (xchg(&turn, 1))
        arch_wait();
    request.va = va;
    smp_wmb();
    for_each_cpu(n, cpus) {
        if (n == me || !cpumask_has(&cpus_online, n))
            continue;
        cpumask_set(&request.waiting, n);
        lapic_send_ipi(n, VECTOR_TLB_FLUSH);
        any = true;
    }
    while (any && !cpumask_empty(&request.waiting))
        cpu_relax();
    store_release(&turn, 0);
}

static bool names_others(const cpumask_t *cpus)
{
    unsigned int n = cpumask_next(cpus, 0);

    if (n == cpu_id())
        n = cpumask_next(cpus, n + 1);
    return n < MAX_CPUS;
}

void tlb_flush(const cpumask_t *cpus)
{
    if (cpumask_has(cpus, cpu_id()))
        tlb_flush_here();
    if (names_others(cpus))
        flush_others(cpus, WHOLE);
}

void tlb_flush_page(const cpumask_t *cpus, uint64_t va)
{
    if (cpumask_has(cpus, cpu_id()))
        tlb_flush_page_here(va);
    if (names_others(cpus))
        flush_others(cpus, va);
}

/* A CPU that starts remembers nothing. */
void tlb_init_cpu(void)
{
    percpu(flushed_at) = tick();
}
