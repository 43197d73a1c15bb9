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

#define MAX_DOMAINS 512

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
        return;
    }
    d->restart_after = state && strcmp(state, "restarting") == 0;
    log_info("%s (id %d) %s: cleaning up", d->cfg->name, d->domid,
             live ? "ended meanwhile" : "was half made");
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
        create_begin(cfg, NULL, wall_time(),
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

/* Devices of a domain that we have no description of, by their back ends. */
static void find_devices(struct domain *d, const char *kind)
{
    store_path_t p;
    size_t count = 0;
    char **ids = store_list(
        xend.store, 0,
        path_make(&p, "/local/domain/0/backend/%s/%d", kind, d->domid), &count);
    struct sxp *cfg = sxp_list(kind);

    for (size_t i = 0; ids && i < count; i++) {
        unsigned devid = (unsigned)strtoul(ids[i], NULL, 10);

        if (!device_find(d, kind, devid))
            device_recall(d, cfg, devid);
    }
    sxp_free(cfg);
    free(ids);
}

void recall_foreign_devices(struct domain *d)
{
    if (!xend.store)
        return;
    find_devices(d, "vbd");
    find_devices(d, "vif");
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
