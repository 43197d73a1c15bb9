/* SPDX-License-Identifier: GPL-2.0 */
/*
 * ring.h - a domain's requests and answers, through the page it shares.
 */
#ifndef XENSTORED_RING_H
#define XENSTORED_RING_H

#include "keep.h"
#include "xstore.h"

struct ring {
    struct domain *d;
    struct xenstore_domain_interface *page; /* the guest writes it, too */
    struct keep_slot *slot;
    uint32_t req_cons, rsp_prod; /* ours; the page's are copies */
    uint32_t answer_len;         /* put into slot->out, not yet to be sent */
    bool broken; /* it broke the rules: silent until introduced again */
    bool complained; /* in the log */
    bool moved;  /* the other end is to be told */
    int port;    /* ours; -1: none */
    bool granted;
    bool queued; /* in the list of those with work */
    bool masked; /* its event came; the next can not, until its turn */
    struct ring *next_queued;
};

/* Begin on a page whose indices are taken as they are. `go_on`: with the
 * half-read message and half-sent answer of the process before. */
void ring_begin(struct ring *r, bool go_on);
/* Send at most `budget` events, and do so many requests, together. True:
 * there is more to do already. */
bool ring_pump(struct ring *r, unsigned int budget);

#endif
