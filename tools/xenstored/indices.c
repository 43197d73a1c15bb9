/* SPDX-License-Identifier: GPL-2.0 */
/*
 * indices.c - the arithmetic of a ring whose other end may lie.
 * Keeps true: whatever the indices, no byte outside the ring is named.
 */
#include <string.h>

#include "indices.h"

bool ring_indices_ok(uint32_t cons, uint32_t prod, uint32_t size)
{
    return prod - cons <= size;
}

struct ring_span ring_span(uint32_t from, uint32_t count, uint32_t size)
{
    uint32_t at = from & (size - 1);
    struct ring_span s = {.at = {at, 0}, .len = {count, 0}};

    if (at + count > size) {
        s.len[0] = size - at;
        s.len[1] = count - s.len[0];
    }
    return s;
}

void ring_copy_out(void *to, const char *ring, uint32_t from, uint32_t count,
                   uint32_t size)
{
    struct ring_span s = ring_span(from, count, size);

    memcpy(to, ring + s.at[0], s.len[0]);
    memcpy((char *)to + s.len[0], ring, s.len[1]);
}

void ring_copy_in(char *ring, uint32_t from, const void *data, uint32_t count,
                  uint32_t size)
{
    struct ring_span s = ring_span(from, count, size);

    memcpy(ring + s.at[0], data, s.len[0]);
    memcpy(ring, (const char *)data + s.len[0], s.len[1]);
}
