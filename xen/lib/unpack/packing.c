/* SPDX-License-Identifier: GPL-2.0 */
/*
 * packing.c - tell packings apart by their first bytes.
 */
#include "lib/string.h"
#include "lib/unpack.h"

static const struct {
    enum packing packing;
    uint8_t len;
    char magic[7];
    const char *name;
} packings[] = {
    {PACKING_ELF, 4, "\177ELF", "ELF"},
    {PACKING_GZIP, 2, "\x1f\x8b", "gzip"},
    {PACKING_XZ, 6,
     "\xfd"
     "7zXZ",
     "xz"},
    {PACKING_ZSTD, 4, "\x28\xb5\x2f\xfd", "zstd"},
    {PACKING_LZ4, 4, "\x02\x21\x4c\x18", "lz4"},
    {PACKING_LZ4, 4, "\x04\x22\x4d\x18", "lz4"},
    {PACKING_BZIP2, 3, "BZh", "bzip2"},
    {PACKING_LZMA, 3, "\x5d\0\0", "lzma"},
    {PACKING_LZO, 4, "\x89LZO", "lzo"},
};
#define NR_PACKINGS (sizeof(packings) / sizeof(packings[0]))

enum packing packing_of(const void *in, size_t in_len)
{
    for (size_t i = 0; i < NR_PACKINGS; i++)
        if (in_len >= packings[i].len &&
            !memcmp(in, packings[i].magic, packings[i].len))
            return packings[i].packing;
    return PACKING_UNKNOWN;
}

const char *packing_name(enum packing p)
{
    for (size_t i = 0; i < NR_PACKINGS; i++)
        if (packings[i].packing == p)
            return packings[i].name;
    return "unknown";
}
