/* SPDX-License-Identifier: GPL-2.0 */
/*
 * unpack.c - pick the unpacker.
 */
#include "lib/errno.h"
#include "private.h"

int unpack(const void *in, size_t in_len, void *out, size_t out_len,
           size_t *got, struct unpack_ws *ws)
{
    *got = 0;
    switch (packing_of(in, in_len)) {
    case PACKING_GZIP:
        return unpack_gzip(in, in_len, out, out_len, got, ws);
    case PACKING_XZ:
        return unpack_xz(in, in_len, out, out_len, got, ws);
    case PACKING_ZSTD:
        return unpack_zstd(in, in_len, out, out_len, got, ws);
    case PACKING_LZ4:
        return unpack_lz4(in, in_len, out, out_len, got, ws);
    default:
        return -EOPNOTSUPP;
    }
}
