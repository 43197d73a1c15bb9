/* SPDX-License-Identifier: GPL-2.0 */
/*
 * test_string.c - lib/string.c and parse.c, built under other names beside
 * the C library (see rules.mk).
 */
#include "unit.h"

#include "lib/errno.h"
#include "lib/string.h"

static void fill(unsigned char *b, size_t n)
{
    for (size_t i = 0; i < n; i++)
        b[i] = (unsigned char)(i * 7 + 1);
}

static void copies_any_length(void)
{
    unsigned char a[64], b[64];

    for (size_t n = 0; n <= 40; n++) {
        fill(a, sizeof(a));
        memset(b, 0xee, sizeof(b));
        CHECK(memcpy(b + 3, a + 1, n) == b + 3);
        for (size_t i = 0; i < n; i++)
            CHECK_EQ(b[3 + i], a[1 + i]);
        CHECK_EQ(b[2], 0xee);
        CHECK_EQ(b[3 + n], 0xee);
    }
}

static void moves_with_overlap(void)
{
    unsigned char a[64], b[64];

    for (size_t to = 0; to < 20; to++)
        for (size_t from = 0; from < 20; from++)
            for (size_t n = 0; n < 40; n += 3) {
                fill(a, sizeof(a));
                fill(b, sizeof(b));
                memmove(b + to, b + from, n);
                for (size_t i = 0; i < n; i++)
                    CHECK_EQ(b[to + i], a[from + i]);
                CHECK_EQ(b[63], a[63]);
            }
}

static void sets_any_length(void)
{
    unsigned char b[64];

    for (size_t n = 0; n < 40; n++) {
        fill(b, sizeof(b));
        memset(b + 1, 0x1a5, n);
        for (size_t i = 0; i < n; i++)
            CHECK_EQ(b[1 + i], 0xa5);
        CHECK_EQ(b[0], 1);
        CHECK_EQ(b[1 + n], (unsigned char)((1 + n) * 7 + 1));
    }
}

static void compares(void)
{
    CHECK_EQ(memcmp("abc", "abd", 2), 0);
    CHECK(memcmp("ab\xff", "ab\x01", 3) > 0);
    CHECK(memcmp("a\0b", "a\0c", 3) < 0);
    CHECK_EQ(strcmp("abc", "abc"), 0);
    CHECK(strcmp("ab", "abc") < 0);
    CHECK(strcmp("b", "abc") > 0);
    CHECK_EQ(strncmp("abx", "aby", 2), 0);
    CHECK(strncmp("abx", "aby", 3) < 0);
    CHECK_EQ(strncmp("a", "b", 0), 0);
}

static void finds(void)
{
    const char *s = "com1=115200";

    CHECK_EQ(strlen(s), 11);
    CHECK_EQ(strlen(""), 0);
    CHECK_EQ(strnlen(s, 4), 4);
    CHECK_EQ(strnlen(s, 12), 11);
    CHECK(strchr(s, '=') == s + 4);
    CHECK(strchr(s, 'x') == NULL);
    CHECK(strchr(s, '\0') == s + 11);
}

static void strlcpy_always_ends(void)
{
    char b[4] = "zzz";

    CHECK_EQ(strlcpy(b, "hello", sizeof(b)), 5);
    CHECK_EQ(strcmp(b, "hel"), 0);
    CHECK_EQ(strlcpy(b, "a", sizeof(b)), 1);
    CHECK_EQ(strcmp(b, "a"), 0);
    CHECK_EQ(strlcpy(b, "q", 0), 1);
    CHECK_EQ(b[0], 'a');
}

static const struct {
    const char *text;
    int rc;
    uint64_t value;
    size_t used;
} numbers[] =
    {
        {"0", 0, 0, 1},
        {"42,", 0, 42, 2},
        {"0x1F", 0, 31, 4},
        {"0x", 0, 0, 1},
        {"017", 0, 15, 3},
        {"08", 0, 0, 1},
        {"18446744073709551615", 0, UINT64_MAX, 20},
        {"18446744073709551616", -ERANGE, 0, 0},
        {"0xffffffffffffffff", 0, UINT64_MAX, 18},
        {"0x10000000000000000", -ERANGE, 0, 0},
        {"", -EINVAL, 0, 0},
        {"-1", -EINVAL, 0, 0},
        {"M", -EINVAL, 0, 0},
},
  sizes[] = {
      {"512M", 0, 512ull << 20, 4},
      {"1g,max:2g", 0, 1ull << 30, 2},
      {"4k", 0, 4096, 2},
      {"2T", 0, 2ull << 40, 2},
      {"77", 0, 77 << 10, 2},
      {"77b", 0, 77, 3},
      {"16777216T", -ERANGE, 0, 0},
      {"G", -EINVAL, 0, 0},
};

static void reads_numbers(void)
{
    for (size_t i = 0; i < sizeof(numbers) / sizeof(numbers[0]); i++) {
        const char *end = NULL;
        uint64_t v = 0;

        unit_set_row(numbers[i].text);
        CHECK_EQ(parse_u64(numbers[i].text, &end, &v), numbers[i].rc);
        CHECK(v == numbers[i].value);
        CHECK(!end || end == numbers[i].text + numbers[i].used);
    }
}

static void reads_sizes(void)
{
    for (size_t i = 0; i < sizeof(sizes) / sizeof(sizes[0]); i++) {
        const char *end = NULL;
        uint64_t v = 0;

        unit_set_row(sizes[i].text);
        CHECK_EQ(parse_size(sizes[i].text, &end, &v), sizes[i].rc);
        CHECK(v == sizes[i].value);
        CHECK(!end || end == sizes[i].text + sizes[i].used);
    }
}

static const struct unit_test tests[] = {
    {"memcpy copies any length and no more", copies_any_length},
    {"memmove minds overlap both ways", moves_with_overlap},
    {"memset sets any length and no more", sets_any_length},
    {"comparing looks at unsigned bytes", compares},
    {"lengths and characters are found", finds},
    {"strlcpy always ends with a NUL", strlcpy_always_ends},
    {"numbers are read, or refused", reads_numbers},
    {"sizes know their suffixes", reads_sizes},
};

UNIT_MAIN("string", tests)
