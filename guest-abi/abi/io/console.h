/* SPDX-License-Identifier: MIT */
/*
 * console.h - the page between a guest's console and xenconsoled.
 * Keeps true: a producer alone moves its _prod, a consumer its _cons; all
 * count up for ever and are masked when used.
 */
#ifndef ABI_IO_CONSOLE_H
#define ABI_IO_CONSOLE_H

#include <abi/layout.h>

typedef uint32_t XENCONS_RING_IDX;
#define MASK_XENCONS_IDX(idx, ring) ((idx) & (sizeof(ring) - 1))

struct xencons_interface {
    char in[1024];  /* to the guest */
    char out[2048]; /* from the guest */
    XENCONS_RING_IDX in_cons, in_prod;
    XENCONS_RING_IDX out_cons, out_prod;
};
ABI_LAYOUT(struct xencons_interface, in_cons, 3072, 3088);

#endif
