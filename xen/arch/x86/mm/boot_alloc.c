/* SPDX-License-Identifier: GPL-2.0 */
/*
 * boot_alloc.c - memory for tables that must be there before the heap is.
 * Keeps true: what is set aside never comes back; it is taken from the top,
 * as devices need the low memory.
 */
#include "boot/boot_info.h"
#include "core/panic.h"
#include "mm/heap.h"

static struct mem_map left; /* init only */
static paddr_t alloc_limit = 1UL << 32;

void boot_alloc_init(const struct mem_map *free)
{
    left = *free;
}

void boot_alloc_limit(paddr_t limit)
{
    alloc_limit = limit;
}

/* The highest aligned place for size bytes in r, or 0. */
static paddr_t place_in(const struct mem_range *r, size_t size, size_t align)
{
    paddr_t end = MIN(r->end, alloc_limit), at;

    if (r->kind != MEM_RAM || end < size)
        return 0;
    at = ROUND_DOWN(end - size, align);
    return at >= r->start ? at : 0;
}

paddr_t boot_alloc(size_t bytes, size_t align)
{
    size_t size = ROUND_UP(bytes, PAGE_SIZE);
    paddr_t best = 0;
    unsigned int from = 0;

    for (unsigned int i = 0; i < left.nr; i++) {
        paddr_t at = place_in(&left.r[i], size, align);

        if (at > best) {
            best = at;
            from = i;
        }
    }
    if (!best)
        panic("out of memory during boot: %zu bytes", bytes);
    /* What lies above stays usable as a range of its own. */
    mem_map_add(&left, best + size, left.r[from].end, MEM_RAM);
    left.r[from].end = best;
    return best;
}

init_text void heap_init(void)
{
    for (unsigned int i = 0; i < left.nr; i++)
        if (left.r[i].kind == MEM_RAM)
            heap_add_range(ROUND_UP(left.r[i].start, PAGE_SIZE) >> PAGE_SHIFT,
                           left.r[i].end >> PAGE_SHIFT);
    left.nr = 0;
}
