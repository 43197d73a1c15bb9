/* SPDX-License-Identifier: GPL-2.0 */
/* test_credit.c - the scheduler's policy: one queue played through in a
 * simulated time, shares compared with weights and caps. */
#include <stdlib.h>
#include <string.h>

#include "unit.h"

#include "core/arch.h"
#include "core/timer.h"
#include "domain/credit.h"
#include "domain/sched.h"
#include "mm/heap.h"

#define MAX_VCPUS 8

static ns_t clock_ns;
static struct timer *refills[MAX_VCPUS];
static unsigned int nr_refills;

ns_t now(void)
{
    return clock_ns;
}
void *kzalloc(size_t n)
{
    return calloc(1, n);
}
void kfree(void *p)
{
    free(p);
}
void spin_lock_init(spinlock_t *l, enum lock_rank rank)
{
    memset(l, 0, sizeof(*l));
    l->rank = (uint16_t)rank;
}
void timer_init(struct timer *t, void (*fn)(void *), void *data)
{
    memset(t, 0, sizeof(*t));
    t->fn = fn;
    t->data = data;
    t->deadline = NS_NEVER;
}
void timer_set(struct timer *t, ns_t deadline)
{
    if (t->deadline == NS_NEVER)
        refills[nr_refills++] = t;
    t->deadline = deadline;
}
void timer_kill(struct timer *t)
{
    t->deadline = NS_NEVER;
}
void vcpu_wake(struct vcpu *v)
{
    (void)v;
}

/* One queue, a domain for each vcpu. */
static struct runqueue queue;
static struct domain domains[MAX_VCPUS];
static struct vcpu vcpus[MAX_VCPUS];
static struct vcpu *one[MAX_VCPUS];
static ns_t ran[MAX_VCPUS];
static unsigned int nr;

static struct vcpu *add(uint16_t weight, uint16_t cap)
{
    struct domain *d = &domains[nr];
    struct vcpu *v = &vcpus[nr];

    memset(d, 0, sizeof(*d));
    memset(v, 0, sizeof(*v));
    one[nr] = v;
    d->vcpu = &one[nr];
    d->max_vcpus = 1;
    v->domain = d;
    memset(&v->affinity, 0xff, sizeof(v->affinity));
    CHECK(!credit_add_domain(d) && !credit_add_vcpu(v));
    CHECK(!sched_domain_params(d, &weight, &cap, true));
    credit_insert(&queue, v);
    ran[nr++] = 0;
    return v;
}

static void start(void)
{
    credit_queue_init(&queue);
    queue.min_served = 0;
    clock_ns = 0;
    nr = nr_refills = 0;
}

static void end(void)
{
    while (nr--) {
        if (credit_is_queued(&vcpus[nr]))
            credit_remove(&queue, &vcpus[nr]);
        credit_remove_vcpu(&vcpus[nr]);
        credit_remove_domain(&domains[nr]);
    }
    nr = 0;
}

static void timers_due(void)
{
    for (unsigned int i = 0; i < nr_refills; i++)
        if (refills[i]->deadline <= clock_ns)
            refills[i]->fn(refills[i]->data);
}

/* Back in the queue, if they may run and were taken off by their cap. */
static void unpark(void)
{
    for (unsigned int i = 0; i < nr; i++)
        if (!vcpus[i].pause_flags && !credit_is_queued(&vcpus[i])) {
            credit_woken(&queue, &vcpus[i]);
            credit_insert(&queue, &vcpus[i]);
        }
}

/* The CPU's life for so long, as domain/sched.c would lead it. */
static void play(ns_t span)
{
    ns_t stop = clock_ns + span;

    while (clock_ns < stop) {
        struct vcpu *v = credit_first(&queue);
        ns_t slice;

        if (!v) {
            clock_ns += MILLISECS(1);
        } else {
            credit_remove(&queue, v);
            slice = credit_slice(&queue, v);
            slice = MIN(slice, MILLISECS(10));
            clock_ns += slice;
            ran[v - vcpus] += slice;
            if (credit_charge(&queue, v, slice))
                v->pause_flags |= 1u << VPF_PARKED;
            else
                credit_insert(&queue, v);
        }
        timers_due();
        unpark();
    }
}

static bool about(ns_t got, ns_t wanted)
{
    return got > wanted - wanted / 20 && got < wanted + wanted / 20;
}

static void equal_weights(void)
{
    start();
    for (unsigned int i = 0; i < 3; i++)
        add(256, 0);
    play(SECONDS(30));
    for (unsigned int i = 0; i < 3; i++)
        CHECK(about(ran[i], SECONDS(10)));
    end();
}

static void weights_are_shares(void)
{
    start();
    add(256, 0);
    add(512, 0);
    add(768, 0);
    play(SECONDS(60));
    CHECK(about(ran[0], SECONDS(10)));
    CHECK(about(ran[1], SECONDS(20)));
    CHECK(about(ran[2], SECONDS(30)));
    end();
}

static void a_cap_holds_alone(void)
{
    start();
    add(256, 25);
    play(SECONDS(20));
    CHECK(about(ran[0], SECONDS(5)));
    end();
}

static void a_cap_leaves_the_rest(void)
{
    start();
    add(256, 20);
    add(256, 0);
    play(SECONDS(20));
    CHECK(about(ran[0], SECONDS(4)));
    CHECK(about(ran[1], SECONDS(16)));
    end();
}

/* Asleep for a long time, then busy: it must not have the CPU to itself. */
static void sleep_is_not_saved_up(void)
{
    struct vcpu *sleeper;

    start();
    add(256, 0);
    sleeper = add(256, 0);
    credit_remove(&queue, sleeper);
    sleeper->pause_flags = 1u << VPF_BLOCKED;
    play(SECONDS(10));
    sleeper->pause_flags = 0;
    unpark();
    CHECK(credit_first(&queue) == sleeper); /* it is soon its turn */
    ran[0] = ran[1] = 0;
    play(SECONDS(2));
    CHECK(about(ran[0], SECONDS(1)));
    CHECK(about(ran[1], SECONDS(1)));
    end();
}

static void yield_lets_others_pass(void)
{
    struct vcpu *a, *b;

    start();
    a = add(256, 0);
    b = add(256, 0);
    credit_remove(&queue, a);
    credit_step_back(&queue, a);
    CHECK(credit_preempts(b, a));
    end();
}

static void a_queue_stays_sorted(void)
{
    struct vcpu *last = NULL, *v;

    start();
    srand(1);
    for (unsigned int i = 0; i < MAX_VCPUS; i++) {
        v = add(256, 0);
        credit_remove(&queue, v);
        credit_charge(&queue, v, rand() % 1000000);
        credit_insert(&queue, v);
    }
    while ((v = credit_first(&queue))) {
        CHECK(!last || !credit_preempts(v, last));
        credit_remove(&queue, v);
        last = v;
    }
    CHECK_EQ(queue.nr_waiting, 0);
    end();
}

static const struct unit_test tests[] = {
    {"three alike get a third each", equal_weights},
    {"weights 1, 2, 3 are shares of 1, 2, 3", weights_are_shares},
    {"a cap holds on an idle machine", a_cap_holds_alone},
    {"what a cap leaves, others get", a_cap_leaves_the_rest},
    {"sleep is not saved up", sleep_is_not_saved_up},
    {"who yields lets the next one pass", yield_lets_others_pass},
    {"a queue stays sorted", a_queue_stays_sorted},
};

UNIT_MAIN("credit", tests)
