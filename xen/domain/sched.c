/* SPDX-License-Identifier: GPL-2.0 */
/*
 * sched.c - who runs: states, wake-up, the choice, the switch.
 *
 * Keeps true: a vcpu is in at most one queue, its own CPU's (v->cpu), and only
 * while it may run; `running` is set from the choice until its state is saved,
 * and nobody else takes it meanwhile. v->cpu changes under the old queue's
 * lock while v is neither queued nor running.
 * Locks: a queue's lock; never two at once. Interrupts off.
 * Not here: whose turn it is (sched_credit.c).
 */
#include "domain/sched.h"

#include "core/arch.h"
#include "core/panic.h"
#include "core/printk.h"
#include "core/softirq.h"
#include "domain/credit.h"
#include "domain/part.h"
#include "lib/errno.h"
#include "lib/string.h"
#include "mm/guestcopy.h"
#include "mm/tlb.h"

static PERCPU struct runqueue runqueue;
static PERCPU struct timer slice_timer;
static PERCPU ns_t chosen_at; /* when current was chosen */
static cpumask_t idle_cpus;

static struct runqueue *queue_of(unsigned int cpu)
{
    return &percpu_on(cpu, runqueue);
}

/* Lock the queue v belongs to; v->cpu stays while it is held. */
static struct runqueue *queue_lock(struct vcpu *v, uint64_t *flags)
{
    for (;;) {
        unsigned int cpu = READ_ONCE(v->cpu);
        struct runqueue *q = queue_of(cpu);

        *flags = spin_lock_irqsave(&q->lock);
        if (READ_ONCE(v->cpu) == cpu)
            return q;
        spin_unlock_irqrestore(&q->lock, *flags);
    }
}

bool vcpu_runnable(const struct vcpu *v)
{
    return !READ_ONCE(v->pause_flags) && !atomic_read(&v->pause_count) &&
           !atomic_read(&v->domain->pause_count);
}

static unsigned int runstate_now(const struct vcpu *v)
{
    if (v->running)
        return RUNSTATE_running;
    if (vcpu_runnable(v))
        return RUNSTATE_runnable;
    if (v->pause_flags & VPF_WAITS &&
        !(v->pause_flags & 1u << VPF_DOWN))
        return RUNSTATE_blocked;
    return RUNSTATE_offline;
}

/* Account the time in the old state, enter the new. v's queue is locked. */
static void runstate_update(struct vcpu *v, unsigned int state, ns_t t)
{
    ns_t spent = t - v->runstate_since;

    if (spent > 0)
        v->runstate.time[v->runstate.state] += (uint64_t)spent;
    v->runstate.state = (int)state;
    v->runstate.state_entry_time = (uint64_t)t;
    v->runstate_since = t;
}

void vcpu_runstate_get(struct vcpu *v, struct vcpu_runstate_info *out)
{
    uint64_t flags;
    struct runqueue *q = queue_lock(v, &flags);
    ns_t spent = now() - v->runstate_since;

    *out = v->runstate;
    if (spent > 0)
        out->time[out->state] += (uint64_t)spent;
    spin_unlock_irqrestore(&q->lock, flags);
}

/* An idle CPU that v may use; its own first, then one it was not told to
 * avoid. */
static unsigned int choose_cpu(const struct vcpu *v)
{
    unsigned int n;

    if (cpumask_has(&v->affinity, v->cpu) && cpumask_has(&idle_cpus, v->cpu))
        return v->cpu;
    for_each_cpu(n, &idle_cpus)
        if (cpumask_has(&v->affinity, n) && cpumask_has(&v->soft_affinity, n))
            return n;
    for_each_cpu(n, &idle_cpus)
        if (cpumask_has(&v->affinity, n))
            return n;
    if (cpumask_has(&v->affinity, v->cpu))
        return v->cpu;
    for_each_cpu(n, &v->affinity)
        if (cpumask_has(&cpus_online, n))
            return n;
    return v->cpu;
}

/* v waits behind others: an idle CPU that may run it shall come and steal. */
static void call_thief(const struct vcpu *v)
{
    unsigned int n;

    for_each_cpu(n, &idle_cpus) {
        if (n != v->cpu && cpumask_has(&v->affinity, n)) {
            softirq_raise_on(n, SOFTIRQ_SCHEDULE);
            return;
        }
    }
}

/* Put v, which may run, into q; tell the CPU if it should look. q is locked. */
static void enqueue(struct runqueue *q, struct vcpu *v)
{
    struct vcpu *there = cpu_by_id(v->cpu)->curr;

    credit_insert(q, v);
    if (q->nr_waiting > 1 || !vcpu_is_idle(there))
        call_thief(v);
    if (vcpu_is_idle(there) || credit_preempts(v, there))
        softirq_raise_on(v->cpu, SOFTIRQ_SCHEDULE);
    else if (q->nr_waiting == 1) /* the one that runs has no slice yet */
        softirq_raise_on(v->cpu, SOFTIRQ_SCHEDULE);
}

void vcpu_wake(struct vcpu *v)
{
    uint64_t flags;
    struct runqueue *q = queue_lock(v, &flags), *to;
    unsigned int cpu;

    if (!vcpu_runnable(v) || v->running || credit_is_queued(v)) {
        /* If it still runs, the switch looks at it once more. */
        if (!v->running && !credit_is_queued(v))
            runstate_update(v, runstate_now(v), now());
        spin_unlock_irqrestore(&q->lock, flags);
        return;
    }
    runstate_update(v, RUNSTATE_runnable, now());
    credit_woken(q, v);
    cpu = choose_cpu(v);
    if (cpu == v->cpu) {
        enqueue(q, v);
        spin_unlock_irqrestore(&q->lock, flags);
        return;
    }
    to = queue_of(cpu);
    credit_migrate(v, q, to);
    /* Between the locks it is in no queue: whoever wakes it now queues it. */
    WRITE_ONCE(v->cpu, cpu);
    spin_unlock(&q->lock);
    spin_lock(&to->lock);
    if (v->cpu == cpu && vcpu_runnable(v) && !v->running &&
        !credit_is_queued(v))
        enqueue(to, v);
    spin_unlock_irqrestore(&to->lock, flags);
}

void vcpu_sleep(struct vcpu *v, bool sync)
{
    uint64_t flags;
    struct runqueue *q = queue_lock(v, &flags);

    if (!vcpu_runnable(v)) {
        if (credit_is_queued(v))
            credit_remove(q, v);
        if (v->running)
            softirq_raise_on(v->cpu, SOFTIRQ_SCHEDULE);
        else
            runstate_update(v, runstate_now(v), now());
    }
    spin_unlock_irqrestore(&q->lock, flags);
    while (sync && v->running)
        cpu_relax();
}

void vcpu_unblock(struct vcpu *v)
{
    uint32_t waits = 1u << VPF_BLOCKED;

    /* Pollers are woken by their ports or their timer only. */
    if (!(READ_ONCE(v->pause_flags) & waits))
        return;
    if (__atomic_fetch_and(&v->pause_flags, ~waits, __ATOMIC_SEQ_CST) & waits)
        vcpu_wake(v);
}

void vcpu_block(struct vcpu *v)
{
    v->info->evtchn_upcall_mask = 0;
    __atomic_fetch_or(&v->pause_flags, 1u << VPF_BLOCKED, __ATOMIC_SEQ_CST);
    /* An event that came before the flag was up did not see it. */
    smp_mb();
    if (v->info->evtchn_upcall_pending)
        __atomic_fetch_and(&v->pause_flags, ~(1u << VPF_BLOCKED),
                           __ATOMIC_SEQ_CST);
    else
        softirq_raise(SOFTIRQ_SCHEDULE);
}

void vcpu_yield(struct vcpu *v)
{
    uint64_t flags;
    struct runqueue *q = queue_lock(v, &flags);

    credit_step_back(q, v);
    spin_unlock_irqrestore(&q->lock, flags);
    softirq_raise(SOFTIRQ_SCHEDULE);
}

/* Nothing waits here: take something that waits elsewhere. No lock is held. */
static struct vcpu *steal(unsigned int here)
{
    unsigned int n;

    for_each_cpu(n, &cpus_online) {
        struct runqueue *q = queue_of(n);
        struct vcpu *v;

        if (n == here || !READ_ONCE(q->nr_waiting))
            continue;
        spin_lock(&q->lock);
        v = credit_steal(q, here);
        if (v) {
            credit_migrate(v, q, queue_of(here));
            v->running = true; /* ours: nobody else touches it */
            WRITE_ONCE(v->cpu, here);
        }
        spin_unlock(&q->lock);
        if (v)
            return v;
    }
    return NULL;
}

/* Who is next here? Queue locked; prev is charged and not queued. */
static struct vcpu *choose(struct runqueue *q, struct vcpu *prev, struct cpu *c)
{
    struct vcpu *first = credit_first(q);
    bool prev_can = !vcpu_is_idle(prev) && vcpu_runnable(prev) &&
                    cpumask_has(&prev->affinity, c->id);

    if (prev_can && (!first || !credit_preempts(first, prev)))
        return prev;
    if (!first)
        return c->idle;
    credit_remove(q, first);
    return first;
}

static void arm_slice(struct runqueue *q, const struct vcpu *v, ns_t t)
{
    ns_t slice = vcpu_is_idle(v) ? NS_NEVER : credit_slice(q, v);

    if (slice == NS_NEVER)
        timer_stop(&percpu(slice_timer));
    else
        timer_set(&percpu(slice_timer), t + slice);
}

/* prev's state is saved: it may run elsewhere, and somebody may have woken it
 * while it was on its way out. */
static void prev_done(struct vcpu *prev)
{
    uint64_t flags;
    struct runqueue *q = queue_lock(prev, &flags);

    prev->running = false;
    runstate_update(prev, runstate_now(prev), now());
    spin_unlock_irqrestore(&q->lock, flags);
    if (vcpu_runnable(prev))
        vcpu_wake(prev);
}

/* Copy v's runstate to where it asked for it; v is current, its kernel's
 * tables are loaded. A bad address is the guest's loss alone. */
static int runstate_copy(struct vcpu *v)
{
    struct vcpu_runstate_info info = v->runstate;
    guest_va_t at = v->runstate_area, entry = at;
    int rc;

    entry.va += offsetof(struct vcpu_runstate_info, state_entry_time);
    if (!(v->domain->vm_assist & 1u << VMASST_TYPE_runstate_update_flag))
        return copy_to_guest(at, &info, sizeof(info));
    info.state_entry_time |= XEN_RUNSTATE_UPDATE;
    rc = copy_to_guest(entry, &info.state_entry_time, 8);
    smp_wmb();
    if (!rc)
        rc = copy_to_guest(at, &info, sizeof(info));
    smp_wmb();
    info.state_entry_time &= ~XEN_RUNSTATE_UPDATE;
    return rc ? rc : copy_to_guest(entry, &info.state_entry_time, 8);
}

/* Bring the records up to date that v wants in its own memory. */
static void records_publish(struct vcpu *v)
{
    if (guest_va_is_null(v->runstate_area) && guest_va_is_null(v->time_area))
        return;
    if (!v->in_kernel)
        root_load(v->root_kernel << PAGE_SHIFT);
    if (!guest_va_is_null(v->runstate_area) && runstate_copy(v))
        v->runstate_area.va = 0;
    if (!guest_va_is_null(v->time_area) && vcpu_time_copy(v))
        v->time_area.va = 0;
    if (!v->in_kernel)
        root_load(v->root_user << PAGE_SHIFT);
}

static void switch_to(struct cpu *c, struct vcpu *prev, struct vcpu *next)
{
    vcpu_context_save(prev);
    c->curr = next;
    vcpu_context_load(next);
    if (vcpu_is_idle(next))
        cpumask_set(&idle_cpus, c->id);
    else if (vcpu_is_idle(prev))
        cpumask_clear(&idle_cpus, c->id);
    irq_enable();
    if (!vcpu_is_idle(prev))
        prev_done(prev);
    if (!vcpu_is_idle(next))
        records_publish(next);
}

static void charge(struct runqueue *q, struct vcpu *v, ns_t t)
{
    ns_t ran = t - percpu(chosen_at);

    if (vcpu_is_idle(v) || ran <= 0)
        return;
    if (credit_charge(q, v, ran))
        __atomic_fetch_or(&v->pause_flags, 1u << VPF_PARKED, __ATOMIC_SEQ_CST);
}

void schedule(void)
{
    struct cpu *c = this_cpu();
    struct runqueue *q = queue_of(c->id);
    struct vcpu *prev = c->curr, *next;
    ns_t t;

    irq_disable();
    __atomic_fetch_and(&c->softirq_pending, ~(1UL << SOFTIRQ_SCHEDULE),
                       __ATOMIC_SEQ_CST);
    spin_lock(&q->lock);
    t = now();
    charge(q, prev, t);
    next = choose(q, prev, c);
    if (next == c->idle) {
        spin_unlock(&q->lock);
        next = steal(c->id);
        spin_lock(&q->lock);
        if (!next)
            next = c->idle;
    }
    percpu(chosen_at) = t;
    if (next != prev) {
        next->running = true;
        runstate_update(next, RUNSTATE_running, t);
        if (vcpu_is_idle(prev))
            runstate_update(prev, RUNSTATE_runnable, t);
    }
    arm_slice(q, next, t);
    spin_unlock(&q->lock);
    if (next == prev) {
        irq_enable();
        return;
    }
    switch_to(c, prev, next);
    if (vcpu_is_idle(next))
        reset_stack_and_idle(idle_loop);
    if (vcpu_is_idle(prev))
        return_to_guest(next);
}

noreturn void idle_loop(void)
{
    struct cpu *c = this_cpu();

    for (;;) {
        irq_disable();
        if (!c->softirq_pending) {
            sti_hlt();
            continue;
        }
        irq_enable();
        softirq_run();
        if (c->softirq_pending & 1UL << SOFTIRQ_SCHEDULE)
            schedule();
    }
}

noreturn void cpu_idle_enter(void)
{
    cpumask_set(&idle_cpus, cpu_id());
    softirq_raise(SOFTIRQ_SCHEDULE);
    reset_stack_and_idle(idle_loop);
}

static void slice_over(void *data)
{
    (void)data;
    softirq_raise(SOFTIRQ_SCHEDULE);
}

void sched_init_cpu(unsigned int cpu)
{
    struct cpu *c = cpu_by_id(cpu);
    struct vcpu *v;

    credit_queue_init(queue_of(cpu));
    timer_init(&percpu_on(cpu, slice_timer), slice_over, NULL);
    if (vcpu_create(idle_domain, cpu))
        panic("no memory for the idle vcpu of CPU %u", cpu);
    v = idle_domain->vcpu[cpu];
    v->cpu = cpu;
    v->running = true;
    v->pause_flags = 0;
    c->idle = c->curr = v;
}

void sched_init(void)
{
    struct domain_config cfg = {.max_vcpus = MAX_CPUS};
    int rc;

    idle_domain = domain_create(DOMID_IDLE, &cfg, &rc);
    if (!idle_domain)
        panic("no memory for the idle domain");
    sched_init_cpu(0);
}

int sched_add_domain(struct domain *d)
{
    return credit_add_domain(d);
}

void sched_remove_domain(struct domain *d)
{
    credit_remove_domain(d);
}

int sched_add_vcpu(struct vcpu *v)
{
    memset(&v->affinity, 0xff, sizeof(v->affinity));
    memset(&v->soft_affinity, 0xff, sizeof(v->soft_affinity));
    v->runstate.state = RUNSTATE_offline;
    v->runstate_since = now();
    if (!vcpu_is_idle(v)) {
        /* Spread vcpus: the n-th of a domain starts on the n-th CPU. */
        v->cpu = (v->id + v->domain->id) % nr_cpus;
        if (!cpumask_has(&cpus_online, v->cpu))
            v->cpu = 0;
    }
    return credit_add_vcpu(v);
}

void sched_remove_vcpu(struct vcpu *v)
{
    credit_remove_vcpu(v);
}

int vcpu_set_affinity(struct vcpu *v, const cpumask_t *hard,
                      const cpumask_t *soft)
{
    cpumask_t usable = cpus_online;
    struct runqueue *q;
    bool move = false;
    uint64_t flags;

    for (unsigned int i = 0; hard && i < MAX_CPUS / 64; i++)
        usable.bits[i] &= hard->bits[i];
    if (cpumask_empty(&usable))
        return -EINVAL;
    q = queue_lock(v, &flags);
    if (hard)
        v->affinity = *hard;
    if (soft)
        v->soft_affinity = *soft;
    /* Where it waits or runs may be wrong now: let it be placed again. */
    if (v->running)
        softirq_raise_on(v->cpu, SOFTIRQ_SCHEDULE);
    else if ((move = credit_is_queued(v)))
        credit_remove(q, v);
    spin_unlock_irqrestore(&q->lock, flags);
    if (move)
        vcpu_wake(v);
    return 0;
}

uint64_t cpu_idle_ns(unsigned int cpu)
{
    struct cpu *c = cpu_by_id(cpu);
    struct vcpu_runstate_info r;

    vcpu_runstate_get(c->idle, &r);
    return r.time[RUNSTATE_running];
}

void sched_dump(char key)
{
    unsigned int n;

    (void)key;
    printk("Scheduler: %s, now %lu ms\n", sched_name, now() / 1000000);
    for_each_cpu(n, &cpus_online) {
        struct vcpu *v = cpu_by_id(n)->curr;

        printk("CPU%u: runs d%uv%u, %u wait\n", n, v->domain->id, v->id,
               queue_of(n)->nr_waiting);
    }
}
