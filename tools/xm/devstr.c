/* SPDX-License-Identifier: GPL-2.0 */
/*
 * devstr.c - "phy:vg/x,xvda,w" and "mac=.., bridge=xenbr0" taken apart.
 * Keeps true: only the form is judged here; whether the disk exists or the
 * address makes sense is xend's to say, so every client is told the same.
 */
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "devstr.h"

/* Cut blanks at both ends, in place. */
static char *trim(char *s)
{
    size_t len;

    s += strspn(s, " \t\r\n");
    len = strlen(s);
    while (len > 0 && strchr(" \t\r\n", s[len - 1]))
        s[--len] = '\0';
    return s;
}

struct sxp *disk_parts_to_sxp(const char *back, const char *front,
                              const char *mode, const char *backend)
{
    struct sxp *s = sxp_list(strncmp(back, "tap", 3) == 0 ? "tap" : "vbd");

    sxp_add_pair(s, "uname", back);
    sxp_add_pair(s, "dev", front);
    sxp_add_pair(s, "mode", mode);
    if (backend && *backend)
        sxp_add_pair(s, "backend", backend);
    return s;
}

/* What xl's files say of a disk. */
struct xl_disk {
    const char *target, *format, *vdev, *access, *devtype;
};

/* "format=raw", "vdev=xvda" ... in any order. False: another word. */
static bool xl_named(char *const *part, int n, struct xl_disk *d)
{
    const struct {
        const char *key, **value;
    } words[] = {{"target=", &d->target},
                 {"format=", &d->format},
                 {"vdev=", &d->vdev},
                 {"access=", &d->access},
                 {"devtype=", &d->devtype}};
    size_t w = 0;

    for (int i = 0; i < n; i++) {
        for (w = 0; w < sizeof(words) / sizeof(words[0]); w++) {
            size_t len = strlen(words[w].key);

            if (strncmp(part[i], words[w].key, len) == 0) {
                *words[w].value = part[i] + len;
                break;
            }
        }
        if (w == sizeof(words) / sizeof(words[0]))
            return false;
    }
    return d->vdev != NULL;
}

/*
 * 'PATH,FORMAT,FRONTEND[,MODE]', or the same with names, as xl has it; NULL
 * if it is neither.
 */
static struct sxp *xl_to_sxp(char *const *part, int n)
{
    static const char *const formats[] = {"",      "raw", "qcow",
                                          "qcow2", "vhd", NULL};
    struct xl_disk d = {"", "", NULL, "w", ""};
    char *back = NULL, *front = NULL;
    struct sxp *s = NULL;
    size_t i = 0;

    if (*part[0] == '/' && (n == 3 || n == 4))
        d = (struct xl_disk){part[0], part[1], part[2], n == 4 ? part[3] : "w",
                             ""};
    else if (!xl_named(part, n, &d))
        return NULL;
    while (formats[i] && strcmp(d.format, formats[i]) != 0)
        i++;
    if (!formats[i])
        return NULL;
    if (asprintf(&back, i < 2 ? "file:%s%s" : "tap:%s:%s",
                 i < 2 ? "" : d.format, d.target) < 0)
        back = NULL;
    if (asprintf(&front, "%s%s", d.vdev,
                 strcmp(d.devtype, "cdrom") == 0 ? ":cdrom" : "") < 0)
        front = NULL;
    if (back && front && (*d.target || strstr(front, ":cdrom")))
        s = disk_parts_to_sxp(*d.target ? back : "", front, d.access, NULL);
    free(back);
    free(front);
    return s;
}

struct sxp *disk_to_sxp(const char *text, char *err, size_t err_size)
{
    char *copy = strdup(text);
    char *rest = copy;
    char *part[6];
    struct sxp *s = NULL;
    int n = 0;

    while (rest && n < 6)
        part[n++] = trim(strsep(&rest, ","));
    if (n > 0 && !rest && (s = xl_to_sxp(part, n)) != NULL)
        goto out;
    if (n < 3 || n > 5) {
        snprintf(err, err_size, "disk '%s': expected BACKEND,FRONTEND,MODE",
                 text);
        goto out;
    }
    if (strchr(part[2], ':')) { /* 'phy:a,xvda,w' 'phy:b,xvdb,w' */
        snprintf(err, err_size, "disk '%s': a comma is missing between two",
                 text);
        goto out;
    }
    /* An empty drive has no back end: ",xvdc:cdrom,r". */
    if (!*part[0] && !strstr(part[1], ":cdrom")) {
        snprintf(err, err_size, "disk '%s' names no file or device", text);
        goto out;
    }
    s = disk_parts_to_sxp(part[0], part[1], part[2], n > 3 ? part[3] : NULL);
    if (n > 4)
        sxp_add_pair(s, "protocol", part[4]);
out:
    free(copy);
    return s;
}

static const char *const vif_keys[] = {
    "type",  "mac",   "bridge", "ip",    "script", "backend", "vifname", "rate",
    "model", "accel", "policy", "label", "mtu",    "be_mac",  NULL,
};

/* Without blanks around it, and without quotes around that. */
static char *bare(char *value)
{
    size_t len;

    value = trim(value);
    len = strlen(value);
    if (len < 2 || !strchr("'\"", *value) || value[len - 1] != *value)
        return value;
    value[len - 1] = '\0';
    return value + 1;
}

static bool known(const char *key, const char *const *keys)
{
    while (*keys && strcmp(key, *keys) != 0)
        keys++;
    return *keys;
}

/* `keys`: those there are; NULL: any. */
static int add_pair(struct sxp *s, const char *what, const char *const *keys,
                    const char *pair, char *err, size_t err_size)
{
    char *copy = strdup(pair);
    char *value = copy ? strchr(copy, '=') : NULL;
    char *key;
    int rc = -1;

    if (!value) {
        snprintf(err, err_size, "%s: expected key=value, not '%s'", what, pair);
        goto out;
    }
    *value++ = '\0';
    key = trim(copy);
    if (!keys || known(key, keys)) {
        sxp_add_pair(s, key, bare(value));
        rc = 0;
        goto out;
    }
    snprintf(err, err_size, "%s: unknown key '%s' in '%s'", what, key, pair);
out:
    free(copy);
    return rc;
}

static struct sxp *pairs_to_sxp(const char *what, const char *const *keys,
                                const char *text, char *err, size_t err_size)
{
    struct sxp *s = sxp_list(what);
    char *copy = strdup(text);
    char *rest = copy;

    while (rest) {
        char *pair = trim(strsep(&rest, ","));

        if (*pair && add_pair(s, what, keys, pair, err, err_size)) {
            sxp_free(s);
            s = NULL;
            break;
        }
    }
    free(copy);
    return s;
}

struct sxp *vif_to_sxp(const char *text, char *err, size_t err_size)
{
    return pairs_to_sxp("vif", vif_keys, text, err, err_size);
}

struct sxp *vfb_to_sxp(const char *text, char *err, size_t err_size)
{
    /* Nothing serves it, so nothing in it can be wrong. */
    return pairs_to_sxp("vfb", NULL, text, err, err_size);
}

int vif_add(struct sxp *vif, const char *pair, char *err, size_t err_size)
{
    return add_pair(vif, "vif", vif_keys, pair, err, err_size);
}
