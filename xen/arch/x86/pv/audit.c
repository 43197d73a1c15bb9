/* SPDX-License-Identifier: GPL-2.0 */
/*
 * audit.c - a debug key: do the counts of frames agree with the tables?
 * Counts what every table, pin and root of a domain refers to, and compares.
 * A frame that is referred to more often than its count says is an error of
 * ours; one that is referred to less often is used by others besides: another
 * domain's tables, grants, a descriptor table. A domain that runs meanwhile
 * may show a few of either.
 */
#include "core/keys.h"
#include "core/printk.h"
#include "domain/domain.h"
#include "mm/heap.h"
#include "pv/audit.h"
#include "pv/pagetype.h"
#include "pv/pgtable.h"

struct tally {
    uint32_t refs, uses;
};

static void tally_entry(struct tally *t, unsigned int level, pte_t e)
{
    if (!(e & PTE_P) || !mfn_valid(pte_mfn(e)))
        return;
    t[pte_mfn(e)].refs++;
    if (level > 1 || e & PTE_W)
        t[pte_mfn(e)].uses++;
}

static void tally_frame(struct tally *t, const struct page *pg)
{
    uint64_t type = READ_ONCE(pg->type);
    unsigned int level = kind_level(type & PGT_KIND);
    unsigned int done = type & PGT_VALIDATED ? PTES_PER_TABLE
                        : type & PGT_PARTIAL
                            ? (type & PGT_DONE) >> PGT_DONE_SHIFT
                            : 0;
    const pte_t *table = page_to_virt(pg);
    mfn_t mfn = page_to_mfn(pg);

    t[mfn].refs += !!(pg->count & PGC_ALLOCATED) + !!(type & PGT_PARTIAL) +
                   !!(type & PGT_PINNED);
    t[mfn].uses += !!(type & PGT_PINNED);
    if (!kind_is_table(type & PGT_KIND))
        return;
    for (unsigned int i = 0; i < done; i++)
        if (level < 4 || i < HYP_FIRST_SLOT || i > HYP_LAST_SLOT)
            tally_entry(t, level, table[i]);
}

static void tally_roots(struct tally *t, struct domain *d)
{
    struct vcpu *v;
    unsigned int i;

    for_each_vcpu(d, v, i) {
        mfn_t roots[] = {v->root_kernel, v->root_user};

        for (unsigned int j = 0; j < ARRAY_SIZE(roots); j++) {
            t[roots[j]].refs += roots[j] != 0;
            t[roots[j]].uses += roots[j] != 0;
        }
    }
}

/* Frames of d whose count is too small; the first few are shown. */
static unsigned long compare(const struct tally *t, struct domain *d,
                             unsigned long *tables)
{
    unsigned long bad = 0;
    uint32_t at;

    spin_lock(&d->page_lock);
    for (at = d->page_head; at != PAGE_LINK_END; at = mfn_to_page(at)->next) {
        const struct page *pg = mfn_to_page(at);
        uint64_t count = pg->count, type = pg->type;

        *tables += kind_is_table(type & PGT_KIND) && type & PGT_VALIDATED;
        if ((count & PGC_COUNT) >= t[at].refs &&
            (type & PGT_COUNT) >= t[at].uses)
            continue;
        if (bad++ < 10)
            printk(LOG_ERR "d%d: mfn %x: count %lx type %lx, seen %u and %u\n",
                   d->id, at, (unsigned long)count, (unsigned long)type,
                   t[at].refs, t[at].uses);
    }
    spin_unlock(&d->page_lock);
    return bad;
}

unsigned long pagetype_audit(struct domain *d)
{
    unsigned int order = 0;
    unsigned long bad, tables = 0;
    struct page *mem;
    struct tally *t;
    uint32_t at;

    while ((PAGE_SIZE << order) < max_mfn * sizeof(*t))
        order++;
    mem = heap_alloc(order, 0, HEAP_ZERO);
    if (!mem) {
        printk("d%d: no memory to count in\n", d->id);
        return 0;
    }
    t = page_to_virt(mem);
    spin_lock(&d->page_lock);
    for (at = d->page_head; at != PAGE_LINK_END; at = mfn_to_page(at)->next)
        tally_frame(t, mfn_to_page(at));
    spin_unlock(&d->page_lock);
    tally_roots(t, d);
    bad = compare(t, d, &tables);
    printk("d%d: %lu frames, %lu of them tables in use, %lu do not add up\n",
           d->id, (unsigned long)d->tot_pages, tables, bad);
    heap_free(mem, order);
    return bad;
}

static void audit_all(char key)
{
    struct domain *d, *next;

    (void)key;
    for (d = domain_first(); d; d = next) {
        pagetype_audit(d);
        next = domain_next(d->id);
        domain_put(d);
    }
}

void audit_init(void)
{
    key_register('m', audit_all, "check the counts of all frames");
}
