/* SPDX-License-Identifier: GPL-2.0 */
/*
 * lz4.c - unpack lz4: the legacy frames that kernels use, and today's frames.
 * Keeps true: every read and write is checked against its end before it is
 * done. Source: lz4_Block_format.md and lz4_Frame_format.md of the project.
 */
#include <stdbool.h>

#include "lib/bytes.h"
#include "lib/errno.h"
#include "private.h"

#define MAGIC_LEGACY 0x184c2102u
#define MAGIC_FRAME  0x184d2204u

#define LEGACY_BLOCK (8u << 20) /* most bytes a legacy block unpacks to */

#define FLG_VERSION     0xc0
#define FLG_VERSION_1   0x40
#define FLG_INDEPENDENT 0x20
#define FLG_BLOCK_SUM   0x10
#define FLG_SIZE        0x08
#define FLG_SUM         0x04
#define FLG_DICT        0x01

struct lz4 {
    const uint8_t *in, *in_end;
    uint8_t *out, *out_end;
};

static size_t left(const struct lz4 *z)
{
    return (size_t)(z->in_end - z->in);
}

/* A length goes on in further bytes as long as they are 255. */
static bool long_length(const uint8_t **in, const uint8_t *end, size_t *len)
{
    uint8_t byte;

    do {
        if (*in == end)
            return false;
        byte = *(*in)++;
        *len += byte;
    } while (byte == 255);
    return true;
}

/* Unpack one block; matches reach back to `oldest` at most. */
static int unpack_block(struct lz4 *z, const uint8_t *in, size_t in_len,
                        const uint8_t *oldest, const uint8_t *out_end)
{
    const uint8_t *end = in + in_len;
    uint8_t *out = z->out;

    while (in < end) {
        uint8_t token = *in++;
        size_t len = token >> 4;
        size_t dist;

        if (len == 15 && !long_length(&in, end, &len))
            return -EINVAL;
        if (len > (size_t)(end - in))
            return -EINVAL;
        if (len > (size_t)(out_end - out))
            return -ENOSPC;
        copy_bytes(out, in, len);
        out += len;
        in += len;
        if (in == end)
            break; /* the last sequence has no match */

        if (end - in < 2)
            return -EINVAL;
        dist = get_le16(in);
        in += 2;
        len = token & 15;
        if (len == 15 && !long_length(&in, end, &len))
            return -EINVAL;
        len += 4;
        if (!dist || dist > (size_t)(out - oldest))
            return -EINVAL;
        if (len > (size_t)(out_end - out))
            return -ENOSPC;
        copy_match(out, dist, len);
        out += len;
    }
    z->out = out;
    return 0;
}

/* Blocks up to the end of the input, or up to another frame's magic. */
static int unpack_legacy(struct lz4 *z)
{
    while (left(z) >= 4) {
        uint32_t len = get_le32(z->in);
        const uint8_t *out_end = z->out_end;
        int rc;

        if (len == MAGIC_LEGACY || len == MAGIC_FRAME)
            return 0;
        z->in += 4;
        if (!len)
            return 0;
        if (len > left(z))
            return -EINVAL;
        if ((size_t)(out_end - z->out) > LEGACY_BLOCK)
            out_end = z->out + LEGACY_BLOCK;
        rc = unpack_block(z, z->in, len, z->out, out_end);
        if (rc == -ENOSPC && out_end != z->out_end)
            rc = -EINVAL; /* the block is too big, not our buffer too small */
        if (rc)
            return rc;
        z->in += len;
    }
    return 0;
}

static int store_block(struct lz4 *z, size_t len)
{
    if (len > (size_t)(z->out_end - z->out))
        return -ENOSPC;
    copy_bytes(z->out, z->in, len);
    z->out += len;
    return 0;
}

/* One block of a frame. Returns 1 for the end mark. */
static int frame_block(struct lz4 *z, uint8_t flg, const uint8_t *frame_out)
{
    uint32_t word, len;
    int rc;

    if (left(z) < 4)
        return -EINVAL;
    word = get_le32(z->in);
    z->in += 4;
    if (!word)
        return 1;

    len = word & 0x7fffffff;
    if (len > left(z))
        return -EINVAL;
    if (word != len)
        rc = store_block(z, len);
    else
        rc = unpack_block(z, z->in, len,
                          flg & FLG_INDEPENDENT ? z->out : frame_out,
                          z->out_end);
    if (rc)
        return rc;
    z->in += len;

    if (!(flg & FLG_BLOCK_SUM))
        return 0;
    if (left(z) < 4 || get_le32(z->in) != xxh32_of(z->in - len, len))
        return -EINVAL;
    z->in += 4;
    return 0;
}

/* The descriptor behind the magic; *size is ~0 if it does not tell. */
static int frame_header(struct lz4 *z, uint8_t *flg, uint64_t *size)
{
    const uint8_t *start = z->in;
    size_t len = 2;

    if (left(z) < 3)
        return -EINVAL;
    *flg = start[0];
    if ((*flg & FLG_VERSION) != FLG_VERSION_1 || *flg & 2)
        return -EOPNOTSUPP;
    if (*flg & FLG_DICT)
        return -EOPNOTSUPP;

    len += *flg & FLG_SIZE ? 8 : 0;
    if (left(z) < len + 1)
        return -EINVAL;
    if (start[len] != (xxh32_of(start, len) >> 8 & 255))
        return -EINVAL;
    *size = *flg & FLG_SIZE ? get_le64(start + 2) : ~0ull;
    z->in += len + 1;
    return 0;
}

static int unpack_frame(struct lz4 *z)
{
    uint8_t *frame_out = z->out;
    uint64_t size;
    uint8_t flg;
    int rc = frame_header(z, &flg, &size);

    if (rc)
        return rc;

    do
        rc = frame_block(z, flg, frame_out);
    while (!rc);
    if (rc < 0)
        return rc;

    if (size != ~0ull && size != (size_t)(z->out - frame_out))
        return -EINVAL;
    if (!(flg & FLG_SUM))
        return 0;
    if (left(z) < 4 ||
        get_le32(z->in) != xxh32_of(frame_out, (size_t)(z->out - frame_out)))
        return -EINVAL;
    z->in += 4;
    return 0;
}

int unpack_lz4(const uint8_t *in, size_t in_len, uint8_t *out, size_t out_len,
               size_t *got, struct unpack_ws *ws)
{
    struct lz4 z = {in, in + in_len, out, out + out_len};
    uint32_t magic;
    int rc = 0;

    (void)ws; /* the output is all it needs */
    while (!rc && left(&z) >= 4) {
        magic = get_le32(z.in);
        if (magic != MAGIC_LEGACY && magic != MAGIC_FRAME)
            break;
        z.in += 4;
        rc = magic == MAGIC_LEGACY ? unpack_legacy(&z) : unpack_frame(&z);
    }
    *got = (size_t)(z.out - out);
    return rc;
}
