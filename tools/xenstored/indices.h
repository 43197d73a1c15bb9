/* SPDX-License-Identifier: GPL-2.0 */
/*
 * indices.h - the arithmetic of a ring whose other end may lie.
 */
#ifndef XENSTORED_INDICES_H
#define XENSTORED_INDICES_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* Two pieces of a ring, the second where it starts again. */
struct ring_span {
    uint32_t at[2];
    uint32_t len[2];
};

/* Can `prod` be ahead of `cons` by what it says? */
bool ring_indices_ok(uint32_t cons, uint32_t prod, uint32_t size);
/* `count` bytes from free-running index `from`; count <= size, a power of
 * two. */
struct ring_span ring_span(uint32_t from, uint32_t count, uint32_t size);
void ring_copy_out(void *to, const char *ring, uint32_t from, uint32_t count,
                   uint32_t size);
void ring_copy_in(char *ring, uint32_t from, const void *data, uint32_t count,
                  uint32_t size);

#endif
