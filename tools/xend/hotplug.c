/* SPDX-License-Identifier: GPL-2.0 */
/*
 * hotplug.c - run a device's script as a child, with the environment that
 * scripts have always had, and learn from the store how it went.
 * Keeps true: one script at a time for a device; a script that hangs is
 * ended, with all it started.
 */
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#include "base/log.h"
#include "xend.h"

struct run {
    struct device *dev;
    hotplug_done_fn *done;
    bool coming; /* its answer is in hotplug-status */
};

/* Why it did not work, from the store, its output, or its end; "" if well. */
static void judge(const struct run *r, const struct loop_child_end *end,
                  char *why, size_t size)
{
    store_path_t back, p;
    char *status, *text;

    why[0] = '\0';
    if (end->timed_out) {
        snprintf(why, size, "Hotplug scripts not working.");
        return;
    }
    if (!r->coming) {
        if (end->status)
            snprintf(why, size, "script failed: %.300s", end->output);
        return;
    }
    device_back_path(r->dev, &back);
    status = store_read(xend.store, 0,
                        path_make(&p, "%s/hotplug-status", back.text), NULL);
    text = store_read(xend.store, 0,
                      path_make(&p, "%s/hotplug-error", back.text), NULL);
    if (!status && end->status)
        snprintf(why, size, "Hotplug script failed: %.300s", end->output);
    else if (!status)
        snprintf(why, size, "Hotplug scripts not working.");
    else if (strcmp(status, "connected") != 0)
        snprintf(why, size, "%s", text && *text ? text : status);
    free(status);
    free(text);
    why[strcspn(why, "\n")] = '\0';
}

static void ended(void *arg, const struct loop_child_end *end)
{
    struct run *r = arg;
    struct device *dev = r->dev;
    hotplug_done_fn *done = r->done;
    char why[ERR_SIZE];

    dev->script = 0;
    if (*end->output)
        log_debug("script of %s %u: %s", dev->kind->name, dev->devid,
                  end->output);
    if (xend.store)
        judge(r, end, why, sizeof(why));
    else
        snprintf(why, sizeof(why), "xenstored is not running");
    free(r);
    if (dev->stage == DEV_SCRIPT || dev->stage == DEV_REMOVING)
        done(dev, why);
}

/* "vif3.0", which the script may rename. */
static void vif_name(const struct device *dev, char *out, size_t size)
{
    snprintf(out, size, "vif=vif%d.%u", dev->dom->domid, dev->devid);
}

int hotplug_run(struct device *dev, const char *action, hotplug_done_fn *done)
{
    char bus_path[96], bus_type[32], vif[32], script[544];
    const char *path = dev->kind->script(dev);
    const char *argv[] = {path, action,
                          dev->kind == &vif_kind ? "type_if=vif" : NULL, NULL};
    const char *envp[] = {
        "PATH=/usr/lib/xen/bin:/usr/sbin:/usr/bin:/sbin:/bin",
        "XENBUS_BASE_PATH=backend",
        "LANG=C",
        bus_path,
        bus_type,
        script,
        dev->kind == &vif_kind ? vif : NULL,
        NULL,
    };
    struct loop_spawn how = {
        .argv = argv,
        .envp = envp,
        .deadline_ms = xend.set.create_timeout_s * 1000,
        .capture = 4096,
    };
    struct run *r;
    pid_t pid;

    if (dev->script > 0) { /* an "add" that was cut short */
        loop_child_forget(xend.loop, dev->script);
        dev->script = 0;
    }
    if (access(path, X_OK))
        return -errno;
    snprintf(bus_path, sizeof(bus_path), "XENBUS_PATH=backend/%s/%d/%u",
             dev->kind->name, dev->dom->domid, dev->devid);
    snprintf(bus_type, sizeof(bus_type), "XENBUS_TYPE=%s", dev->kind->name);
    snprintf(script, sizeof(script), "script=%s", path);
    vif_name(dev, vif, sizeof(vif));
    r = malloc(sizeof(*r));
    if (!r)
        return -ENOMEM;
    *r = (struct run){dev, done, dev->stage == DEV_SCRIPT};
    pid = loop_spawn(xend.loop, &how, ended, r);
    if (pid < 0) {
        free(r);
        return (int)pid;
    }
    dev->script = pid;
    return 0;
}
