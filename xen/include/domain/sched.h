/* SPDX-License-Identifier: GPL-2.0 */
/*
 * sched.h - who runs where and how long. States and switch: sched.c; the
 * proportional-share policy: sched_credit.c.
 */
#ifndef DOMAIN_SCHED_H
#define DOMAIN_SCHED_H

#include <abi/sched.h>

#include "domain/vcpu.h"

void sched_init(void);              /* boot CPU, idle domain */
void sched_init_cpu(unsigned int cpu);
int sched_add_domain(struct domain *d);
void sched_remove_domain(struct domain *d);
int sched_add_vcpu(struct vcpu *v);
void sched_remove_vcpu(struct vcpu *v);

/* May run now: put it in a queue. No-op if it may not, or is there. */
void vcpu_wake(struct vcpu *v);
/* May not run (flags or counts say so): take it off. sync waits. */
void vcpu_sleep(struct vcpu *v, bool sync);
bool vcpu_runnable(const struct vcpu *v);

void vcpu_block(struct vcpu *v); /* current: wait for an event, unmask */
void vcpu_yield(struct vcpu *v);
/* Clear VPF_BLOCKED and wake. */
void vcpu_unblock(struct vcpu *v);

/* SOFTIRQ_SCHEDULE's work: choose and switch. Returns only if nothing changed
 * or to the idle loop. Called by the exit path with an empty C stack. */
void schedule(void);
noreturn void idle_loop(void);
/* An AP or the boot CPU has finished its set-up. */
noreturn void cpu_idle_enter(void);

int vcpu_set_affinity(struct vcpu *v, const cpumask_t *hard,
                      const cpumask_t *soft);
/* ns in each RUNSTATE_* state until now. */
void vcpu_runstate_get(struct vcpu *v, struct vcpu_runstate_info *out);
uint64_t cpu_idle_ns(unsigned int cpu);

/* What the policy offers: weight 1..65535, cap in percent of one CPU. */
int sched_domain_params(struct domain *d, uint16_t *weight, uint16_t *cap,
                        bool set);
extern const char *const sched_name;
extern const unsigned int sched_id; /* XEN_SCHEDULER_* */
/* So much less must a vcpu have had to take the CPU from another. */
extern uint32_t sched_ratelimit_us;
void sched_dump(char key);

#endif
