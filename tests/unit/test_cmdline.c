/* SPDX-License-Identifier: GPL-2.0 */
/* test_cmdline.c - core/cmdline.c: words to variables, and complaints. */
#include <stdarg.h>
#include <stdbool.h>
#include <stdio.h>

#include "unit.h"

#include "core/cmdline.h"
#include "core/printk.h"
#include "lib/errno.h"
#include "lib/string.h"

static bool flag, other_flag;
static enum boot_choice choice;
static unsigned int number;
static uint64_t size;
static char text[8];
static char heard[32];
static char said[4096];

/* Does what was said hold these words? */
static bool complains(const char *words)
{
    size_t n = strlen(words);

    for (const char *s = said; *s; s++)
        if (!strncmp(s, words, n))
            return true;
    return false;
}

static int hear(const char *value)
{
    snprintf(heard, sizeof(heard), "%s", value);
    return *value == '!' ? -EINVAL : 0;
}

/* The table that the linker gathers elsewhere. */
extern const struct boot_opt boot_opts_start[];
const struct boot_opt boot_opts_start[] = {
    {"flag", OPT_BOOL, &flag, 0, NULL},
    {"other", OPT_BOOL, &other_flag, 0, NULL},
    {"choice", OPT_CHOICE, &choice, 0, NULL},
    {"number", OPT_UINT, &number, 0, NULL},
    {"size", OPT_SIZE, &size, 0, NULL},
    {"text", OPT_STRING, text, sizeof(text), NULL},
    {"fn", OPT_FN, NULL, 0, hear},
    {"flag", OPT_FN, NULL, 0, hear}, /* two rooms, one word */
};
_Static_assert(sizeof(boot_opts_start) == 8 * 40, "the end is set below");
__asm__(".globl boot_opts_end\n.set boot_opts_end, boot_opts_start + 8 * 40");

void printk(const char *fmt, ...)
{
    size_t n = strlen(said);
    va_list ap;

    va_start(ap, fmt);
    vsnprintf(said + n, sizeof(said) - n, fmt, ap);
    va_end(ap);
}

static void parse(const char *line)
{
    flag = other_flag = false;
    choice = CHOICE_OURS;
    number = 0;
    size = 0;
    text[0] = heard[0] = said[0] = 0;
    cmdline_parse(line);
}

static void kinds(void)
{
    parse("flag number=17 size=64M text=abc fn=x,y");
    CHECK(flag && !other_flag);
    CHECK_EQ(number, 17);
    CHECK_EQ(size, 64 << 20);
    CHECK(!strcmp(text, "abc"));
    CHECK(!strcmp(heard, "x,y"));
    CHECK(!said[0]);
}

static void bools(void)
{
    static const char *const yes[] = {"other", "other=1", "other=on",
                                      "other=yes", "other=true"};
    static const char *const no[] = {"other no-other", "other noother",
                                     "other other=0", "other other=off",
                                     "other other=false", "other other=no"};

    for (size_t i = 0; i < sizeof(yes) / sizeof(yes[0]); i++) {
        unit_set_row(yes[i]);
        parse(yes[i]);
        CHECK(other_flag);
        CHECK(!said[0]);
    }
    for (size_t i = 0; i < sizeof(no) / sizeof(no[0]); i++) {
        unit_set_row(no[i]);
        parse(no[i]);
        CHECK(!other_flag);
        CHECK(!said[0]);
    }
}

static void choices(void)
{
    parse("flag");
    CHECK_EQ(choice, CHOICE_OURS);
    parse("choice");
    CHECK_EQ(choice, CHOICE_YES);
    parse("choice=off");
    CHECK_EQ(choice, CHOICE_NO);
    parse("no-choice");
    CHECK_EQ(choice, CHOICE_NO);
    parse("choice=maybe");
    CHECK_EQ(choice, CHOICE_OURS);
    CHECK(complains("bad value"));
}

static void bad_values(void)
{
    static const char *const bad[] = {
        "number=x", "number=", "number=1x", "number=4294967296", "size=x",
        "size=1Q",  "other=maybe", "fn=!"};

    for (size_t i = 0; i < sizeof(bad) / sizeof(bad[0]); i++) {
        unit_set_row(bad[i]);
        parse(bad[i]);
        CHECK(complains("bad value"));
        CHECK_EQ(number, 0);
        CHECK_EQ(size, 0);
    }
}

static void unknown_words(void)
{
    parse("colour=blue flag no-number nothing");
    CHECK(complains("colour: not known"));
    CHECK(complains("no-number: not known")); /* it is no bool */
    CHECK(complains("nothing: not known"));
    CHECK(flag);
}

static void shared_word(void)
{
    parse("flag=1");
    CHECK(flag);
    CHECK(!strcmp(heard, "1"));
}

static void odd_lines(void)
{
    char line[3000];

    parse("");
    CHECK(!said[0]);
    parse("   flag    other  ");
    CHECK(flag && other_flag && !said[0]);
    parse("text=far-too-long");
    CHECK(!strcmp(text, "far-too"));
    memset(line, 'a', sizeof(line) - 1);
    line[sizeof(line) - 1] = 0;
    parse(line);
    CHECK_EQ(strlen(cmdline_saved), sizeof(cmdline_saved) - 1);
}

static const struct unit_test tests[] = {
    {"each kind of option takes its value", kinds},
    {"a bool is said in many ways", bools},
    {"a choice that nobody made is ours", choices},
    {"a bad value is named and changes nothing", bad_values},
    {"an unknown word is named, the rest holds", unknown_words},
    {"a word that two rooms want reaches both", shared_word},
    {"blanks, long values and long lines", odd_lines},
};

UNIT_MAIN("cmdline", tests)
