/* SPDX-License-Identifier: GPL-2.0 */
/*
 * fpu.c - x87, SSE, AVX state, switched eagerly: a state left in the
 * registers could be read by speculation (XSA-267).
 * Keeps true: save and restore always run under the full XCR0, whatever the
 * guest has chosen, so no part of a state stays behind.
 */
#include "cpu/features.h"
#include "cpu/fpu.h"
#include "cpu/percpu.h"
#include "lib/insn.h"
#include "lib/string.h"

#define FXSAVE_SIZE 512u
#define XSAVE_MIN   (FXSAVE_SIZE + 64u)

static PERCPU uint64_t xcr0_now; /* 0: the full one */

unsigned int fpu_area_size(void)
{
    return cpu_features.xsave ? MAX(cpu_features.xsave_size, XSAVE_MIN)
                              : FXSAVE_SIZE;
}

void fpu_init_area(void *area)
{
    uint16_t fcw = 0x37f;
    uint32_t mxcsr = 0x1f80;

    memset(area, 0, fpu_area_size());
    memcpy(area, &fcw, sizeof(fcw));
    memcpy((char *)area + 24, &mxcsr, sizeof(mxcsr));
}

static void set_xcr0(uint64_t want)
{
    uint64_t have = percpu(xcr0_now) ? percpu(xcr0_now) : cpu_features.xcr0;

    if (want == have)
        return;
    xsetbv(0, want);
    percpu(xcr0_now) = want;
}

void fpu_save(void *area)
{
    clts();
    if (!cpu_features.xsave) {
        __asm__ volatile("fxsave64 (%0)" ::"r"(area) : "memory");
        return;
    }
    set_xcr0(cpu_features.xcr0);
    if (cpu_features.xsaveopt)
        __asm__ volatile("xsaveopt64 (%0)" ::"r"(area), "a"(-1), "d"(-1)
                         : "memory");
    else
        __asm__ volatile("xsave64 (%0)" ::"r"(area), "a"(-1), "d"(-1)
                         : "memory");
}

/* AMD leaves the x87 pointers of the last owner unless an exception waits. */
static void forget_x87_pointers(void)
{
    static const uint32_t zero;

    if (cpu_features.amd)
        __asm__ volatile("fnclex; ffree %%st(7); fildl %0" ::"m"(zero));
}

void fpu_load(void *area, uint64_t xcr0)
{
    clts();
    forget_x87_pointers();
    if (!cpu_features.xsave) {
        __asm__ volatile("fxrstor64 (%0)" ::"r"(area) : "memory");
        return;
    }
    set_xcr0(cpu_features.xcr0);
    __asm__ volatile("xrstor64 (%0)" ::"r"(area), "a"(-1), "d"(-1)
                     : "memory");
    set_xcr0(xcr0);
}

void fpu_set_xcr0(uint64_t xcr0)
{
    set_xcr0(xcr0);
}

void fpu_from_fxsave(void *area, const void *fxsave)
{
    uint64_t present = 3; /* x87 and SSE, in the header's XSTATE_BV */
    uint32_t mxcsr;

    memset(area, 0, fpu_area_size());
    memcpy(area, fxsave, FXSAVE_SIZE);
    memcpy(&mxcsr, (char *)area + 24, sizeof(mxcsr));
    mxcsr &= 0xffff; /* more would make the load fault */
    memcpy((char *)area + 24, &mxcsr, sizeof(mxcsr));
    if (cpu_features.xsave)
        memcpy((char *)area + FXSAVE_SIZE, &present, sizeof(present));
}

void fpu_to_fxsave(const void *area, void *fxsave)
{
    memcpy(fxsave, area, FXSAVE_SIZE);
}

/* The header behind the legacy part: what is in the area, then zeros. */
struct xstate_header {
    uint64_t present, compacted, zero[6];
};

unsigned int fpu_image_size(uint64_t parts)
{
    unsigned int size = XSAVE_MIN;
    uint32_t r[4];

    for (unsigned int n = 2; n < 63; n++) {
        if (!(parts >> n & 1))
            continue;
        cpuid(0xd, n, r); /* size, offset */
        size = MAX(size, r[0] + r[1]);
    }
    return size;
}

uint64_t fpu_parts(const void *area, uint64_t xcr0)
{
    const struct xstate_header *h;
    uint64_t parts = xcr0 | 1;

    h = (const void *)((const char *)area + FXSAVE_SIZE);
    parts |= h->present;
    if (parts & 0xe0) /* as XCR0 could be */
        parts |= 0xe4;
    return parts & 4 ? parts | 2 : parts;
}

bool fpu_from_image(void *area, const void *image, size_t size, uint64_t parts)
{
    const struct xstate_header *h;
    uint32_t mxcsr;

    if (size < XSAVE_MIN || size > fpu_area_size() ||
        size < fpu_image_size(parts))
        return false;
    h = (const void *)((const char *)image + FXSAVE_SIZE);
    if (h->present & ~parts || h->compacted)
        return false;
    for (unsigned int i = 0; i < 6; i++)
        if (h->zero[i])
            return false;
    memcpy(&mxcsr, (const char *)image + 24, sizeof(mxcsr));
    if (mxcsr >> 16) /* the load would fault */
        return false;
    memset(area, 0, fpu_area_size());
    memcpy(area, image, size);
    return true;
}

bool fpu_xcr0_valid(uint64_t xcr0)
{
    if (!(xcr0 & 1) || xcr0 & ~cpu_features.xcr0)
        return false;
    if (xcr0 & 4 && !(xcr0 & 2)) /* AVX needs SSE */
        return false;
    return !(xcr0 & 0xe0) || (xcr0 & 0xe4) == 0xe4; /* AVX-512: all, and AVX */
}
