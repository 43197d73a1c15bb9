/* SPDX-License-Identifier: GPL-2.0 */
/*
 * fpu.h - x87, SSE, AVX... state of a vcpu, switched eagerly.
 */
#ifndef CPU_FPU_H
#define CPU_FPU_H

#include "lib/types.h"

/* Bytes a vcpu's save area takes; 64-aligned, zeroed when made. */
unsigned int fpu_area_size(void);
void fpu_init_area(void *area);
void fpu_save(void *area);
void fpu_load(void *area, uint64_t xcr0); /* sets XCR0 too if it differs */
/* The legacy 512 bytes, in and out of a saved area. */
void fpu_from_fxsave(void *area, const void *fxsave);
void fpu_to_fxsave(const void *area, void *fxsave);
/* The running vcpu chose another XCR0, a valid one. */
void fpu_set_xcr0(uint64_t xcr0);
/* XSAVE's standard layout, for tools: its size with these parts; the parts a
 * saved area may hold under this XCR0; an area replaced by such an image
 * (false: not fit to be loaded). */
unsigned int fpu_image_size(uint64_t parts);
uint64_t fpu_parts(const void *area, uint64_t xcr0);
bool fpu_from_image(void *area, const void *image, size_t size, uint64_t parts);
bool fpu_xcr0_valid(uint64_t xcr0);       /* could a guest set this? */

#endif
