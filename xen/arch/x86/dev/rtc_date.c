/* SPDX-License-Identifier: GPL-2.0 */
/*
 * rtc_date.c - what the battery clock's registers say, in seconds. Pure.
 * Source: Motorola MC146818A data sheet, registers 0 to 9 and B.
 */
#include "dev/rtc.h"

#define BINARY  0x04
#define HOURS24 0x02
#define PM      0x80 /* in the hours, if they go to 12 */

int64_t days_from_date(int year, unsigned int month, unsigned int day)
{
    /* Years from March on, so that the leap day ends one. */
    int64_t y = month <= 2 ? year - 1 : year;
    int64_t m = month <= 2 ? month + 9 : month - 3;

    return y * 365 + y / 4 - y / 100 + y / 400 + (m * 153 + 2) / 5 + day - 1 -
           719468;
}

static unsigned int plain(uint8_t v, uint8_t status)
{
    return status & BINARY ? v : (v >> 4) * 10u + (v & 15u);
}

static unsigned int hour_of(uint8_t v, uint8_t status)
{
    if (status & HOURS24)
        return plain(v, status);
    return plain(v & ~PM & 0xff, status) % 12 + (v & PM ? 12 : 0);
}

uint64_t rtc_epoch(const struct rtc_time *t, uint8_t status)
{
    unsigned int century = plain(t->century, status);
    unsigned int year = plain(t->year, status);
    int64_t days;

    if (century < 19 || century > 99) /* there is no such register */
        century = year < 70 ? 20 : 19;
    days = days_from_date((int)(century * 100 + year), plain(t->month, status),
                          plain(t->day, status));
    return (uint64_t)(days * 86400) + hour_of(t->hour, status) * 3600 +
           plain(t->minute, status) * 60 + plain(t->second, status);
}
