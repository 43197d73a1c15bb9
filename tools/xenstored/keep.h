/* SPDX-License-Identifier: GPL-2.0 */
/*
 * keep.h - what the store must remember when its process is killed.
 */
#ifndef XENSTORED_KEEP_H
#define XENSTORED_KEEP_H

#include "xstore.h"

/*
 * A domain's connection, in memory shared with a file. The message being
 * read and the answer being written live here, and the ring's own indices
 * say how far both are, so a kill at any point loses and doubles nothing.
 */
struct keep_slot {
    uint32_t used;
    uint32_t domid;
    uint32_t in_base;  /* req_cons where the message in `in` begins */
    uint32_t out_base; /* rsp_prod where `out` begins */
    uint32_t out_len;
    uint32_t pad;
    char in[WIRE_MSG_MAX];
    char out[WIRE_MSG_MAX];
};

/*
 * Open (or begin) what is kept in `dir` and fill the store from it. 1: there
 * was something from before; 0: nothing; or -errno. What another boot of the
 * machine left does not count.
 */
int keep_open(struct xstore *xs, const char *dir);
void keep_close(struct xstore *xs);

/* All between begin and end is there after a kill, or none of it. */
void keep_begin(struct xstore *xs);
void keep_end(struct xstore *xs);

/* These do nothing while nothing is kept (xs->keep NULL). */
void keep_change(struct xstore *xs, const struct change *ch);
void keep_watch(struct client *c, const char *path, size_t skip,
                const char *token, int depth);
void keep_unwatch(struct client *c, const char *path, const char *token);
void keep_reset(struct client *c); /* all watches of a domain */
void keep_domain(struct xstore *xs, const struct domain *d);
void keep_gone(struct xstore *xs); /* the domains marked so */
void keep_limits(struct xstore *xs);
/* A transaction was carried out; within keep_begin() and keep_end(). */
void keep_txn_done(struct client *c, uint32_t id);
void keep_txn_id(struct xstore *xs, uint32_t id);

/* The slot of a domain's connection: the one kept, or a new one. With
 * nothing kept it is ordinary memory. NULL: no room. */
struct keep_slot *keep_slot_get(struct xstore *xs, unsigned int domid,
                                bool *was_there);
void keep_slot_put(struct xstore *xs, struct keep_slot *s);

/* Write it anew if it has grown far beyond what it says; for idle times. */
void keep_compact(struct xstore *xs);
/* Bytes in the log, for reports. */
size_t keep_size(const struct xstore *xs);

#endif
