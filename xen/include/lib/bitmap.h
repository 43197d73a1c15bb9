/* SPDX-License-Identifier: GPL-2.0 */
/*
 * bitmap.h - arrays of bits, 64 a word, bit 0 lowest.
 * The _atomic forms are ordered (like a locked instruction) and may race
 * with each other; the plain ones need a lock or a sole owner.
 */
#ifndef LIB_BITMAP_H
#define LIB_BITMAP_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define BITMAP_WORDS(bits)         (((bits) + 63) / 64)
#define BITMAP_DECLARE(name, bits) uint64_t name[BITMAP_WORDS(bits)]

static inline uint64_t bitmap_mask(size_t bit)
{
    return 1ull << (bit % 64);
}

static inline bool bitmap_test(const uint64_t *map, size_t bit)
{
    return __atomic_load_n(&map[bit / 64], __ATOMIC_RELAXED) & bitmap_mask(bit);
}

static inline void bitmap_set(uint64_t *map, size_t bit)
{
    map[bit / 64] |= bitmap_mask(bit);
}

static inline void bitmap_clear(uint64_t *map, size_t bit)
{
    map[bit / 64] &= ~bitmap_mask(bit);
}

/* Set the bit; was it set before? */
static inline bool bitmap_test_set(uint64_t *map, size_t bit)
{
    bool was = bitmap_test(map, bit);

    bitmap_set(map, bit);
    return was;
}

/* Clear the bit; was it set before? */
static inline bool bitmap_test_clear(uint64_t *map, size_t bit)
{
    bool was = bitmap_test(map, bit);

    bitmap_clear(map, bit);
    return was;
}

static inline bool bitmap_test_set_atomic(uint64_t *map, size_t bit)
{
    return __atomic_fetch_or(&map[bit / 64], bitmap_mask(bit),
                             __ATOMIC_SEQ_CST) &
           bitmap_mask(bit);
}

static inline bool bitmap_test_clear_atomic(uint64_t *map, size_t bit)
{
    return __atomic_fetch_and(&map[bit / 64], ~bitmap_mask(bit),
                              __ATOMIC_SEQ_CST) &
           bitmap_mask(bit);
}

static inline void bitmap_set_atomic(uint64_t *map, size_t bit)
{
    __atomic_fetch_or(&map[bit / 64], bitmap_mask(bit), __ATOMIC_SEQ_CST);
}

static inline void bitmap_clear_atomic(uint64_t *map, size_t bit)
{
    __atomic_fetch_and(&map[bit / 64], ~bitmap_mask(bit), __ATOMIC_SEQ_CST);
}

/* Make all bits 0, or all bits 1; bits behind the last one become 0. */
void bitmap_zero(uint64_t *map, size_t bits);
void bitmap_fill(uint64_t *map, size_t bits);

/* Set or clear `count` bits from `first` on. */
void bitmap_set_range(uint64_t *map, size_t first, size_t count);
void bitmap_clear_range(uint64_t *map, size_t first, size_t count);

/* The first such bit at or behind `from`; `bits` if there is none. */
size_t bitmap_next_set(const uint64_t *map, size_t bits, size_t from);
size_t bitmap_next_zero(const uint64_t *map, size_t bits, size_t from);

static inline size_t bitmap_first_set(const uint64_t *map, size_t bits)
{
    return bitmap_next_set(map, bits, 0);
}

static inline size_t bitmap_first_zero(const uint64_t *map, size_t bits)
{
    return bitmap_next_zero(map, bits, 0);
}

static inline bool bitmap_is_empty(const uint64_t *map, size_t bits)
{
    return bitmap_first_set(map, bits) == bits;
}

size_t bitmap_weight(const uint64_t *map, size_t bits);

void bitmap_copy(uint64_t *to, const uint64_t *from, size_t bits);
void bitmap_and(uint64_t *to, const uint64_t *a, const uint64_t *b,
                size_t bits);
void bitmap_or(uint64_t *to, const uint64_t *a, const uint64_t *b, size_t bits);
void bitmap_andnot(uint64_t *to, const uint64_t *a, const uint64_t *b,
                   size_t bits);
bool bitmap_equal(const uint64_t *a, const uint64_t *b, size_t bits);
bool bitmap_intersects(const uint64_t *a, const uint64_t *b, size_t bits);

/* Bits as text: "0-3,7" and "8f". Cut at size; returns the length wanted. */
size_t bitmap_to_list(char *buf, size_t size, const uint64_t *map, size_t bits);
size_t bitmap_to_hex(char *buf, size_t size, const uint64_t *map, size_t bits);

#define bitmap_for_each_set(bit, map, bits)                                    \
    for ((bit) = bitmap_next_set((map), (bits), 0); (bit) < (bits);            \
         (bit) = bitmap_next_set((map), (bits), (bit) + 1))

#endif
