/* SPDX-License-Identifier: GPL-2.0 */
/*
 * xz.c - unpack xz: streams of blocks, each LZMA2 behind an optional x86
 * filter.
 * Keeps true: every field is judged before it is used; the CRC-32 of all
 * headers and the CRC-32 or CRC-64 of the contents are checked. A SHA-256 of
 * the contents is skipped.
 * Source: the .xz file format, version 1.1.
 */
#include <stdbool.h>

#include "lib/bytes.h"
#include "lib/errno.h"
#include "lib/string.h"
#include "lzma.h"
#include "private.h"

#define HEADER_SIZE 12 /* of a stream; its footer is as long */

#define CHECK_NONE  0
#define CHECK_CRC32 1
#define CHECK_CRC64 4

#define FILTER_X86   4
#define FILTER_LZMA2 0x21

struct xz_ws {
    struct lzma lzma;
    struct crc crc32;
    struct crc crc64;
};
_Static_assert(sizeof(struct xz_ws) <= UNPACK_WS_SIZE, "workspace");

struct xz {
    const uint8_t *in, *in_end;
    uint8_t *out, *out_end;
    struct xz_ws *ws;
    uint8_t check;       /* kind of check behind each block */
    uint64_t nr_blocks;  /* of this stream */
    uint64_t sum_packed; /* of its blocks' sizes, without padding */
    uint64_t sum_out;
};

/* What a block's header says. */
struct block {
    const uint8_t *start;
    bool has_packed, has_unpacked, has_x86;
    uint64_t packed, unpacked;
    uint32_t x86_start;
};

/* A number of 7 bits a byte, low ones first, in its shortest form. */
static bool take_number(const uint8_t **p, const uint8_t *end, uint64_t *v)
{
    *v = 0;
    for (unsigned int shift = 0; shift < 63 && *p < end; shift += 7) {
        uint8_t byte = *(*p)++;

        *v |= (uint64_t)(byte & 0x7f) << shift;
        if (!(byte & 0x80))
            return byte || !shift;
    }
    return false;
}

static size_t check_size(uint8_t check)
{
    static const uint8_t size[16] = {0,  4,  4,  4,  8,  8,  8,  16,
                                     16, 16, 32, 32, 32, 64, 64, 64};

    return size[check];
}

static int stream_header(struct xz *z)
{
    const uint8_t *h = z->in;

    if (z->in_end - h < HEADER_SIZE ||
        get_le32(h + 8) != crc_of(&z->ws->crc32, h + 6, 2))
        return -EINVAL;
    if (h[6] || h[7] & 0xf0)
        return -EOPNOTSUPP;

    z->check = h[7];
    z->nr_blocks = z->sum_packed = z->sum_out = 0;
    z->in += HEADER_SIZE;
    return 0;
}

static int x86_filter(struct block *b, const uint8_t *props, uint64_t len)
{
    if (len != 0 && len != 4)
        return -EINVAL;
    b->has_x86 = true;
    b->x86_start = len ? get_le32(props) : 0;
    return 0;
}

/* One filter's record; the last one must be LZMA2, and no other may. */
static int one_filter(struct block *b, const uint8_t **p, const uint8_t *end,
                      bool last)
{
    const uint8_t *props;
    uint64_t id, len;

    if (!take_number(p, end, &id) || !take_number(p, end, &len) ||
        len > (uint64_t)(end - *p))
        return -EINVAL;
    props = *p;
    *p += len;

    if (last) {
        if (id != FILTER_LZMA2)
            return -EOPNOTSUPP;
        return len == 1 && *props <= 40 ? 0 : -EINVAL;
    }
    if (id != FILTER_X86 || b->has_x86)
        return -EOPNOTSUPP;
    return x86_filter(b, props, len);
}

static int block_fields(struct block *b, const uint8_t *p, const uint8_t *end)
{
    uint8_t flags = *p++;
    int nr_filters = (flags & 3) + 1;
    int rc;

    if (flags & 0x3c)
        return -EOPNOTSUPP;
    b->has_packed = flags & 0x40;
    b->has_unpacked = flags & 0x80;
    if (b->has_packed && !take_number(&p, end, &b->packed))
        return -EINVAL;
    if (b->has_unpacked && !take_number(&p, end, &b->unpacked))
        return -EINVAL;

    for (int i = 1; i <= nr_filters; i++) {
        rc = one_filter(b, &p, end, i == nr_filters);
        if (rc)
            return rc;
    }
    for (; p < end; p++)
        if (*p)
            return -EINVAL;
    return 0;
}

static int block_header(struct xz *z, struct block *b)
{
    size_t size = (*z->in + 1u) * 4;

    if (size > (size_t)(z->in_end - z->in))
        return -EINVAL;
    if (get_le32(z->in + size - 4) != crc_of(&z->ws->crc32, z->in, size - 4))
        return -EINVAL;

    *b = (struct block){.start = z->in};
    z->in += size;
    return block_fields(b, b->start + 1, z->in - 4);
}

/* Skip zeros up to a multiple of four bytes from `start`. */
static int skip_padding(struct xz *z, const uint8_t *start)
{
    while ((z->in - start) & 3)
        if (z->in == z->in_end || *z->in++)
            return -EINVAL;
    return 0;
}

/* Does the check that stands at z->in fit these bytes? */
static bool check_fits(const struct xz *z, const uint8_t *p, size_t len)
{
    switch (z->check) {
    case CHECK_CRC32:
        return get_le32(z->in) == crc_of(&z->ws->crc32, p, len);
    case CHECK_CRC64:
        return get_le64(z->in) == crc_of(&z->ws->crc64, p, len);
    }
    return true;
}

static int block_contents(struct xz *z, const struct block *b)
{
    const uint8_t *in = z->in;
    uint8_t *out = z->out;
    size_t len;
    int rc;

    rc = lzma2_unpack(&z->ws->lzma, &z->in, z->in_end, &z->out, z->out_end);
    if (rc)
        return rc;

    len = (size_t)(z->out - out);
    if (b->has_packed && b->packed != (uint64_t)(z->in - in))
        return -EINVAL;
    if (b->has_unpacked && b->unpacked != len)
        return -EINVAL;
    if (b->has_x86)
        x86_unfilter(out, len, b->x86_start);

    z->nr_blocks++;
    z->sum_packed += (uint64_t)(z->in - b->start);
    z->sum_out += len;
    if (skip_padding(z, b->start))
        return -EINVAL;

    if (check_size(z->check) > (size_t)(z->in_end - z->in) ||
        !check_fits(z, out, len))
        return -EINVAL;
    z->in += check_size(z->check);
    z->sum_packed += check_size(z->check);
    return 0;
}

static int blocks(struct xz *z)
{
    struct block b;
    int rc;

    for (;;) {
        if (z->in == z->in_end)
            return -EINVAL;
        if (!*z->in)
            return 0; /* the index begins with a zero */
        rc = block_header(z, &b);
        if (!rc)
            rc = block_contents(z, &b);
        if (rc)
            return rc;
    }
}

/* The index lists all blocks again; we compare numbers and sums. */
static int stream_index(struct xz *z)
{
    const uint8_t *start = z->in++;
    uint64_t nr, packed_len, len;

    if (!take_number(&z->in, z->in_end, &nr) || nr != z->nr_blocks)
        return -EINVAL;
    while (nr--) {
        if (!take_number(&z->in, z->in_end, &packed_len) ||
            !take_number(&z->in, z->in_end, &len))
            return -EINVAL;
        z->sum_packed -= packed_len;
        z->sum_out -= len;
    }
    if (z->sum_packed || z->sum_out || skip_padding(z, start))
        return -EINVAL;

    len = (uint64_t)(z->in - start);
    if (z->in_end - z->in < 4 + HEADER_SIZE ||
        get_le32(z->in) != crc_of(&z->ws->crc32, start, len))
        return -EINVAL;
    z->in += 4;

    /* The footer tells the index's size, less one, in words. */
    if (((uint64_t)get_le32(z->in + 4) + 1) * 4 != len + 4)
        return -EINVAL;
    return 0;
}

static int stream_footer(struct xz *z)
{
    const uint8_t *f = z->in;

    if (get_le32(f) != crc_of(&z->ws->crc32, f + 4, 6) || f[8] ||
        f[9] != z->check || f[10] != 'Y' || f[11] != 'Z')
        return -EINVAL;
    z->in += HEADER_SIZE;
    return 0;
}

static int stream(struct xz *z)
{
    int rc = stream_header(z);

    if (!rc)
        rc = blocks(z);
    if (!rc)
        rc = stream_index(z);
    return rc ? rc : stream_footer(z);
}

/* Is there another stream, perhaps behind words of zeros? */
static bool next_stream(struct xz *z)
{
    while (z->in_end - z->in >= 4 && !get_le32(z->in))
        z->in += 4;
    return packing_of(z->in, (size_t)(z->in_end - z->in)) == PACKING_XZ;
}

int unpack_xz(const uint8_t *in, size_t in_len, uint8_t *out, size_t out_len,
              size_t *got, struct unpack_ws *ws)
{
    struct xz z = {
        .in = in,
        .in_end = in + in_len,
        .out = out,
        .out_end = out + out_len,
        .ws = (struct xz_ws *)ws->space,
    };
    int rc;

    crc32_init(&z.ws->crc32);
    crc64_init(&z.ws->crc64);
    do
        rc = stream(&z);
    while (!rc && next_stream(&z));
    *got = (size_t)(z.out - out);
    return rc;
}
