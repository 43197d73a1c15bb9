/* SPDX-License-Identifier: GPL-2.0 */
/*
 * ops_client.c - requests about what a connection holds: watches and
 * transactions; and about the daemon itself.
 */
#include <errno.h>
#include <inttypes.h>

#include "control.h"
#include "keep.h"
#include "ops.h"
#include "watch.h"

/* Watches. */

int op_watch(struct request *rq)
{
    int depth = WATCH_ALL_DEPTHS;
    size_t skip;
    uint64_t v;
    int rc = request_path(rq, &skip);

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
    request_answer_ok(rq);
    watch_tell_first(rq->c, rq->path, rq->arg[1]);
    return 0;
}

int op_unwatch(struct request *rq)
{
    int rc = request_node_path(rq);

    return rc ? rc : watch_remove(rq->c, rq->path, rq->arg[1]);
}

int op_reset_watches(struct request *rq)
{
    watch_remove_all(rq->c);
    txn_end_all(rq->c);
    keep_reset(rq->c);
    return 0;
}

/* Transactions. */

int op_transaction_start(struct request *rq)
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
    request_answer_text(rq, text);
    return 0;
}

int op_transaction_end(struct request *rq)
{
    bool commit = !strcmp(rq->arg[0], "T");

    if (!commit && strcmp(rq->arg[0], "F"))
        return -EINVAL;
    if (!rq->t)
        return -ENOENT;
    return txn_end(rq->c, rq->t, commit);
}

/* The daemon. */

int op_control(struct request *rq)
{
    const char *args[8];
    int n = wire_strings(rq->m->body, rq->m->hdr.len, args, 8);
    long len;

    if (n < 1)
        return -EINVAL;
    len = control_run(rq->xs, args, n, rq->xs->answer, XENSTORE_PAYLOAD_MAX);
    if (len < 0)
        return (int)len;
    request_answer(rq, rq->xs->answer, (size_t)len);
    return 0;
}
