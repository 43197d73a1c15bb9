/* SPDX-License-Identifier: GPL-2.0 */
/*
 * segment.c - GDT, LDT, segment bases, debug registers, FPU switch.
 *
 * Each vcpu has 64 KiB of our address space for its GDT (14 pages of its own,
 * then the page of the CPU it runs on) and 64 KiB for its LDT, whose pages are
 * entered when first used.
 * Keeps true: a frame seen through these areas has kind PGT_SEG: all its
 * descriptors are harmless and no guest can write it but through us.
 */
#include <abi/xen.h>

#include "cpu/desc.h"
#include "cpu/features.h"
#include "cpu/msr.h"
#include "mm/tlb.h"
#include "mm/window.h"
#include "pv/context.h"
#include "pv/pagetype.h"
#include "pv/pgtable.h"
#include "pv/pv.h"
#include "service/call.h"

#define DESC_PRESENT (1UL << 47)
#define DESC_DPL3    (3UL << 45)
#define DESC_CODE_OR_DATA (1UL << 44)
#define DESC_CODE    (1UL << 43)
#define DESC_CONFORMING (1UL << 42)
#define DESC_ACCESSED (1UL << 40)
#define DESC_LONG    (1UL << 53)
#define DESC_BIG     (1UL << 54)

#define GDT_PAGES 14
#define LDT_SLOT  16 /* in perdomain_l1 */
#define LDT_PAGES 16

bool descriptor_judge(uint64_t *desc)
{
    uint64_t e = *desc;

    if (!(e & DESC_PRESENT))
        return true;
    if (!(e & DESC_CODE_OR_DATA))
        return false; /* gates, TSS, LDT: ours alone */
    if (e & DESC_CODE && e & DESC_LONG && e & DESC_BIG)
        return false; /* reserved combination */
    /* Accessed already: the CPU need not write it. */
    *desc = e | DESC_DPL3 | DESC_ACCESSED;
    return true;
}

bool descriptors_validate(mfn_t mfn)
{
    uint64_t *desc = frame_map(mfn);
    unsigned int n = PAGE_SIZE / sizeof(*desc), i = 0;

    while (i < n && descriptor_judge(&desc[i]))
        i++;
    frame_unmap(desc);
    return i == n;
}

static void area_changed(struct vcpu *v)
{
    if (v == current)
        tlb_flush_here();
}

void gdt_drop(struct vcpu *v)
{
    for (unsigned int i = 0; i < GDT_PAGES; i++) {
        pte_t e = v->perdomain_l1[i];

        v->perdomain_l1[i] = 0;
        v->gdt_frames[i] = 0;
        if (e)
            page_put_and_type(mfn_to_page(pte_mfn(e)));
    }
    v->gdt_entries = 0;
    area_changed(v);
}

static int gdt_take(struct domain *d, const uint64_t *frames, unsigned int n)
{
    for (unsigned int i = 0; i < n; i++) {
        if (!mfn_valid(frames[i]) ||
            page_get_and_type(mfn_to_page(frames[i]), d, PGT_SEG)) {
            while (i--)
                page_put_and_type(mfn_to_page(frames[i]));
            return -EINVAL;
        }
    }
    return 0;
}

int gdt_set(struct vcpu *v, const uint64_t *frames, unsigned int entries)
{
    unsigned int n = DIV_ROUND_UP(entries * 8, PAGE_SIZE);

    if (entries > FIRST_RESERVED_GDT_ENTRY)
        return -EINVAL;
    if (gdt_take(v->domain, frames, n))
        return -EINVAL;
    gdt_drop(v);
    for (unsigned int i = 0; i < n; i++) {
        v->gdt_frames[i] = frames[i];
        v->perdomain_l1[i] = pte_make(frames[i], HYP_RW & ~PTE_G);
    }
    v->gdt_entries = entries;
    area_changed(v);
    return 0;
}

long do_set_gdt(uint64_t list, uint64_t entries)
{
    uint64_t frames[GDT_PAGES];
    guest_va_t at = {list};

    if (entries > FIRST_RESERVED_GDT_ENTRY)
        return -EINVAL;
    if (copy_from_guest(frames, at,
                        DIV_ROUND_UP(entries * 8, PAGE_SIZE) * sizeof(*frames)))
        return -EFAULT;
    return gdt_set(current, frames, (unsigned int)entries);
}

/* Write a descriptor at a machine address: checked if it is in use as one. */
long do_update_descriptor(uint64_t pa, uint64_t desc)
{
    struct domain *d = current->domain;
    mfn_t mfn = pa >> PAGE_SHIFT;
    uint64_t kind, *words;
    struct page *pg;
    long rc = -EINVAL;

    if (pa % 8 || !mfn_valid(mfn) || !descriptor_judge(&desc))
        return -EINVAL;
    pg = mfn_to_page(mfn);
    if (!page_get(pg, d))
        return -EINVAL;
    kind = page_kind(pg) == PGT_SEG ? PGT_SEG : PGT_WRITABLE;
    if (!page_get_type(pg, kind, false)) {
        words = frame_map(mfn);
        WRITE_ONCE(words[pa % PAGE_SIZE / 8], desc);
        frame_unmap(words);
        page_put_type(pg);
        rc = 0;
    }
    page_put(pg);
    return rc;
}

void ldt_unmap(struct vcpu *v)
{
    for (unsigned int i = 0; i < LDT_PAGES; i++) {
        pte_t e = v->perdomain_l1[LDT_SLOT + i];

        if (!e)
            continue;
        v->perdomain_l1[LDT_SLOT + i] = 0;
        area_changed(v);
        page_put_and_type(mfn_to_page(pte_mfn(e)));
    }
    v->ldt_mapped = 0;
}

/* Map the page of v's LDT that holds cr2, which lies in its LDT area. */
bool ldt_fault(struct vcpu *v, uint64_t cr2)
{
    uint64_t offset = cr2 - VCPU_LDT_VA(v->id);
    unsigned int i = offset / PAGE_SIZE, level;
    struct page *pg;
    pte_t e;

    if (offset >= v->ldt_entries * 8 || v->perdomain_l1[LDT_SLOT + i])
        return false;
    e = guest_walk(v->root_kernel, v->ldt_base + i * PAGE_SIZE, &level);
    if (!(e & PTE_P) || level != 1 || !mfn_valid(pte_mfn(e)))
        return false;
    pg = mfn_to_page(pte_mfn(e));
    if (page_get_and_type(pg, v->domain, PGT_SEG))
        return false;
    v->perdomain_l1[LDT_SLOT + i] = pte_make(pte_mfn(e), HYP_RW & ~PTE_G);
    v->ldt_mapped |= 1u << i;
    return true;
}

int ldt_set(struct vcpu *v, uint64_t base, unsigned int entries)
{
    if (entries > 8192 || base % PAGE_SIZE ||
        !guest_range_ok(base, entries * 8UL))
        return -EINVAL;
    if (v->ldt_base == base && v->ldt_entries == entries)
        return 0;
    ldt_unmap(v);
    v->ldt_base = base;
    v->ldt_entries = entries;
    if (v == current)
        desc_load_ldt(VCPU_LDT_VA(v->id), entries * 8);
    return 0;
}

long do_stack_switch(uint64_t ss, uint64_t sp)
{
    struct vcpu *v = current;

    v->kernel_ss = (uint16_t)ss | 3;
    v->kernel_sp = sp;
    return 0;
}

/* Load gs for the guest's user mode; an unusable selector becomes 0. */
static void load_user_gs(uint16_t sel)
{
    uint64_t flags = irq_save();

    swapgs();
    segment_load_gs(sel);
    swapgs();
    irq_restore(flags);
}

long do_set_segment_base(uint64_t which, uint64_t base)
{
    if (which == SEGBASE_GS_USER_SEL) {
        load_user_gs((uint16_t)base);
        return 0;
    }
    if (!guest_addr_ok(base))
        return -EINVAL;
    switch (which) {
    case SEGBASE_FS:
        fs_base_write(base);
        return 0;
    case SEGBASE_GS_USER:
        gs_base_write_other(base);
        return 0;
    case SEGBASE_GS_KERNEL:
        gs_base_write(base);
        return 0;
    }
    return -EINVAL;
}

/* Breakpoint kinds 2 bits each from bit 16 of DR7: 2 is I/O, needs CR4.DE. */
static bool dr7_ok(const struct vcpu *v, uint64_t value)
{
    if (v->cr4 & CR4_DE)
        return true;
    for (unsigned int i = 0; i < 4; i++)
        if ((value >> (16 + 4 * i) & 3) == 2)
            return false;
    return true;
}

int debugreg_set(struct vcpu *v, unsigned int reg, uint64_t value)
{
    bool here = v == current;

    switch (reg) {
    case 0 ... 3:
        if (!guest_addr_ok(value))
            return -EPERM;
        v->dr[reg] = value;
        break;
    case 4:
    case 6:
        v->dr[6] = (value & 0xe00fUL) | 0xffff0ff0UL;
        return 0;
    case 5:
    case 7:
        if (value >> 32 || !dr7_ok(v, value))
            return -EPERM;
        /* Fixed bits, and neither GD nor LE/GE. */
        v->dr[7] = (value & 0xffff00ffUL) | 0x400;
        break;
    default:
        return -ENODEV;
    }
    if (here)
        debugregs_load(v);
    return 0;
}

long do_set_debugreg(uint64_t reg, uint64_t value)
{
    if (reg > 7)
        return -EINVAL;
    return debugreg_set(current, (unsigned int)reg, value);
}

long do_get_debugreg(uint64_t reg)
{
    struct vcpu *v = current;

    switch (reg) {
    case 0 ... 3:
    case 6:
    case 7:
        return (long)v->dr[reg];
    case 4:
    case 5:
        return (long)v->dr[reg + 2];
    }
    return -EINVAL;
}

long do_fpu_taskswitch(uint64_t set)
{
    struct vcpu *v = current;

    v->ts = set != 0;
    if (v->ts)
        write_cr0(read_cr0() | CR0_TS);
    else
        clts();
    return 0;
}
