/* SPDX-License-Identifier: GPL-2.0 */
/*
 * connect.h - guests' pages and event channels.
 */
#ifndef XENSTORED_CONNECT_H
#define XENSTORED_CONNECT_H

#include "ring.h"

struct loop;

extern const struct xstore_hooks connect_hooks;   /* with a hypervisor */
extern const struct xstore_hooks no_domain_hooks; /* without */

/* 0 or -errno. */
int connect_open(struct xstore *xs, struct loop *loop);
void connect_close(void);
/* Dom0's own kernel; then all that were connected before a restart. */
int connect_dom0(struct xstore *xs);
void connect_restored(struct xstore *xs);
/* Serve the rings that have something to do. True: some still have. */
bool connect_run(struct xstore *xs);

#endif
