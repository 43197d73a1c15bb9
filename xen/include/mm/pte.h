/* SPDX-License-Identifier: GPL-2.0 */
/*
 * pte.h - bits of page-table entries, all levels (Intel SDM vol. 3, 4.5).
 */
#ifndef MM_PTE_H
#define MM_PTE_H

#include "lib/types.h"

typedef uint64_t pte_t;

#define PTE_P    0x1UL
#define PTE_W    0x2UL
#define PTE_U    0x4UL
#define PTE_PWT  0x8UL
#define PTE_PCD  0x10UL
#define PTE_A    0x20UL
#define PTE_D    0x40UL
#define PTE_PSE  0x80UL  /* L2, L3: maps memory itself */
#define PTE_PAT1 0x80UL  /* L1: third bit of the PAT index */
#define PTE_G    0x100UL
#define PTE_AVL  0xe00UL /* the guest's own bits */
#define PTE_NX   0x8000000000000000UL
#define PTE_AVL_HIGH 0x7ff0000000000000UL /* ignored by the CPU */
#define PTE_ADDR 0x000ffffffffff000UL

#define PTES_PER_TABLE 512

#define HYP_RW (PTE_P | PTE_W | PTE_A | PTE_D | PTE_G | PTE_NX)
#define HYP_RO (PTE_P | PTE_A | PTE_D | PTE_G | PTE_NX)
#define HYP_RX (PTE_P | PTE_A | PTE_D | PTE_G)
#define HYP_UC (HYP_RW | PTE_PCD | PTE_PWT)

static inline mfn_t pte_mfn(pte_t e)
{
    return (e & PTE_ADDR) >> PAGE_SHIFT;
}
static inline pte_t pte_make(mfn_t mfn, uint64_t flags)
{
    return mfn << PAGE_SHIFT | flags;
}
/* Index of va in its table of this level (1..4). */
static inline unsigned int pte_index(uint64_t va, unsigned int level)
{
    return va >> (PAGE_SHIFT + 9 * (level - 1)) & 511;
}

#endif
