/* SPDX-License-Identifier: GPL-2.0 */
/*
 * domctl_state.c - settings of a whole domain.
 */
#include "core/arch.h"
#include "cpu/tsc.h"
#include "domain/pages.h"
#include "domain/sched.h"
#include "lib/string.h"
#include "pv/pagetype.h"
#include "pv/pv.h"
#include "service/control.h"
#include "service/evtchn.h"

#define TSC_MODE_DEFAULT 0 /* the machine's */
#define TSC_MODE_TRAP    1
#define TSC_MODE_NATIVE  2

long domctl_max_mem(struct domain *d, struct xen_domctl *op)
{
    uint64_t pages = op->u.max_mem.max_memkb >> (PAGE_SHIFT - 10);

    /* Below what it has, it just gets no more. */
    spin_lock(&d->page_lock);
    d->max_pages = MIN(pages, UINT32_MAX);
    spin_unlock(&d->page_lock);
    return 0;
}

long domctl_set_handle(struct domain *d, struct xen_domctl *op)
{
    memcpy(d->handle, op->u.setdomainhandle.handle, sizeof(d->handle));
    return 0;
}

/* No debugger can look into a guest; saying that there is none is fine. */
long domctl_set_debugging(struct domain *d, struct xen_domctl *op)
{
    (void)d;
    return op->u.setdebugging.enable ? -EOPNOTSUPP : 0;
}

long domctl_hypercall_page(struct domain *d, struct xen_domctl *op)
{
    return hypercall_page_write(d, op->u.hypercall_init.gmfn);
}

long domctl_time_offset(struct domain *d, struct xen_domctl *op)
{
    d->time_offset_s = op->u.settimeoffset.time_offset_seconds;
    clock_publish_wall(d);
    return 0;
}

long domctl_set_address_size(struct domain *d, struct xen_domctl *op)
{
    (void)d;
    return op->u.address_size.size == 64 ? 0 : -EINVAL;
}

long domctl_get_address_size(struct domain *d, struct xen_domctl *op)
{
    (void)d;
    op->u.address_size.size = 64;
    return 0;
}

/* There is one node: a map that has it changes nothing. */
long domctl_set_node_affinity(struct domain *d, struct xen_domctl *op)
{
    uint64_t nodes;
    int rc = tool_bitmap_read(&nodes, 64, &op->u.nodeaffinity.nodemap);

    (void)d;
    if (rc)
        return rc;
    return nodes & 1 ? 0 : -EINVAL;
}

long domctl_get_node_affinity(struct domain *d, struct xen_domctl *op)
{
    static const uint64_t nodes = 1;

    (void)d;
    return tool_bitmap_write(&op->u.nodeaffinity.nodemap, &nodes, 64);
}

long domctl_set_tsc(struct domain *d, struct xen_domctl *op)
{
    const struct xen_domctl_tsc_info *t = &op->u.tsc_info;

    if (t->tsc_mode > TSC_MODE_NATIVE)
        return -EINVAL;
    domain_pause(d);
    d->tsc_mode = t->tsc_mode;
    d->vtsc = t->tsc_mode == TSC_MODE_TRAP;
    d->tsc_incarnation = t->incarnation;
    d->tsc_elapsed_ns = (int64_t)t->elapsed_nsec - now();
    domain_unpause(d);
    return 0;
}

long domctl_get_tsc(struct domain *d, struct xen_domctl *op)
{
    struct xen_domctl_tsc_info *t = &op->u.tsc_info;

    t->tsc_mode = d->tsc_mode;
    t->gtsc_khz = (uint32_t)tsc_khz;
    t->incarnation = d->tsc_incarnation;
    t->pad = 0;
    t->elapsed_nsec = (uint64_t)(now() + d->tsc_elapsed_ns);
    return 0;
}

/* Weight and cap are a domain's; the scheduler has nothing for single vcpus. */
long domctl_scheduler(struct domain *d, struct xen_domctl *op)
{
    struct xen_domctl_scheduler_op *s = &op->u.scheduler_op;
    struct xen_domctl_sched_credit2 *p = &s->u.credit2;

    if (s->sched_id != sched_id)
        return -EINVAL;
    switch (s->cmd) {
    case XEN_DOMCTL_SCHEDOP_putinfo:
        return sched_domain_params(d, &p->weight, &p->cap, true);
    case XEN_DOMCTL_SCHEDOP_getinfo:
        return sched_domain_params(d, &p->weight, &p->cap, false);
    }
    return -EINVAL;
}

long domctl_subscribe(struct domain *d, struct xen_domctl *op)
{
    uint32_t port = op->u.subscribe.port;

    if (port && !evtchn_port_valid(d, port))
        return -EINVAL;
    d->suspend_port = port;
    return 0;
}

/* Global interrupts are Dom0's; it can be told so. */
long domctl_virq_handler(struct domain *d, struct xen_domctl *op)
{
    if (op->u.set_virq_handler.virq >= NR_VIRQS)
        return -EINVAL;
    return d == dom0 ? 0 : -EOPNOTSUPP;
}

/* ---- what frames are used for ---- */

#define FRAMES_AT_ONCE 1024u

static uint64_t frame_use(struct domain *d, uint64_t mfn)
{
    uint64_t use = XEN_DOMCTL_PFINFO_XTAB, kind;
    struct page *pg;

    if (!mfn_valid(mfn))
        return use;
    pg = mfn_to_page(mfn);
    if (!page_get(pg, d))
        return use;
    kind = page_kind(pg);
    use = XEN_DOMCTL_PFINFO_NOTAB;
    if (kind_is_table(kind) && READ_ONCE(pg->type) & PGT_COUNT)
        use = (uint64_t)kind_level(kind) << XEN_DOMCTL_PFINFO_LTAB_SHIFT;
    if (READ_ONCE(pg->type) & PGT_PINNED)
        use |= XEN_DOMCTL_PFINFO_LPINTAB;
    page_put(pg);
    return use;
}

/* Each number of the list is replaced by what the frame is. */
long domctl_page_info(struct domain *d, struct xen_domctl *op)
{
    const struct xen_domctl_getpageframeinfo3 *p = &op->u.getpageframeinfo3;

    if (p->num > FRAMES_AT_ONCE)
        return -E2BIG;
    for (uint64_t i = 0; i < p->num; i++) {
        guest_va_t at = guest_va_at(p->array, i, sizeof(uint64_t));
        uint64_t mfn;

        if (copy_from_guest(&mfn, at, sizeof(mfn)))
            return -EFAULT;
        mfn = frame_use(d, mfn);
        if (copy_to_guest(at, &mfn, sizeof(mfn)))
            return -EFAULT;
    }
    return 0;
}
