/* SPDX-License-Identifier: GPL-2.0 */
/*
 * credit.h - the proportional-share policy: who is next on a queue.
 * All but the domain calls want the queue's lock held.
 */
#ifndef DOMAIN_CREDIT_H
#define DOMAIN_CREDIT_H

#include "core/spinlock.h"
#include "domain/vcpu.h"

/* One CPU's queue of vcpus that wait for it, least served first. */
struct runqueue {
    spinlock_t lock;
    struct list waiting; /* struct credit_vcpu, by served, ascending */
    unsigned int nr_waiting;
    int64_t min_served;  /* never falls: newcomers start from here */
};

int credit_add_domain(struct domain *d);
void credit_remove_domain(struct domain *d);
int credit_add_vcpu(struct vcpu *v);
void credit_remove_vcpu(struct vcpu *v);

void credit_queue_init(struct runqueue *q);
/* It woke: may overtake, but not hoard what it did not use while asleep. */
void credit_woken(struct runqueue *q, struct vcpu *v);
void credit_insert(struct runqueue *q, struct vcpu *v);
void credit_remove(struct runqueue *q, struct vcpu *v);
bool credit_is_queued(const struct vcpu *v);
struct vcpu *credit_first(struct runqueue *q); /* NULL: none */
/* Let go of one that may run on cpu and does not still run here; or NULL. */
struct vcpu *credit_steal(struct runqueue *q, unsigned int cpu);
/* v ran here for so long. True: its domain's cap is used up. */
bool credit_charge(struct runqueue *q, struct vcpu *v, ns_t ran);
/* It yields: behind the next in the queue. */
void credit_step_back(struct runqueue *q, struct vcpu *v);
/* Should a take the CPU from b, which has had it since b_since? */
bool credit_preempts(const struct vcpu *a, const struct vcpu *b);
/* v leaves the queue from for the queue to: keep its relative claim. */
void credit_migrate(struct vcpu *v, const struct runqueue *from,
                    const struct runqueue *to);
/* How long v may run before others are looked at again. */
ns_t credit_slice(const struct runqueue *q, const struct vcpu *v);

#endif
