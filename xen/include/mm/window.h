/* SPDX-License-Identifier: GPL-2.0 */
/*
 * window.h - the memory of any frame, for a moment.
 *
 * A frame of the direct map is there already, and taking it costs a compare.
 * A high frame gets a page of this CPU's window area: the last one opened is
 * closed first, on the same CPU, before anything else runs on it. An interrupt
 * may open windows too, if it closes them. What must stay mapped for longer
 * has frame_keep() (mm/directmap.h).
 */
#ifndef MM_WINDOW_H
#define MM_WINDOW_H

#include "lib/compiler.h"
#include "mm/page.h"

void *window_open(mfn_t mfn);
void window_close(const void *p);
/* How many this CPU has open. */
unsigned int windows_open(void);
/* Boot, the frame table is there: make room, if there are high frames. */
void window_init(void);

static always_inline void *frame_map(mfn_t mfn)
{
    return likely(mfn < directmap_frames) ? mfn_to_virt(mfn) : window_open(mfn);
}

/* p: frame_map()'s answer, or any address in that page. */
static always_inline void frame_unmap(const void *p)
{
    if (unlikely((uint64_t)p < DIRECTMAP_START))
        window_close(p);
}

uint64_t window_word(mfn_t mfn, unsigned int i);

/* The i-th of a frame's 512 words. */
static always_inline uint64_t frame_word(mfn_t mfn, unsigned int i)
{
    return likely(mfn < directmap_frames)
               ? READ_ONCE(((uint64_t *)mfn_to_virt(mfn))[i])
               : window_word(mfn, i);
}

void frame_clear(mfn_t mfn);
void frame_copy(mfn_t to, mfn_t from);

#endif
