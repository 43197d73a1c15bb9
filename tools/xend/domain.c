/* SPDX-License-Identifier: GPL-2.0 */
/*
 * domain.c - the domains that xend knows of.
 * Keeps true: each domain in the hypervisor (but Domain-0) has one entry
 * here, with a name; an entry without one is being made or is going.
 */
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#include "base/log.h"
#include "xend.h"

/* How long a guest that has ended waits for xenconsoled: 2 s. */
#define CONSOLE_LOOKS   40
#define CONSOLE_LOOK_MS 50

double wall_time(void)
{
    struct timespec ts;

    clock_gettime(CLOCK_REALTIME, &ts);
    return (double)ts.tv_sec + (double)ts.tv_nsec / 1e9;
}

double up_time(void)
{
    struct timespec ts;

    clock_gettime(CLOCK_BOOTTIME, &ts);
    return (double)ts.tv_sec + (double)ts.tv_nsec / 1e9;
}

struct domain *domain_new(struct vmcfg *cfg)
{
    struct domain *d = calloc(1, sizeof(*d));
    struct domain **last = &xend.domains;

    if (!d)
        return NULL;
    d->cfg = cfg;
    d->domid = -1;
    d->start_time = wall_time();
    while (*last)
        last = &(*last)->next;
    *last = d;
    return d;
}

void domain_free(struct domain *d)
{
    struct domain **at = &xend.domains;

    while (*at != d)
        at = &(*at)->next;
    *at = d->next;
    loop_timer_cancel(&d->timer);
    job_leave(d);
    while (d->devices)
        device_free(d->devices);
    waiters_answer(&d->gone_waiters);
    waiters_answer(&d->end_waiters);
    vmcfg_free(d->cfg);
    free(d);
}

unsigned domain_count(void)
{
    unsigned n = 0;

    for (const struct domain *d = xend.domains; d; d = d->next)
        n++;
    return n;
}

struct domain *domain_by_id(int domid)
{
    struct domain *d = xend.domains;

    while (d && d->domid != domid)
        d = d->next;
    return d;
}

struct domain *domain_by_name(const char *name)
{
    struct domain *d = xend.domains;

    while (d && strcmp(d->cfg->name, name) != 0)
        d = d->next;
    return d;
}

struct domain *domain_by_uuid(const uint8_t uuid[16])
{
    struct domain *d = xend.domains;

    while (d && memcmp(d->cfg->uuid, uuid, 16) != 0)
        d = d->next;
    return d;
}

int waiter_add(struct waiter **list, struct rpc_request *req)
{
    struct waiter *w = malloc(sizeof(*w));

    if (!w)
        return -ENOMEM;
    w->req = req;
    w->next = *list;
    *list = w;
    return 0;
}

void waiters_answer(struct waiter **list)
{
    struct waiter *w;

    while ((w = *list)) {
        *list = w->next;
        rpc_answer(w->req, rpc_int(0));
        free(w);
    }
}

void waiters_fault(struct waiter **list, const char *text)
{
    struct waiter *w;

    while ((w = *list)) {
        *list = w->next;
        rpc_fault(w->req, FAULT_GENERIC, "%s", text);
        free(w);
    }
}

/* The hypervisor has let go of it: another toolstack ended it, or we did. */
static void vanished(struct domain *d)
{
    if (d->foreign && d->stage == STAGE_LIVE) {
        domain_free(d); /* who made it cleans up */
        return;
    }
    d->killed = true;
    if (d->stage == STAGE_LIVE) {
        log_info("%s (id %d) is gone", d->cfg->name, d->domid);
        destroy_begin(d);
    } else if (d->stage == STAGE_DEVICES) {
        create_fail(d, "another program destroyed it");
    }
}

static void look_again(void *arg)
{
    (void)arg;
    domains_refresh();
}

/*
 * A guest that ends at once may be gone before xenconsoled has its ring, and
 * with it its last words: wait a moment for who writes the terminal's name.
 */
static bool console_is_served(struct domain *d)
{
    store_path_t p;
    char *tty;
    bool served;

    if (loop_timer_is_set(&d->timer))
        return false;
    if (!xend.store || d->end_looks >= CONSOLE_LOOKS)
        return true;
    tty = store_read(xend.store, 0,
                     path_domain(&p, (uint32_t)d->domid, "console/tty"), NULL);
    served = !tty || *tty;
    free(tty);
    if (served)
        return true;
    d->end_looks++;
    loop_timer_init(&d->timer, xend.loop, look_again, d);
    loop_timer_set(&d->timer, CONSOLE_LOOK_MS);
    return false;
}

static void look_at(struct domain *d, const struct dom_info *info)
{
    if (info->state & DOM_DYING) {
        if (d->stage == STAGE_LIVE && d->foreign) {
            domain_free(d); /* who made it cleans up */
        } else if (d->stage == STAGE_LIVE) {
            log_info("%s (id %d) is being destroyed by another program",
                     d->cfg->name, d->domid);
            destroy_begin(d);
        }
        return;
    }
    if (d->stage != STAGE_LIVE || d->end_handled || d->foreign ||
        !(info->state & DOM_SHUTDOWN) || !console_is_served(d))
        return;
    d->end_handled = true;
    policy_apply(d, info->shutdown_reason);
}

static int compare_ids(const void *a, const void *b)
{
    uint32_t left = ((const struct dom_info *)a)->domid;
    uint32_t right = ((const struct dom_info *)b)->domid;

    return left < right ? -1 : left > right;
}

/* The hypervisor's list is in the order of the numbers. */
static const struct dom_info *find_info(int domid, const struct dom_info *list,
                                        int count)
{
    struct dom_info key = {.domid = (uint32_t)domid};

    return bsearch(&key, list, (size_t)count, sizeof(*list), compare_ids);
}

/*
 * A domain without an entry: is it one that our builder is making (its
 * child tells the number only at its end), one we just destroyed, or a
 * stranger?
 */
static void newcomer(const struct dom_info *info)
{
    if (info->state & DOM_DYING)
        return;
    if (domain_by_uuid(info->uuid))
        return;
    recall_foreign(info);
}

/* Compare ours with the hypervisor's; mark those of its list that we know. */
static void look_at_ours(const struct dom_info *list, int count, bool *known)
{
    struct domain *d, *next;

    for (d = xend.domains; d; d = next) {
        const struct dom_info *info = find_info(d->domid, list, count);

        next = d->next;
        if (info) {
            known[info - list] = true;
            look_at(d, info);
        } else if (d->domid > 0 && d->stage != STAGE_DESTROY && !d->killed) {
            vanished(d);
        }
    }
}

void domains_refresh(void)
{
    static struct dom_info list[MAX_DOMAINS];
    static bool looking;
    bool known[MAX_DOMAINS] = {false};
    int count;

    if (looking)
        return; /* what we do to one of them wants to know: we just looked */
    count = dom_list(xend.hyp, 1, list, MAX_DOMAINS);
    if (count < 0) {
        log_error("cannot list the domains: %s", strerror(-count));
        return;
    }
    looking = true;
    look_at_ours(list, count, known);
    for (int i = 0; i < count; i++) {
        if (!known[i])
            newcomer(&list[i]);
    }
    looking = false;
}

void domain_rename(struct domain *d, const char *name)
{
    store_path_t p;

    log_info("%s (id %d) is now called %s", d->cfg->name, d->domid, name);
    vmcfg_set_name(d->cfg, name);
    if (xend.store && d->domid > 0) {
        store_write_text(xend.store, 0,
                         path_domain(&p, (uint32_t)d->domid, "name"), name);
        store_write_text(xend.store, 0, path_vm(&p, d->cfg->uuid, "name"),
                         name);
    }
    if (!d->foreign)
        keep_write(d, KEPT_LIVE);
}
