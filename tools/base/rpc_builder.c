/* SPDX-License-Identifier: GPL-2.0 */
/*
 * rpc_builder.c - from start tags, texts and end tags to values.
 * Keeps true: only elements that XML-RPC allows at this place are taken;
 * depth is bounded, and the length of structs, whose names are compared;
 * after the first error nothing more happens.
 */
#include "rpc_private.h"

#include <ctype.h>
#include <errno.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

enum element {
    E_NONE, /* outside of all */
    E_CALL,
    E_METHOD,
    E_RESPONSE,
    E_FAULT,
    E_PARAMS,
    E_PARAM,
    E_VALUE,
    E_INT,
    E_BOOL,
    E_DOUBLE,
    E_STRING,
    E_NIL,
    E_ARRAY,
    E_DATA,
    E_STRUCT,
    E_MEMBER,
    E_NAME,
};

static const struct {
    const char *name;
    unsigned char element;
} names[] = {
    {"methodCall", E_CALL},
    {"methodName", E_METHOD},
    {"methodResponse", E_RESPONSE},
    {"fault", E_FAULT},
    {"params", E_PARAMS},
    {"param", E_PARAM},
    {"value", E_VALUE},
    {"int", E_INT},
    {"i4", E_INT},
    {"i8", E_INT},
    {"ex:i8", E_INT},
    {"boolean", E_BOOL},
    {"double", E_DOUBLE},
    {"string", E_STRING},
    {"dateTime.iso8601", E_STRING},
    {"base64", E_STRING},
    {"nil", E_NIL},
    {"ex:nil", E_NIL},
    {"array", E_ARRAY},
    {"data", E_DATA},
    {"struct", E_STRUCT},
    {"member", E_MEMBER},
    {"name", E_NAME},
};

#define BIT(e) (1u << (e))
#define SCALARS                                                                \
    (BIT(E_INT) | BIT(E_BOOL) | BIT(E_DOUBLE) | BIT(E_STRING) | BIT(E_NIL))

/* Which elements may stand in which. */
static const unsigned inside[] = {
    [E_NONE] = BIT(E_CALL) | BIT(E_RESPONSE),
    [E_CALL] = BIT(E_METHOD) | BIT(E_PARAMS),
    [E_RESPONSE] = BIT(E_PARAMS) | BIT(E_FAULT),
    [E_FAULT] = BIT(E_VALUE),
    [E_PARAMS] = BIT(E_PARAM),
    [E_PARAM] = BIT(E_VALUE),
    [E_VALUE] = SCALARS | BIT(E_ARRAY) | BIT(E_STRUCT),
    [E_ARRAY] = BIT(E_DATA),
    [E_DATA] = BIT(E_VALUE),
    [E_STRUCT] = BIT(E_MEMBER),
    [E_MEMBER] = BIT(E_NAME) | BIT(E_VALUE),
    [E_NAME] = 0,
};

static const unsigned with_text =
    SCALARS | BIT(E_VALUE) | BIT(E_NAME) | BIT(E_METHOD);

static enum element element_of(const char *name)
{
    size_t i;

    for (i = 0; i < sizeof(names) / sizeof(names[0]); i++)
        if (!strcmp(names[i].name, name))
            return names[i].element;
    return E_NONE;
}

void rpc_builder_init(struct rpc_builder *b)
{
    memset(b, 0, sizeof(*b));
    b->params = rpc_array();
    if (!b->params)
        b->error = -ENOMEM;
}

void rpc_builder_free(struct rpc_builder *b)
{
    while (b->nr_values > 0) {
        rpc_free(b->value[--b->nr_values]);
        free(b->name[b->nr_values]);
    }
    buf_free(&b->text);
    free(b->method);
    rpc_free(b->params);
    rpc_free(b->fault);
}

static void fail(struct rpc_builder *b, int error)
{
    if (!b->error)
        b->error = error;
}

/* The value under way becomes `v`, unless it is something already. */
static void become(struct rpc_builder *b, struct rpc_value *v)
{
    struct rpc_value **at = &b->value[b->nr_values - 1];

    if (*at || !v) {
        fail(b, v ? -EBADMSG : -ENOMEM);
        rpc_free(v);
        return;
    }
    *at = v;
}

void rpc_builder_start(struct rpc_builder *b, const char *element)
{
    enum element e = element_of(element);
    enum element parent = b->open[b->depth];

    if (b->error)
        return;
    if (e == E_NONE || parent >= sizeof(inside) / sizeof(inside[0]) ||
        !(inside[parent] & BIT(e)) || (parent == E_NONE && b->root_seen) ||
        b->depth + 1 >= RPC_MAX_XML_DEPTH) {
        fail(b, -EBADMSG);
        return;
    }
    b->root_seen = true;
    b->open[++b->depth] = (unsigned char)e;
    buf_eat(&b->text, b->text.len);

    if (e == E_VALUE) {
        if (b->nr_values >= RPC_MAX_DEPTH) {
            fail(b, -EBADMSG);
            return;
        }
        b->name[b->nr_values] = NULL;
        b->value[b->nr_values++] = NULL;
    } else if (e == E_MEMBER) {
        if (b->value[b->nr_values - 1]->count >= RPC_MAX_MEMBERS)
            fail(b, -EBADMSG);
    } else if (e == E_ARRAY) {
        become(b, rpc_array());
    } else if (e == E_STRUCT) {
        become(b, rpc_struct());
    }
}

void rpc_builder_text(struct rpc_builder *b, const char *text, size_t len)
{
    size_t i;

    if (b->error)
        return;
    for (i = 0; i < len; i++) {
        if (!text[i] || (!(with_text & BIT(b->open[b->depth])) &&
                         !isspace((unsigned char)text[i]))) {
            fail(b, -EBADMSG);
            return;
        }
    }
    if (with_text & BIT(b->open[b->depth]))
        buf_add(&b->text, text, len);
    if (b->text.failed)
        fail(b, -ENOMEM);
}

static bool to_int(const char *text, int64_t *out)
{
    char *end;

    errno = 0;
    *out = strtoll(text, &end, 10);
    if (end == text || errno)
        return false;
    while (isspace((unsigned char)*end))
        end++;
    return !*end;
}

static bool to_double(const char *text, double *out)
{
    char *end;

    *out = strtod(text, &end);
    if (end == text)
        return false;
    while (isspace((unsigned char)*end))
        end++;
    return !*end && isfinite(*out);
}

static void end_scalar(struct rpc_builder *b, enum element e)
{
    const char *text = b->text.len ? b->text.data : "";
    int64_t n;
    double d;

    if (e == E_NIL) {
        become(b, rpc_nil());
    } else if (e == E_STRING) {
        become(b, rpc_string(text));
    } else if (e == E_DOUBLE) {
        if (to_double(text, &d))
            become(b, rpc_double(d));
        else
            fail(b, -EBADMSG);
    } else if (!to_int(text, &n) || (e == E_BOOL && n != 0 && n != 1)) {
        fail(b, -EBADMSG);
    } else {
        become(b, e == E_BOOL ? rpc_bool(n) : rpc_int(n));
    }
}

static void drop_name(struct rpc_builder *b)
{
    free(b->name[b->nr_values - 1]);
    b->name[b->nr_values - 1] = NULL;
}

/* The finished value goes to where it belongs. */
static void end_value(struct rpc_builder *b)
{
    struct rpc_value *v, *holder;
    int i;

    if (!b->value[b->nr_values - 1])
        become(b, rpc_string(b->text.len ? b->text.data : ""));
    if (b->error)
        return;
    i = --b->nr_values;
    v = b->value[i];
    holder = i ? b->value[i - 1] : NULL;

    switch (b->open[b->depth]) {
    case E_PARAM:
        if (rpc_add(b->params, v) < 0)
            fail(b, -ENOMEM);
        break;
    case E_DATA:
        if (rpc_add(holder, v) < 0)
            fail(b, -ENOMEM);
        break;
    case E_MEMBER:
        if (!b->name[i - 1]) {
            rpc_free(v);
            fail(b, -EBADMSG);
        } else if (rpc_set(holder, b->name[i - 1], v) < 0) {
            fail(b, -ENOMEM);
        }
        drop_name(b); /* a second value in this member would have none */
        break;
    default:
        rpc_free(b->fault);
        b->fault = v;
        break;
    }
    free(b->name[i]);
    b->name[i] = NULL;
}

static void take_text(struct rpc_builder *b, char **where)
{
    if (*where) {
        fail(b, -EBADMSG);
        return;
    }
    *where = strdup(b->text.len ? b->text.data : "");
    if (!*where)
        fail(b, -ENOMEM);
}

void rpc_builder_end(struct rpc_builder *b, const char *element)
{
    enum element e = element_of(element);

    if (b->error)
        return;
    if (b->depth == 0 || b->open[b->depth] != e) {
        fail(b, -EBADMSG);
        return;
    }
    if (b->text.len && !rpc_text_ok(b->text.data)) {
        fail(b, -EBADMSG);
        return;
    }
    b->depth--;
    if (SCALARS & BIT(e))
        end_scalar(b, e);
    else if (e == E_VALUE)
        end_value(b);
    else if (e == E_METHOD)
        take_text(b, &b->method);
    else if (e == E_NAME)
        take_text(b, &b->name[b->nr_values - 1]);
    else if (e == E_MEMBER)
        drop_name(b);
    buf_eat(&b->text, b->text.len);
}
