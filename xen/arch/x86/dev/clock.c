/* SPDX-License-Identifier: GPL-2.0 */
/*
 * clock.c - the platform's clock, which the TSC is measured against; the time
 * of day.
 * Keeps true: system time comes from the TSC alone; the platform's clock only
 * says how fast that is.
 * Source: IA-PC HPET specification 1.0a; ACPI 6.4, 4.8.3.3 (PM timer); Intel
 * 8254 data sheet.
 */
#include "core/arch.h"
#include "core/cmdline.h"
#include "core/printk.h"
#include "cpu/tsc.h"
#include "dev/acpi.h"
#include "dev/clock.h"
#include "dev/rtc.h"
#include "lib/string.h"
#include "mm/directmap.h"

/* A counter that counts up, so many bits wide. */
struct platform_clock {
    const char *name;
    uint64_t (*init)(void); /* Hz, or 0: not there, or it stands still */
    uint64_t (*read)(void);
    unsigned int bits;
};

static char clock_choice[16];
BOOT_STRING("clocksource", clock_choice);

void (*wallclock_notify)(void);

#define HPET_CAP     0x00
#define HPET_CONFIG  0x10
#define HPET_COUNTER 0xf0
static volatile uint8_t *hpet;

static uint64_t read_hpet(void)
{
    return *(volatile uint32_t *)(hpet + HPET_COUNTER);
}

static uint64_t init_hpet(void)
{
    uint64_t period, before; /* femtoseconds a tick */

    if (!acpi_info.hpet_base)
        return 0;
    hpet = vmap_device(acpi_info.hpet_base, PAGE_SIZE);
    if (!hpet)
        return 0;
    period = *(volatile uint32_t *)(hpet + HPET_CAP + 4);
    if (!period || period > 100000000)
        return 0;
    /* Count; no legacy routing of its timers. */
    *(volatile uint32_t *)(hpet + HPET_CONFIG) =
        (*(volatile uint32_t *)(hpet + HPET_CONFIG) & ~2u) | 1;
    before = read_hpet();
    for (int i = 0; i < 100000; i++)
        if (read_hpet() != before)
            return 1000000000000000UL / period;
    return 0;
}

static uint64_t read_pm_timer(void)
{
    return acpi_gas_read(&acpi_info.pm_timer) & 0xffffff;
}

static uint64_t init_pm_timer(void)
{
    uint64_t before;

    if (!acpi_info.pm_timer.addr ||
        acpi_info.pm_timer.space != ACPI_SPACE_IO)
        return 0;
    before = read_pm_timer();
    for (int i = 0; i < 100000; i++)
        if (read_pm_timer() != before)
            return 3579545;
    return 0;
}

/* Channel 2 counts down from 65535; the gate is in port 0x61. */
static uint64_t read_pit(void)
{
    uint8_t lo, hi;

    outb(0x80, 0x43); /* latch channel 2 */
    lo = inb(0x42);
    hi = inb(0x42);
    return 0xffffu - (lo | (unsigned int)hi << 8);
}

static uint64_t init_pit(void)
{
    outb((inb(0x61) & 0xfc) | 1, 0x61); /* count; no sound */
    outb(0xb4, 0x43);                   /* channel 2, both bytes, rate */
    outb(0xff, 0x42);
    outb(0xff, 0x42);
    return 1193182;
}

static const struct platform_clock clocks[] = {
    {"hpet", init_hpet, read_hpet, 32},
    {"acpi", init_pm_timer, read_pm_timer, 24},
    {"pit", init_pit, read_pit, 16},
};
static const struct platform_clock *chosen;

const char *clock_name(void)
{
    return chosen ? chosen->name : "none";
}

/* TSC ticks while c counts for about 40 ms. Best of three by length: a pause
 * of the machine (SMI, hypervisor below) between the two reads is long. */
static uint64_t measure_tsc(const struct platform_clock *c, uint64_t hz)
{
    uint64_t want = hz / 25, mask = (1UL << c->bits) - 1, best = UINT64_MAX;
    uint64_t result = 0;

    for (int round = 0; round < 3; round++) {
        uint64_t t0 = rdtsc_ordered(), c0 = c->read(), t1 = rdtsc_ordered();
        uint64_t gone, t2, t3, slack;

        do {
            t2 = rdtsc_ordered();
            gone = (c->read() - c0) & mask;
            t3 = rdtsc_ordered();
        } while (gone < want);
        slack = t1 - t0 + (t3 - t2);
        if (slack >= best)
            continue;
        best = slack;
        result = mul_div((t2 + t3) / 2 - (t0 + t1) / 2, hz, gone);
    }
    return result;
}

static uint64_t epoch_base_ns;

uint64_t wallclock_base_ns(void)
{
    return READ_ONCE(epoch_base_ns);
}

void wallclock_set(uint64_t epoch_ns, ns_t at_system_time)
{
    WRITE_ONCE(epoch_base_ns, epoch_ns - (uint64_t)at_system_time);
    if (wallclock_notify)
        wallclock_notify();
}

init_text void clock_init(void)
{
    uint64_t hz = 0;

    for (size_t i = 0; i < ARRAY_SIZE(clocks) && !hz; i++) {
        if (clock_choice[0] && strcmp(clock_choice, clocks[i].name))
            continue;
        chosen = &clocks[i];
        hz = chosen->init();
    }
    if (!hz) {
        chosen = &clocks[ARRAY_SIZE(clocks) - 1];
        hz = chosen->init();
    }
    printk("Platform clock: %s, %lu Hz\n", chosen->name, hz);
    tsc_init(measure_tsc(chosen, hz));
    wallclock_set(rtc_read_epoch() * 1000000000UL, now());
}

void udelay(unsigned int us)
{
    uint64_t from = rdtsc_ordered(), ticks = tsc_khz * us / 1000;

    while (rdtsc_ordered() - from < ticks)
        cpu_relax();
}
