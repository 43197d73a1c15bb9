/* SPDX-License-Identifier: GPL-2.0 */
/*
 * x86filter.c - undo xz's filter for x86 code.
 * The packer guesses what is a near call or jump (bytes e8 and e9 whose
 * operand's highest byte is 0 or ff) and makes the operand absolute, so that
 * calls of one function look alike. We guess in just the same way.
 * Source: the behaviour of xz's x86 filter (the .xz format, 5.3.2).
 */
#include <stdbool.h>

#include "lib/bytes.h"
#include "lzma.h"

static bool is_sign(uint8_t byte)
{
    return byte == 0 || byte == 0xff;
}

/* Bytes above the lowest that `recent` says belong to an earlier guess. */
static unsigned int taken_bytes(uint32_t recent)
{
    return recent ? 32 - (unsigned int)__builtin_clz(recent) : 0;
}

/*
 * `recent` has a bit for each of the three bytes before: was it an opcode
 * that was left alone? Then what looks like one here may be its operand.
 */
static bool looks_like_operand(uint32_t recent, const uint8_t *at)
{
    if (!recent)
        return false;
    return (recent & (recent - 1)) || is_sign(at[4 - taken_bytes(recent)]);
}

static uint32_t relative(uint32_t absolute, uint32_t next, uint32_t recent)
{
    unsigned int shift = taken_bytes(recent) * 8;
    uint32_t v = absolute - next;

    while (recent && is_sign((uint8_t)(v >> (24 - shift))))
        v = (v ^ ((1u << (32 - shift)) - 1)) - next;

    /* Sign-extend from bit 24. */
    v &= 0x1ffffff;
    return v | (0 - (v & 0x1000000));
}

/* The first opcode from i on and below end, looked for eight bytes a time: most
 * of a kernel is none. The lowest byte found is true, whatever is above. */
static size_t next_opcode(const uint8_t *buf, size_t i, size_t end)
{
    for (; i + 8 <= end; i += 8) {
        uint64_t w = (get_le64(buf + i) & 0xfefefefefefefefe) ^
                     0xe8e8e8e8e8e8e8e8; /* a byte is 0: it is one */

        w = (w - 0x0101010101010101) & ~w & 0x8080808080808080;
        if (w)
            return i + (unsigned int)__builtin_ctzll(w) / 8;
    }
    while (i < end && (buf[i] & 0xfe) != 0xe8)
        i++;
    return i;
}

void x86_unfilter(uint8_t *buf, size_t len, uint32_t start)
{
    uint32_t recent = 0; /* bit 0: the byte just before */
    size_t last = 0;     /* one behind the latest opcode */

    if (len < 5)
        return;
    for (size_t i = next_opcode(buf, 0, len - 4); i < len - 4;
         i = next_opcode(buf, i + 1, len - 4)) {
        uint32_t v;

        recent = i - last < 3 ? (recent << (i - last)) & 7 : 0;
        last = i + 1;
        if (looks_like_operand(recent, buf + i) || !is_sign(buf[i + 4])) {
            recent = recent << 1 | 1;
            continue;
        }

        v = relative(get_le32(buf + i + 1), start + (uint32_t)i + 5, recent);
        __builtin_memcpy(buf + i + 1, &v, 4);
        i += 4;
    }
}
