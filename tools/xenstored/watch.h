/* SPDX-License-Identifier: GPL-2.0 */
/*
 * watch.h - who wants to know when something in the tree changes.
 */
#ifndef XENSTORED_WATCH_H
#define XENSTORED_WATCH_H

#include "xstore.h"

#define WATCH_ALL_DEPTHS (-1)

/*
 * `path` is absolute; `skip` bytes of it are left out when it is told (a
 * relative watch). 0, -EEXIST, or a quota's error.
 */
int watch_add(struct client *c, const char *path, size_t skip,
              const char *token, int depth);
int watch_remove(struct client *c, const char *path, const char *token);
void watch_remove_all(struct client *c);

/* Tell one watch at once, so that its owner looks for the first time. */
void watch_tell_first(struct client *c, const char *path, const char *token);
/* Tell all watches of a client, after events may have been lost. */
void watch_tell_all(struct client *c);
/* Tell those that had something to tell when there was no room for it. */
void watch_tell_lost(struct client *c);

/*
 * `path` changed. `before`: what it was, when it is gone now or its rights
 * are others; NULL else.
 */
void watch_fire(struct xstore *xs, const char *path,
                const struct rights *before, struct node *gone);

/* Each watch of a client, for keeping it. */
typedef void (*watch_visit_fn)(void *ctx, const char *path, size_t skip,
                               const char *token, int depth);
void watch_each(const struct client *c, watch_visit_fn visit, void *ctx);

void watch_free_index(struct xstore *xs);

#endif
