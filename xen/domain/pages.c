/* SPDX-License-Identifier: GPL-2.0 */
/*
 * pages.c - frames a domain owns: references, lists, limits.
 * Keeps true: an ordinary frame has an owner exactly while its count is above
 * 0, and the owner lives at least as long as its frames; the list of a domain
 * holds these and no others; tot_pages is the length of that list. Frames of
 * ours that a domain is shown (PGC_HYP) are in no book, and lose their owner
 * when they are no longer shown, even if something still maps them.
 * Locks: d->page_lock guards list and numbers. Counts are atomic.
 * Not here: what a frame is used as (pv/pagetype.c).
 */
#include "domain/pages.h"

#include "core/panic.h"
#include "lib/errno.h"
#include "lib/string.h"
#include "mm/tlb.h"

/* The owner of a frame by number; set while that domain has frames. */
static struct domain *owners[DOMID_FIRST_RESERVED];

#define PAGES_A_STEP 512 /* of a teardown, under the lock */

static spinlock_t claim_lock = SPINLOCK_INIT(RANK_RANGE);
static uint64_t claimed_total; /* sum of all d->claimed_pages */

struct domain *page_owner(const struct page *pg)
{
    return pg->owner < DOMID_FIRST_RESERVED ? owners[pg->owner] : NULL;
}

/* d has one frame more or n fewer: it must not go before the last of them. */
static void owner_begin_locked(struct domain *d)
{
    if (d->tot_pages)
        return;
    domain_ref(d);
    owners[d->id] = d;
    d->page_head = d->page_head2 = PAGE_LINK_END;
    d->release_phase = 0;
}

bool page_get_slow(struct page *pg, const struct domain *d)
{
    uint64_t c = READ_ONCE(pg->count);

    do {
        if (unlikely(pg->owner != d->id))
            return false;
        if (unlikely(((c + 1) & PGC_COUNT) <= 1))
            return false; /* free, or as many references as there can be */
    } while (!__atomic_compare_exchange_n(&pg->count, &c, c + 1, false,
                                          __ATOMIC_SEQ_CST, __ATOMIC_RELAXED));

    if (likely(READ_ONCE(pg->owner) == d->id))
        return true;
    page_put(pg); /* it changed hands while we looked */
    return false;
}

domid_t page_get_any(struct page *pg)
{
    uint64_t c = READ_ONCE(pg->count);

    do {
        if (((c + 1) & PGC_COUNT) <= 1)
            return DOMID_NONE;
    } while (!__atomic_compare_exchange_n(&pg->count, &c, c + 1, false,
                                          __ATOMIC_SEQ_CST, __ATOMIC_RELAXED));
    return pg->owner;
}

void page_ref(struct page *pg)
{
    __atomic_add_fetch(&pg->count, 1, __ATOMIC_SEQ_CST);
}

static void list_insert_locked(uint32_t *head, struct page *pg)
{
    uint32_t me = (uint32_t)page_to_mfn(pg);

    pg->prev = PAGE_LINK_END;
    pg->next = *head;
    if (*head != PAGE_LINK_END)
        mfn_to_page(*head)->prev = me;
    *head = me;
}

static void list_remove_locked(struct domain *d, struct page *pg)
{
    if (pg->prev != PAGE_LINK_END)
        mfn_to_page(pg->prev)->next = pg->next;
    else if (d->page_head == page_to_mfn(pg))
        d->page_head = pg->next;
    else
        d->page_head2 = pg->next;
    if (pg->next != PAGE_LINK_END)
        mfn_to_page(pg->next)->prev = pg->prev;
}

void page_list_move(struct domain *d, struct page *pg, bool to_first)
{
    spin_lock(&d->page_lock);
    list_remove_locked(d, pg);
    list_insert_locked(to_first ? &d->page_head : &d->page_head2, pg);
    spin_unlock(&d->page_lock);
}

static void page_blank(struct page *pg)
{
    pg->owner = DOMID_NONE;
    pg->type = 0;
    pg->flags &= (uint8_t)~PGF_FOREIGN;
    pg->tlb_stamp = tlb_clock();
    store_release(&pg->count, 0);
}

/* Nobody refers to pg any more: take it out of its owner's books. */
static void owner_forget(struct page *pg)
{
    struct domain *d = page_owner(pg);
    bool last;

    BUG_ON(READ_ONCE(pg->type) & (PGT_COUNT | PGT_BUSY | PGT_PARTIAL));
    BUG_ON(!d);
    spin_lock(&d->page_lock);
    list_remove_locked(d, pg);
    last = --d->tot_pages == 0;
    if (last)
        owners[d->id] = NULL;
    spin_unlock(&d->page_lock);

    page_blank(pg);
    if (last)
        domain_put(d);
}

/* pg is the first of the list: it leaves it. */
static void list_pop_locked(uint32_t *head, const struct page *pg)
{
    *head = pg->next;
    if (*head != PAGE_LINK_END)
        mfn_to_page(*head)->prev = PAGE_LINK_END;
}

bool pages_move_plain(struct domain *d)
{
    unsigned int n = 0;

    spin_lock(&d->page_lock);
    for (; n < PAGES_A_STEP && d->page_head != PAGE_LINK_END; n++) {
        struct page *pg = mfn_to_page(d->page_head);

        if (READ_ONCE(pg->type) & (PGT_PINNED | PGT_PARTIAL))
            break;
        list_pop_locked(&d->page_head, pg);
        list_insert_locked(&d->page_head2, pg);
    }
    spin_unlock(&d->page_lock);
    return n;
}

/* Take the first frame of the second list from d, if it goes on the run of
 * frames [low, high), or begins one, and nothing refers to it but d. */
static bool run_take_locked(struct domain *d, mfn_t *low, mfn_t *high)
{
    mfn_t mfn = d->page_head2;
    struct page *pg = mfn_to_page(mfn);

    if (*low == *high)
        *low = *high = mfn;
    if ((mfn != *high && mfn + 1 != *low) ||
        !cas64(&pg->count, PGC_ALLOCATED | 1, 0))
        return false;
    BUG_ON(READ_ONCE(pg->type) & (PGT_COUNT | PGT_BUSY | PGT_PARTIAL));
    list_pop_locked(&d->page_head2, pg);
    if (mfn == *high)
        ++*high;
    else
        --*low;
    return true;
}

bool pages_release_run(struct domain *d)
{
    mfn_t low = 0, high = 0;
    bool last;

    spin_lock(&d->page_lock);
    while (high - low < PAGES_A_STEP && d->page_head2 != PAGE_LINK_END &&
           run_take_locked(d, &low, &high))
        ;
    d->tot_pages -= high - low;
    last = low < high && !d->tot_pages;
    if (last)
        owners[d->id] = NULL;
    spin_unlock(&d->page_lock);

    if (low < high)
        heap_free_run(mfn_to_page(low), high - low);
    if (last)
        domain_put(d);
    return low < high;
}

void page_last_put(struct page *pg, uint64_t flags)
{
    BUG_ON(flags & PGC_ALLOCATED); /* ownership is a reference of its own */
    if (flags & PGC_HYP)
        page_blank(pg); /* no longer shared, and now no longer mapped */
    else
        owner_forget(pg);
    heap_free(pg, 0);
}

/* Is there memory for n frames of d beyond what others have claimed? */
static bool claim_allows(struct domain *d, uint64_t n)
{
    uint64_t others = READ_ONCE(claimed_total) - READ_ONCE(d->claimed_pages);

    return n <= READ_ONCE(d->claimed_pages) || heap_free_pages() >= others + n;
}

/* d got n frames: so much of its claim is fulfilled. */
static void claim_use(struct domain *d, uint64_t n)
{
    if (!READ_ONCE(d->claimed_pages))
        return;

    spin_lock(&claim_lock);
    n = MIN(n, d->claimed_pages);
    d->claimed_pages -= n;
    claimed_total -= n;
    spin_unlock(&claim_lock);
}

int domain_claim_pages(struct domain *d, uint64_t total)
{
    uint64_t have = d->tot_pages, want;
    int rc = 0;

    if (total && (total < have || total > d->max_pages))
        return -EINVAL;

    want = total ? total - have : 0;
    spin_lock(&claim_lock);
    if (claimed_total - d->claimed_pages + want > heap_free_pages()) {
        rc = -ENOMEM;
    } else {
        claimed_total += want - d->claimed_pages;
        d->claimed_pages = want;
    }
    spin_unlock(&claim_lock);
    return rc;
}

uint64_t pages_claimed(void)
{
    return READ_ONCE(claimed_total);
}

int domain_assign_pages(struct domain *d, struct page *pg, unsigned int order,
                        bool no_limit)
{
    uint64_t n = 1UL << order;
    int rc = 0;

    spin_lock(&d->page_lock);
    if (READ_ONCE(d->dying) != DOMAIN_ALIVE) {
        rc = -EINVAL;
    } else if (!no_limit && (d->tot_pages > d->max_pages ||
                             n > d->max_pages - d->tot_pages)) {
        rc = -E2BIG;
    } else {
        owner_begin_locked(d);
        for (uint64_t i = n; i-- > 0;) {
            pg[i].type = 0;
            pg[i].owner = d->id;
            pg[i].flags &= (uint8_t)~PGF_FOREIGN;
            list_insert_locked(&d->page_head, &pg[i]);
            store_release(&pg[i].count, PGC_ALLOCATED | 1);
        }
        d->tot_pages += n;
    }
    spin_unlock(&d->page_lock);
    if (!rc)
        claim_use(d, n);
    return rc;
}

struct page *domain_alloc_pages(struct domain *d, unsigned int order,
                                unsigned int address_bits, unsigned int flags)
{
    struct page *pg;

    if (!claim_allows(d, 1UL << order))
        return NULL;
    pg = heap_alloc(order, address_bits,
                    (flags ^ PAGES_ZERO_DEFAULT) | HEAP_HIGH);
    if (!pg)
        return NULL;
    if (domain_assign_pages(d, pg, order, false)) {
        heap_free(pg, order);
        return NULL;
    }
    return pg;
}

bool page_drop_allocated(struct page *pg)
{
    uint64_t old = __atomic_fetch_and(&pg->count, ~PGC_ALLOCATED,
                                      __ATOMIC_SEQ_CST);

    if (!(old & PGC_ALLOCATED))
        return false;
    page_put(pg);
    return true;
}

int page_steal(struct domain *d, struct page *pg)
{
    /* Ownership and the caller's reference, no use: nobody else has it. */
    if (pg->owner != d->id || READ_ONCE(pg->type) & PGT_COUNT)
        return -EBUSY;
    if (!cas64(&pg->count, PGC_ALLOCATED | 2, 0))
        return -EBUSY;
    owner_forget(pg);
    return 0;
}

void page_share_with(struct page *pg, struct domain *d, bool writable)
{
    /* The use held here for ever forbids all other kinds. */
    pg->type = (writable ? PGT_WRITABLE : PGT_NONE) | PGT_VALIDATED | 1;
    pg->owner = d->id;
    store_release(&pg->count, PGC_HYP | PGC_ALLOCATED | 1);
}

void page_show_to_control(struct page *pg)
{
    pg->type = PGT_NONE | PGT_VALIDATED | 1;
    pg->owner = DOMID_XEN;
    store_release(&pg->count, PGC_HYP | PGC_ALLOCATED | 1);
}

bool page_unshare(struct page *pg)
{
    uint64_t c;

    /* Nobody gets at it as d's from here on; who maps it has references. */
    WRITE_ONCE(pg->owner, DOMID_NONE);
    __atomic_sub_fetch(&pg->type, 1, __ATOMIC_SEQ_CST);
    __atomic_fetch_and(&pg->count, ~PGC_ALLOCATED, __ATOMIC_SEQ_CST);
    c = __atomic_sub_fetch(&pg->count, 1, __ATOMIC_SEQ_CST);
    if (c & PGC_COUNT)
        return false; /* the last mapping's page_put() frees it */
    page_blank(pg);
    return true;
}

void domain_claim_drop(struct domain *d)
{
    claim_use(d, ~0UL);
}
