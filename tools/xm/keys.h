/* SPDX-License-Identifier: GPL-2.0 */
/* keys.h - which keys a domain's file may have. */
#ifndef XM_KEYS_H
#define XM_KEYS_H

#include <stddef.h>

#include "base/config.h"

enum kind {
    TEXT,
    FILE_NAME, /* seen from where xm was called */
    PARAMETER, /* of the kernel, with or without its "NAME=" */
    NUMBER,
    YESNO,
    CPUS,
    DEVICES,
    OTHER,   /* domcfg.c has a function for it */
    NOTHING, /* accepted, without effect */
};
enum place { VM, IMAGE, NOWHERE };

struct key {
    const char *name;
    enum kind kind;
    enum place place;
    const char *as; /* its name there; NULL: the same */
    const char *text;
};

extern const struct key keys[];
extern const size_t nr_keys;

/* Every key with its meaning, for --help_config. */
void keys_help(void);

/* Say on stderr which keys of the file do nothing, and which may be typos. */
void keys_warn(const struct config *c);

#endif
