/* SPDX-License-Identifier: GPL-2.0 */
/* test_sxp.c - S-expressions: read, look up, write, read again. */
#include <string.h>

#include "unit.h"

#include "base/sxp.h"

static char err[256];

static struct sxp *parse(const char *text)
{
    return sxp_parse("f", text, strlen(text), err, sizeof(err));
}

static void reading(void)
{
    struct sxp *s =
        parse("# comment\n(xend-port 8000)\n"
              "(name 'a b' \"c\\n\") (empty '') (nested (x (y z)))");

    CHECK(s != NULL);
    CHECK(!strcmp(sxp_get(s, "xend-port"), "8000"));
    CHECK(!strcmp(sxp_get(s, "name"), "a b"));
    CHECK(!strcmp(sxp_find(s, "name")->first->next->next->atom, "c\n"));
    CHECK(!strcmp(sxp_get(s, "empty"), ""));
    CHECK(!strcmp(sxp_get(sxp_find(sxp_find(s, "nested"), "x"), "y"), "z"));
    CHECK(sxp_get(s, "nothing") == NULL);
    CHECK(sxp_get(s, "nested") == NULL);
    CHECK_EQ(sxp_find(s, "name")->line, 3);
    sxp_free(s);
}

static void errors(void)
{
    CHECK(parse("(a\n(b)") == NULL);
    CHECK(!strcmp(err, "f:1: '(' is not closed"));
    CHECK(parse("(a))") == NULL);
    CHECK(!strcmp(err, "f:1: ')' without '('"));
    CHECK(parse("\n(a 'x)") == NULL);
    CHECK(!strcmp(err, "f:2: string is not closed"));
    CHECK(parse("((((((((((((((((((((((((((((((((((((((((((((((((((((((((((((("
                "((((((((((") == NULL);
    CHECK(strstr(err, "deeply") != NULL);
}

static void round_trip(void)
{
    struct sxp *s = sxp_list("domain"), *back;
    struct buf first = BUF_INIT, second = BUF_INIT;

    sxp_add_int(s, "domid", 7);
    sxp_add_pair(s, "name", "it's \\ (odd) #name;\n");
    sxp_add_pair(s, "none", "");
    sxp_add(s, sxp_add_pair(sxp_list("device"), "a-rather-long-name",
                            "with a rather long value that needs a line"));
    sxp_print(&first, s);
    back = parse(first.data);
    CHECK(back && back->first);
    if (back && back->first) {
        CHECK(!strcmp(sxp_get(back->first, "name"), "it's \\ (odd) #name;\n"));
        CHECK(!strcmp(sxp_get(back->first, "none"), ""));
        sxp_print(&second, back->first);
        CHECK(first.len == second.len &&
              !memcmp(first.data, second.data, first.len));
    }
    sxp_free(back);
    sxp_free(s);
    buf_free(&first);
    buf_free(&second);
}

static const struct unit_test tests[] = {
    {"lists, atoms and quotes are read", reading},
    {"errors name the line", errors},
    {"what is written reads back the same", round_trip},
};
UNIT_MAIN("sxp", tests)
