/* SPDX-License-Identifier: GPL-2.0 */
/*
 * gzip.c - unpack gzip.
 * Keeps true: bits behind the end of the input read as 0 and are counted, so
 * that using one is found out; writes are checked against the end.
 * Source: RFC 1951 (deflate) and RFC 1952 (gzip).
 */
#include <stdbool.h>

#include "lib/bytes.h"
#include "lib/errno.h"
#include "lib/string.h"
#include "private.h"

#define FAST_BITS    10 /* codes up to this length take one look-up */
#define MAX_BITS     15
#define MAX_LITLEN   288
#define MAX_DIST     32
#define END_OF_BLOCK 256

#define GZIP_HEADER  10
#define GZIP_TRAILER 8
#define FHCRC        2
#define FEXTRA       4
#define FNAME        8
#define FCOMMENT     16

/* A canonical Huffman code. fast[] holds symbol * 16 + length, or 0. */
struct code {
    uint16_t fast[1 << FAST_BITS];
    uint16_t count[MAX_BITS + 1];
    uint16_t symbol[MAX_LITLEN]; /* by rising code */
};

struct gzip_ws {
    struct code litlen, dist;
    struct crc crc;
    uint8_t length[MAX_LITLEN + MAX_DIST];
};
_Static_assert(sizeof(struct gzip_ws) <= UNPACK_WS_SIZE, "workspace");

struct inflate {
    const uint8_t *in, *in_end;
    uint8_t *out, *out_start, *out_end;
    uint64_t bits; /* the next bit is the lowest */
    unsigned int nr_bits;
    unsigned int nr_made_up; /* of them, how many are behind the input */
    struct gzip_ws *ws;
};

static const uint16_t length_base[] = {
    3,  4,  5,  6,  7,  8,  9,  10, 11,  13,  15,  17,  19,  23, 27,
    31, 35, 43, 51, 59, 67, 83, 99, 115, 131, 163, 195, 227, 258};
static const uint8_t length_extra[] = {0, 0, 0, 0, 0, 0, 0, 0, 1, 1,
                                       1, 1, 2, 2, 2, 2, 3, 3, 3, 3,
                                       4, 4, 4, 4, 5, 5, 5, 5, 0};
static const uint16_t dist_base[] = {
    1,    2,    3,    4,    5,    7,    9,    13,    17,    25,
    33,   49,   65,   97,   129,  193,  257,  385,   513,   769,
    1025, 1537, 2049, 3073, 4097, 6145, 8193, 12289, 16385, 24577};
static const uint8_t dist_extra[] = {0, 0, 0,  0,  1,  1,  2,  2,  3,  3,
                                     4, 4, 5,  5,  6,  6,  7,  7,  8,  8,
                                     9, 9, 10, 10, 11, 11, 12, 12, 13, 13};

/* Have 56 bits or more. False once bits behind the input were used. */
static inline bool refill(struct inflate *z)
{
    while (z->nr_bits <= 56) {
        if (z->in < z->in_end)
            z->bits |= (uint64_t)*z->in++ << z->nr_bits;
        else
            z->nr_made_up += 8;
        z->nr_bits += 8;
    }
    return z->nr_made_up <= z->nr_bits;
}

static inline unsigned int take(struct inflate *z, unsigned int n)
{
    unsigned int v = (unsigned int)(z->bits & ((1ull << n) - 1));

    z->bits >>= n;
    z->nr_bits -= n;
    return v;
}

/* Codes longer than FAST_BITS, bit by bit; -1 if there is no such code. */
static int decode_slowly(struct inflate *z, const struct code *c)
{
    int code = 0, first = 0, index = 0;

    for (unsigned int len = 1; len <= MAX_BITS; len++) {
        code = code << 1 | (int)(z->bits >> (len - 1) & 1);
        if (code - first < c->count[len]) {
            take(z, len);
            return c->symbol[index + code - first];
        }
        index += c->count[len];
        first = (first + c->count[len]) << 1;
    }
    return -1;
}

static inline int decode(struct inflate *z, const struct code *c)
{
    unsigned int e = c->fast[z->bits & ((1u << FAST_BITS) - 1)];

    if (!e)
        return decode_slowly(z, c);
    take(z, e & 15);
    return (int)(e >> 4);
}

static unsigned int reversed(unsigned int code, unsigned int len)
{
    unsigned int r = 0;

    for (; len; len--, code >>= 1)
        r = r << 1 | (code & 1);
    return r;
}

static void fill_fast(struct code *c)
{
    unsigned int code = 0, index = 0;

    memset(c->fast, 0, sizeof(c->fast));
    for (unsigned int len = 1; len <= FAST_BITS; len++, code <<= 1)
        for (int i = 0; i < c->count[len]; i++, code++, index++)
            for (unsigned int at = reversed(code, len); at < 1u << FAST_BITS;
                 at += 1u << len)
                c->fast[at] = (uint16_t)(c->symbol[index] << 4 | len);
}

/*
 * Build the code from the lengths of its symbols. A code that leaves
 * combinations over is allowed if it has one symbol, or none, at most.
 */
static int build(struct code *c, const uint8_t *length, int n)
{
    uint16_t offset[MAX_BITS + 2] = {0};
    int over = 1;

    memset(c->count, 0, sizeof(c->count));
    for (int i = 0; i < n; i++)
        c->count[length[i]]++;
    c->count[0] = 0;

    for (int len = 1; len <= MAX_BITS; len++) {
        over = over * 2 - c->count[len];
        if (over < 0)
            return -EINVAL;
        offset[len + 1] = offset[len] + c->count[len];
    }
    if (over && offset[MAX_BITS + 1] > 1)
        return -EINVAL;

    for (int i = 0; i < n; i++)
        if (length[i])
            c->symbol[offset[length[i]]++] = (uint16_t)i;
    fill_fast(c);
    return 0;
}

static int fixed_codes(struct gzip_ws *ws)
{
    uint8_t *l = ws->length;

    memset(l, 8, 144);
    memset(l + 144, 9, 112);
    memset(l + 256, 7, 24);
    memset(l + 280, 8, 8);
    memset(l + 288, 5, 32);
    return build(&ws->litlen, l, 288) ? -EINVAL : build(&ws->dist, l + 288, 32);
}

/* Code lengths, themselves coded, with runs. */
static int read_lengths(struct inflate *z, uint8_t *length, int n)
{
    int i = 0;

    while (i < n) {
        int symbol, run;
        uint8_t value = 0;

        if (!refill(z))
            return -EINVAL;
        symbol = decode(z, &z->ws->litlen);
        if (symbol < 0)
            return -EINVAL;
        if (symbol < 16) {
            length[i++] = (uint8_t)symbol;
            continue;
        }
        if (symbol == 16) {
            if (!i)
                return -EINVAL;
            value = length[i - 1];
            run = 3 + (int)take(z, 2);
        } else {
            run = symbol == 17 ? 3 + (int)take(z, 3) : 11 + (int)take(z, 7);
        }
        if (run > n - i)
            return -EINVAL;
        memset(length + i, value, (size_t)run);
        i += run;
    }
    return 0;
}

static int dynamic_codes(struct inflate *z)
{
    static const uint8_t order[19] = {16, 17, 18, 0, 8,  7, 9,  6, 10, 5,
                                      11, 4,  12, 3, 13, 2, 14, 1, 15};
    struct gzip_ws *ws = z->ws;
    int nr_litlen, nr_dist, nr;

    if (!refill(z))
        return -EINVAL;
    nr_litlen = (int)take(z, 5) + 257;
    nr_dist = (int)take(z, 5) + 1;
    nr = (int)take(z, 4) + 4;
    if (nr_litlen > 286 || nr_dist > 30)
        return -EINVAL;

    memset(ws->length, 0, 19);
    for (int i = 0; i < nr; i++) {
        refill(z);
        ws->length[order[i]] = (uint8_t)take(z, 3);
    }
    if (build(&ws->litlen, ws->length, 19) ||
        read_lengths(z, ws->length, nr_litlen + nr_dist) ||
        !ws->length[END_OF_BLOCK] ||
        build(&ws->litlen, ws->length, nr_litlen) ||
        build(&ws->dist, ws->length + nr_litlen, nr_dist))
        return -EINVAL;
    return 0;
}

/* The match a length symbol begins; 48 bits at most, so one refill does. */
static inline int match(struct inflate *z, int symbol)
{
    size_t len, dist;
    int d;

    symbol -= 257;
    if (symbol >= (int)sizeof(length_extra))
        return -EINVAL;
    len = length_base[symbol] + take(z, length_extra[symbol]);
    d = decode(z, &z->ws->dist);
    if (d < 0 || d >= (int)sizeof(dist_extra))
        return -EINVAL;
    dist = dist_base[d] + take(z, dist_extra[d]);

    if (dist > (size_t)(z->out - z->out_start))
        return -EINVAL;
    if (len > (size_t)(z->out_end - z->out))
        return -ENOSPC;
    copy_match(z->out, dist, len);
    z->out += len;
    return 0;
}

static int coded_block(struct inflate *z)
{
    for (;;) {
        int symbol, rc;

        if (!refill(z))
            return -EINVAL;
        symbol = decode(z, &z->ws->litlen);
        if (symbol < 0)
            return -EINVAL;
        if (symbol < END_OF_BLOCK) {
            if (z->out == z->out_end)
                return -ENOSPC;
            *z->out++ = (uint8_t)symbol;
            continue;
        }
        if (symbol == END_OF_BLOCK)
            return 0;
        rc = match(z, symbol);
        if (rc)
            return rc;
    }
}

/* Give whole bytes back, so that z->in is where the next bit stands. */
static int align(struct inflate *z)
{
    if (z->nr_made_up > z->nr_bits)
        return -EINVAL;
    z->in -= (z->nr_bits - z->nr_made_up) / 8;
    z->bits = 0;
    z->nr_bits = z->nr_made_up = 0;
    return 0;
}

static int stored_block(struct inflate *z)
{
    size_t len;

    if (align(z) || z->in_end - z->in < 4)
        return -EINVAL;
    len = get_le16(z->in);
    if ((len ^ get_le16(z->in + 2)) != 0xffff)
        return -EINVAL;
    z->in += 4;
    if (len > (size_t)(z->in_end - z->in))
        return -EINVAL;
    if (len > (size_t)(z->out_end - z->out))
        return -ENOSPC;
    copy_bytes(z->out, z->in, len);
    z->in += len;
    z->out += len;
    return 0;
}

static int block(struct inflate *z, unsigned int type)
{
    int rc = -EINVAL;

    if (type == 0)
        return stored_block(z);
    if (type == 1)
        rc = fixed_codes(z->ws);
    else if (type == 2)
        rc = dynamic_codes(z);
    return rc ? rc : coded_block(z);
}

static int inflate(struct inflate *z)
{
    unsigned int last;
    int rc;

    do {
        if (!refill(z))
            return -EINVAL;
        last = take(z, 1);
        rc = block(z, take(z, 2));
    } while (!rc && !last);
    if (rc == -ENOSPC && z->nr_made_up > z->nr_bits)
        return -EINVAL; /* it was cut short, not too long */
    return rc ? rc : align(z);
}

/* Skip a text with its NUL; false if there is none. */
static bool skip_text(struct inflate *z)
{
    while (z->in < z->in_end)
        if (!*z->in++)
            return true;
    return false;
}

static int member_header(struct inflate *z)
{
    uint8_t flags;
    size_t extra;

    if (z->in_end - z->in < GZIP_HEADER)
        return -EINVAL;
    flags = z->in[3];
    if (z->in[2] != 8 || flags & 0xe0)
        return -EOPNOTSUPP;
    z->in += GZIP_HEADER;

    if (flags & FEXTRA) {
        if (z->in_end - z->in < 2)
            return -EINVAL;
        extra = get_le16(z->in) + 2u;
        if (extra > (size_t)(z->in_end - z->in))
            return -EINVAL;
        z->in += extra;
    }
    if (flags & FNAME && !skip_text(z))
        return -EINVAL;
    if (flags & FCOMMENT && !skip_text(z))
        return -EINVAL;
    if (flags & FHCRC) {
        if (z->in_end - z->in < 2)
            return -EINVAL;
        z->in += 2;
    }
    return 0;
}

static int member(struct inflate *z)
{
    size_t size;
    int rc = member_header(z);

    if (rc)
        return rc;

    z->out_start = z->out;
    rc = inflate(z);
    if (rc)
        return rc;

    size = (size_t)(z->out - z->out_start);
    if (z->in_end - z->in < GZIP_TRAILER ||
        get_le32(z->in) != crc_of(&z->ws->crc, z->out_start, size) ||
        get_le32(z->in + 4) != (uint32_t)size)
        return -EINVAL;
    z->in += GZIP_TRAILER;
    return 0;
}

int unpack_gzip(const uint8_t *in, size_t in_len, uint8_t *out, size_t out_len,
                size_t *got, struct unpack_ws *ws)
{
    struct inflate z = {
        .in = in,
        .in_end = in + in_len,
        .out = out,
        .out_end = out + out_len,
        .ws = (struct gzip_ws *)ws->space,
    };
    int rc;

    crc32_init(&z.ws->crc);
    do
        rc = member(&z);
    while (!rc && packing_of(z.in, (size_t)(z.in_end - z.in)) == PACKING_GZIP);
    *got = (size_t)(z.out - out);
    return rc;
}
