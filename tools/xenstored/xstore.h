/* SPDX-License-Identifier: GPL-2.0 */
/*
 * xstore.h - the store as one thing: its tree, who talks to it, who watches.
 * All of it runs on the host too; what needs the hypervisor is behind
 * struct xstore_hooks.
 */
#ifndef XENSTORED_XSTORE_H
#define XENSTORED_XSTORE_H

#include "bytes.h"
#include "quota.h"
#include "tree.h"

struct domain;
struct keep;
struct txn;
struct watch;
struct watch_node;
struct ring;

/* Who sends requests: a socket, or a domain's ring. */
struct client {
    struct xstore *xs;
    struct domain *dom; /* who it acts for: domain 0 for sockets */
    bool read_only;
    bool restored;   /* was there before this process: see ops.c */
    bool first;      /* ... and nothing was asked since */
    bool lost_event; /* more than it may have waiting was to be told */
    bool hears;      /* ... of the change `asked_at` (watch.c) */
    uint64_t asked_at;
    struct watch *watches;
    struct txn *txns;
    unsigned int nr_watches, nr_txns;
    uint32_t done_txn; /* the last carried out before a restart */
    struct bytes out;  /* what waits to be sent */
    uint64_t out_gone; /* bytes that ever left `out` */
    /* Sends an answer; NULL: put it in `out`. */
    void (*answer)(struct client *c, const struct xsd_sockmsg *hdr,
                   const void *body);
    /* Something came into `out` (may be called again and again). */
    void (*wake)(struct client *c);
    void *owner; /* the socket or ring around it */
};

/* A domain the store has heard of: introduced, or named as an owner. */
struct domain {
    uint16_t domid;
    bool introduced;
    bool shutdown; /* its end was announced */
    bool gone;     /* dead; xstore_bury() is to follow at once */
    int target;    /* may act as this domain too; -1: none */
    uint32_t port; /* its own port and frame, as introduced */
    uint64_t frame;
    struct usage used;
    struct client client;
    struct ring *ring; /* what its client talks through; NULL: nothing */
    struct domain *next;
};

/* What the store asks of the world. Each returns 0 or -errno. */
struct xstore_hooks {
    int (*connect)(struct xstore *xs, struct domain *d);
    void (*disconnect)(struct xstore *xs, struct domain *d);
};

struct xstore {
    struct tree tree;
    struct limits limits;
    struct domain **domains; /* by id */
    struct domain *domain_list;
    struct watch_node *watches;
    unsigned int nr_watches;
    uint32_t last_txn;
    uint32_t txn_floor; /* ids up to here may be from before a restart */
    struct keep *keep;  /* NULL: nothing is kept */
    const struct xstore_hooks *hooks;
    bool trace;
    bool quiet; /* being filled from what was kept: nobody is told */
    uint64_t nr_requests;
    uint64_t nr_firings;
    uint64_t replaced; /* bytes of nodes that went or have another value */
    char answer[XENSTORE_PAYLOAD_MAX + 1];
};

void xstore_init(struct xstore *xs, const struct xstore_hooks *hooks);
void xstore_free(struct xstore *xs);

/* The record of a domain, made if need be. Never NULL for ids below
 * DOMID_MAX. */
struct domain *xstore_domain(struct xstore *xs, unsigned int domid);
struct domain *xstore_domain_find(const struct xstore *xs,
                                  unsigned int domid);
/* Domains marked `gone` go, with their nodes, rights and connections. */
void xstore_bury(struct xstore *xs);
/* It stopped running but is still there: tell the watchers, once. */
void xstore_domain_shutdown(struct xstore *xs, struct domain *d);

void client_init(struct client *c, struct xstore *xs, struct domain *d);
/* Forget its watches and transactions and what waited for it. */
void client_reset(struct client *c);
void client_free(struct client *c);
void client_send(struct client *c, uint32_t type, uint32_t req_id,
                 uint32_t tx_id, const void *body, size_t len);
/* `n` bytes of `out` were sent. */
void client_sent(struct client *c, size_t n);
unsigned int client_rights(const struct client *c, const struct rights *r);

static inline bool client_is_dom0(const struct client *c)
{
    return c->dom->domid == 0;
}

/* Act on one whole message and answer it. */
void ops_request(struct client *c, const struct wire_msg *m);

/*
 * A change of the tree, as asked for; also how it is kept (keep.c) and
 * remembered by a transaction.
 */
enum change_kind { CHANGE_WRITE, CHANGE_MKDIR, CHANGE_RM, CHANGE_RIGHTS };
struct change {
    enum change_kind kind;
    int owner; /* of what it makes new, or OWNER_INHERIT */
    const char *path;
    const void *data; /* the value, or an array of struct right */
    size_t len;
};

/* Do it on any tree; the subtree that CHANGE_RM cut off goes to *gone. */
void change_apply(struct tree *t, const struct change *ch,
                  struct node **gone);
/* Do it on the store's own tree: kept, and the watchers told. */
void xstore_change(struct xstore *xs, const struct change *ch);
void change_pack(struct bytes *b, const struct change *ch);
/* The first packed change in p[0..len]; bytes it took, 0 if it is broken. */
size_t change_unpack(const char *p, size_t len, struct change *ch,
                     char path[XENSTORE_ABS_PATH_MAX + 1]);

#endif
