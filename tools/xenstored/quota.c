/* SPDX-License-Identifier: GPL-2.0 */
/*
 * quota.c - how much of the store one guest may take.
 * Keeps true: what a guest can make the daemon allocate has a bound.
 */
#include <errno.h>
#include <stdio.h>
#include <string.h>

#include "quota.h"

static const struct {
    const char *name;
    size_t offset;
    uint32_t standard;
} quotas[] = {
    {"nodes", offsetof(struct limits, nodes), 1000},
    {"watches", offsetof(struct limits, watches), 128},
    {"transactions", offsetof(struct limits, transactions), 10},
    {"node-size", offsetof(struct limits, node_size), 2048},
    {"permissions", offsetof(struct limits, permissions), 5},
    {"transaction-nodes", offsetof(struct limits, txn_nodes), 1024},
    {"path-max", offsetof(struct limits, path_max), 2048},
    {"outstanding", offsetof(struct limits, outstanding), 256},
    {"memory", offsetof(struct limits, memory), 2560 * 1024},
};

#define NR_QUOTAS (sizeof(quotas) / sizeof(quotas[0]))

static uint32_t *limit(struct limits *l, size_t i)
{
    return (uint32_t *)((char *)l + quotas[i].offset);
}

void limits_default(struct limits *l)
{
    for (size_t i = 0; i < NR_QUOTAS; i++)
        *limit(l, i) = quotas[i].standard;
}

uint32_t *limits_named(struct limits *l, const char *name)
{
    for (size_t i = 0; i < NR_QUOTAS; i++)
        if (!strcmp(quotas[i].name, name))
            return limit(l, i);
    return NULL;
}

int limits_print(const struct limits *l, char *buf, size_t size)
{
    struct limits copy = *l;
    size_t len = 0;

    for (size_t i = 0; i < NR_QUOTAS; i++)
        len += (size_t)snprintf(len < size ? buf + len : NULL,
                                len < size ? size - len : 0, "%-20s: %10u\n",
                                quotas[i].name, *limit(&copy, i));
    return (int)len;
}

int quota_nodes(const struct limits *l, const struct usage *u, long nodes,
                long bytes)
{
    if (nodes > 0 && u->nodes + nodes > (long)l->nodes)
        return -ENOSPC;
    if (bytes > 0 && u->bytes + bytes > (long)l->memory)
        return -ENOSPC;
    return 0;
}

int quota_watch(const struct limits *l, const struct usage *u, long bytes)
{
    if (u->watches >= (long)l->watches ||
        u->bytes + bytes > (long)l->memory)
        return -E2BIG;
    return 0;
}

void usage_add(struct usage *u, long nodes, long bytes)
{
    u->nodes += nodes;
    u->bytes += bytes;
    if (u->bytes > u->peak_bytes)
        u->peak_bytes = u->bytes;
}
