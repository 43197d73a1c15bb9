/* SPDX-License-Identifier: GPL-2.0 */
/*
 * kmalloc.c - small pieces: pages cut into pieces of one size each.
 * Keeps true: a page of pieces stands in its class's list while it has a free
 * one; in a free piece lies the index of the next. Our own pages have no
 * other use for struct page's `type`: it counts the pieces in use and names
 * the first free one.
 * Locks: kmalloc_lock. Pieces are cleared when given out.
 */
#include "core/panic.h"
#include "core/spinlock.h"
#include "lib/string.h"
#include "mm/heap.h"

#define SMALLEST_SHIFT 4 /* 16 bytes */
#define NR_CLASSES     8 /* ... to 2048 */
#define NO_PIECE       0xffffu

static uint32_t partial[NR_CLASSES]; /* mfn + 1 of the first page; 0 */
static spinlock_t kmalloc_lock = SPINLOCK_INIT(RANK_HEAP);

static unsigned int used_of(const struct page *pg)
{
    return pg->type & 0xffff;
}
static unsigned int free_of(const struct page *pg)
{
    return pg->type >> 16 & 0xffff;
}
static void set_state(struct page *pg, unsigned int in_use, unsigned int first)
{
    pg->type = in_use | (uint64_t)first << 16;
}

static uint16_t *piece(const struct page *pg, unsigned int i)
{
    return (uint16_t *)((char *)page_to_virt(pg) +
                        ((size_t)i << (pg->order + SMALLEST_SHIFT)));
}

static void link_locked(struct page *pg)
{
    uint32_t *list = &partial[pg->order];

    pg->prev = PAGE_LINK_END;
    pg->next = *list ? *list - 1 : PAGE_LINK_END;
    if (*list)
        mfn_to_page(*list - 1)->prev = (uint32_t)page_to_mfn(pg);
    *list = (uint32_t)page_to_mfn(pg) + 1;
}

static void unlink_locked(struct page *pg)
{
    if (pg->next != PAGE_LINK_END)
        mfn_to_page(pg->next)->prev = pg->prev;
    if (pg->prev != PAGE_LINK_END)
        mfn_to_page(pg->prev)->next = pg->next;
    else
        partial[pg->order] = pg->next == PAGE_LINK_END ? 0 : pg->next + 1;
    pg->next = pg->prev = PAGE_LINK_END;
}

/* A fresh page of pieces, in nobody's list yet. */
static struct page *new_page(unsigned int class)
{
    struct page *pg = heap_alloc(0, 0, 0);
    unsigned int n = (unsigned int)(PAGE_SIZE >> (class + SMALLEST_SHIFT));

    if (!pg)
        return NULL;
    pg->count = 1;
    pg->flags = PGF_SMALL;
    pg->order = (uint8_t)class;
    for (unsigned int i = 0; i < n; i++)
        *piece(pg, i) = (uint16_t)(i + 1 < n ? i + 1 : NO_PIECE);
    set_state(pg, 0, 0);
    return pg;
}

static void *take_piece_locked(unsigned int class)
{
    struct page *pg = mfn_to_page(partial[class] - 1);
    uint16_t *p = piece(pg, free_of(pg));

    set_state(pg, used_of(pg) + 1, *p);
    if (*p == NO_PIECE)
        unlink_locked(pg);
    return p;
}

static void *alloc_small(unsigned int class)
{
    uint64_t irq = spin_lock_irqsave(&kmalloc_lock);
    struct page *pg;
    void *p = NULL;

    if (!partial[class]) {
        spin_unlock_irqrestore(&kmalloc_lock, irq);
        pg = new_page(class);
        irq = spin_lock_irqsave(&kmalloc_lock);
        if (pg)
            link_locked(pg);
    }
    if (partial[class])
        p = take_piece_locked(class);
    spin_unlock_irqrestore(&kmalloc_lock, irq);
    return p;
}

static void *alloc_large(size_t n)
{
    unsigned int order = 0;
    struct page *pg;

    while ((PAGE_SIZE << order) < n)
        order++;
    pg = heap_alloc(order, 0, 0);
    if (!pg)
        return NULL;
    for (size_t i = 0; i < 1UL << order; i++)
        pg[i].count = 1;
    pg->flags = PGF_LARGE;
    pg->order = (uint8_t)order;
    return page_to_virt(pg);
}

void *kzalloc(size_t n)
{
    unsigned int class = 0;
    void *p;

    if (n > PAGE_SIZE << MAX_ORDER)
        return NULL;
    while (class < NR_CLASSES && (1UL << (class + SMALLEST_SHIFT)) < n)
        class ++;
    p = class < NR_CLASSES ? alloc_small(class) : alloc_large(n);
    if (p)
        memset(p, 0, n);
    return p;
}

static void free_small(struct page *pg, void *p)
{
    uint64_t irq = spin_lock_irqsave(&kmalloc_lock);
    size_t at = (size_t)((char *)p - (char *)page_to_virt(pg));
    unsigned int first = free_of(pg);

    BUG_ON(!used_of(pg));
    *(uint16_t *)p = (uint16_t)first;
    set_state(pg, used_of(pg) - 1,
              (unsigned int)(at >> (pg->order + SMALLEST_SHIFT)));
    if (first == NO_PIECE)
        link_locked(pg);
    if (used_of(pg)) {
        spin_unlock_irqrestore(&kmalloc_lock, irq);
        return;
    }
    unlink_locked(pg);
    spin_unlock_irqrestore(&kmalloc_lock, irq);
    heap_free(pg, 0);
}

void kfree(void *p)
{
    struct page *pg;

    if (!p)
        return;
    pg = virt_to_page(p);
    if (pg->flags & PGF_SMALL) {
        free_small(pg, p);
        return;
    }
    BUG_ON(!(pg->flags & PGF_LARGE));
    heap_free(pg, pg->order);
}
