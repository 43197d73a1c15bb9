/* SPDX-License-Identifier: GPL-2.0 */
/*
 * paths.S - the shortest handlers there can be, so that what is counted is
 * the hypervisor and not this kernel.
 * Keeps true: each handler uses no register but those the frame restores.
 */
#define HYPERCALL_IRET 23

.macro back
    push $0                     /* restore rcx and r11 too */
    push %rcx
    push %r11
    push %rax
    mov $HYPERCALL_IRET, %eax
    syscall
    ud2
.endm

    .text
/* int3: nothing to do. */
    .globl fast_trap
fast_trap:
    pop %rcx
    pop %r11
    back

/* Page fault: step over the faulting instruction, `mov %al,(%rdx)`. */
    .globl fast_fault
fast_fault:
    pop %rcx
    pop %r11
    add $8, %rsp                /* error code */
    addq $2, (%rsp)
    back

/* Event: the time of arrival, and every pending bit off. */
    .globl fast_event
fast_event:
    push %rax
    push %rdx
    rdtsc
    shl $32, %rdx
    or %rdx, %rax
    mov %rax, event_time(%rip)
    mov fast_info(%rip), %rdx
    movb $0, (%rdx)
    movq $0, 8(%rdx)
    mov fast_word(%rip), %rdx
    movq $0, (%rdx)
    pop %rdx
    pop %rax
    pop %rcx
    pop %r11
    back

/* The system call of user code: straight back to it. The frame has the
 * selectors of user mode, so the iret hypercall returns there. */
    .globl fast_syscall
fast_syscall:
    pop %rcx
    pop %r11
    push $0x100                 /* VGCF_in_syscall: rcx and r11 are free */
    push %rcx
    push %r11
    push %rax
    mov $HYPERCALL_IRET, %eax
    syscall
    ud2

/* User code, on pages of its own: rounds of (rdtsc, syscall, rdtsc), the
 * differences to the page in rdi; then int $0x80 to end. */
    .globl user_code, user_code_end
user_code:
    mov $0, %esi
1:  rdtsc
    shl $32, %rdx
    or %rdx, %rax
    mov %rax, %r8
    syscall
    rdtsc
    shl $32, %rdx
    or %rdx, %rax
    sub %r8, %rax
    mov %rax, (%rdi,%rsi,8)
    inc %esi
    cmp $64, %esi
    jne 1b
    int $0x80
user_code_end:

    .section .note.GNU-stack, "", @progbits
