/* SPDX-License-Identifier: GPL-2.0 */
/*
 * plan.c - where everything of a new PV domain goes.
 * Frame n of the domain stands at virt_base + n * 4096 up to map_end. In this
 * order, each on page boundaries: kernel, ramdisk (if it must be mapped), p2m
 * (if it has no address of its own), start info, store page, console page,
 * page tables, stack; then, unmapped or elsewhere, p2m and ramdisk.
 */
#include "build/plan.h"

#include <errno.h>
#include <stdarg.h>
#include <stdio.h>

#define PAGE      4096ull
#define MIB       (1ull << 20)
#define SPARE     (512ull << 10)
#define ROUND     (4 * MIB)
#define HOLE_LOW  0xffff800000000000ull /* the hypervisor's own, */
#define HOLE_HIGH 0xffff880000000000ull /* up to here */

static uint64_t up(uint64_t n, uint64_t unit)
{
    return (n + unit - 1) & ~(unit - 1);
}

static uint64_t pages(uint64_t bytes)
{
    return up(bytes, PAGE) / PAGE;
}

static int fail(char *err, size_t size, int rc, const char *fmt, ...)
    __attribute__((format(printf, 4, 5)));

static int fail(char *err, size_t size, int rc, const char *fmt, ...)
{
    va_list ap;

    va_start(ap, fmt);
    vsnprintf(err, size, fmt, ap);
    va_end(ap);
    return rc;
}

/* A virtual range that the tables must map, [from, to). */
struct range {
    uint64_t from, to;
};

/* Tables of a level needed for both ranges: each maps 2^shift bytes. */
static unsigned count_level(const struct range *r, unsigned nr, unsigned shift)
{
    uint64_t last = 0;
    unsigned n = 0, i;

    for (i = 0; i < nr; i++) {
        uint64_t first = r[i].from >> shift, end = (r[i].to - 1) >> shift;

        if (r[i].from >= r[i].to)
            continue;
        if (n && first <= last)
            first = last + 1; /* the table is there already */
        if (first <= end) {
            n += (unsigned)(end - first + 1);
            last = end;
        }
    }
    return n;
}

/* Ascending order, so that count_level() sees shared tables side by side. */
static void count_tables(struct plan *p, uint64_t low_end, uint64_t p2m_virt,
                         uint64_t p2m_pages)
{
    struct range low = {p->virt_base, low_end};
    struct range p2m = {p2m_virt, p2m_virt + p2m_pages * PAGE};
    struct range r[2];

    r[0] = p2m.from < low.from ? p2m : low;
    r[1] = p2m.from < low.from ? low : p2m;
    p->nr_tables[1] = count_level(r, 2, 21);
    p->nr_tables[2] = count_level(r, 2, 30);
    p->nr_tables[3] = count_level(r, 2, 39);
    p->nr_tables[4] = 1;
    p->tables.count =
        p->nr_tables[1] + p->nr_tables[2] + p->nr_tables[3] + p->nr_tables[4];
}

/* `count` frames from *next on, mapped at their place in the low part. */
static void place(const struct plan *p, struct plan_region *r, uint64_t count,
                  uint64_t *next)
{
    r->pfn = *next;
    r->count = count;
    r->virt = p->virt_base + *next * PAGE;
    *next += count;
}

/* The tables map themselves: grow until nothing changes any more. */
static void place_tables(struct plan *p, uint64_t *next, uint64_t p2m_virt,
                         uint64_t p2m_pages)
{
    uint64_t first = *next, end, before;

    p->tables.count = 0;
    do {
        before = p->tables.count;
        end = first + before + 1; /* and the stack */
        p->map_end = p->virt_base + up(end * PAGE + SPARE, ROUND);
        if (p->map_end < p->virt_base) /* the top of the address space */
            p->map_end = 0 - PAGE;
        count_tables(p, p->map_end, p2m_virt, p2m_pages);
    } while (p->tables.count != before);
    place(p, &p->tables, p->tables.count, next);
    place(p, &p->stack, 1, next);
}

static int check_addresses(const struct plan *p, char *err, size_t err_size)
{
    uint64_t p2m_end = p->p2m.virt + p->p2m.count * PAGE;

    if ((p->map_end > HOLE_LOW && p->virt_base < HOLE_HIGH) ||
        (p2m_end > HOLE_LOW && p->p2m.virt < HOLE_HIGH) ||
        p2m_end < p->p2m.virt ||
        (p->p2m.virt < p->map_end && p2m_end > p->virt_base &&
         p->p2m.virt != p->virt_base + p->p2m.pfn * PAGE))
        return fail(err, err_size, -ENOEXEC,
                    "kernel wants addresses that it cannot have");
    return 0;
}

int plan_make(struct plan *p, const struct image *img,
              const struct plan_request *req, char *err, size_t err_size)
{
    const struct image_notes *n = &img->notes;
    bool own_p2m = n->init_p2m != IMAGE_UNSET;
    uint64_t p2m_pages = pages(req->nr_pages * 8);
    uint64_t rd_pages = pages(req->ramdisk_bytes), next;
    int rc;

    *p = (struct plan){
        .nr_pages = req->nr_pages,
        .virt_base = n->virt_base,
        .ramdisk_bytes = req->ramdisk_bytes,
    };
    if (req->nr_pages > (1ull << 32) || rd_pages > (1ull << 32))
        return fail(err, err_size, -EINVAL, "too much memory for one domain");
    next = image_pfn(img, img->pstart);
    if (next > (1ull << 32))
        return fail(err, err_size, -ENOEXEC,
                    "kernel wants to lie at an address out of reach");
    place(p, &p->kernel,
          image_pfn(img, img->pend + PAGE - 1) - image_pfn(img, img->pstart),
          &next);
    if (rd_pages && req->ramdisk_must_map)
        place(p, &p->ramdisk, rd_pages, &next);
    if (!own_p2m)
        place(p, &p->p2m, p2m_pages, &next);
    place(p, &p->start_info, 1, &next);
    place(p, &p->store, 1, &next);
    place(p, &p->console, 1, &next);
    place_tables(p, &next, own_p2m ? n->init_p2m : 0, own_p2m ? p2m_pages : 0);
    if (own_p2m) {
        place(p, &p->p2m, p2m_pages, &next);
        p->p2m.virt = n->init_p2m;
    }
    if (rd_pages && !req->ramdisk_must_map) {
        place(p, &p->ramdisk, rd_pages, &next);
        p->ramdisk.virt = 0;
    }
    p->low_end = next;
    rc = check_addresses(p, err, err_size);
    if (rc)
        return rc;
    if (next > req->nr_pages)
        return fail(err, err_size, -ENOMEM,
                    "%llu MiB of memory are not enough: kernel%s need %llu MiB",
                    (unsigned long long)(req->nr_pages * PAGE / MIB),
                    rd_pages ? " and ramdisk" : "",
                    (unsigned long long)up(next * PAGE, MIB) / MIB);
    return 0;
}
