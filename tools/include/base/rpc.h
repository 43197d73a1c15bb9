/* SPDX-License-Identifier: GPL-2.0 */
/*
 * base/rpc.h - XML-RPC over HTTP on a Unix socket (or a given descriptor).
 * Keeps true: a message over the limits, or one that does not parse, ends its
 * own connection and nothing else.
 */
#ifndef BASE_RPC_H
#define BASE_RPC_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/buf.h"

#define RPC_MAX_BODY  (4u << 20) /* bytes of one message */
#define RPC_MAX_DEPTH 64         /* nesting of arrays and structs */
#define RPC_MAX_MEMBERS 1024     /* of one struct */

enum rpc_type {
    RPC_NIL,
    RPC_BOOL,
    RPC_INT,
    RPC_DOUBLE,
    RPC_STRING,
    RPC_ARRAY,
    RPC_STRUCT,
    RPC_XML, /* only to be sent: `string` is the value's text already */
};

struct rpc_value {
    enum rpc_type type;
    bool boolean;
    int64_t integer; /* sent as <int>, beyond 32 bits as <i8> */
    double number;
    char *string;
    struct rpc_member *members; /* of an array (no names) or struct */
    size_t count;
};

struct rpc_member {
    char *name; /* NULL in arrays */
    struct rpc_value *value;
};

/* Makers return NULL when memory is short; adders then do nothing bad. */
struct rpc_value *rpc_nil(void);
struct rpc_value *rpc_bool(bool v);
struct rpc_value *rpc_int(int64_t v);
struct rpc_value *rpc_double(double v);
struct rpc_value *rpc_string(const char *text);
struct rpc_value *rpc_array(void);
struct rpc_value *rpc_struct(void);
void rpc_free(struct rpc_value *v); /* NULL is fine */
/*
 * For long answers: an array of rows of strings, written straight into a
 * buffer. Between begin and end any number of rows; in each any number of
 * cells, open, rpc_put_text() or digits, close. `b` is empty afterwards.
 */
void rpc_rows_begin(struct buf *b);
void rpc_row_open(struct buf *b);
void rpc_cell_open(struct buf *b);
void rpc_cell_close(struct buf *b);
void rpc_row_close(struct buf *b);
struct rpc_value *rpc_rows_end(struct buf *b);
/* Text as it has to be in XML: escaped, and UTF-8 whatever it was. */
void rpc_put_text(struct buf *out, const char *text);
/* Take `v` over. 0 or -ENOMEM (then v is freed; also when v was NULL). */
int rpc_add(struct rpc_value *array, struct rpc_value *v);
int rpc_set(struct rpc_value *st, const char *name, struct rpc_value *v);

/* Readers: NULL or the default when missing or of another type. */
const struct rpc_value *rpc_at(const struct rpc_value *array, size_t i);
const struct rpc_value *rpc_get(const struct rpc_value *st, const char *name);
const char *rpc_text(const struct rpc_value *v, const char *otherwise);
int64_t rpc_number(const struct rpc_value *v, int64_t otherwise);

/* Messages <-> bytes (without HTTP). */
void rpc_encode_call(struct buf *out, const char *method,
                     const struct rpc_value *params);
void rpc_encode_answer(struct buf *out, const struct rpc_value *result);
void rpc_encode_fault(struct buf *out, int code, const char *text);
/* 0 or -EBADMSG / -ENOMEM. *method and *params (an array) are malloc'ed. */
int rpc_decode_call(const char *data, size_t len, char **method,
                    struct rpc_value **params);
/* 0: *result; 1: a fault (*code, *text malloc'ed); or -errno. */
int rpc_decode_answer(const char *data, size_t len, struct rpc_value **result,
                      int *code, char **text);

/* Server: each call comes to `fn`, which answers now or later, once. */
struct loop;
struct rpc_server;
struct rpc_request;
typedef void rpc_call_fn(void *arg, struct rpc_request *req, const char *method,
                         const struct rpc_value *params);
/* Makes the socket (mode 0600, stale one replaced). NULL: errno says why. */
struct rpc_server *rpc_listen(struct loop *l, const char *path, rpc_call_fn *fn,
                              void *arg);
/* The same on a listening socket that exists already. */
struct rpc_server *rpc_listen_fd(struct loop *l, int fd, rpc_call_fn *fn,
                                 void *arg);
void rpc_server_free(struct rpc_server *s);
/* Exactly one of these for each request; it is gone afterwards. */
void rpc_answer(struct rpc_request *req, struct rpc_value *result);
void rpc_fault(struct rpc_request *req, int code, const char *fmt, ...)
    __attribute__((format(printf, 3, 4)));
/* Credentials of the peer (Unix socket), or -1. */
int rpc_peer_uid(const struct rpc_request *req);

/* Client, blocking. */
struct rpc_client;
struct rpc_client *rpc_connect(const char *path); /* NULL: errno */
void rpc_disconnect(struct rpc_client *c);
/*
 * `params` stay the caller's. 0: *result is the caller's; 1: a fault
 * (*code, *text malloc'ed); or -errno. timeout_ms 0: wait for ever.
 */
int rpc_call(struct rpc_client *c, const char *method,
             const struct rpc_value *params, unsigned timeout_ms,
             struct rpc_value **result, int *code, char **text);

#endif
