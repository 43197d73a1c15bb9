/* SPDX-License-Identifier: GPL-2.0 */
/*
 * mce.c - read and clear this CPU's machine-check banks.
 * Keeps true: every bank reports all it can; a bank is cleared only after it
 * was read.
 * Not here: the exception (entry/mcheck.c), what Dom0 gets
 * (service/mca_log.c).
 * Source: Intel SDM vol. 3, 15.3.
 */
#include "core/printk.h"
#include "cpu/features.h"
#include "cpu/mce.h"
#include "cpu/msr.h"
#include "cpu/percpu.h"

#define MCI_CTL(n)    (0x400u + 4 * (n))
#define MCI_STATUS(n) (0x401u + 4 * (n))
#define MCI_ADDR(n)   (0x402u + 4 * (n))
#define MCI_MISC(n)   (0x403u + 4 * (n))

static PERCPU uint64_t cap; /* 0: no banks, or mce_init_cpu() is to come */

unsigned int mce_banks(void)
{
    return percpu(cap) & 0xff;
}

uint64_t mce_cap_of(unsigned int cpu)
{
    return percpu_on(cpu, cap);
}

enum mce_severity mce_judge_here(uint64_t status)
{
    return mce_judge(status, percpu(cap) & MCG_RECOVERY);
}

bool mce_read(unsigned int bank, uint64_t gstatus, struct mce_error *e)
{
    *e = (struct mce_error){.bank = bank, .gstatus = gstatus, .tsc = rdtsc()};
    if (rdmsr_safe(MCI_STATUS(bank), &e->status) || !(e->status & MCI_VALID))
        return false;
    if (e->status & MCI_ADDRV)
        rdmsr_safe(MCI_ADDR(bank), &e->addr);
    if (e->status & MCI_MISCV)
        rdmsr_safe(MCI_MISC(bank), &e->misc);
    return true;
}

void mce_clear(unsigned int bank)
{
    wrmsr_safe(MCI_STATUS(bank), 0);
}

void mce_init_cpu(void)
{
    uint64_t v;

    if (!(cpu_features.leaf1_edx >> 14 & 1) || rdmsr_safe(MSR_MCG_CAP, &v))
        return;
    percpu(cap) = v;
    if (v & MCG_CTL_P)
        wrmsr_safe(MSR_MCG_CTL, ~0UL);
    for (unsigned int i = 0; i < mce_banks(); i++)
        wrmsr_safe(MCI_CTL(i), ~0UL);
}

void mce_print(unsigned int cpu, const struct mce_error *e, const char *what)
{
    printk(LOG_ERR "CPU%u: machine check, %s: bank %u status %016lx address "
                   "%lx misc %lx global %lx\n",
           cpu, what, e->bank, e->status, e->addr, e->misc, e->gstatus);
}
