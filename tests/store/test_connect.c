/* SPDX-License-Identifier: GPL-2.0 */
/*
 * test_connect.c - guests' rings and event channels with a made-up
 * hypervisor: what one guest does must not keep the others waiting.
 */
#include "../tools/fake_pages.h"

#include "base/loop.h"
#include "connect.h"
#include "hyp/domain.h"
#include "hyp/evtchn.h"
#include "store_test.h"

#define TOO_MANY 10000 /* of anything, in one round */

static struct xstore xs;
static struct xenstore_domain_interface pages[8];
static loop_fd_fn *on_event;

/* Channels: local port is 100 and the domain's number. */
static bool pending[120], masked[120];
static unsigned int reads, unmasks;
static int storm = -1; /* this one fires whenever it can */

struct hyp *hyp_open(void)
{
    return (struct hyp *)pages;
}

void hyp_close(struct hyp *h)
{
    (void)h;
}

struct evtchn *evtchn_open(void)
{
    return (struct evtchn *)pages;
}

void evtchn_close(struct evtchn *e)
{
    (void)e;
}

int evtchn_fd(const struct evtchn *e)
{
    (void)e;
    return 0;
}

int evtchn_bind_interdomain(struct evtchn *e, uint32_t domid, uint32_t port)
{
    (void)e;
    (void)port;
    return 100 + (int)domid;
}

int evtchn_bind_virq(struct evtchn *e, unsigned virq)
{
    (void)e;
    (void)virq;
    return 99;
}

int evtchn_unbind(struct evtchn *e, uint32_t port)
{
    (void)e;
    pending[port] = masked[port] = false;
    return 0;
}

int evtchn_notify(struct evtchn *e, uint32_t port)
{
    (void)e;
    (void)port;
    return 0;
}

int evtchn_next(struct evtchn *e)
{
    (void)e;
    if (++reads > TOO_MANY)
        return -EAGAIN;
    if (storm >= 0)
        pending[storm] = true;
    for (int i = 0; i < 120; i++) {
        if (!pending[i] || masked[i])
            continue;
        pending[i] = false;
        masked[i] = true;
        return i;
    }
    return -EAGAIN;
}

int evtchn_unmask(struct evtchn *e, uint32_t port)
{
    (void)e;
    masked[port] = false;
    unmasks++;
    return 0;
}

struct grants *grants_open(void)
{
    return (struct grants *)pages;
}

void grants_close(struct grants *g)
{
    (void)g;
}

static void *fake_page(uint32_t domid)
{
    return &pages[domid];
}

int dom_list(struct hyp *h, uint32_t first, struct dom_info *info, unsigned max)
{
    (void)h;
    (void)first;
    (void)info;
    (void)max;
    return 0;
}

struct loop_fd *loop_fd_add(struct loop *l, int fd, uint32_t events,
                            loop_fd_fn *fn, void *arg)
{
    (void)l;
    (void)fd;
    (void)events;
    (void)arg;
    on_event = fn;
    return (struct loop_fd *)pages;
}

/* A store with rings of domains 1 to 3, which have had their first turn. */
static void begin_all(void)
{
    memset(pages, 0, sizeof(pages));
    memset(pending, 0, sizeof(pending));
    memset(masked, 0, sizeof(masked));
    storm = -1;
    xstore_init(&xs, &connect_hooks);
    CHECK_EQ(connect_open(&xs, NULL), 0);
    for (unsigned int i = 1; i < 4; i++) {
        struct domain *d = xstore_domain(&xs, i);

        d->port = 1;
        d->introduced = true;
        CHECK_EQ(connect_hooks.connect(&xs, d), 0);
    }
    connect_run(&xs);
}

static void put_request(unsigned int domid, uint32_t type, const char *text,
                        size_t len)
{
    struct xenstore_domain_interface *p = &pages[domid];
    struct xsd_sockmsg hdr = {type, 1, 0, (uint32_t)len};
    char all[256];

    memcpy(all, &hdr, sizeof(hdr));
    memcpy(all + sizeof(hdr), text, len);
    for (size_t i = 0; i < sizeof(hdr) + len; i++)
        p->req[p->req_prod++ % XENSTORE_RING_SIZE] = all[i];
}

/* Messages that stand in a ring; they are taken out of it. */
static unsigned int take_messages(unsigned int domid)
{
    struct xenstore_domain_interface *p = &pages[domid];
    struct xsd_sockmsg hdr;
    unsigned int n = 0;

    while (p->rsp_cons != p->rsp_prod) {
        if (p->rsp_prod - p->rsp_cons < sizeof(hdr))
            break;
        for (size_t i = 0; i < sizeof(hdr); i++)
            ((char *)&hdr)[i] = p->rsp[(p->rsp_cons + i) % XENSTORE_RING_SIZE];
        if (p->rsp_prod - p->rsp_cons < sizeof(hdr) + hdr.len)
            break;
        p->rsp_cons += (uint32_t)sizeof(hdr) + hdr.len;
        n++;
    }
    return n;
}

static void test_storm(void)
{
    begin_all();
    storm = 101;
    put_request(2, XS_READ, "/", 2);
    pending[102] = true;
    reads = unmasks = 0;
    on_event(&xs, 0, 0);
    CHECK(reads < 10);
    CHECK_EQ(unmasks, 0);
    connect_run(&xs);
    CHECK_EQ(unmasks, 2);
    CHECK(!masked[101] && !masked[102]);
    CHECK_EQ(take_messages(2), 1);
    xstore_free(&xs);
}

/* Events that wait are sent a few at a time, as requests are done. */
static void test_events_take_turns(void)
{
    struct client *c;
    char path[32];

    begin_all();
    c = &xstore_domain_find(&xs, 1)->client;
    CHECK_EQ(watch_add(c, "/", 0, "t", WATCH_ALL_DEPTHS), 0);
    for (int i = 0; i < 40; i++) {
        struct change ch = {.kind = CHANGE_WRITE, .owner = 1, .path = path};

        snprintf(path, sizeof(path), "/%d", i);
        xstore_change(&xs, &ch);
    }
    CHECK(connect_run(&xs));
    CHECK(take_messages(1) <= 8);
    for (int i = 0; i < 10; i++) {
        connect_run(&xs);
        take_messages(1);
    }
    CHECK_EQ(c->out.len, 0);
    xstore_free(&xs);
}

/* What guests do is told to Dom0's kernel, which may be slow to read it. */
static void test_dom0_is_slow(void)
{
    static const char text[100000];
    static struct ring its;
    struct domain *dom0;

    begin_all();
    dom0 = xstore_domain_find(&xs, 0);
    dom0->ring = &its;
    bytes_add(&dom0->client.out, text, sizeof(text));
    put_request(2, XS_READ, "/", 2);
    pending[102] = true;
    on_event(&xs, 0, 0);
    CHECK(connect_run(&xs)); /* it waits, and is not forgotten */
    CHECK_EQ(take_messages(2), 0);
    client_sent(&dom0->client, sizeof(text));
    connect_run(&xs);
    CHECK_EQ(take_messages(2), 1);
    dom0->ring = NULL; /* as without a kernel that listens: nobody waits */
    bytes_add(&dom0->client.out, text, sizeof(text));
    put_request(2, XS_READ, "/", 2);
    pending[102] = true;
    on_event(&xs, 0, 0);
    connect_run(&xs);
    CHECK_EQ(take_messages(2), 1);
    xstore_free(&xs);
}

static const struct unit_test tests[] = {
    {"a channel that rings all the time is heard once a round", test_storm},
    {"events are sent a few a round", test_events_take_turns},
    {"guests wait while Dom0's kernel has much to read", test_dom0_is_slow},
};
UNIT_MAIN("store connections", tests)
