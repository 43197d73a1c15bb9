/* SPDX-License-Identifier: GPL-2.0 */
/*
 * page.h - the frame table: what is known of each machine frame.
 *
 * `count` counts references: every mapping, every pointer held. `type` says
 * what the frame may be used as and how many such uses there are; the essay
 * is in pv/pagetype.c. A frame goes back to the heap when count reaches 0.
 */
#ifndef MM_PAGE_H
#define MM_PAGE_H

#include "lib/types.h"
#include "mm/layout.h"

struct page {
    uint64_t count; /* PGC_* flags and references; atomic */
    uint64_t type;  /* PGT_* kind, flags and uses; atomic */
    uint32_t next, prev; /* links: mfns. Heap lock or owner's page lock */
    uint32_t tlb_stamp;  /* flush clock when last mapped otherwise, tlb.h */
    domid_t owner;       /* DOMID_NONE: nobody's. Set while count > 0 */
    uint8_t order;       /* heap: size of a free chunk */
    uint8_t flags;       /* PGF_*: heap's */
};

#define PGF_FOREIGN 0x80 /* another domain than its owner mapped it writable */

#define PGF_HOLE  1 /* no RAM; never changes after boot */
#define PGF_FREE  2 /* first frame of a free chunk; `order` says how large */
#define PGF_SMALL 4 /* kmalloc.c: holds pieces of size class `order` */
#define PGF_LARGE 8 /* kmalloc.c: 2^order frames given out as one */

#define DOMID_NONE 0x7fff /* owner of free and of our own frames */
#define PAGE_LINK_END 0xffffffffu

#define PGC_ALLOCATED (1UL << 63) /* its domain has it: one reference */
#define PGC_HYP       (1UL << 62) /* our memory, shown to a guest */
#define PGC_COUNT     ((1UL << 32) - 1)

/* Kinds, in the top bits of `type`. */
#define PGT_NONE     (0UL << 60)
#define PGT_L1       (1UL << 60)
#define PGT_L2       (2UL << 60)
#define PGT_L3       (3UL << 60)
#define PGT_L4       (4UL << 60)
#define PGT_SEG      (5UL << 60) /* holds descriptors: GDT or LDT */
#define PGT_WRITABLE (7UL << 60)
#define PGT_KIND     (7UL << 60)
#define PGT_PINNED    (1UL << 59) /* one use belongs to a pin */
#define PGT_VALIDATED (1UL << 58) /* contents checked for this kind */
#define PGT_PARTIAL   (1UL << 57) /* checked or dropped in part: ptes_done */
#define PGT_BUSY      (1UL << 56) /* some CPU is checking or dropping */
#define PGT_DONE_SHIFT 40         /* 10 bits: entries checked so far */
#define PGT_DONE      (0x3ffUL << PGT_DONE_SHIFT)
#define PGT_COUNT     ((1UL << 32) - 1)

#define frame_table ((struct page *)FRAMETABLE_START)
extern mfn_t max_mfn; /* one above the last frame of RAM */

static inline struct page *mfn_to_page(mfn_t mfn)
{
    return frame_table + mfn;
}
static inline mfn_t page_to_mfn(const struct page *pg)
{
    return (mfn_t)(pg - frame_table);
}
static inline void *page_to_virt(const struct page *pg)
{
    return mfn_to_virt(page_to_mfn(pg));
}
static inline struct page *virt_to_page(const void *p)
{
    return mfn_to_page(virt_to_mfn(p));
}
/*
 * Is there a struct page for it, and is it RAM? The frame table has holes: a
 * bit of ram_chunks stands for 2^FRAME_CHUNK_SHIFT frames with struct pages.
 */
#define FRAME_CHUNK_SHIFT 16
extern uint64_t ram_chunks[];
static inline bool mfn_is_ram_below(mfn_t mfn, mfn_t end)
{
    return mfn < end &&
           ram_chunks[mfn >> (FRAME_CHUNK_SHIFT + 6)] >>
                   (mfn >> FRAME_CHUNK_SHIFT & 63) & 1 &&
           !(mfn_to_page(mfn)->flags & PGF_HOLE);
}
static inline bool mfn_valid(mfn_t mfn)
{
    return mfn_is_ram_below(mfn, max_mfn);
}
/* Besides, it is in the direct map: in one step, for walks. */
static inline bool mfn_valid_low(mfn_t mfn)
{
    return mfn_is_ram_below(mfn, directmap_frames);
}

#endif
