/* SPDX-License-Identifier: GPL-2.0 */
/*
 * pagetype.h - taking and dropping uses of a frame. See the essay in
 * pv/pagetype.c. Kinds are PGT_* of mm/page.h. A caller may wait for another
 * CPU, which may wait for a flush here: who waits answers, so interrupts may
 * be off (an LDT page is mapped while a vcpu's segments are loaded).
 */
#ifndef PV_PAGETYPE_H
#define PV_PAGETYPE_H

#include "domain/pages.h"
#include "lib/errno.h"

int page_get_type_slow(struct page *pg, uint64_t kind, bool preemptible);

/*
 * One use of pg as kind, for its owner's tables. The caller holds a reference.
 * 0; -EINVAL (contents refused); -EBUSY (used as something else); -ERESTART
 * only if preemptible: part done, call again.
 */
must_check static always_inline int
page_get_type(struct page *pg, uint64_t kind, bool preemptible)
{
    uint64_t t = READ_ONCE(pg->type);

    /* It is that already, and checked: one compare-and-exchange. */
    if (likely((t & (PGT_KIND | PGT_VALIDATED)) == (kind | PGT_VALIDATED) &&
               (t & PGT_COUNT) != PGT_COUNT && cas64(&pg->type, t, t + 1)))
        return 0;
    return page_get_type_slow(pg, kind, preemptible);
}

/* Drop one use. The second may return -ERESTART: the use is gone, but finish
 * the work with page_finish_partial() while holding a reference. */
void page_put_type_slow(struct page *pg);
static always_inline void page_put_type(struct page *pg)
{
    uint64_t t = READ_ONCE(pg->type);

    if (likely((t & PGT_COUNT) > 1 && cas64(&pg->type, t, t - 1)))
        return;
    page_put_type_slow(pg);
}
int page_put_type_preemptible(struct page *pg);
int page_finish_partial(struct page *pg, bool preemptible);

/* Reference and type together, d owning pg; runs to its end. */
must_check static inline int
page_get_and_type(struct page *pg, const struct domain *d, uint64_t kind)
{
    int rc;

    if (unlikely(!page_get(pg, d)))
        return -EINVAL;
    rc = page_get_type(pg, kind, false);
    if (unlikely(rc))
        page_put(pg);
    return rc;
}
static inline void page_put_and_type(struct page *pg)
{
    page_put_type(pg);
    page_put(pg);
}

static inline uint64_t page_kind(const struct page *pg)
{
    return READ_ONCE(pg->type) & PGT_KIND;
}
/* In use as `kind`, and checked? (A kind stays noted after its last use.) */
static inline bool page_is(const struct page *pg, uint64_t kind)
{
    return (READ_ONCE(pg->type) & (PGT_KIND | PGT_VALIDATED)) ==
           (kind | PGT_VALIDATED);
}
static inline unsigned int kind_level(uint64_t kind)
{
    return (unsigned int)(kind >> 60);
}
static inline uint64_t level_kind(unsigned int level)
{
    return (uint64_t)level << 60;
}
static inline bool kind_is_table(uint64_t kind)
{
    return kind >= PGT_L1 && kind <= PGT_L4;
}

/* Pin: a use that stays until unpin. -ERESTART: call again. */
int page_pin(struct domain *d, struct page *pg, uint64_t kind);
int page_unpin(struct page *pg);

#endif
