/* SPDX-License-Identifier: GPL-2.0 */
/*
 * destroy.c - take a domain apart, whatever state it is in.
 * Keeps true: it is forgotten only when the hypervisor has it no more (or
 * only as a zombie that others still map), every device is closed and its
 * script has run, and the store has no trace of it; while xenstored is away
 * it waits.
 */
#include <errno.h>
#include <string.h>

#include "base/log.h"
#include "xend.h"

/* Domains of up to so many pages are given back in the loop itself. */
#define SMALL_PAGES (256u << 8)

static void report(struct domain *d)
{
    if (d->create_req)
        rpc_fault(d->create_req, FAULT_GENERIC, "%s",
                  d->error[0] ? d->error : "the domain was destroyed");
    d->create_req = NULL;
    waiters_answer(&d->gone_waiters);
    waiters_answer(&d->end_waiters);
}

/* Nothing is left of it; perhaps it is to come again. */
static void gone(struct domain *d)
{
    struct vmcfg *again = d->restart_after ? vmcfg_copy(d->cfg) : NULL;
    unsigned restarts = d->restarts + 1;

    if (again)
        keep_write(d, KEPT_RESTARTING);
    else
        keep_remove(d);
    if (d->domid > 0)
        log_info("%s (id %d) is destroyed", d->cfg->name, d->domid);
    report(d);
    domain_free(d);
    if (again)
        create_begin(again, NULL, up_time(), restarts);
}

void destroy_devices_changed(struct domain *d)
{
    if (d->stage != STAGE_DESTROY || !d->killed || d->job || !devices_gone(d))
        return;
    if (d->on_introduced && xend.store)
        store_release(xend.store, (uint32_t)d->domid);
    /* If xenstored ends meanwhile, all of it is done again when it is back. */
    if (guest_store_remove(d))
        gone(d);
}

static void kill_ended(struct domain *d, const void *report, size_t len)
{
    (void)report;
    (void)len;
    d->killed = true;
    destroy_devices_changed(d);
}

/* In a child: giving back the memory of a large domain takes a while. */
static void kill_job(const struct domain *d, struct hyp *h, int out)
{
    (void)out;
    if (h)
        dom_destroy(h, (uint32_t)d->domid);
}

static void kill_domain(struct domain *d)
{
    struct dom_info info;

    if (d->domid <= 0 || dom_get_info(xend.hyp, (uint32_t)d->domid, &info) ||
        memcmp(info.uuid, d->cfg->uuid, 16) != 0) {
        d->killed = true;
        return;
    }
    if (info.tot_pages > SMALL_PAGES &&
        job_start(d, kill_job, kill_ended, false) == 0)
        return;
    dom_destroy(xend.hyp, (uint32_t)d->domid);
    d->killed = true;
}

/* The builder may have been stopped with the domain half made. */
static void find_half_made(struct domain *d)
{
    static struct dom_info list[MAX_DOMAINS];
    int count;

    if (d->domid > 0)
        return;
    count = dom_list(xend.hyp, 1, list, MAX_DOMAINS);
    for (int i = 0; i < count; i++) {
        if (memcmp(list[i].uuid, d->cfg->uuid, 16) == 0 &&
            !(list[i].state & DOM_DYING))
            d->domid = (int)list[i].domid;
    }
}

/* Nobody works for it any more: take away what there is. */
static void take_apart(struct domain *d, const void *report, size_t len)
{
    struct device *dev, *next;

    (void)report;
    (void)len;
    if (!d->killed)
        find_half_made(d);
    if (!d->killed && d->domid > 0) {
        log_info("%s (id %d): destroying it", d->cfg->name, d->domid);
        dom_pause(xend.hyp, (uint32_t)d->domid);
    }
    for (dev = d->devices; dev; dev = next) {
        next = dev->next;
        device_close(dev, true);
    }
    if (!d->killed)
        kill_domain(d);
    destroy_devices_changed(d);
}

void destroy_begin(struct domain *d)
{
    if (d->stage == STAGE_DESTROY)
        return;
    loop_timer_cancel(&d->timer);
    d->stage = STAGE_DESTROY;
    if (d->foreign)
        recall_foreign_devices(d);
    if (!d->killed && !d->foreign)
        keep_write(d, KEPT_ENDING); /* from here on it cannot live on */
    /* Not beside a builder: it may be about to make the domain. */
    if (!job_stop(d, take_apart))
        take_apart(d, NULL, 0);
}
