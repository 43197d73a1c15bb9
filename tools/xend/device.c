/* SPDX-License-Identifier: GPL-2.0 */
/*
 * device.c - one virtual device from its description to "connected", and
 * from there to nothing. The kinds differ in a table row.
 *
 *   NEW -> WRITTEN -> SCRIPT -> CONNECTED -> CLOSING -> REMOVING -> GONE
 *             \          \-> FAILED --------/
 *
 * Keeps true: a device whose script was run with "add" gets its "remove"
 * before its keys leave the store; every stage but NEW, CONNECTED, FAILED
 * and GONE ends by itself: a deadline is set.
 * device_start() and device_close() never call the owner back; what comes
 * later from the loop does, in changed().
 */
#include <errno.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/log.h"
#include "xend.h"

enum xenbus_state {
    XB_UNKNOWN,
    XB_INITIALISING,
    XB_INIT_WAIT,
    XB_INITIALISED,
    XB_CONNECTED,
    XB_CLOSING,
    XB_CLOSED,
};

static const struct device_kind *const kinds[] = {&vbd_kind, &vif_kind};

const struct device_kind *device_kind_find(const char *class)
{
    if (strcmp(class, "tap") == 0 || strcmp(class, "tap2") == 0)
        class = "vbd";
    for (size_t i = 0; i < sizeof(kinds) / sizeof(kinds[0]); i++) {
        if (strcmp(kinds[i]->name, class) == 0)
            return kinds[i];
    }
    return NULL;
}

const char *device_back_path(const struct device *dev, store_path_t *p)
{
    return path_backend(p, 0, dev->kind->name, (uint32_t)dev->dom->domid,
                        dev->devid, NULL);
}

const char *device_front_path(const struct device *dev, store_path_t *p)
{
    return path_frontend(p, (uint32_t)dev->dom->domid, dev->kind->name,
                         dev->devid, NULL);
}

struct device *device_find(struct domain *d, const char *kind, unsigned devid)
{
    struct device *dev = d->devices;

    while (dev && (strcmp(dev->kind->name, kind) || dev->devid != devid))
        dev = dev->next;
    return dev;
}

static struct device *allocate(struct domain *d, const struct sxp *cfg,
                               char *err)
{
    const char *class = cfg->first ? cfg->first->atom : NULL;
    const struct device_kind *kind = class ? device_kind_find(class) : NULL;
    const char *backend = class ? sxp_get(cfg, "backend") : NULL;
    struct device *dev;

    if (!kind) {
        snprintf(err, ERR_SIZE, "there are no devices of class '%s'",
                 class ? class : "()");
        return NULL;
    }
    if (backend && *backend && strcmp(backend, "0") &&
        strcmp(backend, "Domain-0")) {
        snprintf(err, ERR_SIZE, "%s: only Domain-0 can be its back end", class);
        return NULL;
    }
    dev = calloc(1, sizeof(*dev));
    if (!dev)
        return NULL;
    dev->dom = d;
    dev->kind = kind;
    dev->cfg = sxp_copy(cfg);
    return dev;
}

static void release(struct device *dev)
{
    sxp_free(dev->cfg);
    free(dev->vbd_type);
    free(dev->vbd_params);
    free(dev->vbd_name);
    free(dev->bridge);
    free(dev->rate);
    free(dev);
}

struct device *device_new(struct domain *d, const struct sxp *cfg, char *err)
{
    struct device *dev = allocate(d, cfg, err);
    struct device **last = &d->devices;

    if (!dev)
        return NULL;
    if (dev->kind->parse(dev, err)) {
        release(dev);
        return NULL;
    }
    while (*last)
        last = &(*last)->next;
    *last = dev;
    return dev;
}

struct device *device_recall(struct domain *d, const struct sxp *cfg,
                             unsigned devid)
{
    char err[ERR_SIZE];
    struct device *dev = allocate(d, cfg, err);
    struct device **last = &d->devices;

    if (!dev)
        return NULL;
    /* It was judged when it was made; what is missing now still closes. */
    dev->kind->parse(dev, err);
    if (!dev->vbd_params)
        dev->vbd_params = strdup("");
    if (!dev->vbd_name)
        dev->vbd_name = strdup("");
    dev->devid = devid;
    dev->stage = DEV_CONNECTED;
    while (*last)
        last = &(*last)->next;
    *last = dev;
    return dev;
}

static void unwatch(struct device *dev)
{
    store_path_t back, p;
    char token[64];

    if (!dev->watched)
        return;
    dev->watched = false;
    snprintf(token, sizeof(token), "dev/%d/%s/%u", dev->dom->domid,
             dev->kind->name, dev->devid);
    if (xend.store)
        store_unwatch(xend.store,
                      path_make(&p, "%s/state", device_back_path(dev, &back)),
                      token);
}

void device_free(struct device *dev)
{
    struct device **at = &dev->dom->devices;

    while (*at != dev)
        at = &(*at)->next;
    *at = dev->next;
    loop_timer_cancel(&dev->timer);
    if (dev->script > 0)
        loop_child_forget(xend.loop, dev->script);
    unwatch(dev);
    if (dev->req)
        rpc_fault(dev->req, FAULT_GENERIC, "the domain is gone");
    release(dev);
}

void device_write(struct device *dev, store_tx_t tx)
{
    struct store *s = xend.store;
    uint32_t domid = (uint32_t)dev->dom->domid;
    struct store_perm front_perms[2] = {{domid, 'n'}, {0, 'r'}};
    struct store_perm back_perms[2] = {{0, 'n'}, {domid, 'r'}};
    store_path_t front, back, p;

    device_front_path(dev, &front);
    device_back_path(dev, &back);
    store_mkdir(s, tx, front.text);
    store_set_perms(s, tx, front.text, front_perms, 2);
    store_write_text(s, tx, path_make(&p, "%s/backend", front.text), back.text);
    store_write_text(s, tx, path_make(&p, "%s/backend-id", front.text), "0");
    store_write_text(s, tx, path_make(&p, "%s/state", front.text), "1");
    store_mkdir(s, tx, back.text);
    store_set_perms(s, tx, back.text, back_perms, 2);
    store_write_text(s, tx, path_make(&p, "%s/frontend", back.text),
                     front.text);
    store_printf(s, tx, path_make(&p, "%s/frontend-id", back.text), "%u",
                 domid);
    store_write_text(s, tx, path_make(&p, "%s/online", back.text), "1");
    store_write_text(s, tx, path_make(&p, "%s/state", back.text), "1");
    store_write_text(s, tx, path_make(&p, "%s/domain", back.text),
                     dev->dom->cfg->name);
    store_write_text(s, tx, path_make(&p, "%s/script", back.text),
                     dev->kind->script(dev));
    dev->kind->write(dev, tx, front.text, back.text);
}

/* Tell whoever waits: a client, the domain's creation or destruction. */
static void changed(struct device *dev)
{
    struct domain *d = dev->dom;
    struct rpc_request *req = dev->req;

    if (dev->stage == DEV_FAILED && dev->attach) {
        dev->detach = true; /* leave nothing behind, then say why */
        device_close(dev, true);
    }
    if (dev->stage == DEV_CONNECTED && dev->attach) {
        dev->attach = false;
        dev->req = NULL;
        keep_write(d, KEPT_LIVE);
        rpc_answer(req, rpc_int((int64_t)dev->devid));
    }
    if (dev->stage == DEV_GONE && dev->detach && d->stage == STAGE_LIVE) {
        bool failed = dev->attach;
        char why[ERR_SIZE];

        memcpy(why, dev->error, sizeof(why));
        dev->req = NULL;
        device_free(dev);
        if (!d->foreign)
            keep_write(d, KEPT_LIVE);
        if (req && failed)
            rpc_fault(req, FAULT_GENERIC, "%s", why);
        else if (req)
            rpc_answer(req, rpc_int(0));
        return;
    }
    create_devices_changed(d);
    destroy_devices_changed(d);
}

static void fail(struct device *dev, const char *fmt, ...)
    __attribute__((format(printf, 2, 3)));

static void fail(struct device *dev, const char *fmt, ...)
{
    va_list ap;

    va_start(ap, fmt);
    vsnprintf(dev->error, sizeof(dev->error), fmt, ap);
    va_end(ap);
    dev->stage = DEV_FAILED;
    loop_timer_cancel(&dev->timer);
    log_error("%s (id %d): %s", dev->dom->cfg->name, dev->dom->domid,
              dev->error);
}

/* ---- coming ------------------------------------------------------------ */

static void script_connected(struct device *dev, const char *why)
{
    if (*why) {
        fail(dev, "Device %u (%s) could not be connected. %s", dev->devid,
             dev->kind->name, why);
    } else {
        dev->stage = DEV_CONNECTED;
        loop_timer_cancel(&dev->timer);
        unwatch(dev); /* a guest may open and close it for ever */
        log_debug("%s (id %d): %s %u is connected", dev->dom->cfg->name,
                  dev->dom->domid, dev->kind->name, dev->devid);
    }
    changed(dev);
}

static void run_on_script(struct device *dev)
{
    int rc;

    dev->stage = DEV_SCRIPT;
    rc = hotplug_run(dev, dev->kind->on, script_connected);
    if (rc)
        fail(dev,
             "Device %u (%s) could not be connected. Hotplug script %s:"
             " %s",
             dev->devid, dev->kind->name, dev->kind->script(dev),
             strerror(-rc));
}

static void connect_overdue(void *arg)
{
    struct device *dev = arg;

    if (dev->stage == DEV_WRITTEN)
        fail(dev,
             "Device %u (%s) could not be connected. Backend device "
             "not found.",
             dev->devid, dev->kind->name);
    else
        fail(dev,
             "Device %u (%s) could not be connected. Hotplug scripts "
             "not working.",
             dev->devid, dev->kind->name);
    changed(dev);
}

static int watch(struct device *dev)
{
    store_path_t back, p;
    char token[64];
    int rc;

    if (dev->watched || !xend.store)
        return xend.store ? 0 : -ENOTCONN;
    snprintf(token, sizeof(token), "dev/%d/%s/%u", dev->dom->domid,
             dev->kind->name, dev->devid);
    rc = store_watch(xend.store,
                     path_make(&p, "%s/state", device_back_path(dev, &back)),
                     token);
    dev->watched = rc == 0 || rc == -EEXIST;
    return dev->watched ? 0 : rc;
}

void device_start(struct device *dev)
{
    int rc;

    dev->stage = DEV_WRITTEN;
    loop_timer_init(&dev->timer, xend.loop, connect_overdue, dev);
    loop_timer_set(&dev->timer, xend.set.create_timeout_s * 1000ull);
    if (!dev->kind->wait_backend) {
        run_on_script(dev);
        return;
    }
    rc = watch(dev);
    if (rc)
        fail(dev, "Device %u (%s): cannot watch the store: %s", dev->devid,
             dev->kind->name, strerror(-rc));
}

/* ---- going ------------------------------------------------------------- */

static void remove_keys(struct device *dev)
{
    store_path_t p;

    dev->stage = DEV_GONE;
    loop_timer_cancel(&dev->timer);
    unwatch(dev);
    if (!xend.store)
        return;
    store_rm(xend.store, 0, device_back_path(dev, &p));
    if (dev->detach)
        store_rm(xend.store, 0, device_front_path(dev, &p));
}

static void script_removed(struct device *dev, const char *why)
{
    if (*why)
        log_warn("%s (id %d): %s %u: %s", dev->dom->cfg->name, dev->dom->domid,
                 dev->kind->name, dev->devid, why);
    remove_keys(dev);
    changed(dev);
}

/* The back end has let go: let the script undo what it did. */
static void backend_closed(struct device *dev)
{
    int rc;

    dev->stage = DEV_REMOVING;
    rc = hotplug_run(dev, dev->kind->off, script_removed);
    if (!rc)
        return;
    log_warn("%s (id %d): %s %u: hotplug script: %s", dev->dom->cfg->name,
             dev->dom->domid, dev->kind->name, dev->devid, strerror(-rc));
    remove_keys(dev);
}

static void close_overdue(void *arg)
{
    struct device *dev = arg;

    if (dev->stage == DEV_CLOSING && dev->detach &&
        dev->dom->stage == STAGE_LIVE && dev->req) {
        /* A guest that does not let go keeps its device. */
        dev->stage = DEV_CONNECTED;
        dev->detach = false;
        if (!dev->dom->foreign)
            keep_write(dev->dom, KEPT_LIVE);
        rpc_fault(dev->req, FAULT_GENERIC,
                  "Device %u (%s): the guest does "
                  "not release it; use -f to remove it anyway",
                  dev->devid, dev->kind->name);
        dev->req = NULL;
        return;
    }
    log_warn("%s (id %d): %s %u did not close in time", dev->dom->cfg->name,
             dev->dom->domid, dev->kind->name, dev->devid);
    if (dev->stage == DEV_CLOSING)
        backend_closed(dev);
    else
        remove_keys(dev);
    changed(dev);
}

static enum xenbus_state backend_state(const struct device *dev)
{
    store_path_t back, p;
    long long v = 0;

    path_make(&p, "%s/state", device_back_path(dev, &back));
    if (store_read_int(xend.store, 0, p.text, &v) != 1)
        return XB_UNKNOWN;
    return (enum xenbus_state)v;
}

/* Does Dom0's kernel have this back end at all? */
static bool kernel_has(const struct device *dev)
{
    char path[96];

    snprintf(path, sizeof(path), "/sys/bus/xen-backend/devices/%s-%d-%u",
             dev->kind->name, dev->dom->domid, dev->devid);
    return access(path, F_OK) == 0;
}

struct close_request {
    struct device *dev;
    bool force;
    bool closed; /* it was already, or nobody is there to close it */
};

/*
 * A back end that is closed already (the guest closed its half before it
 * went down) must not be set to 5: it would never say 6 again.
 */
static int write_close(struct store *s, store_tx_t tx, void *arg)
{
    struct close_request *c = arg;
    store_path_t back, front, p;
    long long state = 0;

    device_back_path(c->dev, &back);
    store_read_int(s, tx, path_make(&p, "%s/state", back.text), &state);
    c->closed = state == XB_CLOSED || state == XB_UNKNOWN;
    if (state == XB_UNKNOWN)
        return 0;
    store_batch_begin(s);
    store_write_text(s, tx, path_make(&p, "%s/online", back.text), "0");
    if (!c->closed)
        store_write_text(s, tx, path_make(&p, "%s/state", back.text), "5");
    /*
     * A guest that is gone or deaf: without its half the back end leaves.
     * The store may have dropped a dead guest's nodes already, and silently:
     * the write makes sure that there is something to see.
     */
    if (c->force) {
        device_front_path(c->dev, &front);
        store_write_text(s, tx, path_make(&p, "%s/state", front.text), "6");
    }
    return store_batch_end(s);
}

/* Tell the back end; if that works, it says when it has let go. */
static void ask_to_close(struct device *dev)
{
    struct close_request c = {.dev = dev, .force = dev->force};
    store_path_t front;

    watch(dev);
    if (store_transact(xend.store, write_close, &c))
        return; /* device_store_back() does it again */
    if (dev->force)
        store_rm(xend.store, 0, device_front_path(dev, &front));
    if (c.closed || !kernel_has(dev))
        backend_closed(dev);
}

void device_close(struct device *dev, bool force)
{
    if (dev->stage >= DEV_CLOSING)
        return;
    if (dev->stage == DEV_NEW) {
        dev->stage = DEV_GONE;
        return;
    }
    if (dev->script > 0)
        loop_child_kill(xend.loop, dev->script);
    dev->stage = DEV_CLOSING;
    dev->force = force;
    loop_timer_init(&dev->timer, xend.loop, close_overdue, dev);
    loop_timer_set(&dev->timer, xend.set.destroy_timeout_s * 1000ull);
    if (xend.store)
        ask_to_close(dev);
}

void device_store_back(struct device *dev)
{
    if (dev->stage == DEV_WRITTEN) {
        watch(dev);
    } else if (dev->stage == DEV_CLOSING) {
        ask_to_close(dev);
        if (dev->stage == DEV_GONE && dev->dom->stage == STAGE_LIVE)
            changed(dev);
    }
}

/* ---- events ------------------------------------------------------------ */

static struct device *device_by_token(const char *token)
{
    char kind[16];
    unsigned devid;
    int domid;
    struct domain *d;

    if (sscanf(token, "dev/%d/%15[^/]/%u", &domid, kind, &devid) != 3)
        return NULL;
    d = domain_by_id(domid);
    return d ? device_find(d, kind, devid) : NULL;
}

void device_store_event(const char *token)
{
    struct device *dev = device_by_token(token);
    enum xenbus_state state;

    if (!dev)
        return;
    state = backend_state(dev);
    if (dev->stage == DEV_WRITTEN && dev->kind->wait_backend &&
        state >= XB_INIT_WAIT && state < XB_CLOSING) {
        run_on_script(dev);
        if (dev->stage == DEV_FAILED)
            changed(dev);
    } else if (dev->stage == DEV_CLOSING &&
               (state == XB_CLOSED || state == XB_UNKNOWN)) {
        backend_closed(dev);
        if (dev->stage == DEV_GONE)
            changed(dev);
    }
}

bool devices_connected(const struct domain *d)
{
    for (const struct device *dev = d->devices; dev; dev = dev->next) {
        if (dev->stage != DEV_CONNECTED)
            return false;
    }
    return true;
}

bool devices_gone(const struct domain *d)
{
    for (const struct device *dev = d->devices; dev; dev = dev->next) {
        if (dev->stage != DEV_GONE)
            return false;
    }
    return true;
}

const char *devices_error(const struct domain *d)
{
    for (const struct device *dev = d->devices; dev; dev = dev->next) {
        if (dev->stage == DEV_FAILED)
            return dev->error;
    }
    return NULL;
}

/* ---- attach and detach while the domain lives -------------------------- */

static int write_one(struct store *s, store_tx_t tx, void *arg)
{
    store_batch_begin(s);
    device_write(arg, tx);
    return store_batch_end(s);
}

void device_attach(struct domain *d, const struct sxp *cfg,
                   struct rpc_request *req)
{
    char err[ERR_SIZE];
    struct device *dev = device_new(d, cfg, err);
    int rc;

    if (!dev) {
        rpc_fault(req, FAULT_GENERIC, "%s", err);
        return;
    }
    rc = store_transact(xend.store, write_one, dev);
    if (rc) {
        device_free(dev);
        rpc_fault(req, FAULT_GENERIC, "cannot write to the store: %s",
                  strerror(-rc));
        return;
    }
    dev->attach = true;
    dev->req = req;
    keep_write(d, KEPT_LIVE);
    device_start(dev);
    if (dev->stage == DEV_FAILED)
        changed(dev);
}

void device_detach(struct device *dev, bool force, struct rpc_request *req)
{
    if (dev->req || dev->stage >= DEV_CLOSING) {
        rpc_fault(req, FAULT_GENERIC, "Device %u (%s) is busy", dev->devid,
                  dev->kind->name);
        return;
    }
    dev->detach = true;
    dev->req = req;
    if (!dev->dom->foreign)
        keep_write(dev->dom, KEPT_LIVE); /* without this one */
    device_close(dev, force);
    if (dev->stage == DEV_GONE)
        changed(dev);
}

/* ---- what block-list and network-list show ----------------------------- */

void device_plain(char *text)
{
    size_t i;

    for (i = 0; text[i] && i < 40; i++)
        if (text[i] <= ' ' || text[i] >= 127)
            text[i] = '?';
    text[i] = '\0';
}

static void describe_key(const struct device *dev, struct sxp *s,
                         const char *dir, const char *key)
{
    store_path_t p;
    char *text =
        store_read(xend.store, 0, path_make(&p, "%s/%s", dir, key), NULL);

    (void)dev;
    if (text)
        device_plain(text);
    if (text)
        sxp_add_pair(s, strrchr(key, '/') ? strrchr(key, '/') + 1 : key, text);
    free(text);
}

struct sxp *device_describe(const struct device *dev)
{
    static const char *const front_keys[] = {
        "backend-id",
        "state",
        "ring-ref",
        "event-channel",
        "tx-ring-ref",
        "rx-ring-ref",
        "queue-0/ring-ref",
        "queue-0/event-channel",
        "queue-0/tx-ring-ref",
        "queue-0/rx-ring-ref",
        "queue-0/event-channel-tx",
        "mac",
        "handle",
        "virtual-device",
    };
    struct sxp *s = sxp_list(NULL);
    store_path_t front, back;

    device_front_path(dev, &front);
    device_back_path(dev, &back);
    for (size_t i = 0;
         xend.store && i < sizeof(front_keys) / sizeof(front_keys[0]); i++)
        describe_key(dev, s, front.text, front_keys[i]);
    if (!sxp_get(s, "event-channel") && sxp_get(s, "event-channel-tx"))
        sxp_add_pair(s, "event-channel", sxp_get(s, "event-channel-tx"));
    sxp_add_pair(s, "be-path", back.text);
    for (const struct sxp *c = dev->cfg->first->next; c; c = c->next)
        sxp_add(s, sxp_copy(c));
    return s;
}
