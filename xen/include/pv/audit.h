/* SPDX-License-Identifier: GPL-2.0 */
/*
 * audit.h - do the counts of frames agree with the tables?
 */
#ifndef PV_AUDIT_H
#define PV_AUDIT_H

void audit_init(void); /* boot: the debug key */

#endif
