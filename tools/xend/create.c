/* SPDX-License-Identifier: GPL-2.0 */
/*
 * create.c - from a description to a paused domain with its devices, in
 * stages; each ends by an event and has a deadline.
 *   memory -> build (a child) -> store -> devices -> live
 * Keeps true: from before the first hypercall until the end a file under the
 * state directory says that the domain is being made, so that an xend that
 * was killed at any point finds and removes what is half done.
 */
#include <errno.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/log.h"
#include "build/build.h"
#include "xend.h"

#define BUILD_DEADLINE_MS  600000
#define MEMORY_DEADLINE_NS 30000000000ull
#define MEMORY_LOOK_MS     100

/* What the builder's child sends back. */
struct build_report {
    int rc;
    char err[ERR_SIZE];
    struct build_result result;
};

void create_fail(struct domain *d, const char *fmt, ...)
{
    va_list ap;

    va_start(ap, fmt);
    vsnprintf(d->error, sizeof(d->error), fmt, ap);
    va_end(ap);
    log_error("%s: not created: %s", d->cfg->name, d->error);
    destroy_begin(d);
}

struct rpc_value *create_answer(const struct domain *d)
{
    struct dom_info info;
    struct sxp *s;
    struct rpc_value *v;

    if (dom_get_info(xend.hyp, (uint32_t)d->domid, &info))
        memset(&info, 0, sizeof(info));
    s = describe_domain(d, &info, true);
    for (const struct sxp *c = d->cfg->sxp->first; c; c = c->next) {
        const struct sxp *dev = c->first ? c->first->next : NULL;

        if (c->first && c->first->atom && !strcmp(c->first->atom, "device") &&
            dev && dev->first && dev->first->atom &&
            !strcmp(dev->first->atom, "vfb"))
            sxp_add_pair(s, "warning",
                         "vfb is left out: no frame buffer server is "
                         "installed; use the console");
    }
    v = rpc_from_sxp(s);
    sxp_free(s);
    return v;
}

/* Everything is there. */
static void finish(struct domain *d)
{
    loop_timer_cancel(&d->timer);
    d->stage = STAGE_LIVE;
    d->restarting = false;
    if (!d->create_req) /* nobody else would; nor an xend that finds it live */
        dom_unpause(xend.hyp, (uint32_t)d->domid);
    keep_write(d, KEPT_LIVE);
    log_info("%s (id %d) is complete", d->cfg->name, d->domid);
    if (d->create_req)
        rpc_answer(d->create_req, create_answer(d));
    d->create_req = NULL;
}

void create_devices_changed(struct domain *d)
{
    const char *why = devices_error(d);

    if (d->stage != STAGE_DEVICES)
        return;
    if (why)
        create_fail(d, "%s", why);
    else if (devices_connected(d))
        finish(d);
}

static void pin_vcpus(const struct domain *d)
{
    if (d->cfg->nr_cpu_maps < 2)
        return;
    for (unsigned i = 0; i < d->cfg->nr_cpu_maps; i++)
        dom_set_vcpu_affinity(xend.hyp, (uint32_t)d->domid, i,
                              d->cfg->cpu_maps[i].bits, VM_CPU_BITS);
}

/* The domain is built: make it known, connect its devices. */
static void built(struct domain *d, const struct build_result *r)
{
    int rc;

    d->domid = (int)r->domid;
    log_info("%s (id %d) is built: %llu pages, %s %s", d->cfg->name, d->domid,
             (unsigned long long)r->nr_pages, r->guest_os, r->guest_version);
    keep_write(d, KEPT_MAKING);
    pin_vcpus(d);
    if (!xend.store) {
        create_fail(d, "%s", NO_STORE);
        return;
    }
    rc = guest_store_write(d, r);
    if (!rc)
        rc = store_introduce(xend.store, r->domid, r->store_mfn, r->store_port);
    if (rc) {
        create_fail(d, "cannot write to the store: %s", strerror(-rc));
        return;
    }
    d->on_introduced = true;
    d->stage = STAGE_DEVICES;
    loop_timer_cancel(&d->timer); /* each device has its own deadline */
    for (struct device *dev = d->devices; dev; dev = dev->next) {
        device_start(dev);
        if (d->stage != STAGE_DEVICES)
            return; /* one failed at once */
    }
    create_devices_changed(d);
}

static void build_ended(struct domain *d, const void *data, size_t len)
{
    const struct build_report *report = data;

    loop_timer_cancel(&d->timer);
    if (len != sizeof(*report))
        create_fail(d, "the domain builder died");
    else if (report->rc)
        create_fail(d, "%s", report->err);
    else
        built(d, &report->result);
}

/* In a child. */
static void build_job(const struct domain *d, struct hyp *h, int out)
{
    static struct build_report report;
    const struct vmcfg *c = d->cfg;
    struct build_spec spec = {
        .kernel = c->kernel,
        .ramdisk = c->ramdisk,
        .cmdline = c->cmdline,
        .memory_kib = c->memory_mib * 1024,
        .maxmem_kib = c->maxmem_mib * 1024,
        .vcpus = c->vcpus,
        .affinity = c->nr_cpu_maps == 1 ? c->cpu_maps[0].bits : NULL,
        .affinity_bits = VM_CPU_BITS,
        .time_offset = c->time_offset,
        .sched = {c->weight, c->cap},
    };

    _Static_assert(sizeof(report) <= JOB_REPORT_MAX, "one piece");
    memcpy(spec.uuid, c->uuid, 16);
    if (h)
        report.rc = build_domain(h, &spec, &report.result, report.err,
                                 sizeof(report.err));
    else
        report.rc = -ENXIO;
    if (!h)
        strcpy(report.err, "cannot reach the hypervisor");
    if (write(out, &report, sizeof(report)) != (ssize_t)sizeof(report))
        _exit(1);
}

static void stage_overdue(void *arg)
{
    create_fail(arg, "building it took longer than %d s",
                BUILD_DEADLINE_MS / 1000);
}

static void begin_build(struct domain *d)
{
    int rc;

    d->stage = STAGE_BUILD;
    rc = job_start(d, build_job, build_ended, true);
    if (rc) {
        create_fail(d, "cannot start the domain builder: %s", strerror(-rc));
        return;
    }
    loop_timer_init(&d->timer, xend.loop, stage_overdue, d);
    loop_timer_set(&d->timer, BUILD_DEADLINE_MS);
}

/* Page tables, the p2m list and rings come on top of what was asked. */
static uint64_t memory_needed_kib(const struct vmcfg *c)
{
    return c->memory_mib * 1024 + c->memory_mib * 4 + 1024 + 256 * c->vcpus;
}

static void look_at_memory(void *arg)
{
    struct domain *d = arg;
    uint64_t need = memory_needed_kib(d->cfg);
    uint64_t free_kib = 0;

    if (balloon_have(need, &free_kib)) {
        begin_build(d);
    } else if (loop_now_ns() >= d->wait_until_ns) {
        create_fail(d,
                    "not enough memory: %llu MiB asked for, %llu MiB are "
                    "free",
                    (unsigned long long)d->cfg->memory_mib,
                    (unsigned long long)free_kib / 1024);
    } else {
        loop_timer_set(&d->timer, MEMORY_LOOK_MS);
    }
}

static void begin_memory(struct domain *d)
{
    uint64_t need = memory_needed_kib(d->cfg);
    uint64_t free_kib;

    d->stage = STAGE_MEMORY;
    if (balloon_have(need, &free_kib)) {
        begin_build(d);
        return;
    }
    if (balloon_possible(need))
        balloon_ask(need);
    d->wait_until_ns =
        balloon_possible(need) ? loop_now_ns() + MEMORY_DEADLINE_NS : 0;
    loop_timer_init(&d->timer, xend.loop, look_at_memory, d);
    look_at_memory(d);
}

static int check_file(const char *what, const char *path, char *err)
{
    struct stat st;

    if (!path)
        return 0;
    if (stat(path, &st))
        snprintf(err, ERR_SIZE, "%s %s: %s", what, path, strerror(errno));
    else if (!S_ISREG(st.st_mode))
        snprintf(err, ERR_SIZE, "%s %s: not a file", what, path);
    else
        return 0;
    return -1;
}

/* What can be known to be wrong before anything is made. */
static int check(const struct vmcfg *c, char *err)
{
    const struct domain *other;
    char uuid[37];

    if (!xend.store) {
        snprintf(err, ERR_SIZE, "%s", NO_STORE);
        return -1;
    }
    domains_refresh(); /* other programs come and go too */
    recall_foreign_again();
    if (domain_count() >= MAX_DOMAINS - 1) {
        snprintf(err, ERR_SIZE, "there are %u domains; no more can be managed",
                 domain_count());
        return -1;
    }
    other = domain_by_name(c->name);
    if (other || strcmp(c->name, "Domain-0") == 0) {
        snprintf(err, ERR_SIZE, "Domain '%s' already exists with ID '%d'",
                 c->name, other ? other->domid : 0);
        return -1;
    }
    other = domain_by_uuid(c->uuid);
    if (other) {
        uuid_print(uuid, c->uuid);
        snprintf(err, ERR_SIZE, "uuid %s belongs to domain '%s' already", uuid,
                 other->cfg->name);
        return -1;
    }
    if (!c->kernel) {
        snprintf(err, ERR_SIZE, "boot loader %s %s; name a kernel instead",
                 c->bootloader,
                 access(c->bootloader, X_OK) ? "is not installed"
                                             : "cannot be run by this xend");
        return -1;
    }
    if (check_file("kernel", c->kernel, err) ||
        check_file("ramdisk", c->ramdisk, err))
        return -1;
    return 0;
}

static bool is_vfb(const struct sxp *cfg)
{
    return cfg->first && cfg->first->atom &&
           (!strcmp(cfg->first->atom, "vfb") ||
            !strcmp(cfg->first->atom, "vkbd"));
}

/* Entries for all (device ..) of the description. */
static int add_devices(struct domain *d, char *err)
{
    for (const struct sxp *s = d->cfg->sxp->first; s; s = s->next) {
        const struct sxp *cfg = s->first ? s->first->next : NULL;

        if (!s->first || !s->first->atom ||
            strcmp(s->first->atom, "device") != 0 || !cfg || is_vfb(cfg))
            continue;
        if (!device_new(d, cfg, err))
            return -1;
    }
    return 0;
}

void create_begin(struct vmcfg *cfg, struct rpc_request *req,
                  double restarted_at, unsigned restarts)
{
    char err[ERR_SIZE];
    struct domain *d;

    if (check(cfg, err)) {
        log_error("%s: not created: %s", cfg->name, err);
        if (req)
            rpc_fault(req, FAULT_GENERIC, "%s", err);
        vmcfg_free(cfg);
        return;
    }
    d = domain_new(cfg);
    d->killed = true; /* nothing in the hypervisor yet */
    d->create_req = req;
    d->restarting = !req;
    d->restarted_at = restarted_at;
    d->restarts = restarts;
    if (add_devices(d, err)) {
        create_fail(d, "%s", err);
        return;
    }
    if (keep_write(d, KEPT_MAKING)) {
        create_fail(d, "cannot write to %s", xend.set.state_dir);
        return;
    }
    d->killed = false;
    begin_memory(d);
}
