/* SPDX-License-Identifier: GPL-2.0 */
/*
 * mce_judge.c - how bad is a machine check? Pure.
 * Source: Intel SDM vol. 3, 15.6 (recovery of uncorrected errors), tables
 * 15-6 and 15-20. Without MCG_RECOVERY no uncorrected error can be lived with.
 */
#include "cpu/mce.h"

static enum mce_severity judge_recoverable(uint64_t status)
{
    switch (status & (MCI_SIGNALED | MCI_ACTION)) {
    case 0:
        return MCE_QUIET; /* data was marked bad; who uses it will be told */
    case MCI_SIGNALED:
        return MCE_OPTIONAL;
    case MCI_SIGNALED | MCI_ACTION:
        /* An overflow hides whom else to stop. */
        return status & MCI_OVERFLOW ? MCE_FATAL : MCE_REQUIRED;
    default:
        return MCE_FATAL; /* no such kind */
    }
}

enum mce_severity mce_judge(uint64_t status, bool recovery)
{
    if (!(status & MCI_VALID))
        return MCE_NONE;
    if (status & MCI_PCC)
        return MCE_FATAL;
    if (!(status & MCI_UC) || !(status & MCI_ENABLED))
        return MCE_QUIET;
    return recovery ? judge_recoverable(status) : MCE_FATAL;
}

enum mce_severity mce_verdict(enum mce_severity worst, uint64_t gstatus,
                              bool in_guest)
{
    if (worst == MCE_REQUIRED && !(gstatus & MCG_EIPV))
        worst = MCE_OPTIONAL; /* another CPU met it, this one heard of it */
    if (worst == MCE_REQUIRED)
        return in_guest ? MCE_REQUIRED : MCE_FATAL;
    return gstatus & MCG_RIPV ? worst : MCE_FATAL;
}
