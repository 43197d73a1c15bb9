/* SPDX-License-Identifier: GPL-2.0 */
/*
 * insn_apply.c - what a decoded instruction does to values: its addresses, the
 * bytes it leaves in memory, registers and flags.
 * Keeps true: pure; the same results as the processor's, flags included (the
 * unit test runs both). Flags the manual leaves undefined may differ.
 * Source: Intel SDM volume 2, the instructions' "Operation" sections.
 */
#include "lib/errno.h"
#include "pv/decode.h"

#define FLAG_CF 0x001u
#define FLAG_PF 0x004u
#define FLAG_AF 0x010u
#define FLAG_ZF 0x040u
#define FLAG_SF 0x080u
#define FLAG_DF 0x400u
#define FLAG_OF 0x800u
#define FLAGS_ARITH                                                            \
    ((uint64_t)(FLAG_CF | FLAG_PF | FLAG_AF | FLAG_ZF | FLAG_SF | FLAG_OF))

bool insn_writes_memory(const struct insn_desc *d)
{
    return d->kind >= INSN_MOV && d->kind <= INSN_MOVS;
}

static uint64_t size_mask(uint8_t size)
{
    return size == 8 ? ~0ull : (1ull << 8 * size) - 1;
}

static int64_t sign_extend(uint64_t v, uint8_t size)
{
    return (int64_t)(v << (64 - 8 * size)) >> (64 - 8 * size);
}

static bool is_bit_kind(enum insn_kind kind)
{
    return kind == INSN_BTS || kind == INSN_BTR || kind == INSN_BTC;
}

uint64_t insn_reg_operand(const struct insn_desc *d, const struct insn_regs *r)
{
    uint64_t v = r->reg[d->reg];

    return (d->reg_is_high ? v >> 8 : v) & size_mask(d->op_size);
}

/* How far from its operand a bit stands whose number is in a register. */
static uint64_t bit_distance(const struct insn_desc *d,
                             const struct insn_regs *r)
{
    int64_t bit = sign_extend(insn_reg_operand(d, r), d->op_size);

    return (uint64_t)(bit >> 3) & ~(uint64_t)(d->op_size - 1);
}

uint64_t insn_address(const struct insn_desc *d, const struct insn_regs *r)
{
    uint64_t a = (uint64_t)d->disp;

    if (d->rip_relative)
        a += r->rip + d->length;
    if (d->base != NO_REG)
        a += r->reg[d->base];
    if (d->index != NO_REG)
        a += r->reg[d->index] << d->scale;
    if (is_bit_kind(d->kind) && !d->has_imm)
        a += bit_distance(d, r);

    a &= size_mask(d->addr_size);
    /* For MOVS, d->seg is where it reads. */
    a += r->seg_base[d->kind == INSN_MOVS ? SEG_ES : d->seg];
    return d->code64 ? a : (uint32_t)a;
}

uint64_t insn_source(const struct insn_desc *d, const struct insn_regs *r)
{
    uint64_t a = r->reg[REG_RSI] & size_mask(d->addr_size);

    a += r->seg_base[d->seg];
    return d->code64 ? a : (uint32_t)a;
}

uint64_t insn_reg_merge(uint64_t whole, uint64_t value, uint8_t size, bool high)
{
    if (high)
        return (whole & ~0xff00ull) | (value & 0xff) << 8;
    if (size >= 4) /* a write of 32 bits clears the upper half */
        return value & size_mask(size);
    return (whole & ~size_mask(size)) | (value & size_mask(size));
}

static uint64_t parity_flag(uint64_t v)
{
    return __builtin_parity((unsigned int)(v & 0xff)) ? 0 : FLAG_PF;
}

/* Zero, sign and parity of a result. */
static uint64_t result_flags(uint64_t v, uint8_t size)
{
    uint64_t top = 1ull << (8 * size - 1);

    v &= size_mask(size);
    return (v ? 0 : FLAG_ZF) | (v & top ? FLAG_SF : 0) | parity_flag(v);
}

/* Flags of a + b, or of a - b; all values cut to size. */
static uint64_t add_flags(uint64_t a, uint64_t b, uint8_t size)
{
    uint64_t v = (a + b) & size_mask(size);
    uint64_t top = 1ull << (8 * size - 1);

    return result_flags(v, size) | (v < a ? FLAG_CF : 0) |
           ((a ^ b ^ v) & 0x10 ? FLAG_AF : 0) |
           ((a ^ v) & (b ^ v) & top ? FLAG_OF : 0);
}

static uint64_t sub_flags(uint64_t a, uint64_t b, uint8_t size)
{
    uint64_t v = (a - b) & size_mask(size);
    uint64_t top = 1ull << (8 * size - 1);

    return result_flags(v, size) | (a < b ? FLAG_CF : 0) |
           ((a ^ b ^ v) & 0x10 ? FLAG_AF : 0) |
           ((a ^ b) & (a ^ v) & top ? FLAG_OF : 0);
}

static void set_arith(struct insn_write *w, uint64_t flags)
{
    w->rflags = (w->rflags & ~FLAGS_ARITH) | flags;
}

/* Bit number within the operand; its old value goes to the carry flag. */
static void bit_result(const struct insn_desc *d, uint64_t old, uint64_t source,
                       struct insn_write *w)
{
    uint64_t bit = 1ull << (source & (8 * d->op_size - 1));

    if (d->kind == INSN_BTS)
        w->value = old | bit;
    else if (d->kind == INSN_BTR)
        w->value = old & ~bit;
    else
        w->value = old ^ bit;
    w->rflags = (w->rflags & ~(uint64_t)FLAG_CF) | (old & bit ? FLAG_CF : 0);
}

/* Register reg gets what was in memory. */
static void old_to_reg(const struct insn_desc *d, uint64_t old,
                       const struct insn_regs *r, struct insn_write *w)
{
    w->sets_reg = true;
    w->reg = d->reg;
    w->reg_value =
        insn_reg_merge(r->reg[d->reg], old, d->op_size, d->reg_is_high);
}

static void cmpxchg_result(const struct insn_desc *d, uint64_t old,
                           uint64_t source, const struct insn_regs *r,
                           struct insn_write *w)
{
    uint64_t wanted = r->reg[REG_RAX] & size_mask(d->op_size);

    set_arith(w, sub_flags(wanted, old, d->op_size));
    w->value = source;
    if (wanted == old)
        return;

    w->writes = false;
    w->value = old;
    w->sets_reg = true;
    w->reg = REG_RAX;
    w->reg_value = insn_reg_merge(r->reg[REG_RAX], old, d->op_size, false);
}

int insn_write_result(const struct insn_desc *d, uint64_t old,
                      const struct insn_regs *r, struct insn_write *w)
{
    uint64_t mask = size_mask(d->op_size);
    uint64_t source = d->has_imm ? d->imm & mask : insn_reg_operand(d, r);

    old &= mask;
    *w = (struct insn_write){.writes = true, .rflags = r->rflags};
    switch (d->kind) {
    case INSN_MOV:
        w->value = source;
        return 0;
    case INSN_STOS:
        w->value = r->reg[REG_RAX] & mask;
        return 0;
    case INSN_MOVS:
        w->value = r->movs_source & mask;
        return 0;
    case INSN_XCHG:
        w->value = source;
        old_to_reg(d, old, r, w);
        return 0;
    case INSN_XADD:
        old_to_reg(d, old, r, w);
        w->value = (old + source) & mask;
        set_arith(w, add_flags(old, source, d->op_size));
        return 0;
    case INSN_ADD:
        w->value = (old + source) & mask;
        set_arith(w, add_flags(old, source, d->op_size));
        return 0;
    case INSN_SUB:
        w->value = (old - source) & mask;
        set_arith(w, sub_flags(old, source, d->op_size));
        return 0;
    case INSN_AND:
        w->value = old & source;
        set_arith(w, result_flags(w->value, d->op_size));
        return 0;
    case INSN_OR:
        w->value = old | source;
        set_arith(w, result_flags(w->value, d->op_size));
        return 0;
    case INSN_XOR:
        w->value = old ^ source;
        set_arith(w, result_flags(w->value, d->op_size));
        return 0;
    case INSN_BTS:
    case INSN_BTR:
    case INSN_BTC:
        bit_result(d, old, source, w);
        return 0;
    case INSN_CMPXCHG:
        cmpxchg_result(d, old, source, r, w);
        return 0;
    default:
        return -EINVAL;
    }
}

static bool is_repeated(const struct insn_desc *d)
{
    return d->rep || d->repne; /* either one, for strings without compare */
}

bool insn_string_done(const struct insn_desc *d, const struct insn_regs *r)
{
    return is_repeated(d) && !(r->reg[REG_RCX] & size_mask(d->addr_size));
}

static void advance(const struct insn_desc *d, struct insn_regs *r, int reg,
                    int64_t by)
{
    r->reg[reg] = insn_reg_merge(r->reg[reg], r->reg[reg] + (uint64_t)by,
                                 d->addr_size, false);
}

void insn_string_step(const struct insn_desc *d, struct insn_regs *r)
{
    int64_t by = r->rflags & FLAG_DF ? -(int64_t)d->op_size : d->op_size;

    if (d->kind != INSN_OUTS)
        advance(d, r, REG_RDI, by);
    if (d->kind == INSN_OUTS || d->kind == INSN_MOVS)
        advance(d, r, REG_RSI, by);
    if (is_repeated(d))
        advance(d, r, REG_RCX, -1);
}
