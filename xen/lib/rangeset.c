/* SPDX-License-Identifier: GPL-2.0 */
/*
 * rangeset.c - a set of numbers kept as a sorted list of ranges.
 * Keeps true: ranges are in rising order and neither overlap nor touch; a
 * change that needs memory gets it before it changes anything.
 */
#include "lib/errno.h"
#include "lib/rangeset.h"

void rangeset_init(struct rangeset *set, void *(*get_memory)(size_t bytes),
                   void (*put_memory)(void *p))
{
    *set = (struct rangeset){
        .get_memory = get_memory,
        .put_memory = put_memory,
    };
}

/* Take the range out of the list that *at points to. */
static void drop(struct rangeset *set, struct range **at)
{
    struct range *r = *at;

    *at = r->next;
    set->count--;
    set->put_memory(r);
}

static int insert(struct rangeset *set, struct range **at, uint64_t first,
                  uint64_t last)
{
    struct range *r = set->get_memory(sizeof(*r));

    if (!r)
        return -ENOMEM;

    *r = (struct range){.first = first, .last = last, .next = *at};
    *at = r;
    set->count++;
    return 0;
}

void rangeset_empty(struct rangeset *set)
{
    while (set->head)
        drop(set, &set->head);
}

/* The link to the first range that ends at or behind n. */
static struct range **link_at(struct rangeset *set, uint64_t n)
{
    struct range **at = &set->head;

    while (*at && (*at)->last < n)
        at = &(*at)->next;
    return at;
}

int rangeset_add(struct rangeset *set, uint64_t first, uint64_t last)
{
    /* One lower, so that a range that ends just before us joins in. */
    struct range **at = link_at(set, first ? first - 1 : 0);
    struct range *r = *at;

    if (last < first)
        return -EINVAL;
    if (!r || (last != UINT64_MAX && r->first > last + 1))
        return insert(set, at, first, last);

    if (first < r->first)
        r->first = first;
    if (last <= r->last)
        return 0;

    r->last = last;
    while (r->next && (last == UINT64_MAX || r->next->first <= last + 1)) {
        if (r->next->last > r->last)
            r->last = r->next->last;
        drop(set, &r->next);
    }
    return 0;
}

int rangeset_remove(struct rangeset *set, uint64_t first, uint64_t last)
{
    struct range **at = link_at(set, first);
    struct range *r = *at;
    int rc;

    if (last < first)
        return -EINVAL;

    if (r && r->first < first) {
        if (r->last > last) { /* a hole in the middle */
            rc = insert(set, &r->next, last + 1, r->last);
            if (rc)
                return rc;
        }
        r->last = first - 1;
        at = &r->next;
    }

    while (*at && (*at)->last <= last)
        drop(set, at);
    if (*at && (*at)->first <= last)
        (*at)->first = last + 1;
    return 0;
}

const struct range *rangeset_next(const struct rangeset *set, uint64_t from)
{
    const struct range *r;

    rangeset_for_each(r, set) if (r->last >= from) return r;
    return NULL;
}

bool rangeset_contains(const struct rangeset *set, uint64_t first,
                       uint64_t last)
{
    const struct range *r = rangeset_next(set, first);

    return r && first <= last && r->first <= first && r->last >= last;
}

bool rangeset_overlaps(const struct rangeset *set, uint64_t first,
                       uint64_t last)
{
    const struct range *r = rangeset_next(set, first);

    return r && first <= last && r->first <= last;
}
