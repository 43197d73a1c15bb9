/* SPDX-License-Identifier: GPL-2.0 */
/*
 * ops.h - a request on its way through its handler, for the handlers.
 */
#ifndef XENSTORED_OPS_H
#define XENSTORED_OPS_H

#include "txn.h"

/* What was asked, what is known of it, and what is answered. */
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

#define HOME "/local/domain/"

/* arg[0] as an absolute path in rq->path; how much a watch leaves out. */
int request_path(struct request *rq, size_t *skip);
int request_node_path(struct request *rq);
/* A transaction looks at this: one that sees it changed will fail. */
int request_touch(struct request *rq, const char *path, unsigned int what);
/* The node at rq->path, if this client has `right` to it. */
int request_node(struct request *rq, unsigned int right, unsigned int touched,
                 struct node **out);

void request_answer(struct request *rq, const void *data, size_t len);
void request_answer_text(struct request *rq, const char *text);
/* Send "OK" now: before the events that the request sets off. */
void request_answer_ok(struct request *rq);

/* The handlers; each gives 0 or -errno. */
int op_read(struct request *rq);
int op_directory(struct request *rq);
int op_directory_part(struct request *rq);
int op_get_perms(struct request *rq);
int op_write(struct request *rq);
int op_mkdir(struct request *rq);
int op_rm(struct request *rq);
int op_set_perms(struct request *rq);
int op_watch(struct request *rq);
int op_unwatch(struct request *rq);
int op_reset_watches(struct request *rq);
int op_transaction_start(struct request *rq);
int op_transaction_end(struct request *rq);
int op_introduce(struct request *rq);
int op_release(struct request *rq);
int op_resume(struct request *rq);
int op_set_target(struct request *rq);
int op_is_introduced(struct request *rq);
int op_get_domain_path(struct request *rq);
int op_control(struct request *rq);

#endif
