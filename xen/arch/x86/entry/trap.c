/* SPDX-License-Identifier: GPL-2.0 */
/*
 * trap.c - whose trap is it: a guest's, ours, or a fix-up.
 * Keeps true: no interrupt, softirq or pending event is lost between the last
 * look (interrupts off, guest_exit_work) and the return to the guest.
 * Not here: page faults (fault.c), how a guest is told (pv/bounce.c).
 */
#include <abi/xen.h>

#include "core/panic.h"
#include "core/printk.h"
#include "core/softirq.h"
#include "cpu/msr.h"
#include "domain/sched.h"
#include "entry/entry.h"
#include "entry/fault.h"
#include "mm/guestcopy.h"
#include "pv/pv.h"

/* An exception that is the guest's own affair. */
static void guest_trap(struct vcpu *v, unsigned int vector)
{
    bounce_trap(v, vector, v->regs.error_code);
}

/* #NM: only raised while the guest set its TS; the state itself is loaded. */
static void guest_no_fpu(struct vcpu *v)
{
    if (v->ts) {
        clts();
        v->ts = false;
        guest_trap(v, TRAP_NM);
    }
}

static void guest_debug(struct vcpu *v)
{
    uint64_t dr6 = read_dr6();

    write_dr6(0xffff0ff0UL);
    v->dr[6] |= dr6 & 0xe00f;
    guest_trap(v, TRAP_DB);
}

/*
 * #GP with a selector error code into the IDT: `int n`. The code is not to be
 * trusted (QEMU's is off), so the instruction tells.
 */
static bool guest_int_n(struct vcpu *v)
{
    uint8_t insn[2];
    guest_va_t at = {v->regs.rip};

    if (!(v->regs.error_code & 2))
        return false;
    if (copy_from_guest(insn, at, sizeof(insn)) || insn[0] != 0xcd)
        return false;
    return bounce_int(v, insn[1], 2);
}

static void guest_general_protection(struct vcpu *v)
{
    if (guest_int_n(v) || privop_emulate(v, v->regs.error_code))
        return;
    guest_trap(v, TRAP_GP);
}

static void guest_undefined(struct vcpu *v)
{
    if (!forced_cpuid_emulate(v))
        guest_trap(v, TRAP_UD);
}

static void guest_exception(struct vcpu *v, unsigned int vector)
{
    switch (vector) {
    case TRAP_PF:
        fault_from_guest(v);
        break;
    case TRAP_GP:
        irq_enable();
        guest_general_protection(v);
        break;
    case TRAP_NM:
        guest_no_fpu(v);
        break;
    case TRAP_UD:
        irq_enable();
        guest_undefined(v);
        break;
    case TRAP_DB:
        guest_debug(v);
        break;
    case TRAP_NMI:
        nmi_received(&v->regs);
        break;
    case TRAP_MC:
        machine_check_received(&v->regs);
        break;
    default:
        irq_enable();
        guest_trap(v, vector);
        break;
    }
}

/* Called by entry.S with interrupts off, registers complete in v->regs. A
 * guest's AC flag came in with the trap and would lift SMAP for all we do. */
void trap_from_guest(struct vcpu *v)
{
    unsigned int vector = v->regs.vector;

    user_access_end();
    if (vector < 0x20) {
        guest_exception(v, vector);
    } else if (vector == 0x80) {
        if (!bounce_int(v, 0x80, 0)) {
            v->regs.rip -= 2;
            bounce_trap(v, TRAP_GP, 0x80 * 8 + 2);
        }
    } else {
        irq_dispatch(vector);
    }
}

static bool hyp_trap_fixup(struct regs *r)
{
    uint64_t to = extable_find(r->rip);

    if (!to)
        return false;
    r->rip = to;
    return true;
}

static noreturn void hyp_trap_fatal(struct regs *r)
{
    static const char *const names[] = {
        "divide error", "debug", "NMI", "breakpoint", "overflow", "bounds",
        "invalid opcode", "no FPU", "double fault", "9", "invalid TSS",
        "segment not present", "stack fault", "general protection",
        "page fault", "15", "x87 error", "alignment", "machine check",
        "SIMD error"};

    panic_enter();
    regs_dump(r);
    panic("fatal %s (%u, error %04x) in the hypervisor",
          r->vector < ARRAY_SIZE(names) ? names[r->vector] : "trap", r->vector,
          r->error_code);
}

/* Called by entry.S with interrupts off; r is on the stack in use. */
void trap_from_hypervisor(struct regs *r)
{
    user_access_end(); /* what was interrupted may have lifted SMAP */
    switch (r->vector) {
    case TRAP_PF:
        if (fault_from_hypervisor(r) || hyp_trap_fixup(r))
            return;
        break;
    case TRAP_NMI:
        nmi_received(r);
        return;
    case TRAP_MC:
        machine_check_received(r);
        return;
    case TRAP_DB:
        /* A guest's MOV SS can carry a breakpoint into our first insn. */
        r->rflags &= ~FLAGS_TF;
        if (vcpu_is_idle(current))
            return;
        current->dr[6] |= read_dr6() & 0xe00f;
        write_dr6(0xffff0ff0UL);
        return;
    case TRAP_GP:
    case TRAP_NP:
    case TRAP_SS:
    case TRAP_TS:
    case TRAP_UD:
        if (hyp_trap_fixup(r))
            return;
        break;
    default:
        if (r->vector >= 0x20) {
            irq_dispatch(r->vector);
            return;
        }
    }
    hyp_trap_fatal(r);
}

/* The registers v was to go on with are no good: its failsafe handler may
 * mend them. */
void iret_to_guest_failed(struct vcpu *v)
{
    user_access_end();
    if (v->regs.vector == TRAP_PF && fault_on_iret(v))
        return;
    irq_enable();
    bounce_failsafe(v, NULL);
}

/* Work that has to be done before a guest runs again. Returns with interrupts
 * off the registers to load: those of the vcpu that is current by then. */
struct regs *guest_exit_work(void)
{
    for (;;) {
        struct cpu *c = this_cpu();
        struct vcpu *v;

        irq_disable();
        if (c->softirq_pending) {
            irq_enable();
            softirq_run();
            if (c->softirq_pending & 1UL << SOFTIRQ_SCHEDULE)
                schedule();
            continue;
        }
        v = c->curr;
        if (unlikely(v->slow_exit & SLOW_EXIT_SELECTORS)) {
            uint16_t sel[4] = {v->ds, v->es, v->fs, v->gs};

            v->slow_exit = 0;
            bounce_failsafe(v, sel);
            continue;
        }
        v->slow_exit = 0;
        if (unlikely(v->nmi_pending && !v->nmi_masked)) {
            bounce_nmi(v);
            continue;
        }
        if (v->info->evtchn_upcall_pending && !v->info->evtchn_upcall_mask) {
            bounce_event(v);
            continue;
        }
        return &v->regs;
    }
}
