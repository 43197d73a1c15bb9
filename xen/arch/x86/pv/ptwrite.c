/* SPDX-License-Identifier: GPL-2.0 */
/*
 * ptwrite.c - a store to a page table that trapped: judge it, do it.
 * Guests see their lowest tables as memory they may write to; each store
 * faults, for the mapping is read-only, and becomes a checked update here.
 * Keeps true: what is written was judged (pgtable.c) as one whole entry, and
 * the instruction takes effect wholly or not at all.
 */
#include "lib/errno.h"
#include "mm/guestcopy.h"
#include "mm/window.h"
#include "pv/insn_guest.h"
#include "pv/pagetype.h"
#include "pv/pgtable.h"
#include "pv/pv.h"

#define DR6_SINGLE_STEP 0x4000UL

/* The L1 table that va is mapped to, read-only; NULL: no such thing. Most
 * write faults of a guest's kernel end here, so no reference is taken. */
static struct page *table_under(struct vcpu *v, uint64_t va)
{
    struct page *table;
    pte_t *slot, e;

    if (!guest_l1_slot(v, va, &slot, &table))
        return NULL;
    e = READ_ONCE(*slot);
    frame_unmap(slot);
    if ((e & (PTE_P | PTE_W)) != PTE_P || !mfn_valid(pte_mfn(e)))
        return NULL;
    table = mfn_to_page(pte_mfn(e));
    return page_is(table, PGT_L1) ? table : NULL;
}

static inline bool is_string(const struct insn_desc *insn)
{
    return insn->kind == INSN_STOS || insn->kind == INSN_MOVS;
}

/* One element of a string is done. True: it was the last. */
static bool string_step(struct vcpu *v, const struct insn_desc *insn,
                        struct insn_regs *regs)
{
    insn_string_step(insn, regs);
    v->regs.rdi = regs->reg[REG_RDI];
    v->regs.rsi = regs->reg[REG_RSI];
    v->regs.rcx = regs->reg[REG_RCX];
    return (!insn->rep && !insn->repne) || insn_string_done(insn, regs);
}

/* The instruction is done: registers, flags, and on to the next one. */
static void retire(struct vcpu *v, const struct insn_desc *insn,
                   const struct insn_write *w, struct insn_regs *regs)
{
    const uint64_t arith = 0x8d5; /* CF PF AF ZF SF OF */

    if (unlikely(is_string(insn))) {
        if (!string_step(v, insn, regs))
            return; /* the rest of it faults again */
    } else {
        if (w->sets_reg)
            *reg_by_number(&v->regs, w->reg) = w->reg_value;
        v->regs.rflags &= ~arith;
        v->regs.rflags |= w->rflags & arith;
    }
    v->regs.rflags &= ~FLAGS_RF;
    v->regs.rip += insn->length;
    if (unlikely(v->regs.rflags & FLAGS_TF)) {
        v->dr[6] |= DR6_SINGLE_STEP;
        bounce_trap(v, TRAP_DB, 0);
    }
}

/* True: done, or lost a race and to be tried again. The slot is in a table of
 * which a use is held, and is what va writes to. */
static bool store(struct vcpu *v, uint64_t va, pte_t *slot)
{
    unsigned int shift = (va & 7) * 8;
    pte_t old, mask;
    struct insn_desc insn;
    struct insn_regs regs;
    struct insn_write w;
    int rc;

    if (!insn_fetch(v, &insn) || !insn_writes_memory(&insn) ||
        va & (insn.op_size - 1u))
        return false;
    insn_regs_read(v, &insn, &regs);
    if (insn_address(&insn, &regs) != va)
        return false;
    if (insn.kind == INSN_MOVS &&
        copy_from_guest(&regs.movs_source,
                        (guest_va_t){insn_source(&insn, &regs)}, insn.op_size))
        return false;

    mask = (insn.op_size == 8 ? ~0UL : (1UL << insn.op_size * 8) - 1) << shift;
    old = READ_ONCE(*slot);
    if (insn_write_result(&insn, (old & mask) >> shift, &regs, &w))
        return false;
    if (w.writes) {
        rc = l1_exchange(slot, old, (old & ~mask) | (w.value << shift & mask),
                         v->domain, v->domain);
        if (rc)
            return rc == -EAGAIN || rc == -ERESTART;
    }
    retire(v, &insn, &w, &regs);
    return true;
}

bool ptwrite_fault(struct vcpu *v, uint64_t va, uint32_t error_code)
{
    struct page *table;
    pte_t *entries;
    bool done;
    int rc;

    (void)error_code;
    table = table_under(v, va);
    if (likely(!table))
        return false;
    rc = page_get_and_type(table, v->domain, PGT_L1);
    if (unlikely(rc))
        return false;
    entries = frame_map(page_to_mfn(table));
    done = store(v, va, &entries[(va & ~PAGE_MASK) / sizeof(pte_t)]);
    frame_unmap(entries);
    page_put_and_type(table);
    return done;
}
