/* SPDX-License-Identifier: GPL-2.0 */
/*
 * socket.h - Dom0's programs, by Unix sockets.
 */
#ifndef XENSTORED_SOCKET_H
#define XENSTORED_SOCKET_H

#include "xstore.h"

struct loop;
struct uring;

/* Listen on DIR/socket and DIR/socket_ro; read through `uring` unless it is
 * NULL. 0 or -errno. */
int socket_open(struct xstore *xs, struct loop *loop, struct uring *uring,
                const char *dir);
/* An answer of the uring whose tag is not the caller's own. */
void socket_answered(uint64_t tag, int res);
/* Go on with those that had more to ask than fits one turn, send what
 * waits. True: some still have work. */
bool socket_run(void);
/* Give the uring what waits to be sent; before it is entered. */
void socket_hand_over(void);
void socket_close(void);

#endif
