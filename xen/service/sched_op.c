/* SPDX-License-Identifier: GPL-2.0 */
/*
 * sched_op.c - yield, block, poll, shut down, watchdog.
 * Keeps true: a poller sleeps only if none of its ports was pending after its
 * flag was up, so no event is lost in between.
 */
#include <abi/sched.h>

#include "core/arch.h"
#include "core/timer.h"
#include "domain/sched.h"
#include "mm/heap.h"
#include "service/call.h"
#include "service/evtchn.h"
#include "service/sched_op.h"
#include "service/services.h"

#define POLL_MAX_PORTS 128
#define NR_WATCHDOGS   2

static long op_yield(struct vcpu *v, void *arg)
{
    (void)arg;
    vcpu_yield(v);
    return 0;
}

static long op_block(struct vcpu *v, void *arg)
{
    (void)arg;
    vcpu_block(v);
    return 0;
}

static long op_shutdown(struct vcpu *v, void *arg)
{
    struct sched_shutdown *op = arg;

    if (op->reason > SHUTDOWN_MAX)
        return -EINVAL;
    domain_shutdown(v->domain, (uint8_t)op->reason);
    return 0;
}

/* A reason told ahead; the shutdown that follows keeps it. */
static long op_shutdown_code(struct vcpu *v, void *arg)
{
    struct sched_shutdown *op = arg;
    struct domain *d = v->domain;
    long rc = 0;

    if (op->reason > SHUTDOWN_MAX)
        return -EINVAL;
    spin_lock(&d->lock);
    if (d->shutdown_code != SHUTDOWN_CODE_NONE)
        rc = -EBUSY;
    else
        d->shutdown_code = (uint8_t)op->reason;
    spin_unlock(&d->lock);
    return rc;
}

void poll_wake(struct vcpu *v)
{
    if (__atomic_fetch_and(&v->pause_flags, ~(1u << VPF_POLL),
                           __ATOMIC_SEQ_CST) &
        1u << VPF_POLL) {
        __atomic_fetch_sub(&v->domain->nr_polling, 1, __ATOMIC_SEQ_CST);
        vcpu_wake(v);
    }
}

static void poll_timeout(void *data)
{
    poll_wake(data);
}

static int poll_any_pending(struct vcpu *v, guest_va_t ports, unsigned int n)
{
    for (unsigned int i = 0; i < n; i++) {
        evtchn_port_t port;

        if (copy_from_guest(&port, guest_va_at(ports, i, sizeof(port)),
                            sizeof(port)))
            return -EFAULT;
        if (!evtchn_port_valid(v->domain, port))
            return -EINVAL;
        if (n == 1)
            v->poll_port = (int)port;
        if (evtchn_port_pending(v->domain, port))
            return 1;
    }
    return 0;
}

static long op_poll(struct vcpu *v, void *arg)
{
    struct sched_poll *op = arg;
    int rc;

    if (op->nr_ports > POLL_MAX_PORTS)
        return -EINVAL;
    timer_stop(&v->poll_timer);
    v->poll_port = -1;
    __atomic_fetch_add(&v->domain->nr_polling, 1, __ATOMIC_SEQ_CST);
    __atomic_fetch_or(&v->pause_flags, 1u << VPF_POLL, __ATOMIC_SEQ_CST);
    /* From here on whoever raises an event sees us; look once more. */
    rc = 0;
    if (!v->info->evtchn_upcall_mask && v->info->evtchn_upcall_pending)
        rc = 1;
    if (!rc)
        rc = poll_any_pending(v, op->ports, op->nr_ports);
    if (rc) {
        poll_wake(v);
        return rc < 0 ? rc : 0;
    }
    if (op->timeout)
        timer_set(&v->poll_timer, (ns_t)op->timeout);
    softirq_raise(SOFTIRQ_SCHEDULE);
    return 0;
}

static long op_remote_shutdown(struct vcpu *v, void *arg)
{
    struct sched_remote_shutdown *op = arg;
    struct domain *d = domain_find(op->domain_id);

    (void)v;
    if (!d)
        return -ESRCH;
    domain_shutdown(d, (uint8_t)op->reason);
    domain_put(d);
    return 0;
}

static void watchdog_fired(void *data)
{
    domain_shutdown(data, SHUTDOWN_watchdog);
}

static int watchdogs_make(struct domain *d)
{
    struct timer *w;

    if (d->watchdogs)
        return 0;
    w = kzalloc(NR_WATCHDOGS * sizeof(*w));
    if (!w)
        return -ENOMEM;
    for (unsigned int i = 0; i < NR_WATCHDOGS; i++)
        timer_init(&w[i], watchdog_fired, d);
    d->watchdogs = w;
    return 0;
}

/* id 0: a new one, its id is the answer; timeout 0: stop it. Seconds. */
static long op_watchdog(struct vcpu *v, void *arg)
{
    struct sched_watchdog *op = arg;
    struct domain *d = v->domain;
    unsigned int i;
    long rc = 0;

    if (op->id > NR_WATCHDOGS)
        return -EINVAL;
    spin_lock(&d->lock);
    rc = watchdogs_make(d);
    if (rc)
        goto out;
    if (op->id) {
        i = op->id - 1;
        if (!timer_is_set(&d->watchdogs[i]))
            rc = -EINVAL;
    } else {
        for (i = 0; i < NR_WATCHDOGS && timer_is_set(&d->watchdogs[i]); i++)
            ;
        rc = i == NR_WATCHDOGS ? -ENOSPC : !op->timeout ? -EINVAL : (long)i + 1;
    }
    if (rc < 0)
        goto out;
    if (op->timeout)
        timer_set(&d->watchdogs[i], now() + SECONDS(op->timeout));
    else
        timer_stop(&d->watchdogs[i]);
out:
    spin_unlock(&d->lock);
    return rc;
}

/* pcpu < 0 takes an earlier override back. */
static long op_pin_override(struct vcpu *v, void *arg)
{
    struct sched_pin_override *op = arg;
    cpumask_t one = {{0}};

    if (op->pcpu >= 0) {
        if ((unsigned int)op->pcpu >= nr_cpus)
            return -EINVAL;
        if (v->affinity_broken)
            return -EBUSY;
        cpumask_set(&one, (unsigned int)op->pcpu);
        v->affinity_saved = v->affinity;
        v->affinity_broken = true;
        return vcpu_set_affinity(v, &one, NULL);
    }
    if (!v->affinity_broken)
        return -ENOENT;
    v->affinity_broken = false;
    return vcpu_set_affinity(v, &v->affinity_saved, NULL);
}

static const struct subop sched_ops[] = {
    [SCHEDOP_yield] = {op_yield, 0, SUBOP_NONE, ANYONE},
    [SCHEDOP_block] = {op_block, 0, SUBOP_NONE, ANYONE},
    [SCHEDOP_shutdown] = SUBOP(op_shutdown, struct sched_shutdown, SUBOP_IN,
                               ANYONE),
    [SCHEDOP_poll] = SUBOP(op_poll, struct sched_poll, SUBOP_IN, ANYONE),
    [SCHEDOP_remote_shutdown] = SUBOP(
        op_remote_shutdown, struct sched_remote_shutdown, SUBOP_IN, DOM0_ONLY),
    /* The toolstack's word for why the domain is about to end. */
    [SCHEDOP_shutdown_code] = SUBOP(op_shutdown_code, struct sched_shutdown,
                                    SUBOP_IN, ANYONE),
    [SCHEDOP_watchdog] = SUBOP(op_watchdog, struct sched_watchdog, SUBOP_IN,
                               ANYONE),
    [SCHEDOP_pin_override] = SUBOP(op_pin_override, struct sched_pin_override,
                                   SUBOP_IN, DOM0_ONLY),
};

long do_sched_op(uint64_t cmd, uint64_t arg)
{
    guest_va_t at = {arg};

    return subop_call(sched_ops, ARRAY_SIZE(sched_ops), cmd, at);
}

/* The old numbers: 0 yield, 1 block, 2 shutdown with the reason in place. */
long do_sched_op_compat(uint64_t cmd, uint64_t arg)
{
    struct sched_shutdown op = {(unsigned int)arg};
    struct vcpu *v = current;

    switch (cmd) {
    case SCHEDOP_yield:
        return op_yield(v, NULL);
    case SCHEDOP_block:
        return op_block(v, NULL);
    case SCHEDOP_shutdown:
        return op_shutdown(v, &op);
    }
    return -ENOSYS;
}

static int poll_timer_create(struct vcpu *v)
{
    timer_init(&v->poll_timer, poll_timeout, v);
    return 0;
}

static void poll_timer_destroy(struct vcpu *v)
{
    timer_kill(&v->poll_timer);
}

static void watchdogs_destroy(struct domain *d)
{
    for (unsigned int i = 0; d->watchdogs && i < NR_WATCHDOGS; i++)
        timer_kill(&d->watchdogs[i]);
    kfree(d->watchdogs);
    d->watchdogs = NULL;
}

const struct domain_part sched_op_part = {
    .name = "sched_op",
    .destroy = watchdogs_destroy,
    .vcpu_create = poll_timer_create,
    .vcpu_destroy = poll_timer_destroy,
};
