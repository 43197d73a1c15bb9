/* SPDX-License-Identifier: GPL-2.0 */
/*
 * keep_log.h - the log that keep.c writes: a file of records, and the store
 * as records.
 */
#ifndef XENSTORED_KEEP_LOG_H
#define XENSTORED_KEEP_LOG_H

#include <stdatomic.h>

#include "xstore.h"

struct log_head {
    uint64_t magic;
    char boot[40]; /* which boot of the machine wrote it */
    _Atomic uint64_t end;
    uint64_t clock;
    uint32_t last_txn;
    uint32_t pad;
};

enum record_kind {
    REC_CHANGE, /* a packed change */
    REC_NODE,   /* rights, then a packed write: a node as it is */
    REC_WATCH,
    REC_UNWATCH,
    REC_RESET,
    REC_DOMAIN,
    REC_GONE,
    REC_LIMITS,
    REC_TXN_DONE,
};

struct record {
    uint32_t len; /* with this, a multiple of 8 */
    uint32_t kind;
    uint32_t body_len;
    uint32_t domid; /* or a count */
};

struct log_file {
    int fd;
    struct log_head *head; /* the mapping's start */
    size_t size;           /* of the file */
    size_t pos;            /* where the next record goes */
};

/* A file of `dir`, its size, and where it stands in memory. */
int keep_file_open(const char *dir, const char *name, int flags);
int keep_file_grow(int fd, size_t size);
void *keep_file_map(int fd, size_t len);

/* An empty log in `name`. */
int keep_log_begin(struct log_file *l, const char *dir, const char *name);
/* The log of the process before us; -ENOENT if there is none that counts. */
int keep_log_reuse(struct log_file *l, const char *dir);
void keep_log_close(struct log_file *l);

/* A record behind the last; it counts from keep_log_commit() on. */
int keep_log_append(struct log_file *l, enum record_kind kind,
                    unsigned int domid, const void *body, size_t body_len,
                    const void *more, size_t more_len);
void keep_log_commit(struct log_file *l, const struct xstore *xs);

/* The store as it is, in as few records as it takes; and from a log. */
int keep_write_all(struct xstore *xs, struct log_file *l);
int keep_replay(struct xstore *xs, const struct log_file *l);

struct domain_record {
    uint64_t frame;
    uint32_t port;
    int32_t target;
    uint8_t introduced;
    uint8_t shutdown;
    uint8_t pad[6];
};

void keep_pack_watch(struct bytes *b, const char *path, size_t skip,
                     const char *token, int depth);
struct domain_record keep_pack_domain(const struct domain *d);

#endif
