/* SPDX-License-Identifier: GPL-2.0 */
/* test_bitmap.c - lib/bitmap.c against an array of bools. */
#include <string.h>

#include "unit.h"

#include "lib/bitmap.h"

#define BITS 200

static BITMAP_DECLARE(map, BITS);
static bool model[BITS];

static void check_model(void)
{
    size_t n = 0, set = BITS, zero = BITS;

    for (size_t i = BITS; i-- > 0;) {
        CHECK_EQ(bitmap_test(map, i), model[i]);
        n += model[i];
        if (model[i])
            set = i;
        else
            zero = i;
        CHECK_EQ(bitmap_next_set(map, BITS, i), set);
        CHECK_EQ(bitmap_next_zero(map, BITS, i), zero);
    }
    CHECK_EQ(bitmap_weight(map, BITS), n);
    CHECK_EQ(bitmap_is_empty(map, BITS), n == 0);
}

static void random_step(uint64_t *seed)
{
    size_t first = unit_random(seed) % BITS;
    size_t count = unit_random(seed) % (BITS - first + 1);

    switch (unit_random(seed) % 6) {
    case 0:
        bitmap_set_range(map, first, count);
        memset(model + first, 1, count);
        break;
    case 1:
        bitmap_clear_range(map, first, count);
        memset(model + first, 0, count);
        break;
    case 2:
        CHECK_EQ(bitmap_test_set(map, first), model[first]);
        model[first] = true;
        break;
    case 3:
        CHECK_EQ(bitmap_test_clear(map, first), model[first]);
        model[first] = false;
        break;
    case 4:
        CHECK_EQ(bitmap_test_set_atomic(map, first), model[first]);
        model[first] = true;
        break;
    case 5:
        CHECK_EQ(bitmap_test_clear_atomic(map, first), model[first]);
        model[first] = false;
        break;
    }
}

static void matches_the_model(void)
{
    uint64_t seed = 1;

    bitmap_zero(map, BITS);
    for (int i = 0; i < 3000; i++) {
        random_step(&seed);
        check_model();
    }
}

static void ends_are_exact(void)
{
    uint64_t m[3] = {~0ull, ~0ull, ~0ull};

    CHECK_EQ(bitmap_next_zero(m, 130, 0), 130);
    CHECK_EQ(bitmap_next_set(m, 130, 130), 130);
    CHECK_EQ(bitmap_weight(m, 130), 130);
    bitmap_fill(m, 65);
    CHECK(m[0] == ~0ull && m[1] == 1 && m[2] == ~0ull);
    bitmap_zero(m, 64);
    CHECK(m[0] == 0 && m[1] == 1);
    CHECK_EQ(bitmap_first_set(m, 0), 0);
}

static void words_combine(void)
{
    uint64_t a[2] = {0xf0f0, 0xff}, b[2] = {0xff00, 0x0f}, c[2];

    bitmap_and(c, a, b, 128);
    CHECK(c[0] == 0xf000 && c[1] == 0x0f);
    bitmap_or(c, a, b, 128);
    CHECK(c[0] == 0xfff0 && c[1] == 0xff);
    bitmap_andnot(c, a, b, 128);
    CHECK(c[0] == 0x00f0 && c[1] == 0xf0);
    bitmap_copy(c, a, 66);
    CHECK(c[0] == 0xf0f0 && c[1] == 3);
    CHECK(bitmap_equal(c, a, 66) && !bitmap_equal(c, a, 67));
    CHECK(bitmap_intersects(a, b, 128) && !bitmap_intersects(a, b, 12));
}

static void becomes_text(void)
{
    uint64_t m[2] = {0x8f, 0x10};
    char b[40];

    CHECK_EQ(bitmap_to_list(b, sizeof(b), m, 128), 8);
    CHECK(!strcmp(b, "0-3,7,68"));
    CHECK_EQ(bitmap_to_list(b, 6, m, 128), 8);
    CHECK(!strcmp(b, "0-3,7"));
    CHECK_EQ(bitmap_to_hex(b, sizeof(b), m, 128), 18);
    CHECK(!strcmp(b, "10000000000000008f"));
    bitmap_to_hex(b, sizeof(b), m, 64);
    CHECK(!strcmp(b, "8f"));
    m[0] = 0;
    CHECK_EQ(bitmap_to_list(b, sizeof(b), m, 64), 0);
    CHECK(!strcmp(b, ""));
}

static const struct unit_test tests[] = {
    {"random steps match an array of bools", matches_the_model},
    {"the end is not in the middle of a word", ends_are_exact},
    {"words combine up to the last bit", words_combine},
    {"a bitmap becomes a list and a number", becomes_text},
};

UNIT_MAIN("bitmap", tests)
