/* SPDX-License-Identifier: GPL-2.0 */
/*
 * mca.h - machine checks that were lived through: told, and kept for Dom0.
 */
#ifndef SERVICE_MCA_H
#define SERVICE_MCA_H

#include <abi/mca.h>

#include "cpu/mce.h"
#include "lib/types.h"

struct mca_record {
    struct mce_error error;
    uint64_t id; /* ascends; 0 is nobody's */
    uint32_t cpu;
    uint32_t flags; /* MC_FLAG_ */
    domid_t domid;  /* who ran there */
    uint16_t vcpuid;
};

enum mca_kind { MCA_QUIET, MCA_URGENT, MCA_KINDS };

/* From the exception itself: this CPU's; told and kept soon. */
void mca_note(const struct mce_error *e, uint32_t flags);
/* Tell and keep what was noted here. No locks held. */
void mca_tell(void);
/* Look at all banks of this CPU; flags say why they are looked at. */
void mca_look(uint32_t flags);
void mca_init(void);          /* before the first CPU looks */
void mca_start_looking(void); /* once all CPUs run */

/* For the hypercall: the oldest record; and forget it, if it is this. */
bool mca_oldest(enum mca_kind kind, struct mca_record *r);
bool mca_forget(enum mca_kind kind, uint64_t id);

#endif
