/* SPDX-License-Identifier: GPL-2.0 */
/*
 * tree.h - nodes, their rights, and trees that share what they have in common.
 */
#ifndef XENSTORED_TREE_H
#define XENSTORED_TREE_H

#include "wire.h"

#define RIGHT_OWNER 4U /* beside RIGHT_READ and RIGHT_WRITE */

/* Who may do what: the first is the owner and what all others may. Never
 * changed once made, so nodes share it. */
struct rights {
    uint32_t refs;
    uint32_t nr;
    struct right r[];
};

struct node {
    uint64_t key;  /* of its name, see path_next() */
    uint32_t refs; /* parents, trees and holders */
    uint16_t name_len;
    uint16_t value_len;
    uint32_t room;    /* bytes for the value */
    uint32_t nr_kids; /* sorted by name */
    uint32_t cap_kids;
    uint64_t born;    /* the tree clock when it was made */
    uint64_t changed; /* ... when its value was last set */
    uint64_t kidsgen; /* ... when a child came or went */
    struct rights *rights;
    struct node **kids;
    char bytes[]; /* name, NUL, value */
};

/* Told of each change in what a domain owns; NULL where nobody counts. */
typedef void (*tree_meter_fn)(void *ctx, uint16_t owner, int nodes,
                              long bytes);

struct tree {
    struct node *top; /* its children: "" (the root) and the @names */
    tree_meter_fn meter;
    void *meter_ctx;
};

#define OWNER_INHERIT (-1)

/* A clock of changes, common to all trees of this process. */
uint64_t tree_clock(void);
void tree_clock_forward(uint64_t at_least);
/* Bytes that nodes took, so far, all in all: what making and copying costs. */
uint64_t tree_bytes_made(void);

struct rights *rights_new(const void *r, size_t nr); /* of struct right */
struct rights *rights_get(struct rights *r);
void rights_put(struct rights *r);
/* Whose word counts for `domid` (also for `target` if >= 0): RIGHT_ bits. */
unsigned int rights_for(const struct rights *r, unsigned int domid,
                        int target);

struct node *node_get(struct node *n);
void node_put(struct node *n);
size_t node_cost(const struct node *n); /* what a quota counts for it */

static inline const char *node_name(const struct node *n)
{
    return n->bytes;
}

static inline const char *node_value(const struct node *n)
{
    return n->bytes + n->name_len + 1;
}

/* Names in a path: "/a/b" is "", "a", "b"; "@x" is "@x". The key holds a
 * name's first eight bytes, the first in the highest place, so that most
 * names are told apart, and sorted, by one comparison. */
struct path_iter {
    const char *rest;
    const char *name;
    size_t len;
    uint64_t key;
};
void path_begin(struct path_iter *it, const char *path);
bool path_next(struct path_iter *it);

void tree_init(struct tree *t);
void tree_drop(struct tree *t);

struct node *tree_find(const struct tree *t, const char *path);
/* The deepest node on the way to `path` that exists; `missing` counts the
 * names below it. `near_len`: how much of `path` names it. */
struct node *tree_nearest(const struct tree *t, const char *path,
                          size_t *missing, size_t *near_len);
/* The same node, but below `from`, whose own path is `from_path`. */
struct node *node_below(struct node *from, const char *from_path,
                        const char *path);

/* Set a value, making the node and its parents. `owner` of what is new, or
 * OWNER_INHERIT. With value NULL the node is only made. */
void tree_write(struct tree *t, const char *path, const void *value,
                size_t len, int owner);
/* Cut a subtree off; the caller gets it (to put), or NULL. */
struct node *tree_remove(struct tree *t, const char *path);
bool tree_set_rights(struct tree *t, const char *path, struct rights *r);

/* Every node, parents first; `path` is scratch of the walk. The visitor says
 * whether to go below. */
typedef bool (*tree_visit_fn)(void *ctx, const char *path,
                              const struct node *n);
void tree_walk(const struct node *from, const char *path,
               tree_visit_fn visit, void *ctx);

/* What is wrong with the tree's structure, or NULL. */
const char *tree_check(const struct node *n);

#endif
