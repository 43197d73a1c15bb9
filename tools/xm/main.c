/* SPDX-License-Identifier: GPL-2.0 */
/*
 * main.c - xm: find the row for a subcommand, check the count of its
 * arguments, run it.
 * Keeps true: every failure is one line "Error: ..." on stderr and a status
 * that is not 0; only a wrong call shows a usage behind it.
 */
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#include "xm.h"

const struct command *xm_current;

/* Names of older versions that scripts still use. */
static const struct {
    const char *old, *now;
} aliases[] = {
    {"balloon", "mem-set"},          {"set-vcpus", "vcpu-set"},
    {"vif-list", "network-list"},    {"vbd-create", "block-attach"},
    {"vbd-destroy", "block-detach"}, {"vbd-list", "block-list"},
};

static int verror(const char *fmt, va_list ap)
{
    fflush(stdout);
    fputs("Error: ", stderr);
    vfprintf(stderr, fmt, ap);
    fputc('\n', stderr);
    return XM_FAILED;
}

int xm_error(const char *fmt, ...)
{
    va_list ap;

    va_start(ap, fmt);
    verror(fmt, ap);
    va_end(ap);
    return XM_FAILED;
}

int xm_misuse(const char *fmt, ...)
{
    va_list ap;

    va_start(ap, fmt);
    verror(fmt, ap);
    va_end(ap);
    if (xm_current)
        command_usage(xm_current, true);
    return XM_FAILED;
}

void command_usage(const struct command *c, bool on_stderr)
{
    FILE *f = on_stderr ? stderr : stdout;
    const char *p = c->options;

    fprintf(f, "Usage: xm %s %s\n\n%s\n", c->name, c->args, c->text);
    if (!p)
        return;
    fputc('\n', f);
    for (; *p; p++) {
        if (p == c->options || p[-1] == '\n')
            fputs("  ", f);
        fputc(*p, f);
    }
}

/* Two columns: 20 wide, then the text wrapped at 50. */
static void print_row(const struct command *c)
{
    const char *text = c->text;
    int len = (int)strlen(text);

    printf(" %-20s ", c->name);
    while (len > 50) {
        int cut = 50;

        while (cut > 0 && text[cut] != ' ')
            cut--;
        printf("%.*s\n %-20s ", cut, text, "");
        text += cut + 1;
        len -= cut + 1;
    }
    puts(text);
}

static void short_help(void)
{
    puts("Usage: xm <subcommand> [args]\n\n"
         "Control, list, and manipulate Xen guest instances.\n\n"
         "Common 'xm' commands:\n");
    for (unsigned int i = 0; i < xm_nr_commands; i++) {
        if (xm_commands[i].common)
            print_row(&xm_commands[i]);
    }
    puts("\n<DomName> can either be the Domain Name or Id.\n"
         "For more help on 'xm' see the xm(1) man page.\n"
         "For more help on 'xm create' see the xmdomain.cfg(5)  man page.\n\n"
         "For a complete list of subcommands run 'xm help'.");
}

static void long_help(void)
{
    puts("Usage: xm <subcommand> [args]\n\n"
         "Control, list, and manipulate Xen guest instances.\n\n"
         "xm full list of subcommands:\n");
    for (unsigned int i = 0; i < xm_nr_commands; i++)
        print_row(&xm_commands[i]);
    puts("\n<DomName> can either be the Domain Name or Id.\n"
         "For more help on 'xm' see the xm(1) man page.\n"
         "For more help on 'xm create' see the xmdomain.cfg(5)  man page.");
}

const struct command *command_find(const char *name)
{
    for (unsigned int i = 0; i < sizeof(aliases) / sizeof(aliases[0]); i++) {
        if (strcmp(name, aliases[i].old) == 0) {
            fprintf(stderr,
                    "Command %s is deprecated.  Please use xm %s "
                    "instead.\n",
                    name, aliases[i].now);
            name = aliases[i].now;
            break;
        }
    }
    for (unsigned int i = 0; i < xm_nr_commands; i++) {
        if (strcmp(name, xm_commands[i].name) == 0)
            return &xm_commands[i];
    }
    return NULL;
}

/* For help, an unambiguous beginning of a name will do. */
static const struct command *find_by_prefix(const char *name)
{
    const struct command *found = command_find(name);
    size_t len = strlen(name);

    if (found)
        return found;
    for (unsigned int i = 0; i < xm_nr_commands; i++) {
        if (strncmp(name, xm_commands[i].name, len) != 0)
            continue;
        if (found)
            return NULL;
        found = &xm_commands[i];
    }
    return found;
}

static int unknown(const char *name)
{
    xm_error("Subcommand %s not found!", name);
    fputs("Usage: xm <subcommand> [args]\n"
          "For a complete list of subcommands run 'xm help'.\n",
          stderr);
    return XM_FAILED;
}

int cmd_help(int argc, char **argv)
{
    const struct command *c;

    if (argc < 2 || strcmp(argv[1], "--long") == 0 ||
        strcmp(argv[1], "-l") == 0) {
        long_help();
        return XM_OK;
    }
    c = find_by_prefix(argv[1]);
    if (!c)
        return unknown(argv[1]);
    command_usage(c, false);
    return XM_OK;
}

static bool wants_help(int argc, char **argv)
{
    for (int i = 1; i < argc; i++) {
        if (strcmp(argv[i], "--") == 0)
            return false;
        if (strcmp(argv[i], "--help") == 0 || strcmp(argv[i], "-h") == 0)
            return true;
    }
    return false;
}

int main(int argc, char **argv)
{
    const char *name = argc > 1 ? argv[1] : NULL;

    if (!name) {
        short_help();
        return XM_FAILED;
    }
    if (strcmp(name, "--help") == 0 || strcmp(name, "-h") == 0) {
        long_help();
        return XM_OK;
    }
    xm_current = command_find(name);
    if (!xm_current)
        return unknown(name);
    if (wants_help(argc - 1, argv + 1)) {
        command_usage(xm_current, false);
        return XM_OK;
    }
    return xm_current->run(argc - 1, argv + 1);
}
