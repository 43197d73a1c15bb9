/* SPDX-License-Identifier: GPL-2.0 */
/*
 * timer.c - one-shot timers: a pairing heap for each CPU, linked through the
 * timers themselves, so that setting one never needs memory.
 * Keeps true: the CPU's hardware timer is armed for its first deadline, or
 * SOFTIRQ_TIMER is pending there and will arm it.
 * Locks: each CPU's timer lock (RANK_TIMER), taken with interrupts off.
 */
#include "core/arch.h"
#include "core/panic.h"
#include "core/printk.h"
#include "core/softirq.h"
#include "core/spinlock.h"
#include "core/timer.h"

struct timer_heap {
    spinlock_t lock;
    struct timer *top;
    struct timer *running; /* whose fn is being called */
    unsigned int nr;
};
static PERCPU struct timer_heap timer_heap;

/* Two heaps to one: the later top becomes a child of the earlier. */
static struct timer *meld(struct timer *a, struct timer *b)
{
    struct timer *t;

    if (!a || !b)
        return a ? a : b;
    if (b->deadline < a->deadline) {
        t = a;
        a = b;
        b = t;
    }
    b->next = a->child;
    if (b->next)
        b->next->prev = b;
    b->prev = a;
    a->child = b;
    return a;
}

/* A row of siblings to one heap: in pairs, then the pairs together. */
static struct timer *meld_row(struct timer *row)
{
    struct timer *pairs = NULL, *all = NULL;

    while (row) {
        struct timer *a = row, *b = row->next;

        row = b ? b->next : NULL;
        a->next = NULL;
        if (b)
            b->next = NULL;
        a = meld(a, b);
        a->next = pairs;
        pairs = a;
    }
    while (pairs) {
        struct timer *t = pairs;

        pairs = t->next;
        t->next = NULL;
        all = meld(all, t);
    }
    return all;
}

static void insert_locked(struct timer_heap *h, struct timer *t)
{
    t->child = t->next = t->prev = NULL;
    t->queued = true;
    h->nr++;
    h->top = meld(h->top, t);
    h->top->prev = h->top->next = NULL;
}

static void remove_locked(struct timer_heap *h, struct timer *t)
{
    struct timer *rest = meld_row(t->child);

    if (t == h->top) {
        h->top = rest;
    } else {
        if (t->prev->child == t)
            t->prev->child = t->next;
        else
            t->prev->next = t->next;
        if (t->next)
            t->next->prev = t->prev;
        h->top = meld(h->top, rest);
    }
    if (h->top)
        h->top->prev = h->top->next = NULL;
    t->child = t->next = t->prev = NULL;
    t->queued = false;
    h->nr--;
}

/* Lock the heap the timer is on (or was last): it may move meanwhile. */
static struct timer_heap *lock_heap_of(struct timer *t, uint64_t *flags)
{
    for (;;) {
        unsigned int cpu = READ_ONCE(t->cpu);
        struct timer_heap *h = &percpu_on(cpu, timer_heap);

        *flags = spin_lock_irqsave(&h->lock);
        if (t->cpu == cpu)
            return h;
        spin_unlock_irqrestore(&h->lock, *flags);
    }
}

void timer_init(struct timer *t, void (*fn)(void *), void *data)
{
    *t = (struct timer){.fn = fn, .data = data, .cpu = cpu_id()};
}

/* Put it on the heap of this CPU; interrupts are off. */
static void queue_here(struct timer *t, ns_t deadline)
{
    struct timer_heap *h = &percpu(timer_heap);

    spin_lock(&h->lock);
    if (t->queued || t->cpu != cpu_id()) {
        spin_unlock(&h->lock); /* somebody else was faster: theirs holds */
        return;
    }
    t->deadline = deadline;
    insert_locked(h, t);
    if (h->top == t)
        arch_timer_arm(deadline);
    spin_unlock(&h->lock);
}

/* A guest's deadline may be any number. One before the clock began counts as
 * gone by: differences from it must not overflow. */
void timer_set(struct timer *t, ns_t deadline)
{
    uint64_t irq = irq_save(), flags;
    struct timer_heap *h = lock_heap_of(t, &flags);

    if (t->queued)
        remove_locked(h, t);
    WRITE_ONCE(t->cpu, cpu_id());
    spin_unlock_irqrestore(&h->lock, flags);
    queue_here(t, MAX(deadline, 0));
    irq_restore(irq);
}

void timer_stop(struct timer *t)
{
    uint64_t flags;
    struct timer_heap *h = lock_heap_of(t, &flags);

    if (t->queued)
        remove_locked(h, t); /* the hardware may fire early: harmless */
    spin_unlock_irqrestore(&h->lock, flags);
}

void timer_kill(struct timer *t)
{
    unsigned int n;

    timer_stop(t);
    for_each_cpu(n, &cpus_online) {
        struct timer_heap *h = &percpu_on(n, timer_heap);

        while (READ_ONCE(h->running) == t && n != cpu_id())
            cpu_relax();
    }
    timer_stop(t); /* fn may have set it again */
}

bool timer_is_set(const struct timer *t)
{
    return READ_ONCE(t->queued);
}

void timer_migrate(struct timer *t, unsigned int cpu)
{
    struct timer_heap *to = &percpu_on(cpu, timer_heap);
    uint64_t flags;
    struct timer_heap *h = lock_heap_of(t, &flags);
    bool queued = t->queued;

    if (t->cpu == cpu) {
        spin_unlock_irqrestore(&h->lock, flags);
        return;
    }
    if (queued)
        remove_locked(h, t);
    WRITE_ONCE(t->cpu, cpu);
    spin_unlock_irqrestore(&h->lock, flags);
    if (!queued)
        return;
    flags = spin_lock_irqsave(&to->lock);
    if (t->cpu == cpu && !t->queued)
        insert_locked(to, t);
    spin_unlock_irqrestore(&to->lock, flags);
    softirq_raise_on(cpu, SOFTIRQ_TIMER); /* it arms its hardware */
}

void timers_show(unsigned int cpu)
{
    struct timer_heap *h = &percpu_on(cpu, timer_heap);
    uint64_t flags = spin_lock_irqsave(&h->lock), offset = 0;
    ns_t deadline = h->top ? h->top->deadline : NS_NEVER;
    void (*fn)(void *) = h->top ? h->top->fn : NULL;
    unsigned int nr = h->nr;
    const char *name = "?";

    spin_unlock_irqrestore(&h->lock, flags);
    if (!nr) {
        printk("CPU%u: no timers\n", cpu);
        return;
    }
    (void)symbol_lookup((uint64_t)fn, &name, &offset);
    printk("CPU%u: %u timers, next in %ld us: %s\n", cpu, nr,
           (deadline - now()) / 1000, name);
}

void timer_interrupt(void)
{
    softirq_raise(SOFTIRQ_TIMER);
}

/* SOFTIRQ_TIMER: call what is due, arm for what is next. */
static void run_due(void)
{
    struct timer_heap *h = &percpu(timer_heap);
    uint64_t flags = spin_lock_irqsave(&h->lock);
    struct timer *t;

    while ((t = h->top) && t->deadline <= now()) {
        void (*fn)(void *) = t->fn;
        void *data = t->data;

        remove_locked(h, t);
        WRITE_ONCE(h->running, t);
        spin_unlock_irqrestore(&h->lock, flags);
        fn(data);
        flags = spin_lock_irqsave(&h->lock);
        WRITE_ONCE(h->running, NULL);
    }
    arch_timer_arm(t ? t->deadline : NS_NEVER);
    spin_unlock_irqrestore(&h->lock, flags);
}

void timers_init_cpu(unsigned int cpu)
{
    spin_lock_init(&percpu_on(cpu, timer_heap).lock, RANK_TIMER);
}

void timers_init(void)
{
    timers_init_cpu(0);
    softirq_register(SOFTIRQ_TIMER, run_due);
}
