/* SPDX-License-Identifier: GPL-2.0 */
/*
 * test_format.c - lib/format.c against the C library's printf.
 * Ours is built as our_snprintf (see rules.mk).
 */
#include <stdlib.h>
#include <string.h>

#include "unit.h"

int our_snprintf(char *buf, size_t size, const char *fmt, ...);

/* Both must give the same text and the same length. */
#define SAME(...)                                                              \
    do {                                                                       \
        char a_[128], b_[128];                                                 \
        int ra_ = snprintf(a_, sizeof(a_), __VA_ARGS__);                       \
        int rb_ = our_snprintf(b_, sizeof(b_), __VA_ARGS__);                   \
                                                                               \
        CHECK_EQ(rb_, ra_);                                                    \
        if (strcmp(a_, b_))                                                    \
            unit_fail(__FILE__, __LINE__, "\"%s\", wanted \"%s\"", b_, a_);    \
    } while (0)

#pragma GCC diagnostic ignored "-Wformat"

static void numbers_like_printf(void)
{
    static const long long v[] = {
        0, 1, -1, 42, -300, 99, INT32_MAX, INT32_MIN, INT64_MAX, INT64_MIN};

    for (size_t i = 0; i < sizeof(v) / sizeof(v[0]); i++) {
        SAME("%d|%i|%u|%x|%X|%o", (int)v[i], (int)v[i], (unsigned)v[i],
             (unsigned)v[i], (unsigned)v[i], (unsigned)v[i]);
        SAME("%ld %lu %lx", (long)v[i], (long)v[i], (long)v[i]);
        SAME("%lld %llu %llx", v[i], v[i], v[i]);
        SAME("%zu %zx %jd %td", (size_t)v[i], (size_t)v[i], (intmax_t)v[i],
             (ptrdiff_t)v[i]);
        SAME("%hhd %hhu %hd %hx", (int)v[i], (int)v[i], (int)v[i], (int)v[i]);
        SAME("%5d|%-5d|%05d|%+d|% d", (int)v[i], (int)v[i], (int)v[i],
             (int)v[i], (int)v[i]);
        SAME("%#x|%#o|%#018llx|%-#10x|%016llx", (int)v[i], (int)v[i], v[i],
             (int)v[i], v[i]);
        SAME("%.3d|%8.3d|%-8.3d|%08.3d|%.0d", (int)v[i], (int)v[i], (int)v[i],
             (int)v[i], (int)v[i]);
        SAME("%*d|%-*d|%.*d", 7, (int)v[i], 7, (int)v[i], 4, (int)v[i]);
        SAME("%*d|%.*d", -7, (int)v[i], -4, (int)v[i]);
    }
}

static void text_like_printf(void)
{
    SAME("plain");
    SAME("100%%|%c|%3c|%-3c|", 'x', 'y', 'z');
    SAME("%s|%10s|%-10s|%.2s|%10.2s|%.*s|", "xen", "xen", "xen", "xen", "xen",
         1, "xen");
    SAME("%p %20p|%-20p|", (void *)0x1234, (void *)unit_why, (void *)16);
}

static void cuts_at_the_end(void)
{
    char b[8];

    memset(b, 'z', sizeof(b));
    CHECK_EQ(our_snprintf(b, 4, "%s", "hello"), 5);
    CHECK_EQ(strcmp(b, "hel"), 0);
    CHECK_EQ(b[4], 'z');
    CHECK_EQ(our_snprintf(b, 1, "%d", 77), 2);
    CHECK_EQ(b[0], '\0');
    CHECK_EQ(our_snprintf(NULL, 0, "%d", 12345), 5);
}

static void survives_odd_formats(void)
{
    char b[16];

    our_snprintf(b, sizeof(b), "%s", (char *)NULL);
    CHECK_EQ(strcmp(b, "(null)"), 0);
    our_snprintf(b, sizeof(b), "a%q%");
    CHECK_EQ(strcmp(b, "a%q%"), 0);
}

static const struct unit_test tests[] = {
    {"numbers look as printf's", numbers_like_printf},
    {"text looks as printf's", text_like_printf},
    {"a full buffer ends with a NUL", cuts_at_the_end},
    {"odd formats do no harm", survives_odd_formats},
};

UNIT_MAIN("format", tests)
