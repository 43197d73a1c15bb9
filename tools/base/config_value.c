/* SPDX-License-Identifier: GPL-2.0 */
/*
 * config_value.c - the values of domain files: made, freed, read as numbers
 * and as text.
 * Keeps true: what is made while parsing counts against the file's budget.
 */
#include <ctype.h>
#include <errno.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "config_private.h"

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

bool config_append(struct config_value *list, struct config_value *v)
{
    struct config_value **more;

    more = realloc(list->items, (list->count + 1) * sizeof(*more));
    if (!more)
        return false;
    list->items = more;
    list->items[list->count++] = v;
    return true;
}

const char *config_type_name(enum config_type t)
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

char *config_text(const struct config_value *v)
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

bool config_integer(const struct config_value *v, int64_t *out)
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

struct config_value *config_value_here(struct parser *p, enum config_type t)
{
    struct config_value *v;

    if (!p->budget)
        return config_fail(p, "too many values");
    p->budget--;
    v = config_value_new(t);
    if (!v)
        return config_fail(p, "out of memory");
    v->line = p->line;
    v->column = column_of(p);
    return v;
}

struct config_value *config_value_copy(struct parser *p,
                                       const struct config_value *from)
{
    struct config_value *v = config_value_here(p, from->type);
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
        struct config_value *item = config_value_copy(p, from->items[i]);

        if (!item || !config_append(v, item)) {
            config_value_free(item);
            goto failed;
        }
    }
    return v;

failed:
    config_value_free(v);
    return p->err->text[0] ? NULL : config_fail(p, "out of memory");
}
