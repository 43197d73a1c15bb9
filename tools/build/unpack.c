/* SPDX-License-Identifier: GPL-2.0 */
/*
 * unpack.c - gzip, xz, zstd and LZ4 (legacy frames) through their libraries.
 * Keeps true: output goes straight to its last place, never beyond its end;
 * whatever the input, memory used is bounded by the formats' dictionaries.
 */
#include "build/image.h"

#include <errno.h>
#include <lz4.h>
#include <lzma.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <zlib.h>
#include <zstd.h>

#define LZ4_MAGIC 0x184c2102u
#define LZ4_BLOCK (8u << 20)
#define XZ_MEMORY (256u << 20)

static uint32_t le32(const uint8_t *p)
{
    return (uint32_t)p[0] | (uint32_t)p[1] << 8 | (uint32_t)p[2] << 16 |
           (uint32_t)p[3] << 24;
}

enum image_packing packing_of(const uint8_t *data, size_t size)
{
    if (size >= 2 && data[0] == 0x1f && data[1] == 0x8b)
        return PACK_GZIP;
    if (size >= 6 && !memcmp(data,
                             "\xfd"
                             "7zXZ\0",
                             6))
        return PACK_XZ;
    if (size >= 4 && le32(data) == 0xfd2fb528u)
        return PACK_ZSTD;
    if (size >= 4 && le32(data) == LZ4_MAGIC)
        return PACK_LZ4_LEGACY;
    return PACK_NONE;
}

/* gzip. Returns bytes put out; *ended says whether the stream was whole. */
static long do_gzip(const uint8_t *src, size_t n, uint8_t *dst, size_t room,
                    bool *ended)
{
    z_stream z = {.next_in = (Bytef *)(uintptr_t)src,
                  .avail_in = (uInt)n,
                  .next_out = dst,
                  .avail_out = (uInt)room};
    int rc;

    if (n > UINT32_MAX || room > UINT32_MAX)
        return -EFBIG;
    if (inflateInit2(&z, 15 + 16) != Z_OK)
        return -ENOMEM;
    rc = inflate(&z, Z_FINISH);
    inflateEnd(&z);
    *ended = rc == Z_STREAM_END;
    if (rc == Z_STREAM_END || (rc == Z_BUF_ERROR && z.avail_out == 0))
        return (long)z.total_out;
    return rc == Z_MEM_ERROR ? -ENOMEM : -EBADMSG;
}

static long do_xz(const uint8_t *src, size_t n, uint8_t *dst, size_t room,
                  bool *ended)
{
    lzma_stream s = LZMA_STREAM_INIT;
    lzma_ret rc;

    if (lzma_stream_decoder(&s, XZ_MEMORY, 0) != LZMA_OK)
        return -ENOMEM;
    s.next_in = src;
    s.avail_in = n;
    s.next_out = dst;
    s.avail_out = room;
    do
        rc = lzma_code(&s, LZMA_FINISH);
    while (rc == LZMA_OK && s.avail_out);
    *ended = rc == LZMA_STREAM_END;
    /* The check sum follows the last byte: let it be seen. */
    if (rc == LZMA_OK && !s.avail_out)
        *ended = lzma_code(&s, LZMA_FINISH) == LZMA_STREAM_END;
    room = (size_t)s.total_out;
    lzma_end(&s);
    if (rc == LZMA_OK || rc == LZMA_STREAM_END)
        return (long)room;
    return rc == LZMA_MEM_ERROR || rc == LZMA_MEMLIMIT_ERROR ? -ENOMEM
                                                             : -EBADMSG;
}

/* Whole frames are decoded at once, into the place itself. */
static long do_zstd(const uint8_t *src, size_t n, uint8_t *dst, size_t room,
                    bool *ended)
{
    size_t rc = ZSTD_decompress(dst, room, src, n);

    *ended = !ZSTD_isError(rc);
    return *ended ? (long)rc : -EBADMSG;
}

static long zstd_head(const uint8_t *src, size_t n, uint8_t *dst, size_t room)
{
    ZSTD_DStream *s = ZSTD_createDStream();
    ZSTD_inBuffer in = {src, n, 0};
    ZSTD_outBuffer out = {dst, room, 0};
    size_t rc = 1;

    if (!s)
        return -ENOMEM;
    ZSTD_DCtx_setParameter(s, ZSTD_d_windowLogMax, 27);
    while (out.pos < out.size && rc && !ZSTD_isError(rc)) {
        size_t before = in.pos + out.pos;

        rc = ZSTD_decompressStream(s, &out, &in);
        if (in.pos + out.pos == before)
            break;
    }
    ZSTD_freeDStream(s);
    return ZSTD_isError(rc) ? -EBADMSG : (long)out.pos;
}

/*
 * Magic, then blocks of {u32 packed size, bytes}, 8 MiB each unpacked but the
 * last. A magic in between begins a new stream and is passed over.
 */
static long do_lz4(const uint8_t *src, size_t n, uint8_t *dst, size_t room,
                   bool *ended)
{
    size_t at = 0, out = 0;

    *ended = false;
    while (n - at >= 4) {
        uint32_t len = le32(src + at);
        int got;

        at += 4;
        if (len == LZ4_MAGIC)
            continue;
        if (!len)
            break;
        if (len > n - at || len > (uint32_t)LZ4_COMPRESSBOUND(LZ4_BLOCK))
            return -EBADMSG;
        got = LZ4_decompress_safe(
            (const char *)src + at, (char *)dst + out, (int)len,
            room - out < LZ4_BLOCK ? (int)(room - out) : (int)LZ4_BLOCK);
        if (got < 0)
            return -EBADMSG;
        out += (size_t)got;
        at += len;
    }
    *ended = true;
    return (long)out;
}

static long lz4_head(const uint8_t *src, size_t n, uint8_t *dst, size_t room)
{
    uint32_t len;
    int got;

    if (n < 8)
        return -EBADMSG;
    len = le32(src + 4);
    if (len > n - 8 || len > (uint32_t)LZ4_COMPRESSBOUND(LZ4_BLOCK))
        return -EBADMSG;
    got = LZ4_decompress_safe_partial((const char *)src + 8, (char *)dst,
                                      (int)len, (int)room, (int)room);
    return got < 0 ? -EBADMSG : got;
}

int unpack(enum image_packing packing, const uint8_t *src, size_t src_size,
           uint8_t *dst, size_t dst_size, char *err, size_t err_size)
{
    bool ended = false;
    long n = -EINVAL;

    switch (packing) {
    case PACK_NONE:
        n = (long)(src_size < dst_size ? src_size : dst_size);
        memcpy(dst, src, (size_t)n);
        ended = true;
        break;
    case PACK_GZIP:
        n = do_gzip(src, src_size, dst, dst_size, &ended);
        break;
    case PACK_XZ:
        n = do_xz(src, src_size, dst, dst_size, &ended);
        break;
    case PACK_ZSTD:
        n = do_zstd(src, src_size, dst, dst_size, &ended);
        break;
    case PACK_LZ4_LEGACY:
        n = do_lz4(src, src_size, dst, dst_size, &ended);
        break;
    }
    if (n >= 0 && ended && (size_t)n == dst_size)
        return 0;
    snprintf(err, err_size,
             n == -ENOMEM ? "not enough memory to unpack it"
                          : "packed data is damaged");
    return n < 0 ? (int)n : -EBADMSG;
}

long unpack_head(enum image_packing packing, const uint8_t *src,
                 size_t src_size, uint8_t *dst, size_t dst_size)
{
    bool ended;

    switch (packing) {
    case PACK_NONE:
        if (src_size < dst_size)
            dst_size = src_size;
        memcpy(dst, src, dst_size);
        return (long)dst_size;
    case PACK_GZIP:
        return do_gzip(src, src_size, dst, dst_size, &ended);
    case PACK_XZ:
        return do_xz(src, src_size, dst, dst_size, &ended);
    case PACK_ZSTD:
        return zstd_head(src, src_size, dst, dst_size);
    case PACK_LZ4_LEGACY:
        return lz4_head(src, src_size, dst, dst_size);
    }
    return -EINVAL;
}

/* The index at the end of an .xz file. */
static uint64_t xz_size(const uint8_t *src, size_t n)
{
    lzma_stream_flags flags;
    lzma_index *index = NULL;
    uint64_t limit = XZ_MEMORY, size = 0;
    size_t at = 0;

    if (n < 2 * LZMA_STREAM_HEADER_SIZE ||
        lzma_stream_footer_decode(&flags, src + n - LZMA_STREAM_HEADER_SIZE) !=
            LZMA_OK ||
        flags.backward_size > n - 2 * LZMA_STREAM_HEADER_SIZE)
        return 0;
    src += n - LZMA_STREAM_HEADER_SIZE - flags.backward_size;
    if (lzma_index_buffer_decode(&index, &limit, NULL, src, &at,
                                 (size_t)flags.backward_size) == LZMA_OK) {
        size = lzma_index_uncompressed_size(index);
        lzma_index_end(index, NULL);
    }
    return size;
}

uint64_t unpacked_size(enum image_packing packing, const uint8_t *src,
                       size_t src_size)
{
    unsigned long long n;

    switch (packing) {
    case PACK_NONE:
        return src_size;
    case PACK_GZIP:
        return src_size >= 18 ? le32(src + src_size - 4) : 0;
    case PACK_XZ:
        return xz_size(src, src_size);
    case PACK_ZSTD:
        n = ZSTD_getFrameContentSize(src, src_size);
        return n > IMAGE_MAX_BYTES ? 0 : n;
    case PACK_LZ4_LEGACY:
        return 0; /* its frames don't say */
    }
    return 0;
}
