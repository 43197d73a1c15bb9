/* SPDX-License-Identifier: GPL-2.0 */
/*
 * spinlock.c - ticket locks: first come, first served.
 * Keeps true (DEBUG=1): on each CPU the ranks of the locks held ascend.
 */
#include "core/panic.h"
#include "core/spinlock.h"
#include "cpu/percpu.h"
#include "lib/atomic.h"

#ifdef DEBUG
/* Bit r: this CPU holds a lock of rank r. */
static PERCPU uint64_t ranks_held;

static void note_wanted(const spinlock_t *l)
{
    uint64_t held = percpu(ranks_held);

    if (l->cpu == cpu_id() + 1)
        panic("spinlock %p: taken twice on CPU%u", (const void *)l, cpu_id());
    if (l->rank != RANK_NONE && held >> l->rank)
        panic("spinlock %p of rank %u wanted, ranks %#lx held", (const void *)l,
              l->rank, held);
}
static void note_taken(spinlock_t *l)
{
    l->cpu = (uint16_t)(cpu_id() + 1);
    if (l->rank != RANK_NONE)
        percpu(ranks_held) |= 1UL << l->rank;
}
static void note_released(spinlock_t *l)
{
    if (l->cpu != cpu_id() + 1)
        panic("spinlock %p: released by another CPU", (const void *)l);
    l->cpu = 0;
    if (l->rank != RANK_NONE)
        percpu(ranks_held) &= ~(1UL << l->rank);
}
#else
static void note_wanted(const spinlock_t *l)
{
    (void)l;
}
static void note_taken(spinlock_t *l)
{
    (void)l;
}
static void note_released(spinlock_t *l)
{
    (void)l;
}
#endif

void spin_lock_init(spinlock_t *l, enum lock_rank rank)
{
    *l = (spinlock_t)SPINLOCK_INIT((uint16_t)rank);
}

void spin_lock(spinlock_t *l)
{
    uint16_t ticket;

    note_wanted(l);
    ticket = __atomic_fetch_add(&l->next, 1, __ATOMIC_SEQ_CST);
    while (load_acquire(&l->owner) != ticket)
        cpu_relax();
    note_taken(l);
}

bool spin_trylock(spinlock_t *l)
{
    uint16_t owner = READ_ONCE(l->owner), next = owner;

    if (!__atomic_compare_exchange_n(&l->next, &next, (uint16_t)(owner + 1),
                                     false, __ATOMIC_SEQ_CST,
                                     __ATOMIC_RELAXED))
        return false;
    note_taken(l);
    return true;
}

void spin_unlock(spinlock_t *l)
{
    note_released(l);
    store_release(&l->owner, (uint16_t)(l->owner + 1));
}

bool spin_is_locked(const spinlock_t *l)
{
    return READ_ONCE(l->owner) != READ_ONCE(l->next);
}
