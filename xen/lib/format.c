/* SPDX-License-Identifier: GPL-2.0 */
/*
 * format.c - text from values, as printf makes it.
 * Keeps true: never writes behind the buffer, always ends it with a NUL;
 * a conversion it does not know is printed as it stands.
 * Not here: floating point, %n, wide characters.
 */
#include <stdbool.h>
#include <stdint.h>

#include "lib/format.h"
#include "lib/string.h"

struct out {
    char *buf;
    size_t size; /* room, the NUL included */
    size_t len;  /* length wanted so far */
};

/* One conversion: what stands between % and its letter. */
struct spec {
    bool left, zero, alt, plus, space;
    int width;
    int precision; /* -1: not given */
    int length;    /* bytes of an integer argument */
};

static void put(struct out *o, char c)
{
    if (o->len + 1 < o->size)
        o->buf[o->len] = c;
    o->len++;
}

static void put_many(struct out *o, char c, int count)
{
    while (count-- > 0)
        put(o, c);
}

static void put_text(struct out *o, const struct spec *s, const char *text,
                     int len)
{
    if (!s->left)
        put_many(o, ' ', s->width - len);
    for (int i = 0; i < len; i++)
        put(o, text[i]);
    if (s->left)
        put_many(o, ' ', s->width - len);
}

static void put_string(struct out *o, const struct spec *s, const char *text)
{
    size_t max = s->precision < 0 ? INT32_MAX : (size_t)s->precision;

    if (!text)
        text = "(null)";
    put_text(o, s, text, (int)strnlen(text, max));
}

/* Digits of v, last one first; returns how many. 0 has none. */
static int digits_of(uint64_t v, unsigned int base, bool upper, char *to)
{
    const char *set = upper ? "0123456789ABCDEF" : "0123456789abcdef";
    int n = 0;

    for (; v; v /= base)
        to[n++] = set[v % base];
    return n;
}

/* Print sign or prefix, zeros and digits, padded to the width. */
static void put_number(struct out *o, const struct spec *s, uint64_t v,
                       unsigned int base, bool upper, const char *prefix)
{
    char digit[24];
    int n = digits_of(v, base, upper, digit);
    int before = (int)strlen(prefix);
    int zeros = (s->precision < 0 ? 1 : s->precision) - n;
    int blanks;

    if (s->alt && base == 8 && zeros <= 0)
        zeros = 1;
    if (zeros < 0)
        zeros = 0;
    if (s->zero && !s->left && s->precision < 0 &&
        s->width > before + n + zeros)
        zeros = s->width - before - n;
    blanks = s->width - before - zeros - n;

    if (!s->left)
        put_many(o, ' ', blanks);
    while (*prefix)
        put(o, *prefix++);
    put_many(o, '0', zeros);
    while (n)
        put(o, digit[--n]);
    if (s->left)
        put_many(o, ' ', blanks);
}

static const char *sign_of(const struct spec *s, bool negative)
{
    if (negative)
        return "-";
    if (s->plus)
        return "+";
    return s->space ? " " : "";
}

static void put_signed(struct out *o, const struct spec *s, int64_t v)
{
    uint64_t size = v < 0 ? -(uint64_t)v : (uint64_t)v;

    put_number(o, s, size, 10, false, sign_of(s, v < 0));
}

static void put_hex(struct out *o, const struct spec *s, uint64_t v, bool upper)
{
    const char *prefix = upper ? "0X" : "0x";

    put_number(o, s, v, 16, upper, s->alt && v ? prefix : "");
}

static void put_pointer(struct out *o, const struct spec *s, const void *p)
{
    put_number(o, s, (uintptr_t)p, 16, false, "0x");
}

/* Cut an argument to the length the conversion gave it. */
static uint64_t cut_unsigned(uint64_t v, int length)
{
    return length < 8 ? v & ((1ull << length * 8) - 1) : v;
}

static int64_t cut_signed(uint64_t v, int length)
{
    int shift = 64 - length * 8;

    return (int64_t)(v << shift) >> shift;
}

static int read_count(const char **fmt)
{
    int n = 0;

    for (; **fmt >= '0' && **fmt <= '9'; (*fmt)++)
        if (n < 10000)
            n = n * 10 + (**fmt - '0');
    return n;
}

static void read_flags(struct spec *s, const char **fmt)
{
    for (;; (*fmt)++) {
        switch (**fmt) {
        case '-':
            s->left = true;
            break;
        case '0':
            s->zero = true;
            break;
        case '#':
            s->alt = true;
            break;
        case '+':
            s->plus = true;
            break;
        case ' ':
            s->space = true;
            break;
        default:
            return;
        }
    }
}

static void read_length(struct spec *s, const char **fmt)
{
    s->length = sizeof(int);
    switch (**fmt) {
    case 'h':
        s->length = sizeof(short);
        if (*++*fmt == 'h') {
            s->length = 1;
            ++*fmt;
        }
        break;
    case 'l':
        s->length = sizeof(long);
        if (*++*fmt == 'l')
            ++*fmt;
        break;
    case 'z':
    case 'j':
    case 't':
        s->length = sizeof(size_t);
        ++*fmt;
        break;
    }
}

/* A va_list may be an array; in a struct it can be handed down by pointer. */
struct args {
    va_list list;
};

static void read_width(struct spec *s, const char **fmt, struct args *a)
{
    if (**fmt != '*') {
        s->width = read_count(fmt);
        return;
    }
    ++*fmt;
    s->width = va_arg(a->list, int);
    if (s->width < 0) {
        s->left = true;
        s->width = s->width == INT32_MIN ? INT32_MAX : -s->width;
    }
}

static void read_precision(struct spec *s, const char **fmt, struct args *a)
{
    s->precision = -1;
    if (**fmt != '.')
        return;
    if (*++*fmt != '*') {
        s->precision = read_count(fmt);
        return;
    }
    ++*fmt;
    s->precision = va_arg(a->list, int);
}

static uint64_t next_integer(const struct spec *s, struct args *a)
{
    return s->length == 8 ? va_arg(a->list, uint64_t)
                          : va_arg(a->list, unsigned int);
}

/* Print one conversion; false if its letter is not known. */
static bool convert(struct out *o, const struct spec *s, char letter,
                    struct args *a)
{
    char c;

    switch (letter) {
    case 'd':
    case 'i':
        put_signed(o, s, cut_signed(next_integer(s, a), s->length));
        return true;
    case 'u':
        put_number(o, s, cut_unsigned(next_integer(s, a), s->length), 10, false,
                   "");
        return true;
    case 'o':
        put_number(o, s, cut_unsigned(next_integer(s, a), s->length), 8, false,
                   "");
        return true;
    case 'x':
    case 'X':
        put_hex(o, s, cut_unsigned(next_integer(s, a), s->length),
                letter == 'X');
        return true;
    case 'p':
        put_pointer(o, s, va_arg(a->list, const void *));
        return true;
    case 's':
        put_string(o, s, va_arg(a->list, const char *));
        return true;
    case 'c':
        c = (char)va_arg(a->list, int);
        put_text(o, s, &c, 1);
        return true;
    case '%':
        put(o, '%');
        return true;
    }
    return false;
}

/* Format the conversion behind a %; returns where the text goes on. */
static const char *format_one(struct out *o, const char *fmt, struct args *a)
{
    const char *start = fmt;
    struct spec s = {0};

    read_flags(&s, &fmt);
    read_width(&s, &fmt, a);
    read_precision(&s, &fmt, a);
    read_length(&s, &fmt);
    if (*fmt && convert(o, &s, *fmt, a))
        return fmt + 1;

    put(o, '%');
    return start;
}

int vsnprintf(char *buf, size_t size, const char *fmt, va_list args)
{
    struct out o = {.buf = buf, .size = size};
    struct args a;

    va_copy(a.list, args);
    while (*fmt) {
        if (*fmt == '%')
            fmt = format_one(&o, fmt + 1, &a);
        else
            put(&o, *fmt++);
    }
    va_end(a.list);

    if (size)
        buf[o.len < size ? o.len : size - 1] = '\0';
    return (int)o.len;
}

int snprintf(char *buf, size_t size, const char *fmt, ...)
{
    va_list args;
    int len;

    va_start(args, fmt);
    len = vsnprintf(buf, size, fmt, args);
    va_end(args);
    return len;
}
