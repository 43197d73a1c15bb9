/* SPDX-License-Identifier: GPL-2.0 */
/*
 * pgtable.c - the guest's page tables: entries judged, entered and left.
 * Keeps true: a present entry of a table in use holds what it refers to (see
 * the essay in pagetype.c); no CPU remembers a table after its use was
 * dropped; the roots of a vcpu hold a reference and a use each.
 * Not here: hypercalls (mmu_op.c) and trapped stores (ptwrite.c).
 */
#include "pv/pgtable.h"

#include "core/printk.h"
#include "cpu/features.h"
#include "lib/errno.h"
#include "lib/rangeset.h"
#include "mm/tlb.h"
#include "mm/window.h"
#include "pv/pagetype.h"

#define PTE_AD    (PTE_A | PTE_D)
#define PTE_CACHE (PTE_PWT | PTE_PCD)

/* Frames without a domain are looked up under these. */
static struct domain domain_io = {.id = DOMID_IO};
static struct domain domain_xen = {.id = DOMID_XEN};

struct domain *domain_special(domid_t id)
{
    if (id == DOMID_IO)
        return &domain_io;
    return id == DOMID_XEN ? &domain_xen : NULL;
}

/*
 * Only who may touch devices chooses how memory is cached: an uncached alias
 * of a table could differ from what we judged.
 */
static noinline bool may_choose_caching(const struct domain *d)
{
    return d->privileged || (d->iomem && !rangeset_is_empty(d->iomem));
}

/* Level 1; e is present. Frames beyond the CPU's reach are no RAM, so
 * l1e_take_device() refuses them. */
static always_inline bool l1e_judge(pte_t *e, const struct domain *d)
{
    pte_t n = (*e | PTE_U) & ~PTE_G;

    if (unlikely(n & PTE_NX && !cpu_features.nx))
        return false;
    if (unlikely(n & (PTE_CACHE | PTE_PAT1)) && !may_choose_caching(d))
        n &= ~(PTE_CACHE | PTE_PAT1);
    *e = n;
    return true;
}

enum pte_verdict pte_judge(pte_t *e, unsigned int level,
                           const struct domain *d)
{
    if (!(*e & PTE_P))
        return PTE_ABSENT;
    if (level == 1)
        return l1e_judge(e, d) ? PTE_FIT : PTE_UNFIT;

    /* Level 4: the bit is reserved; 2 and 3: a superpage. */
    if (*e & PTE_PSE || (*e & PTE_NX && !cpu_features.nx))
        return PTE_UNFIT;
    *e = (*e | PTE_U) & ~(PTE_G | PTE_CACHE);
    return PTE_FIT;
}

static noinline int l1e_refused(pte_t e, const struct domain *d,
                                const struct domain *from, const char *why,
                                int rc)
{
    printk(LOG_GUEST "d%d: L1 entry %016lx of d%d: %s\n", d->id,
           (unsigned long)e, from->id, why);
    return rc;
}

/* Not RAM: a right to the device's frame is all it takes. */
static noinline int l1e_take_device(pte_t e, struct domain *d,
                                    struct domain *from)
{
    mfn_t mfn = pte_mfn(e);

    if (e & PTE_ADDR & ~((1UL << cpu_features.phys_bits) - 1))
        return l1e_refused(e, d, from, "reserved bits", -EINVAL);
    if ((from == d || from == &domain_io) && d->iomem &&
        rangeset_contains(d->iomem, mfn, mfn))
        return 0;
    return l1e_refused(e, d, from, "no right to the device frame", -EPERM);
}

/* A use as writable memory, by a mapping in d. */
static inline int take_write(struct page *pg, const struct domain *d)
{
    int rc = page_get_type(pg, PGT_WRITABLE, true);

    if (!rc && unlikely(pg->owner != d->id))
        __atomic_fetch_or(&pg->flags, PGF_FOREIGN, __ATOMIC_RELAXED);
    return rc;
}

static always_inline int take(pte_t e, struct domain *d, struct domain *from)
{
    mfn_t mfn = pte_mfn(e);
    struct page *pg;
    int rc;

    if (unlikely(!mfn_valid(mfn)))
        return l1e_take_device(e, d, from);

    pg = mfn_to_page(mfn);
    if (unlikely(!page_get(pg, from)))
        return l1e_refused(e, d, from, "not the owner's frame", -EINVAL);
    if (!(e & PTE_W))
        return 0;
    rc = take_write(pg, d);
    if (likely(!rc))
        return 0;
    page_put(pg);
    return rc == -ERESTART
               ? rc
               : l1e_refused(e, d, from, "frame is not writable", rc);
}

int l1e_take(pte_t e, struct domain *d, struct domain *from)
{
    return take(e, d, from);
}

int l1e_enter(pte_t *e, struct domain *d)
{
    if (unlikely(!l1e_judge(e, d)))
        return l1e_refused(*e, d, d, "reserved bits", -EINVAL);
    return take(*e, d, d);
}

static always_inline void drop(pte_t e)
{
    mfn_t mfn = pte_mfn(e);
    struct page *pg;

    if (unlikely(!mfn_valid(mfn)))
        return;
    pg = mfn_to_page(mfn);
    if (e & PTE_W)
        page_put_type(pg);
    page_put(pg);
}

void l1e_drop(pte_t e)
{
    drop(e);
}

int child_take(pte_t e, unsigned int level, struct domain *d, bool preemptible)
{
    mfn_t mfn = pte_mfn(e);
    struct page *pg;
    int rc;

    if (!mfn_valid(mfn))
        return -EINVAL;
    pg = mfn_to_page(mfn);
    if (!page_get(pg, d))
        return -EINVAL;
    rc = page_get_type(pg, level_kind(level - 1), preemptible);
    if (rc)
        page_put(pg);
    return rc;
}

int child_drop(pte_t e, bool preemptible)
{
    struct page *pg = mfn_to_page(pte_mfn(e));
    int rc = 0;

    if (preemptible)
        rc = page_put_type_preemptible(pg);
    else
        page_put_type(pg);
    page_put(pg); /* a part-dropped table keeps itself */
    return rc;
}

/* Both present, same frame: its reference stays. */
static inline bool same_frame(pte_t a, pte_t b)
{
    return a & b & PTE_P && !((a ^ b) & PTE_ADDR);
}

/* The same frame with more or fewer rights: only the use as writable moves. */
static int l1_change_rights(pte_t *slot, pte_t old, pte_t e,
                            const struct domain *d, const struct domain *from)
{
    mfn_t mfn = pte_mfn(e);
    struct page *pg = mfn_valid(mfn) ? mfn_to_page(mfn) : NULL;
    bool gain = pg && e & ~old & PTE_W, lose = pg && old & ~e & PTE_W;
    int rc;

    if (gain) {
        /* A frame granted for reading is not from's: it stays read-only. */
        if (!page_get(pg, from))
            return -EINVAL;
        rc = take_write(pg, d);
        if (rc) {
            page_put(pg);
            return rc;
        }
    }
    rc = cas64(slot, old, e) ? 0 : -EAGAIN;
    if (gain) {
        if (rc)
            page_put_type(pg);
        page_put(pg);
    }
    if (!rc && lose)
        page_put_type(pg);
    return rc;
}

static inline int l1_replace(pte_t *slot, pte_t old, pte_t e, struct domain *d,
                             struct domain *from)
{
    int rc;

    if (same_frame(old, e)) {
        if (!((old ^ e) & PTE_W)) /* what the entry holds stays the same */
            return cas64(slot, old, e) ? 0 : -EAGAIN;
        return l1_change_rights(slot, old, e, d, from);
    }
    if (e & PTE_P) {
        rc = take(e, d, from);
        if (unlikely(rc))
            return rc;
    }
    if (unlikely(!cas64(slot, old, e))) {
        if (e & PTE_P)
            drop(e);
        return -EAGAIN;
    }
    if (old & PTE_P)
        drop(old);
    return 0;
}

int l1_exchange(pte_t *slot, pte_t old, pte_t e, struct domain *d,
                struct domain *from)
{
    if (unlikely(e & PTE_P && !l1e_judge(&e, d)))
        return l1e_refused(e, d, from, "reserved bits", -EINVAL);
    return l1_replace(slot, old, e, d, from);
}

int l1_set(pte_t *slot, pte_t e, struct domain *d, struct domain *from,
           bool keep_ad)
{
    pte_t old;
    int rc;

    if (unlikely(e & PTE_P && !l1e_judge(&e, d)))
        return l1e_refused(e, d, from, "reserved bits", -EINVAL);
    do {
        old = READ_ONCE(*slot);
        rc = l1_replace(slot, old, keep_ad ? e | (old & PTE_AD) : e, d, from);
    } while (unlikely(rc == -EAGAIN));
    return rc;
}

/* A request leaves at most two: what an entry named, and the table it stood in
 * if another vcpu took the last other use of that meanwhile. */
void mmu_drop_later(struct vcpu *v, struct page *pg)
{
    for (unsigned int i = 0; i < ARRAY_SIZE(v->drop_later); i++)
        if (!v->drop_later[i]) {
            v->drop_later[i] = pg;
            return;
        }
    (void)page_finish_partial(pg, false);
    page_put(pg);
}

int mmu_finish_drop(struct vcpu *v)
{
    for (unsigned int i = 0; i < ARRAY_SIZE(v->drop_later); i++) {
        struct page *pg = v->drop_later[i];
        int rc;

        if (likely(!pg))
            continue;
        rc = page_finish_partial(pg, true);
        if (rc)
            return rc;
        v->drop_later[i] = NULL;
        page_put(pg);
    }
    return 0;
}

/* Drop what an entry of level 2 to 4 held; the rest of the work waits in v. */
static void child_drop_now_or_later(struct vcpu *v, pte_t e)
{
    struct page *pg = mfn_to_page(pte_mfn(e));

    if (page_put_type_preemptible(pg))
        mmu_drop_later(v, pg);
    else
        page_put(pg);
}

/*
 * CPUs may have walked the table if anything but a pin and the caller uses
 * it: then they may remember the entry that was removed.
 */
static void forget_entry(struct page *table, struct domain *d)
{
    uint64_t t = READ_ONCE(table->type);
    uint64_t unlinked = t & PGT_PINNED ? 2 : 1;

    if ((t & PGT_COUNT) > unlinked && !cpumask_empty(&d->dirty_cpus))
        tlb_flush(&d->dirty_cpus);
}

int table_set(struct vcpu *v, struct page *table, unsigned int level,
              pte_t *slot, pte_t e, bool keep_ad)
{
    struct domain *d = page_owner(table);
    unsigned int i = ((uint64_t)slot & ~PAGE_MASK) / sizeof(pte_t);
    pte_t old = READ_ONCE(*slot);
    int rc;

    if (level == 4 && i >= HYP_FIRST_SLOT && i <= HYP_LAST_SLOT)
        return -EINVAL;
    if (pte_judge(&e, level, d) == PTE_UNFIT)
        return -EINVAL;

    if (same_frame(old, e)) {
        do {
            pte_t n = keep_ad ? e | (old & PTE_AD) : e;

            if (cas64(slot, old, n)) {
                if ((old ^ n) & ~(PTE_AD | PTE_AVL))
                    forget_entry(table, d);
                return 0;
            }
            old = READ_ONCE(*slot);
        } while (same_frame(old, e));
    }

    if (e & PTE_P) {
        rc = child_take(e, level, d, true);
        if (rc)
            return rc;
    }
    while (!cas64(slot, old, e))
        old = READ_ONCE(*slot);
    if (old & PTE_P) {
        forget_entry(table, d);
        child_drop_now_or_later(v, old);
    }
    return 0;
}

static noinline pte_t high_entry(mfn_t mfn, unsigned int i)
{
    return mfn_valid(mfn) ? window_word(mfn, i) : 0;
}

/* One step down: entry i of the table that e names; 0: e is absent or a
 * superpage, or names no table of RAM any more. */
static always_inline pte_t entry_below(pte_t e, unsigned int i)
{
    mfn_t mfn = pte_mfn(e);

    if (unlikely((e & (PTE_P | PTE_PSE)) != PTE_P))
        return 0;
    return likely(mfn_valid_low(mfn)) ? READ_ONCE(((pte_t *)mfn_to_virt(mfn))[i])
                                      : high_entry(mfn, i);
}

bool guest_l1_slot(struct vcpu *v, uint64_t va, pte_t **slot,
                   struct page **table)
{
    mfn_t root = v->root_kernel;
    pte_t e;

    if (unlikely(!guest_addr_ok(va) || !root))
        return false;
    e = frame_word(root, pte_index(va, 4));
    e = entry_below(e, pte_index(va, 3));
    e = entry_below(e, pte_index(va, 2));
    if (unlikely((e & (PTE_P | PTE_PSE)) != PTE_P || !mfn_valid(pte_mfn(e))))
        return false;
    *slot = (pte_t *)frame_map(pte_mfn(e)) + pte_index(va, 1);
    *table = mfn_to_page(pte_mfn(e));
    return true;
}

pte_t guest_walk(mfn_t root, uint64_t va, unsigned int *level)
{
    pte_t e = frame_word(root, pte_index(va, 4));

    for (*level = 4; e & PTE_P && *level > 1 && !(e & PTE_PSE); --*level)
        e = entry_below(e, pte_index(va, *level - 1));
    return e & PTE_P ? e : 0;
}

/* A root: reference and use as L4. */
static int root_take(struct vcpu *v, mfn_t mfn)
{
    struct page *pg;
    int rc;

    if (!mfn_valid(mfn))
        return -EINVAL;
    pg = mfn_to_page(mfn);
    if (!page_get(pg, v->domain))
        return -EINVAL;
    rc = page_get_type(pg, PGT_L4, true);
    if (rc)
        page_put(pg);
    return rc;
}

/* Put off into `in` what a drop leaves. */
static void root_drop(struct vcpu *in, mfn_t mfn)
{
    struct page *pg;

    if (!mfn)
        return;
    pg = mfn_to_page(mfn);
    if (page_put_type_preemptible(pg))
        mmu_drop_later(in, pg);
    else
        page_put(pg);
}

int vcpu_set_root(struct vcpu *v, mfn_t root)
{
    mfn_t old = v->root_kernel;
    int rc;

    if (root == old && root) {
        if (v == current)
            tlb_flush_here();
        return 0;
    }
    rc = root_take(v, root);
    if (rc)
        return rc;
    v->root_kernel = root;
    if (v == current && v->in_kernel)
        root_load(root << PAGE_SHIFT);
    root_drop(current, old);
    return 0;
}

int vcpu_set_user_root(struct vcpu *v, mfn_t root)
{
    mfn_t old = v->root_user;
    int rc;

    if (root == old)
        return 0;
    if (root) {
        rc = root_take(v, root);
        if (rc)
            return rc;
    }
    v->root_user = root;
    if (v == current && !v->in_kernel && root)
        root_load(root << PAGE_SHIFT);
    root_drop(current, old);
    return 0;
}

int vcpu_drop_roots(struct vcpu *v)
{
    uint64_t *roots[] = {&v->root_kernel, &v->root_user};
    int rc = mmu_finish_drop(v);

    for (unsigned int i = 0; i < ARRAY_SIZE(roots) && !rc; i++) {
        mfn_t mfn = *roots[i];

        *roots[i] = 0;
        root_drop(v, mfn);
        rc = mmu_finish_drop(v);
    }
    return rc;
}

/* Find the L1 slot a grant names and map it, with a reference and use of its
 * table. */
static int slot_take(struct vcpu *v, uint64_t host_addr, bool is_pte_addr,
                     pte_t **slot, struct page **table)
{
    int rc;

    if (is_pte_addr) {
        if (host_addr & (sizeof(pte_t) - 1) ||
            !mfn_valid(host_addr >> PAGE_SHIFT))
            return -EINVAL;
        *slot = (pte_t *)frame_map(host_addr >> PAGE_SHIFT) +
                (host_addr & ~PAGE_MASK) / sizeof(pte_t);
        *table = mfn_to_page(host_addr >> PAGE_SHIFT);
    } else if (!guest_l1_slot(v, host_addr, slot, table)) {
        return -EINVAL;
    }
    rc = page_is(*table, PGT_L1)
             ? page_get_and_type(*table, v->domain, PGT_L1)
             : -EINVAL;
    if (rc)
        frame_unmap(*slot);
    return rc;
}

static void slot_put(const pte_t *slot, struct page *table)
{
    frame_unmap(slot);
    page_put_and_type(table);
}

int pte_install(struct vcpu *v, pte_t e, uint64_t host_addr, bool is_pte_addr)
{
    struct page *table;
    pte_t *slot, old;
    int rc = slot_take(v, host_addr, is_pte_addr, &slot, &table);

    if (rc)
        return rc;
    if (pte_judge(&e, 1, v->domain) != PTE_FIT) {
        slot_put(slot, table);
        return -EINVAL;
    }
    do {
        old = READ_ONCE(*slot);
    } while (!cas64(slot, old, e));
    if (old & PTE_P)
        l1e_drop(old);
    slot_put(slot, table);
    return 0;
}

/* Take the entry of va away to put it elsewhere, with what it holds. */
static int entry_lift(struct vcpu *v, uint64_t va, pte_t *e)
{
    struct page *table;
    pte_t *slot;
    int rc = slot_take(v, va, false, &slot, &table);

    if (rc)
        return rc;
    *e = xchg(slot, 0);
    slot_put(slot, table);
    return 0;
}

int pte_remove(struct vcpu *v, mfn_t mfn, uint64_t host_addr, bool is_pte_addr,
               uint64_t replace_with_va, pte_t *old)
{
    struct page *table;
    pte_t *slot, e = 0;
    int rc = slot_take(v, host_addr, is_pte_addr, &slot, &table);

    if (rc)
        return rc;
    *old = READ_ONCE(*slot);
    if (!(*old & PTE_P) || pte_mfn(*old) != mfn)
        rc = -EINVAL;
    else if (replace_with_va)
        rc = entry_lift(v, replace_with_va, &e);
    while (!rc && !cas64(slot, *old, e)) {
        *old = READ_ONCE(*slot);
        if (!(*old & PTE_P) || pte_mfn(*old) != mfn)
            rc = -EINVAL;
    }
    if (rc && e & PTE_P)
        l1e_drop(e); /* it lost its place */
    slot_put(slot, table);
    return rc;
}
