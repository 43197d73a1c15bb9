/* SPDX-License-Identifier: GPL-2.0 */
/*
 * connect.c - guests' pages and event channels, and news of their end.
 * Keeps true: each ring with work gets the same small number of messages a
 * round, however much it asks, and one event: its channel stays masked from
 * the event to its turn, so one that rings all the time keeps nobody waiting.
 * Dom0's kernel is told what guests do; while it has much to read, they wait.
 * A domain that died is noticed by VIRQ_DOM_EXC, at once; its page is
 * unmapped, so nothing of ours keeps it.
 */
#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <sys/mman.h>
#include <unistd.h>

#include <abi/grant_table.h>
#include <abi/xen.h>

#include "base/log.h"
#include "base/loop.h"
#include "connect.h"
#include "hyp/domain.h"
#include "hyp/evtchn.h"
#include "hyp/grant.h"
#include "hyp/memory.h"
#include "watch.h"

#define MESSAGES_A_TURN 8
#define DOM0_MESSAGES   256         /* ... of Dom0's kernel */
#define DOM0_UNREAD     (64 * 1024) /* bytes */
#define DOMAINS_A_CALL  64

static struct {
    struct hyp *hyp;
    struct evtchn *evtchn;
    struct grants *grants;
    int exc_port;
    struct ring **by_port;
    unsigned int nr_ports;
    struct ring *queue, **queue_end;
    unsigned int nr_queued;
} world = {.exc_port = -1, .queue_end = &world.queue};

/* The list of rings with work. */

static void enqueue(struct ring *r)
{
    if (r->queued)
        return;
    r->queued = true;
    r->next_queued = NULL;
    *world.queue_end = r;
    world.queue_end = &r->next_queued;
    world.nr_queued++;
}

static void dequeue(struct ring *r)
{
    struct ring **p = &world.queue;

    if (!r->queued)
        return;
    while (*p != r)
        p = &(*p)->next_queued;
    *p = r->next_queued;
    if (world.queue_end == &r->next_queued)
        world.queue_end = p;
    r->queued = false;
    world.nr_queued--;
}

static void ring_wake(struct client *c)
{
    enqueue(c->owner);
}

/* Its channel is opened before its page is looked at: nothing is missed. */
static bool turn(struct xstore *xs, struct ring *r)
{
    const struct domain *dom0 = xstore_domain_find(xs, 0);
    unsigned int budget = DOM0_MESSAGES;
    bool more;

    if (r->d->domid && dom0->ring && dom0->client.out.len > DOM0_UNREAD)
        return true;
    if (r->d->domid)
        budget = MESSAGES_A_TURN;
    if (r->masked)
        evtchn_unmask(world.evtchn, (uint32_t)r->port);
    r->masked = false;
    more = ring_pump(r, budget);
    if (r->moved && r->port >= 0)
        evtchn_notify(world.evtchn, (uint32_t)r->port);
    r->moved = false;
    return more;
}

bool connect_run(struct xstore *xs)
{
    /* Counted, for rings come and go by what is asked for in them. */
    unsigned int left = world.nr_queued;

    while (left-- && world.queue) {
        struct ring *r = world.queue;

        dequeue(r);
        if (turn(xs, r))
            enqueue(r);
    }
    return world.queue;
}

/* Ports. */

static void set_port(struct ring *r, int port)
{
    if ((unsigned int)port >= world.nr_ports) {
        unsigned int nr = (unsigned int)port + 64;

        world.by_port =
            need_memory(realloc(world.by_port, nr * sizeof(*world.by_port)));
        memset(world.by_port + world.nr_ports, 0,
               (nr - world.nr_ports) * sizeof(*world.by_port));
        world.nr_ports = nr;
    }
    world.by_port[port] = r;
    r->port = port;
}

static void drop_port(struct ring *r)
{
    if (r->port < 0)
        return;
    world.by_port[r->port] = NULL;
    evtchn_unbind(world.evtchn, (uint32_t)r->port);
    r->port = -1;
    r->masked = false;
}

static int bind_port(struct ring *r)
{
    int port;

    drop_port(r);
    port = evtchn_bind_interdomain(world.evtchn, r->d->domid, r->d->port);
    if (port < 0)
        return port;
    set_port(r, port);
    return 0;
}

/* Pages. */

static int map_page(struct ring *r)
{
    uint32_t ref = GNTTAB_RESERVED_XENSTORE;
    uint64_t frame = r->d->frame;

    if (world.grants)
        r->page = grants_map(world.grants, r->d->domid, &ref, 1,
                             PROT_READ | PROT_WRITE);
    r->granted = r->page;
    if (!r->page)
        r->page = mem_map(world.hyp, r->d->domid, PROT_READ | PROT_WRITE,
                          &frame, 1, NULL);
    return r->page ? 0 : -errno;
}

static void unmap_page(struct ring *r)
{
    if (!r->page)
        return;
    if (r->granted)
        grants_unmap(world.grants, r->page, 1);
    else if (r->d->domid == 0)
        munmap(r->page, HYP_PAGE_SIZE);
    else
        mem_unmap(r->page, 1);
}

static int map_dom0(struct ring *r)
{
    int fd = open("/proc/xen/xsd_kva", O_RDWR | O_CLOEXEC);
    void *p;

    if (fd < 0)
        return -errno;
    p = mmap(NULL, HYP_PAGE_SIZE, PROT_READ | PROT_WRITE, MAP_SHARED, fd, 0);
    close(fd);
    if (p == MAP_FAILED)
        return -errno;
    r->page = p;
    return 0;
}

/* Connections. */

static void disconnect(struct xstore *xs, struct domain *d)
{
    struct ring *r = d->ring;

    d->ring = NULL;
    d->client.wake = NULL;
    d->client.answer = NULL;
    dequeue(r);
    drop_port(r);
    unmap_page(r);
    keep_slot_put(xs, r->slot);
    free(r);
}

static int attach(struct xstore *xs, struct domain *d, bool go_on)
{
    struct ring *r = need_memory(calloc(1, sizeof(*r)));
    bool was_there;
    int rc;

    r->d = d;
    r->port = -1;
    rc = d->domid ? map_page(r) : map_dom0(r);
    if (rc)
        goto free_ring;
    rc = bind_port(r);
    if (rc)
        goto unmap;
    r->slot = keep_slot_get(xs, d->domid, &was_there);
    if (!r->slot) {
        rc = -ENOSPC;
        goto unbind;
    }
    d->ring = r;
    ring_begin(r, go_on && was_there);
    d->client.wake = ring_wake;
    r->moved = true;
    enqueue(r);
    return 0;

unbind:
    drop_port(r);
unmap:
    unmap_page(r);
free_ring:
    free(r);
    return rc;
}

/* Introduced, or introduced again with another port. */
static int connect_domain(struct xstore *xs, struct domain *d)
{
    int rc;

    client_reset(&d->client);
    keep_reset(&d->client);
    if (!d->ring) {
        rc = attach(xs, d, false);
    } else {
        rc = bind_port(d->ring);
        ring_begin(d->ring, false);
        d->client.wake = ring_wake;
        enqueue(d->ring);
    }
    if (rc)
        log_warn("d%u: cannot connect (frame %" PRIu64 ", port %u): %s",
                 d->domid, d->frame, d->port, strerror(-rc));
    return rc;
}

static int refuse_domain(struct xstore *xs, struct domain *d)
{
    (void)xs;
    (void)d;
    return -ENOSYS;
}

const struct xstore_hooks connect_hooks = {connect_domain, disconnect};
const struct xstore_hooks no_domain_hooks = {refuse_domain, disconnect};

/* What became of the domains we know. */

static struct domain *next_known(struct xstore *xs, unsigned int from,
                                 unsigned int before)
{
    for (; from < before && from < DOMID_MAX; from++)
        if (xs->domains[from])
            return xs->domains[from];
    return NULL;
}

static void not_there(struct xstore *xs, unsigned int from,
                      unsigned int before)
{
    struct domain *d;

    while ((d = next_known(xs, from, before))) {
        d->gone = d->domid != 0;
        from = d->domid + 1U;
    }
}

static void look_at(struct xstore *xs, const struct dom_info *info)
{
    struct domain *d = xstore_domain_find(xs, info->domid);

    if (!d || !d->domid)
        return;
    if (info->state & DOM_DYING)
        d->gone = true;
    else if ((info->state & DOM_SHUTDOWN) && d->introduced)
        xstore_domain_shutdown(xs, d);
}

static void scan(struct xstore *xs)
{
    struct dom_info info[DOMAINS_A_CALL];
    unsigned int next = 0;
    int n;

    do {
        n = dom_list(world.hyp, next, info, DOMAINS_A_CALL);
        if (n < 0) {
            log_warn("cannot list domains: %s", strerror(-n));
            return;
        }
        for (int i = 0; i < n; i++) {
            if (info[i].domid >= DOMID_MAX)
                continue;
            not_there(xs, next, info[i].domid);
            look_at(xs, &info[i]);
            next = info[i].domid + 1;
        }
    } while (n == DOMAINS_A_CALL);
    not_there(xs, next, DOMID_MAX);
    xstore_bury(xs);
}

static void on_event(void *arg, int fd, uint32_t events)
{
    struct xstore *xs = arg;
    struct ring *r;
    int port;

    (void)fd;
    (void)events;
    while ((port = evtchn_next(world.evtchn)) >= 0) {
        r = (unsigned int)port < world.nr_ports ? world.by_port[port] : NULL;
        if (r) {
            r->masked = true;
            enqueue(r);
            continue;
        }
        evtchn_unmask(world.evtchn, (uint32_t)port);
        if (port == world.exc_port)
            scan(xs);
    }
}

int connect_open(struct xstore *xs, struct loop *loop)
{
    world.hyp = hyp_open();
    if (!world.hyp)
        return -errno;
    world.evtchn = evtchn_open();
    if (!world.evtchn)
        return -errno;
    world.grants = grants_open();
    if (!world.grants)
        log_warn("no gntdev (%s): guests' pages are mapped by frame",
                 strerror(errno));
    if (!loop_fd_add(loop, evtchn_fd(world.evtchn), EPOLLIN, on_event, xs))
        return -errno;
    world.exc_port = evtchn_bind_virq(world.evtchn, VIRQ_DOM_EXC);
    return world.exc_port < 0 ? world.exc_port : 0;
}

void connect_close(void)
{
    if (world.grants)
        grants_close(world.grants);
    if (world.evtchn)
        evtchn_close(world.evtchn);
    if (world.hyp)
        hyp_close(world.hyp);
    free(world.by_port);
}

static int read_port(uint32_t *port)
{
    char text[32];
    int fd = open("/proc/xen/xsd_port", O_RDONLY | O_CLOEXEC);
    ssize_t n;

    if (fd < 0)
        return -errno;
    n = read(fd, text, sizeof(text) - 1);
    close(fd);
    if (n <= 0)
        return -EIO;
    text[n] = '\0';
    *port = (uint32_t)strtoul(text, NULL, 10);
    return 0;
}

int connect_dom0(struct xstore *xs)
{
    struct domain *d = xstore_domain(xs, 0);
    int rc = read_port(&d->port);

    if (!rc)
        rc = attach(xs, d, d->client.restored);
    if (!rc)
        watch_tell_all(&d->client);
    return rc;
}

void connect_restored(struct xstore *xs)
{
    for (struct domain *d = xs->domain_list; d; d = d->next) {
        int rc;

        if (!d->introduced || !d->domid)
            continue;
        rc = attach(xs, d, true);
        if (rc)
            log_warn("d%u: cannot connect again: %s", d->domid,
                     strerror(-rc));
        else
            watch_tell_all(&d->client);
    }
    scan(xs);
}
