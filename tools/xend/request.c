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
#include "request.h"

/* Whom a method is about: its first parameter. */
enum about {
    HOST,
    ANY_DOMAIN, /* Domain-0 too */
    GUEST,
    PAST_GUEST, /* an id that is not there any more will do */
    LIVE_GUEST, /* one that is complete */
};

struct method {
    const char *name;
    void (*run)(struct call *c);
    enum about about;
    unsigned min, max; /* parameters in all */
    const char *help;
};

const char *arg(const struct call *c, unsigned n)
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

bool arg_true(const struct call *c, unsigned n)
{
    const char *text = arg(c, n);

    return *text && strcmp(text, "0") && strcasecmp(text, "false") &&
           strcasecmp(text, "no");
}

bool arg_number(const struct call *c, unsigned n, long long *out)
{
    const char *text = arg(c, n);
    char *end;

    errno = 0;
    *out = strtoll(text, &end, 10);
    return *text && !*end && !errno;
}

int call_domid(const struct call *c)
{
    return c->d ? c->d->domid : 0;
}

void finish(struct call *c, int rc, const char *what)
{
    if (rc < 0)
        rpc_fault(c->req, FAULT_GENERIC, "%s: cannot %s: %s", c->name, what,
                  strerror(-rc));
    else
        rpc_answer(c->req, rpc_int(0));
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
    {"xend.domains_columns", req_domains_columns, HOST, 2, 1 + MAX_COLUMNS,
     "(state, column..): for each domain in a state, [value..]"},
    {"xend.domain", req_domain, ANY_DOMAIN, 1, 2, "(domain, full)"},
    {"xend.domain.create", req_create, HOST, 1, 1, "(sxp): made, paused"},
    {"xend.domain.destroy", req_destroy, GUEST, 1, 1, "(domain)"},
    {"xend.domain.pause", req_pause, LIVE_GUEST, 1, 1, "(domain)"},
    {"xend.domain.unpause", req_unpause, LIVE_GUEST, 1, 1, "(domain)"},
    {"xend.domain.shutdown", req_shutdown, LIVE_GUEST, 2, 2,
     "(domain, reason)"},
    {"xend.domain.waitForShutdown", req_wait_for_shutdown, PAST_GUEST, 1, 1,
     "(domain): answers when it has ended"},
    {"xend.domain.waitForDevices", req_wait_for_devices, GUEST, 1, 1,
     "(domain)"},
    {"xend.domain.setName", req_set_name, LIVE_GUEST, 2, 2, "(domain, name)"},
    {"xend.domain.send_sysrq", req_sysrq, LIVE_GUEST, 2, 2, "(domain, letter)"},
    {"xend.domain.maxmem_set", req_mem_max, LIVE_GUEST, 2, 2, "(domain, MiB)"},
    {"xend.domain.setMemoryTarget", req_mem_target, ANY_DOMAIN, 2, 2,
     "(domain, MiB)"},
    {"xend.domain.setVCpuCount", req_vcpu_count, ANY_DOMAIN, 2, 2,
     "(domain, count)"},
    {"xend.domain.pincpu", req_pincpu, ANY_DOMAIN, 3, 3,
     "(domain, vcpu, cpus)"},
    {"xend.domain.getVCPUInfo", req_vcpu_info, ANY_DOMAIN, 1, 1, "(domain)"},
    {"xend.domain.getRestartCount", req_restart_count, GUEST, 1, 1, "(domain)"},
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
        if (find_domain(c)) {
            /* it was */
        } else if (m->about == PAST_GUEST && isdigit((unsigned char)*c->name)) {
            rpc_answer(c->req, rpc_int(0)); /* it ended meanwhile */
            return false;
        } else {
            rpc_fault(c->req, FAULT_NO_DOMAIN, "%s", c->name);
            return false;
        }
    }
    if (!c->d && m->about != ANY_DOMAIN) {
        rpc_fault(c->req, FAULT_GENERIC, "this cannot be done with Domain-0");
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

void request_arrived(void *unused, struct rpc_request *req, const char *method,
                     const struct rpc_value *params)
{
    const struct method *m = find_method(method);
    struct call c = {.req = req, .params = params};

    (void)unused;
    log_debug("request %s", method);
    if (!m)
        rpc_fault(req, FAULT_INTERNAL, "method '%s' is not supported", method);
    else if (params->count < m->min || params->count > m->max)
        rpc_fault(req, FAULT_INTERNAL, "%s takes %s", method, m->help);
    else if (!xend.store && m->about != HOST)
        rpc_fault(req, FAULT_GENERIC, "%s", NO_STORE);
    else if (allowed(&c, m))
        m->run(&c);
}
