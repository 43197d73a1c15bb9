/* SPDX-License-Identifier: GPL-2.0 */
/*
 * sched_op.h - what sched_op.c and vcpu_op.c keep for a vcpu.
 */
#ifndef SERVICE_SCHED_OP_H
#define SERVICE_SCHED_OP_H

#include "domain/part.h"

/* v may be polling for something that has happened: let it look. */
void poll_wake(struct vcpu *v);

extern const struct domain_part sched_op_part; /* poll timers, watchdogs */
extern const struct domain_part vcpu_op_part;  /* one-shot, periodic timers */

#endif
