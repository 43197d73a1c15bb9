/* SPDX-License-Identifier: GPL-2.0 */
/*
 * layout.h - our part of every address space: L4 slots 256 to 271.
 * docs/MEMORY.md draws it. Guests own all other slots.
 */
#ifndef MM_LAYOUT_H
#define MM_LAYOUT_H

#include "lib/types.h"

#define HYP_START      0xffff800000000000UL
#define HYP_END        0xffff880000000000UL
#define HYP_FIRST_SLOT 256
#define HYP_LAST_SLOT  271

#define M2P_RO_START     0xffff800000000000UL /* ABI: guests read it here */
#define M2P_RO_END       0xffff804000000000UL
#define M2P_RW_START     0xffff808000000000UL /* the same frames, for us */
#ifdef HOST_TEST /* tests/fake simulates memory */
extern uint64_t FRAMETABLE_START, DIRECTMAP_START, WINDOW_START;
#else
#define FRAMETABLE_START 0xffff80c000000000UL /* struct page[] */
#define WINDOW_START     0xffff8180c0000000UL /* each CPU's, mm/window.h */
#define DIRECTMAP_START  0xffff820000000000UL /* slots 260 to 271, 6 TiB */
#endif
#define PERDOMAIN_START  0xffff810000000000UL /* slot 258: GDTs and LDTs */
#define PERDOMAIN_SLOT   258
#define HYP_IMAGE_START  0xffff818000000000UL /* slot 259: code and data */
#define PERCPU_START     0xffff818040000000UL /* CPU areas */
#define VMAP_START       0xffff818080000000UL /* device registers */
#define VMAP_END         0xffff8180c0000000UL
#define DIRECTMAP_END    0xffff880000000000UL
#define DIRECTMAP_SIZE   0x60000000000UL

/* 16 TiB but a page: a frame's number, and one that is none, fit 32 bits. */
#define RAM_LIMIT 0xffffffff000UL

/* Frames from here on are "high": not in the direct map. */
extern mfn_t directmap_frames;

/* Each vcpu has 64 KiB of GDT and 64 KiB of LDT in the per-domain slot. */
#define VCPU_GDT_VA(id) (PERDOMAIN_START + (uint64_t)(id) * 0x20000)
#define VCPU_LDT_VA(id) (VCPU_GDT_VA(id) + 0x10000)
#define MAX_VCPUS_BY_LAYOUT 8192

/* Not for high frames: those have mm/window.h. */
static inline void *paddr_to_virt(paddr_t pa)
{
    return (void *)(DIRECTMAP_START + pa);
}
static inline void *mfn_to_virt(mfn_t mfn)
{
    return paddr_to_virt(mfn << PAGE_SHIFT);
}
/* Only for addresses in the direct map. */
static inline paddr_t virt_to_paddr(const void *p)
{
    return (uint64_t)p - DIRECTMAP_START;
}
static inline mfn_t virt_to_mfn(const void *p)
{
    return virt_to_paddr(p) >> PAGE_SHIFT;
}

/* Canonical, and none of ours: an address a guest may use. */
static inline bool guest_addr_ok(uint64_t va)
{
    return va < 0x0000800000000000UL || va >= HYP_END;
}
/* Every byte of [va, va+n); n below 2^47, no wrap. */
static inline bool guest_range_ok(uint64_t va, uint64_t n)
{
    uint64_t end = va + n;

    if (end < va || n > 0x0000800000000000UL)
        return end == 0 && va >= HYP_END;
    return end <= 0x0000800000000000UL || va >= HYP_END;
}

#endif
