/* SPDX-License-Identifier: GPL-2.0 */
/*
 * domcfg.c - a domain's file to the description that xend takes.
 * Keeps true: the first thing that is wrong is told with its place.
 * Not here: which keys there are (keys.c), the device notations (devstr.c).
 */
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "devstr.h"
#include "domcfg.h"
#include "keys.h"

/* (cpus (A B ..)): one map for each vcpu, or one for all. */
static int add_cpus(struct sxp *vm, const struct config *c, const char *key,
                    struct config_error *err)
{
    const struct config_value *v = config_get(c, key);
    const struct config_value *const *items = &v;
    struct sxp *list = sxp_list(NULL);
    size_t count = 1;
    char number[24];

    if (!v || v->type == CONFIG_NONE) {
        sxp_free(list);
        return 0;
    }
    if (v->type == CONFIG_LIST) {
        items = (const struct config_value *const *)v->items;
        count = v->count;
    }
    for (size_t i = 0; i < count; i++) {
        const char *text = items[i]->string;

        snprintf(number, sizeof(number), "%" PRId64, items[i]->integer);
        if (items[i]->type == CONFIG_INT)
            text = number;
        if (!text) {
            config_complain(c, items[i], err,
                            "'%s' must be a list of strings or numbers", key);
            sxp_free(list);
            return -1;
        }
        sxp_add(list, sxp_atom(text));
    }
    sxp_add(vm, sxp_add(sxp_list("cpus"), list));
    return 0;
}

/* xend runs elsewhere: a file's name is seen from where xm was called. */
static char *whole_path(char *name)
{
    char *dir = *name && *name != '/' ? getcwd(NULL, 0) : NULL;
    char *path = NULL;

    if (!dir)
        return name;
    if (asprintf(&path, "%s/%s", dir, name) < 0)
        path = NULL;
    free(dir);
    free(name);
    return path;
}

static int add_text(struct sxp *to, const struct config *c, const struct key *k,
                    struct config_error *err)
{
    size_t len = strlen(k->name);
    char *text = NULL;
    int rc = config_get_string(c, k->name, &text, err);
    size_t skip = 0;

    if (rc <= 0)
        return rc;
    if (k->kind == FILE_NAME)
        text = whole_path(text);
    else if (k->kind == PARAMETER && strncmp(text, k->name, len) == 0 &&
             text[len] == '=')
        skip = len + 1;
    if (text && text[skip])
        sxp_add_pair(to, k->as ? k->as : k->name, text + skip);
    free(text);
    return 0;
}

static int add_key(struct sxp *to, const struct config *c, const struct key *k,
                   struct config_error *err)
{
    int64_t number;
    bool yes;
    int rc = 0;

    switch (k->kind) {
    case TEXT:
    case FILE_NAME:
    case PARAMETER:
        return add_text(to, c, k, err);
    case NUMBER:
        rc = config_get_int(c, k->name, &number, err);
        if (rc > 0)
            sxp_add_int(to, k->as ? k->as : k->name, number);
        break;
    case YESNO:
        rc = config_get_bool(c, k->name, &yes, err);
        if (rc > 0)
            sxp_add_int(to, k->name, yes);
        break;
    case CPUS:
        rc = add_cpus(to, c, k->name, err);
        break;
    default:
        break;
    }
    return rc < 0 ? -1 : 0;
}

/* The text of `key`, or a copy of `otherwise`; NULL with *err on trouble. */
static char *text_or(const struct config *c, const char *key,
                     const char *otherwise, struct config_error *err)
{
    char *text = NULL;
    int rc = config_get_string(c, key, &text, err);

    if (rc < 0)
        return NULL;
    return rc > 0 ? text : strdup(otherwise);
}

/* One of `allowed`, or an error that names it. */
static int check_choice(const struct config *c, const char *key,
                        const char *const *allowed, const char *what,
                        struct config_error *err)
{
    char *text = text_or(c, key, allowed[0], err);
    int rc = -1;

    if (!text)
        return -1;
    for (; *allowed && rc; allowed++)
        rc = strcmp(text, *allowed) == 0 ? 0 : -1;
    if (rc)
        config_complain(c, config_get(c, key), err, "%s", what);
    free(text);
    return rc;
}

static int check_builder(const struct config *c, struct config_error *err)
{
    static const char *const builders[] = {"linux", "generic", "pv", NULL};
    static const char *const types[] = {"pv", NULL};

    if (check_choice(c, "builder", builders,
                     "only paravirtual guests can be built: "
                     "builder = 'linux'",
                     err))
        return -1;
    return check_choice(c, "type", types,
                        "only paravirtual guests can be built: type = 'pv'",
                        err);
}

/* ip=ADDRESS:SERVER:GATEWAY:MASK:HOST:IF:DHCP, if an address is wanted. */
static int add_ip(struct sxp *image, const struct config *c,
                  struct config_error *err)
{
    static const char *const names[] = {"ip",      "nfs_server", "gateway",
                                        "netmask", "hostname",   "interface",
                                        "dhcp"};
    static const char *const defaults[] = {"", "127.0.255.255", "",   "",
                                           "", "eth0",          "off"};
    char *v[7] = {NULL};
    char text[512];
    int rc = 0;

    for (int i = 0; i < 7 && !rc; i++) {
        v[i] = text_or(c, names[i], defaults[i], err);
        rc = v[i] ? 0 : -1;
    }
    if (!rc && (*v[0] || (*v[6] && strcmp(v[6], "off") != 0))) {
        bool dhcp = strcmp(v[6], "dhcp") == 0 && !*v[0];

        snprintf(text, sizeof(text), "%s:%s:%s:%s:%s:%s:%s", v[0], v[1], v[2],
                 v[3], v[4], v[5], dhcp ? "dhcp" : v[6]);
        sxp_add_pair(image, "ip", text);
    }
    for (int i = 0; i < 7; i++)
        free(v[i]);
    return rc;
}

/* A root file system over NFS changes root= and leads the parameters. */
static int add_nfs_root(struct sxp *image, const struct config *c,
                        struct config_error *err)
{
    char *path = text_or(c, "nfs_root", "", err);
    char *server = path ? text_or(c, "nfs_server", "", err) : NULL;
    int rc = server ? 0 : -1;
    char text[512];

    if (!rc && *path && !*server) {
        config_complain(c, config_get(c, "nfs_root"), err,
                        "nfs_root needs nfs_server");
        rc = -1;
    }
    if (!rc && *path) {
        snprintf(text, sizeof(text), "%s:%s", server, path);
        sxp_add_pair(image, "nfsroot", text);
    }
    free(path);
    free(server);
    return rc;
}

/* The old restart= stands for those of the three newer keys not given. */
static int add_old_restart(struct sxp *vm, const struct config *c,
                           struct config_error *err)
{
    static const char *const ends[] = {"on_poweroff", "on_reboot", "on_crash"};
    static const struct {
        const char *name, *action[3];
    } ways[] = {
        {"onreboot", {"destroy", "restart", "destroy"}},
        {"always", {"restart", "restart", "restart"}},
        {"never", {"destroy", "destroy", "destroy"}},
    };
    char *text = text_or(c, "restart", "", err);
    int rc = text && !*text ? 0 : -1;

    for (size_t w = 0; text && w < 3; w++) {
        if (strcmp(text, ways[w].name) != 0)
            continue;
        rc = 0;
        for (size_t i = 0; i < 3; i++) {
            if (!sxp_get(vm, ends[i]))
                sxp_add_pair(vm, ends[i], ways[w].action[i]);
        }
    }
    if (text && rc)
        config_complain(c, config_get(c, "restart"), err,
                        "restart is onreboot, always or never");
    free(text);
    return rc;
}

typedef struct sxp *device_fn(const char *text, char *err, size_t err_size);

/* Wrap each entry of a list key into (device ..). */
static int add_devices(struct sxp *vm, const struct config *c, const char *key,
                       device_fn *fn, struct config_error *err)
{
    const struct config_value *v = config_get(c, key);
    const char **items;
    size_t count;
    char why[400];
    int rc = config_get_strings(c, key, &items, &count, err);

    if (rc <= 0)
        return rc;
    rc = 0;
    for (size_t i = 0; i < count && !rc; i++) {
        struct sxp *dev = fn(items[i], why, sizeof(why));

        if (dev) {
            sxp_add(vm, sxp_add(sxp_list("device"), dev));
            continue;
        }
        if (v->type == CONFIG_LIST)
            v = v->items[i];
        config_complain(c, v, err, "%s", why);
        rc = -1;
    }
    free(items);
    return rc;
}

/* nics = N: interfaces beyond those that vif describes. */
static int add_nics(struct sxp *vm, const struct config *c,
                    struct config_error *err)
{
    const struct config_value *v = config_get(c, "vif");
    int64_t want = 0;
    int rc = config_get_int(c, "nics", &want, err);

    if (rc < 0)
        return rc;
    if (want > 16) {
        config_complain(c, config_get(c, "nics"), err, "at most 16 nics");
        return -1;
    }
    for (int64_t have = v ? (int64_t)v->count : 0; have < want; have++)
        sxp_add(vm, sxp_add(sxp_list("device"), sxp_list("vif")));
    return 0;
}

static int fill(struct sxp *vm, struct sxp *image, const struct config *c,
                struct config_error *err)
{
    for (size_t i = 0; i < nr_keys; i++) {
        struct sxp *to = keys[i].place == VM      ? vm
                         : keys[i].place == IMAGE ? image
                                                  : NULL;

        if (to && add_key(to, c, &keys[i], err))
            return -1;
    }
    if (add_ip(image, c, err) || add_nfs_root(image, c, err) ||
        add_old_restart(vm, c, err))
        return -1;
    return 0;
}

static int fill_devices(struct sxp *vm, const struct config *c,
                        struct config_error *err)
{
    if (add_devices(vm, c, "disk", disk_to_sxp, err) ||
        add_devices(vm, c, "vif", vif_to_sxp, err) || add_nics(vm, c, err) ||
        add_devices(vm, c, "vfb", vfb_to_sxp, err))
        return -1;
    return 0;
}

struct sxp *domcfg_to_sxp(const struct config *c, const char *default_name,
                          struct config_error *err)
{
    struct sxp *vm = sxp_list("vm");
    struct sxp *image = sxp_list("linux");
    char *name = text_or(c, "name", default_name, err);

    if (!name || check_builder(c, err))
        goto fail_early;
    keys_warn(c);
    sxp_add_pair(vm, "name", name);
    free(name);
    if (fill(vm, image, c, err))
        goto fail;
    sxp_add(vm, sxp_add(sxp_list("image"), image));
    image = NULL; /* now part of vm */
    if (fill_devices(vm, c, err))
        goto fail;
    return vm;

fail_early:
    free(name);
fail:
    sxp_free(image);
    sxp_free(vm);
    return NULL;
}
