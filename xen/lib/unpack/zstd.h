/* SPDX-License-Identifier: GPL-2.0 */
/*
 * zstd.h - the entropy coders of zstd, for zstd.c.
 */
#ifndef UNPACK_ZSTD_H
#define UNPACK_ZSTD_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "lib/bytes.h"

#define FSE_MAX_LOG      9
#define FSE_MAX_SYMBOLS  64 /* most that any table of ours has */
#define HUFFMAN_MAX_BITS 11

/* Bits read from the end of the bytes towards their start. */
struct back_bits {
    const uint8_t *start;
    size_t len;   /* bytes */
    int64_t left; /* bits; below 0: more were taken than there are */
};

/* One state: the symbol it stands for, and how to get to the next one. */
struct fse_entry {
    uint16_t base;
    uint8_t symbol;
    uint8_t bits;
};

struct fse_table {
    uint8_t log;
    bool valid;
    struct fse_entry entry[1 << FSE_MAX_LOG];
};

struct huffman_entry {
    uint8_t symbol, bits;
};

struct huffman_table {
    uint8_t log;
    bool valid;
    struct huffman_entry entry[1 << HUFFMAN_MAX_BITS];
};

/* The end is marked by the highest set bit of the last byte. */
int back_bits_init(struct back_bits *b, const uint8_t *start, size_t len);

/* The n bits (up to 56) that end at bit `end`; bits before the start are 0. */
static inline uint64_t back_bits_at(const struct back_bits *b, int64_t end,
                                    unsigned int n)
{
    uint64_t mask = (1ull << n) - 1;
    int64_t first = end - (int64_t)n;
    uint64_t v = 0;
    size_t at;

    if (first < 0) {
        if (end <= 0)
            return 0;
        v = back_bits_at(b, end, (unsigned int)end);
        return v << -first & mask;
    }

    at = (size_t)first / 8;
    if (at + 8 <= b->len)
        return get_le64(b->start + at) >> (first & 7) & mask;
    for (size_t i = b->len; i-- > at;)
        v = v << 8 | b->start[i];
    return v >> (first & 7) & mask;
}

static inline uint64_t back_bits_take(struct back_bits *b, unsigned int n)
{
    uint64_t v = back_bits_at(b, b->left, n);

    b->left -= n;
    return v;
}

/*
 * Build a table from counts that sum up to 1 << log; -1 is a count of one
 * with a full range of next states.
 */
int fse_build(struct fse_table *t, const int16_t *count, unsigned int nr,
              unsigned int log);

/* A table with one symbol that takes no bits. */
void fse_build_constant(struct fse_table *t, uint8_t symbol);

/* Read packed counts and build; returns the bytes used, or an error. */
int fse_read(struct fse_table *t, const uint8_t *in, size_t in_len,
             unsigned int max_log, unsigned int max_symbols);

/* Read a Huffman tree; returns the bytes used, or an error. */
int huffman_read(struct huffman_table *t, struct fse_table *scratch,
                 const uint8_t *in, size_t in_len);

/* Unpack one stream into exactly out_len bytes. */
int huffman_unpack(const struct huffman_table *t, const uint8_t *in,
                   size_t in_len, uint8_t *out, size_t out_len);

#endif
