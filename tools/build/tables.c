/* SPDX-License-Identifier: GPL-2.0 */
/*
 * tables.c - the first page tables of a guest.
 * Keeps true: table 0 is the root; the frames of the tables themselves are
 * mapped read-only, as the hypervisor will insist; nothing beyond the plan's
 * count of tables is written.
 */
#include "private.h"

#include <errno.h>
#include <string.h>

#include <abi/xen.h>

#define PTE_PRESENT  0x001ull
#define PTE_WRITE    0x002ull
#define PTE_USER     0x004ull
#define PTE_ACCESSED 0x020ull
#define PTE_DIRTY    0x040ull

#define UPPER (PTE_PRESENT | PTE_WRITE | PTE_USER | PTE_ACCESSED | PTE_DIRTY)
#define LEAF  (PTE_PRESENT | PTE_ACCESSED | PTE_DIRTY)

struct filler {
    const struct plan *plan;
    const uint64_t *p2m;
    uint64_t *tables;
    uint64_t used;
    /* the table of each level that was entered last, and what it maps */
    uint64_t *table[5];
    uint64_t prefix[5];
};

static unsigned table_shift(unsigned level)
{
    return 12 + 9 * level;
}

/*
 * The table of `level` that maps va. Addresses come in ascending order, so
 * looking at the last one is enough to find it again.
 */
static uint64_t *enter(struct filler *f, unsigned level, uint64_t va)
{
    uint64_t prefix = level == 4 ? 0 : va >> table_shift(level);
    uint64_t *parent = NULL;

    if (f->table[level] && f->prefix[level] == prefix)
        return f->table[level];
    if (level < 4) {
        parent = enter(f, level + 1, va);
        if (!parent)
            return NULL;
    }
    if (f->used == f->plan->tables.count)
        return NULL;
    if (parent)
        parent[va >> table_shift(level) & 511] =
            f->p2m[f->plan->tables.pfn + f->used] << 12 | UPPER;
    f->table[level] = f->tables + 512 * f->used++;
    f->prefix[level] = prefix;
    return f->table[level];
}

static int map_range(struct filler *f, uint64_t virt, uint64_t pfn,
                     uint64_t count)
{
    const struct plan_region *t = &f->plan->tables;
    uint64_t i;

    for (i = 0; i < count; i++, virt += PAGE, pfn++) {
        uint64_t *l1 = enter(f, 1, virt);
        uint64_t flags = LEAF;

        if (!l1)
            return -ENOSPC;
        if (pfn >= f->plan->nr_pages)
            continue; /* the table is there, the memory is not */
        if (pfn < t->pfn || pfn >= t->pfn + t->count)
            flags |= PTE_WRITE;
        l1[virt >> 12 & 511] = f->p2m[pfn] << 12 | flags;
    }
    return 0;
}

int tables_fill(const struct plan *p, const uint64_t *p2m, uint64_t *tables)
{
    struct filler f = {.plan = p, .p2m = p2m, .tables = tables};
    uint64_t low = (p->map_end - p->virt_base) >> 12;
    bool own_p2m = p->p2m.virt != p->virt_base + p->p2m.pfn * PAGE;
    int rc = 0;

    memset(tables, 0, p->tables.count * PAGE);
    if (!enter(&f, 4, 0))
        return -ENOSPC;
    if (own_p2m && p->p2m.virt < p->virt_base)
        rc = map_range(&f, p->p2m.virt, p->p2m.pfn, p->p2m.count);
    if (!rc)
        rc = map_range(&f, p->virt_base, 0, low);
    if (!rc && own_p2m && p->p2m.virt > p->virt_base)
        rc = map_range(&f, p->p2m.virt, p->p2m.pfn, p->p2m.count);
    return rc;
}
