/* SPDX-License-Identifier: GPL-2.0 */
/*
 * lapic.c - the local APIC: IPIs, the one-shot timer, EOI.
 * Keeps true: every local source is masked unless set here; interrupts are
 * addressed physically, one CPU at a time.
 * Source: Intel SDM vol. 3, chapter 11.
 */
#include "core/arch.h"
#include "core/cmdline.h"
#include "core/panic.h"
#include "core/printk.h"
#include "cpu/features.h"
#include "cpu/lapic.h"
#include "cpu/msr.h"
#include "cpu/tsc.h"
#include "lib/atomic.h"
#include "mm/directmap.h"

enum lapic_reg {
    REG_ID = 0x20,
    REG_VERSION = 0x30,
    REG_TPR = 0x80,
    REG_EOI = 0xb0,
    REG_LDR = 0xd0,
    REG_SVR = 0xf0,
    REG_ESR = 0x280,
    REG_LVT_CMCI = 0x2f0,
    REG_ICR = 0x300,
    REG_ICR_HIGH = 0x310,
    REG_LVT_TIMER = 0x320,
    REG_LVT_THERMAL = 0x330,
    REG_LVT_PERF = 0x340,
    REG_LVT_LINT0 = 0x350,
    REG_LVT_LINT1 = 0x360,
    REG_LVT_ERROR = 0x370,
    REG_TIMER_INIT = 0x380,
    REG_TIMER_NOW = 0x390,
    REG_TIMER_DIVIDE = 0x3e0,
};

#define LVT_MASKED     0x10000u
#define LVT_NMI        0x400u
#define TIMER_DEADLINE 0x40000u
#define ICR_BUSY       0x1000u
#define ICR_ASSERT     0x4000u
#define ICR_NMI        0x400u
#define ICR_INIT       0x500u
#define ICR_STARTUP    0x600u
#define BASE_X2APIC    0x400u
#define BASE_ENABLE    0x800u

static volatile uint32_t *regs; /* xAPIC */
static bool x2;
static bool use_deadline;
static uint64_t timer_hz;
static enum boot_choice opt_x2apic;
static bool opt_deadline = true;
BOOT_CHOICE("x2apic", opt_x2apic);
BOOT_BOOL("tdt", opt_deadline);

static uint32_t get(enum lapic_reg r)
{
    if (x2)
        return (uint32_t)rdmsr(MSR_X2APIC + r / 16u);
    return regs[r / 4];
}

static void set(enum lapic_reg r, uint32_t v)
{
    if (x2)
        wrmsr(MSR_X2APIC + r / 16u, v);
    else
        regs[r / 4] = v;
}

bool lapic_is_x2apic(void)
{
    return x2;
}

uint32_t lapic_id(void)
{
    return x2 ? get(REG_ID) : get(REG_ID) >> 24;
}

void lapic_eoi(void)
{
    set(REG_EOI, 0);
}

static void write_icr(uint32_t apic_id, uint32_t command)
{
    uint64_t flags;

    if (x2) {
        smp_mb(); /* a WRMSR here orders nothing before it */
        wrmsr(MSR_X2APIC + REG_ICR / 16u, (uint64_t)apic_id << 32 | command);
        return;
    }
    flags = irq_save(); /* two halves */
    while (get(REG_ICR) & ICR_BUSY)
        cpu_relax();
    set(REG_ICR_HIGH, apic_id << 24);
    set(REG_ICR, command);
    irq_restore(flags);
}

void lapic_send_ipi(unsigned int cpu, unsigned int vector)
{
    write_icr(cpu_by_id(cpu)->apic_id, ICR_ASSERT | vector);
}

void lapic_send_nmi(unsigned int cpu)
{
    write_icr(cpu_by_id(cpu)->apic_id, ICR_ASSERT | ICR_NMI);
}

void lapic_send_init(uint32_t apic_id)
{
    write_icr(apic_id, ICR_ASSERT | ICR_INIT);
}

void lapic_send_startup(uint32_t apic_id, unsigned int page)
{
    write_icr(apic_id, ICR_ASSERT | ICR_STARTUP | page);
}

void arch_send_softirq_ipi(unsigned int cpu)
{
    lapic_send_ipi(cpu, VECTOR_SOFTIRQ);
}

/*
 * x2APIC without interrupt remapping is for virtual machines only (SDM 11.12);
 * elsewhere it stays as the firmware left it, unless the command line says so.
 */
static init_text bool choose_x2apic(uint64_t apic_base)
{
    if (apic_base & BASE_X2APIC)
        return true; /* there is no way back but a reset */
    if (!cpu_features.x2apic)
        return false;
    return opt_x2apic ? opt_x2apic == CHOICE_YES : cpu_features.hypervisor;
}

init_text void lapic_init_boot(paddr_t base)
{
    x2 = choose_x2apic(rdmsr(MSR_APIC_BASE));
    if (!x2) {
        regs = vmap_device(base, PAGE_SIZE);
        BUG_ON(!regs);
    }
    use_deadline = cpu_features.tsc_deadline && opt_deadline;
    lapic_init_cpu();
    this_cpu()->apic_id = lapic_id();
    printk("LAPIC: %s, id %u, %s timer\n", x2 ? "x2APIC" : "xAPIC",
           lapic_id(), use_deadline ? "deadline" : "one-shot");
}

void lapic_init_cpu(void)
{
    uint64_t msr = rdmsr(MSR_APIC_BASE) | BASE_ENABLE;
    unsigned int max_lvt;

    wrmsr(MSR_APIC_BASE, msr);
    if (x2)
        wrmsr(MSR_APIC_BASE, msr | BASE_X2APIC);
    set(REG_SVR, 0x100 | VECTOR_SPURIOUS);
    set(REG_TPR, 0);
    max_lvt = get(REG_VERSION) >> 16 & 0xff;
    if (max_lvt >= 6)
        set(REG_LVT_CMCI, LVT_MASKED);
    if (max_lvt >= 5)
        set(REG_LVT_THERMAL, LVT_MASKED);
    if (max_lvt >= 4)
        set(REG_LVT_PERF, LVT_MASKED);
    set(REG_LVT_LINT0, LVT_MASKED); /* the old PIC stays silent */
    set(REG_LVT_LINT1, LVT_NMI);
    set(REG_ESR, 0);
    set(REG_LVT_ERROR, VECTOR_LAPIC_ERROR);
    set(REG_TIMER_DIVIDE, 0xb); /* by one */
    set(REG_TIMER_INIT, 0);
    set(REG_LVT_TIMER, VECTOR_LAPIC_TIMER | (use_deadline ? TIMER_DEADLINE : 0));
}

void lapic_report_error(void)
{
    set(REG_ESR, 0);
    printk(LOG_WARN "CPU%u: local APIC error %#x\n", cpu_id(), get(REG_ESR));
}

/* How fast it counts, by the TSC: over 20 ms. */
init_text void lapic_timer_calibrate(void)
{
    uint64_t from, ticks = tsc_khz * 20, passed;
    uint32_t count;

    if (use_deadline)
        return;
    set(REG_LVT_TIMER, VECTOR_LAPIC_TIMER | LVT_MASKED);
    set(REG_TIMER_INIT, UINT32_MAX);
    from = rdtsc_ordered();
    while (rdtsc_ordered() - from < ticks)
        cpu_relax();
    count = UINT32_MAX - get(REG_TIMER_NOW);
    passed = rdtsc_ordered() - from;
    set(REG_TIMER_INIT, 0);
    set(REG_LVT_TIMER, VECTOR_LAPIC_TIMER);
    timer_hz = mul_div(count, tsc_khz * 1000, passed);
    printk("LAPIC timer: %lu kHz\n", timer_hz / 1000);
}

/* Longest wait set in one go; the softirq sets the rest. */
#define LONGEST SECONDS(4)

static uint32_t ticks_until(ns_t deadline)
{
    ns_t left = deadline - now();
    uint64_t n;

    if (left <= 0)
        return 1;
    if (left > LONGEST)
        left = LONGEST;
    n = (uint64_t)left * (timer_hz / 1000) / 1000000 + 1;
    return n > UINT32_MAX ? UINT32_MAX : (uint32_t)n;
}

void lapic_timer_set(ns_t deadline)
{
    if (use_deadline)
        wrmsr(MSR_TSC_DEADLINE,
              deadline == NS_NEVER ? 0 : system_time_to_tsc(deadline));
    else
        set(REG_TIMER_INIT, deadline == NS_NEVER ? 0 : ticks_until(deadline));
}

void arch_timer_arm(ns_t deadline)
{
    lapic_timer_set(deadline);
}
