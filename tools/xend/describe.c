/* SPDX-License-Identifier: GPL-2.0 */
/*
 * describe.c - domains as clients see them: S-expressions, sent as nested
 * arrays.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include <abi/sched.h>

#include "xend.h"

struct sxp *sxp_copy(const struct sxp *s)
{
    struct sxp *copy;

    if (s->atom)
        return sxp_atom(s->atom);
    copy = sxp_list(NULL);
    for (const struct sxp *c = s->first; c && copy; c = c->next)
        sxp_add(copy, sxp_copy(c));
    return copy;
}

struct rpc_value *rpc_from_sxp(const struct sxp *s)
{
    struct rpc_value *array;

    if (s->atom)
        return rpc_string(s->atom);
    array = rpc_array();
    for (const struct sxp *c = s->first; c && array; c = c->next)
        rpc_add(array, rpc_from_sxp(c));
    return array;
}

struct sxp *sxp_from_rpc(const struct rpc_value *v)
{
    struct sxp *list;
    char text[48];

    switch (v->type) {
    case RPC_STRING:
        return sxp_atom(v->string);
    case RPC_INT:
        snprintf(text, sizeof(text), "%lld", (long long)v->integer);
        return sxp_atom(text);
    case RPC_BOOL:
        return sxp_atom(v->boolean ? "1" : "0");
    case RPC_DOUBLE:
        snprintf(text, sizeof(text), "%.6g", v->number);
        return sxp_atom(text);
    case RPC_NIL:
        return sxp_atom("");
    default:
        break;
    }
    list = sxp_list(NULL);
    for (size_t i = 0; i < v->count && list; i++)
        sxp_add(list, sxp_from_rpc(v->members[i].value));
    return list;
}

const char *state_text(const struct dom_info *info, char out[7])
{
    strcpy(out, "------");
    if (info->state & DOM_RUNNING)
        out[0] = 'r';
    if (info->state & DOM_BLOCKED)
        out[1] = 'b';
    if (info->state & DOM_PAUSED)
        out[2] = 'p';
    if (info->state & DOM_SHUTDOWN) {
        out[3] = 's';
        if (info->shutdown_reason == SHUTDOWN_crash ||
            info->shutdown_reason == SHUTDOWN_watchdog)
            out[4] = 'c';
        out[0] = out[1] = '-';
    }
    if (info->state & DOM_DYING)
        out[5] = 'd';
    return out;
}

/* halted 0, paused 1, running 2, suspended 3, shutdown 4, crashed 5 */
static int status_number(const struct dom_info *info)
{
    if (info->state & DOM_DYING)
        return 4;
    if (info->state & DOM_SHUTDOWN)
        return info->shutdown_reason == SHUTDOWN_suspend ? 3
               : info->shutdown_reason == SHUTDOWN_crash ||
                       info->shutdown_reason == SHUTDOWN_watchdog
                   ? 5
                   : 4;
    if (info->state & DOM_PAUSED)
        return 1;
    return 2;
}

static void add_float(struct sxp *s, const char *name, double v, int digits)
{
    char text[48];

    snprintf(text, sizeof(text), "%.*f", digits, v);
    sxp_add_pair(s, name, text);
}

int domain_mib(const struct dom_info *info)
{
    return (int)((info->tot_pages + 128) / 256);
}

/* What every list shows. */
static void add_figures(struct sxp *s, const struct dom_info *info,
                        double start_time)
{
    char state[7];

    sxp_add_int(s, "memory", domain_mib(info));
    sxp_add_int(s, "online_vcpus", info->online_vcpus);
    sxp_add_pair(s, "state", state_text(info, state));
    sxp_add_int(s, "status", status_number(info));
    add_float(s, "cpu_time", (double)info->cpu_time_ns / 1e9, 3);
    add_float(s, "start_time", start_time, 1);
}

/* All of the description but what the figures say better. */
static void add_config(struct sxp *s, const struct domain *d)
{
    static const char *const skip[] = {"name",    "memory",      "vcpus",
                                       "maxmem",  "on_poweroff", "on_reboot",
                                       "on_crash"};
    const struct vmcfg *c = d->cfg;

    if (!d->foreign) {
        sxp_add_int(s, "vcpus", c->vcpus);
        sxp_add_int(s, "maxmem", (long long)c->maxmem_mib);
        sxp_add_pair(s, "on_poweroff", action_name(c->on_poweroff));
        sxp_add_pair(s, "on_reboot", action_name(c->on_reboot));
        sxp_add_pair(s, "on_crash", action_name(c->on_crash));
    }
    for (const struct sxp *e = c->sxp->first->next; e; e = e->next) {
        bool skipped = !e->first || !e->first->atom;

        for (size_t i = 0; i < sizeof(skip) / sizeof(skip[0]) && !skipped; i++)
            skipped = strcmp(e->first->atom, skip[i]) == 0;
        if (!skipped)
            sxp_add(s, sxp_copy(e));
    }
}

struct sxp *describe_domain(const struct domain *d, const struct dom_info *info,
                            bool full)
{
    struct sxp *s = sxp_list("domain");

    sxp_add_int(s, "domid", d->domid);
    sxp_add_pair(s, "name", d->cfg->name);
    add_figures(s, info, d->start_time);
    if (!full)
        return s;
    sxp_add_int(s, "restart_count", d->restarts);
    add_config(s, d);
    return s;
}

double boot_time(void)
{
    return wall_time() - up_time();
}

struct sxp *describe_dom0(const struct dom_info *info)
{
    struct sxp *s = sxp_list("domain");

    sxp_add_int(s, "domid", 0);
    sxp_add_pair(s, "name", "Domain-0");
    add_figures(s, info, boot_time());
    sxp_add_int(s, "vcpus", (long long)info->max_vcpu_id + 1);
    sxp_add_pair(s, "on_crash", "restart");
    sxp_add_pair(s, "on_poweroff", "destroy");
    sxp_add_pair(s, "on_reboot", "restart");
    return s;
}

static struct sxp *describe_vcpu(int domid, unsigned number)
{
    struct dom_vcpu_info v;
    struct cpu_map map = {{0}};
    struct sxp *s, *cpus;
    struct host_info host;

    if (dom_get_vcpu_info(xend.hyp, (uint32_t)domid, number, &v) ||
        host_get_info(xend.hyp, &host))
        return NULL;
    s = sxp_list("vcpu");
    sxp_add_int(s, "number", number);
    sxp_add_int(s, "online", v.online);
    sxp_add_int(s, "blocked", v.blocked);
    sxp_add_int(s, "running", v.running);
    add_float(s, "cpu_time", (double)v.cpu_time_ns / 1e9, 3);
    sxp_add_int(s, "cpu", v.cpu);
    cpus = sxp_list("cpumap");
    dom_get_vcpu_affinity(xend.hyp, (uint32_t)domid, number, map.bits,
                          VM_CPU_BITS);
    for (unsigned cpu = 0; cpu < host.nr_cpus && cpu < VM_CPU_BITS; cpu++) {
        char text[16];

        snprintf(text, sizeof(text), "%u", cpu);
        if (cpu_map_has(&map, cpu))
            sxp_add(cpus, sxp_atom(text));
    }
    return sxp_add(s, cpus);
}

struct sxp *describe_vcpus(int domid, const char *name)
{
    struct dom_info info;
    struct host_info host;
    struct sxp *s = sxp_list("domain");

    sxp_add_int(s, "domid", domid);
    sxp_add_pair(s, "name", name);
    if (host_get_info(xend.hyp, &host) == 0)
        sxp_add_int(s, "nr_cpus", host.nr_cpus);
    if (dom_get_info(xend.hyp, (uint32_t)domid, &info) ||
        info.max_vcpu_id == ~0u)
        return s;
    sxp_add_int(s, "vcpu_count", (long long)info.max_vcpu_id + 1);
    for (unsigned i = 0; i <= info.max_vcpu_id; i++) {
        struct sxp *v = describe_vcpu(domid, i);

        if (v)
            sxp_add(s, v);
    }
    return s;
}
