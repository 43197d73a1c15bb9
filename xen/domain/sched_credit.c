/* SPDX-License-Identifier: GPL-2.0 */
/*
 * sched_credit.c - proportional share: each vcpu counts the time it was
 * served, divided by its domain's weight; who was served least is next.
 *
 * A sleeper does not save up: waking it starts at the queue's smallest count,
 * less a bonus that lets it run soon. A cap is a budget for each period, taken
 * from by all vcpus of the domain; once it is gone they park until the next.
 * Keeps true: a queue is sorted; min_served never falls.
 */
#include "domain/credit.h"

#include "core/arch.h"
#include "core/timer.h"
#include "domain/sched.h"
#include "lib/compiler.h"
#include "lib/errno.h"
#include "mm/heap.h"

#include <abi/domctl.h>

#define WEIGHT_DEFAULT 256
#define WEIGHT_MAX     65535
#define SLICE          MILLISECS(10)
#define SLICE_MIN      MICROSECS(500)
#define WAKE_BONUS     MILLISECS(2)
#define PREEMPT_MARGIN MICROSECS(READ_ONCE(sched_ratelimit_us))
#define CAP_PERIOD     MILLISECS(30)

const char *const sched_name = "SMP Credit Scheduler rev2 (credit2)";
const unsigned int sched_id = XEN_SCHEDULER_CREDIT2;
uint32_t sched_ratelimit_us = 500;

struct credit_domain {
    uint32_t weight;
    uint32_t cap;     /* percent of one CPU; 0: none */
    int64_t budget;   /* ns left of this period; atomic */
    struct timer refill;
    ns_t period_end;  /* when the next budget comes */
    struct domain *domain;
};

struct credit_vcpu {
    struct list link; /* in a queue's waiting list, or alone */
    int64_t served;   /* weighted ns */
    bool queued;
    struct vcpu *vcpu;
};

static struct credit_vcpu *cv(const struct vcpu *v)
{
    return v->sched_data;
}

static void refill(void *data)
{
    struct credit_domain *c = data;
    int64_t quota = CAP_PERIOD / 100 * c->cap;
    int64_t left = __atomic_add_fetch(&c->budget, quota, __ATOMIC_SEQ_CST);
    struct vcpu *v;
    unsigned int i;

    if (!c->cap)
        left = quota = 0;
    if (left > quota)
        __atomic_store_n(&c->budget, quota, __ATOMIC_SEQ_CST);
    if (left > 0 || !c->cap) {
        for_each_vcpu(c->domain, v, i) {
            __atomic_fetch_and(&v->pause_flags, ~(1u << VPF_PARKED),
                               __ATOMIC_SEQ_CST);
            vcpu_wake(v);
        }
    }
    if (!c->cap)
        return;
    /* From the last end, not from now: being late must not cost anything. */
    c->period_end = MAX(c->period_end + CAP_PERIOD, now());
    timer_set(&c->refill, c->period_end);
}

int credit_add_domain(struct domain *d)
{
    struct credit_domain *c = kzalloc(sizeof(*c));

    if (!c)
        return -ENOMEM;
    c->weight = WEIGHT_DEFAULT;
    c->domain = d;
    timer_init(&c->refill, refill, c);
    d->sched_data = c;
    return 0;
}

void credit_remove_domain(struct domain *d)
{
    struct credit_domain *c = d->sched_data;

    if (!c)
        return;
    timer_kill(&c->refill);
    kfree(c);
    d->sched_data = NULL;
}

int credit_add_vcpu(struct vcpu *v)
{
    struct credit_vcpu *c = kzalloc(sizeof(*c));

    if (!c)
        return -ENOMEM;
    list_init(&c->link);
    c->vcpu = v;
    v->sched_data = c;
    return 0;
}

void credit_remove_vcpu(struct vcpu *v)
{
    kfree(v->sched_data);
    v->sched_data = NULL;
}

void credit_queue_init(struct runqueue *q)
{
    spin_lock_init(&q->lock, RANK_SCHED);
    list_init(&q->waiting);
}

void credit_woken(struct runqueue *q, struct vcpu *v)
{
    if (cv(v)->served < q->min_served - WAKE_BONUS)
        cv(v)->served = q->min_served - WAKE_BONUS;
}

void credit_insert(struct runqueue *q, struct vcpu *v)
{
    struct credit_vcpu *pos;

    list_for_each(pos, &q->waiting, link)
        if (pos->served > cv(v)->served)
            break;
    list_insert(&cv(v)->link, pos->link.prev);
    cv(v)->queued = true;
    q->nr_waiting++;
}

void credit_remove(struct runqueue *q, struct vcpu *v)
{
    list_del(&cv(v)->link);
    cv(v)->queued = false;
    q->nr_waiting--;
}

bool credit_is_queued(const struct vcpu *v)
{
    return cv(v)->queued;
}

struct vcpu *credit_first(struct runqueue *q)
{
    if (list_empty(&q->waiting))
        return NULL;
    return list_first(&q->waiting, struct credit_vcpu, link)->vcpu;
}

struct vcpu *credit_steal(struct runqueue *q, unsigned int cpu)
{
    struct credit_vcpu *pos;

    list_for_each(pos, &q->waiting, link) {
        struct vcpu *v = pos->vcpu;

        if (!v->running && cpumask_has(&v->affinity, cpu)) {
            credit_remove(q, v);
            return v;
        }
    }
    return NULL;
}

static void advance_min(struct runqueue *q, int64_t served)
{
    struct vcpu *first = credit_first(q);

    if (first && cv(first)->served < served)
        served = cv(first)->served;
    if (served > q->min_served)
        q->min_served = served;
}

bool credit_charge(struct runqueue *q, struct vcpu *v, ns_t ran)
{
    struct credit_domain *c = v->domain->sched_data;

    cv(v)->served += ran * WEIGHT_DEFAULT / c->weight;
    advance_min(q, cv(v)->served);
    return c->cap && __atomic_sub_fetch(&c->budget, ran, __ATOMIC_SEQ_CST) <= 0;
}

void credit_step_back(struct runqueue *q, struct vcpu *v)
{
    struct vcpu *first = credit_first(q);

    if (first && !credit_preempts(first, v))
        cv(v)->served = cv(first)->served + PREEMPT_MARGIN + 1;
}

bool credit_preempts(const struct vcpu *a, const struct vcpu *b)
{
    return cv(a)->served + PREEMPT_MARGIN < cv(b)->served;
}

void credit_migrate(struct vcpu *v, const struct runqueue *from,
                    const struct runqueue *to)
{
    cv(v)->served += to->min_served - from->min_served;
}

ns_t credit_slice(const struct runqueue *q, const struct vcpu *v)
{
    struct credit_domain *c = v->domain->sched_data;
    int64_t left = c->cap ? READ_ONCE(c->budget) : INT64_MAX;

    if (!q->nr_waiting && !c->cap)
        return NS_NEVER;
    return MAX(MIN(SLICE, left), SLICE_MIN);
}

int sched_domain_params(struct domain *d, uint16_t *weight, uint16_t *cap,
                        bool set)
{
    struct credit_domain *c = d->sched_data;

    if (!set) {
        *weight = (uint16_t)c->weight;
        *cap = (uint16_t)c->cap;
        return 0;
    }
    if (*weight)
        c->weight = *weight;
    if (*cap != 0xffff) {
        c->cap = *cap;
        __atomic_store_n(&c->budget, CAP_PERIOD / 100 * *cap, __ATOMIC_SEQ_CST);
        c->period_end = now() + CAP_PERIOD;
        timer_set(&c->refill, c->period_end);
    }
    return 0;
}
