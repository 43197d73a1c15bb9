/* SPDX-License-Identifier: GPL-2.0 */
/*
 * zstd_entropy.c - the two entropy coders of zstd: FSE and Huffman.
 * Keeps true: a table is built only from counts or weights that fill it
 * exactly, so every state and every combination of bits has an entry.
 * Source: RFC 8878, sections 4.1 and 4.2.
 */
#include "lib/errno.h"
#include "lib/string.h"
#include "zstd.h"

#define MAX_WEIGHTS 255 /* the last symbol's is not stored */

static unsigned int highest_bit(uint32_t v)
{
    return 31 - (unsigned int)__builtin_clz(v);
}

int back_bits_init(struct back_bits *b, const uint8_t *start, size_t len)
{
    if (!len || !start[len - 1])
        return -EINVAL;

    b->start = start;
    b->len = len;
    b->left = (int64_t)(len - 1) * 8 + highest_bit(start[len - 1]);
    return 0;
}

/* Spread the symbols over the table; rare ones (-1) stand at its end. */
static int fse_spread(struct fse_table *t, const int16_t *count,
                      unsigned int nr)
{
    unsigned int size = 1u << t->log;
    unsigned int step = (size >> 1) + (size >> 3) + 3;
    unsigned int top = size, at = 0;

    for (unsigned int s = 0; s < nr; s++)
        if (count[s] == -1)
            t->entry[--top].symbol = (uint8_t)s;

    for (unsigned int s = 0; s < nr; s++)
        for (int i = 0; i < count[s]; i++) {
            t->entry[at].symbol = (uint8_t)s;
            do
                at = (at + step) & (size - 1);
            while (at >= top);
        }
    return at ? -EINVAL : 0;
}

int fse_build(struct fse_table *t, const int16_t *count, unsigned int nr,
              unsigned int log)
{
    uint16_t next[FSE_MAX_SYMBOLS];
    unsigned int size = 1u << log;

    t->log = (uint8_t)log;
    t->valid = false;
    if (fse_spread(t, count, nr))
        return -EINVAL;

    for (unsigned int s = 0; s < nr; s++)
        next[s] = (uint16_t)(count[s] == -1 ? 1 : count[s]);
    for (unsigned int i = 0; i < size; i++) {
        struct fse_entry *e = &t->entry[i];
        unsigned int n = next[e->symbol]++;

        e->bits = (uint8_t)(log - highest_bit(n));
        e->base = (uint16_t)((n << e->bits) - size);
    }
    t->valid = true;
    return 0;
}

void fse_build_constant(struct fse_table *t, uint8_t symbol)
{
    t->log = 0;
    t->entry[0] = (struct fse_entry){.symbol = symbol};
    t->valid = true;
}

/* Bits in reading order, lowest first. */
struct fore_bits {
    const uint8_t *start;
    size_t len;
    size_t at; /* bits taken */
};

static uint32_t fore_bits_peek(const struct fore_bits *b, unsigned int n)
{
    size_t byte = b->at / 8;
    uint32_t v = 0;

    for (unsigned int i = 0; i < 4 && byte + i < b->len; i++)
        v |= (uint32_t)b->start[byte + i] << 8 * i;
    return v >> (b->at & 7) & ((1u << n) - 1);
}

/*
 * One count, plus one. Values that cannot occur any more shorten the others:
 * of `range` values the low ones take a bit less.
 */
static uint32_t take_count(struct fore_bits *b, uint32_t range)
{
    unsigned int bits = highest_bit(range) + 1;
    uint32_t spare = (1u << bits) - 1 - range;
    uint32_t v = fore_bits_peek(b, bits);
    uint32_t low = v & ((1u << (bits - 1)) - 1);

    if (low < spare) {
        b->at += bits - 1;
        return low;
    }
    b->at += bits;
    return v >= 1u << (bits - 1) ? v - spare : v;
}

/* Behind a count of 0: how many more zeros follow, by threes. */
static unsigned int take_zeros(struct fore_bits *b)
{
    unsigned int zeros = 0, n;

    do {
        n = fore_bits_peek(b, 2);
        b->at += 2;
        zeros += n;
    } while (n == 3 && b->at < b->len * 8);
    return zeros;
}

int fse_read(struct fse_table *t, const uint8_t *in, size_t in_len,
             unsigned int max_log, unsigned int max_symbols)
{
    struct fore_bits b = {in, in_len, 4};
    int16_t count[FSE_MAX_SYMBOLS] = {0};
    unsigned int nr = 0, log;
    int32_t rest;

    t->valid = false;
    if (!in_len)
        return -EINVAL;
    log = (in[0] & 15) + 5;
    if (log > max_log)
        return -EINVAL;

    rest = 1 << log;
    while (rest > 0) {
        int32_t n;

        if (nr >= max_symbols)
            return -EINVAL;
        n = (int32_t)take_count(&b, (uint32_t)rest + 1) - 1;
        count[nr++] = (int16_t)n;
        rest -= n < 0 ? -n : n;
        if (!n)
            nr += take_zeros(&b);
    }
    if (rest || nr > max_symbols || b.at > in_len * 8)
        return -EINVAL;
    if (fse_build(t, count, nr, log))
        return -EINVAL;
    return (int)((b.at + 7) / 8);
}

static unsigned int fse_step(struct back_bits *b, const struct fse_entry *e)
{
    return e->base + (unsigned int)back_bits_take(b, e->bits);
}

/* Weights as an FSE stream of two states that take turns. */
static int weights_unpack(struct fse_table *t, const uint8_t *in, size_t in_len,
                          uint8_t *weight)
{
    struct back_bits b;
    unsigned int state[2], turn = 0;
    int nr = 0;
    int used = fse_read(t, in, in_len, 6, FSE_MAX_SYMBOLS);

    if (used < 0 || back_bits_init(&b, in + used, in_len - (size_t)used))
        return -EINVAL;

    state[0] = (unsigned int)back_bits_take(&b, t->log);
    state[1] = (unsigned int)back_bits_take(&b, t->log);
    if (b.left < 0)
        return -EINVAL;

    for (; nr < MAX_WEIGHTS - 1; turn ^= 1) {
        const struct fse_entry *e = &t->entry[state[turn]];

        weight[nr++] = e->symbol;
        state[turn] = fse_step(&b, e);
        if (b.left < 0) {
            weight[nr++] = t->entry[state[turn ^ 1]].symbol;
            return nr;
        }
    }
    return -EINVAL;
}

/* Weights as they are, four bits each. */
static int weights_plain(const uint8_t *in, size_t in_len, int nr,
                         uint8_t *weight)
{
    if ((size_t)(nr + 1) / 2 > in_len)
        return -EINVAL;
    for (int i = 0; i < nr; i++)
        weight[i] = i & 1 ? in[i / 2] & 15 : in[i / 2] >> 4;
    return nr;
}

/* Find log and the last weight: what is missing to a power of two. */
static int complete_weights(struct huffman_table *t, uint8_t *weight, int nr)
{
    uint32_t sum = 0, missing;

    for (int i = 0; i < nr; i++) {
        if (weight[i] > HUFFMAN_MAX_BITS)
            return -EINVAL;
        sum += weight[i] ? 1u << (weight[i] - 1) : 0;
    }
    if (!sum || highest_bit(sum) + 1 > HUFFMAN_MAX_BITS)
        return -EINVAL;

    t->log = (uint8_t)(highest_bit(sum) + 1);
    missing = (1u << t->log) - sum;
    if (missing & (missing - 1))
        return -EINVAL;
    weight[nr] = (uint8_t)(highest_bit(missing) + 1);
    return 0;
}

/* Low weights, that is long codes, come first; equal ones by symbol. */
static void huffman_fill(struct huffman_table *t, const uint8_t *weight, int nr)
{
    unsigned int at = 0;

    for (unsigned int w = 1; w <= t->log; w++)
        for (int s = 0; s < nr; s++)
            for (unsigned int i = 0; weight[s] == w && i < 1u << (w - 1); i++)
                t->entry[at++] = (struct huffman_entry){
                    .symbol = (uint8_t)s,
                    .bits = (uint8_t)(t->log + 1 - w),
                };
}

int huffman_read(struct huffman_table *t, struct fse_table *scratch,
                 const uint8_t *in, size_t in_len)
{
    uint8_t weight[MAX_WEIGHTS + 1];
    size_t used;
    int nr;

    t->valid = false;
    if (!in_len)
        return -EINVAL;
    if (in[0] < 128) {
        used = in[0];
        if (used > in_len - 1)
            return -EINVAL;
        nr = weights_unpack(scratch, in + 1, used, weight);
    } else {
        nr = weights_plain(in + 1, in_len - 1, in[0] - 127, weight);
        used = (in[0] - 127u + 1) / 2;
    }
    if (nr < 0 || complete_weights(t, weight, nr))
        return -EINVAL;
    huffman_fill(t, weight, nr + 1);
    t->valid = true;
    return (int)used + 1;
}

int huffman_unpack(const struct huffman_table *t, const uint8_t *in,
                   size_t in_len, uint8_t *out, size_t out_len)
{
    const uint8_t *end = out + out_len;
    struct back_bits b;

    if (back_bits_init(&b, in, in_len))
        return -EINVAL;

    /* Four symbols, 44 bits at most, from one look at the bytes. */
    while (end - out >= 4 && b.left >= 56) {
        uint64_t v = back_bits_at(&b, b.left, 56);
        unsigned int used = 0;

        for (int i = 0; i < 4; i++) {
            const struct huffman_entry *e =
                &t->entry[v >> (56 - used - t->log) & ((1u << t->log) - 1)];

            *out++ = e->symbol;
            used += e->bits;
        }
        b.left -= used;
    }
    while (out < end) {
        const struct huffman_entry *e =
            &t->entry[back_bits_at(&b, b.left, t->log)];

        *out++ = e->symbol;
        b.left -= e->bits;
        if (b.left < 0)
            return -EINVAL;
    }
    return b.left ? -EINVAL : 0;
}
