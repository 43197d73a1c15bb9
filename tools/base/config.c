/* SPDX-License-Identifier: GPL-2.0 */
/*
 * config.c - domain files as a whole: read, overridden from the command
 * line, and asked for by key.
 * Keeps true: a file of more than MAX_FILE bytes is not looked at; what is
 * wrong is said with its place.
 * Not here: the syntax (config_parse.c), the words (config_lex.c), the
 * operators (config_operate.c).
 */
#include <errno.h>
#include <math.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "config_private.h"

#define MAX_FILE (1u << 20)

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

void *config_fail_at(struct parser *p, int line, int column, const char *fmt,
                     ...)
{
    va_list ap;

    va_start(ap, fmt);
    set_error(p->err, p->config->file, line, column, fmt, ap);
    va_end(ap);
    return NULL;
}

void config_complain(const struct config *c, const struct config_value *v,
                     struct config_error *err, const char *fmt, ...)
{
    va_list ap;

    va_start(ap, fmt);
    set_error(err, v && v->line ? c->file : "command line", v ? v->line : 0,
              v ? v->column : 0, fmt, ap);
    va_end(ap);
}

static void say(struct config_error *err, const char *file, const char *what)
{
    *err = (struct config_error){.line = 0};
    snprintf(err->text, sizeof(err->text), "%.300s: %s", file, what);
}

/* Entries */

const struct config_entry *config_find(const struct config *c, const char *key)
{
    size_t i;

    for (i = 0; i < c->count; i++)
        if (!strcmp(c->entries[i].key, key))
            return &c->entries[i];
    return NULL;
}

static struct config_entry *find(struct config *c, const char *key)
{
    return (struct config_entry *)(uintptr_t)config_find(c, key);
}

struct config_entry *config_named(const struct parser *p, const char *name)
{
    struct config_entry *e = find(p->config, name);

    return e || !p->given ? e : find(p->given, name);
}

struct config_entry *config_entry_for(struct config *c, const char *key)
{
    struct config_entry *e = find(c, key);
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
    struct config_entry *e = value ? config_entry_for(c, key) : NULL;

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

/* The command line's values over the file's. */
static bool take_given(struct config *c, struct config *given)
{
    size_t i;

    for (i = 0; given && i < given->count; i++) {
        struct config_entry *e = &given->entries[i];
        struct config_value *v = e->value;

        e->value = NULL;
        if (!v || config_set(c, e->key, v) < 0)
            return false;
        find(c, e->key)->used |= e->used;
    }
    return true;
}

struct config *config_parse(const char *file, const char *text, size_t len,
                            struct config *given, struct config_error *err)
{
    struct parser p = {.at = text,
                       .end = text + len,
                       .line_start = text,
                       .line = 1,
                       .budget = 65536,
                       .given = given,
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
    if (config_parse_file(&p)) {
        if (take_given(p.config, given))
            return p.config;
        say(err, file, "out of memory");
    }
    config_free(p.config);
    return NULL;
}

struct config *config_read(const char *path, struct config *given,
                           struct config_error *err)
{
    struct buf b = BUF_INIT;
    int rc = buf_read_file(&b, path, MAX_FILE);
    struct config *c = NULL;

    if (rc)
        say(err, path, strerror(-rc));
    else
        c = config_parse(path, b.data ? b.data : "", b.len, given, err);
    buf_free(&b);
    return c;
}

/* Assignments on the command line */

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
    v = config_parse_sum(&p);
    config_skip_blank(&p);
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

const struct config_value *config_get(const struct config *c, const char *key)
{
    const struct config_entry *e = config_find(c, key);

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
        config_integer(v, out))
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
    if (v->type != CONFIG_LIST && config_integer(v, &n)) {
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
    *out = config_text(v);
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
