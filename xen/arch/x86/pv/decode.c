/* SPDX-License-Identifier: GPL-2.0 */
/*
 * decode.c - read the few x86 instructions that we carry out for a guest:
 * writes to page tables, and private instructions of its kernel.
 * Keeps true: no byte behind `valid`, nor behind the fifteenth, is looked at;
 * what we do not know for sure is INSN_UNKNOWN, and the guest gets its fault.
 * Not here: what an instruction does to values (insn_apply.c), judging and
 * doing it (ptwrite.c, privop.c).
 * Source: Intel SDM volume 2, chapters 2 (formats) and A (opcode maps).
 */
#include "pv/decode.h"

#define REX_W 8
#define REX_R 4
#define REX_X 2
#define REX_B 1

/* The bytes, and what their prefixes said. */
struct reader {
    const uint8_t *at, *end;
    bool ran_out;
    bool size_prefix; /* 66: 16-bit operand */
    uint8_t rex;
    uint8_t mod, rm; /* of the modrm byte, as they stand */
};

static uint8_t take(struct reader *c)
{
    if (c->at == c->end) {
        c->ran_out = true;
        return 0;
    }
    return *c->at++;
}

/* A little-endian number of 1, 2 or 4 bytes, sign-extended. */
static int64_t take_signed(struct reader *c, unsigned int size)
{
    uint64_t v = 0;

    for (unsigned int i = 0; i < size; i++)
        v |= (uint64_t)take(c) << 8 * i;
    return (int64_t)(v << (64 - 8 * size)) >> (64 - 8 * size);
}

/* Note one prefix; false if the byte is none. */
static bool note_prefix(struct insn_desc *d, struct reader *c, uint8_t byte)
{
    switch (byte) {
    case 0x26:
    case 0x2e:
    case 0x36:
    case 0x3e:
        if (!d->code64) /* flat in 64-bit code */
            d->seg = byte >> 3 & 3;
        return true;
    case 0x64:
    case 0x65:
        d->seg = byte == 0x64 ? SEG_FS : SEG_GS;
        return true;
    case 0x66:
        c->size_prefix = true;
        return true;
    case 0x67:
        d->addr_size = d->code64 ? 4 : 2;
        return true;
    case 0xf0:
        d->lock = true;
        return true;
    case 0xf2:
        d->repne = true;
        d->rep = false;
        return true;
    case 0xf3:
        d->rep = true;
        d->repne = false;
        return true;
    }
    return false;
}

/* Take all prefixes; a REX counts only right before the opcode. */
static uint8_t take_opcode(struct insn_desc *d, struct reader *c)
{
    uint8_t byte;

    for (;;) {
        byte = take(c);
        if (c->ran_out)
            return 0;
        if (d->code64 && (byte & 0xf0) == 0x40)
            c->rex = byte;
        else if (note_prefix(d, c, byte))
            c->rex = 0;
        else
            return byte;
    }
}

static void take_sib(struct insn_desc *d, struct reader *c)
{
    uint8_t sib = take(c);
    uint8_t index = (sib >> 3 & 7) | (c->rex & REX_X ? 8 : 0);

    d->scale = sib >> 6;
    if (index != REG_RSP)
        d->index = (int8_t)index;
    if ((sib & 7) == REG_RBP && c->mod == 0)
        d->disp = take_signed(c, 4);
    else
        d->base = (int8_t)((sib & 7) | (c->rex & REX_B ? 8 : 0));
}

/* The memory operand of a modrm byte. */
static void take_memory(struct insn_desc *d, struct reader *c)
{
    d->has_mem = true;
    d->base = d->index = NO_REG;
    if (c->rm == REG_RSP) {
        take_sib(d, c);
    } else if (c->rm == REG_RBP && c->mod == 0) {
        d->disp = take_signed(c, 4);
        d->rip_relative = d->code64;
    } else {
        d->base = (int8_t)(c->rm | (c->rex & REX_B ? 8 : 0));
    }

    if (c->mod == 1)
        d->disp = take_signed(c, 1);
    else if (c->mod == 2)
        d->disp = take_signed(c, 4);
    /* 0xff: no prefix chose a segment. */
    if (d->seg == 0xff)
        d->seg = d->base == REG_RSP || d->base == REG_RBP ? SEG_SS : SEG_DS;
}

static void take_modrm(struct insn_desc *d, struct reader *c)
{
    uint8_t modrm = take(c);

    d->has_modrm = true;
    c->mod = modrm >> 6;
    c->rm = modrm & 7;
    d->reg = (modrm >> 3 & 7) | (c->rex & REX_R ? 8 : 0);
    d->rm_reg = c->rm | (c->rex & REX_B ? 8 : 0);
    if (c->mod != 3)
        take_memory(d, c);
}

/* The size of an operand that is a byte, or as large as the prefixes say. */
static uint8_t operand_size(const struct reader *c, bool byte)
{
    if (byte)
        return 1;
    if (c->rex & REX_W)
        return 8;
    return c->size_prefix ? 2 : 4;
}

static void take_imm(struct insn_desc *d, struct reader *c, bool byte)
{
    d->has_imm = true;
    d->imm = (uint64_t)take_signed(c, byte ? 1 : (d->op_size == 2 ? 2 : 4));
}

/* A write of reg to memory. Opcodes come in pairs: even ones are of bytes. */
static enum insn_kind store_reg(struct insn_desc *d, struct reader *c,
                                uint8_t opcode, enum insn_kind kind)
{
    take_modrm(d, c);
    d->op_size = operand_size(c, !(opcode & 1));
    if (d->op_size == 1 && !c->rex && d->reg >= 4) {
        d->reg -= 4;
        d->reg_is_high = true;
    }
    return d->has_mem || c->ran_out ? kind : INSN_UNKNOWN;
}

/* The arithmetic kinds by their number in opcodes and in modrm bytes. */
static const enum insn_kind arith_kind[8] = {
    [0] = INSN_ADD, [1] = INSN_OR,  [4] = INSN_AND,
    [5] = INSN_SUB, [6] = INSN_XOR,
};

/* Opcodes 80, 81 and 83: arithmetic with an immediate value. */
static enum insn_kind group1(struct insn_desc *d, struct reader *c,
                             uint8_t opcode)
{
    take_modrm(d, c);
    d->op_size = operand_size(c, opcode == 0x80);
    take_imm(d, c, opcode != 0x81);
    return d->has_mem ? arith_kind[d->reg & 7] : INSN_UNKNOWN;
}

static enum insn_kind mov_imm(struct insn_desc *d, struct reader *c,
                              uint8_t opcode)
{
    take_modrm(d, c);
    d->op_size = operand_size(c, opcode == 0xc6);
    take_imm(d, c, opcode == 0xc6);
    return d->has_mem && !(d->reg & 7) ? INSN_MOV : INSN_UNKNOWN;
}

/* STOS, MOVS, INS write at es:rdi; OUTS reads at ds:rsi. */
static enum insn_kind string(struct insn_desc *d, struct reader *c,
                             uint8_t opcode, enum insn_kind kind)
{
    d->op_size = operand_size(c, !(opcode & 1));
    d->has_mem = true;
    d->index = NO_REG;
    if (kind == INSN_OUTS || kind == INSN_MOVS)
        d->seg = d->seg == 0xff ? SEG_DS : d->seg;
    else
        d->seg = SEG_ES;
    d->base = kind == INSN_OUTS ? REG_RSI : REG_RDI;
    if (kind == INSN_INS || kind == INSN_OUTS) {
        d->port_in_dx = true;
        if (d->op_size == 8)
            d->op_size = 4;
    }
    return kind;
}

/* IN and OUT: the opcode's bit 3 says where the port is, bit 0 the size. */
static enum insn_kind port(struct insn_desc *d, struct reader *c,
                           uint8_t opcode)
{
    d->op_size = opcode & 1 ? (c->size_prefix ? 2 : 4) : 1;
    if (opcode & 8) {
        d->port_in_dx = true;
    } else {
        d->has_imm = true;
        d->imm = take(c);
    }
    return opcode & 2 ? INSN_OUT : INSN_IN;
}

static enum insn_kind bit_imm(struct insn_desc *d, struct reader *c)
{
    static const enum insn_kind kind[8] = {
        [5] = INSN_BTS, [6] = INSN_BTR, [7] = INSN_BTC};

    take_modrm(d, c);
    d->op_size = operand_size(c, false);
    take_imm(d, c, true);
    return d->has_mem ? kind[d->reg & 7] : INSN_UNKNOWN;
}

static enum insn_kind special_reg(struct insn_desc *d, struct reader *c,
                                  enum insn_kind kind)
{
    uint8_t modrm = take(c); /* never memory, whatever mod says */

    d->has_modrm = true;
    d->reg = (modrm >> 3 & 7) | (c->rex & REX_R ? 8 : 0);
    d->rm_reg = (modrm & 7) | (c->rex & REX_B ? 8 : 0);
    d->op_size = d->code64 ? 8 : 4;
    return kind;
}

/* Opcode 0f 01 with a register in modrm: each value is one instruction. */
static enum insn_kind group7_reg(uint8_t reg, uint8_t rm)
{
    switch (reg << 3 | rm) {
    case 2 << 3 | 0:
        return INSN_XGETBV;
    case 2 << 3 | 1:
        return INSN_XSETBV;
    case 7 << 3 | 0: /* swapgs */
    case 1 << 3 | 2: /* clac */
    case 1 << 3 | 3: /* stac */
    case 1 << 3 | 0: /* monitor */
    case 1 << 3 | 1: /* mwait */
        return INSN_OTHER;
    case 7 << 3 | 1:
        return INSN_RDTSCP;
    }
    return INSN_UNKNOWN;
}

static enum insn_kind group7(struct insn_desc *d, struct reader *c)
{
    uint8_t reg;

    take_modrm(d, c);
    reg = d->reg & 7;
    d->op_size = 2;
    if (reg == 4) { /* to a register it writes more than the 16 bits */
        if (!d->has_mem)
            d->op_size = operand_size(c, false);
        return INSN_SMSW;
    }
    if (reg == 6)
        return INSN_LMSW;
    if (!d->has_mem)
        return group7_reg(reg, c->rm);
    if (reg == 7)
        return INSN_INVLPG;
    return reg < 4 ? INSN_OTHER : INSN_UNKNOWN; /* sgdt sidt lgdt lidt */
}

/* Opcodes behind 0f that have no operand but registers they name. */
static enum insn_kind plain_0f(uint8_t opcode)
{
    switch (opcode) {
    case 0x06:
        return INSN_CLTS;
    case 0x08:
        return INSN_INVD;
    case 0x09:
        return INSN_WBINVD;
    case 0x30:
        return INSN_WRMSR;
    case 0x31:
        return INSN_RDTSC;
    case 0x32:
        return INSN_RDMSR;
    case 0x33:
        return INSN_RDPMC;
    case 0xa2:
        return INSN_CPUID;
    case 0x05: /* syscall */
    case 0x07: /* sysret */
    case 0x34: /* sysenter */
    case 0x35: /* sysexit */
    case 0xaa: /* rsm */
        return INSN_OTHER;
    }
    return INSN_UNKNOWN;
}

static enum insn_kind two_byte(struct insn_desc *d, struct reader *c)
{
    uint8_t opcode = take(c);

    switch (opcode) {
    case 0x00: /* sldt str lldt ltr verr verw */
        take_modrm(d, c);
        return (d->reg & 7) < 6 ? INSN_OTHER : INSN_UNKNOWN;
    case 0x01:
        return group7(d, c);
    case 0x20:
        return special_reg(d, c, INSN_MOV_FROM_CR);
    case 0x21:
        return special_reg(d, c, INSN_MOV_FROM_DR);
    case 0x22:
        return special_reg(d, c, INSN_MOV_TO_CR);
    case 0x23:
        return special_reg(d, c, INSN_MOV_TO_DR);
    case 0xab:
        return store_reg(d, c, opcode, INSN_BTS);
    case 0xb3:
        return store_reg(d, c, opcode, INSN_BTR);
    case 0xbb:
        return store_reg(d, c, opcode, INSN_BTC);
    case 0xba:
        return bit_imm(d, c);
    case 0xb0:
    case 0xb1:
        return store_reg(d, c, opcode, INSN_CMPXCHG);
    case 0xc0:
    case 0xc1:
        return store_reg(d, c, opcode, INSN_XADD);
    }
    return plain_0f(opcode);
}

/* Opcodes of one byte that are neither arithmetic nor stores. */
static enum insn_kind private_byte(struct insn_desc *d, struct reader *c,
                                   uint8_t opcode)
{
    switch (opcode) {
    case 0x6c:
    case 0x6d:
        return string(d, c, opcode, INSN_INS);
    case 0x6e:
    case 0x6f:
        return string(d, c, opcode, INSN_OUTS);
    case 0xcc:
        return INSN_INT3;
    case 0xcd:
        d->has_imm = true;
        d->imm = take(c);
        return INSN_INT;
    case 0xce:
        return d->code64 ? INSN_UNKNOWN : INSN_INTO;
    case 0xcf: /* iret */
        return INSN_OTHER;
    case 0xe4:
    case 0xe5:
    case 0xe6:
    case 0xe7:
    case 0xec:
    case 0xed:
    case 0xee:
    case 0xef:
        return port(d, c, opcode);
    case 0xf4:
        return INSN_HLT;
    case 0xfa:
        return INSN_CLI;
    case 0xfb:
        return INSN_STI;
    }
    return INSN_UNKNOWN;
}

static enum insn_kind one_byte(struct insn_desc *d, struct reader *c,
                               uint8_t opcode)
{
    enum insn_kind kind;

    switch (opcode) {
    case 0x0f:
        return two_byte(d, c);
    case 0x80:
    case 0x81:
    case 0x83:
        return group1(d, c, opcode);
    case 0x86:
    case 0x87:
        return store_reg(d, c, opcode, INSN_XCHG);
    case 0x88:
    case 0x89:
        return store_reg(d, c, opcode, INSN_MOV);
    case 0xa4:
    case 0xa5:
        return string(d, c, opcode, INSN_MOVS);
    case 0xaa:
    case 0xab:
        return string(d, c, opcode, INSN_STOS);
    case 0xc6:
    case 0xc7:
        return mov_imm(d, c, opcode);
    }

    /* Arithmetic of reg to memory: below 40, last three bits 0 or 1. */
    if (opcode < 0x40 && (opcode & 6) == 0) {
        kind = arith_kind[opcode >> 3];
        return kind ? store_reg(d, c, opcode, kind) : INSN_UNKNOWN;
    }
    return private_byte(d, c, opcode);
}

static bool may_be_locked(enum insn_kind kind)
{
    return kind >= INSN_XCHG && kind <= INSN_XADD;
}

/* ud2 "xen": carry out what follows, though it would not fault. */
static bool skip_forced_prefix(struct reader *c)
{
    static const uint8_t prefix[5] = {0x0f, 0x0b, 'x', 'e', 'n'};

    for (size_t i = 0; i < sizeof(prefix); i++)
        if ((size_t)(c->end - c->at) <= i || c->at[i] != prefix[i])
            return false;
    c->at += sizeof(prefix);
    return true;
}

void insn_decode(struct insn_desc *d, const uint8_t *code, size_t valid,
                 bool code64)
{
    struct reader c = {.at = code};
    uint8_t opcode;

    if (valid > INSN_MAX_LENGTH)
        valid = INSN_MAX_LENGTH;
    c.end = code + valid;

    *d = (struct insn_desc){
        .code64 = code64,
        .addr_size = code64 ? 8 : 4,
        .base = NO_REG,
        .index = NO_REG,
        .seg = 0xff,
    };
    d->forced = skip_forced_prefix(&c);
    opcode = take_opcode(d, &c);
    if (!c.ran_out)
        d->kind = one_byte(d, &c, opcode);
    d->length = (uint8_t)(c.at - code);

    if (d->seg == 0xff)
        d->seg = SEG_DS;
    if (c.ran_out)
        d->kind = valid < INSN_MAX_LENGTH ? INSN_SHORT : INSN_UNKNOWN;
    else if (d->lock && !may_be_locked(d->kind))
        d->kind = INSN_UNKNOWN;
    else if (d->forced && d->kind != INSN_CPUID)
        d->kind = INSN_UNKNOWN;
    else if (d->has_mem && d->addr_size == 2)
        d->kind = INSN_UNKNOWN; /* 16-bit addressing is another format */
}
