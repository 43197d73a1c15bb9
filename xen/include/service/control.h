/* SPDX-License-Identifier: GPL-2.0 */
/*
 * control.h - what the files of domctl and sysctl share: rows of their
 * tables, bitmaps of the tools, policies as the tools carry them about.
 */
#ifndef SERVICE_CONTROL_H
#define SERVICE_CONTROL_H

#include <abi/domctl.h>
#include <abi/sysctl.h>

#include "pv/cpuid.h"
#include "service/call.h"

/* d: the domain named, referenced by the door; NULL with CTL_NO_DOMAIN. */
typedef long (*domctl_fn)(struct domain *d, struct xen_domctl *op);

#define CTL_NO_DOMAIN 1u  /* the header's number names none yet */
#define CTL_OR_NEXT   2u  /* no such domain: the next one will do */
#define CTL_OTHER     4u  /* not the caller's own domain: -EINVAL */
#define CTL_ALIVE     8u  /* not while it is taken apart: -EINVAL */
#define CTL_OUT       16u /* copy the answer back if it succeeded */
#define CTL_OUT_ALWAYS (32u | CTL_OUT) /* and if it failed: it says why */

/* domctl_life.c */
long domctl_create(struct domain *d, struct xen_domctl *op);
long domctl_destroy(struct domain *d, struct xen_domctl *op);
long domctl_pause(struct domain *d, struct xen_domctl *op);
long domctl_unpause(struct domain *d, struct xen_domctl *op);
long domctl_resume(struct domain *d, struct xen_domctl *op);
long domctl_max_vcpus(struct domain *d, struct xen_domctl *op);
long domctl_get_info(struct domain *d, struct xen_domctl *op);
void domain_info_fill(struct domain *d, struct xen_domctl_getdomaininfo *info);

/* domctl_state.c: settings of a whole domain */
long domctl_max_mem(struct domain *d, struct xen_domctl *op);
long domctl_set_handle(struct domain *d, struct xen_domctl *op);
long domctl_set_debugging(struct domain *d, struct xen_domctl *op);
long domctl_hypercall_page(struct domain *d, struct xen_domctl *op);
long domctl_time_offset(struct domain *d, struct xen_domctl *op);
long domctl_set_address_size(struct domain *d, struct xen_domctl *op);
long domctl_get_address_size(struct domain *d, struct xen_domctl *op);
long domctl_set_node_affinity(struct domain *d, struct xen_domctl *op);
long domctl_get_node_affinity(struct domain *d, struct xen_domctl *op);
long domctl_set_tsc(struct domain *d, struct xen_domctl *op);
long domctl_get_tsc(struct domain *d, struct xen_domctl *op);
long domctl_scheduler(struct domain *d, struct xen_domctl *op);
long domctl_subscribe(struct domain *d, struct xen_domctl *op);
long domctl_virq_handler(struct domain *d, struct xen_domctl *op);
long domctl_page_info(struct domain *d, struct xen_domctl *op);

/* domctl_rights.c: devices */
long domctl_irq_right(struct domain *d, struct xen_domctl *op);
long domctl_iomem_right(struct domain *d, struct xen_domctl *op);
long domctl_ioport_right(struct domain *d, struct xen_domctl *op);
long domctl_memory_mapping(struct domain *d, struct xen_domctl *op);

/* domctl_vcpu.c */
long domctl_set_context(struct domain *d, struct xen_domctl *op);
long domctl_get_context(struct domain *d, struct xen_domctl *op);
long domctl_vcpu_info(struct domain *d, struct xen_domctl *op);
long domctl_set_affinity(struct domain *d, struct xen_domctl *op);
long domctl_get_affinity(struct domain *d, struct xen_domctl *op);
long domctl_trigger(struct domain *d, struct xen_domctl *op);

/* domctl_vcpu_more.c: what vcpu_guest_context has no room for */
long domctl_set_ext_context(struct domain *d, struct xen_domctl *op);
long domctl_get_ext_context(struct domain *d, struct xen_domctl *op);
long domctl_set_xstate(struct domain *d, struct xen_domctl *op);
long domctl_get_xstate(struct domain *d, struct xen_domctl *op);
long domctl_set_msrs(struct domain *d, struct xen_domctl *op);
long domctl_get_msrs(struct domain *d, struct xen_domctl *op);

/* cpu_policy.c */
long domctl_set_policy(struct domain *d, struct xen_domctl *op);
long domctl_get_policy(struct domain *d, struct xen_domctl *op);
long sysctl_featureset(struct xen_sysctl *op);
long sysctl_policy(struct xen_sysctl *op);
long sysctl_levelling(struct xen_sysctl *op);
#define FEATURE_WORDS 19
void host_features(uint32_t words[FEATURE_WORDS]);

/* sysctl_machine.c: processors, memory, devices */
long sysctl_physinfo(struct xen_sysctl *op);
long sysctl_cputopo(struct xen_sysctl *op);
long sysctl_numa(struct xen_sysctl *op);
long sysctl_cpuinfo(struct xen_sysctl *op);
long sysctl_heap(struct xen_sysctl *op);
long sysctl_pcitopo(struct xen_sysctl *op);

/* tool_bitmap.c: words of ours from and to bytes of a tool's */
int tool_bitmap_read(uint64_t *map, unsigned int bits,
                     const struct xenctl_bitmap *from);
int tool_bitmap_write(const struct xenctl_bitmap *to, const uint64_t *map,
                      unsigned int bits);

#endif
