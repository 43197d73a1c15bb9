/* SPDX-License-Identifier: GPL-2.0 */
/*
 * txn.c - transactions: a snapshot, a private view, a list of changes.
 * Keeps true: a transaction is carried out only if each thing it relied on
 * is as it was in its snapshot, and then its changes are applied in order to
 * the store's own tree; so the outcome is as if all of it had happened at
 * the end. Two transactions that make different children of one node do not
 * disturb each other. What a guest's views hold counts as its memory; what
 * all guests' snapshots keep alive has one bound (txn_doom_old).
 * Not here: journalling and watches; the changes go through xstore_change().
 */
#include <errno.h>

#include "keep.h"
#include "txn.h"
#include "watch.h"

#define GUEST_LOG_MAX (256 * 1024) /* bytes of changes in one transaction */

struct touch {
    uint32_t path; /* offset in `paths` */
    uint32_t what;
};

struct txn {
    struct client *client;
    struct txn *next;
    uint32_t id;
    bool doomed;
    uint64_t started;  /* the tree clock then */
    uint64_t replaced; /* bytes of the store's that were, then */
    size_t held;       /* bytes that count as its domain's */
    struct node *base; /* the snapshot */
    struct tree view;
    struct usage gain;
    struct bytes changes;
    struct bytes paths; /* NUL-ended */
    struct touch *touched;
    uint32_t nr_touched, cap_touched;
    uint32_t *slots; /* hash of path to index + 1 in touched */
    uint32_t nr_slots;
};

static void count_gain(void *ctx, uint16_t owner, int nodes, long bytes)
{
    struct txn *t = ctx;

    if (owner == t->client->dom->domid)
        usage_add(&t->gain, nodes, bytes);
}

static void take_snapshot(struct txn *t)
{
    struct node *top = t->client->xs->tree.top;

    t->base = node_get(top);
    t->view = (struct tree){.top = node_get(top),
                            .meter = count_gain,
                            .meter_ctx = t};
}

static void drop_snapshot(struct txn *t)
{
    if (t->base)
        node_put(t->base);
    t->base = NULL;
    tree_drop(&t->view);
}

static struct txn *txn_new(struct client *c, uint32_t id)
{
    struct txn *t = need_memory(calloc(1, sizeof(*t)));

    t->client = c;
    t->id = id;
    t->started = tree_clock();
    t->replaced = c->xs->replaced;
    t->next = c->txns;
    c->txns = t;
    c->nr_txns++;
    return t;
}

static void hold(struct txn *t, size_t bytes)
{
    t->held += bytes;
    usage_add(&t->client->dom->used, 0, (long)bytes);
}

static struct txn *find_open(const struct client *c, uint32_t id)
{
    struct txn *t = c->txns;

    while (t && t->id != id)
        t = t->next;
    return t;
}

int txn_start(struct client *c, uint32_t *id)
{
    struct xstore *xs = c->xs;

    if (!client_is_dom0(c) && c->nr_txns >= xs->limits.transactions)
        return -ENOSPC;
    do {
        if (!++xs->last_txn)
            xs->last_txn = 1;
    } while (find_open(c, xs->last_txn));
    keep_txn_id(xs, xs->last_txn);
    *id = xs->last_txn;
    take_snapshot(txn_new(c, *id));
    return 0;
}

struct txn *txn_find(struct client *c, uint32_t id)
{
    struct txn *t = find_open(c, id);

    if (t || !c->restored || id > c->xs->txn_floor)
        return t;
    if (!client_is_dom0(c) && c->nr_txns >= c->xs->limits.transactions)
        return NULL;
    t = txn_new(c, id);
    t->doomed = true;
    return t;
}

static void txn_free(struct txn *t)
{
    struct txn **p = &t->client->txns;

    while (*p != t)
        p = &(*p)->next;
    *p = t->next;
    t->client->nr_txns--;
    drop_snapshot(t);
    usage_add(&t->client->dom->used, 0, -(long)t->held);
    bytes_free(&t->changes);
    bytes_free(&t->paths);
    free(t->touched);
    free(t->slots);
    free(t);
}

void txn_end_all(struct client *c)
{
    while (c->txns)
        txn_free(c->txns);
}

struct tree *txn_tree(struct txn *t)
{
    return t->doomed ? &t->client->xs->tree : &t->view;
}

const struct usage *txn_gain(const struct txn *t)
{
    return &t->gain;
}

/* What it relied on. */

static uint32_t hash_path(const char *s)
{
    uint32_t h = 2166136261U;

    for (; *s; s++)
        h = (h ^ (unsigned char)*s) * 16777619U;
    return h;
}

static uint32_t *slot_for(struct txn *t, const char *path)
{
    uint32_t i = hash_path(path) & (t->nr_slots - 1);

    while (t->slots[i]) {
        const struct touch *seen = &t->touched[t->slots[i] - 1];

        if (!strcmp(t->paths.p + seen->path, path))
            break;
        i = (i + 1) & (t->nr_slots - 1);
    }
    return &t->slots[i];
}

static void grow_touched(struct txn *t)
{
    t->cap_touched = t->cap_touched ? t->cap_touched * 2 : 16;
    t->touched = need_memory(
        realloc(t->touched, t->cap_touched * sizeof(*t->touched)));
    free(t->slots);
    t->nr_slots = t->cap_touched * 2;
    t->slots = need_memory(calloc(t->nr_slots, sizeof(*t->slots)));
    for (uint32_t i = 0; i < t->nr_touched; i++)
        *slot_for(t, t->paths.p + t->touched[i].path) = i + 1;
}

int txn_touch(struct txn *t, const char *path, unsigned int what)
{
    size_t len = strlen(path) + 1;
    uint32_t *slot;

    if (t->doomed)
        return 0;
    if (t->nr_touched == t->cap_touched)
        grow_touched(t);
    slot = slot_for(t, path);
    if (*slot) {
        t->touched[*slot - 1].what |= what;
        return 0;
    }
    if (!client_is_dom0(t->client) &&
        (t->nr_touched >= t->client->xs->limits.txn_nodes ||
         t->paths.len + len > GUEST_LOG_MAX))
        return -ENOSPC;
    t->touched[t->nr_touched].path = (uint32_t)t->paths.len;
    t->touched[t->nr_touched].what = what;
    bytes_add(&t->paths, path, len);
    hold(t, len);
    *slot = ++t->nr_touched;
    return 0;
}

static bool changed(const struct txn *t, const struct touch *touch)
{
    const char *path = t->paths.p + touch->path;
    const struct tree base = {.top = t->base};
    const struct node *was = tree_find(&base, path);
    const struct node *is = tree_find(&t->client->xs->tree, path);

    if (was == is)
        return false;
    if (!was || !is || was->born != is->born)
        return true;
    return ((touch->what & TOUCH_VALUE) && was->changed != is->changed) ||
           ((touch->what & TOUCH_KIDS) && was->kidsgen != is->kidsgen) ||
           ((touch->what & TOUCH_RIGHTS) && was->rights != is->rights);
}

static bool disturbed(const struct txn *t)
{
    if (t->doomed)
        return true;
    if (t->base == t->client->xs->tree.top)
        return false;
    for (uint32_t i = 0; i < t->nr_touched; i++)
        if (changed(t, &t->touched[i]))
            return true;
    return false;
}

/* Its end. */

static bool is_full(const struct txn *t)
{
    const struct client *c = t->client;

    return c->dom->used.bytes >= (long)c->xs->limits.memory;
}

int txn_change(struct txn *t, const struct change *ch)
{
    struct node *gone = NULL;
    size_t before = t->changes.len;
    uint64_t made = tree_bytes_made();

    if (t->doomed)
        return 0;
    if (!client_is_dom0(t->client) &&
        (before + ch->len > GUEST_LOG_MAX || is_full(t)))
        return -ENOSPC;
    change_pack(&t->changes, ch);
    change_apply(&t->view, ch, &gone);
    if (gone)
        node_put(gone);
    hold(t, t->changes.len - before + (size_t)(tree_bytes_made() - made));
    return 0;
}

static void carry_out(struct txn *t)
{
    struct xstore *xs = t->client->xs;
    char path[XENSTORE_ABS_PATH_MAX + 1];
    struct change ch;
    size_t at = 0;

    drop_snapshot(t); /* so that the tree need not be copied */
    keep_begin(xs);
    while (at < t->changes.len) {
        at += change_unpack(t->changes.p + at, t->changes.len - at, &ch, path);
        xstore_change(xs, &ch);
    }
    keep_txn_done(t->client, t->id);
    keep_end(xs);
}

int txn_end(struct client *c, struct txn *t, bool commit)
{
    struct usage used = c->dom->used;
    int rc = 0;

    used.bytes -= (long)t->held;
    if (commit) {
        if (disturbed(t))
            rc = -EAGAIN;
        else if (!client_is_dom0(c))
            rc = quota_nodes(&c->xs->limits, &used, t->gain.nodes,
                             t->gain.bytes);
        if (!rc)
            carry_out(t);
    }
    txn_free(t);
    return rc;
}

static void doom(struct txn *t)
{
    drop_snapshot(t);
    t->doomed = true;
}

void txn_doom_old(struct xstore *xs, uint64_t changes, uint64_t replaced)
{
    for (struct domain *d = xs->domain_list; d; d = d->next) {
        if (d->domid == 0)
            continue;
        for (struct txn *t = d->client.txns; t; t = t->next)
            if (!t->doomed && (tree_clock() - t->started > changes ||
                               xs->replaced - t->replaced > replaced))
                doom(t);
    }
}
