/* SPDX-License-Identifier: GPL-2.0 */
/*
 * head.S - from the loader's 32-bit world into long mode and C.
 *
 * The image was linked for HYP_IMAGE_START and lies at some 2 MiB boundary
 * below 4 GiB; until paging is on, ebp holds where, and every address is
 * ebp + (symbol - image_start). The first tables map the low 4 GiB twice (as
 * it is, and as the direct map), the image, and the boot CPU's own area.
 */
#define MB1_MAGIC 0x1badb002
#define MB2_MAGIC 0xe85250d6
/* The first byte of this section is the first of the image. */
#define LOW(sym) (sym - head_start)

#define PTE_TABLE 0x03 /* present, writable */
#define PTE_LEAF2 0x83 /* ... and a large page */

    .section .boot.head, "ax"
    .code32

    .balign 8
head_start:
mb2_header:
    .long MB2_MAGIC
    .long 0
    .long mb2_end - mb2_header
    .long 0x100000000 - (MB2_MAGIC + 0 + (mb2_end - mb2_header))
    /* tags we would like: cmdline, modules, e820, framebuffer, ACPI, EFI */
    .balign 8
1:  .short 1, 1
    .long 2f - 1b
    .long 1, 3, 6, 8, 12, 14, 15, 17, 20
2:  .balign 8
    .short 6, 1     /* modules on page boundaries */
    .long 8
    .balign 8
1:  .short 10, 1    /* relocatable: where, by what step, as low as can be */
    .long 24
    .long 0x200000, 0xfff00000, 0x200000, 1
    .balign 8
1:  .short 5, 1     /* any framebuffer will do */
    .long 20
    .long 0, 0, 0
    .balign 8
    .short 0, 0
    .long 8
mb2_end:

    .balign 4
    .long MB1_MAGIC
    .long 0x3       /* modules on page boundaries, memory information */
    .long -(MB1_MAGIC + 0x3)

    .globl image_entry
image_entry:
    cli
    cld
    /* Where are we? There is no stack: borrow a word of the info block. */
    mov 4(%ebx), %ecx
    lea 8(%ebx), %esp
    call 1f
1:  pop %ebp
    mov %ecx, 4(%ebx)
    sub $LOW(1b), %ebp
    lea LOW(boot_stack32_end)(%ebp), %esp
    mov %eax, %edi  /* the loader's magic: kept for C */

    mov $0x80000000, %eax
    push %ebx
    cpuid
    cmp $0x80000001, %eax
    jb no_long_mode
    mov $0x80000001, %eax
    cpuid
    pop %ebx
    bt $29, %edx
    jnc no_long_mode
    and $(1 << 20), %edx
    mov %edx, LOW(boot_nx)(%ebp)

    call early_tables

    lea LOW(boot_gdt)(%ebp), %eax
    mov %eax, LOW(boot_gdt_base)(%ebp)
    lgdt LOW(boot_gdt_ptr)(%ebp)

    mov $0x20, %eax /* PAE */
    mov %eax, %cr4
    lea LOW(boot_l4)(%ebp), %eax
    mov %eax, %cr3
    mov $0xc0000080, %ecx
    rdmsr
    or $0x100, %eax /* LME */
    cmpl $0, LOW(boot_nx)(%ebp)
    je 1f
    or $0x800, %eax /* NX */
1:  wrmsr
    mov $0x80010011, %eax /* PG, WP, ET, PE */
    mov %eax, %cr0
    push $8
    lea LOW(enter64)(%ebp), %eax
    push %eax
    lret

no_long_mode:
    /* "LM?" on the text screen; there is nobody else to tell. */
    movl $0x4f4d4f4c, 0xb8000
    movw $0x4f3f, 0xb8004
1:  hlt
    jmp 1b

/* early_tables: In: ebp. Out: tables filled. Destroys eax, ecx, edx, esi. */
early_tables:
    /* four L2 tables: 4 GiB in large pages */
    lea LOW(boot_l2_low)(%ebp), %esi
    mov $PTE_LEAF2, %eax
    xor %ecx, %ecx
1:  mov %eax, (%esi,%ecx,8)
    add $0x200000, %eax
    inc %ecx
    cmp $2048, %ecx
    jb 1b
    /* the image: 32 MiB from where it lies */
    lea LOW(boot_l2_image)(%ebp), %esi
    lea PTE_LEAF2(%ebp), %eax
    xor %ecx, %ecx
1:  mov %eax, (%esi,%ecx,8)
    add $0x200000, %eax
    inc %ecx
    cmp $16, %ecx
    jb 1b
    /* the boot CPU's area: 16 small pages */
    lea LOW(boot_l1_area)(%ebp), %esi
    lea (LOW(boot_cpu_area) + PTE_TABLE)(%ebp), %eax
    xor %ecx, %ecx
1:  mov %eax, (%esi,%ecx,8)
    add $0x1000, %eax
    inc %ecx
    cmp $16, %ecx
    jb 1b
    /* the levels above */
    lea LOW(boot_l3_low)(%ebp), %esi
    lea (LOW(boot_l2_low) + PTE_TABLE)(%ebp), %eax
    xor %ecx, %ecx
1:  mov %eax, (%esi,%ecx,8)
    add $0x1000, %eax
    inc %ecx
    cmp $4, %ecx
    jb 1b
    lea LOW(boot_l3_image)(%ebp), %esi
    lea (LOW(boot_l2_image) + PTE_TABLE)(%ebp), %eax
    mov %eax, (%esi)
    lea (LOW(boot_l2_area) + PTE_TABLE)(%ebp), %eax
    mov %eax, 8(%esi)
    lea LOW(boot_l2_area)(%ebp), %esi
    lea (LOW(boot_l1_area) + PTE_TABLE)(%ebp), %eax
    mov %eax, (%esi)
    lea LOW(boot_l4)(%ebp), %esi
    lea (LOW(boot_l3_low) + PTE_TABLE)(%ebp), %eax
    mov %eax, (%esi)
    mov %eax, 260*8(%esi)
    lea (LOW(boot_l3_image) + PTE_TABLE)(%ebp), %eax
    mov %eax, 259*8(%esi)
    ret

    .code64
enter64:
    movabs $1f, %rax
    jmp *%rax
1:  mov $0x10, %eax
    mov %eax, %ds
    mov %eax, %es
    mov %eax, %ss
    xor %eax, %eax
    mov %eax, %fs
    mov %eax, %gs
    movabs $0xffff818040010000, %rsp /* PERCPU_START + CPU_AREA_SIZE */
    xor %esi, %esi
    mov %ebx, %esi
    mov %ebp, %edx
    xor %ebp, %ebp
    push %rbp
    push %rbp
    /* start(magic in edi, info block in rsi, image base in rdx) */
    call start
1:  hlt
    jmp 1b

    .balign 8
    .globl boot_gdt
boot_gdt:
    .quad 0
    .quad 0x00af9b000000ffff /* 64-bit code */
    .quad 0x00cf93000000ffff /* data */
    .short 0
boot_gdt_ptr:
    .short boot_gdt_ptr - boot_gdt - 3
boot_gdt_base:
    .long 0
boot_nx:
    .long 0

    .section .bss.page_aligned, "aw", @nobits
    .balign 4096
    .globl boot_l4, boot_cpu_area
boot_l4:       .skip 4096
boot_l3_low:   .skip 4096
boot_l3_image: .skip 4096
boot_l2_low:   .skip 4 * 4096
boot_l2_image: .skip 4096
boot_l2_area:  .skip 4096
boot_l1_area:  .skip 4096
boot_cpu_area: .skip 65536
    .bss
    .balign 16
boot_stack32:  .skip 256
boot_stack32_end:
    .section .note.GNU-stack, "", @progbits
