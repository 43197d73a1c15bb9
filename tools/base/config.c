/* SPDX-License-Identifier: GPL-2.0 */
/*
 * config.c - domain files: reads assignments, runs nothing.
 * Keeps true: every value knows where it began; parsing ends at the first
 * error, which names file, line and column; depth, string lengths and the
 * work a file can cause are bounded.
 * The grammar, lowest binding first:
 *   file  = { [name ("=" | "+=") value] (newline | ";") }
 *   value = sum { "," sum } [","]             (a comma makes a list)
 *   sum   = term { ("+" | "-") term }
 *   term  = unary { ("*" | "%") unary }
 *   unary = ("-" | "+") unary | atom
 *   atom  = string... | number | name | int(sum) | str(sum) | (value) | [list]
 */
#include "base/config.h"

#include <ctype.h>
#include <errno.h>
#include <limits.h>
#include <math.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/buf.h"

#define MAX_FILE   (1u << 20)
#define MAX_STRING (1u << 16)
#define MAX_DEPTH  32
#define MAX_ITEMS  4096

struct parser {
    const char *at, *end, *line_start;
    int line;
    int depth;       /* of calls, so the stack stays small */
    int brackets;    /* inside: newlines are blanks */
    unsigned budget; /* items that may still be made */
    struct config *config;
    struct config_error *err;
};

static struct config_value *parse_value(struct parser *p);
static struct config_value *parse_sum(struct parser *p);

/* Values */

struct config_value *config_value_new(enum config_type type)
{
    struct config_value *v = calloc(1, sizeof(*v));

    if (v)
        v->type = type;
    return v;
}

void config_value_free(struct config_value *v)
{
    size_t i;

    if (!v)
        return;
    for (i = 0; i < v->count; i++)
        config_value_free(v->items[i]);
    free(v->items);
    free(v->string);
    free(v);
}

static bool value_append(struct config_value *list, struct config_value *v)
{
    struct config_value **more;

    more = realloc(list->items, (list->count + 1) * sizeof(*more));
    if (!more)
        return false;
    list->items = more;
    list->items[list->count++] = v;
    return true;
}

static const char *type_name(enum config_type t)
{
    switch (t) {
    case CONFIG_NONE:
        return "None";
    case CONFIG_BOOL:
        return "a truth value";
    case CONFIG_INT:
        return "a whole number";
    case CONFIG_FLOAT:
        return "a number";
    case CONFIG_STRING:
        return "a string";
    case CONFIG_LIST:
        return "a list";
    }
    return "?";
}

/* Errors */

static void set_error(struct config_error *err, const char *file, int line,
                      int column, const char *fmt, va_list ap)
{
    int n;

    err->line = line;
    err->column = column;
    if (line > 0)
        n = snprintf(err->text, sizeof(err->text), "%.200s:%d:%d: ", file, line,
                     column);
    else
        n = snprintf(err->text, sizeof(err->text), "%.200s: ", file);
    vsnprintf(err->text + n, sizeof(err->text) - (size_t)n, fmt, ap);
}

static void *fail_at(struct parser *p, int line, int column, const char *fmt,
                     ...) __attribute__((format(printf, 4, 5)));

static void *fail_at(struct parser *p, int line, int column, const char *fmt,
                     ...)
{
    va_list ap;

    va_start(ap, fmt);
    set_error(p->err, p->config->file, line, column, fmt, ap);
    va_end(ap);
    return NULL;
}

static int column_of(const struct parser *p)
{
    return (int)(p->at - p->line_start) + 1;
}

#define fail(p, ...) fail_at(p, (p)->line, column_of(p), __VA_ARGS__)

void config_complain(const struct config *c, const struct config_value *v,
                     struct config_error *err, const char *fmt, ...)
{
    va_list ap;

    va_start(ap, fmt);
    set_error(err, v && v->line ? c->file : "command line", v ? v->line : 0,
              v ? v->column : 0, fmt, ap);
    va_end(ap);
}

/* Characters */

static int peek(const struct parser *p)
{
    return p->at < p->end ? (unsigned char)*p->at : -1;
}

static int peek2(const struct parser *p)
{
    return p->end - p->at > 1 ? (unsigned char)p->at[1] : -1;
}

static void step(struct parser *p)
{
    if (*p->at++ == '\n') {
        p->line++;
        p->line_start = p->at;
    }
}

/* Blanks, comments, joined lines; newlines too inside brackets. */
static void skip_blank(struct parser *p)
{
    for (;;) {
        int c = peek(p);

        if (c == ' ' || c == '\t' || c == '\r' || c == '\f') {
            step(p);
        } else if (c == '\n' && p->brackets) {
            step(p);
        } else if (c == '\\' && (peek2(p) == '\n' || peek2(p) == '\r')) {
            while (peek(p) != '\n' && peek(p) >= 0)
                step(p);
            if (peek(p) >= 0)
                step(p);
        } else if (c == '#') {
            while (peek(p) >= 0 && peek(p) != '\n')
                step(p);
        } else {
            return;
        }
    }
}

static bool is_name_start(int c)
{
    return c == '_' || (c >= 0 && c < 128 && isalpha(c));
}

static bool is_name(int c)
{
    return is_name_start(c) || (c >= '0' && c <= '9');
}

static struct config_value *new_value(struct parser *p, enum config_type t)
{
    struct config_value *v;

    if (!p->budget)
        return fail(p, "too many values");
    p->budget--;
    v = config_value_new(t);
    if (!v)
        return fail(p, "out of memory");
    v->line = p->line;
    v->column = column_of(p);
    return v;
}

/* Strings */

static bool put_utf8(struct buf *b, unsigned long c)
{
    if (c == 0 || c > 0x10ffff)
        return false;
    if (c < 0x80) {
        buf_putc(b, (char)c);
    } else if (c < 0x800) {
        buf_putc(b, (char)(0xc0 | c >> 6));
        buf_putc(b, (char)(0x80 | (c & 63)));
    } else if (c < 0x10000) {
        buf_putc(b, (char)(0xe0 | c >> 12));
        buf_putc(b, (char)(0x80 | (c >> 6 & 63)));
        buf_putc(b, (char)(0x80 | (c & 63)));
    } else {
        buf_putc(b, (char)(0xf0 | c >> 18));
        buf_putc(b, (char)(0x80 | (c >> 12 & 63)));
        buf_putc(b, (char)(0x80 | (c >> 6 & 63)));
        buf_putc(b, (char)(0x80 | (c & 63)));
    }
    return true;
}

/* `digits` digits of base 16, or up to three of base 8. */
static bool read_code(struct parser *p, unsigned base, int digits, bool exact,
                      unsigned long *out)
{
    int n;

    *out = 0;
    for (n = 0; n < digits; n++) {
        int c = peek(p);
        unsigned d;

        if (c >= '0' && c <= '9')
            d = (unsigned)(c - '0');
        else if (base == 16 && c >= 0 && c < 128 && isxdigit(c))
            d = (unsigned)(tolower(c) - 'a') + 10;
        else
            break;
        if (d >= base)
            break;
        *out = *out * base + d;
        step(p);
    }
    return exact ? n == digits : n > 0;
}

/* The backslash is read; what it and the next characters mean. */
static bool read_escape(struct parser *p, struct buf *b)
{
    static const char from[] = "\\'\"abfnrtv", to[] = "\\'\"\a\b\f\n\r\t\v";
    int c = peek(p);
    const char *known = c > 0 ? strchr(from, c) : NULL;
    unsigned long code;
    bool ok;

    if (c < 0)
        return true; /* the missing quote is reported by the caller */
    if (known) {
        buf_putc(b, to[known - from]);
        step(p);
        return true;
    }
    if (c >= '0' && c <= '7') {
        ok = read_code(p, 8, 3, false, &code) && code > 0 && code < 256;
        if (ok)
            buf_putc(b, (char)code);
    } else if (c == 'x') {
        step(p);
        ok = read_code(p, 16, 2, true, &code) && code > 0;
        if (ok)
            buf_putc(b, (char)code);
    } else if (c == 'u' || c == 'U') {
        step(p);
        ok = read_code(p, 16, c == 'u' ? 4 : 8, true, &code) &&
             put_utf8(b, code);
    } else {
        /* an unknown escape stands for itself; backslash-newline vanishes */
        if (c != '\n') {
            buf_putc(b, '\\');
            buf_putc(b, (char)c);
        }
        step(p);
        return true;
    }
    if (!ok)
        fail(p, "bad escape in string");
    return ok;
}

/* One quoted piece; at stands on its first quote. */
static bool read_string(struct parser *p, bool raw, struct buf *b)
{
    int line = p->line, column = column_of(p);
    int quote = peek(p);
    bool triple = p->end - p->at >= 3 && p->at[1] == quote && p->at[2] == quote;
    int i;

    for (i = 0; i < (triple ? 3 : 1); i++)
        step(p);
    for (;;) {
        int c = peek(p);

        if (c < 0 || (c == '\n' && !triple)) {
            fail_at(p, line, column, "string is not closed");
            return false;
        }
        if (c == 0) {
            fail(p, "NUL byte in string");
            return false;
        }
        if (c == quote &&
            (!triple ||
             (p->end - p->at >= 3 && p->at[1] == quote && p->at[2] == quote))) {
            for (i = 0; i < (triple ? 3 : 1); i++)
                step(p);
            return true;
        }
        if (b->len >= MAX_STRING) {
            fail_at(p, line, column, "string is too long");
            return false;
        }
        step(p);
        if (c != '\\') {
            buf_putc(b, (char)c);
        } else if (raw) {
            buf_putc(b, '\\');
            if (peek(p) == quote || peek(p) == '\\') {
                buf_putc(b, (char)peek(p));
                step(p);
            }
        } else if (!read_escape(p, b)) {
            return false;
        }
    }
}

/* 0: no string here; 1: a string; 2: with an r before it; 3: u or b */
static int string_ahead(const struct parser *p)
{
    int c = peek(p);

    if (c == '"' || c == '\'')
        return 1;
    if (peek2(p) != '"' && peek2(p) != '\'')
        return 0;
    if (c == 'r' || c == 'R')
        return 2;
    return c == 'u' || c == 'b' || c == 'U' || c == 'B' ? 3 : 0;
}

static struct config_value *parse_strings(struct parser *p)
{
    struct config_value *v = new_value(p, CONFIG_STRING);
    struct buf b = BUF_INIT;
    int kind;

    if (!v)
        return NULL;
    while ((kind = string_ahead(p)) != 0) {
        if (kind > 1)
            step(p);
        if (!read_string(p, kind == 2, &b))
            goto failed;
        skip_blank(p);
    }
    v->string = buf_take(&b);
    if (v->string)
        return v;
    fail(p, "out of memory");

failed:
    buf_free(&b);
    config_value_free(v);
    return NULL;
}

/* Numbers */

static struct config_value *parse_number(struct parser *p)
{
    struct config_value *v = new_value(p, CONFIG_INT);
    char text[64];
    size_t n = 0;
    const char *digits = text;
    int base = 10;
    char *end;

    if (!v)
        return NULL;
    while (n < sizeof(text) - 1 && (is_name(peek(p)) || peek(p) == '.' ||
                                    ((peek(p) == '-' || peek(p) == '+') && n &&
                                     tolower(text[n - 1]) == 'e' &&
                                     text[1] != 'x' && text[1] != 'X'))) {
        text[n++] = *p->at;
        step(p);
    }
    text[n] = '\0';

    if (text[0] == '0' && tolower(text[1]) == 'x') {
        base = 16;
        digits += 2;
    } else if (text[0] == '0' && tolower(text[1]) == 'o') {
        base = 8;
        digits += 2;
    } else if (text[0] == '0' && tolower(text[1]) == 'b') {
        base = 2;
        digits += 2;
    } else if (text[0] == '0' && n > 1 && strspn(text, "01234567") == n) {
        base = 8; /* as the old files mean it */
    }
    errno = 0;
    v->integer = strtoll(digits, &end, base);
    if (*digits && (isalnum((unsigned char)*digits)) && !*end && !errno)
        return v;
    if (base == 10 && !errno && (*end == '.' || tolower(*end) == 'e')) {
        v->type = CONFIG_FLOAT;
        v->number = strtod(text, &end);
        if (!*end && isfinite(v->number))
            return v;
    }
    fail_at(p, v->line, v->column,
            errno == ERANGE ? "number %s is too big" : "bad number %s", text);
    config_value_free(v);
    return NULL;
}

/* Names */

static const struct config_entry *find(const struct config *c, const char *key)
{
    size_t i;

    for (i = 0; i < c->count; i++)
        if (!strcmp(c->entries[i].key, key))
            return &c->entries[i];
    return NULL;
}

static struct config_value *copy_value(struct parser *p,
                                       const struct config_value *from)
{
    struct config_value *v = new_value(p, from->type);
    size_t i;

    if (!v)
        return NULL;
    v->boolean = from->boolean;
    v->integer = from->integer;
    v->number = from->number;
    if (from->string) {
        v->string = strdup(from->string);
        if (!v->string)
            goto failed;
    }
    for (i = 0; i < from->count; i++) {
        struct config_value *item = copy_value(p, from->items[i]);

        if (!item || !value_append(v, item)) {
            config_value_free(item);
            goto failed;
        }
    }
    return v;

failed:
    config_value_free(v);
    return p->err->text[0] ? NULL : fail(p, "out of memory");
}

static bool read_name(struct parser *p, char *name, size_t size)
{
    size_t n = 0;

    while (is_name(peek(p))) {
        if (n + 1 >= size) {
            fail(p, "name is too long");
            return false;
        }
        name[n++] = *p->at;
        step(p);
    }
    name[n] = '\0';
    return true;
}

static char *number_text(const struct config_value *v)
{
    struct buf b = BUF_INIT;

    switch (v->type) {
    case CONFIG_STRING:
        buf_puts(&b, v->string);
        break;
    case CONFIG_INT:
        buf_printf(&b, "%lld", (long long)v->integer);
        break;
    case CONFIG_FLOAT:
        buf_printf(&b, "%.12g", v->number);
        if (!strpbrk(b.data ? b.data : "", ".e"))
            buf_puts(&b, ".0");
        break;
    case CONFIG_BOOL:
        buf_puts(&b, v->boolean ? "True" : "False");
        break;
    case CONFIG_NONE:
        buf_puts(&b, "None");
        break;
    case CONFIG_LIST:
        return NULL;
    }
    return buf_take(&b);
}

static bool to_integer(const struct config_value *v, int64_t *out)
{
    char *end;

    switch (v->type) {
    case CONFIG_INT:
        *out = v->integer;
        return true;
    case CONFIG_BOOL:
        *out = v->boolean;
        return true;
    case CONFIG_FLOAT:
        if (!(fabs(v->number) < 9e15))
            return false;
        *out = (int64_t)v->number;
        return true;
    case CONFIG_STRING:
        errno = 0;
        *out = strtoll(v->string, &end, 0);
        if (end == v->string || errno)
            return false;
        while (isspace((unsigned char)*end))
            end++;
        return !*end;
    default:
        return false;
    }
}

/* int(x) or str(x); at stands on the bracket. */
static struct config_value *parse_call(struct parser *p, const char *name,
                                       int line, int column)
{
    struct config_value *v;

    if (strcmp(name, "int") != 0 && strcmp(name, "str") != 0)
        return fail_at(p, line, column, "%s() is not understood here", name);
    step(p);
    p->brackets++;
    v = parse_sum(p);
    p->brackets--;
    if (!v)
        return NULL;
    skip_blank(p);
    if (peek(p) != ')') {
        fail(p, "expected ')'");
        goto failed;
    }
    step(p);

    if (name[0] == 'i') {
        if (!to_integer(v, &v->integer)) {
            fail_at(p, line, column, "int() of something that is no number");
            goto failed;
        }
        v->type = CONFIG_INT;
    } else {
        char *text = number_text(v);

        if (!text) {
            fail_at(p, line, column, "str() of a list");
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
    const struct config_entry *e;
    struct config_value *v = NULL;
    char name[128];

    if (!read_name(p, name, sizeof(name)))
        return NULL;
    if (peek(p) == '(')
        return parse_call(p, name, line, column);

    e = find(p->config, name);
    if (e) {
        v = copy_value(p, e->value);
    } else if (!strcmp(name, "None")) {
        v = new_value(p, CONFIG_NONE);
    } else if (!strcmp(name, "True") || !strcmp(name, "False")) {
        v = new_value(p, CONFIG_BOOL);
        if (v)
            v->boolean = name[0] == 'T';
    } else {
        return fail_at(p, line, column,
                       "name '%s' is not defined (quotes forgotten?)", name);
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
    struct config_value *list = new_value(p, CONFIG_LIST);
    bool comma = false;

    if (!list)
        return NULL;
    step(p);
    p->brackets++;
    for (;;) {
        struct config_value *item;

        skip_blank(p);
        if (peek(p) == close)
            break;
        if (peek(p) < 0) {
            fail_at(p, list->line, list->column, "'%s' is not closed",
                    close == ']' ? "[" : "(");
            goto failed;
        }
        if (list->count && !comma) {
            fail(p, "expected ',' or '%c'", close);
            goto failed;
        }
        item = parse_sum(p);
        if (!item)
            goto failed;
        if (list->count >= MAX_ITEMS || !value_append(list, item)) {
            config_value_free(item);
            fail(p, "list is too long");
            goto failed;
        }
        skip_blank(p);
        comma = peek(p) == ',';
        if (comma)
            step(p);
    }
    step(p);
    p->brackets--;
    skip_blank(p);

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

static struct config_value *parse_atom(struct parser *p)
{
    int c;

    skip_blank(p);
    c = peek(p);
    if (string_ahead(p))
        return parse_strings(p);
    if ((c >= '0' && c <= '9') ||
        (c == '.' && peek2(p) >= '0' && peek2(p) <= '9'))
        return parse_number(p);
    if (is_name_start(c))
        return parse_name(p);
    if (c == '[')
        return parse_list(p, ']');
    if (c == '(')
        return parse_list(p, ')');
    if (c < 0 || c == '\n' || c == ';')
        return fail(p, "a value is missing");
    if (c == '{')
        return fail(p, "dictionaries are not understood");
    if (c > ' ' && c < 127)
        return fail(p, "unexpected '%c'", c);
    return fail(p, "unexpected byte 0x%02x", c);
}

static struct config_value *parse_unary(struct parser *p)
{
    struct config_value *v;
    int c, line, column;

    if (p->depth >= MAX_DEPTH)
        return fail(p, "nested too deeply");
    p->depth++;
    skip_blank(p);
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
        fail_at(p, line, column, "'%c' before something that is no number", c);
        config_value_free(v);
        return NULL;
    }
    v->line = line;
    v->column = column;
    return v;
}

/* The % operator */

static bool format_one(struct parser *p, struct buf *out, const char *spec,
                       char kind, const struct config_value *v)
{
    char fmt[40];
    int64_t n;
    char *text;

    switch (kind) {
    case 's':
    case 'r':
        text = number_text(v);
        if (!text)
            break;
        snprintf(fmt, sizeof(fmt), "%ss", spec);
        /* fmt was checked by format(): flags, width and precision only */
        if (!strcmp(spec, "%")) {
            buf_puts(out, text);
        } else {
            char piece[600];

#pragma GCC diagnostic push
#pragma GCC diagnostic ignored "-Wformat-nonliteral"
            snprintf(piece, sizeof(piece), fmt, text);
#pragma GCC diagnostic pop
            buf_puts(out, piece);
        }
        free(text);
        return true;
    case 'd':
    case 'i':
    case 'u':
    case 'x':
    case 'X':
    case 'o': {
        char piece[600];

        if (v->type == CONFIG_STRING || !to_integer(v, &n))
            break;
        snprintf(fmt, sizeof(fmt), "%sll%c", spec,
                 kind == 'i' || kind == 'u' ? 'd' : kind);
#pragma GCC diagnostic push
#pragma GCC diagnostic ignored "-Wformat-nonliteral"
        snprintf(piece, sizeof(piece), fmt, (long long)n);
#pragma GCC diagnostic pop
        buf_puts(out, piece);
        return true;
    }
    case 'f':
    case 'g':
    case 'e': {
        char piece[600];

        if (v->type != CONFIG_FLOAT && v->type != CONFIG_INT)
            break;
        snprintf(fmt, sizeof(fmt), "%s%c", spec, kind);
#pragma GCC diagnostic push
#pragma GCC diagnostic ignored "-Wformat-nonliteral"
        snprintf(piece, sizeof(piece), fmt,
                 v->type == CONFIG_FLOAT ? v->number : (double)v->integer);
#pragma GCC diagnostic pop
        buf_puts(out, piece);
        return true;
    }
    default:
        fail(p, "%%%c is not understood in a format", kind);
        return false;
    }
    fail(p, "%%%c of %s", kind, type_name(v->type));
    return false;
}

/* "%", flags, width (2 digits), precision (2 digits); the kind follows. */
static const char *read_spec(const char *s, char spec[16])
{
    size_t n = 0, digits;

    spec[n++] = *s++;
    while (*s && strchr("-+ 0#", *s) && n < 6)
        spec[n++] = *s++;
    for (digits = 0; isdigit((unsigned char)*s) && digits < 2; digits++)
        spec[n++] = *s++;
    if (*s == '.') {
        spec[n++] = *s++;
        for (digits = 0; isdigit((unsigned char)*s) && digits < 2; digits++)
            spec[n++] = *s++;
    }
    spec[n] = '\0';
    return s;
}

static struct config_value *format(struct parser *p, struct config_value *l,
                                   struct config_value *r)
{
    struct config_value **args = r->type == CONFIG_LIST ? r->items : &r;
    size_t nr = r->type == CONFIG_LIST ? r->count : 1, used = 0;
    struct buf out = BUF_INIT;
    const char *s = l->string;
    char spec[16];

    while (*s) {
        if (*s != '%') {
            buf_putc(&out, *s++);
        } else if (s[1] == '%') {
            buf_putc(&out, '%');
            s += 2;
        } else {
            s = read_spec(s, spec);
            if (used >= nr || !*s) {
                fail_at(p, l->line, l->column,
                        "not enough values for this format");
                goto failed;
            }
            if (!format_one(p, &out, spec, *s++, args[used++]))
                goto failed;
        }
        if (out.len > MAX_STRING) {
            fail_at(p, l->line, l->column, "string is too long");
            goto failed;
        }
    }
    if (used < nr) {
        fail_at(p, l->line, l->column, "more values than this format takes");
        goto failed;
    }
    free(l->string);
    l->string = buf_take(&out);
    config_value_free(r);
    if (l->string)
        return l;
    config_value_free(l);
    return fail(p, "out of memory");

failed:
    buf_free(&out);
    config_value_free(l);
    config_value_free(r);
    return NULL;
}

/* + - * */

static bool is_number(const struct config_value *v)
{
    return v->type == CONFIG_INT || v->type == CONFIG_FLOAT;
}

static double as_double(const struct config_value *v)
{
    return v->type == CONFIG_FLOAT ? v->number : (double)v->integer;
}

static bool compute(char op, struct config_value *l,
                    const struct config_value *r)
{
    double a = as_double(l), b = as_double(r);

    if (l->type == CONFIG_INT && r->type == CONFIG_INT) {
        if (op == '+')
            return !__builtin_add_overflow(l->integer, r->integer, &l->integer);
        if (op == '-')
            return !__builtin_sub_overflow(l->integer, r->integer, &l->integer);
        if (op == '*')
            return !__builtin_mul_overflow(l->integer, r->integer, &l->integer);
        if (r->integer <= 0)
            return false;
        l->integer = (l->integer % r->integer + r->integer) % r->integer;
        return true;
    }
    if (op == '%')
        return false;
    l->type = CONFIG_FLOAT;
    l->number = op == '+' ? a + b : op == '-' ? a - b : a * b;
    return isfinite(l->number);
}

static bool repeat(struct config_value *l, int64_t times)
{
    struct buf b = BUF_INIT;
    size_t len = strlen(l->string);
    int64_t i;

    if (times < 0)
        times = 0;
    if (len && (uint64_t)times > MAX_STRING / len)
        return false;
    for (i = 0; i < times && len; i++)
        buf_add(&b, l->string, len);
    free(l->string);
    l->string = buf_take(&b);
    return l->string != NULL;
}

static bool join(struct config_value *l, struct config_value *r)
{
    struct buf b = BUF_INIT;

    if (l->type == CONFIG_LIST) {
        while (r->count) {
            if (l->count + r->count > MAX_ITEMS ||
                !value_append(l, r->items[0]))
                return false;
            memmove(r->items, r->items + 1, --r->count * sizeof(r->items[0]));
        }
        return true;
    }
    if (strlen(l->string) + strlen(r->string) > MAX_STRING)
        return false;
    buf_puts(&b, l->string);
    buf_puts(&b, r->string);
    free(l->string);
    l->string = buf_take(&b);
    return l->string != NULL;
}

/* Takes l and r, gives the result. */
static struct config_value *operate(struct parser *p, char op, int line,
                                    int column, struct config_value *l,
                                    struct config_value *r)
{
    bool ok;

    if (op == '%' && l->type == CONFIG_STRING)
        return format(p, l, r);
    if (is_number(l) && is_number(r)) {
        ok = compute(op, l, r);
    } else if (op == '+' && l->type == r->type &&
               (l->type == CONFIG_STRING || l->type == CONFIG_LIST)) {
        ok = join(l, r);
    } else if (op == '*' && l->type == CONFIG_STRING && r->type == CONFIG_INT) {
        ok = repeat(l, r->integer);
    } else {
        fail_at(p, line, column, "'%c' between %s and %s", op,
                type_name(l->type), type_name(r->type));
        config_value_free(l);
        config_value_free(r);
        return NULL;
    }
    config_value_free(r);
    if (ok)
        return l;
    config_value_free(l);
    return fail_at(p, line, column, "the result of '%c' is too big", op);
}

static struct config_value *
parse_chain(struct parser *p, const char *ops,
            struct config_value *(*next)(struct parser *))
{
    struct config_value *l = next(p);

    while (l) {
        struct config_value *r;
        int line, column, c;

        skip_blank(p);
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
        l = operate(p, (char)c, line, column, l, r);
    }
    return NULL;
}

static struct config_value *parse_term(struct parser *p)
{
    return parse_chain(p, "*%", parse_unary);
}

static struct config_value *parse_sum(struct parser *p)
{
    return parse_chain(p, "+-", parse_term);
}

static struct config_value *parse_value(struct parser *p)
{
    struct config_value *v = parse_sum(p), *list;

    if (!v)
        return NULL;
    skip_blank(p);
    if (peek(p) != ',')
        return v;

    list = new_value(p, CONFIG_LIST);
    if (!list || !value_append(list, v)) {
        config_value_free(list);
        config_value_free(v);
        return NULL;
    }
    list->line = v->line;
    list->column = v->column;
    while (peek(p) == ',') {
        step(p);
        skip_blank(p);
        if (peek(p) < 0 || peek(p) == '\n' || peek(p) == ';')
            break;
        v = parse_sum(p);
        if (!v || list->count >= MAX_ITEMS || !value_append(list, v)) {
            config_value_free(v);
            config_value_free(list);
            return p->err->text[0] ? NULL : fail(p, "list is too long");
        }
        skip_blank(p);
    }
    return list;
}

/* Statements */

static struct config_entry *find_or_add(struct config *c, const char *key)
{
    struct config_entry *e = (struct config_entry *)(uintptr_t)find(c, key);
    struct config_entry *more;
    char *copy;

    if (e)
        return e;
    copy = strdup(key);
    more = realloc(c->entries, (c->count + 1) * sizeof(*more));
    if (more)
        c->entries = more;
    if (!more || !copy) {
        free(copy);
        return NULL;
    }
    e = &c->entries[c->count++];
    *e = (struct config_entry){.key = copy};
    return e;
}

int config_set(struct config *c, const char *key, struct config_value *value)
{
    struct config_entry *e = value ? find_or_add(c, key) : NULL;

    if (!e) {
        config_value_free(value);
        return -ENOMEM;
    }
    config_value_free(e->value);
    e->value = value;
    e->line = value->line;
    e->column = value->column;
    return 0;
}

int config_set_string(struct config *c, const char *key, const char *text)
{
    struct config_value *v = config_value_new(CONFIG_STRING);

    if (!v)
        return -ENOMEM;
    v->string = strdup(text);
    if (!v->string) {
        config_value_free(v);
        return -ENOMEM;
    }
    return config_set(c, key, v);
}

static bool at_statement_end(const struct parser *p)
{
    return peek(p) < 0 || peek(p) == '\n' || peek(p) == ';';
}

static bool parse_assignment(struct parser *p, const char *name, int line,
                             int column)
{
    bool add = peek(p) == '+' && peek2(p) == '=';
    const struct config_entry *old = find(p->config, name);
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
            fail(p, "unexpected '%c' after the value", peek(p));
        else
            fail(p, "unexpected byte after the value");
        config_value_free(v);
        return false;
    }
    if (add) {
        before =
            old ? copy_value(p, old->value)
                : fail_at(p, line, column, "name '%s' is not defined", name);
        if (!before) {
            config_value_free(v);
            return false;
        }
        v = operate(p, '+', line, column, before, v);
        if (!v)
            return false;
    }
    if (config_set(p->config, name, v) < 0) {
        fail(p, "out of memory");
        return false;
    }
    e = find_or_add(p->config, name);
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
            fail(p, "unexpected '%c' where a name should begin", peek(p));
        else
            fail(p, "unexpected byte 0x%02x", peek(p) & 255);
        return false;
    }
    if (!read_name(p, name, sizeof(name)))
        return false;
    if (!strcmp(name, "import") || !strcmp(name, "from")) {
        while (!at_statement_end(p))
            step(p);
        return true;
    }
    for (i = 0; reserved[i]; i++) {
        if (!strcmp(name, reserved[i])) {
            fail_at(p, line, column,
                    "'%s' is not understood: only assignments are", name);
            return false;
        }
    }
    skip_blank(p);
    if ((peek(p) == '=' && peek2(p) != '=') ||
        (peek(p) == '+' && peek2(p) == '='))
        return parse_assignment(p, name, line, column);
    fail(p, "expected '=' after '%s'", name);
    return false;
}

static bool parse_file(struct parser *p)
{
    if (p->end - p->at >= 3 && !memcmp(p->at, "\xef\xbb\xbf", 3))
        p->at = p->line_start = p->at + 3;
    for (;;) {
        bool first = p->at == p->line_start;

        skip_blank(p);
        if (peek(p) < 0)
            return true;
        if (peek(p) == '\n' || peek(p) == ';') {
            step(p);
            continue;
        }
        if (first && column_of(p) > 1 && p->at[-1] <= ' ') {
            fail(p, "unexpected indent");
            return false;
        }
        if (!parse_statement(p))
            return false;
    }
}

/* Whole files */

struct config *config_empty(const char *file)
{
    struct config *c = calloc(1, sizeof(*c));

    if (!c)
        return NULL;
    c->file = strdup(file);
    if (!c->file) {
        free(c);
        return NULL;
    }
    return c;
}

void config_free(struct config *c)
{
    size_t i;

    if (!c)
        return;
    for (i = 0; i < c->count; i++) {
        free(c->entries[i].key);
        config_value_free(c->entries[i].value);
    }
    free(c->entries);
    free(c->file);
    free(c);
}

static void say(struct config_error *err, const char *file, const char *what)
{
    *err = (struct config_error){.line = 0};
    snprintf(err->text, sizeof(err->text), "%.300s: %s", file, what);
}

struct config *config_parse(const char *file, const char *text, size_t len,
                            struct config_error *err)
{
    struct parser p = {.at = text,
                       .end = text + len,
                       .line_start = text,
                       .line = 1,
                       .budget = 65536,
                       .err = err};

    *err = (struct config_error){.line = 0};
    if (len > MAX_FILE) {
        say(err, file, "file is too big for a domain's configuration");
        return NULL;
    }
    p.config = config_empty(file);
    if (!p.config) {
        say(err, file, "out of memory");
        return NULL;
    }
    if (parse_file(&p))
        return p.config;
    config_free(p.config);
    return NULL;
}

struct config *config_read(const char *path, struct config_error *err)
{
    struct buf b = BUF_INIT;
    int rc = buf_read_file(&b, path, MAX_FILE);
    struct config *c = NULL;

    if (rc)
        say(err, path, strerror(-rc));
    else
        c = config_parse(path, b.data ? b.data : "", b.len, err);
    buf_free(&b);
    return c;
}

/* Does the whole text read as one literal value? */
static struct config_value *read_literal(struct config *c, const char *text)
{
    struct config_error ignored = {.line = 0};
    struct parser p = {.at = text,
                       .end = text + strlen(text),
                       .line_start = text,
                       .line = 1,
                       .budget = 4096,
                       .err = &ignored};
    struct config_value *v;

    /* Names of other keys are plain words here. */
    p.config = config_empty(c->file);
    if (!p.config)
        return NULL;
    v = parse_sum(&p);
    skip_blank(&p);
    config_free(p.config);
    if (v && p.at == p.end)
        return v;
    config_value_free(v);
    return NULL;
}

static void forget_place(struct config_value *v)
{
    size_t i;

    v->line = v->column = 0;
    for (i = 0; i < v->count; i++)
        forget_place(v->items[i]);
}

int config_override(struct config *c, const char *assignment,
                    struct config_error *err)
{
    const char *eq = strchr(assignment, '=');
    struct config_value *v;
    char key[128];
    size_t n;

    *err = (struct config_error){.line = 0};
    n = eq ? (size_t)(eq - assignment) : 0;
    if (!n || n >= sizeof(key) || !is_name_start(assignment[0])) {
        say(err, "command line", "expected KEY=VALUE");
        return -1;
    }
    memcpy(key, assignment, n);
    key[n] = '\0';
    if (strlen(eq + 1) <= MAX_STRING && (v = read_literal(c, eq + 1)) != NULL) {
        forget_place(v);
        if (config_set(c, key, v) == 0)
            return 0;
    } else if (config_set_string(c, key, eq + 1) == 0) {
        return 0;
    }
    say(err, "command line", "out of memory");
    return -1;
}

/* Typed reads */

const struct config_entry *config_find(const struct config *c, const char *key)
{
    return find(c, key);
}

const struct config_value *config_get(const struct config *c, const char *key)
{
    const struct config_entry *e = find(c, key);

    return e ? e->value : NULL;
}

int config_get_int(const struct config *c, const char *key, int64_t *out,
                   struct config_error *err)
{
    const struct config_value *v = config_get(c, key);

    if (!v || v->type == CONFIG_NONE ||
        (v->type == CONFIG_STRING && !v->string[0]))
        return 0;
    if (v->type != CONFIG_LIST &&
        (v->type != CONFIG_FLOAT || v->number == floor(v->number)) &&
        to_integer(v, out))
        return 1;
    config_complain(c, v, err, "'%s' must be a whole number", key);
    return -1;
}

int config_get_bool(const struct config *c, const char *key, bool *out,
                    struct config_error *err)
{
    static const struct {
        const char *word;
        bool means;
    } words[] = {{"yes", true}, {"true", true},   {"on", true},
                 {"no", false}, {"false", false}, {"off", false}};
    const struct config_value *v = config_get(c, key);
    int64_t n;
    size_t i;

    if (!v || v->type == CONFIG_NONE ||
        (v->type == CONFIG_STRING && !v->string[0]))
        return 0;
    if (v->type == CONFIG_STRING) {
        for (i = 0; i < sizeof(words) / sizeof(words[0]); i++) {
            if (!strcasecmp(v->string, words[i].word)) {
                *out = words[i].means;
                return 1;
            }
        }
    }
    if (v->type != CONFIG_LIST && to_integer(v, &n)) {
        *out = n != 0;
        return 1;
    }
    config_complain(c, v, err, "'%s' must be 0 or 1", key);
    return -1;
}

int config_get_string(const struct config *c, const char *key, char **out,
                      struct config_error *err)
{
    const struct config_value *v = config_get(c, key);

    *out = NULL;
    if (!v || v->type == CONFIG_NONE)
        return 0;
    if (v->type == CONFIG_LIST) {
        config_complain(c, v, err, "'%s' must be a string", key);
        return -1;
    }
    *out = number_text(v);
    if (*out)
        return 1;
    config_complain(c, v, err, "out of memory");
    return -1;
}

int config_get_strings(const struct config *c, const char *key,
                       const char ***items, size_t *count,
                       struct config_error *err)
{
    const struct config_value *v = config_get(c, key);
    const struct config_value *const *from;
    const char **list;
    size_t i, n;

    *items = NULL;
    *count = 0;
    if (!v || v->type == CONFIG_NONE)
        return 0;
    n = v->type == CONFIG_LIST ? v->count : 1;
    from = v->type == CONFIG_LIST ? (const struct config_value *const *)v->items
                                  : &v;
    list = calloc(n + 1, sizeof(*list));
    if (!list) {
        config_complain(c, v, err, "out of memory");
        return -1;
    }
    for (i = 0; i < n; i++) {
        if (from[i]->type != CONFIG_STRING) {
            config_complain(c, from[i], err, "'%s' must be a list of strings",
                            key);
            free(list);
            return -1;
        }
        list[i] = from[i]->string;
    }
    *items = list;
    *count = n;
    return 1;
}
