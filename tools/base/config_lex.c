/* SPDX-License-Identifier: GPL-2.0 */
/*
 * config_lex.c - the words of domain files: blanks, strings, numbers, names.
 * Keeps true: no byte behind p->end is looked at; a string holds no NUL and
 * is not longer than MAX_STRING.
 */
#include <ctype.h>
#include <errno.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "config_private.h"

void config_skip_blank(struct parser *p)
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

bool config_word_ahead(const struct parser *p, const char *word)
{
    size_t len = strlen(word);

    return (size_t)(p->end - p->at) >= len && !memcmp(p->at, word, len) &&
           (p->at + len == p->end || !is_name((unsigned char)p->at[len]));
}

bool config_read_name(struct parser *p, char *name, size_t size)
{
    size_t n = 0;

    while (is_name(peek(p))) {
        if (n + 1 >= size) {
            config_fail(p, "name is too long");
            return false;
        }
        name[n++] = *p->at;
        step(p);
    }
    name[n] = '\0';
    return true;
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
        config_fail(p, "bad escape in string");
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
            config_fail_at(p, line, column, "string is not closed");
            return false;
        }
        if (c == 0) {
            config_fail(p, "NUL byte in string");
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
            config_fail_at(p, line, column, "string is too long");
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

int config_string_ahead(const struct parser *p)
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

struct config_value *config_parse_strings(struct parser *p)
{
    struct config_value *v = config_value_here(p, CONFIG_STRING);
    struct buf b = BUF_INIT;
    int kind;

    if (!v)
        return NULL;
    while ((kind = config_string_ahead(p)) != 0) {
        if (kind > 1)
            step(p);
        if (!read_string(p, kind == 2, &b))
            goto failed;
        config_skip_blank(p);
    }
    v->string = buf_take(&b);
    if (v->string)
        return v;
    config_fail(p, "out of memory");

failed:
    buf_free(&b);
    config_value_free(v);
    return NULL;
}

/* Numbers */

struct config_value *config_parse_number(struct parser *p)
{
    struct config_value *v = config_value_here(p, CONFIG_INT);
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
    config_fail_at(p, v->line, v->column,
                   errno == ERANGE ? "number %s is too big" : "bad number %s",
                   text);
    config_value_free(v);
    return NULL;
}
