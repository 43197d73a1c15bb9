/* SPDX-License-Identifier: GPL-2.0 */
/*
 * keep.c - one file for each domain says what xend has begun with it.
 * Keeps true: a file is replaced as a whole or not at all, so what an xend
 * that was killed leaves behind is always readable.
 */
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/log.h"
#include "xend.h"

static const char *const state_names[] = {
    [KEPT_MAKING] = "making",
    [KEPT_LIVE] = "live",
    [KEPT_ENDING] = "ending",
    [KEPT_RESTARTING] = "restarting",
};

static void file_name(const struct domain *d, char *out, size_t size,
                      const char *suffix)
{
    char uuid[37];

    uuid_print(uuid, d->cfg->uuid);
    snprintf(out, size, "%s/%s.sxp%s", xend.set.state_dir, uuid, suffix);
}

static bool is_device(const struct sxp *s)
{
    const struct sxp *cfg = s->first ? s->first->next : NULL;

    return s->first && s->first->atom && !strcmp(s->first->atom, "device") &&
           cfg && cfg->first && cfg->first->atom &&
           device_kind_find(cfg->first->atom);
}

/* Let the description name the devices that the domain has now. */
static void refresh_devices(const struct domain *d)
{
    struct sxp *vm = d->cfg->sxp;
    struct sxp *s = vm->first;

    vm->first = vm->last = NULL;
    while (s) {
        struct sxp *next = s->next;

        s->next = NULL;
        if (is_device(s))
            sxp_free(s);
        else
            sxp_add(vm, s);
        s = next;
    }
    for (const struct device *dev = d->devices; dev; dev = dev->next) {
        struct sxp *entry;

        if (dev->detach)
            continue;
        entry = sxp_add(sxp_list("device"), sxp_copy(dev->cfg));
        sxp_add(vm, sxp_add_int(entry, "devid", dev->devid));
    }
}

static int write_file(const char *path, const struct buf *b)
{
    int fd = open(path, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0600);
    ssize_t n;

    if (fd < 0)
        return -errno;
    n = write(fd, b->data, b->len);
    if (close(fd) || n != (ssize_t)b->len)
        return -EIO;
    return 0;
}

int keep_write(const struct domain *d, enum kept state)
{
    struct sxp *s = sxp_list("xend");
    struct buf b = BUF_INIT;
    char path[512], temp[512];
    int rc;

    refresh_devices(d);
    sxp_add_pair(s, "state", state_names[state]);
    sxp_add_int(s, "domid", state == KEPT_RESTARTING ? -1 : d->domid);
    sxp_add_int(s, "start_time", (long long)d->start_time);
    sxp_add_int(s, "restarted_at", (long long)d->restarted_at);
    sxp_add_int(s, "restarts", d->restarts);
    sxp_add_int(s, "again", d->restarting || d->restart_after);
    sxp_add_int(s, "end_handled", d->end_handled);
    sxp_add(s, sxp_copy(d->cfg->sxp));
    sxp_print(&b, s);
    sxp_free(s);
    file_name(d, path, sizeof(path), "");
    file_name(d, temp, sizeof(temp), ".new");
    rc = b.failed ? -ENOMEM : write_file(temp, &b);
    if (!rc && rename(temp, path))
        rc = -errno;
    buf_free(&b);
    if (rc)
        log_error("%s: %s", path, strerror(-rc));
    return rc;
}

void keep_remove(const struct domain *d)
{
    char path[512];

    file_name(d, path, sizeof(path), "");
    if (unlink(path) && errno != ENOENT)
        log_error("%s: %s", path, strerror(errno));
}

int keep_init(void)
{
    char *path = strdup(xend.set.state_dir);

    for (char *p = path + 1; *p; p++) {
        if (*p != '/')
            continue;
        *p = '\0';
        mkdir(path, 0755);
        *p = '/';
    }
    free(path);
    if (mkdir(xend.set.state_dir, 0700) && errno != EEXIST)
        return -errno;
    return 0;
}
