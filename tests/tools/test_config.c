/* SPDX-License-Identifier: GPL-2.0 */
/* test_config.c - the domain file parser: what it takes, what it says. */
#include <stdlib.h>
#include <string.h>

#include "unit.h"

#include "base/config.h"

static struct config_error err;

static struct config *parse(const char *text)
{
    return config_parse("f", text, strlen(text), NULL, &err);
}

/* The key's value as text, or what is wrong. */
static void is_string(const char *text, const char *key, const char *wanted)
{
    struct config *c = parse(text);
    char *got = NULL;

    unit_set_row(text);
    CHECK(c != NULL);
    if (!c) {
        unit_set_row(err.text);
        CHECK(!"parsed");
        return;
    }
    CHECK(config_get_string(c, key, &got, &err) == 1);
    CHECK(got && !strcmp(got, wanted));
    free(got);
    config_free(c);
}

static void is_error(const char *text, int line, int column, const char *part)
{
    struct config *c = parse(text);

    unit_set_row(text);
    CHECK(c == NULL);
    CHECK_EQ(err.line, line);
    CHECK_EQ(err.column, column);
    if (!strstr(err.text, part))
        unit_set_row(err.text);
    CHECK(strstr(err.text, part) != NULL);
    config_free(c);
}

static void strings(void)
{
    is_string("a='x'", "a", "x");
    is_string("a = \"x\" # comment", "a", "x");
    is_string("a = 'x' 'y'\n", "a", "xy");
    is_string("a = ('x'\n  \"y\")", "a", "xy");
    is_string("a = 'x' + \\\n 'y'", "a", "xy");
    is_string("a = '''x\ny'''", "a", "x\ny");
    is_string("a = \"\"\"it's \"x\" \"\"\"", "a", "it's \"x\" ");
    is_string("a = 'q\\'\\n\\x41\\101\\\\'", "a", "q'\nAA\\");
    is_string("a = r'\\n'", "a", "\\n");
    is_string("a = u'\\u20ac'", "a", "\xe2\x82\xac");
    is_string("a = '\\q'", "a", "\\q");
    is_string("a = 'x' * 3", "a", "xxx");
    is_string("a = '#no' # yes", "a", "#no");
    is_string("a = ''", "a", "");
    is_string("a='x';b='y';\n", "b", "y");
    is_string("\xef\xbb\xbf"
              "a='x'\r\n\r\nb='y'\r\n",
              "b", "y");
}

static void variables_and_formats(void)
{
    is_string("n=3\na='vm%d' % n", "a", "vm3");
    is_string("n=3\na='vm%02d-%s' % (n, 'x')", "a", "vm03-x");
    is_string("a='%x %X %o' % (255,255,8)", "a", "ff FF 10");
    is_string("a='100%%' % ()", "a", "100%");
    is_string("a='%5s|%-5s|' % ('x','y')", "a", "    x|y    |");
    is_string("a='%.2f' % 1.239", "a", "1.24");
    is_string("a='x'\na += 'y'\nb=a+a", "b", "xyxy");
    is_string("n=2\na='x' + str(n+1)", "a", "x3");
    is_string("a=int('7') * 2 - -1", "a", "15");
    is_string("import os\nfrom x import y\na=1", "a", "1");
    is_string("a=True", "a", "True");
}

static void numbers(void)
{
    static const struct {
        const char *text;
        int64_t value;
    } rows[] = {{"a=160", 160},
                {"a='160'", 160},
                {"a=0x1f", 31},
                {"a='0x1f'", 31},
                {"a=-5", -5},
                {"a=0o17", 15},
                {"a=017", 15},
                {"a=0b101", 5},
                {"a=2.0", 2},
                {"a=2*3+4", 10},
                {"a=(2+3)*4", 20},
                {"a=7 % 4", 3},
                {"a=-7 % 4", 1},
                {"a=True", 1},
                {"a=9223372036854775807", INT64_MAX}};
    size_t i;

    for (i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
        struct config *c = parse(rows[i].text);
        int64_t got = 0;

        unit_set_row(rows[i].text);
        CHECK(c && config_get_int(c, "a", &got, &err) == 1);
        CHECK_EQ(got, rows[i].value);
        config_free(c);
    }
}

static void lists(void)
{
    static const char text[] = "disk = [ 'phy:a,xvda,w', # first\n"
                               "         'file:b,xvdb,r',\n"
                               "       ]\n"
                               "vif = ['']\none = 'x'\nt = 1, 'b'\n"
                               "n = [[1,2],[3]]\nd = ['a'] + ['b']\n";
    struct config *c = parse(text);
    const char **items;
    size_t n;

    CHECK(c != NULL);
    if (!c)
        return;
    CHECK_EQ(config_get_strings(c, "disk", &items, &n, &err), 1);
    CHECK_EQ(n, 2);
    CHECK(!strcmp(items[1], "file:b,xvdb,r"));
    free(items);
    CHECK_EQ(config_get(c, "disk")->items[1]->line, 2);
    CHECK_EQ(config_get(c, "disk")->items[1]->column, 10);
    CHECK_EQ(config_get_strings(c, "vif", &items, &n, &err), 1);
    CHECK_EQ(n, 1);
    free(items);
    CHECK_EQ(config_get_strings(c, "one", &items, &n, &err), 1);
    CHECK_EQ(n, 1);
    free(items);
    CHECK_EQ(config_get(c, "t")->count, 2);
    CHECK_EQ(config_get(c, "n")->items[0]->count, 2);
    CHECK_EQ(config_get(c, "d")->count, 2);
    CHECK_EQ(config_get_strings(c, "n", &items, &n, &err), -1);
    CHECK(strstr(err.text, "f:7:6: ") != NULL);
    CHECK_EQ(config_get_strings(c, "none", &items, &n, &err), 0);
    config_free(c);
}

static void errors(void)
{
    is_error("a = ", 1, 5, "value is missing");
    is_error("a = 'x", 1, 5, "not closed");
    is_error("\na = '''x\n\n", 2, 5, "not closed");
    is_error("a = [1, 2\nb = 3", 2, 1, "expected ','");
    is_error("a = [1, 2\n", 1, 5, "not closed");
    is_error("a = x", 1, 5, "not defined");
    is_error("a 5", 1, 3, "expected '='");
    is_error("a = 5\n  b = 6", 2, 3, "indent");
    is_error("a = 5 6", 1, 7, "unexpected '6'");
    is_error("for i in x:\n  a = 1", 1, 1, "'for' is not understood");
    is_error("a = 'x' + 1", 1, 9, "between a string and a whole number");
    is_error("a = 99999999999999999999", 1, 5, "too big");
    is_error("a = 9223372036854775807 + 1", 1, 25, "too big");
    is_error("a = 1\nb = 'x' % 1", 2, 5, "more values");
    is_error("a = '%d' % 'x'", 1, 15, "%d of a string");
    is_error("a = '%s'\nb = '%d %d' % (1,)", 2, 5, "not enough");
    is_error("a = {}", 1, 5, "dictionaries");
    is_error("a += 1", 1, 1, "not defined");
    is_error("a = '\\x00'", 1, 10, "escape");
    is_error("a = 12ab", 1, 5, "bad number");
    is_error("a = /boot/vmlinuz", 1, 5, "quotes forgotten");
    is_error("a = \xe2\x80\x9cx\xe2\x80\x9d", 1, 5, "a quote is ' or \"");
    is_error("5 = a", 1, 1, "unexpected '5'");
    is_error("a = int([1])", 1, 5, "int()");
    is_error("a = open('x')", 1, 5, "open() is not understood");
    is_error("a = os.path.basename('x')", 1, 5, "os.path.basename() is not");
    is_error("a = []\na.append(1)", 2, 1, "a call of 'a' is not understood");
    is_error("a = [1][1]", 1, 8, "no such place");
    is_error("a = 5[0]", 1, 6, "a place in a list");
    is_error("a = 1 < 'x'", 1, 7, "'<' between a whole number and a string");
    is_error("a = 1 in 5", 1, 7, "'in' between");
    is_error("a = re.search('6.', 'x')", 1, 5, "only plain text");
}

/* The same lines, but for those that an if rules out. */
static void branches(void)
{
    is_string("if re.search('64', 'x86_64'):\n    a = 'lib64'\n"
              "else:\n    a = 'lib'\n",
              "a", "lib64");
    is_string("if 0:\r\n a = \\\r\n1\r\nelse: a = 2\r\n", "a", "2");
    is_string("if 0:\n a = 1\nelif 1 and not 0:\n a = 2\nelse:\n a = 3", "a",
              "2");
    is_string("a = 1\nif a == 2: a = 5; b = 6\nelse: a = 7\n", "a", "7");
    is_string("a = 1\nif a:\n\tif a > 1:\n\t\ta = 2\n# note\n\n"
              "        a = a + 4\n",
              "a", "5");
    is_string("a = 1\nif not a:\n  b = nonsense [ (\n  ''' '\nif\n'''\n"
              "  )] # )\nelse:\n  pass\n",
              "a", "1");
    is_string("if 'x' in ['y', 'x'] and 'z' not in 'xy': a = 1", "a", "1");
    is_string("if (1 == 2) or 'b' >= 'a' and None != 0: a = 1\n", "a", "1");
    is_string("  a = 1\n  b = 2\n", "b", "2");
    is_error("if 1\n a = 1", 1, 5, "expected ':'");
    is_error("if 1:\na = 1", 2, 1, "an indented line is missing");
    is_error("if 1:\n  a = 1\n b = 1", 3, 2, "indent");
    is_error("else: a = 1", 1, 1, "'else' is not understood here");
    is_error("if b: a = 1", 1, 4, "not defined");
}

static void functions(void)
{
    is_string("def f(x):\n  return '''\nno\n'''\n\na = 'y'\n", "a", "y");
    is_string("\"\"\"kept:\nb = 1\n\"\"\"\na = 'y'\n", "a", "y");
    is_string("print 'made', (1,\n2)\na = 'y'\n", "a", "y");
    is_string("a = os.uname()[0]", "a", "Linux");
    is_string("a = 'xyz'[-1] + ['p', 'q'][1]", "a", "zq");
    is_string("vmid = 4\nxm_vars.var('vmid',\n  check=f)\nxm_vars.check()\n"
              "a = 'n%d' % vmid",
              "a", "n4");
    is_error("\nxm_vars.var('vmid', use=\"x\")", 2, 1,
             "wants vmid=VALUE on the command line");
}

static void deep_nesting(void)
{
    char text[4096] = "a = ";
    size_t i, n;

    for (i = 4; i < 3000; i++)
        text[i] = '[';
    CHECK(parse(text) == NULL);
    CHECK(strstr(err.text, "too deeply") != NULL);
    for (i = 4; i < 3000; i++)
        text[i] = '-';
    CHECK(parse(text) == NULL);
    for (i = 0, n = 0; i < 50; i++)
        n += (size_t)snprintf(text + n, sizeof(text) - n, "%*sif 1:\n", (int)i,
                              "");
    CHECK(parse(text) == NULL);
    CHECK(strstr(err.text, "too deeply") != NULL);
    CHECK(parse("a = 'x' * 9999999999") == NULL);
    CHECK(parse("a='xxxxxxxx'*8000\na+=a\nb=a") == NULL);
}

static void command_line(void)
{
    struct config *c = parse("name = 'x'\nmemory = 64\n");
    char *text;
    int64_t n;

    CHECK(c != NULL);
    if (!c)
        return;
    CHECK_EQ(config_override(c, "memory=128", &err), 0);
    CHECK_EQ(config_get_int(c, "memory", &n, &err), 1);
    CHECK_EQ(n, 128);
    CHECK_EQ(config_override(c, "disk=['a','b']", &err), 0);
    CHECK_EQ(config_get(c, "disk")->count, 2);
    CHECK_EQ(config_override(c, "extra=ro quiet 'x'", &err), 0);
    CHECK_EQ(config_get_string(c, "extra", &text, &err), 1);
    CHECK(!strcmp(text, "ro quiet 'x'"));
    free(text);
    CHECK_EQ(config_override(c, "kernel=/boot/vmlinuz", &err), 0);
    CHECK_EQ(config_override(c, "name=name", &err), 0);
    CHECK_EQ(config_get_string(c, "name", &text, &err), 1);
    CHECK(!strcmp(text, "name"));
    free(text);
    CHECK_EQ(config_override(c, "nonsense", &err), -1);
    CHECK_EQ(config_override(c, "memory=lots", &err), 0);
    CHECK_EQ(config_get_int(c, "memory", &n, &err), -1);
    CHECK(strstr(err.text, "command line: 'memory'") != NULL);
    config_free(c);
}

/* `xm create file vmid=3`: the file may ask for it. */
static void given_names(void)
{
    static const char text[] = "memory = 64\nname = 'vm%d' % vmid\n"
                               "extra = 'mem=%d' % memory\n";
    struct config *given = config_empty("f");
    struct config *c;
    char *got;

    CHECK_EQ(config_override(given, "vmid=3", &err), 0);
    CHECK_EQ(config_override(given, "memory=128", &err), 0);
    CHECK_EQ(config_override(given, "nmae=x", &err), 0);
    c = config_parse("f", text, sizeof(text) - 1, given, &err);
    config_free(given);
    CHECK(c != NULL);
    if (!c)
        return;
    CHECK_EQ(config_get_string(c, "name", &got, &err), 1);
    CHECK(!strcmp(got, "vm3"));
    free(got);
    CHECK_EQ(config_get_string(c, "extra", &got, &err), 1);
    CHECK(!strcmp(got, "mem=64")); /* the file's, in the file */
    free(got);
    CHECK_EQ(config_get_string(c, "memory", &got, &err), 1);
    CHECK(!strcmp(got, "128"));
    free(got);
    CHECK(config_find(c, "vmid")->used && !config_find(c, "nmae")->used);
    config_free(c);
}

static void booleans(void)
{
    struct config *c = parse("a='yes'\nb=0\nc='maybe'\nd=None\n");
    bool v = false;

    CHECK(c != NULL);
    if (!c)
        return;
    CHECK_EQ(config_get_bool(c, "a", &v, &err), 1);
    CHECK(v);
    CHECK_EQ(config_get_bool(c, "b", &v, &err), 1);
    CHECK(!v);
    CHECK_EQ(config_get_bool(c, "c", &v, &err), -1);
    CHECK_EQ(config_get_bool(c, "d", &v, &err), 0);
    config_free(c);
}

static const struct unit_test tests[] = {
    {"strings in all their quotes", strings},
    {"variables, + and % as in Python", variables_and_formats},
    {"numbers in all bases, quoted too", numbers},
    {"lists over several lines keep their places", lists},
    {"errors name line, column and what", errors},
    {"an if lets the lines count that it should", branches},
    {"functions are passed over, a few are called", functions},
    {"depth and length are bounded", deep_nesting},
    {"the command line wins", command_line},
    {"a file may ask for what the command line gives", given_names},
    {"truth has several spellings", booleans},
};
UNIT_MAIN("config", tests)
