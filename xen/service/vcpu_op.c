/* SPDX-License-Identifier: GPL-2.0 */
/*
 * vcpu_op.c - a guest sets up its vcpus, their timers and record areas.
 */
#include <abi/vcpu.h>

#include "core/arch.h"
#include "core/timer.h"
#include "domain/sched.h"
#include "domain/shared.h"
#include "mm/heap.h"
#include "pv/pv.h"
#include "service/call.h"
#include "service/evtchn.h"
#include "service/sched_op.h"
#include "service/services.h"

#define PERIOD_MIN MILLISECS(1)

static long initialise_claimed(struct vcpu *v, guest_va_t arg)
{
    struct vcpu_guest_context *ctxt;
    long rc;

    if (v->initialised)
        return -EEXIST;
    ctxt = kzalloc(sizeof(*ctxt));
    if (!ctxt)
        return -ENOMEM;
    rc = copy_from_guest(ctxt, arg, sizeof(*ctxt));
    if (!rc) {
        ctxt->flags &= ~(uint64_t)VGCF_online; /* VCPUOP_up does that */
        rc = vcpu_context_set(v, ctxt);
    }
    kfree(ctxt);
    return rc;
}

/*
 * May take several goes: the roots are validated preemptibly. One vcpu at a
 * time: what the first made may run already while a second came this far, and
 * a running vcpu's tables are nobody else's to change.
 */
static long vcpu_initialise(struct vcpu *v, guest_va_t arg)
{
    long rc;

    if (xchg(&v->being_initialised, 1))
        return -ERESTART;
    rc = initialise_claimed(v, arg);
    store_release(&v->being_initialised, 0);
    return rc;
}

static long vcpu_up(struct vcpu *v)
{
    if (!v->initialised)
        return -EINVAL;
    if (__atomic_fetch_and(&v->pause_flags, ~(1u << VPF_DOWN),
                           __ATOMIC_SEQ_CST) &
        1u << VPF_DOWN)
        vcpu_wake(v);
    return 0;
}

/* The last one to go takes the domain with it. */
static long vcpu_down(struct vcpu *v)
{
    struct domain *d = v->domain;
    struct vcpu *other;
    unsigned int i;

    for_each_vcpu(d, other, i)
        if (other != v && !(other->pause_flags & 1u << VPF_DOWN))
            break;
    if (i == d->max_vcpus) {
        domain_shutdown(d, SHUTDOWN_poweroff);
        return 0;
    }
    if (!(__atomic_fetch_or(&v->pause_flags, 1u << VPF_DOWN, __ATOMIC_SEQ_CST) &
          1u << VPF_DOWN))
        vcpu_sleep(v, false);
    return 0;
}

static long get_runstate(struct vcpu *v, guest_va_t arg)
{
    struct vcpu_runstate_info info;

    vcpu_runstate_get(v, &info);
    return copy_to_guest(arg, &info, sizeof(info));
}

static long register_runstate(struct vcpu *v, guest_va_t arg)
{
    struct vcpu_register_runstate_memory_area area;
    struct vcpu_runstate_info info;

    if (copy_from_guest(&area, arg, sizeof(area)))
        return -EFAULT;
    if (!guest_range_ok(area.addr.p, sizeof(info)))
        return -EINVAL;
    v->runstate_area = area.addr.h;
    if (guest_va_is_null(v->runstate_area))
        return 0;
    vcpu_runstate_get(v, &info);
    if (v == current)
        return copy_to_guest(v->runstate_area, &info, sizeof(info));
    return 0;
}

static long register_time(struct vcpu *v, guest_va_t arg)
{
    struct vcpu_register_time_memory_area area;

    if (copy_from_guest(&area, arg, sizeof(area)))
        return -EFAULT;
    if (!guest_range_ok(area.addr.p, sizeof(struct vcpu_time_info)))
        return -EINVAL;
    v->time_area = area.addr.h;
    if (guest_va_is_null(v->time_area) || v != current)
        return 0;
    return vcpu_time_copy(v);
}

static void singleshot_fired(void *data)
{
    evtchn_raise_virq(data, VIRQ_TIMER);
}

static void periodic_fired(void *data)
{
    struct vcpu *v = data;
    ns_t next = v->periodic_last + v->period;

    evtchn_raise_virq(v, VIRQ_TIMER);
    if (next <= now())
        next = now() + v->period;
    v->periodic_last = next;
    timer_set(&v->periodic, next);
}

static long set_periodic(struct vcpu *v, guest_va_t arg)
{
    struct vcpu_set_periodic_timer op;

    if (copy_from_guest(&op, arg, sizeof(op)))
        return -EFAULT;
    if (op.period_ns < PERIOD_MIN || op.period_ns > INT64_MAX / 2)
        return -EINVAL;
    v->period = (ns_t)op.period_ns;
    v->periodic_last = now() + v->period;
    timer_set(&v->periodic, v->periodic_last);
    return 0;
}

static long set_singleshot(struct vcpu *v, guest_va_t arg)
{
    struct vcpu_set_singleshot_timer op;

    if (v != current)
        return -EINVAL;
    if (copy_from_guest(&op, arg, sizeof(op)))
        return -EFAULT;
    if (op.flags & VCPU_SSHOTTMR_future && (ns_t)op.timeout_abs_ns < now())
        return -ETIME;
    timer_set(&v->singleshot, (ns_t)op.timeout_abs_ns);
    return 0;
}

/* 0 stops it, a time gone by fires at once. */
long do_set_timer_op(uint64_t deadline)
{
    struct vcpu *v = current;

    if (!deadline)
        timer_stop(&v->singleshot);
    else
        timer_set(&v->singleshot, (ns_t)(deadline > INT64_MAX ? INT64_MAX - 1
                                                              : deadline));
    return 0;
}

/* For itself, or for one that is down. Nobody waits for another vcpu to stop:
 * two that wait for each other would do so for ever. */
static long register_info(struct vcpu *v, guest_va_t arg)
{
    struct vcpu_register_vcpu_info op;
    int rc;

    if (copy_from_guest(&op, arg, sizeof(op)))
        return -EFAULT;
    if (v != current && !(READ_ONCE(v->pause_flags) & 1u << VPF_DOWN))
        return -EINVAL;
    rc = shared_vcpu_info_register(v, op.mfn, op.offset);
    if (v == current && !rc)
        clock_publish(v);
    return rc;
}

static long send_nmi(struct vcpu *v)
{
    v->nmi_pending = true;
    /* Its own CPU may be setting another bit. */
    __atomic_fetch_or(&v->slow_exit, SLOW_EXIT_CHECK, __ATOMIC_SEQ_CST);
    vcpu_kick(v);
    return 0;
}

/* Only for one who is pinned to a CPU: the answer stays true. */
static long get_physid(struct vcpu *v, guest_va_t arg)
{
    struct vcpu_get_physid op;
    const struct cpu *c = cpu_by_id(v->cpu);

    if (!v->domain->privileged)
        return -EINVAL;
    op.phys_id = c->apic_id | (uint64_t)c->acpi_id << 32;
    return copy_to_guest(arg, &op, sizeof(op));
}

long do_vcpu_op(uint64_t cmd, uint64_t vcpuid, uint64_t arg)
{
    struct vcpu *me = current, *v;
    guest_va_t at = {arg};
    long rc;

    if (vcpuid >= MAX_VCPUS_BY_LAYOUT)
        return -EINVAL;
    v = vcpu_find(me->domain, (unsigned int)vcpuid);
    if (!v)
        return -ENOENT;
    switch (cmd) {
    case VCPUOP_initialise:
        rc = vcpu_initialise(v, at);
        if (rc == -ERESTART)
            return hypercall_resume(me, __HYPERVISOR_vcpu_op, cmd, vcpuid, arg,
                                    0);
        return rc;
    case VCPUOP_up:
        return vcpu_up(v);
    case VCPUOP_down:
        return vcpu_down(v);
    case VCPUOP_is_up:
        return !(v->pause_flags & 1u << VPF_DOWN);
    case VCPUOP_get_runstate_info:
        return get_runstate(v, at);
    case VCPUOP_register_runstate_memory_area:
        return register_runstate(v, at);
    case VCPUOP_set_periodic_timer:
        return set_periodic(v, at);
    case VCPUOP_stop_periodic_timer:
        timer_stop(&v->periodic);
        return 0;
    case VCPUOP_set_singleshot_timer:
        return set_singleshot(v, at);
    case VCPUOP_stop_singleshot_timer:
        if (v != me)
            return -EINVAL;
        timer_stop(&v->singleshot);
        return 0;
    case VCPUOP_register_vcpu_info:
        return register_info(v, at);
    case VCPUOP_register_vcpu_time_memory_area:
        return register_time(v, at);
    case VCPUOP_send_nmi:
        return send_nmi(v);
    case VCPUOP_get_physid:
        return get_physid(v, at);
    }
    return -ENOSYS;
}

static int timers_create(struct vcpu *v)
{
    timer_init(&v->singleshot, singleshot_fired, v);
    timer_init(&v->periodic, periodic_fired, v);
    return 0;
}

/* They would go on until nobody has a frame of the domain any more. */
static int timers_teardown(struct domain *d)
{
    struct vcpu *v;
    unsigned int i;

    for_each_vcpu(d, v, i) {
        timer_kill(&v->singleshot);
        timer_kill(&v->periodic);
    }
    return 0;
}

static void timers_destroy(struct vcpu *v)
{
    timer_kill(&v->singleshot);
    timer_kill(&v->periodic);
}

const struct domain_part vcpu_op_part = {
    .name = "vcpu_op",
    .teardown = timers_teardown,
    .vcpu_create = timers_create,
    .vcpu_destroy = timers_destroy,
};
