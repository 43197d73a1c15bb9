/* SPDX-License-Identifier: GPL-2.0 */
/*
 * vmcfg.c - judge the description that a client sent.
 * Keeps true: a vmcfg has only values that can be built: every number within
 * its limits, a valid name, a uuid. Pure: no file and no daemon is asked.
 */
#include <ctype.h>
#include <errno.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "store/path.h"
#include "vmcfg.h"
#include "xend.h"

static const char *const action_names[] = {
    [ACT_DESTROY] = "destroy",
    [ACT_RESTART] = "restart",
    [ACT_PRESERVE] = "preserve",
    [ACT_RENAME_RESTART] = "rename-restart",
    [ACT_DUMP_DESTROY] = "coredump-destroy",
    [ACT_DUMP_RESTART] = "coredump-restart",
};

const char *action_name(enum action a)
{
    return action_names[a];
}

struct judge {
    char *err;
    size_t size;
    bool bad;
};

static void complain(struct judge *j, const char *fmt, ...)
    __attribute__((format(printf, 2, 3)));

/* The first complaint stays. */
static void complain(struct judge *j, const char *fmt, ...)
{
    va_list ap;

    if (j->bad)
        return;
    j->bad = true;
    va_start(ap, fmt);
    vsnprintf(j->err, j->size, fmt, ap);
    va_end(ap);
}

static long long number(struct judge *j, const struct sxp *vm, const char *key,
                        long long otherwise, long long min, long long max)
{
    const char *text = sxp_get(vm, key);
    char *end;
    long long v;

    if (!text || !*text)
        return otherwise;
    errno = 0;
    v = strtoll(text, &end, 0);
    if (errno || *end)
        complain(j, "%s: '%s' is not a number", key, text);
    else if (v < min || v > max)
        complain(j, "%s: %lld is not within %lld to %lld", key, v, min, max);
    return v;
}

static enum action action(struct judge *j, const struct sxp *vm,
                          const char *key, enum action otherwise, bool crash)
{
    const char *text = sxp_get(vm, key);
    int last = crash ? ACT_DUMP_RESTART : ACT_RENAME_RESTART;

    if (!text || !*text)
        return otherwise;
    for (int a = 0; a <= last; a++) {
        if (strcmp(text, action_names[a]) == 0)
            return (enum action)a;
    }
    complain(j,
             "%s: '%s' is none of destroy, restart, preserve, "
             "rename-restart%s",
             key, text, crash ? ", coredump-destroy, coredump-restart" : "");
    return otherwise;
}

bool name_valid(const char *name)
{
    if (!*name || strlen(name) > 80)
        return false;
    for (const char *p = name; *p; p++) {
        if (!isalnum((unsigned char)*p) && !strchr("_-.:/+@", *p))
            return false;
    }
    return name[strspn(name, "0123456789")] != '\0';
}

static int map_add(struct cpu_map *m, long first, long last, bool remove)
{
    if (first < 0 || last < first || last >= VM_CPU_BITS)
        return -1;
    for (long i = first; i <= last; i++) {
        if (remove)
            m->bits[i / 8] &= (uint8_t) ~(1u << (i % 8));
        else
            m->bits[i / 8] |= (uint8_t)(1u << (i % 8));
    }
    return 0;
}

/* One of "all", "any", "3", "0-2", with or without ^; *p goes behind it. */
static int cpu_map_item(struct cpu_map *m, const char **p)
{
    bool remove = **p == '^';
    long first, last;
    char *end;

    *p += remove;
    if (strncmp(*p, "all", 3) == 0 || strncmp(*p, "any", 3) == 0) {
        *p += 3;
        return map_add(m, 0, VM_CPU_BITS - 1, remove);
    }
    if (!isdigit((unsigned char)**p))
        return -1;
    first = last = strtol(*p, &end, 10);
    if (*end == '-' && isdigit((unsigned char)end[1]))
        last = strtol(end + 1, &end, 10);
    *p = end;
    return map_add(m, first, last, remove);
}

int cpu_map_parse(struct cpu_map *m, const char *p)
{
    memset(m, 0, sizeof(*m));
    p += strspn(p, " ,");
    if (*p == '^') /* all but these */
        map_add(m, 0, VM_CPU_BITS - 1, false);
    for (; *p; p += strspn(p, " ,")) {
        if (cpu_map_item(m, &p) || (*p && !strchr(" ,", *p)))
            return -1;
    }
    for (size_t i = 0; i < sizeof(m->bits); i++) {
        if (m->bits[i])
            return 0;
    }
    return -1;
}

bool cpu_map_has(const struct cpu_map *m, unsigned cpu)
{
    return cpu < VM_CPU_BITS && (m->bits[cpu / 8] >> (cpu % 8) & 1);
}

/* (cpus (A B ..)) or (cpu N) */
static void judge_cpus(struct judge *j, struct vmcfg *c)
{
    const struct sxp *list = sxp_find(c->sxp, "cpus");
    const char *single = sxp_get(c->sxp, "cpu");
    const struct sxp *item = NULL;
    unsigned count = 0;

    if (list && list->first->next)
        item = list->first->next->atom ? list->first->next
                                       : list->first->next->first;
    for (const struct sxp *i = item; i; i = i->next)
        count++;
    if (count == 1 && item->atom && !*item->atom)
        count = 0;
    if (!count && (!single || !*single || strcmp(single, "-1") == 0))
        return;
    if (count > 1 && count < c->vcpus) {
        complain(j, "cpus: %u entries for %u vcpus", count, c->vcpus);
        return;
    }
    c->nr_cpu_maps = count > 1 ? c->vcpus : 1;
    c->cpu_maps = calloc(c->nr_cpu_maps, sizeof(*c->cpu_maps));
    for (unsigned i = 0; c->cpu_maps && i < c->nr_cpu_maps; i++) {
        const char *text = count ? item->atom : single;

        if (!text || cpu_map_parse(&c->cpu_maps[i], text))
            complain(j, "cpus: '%s' is not a list of CPUs", text ? text : "()");
        item = item ? item->next : NULL;
    }
}

static void judge_numbers(struct judge *j, struct vmcfg *c)
{
    const struct sxp *vm = c->sxp;
    long long all;

    c->memory_mib = (uint64_t)number(j, vm, "memory", 128, 1, 1 << 24);
    c->maxmem_mib =
        (uint64_t)number(j, vm, "maxmem", (long long)c->memory_mib, 0, 1 << 24);
    if (c->maxmem_mib == 0)
        c->maxmem_mib = c->memory_mib;
    if (c->maxmem_mib < c->memory_mib)
        complain(j, "maxmem: %llu MiB is less than memory, %llu MiB",
                 (unsigned long long)c->maxmem_mib,
                 (unsigned long long)c->memory_mib);
    c->vcpus = (unsigned)number(j, vm, "maxvcpus", 1, 1, VM_MAX_VCPUS);
    all = (long long)c->vcpus;
    c->vcpus = (unsigned)number(j, vm, "vcpus", all, 1, VM_MAX_VCPUS);
    if (j->bad)
        return;
    c->vcpu_avail = c->vcpus == 64 ? ~0ull : (1ull << c->vcpus) - 1;
    if (all > (long long)c->vcpus) /* xl's way: vcpus of maxvcpus are on */
        c->vcpus = (unsigned)all;
    c->vcpu_avail &= (uint64_t)number(
        j, vm, "vcpu_avail", (long long)c->vcpu_avail, INT64_MIN, INT64_MAX);
    if (!(c->vcpu_avail & 1))
        complain(j, "vcpu_avail: vcpu 0 must be on at start");
    c->weight = (uint32_t)number(j, vm, "cpu_weight", 0, 1, 65535);
    c->cap = (uint32_t)number(j, vm, "cpu_cap", 0, 0, 65535);
}

static void judge_clock(struct judge *j, struct vmcfg *c)
{
    c->time_offset =
        number(j, c->sxp, "rtc_timeoffset", 0, -(1ll << 40), 1ll << 40);
    if (number(j, c->sxp, "localtime", 0, 0, 1)) {
        time_t now = time(NULL);
        struct tm tm;

        localtime_r(&now, &tm);
        c->time_offset += tm.tm_gmtoff;
    }
}

static void judge_identity(struct judge *j, struct vmcfg *c)
{
    const char *name = sxp_get(c->sxp, "name");
    const char *uuid = sxp_get(c->sxp, "uuid");

    if (!name || !*name)
        complain(j, "the domain has no name");
    else if (!name_valid(name))
        complain(j, "name: '%s' cannot be a domain's name", name);
    c->name = strdup(name ? name : "");
    if (!uuid || !*uuid) {
        if (uuid_make(c->uuid))
            complain(j, "cannot make a uuid");
        vmcfg_set_uuid(c, c->uuid);
    } else if (!uuid_parse(uuid, c->uuid)) {
        complain(j, "uuid: '%s' is not a uuid", uuid);
    }
}

static const char *given(const struct sxp *s, const char *key)
{
    const char *text = s ? sxp_get(s, key) : NULL;

    return text && *text ? text : NULL;
}

/* ip=.. nfsroot=.. root=.. and the rest, in the customary order. */
static char *command_line(const struct sxp *image)
{
    struct buf b = BUF_INIT;
    const char *text;

    buf_puts(&b, "");
    if ((text = given(image, "nfsroot")))
        buf_printf(&b, "nfsroot=%s ", text);
    if ((text = given(image, "ip")))
        buf_printf(&b, "ip=%s ", text);
    if ((text = given(image, "root")))
        buf_printf(&b, "root=%s ", text);
    else if (given(image, "nfsroot"))
        buf_puts(&b, "root=/dev/nfs ");
    if ((text = given(image, "args")))
        buf_puts(&b, text);
    while (b.len && b.data[b.len - 1] == ' ')
        b.data[--b.len] = '\0';
    return buf_take(&b);
}

static void judge_image(struct judge *j, struct vmcfg *c)
{
    const struct sxp *image = sxp_find(c->sxp, "image");
    const struct sxp *linux_part = image ? sxp_find(image, "linux") : NULL;

    c->bootloader = given(c->sxp, "bootloader");
    c->kernel = given(linux_part, "kernel");
    c->ramdisk = given(linux_part, "ramdisk");
    c->cmdline = command_line(linux_part);
    if (image && !linux_part)
        complain(j, "image: only paravirtual kernels can be built (linux)");
    else if (!c->kernel && !c->bootloader)
        complain(j, "the domain has neither kernel nor bootloader");
    else if (c->cmdline && strlen(c->cmdline) > 1023)
        complain(j,
                 "the kernel's parameters are %zu bytes long, at most "
                 "1023 fit",
                 strlen(c->cmdline));
}

struct vmcfg *vmcfg_new(const struct sxp *vm, char *err, size_t err_size)
{
    struct judge j = {err, err_size, false};
    struct vmcfg *c = calloc(1, sizeof(*c));

    if (!c || !(c->sxp = sxp_copy(vm))) {
        free(c);
        snprintf(err, err_size, "no memory");
        return NULL;
    }
    if (!c->sxp->first || !c->sxp->first->atom)
        complain(&j, "this is not a domain's description");
    else
        judge_identity(&j, c);
    if (!j.bad) {
        judge_numbers(&j, c);
        judge_cpus(&j, c);
        judge_clock(&j, c);
        judge_image(&j, c);
    }
    c->on_poweroff = action(&j, vm, "on_poweroff", ACT_DESTROY, false);
    c->on_reboot = action(&j, vm, "on_reboot", ACT_RESTART, false);
    c->on_crash = action(&j, vm, "on_crash", ACT_RESTART, true);
    if (!j.bad)
        return c;
    vmcfg_free(c);
    return NULL;
}

struct vmcfg *vmcfg_bare(const char *name, const uint8_t uuid[16])
{
    struct vmcfg *c = calloc(1, sizeof(*c));

    if (!c)
        return NULL;
    c->name = strdup(name);
    c->sxp = sxp_list("vm");
    sxp_put(c->sxp, "name", name);
    vmcfg_set_uuid(c, uuid);
    return c;
}

struct vmcfg *vmcfg_copy(const struct vmcfg *c)
{
    char err[ERR_SIZE];

    return vmcfg_new(c->sxp, err, sizeof(err));
}

void vmcfg_free(struct vmcfg *c)
{
    if (!c)
        return;
    free(c->name);
    free(c->cmdline);
    free(c->cpu_maps);
    sxp_free(c->sxp);
    free(c);
}

void sxp_put(struct sxp *list, const char *name, const char *text)
{
    struct sxp *found = (struct sxp *)sxp_find(list, name);

    if (!found) {
        sxp_add_pair(list, name, text);
        return;
    }
    if (found->first->next && found->first->next->atom)
        sxp_set_atom(found->first->next, text);
    else if (!found->first->next)
        sxp_add(found, sxp_atom(text));
}

int vmcfg_set_name(struct vmcfg *c, const char *name)
{
    char *copy = strdup(name);

    if (!copy)
        return -ENOMEM;
    free(c->name);
    c->name = copy;
    sxp_put(c->sxp, "name", name);
    return 0;
}

void vmcfg_set_uuid(struct vmcfg *c, const uint8_t uuid[16])
{
    char text[37];

    if (c->uuid != uuid)
        memcpy(c->uuid, uuid, 16);
    uuid_print(text, uuid);
    sxp_put(c->sxp, "uuid", text);
}
