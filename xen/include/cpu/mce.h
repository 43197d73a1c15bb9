/* SPDX-License-Identifier: GPL-2.0 */
/*
 * mce.h - machine-check banks: what a CPU's hardware says went wrong.
 */
#ifndef CPU_MCE_H
#define CPU_MCE_H

#include "lib/types.h"

/* What an error asks of us, from nothing to the end. */
enum mce_severity {
    MCE_NONE,
    MCE_QUIET,    /* corrected, or nobody is harmed: to be told */
    MCE_OPTIONAL, /* data is lost, but nobody has used it yet */
    MCE_REQUIRED, /* what ran here cannot go on */
    MCE_FATAL,    /* nothing can */
};

struct mce_error {
    uint64_t status, addr, misc, tsc;
    uint64_t gstatus; /* MSR_MCG_STATUS; 0 if it was found by looking */
    uint32_t bank;
};

#define MCG_RIPV     1UL /* the interrupted code could go on */
#define MCG_EIPV     2UL /* it is the one that met the error */
#define MCG_CTL_P    (1UL << 8)
#define MCG_RECOVERY (1UL << 24) /* MCG_CAP: errors say what they ask */

#define MCI_VALID    (1UL << 63)
#define MCI_OVERFLOW (1UL << 62)
#define MCI_UC       (1UL << 61)
#define MCI_ENABLED  (1UL << 60)
#define MCI_MISCV    (1UL << 59)
#define MCI_ADDRV    (1UL << 58)
#define MCI_PCC      (1UL << 57)
#define MCI_SIGNALED (1UL << 56)
#define MCI_ACTION   (1UL << 55)

/* mce_judge.c, pure. One bank's status; with MCG_RECOVERY or without. */
enum mce_severity mce_judge(uint64_t status, bool recovery);
/* The exception as a whole: its worst bank, and whom it interrupted. */
enum mce_severity mce_verdict(enum mce_severity worst, uint64_t gstatus,
                              bool in_guest);

/* mce.c: this CPU's banks. */
unsigned int mce_banks(void);
uint64_t mce_cap_of(unsigned int cpu); /* MSR_MCG_CAP */
enum mce_severity mce_judge_here(uint64_t status);
bool mce_read(unsigned int bank, uint64_t gstatus, struct mce_error *e);
void mce_clear(unsigned int bank);
void mce_init_cpu(void); /* report everything from now on */
/* One line: "CPU1: machine check, WHAT: bank 3 status ...". */
void mce_print(unsigned int cpu, const struct mce_error *e, const char *what);

#endif
