/* SPDX-License-Identifier: GPL-2.0 */
/*
 * xm.h - what the files of xm share: the command table's row, exit codes,
 * and the few ways to end.
 */
#ifndef XM_XM_H
#define XM_XM_H

#include <stdbool.h>

/* Exit codes that scripts rely on. */
enum xm_exit {
    XM_OK = 0,
    XM_FAILED = 1,
    XM_NO_DOMAIN = 3, /* also the fault code that xend sends for it */
};

/*
 * One subcommand. `args` is shown behind its name, `text` is its line in the
 * lists, `options` has one "-x, --long  what" line each for its own usage.
 */
struct command {
    const char *name;
    const char *args;
    const char *text;
    const char *options; /* NULL: none */
    int min, max;        /* positional arguments; max -1: any number */
    bool common;         /* in the short help */
    int (*run)(int argc, char **argv); /* argv[0] is the name */
};

extern const struct command xm_commands[];
extern const unsigned int xm_nr_commands;

/* What runs; for usage after a failure. */
extern const struct command *xm_current;

const struct command *command_find(const char *name);
void command_usage(const struct command *c, bool on_stderr);

/* Print "Error: TEXT" on stderr and return XM_FAILED. */
int xm_error(const char *fmt, ...) __attribute__((format(printf, 1, 2)));
/* The same with the command's usage behind it: the call was wrong. */
int xm_misuse(const char *fmt, ...) __attribute__((format(printf, 1, 2)));

int cmd_block_attach(int argc, char **argv);
int cmd_block_detach(int argc, char **argv);
int cmd_block_list(int argc, char **argv);
int cmd_console(int argc, char **argv);
int cmd_create(int argc, char **argv);
int cmd_debug_keys(int argc, char **argv);
int cmd_destroy(int argc, char **argv);
int cmd_dmesg(int argc, char **argv);
int cmd_domid(int argc, char **argv);
int cmd_domname(int argc, char **argv);
int cmd_domstate(int argc, char **argv);
int cmd_help(int argc, char **argv);
int cmd_info(int argc, char **argv);
int cmd_list(int argc, char **argv);
int cmd_log(int argc, char **argv);
int cmd_mem_max(int argc, char **argv);
int cmd_mem_set(int argc, char **argv);
int cmd_network_attach(int argc, char **argv);
int cmd_network_detach(int argc, char **argv);
int cmd_network_list(int argc, char **argv);
int cmd_pause(int argc, char **argv);
int cmd_reboot(int argc, char **argv);
int cmd_rename(int argc, char **argv);
int cmd_sched_credit(int argc, char **argv);
int cmd_sched_credit2(int argc, char **argv);
int cmd_shutdown(int argc, char **argv);
int cmd_sysrq(int argc, char **argv);
int cmd_unpause(int argc, char **argv);
int cmd_uptime(int argc, char **argv);
int cmd_vcpu_list(int argc, char **argv);
int cmd_vcpu_pin(int argc, char **argv);
int cmd_vcpu_set(int argc, char **argv);

#endif
