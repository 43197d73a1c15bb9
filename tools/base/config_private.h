/* SPDX-License-Identifier: GPL-2.0 */
/*
 * config_private.h - what the files that read domain files share.
 */
#ifndef BASE_CONFIG_PRIVATE_H
#define BASE_CONFIG_PRIVATE_H

#include <ctype.h>

#include "base/buf.h"
#include "base/config.h"

#define MAX_STRING (1u << 16)
#define MAX_DEPTH  32
#define MAX_ITEMS  4096

struct parser {
    const char *at, *end, *line_start;
    int line;
    int width;       /* how far this line is indented; -1: at the end */
    int depth;       /* of calls, so the stack stays small */
    int brackets;    /* inside: newlines are blanks */
    unsigned budget; /* items that may still be made */
    struct config *config, *given; /* what is read; what it may ask */
    struct config_error *err;
};

/* Fill p->err; NULL, so that a function can return it. */
void *config_fail_at(struct parser *p, int line, int column, const char *fmt,
                     ...) __attribute__((format(printf, 4, 5)));

#define config_fail(p, ...)                                                    \
    config_fail_at(p, (p)->line, column_of(p), __VA_ARGS__)

/* The place of what is read next. */

static inline int column_of(const struct parser *p)
{
    return (int)(p->at - p->line_start) + 1;
}

static inline int peek(const struct parser *p)
{
    return p->at < p->end ? (unsigned char)*p->at : -1;
}

static inline int peek2(const struct parser *p)
{
    return p->end - p->at > 1 ? (unsigned char)p->at[1] : -1;
}

static inline void step(struct parser *p)
{
    if (*p->at++ == '\n') {
        p->line++;
        p->line_start = p->at;
    }
}

static inline bool is_name_start(int c)
{
    return c == '_' || (c >= 0 && c < 128 && isalpha(c));
}

static inline bool is_name(int c)
{
    return is_name_start(c) || (c >= '0' && c <= '9');
}

/* Past blanks, comments and joined lines; newlines too inside brackets. */
void config_skip_blank(struct parser *p);
/* Does this word stand here, and not the beginning of a longer one? */
bool config_word_ahead(const struct parser *p, const char *word);
/* False: too long; `size` counts the NUL. */
bool config_read_name(struct parser *p, char *name, size_t size);
/* 0: no string here; 1: a string; 2: with an r before it; 3: u or b */
int config_string_ahead(const struct parser *p);

/* Each gives a new value, or NULL with p->err filled. */
struct config_value *config_parse_strings(struct parser *p);
struct config_value *config_parse_number(struct parser *p);
struct config_value *config_parse_sum(struct parser *p);
struct config_value *config_parse_test(struct parser *p);
struct config_value *config_parse_value(struct parser *p);
bool config_parse_file(struct parser *p);

/* A value that begins at p->at, and a copy of one, from the file's budget. */
struct config_value *config_value_here(struct parser *p, enum config_type t);
struct config_value *config_value_copy(struct parser *p,
                                       const struct config_value *from);

/* Takes l and r, gives the result. */
struct config_value *config_operate(struct parser *p, char op, int line,
                                    int column, struct config_value *l,
                                    struct config_value *r);

/* name(args): takes the list of args, gives the result. */
struct config_value *config_call(struct parser *p, const char *name, int line,
                                 int column, struct config_value *args);
/* v[index]: takes both. */
struct config_value *config_index(struct parser *p, int line, int column,
                                  struct config_value *v,
                                  struct config_value *index);
/* l sign r, a truth value: takes both. */
struct config_value *config_compare(struct parser *p, const char *sign,
                                    int line, int column,
                                    struct config_value *l,
                                    struct config_value *r);
bool config_truth(const struct config_value *v);
void config_make_bool(struct config_value *v, bool truth, int line, int column);

/* The entry that a name in a value stands for; NULL: it is not defined. */
struct config_entry *config_named(const struct parser *p, const char *name);
/* The entry of this key, an empty one at need; NULL: out of memory. */
struct config_entry *config_entry_for(struct config *c, const char *key);

/* Takes v over if it answers true. */
bool config_append(struct config_value *list, struct config_value *v);
const char *config_type_name(enum config_type t);
/* A malloc'ed text; NULL for lists. */
char *config_text(const struct config_value *v);
bool config_integer(const struct config_value *v, int64_t *out);

#endif
