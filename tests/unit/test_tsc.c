/* SPDX-License-Identifier: GPL-2.0 */
/* test_tsc.c - cpu/tsc_scale.c against division of whole numbers. */
#include "unit.h"

#include "cpu/tsc.h"

typedef unsigned __int128 wide;

#define NS 1000000000ull

/* How far the scaled time may be off: 2^-30 of it, and the last ns. */
static void check_ticks(uint64_t hz, uint64_t ticks)
{
    struct tsc_scale s = tsc_scale_for(hz);
    uint64_t exact = (uint64_t)((wide)ticks * NS / hz);
    uint64_t got = tsc_scale_delta(ticks, &s);
    uint64_t off = got > exact ? got - exact : exact - got;

    if (off > (exact >> 29) + 2)
        unit_fail(__FILE__, __LINE__, "%llu Hz: %llu ticks are %llu ns",
                  (unsigned long long)hz, (unsigned long long)ticks,
                  (unsigned long long)got);
}

static void any_rate(void)
{
    uint64_t seed = 5;

    for (int i = 0; i < 200000; i++) {
        uint64_t hz = 1000000 + unit_random(&seed) % 20000000000ull;
        /* up to about a day, then up to ten years */
        uint64_t span = hz * (i & 1 ? 86400 : 315360000ull);

        check_ticks(hz, unit_random(&seed) % span);
    }
}

static void round_rates(void)
{
    static const uint64_t hz[] = {1000000, 500000000, 999999999, 1000000000,
                                  1000000001, 1999999999, 2000000000,
                                  2000000001, 4000000000, 10000000000ull};

    for (size_t i = 0; i < sizeof(hz) / sizeof(hz[0]); i++) {
        struct tsc_scale s = tsc_scale_for(hz[i]);

        CHECK(s.mul >> 31); /* all bits are in use */
        check_ticks(hz[i], hz[i]);
        check_ticks(hz[i], hz[i] * 3600);
        CHECK_EQ(tsc_scale_delta(0, &s), 0);
    }
}

static void never_back(void)
{
    uint64_t seed = 9;

    for (int i = 0; i < 200000; i++) {
        struct tsc_scale s =
            tsc_scale_for(1000000 + unit_random(&seed) % 8000000000ull);
        uint64_t t = unit_random(&seed) >> 12;

        CHECK(tsc_scale_delta(t + 1, &s) >= tsc_scale_delta(t, &s));
    }
}

static const struct unit_test tests[] = {
    {"any rate, any time up to ten years", any_rate},
    {"rates at the edges of a shift", round_rates},
    {"a later tick is no earlier time", never_back},
};

UNIT_MAIN("tsc", tests)
