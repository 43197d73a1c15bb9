/* SPDX-License-Identifier: GPL-2.0 */
/*
 * domain.c - what can be asked and done about domains, as typed calls.
 * Keeps true: the structures of the interface stay in this room; callers see
 * plain ones, which do not change with the interface's version.
 */
#include "hyp/domain.h"

#include <errno.h>
#include <string.h>
#include <unistd.h>

#include <abi/sched.h>

#include "ctl.h"

#define DESTROY_TRIES 30000 /* of a millisecond and the call itself */
#define LIST_BATCH    32u   /* domains that one call tells of */

static int simple_domctl(struct hyp *h, unsigned cmd, uint32_t domid)
{
    struct xen_domctl op = {0};

    return hyp_domctl(h, cmd, domid, &op);
}

/* Life */

int dom_create(struct hyp *h, const struct dom_limits *limits, uint32_t *domid)
{
    struct xen_domctl op = {0};
    struct xen_domctl_createdomain *c = &op.u.createdomain;
    int rc;

    c->ssidref = limits->ssidref;
    memcpy(c->handle, limits->uuid, sizeof(c->handle));
    c->max_vcpus = limits->max_vcpus;
    c->max_evtchn_port = limits->max_evtchn_port;
    c->max_grant_frames = limits->max_grant_frames;
    c->max_maptrack_frames = limits->max_maptrack_frames;
    c->grant_opts = XEN_DOMCTL_GRANT_version(1);
    c->cpupool_id = limits->cpupool;
    rc = hyp_domctl(h, XEN_DOMCTL_createdomain, *domid, &op);
    if (!rc)
        *domid = op.domain;
    return rc;
}

int dom_destroy(struct hyp *h, uint32_t domid)
{
    int rc, tries;

    for (tries = 0; tries < DESTROY_TRIES; tries++) {
        rc = simple_domctl(h, XEN_DOMCTL_destroydomain, domid);
        if (rc != -EAGAIN && rc != -EBUSY && rc != -EINTR)
            break;
        usleep(1000); /* its vcpus are on their way out */
    }
    return rc;
}

int dom_pause(struct hyp *h, uint32_t domid)
{
    return simple_domctl(h, XEN_DOMCTL_pausedomain, domid);
}

int dom_unpause(struct hyp *h, uint32_t domid)
{
    return simple_domctl(h, XEN_DOMCTL_unpausedomain, domid);
}

int dom_resume(struct hyp *h, uint32_t domid)
{
    return simple_domctl(h, XEN_DOMCTL_resumedomain, domid);
}

int dom_shutdown(struct hyp *h, uint32_t domid, unsigned reason)
{
    size_t mark = hyp_mark(h);
    sched_remote_shutdown_t *arg = hyp_scratch(h, sizeof(*arg));
    long rc;

    if (!arg)
        return -ENOMEM;
    arg->domain_id = (domid_t)domid;
    arg->reason = reason;
    rc = hyp_call(h, __HYPERVISOR_sched_op, SCHEDOP_remote_shutdown,
                  hyp_va(arg).va, 0, 0, 0);
    hyp_release(h, mark);
    return (int)rc;
}

/* Information */

static void take_info(struct dom_info *to,
                      const struct xen_domctl_getdomaininfo *from)
{
    static const struct {
        uint32_t theirs;
        unsigned ours;
    } flags[] = {
        {XEN_DOMINF_dying, DOM_DYING},     {XEN_DOMINF_shutdown, DOM_SHUTDOWN},
        {XEN_DOMINF_paused, DOM_PAUSED},   {XEN_DOMINF_blocked, DOM_BLOCKED},
        {XEN_DOMINF_running, DOM_RUNNING}, {XEN_DOMINF_hvm_guest, DOM_HVM}};
    size_t i;

    memset(to, 0, sizeof(*to));
    to->domid = from->domain;
    for (i = 0; i < sizeof(flags) / sizeof(flags[0]); i++)
        if (from->flags & flags[i].theirs)
            to->state |= flags[i].ours;
    to->shutdown_reason =
        (from->flags >> XEN_DOMINF_shutdownshift) & XEN_DOMINF_shutdownmask;
    to->tot_pages = from->tot_pages;
    to->max_pages = from->max_pages;
    to->shared_info_mfn = from->shared_info_frame;
    to->cpu_time_ns = from->cpu_time;
    to->online_vcpus = from->nr_online_vcpus;
    to->max_vcpu_id = from->max_vcpu_id;
    to->ssidref = from->ssidref;
    to->cpupool = from->cpupool;
    memcpy(to->uuid, from->handle, sizeof(to->uuid));
}

int dom_get_info(struct hyp *h, uint32_t domid, struct dom_info *info)
{
    struct xen_domctl op = {0};
    int rc = hyp_domctl(h, XEN_DOMCTL_getdomaininfo, domid, &op);

    if (rc)
        return rc;
    /* Older hypervisors give the next domain if this one is not there. */
    if (op.u.getdomaininfo.domain != domid)
        return -ESRCH;
    take_info(info, &op.u.getdomaininfo);
    return 0;
}

/* Up to LIST_BATCH of them. */
static int list_some(struct hyp *h, uint32_t first, struct dom_info *info,
                     unsigned max)
{
    struct xen_sysctl op = {0};
    struct xen_sysctl_getdomaininfolist *l = &op.u.getdomaininfolist;
    size_t mark = hyp_mark(h);
    struct xen_domctl_getdomaininfo *list;
    uint32_t i;
    int rc;

    list = hyp_scratch(h, max * sizeof(*list));
    if (!list)
        return -ENOMEM;
    l->first_domain = (domid_t)first;
    l->max_domains = max;
    l->buffer = hyp_va(list);
    rc = hyp_sysctl(h, XEN_SYSCTL_getdomaininfolist, &op);
    if (!rc && l->num_domains > max)
        rc = -EIO;
    for (i = 0; !rc && i < l->num_domains; i++)
        take_info(&info[i], &list[i]);
    hyp_release(h, mark);
    return rc ? rc : (int)l->num_domains;
}

/* In batches: most hosts have few domains, and the room costs its clearing. */
int dom_list(struct hyp *h, uint32_t first, struct dom_info *info, unsigned max)
{
    unsigned done = 0, want;
    int n;

    do {
        want = max - done < LIST_BATCH ? max - done : LIST_BATCH;
        n = list_some(h, first, info + done, want);
        if (n < 0)
            return n;
        done += (unsigned)n;
        if (n)
            first = info[done - 1].domid + 1;
    } while (n == (int)want && done < max);
    return (int)done;
}

int dom_get_vcpu_info(struct hyp *h, uint32_t domid, uint32_t vcpu,
                      struct dom_vcpu_info *info)
{
    struct xen_domctl op = {0};
    int rc;

    op.u.getvcpuinfo.vcpu = vcpu;
    rc = hyp_domctl(h, XEN_DOMCTL_getvcpuinfo, domid, &op);
    if (rc)
        return rc;
    info->online = op.u.getvcpuinfo.online;
    info->blocked = op.u.getvcpuinfo.blocked;
    info->running = op.u.getvcpuinfo.running;
    info->cpu_time_ns = op.u.getvcpuinfo.cpu_time;
    info->cpu = op.u.getvcpuinfo.cpu;
    return 0;
}

int dom_get_page_types(struct hyp *h, uint32_t domid, uint64_t *pfns,
                       uint32_t count)
{
    struct xen_domctl op = {0};
    size_t mark = hyp_mark(h);
    uint64_t *list = hyp_scratch(h, count * sizeof(*list));
    int rc;

    if (!list)
        return -ENOMEM;
    memcpy(list, pfns, count * sizeof(*list));
    op.u.getpageframeinfo3.num = count;
    op.u.getpageframeinfo3.array = hyp_va(list);
    rc = hyp_domctl(h, XEN_DOMCTL_getpageframeinfo3, domid, &op);
    if (!rc)
        memcpy(pfns, list, count * sizeof(*list));
    hyp_release(h, mark);
    return rc;
}

/* Settings */

int dom_set_max_vcpus(struct hyp *h, uint32_t domid, uint32_t count)
{
    struct xen_domctl op = {0};

    op.u.max_vcpus.max = count;
    return hyp_domctl(h, XEN_DOMCTL_max_vcpus, domid, &op);
}

int dom_set_max_mem(struct hyp *h, uint32_t domid, uint64_t kib)
{
    struct xen_domctl op = {0};

    op.u.max_mem.max_memkb = kib;
    return hyp_domctl(h, XEN_DOMCTL_max_mem, domid, &op);
}

int dom_set_uuid(struct hyp *h, uint32_t domid, const uint8_t uuid[16])
{
    struct xen_domctl op = {0};

    memcpy(op.u.setdomainhandle.handle, uuid, 16);
    return hyp_domctl(h, XEN_DOMCTL_setdomainhandle, domid, &op);
}

int dom_set_address_size(struct hyp *h, uint32_t domid, uint32_t bits)
{
    struct xen_domctl op = {0};

    op.u.address_size.size = bits;
    return hyp_domctl(h, XEN_DOMCTL_set_address_size, domid, &op);
}

int dom_get_address_size(struct hyp *h, uint32_t domid, uint32_t *bits)
{
    struct xen_domctl op = {0};
    int rc = hyp_domctl(h, XEN_DOMCTL_get_address_size, domid, &op);

    *bits = op.u.address_size.size;
    return rc;
}

int dom_set_time_offset(struct hyp *h, uint32_t domid, int64_t seconds)
{
    struct xen_domctl op = {0};

    op.u.settimeoffset.time_offset_seconds = seconds;
    return hyp_domctl(h, XEN_DOMCTL_settimeoffset, domid, &op);
}

int dom_init_hypercall_page(struct hyp *h, uint32_t domid, uint64_t mfn)
{
    struct xen_domctl op = {0};

    op.u.hypercall_init.gmfn = mfn;
    return hyp_domctl(h, XEN_DOMCTL_hypercall_init, domid, &op);
}

int dom_send_nmi(struct hyp *h, uint32_t domid, uint32_t vcpu)
{
    struct xen_domctl op = {0};

    op.u.sendtrigger.trigger = XEN_DOMCTL_SENDTRIGGER_NMI;
    op.u.sendtrigger.vcpu = vcpu;
    return hyp_domctl(h, XEN_DOMCTL_sendtrigger, domid, &op);
}

int dom_permit_iomem(struct hyp *h, uint32_t domid, uint64_t first_mfn,
                     uint64_t count, bool allow)
{
    struct xen_domctl op = {0};

    op.u.iomem_permission.first_mfn = first_mfn;
    op.u.iomem_permission.nr_mfns = count;
    op.u.iomem_permission.allow_access = allow;
    return hyp_domctl(h, XEN_DOMCTL_iomem_permission, domid, &op);
}

int dom_permit_ioport(struct hyp *h, uint32_t domid, uint32_t first,
                      uint32_t count, bool allow)
{
    struct xen_domctl op = {0};

    op.u.ioport_permission.first_port = first;
    op.u.ioport_permission.nr_ports = count;
    op.u.ioport_permission.allow_access = allow;
    return hyp_domctl(h, XEN_DOMCTL_ioport_permission, domid, &op);
}

int dom_permit_irq(struct hyp *h, uint32_t domid, uint32_t pirq, bool allow)
{
    struct xen_domctl op = {0};

    op.u.irq_permission.pirq = pirq;
    op.u.irq_permission.allow_access = allow;
    return hyp_domctl(h, XEN_DOMCTL_irq_permission, domid, &op);
}

/* Vcpus */

static int vcpu_context(struct hyp *h, unsigned cmd, uint32_t domid,
                        uint32_t vcpu, struct vcpu_guest_context *ctx)
{
    struct xen_domctl op = {0};
    size_t mark = hyp_mark(h);
    struct vcpu_guest_context *arg = hyp_scratch(h, sizeof(*arg));
    int rc;

    if (!arg)
        return -ENOMEM;
    *arg = *ctx;
    op.u.vcpucontext.vcpu = vcpu;
    op.u.vcpucontext.ctxt = hyp_va(arg);
    rc = hyp_domctl(h, cmd, domid, &op);
    *ctx = *arg;
    hyp_release(h, mark);
    return rc;
}

int dom_set_vcpu_context(struct hyp *h, uint32_t domid, uint32_t vcpu,
                         const struct vcpu_guest_context *ctx)
{
    struct vcpu_guest_context copy = *ctx;

    return vcpu_context(h, XEN_DOMCTL_setvcpucontext, domid, vcpu, &copy);
}

int dom_get_vcpu_context(struct hyp *h, uint32_t domid, uint32_t vcpu,
                         struct vcpu_guest_context *ctx)
{
    memset(ctx, 0, sizeof(*ctx));
    return vcpu_context(h, XEN_DOMCTL_getvcpucontext, domid, vcpu, ctx);
}

/* The map goes there from `in`, and comes back to `out`, if not NULL. */
static int vcpu_affinity(struct hyp *h, unsigned cmd, uint32_t domid,
                         uint32_t vcpu, const uint8_t *in, uint8_t *out,
                         uint32_t bits)
{
    struct xen_domctl op = {0};
    struct xen_domctl_vcpuaffinity *a = &op.u.vcpuaffinity;
    size_t mark = hyp_mark(h), size = (bits + 7) / 8;
    uint8_t *map = hyp_scratch(h, size);
    int rc;

    if (!map)
        return -ENOMEM;
    if (in)
        memcpy(map, in, size);
    a->vcpu = vcpu;
    a->flags = XEN_VCPUAFFINITY_HARD;
    a->cpumap_hard.bitmap = hyp_va(map);
    a->cpumap_hard.nr_bits = bits;
    rc = hyp_domctl(h, cmd, domid, &op);
    if (!rc && out)
        memcpy(out, map, size);
    hyp_release(h, mark);
    return rc;
}

int dom_set_vcpu_affinity(struct hyp *h, uint32_t domid, uint32_t vcpu,
                          const uint8_t *map, uint32_t bits)
{
    return vcpu_affinity(h, XEN_DOMCTL_setvcpuaffinity, domid, vcpu, map, NULL,
                         bits);
}

int dom_get_vcpu_affinity(struct hyp *h, uint32_t domid, uint32_t vcpu,
                          uint8_t *map, uint32_t bits)
{
    return vcpu_affinity(h, XEN_DOMCTL_getvcpuaffinity, domid, vcpu, NULL, map,
                         bits);
}

/* Scheduler. The weights of both credit schedulers lie at the same place. */

static int scheduler_op(struct hyp *h, uint32_t domid, unsigned cmd,
                        struct dom_sched *s)
{
    struct xen_domctl op = {0};
    struct xen_domctl_scheduler_op *so = &op.u.scheduler_op;
    uint32_t id;
    int rc = host_get_scheduler(h, &id);

    if (rc)
        return rc;
    if (id != XEN_SCHEDULER_CREDIT && id != XEN_SCHEDULER_CREDIT2)
        return -ENOSYS;
    so->sched_id = id;
    so->cmd = cmd;
    so->u.credit.weight = (uint16_t)s->weight;
    so->u.credit.cap = (uint16_t)s->cap;
    rc = hyp_domctl(h, XEN_DOMCTL_scheduler_op, domid, &op);
    if (!rc) {
        s->weight = so->u.credit.weight;
        s->cap = so->u.credit.cap;
    }
    return rc;
}

int dom_get_sched(struct hyp *h, uint32_t domid, struct dom_sched *s)
{
    return scheduler_op(h, domid, XEN_DOMCTL_SCHEDOP_getinfo, s);
}

int dom_set_sched(struct hyp *h, uint32_t domid, const struct dom_sched *s)
{
    struct dom_sched copy = *s;

    if (s->weight > 0xffff || s->cap > 0xffff)
        return -EINVAL;
    return scheduler_op(h, domid, XEN_DOMCTL_SCHEDOP_putinfo, &copy);
}

/* CPU policy: the host's default for PV guests becomes the domain's own. */

int dom_set_default_cpu_policy(struct hyp *h, uint32_t domid)
{
    struct xen_sysctl get = {0};
    struct xen_sysctl_cpu_policy *p = &get.u.cpu_policy;
    struct xen_domctl set = {0};
    size_t mark = hyp_mark(h);
    int rc;

    p->index = XEN_SYSCTL_cpu_policy_pv_default;
    rc =
        hyp_sysctl(h, XEN_SYSCTL_get_cpu_policy, &get); /* how many are there */
    if (rc)
        return rc;
    if (p->nr_leaves > 4096 || p->nr_msrs > 4096)
        return -E2BIG;
    p->leaves = hyp_va(hyp_scratch(h, p->nr_leaves * sizeof(xen_cpuid_leaf_t)));
    p->msrs = hyp_va(hyp_scratch(h, p->nr_msrs * sizeof(xen_msr_entry_t)));
    rc = p->leaves.va && p->msrs.va
             ? hyp_sysctl(h, XEN_SYSCTL_get_cpu_policy, &get)
             : -ENOMEM;
    if (!rc) {
        set.u.cpu_policy.nr_leaves = p->nr_leaves;
        set.u.cpu_policy.nr_msrs = p->nr_msrs;
        set.u.cpu_policy.leaves = p->leaves;
        set.u.cpu_policy.msrs = p->msrs;
        rc = hyp_domctl(h, XEN_DOMCTL_set_cpu_policy, domid, &set);
    }
    hyp_release(h, mark);
    return rc;
}
