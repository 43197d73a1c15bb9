/* SPDX-License-Identifier: GPL-2.0 */
/*
 * client.h - one call to xend at a time. Arguments and answers are
 * S-expressions: an array is a list, everything else an atom.
 */
#ifndef XM_CLIENT_H
#define XM_CLIENT_H

#include "base/sxp.h"

#define XEND_SOCKET "/var/run/xend/xmlrpc.sock"

/*
 * Call `method` with the atoms and lists of `args` (taken over). XM_OK and
 * *result (may be NULL if the caller wants none), or the exit code with the
 * message printed.
 */
int xend_call(const char *method, struct sxp *args, struct sxp **result);

/* The same for methods whose arguments are a few strings; ends with NULL. */
int xend_callv(struct sxp **result, const char *method, ...)
    __attribute__((sentinel));

/*
 * Of all domains in a state just these columns, a row (value..) each; the
 * names end with NULL.
 */
int xend_table(const char *state, const char *const *columns,
               struct sxp **result);

/* Pure part, for the tests: the answer's body to *result or *fault. */
enum answer { ANSWER_OK, ANSWER_FAULT, ANSWER_BROKEN };
enum answer answer_parse(const char *xml, struct sxp **result, int *code,
                         char **fault);
void call_encode(struct buf *out, const char *method, const struct sxp *args);

#endif
