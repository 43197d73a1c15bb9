/* SPDX-License-Identifier: GPL-2.0 */
/*
 * pirq.h - a domain's interrupt lines, by its own numbers (physdev_op.c).
 */
#ifndef SERVICE_PIRQ_H
#define SERVICE_PIRQ_H

#include "domain/part.h"

/* Start delivering pirq to evtchn_raise_pirq(d, pirq). 0 or -errno. */
int pirq_guest_bind(struct domain *d, unsigned int pirq, bool will_share);
void pirq_guest_unbind(struct domain *d, unsigned int pirq);
/* The vcpu that its port tells: move the interrupt near it. IRQ-safe. */
void pirq_guest_set_vcpu(struct domain *d, unsigned int pirq, struct vcpu *v);

/*
 * Name count irqs of the machine from irq on in d, as `want` or (-1) as suits;
 * msi: msi_destroy(irq) when the name goes. The first name, or -errno.
 */
int pirq_map(struct domain *d, int want, unsigned int irq, unsigned int count,
             bool msi);
int pirq_unmap(struct domain *d, unsigned int pirq);
int pirq_choose_free(struct domain *d);
int pirq_irq(struct domain *d, unsigned int pirq); /* or -EINVAL */
void pirq_eoi(struct domain *d, unsigned int pirq);

extern const struct domain_part pirq_part; /* a domain's table of them */

#endif
