/* SPDX-License-Identifier: GPL-2.0 */
/*
 * lzma.h - the LZMA2 decoder and the x86 filter, for xz.c.
 */
#ifndef UNPACK_LZMA_H
#define UNPACK_LZMA_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define LZMA_STATES     12
#define LZMA_POS_STATES 16
#define LZMA_MAX_LC_LP  4
#define LZMA_LITERALS   (0x300u << LZMA_MAX_LC_LP)

/* A probability: how likely the next bit is 0, of 2048. */
typedef uint16_t prob_t;

struct lzma_length {
    prob_t is_long, is_longer;
    prob_t low[LZMA_POS_STATES][8];
    prob_t mid[LZMA_POS_STATES][8];
    prob_t high[256];
};

struct lzma_probs {
    prob_t is_match[LZMA_STATES][LZMA_POS_STATES];
    prob_t is_rep[LZMA_STATES];
    prob_t is_rep0[LZMA_STATES];
    prob_t is_rep1[LZMA_STATES];
    prob_t is_rep2[LZMA_STATES];
    prob_t is_rep0_long[LZMA_STATES][LZMA_POS_STATES];
    prob_t slot[4][64];
    prob_t special[128];
    prob_t align[16];
    struct lzma_length match_len, rep_len;
    prob_t literal[LZMA_LITERALS];
};

/* What LZMA remembers from chunk to chunk. */
struct lzma {
    struct lzma_probs probs;
    uint32_t rep[4]; /* the last distances, less one */
    uint32_t state;  /* what kinds of symbols came last */
    uint32_t lc, lp_mask, pos_mask;
    const uint8_t *dict_start; /* matches reach back to here at most */
};

/*
 * Unpack LZMA2 chunks up to their end mark. *in and *out move on.
 * The data starts with an empty dictionary.
 */
int lzma2_unpack(struct lzma *z, const uint8_t **in, const uint8_t *in_end,
                 uint8_t **out, const uint8_t *out_end);

/*
 * Undo the x86 filter: operands of near calls and jumps, stored as absolute
 * addresses, become relative ones again. start: the address of buf[0].
 */
void x86_unfilter(uint8_t *buf, size_t len, uint32_t start);

#endif
