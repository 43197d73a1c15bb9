/* SPDX-License-Identifier: GPL-2.0 */
/*
 * rangeset.h - a set of numbers kept as ranges, both ends included: the
 * ports, frames and interrupt lines a domain has a right to.
 * No lock inside: the owner of the set brings one.
 */
#ifndef LIB_RANGESET_H
#define LIB_RANGESET_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct range {
    uint64_t first, last;
    struct range *next; /* the next higher one */
};

struct rangeset {
    struct range *head;                /* the lowest */
    size_t count;                      /* ranges in the list */
    void *(*get_memory)(size_t bytes); /* NULL when there is none */
    void (*put_memory)(void *p);
};

void rangeset_init(struct rangeset *set, void *(*get_memory)(size_t bytes),
                   void (*put_memory)(void *p));
void rangeset_empty(struct rangeset *set); /* frees all its ranges */

/* -EINVAL if last < first; -ENOMEM leaves the set as it was. */
int rangeset_add(struct rangeset *set, uint64_t first, uint64_t last);
int rangeset_remove(struct rangeset *set, uint64_t first, uint64_t last);

/* Is every number from first to last in the set? Is any? */
bool rangeset_contains(const struct rangeset *set, uint64_t first,
                       uint64_t last);
bool rangeset_overlaps(const struct rangeset *set, uint64_t first,
                       uint64_t last);

static inline bool rangeset_contains_one(const struct rangeset *set, uint64_t n)
{
    return rangeset_contains(set, n, n);
}

static inline bool rangeset_is_empty(const struct rangeset *set)
{
    return !set->head;
}

/* The first range that ends at or behind `from`; NULL if there is none. */
const struct range *rangeset_next(const struct rangeset *set, uint64_t from);

#define rangeset_for_each(r, set) for ((r) = (set)->head; (r); (r) = (r)->next)

#endif
