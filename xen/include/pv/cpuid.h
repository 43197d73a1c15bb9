/* SPDX-License-Identifier: GPL-2.0 */
/*
 * cpuid.h - a domain's CPU policy: the leaves it is shown.
 */
#ifndef PV_CPUID_H
#define PV_CPUID_H

#include <abi/xen.h>

#include "domain/domain.h"

#define CPU_POLICY_LEAVES 80

struct cpu_policy {
    unsigned int nr;
    struct xen_cpuid_leaf leaf[CPU_POLICY_LEAVES];
};

/* What this machine could show at most, and what new guests are shown. */
extern struct cpu_policy cpu_policy_max, cpu_policy_default;
void cpu_policy_init(void); /* boot, after features_init */

/* Replace leaves of d's policy. 0; -EINVAL and *bad: one asks for what the
 * machine has not, or names no leaf we know. */
int cpu_policy_set(struct domain *d, const struct xen_cpuid_leaf *leaves,
                   unsigned int n, uint32_t *bad_leaf, uint32_t *bad_sub);
/* The leaf in p, or NULL. */
const struct xen_cpuid_leaf *cpu_policy_find(const struct cpu_policy *p,
                                             uint32_t leaf, uint32_t sub);

#endif
