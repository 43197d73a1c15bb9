/* SPDX-License-Identifier: MIT */
/*
 * event_channel.h - __HYPERVISOR_event_channel_op: ports, one bit each.
 * Keeps true: every structure is the whole argument of one EVTCHNOP; fields
 * marked OUT are written by us, the others by the guest.
 */
#ifndef ABI_EVENT_CHANNEL_H
#define ABI_EVENT_CHANNEL_H

#include <abi/xen.h>

#define EVTCHNOP_bind_interdomain 0
#define EVTCHNOP_bind_virq        1
#define EVTCHNOP_bind_pirq        2
#define EVTCHNOP_close            3
#define EVTCHNOP_send             4
#define EVTCHNOP_status           5
#define EVTCHNOP_alloc_unbound    6
#define EVTCHNOP_bind_ipi         7
#define EVTCHNOP_bind_vcpu        8
#define EVTCHNOP_unmask           9
#define EVTCHNOP_reset            10
#define EVTCHNOP_init_control     11
#define EVTCHNOP_expand_array     12
#define EVTCHNOP_set_priority     13

typedef uint32_t evtchn_port_t;

/* A port of dom that remote_dom may bind to later. */
struct evtchn_alloc_unbound {
    domid_t dom;
    domid_t remote_dom;
    evtchn_port_t port; /* OUT */
};
typedef struct evtchn_alloc_unbound evtchn_alloc_unbound_t;
ABI_LAYOUT(struct evtchn_alloc_unbound, port, 4, 8);

/* Joins a new port of the caller to an unbound one elsewhere. */
struct evtchn_bind_interdomain {
    domid_t remote_dom;
    evtchn_port_t remote_port;
    evtchn_port_t local_port; /* OUT */
};
typedef struct evtchn_bind_interdomain evtchn_bind_interdomain_t;
ABI_LAYOUT(struct evtchn_bind_interdomain, local_port, 8, 12);

/* A port for a VIRQ_; global ones start on vcpu 0. */
struct evtchn_bind_virq {
    uint32_t virq;
    uint32_t vcpu;
    evtchn_port_t port; /* OUT */
};
typedef struct evtchn_bind_virq evtchn_bind_virq_t;
ABI_LAYOUT(struct evtchn_bind_virq, port, 8, 12);

#define BIND_PIRQ__WILL_SHARE 1 /* others may bind this line too */

/* A port for a device's interrupt. */
struct evtchn_bind_pirq {
    uint32_t pirq;
    uint32_t flags;     /* BIND_PIRQ__ */
    evtchn_port_t port; /* OUT */
};
typedef struct evtchn_bind_pirq evtchn_bind_pirq_t;
ABI_LAYOUT(struct evtchn_bind_pirq, port, 8, 12);

/* A port by which the domain's vcpus poke this one. */
struct evtchn_bind_ipi {
    uint32_t vcpu;
    evtchn_port_t port; /* OUT */
};
typedef struct evtchn_bind_ipi evtchn_bind_ipi_t;
ABI_LAYOUT(struct evtchn_bind_ipi, port, 4, 8);

struct evtchn_close {
    evtchn_port_t port;
};
typedef struct evtchn_close evtchn_close_t;
ABI_LAYOUT(struct evtchn_close, port, 0, 4);

struct evtchn_send {
    evtchn_port_t port;
};
typedef struct evtchn_send evtchn_send_t;
ABI_LAYOUT(struct evtchn_send, port, 0, 4);

#define EVTCHNSTAT_closed      0
#define EVTCHNSTAT_unbound     1
#define EVTCHNSTAT_interdomain 2
#define EVTCHNSTAT_pirq        3
#define EVTCHNSTAT_virq        4
#define EVTCHNSTAT_ipi         5

/* What a port is; u goes with status. */
struct evtchn_status {
    domid_t dom;
    evtchn_port_t port;
    uint32_t status; /* OUT: EVTCHNSTAT_ */
    uint32_t vcpu;   /* OUT: the one it tells */
    union {
        struct {
            domid_t dom; /* who may bind */
        } unbound;
        struct {
            domid_t dom;
            evtchn_port_t port;
        } interdomain;
        uint32_t pirq;
        uint32_t virq;
    } u; /* OUT */
};
typedef struct evtchn_status evtchn_status_t;
ABI_LAYOUT(struct evtchn_status, u, 16, 24);

/* Which vcpu a port tells from now on. */
struct evtchn_bind_vcpu {
    evtchn_port_t port;
    uint32_t vcpu;
};
typedef struct evtchn_bind_vcpu evtchn_bind_vcpu_t;
ABI_LAYOUT(struct evtchn_bind_vcpu, vcpu, 4, 8);

struct evtchn_unmask {
    evtchn_port_t port;
};
typedef struct evtchn_unmask evtchn_unmask_t;
ABI_LAYOUT(struct evtchn_unmask, port, 0, 4);

/* Closes all ports of dom and returns it to the two-level form. */
struct evtchn_reset {
    domid_t dom;
};
typedef struct evtchn_reset evtchn_reset_t;
ABI_LAYOUT(struct evtchn_reset, dom, 0, 2);

/* Queue form: gives one vcpu its control block, and chooses the form. */
struct evtchn_init_control {
    uint64_t control_gfn;
    uint32_t offset; /* bytes, a multiple of 8 */
    uint32_t vcpu;
    uint8_t link_bits; /* OUT */
    uint8_t _pad[7];
};
typedef struct evtchn_init_control evtchn_init_control_t;
ABI_LAYOUT(struct evtchn_init_control, link_bits, 16, 24);

/* Queue form: one more page of event words. */
struct evtchn_expand_array {
    uint64_t array_gfn;
};
typedef struct evtchn_expand_array evtchn_expand_array_t;
ABI_LAYOUT(struct evtchn_expand_array, array_gfn, 0, 8);

/* Queue form: which queue a port joins. */
struct evtchn_set_priority {
    evtchn_port_t port;
    uint32_t priority; /* 0 first, 15 last */
};
typedef struct evtchn_set_priority evtchn_set_priority_t;
ABI_LAYOUT(struct evtchn_set_priority, priority, 4, 8);

/* Argument of the old call 16: command and argument in one. */
struct evtchn_op {
    uint32_t cmd;
    union {
        evtchn_alloc_unbound_t alloc_unbound;
        evtchn_bind_interdomain_t bind_interdomain;
        evtchn_bind_virq_t bind_virq;
        evtchn_bind_pirq_t bind_pirq;
        evtchn_bind_ipi_t bind_ipi;
        evtchn_close_t close;
        evtchn_send_t send;
        evtchn_status_t status;
        evtchn_bind_vcpu_t bind_vcpu;
        evtchn_unmask_t unmask;
    } u;
};
typedef struct evtchn_op evtchn_op_t;
ABI_LAYOUT(struct evtchn_op, u, 4, 28);

/* Two-level form: ports that shared_info has bits for. */
#define EVTCHN_2L_NR_CHANNELS (sizeof(xen_ulong_t) * sizeof(xen_ulong_t) * 64)

/* Queue form. */
#define EVTCHN_FIFO_PRIORITY_MAX     0
#define EVTCHN_FIFO_PRIORITY_DEFAULT 7
#define EVTCHN_FIFO_PRIORITY_MIN     15
#define EVTCHN_FIFO_MAX_QUEUES       (EVTCHN_FIFO_PRIORITY_MIN + 1)

/* One port's word; bits set and cleared by both sides, atomically. */
typedef uint32_t event_word_t;
#define EVTCHN_FIFO_PENDING     31 /* we set, the guest clears */
#define EVTCHN_FIFO_MASKED      30 /* the guest's */
#define EVTCHN_FIFO_LINKED      29 /* it stands in a queue */
#define EVTCHN_FIFO_BUSY        28 /* we are changing the link */
#define EVTCHN_FIFO_LINK_BITS   17 /* low bits: next port of the queue */
#define EVTCHN_FIFO_LINK_MASK   ((1 << EVTCHN_FIFO_LINK_BITS) - 1)
#define EVTCHN_FIFO_NR_CHANNELS (1 << EVTCHN_FIFO_LINK_BITS)

/* One a vcpu: which queues have something, and their first ports. */
struct evtchn_fifo_control_block {
    uint32_t ready; /* bit i: queue i */
    uint32_t _rsvd;
    uint32_t head[EVTCHN_FIFO_MAX_QUEUES];
};
typedef struct evtchn_fifo_control_block evtchn_fifo_control_block_t;
ABI_LAYOUT(struct evtchn_fifo_control_block, head, 8, 72);

#endif
