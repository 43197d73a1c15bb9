/* SPDX-License-Identifier: GPL-2.0 */
/*
 * ring.c - the console page shared with a guest.
 * Keeps true: each index of the guest is read once and judged before use; our
 * own indices live here, so a guest that overwrites them on the page confuses
 * itself alone.
 */
#include "xenconsoled.h"

#include <abi/io/console.h>

void ring_init(struct ring *r, volatile struct xencons_interface *page)
{
    r->page = page;
    r->out_cons = page->out_cons;
    r->in_prod = page->in_prod;
}

int ring_take(struct ring *r, char *to, size_t max)
{
    uint32_t prod = __atomic_load_n(&r->page->out_prod, __ATOMIC_ACQUIRE);
    uint32_t n = prod - r->out_cons, i;

    if (n > sizeof(r->page->out)) {
        r->out_cons = prod; /* what it meant is lost; go on from there */
        __atomic_store_n(&r->page->out_cons, prod, __ATOMIC_RELEASE);
        return -1;
    }
    if (n > max)
        n = (uint32_t)max;
    for (i = 0; i < n; i++)
        to[i] = r->page->out[MASK_XENCONS_IDX(r->out_cons + i, r->page->out)];
    r->out_cons += n;
    return (int)n;
}

void ring_taken(struct ring *r)
{
    __atomic_store_n(&r->page->out_cons, r->out_cons, __ATOMIC_RELEASE);
}

size_t ring_room(const struct ring *r)
{
    uint32_t cons = __atomic_load_n(&r->page->in_cons, __ATOMIC_ACQUIRE);
    uint32_t used = r->in_prod - cons;

    return used > sizeof(r->page->in) ? 0 : sizeof(r->page->in) - used;
}

void ring_give(struct ring *r, const char *from, size_t n)
{
    size_t i;

    for (i = 0; i < n; i++)
        r->page->in[MASK_XENCONS_IDX(r->in_prod + i, r->page->in)] = from[i];
    r->in_prod += (uint32_t)n;
    __atomic_store_n(&r->page->in_prod, r->in_prod, __ATOMIC_RELEASE);
}
