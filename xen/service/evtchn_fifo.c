/* SPDX-License-Identifier: GPL-2.0 */
/*
 * evtchn_fifo.c - ports in queues: one word a port in frames of the guest, one
 * control block a vcpu with the heads of sixteen queues, first priority first.
 *
 * The words are the guest's to spoil: nothing here believes a link; a guest
 * that breaks its queues loses its own events. Protocol: abi/event_channel.h.
 * Keeps true: frames named by the guest are held by a reference and a
 * writable use until the domain goes or resets.
 * Locks: fifo->lock, inside the table's lock or without it.
 */
#include "core/panic.h"
#include "lib/string.h"
#include "mm/directmap.h"
#include "mm/heap.h"
#include "pv/pagetype.h"
#include "service/call.h"
#include "service/evtchn_private.h"

#define WORD_PENDING (1u << EVTCHN_FIFO_PENDING)
#define WORD_MASKED  (1u << EVTCHN_FIFO_MASKED)
#define WORD_LINKED  (1u << EVTCHN_FIFO_LINKED)
#define WORD_BUSY    (1u << EVTCHN_FIFO_BUSY)
#define WORDS_PER_PAGE (PAGE_SIZE / sizeof(uint32_t))
#define LINK_TRIES   100 /* a guest that changes the word faster loses */

struct fifo_vcpu {
    struct evtchn_fifo_control_block *control; /* in a frame of the guest */
    struct fifo_queue queue[EVTCHN_FIFO_MAX_QUEUES];
};

static uint32_t *word_at(struct fifo *f, uint32_t n)
{
    if (n / WORDS_PER_PAGE >= READ_ONCE(f->nr_pages))
        return NULL;
    return f->pages[n / WORDS_PER_PAGE] + n % WORDS_PER_PAGE;
}

static bool set_bit32(uint32_t *w, uint32_t bit) /* was it set? */
{
    return __atomic_fetch_or(w, bit, __ATOMIC_SEQ_CST) & bit;
}

static bool clear_bit32(uint32_t *w, uint32_t bit)
{
    return __atomic_fetch_and(w, ~bit, __ATOMIC_SEQ_CST) & bit;
}

/* Let the word of the last in a queue name n. False: the guest has taken it
 * off already, so n must become the head. */
static bool link_after(uint32_t *tail, uint32_t n)
{
    for (unsigned int i = 0; i < LINK_TRIES; i++) {
        uint32_t w = READ_ONCE(*tail);

        if (!(w & WORD_LINKED))
            return false;
        if (cas32(tail, w, (w & ~EVTCHN_FIFO_LINK_MASK & ~WORD_BUSY) | n))
            return true;
    }
    return false;
}

/* Put n, pending and not masked, into its queue. fifo lock held. True: it
 * heads a queue, whose vcpu must be told. */
static bool enqueue(struct fifo *f, uint32_t n, struct port *p, uint32_t *word)
{
    struct fifo_vcpu *fv = f->vcpu[p->vcpu], *old = f->vcpu[p->last_vcpu];
    struct fifo_queue *q;
    uint32_t *tail;

    if (!fv)
        return false;
    if (set_bit32(word, WORD_LINKED))
        return false;
    q = &fv->queue[p->priority];
    if (old && q != &old->queue[p->last_priority] &&
        old->queue[p->last_priority].tail == n)
        old->queue[p->last_priority].tail = 0;
    p->last_vcpu = p->vcpu;
    p->last_priority = p->priority;

    tail = q->tail && q->tail != n ? word_at(f, q->tail) : NULL;
    q->tail = n;
    if (tail && link_after(tail, n))
        return false;
    WRITE_ONCE(fv->control->head[p->priority], n);
    smp_wmb();
    return !set_bit32(&fv->control->ready, 1u << p->priority);
}

void fifo_raise(struct domain *d, uint32_t n, struct port *p)
{
    struct fifo *f = d->evtchn->fifo;
    uint32_t *word = word_at(f, n);
    uint64_t flags;
    bool tell = false;

    if (!word) {
        p->fifo_waiting = 1; /* told when its page comes */
        return;
    }
    if (set_bit32(word, WORD_PENDING))
        return;
    if (READ_ONCE(*word) & (WORD_MASKED | WORD_LINKED))
        return;
    flags = spin_lock_irqsave(&f->lock);
    tell = enqueue(f, n, p, word);
    spin_unlock_irqrestore(&f->lock, flags);
    if (tell)
        vcpu_mark_event(d->vcpu[p->vcpu]);
}

bool fifo_is_pending(struct fifo *f, uint32_t n)
{
    uint32_t *word = word_at(f, n);

    return word && READ_ONCE(*word) & WORD_PENDING;
}

bool fifo_is_masked(struct fifo *f, uint32_t n)
{
    uint32_t *word = word_at(f, n);

    return !word || READ_ONCE(*word) & WORD_MASKED;
}

void fifo_unmask(struct domain *d, uint32_t n, struct port *p)
{
    struct fifo *f = d->evtchn->fifo;
    uint32_t *word = word_at(f, n);
    uint64_t flags;
    bool tell;

    if (!word)
        return;
    clear_bit32(word, WORD_MASKED);
    if (!(READ_ONCE(*word) & WORD_PENDING) || READ_ONCE(*word) & WORD_LINKED)
        return;
    flags = spin_lock_irqsave(&f->lock);
    tell = enqueue(f, n, p, word);
    spin_unlock_irqrestore(&f->lock, flags);
    if (tell)
        vcpu_mark_event(d->vcpu[p->vcpu]);
}

/* It may stay linked: the guest takes it off and finds nothing pending. */
void fifo_port_closed(struct domain *d, uint32_t n)
{
    uint32_t *word = word_at(d->evtchn->fifo, n);

    if (word)
        clear_bit32(word, WORD_PENDING);
}

/* Hold a frame of the guest that we shall write to. */
static void *frame_hold(struct domain *d, mfn_t mfn)
{
    void *p;

    if (!mfn_valid(mfn) ||
        page_get_and_type(mfn_to_page(mfn), d, PGT_WRITABLE))
        return NULL;
    p = frame_keep(mfn);
    if (!p)
        page_put_and_type(mfn_to_page(mfn));
    return p;
}

static void frame_release(void *p)
{
    struct page *pg = mfn_to_page(frame_kept(p));

    frame_unkeep(p);
    page_put_and_type(pg);
}

static struct fifo *fifo_create(struct domain *d)
{
    struct fifo *f = kzalloc(sizeof(*f));

    if (!f)
        return NULL;
    f->vcpu = kzalloc(d->max_vcpus * sizeof(*f->vcpu));
    if (!f->vcpu) {
        kfree(f);
        return NULL;
    }
    spin_lock_init(&f->lock, RANK_PIRQ);
    return f;
}

static void fifo_free(struct fifo *f, unsigned int max_vcpus)
{
    for (unsigned int i = 0; i < max_vcpus; i++) {
        if (f->vcpu[i])
            frame_release(f->vcpu[i]->control);
        kfree(f->vcpu[i]);
    }
    for (unsigned int i = 0; i < f->nr_pages; i++)
        frame_release(f->pages[i]);
    kfree(f->vcpu);
    kfree(f);
}

/* From bitmaps to queues. Whatever is pending waits for its event word. */
static void switch_to_fifo(struct domain *d, struct fifo *f)
{
    struct evtchn_table *t = d->evtchn;

    for (uint32_t n = 1; n < t->nr_ports; n++)
        if (n < EVTCHN_2L_NR_CHANNELS &&
            d->shared->evtchn_pending[n / 64] >> n % 64 & 1)
            port_at(t, n)->fifo_waiting = 1;
    t->max_ports = t->limit;
    store_release(&t->fifo, f);
}

static struct fifo_vcpu *control_hold(struct domain *d,
                                      const struct evtchn_init_control *op)
{
    struct fifo_vcpu *fv = kzalloc(sizeof(*fv));
    char *frame;

    if (!fv)
        return NULL;
    frame = frame_hold(d, op->control_gfn);
    if (!frame) {
        kfree(fv);
        return NULL;
    }
    fv->control = (void *)(frame + op->offset);
    return fv;
}

/* Have the queues, if need be those that *made holds, and v's block in them.
 * What *made holds afterwards was not needed. */
static int control_enter(struct domain *d, unsigned int vcpu,
                         struct fifo_vcpu *fv, struct fifo **made)
{
    uint64_t flags = spin_lock_irqsave(&d->evtchn->lock);
    int rc = -EINVAL;

    if (!d->evtchn->fifo && *made) {
        switch_to_fifo(d, *made);
        *made = NULL;
    }
    /* Another vcpu may have reset them since we looked: then they are gone. */
    if (d->evtchn->fifo && !d->evtchn->fifo->vcpu[vcpu]) {
        store_release(&d->evtchn->fifo->vcpu[vcpu], fv);
        rc = 0;
    }
    spin_unlock_irqrestore(&d->evtchn->lock, flags);
    return rc;
}

long fifo_init_control(struct vcpu *v, void *arg)
{
    struct evtchn_init_control *op = arg;
    struct domain *d = v->domain;
    struct fifo *made = NULL;
    struct fifo_vcpu *fv;
    long rc = 0;

    op->link_bits = EVTCHN_FIFO_LINK_BITS;
    if (!vcpu_find(d, op->vcpu))
        return -ENOENT;
    if (op->offset % 8 ||
        op->offset > PAGE_SIZE - sizeof(struct evtchn_fifo_control_block))
        return -EINVAL;
    fv = control_hold(d, op);
    if (!fv)
        return -EINVAL;
    if (!d->evtchn->fifo) {
        made = fifo_create(d);
        if (!made)
            rc = -ENOMEM;
    }
    if (!rc)
        rc = control_enter(d, op->vcpu, fv, &made);
    if (made)
        fifo_free(made, d->max_vcpus);
    if (rc) {
        frame_release(fv->control);
        kfree(fv);
    }
    return rc;
}

/* Raise what waited for the page of words that came. */
static void waiting_raise(struct domain *d, unsigned int page)
{
    struct evtchn_table *t = d->evtchn;
    uint32_t first = page * WORDS_PER_PAGE;

    for (uint32_t n = MAX(first, 1u);
         n < first + WORDS_PER_PAGE && n < t->nr_ports; n++) {
        struct port *p = port_at(t, n);

        if (p->state == PORT_FREE || !p->fifo_waiting)
            continue;
        p->fifo_waiting = 0;
        port_raise(d, n, p);
    }
}

long fifo_expand_array(struct vcpu *v, void *arg)
{
    struct evtchn_expand_array *op = arg;
    struct domain *d = v->domain;
    uint32_t *frame;
    struct fifo *f;
    uint64_t flags;
    long rc = 0;

    if (!d->evtchn->fifo)
        return -ENOSYS;
    frame = frame_hold(d, op->array_gfn);
    if (!frame)
        return -EINVAL;
    flags = spin_lock_irqsave(&d->evtchn->lock);
    f = d->evtchn->fifo;
    if (!f) { /* reset by another vcpu meanwhile */
        rc = -ENOSYS;
    } else if (f->nr_pages == FIFO_PAGES) {
        rc = -ENOSPC;
    } else {
        f->pages[f->nr_pages] = frame;
        smp_wmb();
        f->nr_pages++;
        waiting_raise(d, f->nr_pages - 1);
    }
    spin_unlock_irqrestore(&d->evtchn->lock, flags);
    if (rc)
        frame_release(frame);
    return rc;
}

void fifo_destroy(struct domain *d)
{
    struct evtchn_table *t = d->evtchn;
    struct fifo *f = t->fifo;

    if (!f)
        return;
    t->fifo = NULL;
    t->max_ports = MIN(t->limit, (unsigned int)EVTCHN_2L_NR_CHANNELS);
    fifo_free(f, d->max_vcpus);
}
