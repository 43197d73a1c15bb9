/* SPDX-License-Identifier: GPL-2.0 */
/*
 * grant_op.c - the grant-table calls: map, unmap, copy, set-up.
 * Keeps true: a mapping's page-table entry holds references of its own, the
 * books (grant.c) hold theirs; an entry is reported unused only after every
 * CPU of the mapper has forgotten the translation.
 */
#include "core/printk.h"
#include "lib/errno.h"
#include "lib/string.h"
#include "mm/guestcopy.h"
#include "mm/tlb.h"
#include "mm/window.h"
#include "pv/pagetype.h"
#include "pv/pgtable.h"
#include "service/call.h"
#include "service/grant_private.h"
#include "service/services.h"

#define MAP_KINDS (GNTMAP_host_map | GNTMAP_device_map)
#define BATCH     16 /* unmaps under one flush */

/* The L1 entry that a mapping wants. */
static pte_t map_entry(uint64_t mfn, uint32_t flags)
{
    uint64_t avail = (uint64_t)(flags >> _GNTMAP_guest_avail0) << 9 & PTE_AVL;
    pte_t e = pte_make(mfn, PTE_P | PTE_U | PTE_A | avail);

    return flags & GNTMAP_readonly ? e : e | PTE_W | PTE_D;
}

/* Map the frame for the processor; the entry has references of its own. */
static int map_host(struct vcpu *v, struct domain *rd, uint64_t mfn,
                    const struct gnttab_map_grant_ref *op)
{
    pte_t e = map_entry(mfn, op->flags);
    int rc = l1e_take(e, v->domain, rd);

    if (rc)
        return GNTST_general_error;
    rc = pte_install(v, e, op->host_addr, op->flags & GNTMAP_contains_pte);
    if (rc) {
        l1e_drop(e);
        return GNTST_general_error;
    }
    return GNTST_okay;
}

static uint16_t mapping_flags(uint32_t flags)
{
    return (uint16_t)((flags & GNTMAP_host_map ? MAPPING_HOST : 0) |
                      (flags & GNTMAP_device_map ? MAPPING_DEVICE : 0) |
                      (flags & GNTMAP_readonly ? MAPPING_READONLY : 0) |
                      (flags & GNTMAP_contains_pte ? MAPPING_BY_PTE : 0));
}

/* As many uses of the entry as there are kinds of mapping in it. */
static int uses_acquire(struct domain *rd, grant_ref_t ref, domid_t by,
                        uint16_t flags, uint64_t *mfn)
{
    bool readonly = flags & MAPPING_READONLY;
    int rc = entry_acquire(rd, ref, by, readonly, mfn);

    if (rc || (flags & (MAPPING_HOST | MAPPING_DEVICE)) !=
                  (MAPPING_HOST | MAPPING_DEVICE))
        return rc;
    rc = entry_acquire(rd, ref, by, readonly, mfn);
    if (rc)
        entry_release(rd, ref, readonly);
    return rc;
}

static void uses_release(struct domain *rd, grant_ref_t ref, uint16_t flags)
{
    if (flags & MAPPING_HOST)
        entry_release(rd, ref, flags & MAPPING_READONLY);
    if (flags & MAPPING_DEVICE)
        entry_release(rd, ref, flags & MAPPING_READONLY);
}

static int map_from(struct vcpu *v, struct domain *rd,
                    struct gnttab_map_grant_ref *op)
{
    struct mapping m = {.ref = op->ref, .domid = rd->id,
                        .flags = mapping_flags(op->flags)};
    uint32_t handle = mapping_new(v->domain);
    int rc;

    if (handle == MAP_END)
        return GNTST_no_space;
    rc = uses_acquire(rd, op->ref, v->domain->id, m.flags, &m.mfn);
    if (rc)
        goto end_mapping;
    if (m.flags & MAPPING_HOST) {
        rc = map_host(v, rd, m.mfn, op);
        if (rc)
            goto release_uses;
    }
    mapping_set(v->domain, handle, &m);
    op->handle = handle;
    op->dev_bus_addr = m.mfn << PAGE_SHIFT;
    return GNTST_okay;

release_uses:
    uses_release(rd, op->ref, m.flags);
end_mapping:
    mapping_end(v->domain, handle, 0);
    return rc;
}

static void map_one(struct vcpu *v, struct gnttab_map_grant_ref *op)
{
    struct domain *rd;

    if (!(op->flags & MAP_KINDS)) {
        op->status = GNTST_bad_gntref;
        return;
    }
    rd = domain_find(op->dom);
    if (!rd) {
        op->status = GNTST_bad_domain;
        return;
    }
    op->status = (int16_t)map_from(v, rd, op);
    domain_put(rd);
}

/* One unmap, between taking the entry away and reporting it done. */
struct unmap {
    uint32_t handle;
    struct mapping m;
    uint16_t ended; /* MAPPING_HOST, MAPPING_DEVICE: what was ended */
    pte_t old;
    int status;
};

/* First half: the entry goes; nothing is given up yet. */
static void unmap_begin(struct vcpu *v, struct unmap *u, uint64_t host_addr,
                        uint64_t dev_bus_addr, uint64_t replace_with)
{
    bool host = host_addr && u->m.flags & MAPPING_HOST;
    bool device = dev_bus_addr && u->m.flags & MAPPING_DEVICE;

    if (device && dev_bus_addr >> PAGE_SHIFT != u->m.mfn) {
        u->status = GNTST_bad_dev_addr;
        return;
    }
    if (host && pte_remove(v, u->m.mfn, host_addr,
                           u->m.flags & MAPPING_BY_PTE, replace_with,
                           &u->old)) {
        u->status = GNTST_general_error;
        return;
    }
    u->ended = (uint16_t)((host ? MAPPING_HOST : 0) |
                          (device ? MAPPING_DEVICE : 0));
    u->status = GNTST_okay;
}

/* Second half, all TLBs flushed: references and uses go. */
static void unmap_end(struct vcpu *v, struct unmap *u)
{
    struct domain *rd;
    uint16_t readonly = u->m.flags & MAPPING_READONLY;

    if (u->handle == MAP_END)
        return;
    if (u->ended & MAPPING_HOST)
        l1e_drop(u->old);
    rd = page_owner(mfn_to_page(u->m.mfn)); /* the books hold the frame */
    domain_ref(rd);
    uses_release(rd, u->m.ref, u->ended | readonly);
    mapping_end(v->domain, u->handle, u->m.flags & (uint16_t)~u->ended);
    domain_put(rd);
}

static void unmap_start(struct vcpu *v, struct unmap *u, uint32_t handle,
                        uint64_t host_addr, uint64_t dev_bus_addr,
                        uint64_t replace_with)
{
    u->handle = MAP_END;
    u->ended = 0;
    if (!mapping_begin(v->domain, handle, &u->m)) {
        u->status = GNTST_bad_handle;
        return;
    }
    u->handle = handle;
    unmap_begin(v, u, host_addr, dev_bus_addr, replace_with);
}

/* Everywhere v's domain may remember the entries that went. */
static void unmap_finish(struct vcpu *v, struct unmap *u, unsigned int n)
{
    bool any = false;

    for (unsigned int i = 0; i < n; i++)
        any |= u[i].ended & MAPPING_HOST;
    if (any)
        tlb_flush(&v->domain->dirty_cpus);
    for (unsigned int i = 0; i < n; i++)
        unmap_end(v, &u[i]);
}

static int unmap_batch(struct vcpu *v, guest_va_t list, uint64_t n)
{
    struct unmap u[BATCH];
    unsigned int i;
    int rc = 0;

    for (i = 0; i < n && !rc; i++) {
        struct gnttab_unmap_grant_ref op;

        if (copy_from_guest(&op, guest_va_at(list, i, sizeof(op)),
                            sizeof(op))) {
            rc = -EFAULT;
            break;
        }
        unmap_start(v, &u[i], op.handle, op.host_addr, op.dev_bus_addr, 0);
    }
    unmap_finish(v, u, i);
    for (unsigned int j = 0; j < i; j++) {
        guest_va_t at = guest_va_at(list, j,
                                    sizeof(struct gnttab_unmap_grant_ref));
        int16_t status = (int16_t)u[j].status;

        at.va += offsetof(struct gnttab_unmap_grant_ref, status);
        if (copy_to_guest(at, &status, sizeof(status)))
            rc = -EFAULT;
    }
    return rc;
}

static void unmap_and_replace_one(struct vcpu *v,
                                  struct gnttab_unmap_and_replace *op)
{
    struct unmap u;

    unmap_start(v, &u, op->handle, op->host_addr, 0, op->new_addr);
    unmap_finish(v, &u, 1);
    op->status = (int16_t)u.status;
}

/* A page to copy from or to: a frame of v's own, or an entry of another. */
struct copy_side {
    struct domain *d; /* of an entry; referenced */
    grant_ref_t ref;
    struct page *pg; /* of a frame; referenced, writable if a destination */
    uint64_t mfn;
    bool is_ref, readonly;
};

static int side_open_frame(struct vcpu *v, struct copy_side *s, uint64_t mfn)
{
    if (!mfn_valid(mfn))
        return GNTST_general_error;
    s->pg = mfn_to_page(mfn);
    s->mfn = mfn;
    if (!page_get(s->pg, v->domain))
        return GNTST_general_error;
    if (!s->readonly && page_get_type(s->pg, PGT_WRITABLE, false)) {
        page_put(s->pg);
        return GNTST_general_error;
    }
    return GNTST_okay;
}

static int side_open(struct vcpu *v, struct copy_side *s,
                     const struct gnttab_copy_ptr *p, bool is_ref,
                     bool readonly)
{
    int rc;

    s->is_ref = is_ref;
    s->readonly = readonly;
    if (!is_ref) {
        if (p->domid != DOMID_SELF && p->domid != v->domain->id)
            return GNTST_permission_denied;
        return side_open_frame(v, s, p->u.gmfn);
    }
    s->ref = p->u.ref;
    if (p->domid == DOMID_SELF) {
        s->d = v->domain;
        domain_ref(s->d);
    } else {
        s->d = domain_find(p->domid);
    }
    if (!s->d)
        return GNTST_bad_domain;
    rc = entry_acquire(s->d, s->ref, v->domain->id, readonly, &s->mfn);
    if (rc)
        domain_put(s->d);
    return rc;
}

static void side_close(struct copy_side *s)
{
    if (s->is_ref) {
        entry_release(s->d, s->ref, s->readonly);
        domain_put(s->d);
        return;
    }
    if (!s->readonly)
        page_put_type(s->pg);
    page_put(s->pg);
}

static int copy_checked(struct vcpu *v, const struct gnttab_copy *op)
{
    struct copy_side from, to;
    const char *src;
    char *dst;
    int rc;

    if (op->source.offset + op->len > PAGE_SIZE ||
        op->dest.offset + op->len > PAGE_SIZE)
        return GNTST_bad_copy_arg;
    rc = side_open(v, &from, &op->source, op->flags & GNTCOPY_source_gref, true);
    if (rc)
        return rc;
    rc = side_open(v, &to, &op->dest, op->flags & GNTCOPY_dest_gref, false);
    if (!rc) {
        src = frame_map(from.mfn);
        dst = frame_map(to.mfn);
        memmove(dst + op->dest.offset, src + op->source.offset, op->len);
        frame_unmap(dst);
        frame_unmap(src);
        side_close(&to);
    }
    side_close(&from);
    return rc;
}

static void copy_one(struct vcpu *v, struct gnttab_copy *op)
{
    op->status = (int16_t)copy_checked(v, op);
}

/* Whose table an operation is about: one's own, or any for Dom0. */
static struct domain *table_domain(struct vcpu *v, domid_t id, int16_t *status)
{
    struct domain *d = domain_get_for(v, id);

    if (!d)
        *status = v->domain->privileged ? GNTST_bad_domain
                                        : GNTST_permission_denied;
    return d;
}

static long setup_table(struct vcpu *v, guest_va_t arg)
{
    struct gnttab_setup_table op;
    struct domain *d;
    long rc = 0;

    if (copy_from_guest(&op, arg, sizeof(op)))
        return -EFAULT;
    op.status = GNTST_okay;
    d = table_domain(v, op.dom, &op.status);
    if (d) {
        if (grant_grow(d, op.nr_frames))
            op.status = GNTST_general_error;
        for (uint32_t i = 0; !op.status && !rc && i < op.nr_frames; i++) {
            uint64_t mfn;

            if (grant_frame_get(d, i, &mfn))
                op.status = GNTST_general_error;
            else
                rc = copy_to_guest(guest_va_at(op.frame_list, i, sizeof(mfn)),
                                   &mfn, sizeof(mfn));
        }
        domain_put(d);
    }
    return copy_to_guest(arg, &op, sizeof(op)) ? -EFAULT : rc;
}

static void query_size_one(struct vcpu *v, struct gnttab_query_size *op)
{
    struct domain *d;

    op->status = GNTST_okay;
    d = table_domain(v, op->dom, &op->status);
    if (!d)
        return;
    op->nr_frames = d->grants ? d->grants->nr_frames : 0;
    op->max_nr_frames = grant_frames_max(d);
    domain_put(d);
}

static long set_version(guest_va_t arg)
{
    struct gnttab_set_version op;
    long rc;

    if (copy_from_guest(&op, arg, sizeof(op)))
        return -EFAULT;
    rc = op.version == 1 ? 0 : op.version == 2 ? -ENOSYS : -EINVAL;
    op.version = 1; /* what is in use */
    return copy_to_guest(arg, &op, sizeof(op)) ? -EFAULT : rc;
}

static long get_version(struct vcpu *v, guest_va_t arg)
{
    struct gnttab_get_version op;
    struct domain *d;

    if (copy_from_guest(&op, arg, sizeof(op)))
        return -EFAULT;
    d = domain_get_for(v, op.dom);
    if (!d)
        return v->domain->privileged ? -ESRCH : -EPERM;
    domain_put(d);
    op.version = 1;
    return copy_to_guest(arg, &op, sizeof(op)) ? -EFAULT : 0;
}

static int swap_entries(struct grant_table *t, grant_ref_t a, grant_ref_t b)
{
    struct grant_entry_v1 *ea, *eb, tmp;
    int rc = GNTST_okay;

    spin_lock(&t->lock);
    if (a / ENTRIES_A_FRAME >= t->nr_frames ||
        b / ENTRIES_A_FRAME >= t->nr_frames) {
        rc = GNTST_bad_gntref;
    } else if (t->active[a / ENTRIES_A_FRAME][a % ENTRIES_A_FRAME].uses ||
               t->active[b / ENTRIES_A_FRAME][b % ENTRIES_A_FRAME].uses) {
        rc = GNTST_eagain;
    } else {
        ea = &t->shared[a / ENTRIES_A_FRAME][a % ENTRIES_A_FRAME];
        eb = &t->shared[b / ENTRIES_A_FRAME][b % ENTRIES_A_FRAME];
        tmp = *ea;
        *ea = *eb;
        *eb = tmp;
    }
    spin_unlock(&t->lock);
    return rc;
}

static void swap_one(struct vcpu *v, struct gnttab_swap_grant_ref *op)
{
    op->status = v->domain->grants
                     ? (int16_t)swap_entries(v->domain->grants, op->ref_a,
                                             op->ref_b)
                     : GNTST_general_error;
}

/*
 * Move a transfer entry of rd on: from accepting to committed, from there to
 * completed (mfn is the frame), or back. False: it is not in that state.
 */
static bool transfer_step(struct domain *rd, grant_ref_t ref, domid_t by,
                          uint16_t from, uint16_t to, mfn_t mfn)
{
    struct grant_table *t = rd->grants;
    struct grant_entry_v1 *e;
    bool ok = false;

    if (!t)
        return false;
    spin_lock(&t->lock);
    if (ref / ENTRIES_A_FRAME < t->nr_frames) {
        e = &t->shared[ref / ENTRIES_A_FRAME][ref % ENTRIES_A_FRAME];
        if (to & GTF_transfer_completed)
            e->frame = (uint32_t)mfn;
        ok = cas32((uint32_t *)e, (uint32_t)by << 16 | from,
                   (uint32_t)by << 16 | to);
    }
    spin_unlock(&t->lock);
    return ok;
}

static int transfer_assign(struct vcpu *v, struct domain *rd, struct page *pg,
                           grant_ref_t ref)
{
    const uint16_t open = GTF_accept_transfer;
    const uint16_t committed = open | GTF_transfer_committed;
    domid_t by = v->domain->id;

    if (!transfer_step(rd, ref, by, open, committed, 0))
        return GNTST_general_error;
    if (domain_assign_pages(rd, pg, 0, false)) {
        transfer_step(rd, ref, by, committed, open, 0);
        return GNTST_general_error;
    }
    transfer_step(rd, ref, by, committed, committed | GTF_transfer_completed,
                  page_to_mfn(pg));
    return GNTST_okay;
}

static int transfer_to(struct vcpu *v, struct domain *rd,
                       const struct gnttab_transfer *op)
{
    struct page *pg = mfn_valid(op->mfn) ? mfn_to_page(op->mfn) : NULL;
    int rc;

    if (rd == v->domain || !pg || !page_get(pg, v->domain))
        return GNTST_bad_page;
    if (READ_ONCE(pg->count) & PGC_HYP || page_steal(v->domain, pg)) {
        page_put(pg);
        return GNTST_bad_page;
    }
    tlb_flush(&v->domain->dirty_cpus); /* the giver forgets it */

    rc = transfer_assign(v, rd, pg, op->ref);
    if (rc && domain_assign_pages(v->domain, pg, 0, true))
        heap_free(pg, 0);
    return rc;
}

static void transfer_one(struct vcpu *v, struct gnttab_transfer *op)
{
    struct domain *rd = domain_find(op->domid);

    if (!rd) {
        op->status = GNTST_bad_domain;
        return;
    }
    op->status = (int16_t)transfer_to(v, rd, op);
    domain_put(rd);
}

/* Operations made one by one: copied in, done, copied out. */
struct grant_op {
    void (*one)(struct vcpu *v, void *op);
    size_t size;
};
#define OP(f, type) {(void (*)(struct vcpu *, void *))(void *)(f), sizeof(type)}

static const struct grant_op grant_ops[] = {
    [GNTTABOP_map_grant_ref] = OP(map_one, struct gnttab_map_grant_ref),
    [GNTTABOP_transfer] = OP(transfer_one, struct gnttab_transfer),
    [GNTTABOP_copy] = OP(copy_one, struct gnttab_copy),
    [GNTTABOP_query_size] = OP(query_size_one, struct gnttab_query_size),
    [GNTTABOP_unmap_and_replace] = OP(unmap_and_replace_one,
                                      struct gnttab_unmap_and_replace),
    [GNTTABOP_swap_grant_ref] = OP(swap_one, struct gnttab_swap_grant_ref),
};

static int run_one(struct vcpu *v, const struct grant_op *op, guest_va_t at)
{
    uint64_t buf[8];

    if (copy_from_guest(buf, at, op->size))
        return -EFAULT;
    op->one(v, buf);
    return copy_to_guest(at, buf, op->size);
}

static long run_list(struct vcpu *v, uint64_t cmd, uint64_t uop, uint64_t count)
{
    const struct grant_op *op = &grant_ops[cmd];
    int rc;

    for (uint64_t i = 0; i < count; i++) {
        guest_va_t at = {uop + i * op->size};

        if (i && preempt_wanted())
            return hypercall_resume(v, __HYPERVISOR_grant_table_op, cmd, at.va,
                                    count - i, 0);
        rc = run_one(v, op, at);
        if (rc)
            return rc;
    }
    return 0;
}

static long run_unmaps(struct vcpu *v, uint64_t uop, uint64_t count)
{
    const size_t size = sizeof(struct gnttab_unmap_grant_ref);

    for (uint64_t i = 0; i < count; i += BATCH) {
        guest_va_t at = {uop + i * size};
        int rc;

        if (i && preempt_wanted())
            return hypercall_resume(v, __HYPERVISOR_grant_table_op,
                                    GNTTABOP_unmap_grant_ref, at.va, count - i,
                                    0);
        rc = unmap_batch(v, at, MIN(count - i, (uint64_t)BATCH));
        if (rc)
            return rc;
    }
    return 0;
}

long do_grant_table_op(uint64_t cmd, uint64_t uop, uint64_t count)
{
    struct vcpu *v = current;
    guest_va_t arg = {uop};

    if ((uint32_t)count != count || (int32_t)count < 0)
        return -EINVAL;
    if (!v->domain->grants)
        return -EINVAL;
    switch (cmd) {
    case GNTTABOP_unmap_grant_ref:
        return run_unmaps(v, uop, count);
    case GNTTABOP_setup_table:
        return count == 1 ? setup_table(v, arg) : -EINVAL;
    case GNTTABOP_set_version:
        return count == 1 ? set_version(arg) : -EINVAL;
    case GNTTABOP_get_version:
        return count == 1 ? get_version(v, arg) : -EINVAL;
    case GNTTABOP_get_status_frames: /* version 2 alone has them */
    case GNTTABOP_cache_flush:       /* devices see our caches */
        return -EOPNOTSUPP;
    default:
        if (cmd >= ARRAY_SIZE(grant_ops) || !grant_ops[cmd].one)
            return -ENOSYS;
        return run_list(v, cmd, uop, count);
    }
}
