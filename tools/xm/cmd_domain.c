/* SPDX-License-Identifier: GPL-2.0 */
/*
 * cmd_domain.c - commands about one domain or all: life, names, memory,
 * processors, console.
 */
#include <ctype.h>
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "args.h"
#include "client.h"
#include "console.h"
#include "print.h"
#include "xm.h"

#define NR(a) (sizeof(a) / sizeof((a)[0]))

/* Commands that are one call with their words as arguments. */
static int pass_on(int argc, char **argv, const char *method)
{
    struct sxp *args = sxp_list(NULL);
    int n = args_plain(argc, argv);

    if (n < 0) {
        sxp_free(args);
        return XM_FAILED;
    }
    for (int i = 1; i <= n; i++)
        sxp_add(args, sxp_atom(argv[i]));
    return xend_call(method, args, NULL);
}

int cmd_destroy(int argc, char **argv)
{
    return pass_on(argc, argv, "xend.domain.destroy");
}

int cmd_pause(int argc, char **argv)
{
    return pass_on(argc, argv, "xend.domain.pause");
}

int cmd_unpause(int argc, char **argv)
{
    return pass_on(argc, argv, "xend.domain.unpause");
}

int cmd_rename(int argc, char **argv)
{
    return pass_on(argc, argv, "xend.domain.setName");
}

int cmd_sysrq(int argc, char **argv)
{
    return pass_on(argc, argv, "xend.domain.send_sysrq");
}

int cmd_vcpu_set(int argc, char **argv)
{
    return pass_on(argc, argv, "xend.domain.setVCpuCount");
}

int cmd_vcpu_pin(int argc, char **argv)
{
    return pass_on(argc, argv, "xend.domain.pincpu");
}

/* MiB, with an optional k, m or g behind the number. -1: not a size. */
static long long take_mib(const char *text)
{
    char *end;
    long long v = strtoll(text, &end, 10);

    if (end == text || v < 0 || v > (1ll << 40))
        return -1;
    switch (tolower((unsigned char)*end)) {
    case '\0':
        return v;
    case 'k':
        v /= 1024;
        break;
    case 'm':
        break;
    case 'g':
        v *= 1024;
        break;
    default:
        return -1;
    }
    return end[1] ? -1 : v;
}

static int mem_command(int argc, char **argv, const char *method)
{
    char text[32];
    long long mib;

    if (args_plain(argc, argv) < 0)
        return XM_FAILED;
    mib = take_mib(argv[2]);
    if (mib < 0)
        return xm_misuse("'%s' is not a size in MiB", argv[2]);
    snprintf(text, sizeof(text), "%lld", mib);
    return xend_callv(NULL, method, argv[1], text, NULL);
}

int cmd_mem_set(int argc, char **argv)
{
    return mem_command(argc, argv, "xend.domain.setMemoryTarget");
}

int cmd_mem_max(int argc, char **argv)
{
    return mem_command(argc, argv, "xend.domain.maxmem_set");
}

/* One domain's description, without its devices. */
static int describe(const char *domain, struct sxp **out)
{
    return xend_callv(out, "xend.domain", domain, "0", NULL);
}

static int print_one_field(int argc, char **argv, const char *name)
{
    struct sxp *d;
    int rc;

    if (args_plain(argc, argv) < 0)
        return XM_FAILED;
    rc = describe(argv[1], &d);
    if (rc)
        return rc;
    puts(field(d, name, ""));
    sxp_free(d);
    return XM_OK;
}

int cmd_domid(int argc, char **argv)
{
    return print_one_field(argc, argv, "domid");
}

int cmd_domname(int argc, char **argv)
{
    return print_one_field(argc, argv, "name");
}

static const char *state_word(const char *state)
{
    static const struct {
        char letter;
        const char *word;
    } words[] = {{'d', "shutoff"}, {'c', "crashed"}, {'s', "shutdown"},
                 {'p', "paused"},  {'r', "running"}, {'b', "idle"}};

    for (size_t i = 0; i < NR(words); i++) {
        if (strchr(state, words[i].letter))
            return words[i].word;
    }
    return "idle";
}

int cmd_domstate(int argc, char **argv)
{
    struct sxp *d;
    int rc;

    if (args_plain(argc, argv) < 0)
        return XM_FAILED;
    rc = describe(argv[1], &d);
    if (rc)
        return rc;
    puts(state_word(field(d, "state", "------")));
    sxp_free(d);
    return XM_OK;
}

/* The row of these columns out of a description, which is taken over. */
static struct sxp *row_of(struct sxp *d, const char *const *columns)
{
    struct sxp *row = sxp_list(NULL);

    for (; *columns; columns++)
        sxp_add(row, sxp_atom(field(d, *columns, "")));
    sxp_free(d);
    return row;
}

/*
 * The domains named in words: a list of rows, or of whole descriptions if
 * columns is NULL. One that does not exist is reported, the others still come.
 */
static int collect_named(char **words, const char *const *columns,
                         struct sxp **out)
{
    int worst = XM_OK;

    *out = sxp_list(NULL);
    for (; *words; words++) {
        struct sxp *d;
        int rc =
            xend_callv(&d, "xend.domain", *words, columns ? "0" : "1", NULL);

        if (rc)
            worst = rc;
        else
            sxp_add(*out, columns ? row_of(d, columns) : d);
    }
    return worst;
}

/* Those, or all if there are no words. */
static int collect(char **words, const char *const *columns, struct sxp **out)
{
    return *words ? collect_named(words, columns, out)
                  : xend_table("all", columns, out);
}

static int list_long(char **words, const char *state)
{
    struct sxp *all = NULL;
    int rc = *words ? collect_named(words, NULL, &all)
                    : xend_callv(&all, "xend.domains_with_state", "1", state,
                                 "1", NULL);

    for (const struct sxp *d = all ? all->first : NULL; d; d = d->next)
        print_sxp(d);
    sxp_free(all);
    return rc;
}

static int list_rows(char **words, const char *state)
{
    struct sxp *all = NULL;
    int rc = *words ? collect_named(words, list_columns, &all)
                    : xend_table(state, list_columns, &all);

    if (!all)
        return rc;
    if (all->first || !rc)
        print_list_head();
    for (const struct sxp *row = all->first; row; row = row->next)
        print_list_row(row);
    sxp_free(all);
    return rc;
}

int cmd_list(int argc, char **argv)
{
    bool full = false, label = false;
    const char *state = NULL;
    const struct option_spec specs[] = {
        {'l', "long", &full, NULL},
        {0, "label", &label, NULL},
        {0, "state", NULL, &state},
    };
    int n = args_take(argc, argv, specs, NR(specs));

    if (n < 0)
        return XM_FAILED;
    if (state && n)
        return xm_misuse("--state cannot be combined with domain names");
    return (full ? list_long : list_rows)(argv + 1, state ? state : "all");
}

int cmd_uptime(int argc, char **argv)
{
    bool brief = false;
    const struct option_spec specs[] = {{'s', "short", &brief, NULL}};
    struct sxp *all = NULL;
    int rc;

    if (args_take(argc, argv, specs, NR(specs)) < 0)
        return XM_FAILED;
    rc = collect(argv + 1, uptime_columns, &all);
    if (!all)
        return rc;
    if (!brief && (all->first || !rc))
        print_uptime_head();
    for (const struct sxp *row = all->first; row; row = row->next)
        print_uptime_row(row, brief);
    sxp_free(all);
    return rc;
}

int cmd_vcpu_list(int argc, char **argv)
{
    static const char *const columns[] = {"domid", NULL};
    struct sxp *all = NULL;
    int rc;

    if (args_plain(argc, argv) < 0)
        return XM_FAILED;
    rc = collect(argv + 1, columns, &all);
    if (!all)
        return rc;
    if (all->first || !rc)
        print_vcpu_head();
    for (const struct sxp *d = all->first; d; d = d->next) {
        struct sxp *info;
        int one =
            xend_callv(&info, "xend.domain.getVCPUInfo", cell(d, 0), NULL);

        if (one) {
            rc = one;
            continue;
        }
        print_vcpu_rows(info);
        sxp_free(info);
    }
    sxp_free(all);
    return rc;
}

/* What is needed of a domain to shut it down. */
static const char *const shutdown_columns[] = {"domid", "name", NULL};

/* Wait until the domain of this row has ended. */
static int wait_for_end(const struct sxp *row)
{
    int rc =
        xend_callv(NULL, "xend.domain.waitForShutdown", cell(row, 0), NULL);

    if (rc == XM_OK)
        printf("Domain %s terminated\n", cell(row, 1));
    return rc;
}

static bool is_dom0(const struct sxp *row)
{
    return strcmp(cell(row, 0), "0") == 0;
}

static int shut_down(struct sxp *all, const char *reason, bool wait)
{
    int worst = XM_OK;

    for (const struct sxp *row = all->first; row; row = row->next) {
        int rc;

        if (is_dom0(row))
            continue;
        rc = xend_callv(NULL, "xend.domain.shutdown", cell(row, 0), reason,
                        NULL);
        if (rc)
            worst = rc;
    }
    for (const struct sxp *row = all->first; wait && row; row = row->next) {
        int rc = is_dom0(row) ? 0 : wait_for_end(row);

        if (rc)
            worst = rc;
    }
    return worst;
}

static int shutdown_command(int argc, char **argv, const char *reason)
{
    bool all = false, wait = false, halt = false, reboot = false;
    const struct option_spec specs[] = {
        {'a', "all", &all, NULL},
        {'w', "wait", &wait, NULL},
        {'H', "halt", &halt, NULL},
        {'R', "reboot", &reboot, NULL},
    };
    struct sxp *domains = NULL;
    int n = args_take(argc, argv, specs, reason ? 2 : NR(specs));
    int rc;

    if (n < 0)
        return XM_FAILED;
    if (halt && reboot)
        return xm_misuse("-H and -R exclude each other");
    if (all == (n > 0))
        return xm_misuse(all ? "-a takes no domain"
                             : "'xm %s' requires a domain, or -a.",
                         xm_current->name);
    if (!reason)
        reason = halt ? "halt" : reboot ? "reboot" : "poweroff";
    rc = collect(argv + 1, shutdown_columns, &domains);
    if (rc == XM_OK && n && is_dom0(domains->first))
        rc = xm_error("Domain-0 cannot be shut down from here");
    if (rc == XM_OK)
        rc = shut_down(domains, reason, wait);
    if (rc == XM_OK && all && wait)
        puts("All domains terminated");
    sxp_free(domains);
    return rc;
}

int cmd_shutdown(int argc, char **argv)
{
    return shutdown_command(argc, argv, NULL);
}

int cmd_reboot(int argc, char **argv)
{
    return shutdown_command(argc, argv, "reboot");
}

int console_run(const char *id, const char *num)
{
    static const char *const places[] = {
        "/usr/lib/xen/bin/xenconsole",
        "/usr/sbin/xenconsole",
        "/usr/bin/xenconsole",
    };

    fflush(stdout);
    for (size_t i = 0; i < NR(places); i++) {
        if (num)
            execl(places[i], "xenconsole", id, "--num", num, NULL);
        else
            execl(places[i], "xenconsole", id, NULL);
    }
    return xm_error("cannot run the console program xenconsole: %s",
                    strerror(errno));
}

int cmd_console(int argc, char **argv)
{
    bool quiet = false;
    const char *num = NULL;
    const struct option_spec specs[] = {
        {'q', "quiet", &quiet, NULL},
        {'n', "num", NULL, &num},
    };
    struct sxp *d;
    char id[16];
    int rc;

    if (args_take(argc, argv, specs, NR(specs)) < 0)
        return XM_FAILED;
    rc = describe(argv[1], &d);
    if (rc)
        return rc;
    snprintf(id, sizeof(id), "%s", field(d, "domid", ""));
    sxp_free(d);
    if (strcmp(id, "0") == 0)
        return xm_error("Domain-0 has no guest console");
    if (quiet && !freopen("/dev/null", "w", stderr))
        return XM_FAILED;
    return console_run(id, num);
}
