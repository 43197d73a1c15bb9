/* SPDX-License-Identifier: GPL-2.0 */
/*
 * pirq.c - a domain's own numbers for the machine's interrupts.
 * Keeps true: a pirq names one irq and an irq has one pirq in a domain; what
 * was made for a pirq (an MSI) goes with it; a bound pirq stays mapped.
 * Locks: the table's lock (RANK_PIRQ). evtchn.c calls bind and unbind without
 * its own lock.
 */
#include "core/printk.h"
#include "dev/irq.h"
#include "dev/msi.h"
#include "lib/errno.h"
#include "mm/heap.h"
#include "service/evtchn.h"
#include "service/evtchn_private.h"
#include "service/pirq.h"

struct pirq {
    struct domain *d;
    unsigned int pirq, irq;
    bool mapped, bound;
    uint8_t msis; /* first of so many MSIs made together; else 0 */
};

struct pirq_table {
    spinlock_t lock;
    struct pirq row[NR_PIRQS];
};

static struct pirq *row_locked(struct domain *d, unsigned int pirq)
{
    struct pirq *p = pirq < NR_PIRQS ? &d->pirqs->row[pirq] : NULL;

    return p && p->mapped ? p : NULL;
}

/* The device's interrupt, on its way to become an event. */
static void raise(unsigned int irq, void *data)
{
    const struct pirq *p = data;

    (void)irq;
    evtchn_raise_pirq(p->d, p->pirq);
}

static int bind_locked(struct domain *d, unsigned int pirq, bool share)
{
    struct pirq *p = row_locked(d, pirq);
    int rc;

    if (!p)
        return -EINVAL;
    if (p->bound)
        return -EBUSY;
    rc = irq_bind_deferred(p->irq, raise, p, share);
    p->bound = !rc;
    return rc;
}

int pirq_guest_bind(struct domain *d, unsigned int pirq, bool will_share)
{
    int rc;

    spin_lock(&d->pirqs->lock);
    rc = bind_locked(d, pirq, will_share);
    spin_unlock(&d->pirqs->lock);
    return rc;
}

static void unbind_locked(struct pirq *p)
{
    if (p->bound)
        irq_unbind(p->irq, p);
    p->bound = false;
}

void pirq_guest_unbind(struct domain *d, unsigned int pirq)
{
    struct pirq *p;

    spin_lock(&d->pirqs->lock);
    p = row_locked(d, pirq);
    if (p)
        unbind_locked(p);
    spin_unlock(&d->pirqs->lock);
}

/* Called with evtchn's locks held, perhaps from interrupts: no lock here. A
 * move that cannot be made now is no loss: it is only for speed. */
void pirq_guest_set_vcpu(struct domain *d, unsigned int pirq, struct vcpu *v)
{
    struct pirq *p = row_locked(d, pirq);
    cpumask_t one = {{0}};

    if (!p || !v)
        return;
    cpumask_set(&one, v->cpu);
    irq_set_affinity(p->irq, &one);
}

int pirq_irq(struct domain *d, unsigned int pirq)
{
    struct pirq *p = row_locked(d, pirq);

    return p ? (int)p->irq : -EINVAL;
}

void pirq_eoi(struct domain *d, unsigned int pirq)
{
    struct pirq *p = row_locked(d, pirq);

    if (p && p->bound)
        irq_eoi(p->irq, p);
}

static bool rows_free_locked(const struct pirq_table *t, unsigned int first,
                             unsigned int count)
{
    if (first + count > NR_PIRQS)
        return false;
    for (unsigned int i = first; i < first + count; i++)
        if (t->row[i].mapped)
            return false;
    return true;
}

/* GSIs keep their number if they can; MSIs come behind all GSIs. */
static int choose_locked(const struct pirq_table *t, unsigned int irq,
                         unsigned int count)
{
    unsigned int from = irq < nr_gsis ? 0 : nr_gsis;

    if (irq < nr_gsis && rows_free_locked(t, irq, 1))
        return (int)irq;
    for (unsigned int i = from; i < NR_PIRQS; i++)
        if (rows_free_locked(t, i, count))
            return (int)i;
    return -ENOSPC;
}

int pirq_choose_free(struct domain *d)
{
    int n;

    spin_lock(&d->pirqs->lock);
    n = choose_locked(d->pirqs, MAX_IRQS, 1);
    spin_unlock(&d->pirqs->lock);
    return n;
}

static int find_irq_locked(const struct pirq_table *t, unsigned int irq)
{
    for (int i = 0; i < NR_PIRQS; i++)
        if (t->row[i].mapped && t->row[i].irq == irq)
            return i;
    return -ENOENT;
}

static int map_locked(struct domain *d, int want, unsigned int irq,
                      unsigned int count, bool msi)
{
    struct pirq_table *t = d->pirqs;
    int first = find_irq_locked(t, irq);

    if (first >= 0) /* again: the same answer, or a contradiction */
        return want < 0 || want == first ? first : -EBUSY;
    first = want < 0 ? choose_locked(t, irq, count) : want;
    if (first < 0)
        return first;
    if (!rows_free_locked(t, (unsigned int)first, count))
        return -EBUSY;
    for (unsigned int i = 0; i < count; i++)
        t->row[(unsigned int)first + i] =
            (struct pirq){d, (unsigned int)first + i, irq + i, true, false,
                          (uint8_t)(msi && !i ? count : 0)};
    return first;
}

int pirq_map(struct domain *d, int want, unsigned int irq, unsigned int count,
             bool msi)
{
    int rc;

    if (want >= NR_PIRQS)
        return -EINVAL;
    spin_lock(&d->pirqs->lock);
    rc = map_locked(d, want, irq, count, msi);
    spin_unlock(&d->pirqs->lock);
    return rc;
}

/* A row that came with the first of several MSIs goes with that one only. */
static int unmap_locked(struct domain *d, unsigned int pirq, unsigned int *msi)
{
    struct pirq *p = row_locked(d, pirq);
    unsigned int count;

    if (!p || (p->irq >= nr_gsis && !p->msis))
        return -EINVAL;
    count = p->msis ? p->msis : 1;
    *msi = p->msis ? p->irq : 0;
    for (unsigned int i = 0; i < count; i++) {
        unbind_locked(p + i);
        p[i].mapped = false;
        p[i].msis = 0;
    }
    return 0;
}

int pirq_unmap(struct domain *d, unsigned int pirq)
{
    unsigned int msi = 0;
    int rc;

    spin_lock(&d->pirqs->lock);
    rc = unmap_locked(d, pirq, &msi);
    spin_unlock(&d->pirqs->lock);
    if (msi)
        msi_destroy(msi);
    return rc;
}

static int pirq_create(struct domain *d, const struct domain_config *cfg)
{
    (void)cfg;
    d->pirqs = kzalloc(sizeof(*d->pirqs));
    if (!d->pirqs)
        return -ENOMEM;
    spin_lock_init(&d->pirqs->lock, RANK_PIRQ);
    return 0;
}

static int pirq_teardown(struct domain *d)
{
    for (unsigned int i = 0; i < NR_PIRQS; i++)
        pirq_unmap(d, i);
    return 0;
}

static void pirq_destroy(struct domain *d)
{
    if (!d->pirqs)
        return;
    pirq_teardown(d);
    kfree(d->pirqs);
    d->pirqs = NULL;
}

static void pirq_dump(struct domain *d)
{
    for (unsigned int i = 0; i < NR_PIRQS; i++)
        if (d->pirqs->row[i].mapped)
            printk("  pirq %u: irq %u%s\n", i, d->pirqs->row[i].irq,
                   d->pirqs->row[i].bound ? " bound" : "");
}

const struct domain_part pirq_part = {
    .name = "pirq",
    .create = pirq_create,
    .teardown = pirq_teardown,
    .destroy = pirq_destroy,
    .dump = pirq_dump,
};
