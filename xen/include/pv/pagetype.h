/* SPDX-License-Identifier: GPL-2.0 */
/*
 * pagetype.h - taking and dropping uses of a frame. See the essay in
 * pv/pagetype.c. Kinds are PGT_* of mm/page.h.
 */
#ifndef PV_PAGETYPE_H
#define PV_PAGETYPE_H

#include "domain/pages.h"

/*
 * One use of pg as kind, for d's tables. The caller holds a reference.
 * 0; -EINVAL (contents refused); -EBUSY (used as something else);
 * -EINTR/-ERESTART only if preemptible: nothing or part done, call again.
 */
must_check int page_get_type(struct page *pg, uint64_t kind, bool preemptible);
void page_put_type(struct page *pg);
int page_put_type_preemptible(struct page *pg);

/* Reference and type together, d owning pg. */
must_check int page_get_and_type(struct page *pg, const struct domain *d,
                                 uint64_t kind);
static inline void page_put_and_type(struct page *pg)
{
    page_put_type(pg);
    page_put(pg);
}

static inline uint64_t page_kind(const struct page *pg)
{
    return READ_ONCE(pg->type) & PGT_KIND;
}

/* The debug key: check counts of all frames of d against its tables. */
void pagetype_audit(struct domain *d);

#endif
