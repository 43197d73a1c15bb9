/* SPDX-License-Identifier: GPL-2.0 */
/*
 * m2p.c - the machine-to-physical table: for each machine frame the number
 * that its owner knows it by. Guests read it at M2P_RO_START.
 * Keeps true: it is a hint that each owner writes for his own frames; nothing
 * here relies on it.
 */
#include "domain/pages.h"
#include "mm/directmap.h"
#include "pv/pgtable.h"

#define M2P_PER_PIECE ((2UL << 20) / sizeof(uint64_t))

static inline uint64_t *m2p_entry(mfn_t mfn)
{
    return (uint64_t *)M2P_RW_START + mfn;
}

void m2p_set(mfn_t mfn, uint64_t pfn)
{
    if (mfn_valid(mfn))
        WRITE_ONCE(*m2p_entry(mfn), pfn);
}

uint64_t m2p_get(mfn_t mfn)
{
    return mfn_valid(mfn) ? READ_ONCE(*m2p_entry(mfn)) : M2P_INVALID;
}

mfn_t m2p_piece_mfn(unsigned int i)
{
    paddr_t pa;

    if (i * M2P_PER_PIECE >= max_mfn)
        return INVALID_MFN;
    pa = mapped_paddr(M2P_RO_START + i * (2UL << 20));
    return pa == ~0UL ? INVALID_MFN : pa >> PAGE_SHIFT;
}

void m2p_show_to_control(void)
{
    for (unsigned int i = 0; i * M2P_PER_PIECE < max_mfn; i++) {
        mfn_t mfn = m2p_piece_mfn(i);

        for (unsigned int j = 0; mfn != INVALID_MFN && j < 512; j++)
            if (mfn_valid(mfn + j))
                page_show_to_control(mfn_to_page(mfn + j));
    }
}
