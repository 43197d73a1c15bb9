/* SPDX-License-Identifier: GPL-2.0 */
/*
 * spinlock.c - ticket locks: first come, first served.
 * Keeps true (DEBUG=1): on each CPU the ranks of the locks held ascend.
 */
#include "core/arch.h"
#include "core/panic.h"
#include "core/spinlock.h"
#include "cpu/percpu.h"
#include "lib/atomic.h"

#ifdef DEBUG
/* Bit r: this CPU holds a lock of rank r. */
static PERCPU uint64_t ranks_held;

static void note_wanted(const spinlock_t *l, unsigned int rank)
{
    uint64_t held = percpu(ranks_held);

    if (l->cpu == cpu_id() + 1)
        panic("spinlock %p: taken twice on CPU%u", (const void *)l, cpu_id());
    if (rank != RANK_NONE && held >> rank)
        panic("spinlock %p of rank %u wanted, ranks %#lx held", (const void *)l,
              rank, held);
}
static void note_taken(spinlock_t *l, unsigned int rank)
{
    l->cpu = (uint16_t)(cpu_id() + 1);
    if (rank != RANK_NONE)
        percpu(ranks_held) |= 1UL << rank;
}
static void note_released(spinlock_t *l, unsigned int rank)
{
    if (l->cpu != cpu_id() + 1)
        panic("spinlock %p: released by another CPU", (const void *)l);
    l->cpu = 0;
    if (rank != RANK_NONE)
        percpu(ranks_held) &= ~(1UL << rank);
}

uint64_t lock_ranks_put_aside(void)
{
    return xchg(&percpu(ranks_held), 0);
}

void lock_ranks_take_back(uint64_t held)
{
    uint64_t left = xchg(&percpu(ranks_held), held);

    if (left)
        panic("CPU%u: an interrupt handler kept locks %#lx", cpu_id(), left);
}
#else
static inline void note_wanted(const spinlock_t *l, unsigned int rank)
{
    (void)l;
    (void)rank;
}
static inline void note_taken(spinlock_t *l, unsigned int rank)
{
    (void)l;
    (void)rank;
}
static inline void note_released(spinlock_t *l, unsigned int rank)
{
    (void)l;
    (void)rank;
}
#endif

void spin_lock_init(spinlock_t *l, enum lock_rank rank)
{
    *l = (spinlock_t)SPINLOCK_INIT((uint16_t)rank);
}

static inline void lock_as(spinlock_t *l, unsigned int rank)
{
    uint16_t ticket;

    note_wanted(l, rank);
    ticket = __atomic_fetch_add(&l->next, 1, __ATOMIC_SEQ_CST);
    while (load_acquire(&l->owner) != ticket)
        arch_wait();
    note_taken(l, rank);
}

static inline void unlock_as(spinlock_t *l, unsigned int rank)
{
    note_released(l, rank);
    store_release(&l->owner, (uint16_t)(l->owner + 1));
}

void spin_lock(spinlock_t *l)
{
    lock_as(l, l->rank);
}

void spin_lock_peer(spinlock_t *l)
{
    lock_as(l, l->rank + 1u);
}

bool spin_trylock(spinlock_t *l)
{
    uint16_t owner = READ_ONCE(l->owner), next = owner;

    if (!__atomic_compare_exchange_n(&l->next, &next, (uint16_t)(owner + 1),
                                     false, __ATOMIC_SEQ_CST,
                                     __ATOMIC_RELAXED))
        return false;
    note_taken(l, l->rank);
    return true;
}

void spin_unlock(spinlock_t *l)
{
    unlock_as(l, l->rank);
}

void spin_unlock_peer(spinlock_t *l)
{
    unlock_as(l, l->rank + 1u);
}

bool spin_is_locked(const spinlock_t *l)
{
    return READ_ONCE(l->owner) != READ_ONCE(l->next);
}
