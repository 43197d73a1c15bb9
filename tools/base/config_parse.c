/* SPDX-License-Identifier: GPL-2.0 */
/*
 * config_parse.c - the values of domain files.
 * Keeps true: every value knows where it began; parsing ends at the first
 * error, which names file, line and column; depth is bounded.
 * The grammar, lowest binding first:
 *   value = test { "," test } [","]           (a comma makes a list)
 *   test  = both { "or" both }
 *   both  = not { "and" not }
 *   not   = "not" not | sum [compare sum]
 *   sum   = term { ("+" | "-") term }
 *   term  = unary { ("*" | "%") unary }
 *   unary = ("-" | "+") unary | item
 *   item  = atom { "[" test "]" }
 *   atom  = string... | number | name | name(test...) | (value) | [list]
 * Not here: statements (config_block.c), what calls give (config_call.c).
 */
#include <string.h>

#include "config_private.h"

static struct config_value *parse_list(struct parser *p, char close, bool call);

/* Names */

/* "name", "module.name" */
static bool read_dotted(struct parser *p, char *name, size_t size)
{
    size_t len;

    if (!config_read_name(p, name, size))
        return false;
    while (peek(p) == '.' && is_name_start(peek2(p))) {
        len = strlen(name);
        if (len + 2 >= size)
            break;
        name[len] = '.';
        step(p);
        if (!config_read_name(p, name + len + 1, size - len - 1))
            return false;
    }
    return true;
}

static struct config_value *parse_name(struct parser *p)
{
    int line = p->line, column = column_of(p);
    struct config_value *v = NULL;
    struct config_entry *e;
    char name[128];

    if (!read_dotted(p, name, sizeof(name)))
        return NULL;
    if (peek(p) == '(') {
        v = parse_list(p, ')', true);
        return v ? config_call(p, name, line, column, v) : NULL;
    }

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

/* Items up to `close`: a list; for () that is no call a value or a list. */
static struct config_value *parse_list(struct parser *p, char close, bool call)
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
        item = config_parse_test(p);
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

    if (close == ')' && list->count == 1 && !comma && !call) {
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
        return parse_list(p, ']', false);
    if (c == '(')
        return parse_list(p, ')', false);
    if (c < 0 || c == '\n' || c == ';')
        return config_fail(p, "a value is missing");
    if (c == '{')
        return config_fail(p, "dictionaries are not understood");
    if (c == 0xe2 && peek2(p) == 0x80)
        return config_fail(p, "a quote is ' or \"; this is a printer's");
    if (c > ' ' && c < 127)
        return config_fail(p, "unexpected '%c'%s", c,
                           c == '/' ? " (quotes forgotten?)" : "");
    return config_fail(p, "unexpected byte 0x%02x", c);
}

/* An atom, and what stands at a place in it: name[0]. */
static struct config_value *parse_item(struct parser *p)
{
    struct config_value *v = parse_atom(p);

    for (;;) {
        struct config_value *index;
        int line, column;

        if (v)
            config_skip_blank(p);
        if (!v || peek(p) != '[')
            return v;
        line = p->line;
        column = column_of(p);
        index = parse_list(p, ']', false);
        if (!index) {
            config_value_free(v);
            return NULL;
        }
        v = config_index(p, line, column, v, index);
    }
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
        v = parse_item(p);
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

/* Tests */

/* The comparison that begins here, past it; NULL: none does. */
static const char *read_comparison(struct parser *p)
{
    static const char *const signs[] = {
        "==", "!=", "<=", ">=", "<>", "<", ">", NULL};
    int i;

    config_skip_blank(p);
    if (config_word_ahead(p, "in")) {
        p->at += 2;
        return "in";
    }
    if (config_word_ahead(p, "not")) {
        p->at += 3;
        config_skip_blank(p);
        if (!config_word_ahead(p, "in"))
            return config_fail(p, "expected 'in' after 'not'");
        p->at += 2;
        return "not in";
    }
    for (i = 0; signs[i]; i++) {
        size_t len = strlen(signs[i]);

        if ((size_t)(p->end - p->at) >= len && !memcmp(p->at, signs[i], len)) {
            p->at += len;
            return signs[i];
        }
    }
    return NULL;
}

static struct config_value *parse_comparison(struct parser *p)
{
    struct config_value *l = config_parse_sum(p), *r;
    int line = p->line, column = column_of(p);
    const char *sign = l ? read_comparison(p) : NULL;

    if (!l || (!sign && !p->err->text[0]))
        return l;
    r = sign ? config_parse_sum(p) : NULL;
    if (r)
        return config_compare(p, sign, line, column, l, r);
    config_value_free(l);
    return NULL;
}

static struct config_value *parse_not(struct parser *p)
{
    int line = p->line, column = column_of(p);
    struct config_value *v;

    config_skip_blank(p);
    if (!config_word_ahead(p, "not"))
        return parse_comparison(p);
    if (p->depth >= MAX_DEPTH)
        return config_fail(p, "nested too deeply");
    p->at += 3;
    p->depth++;
    v = parse_not(p);
    p->depth--;
    if (v)
        config_make_bool(v, !config_truth(v), line, column);
    return v;
}

/* As in Python, the last operand that was looked at is the value. */
static struct config_value *
parse_either(struct parser *p, const char *word, bool stop_at,
             struct config_value *(*next)(struct parser *))
{
    struct config_value *l = next(p), *r;

    while (l && config_word_ahead(p, word)) {
        p->at += strlen(word);
        r = next(p);
        if (!r || config_truth(l) != stop_at) {
            config_value_free(l);
            l = r;
        } else {
            config_value_free(r);
        }
        if (l)
            config_skip_blank(p);
    }
    return l;
}

static struct config_value *parse_both(struct parser *p)
{
    return parse_either(p, "and", false, parse_not);
}

struct config_value *config_parse_test(struct parser *p)
{
    return parse_either(p, "or", true, parse_both);
}

struct config_value *config_parse_value(struct parser *p)
{
    struct config_value *v = config_parse_test(p), *list;

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
        v = config_parse_test(p);
        if (!v || list->count >= MAX_ITEMS || !config_append(list, v)) {
            config_value_free(v);
            config_value_free(list);
            return p->err->text[0] ? NULL : config_fail(p, "list is too long");
        }
        config_skip_blank(p);
    }
    return list;
}
