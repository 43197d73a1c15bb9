/* SPDX-License-Identifier: GPL-2.0 */
/*
 * tree.c - the nodes of the store.
 * Keeps true: a node that more than one tree or parent holds is never
 * changed; whoever wants to change it copies the way down to it first. So a
 * snapshot costs one reference, and a transaction what it touches.
 * Children are sorted by name, no two alike. A node always has rights.
 * Not here: who may do what (ops.c), what a change sets off (watch.c).
 */
#include "tree.h"
#include "bytes.h"

static uint64_t clock_now, bytes_made;

uint64_t tree_clock(void)
{
    return clock_now;
}

void tree_clock_forward(uint64_t at_least)
{
    if (clock_now < at_least)
        clock_now = at_least;
}

uint64_t tree_bytes_made(void)
{
    return bytes_made;
}

/* Rights. */

struct rights *rights_new(const void *r, size_t nr)
{
    struct rights *new =
        need_memory(malloc(sizeof(*new) + nr * sizeof(new->r[0])));

    new->refs = 1;
    new->nr = (uint32_t)nr;
    memcpy(new->r, r, nr * sizeof(new->r[0]));
    return new;
}

struct rights *rights_get(struct rights *r)
{
    r->refs++;
    return r;
}

void rights_put(struct rights *r)
{
    if (!--r->refs)
        free(r);
}

unsigned int rights_for(const struct rights *r, unsigned int domid, int target)
{
    unsigned int owner = r->r[0].domid;

    if (domid == 0 || domid == owner || target == (int)owner)
        return RIGHT_READ | RIGHT_WRITE | RIGHT_OWNER;
    for (uint32_t i = 1; i < r->nr; i++)
        if (r->r[i].domid == domid || r->r[i].domid == target)
            return r->r[i].bits;
    return r->r[0].bits;
}

/* The list a new node gets below a node with `parent`. */
static struct rights *rights_inherit(struct rights *parent, int owner)
{
    struct rights *r;

    if (owner == OWNER_INHERIT || parent->r[0].domid == owner)
        return rights_get(parent);
    r = rights_new(parent->r, parent->nr);
    r->r[0].domid = (uint16_t)owner;
    return r;
}

/* Nodes. */

struct node *node_get(struct node *n)
{
    n->refs++;
    return n;
}

void node_put(struct node *n)
{
    if (--n->refs)
        return;
    for (uint32_t i = 0; i < n->nr_kids; i++)
        node_put(n->kids[i]);
    rights_put(n->rights);
    free(n->kids);
    free(n);
}

size_t node_cost(const struct node *n)
{
    return sizeof(*n) + sizeof(n) + n->name_len + 1 + n->value_len +
           n->rights->nr * sizeof(struct right);
}

static uint64_t name_key(const char *name, size_t len)
{
    uint64_t key = 0;

    for (size_t i = 0; i < 8; i++)
        key = key << 8 | (i < len ? (unsigned char)name[i] : 0U);
    return key;
}

static struct node *node_new(const char *name, size_t name_len, size_t room,
                             struct rights *rights)
{
    struct node *n =
        need_memory(malloc(sizeof(*n) + name_len + 1 + room));

    *n = (struct node){.key = name_key(name, name_len),
                       .refs = 1,
                       .name_len = (uint16_t)name_len,
                       .room = (uint32_t)room,
                       .rights = rights};
    memcpy(n->bytes, name, name_len);
    n->bytes[name_len] = '\0';
    bytes_made += sizeof(*n) + name_len + 1 + room;
    n->born = n->changed = n->kidsgen = ++clock_now;
    return n;
}

static struct node *node_copy(const struct node *from)
{
    struct node *n = node_new(from->bytes, from->name_len, from->value_len,
                              rights_get(from->rights));

    n->value_len = from->value_len;
    memcpy(n->bytes + n->name_len + 1, node_value(from), from->value_len);
    n->born = from->born;
    n->changed = from->changed;
    n->kidsgen = from->kidsgen;
    if (from->nr_kids) {
        n->nr_kids = from->nr_kids;
        n->cap_kids = from->nr_kids + 1;
        n->kids = need_memory(malloc(n->cap_kids * sizeof(*n->kids)));
        for (uint32_t i = 0; i < n->nr_kids; i++)
            n->kids[i] = node_get(from->kids[i]);
        bytes_made += n->cap_kids * sizeof(*n->kids);
    }
    return n;
}

/* Make what hangs here ours alone; its parent must be so already. */
static struct node *own(struct node **slot)
{
    struct node *n = *slot;

    if (n->refs > 1) {
        *slot = node_copy(n);
        node_put(n);
    }
    return *slot;
}

/* By all their bytes, the shorter first; keys know the first eight. */
static int name_cmp(const struct node *n, uint64_t key, const char *name,
                    size_t len)
{
    size_t common = n->name_len < len ? n->name_len : len;
    int c;

    if (n->key != key)
        return n->key < key ? -1 : 1;
    c = common > 8 ? memcmp(n->bytes + 8, name + 8, common - 8) : 0;
    return c ? c : (int)n->name_len - (int)len;
}

/* Where a child is, or would be. */
static bool kid_slot(const struct node *n, const struct path_iter *name,
                     uint32_t *at)
{
    uint32_t lo = 0, hi = n->nr_kids;

    while (lo < hi) {
        uint32_t mid = lo + (hi - lo) / 2;
        int c = name_cmp(n->kids[mid], name->key, name->name, name->len);

        if (!c) {
            *at = mid;
            return true;
        }
        if (c < 0)
            lo = mid + 1;
        else
            hi = mid;
    }
    *at = lo;
    return false;
}

static struct node *node_kid(const struct node *n, const struct path_iter *name)
{
    uint32_t at;

    return kid_slot(n, name, &at) ? n->kids[at] : NULL;
}

static struct node **kid_insert(struct node *n, uint32_t at, struct node *kid)
{
    if (n->nr_kids == n->cap_kids) {
        n->cap_kids = n->cap_kids ? n->cap_kids * 2 : 2;
        n->kids = need_memory(
            realloc(n->kids, n->cap_kids * sizeof(*n->kids)));
    }
    memmove(n->kids + at + 1, n->kids + at,
            (n->nr_kids - at) * sizeof(*n->kids));
    n->kids[at] = kid;
    n->nr_kids++;
    n->kidsgen = ++clock_now;
    return &n->kids[at];
}

/* Paths. */

void path_begin(struct path_iter *it, const char *path)
{
    *it = (struct path_iter){.rest = path};
}

bool path_next(struct path_iter *it)
{
    const char *p = it->rest;
    int shift = 64;

    if (!*p)
        return false;
    it->key = 0;
    if (it->name || *p != '/') /* the root's own name is empty */
        for (; *p && *p != '/'; p++)
            if (shift)
                it->key |= (uint64_t)(unsigned char)*p << (shift -= 8);
    it->name = it->rest;
    it->len = (size_t)(p - it->name);
    it->rest = p + (*p == '/');
    return true;
}

/* Trees. */

static void meter(const struct tree *t, const struct node *n, int sign)
{
    if (t->meter)
        t->meter(t->meter_ctx, n->rights->r[0].domid, sign,
                 sign * (long)node_cost(n));
}

static void meter_below(const struct tree *t, const struct node *n, int sign)
{
    if (!t->meter)
        return;
    meter(t, n, sign);
    for (uint32_t i = 0; i < n->nr_kids; i++)
        meter_below(t, n->kids[i], sign);
}

void tree_init(struct tree *t)
{
    static const char *const tops[] = {"", "@introduceDomain",
                                       "@releaseDomain"};
    struct right dom0 = {0, 0};
    struct rights *r = rights_new(&dom0, 1);

    *t = (struct tree){.top = node_new("", 0, 0, r)};
    for (uint32_t i = 0; i < 3; i++)
        kid_insert(t->top, i,
                   node_new(tops[i], strlen(tops[i]), 0, rights_get(r)));
}

void tree_drop(struct tree *t)
{
    if (t->top)
        node_put(t->top);
    t->top = NULL;
}

struct node *tree_find(const struct tree *t, const char *path)
{
    struct path_iter it;
    struct node *n = t->top;

    for (path_begin(&it, path); n && path_next(&it);)
        n = node_kid(n, &it);
    return n;
}

struct node *tree_nearest(const struct tree *t, const char *path,
                          size_t *missing, size_t *near_len)
{
    struct path_iter it;
    struct node *n = t->top;

    *missing = 0;
    *near_len = 0;
    for (path_begin(&it, path); path_next(&it);) {
        struct node *kid = *missing ? NULL : node_kid(n, &it);

        if (!kid) {
            ++*missing;
            continue;
        }
        n = kid;
        *near_len = it.len ? (size_t)(it.name + it.len - path) : 1;
    }
    return n;
}

struct node *node_below(struct node *from, const char *from_path,
                        const char *path)
{
    size_t skip = strlen(from_path);
    struct path_iter it = {.rest = path + skip, .name = path};

    if (*it.rest == '/')
        it.rest++;
    while (from && path_next(&it))
        from = node_kid(from, &it);
    return from;
}

static void set_value(struct tree *t, struct node **slot, const void *value,
                      size_t len)
{
    struct node *n = *slot;

    meter(t, n, -1);
    if (len > n->room) {
        n = need_memory(realloc(n, sizeof(*n) + n->name_len + 1 + len));
        bytes_made += len - n->room;
        n->room = (uint32_t)len;
        *slot = n;
    }
    memcpy(n->bytes + n->name_len + 1, value, len);
    n->value_len = (uint16_t)len;
    n->changed = ++clock_now;
    meter(t, n, 1);
}

void tree_write(struct tree *t, const char *path, const void *value,
                size_t len, int owner)
{
    struct node **slot = &t->top;
    struct path_iter it;
    uint32_t at;

    own(slot);
    for (path_begin(&it, path); path_next(&it);) {
        struct node *n = *slot;

        if (kid_slot(n, &it, &at)) {
            slot = &n->kids[at];
            own(slot);
            continue;
        }
        slot = kid_insert(n, at,
                          node_new(it.name, it.len, *it.rest ? 0 : len,
                                   rights_inherit(n->rights, owner)));
        meter(t, *slot, 1);
    }
    if (value)
        set_value(t, slot, value, len);
}

struct node *tree_remove(struct tree *t, const char *path)
{
    struct node **slot = &t->top, *parent = NULL, *gone;
    struct path_iter it;
    uint32_t at = 0;

    if (!tree_find(t, path))
        return NULL;
    for (path_begin(&it, path); path_next(&it);) {
        parent = own(slot);
        kid_slot(parent, &it, &at);
        slot = &parent->kids[at];
    }
    if (!parent)
        return NULL;
    gone = *slot;
    meter_below(t, gone, -1);
    parent->nr_kids--;
    memmove(parent->kids + at, parent->kids + at + 1,
            (parent->nr_kids - at) * sizeof(*parent->kids));
    parent->kidsgen = ++clock_now;
    return gone;
}

bool tree_set_rights(struct tree *t, const char *path, struct rights *r)
{
    struct node **slot = &t->top;
    struct path_iter it;
    uint32_t at;

    if (!tree_find(t, path))
        return false;
    own(slot);
    for (path_begin(&it, path); path_next(&it);) {
        kid_slot(*slot, &it, &at);
        slot = &(*slot)->kids[at];
        own(slot);
    }
    meter(t, *slot, -1);
    rights_put((*slot)->rights);
    (*slot)->rights = rights_get(r);
    meter(t, *slot, 1);
    return true;
}

static void walk(const struct node *n, char *path, size_t len,
                 tree_visit_fn visit, void *ctx)
{
    if (!visit(ctx, path, n))
        return;
    if (len == 1) /* "/": its slash serves the children */
        len = 0;
    for (uint32_t i = 0; i < n->nr_kids; i++) {
        const struct node *kid = n->kids[i];

        path[len] = '/';
        memcpy(path + len + 1, kid->bytes, kid->name_len + 1U);
        walk(kid, path, len + 1 + kid->name_len, visit, ctx);
    }
    path[len ? len : 1] = '\0';
}

void tree_walk(const struct node *from, const char *path,
               tree_visit_fn visit, void *ctx)
{
    char buf[XENSTORE_ABS_PATH_MAX + 2];
    size_t len = strlen(path);

    memcpy(buf, path, len + 1);
    walk(from, buf, len, visit, ctx);
}

const char *tree_check(const struct node *n)
{
    const char *bad = NULL;

    if (!n->refs)
        return "a node in use has no reference";
    if (!n->rights || !n->rights->refs || !n->rights->nr)
        return "a node has no rights";
    if (n->value_len > n->room)
        return "a value is longer than its room";
    for (uint32_t i = 0; i < n->nr_kids && !bad; i++) {
        const struct node *kid = n->kids[i];

        if (i &&
            name_cmp(n->kids[i - 1], kid->key, kid->bytes, kid->name_len) >= 0)
            return "children are out of order";
        bad = tree_check(kid);
    }
    return bad;
}
