/* SPDX-License-Identifier: GPL-2.0 */
/*
 * audit.c - a debug key: do the counts of frames agree with the tables?
 * Counts what every table, pin and root of a domain refers to, and compares.
 * A frame that is referred to more often than its count says, or as another
 * kind than it has, is an error of ours. One that is referred to less often is
 * held besides, by others: another domain's tables, grants, descriptors.
 * Keeps true: all CPUs stand still while one counts. Wherever they stopped, a
 * count was taken before the entry was written and is dropped after it is
 * gone, so that a count too small is never a matter of the moment.
 */
#include "core/arch.h"
#include "core/keys.h"
#include "core/printk.h"
#include "core/smpcall.h"
#include "domain/domain.h"
#include "lib/atomic.h"
#include "lib/string.h"
#include "mm/heap.h"
#include "mm/window.h"
#include "pv/audit.h"
#include "pv/pagetype.h"
#include "pv/pgtable.h"

struct tally {
    uint32_t refs;
    uint32_t uses : 24, kinds : 8; /* a bit for each kind it is used as */
};

#define BAD_SHOWN 10
#define FRAMES_A_GO (1UL << 24) /* a larger machine is counted piece by piece */

struct audit {
    struct domain *d;
    struct tally *t; /* of frames [first, first + nr) */
    mfn_t first, nr;
    struct tally elsewhere;
    unsigned int cpu;  /* who counts */
    cpumask_t awaited; /* CPUs that do not stand still yet */
    uint32_t finished; /* they may go on */
    bool counted;
    unsigned long tables, besides, bad, bad_here; /* here: of these frames */
    uint32_t shown[BAD_SHOWN]; /* the first of those */
};

static void tally_use(struct tally *t, uint64_t kind)
{
    t->uses++;
    t->kinds |= 1u << kind_level(kind) & 0xff;
}

static struct tally *tally_of(struct audit *a, mfn_t mfn)
{
    return mfn - a->first < a->nr ? &a->t[mfn - a->first] : &a->elsewhere;
}

static void tally_entry(struct audit *a, unsigned int level, pte_t e)
{
    struct tally *t;

    if (!(e & PTE_P) || !mfn_valid(pte_mfn(e)))
        return;
    t = tally_of(a, pte_mfn(e));
    t->refs++;
    if (level > 1)
        tally_use(t, level_kind(level - 1));
    else if (e & PTE_W)
        tally_use(t, PGT_WRITABLE);
}

static void tally_frame(struct audit *a, const struct page *pg)
{
    uint64_t type = READ_ONCE(pg->type);
    unsigned int level = kind_level(type & PGT_KIND);
    unsigned int done = type & PGT_VALIDATED ? PTES_PER_TABLE
                        : type & PGT_PARTIAL
                            ? (type & PGT_DONE) >> PGT_DONE_SHIFT
                            : 0;
    const pte_t *table;
    mfn_t mfn = page_to_mfn(pg);
    struct tally *t = tally_of(a, mfn);

    t->refs += !!(pg->count & PGC_ALLOCATED) + !!(type & PGT_PARTIAL) +
               !!(type & PGT_PINNED);
    if (type & PGT_PINNED)
        tally_use(t, type & PGT_KIND);
    if (!kind_is_table(type & PGT_KIND))
        return;
    table = frame_map(mfn);
    for (unsigned int i = 0; i < done; i++)
        if (level < 4 || i < HYP_FIRST_SLOT || i > HYP_LAST_SLOT)
            tally_entry(a, level, table[i]);
    frame_unmap(table);
}

static void tally_roots(struct audit *a)
{
    struct vcpu *v;
    unsigned int i;

    for_each_vcpu(a->d, v, i) {
        mfn_t roots[] = {v->root_kernel, v->root_user};

        for (unsigned int j = 0; j < ARRAY_SIZE(roots); j++) {
            if (!roots[j])
                continue;
            tally_of(a, roots[j])->refs++;
            tally_use(tally_of(a, roots[j]), PGT_L4);
        }
    }
}

static bool adds_up(const struct page *pg, const struct tally *t)
{
    uint64_t kind_bit = 1u << kind_level(pg->type & PGT_KIND);

    return (pg->count & PGC_COUNT) >= t->refs &&
           (pg->type & PGT_COUNT) >= t->uses && !(t->kinds & ~kind_bit);
}

static void compare(struct audit *a)
{
    uint32_t at = a->d->page_head;

    for (; at != PAGE_LINK_END; at = mfn_to_page(at)->next) {
        const struct page *pg = mfn_to_page(at);
        const struct tally *t = tally_of(a, at);

        if (t == &a->elsewhere)
            continue;
        a->tables += kind_is_table(pg->type & PGT_KIND) &&
                     pg->type & PGT_VALIDATED;
        if (!adds_up(pg, t)) {
            if (a->bad_here < BAD_SHOWN)
                a->shown[a->bad_here] = at;
            a->bad_here++;
        } else if ((pg->count & PGC_COUNT) > t->refs ||
                   (pg->type & PGT_COUNT) > t->uses) {
            a->besides++;
        }
    }
}

/* False: a CPU spins on what another one, which stands still, holds. */
static bool all_arrived(struct audit *a)
{
    ns_t end = now() + MILLISECS(1000);

    while (!cpumask_empty(&a->awaited)) {
        if (now() > end)
            return false;
        arch_wait();
    }
    a->counted = true;
    return true;
}

/* On all CPUs with interrupts off: one counts, the others wait. */
static void audit_standing_still(void *data)
{
    struct audit *a = data;
    uint32_t at;

    if (cpu_id() != a->cpu) {
        cpumask_clear(&a->awaited, cpu_id());
        while (!load_acquire(&a->finished))
            cpu_relax();
        return;
    }
    if (!all_arrived(a)) {
        store_release(&a->finished, 1);
        return;
    }
    for (at = a->d->page_head; at != PAGE_LINK_END; at = mfn_to_page(at)->next)
        tally_frame(a, mfn_to_page(at));
    tally_roots(a);
    compare(a);
    store_release(&a->finished, 1);
}

/* Afterwards, since whom a line on the console wakes may stand still too. */
static void audit_show_bad(struct audit *a)
{
    unsigned long n = MIN(a->bad_here, (unsigned long)BAD_SHOWN);

    for (unsigned long i = 0; i < n; i++) {
        const struct page *pg = mfn_to_page(a->shown[i]);
        const struct tally *t = tally_of(a, a->shown[i]);

        printk(LOG_ERR
               "d%d: mfn %x: count %lx type %lx, seen %u and %u as %x\n",
               a->d->id, a->shown[i], pg->count, pg->type, t->refs, t->uses,
               t->kinds);
    }
    a->bad += a->bad_here;
}

static void audit_show(const struct audit *a)
{
    printk("d%d: %lu frames, %lu of them tables in use, %lu held besides, "
           "%lu do not add up\n",
           a->d->id, (unsigned long)a->d->tot_pages, a->tables, a->besides,
           a->bad);
}

/* Count what refers to frames [first, first + nr), and show what is wrong. */
static bool audit_frames(struct audit *a)
{
    memset(a->t, 0, a->nr * sizeof(*a->t));
    a->awaited = cpus_online;
    cpumask_clear(&a->awaited, a->cpu);
    a->finished = 0;
    a->counted = false;
    a->bad_here = 0;
    spin_lock(&a->d->page_lock); /* nobody stands still half-way in the list */
    smp_call(&cpus_online, audit_standing_still, a);
    spin_unlock(&a->d->page_lock);
    audit_show_bad(a);
    return a->counted;
}

/* The number of frames of d whose counts are wrong; -1: could not count. */
static long audit_domain(struct domain *d)
{
    struct audit a = {
        .d = d, .cpu = cpu_id(), .nr = MIN(max_mfn, FRAMES_A_GO)};
    bool ok = true;

    a.t = kzalloc(a.nr * sizeof(*a.t));
    if (!a.t) {
        printk("d%d: no memory to count in\n", d->id);
        return -1;
    }
    for (; ok && a.first < max_mfn; a.first += a.nr)
        ok = audit_frames(&a);
    if (ok)
        audit_show(&a);
    else
        printk(LOG_WARN "d%d: not all CPUs stand still\n", d->id);
    kfree(a.t);
    return ok ? (long)a.bad : -1;
}

static void audit_all(char key)
{
    struct domain *d, *next;
    bool counted = true;
    long bad = 0;

    (void)key;
    for (d = domain_first(); d; d = next) {
        long n = audit_domain(d);

        counted = counted && n >= 0;
        bad += MAX(n, 0);
        next = domain_next(d->id);
        domain_put(d);
    }
    if (bad)
        printk(LOG_ERR "Frames that contradict: %ld\n", bad);
    else if (counted)
        printk("All counts agree\n");
}

void audit_init(void)
{
    key_register('m', audit_all, "check the counts of all frames");
}
