/* SPDX-License-Identifier: GPL-2.0 */
/*
 * grant.h - letting other domains at one's frames: the table, who uses which
 * entry (grant.c), and the calls (grant_op.c).
 */
#ifndef SERVICE_GRANT_H
#define SERVICE_GRANT_H

#include <abi/grant_table.h>

#include "core/spinlock.h"
#include "domain/part.h"

extern const struct domain_part grant_part;

/* The machine frame of frame n of d's table, made if need be, for a tool. */
int grant_frame_get(struct domain *d, uint64_t n, uint64_t *mfn);
unsigned int grant_frames_max(const struct domain *d);
/* How many foreign frames d has mapped by grants (informative). */
unsigned int grant_mappings(const struct domain *d);
/* Fill an entry for a domain that has not run (Dom0's builder, tools). */
int grant_seed(struct domain *d, grant_ref_t ref, domid_t to, mfn_t mfn);

#endif
