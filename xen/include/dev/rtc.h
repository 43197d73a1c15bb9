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
/* The registers as they stand, and what register B says of their form. */
struct rtc_time {
    uint8_t second, minute, hour, day, month, year, century;
};
uint64_t rtc_epoch(const struct rtc_time *t, uint8_t status_b);
/* Days since 1970-01-01 of a date of the Gregorian calendar. */
int64_t days_from_date(int year, unsigned int month, unsigned int day);

#endif
