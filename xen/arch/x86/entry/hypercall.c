/* SPDX-License-Identifier: GPL-2.0 */
/*
 * hypercall.c - number to handler, arguments in and out, and being called
 * again when the work was too long for one go.
 */
#include "entry/hypercall.h"

#include "lib/string.h"
#include "pv/pgtable.h"
#include "pv/pv.h"
#include "service/call.h"
#include "service/services.h"

static long no_such_call(uint64_t a1, uint64_t a2, uint64_t a3, uint64_t a4,
                         uint64_t a5)
{
    (void)a1, (void)a2, (void)a3, (void)a4, (void)a5;
    return -ENOSYS;
}

long hypercall_iret(void); /* entry.S */

/* Handlers take as many of the five registers as they need. */
#define CALL(nr, fn) [nr] = (hypercall_fn)(uintptr_t)(fn)

#pragma GCC diagnostic push
#pragma GCC diagnostic ignored "-Woverride-init"
const hypercall_fn hypercall_table[NR_HYPERCALLS] = {
    [0 ... NR_HYPERCALLS - 1] = no_such_call,
    CALL(__HYPERVISOR_set_trap_table, do_set_trap_table),
    CALL(__HYPERVISOR_mmu_update, do_mmu_update),
    CALL(__HYPERVISOR_set_gdt, do_set_gdt),
    CALL(__HYPERVISOR_stack_switch, do_stack_switch),
    CALL(__HYPERVISOR_set_callbacks, do_set_callbacks),
    CALL(__HYPERVISOR_fpu_taskswitch, do_fpu_taskswitch),
    CALL(__HYPERVISOR_sched_op_compat, do_sched_op_compat),
    CALL(__HYPERVISOR_platform_op, do_platform_op),
    CALL(__HYPERVISOR_set_debugreg, do_set_debugreg),
    CALL(__HYPERVISOR_get_debugreg, do_get_debugreg),
    CALL(__HYPERVISOR_update_descriptor, do_update_descriptor),
    CALL(__HYPERVISOR_memory_op, do_memory_op),
    CALL(__HYPERVISOR_multicall, do_multicall),
    CALL(__HYPERVISOR_update_va_mapping, do_update_va_mapping),
    CALL(__HYPERVISOR_set_timer_op, do_set_timer_op),
    CALL(__HYPERVISOR_event_channel_op_compat, do_event_channel_op_compat),
    CALL(__HYPERVISOR_xen_version, do_xen_version),
    CALL(__HYPERVISOR_console_io, do_console_io),
    CALL(__HYPERVISOR_physdev_op_compat, do_physdev_op_compat),
    CALL(__HYPERVISOR_grant_table_op, do_grant_table_op),
    CALL(__HYPERVISOR_vm_assist, do_vm_assist),
    CALL(__HYPERVISOR_update_va_mapping_otherdomain,
         do_update_va_mapping_otherdomain),
    CALL(__HYPERVISOR_iret, hypercall_iret),
    CALL(__HYPERVISOR_vcpu_op, do_vcpu_op),
    CALL(__HYPERVISOR_set_segment_base, do_set_segment_base),
    CALL(__HYPERVISOR_mmuext_op, do_mmuext_op),
    CALL(__HYPERVISOR_nmi_op, do_nmi_op),
    CALL(__HYPERVISOR_sched_op, do_sched_op),
    CALL(__HYPERVISOR_callback_op, do_callback_op),
    CALL(__HYPERVISOR_event_channel_op, do_event_channel_op),
    CALL(__HYPERVISOR_physdev_op, do_physdev_op),
    CALL(__HYPERVISOR_sysctl, do_sysctl),
    CALL(__HYPERVISOR_domctl, do_domctl),
    CALL(__HYPERVISOR_arch_0, do_mca), /* its other name: _mca */
};
#pragma GCC diagnostic pop

#define SUBOP_MAX_SIZE 256

long subop_call(const struct subop *table, size_t n, uint64_t cmd,
                guest_va_t arg)
{
    uint64_t buf[SUBOP_MAX_SIZE / 8];
    struct vcpu *v = current;
    const struct subop *op;
    long rc;

    if (cmd >= n || !table[cmd].fn)
        return -ENOSYS;
    op = &table[cmd];
    if (op->right == DOM0_ONLY && !v->domain->privileged)
        return -EPERM;
    if (op->dir == SUBOP_IN || op->dir == SUBOP_IN_OUT) {
        if (copy_from_guest(buf, arg, op->size))
            return -EFAULT;
    } else {
        memset(buf, 0, op->size);
    }
    rc = op->fn(v, buf);
    if (rc >= 0 && (op->dir == SUBOP_OUT || op->dir == SUBOP_IN_OUT) &&
        copy_to_guest(arg, buf, op->size))
        return -EFAULT;
    return rc;
}

long hypercall_resume(struct vcpu *v, unsigned int nr, uint64_t a1, uint64_t a2,
                      uint64_t a3, uint64_t a4)
{
    if (v->in_multicall) {
        v->multicall_resume = true;
        v->mc.op = nr;
        v->mc.args[0] = a1;
        v->mc.args[1] = a2;
        v->mc.args[2] = a3;
        v->mc.args[3] = a4;
        return 0;
    }
    v->regs.rip -= 2; /* the syscall instruction */
    v->regs.rdi = a1;
    v->regs.rsi = a2;
    v->regs.rdx = a3;
    v->regs.r10 = a4;
    v->slow_exit |= SLOW_EXIT_CHECK;
    return nr;
}

struct domain *domain_get_for(struct vcpu *v, domid_t id)
{
    struct domain *d;

    if (id == DOMID_SELF || id == v->domain->id) {
        domain_ref(v->domain);
        return v->domain;
    }
    if (!v->domain->privileged)
        return NULL;
    d = domain_find(id);
    return d;
}
