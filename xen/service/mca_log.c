/* SPDX-License-Identifier: GPL-2.0 */
/*
 * mca_log.c - machine checks that were lived through: found, told, kept.
 *
 * Corrected errors make no exception: each CPU looks at its banks every few
 * seconds. An exception may come at any instruction of ours, so its handler
 * only fills a slot of its CPU; a softirq there prints it and puts it into one
 * of two rings, from which Dom0 fetches (mca_op.c).
 * Keeps true: a ring that is full keeps the older records, which are nearer to
 * the cause, and counts the others.
 * Locks: ring_lock (RANK_MCA) guards both rings. A slot belongs to its CPU:
 * the exception fills an empty one, the softirq empties a full one.
 */
#include "core/arch.h"
#include "core/cmdline.h"
#include "core/printk.h"
#include "core/smpcall.h"
#include "core/softirq.h"
#include "core/spinlock.h"
#include "core/timer.h"
#include "domain/vcpu.h"
#include "lib/atomic.h"
#include "service/evtchn.h"
#include "service/mca.h"

#define RING_SIZE 64u
#define NR_SLOTS  8u

static struct ring {
    struct mca_record record[RING_SIZE];
    uint64_t first, end; /* ids: first is the oldest, end the next */
    uint64_t lost;
} rings[MCA_KINDS] = {{.first = 1, .end = 1}, {.first = 1, .end = 1}};
static spinlock_t ring_lock = SPINLOCK_INIT(RANK_MCA);

struct slots {
    struct mca_record record[NR_SLOTS];
    bool full[NR_SLOTS];
    unsigned int lost;
};
static PERCPU struct slots slots;

static unsigned int opt_poll = 8;
BOOT_UINT("mce_poll", opt_poll);
static PERCPU struct timer look_timer;

static struct mca_record record_of(const struct mce_error *e, uint32_t flags)
{
    const struct vcpu *v = current;

    flags |= e->status & MCI_UC ? MC_FLAG_UNCORRECTABLE : MC_FLAG_CORRECTABLE;
    return (struct mca_record){.error = *e,
                               .cpu = cpu_id(),
                               .flags = flags,
                               .domid = v->domain->id,
                               .vcpuid = vcpu_is_idle(v) ? XEN_MC_VCPUID_INVALID
                                                         : (uint16_t)v->id};
}

/* --- the rings ---------------------------------------------------------- */

static void keep(const struct mca_record *r)
{
    enum mca_kind kind = r->flags & MC_FLAG_MCE ? MCA_URGENT : MCA_QUIET;
    struct ring *g = &rings[kind];

    spin_lock(&ring_lock);
    if (g->end - g->first < RING_SIZE) {
        g->record[g->end % RING_SIZE] = *r;
        g->record[g->end % RING_SIZE].id = g->end;
        g->end++;
    } else {
        g->lost++;
    }
    spin_unlock(&ring_lock);
}

bool mca_oldest(enum mca_kind kind, struct mca_record *r)
{
    struct ring *g = &rings[kind];
    bool any;

    spin_lock(&ring_lock);
    any = g->first != g->end;
    if (any)
        *r = g->record[g->first % RING_SIZE];
    spin_unlock(&ring_lock);
    return any;
}

bool mca_forget(enum mca_kind kind, uint64_t id)
{
    struct ring *g = &rings[kind];
    uint64_t lost = 0;
    bool found;

    spin_lock(&ring_lock);
    found = g->first != g->end && g->first == id;
    if (found) {
        g->first++;
        lost = g->lost;
        g->lost = 0;
    }
    spin_unlock(&ring_lock);
    if (lost)
        printk(LOG_WARN "%lu machine checks were not kept for Dom0\n", lost);
    return found;
}

static const char *what_of(const struct mca_record *r)
{
    if (r->flags & MC_FLAG_RESET)
        return "left from before the start";
    if (!(r->error.status & MCI_UC))
        return "corrected";
    return r->flags & MC_FLAG_MCE ? "uncorrected" : "uncorrected, not used";
}

static void tell(const struct mca_record *r)
{
    mce_print(r->cpu, &r->error, what_of(r));
    keep(r);
    evtchn_raise_global_virq(VIRQ_MCA);
}

/* --- from the exception ------------------------------------------------- */

void mca_note(const struct mce_error *e, uint32_t flags)
{
    struct slots *s = &percpu(slots);
    unsigned int i = 0;

    while (i < NR_SLOTS && READ_ONCE(s->full[i]))
        i++;
    if (i < NR_SLOTS) {
        s->record[i] = record_of(e, flags);
        store_release(&s->full[i], true);
    } else {
        s->lost++;
    }
    softirq_raise(SOFTIRQ_MCA);
}

void mca_tell(void)
{
    struct slots *s = &percpu(slots);
    unsigned int lost = xchg(&s->lost, 0u);

    for (unsigned int i = 0; i < NR_SLOTS; i++) {
        struct mca_record r;

        if (!load_acquire(&s->full[i]))
            continue;
        r = s->record[i];
        store_release(&s->full[i], false);
        tell(&r);
    }
    if (lost)
        printk(LOG_WARN "CPU%u: %u more machine checks\n", cpu_id(), lost);
}

/* --- by looking --------------------------------------------------------- */

/* What is worse than quiet belongs to an exception, unless nobody took it. */
void mca_look(uint32_t flags)
{
    for (unsigned int i = 0; i < mce_banks(); i++) {
        struct mce_error e;

        if (!mce_read(i, 0, &e))
            continue;
        if (!(flags & MC_FLAG_RESET) && mce_judge_here(e.status) > MCE_QUIET)
            continue;
        mce_clear(i);
        mca_note(&e, flags);
    }
}

static void look_again(void *data)
{
    (void)data;
    mca_look(MC_FLAG_POLLED);
    timer_set(&percpu(look_timer), now() + SECONDS(opt_poll));
}

static void start_looking(void *data)
{
    (void)data;
    if (!mce_banks() || !opt_poll)
        return;
    timer_init(&percpu(look_timer), look_again, NULL);
    timer_set(&percpu(look_timer), now() + SECONDS(opt_poll));
}

void mca_init(void)
{
    softirq_register(SOFTIRQ_MCA, mca_tell);
}

void mca_start_looking(void)
{
    cpumask_t all = cpus_online;

    smp_call(&all, start_looking, NULL);
}
