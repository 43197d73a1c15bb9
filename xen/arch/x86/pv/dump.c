/* SPDX-License-Identifier: GPL-2.0 */
/*
 * dump.c - the last words of a guest: its stack and how its rip is mapped.
 */
#include "core/printk.h"
#include "mm/guestcopy.h"
#include "mm/window.h"
#include "pv/pgtable.h"
#include "pv/pv.h"

#define STACK_WORDS 32

static void stack_dump(const struct vcpu *v)
{
    guest_va_t at = {v->regs.rsp & ~7UL};
    uint64_t word;

    printk(LOG_ERR "stack at %016lx:\n", at.va);
    for (unsigned int i = 0; i < STACK_WORDS; i++, at.va += 8) {
        if (copy_from_guest(&word, at, sizeof(word)))
            break;
        printk(LOG_ERR "  %016lx: %016lx\n", at.va, word);
    }
}

static void walk_dump(mfn_t root, uint64_t va)
{
    printk(LOG_ERR "walk of %016lx from frame %lx:\n", va, root);
    for (unsigned int level = 4; level; level--) {
        pte_t e;

        if (!mfn_valid(root))
            return;
        e = frame_word(root, pte_index(va, level));
        printk(LOG_ERR "  L%u[%03x] = %016lx\n", level, pte_index(va, level),
               e);
        if (!(e & PTE_P) || (level > 1 && e & PTE_PSE))
            return;
        root = pte_mfn(e);
    }
}

void guest_dump(struct vcpu *v)
{
    mfn_t root = v->in_kernel ? v->root_kernel : v->root_user;

    stack_dump(v);
    if (root && guest_addr_ok(v->regs.rip))
        walk_dump(root, v->regs.rip);
    if (root && guest_addr_ok(v->info->arch.cr2) && v->info->arch.cr2)
        walk_dump(root, v->info->arch.cr2);
}
