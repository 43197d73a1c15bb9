/* SPDX-License-Identifier: GPL-2.0 */
/*
 * evtchn_private.h - what evtchn.c and evtchn_fifo.c share.
 */
#ifndef SERVICE_EVTCHN_PRIVATE_H
#define SERVICE_EVTCHN_PRIVATE_H

#include <abi/event_channel.h>

#include "core/spinlock.h"
#include "domain/vcpu.h"

enum port_state {
    PORT_FREE,
    PORT_RESERVED,    /* on its way to be a pirq's: nobody else finds it */
    PORT_UNBOUND,     /* remote may bind */
    PORT_INTERDOMAIN, /* remote, remote_port */
    PORT_PIRQ,
    PORT_VIRQ,
    PORT_IPI,
};

struct port {
    uint8_t state;
    uint8_t priority;      /* FIFO: the queue it goes to */
    uint8_t last_priority; /* FIFO: the queue it was last put in */
    uint8_t fifo_waiting;  /* FIFO: came before its array page did */
    uint16_t vcpu;         /* whom it tells */
    uint16_t last_vcpu;
    union {
        domid_t unbound_for;
        struct {
            struct domain *remote; /* no reference: closed before it goes */
            uint32_t remote_port;
        };
        uint32_t pirq;
        uint32_t virq;
    };
} aligned_to(32); /* a power of two: finding a port takes no division */

#define PORTS_PER_PAGE (PAGE_SIZE / sizeof(struct port))
#define FIFO_PAGES     (EVTCHN_FIFO_NR_CHANNELS / (PAGE_SIZE / 4))
#define NR_PIRQS       1024

struct fifo_queue {
    uint32_t tail;
};

struct fifo {
    spinlock_t lock;
    uint32_t *pages[FIFO_PAGES]; /* event words, the guest's frames */
    unsigned int nr_pages;
    struct fifo_vcpu **vcpu; /* [max_vcpus] */
};

/* d->evtchn. `lock` guards all ports of the domain. */
struct evtchn_table {
    spinlock_t lock;
    struct port **pages;
    unsigned int nr_ports;  /* a multiple of PORTS_PER_PAGE */
    unsigned int max_ports; /* limit of the former, by creation and ABI */
    unsigned int limit;     /* by creation */
    unsigned int in_use;
    unsigned int first_free; /* none is free below */
    unsigned int reset_port, teardown_port; /* closed up to here */
    bool dying;
    uint16_t pirq_port[NR_PIRQS];
    struct fifo *fifo; /* NULL: the 2-level bitmaps */
};

static inline struct port *port_at(struct evtchn_table *t, uint32_t n)
{
    return &t->pages[n / PORTS_PER_PAGE][n % PORTS_PER_PAGE];
}

/* Mark port n pending and tell its vcpu. The table is locked, or the port
 * cannot be closed for another reason. */
void port_raise(struct domain *d, uint32_t n, struct port *p);

/* evtchn_fifo.c; the table is locked unless said. */
void fifo_raise(struct domain *d, uint32_t n, struct port *p);
bool fifo_is_pending(struct fifo *f, uint32_t n);
bool fifo_is_masked(struct fifo *f, uint32_t n);
void fifo_unmask(struct domain *d, uint32_t n, struct port *p);
void fifo_port_closed(struct domain *d, uint32_t n);
long fifo_init_control(struct vcpu *v, void *arg);
long fifo_expand_array(struct vcpu *v, void *arg);
void fifo_destroy(struct domain *d);

#endif
