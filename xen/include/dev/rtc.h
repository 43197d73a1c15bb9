/* SPDX-License-Identifier: GPL-2.0 */
/*
 * rtc.h - the battery clock (MC146818).
 */
#ifndef DEV_RTC_H
#define DEV_RTC_H

#include "lib/types.h"

uint64_t rtc_read_epoch(void); /* seconds since 1970, UTC */
/* A register, for the guest that emulates ports 0x70 and 0x71. */
uint8_t rtc_read(uint8_t reg);
void rtc_write(uint8_t reg, uint8_t v);
/* Days since 1970-01-01 of a date of the Gregorian calendar. */
int64_t days_from_date(int year, unsigned int month, unsigned int day);

#endif
