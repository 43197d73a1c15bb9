/* SPDX-License-Identifier: GPL-2.0 */
/*
 * domcfg.c - one table says which keys a domain's file may have, of which
 * kind they are, and where they go in the description for xend.
 * Keeps true: a key that is accepted is either handed on or its warning says
 * that it does nothing here.
 */
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "devstr.h"
#include "domcfg.h"

enum kind { TEXT, NUMBER, YESNO, CPUS, DEVICES, OTHER, NOTHING };
enum place { VM, IMAGE, NOWHERE };

struct key {
    const char *name;
    enum kind kind;
    enum place place;
    const char *as; /* its name there; NULL: the same */
    const char *text;
};

static const struct key keys[] = {
    {"name", OTHER, VM, NULL, "name of the domain (the file's own name)"},
    {"uuid", TEXT, VM, NULL, "number that names it everywhere (random)"},
    {"description", TEXT, VM, NULL, "any text"},
    {"builder", OTHER, NOWHERE, NULL, "linux; hvm is refused"},
    {"type", OTHER, NOWHERE, NULL, "pv; others are refused"},
    {"kernel", TEXT, IMAGE, NULL, "kernel file in Domain-0"},
    {"ramdisk", TEXT, IMAGE, NULL, "initial ramdisk in Domain-0"},
    {"root", TEXT, IMAGE, NULL, "root= for the kernel"},
    {"extra", TEXT, IMAGE, "args", "more kernel parameters"},
    {"bootloader", TEXT, VM, NULL, "program that finds a kernel on the disk"},
    {"bootargs", TEXT, VM, "bootloader_args", "its arguments"},
    {"bootentry", TEXT, VM, NULL, "its entry"},
    {"memory", NUMBER, VM, NULL, "MiB at start (128)"},
    {"maxmem", NUMBER, VM, NULL, "MiB at most (memory)"},
    {"vcpus", NUMBER, VM, NULL, "number of virtual processors (1)"},
    {"vcpu_avail", NUMBER, VM, NULL, "bit mask of those on at start (all)"},
    {"maxvcpus", NUMBER, VM, NULL, "the same as vcpus, for xl's files"},
    {"cpus", CPUS, VM, NULL, "real CPUs, \"0-3,^1\" or one for each vcpu"},
    {"cpu", NUMBER, VM, NULL, "one real CPU for all vcpus"},
    {"cpu_weight", NUMBER, VM, NULL, "share of the CPUs (256)"},
    {"cpu_cap", NUMBER, VM, NULL, "limit in percent of one CPU (0: none)"},
    {"disk", DEVICES, NOWHERE, NULL, "list of 'BACKEND,FRONTEND,MODE'"},
    {"vif", DEVICES, NOWHERE, NULL, "list of 'mac=, bridge=, ...'"},
    {"vfb", DEVICES, NOWHERE, NULL, "list of 'vnc=1, ...'"},
    {"nics", OTHER, NOWHERE, NULL, "number of interfaces without settings"},
    {"on_poweroff", TEXT, VM, NULL, "destroy restart preserve rename-restart"},
    {"on_reboot", TEXT, VM, NULL, "the same (restart)"},
    {"on_crash", TEXT, VM, NULL,
     "the same (restart), and coredump-destroy, coredump-restart"},
    {"restart", OTHER, NOWHERE, NULL, "old: onreboot, always or never"},
    {"on_xend_start", NOTHING, NOWHERE, NULL, "ignore or start"},
    {"on_xend_stop", NOTHING, NOWHERE, NULL, "ignore, shutdown or suspend"},
    {"localtime", YESNO, VM, NULL, "clock in local time"},
    {"rtc_timeoffset", NUMBER, VM, NULL, "seconds added to the clock"},
    {"features", NOTHING, NOWHERE, NULL, "features that the kernel must have"},
    {"ip", OTHER, NOWHERE, NULL, "address for the kernel's ip="},
    {"netmask", OTHER, NOWHERE, NULL, "its netmask"},
    {"gateway", OTHER, NOWHERE, NULL, "its gateway"},
    {"hostname", OTHER, NOWHERE, NULL, "its host name"},
    {"interface", OTHER, NOWHERE, NULL, "its interface (eth0)"},
    {"dhcp", OTHER, NOWHERE, NULL, "off or dhcp"},
    {"nfs_server", OTHER, NOWHERE, NULL, "server of a root over NFS"},
    {"nfs_root", OTHER, NOWHERE, NULL, "its path there"},
    {"pci", NOTHING, NOWHERE, NULL, "PCI devices"},
    {"irq", NOTHING, NOWHERE, NULL, "interrupt lines"},
    {"ioports", NOTHING, NOWHERE, NULL, "I/O ports"},
    {"vtpm", NOTHING, NOWHERE, NULL, "virtual TPM"},
    {"vscsi", NOTHING, NOWHERE, NULL, "SCSI devices"},
    {"vusb", NOTHING, NOWHERE, NULL, "USB devices"},
    {"access_control", NOTHING, NOWHERE, NULL, "security label"},
    {"pool", NOTHING, NOWHERE, NULL, "CPU pool"},
    {"cpuid", NOTHING, NOWHERE, NULL, "CPUID bits"},
    {"tsc_mode", NOTHING, NOWHERE, NULL, "how the TSC is shown"},
    {"superpages", NOTHING, NOWHERE, NULL, "large pages"},
    {"nomigrate", NOTHING, NOWHERE, NULL, "never to be migrated"},
    {"blkif", NOTHING, NOWHERE, NULL, "block back end in the guest"},
    {"netif", NOTHING, NOWHERE, NULL, "network back end in the guest"},
    {"tpmif", NOTHING, NOWHERE, NULL, "TPM back end in the guest"},
};
#define NR_KEYS (sizeof(keys) / sizeof(keys[0]))

void domcfg_help(void)
{
    puts("Configuration keys (xmdomain.cfg(5) has more):");
    for (size_t i = 0; i < NR_KEYS; i++) {
        printf("  %-16s %s%s\n", keys[i].name, keys[i].text,
               keys[i].kind == NOTHING ? " (accepted, without effect)" : "");
    }
}

static size_t min3(size_t a, size_t b, size_t c)
{
    size_t m = a < b ? a : b;

    return m < c ? m : c;
}

/* How many letters must be added, dropped or changed (Levenshtein). */
static size_t distance(const char *a, const char *b)
{
    size_t row[32];
    size_t lb = strlen(b);

    if (lb >= 31 || strlen(a) >= 31)
        return 99;
    for (size_t j = 0; j <= lb; j++)
        row[j] = j;
    for (size_t i = 1; a[i - 1]; i++) {
        size_t diagonal = row[0];

        row[0] = i;
        for (size_t j = 1; j <= lb; j++) {
            size_t old = row[j];

            row[j] = min3(row[j] + 1, row[j - 1] + 1,
                          diagonal + (a[i - 1] != b[j - 1]));
            diagonal = old;
        }
    }
    return row[lb];
}

static const struct key *find_key(const char *name)
{
    for (size_t i = 0; i < NR_KEYS; i++) {
        if (strcmp(keys[i].name, name) == 0)
            return &keys[i];
    }
    return NULL;
}

static const char *place_of(const struct config *c,
                            const struct config_entry *e, char *out,
                            size_t size)
{
    if (!e->line)
        return "command line";
    snprintf(out, size, "%s:%d:%d", c->file, e->line, e->column);
    return out;
}

static void warn_unknown(const struct config *c, const struct config_entry *e)
{
    const char *nearest = NULL;
    size_t best = 4; /* further away it is no help */
    char place[512];

    for (size_t i = 0; i < NR_KEYS; i++) {
        size_t d = distance(e->key, keys[i].name);

        if (d < best && d < strlen(e->key)) {
            best = d;
            nearest = keys[i].name;
        }
    }
    fprintf(stderr, "Warning: %s: unknown key '%s'",
            place_of(c, e, place, sizeof(place)), e->key);
    if (nearest)
        fprintf(stderr, "; did you mean '%s'?", nearest);
    fputc('\n', stderr);
}

static bool is_empty(const struct config_value *v)
{
    return v->type == CONFIG_NONE ||
           (v->type == CONFIG_STRING &&
            (!*v->string || strcmp(v->string, "ignore") == 0)) ||
           (v->type == CONFIG_LIST && v->count == 0) ||
           (v->type == CONFIG_INT && v->integer == 0);
}

static void look_at_keys(const struct config *c)
{
    char place[512];

    for (size_t i = 0; i < c->count; i++) {
        const struct config_entry *e = &c->entries[i];
        const struct key *k = find_key(e->key);

        if (!k)
            warn_unknown(c, e);
        else if (k->kind == NOTHING && !is_empty(e->value))
            fprintf(stderr, "Warning: %s: '%s' has no effect\n",
                    place_of(c, e, place, sizeof(place)), e->key);
    }
}

/* (cpus (A B ..)): one map for each vcpu, or one for all. */
static int add_cpus(struct sxp *vm, const struct config *c, const char *key,
                    struct config_error *err)
{
    const char **items;
    size_t count;
    struct sxp *list;
    int rc = config_get_strings(c, key, &items, &count, err);

    if (rc <= 0)
        return rc;
    list = sxp_list(NULL);
    for (size_t i = 0; i < count; i++)
        sxp_add(list, sxp_atom(items[i]));
    free(items);
    sxp_add(vm, sxp_add(sxp_list("cpus"), list));
    return 0;
}

static int add_text(struct sxp *to, const struct config *c, const struct key *k,
                    struct config_error *err)
{
    char *text = NULL;
    int rc = config_get_string(c, k->name, &text, err);

    if (rc > 0 && *text)
        sxp_add_pair(to, k->as ? k->as : k->name, text);
    free(text);
    return rc < 0 ? -1 : 0;
}

static int add_key(struct sxp *to, const struct config *c, const struct key *k,
                   struct config_error *err)
{
    int64_t number;
    bool yes;
    int rc = 0;

    switch (k->kind) {
    case TEXT:
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
    static const char *const builders[] = {"linux", "generic", NULL};
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
    if (!rc && (*v[0] || strcmp(v[6], "off") != 0)) {
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

/* The old restart= stands for two of the newer keys. */
static int add_old_restart(struct sxp *vm, const struct config *c,
                           struct config_error *err)
{
    char *text = text_or(c, "restart", "", err);
    int rc = 0;

    if (!text)
        return -1;
    if (strcmp(text, "always") == 0) {
        sxp_add_pair(vm, "on_poweroff", "restart");
        sxp_add_pair(vm, "on_reboot", "restart");
        sxp_add_pair(vm, "on_crash", "restart");
    } else if (strcmp(text, "never") == 0) {
        sxp_add_pair(vm, "on_poweroff", "destroy");
        sxp_add_pair(vm, "on_reboot", "destroy");
        sxp_add_pair(vm, "on_crash", "destroy");
    } else if (*text && strcmp(text, "onreboot") != 0) {
        config_complain(c, config_get(c, "restart"), err,
                        "restart is onreboot, always or never");
        rc = -1;
    }
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
    for (size_t i = 0; i < NR_KEYS; i++) {
        struct sxp *to = keys[i].place == VM      ? vm
                         : keys[i].place == IMAGE ? image
                                                  : NULL;

        if (to && add_key(to, c, &keys[i], err))
            return -1;
    }
    if (check_builder(c, err) || add_ip(image, c, err) ||
        add_nfs_root(image, c, err) || add_old_restart(vm, c, err))
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

    look_at_keys(c);
    if (!name)
        goto fail;
    sxp_add_pair(vm, "name", name);
    free(name);
    if (fill(vm, image, c, err))
        goto fail;
    sxp_add(vm, sxp_add(sxp_list("image"), image));
    image = NULL; /* now part of vm */
    if (fill_devices(vm, c, err))
        goto fail;
    return vm;

fail:
    sxp_free(image);
    sxp_free(vm);
    return NULL;
}
