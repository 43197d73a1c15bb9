/* SPDX-License-Identifier: GPL-2.0 */
/*
 * desc.h - descriptor tables: the GDT page each CPU has, IDT, TSS.
 * The page stands at entry 7168 of every guest's GDT (selectors 0xe000 up),
 * as the ABI wants it; see pv/segment.c for how it gets there.
 */
#ifndef CPU_DESC_H
#define CPU_DESC_H

#include <abi/xen.h> /* FIRST_RESERVED_GDT_* */

#include "cpu/percpu.h"

#define HYP_CS        0xe008 /* our code */
#define HYP_DS        0xe010 /* our stack */
#define GUEST_CS32    0xe023 /* the guests' flat segments, ABI */
#define GUEST_SS      0xe02b
#define GUEST_CS64    0xe033
#define TSS_SELECTOR  0xe040 /* 16 bytes */
#define LDT_SELECTOR  0xe050 /* 16 bytes */

#define IST_NMI 1
#define IST_MC  2
#define IST_DB  3
#define IST_DF  4

struct idt_entry {
    uint64_t lo, hi;
};
extern struct idt_entry idt[256]; /* shared by all CPUs */

/* Point a vector at code; dpl 3 lets guests raise it with int n. */
void idt_set(unsigned int vector, const void *entry, unsigned int dpl,
             unsigned int ist);

/* Fill this CPU's GDT page, load GDT, IDT and TR, set the SYSCALL MSRs. */
void desc_init_cpu(struct cpu *c);
/* The boot CPU's tables, before there is memory. */
void desc_init_early(void);
/* Leave a guest's GDT: load the page where it stands in our own map. */
void desc_load_own_gdt(void);

/* The LDT of the running vcpu: bytes 0 unloads. va in the per-domain area. */
void desc_load_ldt(uint64_t va, unsigned int bytes);

/* Load the GDT that stands at va (whole 64 KiB less the last bytes). */
void desc_load_gdt(uint64_t va);

#endif
