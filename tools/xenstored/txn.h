/* SPDX-License-Identifier: GPL-2.0 */
/*
 * txn.h - many requests that happen at once, or not at all.
 */
#ifndef XENSTORED_TXN_H
#define XENSTORED_TXN_H

#include "xstore.h"

/* What of a node a transaction relied on. */
#define TOUCH_EXISTS 1U /* that it is there, or that it is not */
#define TOUCH_VALUE  2U
#define TOUCH_KIDS   4U
#define TOUCH_RIGHTS 8U

/* 0 with *id, or -ENOSPC. */
int txn_start(struct client *c, uint32_t *id);
/* The transaction, NULL if there is none: after a restart an id from before
 * gives one that will have to be done again. */
struct txn *txn_find(struct client *c, uint32_t id);
/* -EAGAIN: somebody changed what it relied on. It is gone in any case. */
int txn_end(struct client *c, struct txn *t, bool commit);
void txn_end_all(struct client *c);

/* Its view of the tree, for reading. */
struct tree *txn_tree(struct txn *t);
/* -ENOSPC: it touches more than a guest's transaction may. */
int txn_touch(struct txn *t, const char *path, unsigned int what);
/* Do it in its view, and again at the end. */
int txn_change(struct txn *t, const struct change *ch);
/* What the transaction's own domain gained in it so far. */
const struct usage *txn_gain(const struct txn *t);

/* Doom the transactions of guests that were open for longer than this many
 * changes of the tree, or bytes replaced in it: their snapshots hold memory. */
void txn_doom_old(struct xstore *xs, uint64_t changes, uint64_t replaced);

#endif
