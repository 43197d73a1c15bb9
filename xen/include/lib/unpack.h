/* SPDX-License-Identifier: GPL-2.0 */
/*
 * unpack.h - unpack what a kernel may be packed in, all in one go.
 * The output buffer is the dictionary, so little else is needed.
 */
#ifndef LIB_UNPACK_H
#define LIB_UNPACK_H

#include <stddef.h>
#include <stdint.h>

enum packing {
    PACKING_UNKNOWN,
    PACKING_ELF, /* not packed */
    PACKING_GZIP,
    PACKING_XZ,
    PACKING_ZSTD,
    PACKING_LZ4,
    PACKING_BZIP2, /* the last three we can name, but not unpack */
    PACKING_LZMA,
    PACKING_LZO,
};

/* Memory an unpacker works in; needs no preparation. */
#define UNPACK_WS_SIZE (160 * 1024)
struct unpack_ws {
    uint64_t space[UNPACK_WS_SIZE / 8];
};

enum packing packing_of(const void *in, size_t in_len);
const char *packing_name(enum packing p);

/*
 * Unpack all of `in`. *got is the number of bytes written to `out`.
 * -EOPNOTSUPP: a packing (or a use of it) we do not know; -EINVAL: damaged or
 * cut short; -ENOSPC: more than out_len bytes. Bytes in `in` behind the end
 * of the packed data are ignored.
 */
int unpack(const void *in, size_t in_len, void *out, size_t out_len,
           size_t *got, struct unpack_ws *ws);

#endif
