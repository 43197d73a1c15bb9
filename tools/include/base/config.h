/* SPDX-License-Identifier: GPL-2.0 */
/*
 * base/config.h - the domain files of /etc/xen: assignments in a small part
 * of Python's syntax. Nothing is executed.
 *
 * Understood: comments; key = value; key += value; `;` between statements;
 * strings '' "" ''' ''' """ """ with escapes (r"" without), adjacent ones
 * joined; integers (decimal, 0x, 0o, 0b), floats; True False None; lists and
 * tuples, nested, over several lines; names of earlier keys; + - * and % (with
 * one value or a tuple); parentheses; x[0]; == != < > in, and or not; if elif
 * else; int() str() os.uname(), re.search() and re.match() of plain text.
 * Passed over: import, def, print, texts that stand alone, xm_vars.
 */
#ifndef BASE_CONFIG_H
#define BASE_CONFIG_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum config_type {
    CONFIG_NONE,
    CONFIG_BOOL,
    CONFIG_INT,
    CONFIG_FLOAT,
    CONFIG_STRING,
    CONFIG_LIST,
};

struct config_value {
    enum config_type type;
    int line, column; /* where it begins, from 1; 0 for the command line */
    bool boolean;
    int64_t integer;
    double number;
    char *string; /* NUL-ended; a NUL inside is refused */
    struct config_value **items;
    size_t count;
};

struct config_entry {
    char *key;
    int line, column; /* of the key's last assignment */
    bool used;        /* a later value was made of it */
    struct config_value *value;
};

struct config {
    char *file;                   /* as named in messages */
    struct config_entry *entries; /* in order of first assignment */
    size_t count;
};

struct config_error {
    char text[512]; /* ready to print: "file:line:column: what" */
    int line, column;
};

/*
 * NULL with *err filled on any error. The text need not end with NUL.
 * `given` (or NULL) is what a command line says: its names can stand in the
 * file's values, and in the result its values win; they are taken out of it.
 */
struct config *config_parse(const char *file, const char *text, size_t len,
                            struct config *given, struct config_error *err);
struct config *config_read(const char *path, struct config *given,
                           struct config_error *err);
struct config *config_empty(const char *file);
void config_free(struct config *c); /* NULL is fine */

/*
 * "key=value" from a command line. The value is taken as in a file where it
 * reads as a number, quoted string, list or True/False/None, else as a plain
 * string. 0, or -1 with *err filled.
 */
int config_override(struct config *c, const char *assignment,
                    struct config_error *err);
/* Take `value` over (freed on failure). */
int config_set(struct config *c, const char *key, struct config_value *value);
int config_set_string(struct config *c, const char *key, const char *text);

const struct config_entry *config_find(const struct config *c, const char *key);
const struct config_value *config_get(const struct config *c, const char *key);

/*
 * Typed reads: 1 found, 0 not there or None, -1 wrong kind (*err says where
 * and what was expected). Integers may be quoted ("160"), strings may be
 * numbers; booleans may be 0/1 or yes/no/true/false/on/off.
 */
int config_get_int(const struct config *c, const char *key, int64_t *out,
                   struct config_error *err);
int config_get_bool(const struct config *c, const char *key, bool *out,
                    struct config_error *err);
/* *out is malloc'ed. */
int config_get_string(const struct config *c, const char *key, char **out,
                      struct config_error *err);
/* A string counts as a list of one. free(*items); the texts belong to c. */
int config_get_strings(const struct config *c, const char *key,
                       const char ***items, size_t *count,
                       struct config_error *err);

/* "file:line:column: " + fmt for trouble found later with this key. */
void config_complain(const struct config *c, const struct config_value *v,
                     struct config_error *err, const char *fmt, ...)
    __attribute__((format(printf, 4, 5)));

struct config_value *config_value_new(enum config_type type);
void config_value_free(struct config_value *v);

#endif
