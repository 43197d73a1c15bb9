/* SPDX-License-Identifier: GPL-2.0 */
/*
 * tsc_scale.c - the arithmetic between ticks and nanoseconds. Pure.
 */
#include "cpu/tsc.h"

#define NS_PER_S 1000000000UL

uint64_t tsc_scale_delta(uint64_t ticks, const struct tsc_scale *s)
{
    if (s->shift < 0)
        ticks >>= -s->shift;
    else
        ticks <<= s->shift;
    return (uint64_t)(((unsigned __int128)ticks * s->mul) >> 32);
}

/* Shift so that one shifted tick takes between half a ns and one ns. */
struct tsc_scale tsc_scale_for(uint64_t hz)
{
    struct tsc_scale s = {0, 0};

    while (hz > 2 * NS_PER_S) {
        hz >>= 1;
        s.shift--;
    }
    while (hz && hz <= NS_PER_S) {
        hz <<= 1;
        s.shift++;
    }
    if (hz)
        s.mul = (uint32_t)((NS_PER_S << 32) / hz);
    return s;
}
