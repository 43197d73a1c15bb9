/* SPDX-License-Identifier: GPL-2.0 */
/* devstr.h - the short device notations of config files and command lines. */
#ifndef XM_DEVSTR_H
#define XM_DEVSTR_H

#include <stddef.h>

#include "base/sxp.h"

/*
 * "BACK,FRONT,MODE[,BACKDOM[,PROTOCOL]]", or xl's "PATH,FORMAT,FRONT[,MODE]"
 * or "format=..,vdev=..,access=..,target=..",
 * to (vbd (uname ..) (dev ..) ..), or (tap ..) for tap:... NULL with one line
 * in err.
 */
struct sxp *disk_to_sxp(const char *text, char *err, size_t err_size);
/* The same from its parts, as block-attach has them. */
struct sxp *disk_parts_to_sxp(const char *back, const char *front,
                              const char *mode, const char *backend);

/* "k=v, k=v" to (vif (k v) ..) or (vfb (k v) ..). */
struct sxp *vif_to_sxp(const char *text, char *err, size_t err_size);
struct sxp *vfb_to_sxp(const char *text, char *err, size_t err_size);
/* Add one "k=v" to a vif; -1 with err. */
int vif_add(struct sxp *vif, const char *pair, char *err, size_t err_size);

#endif
