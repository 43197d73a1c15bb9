/* SPDX-License-Identifier: GPL-2.0 */
/*
 * entry.S - every way in from a guest, and the ways back.
 *
 * A guest's registers are saved in its struct vcpu: TSS.rsp0 points to the end
 * of the running vcpu's struct regs, so the CPU itself pushes the first part
 * there, and switching to another vcpu copies no registers. C runs on the
 * stack of the CPU. What interrupts ourselves is saved on the stack in use.
 */
#include "entry/offsets.h"

#define AREA_DATA   0x1000
#define AREA_SIZE   0x10000
/* struct cpu, seen from the top of the CPU's stack */
#define CPU_AT_TOP  (AREA_DATA - AREA_SIZE)

    .text

.macro SAVE_CALLER_REGS /* what C may destroy, in the order of struct regs */
    pushq %rdi
    pushq %rsi
    pushq %rdx
    pushq %rcx
    pushq %rax
    pushq %r8
    pushq %r9
    pushq %r10
    pushq %r11
.endm

.macro SAVE_CALLEE_REGS
    pushq %rbx
    pushq %rbp
    pushq %r12
    pushq %r13
    pushq %r14
    pushq %r15
.endm

.macro RESTORE_ALL_REGS
    popq %r15
    popq %r14
    popq %r13
    popq %r12
    popq %rbp
    popq %rbx
    popq %r11
    popq %r10
    popq %r9
    popq %r8
    popq %rax
    popq %rcx
    popq %rdx
    popq %rsi
    popq %rdi
.endm

/*
 * SYSCALL lands here: a copy of this code stands at the start of each CPU's
 * area, so that addresses relative to it reach that CPU's struct cpu.
 * In: rcx = guest rip, r11 = guest flags, guest's rsp, interrupts off.
 */
    .balign 64
    .globl syscall_stub, syscall32_stub, syscall_stub_end
syscall_stub:
    movq %rsp, syscall_stub + AREA_DATA + CPU_guest_rsp(%rip)
    movq syscall_stub + AREA_DATA + CPU_regs_end(%rip), %rsp
    pushq $GUEST_SS
    pushq syscall_stub + AREA_DATA + CPU_guest_rsp(%rip)
    pushq %r11
    pushq $GUEST_CS64
    pushq %rcx
    pushq $0
    movl $0x100, 4(%rsp) /* VECTOR_SYSCALL */
    jmp *1f(%rip)
    .balign 16
syscall32_stub: /* from 32-bit code: only guest user mode has that */
    movq %rsp, syscall_stub + AREA_DATA + CPU_guest_rsp(%rip)
    movq syscall_stub + AREA_DATA + CPU_regs_end(%rip), %rsp
    pushq $GUEST_SS
    pushq syscall_stub + AREA_DATA + CPU_guest_rsp(%rip)
    pushq %r11
    pushq $GUEST_CS32
    pushq %rcx
    pushq $0
    movl $0x100, 4(%rsp)
    jmp *2f(%rip)
    .balign 8
1:  .quad syscall_entry
2:  .quad syscall32_entry
syscall_stub_end:

/*
 * In: the frame is pushed to current's regs, rsp points below it.
 * A hypercall of the guest kernel saves what C may destroy and rbx, no more;
 * what C preserves is saved only if the way back is not the short one.
 */
    .balign 64
    .globl syscall_entry
syscall_entry:
    SAVE_CALLER_REGS
    pushq %rbx
    movq %rsp, %rbx /* current's regs + REGS_rbx, to the end */
#define V(field) (VCPU_##field - VCPU_regs - REGS_rbx)(%rbx)
    cmpb $0, V(in_kernel)
    je syscall_from_user_mode
    movq V(hyp_stack), %rsp
    cmpq $NR_HYPERCALLS, %rax
    jae hypercall_unknown
    sti
    movq %r10, %rcx /* C's fourth argument */
    leaq hypercall_table(%rip), %r11
    call *(%r11, %rax, 8)
hypercall_done:
    cli
    cmpq $0, (CPU_AT_TOP + CPU_softirq_pending)(%rsp)
    jne hypercall_slow_exit
    cmpb $0, V(slow_exit)
    jne hypercall_slow_exit
    movq V(info), %rcx
    cmpb $0, (%rcx) /* evtchn_upcall_pending */
    jne hypercall_event
hypercall_fast_exit:
    /* Intel's SYSRET faults in ring 0 if rip is not canonical. The only such
     * rip a SYSCALL can leave is 2^47: leave that to IRET. */
    movq (REGS_rcx - REGS_rbx)(%rbx), %rcx
    sarq $47, %rcx
    cmpl $1, %ecx
    je hypercall_slow_exit
    movq %rbx, %rsp
    popq %rbx
    popq %r11 /* guest flags: SYSCALL put them there */
    popq %r10
    popq %r9
    popq %r8
    addq $8, %rsp /* rax is the result */
    popq %rcx /* guest rip */
    popq %rdx
    popq %rsi
    popq %rdi
    movq (REGS_rsp - REGS_error)(%rsp), %rsp
    sysretq

hypercall_event:
    cmpb $0, 1(%rcx) /* evtchn_upcall_mask */
    jne hypercall_fast_exit
hypercall_slow_exit:
    /* Complete struct regs: C has kept the registers that are missing. */
    movq %rbp, (REGS_rbp - REGS_rbx)(%rbx)
    movq %r12, -16(%rbx)
    movq %r13, -24(%rbx)
    movq %r14, -32(%rbx)
    movq %r15, -40(%rbx)
    /* A handler that replaced the registers has set rax itself. */
    testb $SLOW_EXIT_REGS, V(slow_exit)
    jnz exit_to_guest
    movq %rax, (REGS_rax - REGS_rbx)(%rbx)
    jmp exit_to_guest

hypercall_unknown:
    movq $-38, %rax /* ENOSYS */
    jmp hypercall_done

/* iret replaces all registers: save all before it runs. */
    .globl hypercall_iret
hypercall_iret:
    movq %rbp, (REGS_rbp - REGS_rbx)(%rbx)
    movq %r12, -16(%rbx)
    movq %r13, -24(%rbx)
    movq %r14, -32(%rbx)
    movq %r15, -40(%rbx)
    movq V(hyp_stack), %rsp
    call do_iret
    jmp exit_to_guest

/* A guest user's syscall: hand it to the guest kernel. */
syscall_from_user_mode:
    pushq %rbp
    pushq %r12
    pushq %r13
    pushq %r14
    pushq %r15
    movq V(hyp_stack), %rsp
    leaq -(VCPU_regs + REGS_rbx)(%rbx), %rdi
    call bounce_syscall
    jmp exit_to_guest

syscall32_entry:
    SAVE_CALLER_REGS
    SAVE_CALLEE_REGS
    leaq -VCPU_regs(%rsp), %rdi
    movq (VCPU_hyp_stack - VCPU_regs)(%rsp), %rsp
    call bounce_syscall32
    /* falls through */

/*
 * The long way back. In: on the CPU's stack. guest_exit_work does softirqs,
 * switches vcpus, delivers events, and returns with interrupts off the regs of
 * whoever is current then.
 */
    .globl exit_to_guest
exit_to_guest:
    call guest_exit_work
    movq %rax, %rsp
    RESTORE_ALL_REGS
    addq $8, %rsp
    .globl iret_to_guest
iret_to_guest:
    iretq

/* noreturn void return_to_guest(struct vcpu *v) : from the idle loop. */
    .globl return_to_guest
return_to_guest:
    movq VCPU_hyp_stack(%rdi), %rsp
    xorl %ebp, %ebp
    jmp exit_to_guest

/* noreturn void reset_stack_and_idle(void (*loop)(void)) */
    .globl reset_stack_and_idle
reset_stack_and_idle:
    orq $(AREA_SIZE - 1), %rsp
    incq %rsp
    xorl %ebp, %ebp
    sti
    call *%rdi
    ud2

/*
 * Traps and interrupts. In: error code and vector pushed as one word behind
 * what the CPU pushed. From ring 3 that lies in current's struct regs.
 */
trap_common:
    testb $3, (REGS_cs - REGS_error)(%rsp)
    jz trap_in_hypervisor
trap_from_guest_entry:
    SAVE_CALLER_REGS
    SAVE_CALLEE_REGS
    leaq -VCPU_regs(%rsp), %rdi
    movq (VCPU_hyp_stack - VCPU_regs)(%rsp), %rsp
    cld
    xorl %ebp, %ebp
    call trap_from_guest
    jmp exit_to_guest

trap_in_hypervisor:
    pushq %rax
    leaq iret_to_guest(%rip), %rax
    cmpq %rax, (8 + REGS_rip - REGS_error)(%rsp)
    popq %rax
    je iret_faulted
trap_nested: /* the registers stay on the stack in use */
    SAVE_CALLER_REGS
    SAVE_CALLEE_REGS
    cld
    movq %rsp, %rdi
    movq %rsp, %rbx
    andq $-16, %rsp
    call trap_from_hypervisor
    movq %rbx, %rsp
    RESTORE_ALL_REGS
    addq $8, %rsp
    iretq

/*
 * The IRET to the guest itself faulted: rip, cs, ss or flags were no good. The
 * registers hold the guest's values, rsp pointed to regs.rip, 8 above a
 * multiple of 16; the frame of this fault was pushed right below that. Build
 * struct regs again around the values that were refused.
 */
iret_faulted:
    popq 40(%rsp) /* error code and vector to regs.error_code */
    addq $40, %rsp
    SAVE_CALLER_REGS
    SAVE_CALLEE_REGS
    leaq -VCPU_regs(%rsp), %rdi
    movq (VCPU_hyp_stack - VCPU_regs)(%rsp), %rsp
    cld
    xorl %ebp, %ebp
    call iret_to_guest_failed
    jmp exit_to_guest

/*
 * Traps on a stack of their own (NMI, #MC, #DB): if they came from a guest,
 * move the frame to its struct regs and go on as others do.
 */
trap_on_ist:
    testb $3, (REGS_cs - REGS_error)(%rsp)
    jz trap_nested
    pushq %rax
    pushq %rcx
    movq %rsp, %rax
    andq $-AREA_SIZE, %rax
    movq (AREA_DATA + CPU_regs_end)(%rax), %rax
    .irp word, 40, 32, 24, 16, 8, 0 /* ss, rsp, flags, cs, rip, error */
    movq (16 + \word)(%rsp), %rcx
    movq %rcx, (\word - 48)(%rax)
    .endr
    popq %rcx
    subq $48, %rax
    xchgq %rax, (%rsp)
    /* The stack holds the new stack pointer, rax is the guest's again. */
    movq (%rsp), %rsp
    jmp trap_from_guest_entry

/*
 * One stub for each vector, 16 bytes apart. Vectors 8, 10-14, 17, 21, 29, 30
 * come with an error code. 2, 8, 18 and 1 have their own stacks.
 */
    .balign 16
    .globl trap_entry_table
trap_entry_table:
    vector = 0
    .rept 256
    .balign 16
    .if (vector == 8) || (vector >= 10 && vector <= 14) || (vector == 17) || (vector == 21) || (vector == 29) || (vector == 30)
    .else
    pushq $0
    .endif
    movl $vector, 4(%rsp)
    .if (vector == 1) || (vector == 2) || (vector == 8) || (vector == 18)
    jmp trap_on_ist
    .else
    jmp trap_common
    .endif
    vector = vector + 1
    .endr

    .section .note.GNU-stack, "", @progbits
