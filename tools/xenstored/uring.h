/* SPDX-License-Identifier: GPL-2.0 */
/*
 * uring.h - the kernel's io_uring: asks and waits in one system call.
 */
#ifndef XENSTORED_URING_H
#define XENSTORED_URING_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* NULL if this kernel has none, or lets nobody use it. */
struct uring;
struct uring *uring_open(unsigned int entries);
void uring_close(struct uring *u);

/* Asked with the next uring_enter(); the answer carries `tag`, in which
 * these bits must be clear. */
#define URING_SENT 2U
#define URING_SURE 4U
void uring_recv(struct uring *u, int fd, void *buf, size_t len, uint64_t tag);
/* Sends what goes without waiting, within uring_enter() itself: `data` may
 * change after that. The answer carries tag | URING_SENT. `sure`: it all
 * goes, so that nobody need look at the answer soon. */
void uring_send(struct uring *u, int fd, const void *data, size_t len,
                bool sure, uint64_t tag);
void uring_poll_in(struct uring *u, int fd, uint64_t tag);

/* Hand over what was asked, and if `wait` wait for one answer that is not
 * just about a sure send. */
int uring_enter(struct uring *u, bool wait);
/* The next answer: false if there is none. */
bool uring_next(struct uring *u, uint64_t *tag, int *res);

#endif
