/* SPDX-License-Identifier: GPL-2.0 */
/*
 * minheap.c - a binary heap ordered by time.
 * Keeps true: no node is earlier than its parent; slot[place - 1] of a node
 * in the heap is the node itself.
 */
#include "lib/errno.h"
#include "lib/minheap.h"

void minheap_init(struct minheap *h, struct heap_node **slot, uint32_t room)
{
    *h = (struct minheap){.slot = slot, .room = room};
}

struct heap_node **minheap_grow(struct minheap *h, struct heap_node **slot,
                                uint32_t room)
{
    struct heap_node **old = h->slot;

    for (uint32_t i = 0; i < h->count; i++)
        slot[i] = old[i];
    h->slot = slot;
    h->room = room;
    return old;
}

static void set_slot(struct minheap *h, uint32_t i, struct heap_node *n)
{
    h->slot[i] = n;
    n->place = i + 1;
}

/* Put n where slot i is, or higher up. */
static void sift_up(struct minheap *h, uint32_t i, struct heap_node *n)
{
    while (i) {
        uint32_t parent = (i - 1) / 2;

        if (h->slot[parent]->key_ns <= n->key_ns)
            break;
        set_slot(h, i, h->slot[parent]);
        i = parent;
    }
    set_slot(h, i, n);
}

/* Put n where slot i is, or further down. */
static void sift_down(struct minheap *h, uint32_t i, struct heap_node *n)
{
    for (;;) {
        uint32_t child = 2 * i + 1;

        if (child >= h->count)
            break;
        if (child + 1 < h->count &&
            h->slot[child + 1]->key_ns < h->slot[child]->key_ns)
            child++;
        if (h->slot[child]->key_ns >= n->key_ns)
            break;
        set_slot(h, i, h->slot[child]);
        i = child;
    }
    set_slot(h, i, n);
}

int minheap_insert(struct minheap *h, struct heap_node *n, int64_t key_ns)
{
    if (h->count == h->room)
        return -ENOSPC;

    n->key_ns = key_ns;
    sift_up(h, h->count++, n);
    return 0;
}

void minheap_remove(struct minheap *h, struct heap_node *n)
{
    uint32_t i = n->place - 1;
    struct heap_node *last = h->slot[--h->count];

    n->place = 0;
    if (last == n)
        return;

    if (i && h->slot[(i - 1) / 2]->key_ns > last->key_ns)
        sift_up(h, i, last);
    else
        sift_down(h, i, last);
}
