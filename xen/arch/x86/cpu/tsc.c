/* SPDX-License-Identifier: GPL-2.0 */
/*
 * tsc.c - system time from the time stamp counter.
 * Keeps true: one scale and one origin for all CPUs; before tsc_init() time
 * stands at 0.
 */
#include "core/arch.h"
#include "core/printk.h"
#include "cpu/features.h"
#include "cpu/msr.h"
#include "cpu/tsc.h"
#include "lib/insn.h"

struct tsc_scale tsc_scale;
uint64_t tsc_khz;
uint64_t tsc_origin;
static uint64_t tsc_hz;

ns_t tsc_to_system_time(uint64_t tsc)
{
    return (ns_t)tsc_scale_delta(tsc - tsc_origin, &tsc_scale);
}

/* The first tick at which system time is at least t. */
uint64_t system_time_to_tsc(ns_t t)
{
    const ns_t far = 1L << 60; /* 36 years; the product must fit */

    if (t < 0)
        t = 0;
    return tsc_origin + mul_div((uint64_t)MIN(t, far), tsc_hz, SECONDS(1)) + 1;
}

ns_t now(void)
{
    if (!tsc_hz)
        return 0;
    return tsc_to_system_time(rdtsc_ordered());
}

void tsc_init(uint64_t hz)
{
    tsc_origin = rdtsc();
    tsc_scale = tsc_scale_for(hz);
    tsc_khz = hz / 1000;
    tsc_hz = hz;
    printk("TSC: %lu.%03lu MHz%s\n", tsc_khz / 1000, tsc_khz % 1000,
           cpu_features.tsc_invariant ? ", invariant" : "");
}

/* The meeting of boot CPU and AP: each shows its counter in turn. */
static struct {
    volatile int turn;      /* 0: nobody, 1: boot CPU, 2: AP */
    volatile uint64_t seen; /* the other's counter when it passed the turn */
    volatile uint64_t behind; /* how far the AP was behind at worst */
} meet;

#define MEET_ROUNDS 64

/* The boot CPU's side, while the AP is in tsc_sync_ap(). */
void tsc_sync_boot_cpu(void)
{
    meet.behind = 0;
    for (int i = 0; i < MEET_ROUNDS; i++) {
        meet.seen = rdtsc_ordered();
        meet.turn = 2;
        while (meet.turn != 1)
            cpu_relax();
    }
    meet.turn = 0;
}

void tsc_sync_ap(void)
{
    uint64_t behind = 0;

    for (int i = 0; i < MEET_ROUNDS; i++) {
        uint64_t mine;

        while (meet.turn != 2)
            cpu_relax();
        mine = rdtsc_ordered();
        if (mine < meet.seen && meet.seen - mine > behind)
            behind = meet.seen - mine;
        meet.turn = 1;
    }
    if (!behind)
        return;
    wrmsr(MSR_TSC, rdtsc() + behind);
    printk(LOG_WARN "TSC of CPU%u was %lu ticks behind, moved\n", cpu_id(),
           behind);
}
