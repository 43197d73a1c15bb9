/* SPDX-License-Identifier: GPL-2.0 */
/*
 * private.h - a connection to the store: what its files share.
 */
#ifndef STORE_PRIVATE_H
#define STORE_PRIVATE_H

#include <stdbool.h>

#include <abi/io/xs_wire.h>

#include "base/buf.h"
#include "base/loop.h"
#include "store/client.h"

struct event {
    struct event *next;
    char *token;
    char path[]; /* and the token behind it */
};

struct store {
    int fd;
    bool by_message; /* each write is one message: the kernel's device */
    int dead; /* -errno once the connection is of no use */
    uint32_t next_id;
    struct buf in;
    struct event *first, **last;
    struct event *handed; /* what store_next_event() gave last */
    /* the batch under way */
    bool batching;
    struct buf out;
    uint32_t batch_first, batch_sent, batch_done;
    int batch_error;
    /* in a loop */
    struct loop *loop;
    struct loop_fd *source;
    struct loop_timer soon; /* events are queued already */
    store_event_fn *on_event;
    store_lost_fn *on_lost;
    void *arg;
};

struct piece {
    const void *data;
    size_t len;
};

#define TEXT(t)                                                                \
    {                                                                          \
        (t), strlen(t) + 1                                                     \
    }

/* The connection is of no use any more; gives the first such error. */
int store_kill(struct store *s, int error);
/* Read what is there, waiting at most timeout_ms: 1, 0 (nothing), -errno. */
int store_fill(struct store *s, int timeout_ms);
/* Sort what has arrived: events are kept; true: an answer stands first. */
bool store_answer_ready(struct store *s);

/* A request whose answer is no more than "OK"; and one that gives its
 * answer (malloc'ed, NUL-ended), or NULL and errno. */
int store_tell(struct store *s, uint32_t type, store_tx_t tx,
               const struct piece *pieces, int nr);
char *store_ask(struct store *s, uint32_t type, store_tx_t tx,
                const struct piece *pieces, int nr, size_t *len);

/* events.c: an event's body arrived; the loop is to look at those there. */
void store_keep_event(struct store *s, const char *data, size_t len);
void store_wake_later(struct store *s);

#endif
