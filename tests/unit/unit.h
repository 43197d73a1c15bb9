/* SPDX-License-Identifier: GPL-2.0 */
/*
 * unit.h - the least that a host test needs.
 * A test is a sentence and a function; CHECK notes what was not so and goes
 * on. Each prints one line, PASS or FAIL; the program exits 0, 1 or 77 (skip).
 */
#ifndef UNIT_H
#define UNIT_H

#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>

struct unit_test {
    const char *sentence;
    void (*run)(void);
};

static char unit_why[400]; /* the first thing that was not so */
static const char *unit_row = "";

/* Name the row of a table that the next checks are about. */
static inline void unit_set_row(const char *row)
{
    unit_row = row;
}

__attribute__((format(printf, 3, 4))) static inline void
unit_fail(const char *file, int line, const char *fmt, ...)
{
    char text[256];
    va_list args;

    if (unit_why[0])
        return;

    va_start(args, fmt);
    vsnprintf(text, sizeof(text), fmt, args);
    va_end(args);
    snprintf(unit_why, sizeof(unit_why), "%s%s%s (%s:%d)", unit_row,
             *unit_row ? ": " : "", text, file, line);
}

#define CHECK(cond)                                                            \
    do {                                                                       \
        if (!(cond))                                                           \
            unit_fail(__FILE__, __LINE__, "%s", #cond);                        \
    } while (0)

#define CHECK_EQ(got, wanted)                                                  \
    do {                                                                       \
        long long got_ = (long long)(got);                                     \
        long long wanted_ = (long long)(wanted);                               \
                                                                               \
        if (got_ != wanted_)                                                   \
            unit_fail(__FILE__, __LINE__, "%s is %lld (0x%llx), wanted %lld",  \
                      #got, got_, (unsigned long long)got_, wanted_);          \
    } while (0)

static inline int unit_main(const char *name, const struct unit_test *tests,
                            size_t count)
{
    int bad = 0;

    for (size_t i = 0; i < count; i++) {
        unit_why[0] = '\0';
        unit_row = "";
        tests[i].run();
        if (unit_why[0]) {
            printf("FAIL %s: %s: %s\n", name, tests[i].sentence, unit_why);
            bad = 1;
        } else {
            printf("PASS %s: %s\n", name, tests[i].sentence);
        }
    }
    return bad;
}

#define UNIT_MAIN(name, tests)                                                 \
    int main(void)                                                             \
    {                                                                          \
        return unit_main(name, tests, sizeof(tests) / sizeof((tests)[0]));     \
    }

/* A small generator: the same numbers in every run. */
static inline uint64_t unit_random(uint64_t *state)
{
    uint64_t z = (*state += 0x9e3779b97f4a7c15ull);

    z = (z ^ (z >> 30)) * 0xbf58476d1ce4e5b9ull;
    z = (z ^ (z >> 27)) * 0x94d049bb133111ebull;
    return z ^ (z >> 31);
}

#endif
