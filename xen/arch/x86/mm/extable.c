/* SPDX-License-Identifier: GPL-2.0 */
/*
 * extable.c - instructions of ours that may fault, and where to go on then.
 * Keeps true: the table is a list of pairs, each relative to its own place, so
 * it need not be touched when the image moves.
 */
#include "lib/compiler.h"
#include "lib/types.h"
#include "mm/guestcopy.h"

extern const struct fixup extable_start[], extable_end[];

static uint64_t at(const int32_t *field)
{
    return (uint64_t)field + (uint64_t)(int64_t)*field;
}

uint64_t extable_find(uint64_t rip)
{
    for (const struct fixup *f = extable_start; f < extable_end; f++)
        if (at(&f->insn) == rip)
            return at(&f->handler);
    return 0;
}
