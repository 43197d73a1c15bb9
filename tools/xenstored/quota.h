/* SPDX-License-Identifier: GPL-2.0 */
/*
 * quota.h - how much of the store one guest may take. Domain 0 may all.
 */
#ifndef XENSTORED_QUOTA_H
#define XENSTORED_QUOTA_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* Settable by `xenstore-control quota set NAME VALUE`; same order there. */
struct limits {
    uint32_t nodes;
    uint32_t watches;
    uint32_t transactions;
    uint32_t node_size;   /* bytes of name, value and rights */
    uint32_t permissions; /* entries in one list */
    uint32_t txn_nodes;   /* nodes one transaction may touch */
    uint32_t path_max;
    uint32_t outstanding; /* watch events that wait to be read */
    uint32_t memory;      /* bytes, all in all */
};

struct usage {
    long nodes;
    long bytes; /* nodes, watches and transactions */
    long watches;
    long peak_bytes;
};

void limits_default(struct limits *l);
/* The number behind a name, NULL if there is no such. */
uint32_t *limits_named(struct limits *l, const char *name);
/* "name: value" lines; returns the length as snprintf would. */
int limits_print(const struct limits *l, char *buf, size_t size);

/* May it have so much more? 0 or -ENOSPC. */
int quota_nodes(const struct limits *l, const struct usage *u, long nodes,
                long bytes);
int quota_watch(const struct limits *l, const struct usage *u, long bytes);
void usage_add(struct usage *u, long nodes, long bytes);

#endif
