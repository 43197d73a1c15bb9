/* SPDX-License-Identifier: GPL-2.0 */
/*
 * heap.h - the buddy allocator of frames, and kmalloc above it.
 */
#ifndef MM_HEAP_H
#define MM_HEAP_H

#include "lib/compiler.h"
#include "mm/page.h"

#define MAX_ORDER 20

/*
 * 2^order frames, aligned, all below 2^address_bits (0: anywhere), zeroed if
 * HEAP_ZERO. High frames only if HEAP_HIGH says that they are a guest's, and
 * then rather than others. Count and type 0, owner DOMID_NONE. Flushes TLBs
 * that may still map them otherwise. NULL: none. Any context but interrupt.
 */
#define HEAP_ZERO 1u
#define HEAP_HIGH 2u
struct page *heap_alloc(unsigned int order, unsigned int address_bits,
                        unsigned int flags);
void heap_free(struct page *pg, unsigned int order);
void heap_free_run(struct page *pg, size_t n); /* n frames, however aligned */
/* Frames free, and frames set aside by XENMEM_claim_pages. */
uint64_t heap_free_pages(void);
/* Those whose addresses have more than min and at most max bits (0: any). */
uint64_t heap_free_pages_between(unsigned int min_bits, unsigned int max_bits);
uint64_t heap_free_low_pages(void); /* in the direct map: fit for ourselves */
uint64_t heap_total_pages(void);
void heap_add_range(mfn_t start, mfn_t end); /* boot */

/* One zeroed frame for ourselves, by address. */
void *heap_page(void);
void heap_page_free(void *p);

/* Small pieces, zeroed, 16-aligned (64 if n >= 64). NULL: no memory. */
void *kzalloc(size_t n);
void kfree(void *p);

/* Boot: what may be set aside or given to the heap; where from, at most. */
struct mem_map;
void boot_alloc_init(const struct mem_map *free);
void boot_alloc_limit(paddr_t limit);
void heap_init(void); /* all that is left becomes the heap */
/* Physical memory set aside before the heap lives; panics if there is none. */
paddr_t boot_alloc(size_t bytes, size_t align);

#endif
