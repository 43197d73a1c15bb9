/* SPDX-License-Identifier: GPL-2.0 */
/*
 * memory_op.c - give, take and exchange frames; maps and numbers for guests.
 * Keeps true: a list of extents is worked off front to back, and all before
 * the number answered is final; a new frame is zeroed; a domain never has more
 * than max_pages.
 * Not here: the books of who owns what (domain/pages.c).
 */
#include "service/memory.h"

#include "core/printk.h"
#include "lib/errno.h"
#include "lib/string.h"
#include "mm/guestcopy.h"
#include "mm/heap.h"
#include "mm/page.h"
#include "pv/pagetype.h"
#include "pv/pgtable.h"
#include "service/call.h"
#include "service/grant.h"
#include "service/services.h"

#define ORDER_MAX_GUEST   9  /* 2 MiB: what a guest may ask for at once */
#define ORDER_MAX_CONTROL 12 /* 16 MiB */

bool (*machine_memory_map)(unsigned int i, struct e820entry *e);

static unsigned int order_max(const struct vcpu *v)
{
    return v->domain->privileged ? ORDER_MAX_CONTROL : ORDER_MAX_GUEST;
}

static unsigned int address_bits_of(uint32_t mem_flags)
{
    unsigned int bits = XENMEMF_get_address_bits(mem_flags);

    return bits >= 52 ? 0 : bits;
}

/* One list of extents being worked off. */
struct extents {
    struct vcpu *v;
    struct domain *d;
    struct xen_memory_reservation r;
    uint64_t done;
};

static int extent_read(const struct extents *x, uint64_t i, xen_pfn_t *pfn)
{
    return copy_from_guest(pfn, guest_va_at(x->r.extent_start, i, sizeof(*pfn)),
                           sizeof(*pfn));
}

static int extent_write(const struct extents *x, uint64_t i, xen_pfn_t pfn)
{
    return copy_to_guest(guest_va_at(x->r.extent_start, i, sizeof(pfn)), &pfn,
                         sizeof(pfn));
}

static void m2p_set_run(mfn_t mfn, uint64_t pfn, unsigned int order)
{
    for (uint64_t i = 0; i < 1UL << order; i++)
        m2p_set(mfn + i, pfn == M2P_INVALID ? pfn : pfn + i);
}

static struct page *extent_alloc(const struct extents *x)
{
    unsigned int bits = address_bits_of(x->r.mem_flags);

    if (bits && bits < PAGE_SHIFT + x->r.extent_order)
        return NULL;
    return domain_alloc_pages(x->d, x->r.extent_order, bits, 0);
}

/* Frames, numbered by nobody yet; the guest learns which if it asks. */
static int increase_one(struct extents *x)
{
    struct page *pg = extent_alloc(x);

    if (!pg)
        return -ENOMEM;
    m2p_set_run(page_to_mfn(pg), M2P_INVALID, x->r.extent_order);
    if (guest_va_is_null(x->r.extent_start))
        return 0;
    return extent_write(x, x->done, page_to_mfn(pg));
}

/* Frames for pfns of the guest's choice. */
static int populate_one(struct extents *x)
{
    struct page *pg;
    xen_pfn_t pfn;

    if (extent_read(x, x->done, &pfn))
        return -EFAULT;
    pg = extent_alloc(x);
    if (!pg)
        return -ENOMEM;
    m2p_set_run(page_to_mfn(pg), pfn, x->r.extent_order);
    return extent_write(x, x->done, page_to_mfn(pg));
}

static int give_back(struct domain *d, mfn_t mfn)
{
    struct page *pg;
    int rc = 0;

    if (!mfn_valid(mfn))
        return -EINVAL;
    pg = mfn_to_page(mfn);
    if (!page_get(pg, d))
        return -EINVAL;
    if (READ_ONCE(pg->count) & PGC_HYP || !page_drop_allocated(pg))
        rc = -EINVAL;
    else
        m2p_set(mfn, M2P_INVALID);
    page_put(pg);
    return rc;
}

/* Frames given back: they are free when the last mapping goes. */
static int decrease_one(struct extents *x)
{
    xen_pfn_t mfn;
    int rc = 0;

    if (extent_read(x, x->done, &mfn))
        return -EFAULT;
    for (uint64_t i = 0; i < 1UL << x->r.extent_order && !rc; i++)
        rc = give_back(x->d, mfn + i);
    return rc;
}

static long extents_run(struct extents *x, uint64_t cmd, uint64_t arg,
                        int (*one)(struct extents *x))
{
    uint64_t start = x->done;

    for (; x->done < x->r.nr_extents; x->done++) {
        if (x->done > start && preempt_wanted())
            return hypercall_resume(x->v, __HYPERVISOR_memory_op,
                                    cmd | x->done << MEMOP_EXTENT_SHIFT, arg, 0,
                                    0);
        if (one(x))
            break;
    }
    return (long)x->done;
}

static long reservation_op(uint64_t cmd, uint64_t start, uint64_t arg)
{
    struct extents x = {.v = current, .done = start};
    int (*one)(struct extents *) = cmd == XENMEM_populate_physmap ? populate_one
                                   : cmd == XENMEM_increase_reservation
                                       ? increase_one
                                       : decrease_one;
    long rc;

    if (copy_from_guest(&x.r, (guest_va_t){arg}, sizeof(x.r)))
        return -EFAULT;
    if (x.r.nr_extents > ~0UL >> (MEMOP_EXTENT_SHIFT + 1) ||
        start > x.r.nr_extents || x.r.extent_order > order_max(x.v))
        return (long)start;

    x.d = domain_get_for(x.v, x.r.domid);
    if (!x.d)
        return (long)start;
    rc = extents_run(&x, cmd, arg, one);
    domain_put(x.d);
    return rc;
}

/* Frames taken from a domain and not given to another yet: a chain. */
struct stolen {
    uint32_t head;
    uint64_t n;
};

static void stolen_free(struct stolen *s)
{
    while (s->head != PAGE_LINK_END) {
        struct page *pg = mfn_to_page(s->head);

        s->head = pg->next;
        heap_free(pg, 0);
    }
}

static void stolen_return(struct domain *d, struct stolen *s)
{
    while (s->head != PAGE_LINK_END) {
        struct page *pg = mfn_to_page(s->head);

        s->head = pg->next;
        if (domain_assign_pages(d, pg, 0, true))
            heap_free(pg, 0); /* d is dying: it does not need it */
    }
}

static int steal_one(struct domain *d, mfn_t mfn, struct stolen *s)
{
    struct page *pg;

    if (!mfn_valid(mfn))
        return -EINVAL;
    pg = mfn_to_page(mfn);
    if (!page_get(pg, d))
        return -EINVAL;
    if (READ_ONCE(pg->count) & PGC_HYP || page_steal(d, pg)) {
        page_put(pg);
        return -EINVAL;
    }
    pg->next = s->head;
    s->head = (uint32_t)mfn;
    s->n++;
    return 0;
}

/* One exchange being worked off, chunk by chunk. */
struct exchange {
    struct extents in, out;
    uint64_t done;       /* extents of `in` */
    unsigned int order;  /* of a chunk: the larger of the two */
};

static int chunk_steal(struct exchange *e, struct stolen *s)
{
    unsigned int order = e->in.r.extent_order;
    uint64_t n = 1UL << (e->order - order);
    xen_pfn_t mfn;
    int rc = 0;

    for (uint64_t i = 0; i < n && !rc; i++) {
        if (extent_read(&e->in, e->done + i, &mfn))
            return -EFAULT;
        for (uint64_t j = 0; j < 1UL << order && !rc; j++)
            rc = steal_one(e->in.d, mfn + j, s);
    }
    return rc;
}

/* New extents for a chunk, chained by their first frames. */
static int chunk_alloc(const struct exchange *e, struct stolen *fresh)
{
    unsigned int order = e->out.r.extent_order;
    unsigned int bits = address_bits_of(e->out.r.mem_flags);
    uint64_t n = 1UL << (e->order - order);

    for (uint64_t i = 0; i < n; i++) {
        struct page *pg = heap_alloc(order, bits, HEAP_ZERO | HEAP_HIGH);

        if (!pg) {
            while (fresh->head != PAGE_LINK_END) {
                pg = mfn_to_page(fresh->head);
                fresh->head = pg->next;
                heap_free(pg, order);
            }
            return -ENOMEM;
        }
        pg->next = fresh->head;
        fresh->head = (uint32_t)page_to_mfn(pg);
    }
    return 0;
}

static int chunk_hand_out(struct exchange *e, struct stolen *fresh)
{
    unsigned int order = e->out.r.extent_order;
    uint64_t at = e->done << e->in.r.extent_order >> order;
    int rc = 0;

    for (; fresh->head != PAGE_LINK_END; at++) {
        struct page *pg = mfn_to_page(fresh->head);
        mfn_t mfn = page_to_mfn(pg);
        xen_pfn_t pfn;

        fresh->head = pg->next;
        if (domain_assign_pages(e->out.d, pg, order, true)) {
            heap_free(pg, order);
            rc = -EINVAL;
            continue;
        }
        if (extent_read(&e->out, at, &pfn)) {
            rc = -EFAULT;
            continue;
        }
        m2p_set_run(mfn, pfn, order);
        if (extent_write(&e->out, at, mfn))
            rc = -EFAULT;
    }
    return rc;
}

/* All or nothing, as long as the guest's own memory can be read and written. */
static int exchange_chunk(struct exchange *e)
{
    struct stolen old = {.head = PAGE_LINK_END}, fresh = old;
    int rc = chunk_steal(e, &old);

    if (!rc)
        rc = chunk_alloc(e, &fresh);
    if (rc) {
        stolen_return(e->in.d, &old);
        return rc;
    }
    for (uint32_t at = old.head; at != PAGE_LINK_END; at = mfn_to_page(at)->next)
        m2p_set(at, M2P_INVALID);
    stolen_free(&old);
    rc = chunk_hand_out(e, &fresh);
    e->done += 1UL << (e->order - e->in.r.extent_order);
    return rc;
}

static int exchange_judge(const struct vcpu *v,
                          const struct xen_memory_exchange *x)
{
    unsigned int in = x->in.extent_order, out = x->out.extent_order;

    if (in > order_max(v) || out > order_max(v))
        return -EPERM;
    if (x->in.nr_extents > ~0UL >> (in + 8) ||
        x->out.nr_extents > ~0UL >> (out + 8) ||
        x->in.nr_extents << in != x->out.nr_extents << out ||
        x->in.domid != x->out.domid || x->nr_exchanged > x->in.nr_extents)
        return -EINVAL;
    /* Only whole chunks are exchanged. */
    if (out > in ? (x->in.nr_extents | x->nr_exchanged) & ((1UL << (out - in)) - 1)
                 : 0)
        return -EINVAL;
    return 0;
}

static long exchange_run(struct exchange *e, uint64_t arg)
{
    guest_va_t count = {arg + offsetof(struct xen_memory_exchange,
                                       nr_exchanged)};
    bool again = false;
    int rc = 0;

    while (!rc && !again && e->done < e->in.r.nr_extents) {
        rc = exchange_chunk(e);
        again = !rc && preempt_wanted() && e->done < e->in.r.nr_extents;
    }
    if (copy_to_guest(count, &e->done, sizeof(e->done)))
        return -EFAULT;
    if (again)
        return hypercall_resume(e->in.v, __HYPERVISOR_memory_op,
                                XENMEM_exchange, arg, 0, 0);
    return rc;
}

static long exchange_op(uint64_t arg)
{
    struct vcpu *v = current;
    struct xen_memory_exchange x;
    struct exchange e;
    struct domain *d;
    long rc;

    if (copy_from_guest(&x, (guest_va_t){arg}, sizeof(x)))
        return -EFAULT;
    rc = exchange_judge(v, &x);
    if (rc)
        return rc;
    d = domain_get_for(v, x.in.domid);
    if (!d)
        return -ESRCH;
    e = (struct exchange){
        .in = {.v = v, .d = d, .r = x.in},
        .out = {.v = v, .d = d, .r = x.out},
        .done = x.nr_exchanged,
        .order = MAX(x.in.extent_order, x.out.extent_order),
    };
    rc = exchange_run(&e, arg);
    domain_put(d);
    return rc;
}

/* A number about a domain. */
static long domain_number(uint64_t cmd, uint64_t arg)
{
    struct xen_memory_domain who;
    struct domain *d;
    long rc;

    if (copy_from_guest(&who, (guest_va_t){arg}, sizeof(who)))
        return -EFAULT;
    d = domain_get_for(current, who.domid);
    if (!d)
        return -ESRCH;
    switch (cmd) {
    case XENMEM_current_reservation:
        rc = (long)d->tot_pages;
        break;
    case XENMEM_maximum_reservation:
        rc = (long)d->max_pages;
        break;
    default:
        rc = d->shared ? (long)READ_ONCE(d->shared->arch.max_pfn) : 0;
        rc = rc > 0 ? rc - 1 : 0;
        break;
    }
    domain_put(d);
    return rc;
}

static long machphys_list(struct vcpu *v, void *arg)
{
    struct xen_machphys_mfn_list *list = arg;
    uint32_t i;

    (void)v;
    for (i = 0; i < list->max_extents; i++) {
        xen_pfn_t mfn = m2p_piece_mfn(i);

        if (mfn == INVALID_MFN)
            break;
        if (copy_to_guest(guest_va_at(list->extent_start, i, sizeof(mfn)), &mfn,
                          sizeof(mfn)))
            return -EFAULT;
    }
    list->nr_extents = i;
    return 0;
}

static long machphys_mapping(struct vcpu *v, void *arg)
{
    struct xen_machphys_mapping *m = arg;

    (void)v;
    m->v_start = M2P_RO_START;
    m->v_end = M2P_RO_END;
    m->max_mfn = max_mfn - 1;
    return 0;
}

/* The domain's own map, as the toolstack has set it. */
static long memory_map(struct vcpu *v, void *arg)
{
    struct xen_memory_map *map = arg;
    struct domain *d = v->domain;
    struct e820entry *copy;
    uint32_t n;
    long rc = 0;

    copy = kzalloc(MEMORY_MAP_MAX * sizeof(*copy));
    if (!copy)
        return -ENOMEM;
    spin_lock(&d->page_lock);
    n = d->e820 ? d->nr_e820 : 0;
    if (n)
        memcpy(copy, d->e820, n * sizeof(*copy));
    spin_unlock(&d->page_lock);

    if (!n) {
        rc = -ENOSYS;
    } else {
        map->nr_entries = MIN(map->nr_entries, n);
        if (copy_to_guest(map->buffer, copy, map->nr_entries * sizeof(*copy)))
            rc = -EFAULT;
    }
    kfree(copy);
    return rc;
}

static long machine_map(struct vcpu *v, void *arg)
{
    struct xen_memory_map *map = arg;
    struct e820entry e;
    uint32_t i;

    (void)v;
    if (!machine_memory_map)
        return -ENOSYS;
    for (i = 0; machine_memory_map(i, &e); i++) {
        if (i >= map->nr_entries)
            return -EINVAL;
        if (copy_to_guest(guest_va_at(map->buffer, i, sizeof(e)), &e,
                          sizeof(e)))
            return -EFAULT;
    }
    map->nr_entries = i;
    return 0;
}

static long memory_map_set(struct vcpu *v, void *arg)
{
    struct xen_foreign_memory_map *op = arg;
    uint32_t n = op->map.nr_entries;
    struct e820entry *map, *old;
    struct domain *d;

    if (n > MEMORY_MAP_MAX)
        return -EINVAL;
    map = kzalloc(MAX(n, 1u) * sizeof(*map));
    if (!map)
        return -ENOMEM;
    if (copy_from_guest(map, op->map.buffer, n * sizeof(*map))) {
        kfree(map);
        return -EFAULT;
    }
    d = domain_get_for(v, op->domid);
    if (!d) {
        kfree(map);
        return -ESRCH;
    }
    spin_lock(&d->page_lock);
    old = d->e820;
    d->e820 = map;
    d->nr_e820 = n;
    spin_unlock(&d->page_lock);
    kfree(old);
    domain_put(d);
    return 0;
}

static long claim_pages(struct vcpu *v, void *arg)
{
    struct xen_memory_reservation *r = arg;
    struct domain *d;
    long rc;

    if (!guest_va_is_null(r->extent_start) || r->extent_order || r->mem_flags)
        return -EINVAL;
    d = domain_get_for(v, r->domid);
    if (!d)
        return -ESRCH;
    rc = domain_claim_pages(d, r->nr_extents);
    domain_put(d);
    return rc;
}

/* Frames of ours that show another domain's grant table. */
static long acquire_grant_frames(struct domain *d,
                                 struct xen_mem_acquire_resource *op)
{
    for (uint32_t i = 0; i < op->nr_frames; i++) {
        xen_pfn_t mfn = INVALID_MFN;
        int rc = grant_frame_get(d, op->frame + i, &mfn);

        if (rc)
            return rc;
        if (copy_to_guest(guest_va_at(op->frame_list, i, sizeof(mfn)), &mfn,
                          sizeof(mfn)))
            return -EFAULT;
    }
    return 0;
}

static long acquire_resource(struct vcpu *v, void *arg)
{
    struct xen_mem_acquire_resource *op = arg;
    struct domain *d;
    long rc = -EOPNOTSUPP;

    if (op->pad)
        return -EINVAL;
    d = domain_get_for(v, op->domid);
    if (!d)
        return -ESRCH;
    if (d == v->domain) {
        rc = -EPERM;
    } else if (op->type == XENMEM_resource_grant_table) {
        if (op->id != XENMEM_resource_grant_table_id_shared) {
            rc = -EINVAL;
        } else if (op->nr_frames || !guest_va_is_null(op->frame_list)) {
            rc = op->nr_frames > 1024 ? -E2BIG : acquire_grant_frames(d, op);
        } else {
            op->nr_frames = grant_frames_max(d);
            rc = 0;
        }
    }
    domain_put(d);
    return rc;
}

static long nothing_shared(struct vcpu *v, void *arg)
{
    (void)v;
    (void)arg;
    return 0; /* frames are never merged here */
}

static long maximum_ram_page(struct vcpu *v, void *arg)
{
    (void)v;
    (void)arg;
    return (long)max_mfn - 1;
}

/* Only for guests whose frame numbers we would translate. */
static long translated_only(struct vcpu *v, void *arg)
{
    (void)v;
    (void)arg;
    return -EACCES;
}

static long not_offered(struct vcpu *v, void *arg)
{
    (void)v;
    (void)arg;
    return -EOPNOTSUPP;
}

#define NO_ARG(f, r) {f, 0, SUBOP_NONE, r}

static const struct subop memory_ops[] = {
    [XENMEM_maximum_ram_page] = NO_ARG(maximum_ram_page, ANYONE),
    [XENMEM_machphys_mfn_list] = SUBOP(
        machphys_list, struct xen_machphys_mfn_list, SUBOP_IN_OUT, ANYONE),
    [XENMEM_add_to_physmap] = NO_ARG(translated_only, ANYONE),
    [XENMEM_memory_map] = SUBOP(memory_map, struct xen_memory_map, SUBOP_IN_OUT,
                                ANYONE),
    [XENMEM_machine_memory_map] = SUBOP(machine_map, struct xen_memory_map,
                                        SUBOP_IN_OUT, DOM0_ONLY),
    [XENMEM_machphys_mapping] = SUBOP(
        machphys_mapping, struct xen_machphys_mapping, SUBOP_OUT, ANYONE),
    [XENMEM_set_memory_map] = SUBOP(
        memory_map_set, struct xen_foreign_memory_map, SUBOP_IN, DOM0_ONLY),
    [XENMEM_remove_from_physmap] = NO_ARG(translated_only, ANYONE),
    [XENMEM_set_pod_target] = NO_ARG(not_offered, DOM0_ONLY),
    [XENMEM_get_pod_target] = NO_ARG(not_offered, DOM0_ONLY),
    [XENMEM_get_sharing_freed_pages] = NO_ARG(nothing_shared, ANYONE),
    [XENMEM_get_sharing_shared_pages] = NO_ARG(nothing_shared, ANYONE),
    [XENMEM_paging_op] = NO_ARG(not_offered, DOM0_ONLY),
    [XENMEM_access_op] = NO_ARG(not_offered, DOM0_ONLY),
    [XENMEM_sharing_op] = NO_ARG(not_offered, DOM0_ONLY),
    [XENMEM_add_to_physmap_batch] = NO_ARG(translated_only, ANYONE),
    [XENMEM_claim_pages] = SUBOP(claim_pages, struct xen_memory_reservation,
                                 SUBOP_IN, DOM0_ONLY),
    [XENMEM_get_vnumainfo] = NO_ARG(not_offered, ANYONE),
    [XENMEM_reserved_device_memory_map] = NO_ARG(not_offered, ANYONE),
    [XENMEM_acquire_resource] = SUBOP(acquire_resource,
                                      struct xen_mem_acquire_resource,
                                      SUBOP_IN_OUT, DOM0_ONLY),
};

long do_memory_op(uint64_t cmd, uint64_t arg)
{
    uint64_t op = cmd & MEMOP_CMD_MASK, start = cmd >> MEMOP_EXTENT_SHIFT;

    switch (op) {
    case XENMEM_increase_reservation:
    case XENMEM_decrease_reservation:
    case XENMEM_populate_physmap:
        return reservation_op(op, start, arg);
    case XENMEM_exchange:
        return exchange_op(arg);
    case XENMEM_current_reservation:
    case XENMEM_maximum_reservation:
    case XENMEM_maximum_gpfn:
        return domain_number(op, arg);
    default:
        return subop_call(memory_ops, ARRAY_SIZE(memory_ops), op,
                          (guest_va_t){arg});
    }
}

static void memory_destroy(struct domain *d)
{
    kfree(d->e820);
    d->e820 = NULL;
    domain_claim_drop(d);
}

static int memory_teardown(struct domain *d)
{
    domain_claim_drop(d);
    return 0;
}

const struct domain_part memory_part = {
    .name = "memory map",
    .teardown = memory_teardown,
    .destroy = memory_destroy,
};
