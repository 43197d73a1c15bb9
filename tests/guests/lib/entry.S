/* SPDX-License-Identifier: GPL-2.0 */
/*
 * entry.S - first instruction, ELF notes, and the ways in from traps.
 * Keeps true: every way in builds a struct frame (guest.h) on the kernel
 * stack, calls C, and leaves by the iret hypercall.
 */
#include <abi/elfnote.h>

#define HYPERCALL_IRET 23

.macro note type, size, desc:vararg
    .pushsection .note.Xen, "a", @note
    .balign 4
    .long 4, 2f - 1f, \type
    .asciz "Xen"
1:  \size \desc
2:  .balign 4
    .popsection
.endm

    note XEN_ELFNOTE_ENTRY, .quad, _start
    note XEN_ELFNOTE_VIRT_BASE, .quad, 0xffffffff80000000
    note XEN_ELFNOTE_PADDR_OFFSET, .quad, 0
    note XEN_ELFNOTE_XEN_VERSION, .asciz, "xen-3.0"
    note XEN_ELFNOTE_GUEST_OS, .asciz, "testkernel"
    note XEN_ELFNOTE_GUEST_VERSION, .asciz, "1"
    note XEN_ELFNOTE_LOADER, .asciz, "generic"
    note XEN_ELFNOTE_PAE_MODE, .asciz, "yes"
    note XEN_ELFNOTE_FEATURES, .asciz, "!writable_page_tables|pae_pgdir_above_4gb"
    note XEN_ELFNOTE_SUPPORTED_FEATURES, .long, 0x8801
    note XEN_ELFNOTE_HV_START_LOW, .quad, 0xffff800000000000
    note XEN_ELFNOTE_L1_MFN_VALID, .quad, 1, 1
    note XEN_ELFNOTE_SUSPEND_CANCEL, .long, 1
    note XEN_ELFNOTE_HYPERCALL_PAGE, .quad, hypercall_page

    .section .text.head, "ax", @progbits
    .globl _start
_start:
    lea boot_stack_top(%rip), %rsp
    xor %ebp, %ebp
    mov %rsi, %rdi
    call guest_start
1:  jmp 1b

/* A second vcpu starts here: rdi its number, on a stack of its own. */
    .globl vcpu_entry
vcpu_entry:
    xor %ebp, %ebp
    call vcpu_start
1:  jmp 1b

    .balign 4096
    .globl hypercall_page
hypercall_page:
    .skip 4096

    .text
/* On the stack at "common": vector, error, rip ... ss; above rcx and r11,
 * which the hypervisor pushed below the error code, already in place. */
.macro save_all
    push %rdi
    push %rsi
    push %rdx
    push %rcx
    push %rax
    push %r8
    push %r9
    push %r10
    push %r11
    push %rbx
    push %rbp
    push %r12
    push %r13
    push %r14
    push %r15
.endm

.macro restore_all
    pop %r15
    pop %r14
    pop %r13
    pop %r12
    pop %rbp
    pop %rbx
    pop %r11
    pop %r10
    pop %r9
    pop %r8
    pop %rax
    pop %rcx
    pop %rdx
    pop %rsi
    pop %rdi
.endm

.macro way_in name, vector, has_error, handler
    .globl \name
\name:
    pop %rcx
    pop %r11
    .if !\has_error
    push $0
    .endif
    push $\vector
    save_all
    mov %rsp, %rdi
    cld
    call \handler
    jmp leave
.endm

leave:
    restore_all
    add $16, %rsp               /* vector, error */
    .globl leave_by_iret
leave_by_iret:                  /* the frame alone is left: rip ... ss */
    push $0                     /* no VGCF_in_syscall: restore rcx, r11 */
    push %rcx
    push %r11
    push %rax
    mov $HYPERCALL_IRET, %eax
    syscall
    ud2

    .altmacro
.macro trap_way n
    .if (\n == 8) || ((\n >= 10) && (\n <= 14)) || (\n == 17)
    way_in trap_\n, \n, 1, trap_c
    .else
    way_in trap_\n, \n, 0, trap_c
    .endif
    .pushsection .rodata.ways, "a"
    .quad trap_\n
    .popsection
.endm
.macro trap_way_ n
    trap_way \n
.endm
    .section .rodata.ways, "a"
    .balign 8
    .globl trap_ways
trap_ways:
    .text
    .set i, 0
    .rept 32
    trap_way_ %i
    .set i, i + 1
    .endr
    .noaltmacro

    way_in trap_0x80, 0x80, 0, trap_c
    way_in trap_masked, 0x30, 0, trap_c
    way_in event_entry, 0x100, 0, event_c
    way_in syscall_entry, 0x101, 0, syscall_c
    way_in nmi_entry, 0x102, 0, nmi_c

/* The failsafe frame has ds, es, fs, gs between r11 and rip. */
    .globl failsafe_entry
failsafe_entry:
    mov 16(%rsp), %rcx
    mov %rcx, failsafe_selectors(%rip)
    mov 24(%rsp), %rcx
    mov %rcx, failsafe_selectors+8(%rip)
    mov 32(%rsp), %rcx
    mov %rcx, failsafe_selectors+16(%rip)
    mov 40(%rsp), %rcx
    mov %rcx, failsafe_selectors+24(%rip)
    pop %rcx
    pop %r11
    add $32, %rsp
    push $0
    push $0x103
    save_all
    mov %rsp, %rdi
    cld
    call failsafe_c
    jmp leave

/* int catch_set(struct catch *): 0 now, 1 when a trap comes back here. */
    .globl catch_set
catch_set:
    mov %rbx, (%rdi)
    mov %rbp, 8(%rdi)
    mov %r12, 16(%rdi)
    mov %r13, 24(%rdi)
    mov %r14, 32(%rdi)
    mov %r15, 40(%rdi)
    lea 8(%rsp), %rcx
    mov %rcx, 48(%rdi)
    mov (%rsp), %rcx
    mov %rcx, 56(%rdi)
    xor %eax, %eax
    ret

/* void go_to(const struct frame *): become this state. */
    .globl go_to
go_to:
    mov %rdi, %rsp
    jmp leave

    .bss
    .balign 4096
    .skip 32768
boot_stack_top:

    .section .note.GNU-stack, "", @progbits
