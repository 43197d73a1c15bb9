/* SPDX-License-Identifier: GPL-2.0 */
/*
 * hyp/memory.h - a guest's frames: give, take, look into them.
 */
#ifndef HYP_MEMORY_H
#define HYP_MEMORY_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "hyp/privcmd.h"

/*
 * Give a domain memory: frames[i] holds the guest's frame number of extent i
 * (2^order frames each) and gets the machine's. Returns how many extents
 * were given (may be fewer), or -errno when none was.
 */
long mem_populate(struct hyp *h, uint32_t domid, uint64_t *frames,
                  uint64_t count, unsigned order);
/* Take frames away again: count given back, or -errno. */
long mem_decrease(struct hyp *h, uint32_t domid, const uint64_t *frames,
                  uint64_t count, unsigned order);
/* Put aside `pages` in all for this domain; 0 ends it. -ENOMEM if short. */
int mem_claim(struct hyp *h, uint32_t domid, uint64_t pages);
/* One RAM entry from 0, as the guest's memory map. */
int mem_set_map(struct hyp *h, uint32_t domid, uint64_t bytes);
long mem_max_mfn(struct hyp *h);
long mem_max_pfn(struct hyp *h, uint32_t domid);
long mem_current_pages(struct hyp *h, uint32_t domid);

/*
 * Map frames (machine frames for PV guests) of another domain. With err NULL
 * one bad frame fails the whole call; else err[i] is 0 or -errno for each.
 * NULL: errno says why.
 */
void *mem_map(struct hyp *h, uint32_t domid, int prot, const uint64_t *frames,
              size_t count, int *err);
/* The same at a given, page-aligned place, over what is there. 0 or -errno. */
int mem_map_at(struct hyp *h, void *where, uint32_t domid, int prot,
               const uint64_t *frames, size_t count, int *err);
void mem_unmap(void *where, size_t count);

/* Map frames of a resource (XENMEM_resource_*). NULL: errno. */
void *mem_map_resource(struct hyp *h, uint32_t domid, unsigned type,
                       unsigned id, uint64_t first, size_t count);

/* Machine frame to guest frame for all memory, read-only; NULL: errno. */
const uint64_t *mem_map_m2p(struct hyp *h, size_t *entries);

/* mmuext operation on another domain's behalf. */
int mem_mmuext(struct hyp *h, uint32_t domid, unsigned cmd, uint64_t mfn);
/* Tell the hypervisor which guest frame each machine frame is. */
int mem_update_m2p(struct hyp *h, uint32_t domid, const uint64_t *mfns,
                   const uint64_t *pfns, size_t count);

#endif
