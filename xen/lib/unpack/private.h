/* SPDX-License-Identifier: GPL-2.0 */
/*
 * private.h - what the unpackers share. Same bargain as unpack().
 */
#ifndef UNPACK_PRIVATE_H
#define UNPACK_PRIVATE_H

#include "lib/unpack.h"

typedef int unpack_fn(const uint8_t *in, size_t in_len, uint8_t *out,
                      size_t out_len, size_t *got, struct unpack_ws *ws);

unpack_fn unpack_gzip, unpack_xz, unpack_zstd, unpack_lz4;

/* A reflected CRC of up to 64 bits, eight bytes a step. */
struct crc {
    uint64_t ones; /* as many as it has bits */
    uint64_t table[8][256];
};
void crc32_init(struct crc *c); /* of gzip and xz */
void crc64_init(struct crc *c); /* of xz */
uint64_t crc_of(const struct crc *c, const uint8_t *p, size_t len);

/* xxHash with seed 0: 32 bits for lz4, 64 for zstd. */
uint32_t xxh32_of(const uint8_t *p, size_t len);
uint64_t xxh64_of(const uint8_t *p, size_t len);

/* Copy bytes that do not overlap; short copies are the rule here. */
static inline void copy_bytes(uint8_t *to, const uint8_t *from, size_t len)
{
    for (; len >= 8; len -= 8, to += 8, from += 8)
        __builtin_memcpy(to, from, 8);
    while (len--)
        *to++ = *from++;
}

/* Repeat what stands dist bytes back; it may reach into what it writes. */
static inline void copy_match(uint8_t *to, size_t dist, size_t len)
{
    const uint8_t *from = to - dist;

    if (dist >= 8) {
        copy_bytes(to, from, len);
        return;
    }
    while (len--)
        *to++ = *from++;
}

#endif
