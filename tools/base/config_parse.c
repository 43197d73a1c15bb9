/* SPDX-License-Identifier: GPL-2.0 */
/*
 * config_parse.c - the grammar of domain files: reads assignments, runs
 * nothing.
 * Keeps true: every value knows where it began; parsing ends at the first
 * error, which names file, line and column; depth is bounded.
 * The grammar, lowest binding first:
 *   file  = { [name ("=" | "+=") value] (newline | ";") }
 *   value = sum { "," sum } [","]             (a comma makes a list)
 *   sum   = term { ("+" | "-") term }
 *   term  = unary { ("*" | "%") unary }
 *   unary = ("-" | "+") unary | atom
 *   atom  = string... | number | name | int(sum) | str(sum) | (value) | [list]
 */
#include <stdlib.h>
#include <string.h>

#include "config_private.h"

/* Names */

/* int(x) or str(x); at stands on the bracket. */
static struct config_value *parse_call(struct parser *p, const char *name,
                                       int line, int column)
{
    struct config_value *v;

    if (strcmp(name, "int") != 0 && strcmp(name, "str") != 0)
        return config_fail_at(p, line, column, "%s() is not understood here",
                              name);
    step(p);
    p->brackets++;
    v = config_parse_sum(p);
    p->brackets--;
    if (!v)
        return NULL;
    config_skip_blank(p);
    if (peek(p) != ')') {
        config_fail(p, "expected ')'");
        goto failed;
    }
    step(p);

    if (name[0] == 'i') {
        if (!config_integer(v, &v->integer)) {
            config_fail_at(p, line, column,
                           "int() of something that is no number");
            goto failed;
        }
        v->type = CONFIG_INT;
    } else {
        char *text = config_text(v);

        if (!text) {
            config_fail_at(p, line, column, "str() of a list");
            goto failed;
        }
        free(v->string);
        v->string = text;
        v->type = CONFIG_STRING;
    }
    return v;

failed:
    config_value_free(v);
    return NULL;
}

static struct config_value *parse_name(struct parser *p)
{
    int line = p->line, column = column_of(p);
    struct config_value *v = NULL;
    struct config_entry *e;
    char name[128];

    if (!config_read_name(p, name, sizeof(name)))
        return NULL;
    if (peek(p) == '(')
        return parse_call(p, name, line, column);

    e = config_named(p, name);
    if (e) {
        e->used = true;
        v = config_value_copy(p, e->value);
    } else if (!strcmp(name, "None")) {
        v = config_value_here(p, CONFIG_NONE);
    } else if (!strcmp(name, "True") || !strcmp(name, "False")) {
        v = config_value_here(p, CONFIG_BOOL);
        if (v)
            v->boolean = name[0] == 'T';
    } else {
        return config_fail_at(p, line, column,
                              "name '%s' is not defined (quotes forgotten?)",
                              name);
    }
    if (v) {
        v->line = line;
        v->column = column;
    }
    return v;
}

/* Lists */

/* Items up to `close`; a list for [], a value or list for (). */
static struct config_value *parse_list(struct parser *p, char close)
{
    struct config_value *list = config_value_here(p, CONFIG_LIST);
    bool comma = false;

    if (!list)
        return NULL;
    step(p);
    p->brackets++;
    for (;;) {
        struct config_value *item;

        config_skip_blank(p);
        if (peek(p) == close)
            break;
        if (peek(p) < 0) {
            config_fail_at(p, list->line, list->column, "'%s' is not closed",
                           close == ']' ? "[" : "(");
            goto failed;
        }
        if (list->count && !comma) {
            config_fail(p, "expected ',' or '%c'", close);
            goto failed;
        }
        item = config_parse_sum(p);
        if (!item)
            goto failed;
        if (list->count >= MAX_ITEMS || !config_append(list, item)) {
            config_value_free(item);
            config_fail(p, "list is too long");
            goto failed;
        }
        config_skip_blank(p);
        comma = peek(p) == ',';
        if (comma)
            step(p);
    }
    step(p);
    p->brackets--;
    config_skip_blank(p);

    if (close == ')' && list->count == 1 && !comma) {
        struct config_value *only = list->items[0];

        list->count = 0;
        config_value_free(list);
        return only;
    }
    return list;

failed:
    p->brackets--;
    config_value_free(list);
    return NULL;
}

/* Expressions */

static struct config_value *parse_atom(struct parser *p)
{
    int c;

    config_skip_blank(p);
    c = peek(p);
    if (config_string_ahead(p))
        return config_parse_strings(p);
    if ((c >= '0' && c <= '9') ||
        (c == '.' && peek2(p) >= '0' && peek2(p) <= '9'))
        return config_parse_number(p);
    if (is_name_start(c))
        return parse_name(p);
    if (c == '[')
        return parse_list(p, ']');
    if (c == '(')
        return parse_list(p, ')');
    if (c < 0 || c == '\n' || c == ';')
        return config_fail(p, "a value is missing");
    if (c == '{')
        return config_fail(p, "dictionaries are not understood");
    if (c > ' ' && c < 127)
        return config_fail(p, "unexpected '%c'", c);
    return config_fail(p, "unexpected byte 0x%02x", c);
}

static struct config_value *parse_unary(struct parser *p)
{
    struct config_value *v;
    int c, line, column;

    if (p->depth >= MAX_DEPTH)
        return config_fail(p, "nested too deeply");
    p->depth++;
    config_skip_blank(p);
    c = peek(p);
    line = p->line;
    column = column_of(p);
    if (c != '-' && c != '+') {
        v = parse_atom(p);
        p->depth--;
        return v;
    }

    step(p);
    v = parse_unary(p);
    p->depth--;
    if (!v)
        return NULL;
    if (v->type == CONFIG_INT && v->integer != INT64_MIN) {
        v->integer = c == '-' ? -v->integer : v->integer;
    } else if (v->type == CONFIG_FLOAT) {
        v->number = c == '-' ? -v->number : v->number;
    } else {
        config_fail_at(p, line, column,
                       "'%c' before something that is no number", c);
        config_value_free(v);
        return NULL;
    }
    v->line = line;
    v->column = column;
    return v;
}

static struct config_value *
parse_chain(struct parser *p, const char *ops,
            struct config_value *(*next)(struct parser *))
{
    struct config_value *l = next(p);

    while (l) {
        struct config_value *r;
        int line, column, c;

        config_skip_blank(p);
        c = peek(p);
        line = p->line;
        column = column_of(p);
        if (c <= 0 || !strchr(ops, c) || peek2(p) == '=')
            return l;
        step(p);
        r = next(p);
        if (!r) {
            config_value_free(l);
            return NULL;
        }
        l = config_operate(p, (char)c, line, column, l, r);
    }
    return NULL;
}

static struct config_value *parse_term(struct parser *p)
{
    return parse_chain(p, "*%", parse_unary);
}

struct config_value *config_parse_sum(struct parser *p)
{
    return parse_chain(p, "+-", parse_term);
}

static struct config_value *parse_value(struct parser *p)
{
    struct config_value *v = config_parse_sum(p), *list;

    if (!v)
        return NULL;
    config_skip_blank(p);
    if (peek(p) != ',')
        return v;

    list = config_value_here(p, CONFIG_LIST);
    if (!list || !config_append(list, v)) {
        config_value_free(list);
        config_value_free(v);
        return NULL;
    }
    list->line = v->line;
    list->column = v->column;
    while (peek(p) == ',') {
        step(p);
        config_skip_blank(p);
        if (peek(p) < 0 || peek(p) == '\n' || peek(p) == ';')
            break;
        v = config_parse_sum(p);
        if (!v || list->count >= MAX_ITEMS || !config_append(list, v)) {
            config_value_free(v);
            config_value_free(list);
            return p->err->text[0] ? NULL : config_fail(p, "list is too long");
        }
        config_skip_blank(p);
    }
    return list;
}

/* Statements */

static bool at_statement_end(const struct parser *p)
{
    return peek(p) < 0 || peek(p) == '\n' || peek(p) == ';';
}

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
    v = parse_value(p);
    if (!v)
        return false;
    if (!at_statement_end(p)) {
        if (peek(p) > ' ' && peek(p) < 127)
            config_fail(p, "unexpected '%c' after the value", peek(p));
        else
            config_fail(p, "unexpected byte after the value");
        config_value_free(v);
        return false;
    }
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

static bool parse_statement(struct parser *p)
{
    static const char *const reserved[] = {
        "if",   "else", "elif",  "for",    "while", "def",  "class",  "try",
        "with", "del",  "print", "return", "pass",  "exec", "lambda", NULL};
    int line = p->line, column = column_of(p), i;
    char name[128];

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
    for (i = 0; reserved[i]; i++) {
        if (!strcmp(name, reserved[i])) {
            config_fail_at(p, line, column,
                           "'%s' is not understood: only assignments are",
                           name);
            return false;
        }
    }
    config_skip_blank(p);
    if ((peek(p) == '=' && peek2(p) != '=') ||
        (peek(p) == '+' && peek2(p) == '='))
        return parse_assignment(p, name, line, column);
    config_fail(p, "expected '=' after '%s'", name);
    return false;
}

bool config_parse_file(struct parser *p)
{
    if (p->end - p->at >= 3 && !memcmp(p->at, "\xef\xbb\xbf", 3))
        p->at = p->line_start = p->at + 3;
    for (;;) {
        bool first = p->at == p->line_start;

        config_skip_blank(p);
        if (peek(p) < 0)
            return true;
        if (peek(p) == '\n' || peek(p) == ';') {
            step(p);
            continue;
        }
        if (first && column_of(p) > 1 && p->at[-1] <= ' ') {
            config_fail(p, "unexpected indent");
            return false;
        }
        if (!parse_statement(p))
            return false;
    }
}
