/* SPDX-License-Identifier: GPL-2.0 */
/*
 * vcpu.c - a vcpu's life: made, paused, woken.
 */
#include "domain/vcpu.h"

#include "core/arch.h"
#include "core/panic.h"
#include "core/softirq.h"
#include "domain/part.h"
#include "domain/sched.h"
#include "lib/errno.h"
#include "mm/heap.h"

static void parts_vcpu_destroy(struct vcpu *v, unsigned int n)
{
    while (n--)
        if (domain_parts[n]->vcpu_destroy)
            domain_parts[n]->vcpu_destroy(v);
}

int vcpu_create(struct domain *d, unsigned int id)
{
    struct vcpu *v;
    unsigned int i;
    int rc;

    if (id >= d->max_vcpus || d->vcpu[id])
        return -EINVAL;
    v = kzalloc(sizeof(*v));
    if (!v)
        return -ENOMEM;
    v->domain = d;
    v->id = id;
    v->pause_flags = 1u << VPF_DOWN;
    for (i = 0; i < nr_domain_parts; i++) {
        rc = domain_parts[i]->vcpu_create ? domain_parts[i]->vcpu_create(v) : 0;
        if (rc)
            goto undo;
    }
    store_release(&d->vcpu[id], v);
    return 0;

undo:
    /* A part that failed half-way gives back what it has itself. */
    parts_vcpu_destroy(v, i);
    kfree(v);
    return rc;
}

void vcpu_destroy(struct vcpu *v)
{
    BUG_ON(v->running);
    parts_vcpu_destroy(v, nr_domain_parts);
    v->domain->vcpu[v->id] = NULL;
    kfree(v);
}

struct vcpu *vcpu_find(struct domain *d, unsigned int id)
{
    return id < d->max_vcpus ? load_acquire(&d->vcpu[id]) : NULL;
}

void vcpu_pause_nosync(struct vcpu *v)
{
    atomic_inc(&v->pause_count);
    vcpu_sleep(v, false);
}

void vcpu_pause(struct vcpu *v)
{
    BUG_ON(v == current);
    atomic_inc(&v->pause_count);
    vcpu_sleep(v, true);
}

void vcpu_unpause(struct vcpu *v)
{
    if (atomic_dec_to_zero(&v->pause_count))
        vcpu_wake(v);
}

void vcpu_kick(struct vcpu *v)
{
    vcpu_unblock(v);
    if (v->running && v != current)
        arch_send_softirq_ipi(v->cpu);
}

void vcpu_mark_event(struct vcpu *v)
{
    /* Set already: it has been kicked and has not looked yet. */
    if (!xchg(&v->info->evtchn_upcall_pending, 1))
        vcpu_kick(v);
}
