/* SPDX-License-Identifier: GPL-2.0 */
/*
 * memory.c - frames of a guest: give and take them, map them here.
 * Keeps true: a mapping that failed leaves nothing mapped in its place but
 * inaccessible memory that the caller unmaps, or nothing at all.
 */
#include "hyp/memory.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>

#include <abi/memory.h>
#include <abi/xen.h>

#include "kernel.h"

/* Extents a single request carries: bounds the locked memory we need. */
#define BATCH 16384u

static long reservation(struct hyp *h, unsigned cmd, uint32_t domid,
                        const uint64_t *in, uint64_t *out, uint64_t count,
                        unsigned order)
{
    size_t mark = hyp_mark(h);
    xen_memory_reservation_t *r = hyp_scratch(h, sizeof(*r));
    uint64_t *list = hyp_scratch(h, count * sizeof(*list));
    long rc;

    if (!r || !list) {
        hyp_release(h, mark);
        return -ENOMEM;
    }
    memcpy(list, in, count * sizeof(*list));
    r->extent_start = hyp_va(list);
    r->nr_extents = count;
    r->extent_order = order;
    r->domid = (domid_t)domid;
    rc = hyp_memory_op(h, cmd, r);
    if (rc > 0 && out)
        memcpy(out, list, (size_t)rc * sizeof(*list));
    hyp_release(h, mark);
    return rc;
}

/* All extents in bites, until one is not done wholly. */
static long reservations(struct hyp *h, unsigned cmd, uint32_t domid,
                         const uint64_t *in, uint64_t *out, uint64_t count,
                         unsigned order)
{
    uint64_t done = 0;

    while (done < count) {
        uint64_t n = count - done < BATCH ? count - done : BATCH;
        long rc = reservation(h, cmd, domid, in + done, out ? out + done : NULL,
                              n, order);

        if (rc < 0)
            return done ? (long)done : rc;
        done += (uint64_t)rc;
        if ((uint64_t)rc < n)
            break;
    }
    return (long)done;
}

long mem_populate(struct hyp *h, uint32_t domid, uint64_t *frames,
                  uint64_t count, unsigned order)
{
    return reservations(h, XENMEM_populate_physmap, domid, frames, frames,
                        count, order);
}

long mem_decrease(struct hyp *h, uint32_t domid, const uint64_t *frames,
                  uint64_t count, unsigned order)
{
    return reservations(h, XENMEM_decrease_reservation, domid, frames, NULL,
                        count, order);
}

int mem_claim(struct hyp *h, uint32_t domid, uint64_t pages)
{
    size_t mark = hyp_mark(h);
    xen_memory_reservation_t *r = hyp_scratch(h, sizeof(*r));
    long rc;

    if (!r)
        return -ENOMEM;
    r->nr_extents = pages;
    r->domid = (domid_t)domid;
    rc = hyp_memory_op(h, XENMEM_claim_pages, r);
    hyp_release(h, mark);
    return (int)rc;
}

int mem_set_map(struct hyp *h, uint32_t domid, uint64_t bytes)
{
    size_t mark = hyp_mark(h);
    xen_foreign_memory_map_t *m = hyp_scratch(h, sizeof(*m));
    struct e820entry *e = hyp_scratch(h, sizeof(*e));
    long rc;

    if (!m || !e)
        return -ENOMEM;
    e->size = bytes;
    e->type = 1; /* RAM */
    m->domid = (domid_t)domid;
    m->map.nr_entries = 1;
    m->map.buffer = hyp_va(e);
    rc = hyp_memory_op(h, XENMEM_set_memory_map, m);
    hyp_release(h, mark);
    return (int)rc;
}

long mem_max_mfn(struct hyp *h)
{
    return hyp_memory_op(h, XENMEM_maximum_ram_page, NULL);
}

static long ask_domain(struct hyp *h, unsigned cmd, uint32_t domid)
{
    size_t mark = hyp_mark(h);
    struct xen_memory_domain *d = hyp_scratch(h, sizeof(*d));
    long rc;

    if (!d)
        return -ENOMEM;
    d->domid = (domid_t)domid;
    rc = hyp_memory_op(h, cmd, d);
    hyp_release(h, mark);
    return rc;
}

long mem_max_pfn(struct hyp *h, uint32_t domid)
{
    return ask_domain(h, XENMEM_maximum_gpfn, domid);
}

long mem_current_pages(struct hyp *h, uint32_t domid)
{
    return ask_domain(h, XENMEM_current_reservation, domid);
}

/* Mappings */

static int map_batch(struct hyp *h, void *where, uint32_t domid,
                     const uint64_t *frames, size_t count, int *err)
{
    struct privcmd_mmapbatch_v2 batch = {
        .num = (unsigned)count,
        .dom = (uint16_t)domid,
        .addr = (uint64_t)(uintptr_t)where,
        .arr = frames,
        .err = err,
    };

    return ioctl(hyp_fd(h), PRIVCMD_MMAPBATCH_V2, &batch) < 0 ? -errno : 0;
}

static int first_error(const int *err, size_t count)
{
    size_t i;

    for (i = 0; i < count; i++)
        if (err[i])
            return err[i];
    return 0;
}

int mem_map_at(struct hyp *h, void *where, uint32_t domid, int prot,
               const uint64_t *frames, size_t count, int *err)
{
    int *errors = err ? err : calloc(count ? count : 1, sizeof(*errors));
    void *p;
    int rc;

    if (!errors)
        return -ENOMEM;
    p = mmap(where, count * HYP_PAGE_SIZE, prot, MAP_SHARED | MAP_FIXED,
             hyp_fd(h), 0);
    if (p == MAP_FAILED) {
        rc = -errno;
    } else {
        rc = map_batch(h, where, domid, frames, count, errors);
        if (rc == -ENOENT) /* some were paged out: each error says so */
            rc = 0;
        if (!rc && !err)
            rc = first_error(errors, count);
    }
    if (!err)
        free(errors);
    return rc;
}

void *mem_map(struct hyp *h, uint32_t domid, int prot, const uint64_t *frames,
              size_t count, int *err)
{
    void *where = mmap(NULL, count * HYP_PAGE_SIZE, PROT_NONE,
                       MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE, -1, 0);
    int rc;

    if (where == MAP_FAILED)
        return NULL;
    rc = mem_map_at(h, where, domid, prot, frames, count, err);
    if (!rc)
        return where;
    mem_unmap(where, count);
    errno = -rc;
    return NULL;
}

void mem_unmap(void *where, size_t count)
{
    if (where)
        munmap(where, count * HYP_PAGE_SIZE);
}

void *mem_map_resource(struct hyp *h, uint32_t domid, unsigned type,
                       unsigned id, uint64_t first, size_t count)
{
    struct privcmd_mmap_resource r = {
        .dom = (uint16_t)domid,
        .type = type,
        .id = id,
        .idx = (uint32_t)first,
        .num = count,
    };
    void *where = mmap(NULL, count * HYP_PAGE_SIZE, PROT_READ | PROT_WRITE,
                       MAP_SHARED, hyp_fd(h), 0);
    int saved;

    if (where == MAP_FAILED)
        return NULL;
    r.addr = (uint64_t)(uintptr_t)where;
    if (ioctl(hyp_fd(h), PRIVCMD_MMAP_RESOURCE, &r) == 0)
        return where;
    saved = errno;
    mem_unmap(where, count);
    errno = saved;
    return NULL;
}

/* The table's frames come 2 MiB at a time: the first of each run. */
const uint64_t *mem_map_m2p(struct hyp *h, size_t *entries)
{
    const unsigned per_extent = (2u << 20) >> HYP_PAGE_SHIFT;
    long max = mem_max_mfn(h), rc;
    size_t mark = hyp_mark(h);
    xen_machphys_mfn_list_t *l = hyp_scratch(h, sizeof(*l));
    uint64_t *starts, *frames = NULL;
    const uint64_t *table = NULL;
    size_t extents, i;

    if (max < 0 || !l) {
        errno = max < 0 ? (int)-max : ENOMEM;
        return NULL;
    }
    extents = ((size_t)max * 8 + 8 + (2u << 20) - 1) >> 21;
    starts = hyp_scratch(h, extents * sizeof(*starts));
    frames = calloc(extents * per_extent, sizeof(*frames));
    if (!starts || !frames) {
        errno = ENOMEM;
        goto out;
    }
    l->max_extents = (uint32_t)extents;
    l->extent_start = hyp_va(starts);
    rc = hyp_memory_op(h, XENMEM_machphys_mfn_list, l);
    if (rc < 0) {
        errno = (int)-rc;
        goto out;
    }
    extents = l->nr_extents < extents ? l->nr_extents : extents;
    for (i = 0; i < extents * per_extent; i++)
        frames[i] = starts[i / per_extent] + i % per_extent;
    table =
        mem_map(h, DOMID_XEN, PROT_READ, frames, extents * per_extent, NULL);
    *entries = extents * ((2u << 20) / sizeof(uint64_t));

out:
    free(frames);
    hyp_release(h, mark);
    return table;
}

/* Page tables of other domains */

int mem_mmuext(struct hyp *h, uint32_t domid, unsigned cmd, uint64_t mfn)
{
    size_t mark = hyp_mark(h);
    mmuext_op_t *op = hyp_scratch(h, sizeof(*op));
    long rc;

    if (!op)
        return -ENOMEM;
    op->cmd = cmd;
    op->arg1.mfn = mfn;
    rc = hyp_call(h, __HYPERVISOR_mmuext_op, hyp_va(op).va, 1, 0, domid, 0);
    hyp_release(h, mark);
    return (int)rc;
}

int mem_update_m2p(struct hyp *h, uint32_t domid, const uint64_t *mfns,
                   const uint64_t *pfns, size_t count)
{
    size_t done, i, n;
    long rc = 0;

    for (done = 0; done < count && rc == 0; done += n) {
        size_t mark = hyp_mark(h);
        mmu_update_t *u;

        n = count - done < 1024 ? count - done : 1024;
        u = hyp_scratch(h, n * sizeof(*u));
        if (!u)
            return -ENOMEM;
        for (i = 0; i < n; i++) {
            u[i].ptr = mfns[done + i] << HYP_PAGE_SHIFT | MMU_MACHPHYS_UPDATE;
            u[i].val = pfns[done + i];
        }
        rc = hyp_call(h, __HYPERVISOR_mmu_update, hyp_va(u).va, n, 0, domid, 0);
        hyp_release(h, mark);
    }
    return (int)rc;
}
