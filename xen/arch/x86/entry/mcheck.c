/* SPDX-License-Identifier: GPL-2.0 */
/*
 * mcheck.c - what the machine itself reports: machine checks, NMIs, and CPUs
 * that have stopped to take part.
 * Source: Intel SDM vol. 3, chapter 15; ISA port 0x61.
 */
#include "core/arch.h"
#include "core/cmdline.h"
#include "core/panic.h"
#include "core/printk.h"
#include "core/smpcall.h"
#include "core/softirq.h"
#include "core/timer.h"
#include "cpu/lapic.h"
#include "cpu/msr.h"
#include "entry/fault.h"
#include "lib/atomic.h"
#include "service/mca.h"

/* What the machine said before we were asked is kept, not acted upon. */
void mcheck_init_cpu(void)
{
    mce_init_cpu();
    mca_look(MC_FLAG_RESET);
}

static enum mce_severity worst_bank(uint64_t gstatus)
{
    enum mce_severity worst = MCE_NONE;
    struct mce_error e;

    for (unsigned int i = 0; i < mce_banks(); i++)
        if (mce_read(i, gstatus, &e))
            worst = MAX(worst, mce_judge_here(e.status));
    return worst;
}

static noreturn void machine_check_fatal(const struct regs *r,
                                         uint64_t gstatus)
{
    struct mce_error e;

    panic_enter();
    for (unsigned int i = 0; i < mce_banks(); i++)
        if (mce_read(i, gstatus, &e))
            mce_print(cpu_id(), &e,
                      mce_judge_here(e.status) > MCE_QUIET ? "uncorrected"
                                                           : "corrected");
    regs_dump(r);
    panic("machine check, global status %#lx", gstatus);
}

static void note_banks(uint64_t gstatus)
{
    struct mce_error e;

    for (unsigned int i = 0; i < mce_banks(); i++) {
        if (!mce_read(i, gstatus, &e))
            continue;
        mce_clear(i);
        mca_note(&e, mce_judge_here(e.status) > MCE_QUIET
                         ? MC_FLAG_MCE | MC_FLAG_RECOVERABLE
                         : MC_FLAG_MCE);
    }
}

/*
 * Like an NMI this may come at any instruction of ours: what can be lived with
 * is only noted. Interrupting a guest it is an entry like any other, so the
 * guest that used lost data can be ended here.
 */
void machine_check_received(struct regs *r)
{
    uint64_t gstatus = rdmsr(MSR_MCG_STATUS);
    enum mce_severity s = mce_verdict(worst_bank(gstatus), gstatus,
                                      regs_from_guest(r));

    if (s == MCE_FATAL)
        machine_check_fatal(r, gstatus);
    note_banks(gstatus);
    wrmsr(MSR_MCG_STATUS, 0); /* another one may come: until here, a reset */
    if (s != MCE_REQUIRED)
        return;
    mca_tell();
    domain_crash(current->domain, "it used memory that has lost its data");
}

/*
 * The watchdog: each CPU shows once a second that its timers still run, and
 * looks at the next CPU. One that was silent too long gets an NMI, tells
 * where it is, and stops the machine.
 */
static bool opt_watchdog;
static unsigned int opt_watchdog_timeout = 5;
BOOT_BOOL("watchdog", opt_watchdog);
BOOT_UINT("watchdog_timeout", opt_watchdog_timeout);

/* 0: none yet; the boot CPU still builds Dom0, and is left alone. */
static PERCPU ns_t last_sign;
static PERCPU struct timer sign_timer;
static PERCPU bool accused;

static unsigned int next_cpu(void)
{
    unsigned int n = cpumask_next(&cpus_online, cpu_id() + 1);

    return n < MAX_CPUS ? n : cpumask_next(&cpus_online, 0);
}

static void give_sign(void *data)
{
    unsigned int other = next_cpu();
    ns_t last = READ_ONCE(percpu_on(other, last_sign));

    (void)data;
    percpu(last_sign) = now();
    if (other != cpu_id() && last &&
        now() - last > SECONDS(opt_watchdog_timeout)) {
        percpu_on(other, accused) = true;
        lapic_send_nmi(other);
    }
    timer_set(&percpu(sign_timer), now() + SECONDS(1));
}

static void start_signs(void *data)
{
    (void)data;
    timer_init(&percpu(sign_timer), give_sign, NULL);
    timer_set(&percpu(sign_timer), now() + SECONDS(1));
}

/* What port 0x61 said; told later, as an NMI may come inside printk(). */
static uint8_t nmi_reasons;
static bool nmi_unknown;
#define REASON_SERR 0x80
#define REASON_IOCHK 0x40

static void report_nmi(void)
{
    uint8_t reasons = xchg(&nmi_reasons, 0);

    if (reasons & REASON_SERR)
        printk(LOG_ERR "NMI: memory or system error (SERR)\n");
    if (reasons & REASON_IOCHK)
        printk(LOG_ERR "NMI: I/O check\n");
    if (xchg(&nmi_unknown, false))
        printk(LOG_WARN "NMI without a known reason\n");
}

void watchdog_init(void)
{
    cpumask_t all = cpus_online;

    softirq_register(SOFTIRQ_NMI, report_nmi);
    if (!opt_watchdog)
        return;
    smp_call(&all, start_signs, NULL);
    printk("Watchdog: %u seconds\n", opt_watchdog_timeout);
}

/* Each reason is switched off: once told, it is not told for ever. */
static void note_port_61(void)
{
    uint8_t reason = inb(0x61);

    if (reason & REASON_SERR)
        outb((reason & 0x0f) | 0x04, 0x61);
    if (reason & REASON_IOCHK)
        outb((reason & 0x0f) | 0x08, 0x61);
    if (reason & (REASON_SERR | REASON_IOCHK))
        __atomic_fetch_or(&nmi_reasons, reason, __ATOMIC_SEQ_CST);
    else
        nmi_unknown = true;
    softirq_raise(SOFTIRQ_NMI);
}

void nmi_received(struct regs *r)
{
    panic_stop_here();
    if (debug_nmi(r))
        return;
    if (percpu(accused)) {
        panic_enter();
        regs_dump(r);
        panic("watchdog: CPU%u has not run its timers for %u s", cpu_id(),
              opt_watchdog_timeout);
    }
    if (!cpu_id()) /* the machine's own come to the boot CPU */
        note_port_61();
}
