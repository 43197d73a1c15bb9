/* SPDX-License-Identifier: GPL-2.0 */
/*
 * clock.h - the platform's clock, which the TSC is measured against, and the
 * time of day.
 */
#ifndef DEV_CLOCK_H
#define DEV_CLOCK_H

#include "lib/types.h"

void clock_init(void); /* choose one, calibrate the TSC, read the RTC */
const char *clock_name(void);
void udelay(unsigned int us);

/* Time of day at system time 0, in ns since 1970 (UTC). */
uint64_t wallclock_base_ns(void);
/* Dom0 sets it: it is so many ns since 1970 at that system time. */
void wallclock_set(uint64_t epoch_ns, ns_t at_system_time);
/* Called after a change; domain/ publishes it to the guests. */
extern void (*wallclock_notify)(void);

#endif
