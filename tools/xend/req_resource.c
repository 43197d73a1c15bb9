/* SPDX-License-Identifier: GPL-2.0 */
/* req_resource.c - methods for a domain's memory, processors and devices. */
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/log.h"
#include "request.h"

/* ---- memory and processors --------------------------------------------- */

void req_mem_max(struct call *c)
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
    finish(c,
           dom_set_max_mem(xend.hyp, (uint32_t)call_domid(c),
                           (uint64_t)mib * 1024 + 1024),
           "set its maximum");
}

void req_mem_target(struct call *c)
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
    if (call_domid(c) == 0 && mib < (long long)xend.set.dom0_min_mib) {
        rpc_fault(c->req, FAULT_GENERIC,
                  "Domain-0 keeps at least %u MiB "
                  "(dom0-min-mem)",
                  xend.set.dom0_min_mib);
        return;
    }
    rc = dom_get_info(xend.hyp, (uint32_t)call_domid(c), &info);
    if (!rc) /* the hypervisor's own limit has some slack */
        most = !c->d           ? (uint64_t)mib
               : c->d->foreign ? info.max_pages / 256
                               : c->d->cfg->maxmem_mib;
    if (!rc && (uint64_t)mib > most) {
        rpc_fault(c->req, FAULT_GENERIC,
                  "%s: %lld MiB is more than its "
                  "maximum, %llu MiB",
                  c->name, mib, (unsigned long long)most);
        return;
    }
    if (!rc)
        rc = store_printf(
            xend.store, 0,
            path_domain(&p, (uint32_t)call_domid(c), "memory/target"), "%lld",
            mib * 1024);
    finish(c, rc, "set its target");
}

void req_vcpu_count(struct call *c)
{
    struct dom_info info;
    store_path_t p;
    long long n;
    int rc = dom_get_info(xend.hyp, (uint32_t)call_domid(c), &info);

    if (!arg_number(c, 1, &n) || n < 1 || rc ||
        n > (long long)info.max_vcpu_id + 1) {
        rpc_fault(c->req, FAULT_GENERIC,
                  "%s: the number of vcpus must be "
                  "from 1 to %u",
                  c->name, rc ? 1 : info.max_vcpu_id + 1);
        return;
    }
    for (uint32_t i = 0; i <= info.max_vcpu_id && !rc; i++)
        rc = store_write_text(
            xend.store, 0,
            path_domain(&p, (uint32_t)call_domid(c), "cpu/%u/availability", i),
            i < (uint32_t)n ? "online" : "offline");
    finish(c, rc, "change its vcpus");
}

/* Only CPUs that there are: Xen refuses a map without any of them. */
void req_pincpu(struct call *c)
{
    const struct rpc_value *list = rpc_at(c->params, 2);
    struct dom_info info;
    struct cpu_map map;
    struct buf text = BUF_INIT;
    bool all = strcmp(arg(c, 1), "all") == 0;
    long long vcpu = 0;
    int rc = dom_get_info(xend.hyp, (uint32_t)call_domid(c), &info);

    if (list && list->type == RPC_ARRAY) {
        for (size_t i = 0; i < list->count; i++)
            buf_printf(&text, "%lld,",
                       (long long)rpc_number(list->members[i].value, -1));
    } else {
        buf_puts(&text, arg(c, 2));
    }
    if (rc || (!all && (!arg_number(c, 1, &vcpu) || vcpu < 0 ||
                        vcpu > (long long)info.max_vcpu_id))) {
        rpc_fault(c->req, FAULT_GENERIC, "%s: there is no vcpu '%s'", c->name,
                  arg(c, 1));
    } else if (cpu_map_parse(&map, text.data ? text.data : "")) {
        rpc_fault(c->req, FAULT_GENERIC, "'%s' is not a list of CPUs",
                  text.data ? text.data : "");
    } else {
        uint32_t last = all ? info.max_vcpu_id : (uint32_t)vcpu;

        for (uint32_t v = (uint32_t)vcpu; v <= last && !rc; v++)
            rc = dom_set_vcpu_affinity(xend.hyp, (uint32_t)call_domid(c), v,
                                       map.bits, VM_CPU_BITS);
        finish(c, rc, "pin it");
    }
    buf_free(&text);
}

void req_sched_get(struct call *c)
{
    struct dom_sched s;
    struct rpc_value *v;
    int rc = dom_get_sched(xend.hyp, (uint32_t)call_domid(c), &s);

    if (rc) {
        finish(c, rc, "read its share");
        return;
    }
    v = rpc_array();
    rpc_add(v, rpc_int(s.weight));
    rpc_add(v, rpc_int(s.cap));
    rpc_answer(c->req, v);
}

void req_sched_set(struct call *c)
{
    struct dom_sched s;
    long long v;
    int rc = dom_get_sched(xend.hyp, (uint32_t)call_domid(c), &s);

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
        rc = dom_set_sched(xend.hyp, (uint32_t)call_domid(c), &s);
    finish(c, rc, "set its share");
}

/* ---- devices ----------------------------------------------------------- */

void req_device_create(struct call *c)
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

void req_device_destroy(struct call *c)
{
    const struct device_kind *kind = device_kind_find(arg(c, 1));
    struct device *dev = kind ? find_device(c, kind->name, arg(c, 2)) : NULL;

    if (dev)
        device_detach(dev, arg_true(c, 3), c->req);
    else
        rpc_fault(c->req, FAULT_GENERIC, "%s: there is no device %s (%s)",
                  c->name, arg(c, 2), arg(c, 1));
}

void req_device_list(struct call *c)
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

void req_block_class(struct call *c)
{
    rpc_answer(c->req, rpc_string("vbd"));
}
