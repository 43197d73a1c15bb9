/* SPDX-License-Identifier: GPL-2.0 */
/*
 * xstore.c - the store as one thing: domains, clients, and changes of the
 * tree with all that follows from them.
 * Keeps true: the store's own tree changes only through xstore_change() and
 * xstore_bury(); both are kept for a restart and told to watchers. A
 * domain that is gone owns nothing, and no list of rights names it: its id
 * may be given to another.
 */
#include <errno.h>

#include "keep.h"
#include "txn.h"
#include "watch.h"

static void count_usage(void *ctx, uint16_t owner, int nodes, long bytes)
{
    struct xstore *xs = ctx;

    if (bytes < 0)
        xs->replaced += (uint64_t)-bytes;
    if (owner)
        usage_add(&xstore_domain(xs, owner)->used, nodes, bytes);
}

void xstore_init(struct xstore *xs, const struct xstore_hooks *hooks)
{
    memset(xs, 0, sizeof(*xs));
    tree_init(&xs->tree);
    xs->tree.meter = count_usage;
    xs->tree.meter_ctx = xs;
    xs->hooks = hooks;
    limits_default(&xs->limits);
    xs->domains = need_memory(calloc(DOMID_MAX, sizeof(*xs->domains)));
    xstore_domain(xs, 0)->introduced = true;
}

void xstore_free(struct xstore *xs)
{
    keep_close(xs);
    while (xs->domain_list) {
        struct domain *d = xs->domain_list;

        if (d->ring)
            xs->hooks->disconnect(xs, d);
        xs->domain_list = d->next;
        client_free(&d->client);
        free(d);
    }
    tree_drop(&xs->tree);
    watch_free_index(xs);
    free(xs->domains);
}

/* Domains. */

struct domain *xstore_domain_find(const struct xstore *xs, unsigned int domid)
{
    return domid < DOMID_MAX ? xs->domains[domid] : NULL;
}

struct domain *xstore_domain(struct xstore *xs, unsigned int domid)
{
    struct domain *d = xs->domains[domid];

    if (d)
        return d;
    d = need_memory(calloc(1, sizeof(*d)));
    d->domid = (uint16_t)domid;
    d->target = -1;
    client_init(&d->client, xs, d);
    d->next = xs->domain_list;
    xs->domain_list = d;
    xs->domains[domid] = d;
    return d;
}

static void domain_free(struct xstore *xs, struct domain *d)
{
    struct domain **p = &xs->domain_list;

    while (*p != d)
        p = &(*p)->next;
    *p = d->next;
    xs->domains[d->domid] = NULL;
    client_free(&d->client);
    free(d);
}

/* What dead domains leave in the tree: paths, each after a byte that says
 * whether the node is to go ('g') or only its rights to change ('r'). */
struct remains {
    const struct xstore *xs;
    struct bytes paths;
};

static bool is_gone(const struct xstore *xs, unsigned int domid)
{
    const struct domain *d = xstore_domain_find(xs, domid);

    return d && d->gone;
}

static bool note_remains(void *ctx, const char *path, const struct node *n)
{
    struct remains *rem = ctx;
    const struct rights *r = n->rights;

    if (is_gone(rem->xs, r->r[0].domid) && strcmp(path, "/") &&
        path[0] == '/') {
        bytes_add(&rem->paths, "g", 1);
        bytes_add(&rem->paths, path, strlen(path) + 1);
        return false;
    }
    for (uint32_t i = 0; i < r->nr; i++) {
        if (is_gone(rem->xs, r->r[i].domid)) {
            bytes_add(&rem->paths, "r", 1);
            bytes_add(&rem->paths, path, strlen(path) + 1);
            break;
        }
    }
    return true;
}

static void strike_out(struct xstore *xs, const char *path)
{
    const struct node *n = tree_find(&xs->tree, path);
    struct rights *r = rights_new(n->rights->r, n->rights->nr);
    uint32_t kept = 1;

    if (is_gone(xs, r->r[0].domid))
        r->r[0].domid = 0;
    for (uint32_t i = 1; i < r->nr; i++)
        if (!is_gone(xs, r->r[i].domid))
            r->r[kept++] = r->r[i];
    r->nr = kept;
    tree_set_rights(&xs->tree, path, r);
    rights_put(r);
}

static void clear_remains(struct xstore *xs)
{
    static const char *const tops[] = {"/", "@introduceDomain",
                                       "@releaseDomain"};
    struct remains rem = {.xs = xs};

    for (size_t i = 0; i < 3; i++) {
        const struct node *n = tree_find(&xs->tree, tops[i]);

        if (n)
            tree_walk(n, tops[i], note_remains, &rem);
    }
    for (size_t at = 0; at < rem.paths.len;) {
        const char *path = rem.paths.p + at + 1;

        if (rem.paths.p[at] == 'r') {
            strike_out(xs, path);
        } else {
            struct node *gone = tree_remove(&xs->tree, path);

            if (gone) {
                watch_fire(xs, path, NULL, gone);
                node_put(gone);
            }
        }
        at += strlen(path) + 2;
    }
    bytes_free(&rem.paths);
}

void xstore_bury(struct xstore *xs)
{
    bool any = false, introduced = false;
    struct domain *d, *next;

    for (d = xs->domain_list; d; d = d->next) {
        any |= d->gone;
        introduced |= d->gone && d->introduced;
        if (d->target >= 0 && is_gone(xs, (unsigned int)d->target))
            d->target = -1;
    }
    if (!any)
        return;
    keep_begin(xs);
    for (d = xs->domain_list; d; d = d->next)
        if (d->gone && d->ring)
            xs->hooks->disconnect(xs, d);
    clear_remains(xs);
    keep_gone(xs);
    for (d = xs->domain_list; d; d = next) {
        next = d->next;
        if (d->gone)
            domain_free(xs, d);
    }
    keep_end(xs);
    if (introduced)
        watch_fire(xs, "@releaseDomain", NULL, NULL);
}

void xstore_domain_shutdown(struct xstore *xs, struct domain *d)
{
    if (d->shutdown)
        return;
    d->shutdown = true;
    keep_domain(xs, d);
    watch_fire(xs, "@releaseDomain", NULL, NULL);
}

/* Clients. */

void client_init(struct client *c, struct xstore *xs, struct domain *d)
{
    *c = (struct client){.xs = xs, .dom = d};
}

void client_reset(struct client *c)
{
    watch_remove_all(c);
    txn_end_all(c);
    c->out_gone += c->out.len;
    bytes_free(&c->out);
    c->lost_event = false;
}

void client_free(struct client *c)
{
    client_reset(c);
}

void client_sent(struct client *c, size_t n)
{
    bytes_use(&c->out, n);
    c->out_gone += n;
    if (c->out.len)
        return;
    bytes_trim(&c->out);
    if (c->lost_event)
        watch_tell_lost(c);
}

void client_send(struct client *c, uint32_t type, uint32_t req_id,
                 uint32_t tx_id, const void *body, size_t len)
{
    struct xsd_sockmsg hdr = {type, req_id, tx_id, (uint32_t)len};

    if (c->answer) {
        c->answer(c, &hdr, body);
        return;
    }
    bytes_room(&c->out, sizeof(hdr) + len);
    bytes_add(&c->out, &hdr, sizeof(hdr));
    bytes_add(&c->out, body, len);
    if (c->wake)
        c->wake(c);
}

unsigned int client_rights(const struct client *c, const struct rights *r)
{
    return rights_for(r, c->dom->domid, c->dom->target);
}

/* Changes. */

void change_apply(struct tree *t, const struct change *ch, struct node **gone)
{
    struct rights *r;

    *gone = NULL;
    switch (ch->kind) {
    case CHANGE_WRITE:
        tree_write(t, ch->path, ch->data ? ch->data : "", ch->len, ch->owner);
        break;
    case CHANGE_MKDIR:
        tree_write(t, ch->path, NULL, 0, ch->owner);
        break;
    case CHANGE_RM:
        *gone = tree_remove(t, ch->path);
        break;
    case CHANGE_RIGHTS:
        r = rights_new(ch->data, ch->len / sizeof(struct right));
        tree_set_rights(t, ch->path, r);
        rights_put(r);
        break;
    }
}

/* A list may name domains that are not known yet: they must be, so that
 * their death is noticed and the list cleared. */
static void know_domains(struct xstore *xs, const struct change *ch)
{
    const char *data = ch->data;
    struct right r;

    for (size_t at = 0; at + sizeof(r) <= ch->len; at += sizeof(r)) {
        memcpy(&r, data + at, sizeof(r));
        xstore_domain(xs, r.domid);
    }
}

void xstore_change(struct xstore *xs, const struct change *ch)
{
    struct rights *before = NULL;
    struct node *gone;

    if (ch->kind == CHANGE_RIGHTS) {
        const struct node *n = tree_find(&xs->tree, ch->path);

        know_domains(xs, ch);
        before = n ? rights_get(n->rights) : NULL;
    }
    change_apply(&xs->tree, ch, &gone);
    keep_change(xs, ch);
    watch_fire(xs, ch->path, before, gone);
    if (before)
        rights_put(before);
    if (gone)
        node_put(gone);
}

/* One packed change: this, the path with its NUL, the data. */
struct packed {
    uint32_t data_len;
    uint16_t path_len; /* with its NUL */
    uint8_t kind;
    uint8_t inherit;
    uint16_t owner;
    uint16_t no_data;
};

void change_pack(struct bytes *b, const struct change *ch)
{
    size_t path_len = strlen(ch->path) + 1;
    struct packed p = {.data_len = (uint32_t)ch->len,
                       .path_len = (uint16_t)path_len,
                       .kind = (uint8_t)ch->kind,
                       .inherit = ch->owner == OWNER_INHERIT,
                       .owner = (uint16_t)ch->owner,
                       .no_data = !ch->data};

    bytes_room(b, sizeof(p) + path_len + ch->len);
    bytes_add(b, &p, sizeof(p));
    bytes_add(b, ch->path, path_len);
    if (ch->data)
        bytes_add(b, ch->data, ch->len);
}

size_t change_unpack(const char *from, size_t len, struct change *ch,
                     char path[XENSTORE_ABS_PATH_MAX + 1])
{
    struct packed p;

    if (len < sizeof(p))
        return 0;
    memcpy(&p, from, sizeof(p));
    if (!p.path_len || p.path_len > XENSTORE_ABS_PATH_MAX + 1 ||
        p.data_len > XENSTORE_PAYLOAD_MAX || p.kind > CHANGE_RIGHTS ||
        len < sizeof(p) + p.path_len + p.data_len)
        return 0;
    memcpy(path, from + sizeof(p), p.path_len);
    if (!wire_path_ok(path, p.path_len - 1U) || path[p.path_len - 1])
        return 0;
    *ch = (struct change){
        .kind = (enum change_kind)p.kind,
        .owner = p.inherit ? OWNER_INHERIT : p.owner,
        .path = path,
        .data = p.no_data ? NULL : from + sizeof(p) + p.path_len,
        .len = p.data_len,
    };
    if (p.kind == CHANGE_RIGHTS && p.data_len < sizeof(struct right))
        return 0;
    return sizeof(p) + p.path_len + p.data_len;
}
