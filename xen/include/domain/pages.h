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

/* One more reference, if d owns pg. False: it does not, or pg is dying. */
must_check bool page_get(struct page *pg, const struct domain *d);
/* The same whoever owns it; its owner's id, or DOMID_NONE: nobody. */
must_check domid_t page_get_any(struct page *pg);
void page_put(struct page *pg);

/* 2^order new frames for d, counted to it: PGC_ALLOCATED, count 1 each. */
struct page *domain_alloc_pages(struct domain *d, unsigned int order,
                                unsigned int address_bits, unsigned int flags);
/* Give existing ownerless frames to d. no_limit: beyond max_pages. */
int domain_assign_pages(struct domain *d, struct page *pg, unsigned int order,
                        bool no_limit);
/* Drop the reference that ownership is (PGC_ALLOCATED). False: already gone. */
bool page_drop_allocated(struct page *pg);
/* Take pg from d if nothing else refers to it: count 0, owner none. */
int page_steal(struct domain *d, struct page *pg);

/* Our own frame pg shown to d (shared_info, grant frames): writable or not. */
void page_share_with(struct page *pg, struct domain *d, bool writable);
/* Undo; true when no mapping of it is left and it may be freed. */
bool page_unshare(struct page *pg);

/* teardown: give back all frames, step by step (-ERESTART). */
int domain_release_pages(struct domain *d);

#endif
