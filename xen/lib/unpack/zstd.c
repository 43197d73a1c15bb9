/* SPDX-License-Identifier: GPL-2.0 */
/*
 * zstd.c - unpack zstd: frames, blocks, literals and sequences.
 * Keeps true: literals and matches are judged against both ends before they
 * are copied; no match reaches back behind its frame.
 * Not here: dictionaries.
 * Source: RFC 8878, section 3.
 */
#include "lib/errno.h"
#include "private.h"
#include "zstd.h"

#define MAGIC_FRAME     0xfd2fb528u
#define MAGIC_SKIP      0x184d2a50u
#define MAGIC_SKIP_MASK 0xfffffff0u

#define MAX_BLOCK (128u << 10)

enum { BLOCK_RAW, BLOCK_RLE, BLOCK_PACKED };
enum { LITERALS_RAW, LITERALS_RLE, LITERALS_PACKED, LITERALS_SAME_TREE };
enum { MODE_FIXED, MODE_RLE, MODE_READ, MODE_REPEAT };

struct zstd_ws {
    struct huffman_table huffman;
    struct fse_table scratch;
    struct fse_table ll, of, ml; /* literal length, offset, match length */
    uint8_t literals[MAX_BLOCK];
};
_Static_assert(sizeof(struct zstd_ws) <= UNPACK_WS_SIZE, "workspace");

struct zstd {
    const uint8_t *in, *in_end;
    uint8_t *out, *frame_out;
    const uint8_t *out_end;
    struct zstd_ws *ws;
    uint64_t rep[3]; /* the last offsets */
    const uint8_t *lit, *lit_end;
};

static const int16_t ll_fixed[] = {4, 3, 2, 2, 2, 2, 2, 2, 2,  2,  2,  2,
                                   2, 1, 1, 1, 2, 2, 2, 2, 2,  2,  2,  2,
                                   2, 3, 2, 1, 1, 1, 1, 1, -1, -1, -1, -1};
static const int16_t of_fixed[] = {1, 1, 1, 1, 1,  1,  2,  2,  2, 1,
                                   1, 1, 1, 1, 1,  1,  1,  1,  1, 1,
                                   1, 1, 1, 1, -1, -1, -1, -1, -1};
static const int16_t ml_fixed[] = {
    1, 4, 3, 2, 2, 2, 2, 2, 2, 1, 1,  1,  1,  1,  1,  1,  1, 1,
    1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1,  1,  1,  1,  1,  1,  1, 1,
    1, 1, 1, 1, 1, 1, 1, 1, 1, 1, -1, -1, -1, -1, -1, -1, -1};

/* What a code of a length stands for: base, and how many bits to add. */
static const uint32_t ll_base[36] = {
    0,  1,  2,   3,   4,   5,    6,    7,    8,    9,     10,    11,
    12, 13, 14,  15,  16,  18,   20,   22,   24,   28,    32,    40,
    48, 64, 128, 256, 512, 1024, 2048, 4096, 8192, 16384, 32768, 65536};
static const uint8_t ll_bits[36] = {0, 0, 0, 0, 0, 0,  0,  0,  0,  0,  0,  0,
                                    0, 0, 0, 0, 1, 1,  1,  1,  2,  2,  3,  3,
                                    4, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15, 16};
static const uint32_t ml_base[53] = {
    3,  4,   5,   6,   7,    8,    9,    10,   11,    12,    13,   14, 15, 16,
    17, 18,  19,  20,  21,   22,   23,   24,   25,    26,    27,   28, 29, 30,
    31, 32,  33,  34,  35,   37,   39,   41,   43,    47,    51,   59, 67, 83,
    99, 131, 259, 515, 1027, 2051, 4099, 8195, 16387, 32771, 65539};
static const uint8_t ml_bits[53] = {
    0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0,  0,  0,  0,  0,  0,  0, 0,
    0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0,  0,  0,  0,  1,  1,  1, 1,
    2, 2, 3, 3, 4, 4, 5, 7, 8, 9, 10, 11, 12, 13, 14, 15, 16};

/* One of the three alphabets of a sequence. */
struct alphabet {
    const int16_t *fixed;
    uint8_t nr_fixed, fixed_log;
    uint8_t max_log, nr_codes;
};
static const struct alphabet ll_alphabet = {ll_fixed, 36, 6, 9, 36};
static const struct alphabet of_alphabet = {of_fixed, 29, 5, 8, 32};
static const struct alphabet ml_alphabet = {ml_fixed, 53, 6, 9, 53};

static size_t left(const struct zstd *z)
{
    return (size_t)(z->in_end - z->in);
}

/* Four streams; the sizes of the first three stand before them. */
static int four_streams(struct zstd *z, const uint8_t *in, size_t in_len,
                        size_t out_len)
{
    const uint8_t *sizes = in;
    size_t each = (out_len + 3) / 4;
    uint8_t *out = z->ws->literals;

    if (in_len < 6 || each * 3 > out_len)
        return -EINVAL;
    in += 6;
    in_len -= 6;
    for (int i = 0; i < 4; i++) {
        size_t packed_len = i < 3 ? get_le16(sizes + 2 * i) : in_len;
        size_t len = i < 3 ? each : out_len - 3 * each;

        if (packed_len > in_len ||
            huffman_unpack(&z->ws->huffman, in, packed_len, out, len))
            return -EINVAL;
        in += packed_len;
        in_len -= packed_len;
        out += len;
    }
    return 0;
}

/* Literals that are not packed: len bytes, or one byte len times. */
static int plain_literals(struct zstd *z, const uint8_t *end, bool rle)
{
    static const uint8_t header_size[4] = {1, 2, 1, 3};
    unsigned int format = *z->in >> 2 & 3;
    size_t size = header_size[format];
    size_t len = 0;

    if ((size_t)(end - z->in) < size)
        return -EINVAL;
    for (size_t i = size; i-- > 0;)
        len = len << 8 | z->in[i];
    len >>= size == 1 ? 3 : 4;
    z->in += size;

    if (len > MAX_BLOCK || (size_t)(end - z->in) < (rle ? 1 : len))
        return -EINVAL;
    z->lit = z->in; /* plain ones stay where they are */
    if (rle) {
        for (size_t i = 0; i < len; i++)
            z->ws->literals[i] = *z->in;
        z->lit = z->ws->literals;
    }
    z->in += rle ? 1 : len;
    z->lit_end = z->lit + len;
    return 0;
}

static int packed_literals(struct zstd *z, const uint8_t *end, bool same_tree)
{
    static const uint8_t header_size[4] = {3, 3, 4, 5};
    static const uint8_t field_bits[4] = {10, 10, 14, 18};
    unsigned int format = *z->in >> 2 & 3;
    size_t size = header_size[format];
    unsigned int bits = field_bits[format];
    uint64_t header = 0;
    size_t len, packed_len;
    int used = 0, rc;

    if ((size_t)(end - z->in) < size)
        return -EINVAL;
    for (size_t i = size; i-- > 0;)
        header = header << 8 | z->in[i];
    len = header >> 4 & ((1u << bits) - 1);
    packed_len = header >> (4 + bits) & ((1u << bits) - 1);
    z->in += size;
    if (len > MAX_BLOCK || packed_len > (size_t)(end - z->in))
        return -EINVAL;

    if (!same_tree)
        used =
            huffman_read(&z->ws->huffman, &z->ws->scratch, z->in, packed_len);
    if (used < 0 || !z->ws->huffman.valid)
        return -EINVAL;
    if (format)
        rc = four_streams(z, z->in + used, packed_len - (size_t)used, len);
    else
        rc = huffman_unpack(&z->ws->huffman, z->in + used,
                            packed_len - (size_t)used, z->ws->literals, len);
    z->in += packed_len;
    z->lit = z->ws->literals;
    z->lit_end = z->lit + len;
    return rc;
}

static int literals(struct zstd *z, const uint8_t *end)
{
    unsigned int type;

    if (z->in == end)
        return -EINVAL;
    type = *z->in & 3;
    if (type == LITERALS_RAW || type == LITERALS_RLE)
        return plain_literals(z, end, type == LITERALS_RLE);
    return packed_literals(z, end, type == LITERALS_SAME_TREE);
}

/* Get the table of one alphabet ready. */
static int sequence_table(struct zstd *z, const uint8_t *end,
                          struct fse_table *t, const struct alphabet *a,
                          unsigned int mode)
{
    int used;

    switch (mode) {
    case MODE_FIXED:
        return fse_build(t, a->fixed, a->nr_fixed, a->fixed_log);
    case MODE_RLE:
        if (z->in == end || *z->in >= a->nr_codes)
            return -EINVAL;
        fse_build_constant(t, *z->in++);
        return 0;
    case MODE_READ:
        used =
            fse_read(t, z->in, (size_t)(end - z->in), a->max_log, a->nr_codes);
        if (used < 0)
            return used;
        z->in += used;
        return 0;
    }
    return t->valid ? 0 : -EINVAL;
}

/* How many sequences, and the tables to read them with. */
static int sequences_header(struct zstd *z, const uint8_t *end, uint32_t *nr)
{
    struct zstd_ws *ws = z->ws;
    uint8_t first, modes;

    if (z->in == end)
        return -EINVAL;
    *nr = first = *z->in++;
    if (!first)
        return 0;
    if (first >= 128) {
        if (end - z->in < (first == 255 ? 2 : 1))
            return -EINVAL;
        *nr = (first - 128u) << 8 | z->in[0];
        if (first == 255)
            *nr = get_le16(z->in) + 0x7f00u;
        z->in += first == 255 ? 2 : 1;
    }

    if (z->in == end)
        return -EINVAL;
    modes = *z->in++;
    if (modes & 3 ||
        sequence_table(z, end, &ws->ll, &ll_alphabet, modes >> 6) ||
        sequence_table(z, end, &ws->of, &of_alphabet, modes >> 4 & 3) ||
        sequence_table(z, end, &ws->ml, &ml_alphabet, modes >> 2 & 3))
        return -EINVAL;
    return 0;
}

/* The offset a value stands for: a new one, or one of the last three. */
static uint64_t offset_of(struct zstd *z, uint64_t value, bool no_literals)
{
    uint64_t offset;
    uint64_t which;

    if (value > 3) {
        offset = value - 3;
        which = 2;
    } else {
        which = value - 1 + no_literals;
        if (!which)
            return z->rep[0];
        offset = which < 3 ? z->rep[which] : z->rep[0] - 1;
    }
    if (which > 1)
        z->rep[2] = z->rep[1];
    z->rep[1] = z->rep[0];
    z->rep[0] = offset;
    return offset;
}

static int copy_literals(struct zstd *z, size_t len)
{
    if (len > (size_t)(z->lit_end - z->lit))
        return -EINVAL;
    if (len > (size_t)(z->out_end - z->out))
        return -ENOSPC;
    copy_bytes(z->out, z->lit, len);
    z->out += len;
    z->lit += len;
    return 0;
}

static int copy_sequence(struct zstd *z, size_t lit_len, uint64_t offset,
                         size_t match_len)
{
    int rc = copy_literals(z, lit_len);

    if (rc)
        return rc;
    if (!offset || offset > (uint64_t)(z->out - z->frame_out))
        return -EINVAL;
    if (match_len > (size_t)(z->out_end - z->out))
        return -ENOSPC;
    copy_match(z->out, offset, match_len);
    z->out += match_len;
    return 0;
}

static const struct fse_entry *next_state(struct back_bits *b,
                                          const struct fse_table *t,
                                          const struct fse_entry *e)
{
    return &t->entry[e->base + back_bits_take(b, e->bits)];
}

static int sequences(struct zstd *z, const uint8_t *end, uint32_t nr)
{
    const struct fse_table *lt = &z->ws->ll, *ot = &z->ws->of, *mt = &z->ws->ml;
    const struct fse_entry *l, *o, *m;
    struct back_bits b;
    int rc;

    if (back_bits_init(&b, z->in, (size_t)(end - z->in)))
        return -EINVAL;
    l = &lt->entry[back_bits_take(&b, lt->log)];
    o = &ot->entry[back_bits_take(&b, ot->log)];
    m = &mt->entry[back_bits_take(&b, mt->log)];

    for (;;) {
        uint64_t offset = (1ull << o->symbol) + back_bits_take(&b, o->symbol);
        size_t match_len =
            ml_base[m->symbol] + back_bits_take(&b, ml_bits[m->symbol]);
        size_t lit_len =
            ll_base[l->symbol] + back_bits_take(&b, ll_bits[l->symbol]);

        if (b.left < 0)
            return -EINVAL;
        offset = offset_of(z, offset, !lit_len);
        rc = copy_sequence(z, lit_len, offset, match_len);
        if (rc)
            return rc;
        if (!--nr)
            return b.left ? -EINVAL : 0;
        l = next_state(&b, lt, l);
        m = next_state(&b, mt, m);
        o = next_state(&b, ot, o);
    }
}

static int packed_block(struct zstd *z, const uint8_t *end)
{
    uint32_t nr;
    int rc = literals(z, end);

    if (!rc)
        rc = sequences_header(z, end, &nr);
    if (!rc && nr)
        rc = sequences(z, end, nr);
    else if (!rc && z->in != end)
        rc = -EINVAL;
    if (!rc)
        rc = copy_literals(z, (size_t)(z->lit_end - z->lit));
    z->in = end;
    return rc;
}

static int plain_block(struct zstd *z, size_t len, bool rle)
{
    if ((rle ? 1 : len) > left(z))
        return -EINVAL;
    if (len > (size_t)(z->out_end - z->out))
        return -ENOSPC;
    for (size_t i = 0; i < len; i++)
        z->out[i] = z->in[rle ? 0 : i];
    z->out += len;
    z->in += rle ? 1 : len;
    return 0;
}

/* One block. Returns 1 behind the last. */
static int block(struct zstd *z)
{
    uint32_t header, len;
    int rc = -EINVAL;

    if (left(z) < 3)
        return -EINVAL;
    header = get_le16(z->in) | (uint32_t)z->in[2] << 16;
    z->in += 3;
    len = header >> 3;

    switch (header >> 1 & 3) {
    case BLOCK_RAW:
        rc = plain_block(z, len, false);
        break;
    case BLOCK_RLE:
        rc = plain_block(z, len, true);
        break;
    case BLOCK_PACKED:
        if (len <= MAX_BLOCK && len <= left(z))
            rc = packed_block(z, z->in + len);
        break;
    }
    return rc ? rc : (int)(header & 1);
}

/* A little-endian number of 0, 1, 2, 4 or 8 bytes. */
static uint64_t take_field(struct zstd *z, size_t size)
{
    uint64_t v = 0;

    for (size_t i = size; i-- > 0;)
        v = v << 8 | z->in[i];
    z->in += size;
    return v;
}

/* *size is ~0 if the header does not tell it. */
static int frame_header(struct zstd *z, bool *has_sum, uint64_t *size)
{
    static const uint8_t dict_size[4] = {0, 1, 2, 4};
    static const uint8_t size_size[4] = {0, 2, 4, 8};
    uint8_t flags;
    bool single;
    size_t window, content;

    if (!left(z))
        return -EINVAL;
    flags = *z->in++;
    single = flags & 0x20;
    window = !single;
    content = size_size[flags >> 6];
    if (!content && single)
        content = 1;
    if (left(z) < window + dict_size[flags & 3] + content)
        return -EINVAL;
    if (flags & 8)
        return -EOPNOTSUPP;

    z->in += window; /* the output is all the window we need */
    if (take_field(z, dict_size[flags & 3]))
        return -EOPNOTSUPP;
    *size = content ? take_field(z, content) : ~0ull;
    if (content == 2)
        *size += 256;
    *has_sum = flags & 4;
    return 0;
}

static int frame(struct zstd *z)
{
    uint64_t size;
    bool has_sum;
    size_t got;
    int rc = frame_header(z, &has_sum, &size);

    if (rc)
        return rc;
    if (size != ~0ull && size > (uint64_t)(z->out_end - z->out))
        return -ENOSPC;

    z->frame_out = z->out;
    z->rep[0] = 1;
    z->rep[1] = 4;
    z->rep[2] = 8;
    z->ws->huffman.valid = false;
    z->ws->ll.valid = z->ws->of.valid = z->ws->ml.valid = false;
    do
        rc = block(z);
    while (!rc);
    if (rc < 0)
        return rc;

    got = (size_t)(z->out - z->frame_out);
    if (size != ~0ull && size != got)
        return -EINVAL;
    if (!has_sum)
        return 0;
    if (left(z) < 4 || get_le32(z->in) != (uint32_t)xxh64_of(z->frame_out, got))
        return -EINVAL;
    z->in += 4;
    return 0;
}

static int skip_frame(struct zstd *z)
{
    uint32_t len;

    if (left(z) < 4)
        return -EINVAL;
    len = get_le32(z->in);
    z->in += 4;
    if (len > left(z))
        return -EINVAL;
    z->in += len;
    return 0;
}

int unpack_zstd(const uint8_t *in, size_t in_len, uint8_t *out, size_t out_len,
                size_t *got, struct unpack_ws *ws)
{
    struct zstd z = {
        .in = in,
        .in_end = in + in_len,
        .out = out,
        .out_end = out + out_len,
        .ws = (struct zstd_ws *)ws->space,
    };
    uint32_t magic;
    int rc = 0;

    while (!rc && left(&z) >= 4) {
        magic = get_le32(z.in);
        if (magic != MAGIC_FRAME && (magic & MAGIC_SKIP_MASK) != MAGIC_SKIP)
            break;
        z.in += 4;
        rc = magic == MAGIC_FRAME ? frame(&z) : skip_frame(&z);
    }
    *got = (size_t)(z.out - out);
    return rc;
}
