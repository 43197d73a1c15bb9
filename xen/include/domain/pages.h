/* SPDX-License-Identifier: GPL-2.0 */
/*
 * pages.h - frames a domain owns: references, lists, limits.
 */
#ifndef DOMAIN_PAGES_H
#define DOMAIN_PAGES_H

#include "domain/domain.h"
#include "lib/compiler.h"
#include "mm/heap.h"
#include "mm/page.h"

bool page_get_slow(struct page *pg, const struct domain *d);
void page_last_put(struct page *pg, uint64_t flags);

static always_inline void page_put(struct page *pg)
{
    uint64_t c = __atomic_sub_fetch(&pg->count, 1, __ATOMIC_SEQ_CST);

    if (unlikely(!(c & PGC_COUNT)))
        page_last_put(pg, c & ~PGC_COUNT);
}

/* One more reference, if d owns pg. False: it does not, or pg is dying. */
must_check static always_inline bool page_get(struct page *pg,
                                              const struct domain *d)
{
    uint64_t c = READ_ONCE(pg->count);

    /* At most half of the references there can be: no need to look closer. */
    if (likely(((c - 1) & PGC_COUNT) < PGC_COUNT / 2 && pg->owner == d->id &&
               cas64(&pg->count, c, c + 1))) {
        if (likely(READ_ONCE(pg->owner) == d->id))
            return true;
        page_put(pg); /* it changed hands while we looked */
        return false;
    }
    return page_get_slow(pg, d);
}
/* The same whoever owns it; its owner's id, or DOMID_NONE: nobody. */
must_check domid_t page_get_any(struct page *pg);

/* One more of a reference held. */
void page_ref(struct page *pg);
/* Whose it is; the caller holds a reference, which keeps the domain too. */
struct domain *page_owner(const struct page *pg);

/*
 * 2^order new frames for d, counted to it: PGC_ALLOCATED, count 1 each. They
 * are zeroed, unless PAGES_ANY_CONTENT says that all will be overwritten.
 */
#define PAGES_ANY_CONTENT  HEAP_ZERO
#define PAGES_ZERO_DEFAULT HEAP_ZERO
struct page *domain_alloc_pages(struct domain *d, unsigned int order,
                                unsigned int address_bits, unsigned int flags);
/* Give existing ownerless frames to d. no_limit: beyond max_pages. */
int domain_assign_pages(struct domain *d, struct page *pg, unsigned int order,
                        bool no_limit);
/* Drop the reference that ownership is (PGC_ALLOCATED). False: already gone. */
bool page_drop_allocated(struct page *pg);
/*
 * Take pg from d if nothing refers to it but ownership and the caller, whose
 * reference is used up: count 0, owner none. -EBUSY: he keeps it.
 */
int page_steal(struct domain *d, struct page *pg);

/* Our own frame pg shown to d (shared_info, grant frames): writable or not. */
void page_share_with(struct page *pg, struct domain *d, bool writable);
/* Undo; true: no mapping is left, the caller frees it. Else the last mapping
 * gives it back to the heap when it goes. */
bool page_unshare(struct page *pg);

/* Our own frame that the control domain may read, as DOMID_XEN's. */
void page_show_to_control(struct page *pg);

/* teardown (pv/pagetype.c): give back all frames, step by step (-ERESTART). */
int domain_release_pages(struct domain *d);
void page_list_move(struct domain *d, struct page *pg, bool to_first);
/*
 * Many at once, from the head of a list, as far as they are simple; false: the
 * first is not, or there is none. From the first list to the second: frames
 * without a pin that were not left half dropped. From the second back to the
 * heap: frames side by side that nothing refers to but ownership.
 */
bool pages_move_plain(struct domain *d);
bool pages_release_run(struct domain *d);

/* Set memory aside until d has `total` frames; 0 ends it. -EINVAL, -ENOMEM. */
int domain_claim_pages(struct domain *d, uint64_t total);
void domain_claim_drop(struct domain *d);
uint64_t pages_claimed(void); /* by all domains */

#endif
