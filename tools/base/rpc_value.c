/* SPDX-License-Identifier: GPL-2.0 */
/*
 * rpc_value.c - the values of XML-RPC, and how they look as text.
 * Keeps true: what is written is well-formed XML in UTF-8, whatever bytes a
 * guest may have put into the strings.
 */
#include "rpc_private.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

static struct rpc_value *new_value(enum rpc_type type)
{
    struct rpc_value *v = calloc(1, sizeof(*v));

    if (v)
        v->type = type;
    return v;
}

struct rpc_value *rpc_nil(void)
{
    return new_value(RPC_NIL);
}

struct rpc_value *rpc_bool(bool b)
{
    struct rpc_value *v = new_value(RPC_BOOL);

    if (v)
        v->boolean = b;
    return v;
}

struct rpc_value *rpc_int(int64_t n)
{
    struct rpc_value *v = new_value(RPC_INT);

    if (v)
        v->integer = n;
    return v;
}

struct rpc_value *rpc_double(double d)
{
    struct rpc_value *v = new_value(RPC_DOUBLE);

    if (v)
        v->number = d;
    return v;
}

struct rpc_value *rpc_string(const char *text)
{
    struct rpc_value *v = new_value(RPC_STRING);

    if (!v)
        return NULL;
    v->string = strdup(text);
    if (v->string)
        return v;
    free(v);
    return NULL;
}

struct rpc_value *rpc_array(void)
{
    return new_value(RPC_ARRAY);
}

struct rpc_value *rpc_struct(void)
{
    return new_value(RPC_STRUCT);
}

void rpc_free(struct rpc_value *v)
{
    size_t i;

    if (!v)
        return;
    for (i = 0; i < v->count; i++) {
        free(v->members[i].name);
        rpc_free(v->members[i].value);
    }
    free(v->members);
    free(v->string);
    free(v);
}

/* Room grows by powers of two: count alone says how much there is. */
static int append(struct rpc_value *to, char *name, struct rpc_value *v)
{
    if ((to->count & (to->count - 1)) == 0) {
        size_t room = to->count ? to->count * 2 : 1;
        struct rpc_member *more = realloc(to->members, room * sizeof(*more));

        if (!more)
            return -ENOMEM;
        to->members = more;
    }
    to->members[to->count].name = name;
    to->members[to->count++].value = v;
    return 0;
}

int rpc_add(struct rpc_value *array, struct rpc_value *v)
{
    if (array && v && append(array, NULL, v) == 0)
        return 0;
    rpc_free(v);
    return -ENOMEM;
}

int rpc_set(struct rpc_value *st, const char *name, struct rpc_value *v)
{
    char *copy;
    size_t i;

    if (!st || !v)
        goto failed;
    for (i = 0; i < st->count; i++) {
        if (!strcmp(st->members[i].name, name)) {
            rpc_free(st->members[i].value);
            st->members[i].value = v;
            return 0;
        }
    }
    copy = strdup(name);
    if (copy && append(st, copy, v) == 0)
        return 0;
    free(copy);

failed:
    rpc_free(v);
    return -ENOMEM;
}

const struct rpc_value *rpc_at(const struct rpc_value *array, size_t i)
{
    if (!array || array->type != RPC_ARRAY || i >= array->count)
        return NULL;
    return array->members[i].value;
}

const struct rpc_value *rpc_get(const struct rpc_value *st, const char *name)
{
    size_t i;

    if (!st || st->type != RPC_STRUCT)
        return NULL;
    for (i = 0; i < st->count; i++)
        if (!strcmp(st->members[i].name, name))
            return st->members[i].value;
    return NULL;
}

const char *rpc_text(const struct rpc_value *v, const char *otherwise)
{
    return v && v->type == RPC_STRING ? v->string : otherwise;
}

int64_t rpc_number(const struct rpc_value *v, int64_t otherwise)
{
    if (!v)
        return otherwise;
    if (v->type == RPC_INT)
        return v->integer;
    if (v->type == RPC_BOOL)
        return v->boolean;
    return otherwise;
}

/* Writing */

/* Length of the UTF-8 character at s, 0 if it is none. */
static size_t utf8_len(const unsigned char *s)
{
    size_t n, i;
    unsigned long c;

    if (s[0] < 0x80)
        return 1;
    n = s[0] >= 0xf0 ? 4 : s[0] >= 0xe0 ? 3 : s[0] >= 0xc2 ? 2 : 0;
    if (!n || s[0] > 0xf4)
        return 0;
    c = s[0] & (0xffu >> (n + 1));
    for (i = 1; i < n; i++) {
        if ((s[i] & 0xc0) != 0x80)
            return 0;
        c = c << 6 | (s[i] & 0x3f);
    }
    if ((n == 3 && c < 0x800) || (n == 4 && (c < 0x10000 || c > 0x10ffff)) ||
        (c >= 0xd800 && c < 0xe000) || c == 0xfffe || c == 0xffff)
        return 0;
    return n;
}

bool rpc_text_ok(const char *text)
{
    const unsigned char *s = (const unsigned char *)text;
    size_t n;

    for (; *s; s += n) {
        n = utf8_len(s);
        if (!n || (*s < ' ' && *s != '\n' && *s != '\r' && *s != '\t'))
            return false;
    }
    return true;
}

void rpc_put_text(struct buf *out, const char *text)
{
    const unsigned char *s = (const unsigned char *)text;

    while (*s) {
        const unsigned char *from = s;
        size_t n;

        while (*s >= ' ' && *s < 0x7f && *s != '&' && *s != '<' && *s != '>')
            s++;
        buf_add(out, from, (size_t)(s - from));
        if (!*s)
            return;
        n = utf8_len(s);
        if (*s == '&')
            buf_puts(out, "&amp;");
        else if (*s == '<')
            buf_puts(out, "&lt;");
        else if (*s == '>')
            buf_puts(out, "&gt;");
        else if (*s == '\r')
            buf_puts(out, "&#13;");
        else if (*s == '\n' || *s == '\t' || *s == 0x7f || n > 1)
            buf_add(out, s, n);
        else
            buf_putc(out, '?');
        s += n ? n : 1;
    }
}

static void put_value(struct buf *out, const struct rpc_value *v)
{
    bool wide;
    size_t i;

    if (v && v->type == RPC_XML) {
        buf_puts(out, v->string);
        return;
    }
    buf_puts(out, "<value>");
    switch (v ? v->type : RPC_NIL) {
    case RPC_NIL:
        buf_puts(out, "<nil/>");
        break;
    case RPC_BOOL:
        buf_printf(out, "<boolean>%d</boolean>", v->boolean);
        break;
    case RPC_INT:
        wide = v->integer > INT32_MAX || v->integer < INT32_MIN;
        buf_puts(out, wide ? "<i8>" : "<int>");
        buf_putd(out, v->integer);
        buf_puts(out, wide ? "</i8>" : "</int>");
        break;
    case RPC_XML:
        break; /* done above */
    case RPC_DOUBLE:
        buf_printf(out, "<double>%.17g</double>", v->number);
        break;
    case RPC_STRING:
        buf_puts(out, "<string>");
        rpc_put_text(out, v->string);
        buf_puts(out, "</string>");
        break;
    case RPC_ARRAY:
        buf_puts(out, "<array><data>");
        for (i = 0; i < v->count; i++)
            put_value(out, v->members[i].value);
        buf_puts(out, "</data></array>");
        break;
    case RPC_STRUCT:
        buf_puts(out, "<struct>");
        for (i = 0; i < v->count; i++) {
            buf_puts(out, "<member><name>");
            rpc_put_text(out, v->members[i].name);
            buf_puts(out, "</name>");
            put_value(out, v->members[i].value);
            buf_puts(out, "</member>");
        }
        buf_puts(out, "</struct>");
        break;
    }
    buf_puts(out, "</value>");
}

#define ARRAY_OPEN  "<value><array><data>"
#define ARRAY_CLOSE "</data></array></value>"

void rpc_rows_begin(struct buf *b)
{
    *b = (struct buf)BUF_INIT;
    rpc_row_open(b); /* the array of all looks like a row */
}

void rpc_row_open(struct buf *b)
{
    buf_add(b, ARRAY_OPEN, sizeof(ARRAY_OPEN) - 1);
}

void rpc_row_close(struct buf *b)
{
    buf_add(b, ARRAY_CLOSE, sizeof(ARRAY_CLOSE) - 1);
}

/* Without a type's name it is a string. */
void rpc_cell_open(struct buf *b)
{
    buf_add(b, "<value>", 7);
}

void rpc_cell_close(struct buf *b)
{
    buf_add(b, "</value>", 8);
}

struct rpc_value *rpc_rows_end(struct buf *b)
{
    struct rpc_value *v = new_value(RPC_XML);

    rpc_row_close(b);
    if (v)
        v->string = buf_take(b);
    buf_free(b);
    if (v && v->string)
        return v;
    rpc_free(v);
    return NULL;
}

#define XML_HEAD "<?xml version=\"1.0\"?>\n"

void rpc_encode_call(struct buf *out, const char *method,
                     const struct rpc_value *params)
{
    size_t i;

    buf_puts(out, XML_HEAD "<methodCall><methodName>");
    rpc_put_text(out, method);
    buf_puts(out, "</methodName><params>");
    for (i = 0; params && i < params->count; i++) {
        buf_puts(out, "<param>");
        put_value(out, params->members[i].value);
        buf_puts(out, "</param>");
    }
    buf_puts(out, "</params></methodCall>\n");
}

void rpc_encode_answer(struct buf *out, const struct rpc_value *result)
{
    buf_puts(out, XML_HEAD "<methodResponse><params><param>");
    put_value(out, result);
    buf_puts(out, "</param></params></methodResponse>\n");
}

void rpc_encode_fault(struct buf *out, int code, const char *text)
{
    buf_printf(out,
               XML_HEAD "<methodResponse><fault><value><struct>"
                        "<member><name>faultCode</name>"
                        "<value><int>%d</int></value></member>"
                        "<member><name>faultString</name>"
                        "<value><string>",
               code);
    rpc_put_text(out, text);
    buf_puts(out, "</string></value></member></struct></value></fault>"
                  "</methodResponse>\n");
}
