/* SPDX-License-Identifier: GPL-2.0 */
/* domcfg.h - a domain's file to the description that xend takes. */
#ifndef XM_DOMCFG_H
#define XM_DOMCFG_H

#include "base/config.h"
#include "base/sxp.h"

/*
 * (vm (name ..) (memory ..) .. (image (linux ..)) (device (vbd ..)) ..).
 * `default_name` is used where the file has none. NULL with *err filled.
 * Unknown keys are named on stderr, with the nearest known one.
 */
struct sxp *domcfg_to_sxp(const struct config *c, const char *default_name,
                          struct config_error *err);

#endif
