/* SPDX-License-Identifier: GPL-2.0 */
/*
 * evtchn.c - event channels: one bit that says "look here".
 * Keeps true: a port has one state; two peers name each other, or neither.
 * Locks: a table's lock guards all ports of its domain; two domains, lower id
 * first. A port whose peer is locked cannot lose that peer, so raising the far
 * end needs only the near lock.
 * Not here: how a guest is told (pv/bounce.c), the FIFO queues
 * (evtchn_fifo.c), lines and vectors (dev/irq.c).
 */
#include "service/evtchn.h"

#include "core/panic.h"
#include "core/printk.h"
#include "domain/part.h"
#include "domain/sched.h"
#include "lib/string.h"
#include "mm/heap.h"
#include "service/call.h"
#include "service/evtchn_private.h"
#include "service/pirq.h"
#include "service/sched_op.h"
#include "service/services.h"

#define VIRQ_PER_VCPU(n)                                                       \
    ((n) == VIRQ_TIMER || (n) == VIRQ_DEBUG || (n) == VIRQ_XENPMU)

/* ---- locks ---- */

static uint64_t table_lock(struct domain *d)
{
    return spin_lock_irqsave(&d->evtchn->lock);
}

static void table_unlock(struct domain *d, uint64_t flags)
{
    spin_unlock_irqrestore(&d->evtchn->lock, flags);
}

/* The lower id first, whoever asks, so that two CPUs cannot cross. */
static struct domain *first_of(struct domain *a, struct domain *b)
{
    return a->id < b->id ? a : b;
}

static uint64_t lock_two(struct domain *a, struct domain *b)
{
    struct domain *first = first_of(a, b);
    uint64_t flags = spin_lock_irqsave(&first->evtchn->lock);

    if (a != b)
        spin_lock_peer(&(first == a ? b : a)->evtchn->lock);
    return flags;
}

static void unlock_two(struct domain *a, struct domain *b, uint64_t flags)
{
    struct domain *first = first_of(a, b);

    if (a != b)
        spin_unlock_peer(&(first == a ? b : a)->evtchn->lock);
    spin_unlock_irqrestore(&first->evtchn->lock, flags);
}

/* ---- finding and making ports; table locked ---- */

static struct port *port_find(struct domain *d, uint32_t n)
{
    struct evtchn_table *t = d->evtchn;
    struct port *p;

    if (!n || n >= t->nr_ports)
        return NULL;
    p = port_at(t, n);
    return p->state <= PORT_RESERVED ? NULL : p;
}

static int table_grow(struct evtchn_table *t)
{
    struct port *page;

    if (t->nr_ports >= t->max_ports)
        return -ENOSPC;
    page = heap_page();
    if (!page)
        return -ENOMEM;
    t->pages[t->nr_ports / PORTS_PER_PAGE] = page;
    smp_wmb();
    t->nr_ports += PORTS_PER_PAGE;
    return 0;
}

/* A free port's number, still free; port 0 is never used. */
static int port_choose(struct evtchn_table *t)
{
    uint32_t n;

    if (t->dying)
        return -ENODEV;
    for (n = t->first_free; n < t->max_ports; n++) {
        if (n >= t->nr_ports) {
            int rc = table_grow(t);

            if (rc)
                return rc;
        }
        if (port_at(t, n)->state == PORT_FREE) {
            t->first_free = n;
            return (int)n;
        }
    }
    return -ENOSPC;
}

static struct port *port_open(struct domain *d, uint32_t n,
                              enum port_state state, unsigned int vcpu)
{
    struct port *p = port_at(d->evtchn, n);

    memset(p, 0, sizeof(*p));
    p->state = (uint8_t)state;
    p->vcpu = p->last_vcpu = (uint16_t)vcpu;
    p->priority = p->last_priority = EVTCHN_FIFO_PRIORITY_DEFAULT;
    d->evtchn->in_use++;
    return p;
}

static void port_free(struct domain *d, uint32_t n)
{
    struct evtchn_table *t = d->evtchn;

    if (t->fifo)
        fifo_port_closed(d, n);
    else if (n < EVTCHN_2L_NR_CHANNELS)
        __atomic_fetch_and(&d->shared->evtchn_pending[n / 64],
                           ~(1UL << n % 64), __ATOMIC_SEQ_CST);
    memset(port_at(t, n), 0, sizeof(struct port));
    t->in_use--;
    if (n < t->first_free)
        t->first_free = n;
}

/* ---- raising ---- */

/* Wake vcpus that poll for port n (or for several). */
static void pollers_wake(struct domain *d, uint32_t n)
{
    struct vcpu *v;
    unsigned int i;

    if (likely(!READ_ONCE(d->nr_polling)))
        return;
    for_each_vcpu(d, v, i)
        if (v->pause_flags & 1u << VPF_POLL &&
            (v->poll_port <= 0 || v->poll_port == (int)n))
            poll_wake(v);
}

static void bitmap_tell(struct domain *d, uint32_t n, struct vcpu *v)
{
    uint64_t sel = 1UL << n / 64;

    if (!v || READ_ONCE(d->shared->evtchn_mask[n / 64]) >> n % 64 & 1)
        return; /* a domain under construction has no vcpu to tell */
    if (!(__atomic_fetch_or(&v->info->evtchn_pending_sel, sel,
                            __ATOMIC_SEQ_CST) &
          sel))
        vcpu_mark_event(v);
}

static void bitmap_raise(struct domain *d, uint32_t n, struct port *p)
{
    uint64_t bit = 1UL << n % 64;

    if (__atomic_fetch_or(&d->shared->evtchn_pending[n / 64], bit,
                          __ATOMIC_SEQ_CST) &
        bit)
        return;
    bitmap_tell(d, n, d->vcpu[p->vcpu]);
}

void port_raise(struct domain *d, uint32_t n, struct port *p)
{
    if (d->evtchn->fifo)
        fifo_raise(d, n, p);
    else
        bitmap_raise(d, n, p);
    pollers_wake(d, n);
}

void evtchn_raise_virq(struct vcpu *v, unsigned int virq)
{
    struct domain *d = v->domain;
    uint64_t flags = table_lock(d);
    uint32_t n = v->virq_port[virq];

    if (n)
        port_raise(d, n, port_at(d->evtchn, n));
    table_unlock(d, flags);
}

void evtchn_raise_global_virq(unsigned int virq)
{
    struct vcpu *v;

    if (!dom0 || !dom0->max_vcpus)
        return;
    v = dom0->vcpu[0];
    if (v)
        evtchn_raise_virq(v, virq);
}

void evtchn_raise_pirq(struct domain *d, unsigned int pirq)
{
    uint64_t flags = table_lock(d);
    uint32_t n = pirq < NR_PIRQS ? d->evtchn->pirq_port[pirq] : 0;

    if (n)
        port_raise(d, n, port_at(d->evtchn, n));
    table_unlock(d, flags);
}

bool evtchn_port_valid(struct domain *d, uint32_t port)
{
    return port < READ_ONCE(d->evtchn->nr_ports);
}

static bool pending_locked(struct domain *d, uint32_t port)
{
    if (d->evtchn->fifo)
        return fifo_is_pending(d->evtchn->fifo, port);
    return port < EVTCHN_2L_NR_CHANNELS &&
           READ_ONCE(d->shared->evtchn_pending[port / 64]) >> port % 64 & 1;
}

/* The lock: another vcpu may be taking the queues away (EVTCHNOP_reset). */
bool evtchn_port_pending(struct domain *d, uint32_t port)
{
    uint64_t flags = table_lock(d);
    bool pending = pending_locked(d, port);

    table_unlock(d, flags);
    return pending;
}

void evtchn_vcpu_info_moved(struct vcpu *v)
{
    /* What came while it moved may have been noted in the old place. */
    v->info->evtchn_pending_sel = ~0UL;
    vcpu_mark_event(v);
}

unsigned int evtchn_port_count(struct domain *d)
{
    return d->evtchn ? d->evtchn->in_use : 0;
}

/* ---- the operations ---- */

static long alloc_unbound(struct vcpu *v, void *arg)
{
    struct evtchn_alloc_unbound *op = arg;
    struct domain *d = domain_get_for(v, op->dom);
    domid_t remote = op->remote_dom == DOMID_SELF ? v->domain->id
                                                  : op->remote_dom;
    int n;

    if (!d)
        return v->domain->privileged ? -ESRCH : -EPERM;
    n = evtchn_alloc_unbound_port(d, remote);
    domain_put(d);
    if (n < 0)
        return n;
    op->port = (uint32_t)n;
    return 0;
}

int evtchn_alloc_unbound_port(struct domain *d, domid_t remote)
{
    uint64_t flags = table_lock(d);
    int n = port_choose(d->evtchn);

    if (n > 0)
        port_open(d, (uint32_t)n, PORT_UNBOUND, 0)->unbound_for = remote;
    table_unlock(d, flags);
    return n;
}

static int connect(struct domain *ld, struct domain *rd, uint32_t rport)
{
    struct port *rp = port_find(rd, rport), *lp;
    int n;

    if (!rp || rp->state != PORT_UNBOUND || rp->unbound_for != ld->id)
        return -EINVAL;
    n = port_choose(ld->evtchn);
    if (n < 0)
        return n;
    lp = port_open(ld, (uint32_t)n, PORT_INTERDOMAIN, 0);
    lp->remote = rd;
    lp->remote_port = rport;
    rp->state = PORT_INTERDOMAIN;
    rp->remote = ld;
    rp->remote_port = (uint32_t)n;
    /* The other side may have sent before we were there. */
    port_raise(ld, (uint32_t)n, lp);
    return n;
}

static long bind_interdomain(struct vcpu *v, void *arg)
{
    struct evtchn_bind_interdomain *op = arg;
    domid_t id = op->remote_dom == DOMID_SELF ? v->domain->id : op->remote_dom;
    struct domain *rd = domain_find(id);
    uint64_t flags;
    int n;

    if (!rd)
        return -ESRCH;
    flags = lock_two(v->domain, rd);
    n = connect(v->domain, rd, op->remote_port);
    unlock_two(v->domain, rd, flags);
    domain_put(rd);
    if (n < 0)
        return n;
    op->local_port = (uint32_t)n;
    return 0;
}

static long bind_virq(struct vcpu *v, void *arg)
{
    struct evtchn_bind_virq *op = arg;
    struct domain *d = v->domain;
    struct vcpu *to = vcpu_find(d, op->vcpu);
    uint64_t flags;
    int n;

    if (op->virq >= NR_VIRQS)
        return -EINVAL;
    if (!VIRQ_PER_VCPU(op->virq)) {
        if (op->vcpu)
            return -EINVAL;
        if (!d->privileged)
            return -EPERM;
    }
    if (!to)
        return -ENOENT;
    flags = table_lock(d);
    n = to->virq_port[op->virq] ? -EEXIST : port_choose(d->evtchn);
    if (n > 0) {
        port_open(d, (uint32_t)n, PORT_VIRQ, to->id)->virq = op->virq;
        to->virq_port[op->virq] = (uint32_t)n;
    }
    table_unlock(d, flags);
    if (n < 0)
        return n;
    op->port = (uint32_t)n;
    return 0;
}

static long bind_ipi(struct vcpu *v, void *arg)
{
    struct evtchn_bind_ipi *op = arg;
    struct domain *d = v->domain;
    uint64_t flags;
    int n;

    if (!vcpu_find(d, op->vcpu))
        return -ENOENT;
    flags = table_lock(d);
    n = port_choose(d->evtchn);
    if (n > 0)
        port_open(d, (uint32_t)n, PORT_IPI, op->vcpu);
    table_unlock(d, flags);
    if (n < 0)
        return n;
    op->port = (uint32_t)n;
    return 0;
}

static int pirq_port_reserve(struct domain *d, uint32_t pirq)
{
    uint64_t flags = table_lock(d);
    int n = d->evtchn->pirq_port[pirq] ? -EEXIST : port_choose(d->evtchn);

    if (n > 0) {
        port_open(d, (uint32_t)n, PORT_RESERVED, 0)->pirq = pirq;
        d->evtchn->pirq_port[pirq] = (uint16_t)n;
    }
    table_unlock(d, flags);
    return n;
}

/*
 * Binding the line is done without the table's lock; until it is known to have
 * worked no other vcpu may close the port, and give its number to another use
 * that we should then tear out.
 */
static long bind_pirq(struct vcpu *v, void *arg)
{
    struct evtchn_bind_pirq *op = arg;
    struct domain *d = v->domain;
    uint64_t flags;
    int n, rc;

    if (op->pirq >= NR_PIRQS)
        return -EINVAL;
    n = pirq_port_reserve(d, op->pirq);
    if (n < 0)
        return n;
    rc = pirq_guest_bind(d, op->pirq, op->flags & BIND_PIRQ__WILL_SHARE);
    flags = table_lock(d);
    if (rc) {
        d->evtchn->pirq_port[op->pirq] = 0;
        port_free(d, (uint32_t)n);
    } else {
        port_at(d->evtchn, (uint32_t)n)->state = PORT_PIRQ;
    }
    table_unlock(d, flags);
    op->port = (uint32_t)n;
    return rc;
}

/* Our end of an interdomain pair goes; the other waits for a new peer. */
static void disconnect(struct domain *d, uint32_t n)
{
    struct port *p = port_at(d->evtchn, n);
    struct domain *rd = p->remote;
    struct port *rp = port_find(rd, p->remote_port);

    BUG_ON(!rp || rp->state != PORT_INTERDOMAIN || rp->remote != d);
    rp->state = PORT_UNBOUND;
    rp->remote = NULL;
    rp->unbound_for = d->id;
    port_raise(rd, p->remote_port, rp);
    port_free(d, n);
}

/* An interdomain port needs both locks, and which is the other is only known
 * under the first: take both, look whether it is still so. */
static bool close_interdomain(struct domain *d, uint32_t n, struct domain *rd)
{
    uint64_t flags = lock_two(d, rd);
    struct port *p = port_find(d, n);
    bool same = p && p->state == PORT_INTERDOMAIN && p->remote == rd;

    if (same)
        disconnect(d, n);
    unlock_two(d, rd, flags);
    return same;
}

static int port_close(struct domain *d, uint32_t n)
{
    struct domain *rd = NULL;
    int pirq = -1;
    uint64_t flags;
    struct port *p;

again:
    flags = table_lock(d);
    p = port_find(d, n);
    if (!p) {
        table_unlock(d, flags);
        return -EINVAL;
    }
    switch (p->state) {
    case PORT_INTERDOMAIN:
        rd = p->remote;
        domain_ref(rd); /* it is alive: it has not closed its end */
        break;
    case PORT_VIRQ:
        /* A global one stays vcpu 0's, whomever bind_vcpu had it tell. */
        d->vcpu[VIRQ_PER_VCPU(p->virq) ? p->vcpu : 0]->virq_port[p->virq] = 0;
        port_free(d, n);
        break;
    case PORT_PIRQ:
        pirq = (int)p->pirq;
        d->evtchn->pirq_port[pirq] = 0;
        port_free(d, n);
        break;
    default:
        port_free(d, n);
        break;
    }
    table_unlock(d, flags);
    if (pirq >= 0)
        pirq_guest_unbind(d, (unsigned int)pirq);
    if (rd) {
        bool done = close_interdomain(d, n, rd);

        domain_put(rd);
        rd = NULL;
        if (!done)
            goto again;
    }
    return 0;
}

static long op_close(struct vcpu *v, void *arg)
{
    struct evtchn_close *op = arg;

    return port_close(v->domain, op->port);
}

long evtchn_send_from(struct domain *d, uint32_t n)
{
    uint64_t flags = table_lock(d);
    struct port *p = port_find(d, n);
    long rc = 0;

    if (!p)
        rc = -EINVAL;
    else if (p->state == PORT_INTERDOMAIN)
        port_raise(p->remote, p->remote_port,
                   port_at(p->remote->evtchn, p->remote_port));
    else if (p->state == PORT_IPI)
        port_raise(d, n, p);
    else if (p->state != PORT_UNBOUND) /* nobody there yet: that is fine */
        rc = -EINVAL;
    table_unlock(d, flags);
    return rc;
}

static long op_send(struct vcpu *v, void *arg)
{
    struct evtchn_send *op = arg;

    return evtchn_send_from(v->domain, op->port);
}

static void status_fill(const struct port *p, struct evtchn_status *op)
{
    op->status = EVTCHNSTAT_closed;
    if (!p)
        return;
    op->vcpu = p->vcpu;
    switch (p->state) {
    case PORT_UNBOUND:
        op->status = EVTCHNSTAT_unbound;
        op->u.unbound.dom = p->unbound_for;
        break;
    case PORT_INTERDOMAIN:
        op->status = EVTCHNSTAT_interdomain;
        op->u.interdomain.dom = p->remote->id;
        op->u.interdomain.port = p->remote_port;
        break;
    case PORT_PIRQ:
        op->status = EVTCHNSTAT_pirq;
        op->u.pirq = p->pirq;
        break;
    case PORT_VIRQ:
        op->status = EVTCHNSTAT_virq;
        op->u.virq = p->virq;
        break;
    case PORT_IPI:
        op->status = EVTCHNSTAT_ipi;
        break;
    }
}

static long op_status(struct vcpu *v, void *arg)
{
    struct evtchn_status *op = arg;
    struct domain *d = domain_get_for(v, op->dom);
    uint64_t flags;
    long rc = 0;

    if (!d)
        return v->domain->privileged ? -ESRCH : -EPERM;
    flags = table_lock(d);
    if (op->port >= d->evtchn->nr_ports)
        rc = -EINVAL;
    else
        status_fill(port_find(d, op->port), op);
    table_unlock(d, flags);
    domain_put(d);
    return rc;
}

static long bind_vcpu(struct vcpu *v, void *arg)
{
    struct evtchn_bind_vcpu *op = arg;
    struct domain *d = v->domain;
    uint64_t flags;
    struct port *p;
    long rc = 0;

    if (!vcpu_find(d, op->vcpu))
        return -ENOENT;
    flags = table_lock(d);
    p = port_find(d, op->port);
    if (!p || p->state == PORT_IPI ||
        (p->state == PORT_VIRQ && VIRQ_PER_VCPU(p->virq))) {
        rc = -EINVAL;
    } else if (p->state == PORT_VIRQ) {
        /* A global one is looked up at vcpu 0; only whom it tells moves. */
        p->vcpu = (uint16_t)op->vcpu;
    } else {
        p->vcpu = (uint16_t)op->vcpu;
        if (p->state == PORT_PIRQ)
            pirq_guest_set_vcpu(d, p->pirq, d->vcpu[op->vcpu]);
    }
    table_unlock(d, flags);
    return rc;
}

static void bitmap_unmask(struct domain *d, uint32_t n, struct port *p)
{
    uint64_t bit = 1UL << n % 64;

    if (n >= EVTCHN_2L_NR_CHANNELS ||
        !(__atomic_fetch_and(&d->shared->evtchn_mask[n / 64], ~bit,
                             __ATOMIC_SEQ_CST) &
          bit))
        return;
    if (READ_ONCE(d->shared->evtchn_pending[n / 64]) & bit)
        bitmap_tell(d, n, d->vcpu[p->vcpu]);
}

static long op_unmask(struct vcpu *v, void *arg)
{
    struct evtchn_unmask *op = arg;
    struct domain *d = v->domain;
    uint64_t flags = table_lock(d);
    struct port *p = port_find(d, op->port);

    if (p && d->evtchn->fifo)
        fifo_unmask(d, op->port, p);
    else if (p)
        bitmap_unmask(d, op->port, p);
    table_unlock(d, flags);
    return p ? 0 : -EINVAL;
}

static long set_priority(struct vcpu *v, void *arg)
{
    struct evtchn_set_priority *op = arg;
    struct domain *d = v->domain;
    uint64_t flags;
    struct port *p;

    if (!d->evtchn->fifo)
        return -ENOSYS;
    if (op->priority > EVTCHN_FIFO_PRIORITY_MIN)
        return -EINVAL;
    flags = table_lock(d);
    p = port_find(d, op->port);
    if (p)
        p->priority = (uint8_t)op->priority;
    table_unlock(d, flags);
    return p ? 0 : -EINVAL;
}

/* Close port after port from *at; -ERESTART when something else is due. */
static int close_all(struct domain *d, unsigned int *at)
{
    unsigned int n = READ_ONCE(*at);

    for (; n < d->evtchn->nr_ports; n++) {
        (void)port_close(d, n);
        if (n % 64 == 63 && preempt_wanted()) {
            WRITE_ONCE(*at, n + 1);
            return -ERESTART;
        }
    }
    WRITE_ONCE(*at, 0);
    return 0;
}

int evtchn_reset(struct domain *d)
{
    /* Two vcpus may share the place: then some ports stay open. Teardown must
     * leave none, so it has a place of its own. */
    int rc = close_all(d, &d->evtchn->reset_port);
    uint64_t flags;

    if (rc)
        return rc;
    flags = table_lock(d);
    if (!d->evtchn->in_use)
        fifo_destroy(d);
    table_unlock(d, flags);
    return 0;
}

static long op_reset(struct vcpu *v, void *arg)
{
    struct evtchn_reset *op = arg;
    struct domain *d = domain_get_for(v, op->dom);
    int rc;

    if (!d)
        return v->domain->privileged ? -ESRCH : -EPERM;
    rc = evtchn_reset(d);
    domain_put(d);
    return rc;
}

#define OP(f, dir) SUBOP(f, struct evtchn_##dir, SUBOP_IN, ANYONE)
#define OP_OUT(f, dir) SUBOP(f, struct evtchn_##dir, SUBOP_IN_OUT, ANYONE)
static const struct subop evtchn_ops[] = {
    [EVTCHNOP_bind_interdomain] = OP_OUT(bind_interdomain, bind_interdomain),
    [EVTCHNOP_bind_virq] = OP_OUT(bind_virq, bind_virq),
    [EVTCHNOP_bind_pirq] = OP_OUT(bind_pirq, bind_pirq),
    [EVTCHNOP_close] = OP(op_close, close),
    [EVTCHNOP_send] = OP(op_send, send),
    [EVTCHNOP_status] = OP_OUT(op_status, status),
    [EVTCHNOP_alloc_unbound] = OP_OUT(alloc_unbound, alloc_unbound),
    [EVTCHNOP_bind_ipi] = OP_OUT(bind_ipi, bind_ipi),
    [EVTCHNOP_bind_vcpu] = OP(bind_vcpu, bind_vcpu),
    [EVTCHNOP_unmask] = OP(op_unmask, unmask),
    [EVTCHNOP_reset] = OP(op_reset, reset),
    [EVTCHNOP_init_control] = OP_OUT(fifo_init_control, init_control),
    [EVTCHNOP_expand_array] = OP(fifo_expand_array, expand_array),
    [EVTCHNOP_set_priority] = OP(set_priority, set_priority),
};

long do_event_channel_op(uint64_t cmd, uint64_t arg)
{
    guest_va_t at = {arg};
    struct evtchn_send op;
    long rc;

    if (likely(cmd == EVTCHNOP_send)) { /* nearly all there are */
        if (copy_from_guest(&op, at, sizeof(op)))
            return -EFAULT;
        return op_send(current, &op);
    }
    rc = subop_call(evtchn_ops, ARRAY_SIZE(evtchn_ops), cmd, at);
    if (rc == -ERESTART)
        return hypercall_resume(current, __HYPERVISOR_event_channel_op, cmd,
                                arg, 0, 0);
    return rc;
}

/* The old form: number and argument in one structure. */
long do_event_channel_op_compat(uint64_t uop)
{
    guest_va_t at = {uop};
    uint32_t cmd;

    if (copy_from_guest(&cmd, at, sizeof(cmd)))
        return -EFAULT;
    if (cmd > EVTCHNOP_unmask)
        return -ENOSYS;
    at.va += offsetof(struct evtchn_op, u);
    return subop_call(evtchn_ops, ARRAY_SIZE(evtchn_ops), cmd, at);
}

/* ---- a domain's table ---- */

static int table_create(struct domain *d, const struct domain_config *cfg)
{
    struct evtchn_table *t = kzalloc(sizeof(*t));

    if (!t)
        return -ENOMEM;
    spin_lock_init(&t->lock, RANK_EVTCHN);
    t->limit = MIN(cfg->max_evtchn_port, EVTCHN_FIFO_NR_CHANNELS - 1u) + 1;
    t->max_ports = MIN(t->limit, (unsigned int)EVTCHN_2L_NR_CHANNELS);
    t->first_free = 1;
    t->pages = kzalloc(DIV_ROUND_UP(t->limit, PORTS_PER_PAGE) *
                       sizeof(*t->pages));
    if (!t->pages) {
        kfree(t);
        return -ENOMEM;
    }
    d->evtchn = t;
    return 0;
}

static int table_teardown(struct domain *d)
{
    uint64_t flags = table_lock(d);

    d->evtchn->dying = true;
    table_unlock(d, flags);
    if (close_all(d, &d->evtchn->teardown_port))
        return -ERESTART;
    flags = table_lock(d);
    fifo_destroy(d); /* its frames must go back before the domain's do */
    table_unlock(d, flags);
    return 0;
}

static void table_destroy(struct domain *d)
{
    struct evtchn_table *t = d->evtchn;

    if (!t)
        return;
    fifo_destroy(d);
    for (unsigned int i = 0; i < t->nr_ports / PORTS_PER_PAGE; i++)
        heap_page_free(t->pages[i]);
    kfree(t->pages);
    kfree(t);
    d->evtchn = NULL;
}

static const char *const state_names[] = {
    "free", "reserved", "unbound", "interdomain", "pirq", "virq", "ipi"};

static void table_dump(struct domain *d)
{
    struct evtchn_table *t = d->evtchn;

    printk("d%u: %u ports, %s\n", d->id, t->in_use,
           t->fifo ? "FIFO" : "2-level");
    for (uint32_t n = 1; n < t->nr_ports; n++) {
        struct port *p = port_at(t, n);

        if (p->state == PORT_FREE)
            continue;
        printk("  %4u v%u %s %c", n, p->vcpu, state_names[p->state],
               evtchn_port_pending(d, n) ? 'p' : '-');
        if (p->state == PORT_INTERDOMAIN)
            printk(" d%u port %u\n", p->remote->id, p->remote_port);
        else
            printk(" %u\n", p->virq);
    }
}

const struct domain_part evtchn_part = {
    .name = "evtchn",
    .create = table_create,
    .teardown = table_teardown,
    .destroy = table_destroy,
    .dump = table_dump,
};
