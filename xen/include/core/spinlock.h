/* SPDX-License-Identifier: GPL-2.0 */
/*
 * spinlock.h - ticket locks with ranks. A lock may only be taken while every
 * lock already held has a lower rank; a debug build (DEBUG=1) checks.
 */
#ifndef CORE_SPINLOCK_H
#define CORE_SPINLOCK_H

#include "lib/compiler.h"
#include "lib/insn.h"
#include "lib/types.h"

/* The one list of ranks, first taken first. */
enum lock_rank {
    RANK_NONE, /* not checked */
    RANK_DOMCTL,
    RANK_DOMAIN_LIST,
    RANK_DOMAIN,
    RANK_GRANT,
    RANK_EVTCHN,
    RANK_EVTCHN_PEER, /* a second domain's, higher id */
    RANK_PIRQ,
    RANK_PAGES, /* a domain's page list */
    RANK_RANGE,
    RANK_CALL, /* the function called may take those below */
    RANK_IRQ,
    RANK_SCHED,
    RANK_SCHED_PEER,
    RANK_TIMER,
    RANK_HEAP,
    RANK_TLB,
    RANK_MCA,
    RANK_CONSOLE,
    RANK_UART,
};

typedef struct {
    uint16_t next, owner; /* tickets */
    uint16_t rank;
    uint16_t cpu; /* debug: holder + 1 */
} spinlock_t;

#define SPINLOCK_INIT(r) {0, 0, (r), 0}

void spin_lock_init(spinlock_t *l, enum lock_rank rank);
void spin_lock(spinlock_t *l);
void spin_unlock(spinlock_t *l);
bool spin_trylock(spinlock_t *l);
/* A second lock of a rank already held: it counts as the rank above, _PEER. */
void spin_lock_peer(spinlock_t *l);
void spin_unlock_peer(spinlock_t *l);
bool spin_is_locked(const spinlock_t *l);

/* An interrupt comes whatever is held: its handlers start from nothing. */
#ifdef DEBUG
uint64_t lock_ranks_put_aside(void);
void lock_ranks_take_back(uint64_t held);
#else
static inline uint64_t lock_ranks_put_aside(void)
{
    return 0;
}
static inline void lock_ranks_take_back(uint64_t held)
{
    (void)held;
}
#endif

/* For locks that interrupt handlers take too. */
static inline uint64_t spin_lock_irqsave(spinlock_t *l)
{
    uint64_t flags = irq_save();

    spin_lock(l);
    return flags;
}
static inline void spin_unlock_irqrestore(spinlock_t *l, uint64_t flags)
{
    spin_unlock(l);
    irq_restore(flags);
}

#endif
