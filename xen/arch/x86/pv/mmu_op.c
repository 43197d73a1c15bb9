/* SPDX-License-Identifier: GPL-2.0 */
/*
 * mmu_op.c - the hypercalls that change page tables, pin them, flush TLBs.
 * Keeps true: requests before the one we stop at are final; a table's use is
 * held while its entries change; work left by a drop is done before the next
 * request, or the call is made again.
 * Not here: what an entry may be (pgtable.c), what a frame may (pagetype.c).
 */
#include "core/printk.h"
#include "core/smpcall.h"
#include "lib/errno.h"
#include "lib/rangeset.h"
#include "lib/string.h"
#include "mm/guestcopy.h"
#include "mm/tlb.h"
#include "mm/window.h"
#include "pv/pagetype.h"
#include "pv/pgtable.h"
#include "pv/pv.h"
#include "service/call.h"

#define BATCH 16 /* requests copied in at once */

/* One mmu_update call: whose tables, whose frames, the table in hand. */
struct mmu_batch {
    struct vcpu *v;
    struct domain *tables, *frames; /* references, unless v's own */
    struct page *table; /* reference and use held, or NULL */
    char *at;           /* its memory, mapped as long */
    mfn_t table_mfn;
    uint64_t kind;
};

static void domain_release(struct vcpu *v, struct domain *d)
{
    if (d && d != v->domain && d->id < DOMID_FIRST_RESERVED)
        domain_put(d);
}

/* A domain whose frames or tables v may handle; NULL: it may not. */
static struct domain *domain_for(struct vcpu *v, domid_t id)
{
    if (id == DOMID_SELF || id == v->domain->id)
        return v->domain;
    if (!v->domain->privileged)
        return NULL;
    return id == DOMID_IO || id == DOMID_XEN ? domain_special(id)
                                             : domain_find(id);
}

/* foreigndom: frames' owner in the low half, tables' owner + 1 above. */
static int batch_begin(struct mmu_batch *b, struct vcpu *v, uint32_t dom)
{
    b->v = v;
    b->table = NULL;
    b->tables = v->domain;
    b->frames = v->domain;
    if (likely(dom == DOMID_SELF))
        return 0;

    if (dom >> 16) {
        b->tables = domain_for(v, (domid_t)((dom >> 16) - 1));
        if (!b->tables || b->tables->id >= DOMID_FIRST_RESERVED)
            return -ESRCH;
        if (dom << 16 >> 16 == DOMID_SELF) {
            b->frames = b->tables;
            return 0;
        }
    }
    b->frames = domain_for(v, (domid_t)dom);
    if (!b->frames) {
        domain_release(v, b->tables);
        return -ESRCH;
    }
    if (b->frames == b->tables)
        domain_release(v, b->frames); /* found twice, one reference is kept */
    return 0;
}

static void batch_put_table(struct mmu_batch *b)
{
    if (!b->table)
        return;
    frame_unmap(b->at);
    if (page_put_type_preemptible(b->table))
        mmu_drop_later(b->v, b->table);
    else
        page_put(b->table);
    b->table = NULL;
}

static void batch_end(struct mmu_batch *b)
{
    batch_put_table(b);
    if (b->frames != b->tables)
        domain_release(b->v, b->frames);
    domain_release(b->v, b->tables);
}

/* Have the frame that the entry lies in, as the kind it has now. */
static int batch_take_table(struct mmu_batch *b, mfn_t mfn)
{
    struct page *pg;
    uint64_t kind;
    int rc;

    if (likely(b->table && b->table_mfn == mfn))
        return 0;
    batch_put_table(b);
    if (b->v->drop_later[0])
        return -ERESTART;
    if (unlikely(!mfn_valid(mfn)))
        return -EINVAL;
    pg = mfn_to_page(mfn);
    if (unlikely(!page_get(pg, b->tables)))
        return -EINVAL;

    kind = page_kind(pg);
    if (!kind_is_table(kind) || !(READ_ONCE(pg->type) & PGT_VALIDATED))
        kind = PGT_WRITABLE; /* no table, but memory he may write to */
    rc = page_get_type(pg, kind, true);
    if (unlikely(rc)) {
        page_put(pg);
        return rc;
    }
    b->table = pg;
    b->at = frame_map(mfn);
    b->table_mfn = mfn;
    b->kind = kind;
    return 0;
}

static int update_entry(struct mmu_batch *b, uint64_t ptr, uint64_t val,
                        bool keep_ad)
{
    pte_t *slot;
    int rc;

    rc = batch_take_table(b, ptr >> PAGE_SHIFT);
    if (unlikely(rc))
        return rc;
    slot = (pte_t *)(b->at + (ptr & ~PAGE_MASK));
    if (likely(b->kind == PGT_L1))
        return l1_set(slot, val, b->tables, b->frames, keep_ad);
    if (b->kind == PGT_WRITABLE) {
        WRITE_ONCE(*slot, val);
        return 0;
    }
    return table_set(b->v, b->table, kind_level(b->kind), slot, val, keep_ad);
}

static int update_m2p(struct mmu_batch *b, mfn_t mfn, uint64_t pfn)
{
    struct page *pg;

    if (!mfn_valid(mfn))
        return -EINVAL;
    pg = mfn_to_page(mfn);
    if (!page_get(pg, b->frames))
        return -EINVAL;
    m2p_set(mfn, pfn);
    page_put(pg);
    return 0;
}

static int update_one(struct mmu_batch *b, const struct mmu_update *u)
{
    uint64_t ptr = u->ptr & ~7UL;

    switch (u->ptr & 7) {
    case MMU_NORMAL_PT_UPDATE:
    case MMU_PT_UPDATE_NO_TRANSLATE:
        return update_entry(b, ptr, u->val, false);
    case MMU_PT_UPDATE_PRESERVE_AD:
        return update_entry(b, ptr, u->val, true);
    case MMU_MACHPHYS_UPDATE:
        return update_m2p(b, ptr >> PAGE_SHIFT, u->val);
    default:
        return -EINVAL;
    }
}

/* Do requests from the list until the end, an error, or something else is due;
 * *n says how many are final. */
static int batch_run(struct mmu_batch *b, guest_va_t list, uint32_t count,
                     uint32_t *n)
{
    struct mmu_update u[BATCH];
    uint32_t have = 0, at = 0;
    int rc;

    for (*n = 0; *n < count; ++*n) {
        if (at == have) {
            have = MIN(count - *n, (uint32_t)BATCH);
            at = 0;
            if (copy_from_guest(u, guest_va_at(list, *n, sizeof(u[0])),
                                have * sizeof(u[0])))
                return -EFAULT;
        }
        rc = mmu_finish_drop(b->v);
        if (unlikely(rc))
            return rc;
        if (preempt_wanted() && *n)
            return -ERESTART;
        rc = update_one(b, &u[at++]);
        if (unlikely(rc))
            return rc;
    }
    return 0;
}

/* Add n to the guest's count of requests done. */
static int report_done(uint64_t done, uint32_t before, uint32_t n)
{
    uint32_t total = before + n;
    guest_va_t to = {done};

    return done ? copy_to_guest(to, &total, sizeof(total)) : 0;
}

long do_mmu_update(uint64_t reqs, uint64_t count, uint64_t done, uint64_t dom)
{
    struct vcpu *v = current;
    struct mmu_batch b;
    guest_va_t list = {reqs}, done_va = {done};
    uint32_t todo = (uint32_t)count, before = 0, n = 0;
    int rc;

    if (todo & MMU_UPDATE_PREEMPTED) {
        todo &= ~MMU_UPDATE_PREEMPTED;
        if (done && copy_from_guest(&before, done_va, sizeof(before)))
            return -EFAULT;
    }
    rc = batch_begin(&b, v, (uint32_t)dom);
    if (rc)
        return rc;
    rc = batch_run(&b, list, todo, &n);
    batch_end(&b);
    if (!rc)
        rc = mmu_finish_drop(v);

    if (report_done(done, before, n) && !rc)
        rc = -EFAULT;
    if (rc == -ERESTART)
        return hypercall_resume(v, __HYPERVISOR_mmu_update,
                                reqs + n * sizeof(struct mmu_update),
                                (todo - n) | MMU_UPDATE_PREEMPTED, done, dom);
    return rc;
}

/* The CPUs that vcpus named in a 64-bit map of the guest's ran on last. */
static int cpus_from_guest(struct vcpu *v, guest_va_t map, cpumask_t *cpus)
{
    struct domain *d = v->domain;
    uint64_t bits;

    *cpus = (cpumask_t){{0}};
    for (unsigned int first = 0; first < d->max_vcpus; first += 64) {
        if (copy_from_guest(&bits, guest_va_at(map, first / 64, sizeof(bits)),
                            sizeof(bits)))
            return -EFAULT;
        for (; bits; bits &= bits - 1) {
            unsigned int id = first + (unsigned int)__builtin_ctzl(bits);
            struct vcpu *w = id < d->max_vcpus ? d->vcpu[id] : NULL;

            if (w && cpumask_has(&d->dirty_cpus, w->cpu))
                cpumask_set(cpus, w->cpu);
        }
    }
    return 0;
}

static int flush_after_va_update(struct vcpu *v, uint64_t va, uint64_t flags)
{
    bool page = (flags & UVMF_FLUSHTYPE_MASK) == UVMF_INVLPG;
    guest_va_t map = {flags & ~UVMF_FLUSHTYPE_MASK};
    cpumask_t cpus;

    if ((flags & UVMF_FLUSHTYPE_MASK) == UVMF_NONE)
        return 0;
    if ((flags & UVMF_FLUSHTYPE_MASK) == UVMF_FLUSHTYPE_MASK)
        return -EINVAL;
    if (!map.va) {
        if (page)
            tlb_flush_page_here(va);
        else
            tlb_flush_here();
        return 0;
    }
    if (map.va == UVMF_ALL)
        cpus = v->domain->dirty_cpus;
    else if (cpus_from_guest(v, map, &cpus))
        return -EFAULT;
    if (page)
        tlb_flush_page(&cpus, va);
    else
        tlb_flush(&cpus);
    return 0;
}

static long update_va(uint64_t va, uint64_t pte, uint64_t flags,
                      struct domain *from)
{
    struct vcpu *v = current;
    struct page *table;
    pte_t *slot;
    int rc;

    if (unlikely(!guest_l1_slot(v, va, &slot, &table)))
        return -EINVAL;
    rc = page_is(table, PGT_L1) ? page_get_and_type(table, v->domain, PGT_L1)
                                : -EINVAL;
    if (likely(!rc)) {
        rc = l1_set(slot, pte, v->domain, from, false);
        page_put_and_type(table);
    }
    frame_unmap(slot);
    if (unlikely(rc))
        return rc;
    return flush_after_va_update(v, va, flags);
}

long do_update_va_mapping(uint64_t va, uint64_t pte, uint64_t flags)
{
    long rc = update_va(va, pte, flags, current->domain);

    if (unlikely(rc == -ERESTART))
        return hypercall_resume(current, __HYPERVISOR_update_va_mapping, va,
                                pte, flags, 0);
    return rc;
}

long do_update_va_mapping_otherdomain(uint64_t va, uint64_t pte, uint64_t flags,
                                      uint64_t dom)
{
    struct vcpu *v = current;
    struct domain *from = domain_for(v, (domid_t)dom);
    long rc;

    if (!from)
        return -ESRCH;
    rc = update_va(va, pte, flags, from);
    domain_release(v, from);
    if (rc == -ERESTART)
        return hypercall_resume(v, __HYPERVISOR_update_va_mapping_otherdomain,
                                va, pte, flags, dom);
    return rc;
}

static struct page *frame_of(mfn_t mfn)
{
    return mfn_valid(mfn) ? mfn_to_page(mfn) : NULL;
}

static int op_pin(struct domain *d, mfn_t mfn, unsigned int level)
{
    struct page *pg = frame_of(mfn);
    int rc = pg ? page_pin(d, pg, level_kind(level)) : -EINVAL;

    if (rc && rc != -ERESTART)
        printk(LOG_GUEST "d%d: cannot pin mfn %lx as L%u: %d\n", d->id,
               (unsigned long)mfn, level, rc);
    return rc;
}

static int op_unpin(struct vcpu *v, struct domain *d, mfn_t mfn)
{
    struct page *pg = frame_of(mfn);
    int rc;

    if (!pg || !page_get(pg, d))
        return -EINVAL;
    rc = page_unpin(pg);
    if (rc == -ERESTART) {
        mmu_drop_later(v, pg); /* done as far as the guest is concerned */
        return 0;
    }
    page_put(pg);
    return rc;
}

/* Fill a frame with zeros, or with what src holds. */
static int op_fill_page(struct domain *d, mfn_t mfn, mfn_t src_mfn, bool copy)
{
    struct page *pg = frame_of(mfn), *src = copy ? frame_of(src_mfn) : NULL;
    int rc;

    if (!pg || (copy && !src))
        return -EINVAL;
    if (copy && !page_get(src, d))
        return -EINVAL;
    rc = page_get_and_type(pg, d, PGT_WRITABLE);
    if (!rc) {
        if (copy)
            frame_copy(mfn, src_mfn);
        else
            frame_clear(mfn);
        page_put_and_type(pg);
    }
    if (copy)
        page_put(src);
    return rc;
}

static void flush_cache(void)
{
    wbinvd();
}

static void flush_cache_there(void *unused_arg)
{
    (void)unused_arg;
    wbinvd();
}

static bool may_flush_cache(const struct domain *d)
{
    return d->privileged || (d->iomem && !rangeset_is_empty(d->iomem));
}

static int op_flush(struct vcpu *v, const struct mmuext_op *op)
{
    uint64_t va = op->arg1.linear_addr;
    cpumask_t cpus = v->domain->dirty_cpus;

    switch (op->cmd) {
    case MMUEXT_TLB_FLUSH_LOCAL:
        tlb_flush_here();
        return 0;
    case MMUEXT_INVLPG_LOCAL:
        if (guest_addr_ok(va))
            tlb_flush_page_here(va);
        return 0;
    case MMUEXT_TLB_FLUSH_MULTI:
    case MMUEXT_INVLPG_MULTI:
        if (cpus_from_guest(v, op->arg2.vcpumask, &cpus))
            return -EFAULT;
        break;
    }
    if (op->cmd == MMUEXT_TLB_FLUSH_MULTI || op->cmd == MMUEXT_TLB_FLUSH_ALL)
        tlb_flush(&cpus);
    else if (guest_addr_ok(va))
        tlb_flush_page(&cpus, va);
    return 0;
}

static int op_flush_cache(struct vcpu *v, bool everywhere)
{
    if (!may_flush_cache(v->domain))
        return -EACCES;
    if (everywhere)
        smp_call(&cpus_online, flush_cache_there, NULL);
    else
        flush_cache();
    return 0;
}

/* What an operation does to v itself: only with v's own domain as target. */
static int ext_op_self(struct vcpu *v, const struct mmuext_op *op)
{
    switch (op->cmd) {
    case MMUEXT_NEW_BASEPTR:
        return vcpu_set_root(v, op->arg1.mfn);
    case MMUEXT_NEW_USER_BASEPTR:
        return vcpu_set_user_root(v, op->arg1.mfn);
    case MMUEXT_FLUSH_CACHE:
        return op_flush_cache(v, false);
    case MMUEXT_FLUSH_CACHE_GLOBAL:
        return op_flush_cache(v, true);
    case MMUEXT_SET_LDT:
        return ldt_set(v, op->arg1.linear_addr, op->arg2.nr_ents);
    default:
        return op_flush(v, op);
    }
}

static int ext_op(struct vcpu *v, struct domain *d, const struct mmuext_op *op)
{
    switch (op->cmd) {
    case MMUEXT_PIN_L1_TABLE:
    case MMUEXT_PIN_L2_TABLE:
    case MMUEXT_PIN_L3_TABLE:
    case MMUEXT_PIN_L4_TABLE:
        return op_pin(d, op->arg1.mfn, op->cmd - MMUEXT_PIN_L1_TABLE + 1);
    case MMUEXT_UNPIN_TABLE:
        return op_unpin(v, d, op->arg1.mfn);
    case MMUEXT_CLEAR_PAGE:
        return op_fill_page(d, op->arg1.mfn, 0, false);
    case MMUEXT_COPY_PAGE:
        return op_fill_page(d, op->arg1.mfn, op->arg2.src_mfn, true);
    case MMUEXT_NEW_BASEPTR:
    case MMUEXT_NEW_USER_BASEPTR:
    case MMUEXT_TLB_FLUSH_LOCAL:
    case MMUEXT_INVLPG_LOCAL:
    case MMUEXT_TLB_FLUSH_MULTI:
    case MMUEXT_INVLPG_MULTI:
    case MMUEXT_TLB_FLUSH_ALL:
    case MMUEXT_INVLPG_ALL:
    case MMUEXT_FLUSH_CACHE:
    case MMUEXT_FLUSH_CACHE_GLOBAL:
    case MMUEXT_SET_LDT:
        return d == v->domain ? ext_op_self(v, op) : -EPERM;
    case MMUEXT_MARK_SUPER:
    case MMUEXT_UNMARK_SUPER:
        return -EOPNOTSUPP;
    default:
        return -ENOSYS;
    }
}

static int ext_run(struct vcpu *v, struct domain *d, guest_va_t list,
                   uint32_t count, uint32_t *n)
{
    struct mmuext_op op;
    int rc;

    for (*n = 0; *n < count; ++*n) {
        rc = mmu_finish_drop(v);
        if (unlikely(rc))
            return rc;
        if (preempt_wanted() && *n)
            return -ERESTART;
        if (copy_from_guest(&op, guest_va_at(list, *n, sizeof(op)),
                            sizeof(op)))
            return -EFAULT;
        rc = ext_op(v, d, &op);
        if (unlikely(rc))
            return rc;
    }
    return mmu_finish_drop(v);
}

long do_mmuext_op(uint64_t ops, uint64_t count, uint64_t done, uint64_t dom)
{
    struct vcpu *v = current;
    guest_va_t list = {ops}, done_va = {done};
    uint32_t todo = (uint32_t)count, before = 0, n = 0;
    struct domain *d;
    int rc;

    if (todo & MMU_UPDATE_PREEMPTED) {
        todo &= ~MMU_UPDATE_PREEMPTED;
        if (done && copy_from_guest(&before, done_va, sizeof(before)))
            return -EFAULT;
    }
    d = domain_for(v, (domid_t)dom);
    if (!d || d->id >= DOMID_FIRST_RESERVED)
        return -ESRCH;
    rc = ext_run(v, d, list, todo, &n);
    domain_release(v, d);

    if (report_done(done, before, n) && !rc)
        rc = -EFAULT;
    if (rc == -ERESTART)
        return hypercall_resume(v, __HYPERVISOR_mmuext_op,
                                ops + n * sizeof(struct mmuext_op),
                                (todo - n) | MMU_UPDATE_PREEMPTED, done, dom);
    return rc;
}
