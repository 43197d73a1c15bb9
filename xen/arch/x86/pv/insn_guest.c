/* SPDX-License-Identifier: GPL-2.0 */
/*
 * insn_guest.c - the running vcpu's code and registers, for the decoder.
 */
#include "pv/insn_guest.h"

#include "cpu/desc.h"
#include "lib/string.h"
#include "mm/guestcopy.h"
#include "pv/context.h"

uint64_t *reg_by_number(struct regs *r, unsigned int n)
{
    static const uint8_t at[16] = {
#define AT(f) offsetof(struct regs, f)
        AT(rax), AT(rcx), AT(rdx), AT(rbx), AT(rsp), AT(rbp), AT(rsi), AT(rdi),
        AT(r8),  AT(r9),  AT(r10), AT(r11), AT(r12), AT(r13), AT(r14), AT(r15),
#undef AT
    };

    return (uint64_t *)((char *)r + at[n & 15]);
}

/* What its page has, and more only if that won't do: the next page may be
 * none of the instruction's. */
bool insn_fetch(const struct vcpu *v, struct insn_desc *insn)
{
    const uint64_t rip = v->regs.rip;
    const bool code64 = v->regs.cs != GUEST_CS32;
    uint8_t code[16]; /* one more than there can be: two whole words */
    size_t here = PAGE_SIZE - (rip & ~PAGE_MASK);

    if (likely(here >= sizeof(code))) {
        if (copy_from_guest(code, (guest_va_t){rip}, sizeof(code)))
            return false;
        insn_decode(insn, code, INSN_MAX_LENGTH, code64);
        return true;
    }
    if (copy_from_guest(code, (guest_va_t){rip}, here))
        return false;
    insn_decode(insn, code, here, code64);
    if (insn->kind == INSN_SHORT &&
        !copy_from_guest(code + here, (guest_va_t){rip + here},
                         sizeof(code) - here))
        insn_decode(insn, code, INSN_MAX_LENGTH, code64);
    return true;
}

void insn_regs_read(const struct vcpu *v, const struct insn_desc *insn,
                    struct insn_regs *out)
{
    const struct regs *r = &v->regs;

    out->reg[0] = r->rax;
    out->reg[1] = r->rcx;
    out->reg[2] = r->rdx;
    out->reg[3] = r->rbx;
    out->reg[4] = r->rsp;
    out->reg[5] = r->rbp;
    out->reg[6] = r->rsi;
    out->reg[7] = r->rdi;
    out->reg[8] = r->r8;
    out->reg[9] = r->r9;
    out->reg[10] = r->r10;
    out->reg[11] = r->r11;
    out->reg[12] = r->r12;
    out->reg[13] = r->r13;
    out->reg[14] = r->r14;
    out->reg[15] = r->r15;
    out->rip = r->rip;
    out->rflags = r->rflags;
    for (unsigned int i = 0; i < ARRAY_SIZE(out->seg_base); i++)
        out->seg_base[i] = 0;
    if (insn->seg == SEG_FS)
        out->seg_base[SEG_FS] = fs_base_read();
    else if (insn->seg == SEG_GS)
        out->seg_base[SEG_GS] = gs_base_read();
    out->movs_source = 0;
}
