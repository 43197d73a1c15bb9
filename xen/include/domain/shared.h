/* SPDX-License-Identifier: GPL-2.0 */
/*
 * shared.h - the shared page and each vcpu's info, wherever the guest put it.
 */
#ifndef DOMAIN_SHARED_H
#define DOMAIN_SHARED_H

#include "domain/vcpu.h"

int shared_create(struct domain *d, const struct domain_config *cfg);
void shared_destroy(struct domain *d);

/* Where v's info is until it registers another place. */
struct vcpu_info *shared_vcpu_info_default(struct vcpu *v);
/* Move v's info to a frame of its domain. 0, -EINVAL, -EBUSY (only once). */
int shared_vcpu_info_register(struct vcpu *v, mfn_t mfn, uint32_t offset);
/* teardown: back to the default, give the frame back. */
void shared_vcpu_info_drop(struct vcpu *v);
void shared_vcpu_destroy(struct vcpu *v);

#endif
