/* SPDX-License-Identifier: GPL-2.0 */
/*
 * vbd.c - virtual disks: names and numbers, what serves them, who shares.
 * Keeps true: no block device and no file is given to two running domains
 * if one of them may write to it, unless both said w!. What a disk is, is
 * looked up once, when it is given: to look at others' paths later could wait
 * for a file server that only they need.
 */
#include <ctype.h>
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

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

/* Behind "file:", or a "tap:" form that means plain bytes; else NULL. */
static const char *plain_file(const char *uname)
{
    static const char *const kinds[] = {"aio:", "raw:", "sync:"};

    if (strncmp(uname, "file:", 5) == 0)
        return uname + 5;
    if (strncmp(uname, "tap:", 4) != 0 && strncmp(uname, "tap2:", 5) != 0)
        return NULL;
    uname = strchr(uname, ':') + 1;
    if (strncmp(uname, "tapdisk:", 8) == 0)
        uname += 8;
    for (size_t i = 0; i < sizeof(kinds) / sizeof(kinds[0]); i++) {
        if (strncmp(uname, kinds[i], strlen(kinds[i])) == 0)
            return uname + strlen(kinds[i]);
    }
    return NULL;
}

static bool is_block_device(const char *path)
{
    struct stat st;

    return stat(path, &st) == 0 && S_ISBLK(st.st_mode);
}

/* "drbd:x" is for the administrator's own script, block-drbd. */
static bool own_type(const char *uname, char *type, size_t size)
{
    size_t len = strspn(uname, "abcdefghijklmnopqrstuvwxyz0123456789-_");
    char path[512];

    if (!len || len >= size || uname[len] != ':' ||
        strncmp(uname, "tap", 3) == 0)
        return false;
    memcpy(type, uname, len);
    type[len] = '\0';
    snprintf(path, sizeof(path), "%s/block-%s", xend.set.scripts, type);
    return access(path, X_OK) == 0;
}

/* "tap:aio:/f", "file:/f", "phy:x" to type and params. */
static int split_uname(struct device *dev, const char *uname, char *err)
{
    const char *file = *uname ? plain_file(uname) : "";
    char type[32];

    if (file) { /* a drive without a medium is an empty one */
        dev->vbd_type = strdup(is_block_device(file) ? "phy" : "file");
        dev->vbd_params = strdup(file);
    } else if (strncmp(uname, "phy:", 4) == 0) {
        dev->vbd_type = strdup("phy");
        if (asprintf(&dev->vbd_params, "%s%s", uname[4] == '/' ? "" : "/dev/",
                     uname + 4) < 0)
            dev->vbd_params = NULL;
    } else if (own_type(uname, type, sizeof(type))) {
        dev->vbd_type = strdup(type);
        dev->vbd_params = strdup(uname + strlen(type) + 1);
    } else {
        snprintf(err, ERR_SIZE,
                 "disk %s: only phy:, file:, tap:aio: and tap:raw: can be "
                 "served, and what has a block-TYPE in %s, not '%s'",
                 dev->vbd_name, xend.set.scripts, uname);
        return -1;
    }
    return dev->vbd_type && dev->vbd_params ? 0 : -1;
}

/* Does its own script, block-TYPE, know what params means? */
static bool has_own_script(const struct device *dev)
{
    return dev->vbd_type && strcmp(dev->vbd_type, "phy") != 0 &&
           strcmp(dev->vbd_type, "file") != 0;
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

static struct disk_id id_of(const struct stat *st)
{
    if (S_ISBLK(st->st_mode))
        return (struct disk_id){true, true, st->st_rdev, 0};
    return (struct disk_id){true, false, st->st_dev, st->st_ino};
}

static int check_exists(struct device *dev, char *err)
{
    struct stat st;
    bool phy = strcmp(dev->vbd_type, "phy") == 0;

    if (!*dev->vbd_params || has_own_script(dev))
        return 0;
    if (stat(dev->vbd_params, &st)) {
        snprintf(err, ERR_SIZE, "disk %s: %s: %s", dev->vbd_name,
                 dev->vbd_params, strerror(errno));
        return -1;
    }
    dev->vbd_id = id_of(&st);
    if (phy ? S_ISBLK(st.st_mode) : S_ISREG(st.st_mode))
        return 0;
    snprintf(err, ERR_SIZE, "disk %s: %s is not a %s", dev->vbd_name,
             dev->vbd_params, phy ? "block device" : "file");
    return -1;
}

/* The same file, or nodes of the same block device; or the same words for
 * the same script of the administrator's own. */
static bool same_disk(const struct device *a, const struct device *b)
{
    const struct disk_id *x = &a->vbd_id, *y = &b->vbd_id;

    if (has_own_script(a))
        return has_own_script(b) && strcmp(a->vbd_type, b->vbd_type) == 0 &&
               strcmp(a->vbd_params, b->vbd_params) == 0;
    return x->known && y->known && x->block == y->block && x->dev == y->dev &&
           x->ino == y->ino;
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

    if (own && *own == '/')
        snprintf(text, sizeof(text), "%s", own);
    else if (own && *own)
        snprintf(text, sizeof(text), "%s/%s", xend.set.scripts, own);
    else
        snprintf(text, sizeof(text), "%s/block%s%s", xend.set.scripts,
                 has_own_script(dev) ? "-" : "",
                 has_own_script(dev) ? dev->vbd_type : "");
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
