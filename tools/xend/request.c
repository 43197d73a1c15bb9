/* SPDX-License-Identifier: GPL-2.0 */
/*
 * request.c - the methods that clients may call, one row each.
 * Keeps true: a row's function is called only with the arguments that its
 * row asks for, and every request is answered exactly once, now or later.
 */
#include <ctype.h>
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/log.h"
#include "xend.h"

struct call {
    struct rpc_request *req;
    const struct rpc_value *params;
    struct domain *d;  /* for rows about a domain; NULL: Domain-0 */
    const char *name;  /* the domain as the client named it */
};

/* Whom a method is about: its first parameter. */
enum about {
    HOST,
    ANY_DOMAIN, /* Domain-0 too */
    GUEST,
    LIVE_GUEST, /* one that is complete */
};

struct method {
    const char *name;
    void (*run)(struct call *c);
    enum about about;
    unsigned min, max; /* parameters in all */
    const char *help;
};

/* Parameter n as text whatever its type; "" if missing. */
static const char *arg(const struct call *c, unsigned n)
{
    static char text[8][48];
    const struct rpc_value *v = rpc_at(c->params, n);

    if (!v || n >= 8)
        return "";
    switch (v->type) {
    case RPC_STRING:
        return v->string;
    case RPC_INT:
        snprintf(text[n], sizeof(text[n]), "%lld", (long long)v->integer);
        return text[n];
    case RPC_BOOL:
        return v->boolean ? "1" : "0";
    case RPC_DOUBLE:
        snprintf(text[n], sizeof(text[n]), "%.0f", v->number);
        return text[n];
    default:
        return "";
    }
}

static bool arg_true(const struct call *c, unsigned n)
{
    const char *text = arg(c, n);

    return *text && strcmp(text, "0") && strcasecmp(text, "false") &&
           strcasecmp(text, "no");
}

static bool arg_number(const struct call *c, unsigned n, long long *out)
{
    const char *text = arg(c, n);
    char *end;

    errno = 0;
    *out = strtoll(text, &end, 10);
    return *text && !*end && !errno;
}

static int domid(const struct call *c)
{
    return c->d ? c->d->domid : 0;
}

/* Answer 0, or a fault that says what could not be done. */
static void finish(struct call *c, int rc, const char *what)
{
    if (rc < 0)
        rpc_fault(c->req, FAULT_GENERIC, "%s: cannot %s: %s", c->name, what,
                  strerror(-rc));
    else
        rpc_answer(c->req, rpc_int(0));
}

/* ---- looking ----------------------------------------------------------- */

static bool in_state(const char *wanted, const struct dom_info *info)
{
    char state[7];

    state_text(info, state);
    if (!*wanted || strcmp(wanted, "all") == 0)
        return true;
    if (strcmp(wanted, "running") == 0)
        return state[2] == '-' && state[3] == '-' && state[5] == '-';
    if (strcmp(wanted, "paused") == 0)
        return state[2] == 'p';
    if (strcmp(wanted, "crashed") == 0)
        return state[4] == 'c';
    if (strcmp(wanted, "shutdown") == 0)
        return state[3] == 's' && state[4] != 'c';
    return false;
}

static struct sxp *describe(const struct dom_info *info, bool full)
{
    const struct domain *d;
    struct vmcfg *cfg;
    struct domain unknown = {0};
    struct sxp *s;
    char name[32];

    if (info->domid == 0)
        return describe_dom0(info);
    d = domain_by_id((int)info->domid);
    if (d)
        return describe_domain(d, info, full);
    /* being built right now, or a zombie that others still map */
    d = domain_by_uuid(info->uuid);
    snprintf(name, sizeof(name), "Domain-%u", info->domid);
    cfg = vmcfg_bare(d && d->domid < 0 ? d->cfg->name : name, info->uuid);
    unknown.cfg = cfg;
    unknown.domid = (int)info->domid;
    s = describe_domain(&unknown, info, false);
    vmcfg_free(cfg);
    return s;
}

static void list_domains(struct call *c, const char *state, bool detail,
                         bool full)
{
    static struct dom_info list[512];
    struct rpc_value *all = rpc_array();
    int count = dom_list(xend.hyp, 0, list, 512);

    for (int i = 0; i < count; i++) {
        struct sxp *s;

        if (!in_state(state, &list[i]))
            continue;
        s = describe(&list[i], full);
        rpc_add(all, detail ? rpc_from_sxp(s)
                            : rpc_string(sxp_get(s, "name")));
        sxp_free(s);
    }
    rpc_answer(c->req, all);
}

static void req_domains(struct call *c)
{
    list_domains(c, "all", arg_true(c, 0), c->params->count < 2 ||
                 arg_true(c, 1));
}

static void req_domains_with_state(struct call *c)
{
    list_domains(c, arg(c, 1), arg_true(c, 0), arg_true(c, 2));
}

static void req_domain(struct call *c)
{
    bool full = c->params->count < 2 || arg_true(c, 1);
    struct dom_info info;
    struct sxp *s;

    if (domid(c) < 0 || dom_get_info(xend.hyp, (uint32_t)domid(c), &info)) {
        memset(&info, 0, sizeof(info));
        info.domid = (uint32_t)domid(c);
    }
    s = c->d ? describe_domain(c->d, &info, full) : describe_dom0(&info);
    rpc_answer(c->req, rpc_from_sxp(s));
    sxp_free(s);
}

static void req_vcpu_info(struct call *c)
{
    struct sxp *s = describe_vcpus(domid(c),
                                   c->d ? c->d->cfg->name : "Domain-0");

    rpc_answer(c->req, rpc_from_sxp(s));
    sxp_free(s);
}

static void req_restart_count(struct call *c)
{
    rpc_answer(c->req, rpc_int(c->d->restarts));
}

/* ---- life -------------------------------------------------------------- */

static void req_create(struct call *c)
{
    char err[ERR_SIZE];
    struct sxp *vm = sxp_from_rpc(rpc_at(c->params, 0));
    struct vmcfg *cfg = vm ? vmcfg_new(vm, err, sizeof(err)) : NULL;

    sxp_free(vm);
    if (cfg)
        create_begin(cfg, c->req, 0, 0);
    else
        rpc_fault(c->req, FAULT_GENERIC, "%s", vm ? err : "no memory");
}

static void req_destroy(struct call *c)
{
    log_info("%s (id %d): a client asks to destroy it", c->d->cfg->name,
             c->d->domid);
    if (waiter_add(&c->d->gone_waiters, c->req)) {
        rpc_fault(c->req, FAULT_INTERNAL, "no memory");
        return;
    }
    c->d->restart_after = false;
    destroy_begin(c->d);
}

static void req_pause(struct call *c)
{
    finish(c, dom_pause(xend.hyp, (uint32_t)domid(c)), "pause it");
}

static void req_unpause(struct call *c)
{
    finish(c, dom_unpause(xend.hyp, (uint32_t)domid(c)), "unpause it");
}

/* Creation answers only when all devices are there. */
static void req_wait_for_devices(struct call *c)
{
    const char *why = devices_error(c->d);

    if (why)
        rpc_fault(c->req, FAULT_GENERIC, "%s", why);
    else
        rpc_answer(c->req, rpc_int(0));
}

static int write_control(const struct call *c, const char *node,
                         const char *text)
{
    store_path_t p;

    return store_write_text(xend.store, 0,
                            path_domain(&p, (uint32_t)domid(c), "control/%s",
                                        node), text);
}

static void req_shutdown(struct call *c)
{
    static const char *const reasons[] = {"poweroff", "reboot", "halt",
                                          "crash"};
    const char *reason = arg(c, 1);

    for (size_t i = 0; i < sizeof(reasons) / sizeof(reasons[0]); i++) {
        if (strcmp(reason, reasons[i]) == 0) {
            log_info("%s (id %d): a client asks for %s", c->d->cfg->name,
                     c->d->domid, reason);
            finish(c, write_control(c, "shutdown", reason), "shut it down");
            return;
        }
    }
    rpc_fault(c->req, FAULT_GENERIC, "Invalid reason: %s", reason);
}

static void req_wait_for_shutdown(struct call *c)
{
    if (c->d->end_handled && c->d->stage == STAGE_LIVE)
        rpc_answer(c->req, rpc_int(0)); /* ended and kept */
    else if (waiter_add(&c->d->end_waiters, c->req))
        rpc_fault(c->req, FAULT_INTERNAL, "no memory");
}

static void req_set_name(struct call *c)
{
    const char *name = arg(c, 1);

    if (!name_valid(name)) {
        rpc_fault(c->req, FAULT_GENERIC, "'%s' cannot be a domain's name",
                  name);
    } else if (domain_by_name(name) || strcmp(name, "Domain-0") == 0) {
        rpc_fault(c->req, FAULT_GENERIC, "Domain '%s' already exists", name);
    } else {
        domain_rename(c->d, name);
        rpc_answer(c->req, rpc_int(0));
    }
}

static void req_sysrq(struct call *c)
{
    const char *key = arg(c, 1);

    if (strlen(key) != 1 || !isalnum((unsigned char)*key))
        rpc_fault(c->req, FAULT_GENERIC, "'%s' is not a sysrq letter", key);
    else
        finish(c, write_control(c, "sysrq", key), "send a sysrq");
}

/* ---- memory and processors --------------------------------------------- */

static void req_mem_max(struct call *c)
{
    long long mib;

    if (!arg_number(c, 1, &mib) || mib < 1 || mib > 1 << 24) {
        rpc_fault(c->req, FAULT_GENERIC, "'%s' is not a size in MiB",
                  arg(c, 1));
        return;
    }
    if (!c->d->foreign) {
        c->d->cfg->maxmem_mib = (uint64_t)mib;
        sxp_put(c->d->cfg->sxp, "maxmem", arg(c, 1));
        keep_write(c->d, KEPT_LIVE);
    }
    finish(c, dom_set_max_mem(xend.hyp, (uint32_t)domid(c),
                              (uint64_t)mib * 1024 + 1024),
           "set its maximum");
}

static void req_mem_target(struct call *c)
{
    struct dom_info info;
    store_path_t p;
    uint64_t most = 0;
    long long mib;
    int rc;

    if (!arg_number(c, 1, &mib) || mib < 4) {
        rpc_fault(c->req, FAULT_GENERIC, "'%s' is not a size in MiB",
                  arg(c, 1));
        return;
    }
    if (domid(c) == 0 && mib < (long long)xend.set.dom0_min_mib) {
        rpc_fault(c->req, FAULT_GENERIC, "Domain-0 keeps at least %u MiB "
                  "(dom0-min-mem)", xend.set.dom0_min_mib);
        return;
    }
    rc = dom_get_info(xend.hyp, (uint32_t)domid(c), &info);
    if (!rc) /* the hypervisor's own limit has some slack */
        most = !c->d           ? (uint64_t)mib
               : c->d->foreign ? info.max_pages / 256
                               : c->d->cfg->maxmem_mib;
    if (!rc && (uint64_t)mib > most) {
        rpc_fault(c->req, FAULT_GENERIC, "%s: %lld MiB is more than its "
                  "maximum, %llu MiB", c->name, mib,
                  (unsigned long long)most);
        return;
    }
    if (!rc)
        rc = store_printf(xend.store, 0,
                          path_domain(&p, (uint32_t)domid(c),
                                      "memory/target"), "%lld", mib * 1024);
    finish(c, rc, "set its target");
}

static void req_vcpu_count(struct call *c)
{
    struct dom_info info;
    store_path_t p;
    long long n;
    int rc = dom_get_info(xend.hyp, (uint32_t)domid(c), &info);

    if (!arg_number(c, 1, &n) || n < 1 || rc ||
        n > (long long)info.max_vcpu_id + 1) {
        rpc_fault(c->req, FAULT_GENERIC, "%s: the number of vcpus must be "
                  "from 1 to %u", c->name, rc ? 1 : info.max_vcpu_id + 1);
        return;
    }
    for (uint32_t i = 0; i <= info.max_vcpu_id && !rc; i++)
        rc = store_write_text(xend.store, 0,
                              path_domain(&p, (uint32_t)domid(c),
                                          "cpu/%u/availability", i),
                              i < (uint32_t)n ? "online" : "offline");
    finish(c, rc, "change its vcpus");
}

/* Only CPUs that there are: Xen refuses a map without any of them. */
static void req_pincpu(struct call *c)
{
    const struct rpc_value *list = rpc_at(c->params, 2);
    struct dom_info info;
    struct cpu_map map;
    struct buf text = BUF_INIT;
    bool all = strcmp(arg(c, 1), "all") == 0;
    long long vcpu = 0;
    int rc = dom_get_info(xend.hyp, (uint32_t)domid(c), &info);

    if (list && list->type == RPC_ARRAY) {
        for (size_t i = 0; i < list->count; i++)
            buf_printf(&text, "%lld,", (long long)rpc_number(
                       list->members[i].value, -1));
    } else {
        buf_puts(&text, arg(c, 2));
    }
    if (rc || (!all && (!arg_number(c, 1, &vcpu) || vcpu < 0 ||
                        vcpu > (long long)info.max_vcpu_id))) {
        rpc_fault(c->req, FAULT_GENERIC, "%s: there is no vcpu '%s'",
                  c->name, arg(c, 1));
    } else if (cpu_map_parse(&map, text.data ? text.data : "")) {
        rpc_fault(c->req, FAULT_GENERIC, "'%s' is not a list of CPUs",
                  text.data ? text.data : "");
    } else {
        uint32_t last = all ? info.max_vcpu_id : (uint32_t)vcpu;

        for (uint32_t v = (uint32_t)vcpu; v <= last && !rc; v++)
            rc = dom_set_vcpu_affinity(xend.hyp, (uint32_t)domid(c), v,
                                       map.bits, VM_CPU_BITS);
        finish(c, rc, "pin it");
    }
    buf_free(&text);
}

static void req_sched_get(struct call *c)
{
    struct dom_sched s;
    struct rpc_value *v;
    int rc = dom_get_sched(xend.hyp, (uint32_t)domid(c), &s);

    if (rc) {
        finish(c, rc, "read its share");
        return;
    }
    v = rpc_array();
    rpc_add(v, rpc_int(s.weight));
    rpc_add(v, rpc_int(s.cap));
    rpc_answer(c->req, v);
}

static void req_sched_set(struct call *c)
{
    struct dom_sched s;
    long long v;
    int rc = dom_get_sched(xend.hyp, (uint32_t)domid(c), &s);

    if (*arg(c, 1) && (!arg_number(c, 1, &v) || v < 1 || v > 65535)) {
        rpc_fault(c->req, FAULT_GENERIC, "weight is out of range");
        return;
    }
    if (*arg(c, 1))
        s.weight = (uint32_t)v;
    if (*arg(c, 2) && (!arg_number(c, 2, &v) || v < 0 || v > 65535)) {
        rpc_fault(c->req, FAULT_GENERIC, "cap is out of range");
        return;
    }
    if (*arg(c, 2))
        s.cap = (uint32_t)v;
    if (!rc)
        rc = dom_set_sched(xend.hyp, (uint32_t)domid(c), &s);
    finish(c, rc, "set its share");
}

/* ---- devices ----------------------------------------------------------- */

static void req_device_create(struct call *c)
{
    struct sxp *cfg = sxp_from_rpc(rpc_at(c->params, 1));

    if (cfg && !cfg->atom)
        device_attach(c->d, cfg, c->req);
    else
        rpc_fault(c->req, FAULT_GENERIC, "this is not a device");
    sxp_free(cfg);
}

/* By number, by the guest's name for a disk, by an interface's address. */
static struct device *find_device(const struct call *c, const char *kind,
                                  const char *text)
{
    struct device *dev;
    long number = vbd_number(text);

    for (dev = c->d->devices; dev; dev = dev->next) {
        if (strcmp(dev->kind->name, kind) != 0)
            continue;
        if (dev->kind == &vif_kind && strcasecmp(dev->mac, text) == 0)
            return dev;
        if (number >= 0 && dev->devid == (unsigned long)number)
            return dev;
    }
    return NULL;
}

static void req_device_destroy(struct call *c)
{
    const struct device_kind *kind = device_kind_find(arg(c, 1));
    struct device *dev = kind ? find_device(c, kind->name, arg(c, 2)) : NULL;

    if (dev)
        device_detach(dev, arg_true(c, 3), c->req);
    else
        rpc_fault(c->req, FAULT_GENERIC, "%s: there is no device %s (%s)",
                  c->name, arg(c, 2), arg(c, 1));
}

static void req_device_list(struct call *c)
{
    const struct device_kind *kind = device_kind_find(arg(c, 1));
    struct rpc_value *all = rpc_array();

    for (const struct device *dev = c->d ? c->d->devices : NULL; dev;
         dev = dev->next) {
        struct rpc_value *pair;
        struct sxp *s;

        if (dev->kind != kind)
            continue;
        pair = rpc_array();
        s = device_describe(dev);
        rpc_add(pair, rpc_int(dev->devid));
        rpc_add(pair, rpc_from_sxp(s));
        rpc_add(all, pair);
        sxp_free(s);
    }
    rpc_answer(c->req, all);
}

static void req_block_class(struct call *c)
{
    rpc_answer(c->req, rpc_string("vbd"));
}

/* ---- the machine ------------------------------------------------------- */

static void req_node_info(struct call *c)
{
    char err[ERR_SIZE];
    struct rpc_value *v = node_info(err);

    if (v)
        rpc_answer(c->req, v);
    else
        rpc_fault(c->req, FAULT_GENERIC, "%s", err);
}

static void req_dmesg(struct call *c)
{
    rpc_answer(c->req, node_dmesg(false));
}

static void req_dmesg_clear(struct call *c)
{
    rpc_free(node_dmesg(true));
    rpc_answer(c->req, rpc_int(0));
}

static void req_log(struct call *c)
{
    rpc_answer(c->req, node_log());
}

static void req_debug_keys(struct call *c)
{
    c->name = "debug-keys";
    finish(c, host_send_keys(xend.hyp, arg(c, 0)), "send them");
}

static void req_list_methods(struct call *c);
static void req_method_help(struct call *c);

static const struct method methods[] = {
    {"xend.domains", req_domains, HOST, 0, 2, "(detail, full): all domains"},
    {"xend.domains_with_state", req_domains_with_state, HOST, 3, 3,
     "(detail, state, full): domains in a state"},
    {"xend.domain", req_domain, ANY_DOMAIN, 1, 2, "(domain, full)"},
    {"xend.domain.create", req_create, HOST, 1, 1, "(sxp): made, paused"},
    {"xend.domain.destroy", req_destroy, GUEST, 1, 1, "(domain)"},
    {"xend.domain.pause", req_pause, LIVE_GUEST, 1, 1, "(domain)"},
    {"xend.domain.unpause", req_unpause, LIVE_GUEST, 1, 1, "(domain)"},
    {"xend.domain.shutdown", req_shutdown, LIVE_GUEST, 2, 2,
     "(domain, reason)"},
    {"xend.domain.waitForShutdown", req_wait_for_shutdown, GUEST, 1, 1,
     "(domain): answers when it has ended"},
    {"xend.domain.waitForDevices", req_wait_for_devices, GUEST, 1, 1,
     "(domain)"},
    {"xend.domain.setName", req_set_name, LIVE_GUEST, 2, 2,
     "(domain, name)"},
    {"xend.domain.send_sysrq", req_sysrq, LIVE_GUEST, 2, 2,
     "(domain, letter)"},
    {"xend.domain.maxmem_set", req_mem_max, LIVE_GUEST, 2, 2,
     "(domain, MiB)"},
    {"xend.domain.setMemoryTarget", req_mem_target, ANY_DOMAIN, 2, 2,
     "(domain, MiB)"},
    {"xend.domain.setVCpuCount", req_vcpu_count, ANY_DOMAIN, 2, 2,
     "(domain, count)"},
    {"xend.domain.pincpu", req_pincpu, ANY_DOMAIN, 3, 3,
     "(domain, vcpu, cpus)"},
    {"xend.domain.getVCPUInfo", req_vcpu_info, ANY_DOMAIN, 1, 1,
     "(domain)"},
    {"xend.domain.getRestartCount", req_restart_count, GUEST, 1, 1,
     "(domain)"},
    {"xend.domain.sched_credit_get", req_sched_get, ANY_DOMAIN, 1, 1,
     "(domain): [weight, cap]"},
    {"xend.domain.sched_credit_set", req_sched_set, ANY_DOMAIN, 2, 3,
     "(domain, weight, cap)"},
    {"xend.domain.sched_credit2_get", req_sched_get, ANY_DOMAIN, 1, 1,
     "(domain): [weight, cap]"},
    {"xend.domain.sched_credit2_set", req_sched_set, ANY_DOMAIN, 2, 3,
     "(domain, weight)"},
    {"xend.domain.device_create", req_device_create, LIVE_GUEST, 2, 2,
     "(domain, sxp)"},
    {"xend.domain.destroyDevice", req_device_destroy, LIVE_GUEST, 3, 4,
     "(domain, class, device, force)"},
    {"xend.domain.getDeviceSxprs", req_device_list, ANY_DOMAIN, 2, 2,
     "(domain, class)"},
    {"xend.domain.getBlockDeviceClass", req_block_class, GUEST, 2, 2,
     "(domain, device)"},
    {"xend.node.info", req_node_info, HOST, 0, 0, "(): [[key, value]..]"},
    {"xend.node.dmesg.info", req_dmesg, HOST, 0, 0, "(): text"},
    {"xend.node.dmesg.clear", req_dmesg_clear, HOST, 0, 0, "()"},
    {"xend.node.log", req_log, HOST, 0, 0, "(): text"},
    {"xend.node.send_debug_keys", req_debug_keys, HOST, 1, 1, "(keys)"},
    {"system.listMethods", req_list_methods, HOST, 0, 0, "(): names"},
    {"system.methodHelp", req_method_help, HOST, 1, 1, "(name): text"},
};
#define NR_METHODS (sizeof(methods) / sizeof(methods[0]))

static void req_list_methods(struct call *c)
{
    struct rpc_value *v = rpc_array();

    for (size_t i = 0; i < NR_METHODS; i++)
        rpc_add(v, rpc_string(methods[i].name));
    rpc_answer(c->req, v);
}

static const struct method *find_method(const char *name)
{
    for (size_t i = 0; i < NR_METHODS; i++) {
        if (strcmp(methods[i].name, name) == 0)
            return &methods[i];
    }
    return NULL;
}

static void req_method_help(struct call *c)
{
    const struct method *m = find_method(arg(c, 0));

    if (m)
        rpc_answer(c->req, rpc_string(m->help));
    else
        rpc_fault(c->req, FAULT_GENERIC, "no method '%s'", arg(c, 0));
}

/* A name first; only digits are an id. */
static bool find_domain(struct call *c)
{
    char *end;
    long id;

    c->name = arg(c, 0);
    if (strcmp(c->name, "Domain-0") == 0 || strcmp(c->name, "0") == 0)
        return true;
    c->d = domain_by_name(c->name);
    if (!c->d && isdigit((unsigned char)*c->name)) {
        id = strtol(c->name, &end, 10);
        c->d = *end || id > 0x7fff ? NULL : domain_by_id((int)id);
    }
    return c->d != NULL;
}

/* Does the row's permission hold? Answers the request if not. */
static bool allowed(struct call *c, const struct method *m)
{
    if (m->about == HOST)
        return true;
    if (!find_domain(c)) {
        domains_refresh(); /* made by another program just now? */
        if (!find_domain(c)) {
            rpc_fault(c->req, FAULT_NO_DOMAIN, "%s", c->name);
            return false;
        }
    }
    if (!c->d && m->about != ANY_DOMAIN) {
        rpc_fault(c->req, FAULT_GENERIC,
                  "this cannot be done with Domain-0");
        return false;
    }
    if (c->d && c->d->domid < 0 && m->about == ANY_DOMAIN) {
        rpc_fault(c->req, FAULT_GENERIC, "%s is being created", c->name);
        return false;
    }
    if (m->about == LIVE_GUEST && c->d->stage != STAGE_LIVE) {
        rpc_fault(c->req, FAULT_GENERIC, "%s is being %s", c->name,
                  c->d->stage == STAGE_DESTROY ? "destroyed" : "created");
        return false;
    }
    return true;
}

void request_arrived(void *unused, struct rpc_request *req,
                     const char *method, const struct rpc_value *params)
{
    const struct method *m = find_method(method);
    struct call c = {.req = req, .params = params};

    (void)unused;
    log_debug("request %s", method);
    if (!m)
        rpc_fault(req, FAULT_INTERNAL, "method '%s' is not supported",
                  method);
    else if (params->count < m->min || params->count > m->max)
        rpc_fault(req, FAULT_INTERNAL, "%s takes %s", method, m->help);
    else if (!xend.store && m->about != HOST)
        rpc_fault(req, FAULT_GENERIC, "xenstored is not running; start it "
                  "with: /etc/init.d/xend start");
    else if (allowed(&c, m))
        m->run(&c);
}
