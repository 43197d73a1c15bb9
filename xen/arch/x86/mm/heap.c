/* SPDX-License-Identifier: GPL-2.0 */
/*
 * heap.c - the buddy allocator of machine frames.
 * Keeps true: a free chunk is aligned to its size and lies in one zone; no
 * two free buddies stand side by side; free frames have count 0, type 0 and
 * no owner.
 * Zone z holds the frames whose number has z significant bits, so a request
 * for memory below 2^n bytes looks at zones up to n - 12, highest first, and
 * low memory goes last. High frames, which only guests can use, have zones of
 * their own behind those, by the same rule.
 * Locks: heap_lock (RANK_HEAP) guards lists and numbers.
 */
#include "core/panic.h"
#include "core/spinlock.h"
#include "cpu/percpu.h"
#include "lib/string.h"
#include "mm/directmap.h"
#include "mm/heap.h"
#include "mm/tlb.h"
#include "mm/window.h"

#define NR_BITS  33 /* a frame's number has 0 to 32 significant bits */
#define NR_ZONES (2 * NR_BITS)

static uint32_t lists[NR_ZONES][MAX_ORDER + 1]; /* mfn + 1 of the first; 0 */
static uint64_t free_pages, total_pages;
static uint64_t zone_free[NR_ZONES]; /* they add up to free_pages */
static spinlock_t heap_lock = SPINLOCK_INIT(RANK_HEAP);

static unsigned int zone_of(mfn_t mfn)
{
    unsigned int bits = mfn ? 64 - (unsigned int)__builtin_clzl(mfn) : 0;

    return mfn < directmap_frames ? bits : NR_BITS + bits;
}

static uint32_t *list_of(mfn_t mfn, unsigned int order)
{
    return &lists[zone_of(mfn)][order];
}

static void push_locked(mfn_t mfn, unsigned int order)
{
    uint32_t *list = list_of(mfn, order);
    struct page *pg = mfn_to_page(mfn);

    pg->flags |= PGF_FREE;
    pg->order = (uint8_t)order;
    pg->prev = PAGE_LINK_END;
    pg->next = *list ? *list - 1 : PAGE_LINK_END;
    if (*list)
        mfn_to_page(*list - 1)->prev = (uint32_t)mfn;
    *list = (uint32_t)mfn + 1;
}

static void take_locked(mfn_t mfn)
{
    struct page *pg = mfn_to_page(mfn);
    uint32_t *list = list_of(mfn, pg->order);

    if (pg->next != PAGE_LINK_END)
        mfn_to_page(pg->next)->prev = pg->prev;
    if (pg->prev != PAGE_LINK_END)
        mfn_to_page(pg->prev)->next = pg->next;
    else
        *list = pg->next == PAGE_LINK_END ? 0 : pg->next + 1;
    pg->next = pg->prev = PAGE_LINK_END;
    pg->flags &= (uint8_t)~PGF_FREE;
}

static void give_locked(mfn_t mfn, unsigned int order)
{
    for (; order < MAX_ORDER; order++) {
        mfn_t buddy = mfn ^ (1UL << order);

        if (zone_of(buddy) != zone_of(mfn) || !mfn_valid(buddy) ||
            !(mfn_to_page(buddy)->flags & PGF_FREE) ||
            mfn_to_page(buddy)->order != order)
            break;
        take_locked(buddy);
        mfn &= ~(1UL << order);
    }
    push_locked(mfn, order);
}

/* The smallest chunk that will do, from the highest of the zones from first
 * to last that has one. */
static bool find_locked(unsigned int order, unsigned int first,
                        unsigned int last, mfn_t *mfn)
{
    for (unsigned int z = last + 1; z-- > first;) {
        if (zone_free[z] < 1UL << order)
            continue;
        for (unsigned int o = order; o <= MAX_ORDER; o++)
            if (lists[z][o]) {
                *mfn = lists[z][o] - 1;
                return true;
            }
    }
    return false;
}

static bool alloc_locked(unsigned int order, unsigned int bits, bool high,
                         mfn_t *mfn)
{
    unsigned int have;

    if (!(high && find_locked(order, NR_BITS, NR_BITS + bits, mfn)) &&
        !find_locked(order, 0, bits, mfn))
        return false;
    have = mfn_to_page(*mfn)->order;
    take_locked(*mfn);
    while (have > order) {
        have--;
        push_locked(*mfn + (1UL << have), have);
    }
    free_pages -= 1UL << order;
    zone_free[zone_of(*mfn)] -= 1UL << order;
    return true;
}

/*
 * Old owners' CPUs may remember mappings of these frames: make those forget
 * that have not flushed since the frames were freed.
 */
static void forget_old_mappings(const struct page *pg, size_t n)
{
    cpumask_t cpus = cpus_online, one;
    cpumask_t stale = {{0}};
    uint32_t last = 0;

    for (size_t i = 0; i < n; i++) {
        if (i && pg[i].tlb_stamp == last)
            continue;
        last = pg[i].tlb_stamp;
        one = cpus;
        tlb_filter(&one, last);
        for (unsigned int w = 0; w < ARRAY_SIZE(stale.bits); w++)
            stale.bits[w] |= one.bits[w];
    }
    if (!cpumask_empty(&stale))
        tlb_flush(&stale);
}

struct page *heap_alloc(unsigned int order, unsigned int address_bits,
                        unsigned int flags)
{
    unsigned int bits = NR_BITS - 1;
    struct page *pg;
    uint64_t irq;
    mfn_t mfn;
    bool ok;

    if (order > MAX_ORDER)
        return NULL;
    if (address_bits) {
        if (address_bits < PAGE_SHIFT)
            return NULL;
        bits = MIN(bits, address_bits - PAGE_SHIFT);
    }
    irq = spin_lock_irqsave(&heap_lock);
    ok = alloc_locked(order, bits, flags & HEAP_HIGH, &mfn);
    spin_unlock_irqrestore(&heap_lock, irq);
    if (!ok)
        return NULL;
    pg = mfn_to_page(mfn);
    forget_old_mappings(pg, 1UL << order);
    for (size_t i = 0; flags & HEAP_ZERO && i < 1UL << order; i++)
        frame_clear(mfn + i);
    return pg;
}

static void reset_page(struct page *pg, uint32_t stamp)
{
    BUG_ON(pg->flags & (PGF_FREE | PGF_HOLE));
    pg->count = 0;
    pg->type = 0;
    pg->owner = DOMID_NONE;
    pg->tlb_stamp = stamp;
    pg->next = pg->prev = PAGE_LINK_END;
    pg->flags = 0;
}

/* How large a chunk may begin at start and end before `end`. */
static unsigned int chunk_order(mfn_t start, mfn_t end)
{
    unsigned int order = 0;

    while (order < MAX_ORDER && !(start & (1UL << order)) &&
           start + (2UL << order) <= end &&
           zone_of(start) == zone_of(start + (2UL << order) - 1))
        order++;
    return order;
}

void heap_free_run(struct page *pg, size_t n)
{
    mfn_t at = page_to_mfn(pg), end = at + n;
    uint32_t stamp = tlb_clock();
    unsigned int order;
    uint64_t irq;

    for (size_t i = 0; i < n; i++)
        reset_page(pg + i, stamp);
    irq = spin_lock_irqsave(&heap_lock);
    for (; at < end; at += 1UL << order) {
        order = chunk_order(at, end);
        free_pages += 1UL << order;
        zone_free[zone_of(at)] += 1UL << order;
        give_locked(at, order);
    }
    spin_unlock_irqrestore(&heap_lock, irq);
}

void heap_free(struct page *pg, unsigned int order)
{
    heap_free_run(pg, 1UL << order);
}

init_text void heap_add_range(mfn_t start, mfn_t end)
{
    total_pages += end - start;
    heap_free_run(mfn_to_page(start), end - start);
}

uint64_t heap_free_pages(void)
{
    return READ_ONCE(free_pages);
}

uint64_t heap_free_pages_between(unsigned int min_bits, unsigned int max_bits)
{
    uint64_t n = 0;

    for (unsigned int zone = 0; zone < NR_ZONES; zone++) {
        unsigned int bits = zone % NR_BITS + PAGE_SHIFT;

        if (bits > min_bits && (!max_bits || bits <= max_bits))
            n += READ_ONCE(zone_free[zone]);
    }
    return n;
}

uint64_t heap_free_low_pages(void)
{
    uint64_t n = 0;

    for (unsigned int zone = 0; zone < NR_BITS; zone++)
        n += READ_ONCE(zone_free[zone]);
    return n;
}

uint64_t heap_total_pages(void)
{
    return total_pages;
}

void *heap_page(void)
{
    struct page *pg = heap_alloc(0, 0, HEAP_ZERO);

    if (!pg)
        return NULL;
    pg->count = 1;
    return page_to_virt(pg);
}

void heap_page_free(void *p)
{
    if (p)
        heap_free(virt_to_page(p), 0);
}
