/* SPDX-License-Identifier: GPL-2.0 */
/*
 * tsc.h - ticks to nanoseconds: ns = ((tsc - stamp) << shift) * mul >> 32.
 * All CPUs share one scale and one origin, so system time never differs.
 */
#ifndef CPU_TSC_H
#define CPU_TSC_H

#include "lib/types.h"

struct tsc_scale {
    uint32_t mul;  /* ns for one shifted tick, times 2^32 */
    int8_t shift;  /* left if positive, else right */
};
extern struct tsc_scale tsc_scale;
extern uint64_t tsc_khz;
extern uint64_t tsc_origin; /* TSC value at system time 0 */

uint64_t tsc_scale_delta(uint64_t ticks, const struct tsc_scale *s); /* ns */
struct tsc_scale tsc_scale_for(uint64_t hz);
ns_t tsc_to_system_time(uint64_t tsc);
uint64_t system_time_to_tsc(ns_t t);

/* Calibrate against dev's platform clock; see dev/clock.h. */
void tsc_init(uint64_t hz);
void tsc_sync_ap(void); /* an AP checks that it agrees with the boot CPU */
void tsc_sync_boot_cpu(void); /* meanwhile, there */

#endif
