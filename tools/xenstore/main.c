/* SPDX-License-Identifier: GPL-2.0 */
/*
 * main.c - the store from the command line: xenstore-ls, -read, -write,
 * -list, -rm, -watch, -chmod, -exists and -control in one program, chosen by
 * the name it is called by or by its first word.
 * Exit status: 0 done, 1 not done (and why on stderr), 2 wrong usage.
 */
#include <errno.h>
#include <getopt.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "store/client.h"

struct call {
    struct store *s;
    const char *name;
    int nr;
    char **arg;
    bool opt[128]; /* by option letter */
    long count;    /* -n */
};

static int fail(const struct call *c, const char *what, int err)
{
    fprintf(stderr, "xenstore-%s: %s: %s\n", c->name, what, strerror(err));
    return 1;
}

/* Values in C's escapes, so that a line stays a line. */
static void print_value(const char *v, size_t len)
{
    for (size_t i = 0; i < len; i++) {
        unsigned char ch = (unsigned char)v[i];

        switch (ch) {
        case '\n':
            fputs("\\n", stdout);
            break;
        case '\r':
            fputs("\\r", stdout);
            break;
        case '\t':
            fputs("\\t", stdout);
            break;
        case '\\':
            fputs("\\\\", stdout);
            break;
        default:
            if (ch >= 0x20 && ch < 0x7f)
                putchar(ch);
            else
                printf("\\%03o", ch);
        }
    }
}

static char *join(const char *dir, const char *name)
{
    char *path;

    if (asprintf(&path, "%s%s%s", dir, strcmp(dir, "/") ? "/" : "", name) < 0)
        abort();
    return path;
}

static void print_perms(const struct call *c, const char *path)
{
    size_t count;
    struct store_perm *p = store_get_perms(c->s, 0, path, &count);

    if (!p)
        return;
    printf("  (");
    for (size_t i = 0; i < count; i++)
        printf("%s%c%u", i ? "," : "", p[i].right, p[i].domid);
    putchar(')');
    free(p);
}

/* One line for a node; 0 or the errno of reading it. */
static int print_node(const struct call *c, const char *path,
                      const char *name, int depth)
{
    size_t len;
    char *value = store_read(c->s, 0, path, &len);

    if (!value && errno == ENOENT)
        return ENOENT; /* gone meanwhile */
    if (c->opt['f'])
        fputs(path, stdout);
    else
        printf("%*s%s", depth, "", name);
    if (value) {
        fputs(" = \"", stdout);
        print_value(value, len);
        putchar('"');
    } else {
        printf(": %s", strerror(errno));
    }
    if (c->opt['p'])
        print_perms(c, path);
    putchar('\n');
    free(value);
    return 0;
}

static int list_below(const struct call *c, const char *path, int depth)
{
    size_t count;
    char **names = store_list(c->s, 0, path, &count);

    if (!names)
        return errno;
    for (size_t i = 0; i < count; i++) {
        char *sub = join(path, names[i]);

        if (!print_node(c, sub, names[i], depth))
            list_below(c, sub, depth + 1);
        free(sub);
    }
    free(names);
    return 0;
}

static int cmd_ls(struct call *c)
{
    int rc = 0;

    if (!c->nr && (rc = list_below(c, "/", 0)) != 0)
        return fail(c, "/", rc);
    for (int i = 0; i < c->nr; i++) {
        int err = list_below(c, c->arg[i], 0);

        if (err)
            rc = fail(c, c->arg[i], err);
    }
    return rc;
}

static int cmd_read(struct call *c)
{
    for (int i = 0; i < c->nr; i++) {
        size_t len;
        char *value = store_read(c->s, 0, c->arg[i], &len);

        if (!value)
            return fail(c, c->arg[i], errno);
        if (c->opt['p'])
            printf("%s: ", c->arg[i]);
        if (c->opt['R'])
            fwrite(value, 1, len, stdout);
        else
            print_value(value, len);
        putchar('\n');
        free(value);
    }
    return 0;
}

static int write_all(struct store *s, store_tx_t tx, void *arg)
{
    const struct call *c = arg;
    int rc = 0;

    for (int i = 0; !rc && i < c->nr; i += 2)
        rc = store_write_text(s, tx, c->arg[i], c->arg[i + 1]);
    return rc;
}

static int cmd_write(struct call *c)
{
    int rc;

    if (c->nr % 2)
        return 2;
    rc = c->nr == 2 ? write_all(c->s, 0, c)
                    : store_transact(c->s, write_all, c);
    return rc ? fail(c, c->arg[0], -rc) : 0;
}

static int cmd_list(struct call *c)
{
    for (int i = 0; i < c->nr; i++) {
        size_t count;
        char **names = store_list(c->s, 0, c->arg[i], &count);

        if (!names)
            return fail(c, c->arg[i], errno);
        for (size_t k = 0; k < count; k++) {
            if (c->opt['p'])
                printf("%s/", strcmp(c->arg[i], "/") ? c->arg[i] : "");
            puts(names[k]);
        }
        free(names);
    }
    return 0;
}

/* Remove, and with -t the parents that are empty then. */
static int remove_one(struct store *s, store_tx_t tx, char *path, bool tidy)
{
    int rc = store_rm(s, tx, path);
    char *slash;

    while (!rc && tidy && (slash = strrchr(path, '/')) && slash != path) {
        size_t count, len = 0;
        char **names, *value;

        *slash = '\0';
        names = store_list(s, tx, path, &count);
        value = store_read(s, tx, path, &len);
        tidy = names && value && !count && !len;
        free(names);
        free(value);
        if (tidy)
            rc = store_rm(s, tx, path);
    }
    return rc;
}

static int remove_all(struct store *s, store_tx_t tx, void *arg)
{
    const struct call *c = arg;
    int rc = 0;

    for (int i = 0; !rc && i < c->nr; i++) {
        char *path = strdup(c->arg[i]);

        if (!path)
            return -ENOMEM;
        rc = remove_one(s, tx, path, c->opt['t']);
        free(path);
    }
    return rc;
}

static int cmd_rm(struct call *c)
{
    int rc = store_transact(c->s, remove_all, c);

    return rc ? fail(c, c->arg[0], -rc) : 0;
}

static int cmd_exists(struct call *c)
{
    for (int i = 0; i < c->nr; i++)
        if (!store_exists(c->s, 0, c->arg[i]))
            return 1;
    return 0;
}

static int cmd_watch(struct call *c)
{
    for (int i = 0; i < c->nr; i++) {
        int rc = store_watch(c->s, c->arg[i], c->arg[i]);

        if (rc)
            return fail(c, c->arg[i], -rc);
    }
    for (long n = 0; c->count < 0 || n < c->count; n++) {
        struct store_event ev;
        int rc = store_wait_event(c->s, &ev, -1);

        if (rc < 0)
            return fail(c, "waiting", -rc);
        puts(ev.path);
        fflush(stdout);
    }
    return 0;
}

struct modes {
    struct store_perm perm[64];
    size_t count;
};

static int set_modes(const struct call *c, store_tx_t tx, const char *path,
                     const struct modes *m)
{
    size_t count;
    char **names;
    int rc = store_set_perms(c->s, tx, path, m->perm, m->count);

    if (rc || !c->opt['r'])
        return rc;
    names = store_list(c->s, tx, path, &count);
    if (!names)
        return -errno;
    for (size_t i = 0; !rc && i < count; i++) {
        char *sub = join(path, names[i]);

        rc = set_modes(c, tx, sub, m);
        free(sub);
    }
    free(names);
    return rc;
}

static int chmod_all(struct store *s, store_tx_t tx, void *arg)
{
    const struct call *c = arg;
    struct modes m = {.count = 0};
    char *path;
    int rc;

    (void)s;
    for (int i = 1; i < c->nr; i++) {
        char *end;
        unsigned long domid = strtoul(c->arg[i] + 1, &end, 10);

        if (!strchr("nrwb", c->arg[i][0]) || *end || !c->arg[i][1] ||
            m.count == sizeof(m.perm) / sizeof(m.perm[0]))
            return -EINVAL;
        m.perm[m.count++] =
            (struct store_perm){(uint32_t)domid, c->arg[i][0]};
    }
    rc = set_modes(c, tx, c->arg[0], &m);
    path = strdup(c->arg[0]);
    while (!rc && c->opt['u'] && path && strrchr(path, '/') > path) {
        *strrchr(path, '/') = '\0';
        rc = store_set_perms(c->s, tx, path, m.perm, m.count);
    }
    free(path);
    return rc;
}

static int cmd_chmod(struct call *c)
{
    int rc = store_transact(c->s, chmod_all, c);

    return rc ? fail(c, c->arg[0], -rc) : 0;
}

static int cmd_control(struct call *c)
{
    char *text = store_control(c->s, (const char *const *)c->arg);
    size_t len;

    if (!text)
        return fail(c, c->arg[0], errno);
    len = strlen(text);
    printf("%s%s", text, len && text[len - 1] == '\n' ? "" : "\n");
    free(text);
    return 0;
}

static const struct command {
    const char *name;
    int (*run)(struct call *c);
    const char *options;
    int least;
    const char *usage;
} commands[] = {
    {"ls", cmd_ls, "fp", 0, "[-f] [-p] [path...]"},
    {"read", cmd_read, "pR", 1, "[-p] [-R] path..."},
    {"write", cmd_write, "", 2, "path value [path value...]"},
    {"list", cmd_list, "p", 1, "[-p] path..."},
    {"rm", cmd_rm, "t", 1, "[-t] path..."},
    {"exists", cmd_exists, "", 1, "path..."},
    {"watch", cmd_watch, "n:", 1, "[-n count] path..."},
    {"chmod", cmd_chmod, "ru", 2, "[-r] [-u] path {n|r|w|b}domid..."},
    {"control", cmd_control, "", 1, "command [argument...]"},
};

#define NR_COMMANDS (sizeof(commands) / sizeof(commands[0]))

static int usage(const struct command *cmd, FILE *to)
{
    for (size_t i = 0; i < NR_COMMANDS; i++)
        if (!cmd || cmd == &commands[i])
            fprintf(to, "usage: xenstore-%s %s\n", commands[i].name,
                    commands[i].usage);
    return to == stderr ? 2 : 0;
}

static const struct command *command_named(const char *name)
{
    for (size_t i = 0; i < NR_COMMANDS; i++)
        if (!strcmp(commands[i].name, name))
            return &commands[i];
    return NULL;
}

static int run(const struct command *cmd, int argc, char **argv)
{
    struct call c = {.name = cmd->name, .count = -1};
    char options[16];
    int ch, rc;

    snprintf(options, sizeof(options), "+hs%s", cmd->options);
    while ((ch = getopt(argc, argv, options)) != -1) {
        if (ch == 'h')
            return usage(cmd, stdout);
        if (ch == '?')
            return usage(cmd, stderr);
        if (ch == 'n')
            c.count = atol(optarg);
        c.opt[ch & 127] = true; /* -s, the socket, is what we use anyway */
    }
    c.arg = argv + optind;
    c.nr = argc - optind;
    if (c.nr < cmd->least)
        return usage(cmd, stderr);
    c.s = store_open();
    if (!c.s) {
        fprintf(stderr, "xenstore-%s: xenstored does not answer: %s\n",
                cmd->name, strerror(errno));
        return 1;
    }
    rc = cmd->run(&c);
    store_close(c.s);
    return rc == 2 ? usage(cmd, stderr) : rc;
}

int main(int argc, char **argv)
{
    const char *base = strrchr(argv[0], '/');
    const struct command *cmd;

    base = base ? base + 1 : argv[0];
    if (!strncmp(base, "xenstore-", 9)) {
        cmd = command_named(base + 9);
    } else {
        argc--;
        argv++;
        cmd = argc > 0 ? command_named(argv[0]) : NULL;
    }
    return cmd ? run(cmd, argc, argv) : usage(NULL, stderr);
}
