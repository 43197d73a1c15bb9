/* SPDX-License-Identifier: GPL-2.0 */
/*
 * decode.h - read the few x86 instructions that we carry out for a guest.
 * Pure: bytes and register values in, a description out.
 */
#ifndef PV_DECODE_H
#define PV_DECODE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define INSN_MAX_LENGTH 15

enum insn_kind {
    INSN_UNKNOWN, /* none of ours, or one that no processor would run */
    INSN_SHORT,   /* goes on behind the bytes given */
    INSN_OTHER,   /* a privileged one that we know and do not carry out */

    /* Writes to memory. Source: a register or an immediate value. */
    INSN_MOV,
    INSN_XCHG,
    INSN_ADD,
    INSN_SUB,
    INSN_AND,
    INSN_OR,
    INSN_XOR,
    INSN_BTS,
    INSN_BTR,
    INSN_BTC,
    INSN_CMPXCHG,
    INSN_XADD,
    INSN_STOS,
    INSN_MOVS,

    /* Ports: in imm, or in dx if port_in_dx. */
    INSN_IN,
    INSN_OUT,
    INSN_INS,
    INSN_OUTS,

    /* Control and debug registers: reg is theirs, rm_reg the general one. */
    INSN_MOV_TO_CR,
    INSN_MOV_FROM_CR,
    INSN_MOV_TO_DR,
    INSN_MOV_FROM_DR,
    INSN_LMSW, /* operand: rm_reg or memory */
    INSN_SMSW,

    INSN_CLI,
    INSN_STI,
    INSN_CLTS,
    INSN_HLT,
    INSN_RDMSR,
    INSN_WRMSR,
    INSN_CPUID,
    INSN_RDTSC,
    INSN_RDTSCP,
    INSN_RDPMC,
    INSN_INVD,
    INSN_WBINVD,
    INSN_INVLPG,
    INSN_XGETBV,
    INSN_XSETBV,

    INSN_INT, /* vector in imm */
    INSN_INT3,
    INSN_INTO,
};

/* General registers, as the processor numbers them. */
enum insn_reg {
    REG_RAX,
    REG_RCX,
    REG_RDX,
    REG_RBX,
    REG_RSP,
    REG_RBP,
    REG_RSI,
    REG_RDI, /* r8 to r15 follow */
};
#define NO_REG (-1)

enum insn_seg { SEG_ES, SEG_CS, SEG_SS, SEG_DS, SEG_FS, SEG_GS };

struct insn_desc {
    enum insn_kind kind;
    uint8_t length;    /* bytes, prefixes included */
    uint8_t op_size;   /* of the operand: 1, 2, 4 or 8 bytes */
    uint8_t addr_size; /* 4 or 8 */
    bool code64;
    bool forced; /* behind the forced-emulation prefix */
    bool lock, rep, repne;

    bool has_modrm;
    bool has_mem; /* an operand is in memory; else it is rm_reg */
    bool has_imm; /* the source is imm, not reg */
    bool port_in_dx;
    uint8_t reg; /* the register operand */
    uint8_t rm_reg;
    bool reg_is_high; /* reg is ah, ch, dh or bh: bits 8 to 15 of reg */
    uint64_t imm;     /* sign-extended */

    /* The memory operand: segment, base + (index << scale) + disp. */
    uint8_t seg;        /* enum insn_seg */
    int8_t base, index; /* NO_REG: none */
    uint8_t scale;
    bool rip_relative;
    int64_t disp;
};

/* The values a description is applied to. */
struct insn_regs {
    uint64_t reg[16]; /* by enum insn_reg */
    uint64_t rip;     /* of the instruction itself */
    uint64_t rflags;
    uint64_t seg_base[6]; /* by enum insn_seg */
    uint64_t movs_source; /* what stands at insn_source(), for INSN_MOVS */
};

/* Read one instruction from `valid` bytes (at most 15 are looked at). */
void insn_decode(struct insn_desc *d, const uint8_t *code, size_t valid,
                 bool code64);

/* Does it write to memory, of the kinds insn_write_result() knows? */
bool insn_writes_memory(const struct insn_desc *d);

/* Linear address of the memory operand; of strings: of the one written to
 * (OUTS: read from). */
uint64_t insn_address(const struct insn_desc *d, const struct insn_regs *r);

/* Linear address a MOVS reads from. */
uint64_t insn_source(const struct insn_desc *d, const struct insn_regs *r);

/* What a write to memory comes to. */
struct insn_write {
    bool writes;    /* false: CMPXCHG found another value than it wanted */
    uint64_t value; /* op_size bytes to put there */
    bool sets_reg;
    uint8_t reg;        /* this register becomes */
    uint64_t reg_value; /* this, whole */
    uint64_t rflags;
};

/*
 * Carry out a write on `old`, the op_size bytes at insn_address().
 * -EINVAL if it is no instruction that writes to memory. STOS and MOVS: one
 * element; see insn_string_step().
 */
int insn_write_result(const struct insn_desc *d, uint64_t old,
                      const struct insn_regs *r, struct insn_write *w);

/* A register's value as the operand `reg` of op_size bytes. */
uint64_t insn_reg_operand(const struct insn_desc *d, const struct insn_regs *r);

/* The whole register after a write of `size` low bytes to it. */
uint64_t insn_reg_merge(uint64_t whole, uint64_t value, uint8_t size,
                        bool high);

/* Repeated strings: is there nothing (more) to do? */
bool insn_string_done(const struct insn_desc *d, const struct insn_regs *r);

/* Move rdi, rsi and rcx past one element. */
void insn_string_step(const struct insn_desc *d, struct insn_regs *r);

#endif
