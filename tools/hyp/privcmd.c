/* SPDX-License-Identifier: GPL-2.0 */
/*
 * privcmd.c - the way to the hypervisor, and memory it may use.
 * Keeps true: every buffer of a hypercall lies in the arena, whose pages are
 * the kernel's own (/dev/xen/hypercall) or locked, so they are present when
 * the hypervisor looks.
 */
#include "hyp/privcmd.h"

#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

#include <abi/memory.h>

#include "kernel.h"

#define ARENA_SIZE  (256u << 10)
#define MAX_BLOCKS  16
#define BLOCK_SHIFT 56 /* a mark: blocks above this bit, bytes below */

struct block {
    char *mem;
    size_t size;
};

struct hyp {
    int fd;
    int buffer_fd; /* -1: the kernel has no /dev/xen/hypercall */
    char *arena;
    size_t used;
    struct block blocks[MAX_BLOCKS]; /* requests too big for the arena */
    unsigned nr_blocks;
};

static void *map_pages(int fd, size_t size)
{
    void *p = MAP_FAILED;

    if (fd >= 0)
        p = mmap(NULL, size, PROT_READ | PROT_WRITE, MAP_SHARED, fd, 0);
    if (p == MAP_FAILED)
        p = mmap(NULL, size, PROT_READ | PROT_WRITE,
                 MAP_PRIVATE | MAP_ANONYMOUS | MAP_LOCKED | MAP_POPULATE, -1,
                 0);
    return p == MAP_FAILED ? NULL : p;
}

struct hyp *hyp_open(void)
{
    struct hyp *h = calloc(1, sizeof(*h));
    int saved;

    if (!h)
        return NULL;
    h->buffer_fd = open("/dev/xen/hypercall", O_RDWR | O_CLOEXEC);
    h->fd = open("/dev/xen/privcmd", O_RDWR | O_CLOEXEC);
    if (h->fd >= 0) {
        h->arena = map_pages(h->buffer_fd, ARENA_SIZE);
        if (h->arena)
            return h;
    }
    saved = errno;
    hyp_close(h);
    errno = saved;
    return NULL;
}

void hyp_close(struct hyp *h)
{
    if (!h)
        return;
    hyp_release(h, 0);
    if (h->arena)
        munmap(h->arena, ARENA_SIZE);
    if (h->buffer_fd >= 0)
        close(h->buffer_fd);
    if (h->fd >= 0)
        close(h->fd);
    free(h);
}

int hyp_fd(const struct hyp *h)
{
    return h->fd;
}

long hyp_call(struct hyp *h, unsigned op, uint64_t a0, uint64_t a1, uint64_t a2,
              uint64_t a3, uint64_t a4)
{
    struct privcmd_hypercall call = {op, {a0, a1, a2, a3, a4}};
    long rc = ioctl(h->fd, PRIVCMD_HYPERCALL, &call);

    return rc < 0 ? -errno : rc;
}

size_t hyp_mark(const struct hyp *h)
{
    return (size_t)h->nr_blocks << BLOCK_SHIFT | h->used;
}

void hyp_release(struct hyp *h, size_t mark)
{
    unsigned blocks = (unsigned)(mark >> BLOCK_SHIFT);

    while (h->nr_blocks > blocks) {
        struct block *b = &h->blocks[--h->nr_blocks];

        munmap(b->mem, b->size);
    }
    h->used = mark & (((size_t)1 << BLOCK_SHIFT) - 1);
}

static void *big_block(struct hyp *h, size_t size)
{
    struct block *b = &h->blocks[h->nr_blocks];

    if (h->nr_blocks == MAX_BLOCKS) {
        errno = ENOMEM;
        return NULL;
    }
    b->size = (size + HYP_PAGE_SIZE - 1) & ~(HYP_PAGE_SIZE - 1);
    b->mem = map_pages(h->buffer_fd, b->size);
    if (!b->mem)
        return NULL;
    h->nr_blocks++;
    return b->mem;
}

void *hyp_scratch(struct hyp *h, size_t size)
{
    size_t at = (h->used + 15) & ~(size_t)15;

    if (size > ARENA_SIZE || at + size > ARENA_SIZE)
        return big_block(h, size);
    h->used = at + size;
    return memset(h->arena + at, 0, size);
}

/*
 * The kernel hands an ioctl's result back as an int, and page counts need
 * more: so, as every toolstack does, the call travels in a multicall, whose
 * result field is wide.
 */
long hyp_memory_op(struct hyp *h, unsigned cmd, void *arg)
{
    size_t mark = hyp_mark(h);
    multicall_entry_t *m = hyp_scratch(h, sizeof(*m));
    long rc;

    if (!m)
        return -ENOMEM;
    m->op = __HYPERVISOR_memory_op;
    m->args[0] = cmd;
    m->args[1] = (uint64_t)(uintptr_t)arg;
    rc =
        hyp_call(h, __HYPERVISOR_multicall, (uint64_t)(uintptr_t)m, 1, 0, 0, 0);
    if (rc == 0)
        rc = (long)m->result;
    hyp_release(h, mark);
    return rc;
}
