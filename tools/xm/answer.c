/* SPDX-License-Identifier: GPL-2.0 */
/*
 * answer.c - XML-RPC messages as text: writes calls, reads answers.
 * Why not libxml2 here: loading it takes longer than all that xm does, and
 * what is read here was written by xend. A text that is not understood is
 * ANSWER_BROKEN, never a crash: depth and every end are checked.
 */
#include <stdlib.h>
#include <string.h>

#include "client.h"

#define MAX_DEPTH 64

static void encode_text(struct buf *out, const char *text)
{
    for (; *text; text++) {
        switch (*text) {
        case '<':
            buf_puts(out, "&lt;");
            break;
        case '>':
            buf_puts(out, "&gt;");
            break;
        case '&':
            buf_puts(out, "&amp;");
            break;
        default:
            buf_putc(out, *text);
        }
    }
}

static void encode_value(struct buf *out, const struct sxp *s)
{
    buf_puts(out, "<value>");
    if (s->atom) {
        buf_puts(out, "<string>");
        encode_text(out, s->atom);
        buf_puts(out, "</string>");
    } else {
        buf_puts(out, "<array><data>");
        for (const struct sxp *c = s->first; c; c = c->next)
            encode_value(out, c);
        buf_puts(out, "</data></array>");
    }
    buf_puts(out, "</value>");
}

void call_encode(struct buf *out, const char *method, const struct sxp *args)
{
    buf_printf(out,
               "<?xml version='1.0'?>\n<methodCall><methodName>%s"
               "</methodName><params>",
               method);
    for (const struct sxp *a = args ? args->first : NULL; a; a = a->next) {
        buf_puts(out, "<param>");
        encode_value(out, a);
        buf_puts(out, "</param>");
    }
    buf_puts(out, "</params></methodCall>\n");
}

struct scan {
    const char *p; /* next byte; the text ends with NUL */
};

static void skip_blanks(struct scan *s)
{
    while (*s->p == ' ' || *s->p == '\t' || *s->p == '\r' || *s->p == '\n')
        s->p++;
}

/*
 * Eat `<name>` (or `</name>`, given as "/name"); false: something else. By
 * hand, since most tries end at the first letter.
 */
static bool eat_tag(struct scan *s, const char *name)
{
    const char *p;

    skip_blanks(s);
    p = s->p;
    if (*p++ != '<')
        return false;
    while (*name && *p == *name) {
        p++;
        name++;
    }
    if (*name || *p != '>')
        return false;
    s->p = p + 1;
    return true;
}

static int entity(const char *p, size_t len)
{
    static const struct {
        const char *name;
        char c;
    } known[] = {
        {"lt", '<'}, {"gt", '>'}, {"amp", '&'}, {"quot", '"'}, {"apos", '\''}};

    for (size_t i = 0; i < sizeof(known) / sizeof(known[0]); i++) {
        if (strlen(known[i].name) == len && !memcmp(p, known[i].name, len))
            return known[i].c;
    }
    if (len > 1 && p[0] == '#') {
        long v =
            p[1] == 'x' ? strtol(p + 2, NULL, 16) : strtol(p + 1, NULL, 10);
        return v > 0 && v < 128 ? (int)v : '?';
    }
    return -1;
}

/* The text before `stop`, entities resolved; it gets no longer by that. */
static void put_text(struct scan *s, const char *stop, char *to)
{
    while (s->p < stop) {
        const char *end =
            *s->p == '&' ? memchr(s->p, ';', (size_t)(stop - s->p)) : NULL;
        int c = end ? entity(s->p + 1, (size_t)(end - s->p - 1)) : -1;

        if (c > 0) {
            *to++ = (char)c;
            s->p = end + 1;
        } else {
            *to++ = *s->p++;
        }
    }
    *to = '\0';
}

/* Text up to the next tag. */
static char *take_text(struct scan *s)
{
    size_t len = strcspn(s->p, "<");
    char *text = malloc(len + 1);

    if (text)
        put_text(s, s->p + len, text);
    return text;
}

static struct sxp *take_atom(struct scan *s)
{
    size_t len = strcspn(s->p, "<");
    struct sxp *v = sxp_atom_room(len);

    if (v)
        put_text(s, s->p + len, v->atom);
    return v;
}

static struct sxp *take_value(struct scan *s, int depth);

/* <array><data> is eaten: values until its end. */
static struct sxp *take_array(struct scan *s, int depth)
{
    struct sxp *list = sxp_list(NULL);

    while (!eat_tag(s, "/data")) {
        struct sxp *v = take_value(s, depth + 1);

        if (!v) {
            sxp_free(list);
            return NULL;
        }
        sxp_add(list, v);
    }
    if (eat_tag(s, "/array"))
        return list;
    sxp_free(list);
    return NULL;
}

/* <struct> is eaten: a list of (name value). */
static struct sxp *take_struct(struct scan *s, int depth)
{
    struct sxp *list = sxp_list(NULL);

    while (eat_tag(s, "member")) {
        char *name = eat_tag(s, "name") ? take_text(s) : NULL;
        struct sxp *v =
            name && eat_tag(s, "/name") ? take_value(s, depth + 1) : NULL;

        if (v)
            sxp_add(list, sxp_add(sxp_list(name), v));
        free(name);
        if (!v || !eat_tag(s, "/member"))
            goto broken;
    }
    if (eat_tag(s, "/struct"))
        return list;
broken:
    sxp_free(list);
    return NULL;
}

static struct sxp *take_scalar(struct scan *s, const char *end)
{
    struct sxp *v = take_atom(s);

    if (v && eat_tag(s, end))
        return v;
    sxp_free(v);
    return NULL;
}

static struct sxp *take_inner(struct scan *s, int depth)
{
    static const char *const scalars[] = {"string", "int",    "i4",
                                          "i8",     "double", "boolean"};
    char end[16] = "/";

    for (size_t i = 0; i < sizeof(scalars) / sizeof(scalars[0]); i++) {
        if (eat_tag(s, scalars[i])) {
            strcpy(end + 1, scalars[i]);
            return take_scalar(s, end);
        }
    }
    if (eat_tag(s, "array"))
        return eat_tag(s, "data") ? take_array(s, depth)
               : eat_tag(s, "data/") && eat_tag(s, "/array") ? sxp_list(NULL)
                                                             : NULL;
    if (eat_tag(s, "struct"))
        return take_struct(s, depth);
    if (eat_tag(s, "struct/"))
        return sxp_list(NULL);
    if (eat_tag(s, "nil/") || eat_tag(s, "string/"))
        return sxp_atom("");
    return NULL;
}

static struct sxp *take_value(struct scan *s, int depth)
{
    struct sxp *v;

    if (depth > MAX_DEPTH)
        return NULL;
    if (!eat_tag(s, "value"))
        return eat_tag(s, "value/") ? sxp_atom("") : NULL;
    if (eat_tag(s, "/value"))
        return sxp_atom("");
    skip_blanks(s);
    /* bare text is a string */
    v = *s->p == '<' ? take_inner(s, depth) : take_atom(s);
    if (v && eat_tag(s, "/value"))
        return v;
    sxp_free(v);
    return NULL;
}

static enum answer take_fault(struct scan *s, int *code, char **fault)
{
    struct sxp *v = take_value(s, 0);
    const char *text = v ? sxp_get(v, "faultString") : NULL;
    const char *number = v ? sxp_get(v, "faultCode") : NULL;

    if (!text)
        goto broken;
    *code = number ? atoi(number) : 1;
    *fault = strdup(text);
    sxp_free(v);
    return *fault ? ANSWER_FAULT : ANSWER_BROKEN;
broken:
    sxp_free(v);
    return ANSWER_BROKEN;
}

enum answer answer_parse(const char *xml, struct sxp **result, int *code,
                         char **fault)
{
    struct scan s = {xml};

    skip_blanks(&s);
    if (strncmp(s.p, "<?xml", 5) == 0) {
        s.p = strstr(s.p, "?>");
        if (!s.p)
            return ANSWER_BROKEN;
        s.p += 2;
    }
    if (!eat_tag(&s, "methodResponse"))
        return ANSWER_BROKEN;
    if (eat_tag(&s, "fault"))
        return take_fault(&s, code, fault);
    if (!eat_tag(&s, "params") || !eat_tag(&s, "param"))
        return ANSWER_BROKEN;
    *result = take_value(&s, 0);
    return *result ? ANSWER_OK : ANSWER_BROKEN;
}
