/* SPDX-License-Identifier: GPL-2.0 */
/*
 * control.h - what an administrator may ask of the daemon itself.
 */
#ifndef XENSTORED_CONTROL_H
#define XENSTORED_CONTROL_H

#include "xstore.h"

/* The length of the text put into out (with its NUL), or -errno. */
long control_run(struct xstore *xs, const char *const *args, int nr,
                 char *out, size_t size);

/* What is wrong with the store's books, or NULL. */
const char *xstore_check(struct xstore *xs);

#endif
