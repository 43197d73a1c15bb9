/* SPDX-License-Identifier: GPL-2.0 */
/*
 * pages.c - pages of the test kernel, and the tables that map them.
 * Keeps true: pages come from a part of the image, which the builder mapped
 * for writing; the running root is the builder's, and M2P turns the frames
 * in it back into our addresses.
 */
#include "guest.h"

#define NR_PAGES 768

static char pool[NR_PAGES][PAGE] __attribute__((aligned(4096)));
static unsigned int pool_used;

uint64_t *p2m;

uint64_t pfn_of(const void *page)
{
    return ((uint64_t)page - VIRT) / PAGE;
}

uint64_t mfn_of(const void *page)
{
    return p2m[pfn_of(page)];
}

uint64_t machine(const void *at)
{
    return mfn_of(at) * PAGE + (uint64_t)at % PAGE;
}

void *page_of_mfn(uint64_t mfn)
{
    const uint64_t *m2p = (const uint64_t *)MACH2PHYS_VIRT_START;

    return (void *)(VIRT + m2p[mfn] * PAGE);
}

void *pages_new(unsigned int count)
{
    char *page = pool[pool_used];

    if (count > NR_PAGES - pool_used)
        panic("no pages left");
    pool_used += count;
    memset(page, 0, count * PAGE);
    return page;
}

void *page_new(void)
{
    return pages_new(1);
}

uint64_t *entry_at(uint64_t va, int level)
{
    uint64_t *table = (uint64_t *)start->pt_base;
    uint64_t *entry;
    int at = 4;

    for (;; at--) {
        entry = &table[(va >> (12 + 9 * (at - 1))) & 511];
        if (at == level)
            return entry;
        if (!(*entry & PTE_P))
            return NULL;
        table = page_of_mfn((*entry & PTE_FRAME) / PAGE);
    }
}

long map_page(const void *page, uint64_t pte)
{
    return HC(update_va_mapping, page, pte, UVMF_INVLPG | UVMF_LOCAL);
}

long make_read_only(const void *page)
{
    return map_page(page, mfn_of(page) * PAGE | PTE_RO);
}

long make_writable(const void *page)
{
    return map_page(page, mfn_of(page) * PAGE | PTE_RW);
}

long mmu_one(uint64_t ptr, uint64_t val)
{
    struct mmu_update u = {.ptr = ptr, .val = val};
    uint32_t done_count = 0;

    return HC(mmu_update, &u, 1, &done_count, DOMID_SELF);
}

long ext_op(uint32_t cmd, uint64_t arg1, uint64_t arg2)
{
    struct mmuext_op op = {.cmd = cmd};

    op.arg1.mfn = arg1;
    op.arg2.src_mfn = arg2;
    return HC(mmuext_op, &op, 1, 0, DOMID_SELF);
}

long pin(int level, const void *page)
{
    return ext_op(MMUEXT_PIN_L1_TABLE + (uint32_t)level - 1, mfn_of(page), 0);
}

long unpin(const void *page)
{
    return ext_op(MMUEXT_UNPIN_TABLE, mfn_of(page), 0);
}

uint64_t *table_new(void)
{
    uint64_t *table = page_new();

    if (make_read_only(table))
        panic("a fresh page cannot be made read-only");
    return table;
}
