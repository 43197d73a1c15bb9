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

static void read_fields(struct rtc_time *t)
{
    for (int i = 0; i < 100000 && rtc_read(STATUS_A) & UPDATING; i++)
        cpu_relax();
    t->second = rtc_read(0);
    t->minute = rtc_read(2);
    t->hour = rtc_read(4);
    t->day = rtc_read(7);
    t->month = rtc_read(8);
    t->year = rtc_read(9);
    t->century = acpi_info.cmos_century ? rtc_read(acpi_info.cmos_century) : 0;
}

uint64_t rtc_read_epoch(void)
{
    uint8_t status = rtc_read(STATUS_B);
    struct rtc_time a, b;

    /* Twice the same: no update fell between. */
    read_fields(&b);
    for (int i = 0; i < 10; i++) {
        a = b;
        read_fields(&b);
        if (!memcmp(&a, &b, sizeof(a)))
            break;
    }
    return rtc_epoch(&b, status);
}
