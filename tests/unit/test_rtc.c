/* SPDX-License-Identifier: GPL-2.0 */
/* test_rtc.c - dev/rtc_date.c against the C library's calendar. */
#define _GNU_SOURCE
#include <time.h>

#include "unit.h"

#include "dev/rtc.h"

#define BINARY  4
#define HOURS24 2

static uint8_t form(int v, int status)
{
    return (uint8_t)(status & BINARY ? v : v / 10 << 4 | v % 10);
}

static uint8_t hour(int h, int status)
{
    if (status & HOURS24)
        return form(h, status);
    return form((h + 11) % 12 + 1, status) | (h >= 12 ? 0x80 : 0);
}

static struct rtc_time registers(const struct tm *tm, int status)
{
    int year = tm->tm_year + 1900;

    return (struct rtc_time){form(tm->tm_sec, status),
                             form(tm->tm_min, status),
                             hour(tm->tm_hour, status),
                             form(tm->tm_mday, status),
                             form(tm->tm_mon + 1, status),
                             form(year % 100, status),
                             form(year / 100, status)};
}

static void any_second(void)
{
    uint64_t seed = 1;

    for (int i = 0; i < 100000; i++) {
        /* up to the year 9999 */
        time_t t = (time_t)(unit_random(&seed) % 253402300800ull);
        int status = (int)(unit_random(&seed) & (BINARY | HOURS24));
        struct tm tm;
        struct rtc_time r;

        gmtime_r(&t, &tm);
        r = registers(&tm, status);
        CHECK_EQ(rtc_epoch(&r, (uint8_t)status), t);
    }
}

static void two_digits(void)
{
    struct rtc_time r = {0, 0, 0, 1, 1, 70, 0};

    CHECK_EQ(rtc_epoch(&r, BINARY | HOURS24), 0);
    r.year = 69; /* 2069 */
    CHECK_EQ(rtc_epoch(&r, BINARY | HOURS24), 3124224000ll);
    r.century = 20;
    r.year = 0;
    CHECK_EQ(rtc_epoch(&r, BINARY | HOURS24), 946684800ll);
}

static void noon_and_midnight(void)
{
    struct rtc_time r = {0, 0, 12, 1, 1, 70, 19};

    CHECK_EQ(rtc_epoch(&r, BINARY), 0);
    r.hour |= 0x80;
    CHECK_EQ(rtc_epoch(&r, BINARY), 12 * 3600);
}

static const struct unit_test tests[] = {
    {"any second of any year, in each form", any_second},
    {"a year of two digits lies within 1970 and 2069", two_digits},
    {"12 am is midnight and 12 pm is noon", noon_and_midnight},
};

UNIT_MAIN("rtc", tests)
