/* SPDX-License-Identifier: GPL-2.0 */
/*
 * columns.c - single values of a listed domain, for clients that print tables.
 * Why beside describe.c: a list of a hundred domains is asked for often, and
 * whole descriptions cost more than all the rest of it.
 */
#include <stdio.h>
#include <string.h>

#include "xend.h"

const char *listed_name(const struct dom_info *info, char room[32])
{
    const struct domain *d;

    if (info->domid == 0)
        return "Domain-0";
    d = domain_by_id((int)info->domid);
    if (d)
        return d->cfg->name;
    /* being built right now, or a zombie that others still map */
    d = domain_by_uuid(info->uuid);
    if (d && d->domid < 0)
        return d->cfg->name;
    snprintf(room, 32, "Domain-%u", info->domid);
    return room;
}

static void put_name(struct buf *out, const struct dom_info *info)
{
    char room[32];

    rpc_put_text(out, listed_name(info, room));
}

static void put_domid(struct buf *out, const struct dom_info *info)
{
    buf_putd(out, info->domid);
}

static void put_memory(struct buf *out, const struct dom_info *info)
{
    buf_putd(out, domain_mib(info));
}

static void put_online_vcpus(struct buf *out, const struct dom_info *info)
{
    buf_putd(out, info->online_vcpus);
}

static void put_state(struct buf *out, const struct dom_info *info)
{
    char text[7];

    buf_puts(out, state_text(info, text));
}

/* Seconds, to the millisecond. */
static void put_cpu_time(struct buf *out, const struct dom_info *info)
{
    uint64_t ms = (info->cpu_time_ns + 500000) / 1000000;
    char fraction[4] = {'.', (char)('0' + ms / 100 % 10),
                        (char)('0' + ms / 10 % 10), (char)('0' + ms % 10)};

    buf_putd(out, (long long)(ms / 1000));
    buf_add(out, fraction, sizeof(fraction));
}

static void put_start_time(struct buf *out, const struct dom_info *info)
{
    const struct domain *d = domain_by_id((int)info->domid);

    buf_printf(out, "%.1f",
               info->domid == 0 ? boot_time()
               : d              ? d->start_time
                                : 0);
}

column_fn *column_find(const char *name)
{
    static const struct {
        const char *name;
        column_fn *put;
    } columns[] = {
        {"name", put_name},
        {"domid", put_domid},
        {"memory", put_memory},
        {"online_vcpus", put_online_vcpus},
        {"state", put_state},
        {"cpu_time", put_cpu_time},
        {"start_time", put_start_time},
    };

    for (size_t i = 0; i < sizeof(columns) / sizeof(columns[0]); i++) {
        if (strcmp(columns[i].name, name) == 0)
            return columns[i].put;
    }
    return NULL;
}
