/* SPDX-License-Identifier: GPL-2.0 */
/*
 * trampoline.S - where an AP wakes: in real mode, on a page below 1 MiB that
 * smp.c copies this to. Straight into long mode on the boot tables, which
 * still map low memory as it is, then to the image and its own stack.
 */
    .section .rodata
    .balign 16
    .globl trampoline_start, trampoline_end
    .globl trampoline_gdt_ptr, trampoline_far, trampoline_cr3

    .code16
trampoline_start:
    cli
    cld
    mov %cs, %ax
    mov %ax, %ds
    lgdtl trampoline_gdt_ptr - trampoline_start
    mov $0x20, %eax /* PAE */
    mov %eax, %cr4
    mov trampoline_cr3 - trampoline_start, %eax
    mov %eax, %cr3
    mov $0xc0000080, %ecx
    rdmsr
    or $0x900, %eax /* LME, NX */
    wrmsr
    mov $0x80010011, %eax /* PG, WP, ET, PE */
    mov %eax, %cr0
    ljmpl *(trampoline_far - trampoline_start)

    .balign 8
trampoline_gdt:
    .quad 0
    .quad 0x00af9b000000ffff /* 64-bit code */
trampoline_gdt_ptr:
    .short 15
    .long 0 /* where trampoline_gdt is now */
    .balign 4
trampoline_far:
    .long 0 /* where trampoline_64 is now */
    .short 8
    .balign 4
trampoline_cr3:
    .long 0

    .code64
    .globl trampoline_64, trampoline_gdt
    .balign 8
trampoline_64:
    movabs $ap_high, %rax
    jmp *%rax
trampoline_end:

    .text
/* Still on the boot tables. */
ap_high:
    mov idle_l4_pa(%rip), %rax
    mov %rax, %cr3
    mov ap_stack(%rip), %rsp
    xor %ebp, %ebp
    push %rbp
    push %rbp
    call ap_start
    ud2
    .section .note.GNU-stack, "", @progbits
