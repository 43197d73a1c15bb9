/* SPDX-License-Identifier: GPL-2.0 */
/*
 * sysctl.c - the tools ask and set what concerns the whole machine: door,
 * table, log, lists of domains, scheduler and its one pool of CPUs.
 * Keeps true: the argument is copied in once, and back as a whole.
 */
#include "core/keys.h"
#include "core/printk.h"
#include "domain/sched.h"
#include "lib/bitmap.h"
#include "lib/string.h"
#include "mm/heap.h"
#include "service/control.h"
#include "service/services.h"

/* ---- log and keys ---- */

static long sysctl_readconsole(struct xen_sysctl *op)
{
    struct xen_sysctl_readconsole *r = &op->u.readconsole;
    bool incremental = r->incremental;
    uint32_t room = r->count, done = 0;
    char *page = heap_page();
    int rc = 0;

    if (!page)
        return -ENOMEM;
    while (!rc && done < room) {
        size_t n = log_read(page, MIN(room - done, PAGE_SIZE), &r->index,
                            incremental);

        if (!n)
            break;
        rc = copy_to_guest(guest_va_at(r->buffer, done, 1), page, n);
        done += (uint32_t)n;
        incremental = true;
    }
    heap_page_free(page);
    r->count = done;
    if (!rc && r->clear)
        log_clear();
    return rc;
}

#define KEYS_AT_ONCE 64u

static long sysctl_keys(struct xen_sysctl *op)
{
    const struct xen_sysctl_debug_keys *k = &op->u.debug_keys;
    char keys[KEYS_AT_ONCE];

    if (k->nr_keys > KEYS_AT_ONCE)
        return -E2BIG;
    if (copy_from_guest(keys, k->keys, k->nr_keys))
        return -EFAULT;
    for (uint32_t i = 0; i < k->nr_keys; i++)
        key_handle(keys[i]);
    return 0;
}

/* ---- domains ---- */

static struct domain *domain_from(domid_t id)
{
    struct domain *d = domain_find(id);

    return d ? d : domain_next(id);
}

static long sysctl_domains(struct xen_sysctl *op)
{
    struct xen_sysctl_getdomaininfolist *l = &op->u.getdomaininfolist;
    struct xen_domctl_getdomaininfo info;
    struct domain *d = domain_from(l->first_domain), *next;
    int rc = 0;

    for (l->num_domains = 0; d; d = next) {
        if (rc || l->num_domains == l->max_domains) {
            domain_put(d);
            break;
        }
        domain_info_fill(d, &info);
        rc = copy_to_guest(guest_va_at(l->buffer, l->num_domains, sizeof(info)),
                           &info, sizeof(info));
        l->num_domains += !rc;
        next = domain_next(d->id);
        domain_put(d);
    }
    return rc;
}

/* ---- scheduler ---- */

static long sysctl_sched_id(struct xen_sysctl *op)
{
    op->u.sched_id.sched_id = sched_id;
    return 0;
}

static long sysctl_scheduler(struct xen_sysctl *op)
{
    struct xen_sysctl_scheduler_op *s = &op->u.scheduler_op;
    uint32_t us = s->u.sched_credit2.ratelimit_us;

    if (s->cpupool_id)
        return -ESRCH;
    if (s->sched_id != sched_id)
        return -EINVAL;
    if (s->cmd == XEN_SYSCTL_SCHEDOP_getinfo) {
        s->u.sched_credit2.ratelimit_us = sched_ratelimit_us;
        return 0;
    }
    if (s->cmd != XEN_SYSCTL_SCHEDOP_putinfo ||
        us > XEN_SYSCTL_SCHED_RATELIMIT_MAX ||
        (us && us < XEN_SYSCTL_SCHED_RATELIMIT_MIN))
        return -EINVAL;
    WRITE_ONCE(sched_ratelimit_us, us);
    return 0;
}

static unsigned int domain_count(void)
{
    struct domain *d, *next;
    unsigned int n = 0;

    for (d = domain_first(); d; d = next) {
        n++;
        next = domain_next(d->id);
        domain_put(d);
    }
    return n;
}

/* This pool or the next one: so the tools go through the list. */
static long pool_info(struct xen_sysctl_cpupool_op *p)
{
    if (p->cpupool_id && p->cpupool_id != XEN_SYSCTL_CPUPOOL_PAR_ANY)
        return -ENOENT;
    p->cpupool_id = 0;
    p->sched_id = sched_id;
    p->n_dom = domain_count();
    return tool_bitmap_write(&p->cpumap, cpus_online.bits, nr_cpus);
}

static long pool_move_domain(const struct xen_sysctl_cpupool_op *p)
{
    struct domain *d = p->domid < DOMID_FIRST_RESERVED
                           ? domain_find((domid_t)p->domid)
                           : NULL;

    if (!d)
        return -ESRCH;
    domain_put(d);
    return p->cpupool_id ? -ENOENT : 0; /* it is there */
}

static long sysctl_cpupool(struct xen_sysctl *op)
{
    struct xen_sysctl_cpupool_op *p = &op->u.cpupool_op;
    static const uint64_t none[MAX_CPUS / 64];

    switch (p->op) {
    case XEN_SYSCTL_CPUPOOL_OP_INFO:
        return pool_info(p);
    case XEN_SYSCTL_CPUPOOL_OP_FREEINFO:
        return tool_bitmap_write(&p->cpumap, none, nr_cpus);
    case XEN_SYSCTL_CPUPOOL_OP_MOVEDOMAIN:
        return pool_move_domain(p);
    case XEN_SYSCTL_CPUPOOL_OP_CREATE:
        return p->cpupool_id ? -EOPNOTSUPP : -EEXIST;
    case XEN_SYSCTL_CPUPOOL_OP_DESTROY:
    case XEN_SYSCTL_CPUPOOL_OP_RMCPU: /* it keeps what it has */
        return p->cpupool_id ? -ENOENT : -EBUSY;
    case XEN_SYSCTL_CPUPOOL_OP_ADDCPU: /* none is free */
        return p->cpupool_id ? -ENOENT : -ENODEV;
    }
    return -ENOSYS;
}

/* ---- table and door ---- */

struct row {
    long (*fn)(struct xen_sysctl *op); /* NULL: never done here, */
    uint8_t refuse;                    /* for this reason */
};
#define ROW(nr, f)      [XEN_SYSCTL_##nr] = {f, 0}
#define REFUSE(nr, err) [XEN_SYSCTL_##nr] = {NULL, err}

static const struct row rows[] = {
    ROW(readconsole, sysctl_readconsole),
    ROW(physinfo, sysctl_physinfo),
    ROW(sched_id, sysctl_sched_id),
    ROW(getdomaininfolist, sysctl_domains),
    ROW(debug_keys, sysctl_keys),
    ROW(getcpuinfo, sysctl_cpuinfo),
    ROW(availheap, sysctl_heap),
    ROW(cputopoinfo, sysctl_cputopo),
    ROW(numainfo, sysctl_numa),
    ROW(cpupool_op, sysctl_cpupool),
    ROW(scheduler_op, sysctl_scheduler),
    ROW(pcitopoinfo, sysctl_pcitopo),
    ROW(get_cpu_levelling_caps, sysctl_levelling),
    ROW(get_cpu_featureset, sysctl_featureset),
    ROW(get_cpu_policy, sysctl_policy),

    REFUSE(tbuf_op, EOPNOTSUPP),
    REFUSE(perfc_op, ENOSYS),
    REFUSE(lockprof_op, ENOSYS),
    REFUSE(coverage_op, EOPNOTSUPP),
    REFUSE(livepatch_op, ENOSYS),
    REFUSE(cpu_hotplug, EOPNOTSUPP),
    REFUSE(get_pmstat, ENODEV), /* the firmware rules clock and sleep */
    REFUSE(pm_op, ENODEV),
    REFUSE(page_offline_op, EOPNOTSUPP),
    REFUSE(psr_cmt_op, ENODEV),
    REFUSE(psr_alloc, ENODEV),
};

long do_sysctl(uint64_t arg)
{
    guest_va_t at = {arg};
    struct xen_sysctl op;
    const struct row *row;
    long rc;

    if (copy_from_guest(&op, at, sizeof(op)))
        return -EFAULT;
    if (op.interface_version != XEN_SYSCTL_INTERFACE_VERSION)
        return -EACCES;
    if (!current->domain->privileged)
        return -EPERM;
    if (op.cmd >= ARRAY_SIZE(rows))
        return -ENOSYS;
    row = &rows[op.cmd];
    if (!row->fn)
        return row->refuse ? -(long)row->refuse : -ENOSYS;
    rc = row->fn(&op);
    /* Also when it failed: a count says how much room it would take. */
    if (copy_to_guest(at, &op, sizeof(op)))
        return -EFAULT;
    return rc;
}
