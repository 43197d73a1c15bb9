/* SPDX-License-Identifier: GPL-2.0 */
/*
 * socket.h - Dom0's programs, by Unix sockets.
 */
#ifndef XENSTORED_SOCKET_H
#define XENSTORED_SOCKET_H

#include "xstore.h"

struct loop;

/* Listen on DIR/socket and DIR/socket_ro. 0 or -errno. */
int socket_open(struct xstore *xs, struct loop *loop, const char *dir);
/* A turn for each that has something to ask or to be told. True: some still
 * have work. */
bool socket_run(void);
void socket_close(void);

#endif
