/* SPDX-License-Identifier: GPL-2.0 */
/*
 * vbd.c - virtual disks: names and numbers, what serves them, who shares.
 * Keeps true: no block device and no file is given to two running domains
 * if one of them may write to it, unless both said w!.
 */
#include <ctype.h>
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#include "xend.h"

/*
 * Numbers of disk names as Linux front ends understand them: for xvd beyond
 * the sixteenth disk or the fifteenth partition, the extended form.
 */
static long number_of(const char *name, const char *prefix, long max_disk,
                      long *disk, long *part)
{
    const char *p = name + strlen(prefix);
    long d = 0;

    if (strncmp(name, prefix, strlen(prefix)) != 0 || !islower(*p))
        return -1;
    for (; islower((unsigned char)*p); p++) {
        d = d * 26 + (*p - 'a' + 1);
        if (d > max_disk)
            return -1;
    }
    *disk = d - 1;
    *part = 0;
    if (!*p)
        return 0;
    if (!isdigit((unsigned char)*p) || *p == '0' || strlen(p) > 3)
        return -1;
    *part = strtol(p, (char **)&p, 10);
    return *p || *part > 255 ? -1 : 0;
}

long vbd_number(const char *name)
{
    long disk, part;
    char *end;

    if (strncmp(name, "/dev/", 5) == 0)
        name += 5;
    if (isdigit((unsigned char)*name)) {
        long n = strtol(name, &end, 0);

        return *end || n < 0 || n > 0x1fffffff ? -1 : n;
    }
    if (number_of(name, "xvd", 1 << 20, &disk, &part) == 0) {
        if (disk < 16 && part < 16)
            return 202 << 8 | disk << 4 | part;
        return 1l << 28 | disk << 8 | part;
    }
    if (number_of(name, "sd", 16, &disk, &part) == 0)
        return part < 16 ? 8 << 8 | disk << 4 | part : -1;
    if (number_of(name, "hd", 4, &disk, &part) == 0 && part < 64)
        return (disk < 2 ? 3 : 22) << 8 | (disk & 1) << 6 | part;
    return -1;
}

/* "tap:aio:/f", "file:/f", "phy:x" to type and params. */
static int split_uname(struct device *dev, const char *uname, char *err)
{
    static const struct {
        const char *prefix, *type;
    } forms[] = {
        {"phy:", "phy"},
        {"file:", "file"},
        {"tap:aio:", "file"},
        {"tap:raw:", "file"},
        {"tap:tapdisk:aio:", "file"},
        {"tap2:aio:", "file"},
        {"tap:sync:", "file"},
    };

    if (!*uname) { /* a drive without a medium */
        dev->vbd_type = strdup("file");
        dev->vbd_params = strdup("");
        return 0;
    }
    for (size_t i = 0; i < sizeof(forms) / sizeof(forms[0]); i++) {
        size_t len = strlen(forms[i].prefix);

        if (strncmp(uname, forms[i].prefix, len) != 0)
            continue;
        dev->vbd_type = strdup(forms[i].type);
        if (strcmp(forms[i].type, "phy") == 0 && uname[len] != '/') {
            if (asprintf(&dev->vbd_params, "/dev/%s", uname + len) < 0)
                dev->vbd_params = NULL;
        } else {
            dev->vbd_params = strdup(uname + len);
        }
        return dev->vbd_params ? 0 : -1;
    }
    snprintf(err, ERR_SIZE,
             "disk %s: only phy:, file:, tap:aio: and "
             "tap:raw: can be served, not '%s'",
             dev->vbd_name, uname);
    return -1;
}

/* xvda:cdrom, ioemu:hda, xvda:disk */
static void split_front(struct device *dev, const char *front)
{
    char *colon;

    if (strncmp(front, "ioemu:", 6) == 0)
        front += 6;
    dev->vbd_name = strdup(front);
    colon = strchr(dev->vbd_name, ':');
    if (!colon)
        return;
    dev->vbd_cdrom = strcmp(colon, ":cdrom") == 0;
    *colon = '\0';
}

static int judge_mode(struct device *dev, const char *mode, char *err)
{
    if (!mode || !*mode || !strcmp(mode, "r") || !strcmp(mode, "ro")) {
        strcpy(dev->vbd_mode, "r");
    } else if (!strcmp(mode, "w") || !strcmp(mode, "rw")) {
        strcpy(dev->vbd_mode, "w");
    } else if (!strcmp(mode, "w!") || !strcmp(mode, "!")) {
        strcpy(dev->vbd_mode, "w");
        dev->vbd_shared = true;
    } else {
        snprintf(err, ERR_SIZE, "disk %s: mode '%s' is none of r, w, w!",
                 dev->vbd_name, mode);
        return -1;
    }
    if (dev->vbd_cdrom)
        strcpy(dev->vbd_mode, "r");
    return 0;
}

static int check_exists(const struct device *dev, char *err)
{
    struct stat st;
    bool phy = strcmp(dev->vbd_type, "phy") == 0;

    if (!*dev->vbd_params)
        return 0;
    if (stat(dev->vbd_params, &st)) {
        snprintf(err, ERR_SIZE, "disk %s: %s: %s", dev->vbd_name,
                 dev->vbd_params, strerror(errno));
        return -1;
    }
    if (phy ? S_ISBLK(st.st_mode) : S_ISREG(st.st_mode))
        return 0;
    snprintf(err, ERR_SIZE, "disk %s: %s is not a %s", dev->vbd_name,
             dev->vbd_params, phy ? "block device" : "file");
    return -1;
}

/* The same file, or nodes of the same block device. */
static bool same_disk(const struct device *a, const struct device *b)
{
    struct stat x, y;

    if (!*a->vbd_params || !*b->vbd_params || stat(a->vbd_params, &x) ||
        stat(b->vbd_params, &y))
        return false;
    if (S_ISBLK(x.st_mode) && S_ISBLK(y.st_mode))
        return x.st_rdev == y.st_rdev;
    return x.st_dev == y.st_dev && x.st_ino == y.st_ino;
}

static int conflict(const struct device *dev, const struct device *other,
                    char *err)
{
    bool writes = dev->vbd_mode[0] == 'w' || other->vbd_mode[0] == 'w';

    if (other == dev || other->kind != &vbd_kind || !writes ||
        (dev->vbd_shared && (other->vbd_shared || other->vbd_mode[0] == 'r')) ||
        (other->vbd_shared && dev->vbd_mode[0] == 'r') ||
        other->stage == DEV_GONE ||
        (other->stage >= DEV_CLOSING && other->dom->end_handled) ||
        !same_disk(dev, other))
        return 0;
    snprintf(err, ERR_SIZE,
             "disk %s: %s is in use by domain '%s' (%s, "
             "mode %s)",
             dev->vbd_name, dev->vbd_params, other->dom->cfg->name,
             other->vbd_name, other->vbd_mode);
    return -1;
}

int vbd_check_sharing(const struct device *dev, char *err)
{
    for (const struct domain *d = xend.domains; d; d = d->next) {
        for (const struct device *o = d->devices; o; o = o->next) {
            if (conflict(dev, o, err))
                return -1;
        }
    }
    return 0;
}

static int parse(struct device *dev, char *err)
{
    const char *uname = sxp_get(dev->cfg, "uname");
    const char *front = sxp_get(dev->cfg, "dev");
    long number;

    if (!front || !*front) {
        snprintf(err, ERR_SIZE, "disk: no device name for the guest");
        return -1;
    }
    split_front(dev, front);
    number = vbd_number(dev->vbd_name);
    if (number < 0) {
        snprintf(err, ERR_SIZE,
                 "disk %s: not a device name (xvda, sda1, "
                 "hda)",
                 dev->vbd_name);
        return -1;
    }
    dev->devid = (unsigned)number;
    if (device_find(dev->dom, "vbd", dev->devid)) {
        snprintf(err, ERR_SIZE, "disk %s: the domain has it already",
                 dev->vbd_name);
        return -1;
    }
    if (split_uname(dev, uname ? uname : "", err) ||
        judge_mode(dev, sxp_get(dev->cfg, "mode"), err) ||
        check_exists(dev, err))
        return -1;
    return vbd_check_sharing(dev, err);
}

static void write_keys(struct device *dev, store_tx_t tx, const char *front,
                       const char *back)
{
    struct store *s = xend.store;
    const char *type = dev->vbd_cdrom ? "cdrom" : "disk";
    const char *protocol = sxp_get(dev->cfg, "protocol");
    store_path_t p;

    store_printf(s, tx, path_make(&p, "%s/virtual-device", front), "%u",
                 dev->devid);
    store_write_text(s, tx, path_make(&p, "%s/device-type", front), type);
    if (protocol && *protocol)
        store_write_text(s, tx, path_make(&p, "%s/protocol", front), protocol);
    store_write_text(s, tx, path_make(&p, "%s/removable", back),
                     dev->vbd_cdrom ? "1" : "0");
    store_write_text(s, tx, path_make(&p, "%s/bootable", back), "1");
    store_write_text(s, tx, path_make(&p, "%s/dev", back), dev->vbd_name);
    store_write_text(s, tx, path_make(&p, "%s/type", back), dev->vbd_type);
    store_write_text(s, tx, path_make(&p, "%s/mode", back),
                     dev->vbd_shared ? "w!" : dev->vbd_mode);
    store_write_text(s, tx, path_make(&p, "%s/device-type", back), type);
    store_write_text(s, tx, path_make(&p, "%s/params", back), dev->vbd_params);
    store_write_text(s, tx, path_make(&p, "%s/discard-enable", back), "1");
}

static const char *script(const struct device *dev)
{
    static char text[512];
    const char *own = sxp_get(dev->cfg, "script");

    if (!own || !*own)
        own = "block";
    snprintf(text, sizeof(text), "%s%s", *own == '/' ? "" : "/etc/xen/scripts/",
             own);
    return text;
}

const struct device_kind vbd_kind = {
    .name = "vbd",
    .on = "add",
    .off = "remove",
    .wait_backend = false, /* the driver waits for us: physical-device */
    .parse = parse,
    .write = write_keys,
    .script = script,
};
