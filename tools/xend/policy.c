/* SPDX-License-Identifier: GPL-2.0 */
/*
 * policy.c - a guest has shut down by itself: on_poweroff, on_reboot and
 * on_crash say what is done.
 * Keeps true: a guest that only ever crashes is not restarted for ever.
 */
#include <stdio.h>
#include <string.h>

#include <abi/sched.h>

#include "base/log.h"
#include "xend.h"

/* Seconds from one start by policy to the next end that are too few. */
#define TOO_SOON_CRASH  60
#define TOO_SOON_REBOOT 5

static const char *reason_text(unsigned reason)
{
    switch (reason) {
    case SHUTDOWN_poweroff:
        return "has powered off";
    case SHUTDOWN_reboot:
        return "wants to reboot";
    case SHUTDOWN_crash:
        return "has crashed";
    case SHUTDOWN_watchdog:
        return "was stopped by its watchdog";
    default:
        return "has stopped";
    }
}

static enum action choose(const struct domain *d, unsigned reason)
{
    switch (reason) {
    case SHUTDOWN_poweroff:
        return d->cfg->on_poweroff;
    case SHUTDOWN_reboot:
        return d->cfg->on_reboot;
    default:
        return d->cfg->on_crash;
    }
}

bool policy_too_soon(const struct domain *d, unsigned reason)
{
    double least = reason == SHUTDOWN_reboot ? TOO_SOON_REBOOT : TOO_SOON_CRASH;
    double since = up_time() - d->restarted_at;

    /* A time to come is one of another clock: an older xend kept it. */
    if (d->restarted_at <= 0 || since >= least || since < 0)
        return false;
    log_error("%s (id %d) ended too soon after its last restart: "
              "it is not started again",
              d->cfg->name, d->domid);
    return true;
}

static void preserve(struct domain *d)
{
    keep_write(d, KEPT_LIVE); /* that it was seen */
    waiters_answer(&d->end_waiters);
}

static void restart(struct domain *d, unsigned reason)
{
    d->restart_after = !policy_too_soon(d, reason);
    destroy_begin(d);
}

/* Keep what is there under another name and number; start a new one. */
static void rename_restart(struct domain *d)
{
    struct vmcfg *again = vmcfg_copy(d->cfg);
    struct device *dev, *next;
    uint8_t uuid[16], old[16];
    char name[128];

    snprintf(name, sizeof(name), "%.80s-%d", d->cfg->name, d->domid);
    keep_write(d, KEPT_RESTARTING); /* stays until the new one has its own */
    for (dev = d->devices; dev; dev = next) {
        next = dev->next;
        dev->detach = true;
        device_close(dev, true);
    }
    memcpy(old, d->cfg->uuid, 16);
    uuid_make(uuid);
    vmcfg_set_uuid(d->cfg, uuid);
    guest_store_move_vm(d, old);
    domain_rename(d, name);
    dom_set_uuid(xend.hyp, (uint32_t)d->domid, uuid);
    waiters_answer(&d->end_waiters);
    if (again)
        create_begin(again, NULL, up_time(), d->restarts + 1);
}

static void after_dump(struct domain *d)
{
    if (d->cfg->on_crash == ACT_RESTART || d->cfg->on_crash == ACT_DUMP_RESTART)
        restart(d, SHUTDOWN_crash);
    else
        destroy_begin(d);
}

void policy_apply(struct domain *d, unsigned reason)
{
    enum action act = choose(d, reason);
    bool crash = reason != SHUTDOWN_poweroff && reason != SHUTDOWN_reboot;

    if (reason == SHUTDOWN_suspend)
        return;
    log_info("%s (id %d) %s: %s", d->cfg->name, d->domid, reason_text(reason),
             action_name(act));
    if (crash && xend.set.dump_crashed && act == ACT_DESTROY)
        act = ACT_DUMP_DESTROY;
    if (crash && xend.set.dump_crashed && act == ACT_RESTART)
        act = ACT_DUMP_RESTART;
    switch (act) {
    case ACT_DESTROY:
        destroy_begin(d);
        break;
    case ACT_RESTART:
        restart(d, reason);
        break;
    case ACT_PRESERVE:
        preserve(d);
        break;
    case ACT_RENAME_RESTART:
        if (policy_too_soon(d, reason))
            preserve(d);
        else
            rename_restart(d);
        break;
    case ACT_DUMP_DESTROY:
    case ACT_DUMP_RESTART:
        if (dump_begin(d, after_dump))
            after_dump(d);
        break;
    }
}
