/* SPDX-License-Identifier: GPL-2.0 */
/*
 * directmap.h - our own address space, without any guest's.
 */
#ifndef MM_DIRECTMAP_H
#define MM_DIRECTMAP_H

#include "lib/types.h"
#include "mm/layout.h"
#include "mm/pte.h"

extern pte_t *idle_l4;      /* the root without a guest */
extern paddr_t idle_l4_pa;

/* Map [pa, pa+size) of device registers or tables; NULL: no room. */
void *vmap_device(paddr_t pa, size_t size);   /* uncached */
void *vmap_memory(paddr_t pa, size_t size);   /* cached: firmware tables */
void vunmap(void *p, size_t size);

/* Enter [va, va+size) -> pa into our tables (boot and per-CPU areas). */
int map_pages(uint64_t va, paddr_t pa, size_t size, uint64_t flags);
/* Copy our slots into a guest's root; l3 of its domain goes into slot 258. */
void root_fill_hyp(pte_t *l4, mfn_t perdomain_l3);

#endif
