/* SPDX-License-Identifier: GPL-2.0 */
/*
 * hyp/evtchn.h - event channels of Dom0's user space (/dev/xen/evtchn).
 * A port that fired is masked until evtchn_unmask().
 */
#ifndef HYP_EVTCHN_H
#define HYP_EVTCHN_H

#include <stdint.h>

#include "hyp/privcmd.h"

struct evtchn;

struct evtchn *evtchn_open(void); /* non-blocking; NULL: errno */
void evtchn_close(struct evtchn *e);
int evtchn_fd(const struct evtchn *e); /* readable: a port fired */

/* Local port, or -errno. */
int evtchn_bind_interdomain(struct evtchn *e, uint32_t domid, uint32_t port);
int evtchn_bind_virq(struct evtchn *e, unsigned virq);
int evtchn_bind_unbound(struct evtchn *e, uint32_t domid);
int evtchn_unbind(struct evtchn *e, uint32_t local_port);
int evtchn_notify(struct evtchn *e, uint32_t local_port);
/* The next port that fired, -EAGAIN if none. */
int evtchn_next(struct evtchn *e);
int evtchn_unmask(struct evtchn *e, uint32_t local_port);

/* A new unbound port of `domid` that `remote` may bind: port or -errno. */
int evtchn_alloc_for(struct hyp *h, uint32_t domid, uint32_t remote);

#endif
