/* SPDX-License-Identifier: GPL-2.0 */
/*
 * audit.h - do the counts of frames agree with the tables?
 */
#ifndef PV_AUDIT_H
#define PV_AUDIT_H

#include "domain/domain.h"

/* The number of frames of d whose counts are too small. Logs them. */
unsigned long pagetype_audit(struct domain *d);
void audit_init(void); /* boot: the debug key */

#endif
