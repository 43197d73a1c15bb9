/* SPDX-License-Identifier: GPL-2.0 */
/*
 * parse.c - text to numbers, and the string helper that C libraries lack.
 * Keeps true: a number that does not fit is an error, never cut.
 */
#include "lib/errno.h"
#include <stdbool.h>

#include "lib/string.h"

size_t strlcpy(char *to, const char *from, size_t size)
{
    size_t len = strlen(from);
    size_t n = len < size ? len : size - 1;

    if (!size)
        return len;

    memcpy(to, from, n);
    to[n] = '\0';
    return len;
}

/* The value of one digit, or 99 if it is none in any base. */
static unsigned int digit(char c)
{
    if (c >= '0' && c <= '9')
        return c - '0';
    if (c >= 'a' && c <= 'f')
        return c - 'a' + 10;
    if (c >= 'A' && c <= 'F')
        return c - 'A' + 10;
    return 99;
}

/* What base the text announces; *s moves behind an 0x. */
static unsigned int base_of(const char **s)
{
    const char *p = *s;

    if (p[0] != '0')
        return 10;
    if ((p[1] | 0x20) == 'x' && digit(p[2]) < 16) {
        *s += 2;
        return 16;
    }
    return 8;
}

int parse_u64(const char *s, const char **end, uint64_t *value)
{
    unsigned int base = base_of(&s);
    uint64_t v = 0;

    if (digit(*s) >= base)
        return -EINVAL;

    for (; digit(*s) < base; s++)
        if (__builtin_mul_overflow(v, base, &v) ||
            __builtin_add_overflow(v, digit(*s), &v))
            return -ERANGE;

    *value = v;
    if (end)
        *end = s;
    return 0;
}

/* Bits to shift by for a size suffix; *used: it is one. None means KiB. */
static unsigned int suffix_shift(char c, bool *used)
{
    *used = true;
    switch (c) {
    case 'b':
    case 'B':
        return 0;
    case 'k':
    case 'K':
        return 10;
    case 'm':
    case 'M':
        return 20;
    case 'g':
    case 'G':
        return 30;
    case 't':
    case 'T':
        return 40;
    }
    *used = false;
    return 10;
}

int parse_size(const char *s, const char **end, uint64_t *bytes)
{
    const char *p;
    uint64_t v;
    unsigned int shift;
    bool used;
    int rc = parse_u64(s, &p, &v);

    if (rc)
        return rc;

    shift = suffix_shift(*p, &used);
    p += used;
    if (v << shift >> shift != v)
        return -ERANGE;

    *bytes = v << shift;
    if (end)
        *end = p;
    return 0;
}
