/* SPDX-License-Identifier: GPL-2.0 */
/*
 * directmap.h - our own address space, without any guest's.
 */
#ifndef MM_DIRECTMAP_H
#define MM_DIRECTMAP_H

#include "lib/types.h"
#include "mm/layout.h"
#include "mm/pte.h"

struct mem_map;

extern pte_t idle_l4[PTES_PER_TABLE]; /* the root without a guest */
extern paddr_t idle_l4_pa;

/* Where the image lies, and of something in it. */
extern paddr_t image_base;
extern char image_start[], image_end[];
static inline paddr_t image_to_paddr(const void *p)
{
    return image_base + ((uint64_t)p - HYP_IMAGE_START);
}

/* Map [pa, pa+size) of device registers or tables; NULL: no room. */
void *vmap_device(paddr_t pa, size_t size);   /* uncached */
void *vmap_memory(paddr_t pa, size_t size);   /* cached: firmware tables */
void *vmap_write_combining(paddr_t pa, size_t size); /* framebuffers */
void vunmap(void *p, size_t size);

/*
 * A guest's frame that we go on using: where it is; NULL: no room. The caller
 * holds a reference as long, and knows that no CPU uses p when he ends it.
 */
void *frame_keep(mfn_t mfn);
void frame_unkeep(void *p);
mfn_t frame_kept(const void *p); /* which frame that is */

/* Enter [va, va+size) -> pa into our tables (boot and per-CPU areas). */
int map_pages(uint64_t va, paddr_t pa, size_t size, uint64_t flags);
/* The same in another root (of the firmware). */
int map_pages_in(pte_t *root, uint64_t va, paddr_t pa, size_t size,
                 uint64_t flags);
/* The entry for a page at va, tables made as needed; NULL: no memory. */
pte_t *small_page_entry(uint64_t va);
/* Where our tables say an address is; ~0 if nowhere. */
paddr_t mapped_paddr(uint64_t va);
/* Copy our slots into a guest's root; l3 of its domain goes into slot 258. */
void root_fill_hyp(pte_t *l4, mfn_t perdomain_l3);

/* Build the tables we live on, and go there: the direct map of all RAM, or of
 * as much as `directmap=` says, but of all below least. Boot only. */
void directmap_init(const struct mem_map *ram, paddr_t least);
/* The frame table and both views of the M2P table, for the RAM there is. */
void frametable_init(const struct mem_map *ram);
/* From now on tables come from the heap. */
extern bool heap_is_live;

#endif
