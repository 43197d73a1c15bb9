/* SPDX-License-Identifier: GPL-2.0 */
/*
 * evtchn.h - event channels: one bit that says "look here".
 */
#ifndef SERVICE_EVTCHN_H
#define SERVICE_EVTCHN_H

#include <abi/event_channel.h>

#include "domain/vcpu.h"

/* A port of d becomes pending; any context, no locks needed but IRQ-safe. */
void evtchn_raise_virq(struct vcpu *v, unsigned int virq);   /* per vcpu */
void evtchn_raise_global_virq(unsigned int virq);            /* Dom0's */
/* What a send on d's port does: the other end's becomes pending. */
long evtchn_send_from(struct domain *d, uint32_t port);
void evtchn_raise_pirq(struct domain *d, unsigned int pirq);
/* Is any of these ports pending? for SCHEDOP_poll */
bool evtchn_port_pending(struct domain *d, uint32_t port);
bool evtchn_port_valid(struct domain *d, uint32_t port);
/* Used by domctl-less Dom0 building and the toolstack's reserved ports. */
int evtchn_alloc_unbound_port(struct domain *d, domid_t remote);
int evtchn_reset(struct domain *d);
void evtchn_vcpu_info_moved(struct vcpu *v);
unsigned int evtchn_port_count(struct domain *d);

extern const struct domain_part evtchn_part;

#endif
