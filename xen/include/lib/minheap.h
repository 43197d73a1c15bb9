/* SPDX-License-Identifier: GPL-2.0 */
/*
 * minheap.h - a heap ordered by time. An element embeds a heap_node; the heap
 * is an array of pointers that the owner provides.
 */
#ifndef LIB_MINHEAP_H
#define LIB_MINHEAP_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct heap_node {
    int64_t key_ns;
    uint32_t place; /* 1 + index in the array; 0: in no heap */
};

struct minheap {
    struct heap_node **slot;
    uint32_t count;
    uint32_t room;
};

void minheap_init(struct minheap *h, struct heap_node **slot, uint32_t room);

/* Move to a larger array; returns the old one. */
struct heap_node **minheap_grow(struct minheap *h, struct heap_node **slot,
                                uint32_t room);

/* -ENOSPC when the array is full. The node must be in no heap. */
int minheap_insert(struct minheap *h, struct heap_node *n, int64_t key_ns);
void minheap_remove(struct minheap *h, struct heap_node *n);

/* The node with the smallest key; NULL if the heap is empty. */
static inline struct heap_node *minheap_top(const struct minheap *h)
{
    return h->count ? h->slot[0] : NULL;
}

static inline bool heap_node_is_in(const struct heap_node *n)
{
    return n->place;
}

#endif
