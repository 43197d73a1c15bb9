/* SPDX-License-Identifier: GPL-2.0 */
/*
 * grant_private.h - between grant.c (the books) and grant_op.c (the calls).
 */
#ifndef SERVICE_GRANT_PRIVATE_H
#define SERVICE_GRANT_PRIVATE_H

#include "domain/pages.h"
#include "service/grant.h"

/* What we know of an entry in use. While `uses` is above 0 it holds one
 * reference to the frame, and while `writers` is, one use as writable. */
struct active_entry {
    uint64_t mfn;
    uint32_t uses;    /* mappings and copies, writing ones included */
    uint32_t writers; /* those that may write */
    domid_t domid;    /* who uses it */
};

/* One mapping that a domain has made: its handle is the index. */
struct mapping {
    uint64_t mfn;
    uint32_t ref; /* free: the next free handle */
    domid_t domid;
    uint16_t flags; /* MAPPING_*; 0: free */
};
#define MAPPING_HOST     1u
#define MAPPING_DEVICE   2u
#define MAPPING_READONLY 4u
#define MAPPING_BUSY     8u /* being made or ended */
#define MAPPING_BY_PTE   16u /* by the machine address of an entry */

struct grant_table {
    spinlock_t lock; /* RANK_GRANT; guards the entries */
    unsigned int nr_frames, max_frames;
    struct grant_entry_v1 **shared; /* [max_frames], a page each */
    struct active_entry **active;   /* [max_frames] */

    spinlock_t map_lock; /* RANK_GRANT; guards the mappings; never both */
    struct mapping **maps; /* [max_map_frames], a page each */
    unsigned int nr_map_frames, max_map_frames;
    uint32_t free_map;     /* MAP_END: none */
    unsigned int nr_maps;  /* in use */
    uint32_t torn_down;    /* teardown: handles looked at so far */
};

#define ENTRIES_A_FRAME (PAGE_SIZE / sizeof(struct grant_entry_v1))
#define MAPS_A_FRAME    (PAGE_SIZE / sizeof(struct mapping))
#define MAP_END         0xffffffffu

/* Make the table at least nr frames long. 0, -EINVAL, -ENOMEM. */
int grant_grow(struct domain *d, unsigned int nr);

/*
 * Use entry ref of rd, for `by`. GNTST_*; on GNTST_okay *mfn is its frame.
 * release: one use less, its flags in the table follow.
 */
int entry_acquire(struct domain *rd, grant_ref_t ref, domid_t by, bool readonly,
                  uint64_t *mfn);
void entry_release(struct domain *rd, grant_ref_t ref, bool readonly);

/* A new handle, BUSY; MAP_END: no more. */
uint32_t mapping_new(struct domain *d);
void mapping_set(struct domain *d, uint32_t handle, const struct mapping *m);
/* Look at a mapping and keep others off it; false: no such, or BUSY. */
bool mapping_begin(struct domain *d, uint32_t handle, struct mapping *m);
/* Done with it: what is left of it (flags 0: nothing, the handle is free). */
void mapping_end(struct domain *d, uint32_t handle, uint16_t flags);

#endif
