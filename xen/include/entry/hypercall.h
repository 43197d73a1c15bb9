/* SPDX-License-Identifier: GPL-2.0 */
/*
 * hypercall.h - the table of hypercalls.
 */
#ifndef ENTRY_HYPERCALL_H
#define ENTRY_HYPERCALL_H

#include "lib/types.h"

#define NR_HYPERCALLS 64

typedef long (*hypercall_fn)(uint64_t a1, uint64_t a2, uint64_t a3, uint64_t a4,
                             uint64_t a5);
extern const hypercall_fn hypercall_table[NR_HYPERCALLS];

#endif
