/* SPDX-License-Identifier: GPL-2.0 */
/*
 * desc.c - GDT, IDT, TSS, and where SYSCALL goes.
 * Keeps true: the page of our descriptors is the same at the same selectors
 * in every GDT that is ever loaded, ours or a guest's.
 * Source: Intel SDM vol. 3, 3.4.5 (descriptors), 6.14 (IDT), 7.7 (TSS).
 */
#include "cpu/desc.h"
#include "core/panic.h"
#include "cpu/msr.h"
#include "cpu/regs.h"
#include "lib/string.h"
#include "mm/directmap.h"
#include "mm/heap.h"

#define DESC_CODE64 0x00af9b000000ffffUL
#define DESC_CODE32 0x00cf9b000000ffffUL
#define DESC_DATA   0x00cf93000000ffffUL
#define DESC_DPL3   0x0000600000000000UL
#define DESC_TSS    0x0000890000000000UL
#define DESC_LDT    0x0000820000000000UL

/* Handed down by entry.S: a stub for each vector, and what goes to page 0 of
 * each CPU's area. */
extern const char trap_entry_table[256][16];
extern const char syscall_stub[], syscall32_stub[], syscall_stub_end[];

struct idt_entry idt[256] aligned_to(4096);
static uint64_t boot_gdt_page[512] aligned_to(4096);

struct table_ptr {
    uint16_t limit;
    uint64_t base;
} packed;

static unsigned int slot_of(unsigned int selector)
{
    return (selector >> 3) - FIRST_RESERVED_GDT_ENTRY;
}

void idt_set(unsigned int vector, const void *entry, unsigned int dpl,
             unsigned int ist)
{
    uint64_t at = (uint64_t)entry;

    idt[vector].hi = at >> 32;
    idt[vector].lo = (at & 0xffff) | (uint64_t)HYP_CS << 16 |
                     (uint64_t)ist << 32 | 0xeUL << 40 | (uint64_t)dpl << 45 |
                     1UL << 47 | (at >> 16 & 0xffff) << 48;
}

static void set_system_desc(uint64_t *page, unsigned int selector,
                            uint64_t base, uint32_t limit, uint64_t kind)
{
    uint64_t *d = page + slot_of(selector);

    d[0] = kind | (limit & 0xffff) | (uint64_t)(limit >> 16 & 0xf) << 48 |
           (base & 0xffffff) << 16 | (base >> 24 & 0xff) << 56;
    d[1] = base >> 32;
}

static void fill_gdt_page(struct cpu *c)
{
    uint64_t *page = c->gdt_page;

    page[slot_of(HYP_CS)] = DESC_CODE64;
    page[slot_of(HYP_DS)] = DESC_DATA;
    page[slot_of(GUEST_CS32)] = DESC_CODE32 | DESC_DPL3;
    page[slot_of(GUEST_SS)] = DESC_DATA | DESC_DPL3;
    page[slot_of(GUEST_CS64)] = DESC_CODE64 | DESC_DPL3;
    set_system_desc(page, TSS_SELECTOR, (uint64_t)&c->tss,
                    sizeof(c->tss) - 1, DESC_TSS);
}

static void fill_tss(struct cpu *c)
{
    uint64_t area = (uint64_t)c - CPU_AREA_DATA;

    c->tss.rsp[0] = c->regs_end;
    c->tss.ist[IST_NMI - 1] = area + CPU_STACK_NMI;
    c->tss.ist[IST_MC - 1] = area + CPU_STACK_MC;
    c->tss.ist[IST_DB - 1] = area + CPU_STACK_DB;
    c->tss.ist[IST_DF - 1] = area + CPU_STACK_DF;
    c->tss.iomap_base = sizeof(c->tss); /* behind the limit: no port is free */
}

void desc_load_gdt(uint64_t va)
{
    struct table_ptr p = {(FIRST_RESERVED_GDT_PAGE + 1) * PAGE_SIZE - 1, va};

    __asm__ volatile("lgdt %0" ::"m"(p) : "memory");
}

/* Our page alone, at the end of a GDT whose other pages nobody looks at. */
static void load_own_gdt(const struct cpu *c)
{
    desc_load_gdt((uint64_t)c->gdt_page - FIRST_RESERVED_GDT_PAGE * PAGE_SIZE);
}

void desc_load_own_gdt(void)
{
    load_own_gdt(this_cpu());
}

static void load_segments(void)
{
    __asm__ volatile("pushq %0; leaq 1f(%%rip), %%rax; pushq %%rax; lretq\n"
                     "1: mov %1, %%ss\n"
                     "mov %2, %%ds; mov %2, %%es; mov %2, %%fs; mov %2, %%gs"
                     ::"i"(HYP_CS), "r"(HYP_DS), "r"(0)
                     : "rax", "memory");
}

static void load_idt(void)
{
    struct table_ptr p = {sizeof(idt) - 1, (uint64_t)idt};

    __asm__ volatile("lidt %0" ::"m"(p) : "memory");
}

/* SYSCALL enters at the stub in the CPU's own area, which needs no GS. */
static void set_syscall(struct cpu *c)
{
    uint64_t area = (uint64_t)c - CPU_AREA_DATA;
    size_t size = (size_t)(syscall_stub_end - syscall_stub);

    memcpy(cpu_area_stub(c->id), syscall_stub, size);
    wrmsr(MSR_STAR, (uint64_t)(GUEST_CS32) << 48 | (uint64_t)HYP_CS << 32);
    wrmsr(MSR_LSTAR, area);
    wrmsr(MSR_CSTAR, area + (uint64_t)(syscall32_stub - syscall_stub));
    wrmsr(MSR_SYSCALL_MASK, 0x47700 | 0x10000); /* AC NT IOPL DF IF TF, RF */
    wrmsr(MSR_EFER, rdmsr(MSR_EFER) | EFER_SCE);
    wrmsr(MSR_SYSENTER_CS, 0); /* SYSENTER: #GP */
}

void desc_load_ldt(uint64_t va, unsigned int bytes)
{
    struct cpu *c = this_cpu();
    uint16_t selector = bytes ? LDT_SELECTOR : 0;

    if (bytes)
        set_system_desc(c->gdt_page, LDT_SELECTOR, va, bytes - 1, DESC_LDT);
    __asm__ volatile("lldt %0" ::"r"(selector));
}

static void fill_idt(void)
{
    for (unsigned int v = 0; v < 256; v++)
        idt_set(v, trap_entry_table[v], v == TRAP_BP || v == TRAP_OF ? 3 : 0,
                0);
    idt_set(TRAP_NMI, trap_entry_table[TRAP_NMI], 0, IST_NMI);
    idt_set(TRAP_MC, trap_entry_table[TRAP_MC], 0, IST_MC);
    idt_set(TRAP_DB, trap_entry_table[TRAP_DB], 0, IST_DB);
    idt_set(TRAP_DF, trap_entry_table[TRAP_DF], 0, IST_DF);
}

/* Before there is memory: what catches a fault of the boot itself. */
init_text void desc_init_early(void)
{
    struct cpu *c = this_cpu();

    c->gdt_page = boot_gdt_page;
    c->gdt_page_mfn = image_to_paddr(boot_gdt_page) >> PAGE_SHIFT;
    fill_idt();
    fill_gdt_page(c);
    fill_tss(c);
    load_own_gdt(c);
    load_segments();
    load_idt();
    __asm__ volatile("ltr %w0" ::"r"(TSS_SELECTOR));
}

void desc_init_cpu(struct cpu *c)
{
    if (c->id) {
        c->gdt_page = heap_page();
        BUG_ON(!c->gdt_page);
        c->gdt_page_mfn = virt_to_mfn(c->gdt_page);
        fill_gdt_page(c);
        fill_tss(c);
        load_own_gdt(c);
        load_segments();
        load_idt();
        __asm__ volatile("ltr %w0" ::"r"(TSS_SELECTOR));
    }
    set_syscall(c);
}
