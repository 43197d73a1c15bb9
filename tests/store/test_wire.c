/* SPDX-License-Identifier: GPL-2.0 */
#include <errno.h>
#include <string.h>

#include "unit.h"
#include "wire.h"

static void test_header(void)
{
    char buf[WIRE_MSG_MAX + 8] = {0};
    struct xsd_sockmsg hdr = {XS_READ, 1, 2, 5};
    struct wire_msg m;

    memcpy(buf, &hdr, sizeof(hdr));
    for (size_t len = 0; len < sizeof(hdr) + 5; len++)
        CHECK_EQ(wire_judge(buf, len, &m), WIRE_MORE);
    CHECK_EQ(wire_judge(buf, sizeof(hdr) + 5, &m), WIRE_COMPLETE);
    CHECK_EQ(m.size, sizeof(hdr) + 5);
    hdr.len = XENSTORE_PAYLOAD_MAX;
    memcpy(buf, &hdr, sizeof(hdr));
    CHECK_EQ(wire_judge(buf, WIRE_MSG_MAX, &m), WIRE_COMPLETE);
    hdr.len++;
    memcpy(buf, &hdr, sizeof(hdr));
    CHECK_EQ(wire_judge(buf, sizeof(hdr), &m), WIRE_TOO_LONG);
    hdr.len = UINT32_MAX;
    memcpy(buf, &hdr, sizeof(hdr));
    CHECK_EQ(wire_judge(buf, sizeof(buf), &m), WIRE_TOO_LONG);
}

static void test_paths(void)
{
    static const struct {
        const char *path;
        bool ok;
    } rows[] = {
        {"/", true},          {"/a", true},        {"/a/b-c_d@0/Z9", true},
        {"", false},          {"a", false},        {"//", false},
        {"/a/", false},       {"/a//b", false},    {"/a.b", false},
        {"/a b", false},      {"/\xe4", false},    {"@introduceDomain", true},
        {"@other", false},    {"/a,b", false},     {"@releaseDomain", true},
        {"/@introduceDomain", true},               {"/a:b", false},
    };
    char longest[XENSTORE_ABS_PATH_MAX + 2];

    for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
        unit_set_row(rows[i].path);
        CHECK_EQ(wire_path_ok(rows[i].path, strlen(rows[i].path)),
                 rows[i].ok);
    }
    memset(longest, 'a', sizeof(longest));
    longest[0] = '/';
    unit_set_row("the longest");
    CHECK(wire_path_ok(longest, XENSTORE_ABS_PATH_MAX));
    CHECK(!wire_path_ok(longest, XENSTORE_ABS_PATH_MAX + 1));
}

static void test_strings(void)
{
    const char *s[2];

    CHECK_EQ(wire_strings("a\0bc", 5, s, 2), 2);
    CHECK(!strcmp(s[1], "bc"));
    CHECK_EQ(wire_strings("a\0bc", 4, s, 2), -1);
    CHECK_EQ(wire_strings("a\0b\0c", 6, s, 2), -1);
    CHECK_EQ(wire_strings("", 0, s, 2), 0);
    CHECK_EQ(wire_count("a\0b\0", 5), 3);
}

static void test_rights(void)
{
    static const char *const good[] = {"n0", "r5", "w32751", "b1"};
    static const char *const bad[] = {"",   "n",  "x1",     "n-1",
                                      "r 1", "b1x", "r32752", "n99999999999999"};
    struct right r;
    char text[8];

    for (size_t i = 0; i < 4; i++) {
        unit_set_row(good[i]);
        CHECK(wire_parse_right(good[i], &r));
        wire_format_right(text, r);
        CHECK(!strcmp(text, good[i]));
    }
    for (size_t i = 0; i < sizeof(bad) / sizeof(bad[0]); i++) {
        unit_set_row(bad[i]);
        CHECK(!wire_parse_right(bad[i], &r));
    }
}

static void test_numbers(void)
{
    uint64_t v;

    CHECK(wire_parse_u64("18446744073709551615", UINT64_MAX, &v));
    CHECK(v == UINT64_MAX);
    CHECK(!wire_parse_u64("18446744073709551616", UINT64_MAX, &v));
    CHECK(!wire_parse_u64("5", 4, &v));
    CHECK(!wire_parse_u64("+5", 9, &v));
    CHECK(!strcmp(wire_error_name(EAGAIN), "EAGAIN"));
    CHECK(!strcmp(wire_error_name(ENOTTY), "EINVAL"));
}

static const struct unit_test tests[] = {
    {"a message is whole only with its body, and never too long", test_header},
    {"a path has only the letters and shape of a path", test_paths},
    {"strings end with NUL, all of them", test_strings},
    {"rights are read as they are written", test_rights},
    {"numbers stop at their bounds", test_numbers},
};
UNIT_MAIN("store wire", tests)
