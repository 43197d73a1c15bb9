/* SPDX-License-Identifier: GPL-2.0 */
/*
 * msr.c - access to registers that this CPU may not have.
 */
#include "cpu/msr.h"
#include "lib/errno.h"

/* An entry of the table that mm/extable.c searches: at 1, go on at 2. */
#define FIXUP                                                                  \
    ".pushsection .extable, \"a\"\n.balign 4\n"                                \
    ".long 1b - .\n.long 2b - .\n.popsection"

int rdmsr_safe(uint32_t msr, uint64_t *v)
{
    uint32_t lo = 0, hi = 0;
    int rc = -EFAULT;

    __asm__ volatile("1: rdmsr\nxorl %0, %0\n2:\n" FIXUP
                     : "+r"(rc), "+a"(lo), "+d"(hi)
                     : "c"(msr));
    *v = (uint64_t)hi << 32 | lo;
    return rc;
}

int wrmsr_safe(uint32_t msr, uint64_t v)
{
    int rc = -EFAULT;

    __asm__ volatile("1: wrmsr\nxorl %0, %0\n2:\n" FIXUP
                     : "+r"(rc)
                     : "c"(msr), "a"((uint32_t)v), "d"((uint32_t)(v >> 32))
                     : "memory");
    return rc;
}
