/* SPDX-License-Identifier: GPL-2.0 */
/*
 * vif.c - virtual network interfaces: address, bridge, rate.
 * Keeps true: each has an address of its own; one that was made up is
 * written into the description, so a restart keeps it.
 */
#include <ctype.h>
#include <errno.h>
#include <net/if.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/random.h>
#include <unistd.h>

#include "xend.h"

bool vif_mac_valid(const char *text)
{
    unsigned char m[6];

    for (int i = 0; i < 6; i++) {
        char *end;

        if (!isxdigit((unsigned char)text[0]) ||
            !isxdigit((unsigned char)text[1]))
            return false;
        m[i] = (unsigned char)strtoul(text, &end, 16);
        if (end != text + 2 || *end != (i < 5 ? ':' : '\0'))
            return false;
        text = end + 1;
    }
    if (m[0] & 1) /* a group's address is nobody's */
        return false;
    return m[0] | m[1] | m[2] | m[3] | m[4] | m[5];
}

/* "10Mb/s", "250KB/s@20ms" to "bytes,usec" for that interval. */
char *vif_rate(const char *text)
{
    char *end, *out = NULL;
    double value = strtod(text, &end);
    double unit = 1;
    double usec = 50000;

    if (end == text || !(value > 0))
        return NULL;
    if (*end == 'G' || *end == 'M' || *end == 'K' || *end == 'k') {
        unit = *end == 'G' ? 1e9 : *end == 'M' ? 1e6 : 1e3;
        end++;
    }
    if (*end != 'b' && *end != 'B')
        return NULL;
    if (*end == 'b')
        unit /= 8;
    if (strncmp(end + 1, "/s", 2) != 0)
        return NULL;
    end += 3;
    if (*end == '@') {
        double t = strtod(end + 1, &end);

        if (strcmp(end, "us") == 0)
            usec = t;
        else if (strcmp(end, "ms") == 0)
            usec = t * 1e3;
        else if (strcmp(end, "s") == 0)
            usec = t * 1e6;
        else
            return NULL;
    } else if (*end) {
        return NULL;
    }
    value = value * unit * usec / 1e6;
    if (!(usec >= 1 && usec <= 4e9 && value >= 1 && value <= 4e9))
        return NULL;
    if (asprintf(&out, "%lu,%lu", (unsigned long)value, (unsigned long)usec) <
        0)
        return NULL;
    return out;
}

static bool mac_taken(const struct device *dev, const char *mac)
{
    for (const struct domain *d = xend.domains; d; d = d->next) {
        for (const struct device *o = d->devices; o; o = o->next) {
            if (o != dev && o->kind == &vif_kind && o->stage != DEV_GONE &&
                !(o->stage >= DEV_CLOSING && o->dom->end_handled) &&
                strcasecmp(o->mac, mac) == 0)
                return true;
        }
    }
    return false;
}

static int choose_mac(struct device *dev, char *err)
{
    const char *given = sxp_get(dev->cfg, "mac");
    uint8_t r[3];

    if (given && *given) {
        if (!vif_mac_valid(given)) {
            snprintf(err, ERR_SIZE,
                     "vif %u: '%s' is not a MAC address of one interface",
                     dev->devid, given);
            return -1;
        }
        if (mac_taken(dev, given)) {
            snprintf(err, ERR_SIZE, "vif %u: MAC address %s is in use",
                     dev->devid, given);
            return -1;
        }
        snprintf(dev->mac, sizeof(dev->mac), "%s", given);
        return 0;
    }
    do {
        if (getrandom(r, sizeof(r), 0) != sizeof(r)) {
            snprintf(err, ERR_SIZE, "no random numbers for a MAC address");
            return -1;
        }
        snprintf(dev->mac, sizeof(dev->mac), "00:16:3e:%02x:%02x:%02x",
                 r[0] & 0x7f, r[1], r[2]);
    } while (mac_taken(dev, dev->mac));
    sxp_put(dev->cfg, "mac", dev->mac);
    return 0;
}

static const char *script(const struct device *dev)
{
    static char text[512];
    const char *own = sxp_get(dev->cfg, "script");
    size_t len;

    if (!own || !*own)
        own = xend.set.vif_script;
    len = strcspn(own, " "); /* arguments are not the store's business */
    snprintf(text, sizeof(text), "%s%s%.*s",
             *own == '/' ? "" : xend.set.scripts, *own == '/' ? "" : "/",
             (int)len, own);
    return text;
}

/* What `bridge` names is known for our own script alone. */
static bool wants_linux_bridge(const struct device *dev)
{
    const char *name = strrchr(script(dev), '/');

    return name && strcmp(name, "/vif-bridge") == 0;
}

static int choose_bridge(struct device *dev, char *err)
{
    const char *given = sxp_get(dev->cfg, "bridge");
    char path[64 + IFNAMSIZ];

    if (!given || !*given) /* the script takes the first there is */
        return 0;
    if (strlen(given) >= IFNAMSIZ || strchr(given, '/')) {
        snprintf(err, ERR_SIZE, "vif %u: '%s' is not a bridge's name",
                 dev->devid, given);
        return -1;
    }
    snprintf(path, sizeof(path), "/sys/class/net/%s/bridge", given);
    if (wants_linux_bridge(dev) && access(path, F_OK)) {
        snprintf(err, ERR_SIZE, "vif %u: bridge %s does not exist", dev->devid,
                 given);
        return -1;
    }
    dev->bridge = strdup(given);
    return 0;
}

static int choose_vifname(struct device *dev, char *err)
{
    const char *given = sxp_get(dev->cfg, "vifname");
    char path[64 + IFNAMSIZ];

    if (!given || !*given)
        return 0;
    if (strlen(given) >= IFNAMSIZ || strchr(given, '/')) {
        snprintf(err, ERR_SIZE, "vif %u: '%s' is not an interface's name",
                 dev->devid, given);
        return -1;
    }
    snprintf(path, sizeof(path), "/sys/class/net/%s", given);
    if (access(path, F_OK) == 0 && dev->dom->domid < 0 && !dev->dom->restarts) {
        snprintf(err, ERR_SIZE,
                 "vif %u: an interface named %s is already "
                 "there",
                 dev->devid, given);
        return -1;
    }
    return 0;
}

static int parse(struct device *dev, char *err)
{
    const char *rate = sxp_get(dev->cfg, "rate");

    while (device_find(dev->dom, "vif", dev->devid))
        dev->devid++;
    if (choose_mac(dev, err) || choose_bridge(dev, err) ||
        choose_vifname(dev, err))
        return -1;
    if (!rate || !*rate)
        return 0;
    dev->rate = vif_rate(rate);
    if (dev->rate)
        return 0;
    snprintf(err, ERR_SIZE,
             "vif %u: '%s' is not a rate (10Mb/s, "
             "250KB/s@20ms)",
             dev->devid, rate);
    return -1;
}

static void write_keys(struct device *dev, store_tx_t tx, const char *front,
                       const char *back)
{
    static const char *const as_given[] = {"ip", "vifname", "mtu"};
    struct store *s = xend.store;
    store_path_t p;

    store_write_text(s, tx, path_make(&p, "%s/mac", front), dev->mac);
    store_printf(s, tx, path_make(&p, "%s/handle", front), "%u", dev->devid);
    store_write_text(s, tx, path_make(&p, "%s/mac", back), dev->mac);
    store_printf(s, tx, path_make(&p, "%s/handle", back), "%u", dev->devid);
    store_write_text(s, tx, path_make(&p, "%s/type", back), "vif");
    if (dev->bridge)
        store_write_text(s, tx, path_make(&p, "%s/bridge", back), dev->bridge);
    if (dev->rate)
        store_write_text(s, tx, path_make(&p, "%s/rate", back), dev->rate);
    for (size_t i = 0; i < sizeof(as_given) / sizeof(as_given[0]); i++) {
        const char *text = sxp_get(dev->cfg, as_given[i]);

        if (text && *text)
            store_write_text(s, tx, path_make(&p, "%s/%s", back, as_given[i]),
                             text);
    }
}

const struct device_kind vif_kind = {
    .name = "vif",
    .on = "online",
    .off = "offline",
    .wait_backend = true, /* the driver makes the interface first */
    .parse = parse,
    .write = write_keys,
    .script = script,
};
