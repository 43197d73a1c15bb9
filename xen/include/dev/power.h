/* SPDX-License-Identifier: GPL-2.0 */
/*
 * power.h - the end of the machine's day.
 */
#ifndef DEV_POWER_H
#define DEV_POWER_H

#include "lib/compiler.h"
#include "lib/types.h"

noreturn void machine_reboot(void);
noreturn void machine_poweroff(void);
extern bool opt_noreboot;

#endif
