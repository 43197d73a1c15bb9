/* SPDX-License-Identifier: GPL-2.0 */
/*
 * ops.c - what each request does. One table row a request; the row says who
 * may ask, and the handler works on strings that were judged before.
 * Keeps true: a request is answered exactly once, and one that is refused
 * changed nothing. Inside a transaction everything looked at is noted.
 *
 * After a restart the last request of a connection may come twice (it was
 * done, but its answer was not yet on its way): the first request of a
 * restored connection is therefore forgiven for finding its work done.
 */
#include <errno.h>
#include <inttypes.h>

#include "base/log.h"
#include "control.h"
#include "keep.h"
#include "txn.h"
#include "watch.h"

/* A request on its way through its handler. */
struct request {
    struct client *c;
    struct xstore *xs;
    const struct wire_msg *m;
    struct txn *t;           /* NULL: none */
    const struct tree *tree; /* what it sees */
    const char *arg[5];
    int nr_args;
    const char *rest; /* behind the strings the table asked for */
    size_t rest_len;
    char path[XENSTORE_ABS_PATH_MAX + 1]; /* arg[0], made absolute */
    char *answer;
    size_t answer_len;
    bool answered;
};

typedef int (*handler_fn)(struct request *rq);

/* Paths and rights. */

static const char home[] = "/local/domain/";

/* arg[0] as an absolute path in rq->path; how much a watch leaves out. */
static int absolute(struct request *rq, size_t *skip)
{
    const char *in = rq->arg[0];
    size_t len = strlen(in);
    int n;

    *skip = 0;
    if (in[0] == '/' || in[0] == '@') {
        if (!client_is_dom0(rq->c) && len > rq->xs->limits.path_max)
            return -E2BIG;
        if (!wire_path_ok(in, len))
            return -EINVAL;
        memcpy(rq->path, in, len + 1);
        return 0;
    }
    if (!len || len > XENSTORE_REL_PATH_MAX)
        return -EINVAL;
    n = snprintf(rq->path, sizeof(rq->path), "%s%u/%s", home,
                 rq->c->dom->domid, in);
    *skip = (size_t)n - len;
    return wire_path_ok(rq->path, (size_t)n) ? 0 : -EINVAL;
}

static int node_path(struct request *rq)
{
    size_t skip;

    return absolute(rq, &skip);
}

static int touch(struct request *rq, const char *path, unsigned int what)
{
    if (!rq->t)
        return 0;
    if (!client_is_dom0(rq->c))
        what |= TOUCH_RIGHTS;
    return txn_touch(rq->t, path, what | TOUCH_EXISTS);
}

/* The node at rq->path, if this client has `right` to it. */
static int get_node(struct request *rq, unsigned int right,
                    unsigned int touched, struct node **out)
{
    size_t missing, len;
    struct node *n = tree_nearest(rq->tree, rq->path, &missing, &len);
    bool may = client_rights(rq->c, n->rights) & right;
    int rc = touch(rq, rq->path, touched);

    if (rc)
        return rc;
    if (missing)
        return may ? -ENOENT : -EACCES;
    *out = n;
    return may ? 0 : -EACCES;
}

static void answer(struct request *rq, const void *data, size_t len)
{
    rq->answer = rq->xs->answer;
    rq->answer_len = len;
    if (data != rq->answer)
        memcpy(rq->answer, data, len);
}

static void answer_text(struct request *rq, const char *text)
{
    answer(rq, text, strlen(text) + 1);
}

/* Send "OK" now: before the events that the request sets off. */
static void answer_ok(struct request *rq)
{
    client_send(rq->c, rq->m->hdr.type, rq->m->hdr.req_id, rq->m->hdr.tx_id,
                "OK", 3);
    rq->answered = true;
}

/* Looking. */

static int op_read(struct request *rq)
{
    struct node *n;
    int rc = node_path(rq);

    if (!rc)
        rc = get_node(rq, RIGHT_READ, TOUCH_VALUE, &n);
    if (rc)
        return rc;
    rq->answer = (char *)(uintptr_t)node_value(n); /* only read from here */
    rq->answer_len = n->value_len;
    return 0;
}

static int op_directory(struct request *rq)
{
    struct node *n;
    size_t len = 0;
    int rc = node_path(rq);

    if (!rc)
        rc = get_node(rq, RIGHT_READ, TOUCH_KIDS, &n);
    if (rc)
        return rc;
    for (uint32_t i = 0; i < n->nr_kids; i++) {
        const struct node *kid = n->kids[i];

        if (len + kid->name_len + 1 > XENSTORE_PAYLOAD_MAX)
            return -E2BIG;
        memcpy(rq->xs->answer + len, kid->bytes, kid->name_len + 1U);
        len += kid->name_len + 1U;
    }
    answer(rq, rq->xs->answer, len);
    return 0;
}

/* Names from byte `offset` of the whole list on; an empty one ends it. */
static int op_directory_part(struct request *rq)
{
    char *out = rq->xs->answer;
    uint64_t offset, at = 0;
    struct node *n;
    uint32_t i = 0;
    size_t len;
    int rc = node_path(rq);

    if (!rc && !wire_parse_u64(rq->arg[1], UINT32_MAX, &offset))
        rc = -EINVAL;
    if (!rc)
        rc = get_node(rq, RIGHT_READ, TOUCH_KIDS, &n);
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
    answer(rq, out, len);
    return 0;
}

static int op_get_perms(struct request *rq)
{
    struct node *n;
    size_t len = 0;
    int rc = node_path(rq);

    if (!rc)
        rc = get_node(rq, RIGHT_READ, TOUCH_RIGHTS, &n);
    if (rc)
        return rc;
    for (uint32_t i = 0; i < n->rights->nr; i++) {
        if (len + 8 > XENSTORE_PAYLOAD_MAX)
            return -E2BIG;
        len += wire_format_right(rq->xs->answer + len, n->rights->r[i]);
    }
    answer(rq, rq->xs->answer, len);
    return 0;
}

/* Changing. */

static int do_change(struct request *rq, const struct change *ch)
{
    if (rq->t)
        return txn_change(rq->t, ch);
    answer_ok(rq);
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
    rc = touch(rq, rq->path, 0);
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

static int op_write(struct request *rq)
{
    size_t missing;
    int rc = node_path(rq);
    struct change ch = {.kind = CHANGE_WRITE,
                        .owner = new_owner(rq),
                        .path = rq->path,
                        .data = rq->rest,
                        .len = rq->rest_len};

    if (!rc)
        rc = may_write(rq, rq->rest_len, &missing);
    return rc ? rc : do_change(rq, &ch);
}

static int op_mkdir(struct request *rq)
{
    size_t missing;
    int rc = node_path(rq);
    struct change ch = {.kind = CHANGE_MKDIR,
                        .owner = new_owner(rq),
                        .path = rq->path};

    if (!rc)
        rc = may_write(rq, 0, &missing);
    if (rc || !missing)
        return rc;
    return do_change(rq, &ch);
}

static int op_rm(struct request *rq)
{
    struct change ch = {.kind = CHANGE_RM, .path = rq->path};
    size_t missing, len;
    struct node *n;
    int rc = node_path(rq);

    if (rc)
        return rc;
    if (rq->path[0] == '@' || !rq->path[1])
        return -EINVAL;
    rc = get_node(rq, RIGHT_WRITE, 0, &n);
    if (rc != -ENOENT)
        return rc ? rc : do_change(rq, &ch);
    /* It is not there; that is well if its parent is. */
    tree_nearest(rq->tree, rq->path, &missing, &len);
    if (missing > 1 && !rq->c->first)
        return -ENOENT;
    return 0;
}

static int op_set_perms(struct request *rq)
{
    struct right r[XENSTORE_PAYLOAD_MAX / 3];
    struct change ch = {.kind = CHANGE_RIGHTS, .path = rq->path, .data = r};
    const char *s = rq->rest, *end = rq->rest + rq->rest_len;
    size_t nr = 0;
    struct node *n;
    int rc = node_path(rq);

    if (rc)
        return rc;
    if (!rq->rest_len || end[-1])
        return -EINVAL;
    memset(r, 0, wire_count(s, rq->rest_len) * sizeof(*r));
    for (; s < end; s += strlen(s) + 1) {
        if (nr == sizeof(r) / sizeof(*r) || !wire_parse_right(s, &r[nr++]))
            return -EINVAL;
    }
    rc = get_node(rq, RIGHT_OWNER, TOUCH_RIGHTS, &n);
    if (rc)
        return rc;
    if (!client_is_dom0(rq->c)) {
        if (r[0].domid != n->rights->r[0].domid)
            return -EPERM;
        if (nr > rq->xs->limits.permissions)
            return -ENOSPC;
    }
    ch.len = nr * sizeof(*r);
    return do_change(rq, &ch);
}

/* Watches. */

static int op_watch(struct request *rq)
{
    int depth = WATCH_ALL_DEPTHS;
    size_t skip;
    uint64_t v;
    int rc = absolute(rq, &skip);

    if (rc)
        return rc;
    if (rq->nr_args == 3) {
        if (!wire_parse_u64(rq->arg[2], INT32_MAX, &v))
            return -EINVAL;
        depth = (int)v;
    }
    rc = watch_add(rq->c, rq->path, skip, rq->arg[1], depth);
    if (rc)
        return rc;
    answer_ok(rq);
    watch_tell_first(rq->c, rq->path, rq->arg[1]);
    return 0;
}

static int op_unwatch(struct request *rq)
{
    int rc = node_path(rq);

    return rc ? rc : watch_remove(rq->c, rq->path, rq->arg[1]);
}

static int op_reset_watches(struct request *rq)
{
    watch_remove_all(rq->c);
    txn_end_all(rq->c);
    keep_reset(rq->c);
    return 0;
}

/* Transactions. */

static int op_transaction_start(struct request *rq)
{
    char text[16];
    uint32_t id;
    int rc;

    if (rq->t)
        return -EBUSY;
    rc = txn_start(rq->c, &id);
    if (rc)
        return rc;
    snprintf(text, sizeof(text), "%" PRIu32, id);
    answer_text(rq, text);
    return 0;
}

static int op_transaction_end(struct request *rq)
{
    bool commit = !strcmp(rq->arg[0], "T");

    if (!commit && strcmp(rq->arg[0], "F"))
        return -EINVAL;
    if (!rq->t)
        return -ENOENT;
    return txn_end(rq->c, rq->t, commit);
}

/* Domains. */

static int domain_arg(struct request *rq, int i, unsigned int *domid)
{
    if (!wire_parse_domid(rq->arg[i], domid))
        return -EINVAL;
    return 0;
}

/* A domain other than 0 that was introduced. */
static int known_domain(struct request *rq, struct domain **d)
{
    unsigned int domid;
    int rc = domain_arg(rq, 0, &domid);

    if (rc)
        return rc;
    if (!domid || domid >= DOMID_MAX)
        return -EINVAL;
    *d = xstore_domain_find(rq->xs, domid);
    return *d && (*d)->introduced ? 0 : -ENOENT;
}

static int op_introduce(struct request *rq)
{
    unsigned int domid;
    uint64_t frame, port;
    struct domain *d;
    int rc = domain_arg(rq, 0, &domid);

    if (rc)
        return rc;
    if (!domid || domid >= DOMID_MAX ||
        !wire_parse_u64(rq->arg[1], UINT64_MAX, &frame) ||
        !wire_parse_u64(rq->arg[2], UINT32_MAX, &port) || !port)
        return -EINVAL;
    d = xstore_domain(rq->xs, domid);
    d->frame = frame;
    d->port = (uint32_t)port;
    rc = rq->xs->hooks->connect(rq->xs, d);
    if (rc) {
        if (!d->introduced)
            d->port = 0;
        return rc;
    }
    d->introduced = true;
    d->shutdown = false;
    keep_domain(rq->xs, d);
    answer_ok(rq);
    watch_fire(rq->xs, "@introduceDomain", NULL, NULL);
    return 0;
}

static int op_release(struct request *rq)
{
    struct domain *d;
    int rc = known_domain(rq, &d);

    if (rc)
        return rc == -ENOENT && rq->c->first ? 0 : rc;
    answer_ok(rq);
    d->gone = true;
    xstore_bury(rq->xs);
    return 0;
}

static int op_resume(struct request *rq)
{
    struct domain *d;
    int rc = known_domain(rq, &d);

    if (rc)
        return rc;
    d->shutdown = false;
    keep_domain(rq->xs, d);
    return 0;
}

static int op_set_target(struct request *rq)
{
    unsigned int target;
    struct domain *d;
    int rc = known_domain(rq, &d);

    if (!rc)
        rc = domain_arg(rq, 1, &target);
    if (rc)
        return rc;
    if (target >= DOMID_MAX || !xstore_domain_find(rq->xs, target))
        return -ENOENT;
    d->target = (int)target;
    keep_domain(rq->xs, d);
    return 0;
}

static int op_is_introduced(struct request *rq)
{
    unsigned int domid;
    const struct domain *d;
    int rc = domain_arg(rq, 0, &domid);

    if (rc)
        return rc;
    d = domid == DOMID_MAX ? rq->c->dom : xstore_domain_find(rq->xs, domid);
    answer_text(rq, d && d->introduced ? "T" : "F");
    return 0;
}

static int op_get_domain_path(struct request *rq)
{
    unsigned int domid;
    char text[32];
    int rc = domain_arg(rq, 0, &domid);

    if (rc)
        return rc;
    if (domid == DOMID_MAX)
        domid = rq->c->dom->domid;
    snprintf(text, sizeof(text), "%s%u", home, domid);
    answer_text(rq, text);
    return 0;
}

static int op_control(struct request *rq)
{
    const char *args[8];
    int n = wire_strings(rq->m->body, rq->m->hdr.len, args, 8);
    long len;

    if (n < 1)
        return -EINVAL;
    len = control_run(rq->xs, args, n, rq->xs->answer, XENSTORE_PAYLOAD_MAX);
    if (len < 0)
        return (int)len;
    answer(rq, rq->xs->answer, (size_t)len);
    return 0;
}

/* The table. */

#define CHANGES   1U /* refused on the read-only socket */
#define DOM0_ONLY 2U
#define HAS_REST  4U /* the last of its parts may hold anything */

static const struct op {
    handler_fn fn;
    uint8_t min_args, max_args; /* NUL-ended strings */
    uint8_t flags;
} ops[] = {
    [XS_CONTROL] = {op_control, 0, 0, DOM0_ONLY | CHANGES | HAS_REST},
    [XS_DIRECTORY] = {op_directory, 1, 1, 0},
    [XS_READ] = {op_read, 1, 1, 0},
    [XS_GET_PERMS] = {op_get_perms, 1, 1, 0},
    [XS_WATCH] = {op_watch, 2, 3, 0},
    [XS_UNWATCH] = {op_unwatch, 2, 2, 0},
    [XS_TRANSACTION_START] = {op_transaction_start, 0, 1, 0},
    [XS_TRANSACTION_END] = {op_transaction_end, 1, 1, 0},
    [XS_INTRODUCE] = {op_introduce, 3, 3, CHANGES | DOM0_ONLY},
    [XS_RELEASE] = {op_release, 1, 1, CHANGES | DOM0_ONLY},
    [XS_GET_DOMAIN_PATH] = {op_get_domain_path, 1, 1, 0},
    [XS_WRITE] = {op_write, 1, 1, CHANGES | HAS_REST},
    [XS_MKDIR] = {op_mkdir, 1, 1, CHANGES},
    [XS_RM] = {op_rm, 1, 1, CHANGES},
    [XS_SET_PERMS] = {op_set_perms, 1, 1, CHANGES | HAS_REST},
    [XS_IS_DOMAIN_INTRODUCED] = {op_is_introduced, 1, 1, 0},
    [XS_RESUME] = {op_resume, 1, 1, CHANGES | DOM0_ONLY},
    [XS_SET_TARGET] = {op_set_target, 2, 2, CHANGES | DOM0_ONLY},
    [XS_RESET_WATCHES] = {op_reset_watches, 0, 1, 0},
    [XS_DIRECTORY_PART] = {op_directory_part, 2, 2, 0},
};

static int split(struct request *rq, const struct op *op)
{
    const char *body = rq->m->body;
    size_t len = rq->m->hdr.len;

    if (op->flags & HAS_REST) {
        while (rq->nr_args < op->max_args) {
            const char *end = len ? memchr(body, '\0', len) : NULL;

            if (!end)
                return -EINVAL;
            rq->arg[rq->nr_args++] = body;
            len -= (size_t)(end + 1 - body);
            body = end + 1;
        }
        rq->rest = body;
        rq->rest_len = len;
        return 0;
    }
    rq->nr_args = wire_strings(body, len, rq->arg, op->max_args);
    return rq->nr_args < op->min_args ? -EINVAL : 0;
}

static int run(struct request *rq)
{
    const struct xsd_sockmsg *hdr = &rq->m->hdr;
    const struct op *op;
    int rc;

    if (hdr->type >= sizeof(ops) / sizeof(ops[0]) || !ops[hdr->type].fn)
        return -ENOSYS;
    op = &ops[hdr->type];
    if ((op->flags & DOM0_ONLY) && !client_is_dom0(rq->c))
        return -EACCES;
    if ((op->flags & CHANGES) && rq->c->read_only)
        return -EROFS;
    rc = split(rq, op);
    if (rc)
        return rc;
    if (rq->c->first && hdr->type == XS_TRANSACTION_END && hdr->tx_id &&
        hdr->tx_id == rq->c->done_txn)
        return 0; /* carried out just before the restart */
    if (hdr->tx_id) {
        rq->t = txn_find(rq->c, hdr->tx_id);
        if (!rq->t)
            return -ENOENT;
        rq->tree = txn_tree(rq->t);
    }
    return op->fn(rq);
}

static void trace(const struct client *c, const struct wire_msg *m, int rc)
{
    log_info("d%u %s tx %u %.*s: %s", c->dom->domid,
             wire_type_name(m->hdr.type), m->hdr.tx_id,
             (int)strnlen(m->body, m->hdr.len), m->body,
             rc ? wire_error_name(-rc) : "ok");
}

void ops_request(struct client *c, const struct wire_msg *m)
{
    struct request rq;
    int rc;

    rq.c = c;
    rq.xs = c->xs;
    rq.m = m;
    rq.t = NULL;
    rq.tree = &c->xs->tree;
    rq.nr_args = 0;
    rq.answer = NULL;
    rq.answered = false;
    c->xs->nr_requests++;
    rc = run(&rq);
    if (c->xs->trace)
        trace(c, m, rc);
    if (rc) {
        const char *name = wire_error_name(-rc);

        client_send(c, XS_ERROR, m->hdr.req_id, m->hdr.tx_id, name,
                    strlen(name) + 1);
    } else if (rq.answer) {
        client_send(c, m->hdr.type, m->hdr.req_id, m->hdr.tx_id, rq.answer,
                    rq.answer_len);
    } else if (!rq.answered) {
        client_send(c, m->hdr.type, m->hdr.req_id, m->hdr.tx_id, "OK", 3);
    }
    c->first = false;
}
