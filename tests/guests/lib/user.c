/* SPDX-License-Identifier: GPL-2.0 */
/*
 * user.c - a little user space: two pages under a root of their own.
 * Keeps true: user code ends by a trap that the kernel then looks at.
 */
#include "guest.h"

char *user_code_page, *user_data_page;
static char entry_stack[16384] __attribute__((aligned(16)));

void user_set_up(void)
{
    uint64_t *l1 = page_new(), *l2 = page_new(), *l3 = page_new();
    uint64_t *l4 = page_new();

    user_code_page = page_new();
    user_data_page = page_new();
    l1[0] = mfn_of(user_code_page) * PAGE | PTE_RO;
    l1[1] = mfn_of(user_data_page) * PAGE | PTE_RW | PTE_NX;
    l2[(USER_CODE >> 21) & 511] = mfn_of(l1) * PAGE | PTE_RW;
    l3[0] = mfn_of(l2) * PAGE | PTE_RW;
    l4[0] = mfn_of(l3) * PAGE | PTE_RW;
    if (make_read_only(l1) || make_read_only(l2) || make_read_only(l3) ||
        make_read_only(l4) || pin(4, l4) ||
        ext_op(MMUEXT_NEW_USER_BASEPTR, mfn_of(l4), 0))
        panic("user tables");
    if (HC(stack_switch, FLAT_KERNEL_SS, entry_stack + sizeof(entry_stack)))
        panic("stack_switch");
}

int user_run(const void *code, size_t n, struct frame *regs)
{
    memcpy(user_code_page, code, n);
    regs->rip = USER_CODE;
    if (!regs->cs)
        regs->cs = FLAT_USER_CS;
    if (!regs->ss)
        regs->ss = FLAT_USER_SS;
    regs->rsp = USER_STACK;
    regs->rflags |= 0x200;
    return TRAP_OF(go_to(regs));
}
