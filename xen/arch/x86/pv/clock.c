/* SPDX-License-Identifier: GPL-2.0 */
/*
 * clock.c - time as guests see it: a record for each vcpu, the wall clock for
 * each domain.
 * Keeps true: `version` is odd while a record changes. All CPUs share one
 * scale and origin, so a record stays right for as long as the vcpu runs.
 */
#include "core/arch.h"
#include "core/spinlock.h"
#include "cpu/features.h"
#include "cpu/tsc.h"
#include "dev/clock.h"
#include "domain/part.h"
#include "lib/errno.h"
#include "mm/guestcopy.h"
#include "pv/pv.h"

static spinlock_t wall_lock = SPINLOCK_INIT(RANK_TIMER);

void clock_publish(struct vcpu *v)
{
    struct vcpu_time_info *t = &v->info->time;
    uint64_t tsc = rdtsc_ordered();
    uint32_t version = t->version | 1;

    WRITE_ONCE(t->version, version);
    smp_wmb();
    t->tsc_timestamp = tsc;
    t->system_time = (uint64_t)tsc_to_system_time(tsc);
    t->tsc_to_system_mul = tsc_scale.mul;
    t->tsc_shift = tsc_scale.shift;
    t->flags = cpu_features.tsc_invariant ? XEN_PVCLOCK_TSC_STABLE_BIT : 0;
    smp_wmb();
    WRITE_ONCE(t->version, version + 1);
}

/* The record of v->info once more, where user code may read it. */
int vcpu_time_copy(struct vcpu *v)
{
    struct vcpu_time_info t = v->info->time;
    guest_va_t at = v->time_area;

    t.version |= 1;
    if (copy_to_guest(at, &t.version, sizeof(t.version)))
        return -EFAULT;
    smp_wmb();
    if (copy_to_guest(at, &t, sizeof(t)))
        return -EFAULT;
    smp_wmb();
    t.version++;
    return copy_to_guest(at, &t.version, sizeof(t.version));
}

void clock_publish_wall(struct domain *d)
{
    struct shared_info *s = d->shared;
    uint64_t base = wallclock_base_ns();
    uint64_t sec = base / 1000000000 + (uint64_t)d->time_offset_s;
    uint32_t version;

    spin_lock(&wall_lock);
    version = s->wc_version | 1;
    WRITE_ONCE(s->wc_version, version);
    smp_wmb();
    s->wc_sec = (uint32_t)sec;
    s->wc_sec_hi = sec >> 32;
    s->wc_nsec = base % 1000000000;
    smp_wmb();
    WRITE_ONCE(s->wc_version, version + 1);
    spin_unlock(&wall_lock);
}

/* Somebody set the clock: every domain is told. */
void clock_publish_wall_all(void)
{
    struct domain *d, *next;

    for (d = domain_first(); d; d = next) {
        clock_publish_wall(d);
        next = domain_next(d->id);
        domain_put(d);
    }
}
