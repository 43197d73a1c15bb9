/* SPDX-License-Identifier: GPL-2.0 */
/*
 * atomic.h - operations that other CPUs see as one step.
 * All are full barriers on x86 except atomic_read and atomic_set.
 */
#ifndef LIB_ATOMIC_H
#define LIB_ATOMIC_H

#include "lib/types.h"

typedef struct {
    int n;
} atomic_t;

static inline int atomic_read(const atomic_t *a)
{
    return __atomic_load_n(&a->n, __ATOMIC_RELAXED);
}

static inline void atomic_set(atomic_t *a, int n)
{
    __atomic_store_n(&a->n, n, __ATOMIC_RELAXED);
}

static inline int atomic_add(atomic_t *a, int n) /* the new value */
{
    return __atomic_add_fetch(&a->n, n, __ATOMIC_SEQ_CST);
}

static inline void atomic_inc(atomic_t *a)
{
    atomic_add(a, 1);
}

static inline bool atomic_dec_to_zero(atomic_t *a)
{
    return atomic_add(a, -1) == 0;
}

/* Take one more unless the count is 0 already. */
static inline bool atomic_inc_unless_zero(atomic_t *a)
{
    int n = atomic_read(a);

    while (n)
        if (__atomic_compare_exchange_n(&a->n, &n, n + 1, false,
                                        __ATOMIC_SEQ_CST, __ATOMIC_RELAXED))
            return true;
    return false;
}

/* If *p is still old, make it new. */
static inline bool cas64(uint64_t *p, uint64_t old, uint64_t new_value)
{
    return __atomic_compare_exchange_n(p, &old, new_value, false,
                                       __ATOMIC_SEQ_CST, __ATOMIC_RELAXED);
}

static inline bool cas32(uint32_t *p, uint32_t old, uint32_t new_value)
{
    return __atomic_compare_exchange_n(p, &old, new_value, false,
                                       __ATOMIC_SEQ_CST, __ATOMIC_RELAXED);
}

#define xchg(p, v)      __atomic_exchange_n(p, v, __ATOMIC_SEQ_CST)
#define smp_mb()        __atomic_thread_fence(__ATOMIC_SEQ_CST)
#define smp_wmb()       __atomic_thread_fence(__ATOMIC_RELEASE)
#define smp_rmb()       __atomic_thread_fence(__ATOMIC_ACQUIRE)
#define load_acquire(p) __atomic_load_n(p, __ATOMIC_ACQUIRE)
#define store_release(p, v) __atomic_store_n(p, v, __ATOMIC_RELEASE)

#endif
