/* SPDX-License-Identifier: GPL-2.0 */
/*
 * domctl_vcpu.c - a tool looks at one vcpu, fills it, places it, prods it.
 * Keeps true: a vcpu's registers are read and written only while it stands.
 */
#include "domain/sched.h"
#include "lib/bitmap.h"
#include "lib/string.h"
#include "mm/heap.h"
#include "pv/pv.h"
#include "service/control.h"

/* Roots are validated preemptibly: -ERESTART comes back with all undone but
 * what the next go finds done. */
long domctl_set_context(struct domain *d, struct xen_domctl *op)
{
    const struct xen_domctl_vcpucontext *p = &op->u.vcpucontext;
    struct vcpu *v = vcpu_find(d, p->vcpu);
    struct vcpu_guest_context *c;
    int rc;

    if (!v)
        return -EINVAL;
    c = kzalloc(sizeof(*c));
    if (!c)
        return -ENOMEM;
    rc = copy_from_guest(c, p->ctxt, sizeof(*c));
    if (!rc) {
        domain_pause(d);
        rc = vcpu_context_set(v, c);
        domain_unpause(d);
    }
    kfree(c);
    return rc;
}

long domctl_get_context(struct domain *d, struct xen_domctl *op)
{
    const struct xen_domctl_vcpucontext *p = &op->u.vcpucontext;
    struct vcpu *v = vcpu_find(d, p->vcpu);
    struct vcpu_guest_context *c;
    int rc;

    if (!v)
        return -ESRCH;
    if (!v->initialised)
        return -ENODATA;
    c = kzalloc(sizeof(*c));
    if (!c)
        return -ENOMEM;
    vcpu_pause(v);
    vcpu_context_get(v, c);
    vcpu_unpause(v);
    rc = copy_to_guest(p->ctxt, c, sizeof(*c));
    kfree(c);
    return rc;
}

long domctl_vcpu_info(struct domain *d, struct xen_domctl *op)
{
    struct xen_domctl_getvcpuinfo *p = &op->u.getvcpuinfo;
    struct vcpu *v = vcpu_find(d, p->vcpu);
    struct vcpu_runstate_info r;

    if (!v)
        return -ESRCH;
    vcpu_runstate_get(v, &r);
    p->online = !(v->pause_flags & 1u << VPF_DOWN);
    p->blocked = !!(v->pause_flags & VPF_WAITS);
    p->running = v->running;
    p->cpu_time = r.time[RUNSTATE_running];
    p->cpu = v->cpu;
    return 0;
}

/* ---- placement ---- */

#define AFFINITY_BOTH (XEN_VCPUAFFINITY_HARD | XEN_VCPUAFFINITY_SOFT)

/* What is in force: wishes that no CPU can fulfil left out. */
static int write_in_force(const struct xen_domctl_vcpuaffinity *p,
                          const struct vcpu *v)
{
    uint64_t map[MAX_CPUS / 64];
    int rc = 0;

    bitmap_and(map, v->affinity.bits, cpus_online.bits, MAX_CPUS);
    if (p->flags & XEN_VCPUAFFINITY_HARD)
        rc = tool_bitmap_write(&p->cpumap_hard, map, nr_cpus);
    bitmap_and(map, map, v->soft_affinity.bits, MAX_CPUS);
    if (!rc && p->flags & XEN_VCPUAFFINITY_SOFT)
        rc = tool_bitmap_write(&p->cpumap_soft, map, nr_cpus);
    return rc;
}

long domctl_set_affinity(struct domain *d, struct xen_domctl *op)
{
    const struct xen_domctl_vcpuaffinity *p = &op->u.vcpuaffinity;
    struct vcpu *v = vcpu_find(d, p->vcpu);
    cpumask_t hard, soft;
    int rc = 0;

    if (!v)
        return -ESRCH;
    if (!(p->flags & AFFINITY_BOTH) ||
        p->flags & ~(AFFINITY_BOTH | XEN_VCPUAFFINITY_FORCE))
        return -EINVAL;
    if (p->flags & XEN_VCPUAFFINITY_HARD)
        rc = tool_bitmap_read(hard.bits, MAX_CPUS, &p->cpumap_hard);
    if (!rc && p->flags & XEN_VCPUAFFINITY_SOFT)
        rc = tool_bitmap_read(soft.bits, MAX_CPUS, &p->cpumap_soft);
    if (rc)
        return rc;
    /* SCHEDOP_pin_override holds it where it is. */
    if (v->affinity_broken && p->flags & XEN_VCPUAFFINITY_HARD) {
        if (!(p->flags & XEN_VCPUAFFINITY_FORCE))
            return -EBUSY;
        v->affinity_broken = false;
    }
    rc = vcpu_set_affinity(
        v, p->flags & XEN_VCPUAFFINITY_HARD ? &hard : NULL,
        p->flags & XEN_VCPUAFFINITY_SOFT ? &soft : NULL);
    return rc ? rc : write_in_force(p, v);
}

long domctl_get_affinity(struct domain *d, struct xen_domctl *op)
{
    const struct xen_domctl_vcpuaffinity *p = &op->u.vcpuaffinity;
    struct vcpu *v = vcpu_find(d, p->vcpu);
    int rc = 0;

    if (!v)
        return -ESRCH;
    if (!(p->flags & AFFINITY_BOTH))
        return -EINVAL;
    if (p->flags & XEN_VCPUAFFINITY_HARD)
        rc = tool_bitmap_write(&p->cpumap_hard, v->affinity.bits, MAX_CPUS);
    if (!rc && p->flags & XEN_VCPUAFFINITY_SOFT)
        rc = tool_bitmap_write(&p->cpumap_soft, v->soft_affinity.bits,
                               MAX_CPUS);
    return rc;
}

/* ---- prodding ---- */

/* slow_exit is its own CPU's to change while it runs: let it stand first. */
static long send_nmi(struct vcpu *v)
{
    if (v != current)
        vcpu_pause(v);
    v->nmi_pending = true;
    v->slow_exit |= SLOW_EXIT_CHECK;
    if (v != current)
        vcpu_unpause(v);
    vcpu_kick(v);
    return 0;
}

long domctl_trigger(struct domain *d, struct xen_domctl *op)
{
    struct vcpu *v = vcpu_find(d, op->u.sendtrigger.vcpu);

    if (!v)
        return -ESRCH;
    if (op->u.sendtrigger.trigger != XEN_DOMCTL_SENDTRIGGER_NMI)
        return -ENOSYS;
    return send_nmi(v); /* without a handler it is lost */
}
