/* SPDX-License-Identifier: GPL-2.0 */
/*
 * cmdline.h - boot options. Each room registers its own with BOOT_*; the
 * linker gathers them; an unknown word is warned about and ignored.
 */
#ifndef CORE_CMDLINE_H
#define CORE_CMDLINE_H

#include "lib/compiler.h"
#include "lib/types.h"

enum opt_kind {
    OPT_BOOL, OPT_CHOICE, OPT_UINT, OPT_SIZE, OPT_STRING, OPT_FN
};

/* A bool that may be left to us. */
enum boot_choice { CHOICE_OURS, CHOICE_NO, CHOICE_YES };

struct boot_opt {
    const char *name;
    enum opt_kind kind;
    void *var;        /* bool, enum boot_choice, unsigned int,
                       * uint64_t, char[len] */
    unsigned int len; /* of a string's buffer */
    int (*fn)(const char *value); /* OPT_FN: 0, or -errno: bad value */
};

#define BOOT_OPT_(id, ...)                                                     \
    static const struct boot_opt opt_##id __attribute__((                      \
        section(".boot_opts"), used, aligned(8))) = {__VA_ARGS__}
#define BOOT_BOOL(name, var)   BOOT_OPT_(var, name, OPT_BOOL, &var, 0, 0)
#define BOOT_CHOICE(name, var) BOOT_OPT_(var, name, OPT_CHOICE, &var, 0, 0)
#define BOOT_UINT(name, var)   BOOT_OPT_(var, name, OPT_UINT, &var, 0, 0)
#define BOOT_SIZE(name, var)   BOOT_OPT_(var, name, OPT_SIZE, &var, 0, 0)
#define BOOT_STRING(name, var) BOOT_OPT_(var, name, OPT_STRING, var, sizeof(var), 0)
#define BOOT_FN(name, fn)      BOOT_OPT_(fn, name, OPT_FN, 0, 0, fn)

void cmdline_parse(const char *line);
extern char cmdline_saved[1024]; /* as given, for XENVER_commandline */

#endif
