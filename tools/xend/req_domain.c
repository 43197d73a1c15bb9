/* SPDX-License-Identifier: GPL-2.0 */
/* req_domain.c - methods that look at domains and rule their life. */
#include <ctype.h>
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/log.h"
#include "request.h"

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
    cfg = vmcfg_bare(listed_name(info, name), info->uuid);
    unknown.cfg = cfg;
    unknown.domid = (int)info->domid;
    s = describe_domain(&unknown, info, false);
    vmcfg_free(cfg);
    return s;
}

static void list_domains(struct call *c, const char *state, bool detail,
                         bool full)
{
    static struct dom_info list[MAX_DOMAINS];
    struct rpc_value *all = rpc_array();
    int count = dom_list(xend.hyp, 0, list, MAX_DOMAINS);

    for (int i = 0; i < count; i++) {
        struct sxp *s;

        if (!in_state(state, &list[i]))
            continue;
        s = describe(&list[i], full);
        rpc_add(all, detail ? rpc_from_sxp(s) : rpc_string(sxp_get(s, "name")));
        sxp_free(s);
    }
    rpc_answer(c->req, all);
}

void req_domains(struct call *c)
{
    list_domains(c, "all", arg_true(c, 0),
                 c->params->count < 2 || arg_true(c, 1));
}

void req_domains_with_state(struct call *c)
{
    list_domains(c, arg(c, 1), arg_true(c, 0), arg_true(c, 2));
}

/* The columns that the client names behind the state; their count, or -1. */
static int find_columns(const struct call *c, column_fn **put)
{
    int nr = 0;

    for (size_t i = 1; i < c->params->count; i++, nr++) {
        const char *name = rpc_text(rpc_at(c->params, i), "");

        put[nr] = column_find(name);
        if (!put[nr]) {
            rpc_fault(c->req, FAULT_GENERIC, "there is no column '%s'", name);
            return -1;
        }
    }
    return nr;
}

void req_domains_columns(struct call *c)
{
    static struct dom_info list[MAX_DOMAINS];
    column_fn *put[MAX_COLUMNS];
    int count, nr = find_columns(c, put);
    struct buf b;

    if (nr < 0)
        return;
    count = dom_list(xend.hyp, 0, list, MAX_DOMAINS);
    rpc_rows_begin(&b);
    for (int i = 0; i < count; i++) {
        if (!in_state(arg(c, 0), &list[i]))
            continue;
        rpc_row_open(&b);
        for (int k = 0; k < nr; k++) {
            rpc_cell_open(&b);
            put[k](&b, &list[i]);
            rpc_cell_close(&b);
        }
        rpc_row_close(&b);
    }
    rpc_answer(c->req, rpc_rows_end(&b));
}

void req_domain(struct call *c)
{
    bool full = c->params->count < 2 || arg_true(c, 1);
    struct dom_info info;
    struct sxp *s;

    if (call_domid(c) < 0 ||
        dom_get_info(xend.hyp, (uint32_t)call_domid(c), &info)) {
        memset(&info, 0, sizeof(info));
        info.domid = (uint32_t)call_domid(c);
    }
    s = c->d ? describe_domain(c->d, &info, full) : describe_dom0(&info);
    rpc_answer(c->req, rpc_from_sxp(s));
    sxp_free(s);
}

void req_vcpu_info(struct call *c)
{
    struct sxp *s =
        describe_vcpus(call_domid(c), c->d ? c->d->cfg->name : "Domain-0");

    rpc_answer(c->req, rpc_from_sxp(s));
    sxp_free(s);
}

void req_restart_count(struct call *c)
{
    rpc_answer(c->req, rpc_int(c->d->restarts));
}

/* ---- life -------------------------------------------------------------- */

void req_create(struct call *c)
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

void req_destroy(struct call *c)
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

void req_pause(struct call *c)
{
    finish(c, dom_pause(xend.hyp, (uint32_t)call_domid(c)), "pause it");
}

void req_unpause(struct call *c)
{
    finish(c, dom_unpause(xend.hyp, (uint32_t)call_domid(c)), "unpause it");
}

/* Creation answers only when all devices are there. */
void req_wait_for_devices(struct call *c)
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

    return store_write_text(
        xend.store, 0,
        path_domain(&p, (uint32_t)call_domid(c), "control/%s", node), text);
}

void req_shutdown(struct call *c)
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

void req_wait_for_shutdown(struct call *c)
{
    if (c->d->end_handled && c->d->stage == STAGE_LIVE)
        rpc_answer(c->req, rpc_int(0)); /* ended and kept */
    else if (waiter_add(&c->d->end_waiters, c->req))
        rpc_fault(c->req, FAULT_INTERNAL, "no memory");
}

void req_set_name(struct call *c)
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

void req_sysrq(struct call *c)
{
    const char *key = arg(c, 1);

    if (strlen(key) != 1 || !isalnum((unsigned char)*key))
        rpc_fault(c->req, FAULT_GENERIC, "'%s' is not a sysrq letter", key);
    else
        finish(c, write_control(c, "sysrq", key), "send a sysrq");
}
