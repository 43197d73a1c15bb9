/* SPDX-License-Identifier: GPL-2.0 */
/*
 * regs.h - a guest's (or our own) registers as the entry code leaves them.
 * entry.S pushes exactly this; offsets.c tells it where the fields are.
 */
#ifndef CPU_REGS_H
#define CPU_REGS_H

#include "lib/types.h"

struct regs {
    uint64_t r15, r14, r13, r12, rbp, rbx; /* C keeps these */
    uint64_t r11, r10, r9, r8, rax, rcx, rdx, rsi, rdi;
    uint32_t error_code;
    uint32_t vector; /* what brought us here; VECTOR_* below */
    uint64_t rip;
    uint16_t cs, pad_cs[3];
    uint64_t rflags;
    uint64_t rsp;
    uint16_t ss, pad_ss[3];
};

#define VECTOR_SYSCALL 0x100 /* not a trap: the syscall instruction */

enum trap_vector {
    TRAP_DE = 0, TRAP_DB = 1, TRAP_NMI = 2, TRAP_BP = 3, TRAP_OF = 4,
    TRAP_BR = 5, TRAP_UD = 6, TRAP_NM = 7, TRAP_DF = 8, TRAP_TS = 10,
    TRAP_NP = 11, TRAP_SS = 12, TRAP_GP = 13, TRAP_PF = 14, TRAP_MF = 16,
    TRAP_AC = 17, TRAP_MC = 18, TRAP_XM = 19, TRAP_CP = 21,
};

#define PFEC_PRESENT  1u
#define PFEC_WRITE    2u
#define PFEC_USER     4u
#define PFEC_RESERVED 8u
#define PFEC_INSN     16u

#define FLAGS_CF 0x1UL
#define FLAGS_TF 0x100UL
#define FLAGS_IF 0x200UL
#define FLAGS_IOPL 0x3000UL
#define FLAGS_NT 0x4000UL
#define FLAGS_RF 0x10000UL
#define FLAGS_VM 0x20000UL
#define FLAGS_AC 0x40000UL
#define FLAGS_VIF 0x80000UL
#define FLAGS_VIP 0x100000UL

/* Did these registers belong to a guest (ring 3)? */
static inline bool regs_from_guest(const struct regs *r)
{
    return r->cs & 3;
}

#endif
