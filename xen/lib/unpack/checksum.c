/* SPDX-License-Identifier: GPL-2.0 */
/*
 * checksum.c - the checksums that packed files carry.
 * Sources: RFC 1952 (CRC-32), the .xz file format 6 (CRC-64), and the xxHash
 * specification 0.1.1.
 */
#include "lib/bytes.h"
#include "private.h"

#define CRC32_POLY 0xedb88320u
#define CRC64_POLY 0xc96c5795d7870f42ull

/* Written out: as a loop it costs four times as much, and a kernel that has
 * been unpacked is 64 MiB. */
#define EIGHT_BYTES(t, w)                                                      \
    (t[7][(uint8_t)(w)] ^ t[6][(uint8_t)((w) >> 8)] ^                          \
     t[5][(uint8_t)((w) >> 16)] ^ t[4][(uint8_t)((w) >> 24)] ^                 \
     t[3][(uint8_t)((w) >> 32)] ^ t[2][(uint8_t)((w) >> 40)] ^                 \
     t[1][(uint8_t)((w) >> 48)] ^ t[0][(w) >> 56])

static void crc_init(struct crc *c, uint64_t poly, uint64_t ones)
{
    c->ones = ones;
    for (uint32_t i = 0; i < 256; i++) {
        uint64_t v = i;

        for (int bit = 0; bit < 8; bit++)
            v = v >> 1 ^ (v & 1 ? poly : 0);
        c->table[0][i] = v;
    }
    /* table[k]: the same byte with k zero bytes behind it. */
    for (int k = 1; k < 8; k++)
        for (int i = 0; i < 256; i++) {
            uint64_t v = c->table[k - 1][i];

            c->table[k][i] = v >> 8 ^ c->table[0][v & 255];
        }
}

void crc32_init(struct crc *c)
{
    crc_init(c, CRC32_POLY, ~0u);
}

void crc64_init(struct crc *c)
{
    crc_init(c, CRC64_POLY, ~0ull);
}

uint64_t crc_of(const struct crc *c, const uint8_t *p, size_t len)
{
    uint64_t v = c->ones;

    for (; len >= 8; p += 8, len -= 8) {
        uint64_t w = get_le64(p) ^ v;

        v = 0;
        for (int k = 0; k < 8; k++)
            v ^= c->table[7 - k][w >> 8 * k & 255];
    }
    while (len--)
        v = v >> 8 ^ c->table[0][(v ^ *p++) & 255];
    return v ^ c->ones;
}

#define P32_1 0x9e3779b1u
#define P32_2 0x85ebca77u
#define P32_3 0xc2b2ae3du
#define P32_4 0x27d4eb2fu
#define P32_5 0x165667b1u

static uint32_t rotate32(uint32_t v, int by)
{
    return v << by | v >> (32 - by);
}

static uint32_t round32(uint32_t lane, uint32_t input)
{
    return rotate32(lane + input * P32_2, 13) * P32_1;
}

static uint32_t lanes32(const uint8_t **p, const uint8_t *end)
{
    uint32_t a = P32_1 + P32_2, b = P32_2, c = 0, d = 0 - P32_1;

    for (; end - *p >= 16; *p += 16) {
        a = round32(a, get_le32(*p));
        b = round32(b, get_le32(*p + 4));
        c = round32(c, get_le32(*p + 8));
        d = round32(d, get_le32(*p + 12));
    }
    return rotate32(a, 1) + rotate32(b, 7) + rotate32(c, 12) + rotate32(d, 18);
}

uint32_t xxh32_of(const uint8_t *p, size_t len)
{
    const uint8_t *end = p + len;
    uint32_t h = (len >= 16 ? lanes32(&p, end) : P32_5) + (uint32_t)len;

    for (; end - p >= 4; p += 4)
        h = rotate32(h + get_le32(p) * P32_3, 17) * P32_4;
    for (; p < end; p++)
        h = rotate32(h + *p * P32_5, 11) * P32_1;

    h = (h ^ h >> 15) * P32_2;
    h = (h ^ h >> 13) * P32_3;
    return h ^ h >> 16;
}

#define P64_1 0x9e3779b185ebca87ull
#define P64_2 0xc2b2ae3d27d4eb4full
#define P64_3 0x165667b19e3779f9ull
#define P64_4 0x85ebca77c2b2ae63ull
#define P64_5 0x27d4eb2f165667c5ull

static uint64_t rotate64(uint64_t v, int by)
{
    return v << by | v >> (64 - by);
}

static uint64_t round64(uint64_t lane, uint64_t input)
{
    return rotate64(lane + input * P64_2, 31) * P64_1;
}

static uint64_t merge64(uint64_t h, uint64_t lane)
{
    return (h ^ round64(0, lane)) * P64_1 + P64_4;
}

static uint64_t lanes64(const uint8_t **p, const uint8_t *end)
{
    uint64_t a = P64_1 + P64_2, b = P64_2, c = 0, d = 0 - P64_1, h;

    for (; end - *p >= 32; *p += 32) {
        a = round64(a, get_le64(*p));
        b = round64(b, get_le64(*p + 8));
        c = round64(c, get_le64(*p + 16));
        d = round64(d, get_le64(*p + 24));
    }
    h = rotate64(a, 1) + rotate64(b, 7) + rotate64(c, 12) + rotate64(d, 18);
    return merge64(merge64(merge64(merge64(h, a), b), c), d);
}

uint64_t xxh64_of(const uint8_t *p, size_t len)
{
    const uint8_t *end = p + len;
    uint64_t h = (len >= 32 ? lanes64(&p, end) : P64_5) + len;

    for (; end - p >= 8; p += 8)
        h = rotate64(h ^ round64(0, get_le64(p)), 27) * P64_1 + P64_4;
    for (; end - p >= 4; p += 4)
        h = rotate64(h ^ get_le32(p) * P64_1, 23) * P64_2 + P64_3;
    for (; p < end; p++)
        h = rotate64(h ^ *p * P64_5, 11) * P64_1;

    h = (h ^ h >> 33) * P64_2;
    h = (h ^ h >> 29) * P64_3;
    return h ^ h >> 32;
}
