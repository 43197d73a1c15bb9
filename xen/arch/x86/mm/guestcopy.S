/* SPDX-License-Identifier: GPL-2.0 */
/*
 * guestcopy.S - the copies that may fault. Each access that touches a guest's
 * address has an entry in the table of extable.c; a fault ends in `fault`.
 */
    .text

#define MAY_FAULT(insn...)                                                     \
9:  insn;                                                                      \
    .pushsection .extable, "a";                                                \
    .balign 4;                                                                 \
    .long 9b - ., fault - .;                                                   \
    .popsection

/* guest_copy: In: rdi = to, rsi = from, rdx = bytes; one of them a guest's.
 * Out: eax = 0 or -EFAULT; rcx, rdx, rsi, rdi, r8 destroyed. */
    .globl guest_copy
    .type guest_copy, @function
guest_copy:
    cmp $128, %rdx
    jae 4f
    mov %rdx, %rcx
    and $-8, %rcx
    jz 5f
    add %rcx, %rsi
    add %rcx, %rdi
    neg %rcx /* counts up to 0, from the ends */
1:  MAY_FAULT(mov (%rsi, %rcx), %r8)
    MAY_FAULT(mov %r8, (%rdi, %rcx))
    add $8, %rcx
    jnz 1b
    and $7, %edx
    jnz 5f
    xor %eax, %eax
    ret
4:  mov %rdx, %rcx
    shr $3, %rcx
    and $7, %edx
    MAY_FAULT(rep movsq)
5:  mov %edx, %ecx
    MAY_FAULT(rep movsb)
    xor %eax, %eax
    ret
    .size guest_copy, . - guest_copy

/* guest_copy_nine: In: rdi = to, ours, rsi = from, a guest's: nine words.
 * Out: eax = 0 or -EFAULT; r8 to r11, rcx, rdx destroyed. */
    .globl guest_copy_nine
    .type guest_copy_nine, @function
guest_copy_nine:
    .irp at, 0, 24, 48
    MAY_FAULT(mov \at(%rsi), %r8)
    MAY_FAULT(mov \at+8(%rsi), %r9)
    MAY_FAULT(mov \at+16(%rsi), %r10)
    mov %r8, \at(%rdi)
    mov %r9, \at+8(%rdi)
    mov %r10, \at+16(%rdi)
    .endr
    xor %eax, %eax
    ret
    .size guest_copy_nine, . - guest_copy_nine

/* guest_zero: In: rdi = to, a guest's, rsi = bytes. Out: as above. */
    .globl guest_zero
    .type guest_zero, @function
guest_zero:
    xor %eax, %eax
    mov %rsi, %rcx
    shr $3, %rcx
    MAY_FAULT(rep stosq)
    mov %esi, %ecx
    and $7, %ecx
    MAY_FAULT(rep stosb)
    ret
    .size guest_zero, . - guest_zero

fault:
    mov $-14, %eax
    ret

    .section .note.GNU-stack, "", @progbits
