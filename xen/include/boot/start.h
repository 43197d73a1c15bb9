/* SPDX-License-Identifier: GPL-2.0 */
/*
 * start.h - what start.c calls of its own room.
 */
#ifndef BOOT_START_H
#define BOOT_START_H

#include "lib/compiler.h"
#include "lib/types.h"

noreturn void start(uint32_t magic, paddr_t info, paddr_t base);
void smp_start_all(void); /* smp.c */
noreturn void ap_start(void);

/* The idle domain, Dom0, then idle for ever (dom0.c). */
noreturn void start_domains(void);

#endif
