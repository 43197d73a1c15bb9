/* SPDX-License-Identifier: GPL-2.0 */
/*
 * uring.c - the kernel's io_uring, as much of it as a server of small
 * requests needs. A system call is the dearest part of a store request in a
 * PV Dom0 (each one switches page tables); so answers are sent, the next
 * requests asked for, and waited for, in one.
 * Keeps true: the submission queue never overflows: it is handed over when
 * full. Layout and protocol: <linux/io_uring.h>, io_uring_setup(2).
 */
#include <errno.h>
#include <linux/io_uring.h>
#include <poll.h>
#include <stdatomic.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/socket.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "uring.h"

struct uring {
    int fd;
    void *queues; /* both queues' indices, one mapping */
    size_t queues_size;
    struct io_uring_sqe *sqes;
    size_t sqes_size;
    uint32_t entries, sq_mask, cq_mask;
    uint32_t *sq_tail, *sq_array, *cq_head, *cq_tail;
    struct io_uring_cqe *cqes;
    uint32_t to_submit;
    uint32_t sure; /* sends whose answers were not looked at yet */
};

static int setup(unsigned int entries, struct io_uring_params *p)
{
    memset(p, 0, sizeof(*p));
    p->flags = IORING_SETUP_SINGLE_ISSUER | IORING_SETUP_DEFER_TASKRUN;
    return (int)syscall(SYS_io_uring_setup, entries, p);
}

static int map_queues(struct uring *u, const struct io_uring_params *p)
{
    size_t sq = p->sq_off.array + p->sq_entries * sizeof(uint32_t);
    size_t cq = p->cq_off.cqes + p->cq_entries * sizeof(struct io_uring_cqe);
    char *q;

    if (!(p->features & IORING_FEAT_SINGLE_MMAP))
        return -ENOSYS;
    u->queues_size = sq > cq ? sq : cq;
    q = mmap(NULL, u->queues_size, PROT_READ | PROT_WRITE,
             MAP_SHARED | MAP_POPULATE, u->fd, IORING_OFF_SQ_RING);
    if (q == MAP_FAILED)
        return -errno;
    u->queues = q;
    u->sqes_size = p->sq_entries * sizeof(struct io_uring_sqe);
    u->sqes = mmap(NULL, u->sqes_size, PROT_READ | PROT_WRITE,
                   MAP_SHARED | MAP_POPULATE, u->fd, IORING_OFF_SQES);
    if (u->sqes == MAP_FAILED) {
        u->sqes = NULL;
        return -errno;
    }
    u->entries = p->sq_entries;
    u->sq_tail = (uint32_t *)(q + p->sq_off.tail);
    u->sq_mask = *(uint32_t *)(q + p->sq_off.ring_mask);
    u->sq_array = (uint32_t *)(q + p->sq_off.array);
    u->cq_head = (uint32_t *)(q + p->cq_off.head);
    u->cq_tail = (uint32_t *)(q + p->cq_off.tail);
    u->cq_mask = *(uint32_t *)(q + p->cq_off.ring_mask);
    u->cqes = (struct io_uring_cqe *)(q + p->cq_off.cqes);
    return 0;
}

struct uring *uring_open(unsigned int entries)
{
    struct uring *u = calloc(1, sizeof(*u));
    struct io_uring_params p;

    if (!u)
        return NULL;
    u->fd = setup(entries, &p);
    if (u->fd < 0 || map_queues(u, &p)) {
        uring_close(u);
        return NULL;
    }
    return u;
}

void uring_close(struct uring *u)
{
    if (!u)
        return;
    if (u->sqes)
        munmap(u->sqes, u->sqes_size);
    if (u->queues)
        munmap(u->queues, u->queues_size);
    if (u->fd >= 0)
        close(u->fd);
    free(u);
}

static struct io_uring_sqe *ask(struct uring *u, uint8_t op, int fd,
                                uint64_t tag)
{
    struct io_uring_sqe *sqe;
    uint32_t tail, slot;

    if (u->to_submit == u->entries)
        uring_enter(u, false);
    tail = *u->sq_tail;
    slot = tail & u->sq_mask;
    sqe = &u->sqes[slot];
    memset(sqe, 0, sizeof(*sqe));
    sqe->opcode = op;
    sqe->fd = fd;
    sqe->user_data = tag;
    u->sq_array[slot] = slot;
    atomic_store_explicit((_Atomic uint32_t *)u->sq_tail, tail + 1,
                          memory_order_release);
    u->to_submit++;
    return sqe;
}

void uring_recv(struct uring *u, int fd, void *buf, size_t len, uint64_t tag)
{
    struct io_uring_sqe *sqe = ask(u, IORING_OP_RECV, fd, tag);

    sqe->addr = (uintptr_t)buf;
    sqe->len = (uint32_t)len;
}

void uring_send(struct uring *u, int fd, const void *data, size_t len,
                bool sure, uint64_t tag)
{
    struct io_uring_sqe *sqe = ask(u, IORING_OP_SEND, fd,
                                   tag | URING_SENT | (sure ? URING_SURE : 0));

    sqe->addr = (uintptr_t)data;
    sqe->len = (uint32_t)len;
    /* Done or refused at once, never later. */
    sqe->msg_flags = MSG_DONTWAIT | MSG_NOSIGNAL;
    u->sure += sure;
}

void uring_poll_in(struct uring *u, int fd, uint64_t tag)
{
    ask(u, IORING_OP_POLL_ADD, fd, tag)->poll32_events = POLLIN;
}

int uring_enter(struct uring *u, bool wait)
{
    /* Those answer at once: one answer more is news. */
    long n = syscall(SYS_io_uring_enter, u->fd, u->to_submit,
                     wait ? u->sure + 1 : 0,
                     IORING_ENTER_GETEVENTS, NULL, 0);

    if (n < 0)
        return -errno;
    u->to_submit -= (uint32_t)n;
    return 0;
}

bool uring_next(struct uring *u, uint64_t *tag, int *res)
{
    uint32_t head = *u->cq_head;
    const struct io_uring_cqe *cqe;

    if (head == atomic_load_explicit((_Atomic uint32_t *)u->cq_tail,
                                     memory_order_acquire))
        return false;
    cqe = &u->cqes[head & u->cq_mask];
    *tag = cqe->user_data;
    *res = cqe->res;
    if (*tag & URING_SURE)
        u->sure--;
    atomic_store_explicit((_Atomic uint32_t *)u->cq_head, head + 1,
                          memory_order_release);
    return true;
}
