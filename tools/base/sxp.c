/* SPDX-License-Identifier: GPL-2.0 */
/*
 * sxp.c - S-expressions: ( ... ), atoms, 'quoted' and "quoted" atoms,
 * # comments.
 * Keeps true: the reader uses no recursion (a stack of open lists), depth and
 * size are bounded; what the printer writes reads back as the same tree.
 */
#include "base/sxp.h"

#include <ctype.h>
#include <errno.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define MAX_FILE  (1u << 20)
#define MAX_DEPTH 64
#define WIDTH     72

static struct sxp *new_node(void)
{
    return calloc(1, sizeof(struct sxp));
}

static void free_text(struct sxp *s)
{
    if (!s->text_behind)
        free(s->atom);
}

void sxp_free(struct sxp *s)
{
    while (s) {
        struct sxp *next = s->next;

        /* Depth is bounded by the reader; builders nest by hand. */
        sxp_free(s->first);
        free_text(s);
        free(s);
        s = next;
    }
}

struct sxp *sxp_atom_room(size_t len)
{
    struct sxp *s = malloc(sizeof(*s) + len + 1);

    if (!s)
        return NULL;
    *s = (struct sxp){.atom = (char *)(s + 1), .text_behind = true};
    s->atom[0] = s->atom[len] = '\0';
    return s;
}

struct sxp *sxp_atom(const char *text)
{
    size_t len = strlen(text);
    struct sxp *s = sxp_atom_room(len);

    if (s)
        memcpy(s->atom, text, len);
    return s;
}

int sxp_set_atom(struct sxp *s, const char *text)
{
    char *copy = strdup(text);

    if (!copy)
        return -ENOMEM;
    free_text(s);
    s->atom = copy;
    s->text_behind = false;
    return 0;
}

struct sxp *sxp_list(const char *head)
{
    struct sxp *s = new_node();

    if (!s || !head)
        return s;
    if (!sxp_add(s, sxp_atom(head))) {
        sxp_free(s);
        return NULL;
    }
    return s;
}

struct sxp *sxp_add(struct sxp *list, struct sxp *child)
{
    if (!list || !child) {
        sxp_free(child);
        return child ? list : NULL;
    }
    if (list->last)
        list->last->next = child;
    else
        list->first = child;
    list->last = child;
    return list;
}

struct sxp *sxp_add_pair(struct sxp *list, const char *name, const char *text)
{
    struct sxp *pair = sxp_list(name);

    if (!sxp_add(pair, sxp_atom(text))) {
        sxp_free(pair);
        return NULL;
    }
    return sxp_add(list, pair);
}

struct sxp *sxp_add_int(struct sxp *list, const char *name, long long value)
{
    char text[32];

    snprintf(text, sizeof(text), "%lld", value);
    return sxp_add_pair(list, name, text);
}

const struct sxp *sxp_find(const struct sxp *list, const char *name)
{
    const struct sxp *s;

    for (s = list ? list->first : NULL; s; s = s->next)
        if (s->first && s->first->atom && !strcmp(s->first->atom, name))
            return s;
    return NULL;
}

const char *sxp_get(const struct sxp *list, const char *name)
{
    const struct sxp *s = sxp_find(list, name);

    return s && s->first->next ? s->first->next->atom : NULL;
}

/* Reading */

struct reader {
    const char *file, *at, *end;
    int line;
    char *err;
    size_t err_size;
};

static void complain(struct reader *r, int line, const char *fmt, ...)
    __attribute__((format(printf, 3, 4)));

static void complain(struct reader *r, int line, const char *fmt, ...)
{
    int n = snprintf(r->err, r->err_size, "%.200s:%d: ", r->file, line);
    va_list ap;

    if (n < 0 || (size_t)n >= r->err_size)
        return;
    va_start(ap, fmt);
    vsnprintf(r->err + n, r->err_size - (size_t)n, fmt, ap);
    va_end(ap);
}

static void skip_blank(struct reader *r)
{
    while (r->at < r->end) {
        if (*r->at == '#' || *r->at == ';') {
            while (r->at < r->end && *r->at != '\n')
                r->at++;
        } else if (isspace((unsigned char)*r->at)) {
            r->line += *r->at++ == '\n';
        } else {
            return;
        }
    }
}

static bool is_plain(char c)
{
    return (unsigned char)c > ' ' && c != '(' && c != ')' && c != '\'' &&
           c != '"' && c != 127;
}

static bool read_quoted(struct reader *r, struct buf *b)
{
    static const char from[] = "nrtbf", to[] = "\n\r\t\b\f";
    int line = r->line;
    char quote = *r->at++;

    while (r->at < r->end && *r->at != quote) {
        char c = *r->at++;

        if (c == '\\' && r->at < r->end) {
            const char *known;

            c = *r->at++;
            known = c ? strchr(from, c) : NULL;
            if (known)
                c = to[known - from];
        }
        r->line += c == '\n';
        if (!c)
            break;
        buf_putc(b, c);
    }
    if (r->at >= r->end || *r->at != quote) {
        complain(r, line, "string is not closed");
        return false;
    }
    r->at++;
    return true;
}

static struct sxp *read_atom(struct reader *r)
{
    struct sxp *s = new_node();
    struct buf b = BUF_INIT;

    if (!s)
        return NULL;
    s->line = r->line;
    if (*r->at == '\'' || *r->at == '"') {
        if (!read_quoted(r, &b))
            goto failed;
    } else if (is_plain(*r->at)) {
        while (r->at < r->end && is_plain(*r->at))
            buf_putc(&b, *r->at++);
    } else {
        complain(r, r->line, "unexpected byte 0x%02x", *r->at & 255);
        goto failed;
    }
    s->atom = buf_take(&b);
    if (s->atom)
        return s;

failed:
    buf_free(&b);
    free(s);
    return NULL;
}

static bool read_all(struct reader *r, struct sxp *top)
{
    struct sxp *open[MAX_DEPTH];
    int depth = 0;

    open[0] = top;
    for (skip_blank(r); r->at < r->end; skip_blank(r)) {
        struct sxp *s;

        if (*r->at == ')') {
            if (!depth) {
                complain(r, r->line, "')' without '('");
                return false;
            }
            depth--;
            r->at++;
            continue;
        }
        if (*r->at == '(') {
            if (depth + 1 >= MAX_DEPTH) {
                complain(r, r->line, "nested too deeply");
                return false;
            }
            s = new_node();
            if (s)
                s->line = r->line;
            r->at++;
            if (!sxp_add(open[depth], s))
                return false;
            open[++depth] = s;
            continue;
        }
        s = read_atom(r);
        if (!sxp_add(open[depth], s))
            return false;
    }
    if (depth)
        complain(r, open[depth]->line, "'(' is not closed");
    return depth == 0;
}

struct sxp *sxp_parse(const char *file, const char *text, size_t len, char *err,
                      size_t err_size)
{
    struct reader r = {file, text, text + len, 1, err, err_size};
    struct sxp *top = new_node();

    snprintf(err, err_size, "%.200s: out of memory", file);
    if (len > MAX_FILE)
        snprintf(err, err_size, "%.200s: file is too big", file);
    else if (top && read_all(&r, top))
        return top;
    sxp_free(top);
    return NULL;
}

struct sxp *sxp_read(const char *path, char *err, size_t err_size)
{
    struct buf b = BUF_INIT;
    int rc = buf_read_file(&b, path, MAX_FILE);
    struct sxp *s = NULL;

    if (rc)
        snprintf(err, err_size, "%.200s: %s", path, strerror(-rc));
    else
        s = sxp_parse(path, b.data ? b.data : "", b.len, err, err_size);
    buf_free(&b);
    return s;
}

/* Writing */

static void print_atom(struct buf *out, const char *text)
{
    const char *p;
    bool plain = text[0] && text[0] != '#' && text[0] != ';';

    for (p = text; *p && plain; p++)
        plain = is_plain(*p) && *p != '\\' && *p != '#' && *p != ';';
    if (plain) {
        buf_puts(out, text);
        return;
    }
    buf_putc(out, '\'');
    for (p = text; *p; p++) {
        if (*p == '\n') {
            buf_puts(out, "\\n");
        } else {
            if (*p == '\'' || *p == '\\')
                buf_putc(out, '\\');
            buf_putc(out, *p);
        }
    }
    buf_putc(out, '\'');
}

void sxp_print_flat(struct buf *out, const struct sxp *s)
{
    const struct sxp *c;

    if (s->atom) {
        print_atom(out, s->atom);
        return;
    }
    buf_putc(out, '(');
    for (c = s->first; c; c = c->next) {
        if (c != s->first)
            buf_putc(out, ' ');
        sxp_print_flat(out, c);
    }
    buf_putc(out, ')');
}

static bool has_lists(const struct sxp *s)
{
    const struct sxp *c = s->first;

    while (c && c->atom)
        c = c->next;
    return c != NULL;
}

/* The outermost list stands on lines of its own: scripts look for them. */
static void print_at(struct buf *out, const struct sxp *s, int indent)
{
    struct buf flat = BUF_INIT;
    const struct sxp *c;

    sxp_print_flat(&flat, s);
    if (s->atom ||
        (int)flat.len + indent <= (indent || !has_lists(s) ? WIDTH : 0)) {
        buf_add(out, flat.data, flat.len);
        buf_free(&flat);
        return;
    }
    buf_free(&flat);
    buf_putc(out, '(');
    for (c = s->first; c; c = c->next) {
        if (c != s->first)
            buf_printf(out, "\n%*s", indent + 4, "");
        print_at(out, c, indent + 4);
    }
    buf_printf(out, "\n%*s)", indent, "");
}

void sxp_print(struct buf *out, const struct sxp *s)
{
    print_at(out, s, 0);
    buf_putc(out, '\n');
}
