/* SPDX-License-Identifier: GPL-2.0 */
/*
 * args.c - one reader of options for every subcommand.
 * Keeps true: an option that is not in the caller's table is refused.
 */
#include <ctype.h>
#include <stdio.h>
#include <string.h>

#include "args.h"
#include "xm.h"

static int apply(const struct option_spec *o, const char *shown,
                 const char *value, char **next, int *used)
{
    if (o->flag) {
        if (value)
            return xm_misuse("option %s takes no value", shown);
        *o->flag = true;
        return 0;
    }
    if (!value) {
        if (!next || !*next)
            return xm_misuse("option %s needs a value", shown);
        value = *next;
        *used = 1;
    }
    *o->text = value;
    return 0;
}

/* --name or --name=value */
static int take_long(char **arg, const struct option_spec *specs,
                     unsigned int nr, int *used)
{
    const char *name = *arg + 2;
    size_t len = strcspn(name, "=");
    const char *value = name[len] ? name + len + 1 : NULL;

    for (unsigned int i = 0; i < nr; i++) {
        if (specs[i].name && strlen(specs[i].name) == len &&
            strncmp(specs[i].name, name, len) == 0)
            return apply(&specs[i], *arg, value, arg + 1, used);
    }
    return xm_misuse("unknown option %s", *arg);
}

/* -abc, or -xVALUE for one that takes a value */
static int take_short(char **arg, const struct option_spec *specs,
                      unsigned int nr, int *used)
{
    for (const char *p = *arg + 1; *p; p++) {
        const struct option_spec *o = NULL;
        char shown[3] = {'-', *p, 0};

        for (unsigned int i = 0; i < nr && !o; i++)
            o = specs[i].letter == *p ? &specs[i] : NULL;
        if (!o)
            return xm_misuse("unknown option %s", shown);
        if (o->text)
            return apply(o, shown, p[1] ? p + 1 + (p[1] == '=') : NULL, arg + 1,
                         used);
        apply(o, shown, NULL, NULL, used);
    }
    return 0;
}

static int check_count(int count)
{
    const struct command *c = xm_current;

    if (count >= c->min && (c->max < 0 || count <= c->max))
        return count;
    if (c->max < 0)
        xm_misuse("'xm %s' requires at least %d argument%s.", c->name, c->min,
                  c->min == 1 ? "" : "s");
    else if (c->min == c->max)
        xm_misuse("'xm %s' requires %d argument%s.", c->name, c->min,
                  c->min == 1 ? "" : "s");
    else
        xm_misuse("'xm %s' requires between %d and %d arguments.", c->name,
                  c->min, c->max);
    return -1;
}

int args_take(int argc, char **argv, const struct option_spec *specs,
              unsigned int nr_specs)
{
    int count = 0;
    bool only_words = false;

    for (int i = 1; i < argc; i++) {
        int used = 0;
        int rc = 0;

        /* "-1" is a number, not an option */
        if (only_words || argv[i][0] != '-' || !argv[i][1] ||
            isdigit((unsigned char)argv[i][1])) {
            argv[++count] = argv[i];
        } else if (strcmp(argv[i], "--") == 0) {
            only_words = true;
        } else if (argv[i][1] == '-') {
            rc = take_long(&argv[i], specs, nr_specs, &used);
        } else {
            rc = take_short(&argv[i], specs, nr_specs, &used);
        }
        if (rc)
            return -1;
        i += used;
    }
    argv[count + 1] = NULL;
    return check_count(count);
}

int args_plain(int argc, char **argv)
{
    return args_take(argc, argv, NULL, 0);
}
