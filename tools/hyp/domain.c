/* SPDX-License-Identifier: GPL-2.0 */
/*
 * domain.c - domctl and sysctl as typed calls.
 * Keeps true: the structures of the interface stay in this file; callers see
 * plain ones, which do not change with the interface's version.
 */
#include "hyp/domain.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include <abi/domctl.h>
#include <abi/sched.h>
#include <abi/sysctl.h>
#include <abi/version.h>

#define DESTROY_TRIES 30000 /* of a millisecond and the call itself */

/* Our copy in, the call, our copy out. */
static int domctl(struct hyp *h, unsigned cmd, uint32_t domid,
                  struct xen_domctl *op)
{
    size_t mark = hyp_mark(h);
    struct xen_domctl *arg = hyp_scratch(h, sizeof(*arg));
    long rc;

    if (!arg)
        return -ENOMEM;
    if (domid > 0xffff)
        return -ESRCH;
    op->cmd = cmd;
    op->interface_version = XEN_DOMCTL_INTERFACE_VERSION;
    op->domain = (domid_t)domid;
    *arg = *op;
    rc = hyp_call(h, __HYPERVISOR_domctl, hyp_va(arg).va, 0, 0, 0, 0);
    *op = *arg;
    hyp_release(h, mark);
    return (int)rc;
}

static int sysctl(struct hyp *h, unsigned cmd, struct xen_sysctl *op)
{
    size_t mark = hyp_mark(h);
    struct xen_sysctl *arg = hyp_scratch(h, sizeof(*arg));
    long rc;

    if (!arg)
        return -ENOMEM;
    op->cmd = cmd;
    op->interface_version = XEN_SYSCTL_INTERFACE_VERSION;
    *arg = *op;
    rc = hyp_call(h, __HYPERVISOR_sysctl, hyp_va(arg).va, 0, 0, 0, 0);
    *op = *arg;
    hyp_release(h, mark);
    return (int)rc;
}

static int simple_domctl(struct hyp *h, unsigned cmd, uint32_t domid)
{
    struct xen_domctl op = {0};

    return domctl(h, cmd, domid, &op);
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
    rc = domctl(h, XEN_DOMCTL_createdomain, *domid, &op);
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
    int rc = domctl(h, XEN_DOMCTL_getdomaininfo, domid, &op);

    if (rc)
        return rc;
    /* Older hypervisors give the next domain if this one is not there. */
    if (op.u.getdomaininfo.domain != domid)
        return -ESRCH;
    take_info(info, &op.u.getdomaininfo);
    return 0;
}

int dom_list(struct hyp *h, uint32_t first, struct dom_info *info, unsigned max)
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
    rc = sysctl(h, XEN_SYSCTL_getdomaininfolist, &op);
    if (!rc && l->num_domains > max)
        rc = -EIO;
    for (i = 0; !rc && i < l->num_domains; i++)
        take_info(&info[i], &list[i]);
    hyp_release(h, mark);
    return rc ? rc : (int)l->num_domains;
}

int dom_get_vcpu_info(struct hyp *h, uint32_t domid, uint32_t vcpu,
                      struct dom_vcpu_info *info)
{
    struct xen_domctl op = {0};
    int rc;

    op.u.getvcpuinfo.vcpu = vcpu;
    rc = domctl(h, XEN_DOMCTL_getvcpuinfo, domid, &op);
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
    rc = domctl(h, XEN_DOMCTL_getpageframeinfo3, domid, &op);
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
    return domctl(h, XEN_DOMCTL_max_vcpus, domid, &op);
}

int dom_set_max_mem(struct hyp *h, uint32_t domid, uint64_t kib)
{
    struct xen_domctl op = {0};

    op.u.max_mem.max_memkb = kib;
    return domctl(h, XEN_DOMCTL_max_mem, domid, &op);
}

int dom_set_uuid(struct hyp *h, uint32_t domid, const uint8_t uuid[16])
{
    struct xen_domctl op = {0};

    memcpy(op.u.setdomainhandle.handle, uuid, 16);
    return domctl(h, XEN_DOMCTL_setdomainhandle, domid, &op);
}

int dom_set_address_size(struct hyp *h, uint32_t domid, uint32_t bits)
{
    struct xen_domctl op = {0};

    op.u.address_size.size = bits;
    return domctl(h, XEN_DOMCTL_set_address_size, domid, &op);
}

int dom_get_address_size(struct hyp *h, uint32_t domid, uint32_t *bits)
{
    struct xen_domctl op = {0};
    int rc = domctl(h, XEN_DOMCTL_get_address_size, domid, &op);

    *bits = op.u.address_size.size;
    return rc;
}

int dom_set_time_offset(struct hyp *h, uint32_t domid, int64_t seconds)
{
    struct xen_domctl op = {0};

    op.u.settimeoffset.time_offset_seconds = seconds;
    return domctl(h, XEN_DOMCTL_settimeoffset, domid, &op);
}

int dom_init_hypercall_page(struct hyp *h, uint32_t domid, uint64_t mfn)
{
    struct xen_domctl op = {0};

    op.u.hypercall_init.gmfn = mfn;
    return domctl(h, XEN_DOMCTL_hypercall_init, domid, &op);
}

int dom_send_nmi(struct hyp *h, uint32_t domid, uint32_t vcpu)
{
    struct xen_domctl op = {0};

    op.u.sendtrigger.trigger = XEN_DOMCTL_SENDTRIGGER_NMI;
    op.u.sendtrigger.vcpu = vcpu;
    return domctl(h, XEN_DOMCTL_sendtrigger, domid, &op);
}

int dom_permit_iomem(struct hyp *h, uint32_t domid, uint64_t first_mfn,
                     uint64_t count, bool allow)
{
    struct xen_domctl op = {0};

    op.u.iomem_permission.first_mfn = first_mfn;
    op.u.iomem_permission.nr_mfns = count;
    op.u.iomem_permission.allow_access = allow;
    return domctl(h, XEN_DOMCTL_iomem_permission, domid, &op);
}

int dom_permit_ioport(struct hyp *h, uint32_t domid, uint32_t first,
                      uint32_t count, bool allow)
{
    struct xen_domctl op = {0};

    op.u.ioport_permission.first_port = first;
    op.u.ioport_permission.nr_ports = count;
    op.u.ioport_permission.allow_access = allow;
    return domctl(h, XEN_DOMCTL_ioport_permission, domid, &op);
}

int dom_permit_irq(struct hyp *h, uint32_t domid, uint32_t pirq, bool allow)
{
    struct xen_domctl op = {0};

    op.u.irq_permission.pirq = pirq;
    op.u.irq_permission.allow_access = allow;
    return domctl(h, XEN_DOMCTL_irq_permission, domid, &op);
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
    rc = domctl(h, cmd, domid, &op);
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

int dom_set_vcpu_affinity(struct hyp *h, uint32_t domid, uint32_t vcpu,
                          const uint8_t *map, uint32_t bits)
{
    struct xen_domctl op = {0};
    struct xen_domctl_vcpuaffinity *a = &op.u.vcpuaffinity;
    size_t mark = hyp_mark(h);
    uint8_t *copy = hyp_scratch(h, (bits + 7) / 8);
    int rc;

    if (!copy)
        return -ENOMEM;
    memcpy(copy, map, (bits + 7) / 8);
    a->vcpu = vcpu;
    a->flags = XEN_VCPUAFFINITY_HARD;
    a->cpumap_hard.bitmap = hyp_va(copy);
    a->cpumap_hard.nr_bits = bits;
    rc = domctl(h, XEN_DOMCTL_setvcpuaffinity, domid, &op);
    hyp_release(h, mark);
    return rc;
}

int dom_get_vcpu_affinity(struct hyp *h, uint32_t domid, uint32_t vcpu,
                          uint8_t *map, uint32_t bits)
{
    struct xen_domctl op = {0};
    struct xen_domctl_vcpuaffinity *a = &op.u.vcpuaffinity;
    size_t mark = hyp_mark(h);
    uint8_t *copy = hyp_scratch(h, (bits + 7) / 8);
    int rc;

    if (!copy)
        return -ENOMEM;
    a->vcpu = vcpu;
    a->flags = XEN_VCPUAFFINITY_HARD;
    a->cpumap_hard.bitmap = hyp_va(copy);
    a->cpumap_hard.nr_bits = bits;
    rc = domctl(h, XEN_DOMCTL_getvcpuaffinity, domid, &op);
    if (!rc)
        memcpy(map, copy, (bits + 7) / 8);
    hyp_release(h, mark);
    return rc;
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
    rc = domctl(h, XEN_DOMCTL_scheduler_op, domid, &op);
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
    rc = sysctl(h, XEN_SYSCTL_get_cpu_policy, &get); /* how many are there */
    if (rc)
        return rc;
    if (p->nr_leaves > 4096 || p->nr_msrs > 4096)
        return -E2BIG;
    p->leaves = hyp_va(hyp_scratch(h, p->nr_leaves * sizeof(xen_cpuid_leaf_t)));
    p->msrs = hyp_va(hyp_scratch(h, p->nr_msrs * sizeof(xen_msr_entry_t)));
    rc = p->leaves.va && p->msrs.va ? sysctl(h, XEN_SYSCTL_get_cpu_policy, &get)
                                    : -ENOMEM;
    if (!rc) {
        set.u.cpu_policy.nr_leaves = p->nr_leaves;
        set.u.cpu_policy.nr_msrs = p->nr_msrs;
        set.u.cpu_policy.leaves = p->leaves;
        set.u.cpu_policy.msrs = p->msrs;
        rc = domctl(h, XEN_DOMCTL_set_cpu_policy, domid, &set);
    }
    hyp_release(h, mark);
    return rc;
}

/* The host */

int host_get_info(struct hyp *h, struct host_info *info)
{
    struct xen_sysctl op = {0};
    const struct xen_sysctl_physinfo *p = &op.u.physinfo;
    int rc = sysctl(h, XEN_SYSCTL_physinfo, &op);

    if (rc)
        return rc;
    *info = (struct host_info){
        .threads_per_core = p->threads_per_core,
        .cores_per_socket = p->cores_per_socket,
        .nr_cpus = p->nr_cpus,
        .max_cpu_id = p->max_cpu_id,
        .nr_nodes = p->nr_nodes,
        .cpu_khz = p->cpu_khz,
        .capabilities = p->capabilities,
        .total_pages = p->total_pages,
        .free_pages = p->free_pages,
        .scrub_pages = p->scrub_pages,
        .outstanding_pages = p->outstanding_pages,
    };
    memcpy(info->hw_cap, p->hw_cap, sizeof(info->hw_cap));
    return 0;
}

int host_get_scheduler(struct hyp *h, uint32_t *sched_id)
{
    struct xen_sysctl op = {0};
    int rc = sysctl(h, XEN_SYSCTL_sched_id, &op);

    *sched_id = op.u.sched_id.sched_id;
    return rc;
}

static long version_op(struct hyp *h, unsigned cmd, void *arg)
{
    return hyp_call(h, __HYPERVISOR_xen_version, cmd, (uint64_t)(uintptr_t)arg,
                    0, 0, 0);
}

static long version_text(struct hyp *h, unsigned cmd, char *out, size_t size)
{
    size_t mark = hyp_mark(h);
    char *text = hyp_scratch(h, size);
    long rc = text ? version_op(h, cmd, text) : -ENOMEM;

    if (rc >= 0)
        snprintf(out, size, "%.*s", (int)size - 1, text);
    hyp_release(h, mark);
    return rc;
}

int host_get_version(struct hyp *h, struct host_version *v)
{
    size_t mark = hyp_mark(h);
    struct xen_compile_info *ci = hyp_scratch(h, sizeof(*ci));
    struct xen_platform_parameters *pp = hyp_scratch(h, sizeof(*pp));
    long rc = version_op(h, XENVER_version, NULL);

    memset(v, 0, sizeof(*v));
    if (rc < 0 || !ci || !pp)
        goto out;
    v->major = (unsigned)rc >> 16;
    v->minor = rc & 0xffff;
    rc = version_text(h, XENVER_extraversion, v->extra, sizeof(v->extra));
    if (rc < 0)
        goto out;
    version_text(h, XENVER_capabilities, v->capabilities,
                 sizeof(v->capabilities));
    version_text(h, XENVER_changeset, v->changeset, sizeof(v->changeset));
    version_text(h, XENVER_commandline, v->command_line,
                 sizeof(v->command_line));
    if (version_op(h, XENVER_compile_info, ci) >= 0) {
        memcpy(v->compiler, ci->compiler, sizeof(v->compiler) - 1);
        memcpy(v->compile_by, ci->compile_by, sizeof(v->compile_by) - 1);
        memcpy(v->compile_domain, ci->compile_domain,
               sizeof(v->compile_domain) - 1);
        memcpy(v->compile_date, ci->compile_date, sizeof(v->compile_date) - 1);
    }
    if (version_op(h, XENVER_platform_parameters, pp) >= 0)
        v->virt_start = pp->virt_start;
    v->page_size = (uint32_t)version_op(h, XENVER_pagesize, NULL);
    rc = 0;

out:
    hyp_release(h, mark);
    return rc < 0 ? (int)rc : 0;
}

int host_read_console(struct hyp *h, char *buf, size_t size, bool incremental,
                      bool clear, uint32_t *index)
{
    struct xen_sysctl op = {0};
    struct xen_sysctl_readconsole *r = &op.u.readconsole;
    size_t mark = hyp_mark(h);
    char *text = hyp_scratch(h, size);
    int rc;

    if (!text)
        return -ENOMEM;
    r->clear = clear;
    r->incremental = incremental;
    r->index = *index;
    r->buffer = hyp_va(text);
    r->count = (uint32_t)size;
    rc = sysctl(h, XEN_SYSCTL_readconsole, &op);
    if (!rc && r->count > size)
        rc = -EIO;
    if (!rc) {
        memcpy(buf, text, r->count);
        *index = r->index;
    }
    hyp_release(h, mark);
    return rc ? rc : (int)r->count;
}

int host_send_keys(struct hyp *h, const char *keys)
{
    struct xen_sysctl op = {0};
    size_t n = strlen(keys), mark = hyp_mark(h);
    char *copy = hyp_scratch(h, n + 1);
    int rc;

    if (!copy)
        return -ENOMEM;
    memcpy(copy, keys, n);
    op.u.debug_keys.keys = hyp_va(copy);
    op.u.debug_keys.nr_keys = (uint32_t)n;
    rc = sysctl(h, XEN_SYSCTL_debug_keys, &op);
    hyp_release(h, mark);
    return rc;
}

int host_get_topology(struct hyp *h, struct host_cpu *cpus, uint32_t max)
{
    struct xen_sysctl op = {0};
    size_t mark = hyp_mark(h);
    xen_sysctl_cputopo_t *list = hyp_scratch(h, max * sizeof(*list));
    uint32_t i, n;
    int rc;

    if (!list)
        return -ENOMEM;
    op.u.cputopoinfo.num_cpus = max;
    op.u.cputopoinfo.cputopo = hyp_va(list);
    rc = sysctl(h, XEN_SYSCTL_cputopoinfo, &op);
    n = op.u.cputopoinfo.num_cpus;
    for (i = 0; !rc && i < n && i < max; i++) {
        cpus[i].core = list[i].core;
        cpus[i].socket = list[i].socket;
        cpus[i].node = list[i].node;
    }
    hyp_release(h, mark);
    return rc ? rc : (int)n;
}

int host_get_cpu_idle(struct hyp *h, uint64_t *idle_ns, uint32_t max)
{
    struct xen_sysctl op = {0};
    size_t mark = hyp_mark(h);
    xen_sysctl_cpuinfo_t *list = hyp_scratch(h, max * sizeof(*list));
    uint32_t i, n;
    int rc;

    if (!list)
        return -ENOMEM;
    op.u.getcpuinfo.max_cpus = max;
    op.u.getcpuinfo.info = hyp_va(list);
    rc = sysctl(h, XEN_SYSCTL_getcpuinfo, &op);
    n = op.u.getcpuinfo.nr_cpus;
    for (i = 0; !rc && i < n && i < max; i++)
        idle_ns[i] = list[i].idletime;
    hyp_release(h, mark);
    return rc ? rc : (int)n;
}
