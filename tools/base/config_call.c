/* SPDX-License-Identifier: GPL-2.0 */
/*
 * config_call.c - the few of Python's functions that domain files may call,
 * places in lists, and comparisons.
 * Keeps true: nothing is executed, and nothing but this machine's name and
 * kind is asked of the system.
 */
#include <stdlib.h>
#include <string.h>
#include <sys/utsname.h>

#include "config_private.h"

/* int(x) */
static bool call_int(struct parser *p, struct config_value *v, int line,
                     int column)
{
    if (v->type == CONFIG_LIST || !config_integer(v, &v->integer)) {
        config_fail_at(p, line, column, "int() of something that is no number");
        return false;
    }
    v->type = CONFIG_INT;
    return true;
}

/* str(x) */
static bool call_str(struct parser *p, struct config_value *v, int line,
                     int column)
{
    char *text = config_text(v);

    if (!text) {
        config_fail_at(p, line, column, "str() of a list");
        return false;
    }
    free(v->string);
    v->string = text;
    v->type = CONFIG_STRING;
    return true;
}

/* re.search("^64", text): a pattern of plain text, with or without ^. */
static bool search(struct parser *p, const struct config_value *args,
                   bool at_start, bool *found, int line, int column)
{
    const char *pattern = args->items[0]->string;
    const char *text = args->items[1]->string;

    if (!pattern || !text) {
        config_fail_at(p, line, column, "a pattern and a text are strings");
        return false;
    }
    at_start |= *pattern == '^';
    pattern += *pattern == '^';
    if (pattern[strcspn(pattern, ".^$*+?{}[]\\|()")]) {
        config_fail_at(p, line, column, "only plain text can be searched for");
        return false;
    }
    *found = at_start ? strncmp(text, pattern, strlen(pattern)) == 0
                      : strstr(text, pattern) != NULL;
    return true;
}

/* os.uname(), into the empty list of its arguments */
static bool uname_list(struct parser *p, struct config_value *list)
{
    struct utsname u;
    const char *const names[] = {u.sysname, u.nodename, u.release, u.version,
                                 u.machine};
    size_t i;

    if (uname(&u))
        memset(&u, 0, sizeof(u));
    for (i = 0; i < sizeof(names) / sizeof(names[0]); i++) {
        struct config_value *v = config_value_here(p, CONFIG_STRING);

        if (!v)
            return false;
        v->string = strdup(names[i]);
        if (!v->string || !config_append(list, v)) {
            config_value_free(v);
            config_fail(p, "out of memory");
            return false;
        }
    }
    return true;
}

/* Call `fn` on the only argument, which takes the list's place. */
static struct config_value *
call_on_one(struct parser *p, struct config_value *args, int line, int column,
            bool (*fn)(struct parser *, struct config_value *, int, int))
{
    struct config_value *v = args->items[0];

    args->count = 0;
    config_value_free(args);
    if (fn(p, v, line, column))
        return v;
    config_value_free(v);
    return NULL;
}

struct config_value *config_call(struct parser *p, const char *name, int line,
                                 int column, struct config_value *args)
{
    bool match = strcmp(name, "re.match") == 0, found;

    if (args->count == 1 && strcmp(name, "int") == 0)
        return call_on_one(p, args, line, column, call_int);
    if (args->count == 1 && strcmp(name, "str") == 0)
        return call_on_one(p, args, line, column, call_str);
    if (args->count == 0 && strcmp(name, "os.uname") == 0) {
        if (uname_list(p, args))
            return args;
    } else if (args->count == 2 && (match || strcmp(name, "re.search") == 0)) {
        if (search(p, args, match, &found, line, column)) {
            config_make_bool(args, found, line, column);
            return args;
        }
    } else {
        config_fail_at(p, line, column,
                       "%s() is not understood here: nothing is executed",
                       name);
    }
    config_value_free(args);
    return NULL;
}

/* Places */

struct config_value *config_index(struct parser *p, int line, int column,
                                  struct config_value *v,
                                  struct config_value *index)
{
    int64_t count = v->type == CONFIG_LIST     ? (int64_t)v->count
                    : v->type == CONFIG_STRING ? (int64_t)strlen(v->string)
                                               : -1;
    struct config_value *item = NULL;
    int64_t i;

    if (count < 0 || index->count != 1 || index->items[0]->type != CONFIG_INT) {
        config_fail_at(p, line, column, "a place in a list is a whole number");
        goto out;
    }
    i = index->items[0]->integer;
    i += i < 0 ? count : 0;
    if (i < 0 || i >= count) {
        config_fail_at(p, line, column, "there is no such place in the list");
        goto out;
    }
    if (v->type == CONFIG_LIST) {
        item = v->items[i];
        v->items[i] = v->items[--v->count];
    } else {
        v->string[0] = v->string[i];
        v->string[1] = '\0';
        item = v;
        v = NULL;
    }
out:
    config_value_free(v);
    config_value_free(index);
    return item;
}

/* Comparisons */

void config_make_bool(struct config_value *v, bool truth, int line, int column)
{
    size_t i;

    for (i = 0; i < v->count; i++)
        config_value_free(v->items[i]);
    free(v->items);
    free(v->string);
    *v = (struct config_value){
        .type = CONFIG_BOOL, .boolean = truth, .line = line, .column = column};
}

bool config_truth(const struct config_value *v)
{
    switch (v->type) {
    case CONFIG_NONE:
        return false;
    case CONFIG_BOOL:
        return v->boolean;
    case CONFIG_INT:
        return v->integer != 0;
    case CONFIG_FLOAT:
        return v->number != 0;
    case CONFIG_STRING:
        return v->string[0] != '\0';
    case CONFIG_LIST:
        return v->count > 0;
    }
    return false;
}

static double number_of(const struct config_value *v)
{
    return v->type == CONFIG_FLOAT ? v->number
           : v->type == CONFIG_INT ? (double)v->integer
                                   : v->boolean;
}

/* The sign of l - r; 2 where they have no order and are not the same. */
static int order(const struct config_value *l, const struct config_value *r)
{
    double difference;
    int sign;

    if (l->type == CONFIG_STRING && r->type == CONFIG_STRING) {
        sign = strcmp(l->string, r->string);
        return (sign > 0) - (sign < 0);
    }
    if (l->type == CONFIG_NONE && r->type == CONFIG_NONE)
        return 0;
    if (l->type < CONFIG_BOOL || l->type > CONFIG_FLOAT ||
        r->type < CONFIG_BOOL || r->type > CONFIG_FLOAT)
        return 2;
    difference = number_of(l) - number_of(r);
    return (difference > 0) - (difference < 0);
}

/* Is `l sign r` true? False if it makes no sense. */
static bool compare(const char *sign, const struct config_value *l,
                    const struct config_value *r, bool *truth)
{
    int way = order(l, r);

    if (l->type == CONFIG_LIST || r->type == CONFIG_LIST)
        return false;
    if (!strcmp(sign, "==") || !strcmp(sign, "!=") || !strcmp(sign, "<>")) {
        *truth = (way == 0) == (sign[0] == '=');
        return true;
    }
    *truth = (sign[0] == '<' ? way < 0 : way > 0) || (sign[1] && way == 0);
    return way != 2;
}

/* Is l in r? False if r is nothing that has parts. */
static bool contains(const struct config_value *l, const struct config_value *r,
                     bool *truth)
{
    size_t i;

    *truth = false;
    if (r->type == CONFIG_STRING && l->type == CONFIG_STRING) {
        *truth = strstr(r->string, l->string) != NULL;
        return true;
    }
    for (i = 0; i < r->count; i++)
        *truth |= order(r->items[i], l) == 0;
    return r->type == CONFIG_LIST;
}

struct config_value *config_compare(struct parser *p, const char *sign,
                                    int line, int column,
                                    struct config_value *l,
                                    struct config_value *r)
{
    bool in = !strcmp(sign, "in"), not_in = !strcmp(sign, "not in");
    bool truth;

    if (in || not_in ? contains(l, r, &truth) : compare(sign, l, r, &truth)) {
        config_make_bool(l, truth != not_in, line, column);
    } else {
        config_fail_at(p, line, column, "'%s' between %s and %s", sign,
                       config_type_name(l->type), config_type_name(r->type));
        config_value_free(l);
        l = NULL;
    }
    config_value_free(r);
    return l;
}
