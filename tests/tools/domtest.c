/* SPDX-License-Identifier: GPL-2.0 */
/*
 * domtest.c - the builder by hand, in any Dom0: makes a domain from files,
 * tells the store of it, and says how long each part took.
 *   domtest create NAME MIB VCPUS KERNEL RAMDISK|- CMDLINE...   (paused)
 *   domtest unpause|pause|destroy|info DOMID
 *   domtest list
 *   domtest check MIB KERNEL RAMDISK|-
 */
#include <errno.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/loop.h"
#include "build/build.h"
#include "hyp/domain.h"
#include "store/client.h"
#include "store/path.h"

struct introduction {
    const char *name;
    const struct build_spec *spec;
    const struct build_result *r;
};

static void put(struct store *s, store_tx_t tx, uint32_t domid, const char *key,
                const char *fmt, unsigned long long value)
{
    store_path_t path;
    char text[32];

    snprintf(text, sizeof(text), "%llu", value);
    store_write_text(s, tx, path_domain(&path, domid, "%s", key),
                     fmt ? fmt : text);
}

static int write_nodes(struct store *s, store_tx_t tx, void *arg)
{
    const struct introduction *in = arg;
    uint32_t id = in->r->domid, i;
    struct store_perm ro[] = {{0, 'n'}, {id, 'r'}}, own[] = {{id, 'n'}};
    static const char *const guests[] = {
        "control/shutdown", "data", "device", "drivers", "feature", "attr"};
    store_path_t path;
    char key[64];

    store_batch_begin(s);
    store_mkdir(s, tx, path_domain(&path, id, NULL));
    store_set_perms(s, tx, path.text, ro, 2);
    put(s, tx, id, "name", in->name, 0);
    put(s, tx, id, "domid", NULL, id);
    put(s, tx, id, "memory/target", NULL, in->spec->memory_kib);
    put(s, tx, id, "memory/static-max", NULL, in->spec->memory_kib);
    put(s, tx, id, "store/port", NULL, in->r->store_port);
    put(s, tx, id, "store/ring-ref", NULL, in->r->store_mfn);
    put(s, tx, id, "console/port", NULL, in->r->console_port);
    put(s, tx, id, "console/ring-ref", NULL, in->r->console_mfn);
    put(s, tx, id, "console/limit", NULL, 1048576);
    put(s, tx, id, "console/type", "xenconsoled", 0);
    for (i = 0; i < in->spec->vcpus; i++) {
        snprintf(key, sizeof(key), "cpu/%u/availability", i);
        put(s, tx, id, key, "online", 0);
    }
    for (i = 0; i < sizeof(guests) / sizeof(guests[0]); i++) {
        put(s, tx, id, guests[i], "", 0);
        store_set_perms(s, tx, path_domain(&path, id, "%s", guests[i]), own, 1);
    }
    return store_batch_end(s);
}

static int introduce(const char *name, const struct build_spec *spec,
                     const struct build_result *r)
{
    struct introduction in = {name, spec, r};
    struct store *s = store_open();
    int rc;

    if (!s) {
        fprintf(stderr, "no store: %s\n", strerror(errno));
        return -errno;
    }
    rc = store_transact(s, write_nodes, &in);
    if (!rc)
        rc = store_introduce(s, r->domid, r->store_mfn, r->store_port);
    store_close(s);
    return rc;
}

static double ms_since(uint64_t start)
{
    return (double)(loop_now_ns() - start) / 1e6;
}

static int create(struct hyp *h, char **a)
{
    struct build_spec spec = {
        .memory_kib = strtoull(a[1], NULL, 0) << 10,
        .vcpus = (uint32_t)atoi(a[2]),
        .kernel = a[3],
        .ramdisk = strcmp(a[4], "-") ? a[4] : NULL,
        .cmdline = a[5],
    };
    struct build_result r;
    uint64_t start = loop_now_ns();
    char err[512];
    int rc;

    uuid_make(spec.uuid);
    rc = build_domain(h, &spec, &r, err, sizeof(err));
    if (rc) {
        fprintf(stderr, "%s\n", err);
        return 1;
    }
    printf("built %u in %.1f ms: %s %s, kernel %u pages, store %" PRIu64
           ":%u, console %" PRIu64 ":%u\n",
           r.domid, ms_since(start), r.guest_os, r.guest_version,
           r.kernel_pages, r.store_mfn, r.store_port, r.console_mfn,
           r.console_port);
    start = loop_now_ns();
    rc = introduce(a[0], &spec, &r);
    if (rc) {
        fprintf(stderr, "introduction: %s\n", strerror(-rc));
        dom_destroy(h, r.domid);
        return 1;
    }
    printf("introduced in %.1f ms\n", ms_since(start));
    return 0;
}

static int destroy(struct hyp *h, uint32_t domid)
{
    struct store *s = store_open();
    int rc = dom_destroy(h, domid);
    store_path_t path;

    if (s) {
        store_release(s, domid);
        store_rm(s, 0, path_domain(&path, domid, NULL));
        store_close(s);
    }
    return rc;
}

static void print_info(const struct dom_info *i)
{
    printf("%u state %x reason %u pages %" PRIu64 "/%" PRIu64
           " vcpus %u cpu %.1f s\n",
           i->domid, i->state, i->shutdown_reason, i->tot_pages, i->max_pages,
           i->online_vcpus, (double)i->cpu_time_ns / 1e9);
}

static int list(struct hyp *h)
{
    struct dom_info info[256];
    struct host_info host;
    int i, n = dom_list(h, 0, info, 256);

    for (i = 0; i < n; i++)
        print_info(&info[i]);
    if (host_get_info(h, &host) == 0)
        printf("free %" PRIu64 " of %" PRIu64 " pages, %u cpus\n",
               host.free_pages, host.total_pages, host.nr_cpus);
    return n < 0 ? n : 0;
}

static int check(char **a)
{
    struct build_spec spec = {
        .memory_kib = strtoull(a[0], NULL, 0) << 10,
        .vcpus = 1,
        .kernel = a[1],
        .ramdisk = strcmp(a[2], "-") ? a[2] : NULL,
    };
    char err[512];
    int rc = build_check(&spec, err, sizeof(err));

    printf("%s\n", rc ? err : "good");
    return rc != 0;
}

int main(int argc, char **argv)
{
    struct dom_info info;
    struct hyp *h;
    uint32_t id;
    int rc = -EINVAL;

    if (argc == 5 && !strcmp(argv[1], "check"))
        return check(argv + 2);
    h = hyp_open();
    if (!h) {
        perror("hypervisor");
        return 1;
    }
    if (argc == 8 && !strcmp(argv[1], "create"))
        return create(h, argv + 2);
    id = argc > 2 ? (uint32_t)atoi(argv[2]) : 0;
    if (argc == 2 && !strcmp(argv[1], "list"))
        rc = list(h);
    else if (argc == 3 && !strcmp(argv[1], "unpause"))
        rc = dom_unpause(h, id);
    else if (argc == 3 && !strcmp(argv[1], "pause"))
        rc = dom_pause(h, id);
    else if (argc == 3 && !strcmp(argv[1], "destroy"))
        rc = destroy(h, id);
    else if (argc == 3 && !strcmp(argv[1], "info")) {
        rc = dom_get_info(h, id, &info);
        if (!rc)
            print_info(&info);
    }
    hyp_close(h);
    if (rc)
        fprintf(stderr, "%s\n", strerror(-rc));
    return rc != 0;
}
