/* SPDX-License-Identifier: GPL-2.0 */
/*
 * guest_store.c - what a new guest finds in the store.
 * Keeps true: it all appears at once, in one transaction; a guest can write
 * only what it is meant to, and read nothing of other guests.
 */
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/log.h"
#include "build/build.h"
#include "xend.h"

struct tree {
    struct domain *d;
    const struct build_result *r;
    store_tx_t tx;
    char dom[64], vm[64]; /* /local/domain/N and /vm/UUID */
};

static void put(const struct tree *t, const char *dir, const char *key,
                const char *text)
{
    store_path_t p;

    store_write_text(xend.store, t->tx, path_make(&p, "%s/%s", dir, key), text);
}

static void put_number(const struct tree *t, const char *dir, const char *key,
                       unsigned long long v)
{
    char text[32];

    snprintf(text, sizeof(text), "%llu", v);
    put(t, dir, key, text);
}

static void make_readable(const struct tree *t, const char *path)
{
    struct store_perm perms[2] = {{0, 'n'}, {(uint32_t)t->d->domid, 'r'}};

    store_mkdir(xend.store, t->tx, path);
    store_set_perms(xend.store, t->tx, path, perms, 2);
}

/* The guest's own: it may write here and make nodes below. */
static void make_writable(const struct tree *t, const char *key,
                          const char *text)
{
    struct store_perm perm = {(uint32_t)t->d->domid, 'n'};
    store_path_t p;

    path_make(&p, "%s/%s", t->dom, key);
    store_write_text(xend.store, t->tx, p.text, text);
    store_set_perms(xend.store, t->tx, p.text, &perm, 1);
}

static void put_vcpus(const struct tree *t)
{
    char key[48];

    for (unsigned i = 0; i < t->d->cfg->vcpus; i++) {
        snprintf(key, sizeof(key), "cpu/%u/availability", i);
        put(t, t->dom, key,
            t->d->cfg->vcpu_avail >> i & 1 ? "online" : "offline");
    }
}

static void put_control(const struct tree *t)
{
    static const char *const own[] = {
        "control/shutdown",
        "control/sysrq",
        "control/feature-poweroff",
        "control/feature-reboot",
        "control/feature-suspend",
        "control/feature-halt",
        "device/suspend/event-channel",
        "data",
        "drivers",
        "feature",
        "attr",
        "error",
    };

    for (size_t i = 0; i < sizeof(own) / sizeof(own[0]); i++)
        make_writable(t, own[i], "");
    put(t, t->dom, "control/platform-feature-multiprocessor-suspend", "1");
    put(t, t->dom, "control/platform-feature-xs_reset_watches", "1");
}

static void put_rings(const struct tree *t)
{
    const struct build_result *r = t->r;

    put_number(t, t->dom, "store/ring-ref", r->store_mfn);
    put_number(t, t->dom, "store/port", r->store_port);
    put(t, t->dom, "console/backend-id", "0");
    put_number(t, t->dom, "console/ring-ref", r->console_mfn);
    put_number(t, t->dom, "console/port", r->console_port);
    put_number(t, t->dom, "console/limit",
               xend.set.console_limit_kib * 1024ull);
    put(t, t->dom, "console/type", "xenconsoled");
    put(t, t->dom, "console/output", "pty");
    put(t, t->dom, "console/tty", "");
}

static void put_vm(const struct tree *t)
{
    const struct vmcfg *c = t->d->cfg;
    char uuid[37];

    uuid_print(uuid, c->uuid);
    put(t, t->vm, "uuid", uuid);
    put(t, t->vm, "name", c->name);
    put(t, t->vm, "image/ostype", "linux");
    put(t, t->vm, "image/kernel", c->kernel ? c->kernel : "");
    put(t, t->vm, "image/ramdisk", c->ramdisk ? c->ramdisk : "");
    put(t, t->vm, "image/cmdline", c->cmdline ? c->cmdline : "");
    put(t, t->vm, "image/guest-os", t->r->guest_os);
    put_number(t, t->vm, "start_time", (unsigned long long)t->d->start_time);
    put_number(t, t->vm, "memory", c->memory_mib);
    put_number(t, t->vm, "maxmem", c->maxmem_mib);
    put_number(t, t->vm, "vcpus", c->vcpus);
    put(t, t->vm, "on_poweroff", action_name(c->on_poweroff));
    put(t, t->vm, "on_reboot", action_name(c->on_reboot));
    put(t, t->vm, "on_crash", action_name(c->on_crash));
    put_number(t, t->vm, "xend/restart_count", t->d->restarts);
}

static void put_domain(const struct tree *t)
{
    const struct vmcfg *c = t->d->cfg;

    put(t, t->dom, "vm", t->vm);
    put(t, t->dom, "name", c->name);
    put_number(t, t->dom, "domid", (unsigned)t->d->domid);
    put_number(t, t->dom, "memory/static-max", c->maxmem_mib * 1024);
    put_number(t, t->dom, "memory/target", c->memory_mib * 1024);
    put(t, t->dom, "memory/videoram", "0");
    put_vcpus(t);
    put(t, t->dom, "device", "");
    put_control(t);
    put_rings(t);
}

static int write_tree(struct store *s, store_tx_t tx, void *arg)
{
    struct tree *t = arg;
    store_path_t p;

    t->tx = tx;
    store_batch_begin(s);
    for (struct device *dev = t->d->devices; dev; dev = dev->next)
        store_rm(s, tx, device_back_path(dev, &p));
    store_batch_end(s); /* leftovers; most often there were none */
    store_batch_begin(s);
    make_readable(t, t->dom);
    make_readable(t, t->vm);
    put_vm(t);
    put_domain(t);
    for (struct device *dev = t->d->devices; dev; dev = dev->next)
        device_write(dev, tx);
    return store_batch_end(s);
}

int guest_store_write(struct domain *d, const struct build_result *r)
{
    struct tree t = {.d = d, .r = r};
    char uuid[37];

    uuid_print(uuid, d->cfg->uuid);
    snprintf(t.dom, sizeof(t.dom), "/local/domain/%d", d->domid);
    snprintf(t.vm, sizeof(t.vm), "/vm/%s", uuid);
    store_rm(xend.store, 0, t.dom);
    return store_transact(xend.store, write_tree, &t);
}

bool guest_store_remove(struct domain *d)
{
    store_path_t p;

    if (!xend.store)
        return false;
    store_batch_begin(xend.store);
    if (d->domid > 0) {
        store_rm(xend.store, 0, path_domain(&p, (uint32_t)d->domid, NULL));
        store_rm(xend.store, 0,
                 path_make(&p, "/local/domain/0/backend/vbd/%d", d->domid));
        store_rm(xend.store, 0,
                 path_make(&p, "/local/domain/0/backend/vif/%d", d->domid));
    }
    store_rm(xend.store, 0, path_vm(&p, d->cfg->uuid, NULL));
    store_batch_end(xend.store);
    return store_alive(xend.store);
}

void guest_store_move_vm(struct domain *d, const uint8_t old_uuid[16])
{
    store_path_t p, vm;
    char uuid[37];

    if (!xend.store)
        return;
    uuid_print(uuid, d->cfg->uuid);
    store_rm(xend.store, 0, path_vm(&p, old_uuid, NULL));
    path_vm(&vm, d->cfg->uuid, NULL);
    store_write_text(xend.store, 0, path_make(&p, "%s/uuid", vm.text), uuid);
    store_write_text(xend.store, 0, path_domain(&p, (uint32_t)d->domid, "vm"),
                     vm.text);
}
