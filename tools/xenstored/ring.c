/* SPDX-License-Identifier: GPL-2.0 */
/*
 * ring.c - a domain's requests and answers, through the page it shares.
 * Keeps true: nothing the page says is read twice or believed unjudged; a
 * guest that breaks the rules gets error 2 or 3 in its page and is not heard
 * again until it connects anew, and nobody else notices. No request is read
 * while an answer or an event waits for room: who does not listen may not
 * speak, so a ring costs a bounded amount of memory.
 *
 * A kill of this process loses nothing: bytes are copied to the slot before
 * the index moves, so the index itself says what is in the slot; a request
 * counts as done (in_base moves behind it) only when its answer is whole.
 */
#include <errno.h>
#include <stdatomic.h>

#include "base/log.h"
#include "indices.h"
#include "ring.h"
#include "watch.h"

#define RING XENSTORE_RING_SIZE

static uint32_t peek(const uint32_t *index)
{
    return *(const volatile uint32_t *)index;
}

static void publish(uint32_t *index, uint32_t value)
{
    atomic_thread_fence(memory_order_release);
    *(volatile uint32_t *)index = value;
}

static void fail(struct ring *r, uint32_t error)
{
    if (!r->complained) /* once: a guest shall not fill the log */
        log_warn("d%u: its store ring breaks the rules (error %u)",
                 r->d->domid, error);
    r->complained = true;
    r->broken = true;
    r->moved = true;
    publish(&r->page->error, error);
    client_reset(&r->d->client);
    keep_reset(&r->d->client);
    r->slot->out_len = 0;
    r->slot->in_base = r->req_cons;
}

/* Its answer goes where it outlives us. */
static void ring_answer(struct client *c, const struct xsd_sockmsg *hdr,
                        const void *body)
{
    struct ring *r = c->owner;

    memcpy(r->slot->out, hdr, sizeof(*hdr));
    memcpy(r->slot->out + sizeof(*hdr), body, hdr->len);
    r->answer_len = (uint32_t)sizeof(*hdr) + hdr->len;
}

static void stage(struct ring *r, uint32_t len)
{
    r->slot->out_base = r->rsp_prod;
    publish(&r->slot->out_len, len);
}

/* Move what is staged into the ring. False: no room for all of it. */
static bool push(struct ring *r)
{
    struct keep_slot *s = r->slot;
    uint32_t done, cons, room, n;

    while (s->out_len) {
        done = r->rsp_prod - s->out_base;
        if (done >= s->out_len) {
            s->out_len = 0;
            return true;
        }
        cons = peek(&r->page->rsp_cons);
        if (!ring_indices_ok(cons, r->rsp_prod, RING)) {
            fail(r, XENSTORE_ERROR_RINGIDX);
            return false;
        }
        atomic_thread_fence(memory_order_seq_cst);
        room = RING - (r->rsp_prod - cons);
        n = s->out_len - done < room ? s->out_len - done : room;
        if (!n)
            return false;
        ring_copy_in(r->page->rsp, r->rsp_prod, s->out + done, n, RING);
        r->rsp_prod += n;
        publish(&r->page->rsp_prod, r->rsp_prod);
        atomic_thread_fence(memory_order_seq_cst);
        r->moved = true;
    }
    return true;
}

/* Stage the next waiting event. False: none waits. */
static bool next_event(struct ring *r)
{
    struct client *c = &r->d->client;
    struct wire_msg m;

    if (!c->out.len)
        return false;
    if (wire_judge(bytes_start(&c->out), c->out.len, &m) != WIRE_COMPLETE) {
        client_sent(c, c->out.len); /* cannot be: we wrote it */
        return false;
    }
    memcpy(r->slot->out, bytes_start(&c->out), m.size);
    stage(r, (uint32_t)m.size);
    client_sent(c, m.size);
    return true;
}

/* Copy more of the message that is being read. False: nothing came. */
static bool pull(struct ring *r, uint32_t have, uint32_t want)
{
    uint32_t prod = peek(&r->page->req_prod), n;

    if (!ring_indices_ok(r->req_cons, prod, RING)) {
        fail(r, XENSTORE_ERROR_RINGIDX);
        return false;
    }
    atomic_thread_fence(memory_order_acquire);
    n = prod - r->req_cons < want ? prod - r->req_cons : want;
    if (!n)
        return false;
    ring_copy_out(r->slot->in + have, r->page->req, r->req_cons, n, RING);
    r->req_cons += n;
    publish(&r->page->req_cons, r->req_cons);
    atomic_thread_fence(memory_order_seq_cst);
    r->moved = true;
    return true;
}

/* Read one message and act on it. False: it is not all there. */
static bool next_request(struct ring *r)
{
    struct keep_slot *s = r->slot;
    struct wire_msg m;

    for (;;) {
        uint32_t have = r->req_cons - s->in_base;
        uint32_t want = sizeof(m.hdr);

        switch (wire_judge(s->in, have, &m)) {
        case WIRE_TOO_LONG:
            fail(r, XENSTORE_ERROR_PROTO);
            return false;
        case WIRE_COMPLETE:
            r->answer_len = 0;
            ops_request(&r->d->client, &m);
            stage(r, r->answer_len);
            publish(&s->in_base, r->req_cons);
            return true;
        case WIRE_MORE:
            if (have >= want)
                want = (uint32_t)m.size;
            if (!pull(r, have, want - have))
                return false;
        }
    }
}

/* The guest asks to begin anew (its kernel was replaced). */
static void reconnect(struct ring *r)
{
    struct xenstore_domain_interface *page = r->page;

    client_reset(&r->d->client);
    keep_reset(&r->d->client);
    page->req_cons = page->req_prod = 0;
    page->rsp_cons = page->rsp_prod = 0;
    page->error = XENSTORE_ERROR_NONE;
    ring_begin(r, false);
    publish(&page->connection, XENSTORE_CONNECTED);
    r->moved = true;
}

void ring_begin(struct ring *r, bool go_on)
{
    struct keep_slot *s = r->slot;
    struct client *c = &r->d->client;
    struct wire_msg m;

    r->req_cons = peek(&r->page->req_cons);
    r->rsp_prod = peek(&r->page->rsp_prod);
    r->broken = false;
    r->page->server_features = XENSTORE_SERVER_FEATURE_RECONNECTION |
                               XENSTORE_SERVER_FEATURE_ERROR;
    c->answer = ring_answer;
    c->owner = r;
    if (!go_on || r->req_cons - s->in_base > WIRE_MSG_MAX ||
        (s->out_len && r->rsp_prod - s->out_base > s->out_len)) {
        s->out_len = 0;
        s->in_base = r->req_cons;
    } else if (wire_judge(s->in, r->req_cons - s->in_base, &m) ==
               WIRE_COMPLETE) {
        s->out_len = 0; /* the answer was not on its way: do it again */
    }
    s->domid = r->d->domid;
    publish(&s->used, 1);
}

bool ring_pump(struct ring *r, unsigned int budget)
{
    if (peek(&r->page->connection) == XENSTORE_RECONNECT)
        reconnect(r);
    while (!r->broken && push(r)) {
        if (!budget)
            return true;
        budget--;
        if (!next_event(r) && !next_request(r))
            break;
    }
    return false;
}
