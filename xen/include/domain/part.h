/* SPDX-License-Identifier: GPL-2.0 */
/*
 * part.h - what each subsystem does for a domain and a vcpu. boot/parts.c has
 * the one ordered array; it is unwound backwards.
 */
#ifndef DOMAIN_PART_H
#define DOMAIN_PART_H

#include "domain/vcpu.h"

struct domain_part {
    const char *name;
    int (*create)(struct domain *d, const struct domain_config *cfg);
    /* Give back what others hold of it; -ERESTART: call again. May be 0. */
    int (*teardown)(struct domain *d);
    /* Free; the domain is dead and nobody refers to it. May be 0. */
    void (*destroy)(struct domain *d);
    int (*vcpu_create)(struct vcpu *v);
    void (*vcpu_destroy)(struct vcpu *v);
    void (*dump)(struct domain *d);
};
extern const struct domain_part *const domain_parts[];
extern const unsigned int nr_domain_parts;
extern const struct domain_part rights_part; /* rights.c */

/* How sched.c changes the CPU's contents from one vcpu to the next. */
void vcpu_context_save(struct vcpu *v);
void vcpu_context_load(struct vcpu *v);
/* Copy v's time record to time_area; v is current, its kernel's tables are
 * loaded. 0 or -EFAULT. */
int vcpu_time_copy(struct vcpu *v);
noreturn void return_to_guest(struct vcpu *v);
noreturn void reset_stack_and_idle(void (*loop)(void));

#endif
