/* SPDX-License-Identifier: GPL-2.0 */
/*
 * hyp/grant.h - pages that another domain granted us (/dev/xen/gntdev), pages
 * we grant (/dev/xen/gntalloc), and the first grants of a new domain.
 */
#ifndef HYP_GRANT_H
#define HYP_GRANT_H

#include <stddef.h>
#include <stdint.h>

#include "hyp/privcmd.h"

struct grants; /* one open gntdev */

struct grants *grants_open(void); /* NULL: errno */
void grants_close(struct grants *g);

/* Map `count` refs of one domain side by side; NULL: errno. */
void *grants_map(struct grants *g, uint32_t domid, const uint32_t *refs,
                 size_t count, int prot);
/* At unmap (also by our death) clear byte `offset` of the first page and
 * notify local event channel `port` (-1: none of the two). */
int grants_notify(struct grants *g, void *where, int offset, int port);
int grants_unmap(struct grants *g, void *where, size_t count);

/* One page of ours granted to domid: its address and *ref; NULL: errno. */
void *grant_share(uint32_t domid, int writable, uint32_t *ref);

/*
 * Fill reserved entries of a domain being built: ref GNTTAB_RESERVED_CONSOLE
 * and _XENSTORE give Dom0 access to these frames.
 */
int grant_seed(struct hyp *h, uint32_t domid, uint64_t console_frame,
               uint64_t xenstore_frame, uint32_t console_domid,
               uint32_t xenstore_domid);

#endif
