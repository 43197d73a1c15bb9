/* SPDX-License-Identifier: GPL-2.0 */
/*
 * grant.c - pages shared by grants.
 * Keeps true: an entry of a new domain's table is complete before its flags
 * make it valid.
 */
#include "hyp/grant.h"

#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <sys/mman.h>
#include <unistd.h>

#include <abi/grant_table.h>
#include <abi/memory.h>

#include "hyp/memory.h"
#include "kernel.h"

struct grants {
    int fd;
};

struct grants *grants_open(void)
{
    struct grants *g = calloc(1, sizeof(*g));

    if (!g)
        return NULL;
    g->fd = open("/dev/xen/gntdev", O_RDWR | O_CLOEXEC);
    if (g->fd >= 0)
        return g;
    free(g);
    return NULL;
}

void grants_close(struct grants *g)
{
    if (!g)
        return;
    close(g->fd);
    free(g);
}

static void release_index(struct grants *g, uint64_t index, size_t count)
{
    struct gntdev_unmap_request r = {.index = index, .count = (uint32_t)count};
    int saved = errno;

    ioctl(g->fd, GNTDEV_UNMAP, &r);
    errno = saved;
}

void *grants_map(struct grants *g, uint32_t domid, const uint32_t *refs,
                 size_t count, int prot)
{
    struct gntdev_map_request *r;
    void *where = MAP_FAILED;
    size_t i;

    r = calloc(1, sizeof(*r) + count * sizeof(r->refs[0]));
    if (!r)
        return NULL;
    r->count = (uint32_t)count;
    for (i = 0; i < count; i++) {
        r->refs[i].domid = domid;
        r->refs[i].ref = refs[i];
    }
    if (ioctl(g->fd, GNTDEV_MAP, r) == 0) {
        where = mmap(NULL, count * HYP_PAGE_SIZE, prot, MAP_SHARED, g->fd,
                     (off_t)r->index);
        if (where == MAP_FAILED)
            release_index(g, r->index, count);
    }
    i = (size_t)errno;
    free(r);
    errno = (int)i;
    return where == MAP_FAILED ? NULL : where;
}

static int find_index(struct grants *g, void *where, uint64_t *index)
{
    struct gntdev_find_request r = {.vaddr = (uint64_t)(uintptr_t)where};

    if (ioctl(g->fd, GNTDEV_FIND, &r) < 0)
        return -errno;
    *index = r.offset;
    return 0;
}

int grants_notify(struct grants *g, void *where, int offset, int port)
{
    struct gntdev_notify_request r = {0};
    int rc = find_index(g, where, &r.index);

    if (rc)
        return rc;
    if (offset >= 0) {
        r.index += (uint64_t)offset;
        r.action |= GNTDEV_CLEAR_BYTE;
    }
    if (port >= 0) {
        r.port = (uint32_t)port;
        r.action |= GNTDEV_SEND_EVENT;
    }
    return ioctl(g->fd, GNTDEV_NOTIFY, &r) < 0 ? -errno : 0;
}

int grants_unmap(struct grants *g, void *where, size_t count)
{
    uint64_t index = 0;
    int rc = find_index(g, where, &index);

    if (rc)
        return rc;
    if (munmap(where, count * HYP_PAGE_SIZE) < 0)
        return -errno;
    release_index(g, index, count);
    return 0;
}

void *grant_share(uint32_t domid, int writable, uint32_t *ref)
{
    struct gntalloc_request r = {
        .domid = (uint16_t)domid,
        .flags = writable ? GNTALLOC_WRITABLE : 0,
        .count = 1,
    };
    int fd = open("/dev/xen/gntalloc", O_RDWR | O_CLOEXEC);
    void *where = MAP_FAILED;
    int saved;

    if (fd < 0)
        return NULL;
    if (ioctl(fd, GNTALLOC_ALLOC, &r) == 0)
        where = mmap(NULL, HYP_PAGE_SIZE, PROT_READ | PROT_WRITE, MAP_SHARED,
                     fd, (off_t)r.index);
    saved = errno;
    close(fd); /* the mapping keeps the page */
    errno = saved;
    *ref = r.refs[0];
    return where == MAP_FAILED ? NULL : where;
}

static void fill_entry(struct grant_entry_v1 *e, uint32_t domid, uint64_t frame)
{
    e->domid = (domid_t)domid;
    e->frame = (uint32_t)frame;
    __atomic_store_n(&e->flags, GTF_permit_access, __ATOMIC_RELEASE);
}

/* Without XENMEM_acquire_resource: the table's frames by their numbers. */
static void *map_by_number(struct hyp *h, uint32_t domid)
{
    size_t mark = hyp_mark(h);
    struct gnttab_setup_table *op = hyp_scratch(h, sizeof(*op));
    uint64_t *frame = hyp_scratch(h, sizeof(*frame));
    void *where = NULL;
    long rc;

    if (!op || !frame) {
        errno = ENOMEM;
        return NULL;
    }
    op->dom = (domid_t)domid;
    op->nr_frames = 1;
    op->frame_list = hyp_va(frame);
    rc = hyp_call(h, __HYPERVISOR_grant_table_op, GNTTABOP_setup_table,
                  hyp_va(op).va, 1, 0, 0);
    if (rc < 0)
        errno = (int)-rc;
    else if (op->status != GNTST_okay)
        errno = EPERM;
    else
        where = mem_map(h, domid, PROT_READ | PROT_WRITE, frame, 1, NULL);
    hyp_release(h, mark);
    return where;
}

int grant_seed(struct hyp *h, uint32_t domid, uint64_t console_frame,
               uint64_t xenstore_frame, uint32_t console_domid,
               uint32_t xenstore_domid)
{
    struct grant_entry_v1 *table;

    /* A version 1 entry has 32 bits for the frame. */
    if (console_frame >> 32 || xenstore_frame >> 32)
        return -ERANGE;
    table = mem_map_resource(h, domid, XENMEM_resource_grant_table,
                             XENMEM_resource_grant_table_id_shared, 0, 1);
    if (!table)
        table = map_by_number(h, domid);
    if (!table)
        return -errno;
    fill_entry(&table[GNTTAB_RESERVED_CONSOLE], console_domid, console_frame);
    fill_entry(&table[GNTTAB_RESERVED_XENSTORE], xenstore_domid,
               xenstore_frame);
    mem_unmap(table, 1);
    return 0;
}
