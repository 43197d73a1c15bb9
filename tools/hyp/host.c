/* SPDX-License-Identifier: GPL-2.0 */
/*
 * host.c - what the hypervisor tells of the machine and of itself.
 * Keeps true: as in domain.c, callers see plain structures only.
 */
#include <errno.h>
#include <stdio.h>
#include <string.h>

#include <abi/version.h>

#include "ctl.h"
#include "hyp/domain.h"

int host_get_info(struct hyp *h, struct host_info *info)
{
    struct xen_sysctl op = {0};
    const struct xen_sysctl_physinfo *p = &op.u.physinfo;
    int rc = hyp_sysctl(h, XEN_SYSCTL_physinfo, &op);

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
    int rc = hyp_sysctl(h, XEN_SYSCTL_sched_id, &op);

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
    rc = hyp_sysctl(h, XEN_SYSCTL_readconsole, &op);
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
    rc = hyp_sysctl(h, XEN_SYSCTL_debug_keys, &op);
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
    rc = hyp_sysctl(h, XEN_SYSCTL_cputopoinfo, &op);
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
    rc = hyp_sysctl(h, XEN_SYSCTL_getcpuinfo, &op);
    n = op.u.getcpuinfo.nr_cpus;
    for (i = 0; !rc && i < n && i < max; i++)
        idle_ns[i] = list[i].idletime;
    hyp_release(h, mark);
    return rc ? rc : (int)n;
}
