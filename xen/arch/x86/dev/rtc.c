/* SPDX-License-Identifier: GPL-2.0 */
/*
 * rtc.c - the battery clock. Source: Motorola MC146818A data sheet.
 * Locks: rtc_lock, for the pair of ports.
 */
#include "core/spinlock.h"
#include "dev/acpi.h"
#include "dev/rtc.h"
#include "lib/string.h"

#define STATUS_A 10
#define STATUS_B 11
#define UPDATING 0x80
#define BINARY   0x04
#define HOURS24  0x02

static spinlock_t rtc_lock = SPINLOCK_INIT(RANK_UART);

uint8_t rtc_read(uint8_t reg)
{
    uint64_t flags = spin_lock_irqsave(&rtc_lock);
    uint8_t v;

    outb(reg & 0x7f, 0x70);
    v = inb(0x71);
    spin_unlock_irqrestore(&rtc_lock, flags);
    return v;
}

void rtc_write(uint8_t reg, uint8_t v)
{
    uint64_t flags = spin_lock_irqsave(&rtc_lock);

    outb(reg & 0x7f, 0x70);
    outb(v, 0x71);
    spin_unlock_irqrestore(&rtc_lock, flags);
}

int64_t days_from_date(int year, unsigned int month, unsigned int day)
{
    /* Years from March on, so that the leap day ends one. */
    int64_t y = month <= 2 ? year - 1 : year;
    int64_t m = month <= 2 ? month + 9 : month - 3;

    return y * 365 + y / 4 - y / 100 + y / 400 + (m * 153 + 2) / 5 + day - 1 -
           719468;
}

struct rtc_time {
    uint8_t field[7]; /* second, minute, hour, day, month, year, century */
};

static void read_fields(struct rtc_time *t)
{
    static const uint8_t reg[6] = {0, 2, 4, 7, 8, 9};

    for (int i = 0; i < 100000 && rtc_read(STATUS_A) & UPDATING; i++)
        cpu_relax();
    for (int i = 0; i < 6; i++)
        t->field[i] = rtc_read(reg[i]);
    t->field[6] = acpi_info.cmos_century ? rtc_read(acpi_info.cmos_century) : 0;
}

static unsigned int plain(uint8_t v, uint8_t status)
{
    return status & BINARY ? v : (v >> 4) * 10u + (v & 15u);
}

uint64_t rtc_read_epoch(void)
{
    struct rtc_time a, b;
    uint8_t status = rtc_read(STATUS_B);
    unsigned int v[7], hour_pm;

    /* Twice the same: no update fell between. */
    read_fields(&b);
    for (int i = 0; i < 10; i++) {
        a = b;
        read_fields(&b);
        if (!memcmp(&a, &b, sizeof(a)))
            break;
    }
    hour_pm = b.field[2] & 0x80;
    b.field[2] &= 0x7f;
    for (int i = 0; i < 7; i++)
        v[i] = plain(b.field[i], status);
    if (!(status & HOURS24))
        v[2] = v[2] % 12 + (hour_pm ? 12 : 0);
    if (v[6] < 19 || v[6] > 99)
        v[6] = v[5] < 70 ? 20 : 19;
    return (uint64_t)(days_from_date((int)(v[6] * 100 + v[5]), v[4], v[3]) *
                          86400 +
                      v[2] * 3600 + v[1] * 60 + v[0]);
}
