/* SPDX-License-Identifier: GPL-2.0 */
/*
 * config_operate.c - what + - * and % do to values.
 * Keeps true: a result that would be too big, or a pair of kinds that makes
 * no sense, ends in an error.
 */
#include <ctype.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "config_private.h"

static bool is_number(const struct config_value *v)
{
    return v->type == CONFIG_INT || v->type == CONFIG_FLOAT;
}

static double as_double(const struct config_value *v)
{
    return v->type == CONFIG_FLOAT ? v->number : (double)v->integer;
}

/* The % operator */

/*
 * The only place where a format is no literal: read_spec() let flags, width
 * and precision through, and format_one() adds a kind that fits the value.
 */
#pragma GCC diagnostic push
#pragma GCC diagnostic ignored "-Wformat-nonliteral"

static void put_text(struct buf *out, const char *spec, const char *text)
{
    char fmt[40], piece[600];

    if (!strcmp(spec, "%")) { /* of any length */
        buf_puts(out, text);
        return;
    }
    snprintf(fmt, sizeof(fmt), "%ss", spec);
    snprintf(piece, sizeof(piece), fmt, text);
    buf_puts(out, piece);
}

static void put_integer(struct buf *out, const char *spec, char kind, int64_t n)
{
    char fmt[40], piece[600];

    snprintf(fmt, sizeof(fmt), "%sll%c", spec,
             kind == 'i' || kind == 'u' ? 'd' : kind);
    snprintf(piece, sizeof(piece), fmt, (long long)n);
    buf_puts(out, piece);
}

static void put_double(struct buf *out, const char *spec, char kind, double n)
{
    char fmt[40], piece[600];

    snprintf(fmt, sizeof(fmt), "%s%c", spec, kind);
    snprintf(piece, sizeof(piece), fmt, n);
    buf_puts(out, piece);
}

#pragma GCC diagnostic pop

static bool format_one(struct parser *p, struct buf *out, const char *spec,
                       char kind, const struct config_value *v)
{
    int64_t n;
    char *text;

    if (!strchr("srdiuxXofge", kind)) {
        config_fail(p, "%%%c is not understood in a format", kind);
        return false;
    }
    if (strchr("sr", kind)) {
        text = config_text(v);
        if (text) {
            put_text(out, spec, text);
            free(text);
            return true;
        }
    } else if (strchr("fge", kind)) {
        if (is_number(v)) {
            put_double(out, spec, kind, as_double(v));
            return true;
        }
    } else if (v->type != CONFIG_STRING && config_integer(v, &n)) {
        put_integer(out, spec, kind, n);
        return true;
    }
    config_fail(p, "%%%c of %s", kind, config_type_name(v->type));
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
                config_fail_at(p, l->line, l->column,
                               "not enough values for this format");
                goto failed;
            }
            if (!format_one(p, &out, spec, *s++, args[used++]))
                goto failed;
        }
        if (out.len > MAX_STRING) {
            config_fail_at(p, l->line, l->column, "string is too long");
            goto failed;
        }
    }
    if (used < nr) {
        config_fail_at(p, l->line, l->column,
                       "more values than this format takes");
        goto failed;
    }
    free(l->string);
    l->string = buf_take(&out);
    config_value_free(r);
    if (l->string)
        return l;
    config_value_free(l);
    return config_fail(p, "out of memory");

failed:
    buf_free(&out);
    config_value_free(l);
    config_value_free(r);
    return NULL;
}

/* + - * */

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
                !config_append(l, r->items[0]))
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

struct config_value *config_operate(struct parser *p, char op, int line,
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
        config_fail_at(p, line, column, "'%c' between %s and %s", op,
                       config_type_name(l->type), config_type_name(r->type));
        config_value_free(l);
        config_value_free(r);
        return NULL;
    }
    config_value_free(r);
    if (ok)
        return l;
    config_value_free(l);
    return config_fail_at(p, line, column, "the result of '%c' is too big", op);
}
