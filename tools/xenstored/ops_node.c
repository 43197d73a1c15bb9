/* SPDX-License-Identifier: GPL-2.0 */
/*
 * ops_node.c - requests that look at nodes or change them.
 * Keeps true: a change is made after everything about it was judged, and a
 * guest's stays within its quota.
 */
#include <errno.h>
#include <inttypes.h>

#include "ops.h"

/* Looking. */

int op_read(struct request *rq)
{
    struct node *n;
    int rc = request_node_path(rq);

    if (!rc)
        rc = request_node(rq, RIGHT_READ, TOUCH_VALUE, &n);
    if (rc)
        return rc;
    rq->answer = (char *)(uintptr_t)node_value(n); /* only read from here */
    rq->answer_len = n->value_len;
    return 0;
}

int op_directory(struct request *rq)
{
    struct node *n;
    size_t len = 0;
    int rc = request_node_path(rq);

    if (!rc)
        rc = request_node(rq, RIGHT_READ, TOUCH_KIDS, &n);
    if (rc)
        return rc;
    for (uint32_t i = 0; i < n->nr_kids; i++) {
        const struct node *kid = n->kids[i];

        if (len + kid->name_len + 1 > XENSTORE_PAYLOAD_MAX)
            return -E2BIG;
        memcpy(rq->xs->answer + len, kid->bytes, kid->name_len + 1U);
        len += kid->name_len + 1U;
    }
    request_answer(rq, rq->xs->answer, len);
    return 0;
}

/* Names from byte `offset` of the whole list on; an empty one ends it. */
int op_directory_part(struct request *rq)
{
    char *out = rq->xs->answer;
    uint64_t offset, at = 0;
    struct node *n;
    uint32_t i = 0;
    size_t len;
    int rc = request_node_path(rq);

    if (!rc && !wire_parse_u64(rq->arg[1], UINT32_MAX, &offset))
        rc = -EINVAL;
    if (!rc)
        rc = request_node(rq, RIGHT_READ, TOUCH_KIDS, &n);
    if (rc)
        return rc;
    len = (size_t)sprintf(out, "%" PRIu64, n->kidsgen) + 1;
    for (; i < n->nr_kids && at < offset; i++)
        at += n->kids[i]->name_len + 1U;
    for (; i < n->nr_kids; i++) {
        const struct node *kid = n->kids[i];

        if (len + kid->name_len + 1 > XENSTORE_PAYLOAD_MAX)
            break;
        memcpy(out + len, kid->bytes, kid->name_len + 1U);
        len += kid->name_len + 1U;
    }
    if (i == n->nr_kids && len < XENSTORE_PAYLOAD_MAX)
        out[len++] = '\0';
    request_answer(rq, out, len);
    return 0;
}

int op_get_perms(struct request *rq)
{
    struct node *n;
    size_t len = 0;
    int rc = request_node_path(rq);

    if (!rc)
        rc = request_node(rq, RIGHT_READ, TOUCH_RIGHTS, &n);
    if (rc)
        return rc;
    for (uint32_t i = 0; i < n->rights->nr; i++) {
        if (len + 8 > XENSTORE_PAYLOAD_MAX)
            return -E2BIG;
        len += wire_format_right(rq->xs->answer + len, n->rights->r[i]);
    }
    request_answer(rq, rq->xs->answer, len);
    return 0;
}

/* Changing. */

static int do_change(struct request *rq, const struct change *ch)
{
    if (rq->t)
        return txn_change(rq->t, ch);
    request_answer_ok(rq);
    xstore_change(rq->xs, ch);
    return 0;
}

static int guest_has_room(struct request *rq, long nodes, long bytes)
{
    struct usage u = rq->c->dom->used;

    if (rq->t) {
        const struct usage *gain = txn_gain(rq->t);

        u.nodes += gain->nodes;
        u.bytes += gain->bytes;
    }
    return quota_nodes(&rq->xs->limits, &u, nodes, bytes);
}

/* May the node at rq->path be written, or made with its parents? */
static int may_write(struct request *rq, size_t value_len, size_t *missing)
{
    size_t len;
    struct node *n = tree_nearest(rq->tree, rq->path, missing, &len);
    bool may = client_rights(rq->c, n->rights) & RIGHT_WRITE;
    long bytes;
    char *end;
    int rc;

    if (*missing && rq->path[0] == '@')
        return -EINVAL;
    rc = request_touch(rq, rq->path, 0);
    if (!rc && *missing) {
        /* What is new takes its rights from the nearest parent. */
        char cut = rq->path[len];

        rq->path[len] = '\0';
        rc = rq->t ? txn_touch(rq->t, len ? rq->path : "/",
                               TOUCH_EXISTS | TOUCH_RIGHTS)
                   : 0;
        rq->path[len] = cut;
    }
    if (rc || !may)
        return rc ? rc : -EACCES;
    if (client_is_dom0(rq->c))
        return 0;
    end = strrchr(rq->path, '/');
    if ((end ? strlen(end) : 0) + value_len > rq->xs->limits.node_size)
        return -ENOSPC;
    bytes = (long)(*missing * (sizeof(struct node) + 16) + strlen(rq->path) -
                   len + value_len);
    if (!*missing)
        bytes = (long)value_len - n->value_len;
    return guest_has_room(rq, (long)*missing, bytes);
}

static int new_owner(const struct request *rq)
{
    return client_is_dom0(rq->c) ? OWNER_INHERIT : rq->c->dom->domid;
}

int op_write(struct request *rq)
{
    size_t missing;
    int rc = request_node_path(rq);
    struct change ch = {.kind = CHANGE_WRITE,
                        .owner = new_owner(rq),
                        .path = rq->path,
                        .data = rq->rest,
                        .len = rq->rest_len};

    if (!rc)
        rc = may_write(rq, rq->rest_len, &missing);
    return rc ? rc : do_change(rq, &ch);
}

int op_mkdir(struct request *rq)
{
    size_t missing = 0;
    int rc = request_node_path(rq);
    struct change ch = {
        .kind = CHANGE_MKDIR, .owner = new_owner(rq), .path = rq->path};

    if (!rc)
        rc = may_write(rq, 0, &missing);
    if (rc || !missing)
        return rc;
    return do_change(rq, &ch);
}

int op_rm(struct request *rq)
{
    struct change ch = {.kind = CHANGE_RM, .path = rq->path};
    size_t missing, len;
    struct node *n;
    int rc = request_node_path(rq);

    if (rc)
        return rc;
    if (rq->path[0] == '@' || !rq->path[1])
        return -EINVAL;
    rc = request_node(rq, RIGHT_WRITE, 0, &n);
    if (rc != -ENOENT)
        return rc ? rc : do_change(rq, &ch);
    /* It is not there; that is well if its parent is. */
    tree_nearest(rq->tree, rq->path, &missing, &len);
    if (missing > 1 && !rq->c->first)
        return -ENOENT;
    return 0;
}

/* A list that names domains which are not there would make us remember each
 * of them: a guest's does without, and who comes later must be named then. */
static size_t without_strangers(const struct xstore *xs, struct right *r,
                                size_t nr)
{
    size_t kept = 1; /* the owner */

    for (size_t i = 1; i < nr; i++)
        if (xstore_domain_find(xs, r[i].domid))
            r[kept++] = r[i];
    return kept;
}

int op_set_perms(struct request *rq)
{
    struct right r[XENSTORE_PAYLOAD_MAX / 3];
    struct change ch = {.kind = CHANGE_RIGHTS, .path = rq->path, .data = r};
    const char *s = rq->rest, *end = rq->rest + rq->rest_len;
    size_t nr = 0;
    struct node *n;
    int rc = request_node_path(rq);

    if (rc)
        return rc;
    if (!rq->rest_len || end[-1])
        return -EINVAL;
    for (; s < end; s += strlen(s) + 1) {
        if (nr == sizeof(r) / sizeof(*r))
            return -EINVAL;
        memset(&r[nr], 0, sizeof(*r)); /* the padding too: it is kept */
        if (!wire_parse_right(s, &r[nr++]))
            return -EINVAL;
    }
    rc = request_node(rq, RIGHT_OWNER, TOUCH_RIGHTS, &n);
    if (rc)
        return rc;
    if (!client_is_dom0(rq->c)) {
        if (r[0].domid != n->rights->r[0].domid)
            return -EPERM;
        if (nr > rq->xs->limits.permissions)
            return -ENOSPC;
        nr = without_strangers(rq->xs, r, nr);
    }
    ch.len = nr * sizeof(*r);
    return do_change(rq, &ch);
}
