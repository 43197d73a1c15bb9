/* SPDX-License-Identifier: GPL-2.0 */
/*
 * pagetype.c - a frame has one use at a time.
 *
 * The invariant that all isolation rests on:
 *
 *     No frame that a CPU may walk as a page table, or load as a descriptor
 *     table, is ever mapped writable by a guest; and no guest maps a frame
 *     that it neither owns, nor was granted, nor has a right to.
 *
 * How it is kept. Each frame has a kind (writable memory, table of level 1 to
 * 4, descriptors) and a number of uses of that kind. A writable mapping is a
 * use as writable memory; an entry of a table of level n+1 that names the
 * frame is a use as table of level n; a pin, and a root in a vcpu, are uses.
 * The kind changes only while there is no use, and becoming a table means
 * that every entry is judged, and takes what it refers to: a reference for
 * what it maps, a use besides if it maps it writable or as a lower table.
 * Dropping the last use of a table gives all of that back.
 *
 * Rules, each with its reason:
 * - A use comes with a reference of its holder's: a frame with uses is alive.
 * - An updater of an entry holds a use of the table meanwhile: the table can't
 *   change its kind under him. No lock is needed beyond that, for the slot
 *   itself is changed by compare-and-exchange, after the new entry's
 *   references were taken and before the old one's are dropped.
 * - BUSY: one CPU judges or drops the entries; there are no uses meanwhile.
 *   Others that want the same kind wait. Those that want another kind are told
 *   -EBUSY and do not wait, so no two CPUs wait for each other: who judges a
 *   table of level n waits for tables of level n-1 alone.
 * - PARTIAL: nobody works at it, there are no uses, but entries [0, DONE) hold
 *   what they refer to: somebody was interrupted going up (judging) or down
 *   (dropping). Either direction can be resumed by anyone. The state holds one
 *   reference of its own, so that the frame is not freed with entries held.
 *   Such a frame takes no other kind before it has been dropped to the end.
 * - Entry DONE of a PARTIAL table may name a child that was interrupted too.
 *   The child's state is its own: no use or reference of the parent's entry
 *   belongs to it. Going up meets that child by itself; going down finishes it
 *   first, lest it stays half a table for ever.
 * - From writable to table or descriptors, CPUs that may remember a writable
 *   translation forget it first: after BUSY is set (no new one can come) and
 *   before the first entry is judged. The time of the last writable use is
 *   noted while the frame is BUSY, so that note and count can't disagree.
 *   A frame that another domain mapped writable is forgotten by all CPUs.
 * - From table to anything else needs no flush: whoever unlinks a table from a
 *   higher one flushes before he drops its use (pgtable.c), and loading
 *   another root is a flush.
 * - From descriptors to anything else neither: a vcpu that lets go of one of
 *   its tables flushes its own CPU, others remember none of it that matters,
 *   and a CPU that a vcpu comes to loads the root anew (context.c).
 */
#include "pv/pagetype.h"

#include "core/arch.h"
#include "core/panic.h"
#include "core/printk.h"
#include "core/softirq.h"
#include "lib/errno.h"
#include "mm/directmap.h"
#include "mm/tlb.h"
#include "mm/window.h"
#include "pv/pgtable.h"
#include "pv/pv.h"

static bool cas_type(struct page *pg, uint64_t *old, uint64_t new_type)
{
    return __atomic_compare_exchange_n(&pg->type, old, new_type, false,
                                       __ATOMIC_SEQ_CST, __ATOMIC_RELAXED);
}

/* A slot of a level 4 table that is ours, not the guest's. */
static bool slot_is_ours(unsigned int level, unsigned int i)
{
    return level == 4 && i >= HYP_FIRST_SLOT && i <= HYP_LAST_SLOT;
}

static void clear_our_slots(pte_t *l4)
{
    for (unsigned int i = HYP_FIRST_SLOT; i <= HYP_LAST_SLOT; i++)
        l4[i] = 0;
}

/* A table below entry e may have been left part-done: finish dropping it. */
static int child_finish(pte_t e, unsigned int level, const struct domain *d,
                        bool preemptible)
{
    struct page *child;
    uint64_t t;
    int rc = 0;

    if (!(e & PTE_P) || !mfn_valid(pte_mfn(e)))
        return 0;
    child = mfn_to_page(pte_mfn(e));
    if (!page_get(child, d))
        return 0;
    t = READ_ONCE(child->type);
    if (t & PGT_PARTIAL && (t & PGT_KIND) == level_kind(level - 1))
        rc = page_finish_partial(child, preemptible);
    page_put(child);
    return rc;
}

/* Most entries of most tables are absent: look at four in one test. */
static inline bool four_absent(const pte_t *e)
{
    return !((e[0] | e[1] | e[2] | e[3]) & PTE_P);
}

static void l1_leave(const pte_t *table, unsigned int done)
{
    while (done > 0) {
        if (!(done & 3) && four_absent(&table[done - 4])) {
            done -= 4;
            continue;
        }
        if (table[--done] & PTE_P)
            l1e_drop(table[done]);
    }
}

static int l1_enter(pte_t *table, struct domain *d, unsigned int *done)
{
    unsigned int i = 0;
    int rc = 0;

    while (i < PTES_PER_TABLE) {
        pte_t e;

        if (!(i & 3) && four_absent(&table[i])) {
            i += 4;
            continue;
        }
        e = table[i];
        if (e & PTE_P) {
            rc = l1e_enter(&e, d);
            if (unlikely(rc))
                break;
            if (e != table[i])
                table[i] = e;
        }
        i++;
    }
    *done = i;
    return rc == -ERESTART ? -EBUSY : rc;
}

static int entries_leave(pte_t *table, struct domain *d, unsigned int level,
                         unsigned int *done, bool preemptible)
{
    int rc;

    if (level == 1) {
        l1_leave(table, *done);
        *done = 0;
        return 0;
    }
    if (*done < PTES_PER_TABLE && !slot_is_ours(level, *done)) {
        rc = child_finish(table[*done], level, d, preemptible);
        if (rc)
            return rc;
    }
    while (*done > 0) {
        unsigned int i = --*done;

        if (!(table[i] & PTE_P) || slot_is_ours(level, i))
            continue;
        rc = child_drop(table[i], preemptible);
        if (rc)
            return rc;
        if (preemptible && preempt_wanted() && *done)
            return -ERESTART;
    }
    if (level == 4)
        clear_our_slots(table);
    return 0;
}

/* Give back what entries [0, *done) hold, from the top. */
static int table_leave(struct page *pg, unsigned int level, unsigned int *done,
                       bool preemptible)
{
    pte_t *table = frame_map(page_to_mfn(pg));
    int rc = entries_leave(table, page_owner(pg), level, done, preemptible);

    frame_unmap(table);
    return rc;
}

static int entries_enter(pte_t *table, struct domain *d, unsigned int level,
                         unsigned int *done, bool preemptible)
{
    int rc;

    if (level == 1)
        return l1_enter(table, d, done);
    for (; *done < PTES_PER_TABLE; ++*done) {
        pte_t e = table[*done];

        if (!(e & PTE_P) || slot_is_ours(level, *done))
            continue;
        if (pte_judge(&e, level, d) != PTE_FIT)
            return -EINVAL;
        if (preemptible && preempt_wanted() && *done)
            return -ERESTART;
        rc = child_take(e, level, d, preemptible);
        if (rc)
            return rc;
        if (e != table[*done])
            table[*done] = e;
    }
    if (level == 4)
        root_fill_hyp(table, d->perdomain_l3_mfn);
    return 0;
}

/* Judge entries from *done up and take what they refer to. */
static int table_enter(struct page *pg, unsigned int level, unsigned int *done,
                       bool preemptible)
{
    struct domain *d = page_owner(pg);
    pte_t *table;
    int rc;

    if (!d)
        return -EINVAL;
    table = frame_map(page_to_mfn(pg));
    rc = entries_enter(table, d, level, done, preemptible);
    frame_unmap(table);
    return rc;
}

/*
 * The end of work on a BUSY table that got no use: if some is left (more), the
 * state keeps a reference; `had` says that it came with one.
 */
static void busy_end(struct page *pg, uint64_t kind, unsigned int done,
                     bool more, bool had)
{
    uint64_t t = kind;

    if (more) {
        t |= PGT_PARTIAL | (uint64_t)done << PGT_DONE_SHIFT;
        if (!had)
            page_ref(pg);
    }
    store_release(&pg->type, t);
    if (!more && had)
        page_put(pg); /* never the last: our caller holds one */
}

static unsigned int type_done(uint64_t t)
{
    return t & PGT_PARTIAL ? (t & PGT_DONE) >> PGT_DONE_SHIFT : 0;
}

int page_finish_partial(struct page *pg, bool preemptible)
{
    uint64_t t = READ_ONCE(pg->type);
    unsigned int done = type_done(t);
    int rc;

    if (!(t & PGT_PARTIAL) || t & PGT_BUSY ||
        !cas_type(pg, &t, (t & PGT_KIND) | PGT_BUSY))
        return 0; /* someone else does it, or has done it */

    rc = table_leave(pg, kind_level(t & PGT_KIND), &done, preemptible);
    busy_end(pg, t & PGT_KIND, done, rc != 0, true);
    return rc;
}

/* CPUs that may still write to pg through an old translation forget it. */
static void forget_writable(struct page *pg)
{
    struct domain *d = page_owner(pg);
    bool foreign = pg->flags & PGF_FOREIGN;
    cpumask_t cpus = foreign || !d ? cpus_online : d->dirty_cpus;

    tlb_filter(&cpus, pg->tlb_stamp);
    if (!cpumask_empty(&cpus))
        tlb_flush(&cpus);
    pg->flags &= (uint8_t)~PGF_FOREIGN;
}

/* pg is BUSY by us and was `t` before: make it `kind`, with one use. */
static int busy_become(struct page *pg, uint64_t t, uint64_t kind,
                       bool preemptible)
{
    unsigned int done = type_done(t), level = kind_level(kind);
    int rc, left = 0;

    if ((t & PGT_KIND) == PGT_WRITABLE)
        forget_writable(pg);

    if (kind == PGT_SEG) {
        rc = descriptors_validate(page_to_mfn(pg)) ? 0 : -EINVAL;
        store_release(&pg->type, rc ? kind : kind | PGT_VALIDATED | 1);
        return rc;
    }

    rc = table_enter(pg, level, &done, preemptible);
    if (!rc) {
        store_release(&pg->type, kind | PGT_VALIDATED | 1);
        if (t & PGT_PARTIAL)
            page_put(pg);
        return 0;
    }
    if (rc != -ERESTART) /* refused: nothing of it stays, if time allows */
        left = table_leave(pg, level, &done, true);
    busy_end(pg, kind, done, rc == -ERESTART || left, t & PGT_PARTIAL);
    return rc;
}

int page_get_type_slow(struct page *pg, uint64_t kind, bool preemptible)
{
    uint64_t t = READ_ONCE(pg->type), now;
    int rc;

    for (;; t = READ_ONCE(pg->type)) {
        now = t & PGT_KIND;
        if (t & PGT_BUSY) {
            if (now != kind && now != PGT_WRITABLE)
                return -EBUSY;
            arch_wait();
            continue;
        }
        if (now == kind && t & PGT_VALIDATED) {
            if ((t & PGT_COUNT) == PGT_COUNT)
                return -EBUSY;
            if (cas_type(pg, &t, t + 1))
                return 0;
            continue;
        }
        if (t & PGT_COUNT)
            return -EBUSY;
        if (t & PGT_PARTIAL && now != kind) {
            if (!preemptible)
                return -EBUSY;
            rc = page_finish_partial(pg, true);
            if (rc)
                return rc;
            continue;
        }
        if (kind == PGT_WRITABLE) {
            if (cas_type(pg, &t, kind | PGT_VALIDATED | 1))
                return 0;
            continue;
        }
        if (cas_type(pg, &t, kind | PGT_BUSY))
            return busy_become(pg, t, kind, preemptible);
    }
}

/* The last use is gone and pg is BUSY by us. */
static int last_use_gone(struct page *pg, uint64_t kind, bool preemptible)
{
    unsigned int done = PTES_PER_TABLE;
    int rc;

    if (!kind_is_table(kind)) {
        pg->tlb_stamp = tlb_clock();
        store_release(&pg->type,
                      kind == PGT_WRITABLE ? kind | PGT_VALIDATED : kind);
        return 0;
    }
    rc = table_leave(pg, kind_level(kind), &done, preemptible);
    busy_end(pg, kind, done, rc != 0, false);
    return rc;
}

static int put_type(struct page *pg, bool preemptible)
{
    uint64_t t = READ_ONCE(pg->type);

    for (;;) {
        if (likely((t & PGT_COUNT) > 1)) {
            if (cas_type(pg, &t, t - 1))
                return 0;
            continue;
        }
        BUG_ON(!(t & PGT_COUNT) || t & PGT_BUSY);
        if (cas_type(pg, &t, (t & PGT_KIND) | PGT_BUSY))
            return last_use_gone(pg, t & PGT_KIND, preemptible);
    }
}

void page_put_type_slow(struct page *pg)
{
    int rc = put_type(pg, false);

    BUG_ON(rc);
}

int page_put_type_preemptible(struct page *pg)
{
    return put_type(pg, true);
}

int page_pin(struct domain *d, struct page *pg, uint64_t kind)
{
    uint64_t t;
    int rc;

    if (!page_get(pg, d))
        return -EINVAL;
    rc = page_get_type(pg, kind, true);
    if (rc)
        goto put_page;

    t = __atomic_fetch_or(&pg->type, PGT_PINNED, __ATOMIC_SEQ_CST);
    if (t & PGT_PINNED) {
        page_put_type(pg); /* not the last: the pin has one */
        rc = -EINVAL;
        goto put_page;
    }
    /* Teardown may have passed this frame already: undo it ourselves. */
    if (unlikely(READ_ONCE(d->dying) != DOMAIN_ALIVE)) {
        page_ref(pg);
        if (page_unpin(pg) == -ERESTART)
            (void)page_finish_partial(pg, false);
        page_put(pg);
    }
    return 0; /* the pin owns both references */

put_page:
    page_put(pg);
    return rc;
}

int page_unpin(struct page *pg)
{
    uint64_t t = READ_ONCE(pg->type);
    int rc;

    do {
        if (!(t & PGT_PINNED))
            return -EINVAL;
    } while (!cas_type(pg, &t, t & ~PGT_PINNED));

    rc = page_put_type_preemptible(pg);
    page_put(pg);
    return rc;
}

/* The first frame of the list, a reference taken; NULL: the list is empty. */
static struct page *list_first_get(struct domain *d, uint32_t *head)
{
    struct page *pg;

    while (*head != PAGE_LINK_END) {
        pg = mfn_to_page(*head);
        if (page_get(pg, d))
            return pg;
        arch_wait(); /* its last reference went: it leaves the list now */
    }
    return NULL;
}

/* No pin and no half-dropped table stays. */
static int release_uses(struct page *pg)
{
    int rc = page_unpin(pg);

    if (!rc || rc == -EINVAL)
        rc = page_finish_partial(pg, true);
    return rc;
}

/* The first frame of the list, by itself. -ENOENT: there is none. */
static int release_first(struct domain *d, bool second)
{
    struct page *pg = list_first_get(d, second ? &d->page_head2
                                               : &d->page_head);
    int rc;

    if (!pg)
        return -ENOENT;
    rc = second ? 0 : release_uses(pg);
    if (!rc)
        page_list_move(d, pg, second);
    if (second)
        page_drop_allocated(pg);
    page_put(pg);
    return rc;
}

/*
 * First all tables lose their pins, and so give back what they hold; the
 * frames move to the second list meanwhile. Then each is released; those that
 * others still use (another domain's mapping) are back in the first list,
 * and leave it with that use. Most frames are simple, and go many at once.
 */
int domain_release_pages(struct domain *d)
{
    int rc = 0;

    for (; d->release_phase < 2; d->release_phase++) {
        bool second = d->release_phase;

        if (!d->tot_pages)
            return 0;
        while (rc != -ENOENT) {
            if (second ? pages_release_run(d) : pages_move_plain(d))
                rc = 0;
            else
                rc = release_first(d, second);
            if ((rc && rc != -ENOENT) || preempt_wanted())
                return -ERESTART;
        }
        rc = 0;
    }
    return 0;
}
