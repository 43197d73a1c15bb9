/* SPDX-License-Identifier: GPL-2.0 */
/*
 * base/sxp.h - S-expressions: xend-config.sxp and domain descriptions.
 * A node is an atom or a list; the children of a list hang on `first`/`next`.
 */
#ifndef BASE_SXP_H
#define BASE_SXP_H

#include <stdbool.h>
#include <stddef.h>

#include "base/buf.h"

struct sxp {
    char *atom;        /* NULL: a list; changed by sxp_set_atom() alone */
    struct sxp *first; /* its children */
    struct sxp *last;
    struct sxp *next; /* my sibling */
    int line;
    bool text_behind; /* atom is in this node's own piece of memory */
};

/* All expressions of the text as one list. NULL: err has "file:line: what". */
struct sxp *sxp_parse(const char *file, const char *text, size_t len, char *err,
                      size_t err_size);
struct sxp *sxp_read(const char *path, char *err, size_t err_size);
void sxp_free(struct sxp *s); /* with all below */

struct sxp *sxp_list(const char *head); /* (head); head NULL: () */
struct sxp *sxp_atom(const char *text);
/* With room for a text of len bytes, which the caller puts into s->atom. */
struct sxp *sxp_atom_room(size_t len);
int sxp_set_atom(struct sxp *s, const char *text); /* another text, a copy */
/* Append; child is taken over, NULL child marks failure. Returns list. */
struct sxp *sxp_add(struct sxp *list, struct sxp *child);
/* list gets (name text) / (name number) */
struct sxp *sxp_add_pair(struct sxp *list, const char *name, const char *text);
struct sxp *sxp_add_int(struct sxp *list, const char *name, long long value);

/* The first child that is a list whose head is `name`, or NULL. */
const struct sxp *sxp_find(const struct sxp *list, const char *name);
/* The atom after that head: (name atom), or NULL. */
const char *sxp_get(const struct sxp *list, const char *name);

/* Indented text, a list a line where it doesn't fit into 72 columns. */
void sxp_print(struct buf *out, const struct sxp *s);
/* The same on one line. */
void sxp_print_flat(struct buf *out, const struct sxp *s);

#endif
