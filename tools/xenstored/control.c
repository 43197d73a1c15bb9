/* SPDX-License-Identifier: GPL-2.0 */
/*
 * control.c - XS_CONTROL: check, log, memreport, print, quota, help.
 */
#include <errno.h>
#include <inttypes.h>
#include <stdarg.h>

#include "base/log.h"
#include "control.h"
#include "keep.h"

/* Text that stops growing at the end of its room. */
struct text {
    char *p;
    size_t size, len;
};

static void say(struct text *t, const char *fmt, ...)
    __attribute__((format(printf, 2, 3)));

static void say(struct text *t, const char *fmt, ...)
{
    va_list ap;
    int n;

    va_start(ap, fmt);
    n = vsnprintf(t->p + t->len, t->size - t->len, fmt, ap);
    va_end(ap);
    t->len += (size_t)n;
    if (t->len > t->size - 1)
        t->len = t->size - 1;
}

/* The books, counted anew. */
struct count {
    struct usage *used; /* by domain id */
    long nodes, bytes;
};

static bool count_node(void *ctx, const char *path, const struct node *n)
{
    struct count *cn = ctx;
    unsigned int owner = n->rights->r[0].domid;

    (void)path;
    cn->nodes++;
    cn->bytes += (long)node_cost(n);
    if (cn->used && owner < DOMID_MAX)
        cn->used[owner].nodes++;
    return true;
}

const char *xstore_check(struct xstore *xs)
{
    struct count cn = {.used = calloc(DOMID_MAX, sizeof(*cn.used))};
    const char *bad = tree_check(xs->tree.top);
    unsigned int watches = 0;

    if (!cn.used)
        return "no memory to check";
    tree_walk(tree_find(&xs->tree, "/"), "/", count_node, &cn);
    for (struct domain *d = xs->domain_list; d; d = d->next) {
        if (d->domid && d->used.nodes != cn.used[d->domid].nodes)
            bad = "a domain's count of nodes is wrong";
        if (d->used.bytes < 0 || d->used.watches < 0)
            bad = "a domain's usage is below zero";
        watches += (unsigned int)d->used.watches;
    }
    if (watches != xs->nr_watches)
        bad = "the count of watches is wrong";
    free(cn.used);
    return bad;
}

/* Commands. */

static int cmd_check(struct xstore *xs, const char *const *args, int nr,
                     struct text *out)
{
    const char *bad = xstore_check(xs);

    (void)args;
    (void)nr;
    if (bad)
        log_error("check: %s", bad);
    say(out, "%s", bad ? bad : "OK");
    return 0;
}

static int cmd_log(struct xstore *xs, const char *const *args, int nr,
                   struct text *out)
{
    if (nr == 0) {
        say(out, "%s", xs->trace ? "on" : "off");
        return 0;
    }
    if (nr != 1 || (strcmp(args[0], "on") && strcmp(args[0], "off")))
        return -EINVAL;
    xs->trace = !strcmp(args[0], "on");
    say(out, "OK");
    return 0;
}

static int cmd_memreport(struct xstore *xs, const char *const *args, int nr,
                         struct text *out)
{
    struct count cn = {0};

    (void)args;
    (void)nr;
    tree_walk(tree_find(&xs->tree, "/"), "/", count_node, &cn);
    say(out, "nodes %ld, %ld bytes\nwatches %u\nlog %zu bytes\n", cn.nodes,
        cn.bytes, xs->nr_watches, keep_size(xs));
    say(out, "requests %" PRIu64 "\n", xs->nr_requests);
    for (struct domain *d = xs->domain_list; d; d = d->next)
        if (d->domid && d->introduced)
            say(out, "domain %u: %ld nodes, %ld bytes (peak %ld), "
                     "%ld watches, %zu bytes waiting\n",
                d->domid, d->used.nodes, d->used.bytes, d->used.peak_bytes,
                d->used.watches, d->client.out.len);
    return 0;
}

static int cmd_print(struct xstore *xs, const char *const *args, int nr,
                     struct text *out)
{
    (void)xs;
    if (nr != 1)
        return -EINVAL;
    log_info("control: %.200s", args[0]);
    say(out, "OK");
    return 0;
}

static int quota_of(struct xstore *xs, const char *name, struct text *out)
{
    unsigned int domid;
    const struct domain *d;

    if (!wire_parse_domid(name, &domid))
        return -EINVAL;
    d = xstore_domain_find(xs, domid);
    if (!d)
        return -ENOENT;
    say(out, "%-20s: %10ld\n%-20s: %10ld\n%-20s: %10ld\n", "nodes",
        d->used.nodes, "watches", d->used.watches, "memory", d->used.bytes);
    return 0;
}

static int cmd_quota(struct xstore *xs, const char *const *args, int nr,
                     struct text *out)
{
    uint32_t *limit;
    uint64_t v;

    if (nr == 0) {
        out->len = (size_t)limits_print(&xs->limits, out->p, out->size);
        return 0;
    }
    if (nr == 1)
        return quota_of(xs, args[0], out);
    if (nr != 3 || strcmp(args[0], "set"))
        return -EINVAL;
    limit = limits_named(&xs->limits, args[1]);
    if (!limit || !wire_parse_u64(args[2], INT32_MAX, &v))
        return -EINVAL;
    *limit = (uint32_t)v;
    keep_limits(xs);
    say(out, "OK");
    return 0;
}

static int cmd_help(struct xstore *xs, const char *const *args, int nr,
                    struct text *out);

static const struct {
    const char *name;
    int (*fn)(struct xstore *xs, const char *const *args, int nr,
              struct text *out);
    const char *help;
} commands[] = {
    {"check", cmd_check, ""},
    {"help", cmd_help, ""},
    {"log", cmd_log, "[on|off]"},
    {"memreport", cmd_memreport, ""},
    {"print", cmd_print, "<string>"},
    {"quota", cmd_quota, "[set <name> <value> | <domid>]"},
};

static int cmd_help(struct xstore *xs, const char *const *args, int nr,
                    struct text *out)
{
    (void)xs;
    (void)args;
    (void)nr;
    for (size_t i = 0; i < sizeof(commands) / sizeof(commands[0]); i++)
        say(out, "%-15s %s\n", commands[i].name, commands[i].help);
    return 0;
}

long control_run(struct xstore *xs, const char *const *args, int nr,
                 char *out, size_t size)
{
    struct text t = {out, size, 0};
    int rc;

    for (size_t i = 0; i < sizeof(commands) / sizeof(commands[0]); i++) {
        if (strcmp(commands[i].name, args[0]))
            continue;
        rc = commands[i].fn(xs, args + 1, nr - 1, &t);
        return rc ? rc : (long)t.len + 1;
    }
    return -EINVAL;
}
