/* SPDX-License-Identifier: GPL-2.0 */
/*
 * parts.c - the parts of a domain, in the order they are made; they are taken
 * apart backwards.
 */
#include "domain/part.h"
#include "domain/sched.h"
#include "domain/shared.h"
#include "pv/pv.h"
#include "service/evtchn.h"
#include "service/grant.h"
#include "service/memory.h"
#include "service/pirq.h"
#include "service/sched_op.h"

static int sched_create(struct domain *d, const struct domain_config *cfg)
{
    (void)cfg;
    return sched_add_domain(d);
}

static const struct domain_part sched_part = {
    .name = "sched",
    .create = sched_create,
    .destroy = sched_remove_domain,
    .vcpu_create = sched_add_vcpu,
    .vcpu_destroy = sched_remove_vcpu,
};

static const struct domain_part shared_part = {
    .name = "shared",
    .create = shared_create,
    .destroy = shared_destroy,
    .vcpu_destroy = shared_vcpu_destroy,
};

static const struct domain_part pv_part = {
    .name = "pv",
    .create = pv_domain_create,
    .destroy = pv_domain_destroy,
    .vcpu_create = pv_vcpu_create,
    .vcpu_destroy = pv_vcpu_destroy,
};

const struct domain_part *const domain_parts[] = {
    &rights_part, &shared_part, &pv_part,       &memory_part,  &evtchn_part,
    &grant_part,  &pirq_part,   &sched_part,    &sched_op_part, &vcpu_op_part,
};
const unsigned int nr_domain_parts = ARRAY_SIZE(domain_parts);
