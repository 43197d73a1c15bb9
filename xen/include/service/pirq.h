/* SPDX-License-Identifier: GPL-2.0 */
/*
 * pirq.h - a domain's interrupt lines, by its own numbers (physdev_op.c).
 */
#ifndef SERVICE_PIRQ_H
#define SERVICE_PIRQ_H

#include "domain/vcpu.h"

/* Start delivering pirq to evtchn_raise_pirq(d, pirq). 0 or -errno. */
int pirq_guest_bind(struct domain *d, unsigned int pirq, bool will_share);
void pirq_guest_unbind(struct domain *d, unsigned int pirq);
/* The vcpu that its port tells: move the interrupt near it. IRQ-safe. */
void pirq_guest_set_vcpu(struct domain *d, unsigned int pirq, struct vcpu *v);

#endif
