/* SPDX-License-Identifier: GPL-2.0 */
/*
 * offsets.c - field offsets for entry.S. Compiled to assembly only; the build
 * turns each "->NAME value" line into a #define.
 */
#include "cpu/desc.h"
#include "cpu/percpu.h"
#include "cpu/regs.h"
#include "domain/vcpu.h"
#include "entry/hypercall.h"

#define DEFINE(name, value)                                                    \
    __asm__ volatile("\n->" #name " %0" ::"i"((unsigned long)(value)))

void offsets(void);

void offsets(void)
{
    DEFINE(CPU_guest_rsp, offsetof(struct cpu, guest_rsp));
    DEFINE(CPU_regs_end, offsetof(struct cpu, regs_end));
    DEFINE(CPU_curr, offsetof(struct cpu, curr));
    DEFINE(CPU_softirq_pending, offsetof(struct cpu, softirq_pending));
    DEFINE(CPU_loaded_root, offsetof(struct cpu, loaded_root));

    DEFINE(GUEST_SS, GUEST_SS);
    DEFINE(GUEST_CS64, GUEST_CS64);
    DEFINE(GUEST_CS32, GUEST_CS32);
    DEFINE(NR_HYPERCALLS, NR_HYPERCALLS);
    DEFINE(SLOW_EXIT_REGS, SLOW_EXIT_REGS);

    DEFINE(REGS_SIZE, sizeof(struct regs));
    DEFINE(REGS_rbx, offsetof(struct regs, rbx));
    DEFINE(REGS_rbp, offsetof(struct regs, rbp));
    DEFINE(REGS_r11, offsetof(struct regs, r11));
    DEFINE(REGS_rax, offsetof(struct regs, rax));
    DEFINE(REGS_rcx, offsetof(struct regs, rcx));
    DEFINE(REGS_rdi, offsetof(struct regs, rdi));
    DEFINE(REGS_error, offsetof(struct regs, error_code));
    DEFINE(REGS_rip, offsetof(struct regs, rip));
    DEFINE(REGS_cs, offsetof(struct regs, cs));
    DEFINE(REGS_rflags, offsetof(struct regs, rflags));
    DEFINE(REGS_rsp, offsetof(struct regs, rsp));
    DEFINE(REGS_ss, offsetof(struct regs, ss));

    DEFINE(VCPU_regs, offsetof(struct vcpu, regs));
    DEFINE(VCPU_hyp_stack, offsetof(struct vcpu, hyp_stack));
    DEFINE(VCPU_in_kernel, offsetof(struct vcpu, in_kernel));
    DEFINE(VCPU_slow_exit, offsetof(struct vcpu, slow_exit));
    DEFINE(VCPU_info, offsetof(struct vcpu, info));
    DEFINE(VCPU_syscall_address, offsetof(struct vcpu, syscall_entry.address));
    DEFINE(VCPU_kernel_sp, offsetof(struct vcpu, kernel_sp));
    DEFINE(VCPU_root_kernel, offsetof(struct vcpu, root_kernel));
    DEFINE(VCPU_root_user, offsetof(struct vcpu, root_user));
}

_Static_assert((offsetof(struct vcpu, regs) + sizeof(struct regs)) % 16 == 0,
               "the CPU aligns the frame it pushes");
