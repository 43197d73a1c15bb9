/* SPDX-License-Identifier: GPL-2.0 */
/*
 * fault.c - a page fault: whose?
 * Keeps true: a fault is either mended here (an LDT page mapped, a page-table
 * write done for the guest) or shown to the guest as the hardware would.
 */
#include "entry/fault.h"

#include "core/printk.h"
#include "entry/entry.h"
#include "mm/layout.h"
#include "pv/pgtable.h"
#include "pv/pv.h"

/* The CPU read a descriptor of the guest: its area is PERDOMAIN. */
static bool descriptor_fault(struct vcpu *v, uint64_t cr2, bool *is_ldt)
{
    uint64_t at = cr2 - VCPU_GDT_VA(v->id);

    if (cr2 < VCPU_GDT_VA(v->id) || at >= 0x20000)
        return false;
    *is_ldt = at >= 0x10000;
    return true;
}

void fault_from_guest(struct vcpu *v)
{
    uint64_t cr2 = read_cr2();
    uint32_t error = v->regs.error_code;
    bool is_ldt;

    irq_enable();
    if (unlikely(cr2 >= HYP_START && cr2 < HYP_END)) {
        if (descriptor_fault(v, cr2, &is_ldt)) {
            uint32_t offset = cr2 & 0xffff;

            if (is_ldt && ldt_fault(v, cr2))
                return;
            if (!is_ldt) {
                bounce_trap(v, TRAP_GP, offset & ~7u);
                return;
            }
            bounce_page_fault(v, v->ldt_base + offset, error & ~PFEC_USER);
            return;
        }
    } else if ((error & (PFEC_PRESENT | PFEC_WRITE | PFEC_RESERVED)) ==
                   (PFEC_PRESENT | PFEC_WRITE) &&
               v->in_kernel && ptwrite_fault(v, cr2, error)) {
        return;
    }
    bounce_page_fault(v, cr2, error);
}

bool fault_from_hypervisor(struct regs *r)
{
    uint64_t cr2 = read_cr2();
    struct vcpu *v = current;
    bool is_ldt;

    (void)r;
    if (vcpu_is_idle(v) || !descriptor_fault(v, cr2, &is_ldt))
        return false;
    return is_ldt && ldt_fault(v, cr2);
}

bool fault_on_iret(struct vcpu *v)
{
    uint64_t cr2 = read_cr2();
    bool is_ldt;

    return descriptor_fault(v, cr2, &is_ldt) && is_ldt && ldt_fault(v, cr2);
}
