/* SPDX-License-Identifier: GPL-2.0 */
/*
 * balloon.c - memory for a new guest, from what is free or from Domain-0.
 * Keeps true: Domain-0 is never asked to go below dom0-min-mem.
 */
#include <errno.h>
#include <string.h>

#include "base/log.h"
#include "xend.h"

static uint64_t free_kib(void)
{
    struct host_info host;

    if (host_get_info(xend.hyp, &host))
        return 0;
    return host.free_pages * 4;
}

static uint64_t dom0_kib(void)
{
    struct dom_info info;

    if (dom_get_info(xend.hyp, 0, &info))
        return 0;
    return info.tot_pages * 4;
}

bool balloon_have(uint64_t kib, uint64_t *have)
{
    *have = free_kib();
    return *have >= kib;
}

bool balloon_possible(uint64_t kib)
{
    uint64_t least = xend.set.dom0_min_mib * 1024ull;
    uint64_t dom0 = dom0_kib();

    return xend.set.balloon_dom0 && xend.store && dom0 > least &&
           free_kib() + (dom0 - least) >= kib;
}

void balloon_ask(uint64_t kib)
{
    uint64_t have = free_kib();
    uint64_t target = dom0_kib() - (kib - have);

    log_info("Domain-0 gives %llu MiB: its target is %llu MiB",
             (unsigned long long)(kib - have) / 1024,
             (unsigned long long)target / 1024);
    store_printf(xend.store, 0, "/local/domain/0/memory/target", "%llu",
                 (unsigned long long)target);
}
