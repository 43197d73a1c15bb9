/* SPDX-License-Identifier: GPL-2.0 */
/*
 * domctl_life.c - domains come, stop, go on and go; and how they fare.
 */
#include "domain/pages.h"
#include "domain/sched.h"
#include "lib/string.h"
#include "service/control.h"

#define FLAGS_NEED_HVM                                                         \
    (XEN_DOMCTL_CDF_hvm | XEN_DOMCTL_CDF_hap | XEN_DOMCTL_CDF_nested_virt)
#define FLAGS_NEED_DEVICE (XEN_DOMCTL_CDF_iommu | XEN_DOMCTL_CDF_vpmu)
#define FLAGS_KNOWN                                                            \
    (XEN_DOMCTL_CDF_MAX | (XEN_DOMCTL_CDF_MAX - 1))

/* ---- creation ---- */

static int config_check(const struct xen_domctl_createdomain *c)
{
    unsigned int version = XEN_DOMCTL_GRANT_version(c->grant_opts);

    if (c->flags & ~FLAGS_KNOWN)
        return -EINVAL;
    if (c->flags & (FLAGS_NEED_HVM | FLAGS_NEED_DEVICE))
        return -EINVAL;
    if (c->iommu_opts || c->vmtrace_size || c->arch.emulation_flags)
        return -EINVAL;
    if (c->arch.misc_flags & ~XEN_X86_MISC_FLAGS_MAX)
        return -EINVAL;
    if (c->grant_opts & ~XEN_DOMCTL_GRANT_version_mask || !version ||
        version > 2)
        return -EINVAL;
    if (!c->max_vcpus || c->max_vcpus > MAX_VCPUS_BY_LAYOUT)
        return -EINVAL;
    return c->cpupool_id ? -ENOENT : 0; /* there is one pool: 0 */
}

static int id_for(domid_t asked)
{
    struct domain *d;

    if (!asked || asked >= DOMID_FIRST_RESERVED)
        return domain_choose_id();
    d = domain_find(asked);
    if (!d)
        return asked;
    domain_put(d);
    return -EEXIST;
}

long domctl_create(struct domain *none, struct xen_domctl *op)
{
    const struct xen_domctl_createdomain *c = &op->u.createdomain;
    struct domain_config cfg = {
        .ssidref = c->ssidref,
        .max_vcpus = c->max_vcpus,
        .max_evtchn_port = c->max_evtchn_port,
        .max_grant_frames = c->max_grant_frames,
        .max_maptrack_frames = c->max_maptrack_frames,
        .max_grant_version = XEN_DOMCTL_GRANT_version(c->grant_opts),
    };
    struct domain *d;
    int rc = config_check(c);

    (void)none;
    if (rc)
        return rc;
    rc = id_for(op->domain);
    if (rc < 0)
        return rc;
    memcpy(cfg.handle, c->handle, sizeof(cfg.handle));
    d = domain_create((domid_t)rc, &cfg, &rc);
    if (!d)
        return rc;
    d->create_flags = c->flags;
    d->arch_misc_flags = c->arch.misc_flags;
    op->domain = d->id;
    return 0;
}

/* Creation reserved the room; here the vcpus come into being. */
long domctl_max_vcpus(struct domain *d, struct xen_domctl *op)
{
    int rc = 0;

    if (op->u.max_vcpus.max != d->max_vcpus)
        return -EINVAL;
    domain_pause(d);
    for (unsigned int i = 0; i < d->max_vcpus && !rc; i++) {
        if (d->vcpu[i])
            continue;
        if (i && preempt_wanted())
            rc = -ERESTART;
        else
            rc = vcpu_create(d, i);
    }
    domain_unpause(d);
    return rc;
}

/* ---- the rest of its life ---- */

long domctl_destroy(struct domain *d, struct xen_domctl *op)
{
    (void)op;
    return domain_kill(d);
}

long domctl_pause(struct domain *d, struct xen_domctl *op)
{
    (void)op;
    return domain_pause_by_control(d);
}

long domctl_unpause(struct domain *d, struct xen_domctl *op)
{
    (void)op;
    return domain_unpause_by_control(d);
}

long domctl_resume(struct domain *d, struct xen_domctl *op)
{
    (void)op;
    domain_resume(d);
    return 0;
}

/* ---- how it fares ---- */

static uint32_t life_flags(const struct domain *d)
{
    uint32_t flags = (uint32_t)d->shutdown_code << XEN_DOMINF_shutdownshift;

    if (d->dying == DOMAIN_DEAD)
        flags |= XEN_DOMINF_dying;
    if (d->is_shut_down)
        flags |= XEN_DOMINF_shutdown;
    if (d->paused_by_control)
        flags |= XEN_DOMINF_paused;
    if (d->create_flags & XEN_DOMCTL_CDF_xs_domain)
        flags |= XEN_DOMINF_xs_domain;
    return flags;
}

/* Blocked: all that are up sleep. Running: one is on a CPU. */
static void vcpus_sum(struct domain *d, struct xen_domctl_getdomaininfo *info)
{
    uint32_t state = XEN_DOMINF_blocked;
    struct vcpu_runstate_info r;
    struct vcpu *v;
    unsigned int i;

    info->max_vcpu_id = XEN_INVALID_MAX_VCPU_ID;
    for_each_vcpu(d, v, i) {
        vcpu_runstate_get(v, &r);
        info->cpu_time += r.time[RUNSTATE_running];
        info->max_vcpu_id = i;
        if (v->pause_flags & 1u << VPF_DOWN)
            continue;
        info->nr_online_vcpus++;
        if (!(v->pause_flags & VPF_WAITS))
            state &= ~XEN_DOMINF_blocked;
        if (v->running)
            state |= XEN_DOMINF_running;
    }
    info->flags |= state;
}

void domain_info_fill(struct domain *d, struct xen_domctl_getdomaininfo *info)
{
    memset(info, 0, sizeof(*info));
    info->domain = d->id;
    info->flags = life_flags(d);
    info->tot_pages = d->tot_pages;
    info->max_pages = d->max_pages;
    info->outstanding_pages = d->claimed_pages;
    info->shared_info_frame = d->shared_mfn;
    vcpus_sum(d, info);
    info->ssidref = d->ssidref;
    memcpy(info->handle, d->handle, sizeof(info->handle));
    info->gpaddr_bits = PAGE_SHIFT;
    while (max_mfn >> (info->gpaddr_bits - PAGE_SHIFT))
        info->gpaddr_bits++;
    info->arch_config.misc_flags = d->arch_misc_flags;
}

long domctl_get_info(struct domain *d, struct xen_domctl *op)
{
    domain_info_fill(d, &op->u.getdomaininfo);
    op->domain = d->id;
    return 0;
}
