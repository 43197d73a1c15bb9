/* SPDX-License-Identifier: GPL-2.0 */
/*
 * watch.c - finds the watches that a change concerns, and tells their owners.
 * Keeps true: the index is a tree shaped like the paths watched, without
 * empty ends, so a change costs as many steps as its path has names. A guest
 * hears only of what it may read. An event that still waits unsent is not
 * repeated. One for which there was no room comes later, and only that: a
 * guest is told finally, and then there is silence.
 */
#include <errno.h>

#include "keep.h"
#include "watch.h"

struct watch {
    struct client *client;
    struct watch *next;      /* of this client */
    struct watch_node *at;   /* where it hangs */
    struct watch *next_here; /* at the same path */
    uint64_t told_at;        /* where in the client's bytes its last event is */
    size_t skip;
    long cost;
    int depth;
    bool lost; /* there was no room to tell it: to be told yet */
    char *token;
    char path[]; /* then the token */
};

struct watch_node {
    struct watch_node *parent;
    struct watch_node **kids; /* sorted by name */
    uint32_t nr_kids;
    uint32_t name_len;
    struct watch *watches;
    char name[];
};

/* The index. */

static bool find_kid(const struct watch_node *n, const char *name, size_t len,
                     uint32_t *at)
{
    uint32_t lo = 0, hi = n->nr_kids;

    while (lo < hi) {
        uint32_t mid = lo + (hi - lo) / 2;
        const struct watch_node *kid = n->kids[mid];
        size_t common = kid->name_len < len ? kid->name_len : len;
        int c = memcmp(kid->name, name, common);

        if (!c && kid->name_len == len) {
            *at = mid;
            return true;
        }
        if (c < 0 || (!c && kid->name_len < len))
            lo = mid + 1;
        else
            hi = mid;
    }
    *at = lo;
    return false;
}

static struct watch_node *node_make(struct watch_node *parent,
                                    const char *name, size_t len)
{
    struct watch_node *n = need_memory(calloc(1, sizeof(*n) + len));

    n->parent = parent;
    n->name_len = (uint32_t)len;
    if (len)
        memcpy(n->name, name, len);
    return n;
}

static struct watch_node *index_get(struct xstore *xs, const char *path)
{
    struct watch_node *n;
    struct path_iter it;
    uint32_t at;

    if (!xs->watches)
        xs->watches = node_make(NULL, NULL, 0);
    n = xs->watches;
    for (path_begin(&it, path); path_next(&it); n = n->kids[at]) {
        if (find_kid(n, it.name, it.len, &at))
            continue;
        n->kids = need_memory(
            realloc(n->kids, (n->nr_kids + 1) * sizeof(*n->kids)));
        memmove(n->kids + at + 1, n->kids + at,
                (n->nr_kids - at) * sizeof(*n->kids));
        n->kids[at] = node_make(n, it.name, it.len);
        n->nr_kids++;
    }
    return n;
}

static struct watch_node *index_find(const struct xstore *xs, const char *path)
{
    struct watch_node *n = xs->watches;
    struct path_iter it;
    uint32_t at;

    for (path_begin(&it, path); n && path_next(&it);)
        n = find_kid(n, it.name, it.len, &at) ? n->kids[at] : NULL;
    return n;
}

/* Cut off ends that nobody watches any more. */
static void index_prune(struct watch_node *n)
{
    while (n->parent && !n->watches && !n->nr_kids) {
        struct watch_node *parent = n->parent;
        uint32_t at = 0;

        find_kid(parent, n->name, n->name_len, &at);
        parent->nr_kids--;
        memmove(parent->kids + at, parent->kids + at + 1,
                (parent->nr_kids - at) * sizeof(*parent->kids));
        free(n->kids);
        free(n);
        n = parent;
    }
}

void watch_free_index(struct xstore *xs)
{
    if (xs->watches) {
        free(xs->watches->kids);
        free(xs->watches);
    }
    xs->watches = NULL;
}

/* Telling. */

static const char *seen_path(const struct watch *w, const char *path)
{
    return path[0] == '@' ? path : path + w->skip;
}

/* Is this very event the last one told, and not read yet? */
static bool waits_already(const struct watch *w, const char *path, size_t len,
                          uint32_t body_len)
{
    const struct client *c = w->client;
    struct xsd_sockmsg hdr;
    const char *p;

    if (!c->out.len || w->told_at < c->out_gone + 1)
        return false;
    p = bytes_start(&c->out) + (w->told_at - 1 - c->out_gone);
    memcpy(&hdr, p, sizeof(hdr));
    return hdr.len == body_len && !memcmp(p + sizeof(hdr), path, len);
}

static void tell(struct watch *w, const char *path)
{
    const char *seen = seen_path(w, path);
    size_t len = strlen(seen) + 1, token_len = strlen(w->token) + 1;
    struct client *c = w->client;
    struct xsd_sockmsg hdr = {.type = XS_WATCH_EVENT,
                              .len = (uint32_t)(len + token_len)};

    if (hdr.len > XENSTORE_PAYLOAD_MAX || waits_already(w, seen, len, hdr.len))
        return;
    if (!client_is_dom0(c) &&
        c->out.len > c->xs->limits.outstanding * 256UL) {
        w->lost = c->lost_event = true;
        return;
    }
    w->lost = false;
    w->told_at = c->out_gone + c->out.len + 1;
    bytes_add(&c->out, &hdr, sizeof(hdr));
    bytes_add(&c->out, seen, len);
    bytes_add(&c->out, w->token, token_len);
    if (c->wake)
        c->wake(c);
}

/* What is being told, and what decides who may hear it. */
struct firing {
    struct xstore *xs;
    const char *path;
    const struct rights *before;
    struct node *gone;
};

static bool may_hear(const struct client *c, const struct firing *f)
{
    struct node *now;
    size_t missing, len;

    if (client_is_dom0(c))
        return true;
    if (f->before && (client_rights(c, f->before) & RIGHT_READ))
        return true;
    if (f->gone && (client_rights(c, f->gone->rights) & RIGHT_READ))
        return true;
    now = tree_nearest(&f->xs->tree, f->path, &missing, &len);
    if (client_rights(c, now->rights) & RIGHT_READ)
        return true;
    if (!missing && f->path[0] == '/' && len > 1) {
        char parent[XENSTORE_ABS_PATH_MAX + 1];
        char *slash;

        memcpy(parent, f->path, len + 1);
        slash = strrchr(parent, '/');
        slash[slash == parent] = '\0';
        now = tree_find(&f->xs->tree, parent);
        return now && (client_rights(c, now->rights) & RIGHT_READ);
    }
    return false;
}

/* Looked up once a change for all its watches: it may have many here. */
static bool hears(struct client *c, const struct firing *f)
{
    if (c->asked_at != f->xs->nr_firings) {
        c->asked_at = f->xs->nr_firings;
        c->hears = may_hear(c, f);
    }
    return c->hears;
}

static int levels(const struct path_iter *rest)
{
    struct path_iter it = *rest;
    int n = 0;

    while (path_next(&it))
        n++;
    return n;
}

/* `rest`: what of the path is below. */
static void tell_here(const struct firing *f, const struct watch_node *n,
                      const struct path_iter *rest)
{
    for (struct watch *w = n->watches; w; w = w->next_here) {
        if (w->depth != WATCH_ALL_DEPTHS && levels(rest) > w->depth)
            continue;
        if (hears(w->client, f))
            tell(w, f->path);
    }
}

/* A subtree went: each watch in it is told its own path, if it was there. */
static void tell_below(const struct firing *f, const struct watch_node *n)
{
    for (uint32_t i = 0; i < n->nr_kids; i++) {
        const struct watch_node *kid = n->kids[i];

        for (struct watch *w = kid->watches; w; w = w->next_here) {
            struct node *was = node_below(f->gone, f->path, w->path);

            if (was && (client_rights(w->client, was->rights) & RIGHT_READ))
                tell(w, w->path);
        }
        tell_below(f, kid);
    }
}

void watch_fire(struct xstore *xs, const char *path,
                const struct rights *before, struct node *gone)
{
    const struct watch_node *n = xs->watches;
    struct firing f = {xs, path, before, gone};
    struct path_iter it;
    uint32_t at;

    if (!n || xs->quiet)
        return;
    xs->nr_firings++;
    for (path_begin(&it, path); path_next(&it);) {
        if (!find_kid(n, it.name, it.len, &at))
            return;
        n = n->kids[at];
        tell_here(&f, n, &it);
    }
    if (gone)
        tell_below(&f, n);
}

/* Coming and going. */

static struct watch *watch_find(const struct client *c, const char *path,
                                const char *token)
{
    const struct watch_node *n = index_find(c->xs, path);

    for (struct watch *w = n ? n->watches : NULL; w; w = w->next_here)
        if (w->client == c && !strcmp(w->token, token))
            return w;
    return NULL;
}

int watch_add(struct client *c, const char *path, size_t skip,
              const char *token, int depth)
{
    size_t len = strlen(path) + 1, token_len = strlen(token) + 1;
    long cost = (long)(sizeof(struct watch) + 2 * len + token_len);
    struct watch *w = watch_find(c, path, token);
    struct path_iter it;
    int rc;

    if (w)
        return c->first ? 0 : -EEXIST;
    for (path_begin(&it, path); path_next(&it);)
        cost += (long)(sizeof(struct watch_node) + sizeof(void *));
    if (!client_is_dom0(c)) {
        rc = quota_watch(&c->xs->limits, &c->dom->used, cost);
        if (rc)
            return rc;
    }
    w = need_memory(malloc(sizeof(*w) + len + token_len));
    *w = (struct watch){.client = c,
                        .next = c->watches,
                        .at = index_get(c->xs, path),
                        .skip = skip,
                        .cost = cost,
                        .depth = depth,
                        .token = w->path + len};
    memcpy(w->path, path, len);
    memcpy(w->token, token, token_len);
    w->next_here = w->at->watches;
    w->at->watches = w;
    c->watches = w;
    c->nr_watches++;
    c->xs->nr_watches++;
    c->dom->used.watches++;
    usage_add(&c->dom->used, 0, cost);
    keep_watch(c, path, skip, token, depth);
    return 0;
}

static void unhang(struct watch *w)
{
    struct watch **p = &w->at->watches;

    while (*p != w)
        p = &(*p)->next_here;
    *p = w->next_here;
    index_prune(w->at);
    w->client->nr_watches--;
    w->client->xs->nr_watches--;
    w->client->dom->used.watches--;
    usage_add(&w->client->dom->used, 0, -w->cost);
    free(w);
}

int watch_remove(struct client *c, const char *path, const char *token)
{
    struct watch *w = watch_find(c, path, token), **p = &c->watches;

    if (!w)
        return c->first ? 0 : -ENOENT;
    while (*p != w)
        p = &(*p)->next;
    *p = w->next;
    unhang(w);
    keep_unwatch(c, path, token);
    return 0;
}

void watch_remove_all(struct client *c)
{
    while (c->watches) {
        struct watch *w = c->watches;

        c->watches = w->next;
        unhang(w);
    }
}

void watch_tell_first(struct client *c, const char *path, const char *token)
{
    struct watch *w = watch_find(c, path, token);

    if (w)
        tell(w, w->path);
}

void watch_tell_all(struct client *c)
{
    for (struct watch *w = c->watches; w; w = w->next)
        tell(w, w->path);
}

void watch_tell_lost(struct client *c)
{
    c->lost_event = false;
    for (struct watch *w = c->watches; w; w = w->next)
        if (w->lost)
            tell(w, w->path);
}

void watch_each(const struct client *c, watch_visit_fn visit, void *ctx)
{
    for (struct watch *w = c->watches; w; w = w->next)
        visit(ctx, w->path, w->skip, w->token, w->depth);
}
