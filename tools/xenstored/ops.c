/* SPDX-License-Identifier: GPL-2.0 */
/*
 * ops.c - from a request to its answer. One table row a request; the row
 * says who may ask, and the handler works on strings that were judged before.
 * Not here: the handlers (ops_node.c, ops_client.c, ops_domain.c).
 * Keeps true: a request is answered exactly once, and one that is refused
 * changed nothing. Inside a transaction everything looked at is noted.
 *
 * After a restart the last request of a connection may come twice (it was
 * done, but its answer was not yet on its way): the first request of a
 * restored connection is therefore forgiven for finding its work done.
 */
#include <errno.h>

#include "base/log.h"
#include "ops.h"

/* Paths and rights. */

int request_path(struct request *rq, size_t *skip)
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
    n = snprintf(rq->path, sizeof(rq->path), "%s%u/%s", HOME, rq->c->dom->domid,
                 in);
    *skip = (size_t)n - len;
    return wire_path_ok(rq->path, (size_t)n) ? 0 : -EINVAL;
}

int request_node_path(struct request *rq)
{
    size_t skip;

    return request_path(rq, &skip);
}

int request_touch(struct request *rq, const char *path, unsigned int what)
{
    if (!rq->t)
        return 0;
    if (!client_is_dom0(rq->c))
        what |= TOUCH_RIGHTS;
    return txn_touch(rq->t, path, what | TOUCH_EXISTS);
}

int request_node(struct request *rq, unsigned int right, unsigned int touched,
                 struct node **out)
{
    size_t missing, len;
    struct node *n = tree_nearest(rq->tree, rq->path, &missing, &len);
    bool may = client_rights(rq->c, n->rights) & right;
    int rc = request_touch(rq, rq->path, touched);

    if (rc)
        return rc;
    if (missing)
        return may ? -ENOENT : -EACCES;
    *out = n;
    return may ? 0 : -EACCES;
}

/* Answers. */

void request_answer(struct request *rq, const void *data, size_t len)
{
    rq->answer = rq->xs->answer;
    rq->answer_len = len;
    if (data != rq->answer)
        memcpy(rq->answer, data, len);
}

void request_answer_text(struct request *rq, const char *text)
{
    request_answer(rq, text, strlen(text) + 1);
}

void request_answer_ok(struct request *rq)
{
    client_send(rq->c, rq->m->hdr.type, rq->m->hdr.req_id, rq->m->hdr.tx_id,
                "OK", 3);
    rq->answered = true;
}

/* The table. */

#define CHANGES   1U /* refused on the read-only socket */
#define DOM0_ONLY 2U
#define HAS_REST  4U /* the last of its parts may hold anything */

typedef int (*handler_fn)(struct request *rq);

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
