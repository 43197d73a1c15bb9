/* SPDX-License-Identifier: GPL-2.0 */
/*
 * private.h - the unpackers, for packing.c. Same bargain as unpack().
 */
#ifndef UNPACK_PRIVATE_H
#define UNPACK_PRIVATE_H

#include "lib/unpack.h"

typedef int unpack_fn(const uint8_t *in, size_t in_len, uint8_t *out,
                      size_t out_len, size_t *got, struct unpack_ws *ws);

unpack_fn unpack_gzip, unpack_xz, unpack_zstd, unpack_lz4;

/* The reflected CRC-32 of gzip and xz; ws holds its table. */
struct crc32 {
    uint32_t table[256];
};
void crc32_init(struct crc32 *c);
uint32_t crc32_of(const struct crc32 *c, const uint8_t *p, size_t len);

#endif
