/* SPDX-License-Identifier: GPL-2.0 */
#include <string.h>

#include "indices.h"
#include "unit.h"

static void test_bounds(void)
{
    CHECK(ring_indices_ok(0, 0, 1024));
    CHECK(ring_indices_ok(5, 1029, 1024));
    CHECK(!ring_indices_ok(5, 1030, 1024));
    CHECK(!ring_indices_ok(5, 4, 1024));
    CHECK(ring_indices_ok(UINT32_MAX, 10, 1024));
}

static void test_copy(void)
{
    char ring[64], in[64], out[64];
    uint64_t seed = 5;
    uint32_t at = UINT32_MAX - 5000;

    for (int i = 0; i < 10000; i++) {
        uint32_t n = (uint32_t)(unit_random(&seed) % 65);

        for (uint32_t k = 0; k < n; k++)
            in[k] = (char)unit_random(&seed);
        ring_copy_in(ring, at, in, n, 64);
        ring_copy_out(out, ring, at, n, 64);
        CHECK(!memcmp(in, out, n));
        at += n;
    }
}

static const struct unit_test tests[] = {
    {"an index is believed only within the ring", test_bounds},
    {"what goes in comes out, across the seam", test_copy},
};
UNIT_MAIN("store ring indices", tests)
