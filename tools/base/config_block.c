/* SPDX-License-Identifier: GPL-2.0 */
/*
 * config_block.c - the statements of domain files: assignments, and which of
 * them an if lets count. Functions are passed over, for nothing calls them.
 * Keeps true: p->width is the indentation of the line at p->at, which is the
 * next to be read; what stands in a branch not taken is not even looked at.
 *   file  = block
 *   block = line { line }                     (all indented alike)
 *   line  = simple { ";" simple } newline | "if" test ":" suite
 *           { "elif" test ":" suite } ["else" ":" suite]
 *   suite = simple { ";" simple } newline | newline block
 *   simple = name ("=" | "+=") value | "import" ... | "pass" | strings
 * A whole file may be indented, as some are that a script has written.
 */
#include <string.h>

#include "config_private.h"

static bool parse_block(struct parser *p, int above);

static bool at_statement_end(const struct parser *p)
{
    return peek(p) < 0 || peek(p) == '\n' || peek(p) == ';';
}

/* Lines */

/* From a line's start to the first word there is; sets p->width. */
static void begin_line(struct parser *p)
{
    p->width = 0;
    for (;;) {
        int c = peek(p);

        if (c < 0) {
            p->width = -1;
            return;
        }
        if (c == '#') {
            while (peek(p) >= 0 && peek(p) != '\n')
                step(p);
            continue;
        }
        if (c == '\n')
            p->width = 0;
        else if (c == ' ')
            p->width++;
        else if (c == '\t')
            p->width = p->width / 8 * 8 + 8;
        else if (c != '\r' && c != '\f')
            return;
        step(p);
    }
}

/* Past a string, whatever it holds. */
static void skip_string(struct parser *p)
{
    int quote = peek(p);
    bool triple = p->end - p->at >= 3 && p->at[1] == quote && p->at[2] == quote;
    int left = triple ? 3 : 1, i;

    for (i = 0; i < left; i++)
        step(p);
    while (peek(p) >= 0 && (triple || peek(p) != '\n')) {
        bool escape = peek(p) == '\\';

        if (peek(p) == quote && --left == 0) {
            step(p);
            return;
        }
        if (peek(p) != quote)
            left = triple ? 3 : 1;
        step(p);
        if (escape && peek(p) >= 0)
            step(p);
    }
}

/* Past the end of this line, with all that its brackets hold. */
static void skip_line(struct parser *p)
{
    int depth = 0;

    for (;;) {
        int c = peek(p);

        if (c == '"' || c == '\'') {
            skip_string(p);
            continue;
        }
        if (c == '#' || (c == '\\' && (peek2(p) == '\n' || peek2(p) == '\r'))) {
            config_skip_blank(p);
            continue;
        }
        if (c < 0)
            break;
        step(p);
        if (c == '\n' && depth <= 0)
            break;
        depth += (strchr("([{", c) != NULL) - (strchr(")]}", c) != NULL);
    }
    begin_line(p);
}

/* Past this line and all that is indented more than `above`. */
static void skip_suite(struct parser *p, int above)
{
    do
        skip_line(p);
    while (p->width > above);
}

/* Simple statements */

static bool parse_assignment(struct parser *p, const char *name, int line,
                             int column)
{
    bool add = peek(p) == '+' && peek2(p) == '=';
    const struct config_entry *old = config_named(p, name);
    struct config_value *v, *before;
    struct config_entry *e;

    if (add)
        step(p);
    step(p);
    v = config_parse_value(p);
    if (!v)
        return false;
    if (add) {
        before = old ? config_value_copy(p, old->value)
                     : config_fail_at(p, line, column,
                                      "name '%s' is not defined", name);
        if (!before) {
            config_value_free(v);
            return false;
        }
        v = config_operate(p, '+', line, column, before, v);
        if (!v)
            return false;
    }
    if (config_set(p->config, name, v) < 0) {
        config_fail(p, "out of memory");
        return false;
    }
    e = config_entry_for(p->config, name);
    e->line = line;
    e->column = column;
    return true;
}

/* A text that stands alone says nothing; some put what they keep into one. */
static bool parse_text(struct parser *p)
{
    struct config_value *v = config_parse_value(p);
    bool ok = v != NULL;

    config_value_free(v);
    return ok;
}

/* What is wrong with a statement that begins with `name`. */
static void refuse(struct parser *p, const char *name, int line, int column)
{
    static const char *const reserved[] = {
        "if",     "elif",   "else",   "for",    "while", "class",
        "try",    "with",   "del",    "exec",   "pass",  "raise",
        "return", "lambda", "assert", "global", NULL};
    int i;

    for (i = 0; reserved[i]; i++) {
        if (!strcmp(name, reserved[i])) {
            config_fail_at(p, line, column,
                           "'%s' is not understood here: only assignments "
                           "and if are",
                           name);
            return;
        }
    }
    if (peek(p) == '.' || peek(p) == '(')
        config_fail_at(p, line, column,
                       "a call of '%s' is not understood: nothing is executed",
                       name);
    else
        config_fail(p, "expected '=' after '%s'", name);
}

static bool parse_simple(struct parser *p)
{
    int line = p->line, column = column_of(p);
    char name[128];

    if (config_string_ahead(p))
        return parse_text(p);
    if (!is_name_start(peek(p))) {
        if (peek(p) > ' ' && peek(p) < 127)
            config_fail(p, "unexpected '%c' where a name should begin",
                        peek(p));
        else
            config_fail(p, "unexpected byte 0x%02x", peek(p) & 255);
        return false;
    }
    if (!config_read_name(p, name, sizeof(name)))
        return false;
    if (!strcmp(name, "import") || !strcmp(name, "from")) {
        while (!at_statement_end(p))
            step(p);
        return true;
    }
    config_skip_blank(p);
    if (!strcmp(name, "pass") && at_statement_end(p))
        return true;
    if ((peek(p) == '=' && peek2(p) != '=') ||
        (peek(p) == '+' && peek2(p) == '='))
        return parse_assignment(p, name, line, column);
    refuse(p, name, line, column);
    return false;
}

/* Simple statements up to the line's end, and on to the next line. */
static bool parse_simple_line(struct parser *p)
{
    bool more = true;

    while (more) {
        if (!parse_simple(p))
            return false;
        config_skip_blank(p);
        if (!at_statement_end(p)) {
            if (peek(p) > ' ' && peek(p) < 127)
                config_fail(p, "unexpected '%c' after the value", peek(p));
            else
                config_fail(p, "unexpected byte after the value");
            return false;
        }
        while (peek(p) == ';') {
            step(p);
            config_skip_blank(p);
        }
        more = !(peek(p) < 0 || peek(p) == '\n');
    }
    begin_line(p);
    return true;
}

/*
 * xm_vars.var('vmid', ..) says that the file wants vmid=.. on the command
 * line; xm_vars.check() and the rest of it are xm's own business.
 */
static bool parse_xm_vars(struct parser *p)
{
    static const char var[] = "xm_vars.var(";
    size_t len = sizeof(var) - 1;
    struct parser ahead = *p;
    struct config_value *name;
    bool there;

    if ((size_t)(p->end - p->at) > len && !memcmp(p->at, var, len)) {
        ahead.at += len;
        ahead.brackets++;
        config_skip_blank(&ahead);
        if (!config_string_ahead(&ahead)) {
            config_fail(&ahead, "expected a variable's name");
            return false;
        }
        name = config_parse_strings(&ahead);
        if (!name)
            return false;
        there = config_named(p, name->string);
        if (!there)
            config_fail(p, "the file wants %.100s=VALUE on the command line",
                        name->string);
        config_value_free(name);
        if (!there)
            return false;
    }
    skip_line(p);
    return true;
}

/* Branches */

static bool parse_suite(struct parser *p, int above)
{
    config_skip_blank(p);
    if (peek(p) >= 0 && peek(p) != '\n')
        return parse_simple_line(p);
    begin_line(p);
    if (p->width > above)
        return parse_block(p, above);
    config_fail(p, "an indented line is missing");
    return false;
}

/* `count` letters, a test or none, and a colon; false with p->err filled. */
static bool parse_head(struct parser *p, size_t count, bool *truth)
{
    struct config_value *v;

    p->at += count;
    if (truth) {
        v = config_parse_test(p);
        if (!v)
            return false;
        *truth = config_truth(v);
        config_value_free(v);
    }
    config_skip_blank(p);
    if (peek(p) != ':') {
        config_fail(p, "expected ':'");
        return false;
    }
    step(p);
    return true;
}

/* An if with all its branches; one at most counts. */
static bool parse_if(struct parser *p)
{
    int above = p->width;
    bool done = false, truth;
    size_t count = strlen("if");

    do {
        if (done) {
            skip_suite(p, above);
        } else {
            if (!parse_head(p, count, &truth))
                return false;
            if (!truth)
                skip_suite(p, above);
            else if (!parse_suite(p, above))
                return false;
            done = truth;
        }
        count = strlen("elif");
    } while (p->width == above && config_word_ahead(p, "elif"));

    if (p->width != above || !config_word_ahead(p, "else"))
        return true;
    if (done) {
        skip_suite(p, above);
        return true;
    }
    return parse_head(p, strlen("else"), NULL) && parse_suite(p, above);
}

static bool parse_line(struct parser *p)
{
    bool ok;

    if (config_word_ahead(p, "def")) {
        skip_suite(p, p->width);
        return true;
    }
    if (config_word_ahead(p, "xm_vars"))
        return parse_xm_vars(p);
    if (config_word_ahead(p, "print")) {
        skip_line(p);
        return true;
    }
    if (!config_word_ahead(p, "if"))
        return parse_simple_line(p);
    if (p->depth >= MAX_DEPTH) {
        config_fail(p, "nested too deeply");
        return false;
    }
    p->depth++;
    ok = parse_if(p);
    p->depth--;
    return ok;
}

/* All lines indented alike, and more than `above`. */
static bool parse_block(struct parser *p, int above)
{
    int width = p->width;

    while (p->width == width) {
        if (!parse_line(p))
            return false;
    }
    if (p->width <= above)
        return true;
    config_fail(p, "unexpected indent");
    return false;
}

bool config_parse_file(struct parser *p)
{
    if (p->end - p->at >= 3 && !memcmp(p->at, "\xef\xbb\xbf", 3))
        p->at = p->line_start = p->at + 3;
    begin_line(p);
    return p->width < 0 || parse_block(p, -1);
}
