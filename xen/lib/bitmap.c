/* SPDX-License-Identifier: GPL-2.0 */
/*
 * bitmap.c - what takes more than one instruction on an array of bits.
 * Keeps true: bits behind the last one are never looked at; only zero, fill
 * and the operations that write whole words may change them, to 0.
 */
#include "lib/bitmap.h"
#include "lib/format.h"

/* The bits of word w that belong to a map of so many bits. */
static uint64_t valid_mask(size_t w, size_t bits)
{
    size_t left = bits - w * 64;

    return left >= 64 ? ~0ull : (1ull << left) - 1;
}

void bitmap_zero(uint64_t *map, size_t bits)
{
    for (size_t w = 0; w < BITMAP_WORDS(bits); w++)
        map[w] = 0;
}

void bitmap_fill(uint64_t *map, size_t bits)
{
    for (size_t w = 0; w < BITMAP_WORDS(bits); w++)
        map[w] = valid_mask(w, bits);
}

/* The part of a range that lies in the word of its first bit. */
static uint64_t head_mask(size_t first, size_t count, size_t *taken)
{
    size_t room = 64 - first % 64;

    *taken = count < room ? count : room;
    return (*taken == 64 ? ~0ull : (1ull << *taken) - 1) << (first % 64);
}

void bitmap_set_range(uint64_t *map, size_t first, size_t count)
{
    for (size_t n; count; first += n, count -= n)
        map[first / 64] |= head_mask(first, count, &n);
}

void bitmap_clear_range(uint64_t *map, size_t first, size_t count)
{
    for (size_t n; count; first += n, count -= n)
        map[first / 64] &= ~head_mask(first, count, &n);
}

/* Look for a set bit in map[] ^ flip. */
static size_t next_bit(const uint64_t *map, size_t bits, size_t from,
                       uint64_t flip)
{
    size_t w = from / 64;
    uint64_t word;
    size_t bit;

    if (from >= bits)
        return bits;

    word = (map[w] ^ flip) & (~0ull << (from % 64));
    while (!word) {
        if (++w >= BITMAP_WORDS(bits))
            return bits;
        word = map[w] ^ flip;
    }

    bit = w * 64 + (size_t)__builtin_ctzll(word);
    return bit < bits ? bit : bits;
}

size_t bitmap_next_set(const uint64_t *map, size_t bits, size_t from)
{
    return next_bit(map, bits, from, 0);
}

size_t bitmap_next_zero(const uint64_t *map, size_t bits, size_t from)
{
    return next_bit(map, bits, from, ~0ull);
}

/* Count without a library call: pairs, nibbles, bytes, then all bytes. */
static unsigned int weight_of(uint64_t v)
{
    v -= (v >> 1) & 0x5555555555555555ull;
    v = (v & 0x3333333333333333ull) + ((v >> 2) & 0x3333333333333333ull);
    v = (v + (v >> 4)) & 0x0f0f0f0f0f0f0f0full;
    return (unsigned int)((v * 0x0101010101010101ull) >> 56);
}

size_t bitmap_weight(const uint64_t *map, size_t bits)
{
    size_t n = 0;

    for (size_t w = 0; w < BITMAP_WORDS(bits); w++)
        n += weight_of(map[w] & valid_mask(w, bits));
    return n;
}

void bitmap_copy(uint64_t *to, const uint64_t *from, size_t bits)
{
    for (size_t w = 0; w < BITMAP_WORDS(bits); w++)
        to[w] = from[w] & valid_mask(w, bits);
}

void bitmap_and(uint64_t *to, const uint64_t *a, const uint64_t *b, size_t bits)
{
    for (size_t w = 0; w < BITMAP_WORDS(bits); w++)
        to[w] = a[w] & b[w] & valid_mask(w, bits);
}

void bitmap_or(uint64_t *to, const uint64_t *a, const uint64_t *b, size_t bits)
{
    for (size_t w = 0; w < BITMAP_WORDS(bits); w++)
        to[w] = (a[w] | b[w]) & valid_mask(w, bits);
}

void bitmap_andnot(uint64_t *to, const uint64_t *a, const uint64_t *b,
                   size_t bits)
{
    for (size_t w = 0; w < BITMAP_WORDS(bits); w++)
        to[w] = a[w] & ~b[w] & valid_mask(w, bits);
}

bool bitmap_equal(const uint64_t *a, const uint64_t *b, size_t bits)
{
    for (size_t w = 0; w < BITMAP_WORDS(bits); w++)
        if ((a[w] ^ b[w]) & valid_mask(w, bits))
            return false;
    return true;
}

bool bitmap_intersects(const uint64_t *a, const uint64_t *b, size_t bits)
{
    for (size_t w = 0; w < BITMAP_WORDS(bits); w++)
        if (a[w] & b[w] & valid_mask(w, bits))
            return true;
    return false;
}

/* Where to print on, and how much room is left there. */
static size_t room_at(size_t size, size_t used)
{
    return used < size ? size - used : 0;
}

static char *place_at(char *buf, size_t size, size_t used)
{
    return used < size ? buf + used : NULL;
}

size_t bitmap_to_list(char *buf, size_t size, const uint64_t *map, size_t bits)
{
    size_t first = bitmap_first_set(map, bits);
    size_t used = 0;
    size_t end;

    if (size)
        buf[0] = '\0';

    for (; first < bits; first = bitmap_next_set(map, bits, end)) {
        end = bitmap_next_zero(map, bits, first);
        used += (size_t)snprintf(place_at(buf, size, used), room_at(size, used),
                                 end - first > 1 ? "%s%zu-%zu" : "%s%zu",
                                 used ? "," : "", first, end - 1);
    }
    return used;
}

size_t bitmap_to_hex(char *buf, size_t size, const uint64_t *map, size_t bits)
{
    size_t w = BITMAP_WORDS(bits);
    size_t used = 0;

    while (w > 1 && !(map[w - 1] & valid_mask(w - 1, bits)))
        w--;
    if (!w)
        return (size_t)snprintf(buf, size, "0");

    for (; w; w--)
        used += (size_t)snprintf(
            place_at(buf, size, used), room_at(size, used),
            used ? "%016llx" : "%llx",
            (unsigned long long)(map[w - 1] & valid_mask(w - 1, bits)));
    return used;
}
