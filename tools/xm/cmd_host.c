/* SPDX-License-Identifier: GPL-2.0 */
/*
 * cmd_host.c - commands about the machine: info, logs, keys, scheduler.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "args.h"
#include "client.h"
#include "print.h"
#include "xm.h"

#define NR(a) (sizeof(a) / sizeof((a)[0]))

static bool concerns(const char *key, bool config, bool numa)
{
    bool is_numa = !strcmp(key, "cpu_topology") || !strcmp(key, "numa_info");

    if (config)
        return !strcmp(key, "xend_config_format");
    return numa || !is_numa;
}

int cmd_info(int argc, char **argv)
{
    bool config = false, numa = false;
    const struct option_spec specs[] = {
        {'c', "config", &config, NULL},
        {'n', "numa", &numa, NULL},
    };
    struct sxp *info;
    int rc;

    if (args_take(argc, argv, specs, NR(specs)) < 0)
        return XM_FAILED;
    rc = xend_callv(&info, "xend.node.info", NULL);
    if (rc)
        return rc;
    for (const struct sxp *s = info->first; s; s = s->next) {
        const struct sxp *key = s->first;

        if (key && key->atom && key->next && key->next->atom &&
            concerns(key->atom, config, numa))
            printf("%-23s: %s\n", key->atom, key->next->atom);
    }
    sxp_free(info);
    return XM_OK;
}

static int print_text(const char *method)
{
    struct sxp *text;
    int rc = xend_callv(&text, method, NULL);

    if (rc)
        return rc;
    if (text->atom) {
        size_t len = strlen(text->atom);

        fputs(text->atom, stdout);
        if (len && text->atom[len - 1] != '\n')
            putchar('\n');
    }
    sxp_free(text);
    return XM_OK;
}

int cmd_dmesg(int argc, char **argv)
{
    bool clear = false;
    const struct option_spec specs[] = {{'c', "clear", &clear, NULL}};
    int rc;

    if (args_take(argc, argv, specs, NR(specs)) < 0)
        return XM_FAILED;
    rc = print_text("xend.node.dmesg.info");
    if (rc == XM_OK && clear)
        rc = xend_callv(NULL, "xend.node.dmesg.clear", NULL);
    return rc;
}

int cmd_log(int argc, char **argv)
{
    if (args_plain(argc, argv) < 0)
        return XM_FAILED;
    return print_text("xend.node.log");
}

int cmd_debug_keys(int argc, char **argv)
{
    if (args_plain(argc, argv) < 0)
        return XM_FAILED;
    return xend_callv(NULL, "xend.node.send_debug_keys", argv[1], NULL);
}

struct sched_command {
    const char *scheduler; /* as xend.node.info names it */
    const char *get, *set;
    bool has_cap;
};

static int check_scheduler(const struct sched_command *c)
{
    struct sxp *info;
    const char *have;
    int rc = xend_callv(&info, "xend.node.info", NULL);

    if (rc)
        return rc;
    have = field(info, "xen_scheduler", "");
    if (strcmp(have, c->scheduler) != 0)
        rc = xm_error("Xen is running with the %s scheduler", have);
    sxp_free(info);
    return rc;
}

static int sched_row(const struct sched_command *c, const char *name,
                     const char *id)
{
    struct sxp *v;
    int rc = xend_callv(&v, c->get, id, NULL);

    if (rc)
        return rc;
    printf("%-33s %4s %6s", name, id, cell(v, 0));
    if (c->has_cap)
        printf(" %4s", cell(v, 1));
    putchar('\n');
    sxp_free(v);
    return XM_OK;
}

static int sched_table(const struct sched_command *c, const char *domain)
{
    static const char *const columns[] = {"name", "domid", NULL};
    struct sxp *all;
    int rc = domain ? xend_callv(&all, "xend.domain", domain, "0", NULL)
                    : xend_table("all", columns, &all);

    if (rc)
        return rc;
    printf("%-33s %4s %6s%s\n", "Name", "ID", "Weight",
           c->has_cap ? "  Cap" : "");
    if (domain) {
        rc = sched_row(c, field(all, "name", ""), field(all, "domid", ""));
    } else {
        for (const struct sxp *d = all->first; d && !rc; d = d->next)
            rc = sched_row(c, cell(d, 0), cell(d, 1));
    }
    sxp_free(all);
    return rc;
}

static int sched_command(int argc, char **argv, const struct sched_command *c)
{
    const char *domain = NULL, *weight = NULL, *cap = NULL;
    const struct option_spec specs[] = {
        {'d', "domain", NULL, &domain},
        {'w', "weight", NULL, &weight},
        {'c', "cap", NULL, &cap},
    };
    int rc;

    if (args_take(argc, argv, specs, c->has_cap ? 3 : 2) < 0)
        return XM_FAILED;
    if (!domain && (weight || cap))
        return xm_misuse("Must specify domain with -d or --domain=<Domain>.");
    rc = check_scheduler(c);
    if (rc)
        return rc;
    if (!weight && !cap)
        return sched_table(c, domain);
    return xend_callv(NULL, c->set, domain, weight ? weight : "",
                      cap ? cap : "", NULL);
}

int cmd_sched_credit(int argc, char **argv)
{
    static const struct sched_command credit = {
        "credit", "xend.domain.sched_credit_get",
        "xend.domain.sched_credit_set", true};

    return sched_command(argc, argv, &credit);
}

int cmd_sched_credit2(int argc, char **argv)
{
    static const struct sched_command credit2 = {
        "credit2", "xend.domain.sched_credit2_get",
        "xend.domain.sched_credit2_set", false};

    return sched_command(argc, argv, &credit2);
}
