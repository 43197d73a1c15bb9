/* SPDX-License-Identifier: GPL-2.0 */
/*
 * recall.c - at start: put together from the hypervisor, the store and the
 * kept files what an earlier xend knew.
 * Keeps true: afterwards every running domain is known by name, and what an
 * earlier xend had half made is on its way out.
 */
#include <dirent.h>
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/log.h"
#include "xend.h"

static struct dom_info running[MAX_DOMAINS];
static int nr_running;

static const struct dom_info *running_by_uuid(const uint8_t uuid[16])
{
    for (int i = 0; i < nr_running; i++) {
        if (memcmp(running[i].uuid, uuid, 16) == 0 &&
            !(running[i].state & DOM_DYING))
            return &running[i];
    }
    return NULL;
}

static long long kept_int(const struct sxp *s, const char *key)
{
    const char *text = sxp_get(s, key);

    return text ? strtoll(text, NULL, 10) : 0;
}

static void add_devices(struct domain *d)
{
    for (const struct sxp *s = d->cfg->sxp->first; s; s = s->next) {
        if (s->first && s->first->atom && !strcmp(s->first->atom, "device") &&
            s->first->next && !s->first->next->atom)
            device_recall(d, s->first->next, (unsigned)kept_int(s, "devid"));
    }
}

/* In the store, but no longer in the description: it was being detached. */
static void close_leftovers(struct domain *d)
{
    struct device *dev, *next, *last = d->devices;

    while (last && last->next)
        last = last->next;
    recall_foreign_devices(d);
    for (dev = last ? last->next : d->devices; dev; dev = next) {
        next = dev->next;
        dev->detach = true;
        device_close(dev, d->end_handled);
    }
}

static void take_up(struct domain *d, const struct sxp *kept)
{
    const struct dom_info *info = running_by_uuid(d->cfg->uuid);
    const char *state = sxp_get(kept, "state");
    bool live = state && strcmp(state, "live") == 0;

    d->start_time = (double)kept_int(kept, "start_time");
    d->restarted_at = (double)kept_int(kept, "restarted_at");
    d->restarts = (unsigned)kept_int(kept, "restarts");
    d->end_handled = kept_int(kept, "end_handled") != 0;
    d->domid = info ? (int)info->domid : (int)kept_int(kept, "domid");
    d->on_introduced = d->domid > 0;
    d->killed = !info;
    d->stage = STAGE_LIVE;
    add_devices(d);
    if (info && live) {
        log_info("%s (id %d) is known again", d->cfg->name, d->domid);
        close_leftovers(d);
        return;
    }
    d->restart_after = kept_int(kept, "again") != 0;
    log_info("%s (id %d) %s: cleaning up", d->cfg->name, d->domid,
             live                                ? "ended meanwhile"
             : state && !strcmp(state, "making") ? "was half made"
                                                 : "was half gone");
    recall_foreign_devices(d);
    destroy_begin(d);
}

static void take_file(const char *path)
{
    char err[ERR_SIZE];
    struct sxp *all = sxp_read(path, err, sizeof(err));
    const struct sxp *kept = all ? all->first : NULL;
    const struct sxp *vm = kept ? sxp_find(kept, "vm") : NULL;
    const char *state = kept ? sxp_get(kept, "state") : NULL;
    struct vmcfg *cfg = vm ? vmcfg_new(vm, err, sizeof(err)) : NULL;
    struct domain *d;

    if (!cfg) {
        log_error("%s is of no use: %s", path, all ? "not a domain" : err);
        unlink(path);
    } else if (state && !strcmp(state, "restarting") &&
               !running_by_uuid(cfg->uuid)) {
        log_info("%s was about to be restarted", cfg->name);
        create_begin(cfg, NULL, up_time(),
                     (unsigned)kept_int(kept, "restarts"));
    } else if ((d = domain_new(cfg))) {
        take_up(d, kept);
    }
    sxp_free(all);
}

static void take_files(void)
{
    DIR *dir = opendir(xend.set.state_dir);
    struct dirent *e;
    char path[1024];

    while (dir && (e = readdir(dir))) {
        size_t len = strlen(e->d_name);

        snprintf(path, sizeof(path), "%s/%s", xend.set.state_dir, e->d_name);
        if (len > 4 && strcmp(e->d_name + len - 4, ".sxp") == 0)
            take_file(path);
        else if (len > 4 && strcmp(e->d_name + len - 4, ".new") == 0)
            unlink(path);
    }
    if (dir)
        closedir(dir);
}

/* As (vbd ..) or (vif ..), so far as the back end's keys tell. */
static struct sxp *found_device(const char *kind, const char *path)
{
    static const char *const same[] = {"mode", "dev", "mac", "bridge"};
    struct sxp *cfg = sxp_list(kind);
    store_path_t p;
    char *text =
        store_read(xend.store, 0, path_make(&p, "%s/params", path), NULL);
    char *uname = NULL;

    if (text && *text == '/' && asprintf(&uname, "phy:%s", text) > 0)
        sxp_add_pair(cfg, "uname", uname);
    free(uname);
    free(text);
    for (size_t i = 0; i < sizeof(same) / sizeof(same[0]); i++) {
        text = store_read(xend.store, 0, path_make(&p, "%s/%s", path, same[i]),
                          NULL);
        if (text && *text)
            sxp_add_pair(cfg, same[i], text);
        free(text);
    }
    return cfg;
}

/* Devices of a domain that we have no description of, by their back ends. */
static void find_devices(struct domain *d, const char *kind)
{
    store_path_t dir, p;
    size_t count = 0;
    char **ids;

    path_make(&dir, "/local/domain/0/backend/%s/%d", kind, d->domid);
    ids = store_list(xend.store, 0, dir.text, &count);
    for (size_t i = 0; ids && i < count; i++) {
        unsigned devid = (unsigned)strtoul(ids[i], NULL, 10);
        struct sxp *cfg;

        if (device_find(d, kind, devid))
            continue;
        cfg = found_device(kind, path_make(&p, "%s/%u", dir.text, devid));
        device_recall(d, cfg, devid);
        sxp_free(cfg);
    }
    free(ids);
}

void recall_foreign_devices(struct domain *d)
{
    if (!xend.store)
        return;
    find_devices(d, "vbd");
    find_devices(d, "vif");
}

void recall_foreign_again(void)
{
    for (struct domain *d = xend.domains; d; d = d->next) {
        if (!d->foreign || d->stage != STAGE_LIVE)
            continue;
        for (struct device *dev = d->devices, *next; dev; dev = next) {
            next = dev->next;
            if (dev->stage == DEV_CONNECTED)
                device_free(dev);
        }
        recall_foreign_devices(d);
    }
}

struct domain *recall_foreign(const struct dom_info *info)
{
    store_path_t p;
    char fallback[32];
    char *name = NULL;
    struct domain *d;

    if (xend.store)
        name = store_read(xend.store, 0, path_domain(&p, info->domid, "name"),
                          NULL);
    snprintf(fallback, sizeof(fallback), "Domain-%u", info->domid);
    d = domain_new(vmcfg_bare(name && *name ? name : fallback, info->uuid));
    free(name);
    if (!d)
        return NULL;
    d->domid = (int)info->domid;
    d->stage = STAGE_LIVE;
    d->foreign = true;
    d->on_introduced = true;
    recall_foreign_devices(d);
    log_info("%s (id %d) was made by another program", d->cfg->name, d->domid);
    return d;
}

void recall(void)
{
    nr_running = dom_list(xend.hyp, 1, running, MAX_DOMAINS);
    if (nr_running < 0)
        nr_running = 0;
    take_files();
    domains_refresh(); /* strangers, and what ended while nobody looked */
}
