/* SPDX-License-Identifier: GPL-2.0 */
/* args.h - options of one subcommand, in any order among its arguments. */
#ifndef XM_ARGS_H
#define XM_ARGS_H

#include <stdbool.h>

struct option_spec {
    char letter;       /* 0: only the long form */
    const char *name;  /* NULL: only the letter */
    bool *flag;        /* set to true; or */
    const char **text; /* gets the option's argument */
};

/*
 * Take the options out of argv; what is left stays in argv[1..count].
 * Checks the count against the command's row. Returns it, or -1 with the
 * message printed.
 */
int args_take(int argc, char **argv, const struct option_spec *specs,
              unsigned int nr_specs);
/* For commands without options. */
int args_plain(int argc, char **argv);

#endif
