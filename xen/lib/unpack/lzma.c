/* SPDX-License-Identifier: GPL-2.0 */
/*
 * lzma.c - LZMA2 chunks, unpacked straight into the output, which is the
 * dictionary too.
 * Keeps true: a chunk never reads behind its packed nor writes behind its
 * unpacked size; no match reaches back behind the dictionary's start.
 * The coder's state stands in a local struct that the compiler keeps in
 * registers: this loop is most of what unpacking a kernel costs.
 * Source: the LZMA specification of the LZMA SDK; the .xz format, 5.3.1.
 */
#include "lib/errno.h"
#include "lib/string.h"
#include "lzma.h"
#include "private.h"

#define inlined static inline __attribute__((always_inline))

#define PROB_BITS 11
#define PROB_HALF (1u << (PROB_BITS - 1))
#define PROB_MOVE 5
#define RANGE_LOW (1u << 24)

#define FIRST_MATCH_STATE 7 /* below it the last symbol was a literal */
#define MIN_MATCH         2

/* The range coder: `code` tells where in `range` the truth lies. */
struct coder {
    uint32_t range, code;
    const uint8_t *in, *end;
    bool ran_dry;
};

inlined void normalize(struct coder *c)
{
    if (c->range >= RANGE_LOW)
        return;
    c->range <<= 8;
    c->code <<= 8;
    if (__builtin_expect(c->in != c->end, 1))
        c->code |= *c->in++;
    else
        c->ran_dry = true;
}

inlined uint32_t bit(struct coder *c, prob_t *prob)
{
    uint32_t p = *prob;
    uint32_t bound;

    normalize(c);
    bound = (c->range >> PROB_BITS) * p;
    if (c->code < bound) {
        c->range = bound;
        *prob = (prob_t)(p + (((1u << PROB_BITS) - p) >> PROB_MOVE));
        return 0;
    }
    c->range -= bound;
    c->code -= bound;
    *prob = (prob_t)(p - (p >> PROB_MOVE));
    return 1;
}

/* A number of `bits` bits, highest first, down a tree of probabilities. */
inlined uint32_t tree(struct coder *c, prob_t *probs, unsigned int bits)
{
    uint32_t v = 1;

    for (unsigned int i = 0; i < bits; i++)
        v = v << 1 | bit(c, &probs[v]);
    return v - (1u << bits);
}

/* The same, lowest bit first. */
inlined uint32_t reverse_tree(struct coder *c, prob_t *probs, unsigned int bits)
{
    uint32_t at = 1, v = 0;

    for (unsigned int i = 0; i < bits; i++) {
        uint32_t b = bit(c, &probs[at]);

        at = at << 1 | b;
        v |= b << i;
    }
    return v;
}

/* Bits that are as likely 0 as 1. */
inlined uint32_t direct(struct coder *c, unsigned int bits)
{
    uint32_t v = 0;

    while (bits--) {
        uint32_t is_zero;

        normalize(c);
        c->range >>= 1;
        is_zero = c->code < c->range;
        c->code -= c->range & (is_zero - 1);
        v = v << 1 | (is_zero ^ 1);
    }
    return v;
}

inlined uint32_t literal(struct coder *c, prob_t *probs)
{
    uint32_t v = 1;

    do
        v = v << 1 | bit(c, &probs[v]);
    while (v < 0x100);
    return v;
}

/* A literal after a match: the byte the match would go on with is a hint. */
inlined uint32_t matched_literal(struct coder *c, prob_t *probs, uint32_t hint)
{
    uint32_t v = 1, offset = 0x100;

    do {
        uint32_t hint_bit, b;

        hint <<= 1;
        hint_bit = hint & offset;
        b = bit(c, &probs[offset + hint_bit + v]);
        v = v << 1 | b;
        offset = b ? hint_bit : offset & ~hint_bit;
    } while (v < 0x100);
    return v;
}

inlined uint32_t length(struct coder *c, struct lzma_length *l, uint32_t pos)
{
    if (!bit(c, &l->is_long))
        return MIN_MATCH + tree(c, l->low[pos], 3);
    if (!bit(c, &l->is_longer))
        return MIN_MATCH + 8 + tree(c, l->mid[pos], 3);
    return MIN_MATCH + 16 + tree(c, l->high, 8);
}

inlined uint32_t distance(struct coder *c, struct lzma_probs *p, uint32_t len)
{
    uint32_t class = len - MIN_MATCH < 3 ? len - MIN_MATCH : 3;
    uint32_t slot = tree(c, p->slot[class], 6);
    uint32_t bits = (slot >> 1) - 1;
    uint32_t base;

    if (slot < 4)
        return slot;
    base = (2 | (slot & 1)) << bits;
    if (slot < 14) /* the probs of a slot start at its base, less the slot */
        return base + reverse_tree(c, p->special + base - slot, bits);

    base += direct(c, bits - 4) << 4;
    return base + reverse_tree(c, p->align, 4);
}

static void reset_state(struct lzma *z)
{
    prob_t *p = (prob_t *)&z->probs;

    for (size_t i = 0; i < sizeof(z->probs) / sizeof(*p); i++)
        p[i] = PROB_HALF;
    memset(z->rep, 0, sizeof(z->rep));
    z->state = 0;
}

inlined uint32_t state_after_literal(uint32_t state)
{
    if (state < 4)
        return 0;
    return state < 10 ? state - 3 : state - 6;
}

inlined uint32_t state_after(uint32_t state, uint32_t early, uint32_t late)
{
    return state < FIRST_MATCH_STATE ? early : late;
}

/*
 * A match at one of the last four distances; 0 stands for the single byte
 * at the last distance, which has no length.
 */
inlined uint32_t repeated_match(struct coder *c, struct lzma *z, uint32_t *rep,
                                uint32_t *state, uint32_t pos)
{
    struct lzma_probs *p = &z->probs;
    uint32_t s = *state;
    uint32_t dist;

    if (!bit(c, &p->is_rep0[s])) {
        if (!bit(c, &p->is_rep0_long[s][pos])) {
            *state = state_after(s, 9, 11);
            return 0;
        }
    } else {
        if (!bit(c, &p->is_rep1[s])) {
            dist = rep[1];
        } else {
            if (!bit(c, &p->is_rep2[s])) {
                dist = rep[2];
            } else {
                dist = rep[3];
                rep[3] = rep[2];
            }
            rep[2] = rep[1];
        }
        rep[1] = rep[0];
        rep[0] = dist;
    }
    *state = state_after(s, 8, 11);
    return length(c, &p->rep_len, pos);
}

inlined uint32_t new_match(struct coder *c, struct lzma *z, uint32_t *rep,
                           uint32_t *state, uint32_t pos)
{
    uint32_t len;

    rep[3] = rep[2];
    rep[2] = rep[1];
    rep[1] = rep[0];
    *state = state_after(*state, 7, 10);
    len = length(c, &z->probs.match_len, pos);
    rep[0] = distance(c, &z->probs, len);
    return len;
}

/* Unpack one chunk: symbols until exactly out_end is reached. */
static int unpack_chunk(struct lzma *z, struct coder c, uint8_t *out,
                        const uint8_t *out_end)
{
    const uint8_t *dict = z->dict_start;
    uint32_t rep[4] = {z->rep[0], z->rep[1], z->rep[2], z->rep[3]};
    uint32_t state = z->state;

    while (out != out_end) {
        /* Positions count from the dictionary's start. */
        size_t at = (size_t)(out - dict);
        uint32_t pos = (uint32_t)at & z->pos_mask;
        uint32_t len;

        if (__builtin_expect(c.ran_dry, 0))
            return -EINVAL;

        if (!bit(&c, &z->probs.is_match[state][pos])) {
            uint32_t before = at ? out[-1] : 0;
            uint32_t set = (((uint32_t)at & z->lp_mask) << z->lc) +
                           (before >> (8 - z->lc));
            prob_t *probs = z->probs.literal + 0x300 * set;

            if (state < FIRST_MATCH_STATE)
                *out = (uint8_t)literal(&c, probs);
            else if (rep[0] < at)
                *out = (uint8_t)matched_literal(&c, probs,
                                                out[-(ptrdiff_t)rep[0] - 1]);
            else
                return -EINVAL;
            out++;
            state = state_after_literal(state);
            continue;
        }

        if (bit(&c, &z->probs.is_rep[state]))
            len = repeated_match(&c, z, rep, &state, pos);
        else
            len = new_match(&c, z, rep, &state, pos);
        if (!len)
            len = 1;
        if (rep[0] >= at || len > (size_t)(out_end - out))
            return -EINVAL;
        copy_match(out, (size_t)rep[0] + 1, len);
        out += len;
    }

    normalize(&c);
    if (c.ran_dry || c.in != c.end || c.code)
        return -EINVAL;
    memcpy(z->rep, rep, sizeof(rep));
    z->state = state;
    return 0;
}

/* How a chunk starts: which of what went before still holds. */
enum {
    CHUNK_END = 0,
    CHUNK_STORED_NEW_DICT = 1,
    CHUNK_STORED = 2,
    CHUNK_LZMA = 0x80, /* and above: two bits of reset, five of size */
};

struct chunks {
    const uint8_t *in, *in_end;
    uint8_t *out;
    const uint8_t *out_end;
    bool need_dict, need_props, need_state;
};

static int set_props(struct lzma *z, uint8_t props)
{
    uint32_t lc = props % 9, lp = props / 9 % 5, pb = props / 45;

    if (pb > 4 || lc + lp > LZMA_MAX_LC_LP)
        return -EINVAL;
    z->lc = lc;
    z->lp_mask = (1u << lp) - 1;
    z->pos_mask = (1u << pb) - 1;
    return 0;
}

static int stored_chunk(struct lzma *z, struct chunks *k, uint8_t control)
{
    size_t len;

    if (k->in_end - k->in < 2)
        return -EINVAL;
    len = ((size_t)k->in[0] << 8 | k->in[1]) + 1;
    k->in += 2;

    if (control == CHUNK_STORED_NEW_DICT) {
        z->dict_start = k->out;
        k->need_dict = false;
    }
    if (k->need_dict || len > (size_t)(k->in_end - k->in))
        return -EINVAL;
    if (len > (size_t)(k->out_end - k->out))
        return -ENOSPC;
    copy_bytes(k->out, k->in, len);
    k->in += len;
    k->out += len;
    return 0;
}

/* Reset what the control byte says; what must be reset, must be. */
static int chunk_resets(struct lzma *z, struct chunks *k, uint8_t control)
{
    unsigned int reset = control >> 5 & 3;

    if (reset == 3) {
        z->dict_start = k->out;
        k->need_dict = false;
    }
    if (reset >= 2) {
        if (k->in == k->in_end || set_props(z, *k->in++))
            return -EINVAL;
        k->need_props = false;
    }
    if (reset >= 1) {
        reset_state(z);
        k->need_state = false;
    }
    return k->need_dict || k->need_props || k->need_state ? -EINVAL : 0;
}

static int lzma_chunk(struct lzma *z, struct chunks *k, uint8_t control)
{
    struct coder c = {.range = ~0u};
    size_t unpacked, packed_len;
    int rc;

    if (k->in_end - k->in < 4)
        return -EINVAL;
    unpacked =
        ((size_t)(control & 31) << 16 | (size_t)k->in[0] << 8 | k->in[1]) + 1;
    packed_len = ((size_t)k->in[2] << 8 | k->in[3]) + 1;
    k->in += 4;

    rc = chunk_resets(z, k, control);
    if (rc)
        return rc;
    /* The first byte is always 0, the next four begin the code. */
    if (packed_len > (size_t)(k->in_end - k->in) || packed_len < 5 || k->in[0])
        return -EINVAL;
    if (unpacked > (size_t)(k->out_end - k->out))
        return -ENOSPC;

    for (int i = 1; i < 5; i++)
        c.code = c.code << 8 | k->in[i];
    c.in = k->in + 5;
    c.end = k->in + packed_len;
    rc = unpack_chunk(z, c, k->out, k->out + unpacked);
    k->in += packed_len;
    k->out += unpacked;
    return rc;
}

int lzma2_unpack(struct lzma *z, const uint8_t **in, const uint8_t *in_end,
                 uint8_t **out, const uint8_t *out_end)
{
    struct chunks k = {*in, in_end, *out, out_end, true, true, true};
    uint8_t control;
    int rc = 0;

    while (!rc) {
        if (k.in == k.in_end)
            return -EINVAL;
        control = *k.in++;
        if (control == CHUNK_END)
            break;
        if (control >= CHUNK_LZMA)
            rc = lzma_chunk(z, &k, control);
        else if (control <= CHUNK_STORED)
            rc = stored_chunk(z, &k, control);
        else
            rc = -EINVAL;
    }
    *in = k.in;
    *out = k.out;
    return rc;
}
