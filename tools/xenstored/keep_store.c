/* SPDX-License-Identifier: GPL-2.0 */
/*
 * keep_store.c - the store as records: written down whole, and replayed.
 * Keeps true: what is replayed is what was written; a record that makes no
 * sense is passed over and told of.
 */
#include <errno.h>

#include "base/log.h"
#include "keep_log.h"
#include "watch.h"

/* A fresh log: everything as it is, in as few records as it takes. */

struct writer {
    struct xstore *xs;
    struct log_file *l;
    struct bytes scratch;
    unsigned int domid;
    int rc;
};

static void put(struct writer *w, enum record_kind kind, unsigned int domid,
                const void *body, size_t len, const void *more, size_t more_len)
{
    if (!w->rc)
        w->rc = keep_log_append(w->l, kind, domid, body, len, more, more_len);
}

static bool put_node(void *ctx, const char *path, const struct node *n)
{
    struct writer *w = ctx;
    struct change ch = {.kind = CHANGE_WRITE,
                        .owner = OWNER_INHERIT,
                        .path = path,
                        .data = node_value(n),
                        .len = n->value_len};

    bytes_use(&w->scratch, w->scratch.len);
    change_pack(&w->scratch, &ch);
    put(w, REC_NODE, n->rights->nr, n->rights->r,
        n->rights->nr * sizeof(struct right), bytes_start(&w->scratch),
        w->scratch.len);
    return true;
}

struct watch_record {
    uint32_t skip;
    int32_t depth;
    uint32_t path_len; /* with its NUL; then the token with its own */
    uint32_t pad;
};

void keep_pack_watch(struct bytes *b, const char *path, size_t skip,
                     const char *token, int depth)
{
    struct watch_record rec = {.skip = (uint32_t)skip,
                               .depth = depth,
                               .path_len = (uint32_t)strlen(path) + 1};

    bytes_use(b, b->len);
    bytes_add(b, &rec, sizeof(rec));
    bytes_add(b, path, rec.path_len);
    bytes_add(b, token, strlen(token) + 1);
}

static void put_watch(void *ctx, const char *path, size_t skip,
                      const char *token, int depth)
{
    struct writer *w = ctx;

    keep_pack_watch(&w->scratch, path, skip, token, depth);
    put(w, REC_WATCH, w->domid, bytes_start(&w->scratch), w->scratch.len, NULL,
        0);
}

struct domain_record keep_pack_domain(const struct domain *d)
{
    return (struct domain_record){.frame = d->frame,
                                  .port = d->port,
                                  .target = d->target,
                                  .introduced = d->introduced,
                                  .shutdown = d->shutdown};
}

int keep_write_all(struct xstore *xs, struct log_file *l)
{
    static const char *const tops[] = {"/", "@introduceDomain",
                                       "@releaseDomain"};
    struct writer w = {.xs = xs, .l = l};

    put(&w, REC_LIMITS, 0, &xs->limits, sizeof(xs->limits), NULL, 0);
    for (size_t i = 0; i < 3; i++)
        tree_walk(tree_find(&xs->tree, tops[i]), tops[i], put_node, &w);
    for (struct domain *d = xs->domain_list; d; d = d->next) {
        struct domain_record rec = keep_pack_domain(d);

        put(&w, REC_DOMAIN, d->domid, &rec, sizeof(rec), NULL, 0);
        w.domid = d->domid;
        watch_each(&d->client, put_watch, &w);
    }
    bytes_free(&w.scratch);
    if (!w.rc)
        keep_log_commit(l, xs);
    return w.rc;
}

/* Replay. */

static int replay_node(struct xstore *xs, uint32_t nr, const char *p,
                       size_t len)
{
    char path[XENSTORE_ABS_PATH_MAX + 1];
    size_t rights_len = nr * sizeof(struct right);
    struct rights *r;
    struct node *gone;
    struct change ch;

    if (!nr || nr > XENSTORE_PAYLOAD_MAX || rights_len > len ||
        !change_unpack(p + rights_len, len - rights_len, &ch, path))
        return -EINVAL;
    change_apply(&xs->tree, &ch, &gone);
    r = rights_new(p, nr);
    for (uint32_t i = 0; i < nr; i++)
        xstore_domain(xs, r->r[i].domid);
    tree_set_rights(&xs->tree, path, r);
    rights_put(r);
    return 0;
}

static int replay_change(struct xstore *xs, const char *p, size_t len)
{
    char path[XENSTORE_ABS_PATH_MAX + 1];
    struct change ch;

    if (!change_unpack(p, len, &ch, path))
        return -EINVAL;
    xstore_change(xs, &ch);
    return 0;
}

static int replay_watch(struct domain *d, enum record_kind kind, const char *p,
                        size_t len)
{
    struct watch_record rec;
    const char *token;

    if (len < sizeof(rec) + 2 || p[len - 1])
        return -EINVAL;
    memcpy(&rec, p, sizeof(rec));
    p += sizeof(rec);
    len -= sizeof(rec);
    if (!rec.path_len || rec.path_len >= len || p[rec.path_len - 1] ||
        !wire_path_ok(p, rec.path_len - 1) || rec.skip >= rec.path_len)
        return -EINVAL;
    token = p + rec.path_len;
    if (kind == REC_UNWATCH)
        return watch_remove(&d->client, p, token);
    return watch_add(&d->client, p, rec.skip, token, rec.depth);
}

static int replay_domain(struct domain *d, const char *p, size_t len)
{
    struct domain_record rec;

    if (len != sizeof(rec))
        return -EINVAL;
    memcpy(&rec, p, sizeof(rec));
    d->frame = rec.frame;
    d->port = rec.port;
    d->target = rec.target;
    d->introduced = rec.introduced;
    d->shutdown = rec.shutdown;
    return 0;
}

static int replay_gone(struct xstore *xs, const char *p, size_t len)
{
    uint16_t domid;

    for (size_t at = 0; at + sizeof(domid) <= len; at += sizeof(domid)) {
        memcpy(&domid, p + at, sizeof(domid));
        if (domid && xstore_domain_find(xs, domid))
            xstore_domain_find(xs, domid)->gone = true;
    }
    xstore_bury(xs);
    return 0;
}

static int replay_one(struct xstore *xs, const struct record *rec,
                      const char *body)
{
    struct domain *d;

    switch (rec->kind) {
    case REC_CHANGE:
        return replay_change(xs, body, rec->body_len);
    case REC_NODE:
        return replay_node(xs, rec->domid, body, rec->body_len);
    case REC_GONE:
        return replay_gone(xs, body, rec->body_len);
    case REC_LIMITS:
        if (rec->body_len != sizeof(xs->limits))
            return -EINVAL;
        memcpy(&xs->limits, body, sizeof(xs->limits));
        return 0;
    }
    if (rec->domid >= DOMID_MAX)
        return -EINVAL;
    d = xstore_domain(xs, rec->domid);
    switch (rec->kind) {
    case REC_WATCH:
    case REC_UNWATCH:
        return replay_watch(d, (enum record_kind)rec->kind, body,
                            rec->body_len);
    case REC_RESET:
        watch_remove_all(&d->client);
        return 0;
    case REC_DOMAIN:
        return replay_domain(d, body, rec->body_len);
    case REC_TXN_DONE:
        if (rec->body_len != sizeof(d->client.done_txn))
            return -EINVAL;
        memcpy(&d->client.done_txn, body, sizeof(d->client.done_txn));
        return 0;
    }
    return -EINVAL;
}

int keep_replay(struct xstore *xs, const struct log_file *l)
{
    const char *p = (const char *)l->head;
    size_t at = sizeof(*l->head);
    struct record rec;

    xs->quiet = true;
    for (; at < l->pos; at += rec.len) {
        int rc;

        memcpy(&rec, p + at, sizeof(rec));
        if (rec.len < sizeof(rec) || rec.len > l->pos - at ||
            rec.body_len > rec.len - sizeof(rec))
            break;
        rc = replay_one(xs, &rec, p + at + sizeof(rec));
        if (rc)
            log_warn("keep: record %u at %zu: %s", rec.kind, at, strerror(-rc));
    }
    xs->quiet = false;
    tree_clock_forward(l->head->clock + 1);
    xs->last_txn = l->head->last_txn;
    xs->txn_floor = l->head->last_txn;
    for (struct domain *d = xs->domain_list; d; d = d->next)
        d->client.restored = d->client.first = d->introduced;
    return at < l->pos ? -EINVAL : 0;
}
