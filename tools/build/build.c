/* SPDX-License-Identifier: GPL-2.0 */
/*
 * build.c - a PV domain from files, step by step.
 * Keeps true: files are opened and judged before the domain exists; whatever
 * step fails, the domain and all its memory are gone again before the error
 * is returned; nothing of the guest stays mapped here.
 */
#include "private.h"

#include <errno.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>

#include <abi/memory.h>
#include <abi/xen.h>

#include "hyp/evtchn.h"
#include "hyp/grant.h"
#include "hyp/memory.h"

#define BIG_ORDER    9    /* 2 MiB extents first */
#define MAXMEM_SLACK 1024 /* KiB that a ceiling needs beyond the memory */
#define MAX_VCPUS    8192
#define MAX_PORT     1023

int build_fail(struct building *b, int rc, const char *fmt, ...)
{
    va_list ap;

    va_start(ap, fmt);
    vsnprintf(b->err, b->err_size, fmt, ap);
    va_end(ap);
    return rc;
}

void *build_map(struct building *b, uint64_t pfn, uint64_t count)
{
    if (count > b->nr_pages || pfn > b->nr_pages - count) {
        errno = EFAULT;
        return NULL;
    }
    return mem_map(b->h, b->domid, PROT_READ | PROT_WRITE, &b->p2m[pfn], count,
                   NULL);
}

/* What the caller wants */

static uint64_t maxmem_kib(const struct build_spec *s)
{
    return s->maxmem_kib > s->memory_kib ? s->maxmem_kib : s->memory_kib;
}

static int check_spec(struct building *b)
{
    const struct build_spec *s = b->spec;

    if (!s->kernel || !s->kernel[0])
        return build_fail(b, -EINVAL, "no kernel given");
    if (s->memory_kib < 4096 || s->memory_kib >> 34)
        return build_fail(b, -EINVAL, "%llu KiB of memory make no sense",
                          (unsigned long long)s->memory_kib);
    if (!s->vcpus || s->vcpus > MAX_VCPUS)
        return build_fail(b, -EINVAL, "%u vcpus: must be 1 to %u", s->vcpus,
                          MAX_VCPUS);
    if (s->cmdline && strlen(s->cmdline) >= MAX_GUEST_CMDLINE)
        return build_fail(b, -E2BIG,
                          "kernel's command line is longer than %d bytes",
                          MAX_GUEST_CMDLINE - 1);
    return 0;
}

/* The domain without memory */

static int set_affinity(struct building *b)
{
    const struct build_spec *s = b->spec;
    uint32_t i;
    int rc = 0;

    for (i = 0; s->affinity && i < s->vcpus && !rc; i++)
        rc = dom_set_vcpu_affinity(b->h, b->domid, i, s->affinity,
                                   s->affinity_bits);
    if (rc)
        build_fail(b, rc, "cannot pin its vcpus to the given CPUs: %s",
                   strerror(-rc));
    return rc;
}

static int optional(int rc)
{
    return rc == -ENOSYS || rc == -EOPNOTSUPP ? 0 : rc;
}

static int create(struct building *b)
{
    const struct build_spec *s = b->spec;
    struct dom_limits limits = {
        .max_vcpus = s->vcpus,
        .max_evtchn_port = s->max_evtchn_port ? s->max_evtchn_port : MAX_PORT,
        .max_grant_frames =
            s->max_grant_frames ? (int32_t)s->max_grant_frames : -1,
        .max_maptrack_frames =
            s->max_maptrack_frames ? (int32_t)s->max_maptrack_frames : -1,
        .ssidref = s->ssidref,
        .cpupool = s->cpupool,
    };
    int rc;

    memcpy(limits.uuid, s->uuid, sizeof(limits.uuid));
    rc = dom_create(b->h, &limits, &b->domid);
    if (rc) {
        b->domid = 0;
        return build_fail(b, rc, "hypervisor refuses a new domain: %s",
                          strerror(-rc));
    }
    rc = dom_set_max_vcpus(b->h, b->domid, s->vcpus);
    if (rc)
        return build_fail(b, rc, "hypervisor refuses %u vcpus: %s", s->vcpus,
                          strerror(-rc));
    rc = set_affinity(b);
    if (rc)
        return rc;
    rc = dom_set_max_mem(b->h, b->domid, maxmem_kib(s) + MAXMEM_SLACK);
    if (!rc)
        rc = optional(mem_set_map(b->h, b->domid, maxmem_kib(s) << 10));
    if (!rc)
        rc = optional(dom_set_default_cpu_policy(b->h, b->domid));
    if (!rc)
        rc = optional(dom_set_address_size(b->h, b->domid, 64));
    if (!rc && s->sched.weight)
        rc = optional(dom_set_sched(b->h, b->domid, &s->sched));
    if (!rc && s->time_offset)
        rc = dom_set_time_offset(b->h, b->domid, s->time_offset);
    if (rc)
        build_fail(b, rc, "hypervisor refuses a setting of the domain: %s",
                   strerror(-rc));
    return rc;
}

/* Two ports for whoever serves it, in the customary order. */
static int open_ports(struct building *b)
{
    int store = evtchn_alloc_for(b->h, b->domid, b->spec->backend_domid);
    int console =
        store < 0 ? store
                  : evtchn_alloc_for(b->h, b->domid, b->spec->backend_domid);

    if (console < 0)
        return build_fail(b, console, "cannot make its event channels: %s",
                          strerror(-console));
    b->result->store_port = (uint32_t)store;
    b->result->console_port = (uint32_t)console;
    return 0;
}

/* Memory */

static int too_little(struct building *b)
{
    struct host_info info;
    uint64_t free_pages = 0;

    if (host_get_info(b->h, &info) == 0)
        free_pages = info.free_pages > info.outstanding_pages
                         ? info.free_pages - info.outstanding_pages
                         : 0;
    return build_fail(b, -ENOMEM,
                      "not enough memory: %llu MiB asked for, %llu MiB free",
                      (unsigned long long)(b->nr_pages >> 8),
                      (unsigned long long)(free_pages >> 8));
}

/* As many 2 MiB extents as there are, in place in p2m; pages done. */
static uint64_t populate_big(struct building *b)
{
    uint64_t count = b->nr_pages >> BIG_ORDER, i, k;
    uint64_t *starts = calloc(count + 1, sizeof(*starts));
    long got;

    if (!starts)
        return 0;
    for (i = 0; i < count; i++)
        starts[i] = i << BIG_ORDER;
    got = mem_populate(b->h, b->domid, starts, count, BIG_ORDER);
    for (i = 0; got > 0 && i < (uint64_t)got; i++)
        for (k = 0; k < 1u << BIG_ORDER; k++)
            b->p2m[(i << BIG_ORDER) + k] = starts[i] + k;
    free(starts);
    return got > 0 ? (uint64_t)got << BIG_ORDER : 0;
}

static int populate(struct building *b)
{
    uint64_t done, i;
    long got;
    int rc;

    b->p2m = malloc(b->nr_pages * sizeof(*b->p2m));
    if (!b->p2m)
        return build_fail(b, -ENOMEM, "out of memory");
    rc = mem_claim(b->h, b->domid, b->nr_pages);
    if (rc == -ENOMEM)
        return too_little(b);
    done = populate_big(b);
    for (i = done; i < b->nr_pages; i++)
        b->p2m[i] = i;
    got = mem_populate(b->h, b->domid, b->p2m + done, b->nr_pages - done, 0);
    if (rc == 0)
        mem_claim(b->h, b->domid, 0);
    if (got < 0 || (uint64_t)got != b->nr_pages - done)
        return too_little(b);
    return 0;
}

/* What the kernel will look for */

static int make_plan(struct building *b)
{
    struct plan_request req = {
        .nr_pages = b->nr_pages,
        .ramdisk_bytes = b->ramdisk.fd >= 0 ? b->ramdisk.size : 0,
        .ramdisk_must_map = !b->img.notes.mod_start_pfn,
    };
    int rc = plan_make(&b->plan, &b->img, &req, b->err, b->err_size);

    if (rc)
        return rc;
    b->result->store_mfn = b->p2m[b->plan.store.pfn];
    b->result->console_mfn = b->p2m[b->plan.console.pfn];
    return 0;
}

static int put_p2m(struct building *b)
{
    uint64_t *to = build_map(b, b->plan.p2m.pfn, b->plan.p2m.count);
    size_t used = b->nr_pages * sizeof(*to);

    if (!to)
        return -errno;
    memcpy(to, b->p2m, used);
    /* entries beyond the memory: no frame */
    memset((char *)to + used, 0xff, b->plan.p2m.count * PAGE - used);
    mem_unmap(to, b->plan.p2m.count);
    return 0;
}

/* Start info, store and console page, tables and stack lie side by side. */
static int put_low(struct building *b)
{
    const struct plan *p = &b->plan;
    uint64_t first = p->start_info.pfn;
    uint64_t count = p->stack.pfn + p->stack.count - first;
    char *low = build_map(b, first, count);
    int rc;

    if (!low)
        return -errno;
    memset(low, 0, (p->tables.pfn - first) * PAGE);
    startinfo_fill(b, (struct start_info *)low);
    rc = tables_fill(p, b->p2m,
                     (uint64_t *)(low + (p->tables.pfn - first) * PAGE));
    memset(low + (p->stack.pfn - first) * PAGE, 0, PAGE);
    mem_unmap(low, count);
    return rc;
}

static int put_shared_info(struct building *b)
{
    struct shared_info *si;
    struct dom_info info;
    unsigned i;
    int rc = dom_get_info(b->h, b->domid, &info);

    if (rc)
        return rc;
    b->shared_info_mfn = info.shared_info_mfn;
    si = mem_map(b->h, b->domid, PROT_READ | PROT_WRITE, &b->shared_info_mfn, 1,
                 NULL);
    if (!si)
        return -errno;
    memset(si, 0, PAGE);
    for (i = 0; i < XEN_LEGACY_MAX_VCPUS; i++)
        si->vcpu_info[i].evtchn_upcall_mask = 1;
    mem_unmap(si, 1);
    return 0;
}

static int put_hypercall_page(struct building *b)
{
    const struct image_notes *n = &b->img.notes;
    uint64_t pfn = (n->hypercall_page - n->virt_base) / PAGE;

    if (n->hypercall_page == IMAGE_UNSET)
        return 0;
    if (n->hypercall_page < n->virt_base || pfn >= b->nr_pages)
        return -ENOEXEC;
    return dom_init_hypercall_page(b->h, b->domid, b->p2m[pfn]);
}

static int start_vcpu(struct building *b)
{
    struct vcpu_guest_context *c = malloc(sizeof(*c));
    int rc;

    if (!c)
        return -ENOMEM;
    context_fill(b, c);
    rc = dom_set_vcpu_context(b->h, b->domid, 0, c);
    free(c);
    return rc;
}

static int pin_tables(struct building *b)
{
    return mem_mmuext(b->h, b->domid, MMUEXT_PIN_L4_TABLE,
                      b->p2m[b->plan.tables.pfn]);
}

static int seed_grants(struct building *b)
{
    return grant_seed(b->h, b->domid, b->result->console_mfn,
                      b->result->store_mfn, b->spec->backend_domid,
                      b->spec->backend_domid);
}

static int finish(struct building *b)
{
    static const struct {
        int (*make)(struct building *);
        const char *what;
    } steps[] = {
        {put_shared_info, "its shared page"},
        {put_p2m, "its list of frames"},
        {put_low, "its start page and tables"},
        {put_hypercall_page, "its hypercall page"},
        {pin_tables, "page tables that are accepted"},
        {seed_grants, "its first grants"},
        {start_vcpu, "its first vcpu"},
    };
    size_t i;
    int rc;

    for (i = 0; i < sizeof(steps) / sizeof(steps[0]); i++) {
        rc = steps[i].make(b);
        if (rc)
            return build_fail(b, rc, "cannot make %s: %s", steps[i].what,
                              strerror(-rc));
    }
    return 0;
}

static void tell(struct building *b)
{
    const struct image_notes *n = &b->img.notes;
    struct build_result *r = b->result;

    r->domid = b->domid;
    r->nr_pages = b->nr_pages;
    memcpy(r->guest_os, n->guest_os, sizeof(r->guest_os));
    memcpy(r->guest_version, n->guest_version, sizeof(r->guest_version));
    memcpy(r->loader, n->loader, sizeof(r->loader));
    memcpy(r->features, n->features, sizeof(r->features));
    r->entry = n->entry;
    r->virt_base = n->virt_base;
    r->init_p2m = n->init_p2m;
    r->hv_start_low = n->hv_start_low;
    r->kernel_pages = (uint32_t)b->plan.kernel.count;
    r->suspend_cancel = n->suspend_cancel;
}

static int build(struct building *b)
{
    int (*const steps[])(struct building *) = {
        create,        open_ports, populate,     load_kernel,
        ramdisk_judge, make_plan,  load_ramdisk, finish,
    };
    size_t i;
    int rc = 0;

    for (i = 0; i < sizeof(steps) / sizeof(steps[0]) && !rc; i++)
        rc = steps[i](b);
    return rc;
}

static int open_files(struct building *b)
{
    int rc = check_spec(b);

    if (!rc)
        rc = image_open(&b->img, b->spec->kernel, b->err, b->err_size);
    if (!rc)
        rc = ramdisk_open(b);
    return rc;
}

static void close_all(struct building *b)
{
    ramdisk_close(b);
    image_close(&b->img);
    free(b->p2m);
}

int build_domain(struct hyp *h, const struct build_spec *spec,
                 struct build_result *result, char *err, size_t err_size)
{
    struct building b = {
        .h = h,
        .spec = spec,
        .result = result,
        .img = {.fd = -1},
        .ramdisk = {.fd = -1},
        .nr_pages = spec->memory_kib >> 2,
        .err = err,
        .err_size = err_size,
    };
    int rc;

    memset(result, 0, sizeof(*result));
    rc = open_files(&b);
    if (!rc)
        rc = build(&b);
    if (!rc)
        tell(&b);
    else if (b.domid)
        dom_destroy(h, b.domid);
    close_all(&b);
    return rc;
}

/* The notes, from a packed file by unpacking it aside. */
static int check_notes(struct building *b)
{
    struct image *img = &b->img;
    const uint8_t *elf = img->payload;
    uint8_t *copy = NULL;
    char why[256];
    int rc = 0;

    if (img->packing != PACK_NONE) {
        copy = malloc(img->elf_size);
        if (!copy)
            return build_fail(b, -ENOMEM, "out of memory");
        rc = image_unpack_to(img, copy, why, sizeof(why));
        elf = copy;
    }
    if (!rc)
        rc = image_read_notes(img, elf + img->note_offset, img->note_size, why,
                              sizeof(why));
    free(copy);
    if (rc)
        build_fail(b, rc, "kernel %s: %s", b->spec->kernel, why);
    return rc;
}

int build_check(const struct build_spec *spec, char *err, size_t err_size)
{
    struct building b = {
        .spec = spec,
        .img = {.fd = -1},
        .ramdisk = {.fd = -1},
        .nr_pages = spec->memory_kib >> 2,
        .err = err,
        .err_size = err_size,
    };
    struct plan_request req;
    int rc = open_files(&b);

    if (!rc)
        rc = check_notes(&b);
    if (!rc)
        rc = ramdisk_judge(&b);
    if (!rc) {
        req = (struct plan_request){
            .nr_pages = b.nr_pages,
            .ramdisk_bytes = b.ramdisk.fd >= 0 ? b.ramdisk.size : 0,
            .ramdisk_must_map = !b.img.notes.mod_start_pfn,
        };
        rc = plan_make(&b.plan, &b.img, &req, err, err_size);
    }
    close_all(&b);
    return rc;
}
