/* SPDX-License-Identifier: GPL-2.0 */
/*
 * evtchn.c - event channels through /dev/xen/evtchn.
 */
#include "hyp/evtchn.h"

#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <unistd.h>

#include <abi/event_channel.h>

#include "kernel.h"

struct evtchn {
    int fd;
};

struct evtchn *evtchn_open(void)
{
    struct evtchn *e = calloc(1, sizeof(*e));

    if (!e)
        return NULL;
    e->fd = open("/dev/xen/evtchn", O_RDWR | O_NONBLOCK | O_CLOEXEC);
    if (e->fd >= 0)
        return e;
    free(e);
    return NULL;
}

void evtchn_close(struct evtchn *e)
{
    if (!e)
        return;
    close(e->fd);
    free(e);
}

int evtchn_fd(const struct evtchn *e)
{
    return e->fd;
}

static int request(struct evtchn *e, unsigned long nr, void *arg)
{
    int rc = ioctl(e->fd, nr, arg);

    return rc < 0 ? -errno : rc;
}

int evtchn_bind_interdomain(struct evtchn *e, uint32_t domid, uint32_t port)
{
    struct evtchn_bind_interdomain_request r = {domid, port};

    return request(e, EVTCHN_BIND_INTERDOMAIN, &r);
}

int evtchn_bind_virq(struct evtchn *e, unsigned virq)
{
    struct evtchn_bind_virq_request r = {virq};

    return request(e, EVTCHN_BIND_VIRQ, &r);
}

int evtchn_bind_unbound(struct evtchn *e, uint32_t domid)
{
    struct evtchn_domid_request r = {domid};

    return request(e, EVTCHN_BIND_UNBOUND, &r);
}

int evtchn_unbind(struct evtchn *e, uint32_t local_port)
{
    struct evtchn_port_request r = {local_port};

    return request(e, EVTCHN_UNBIND, &r);
}

int evtchn_notify(struct evtchn *e, uint32_t local_port)
{
    struct evtchn_port_request r = {local_port};

    return request(e, EVTCHN_NOTIFY, &r);
}

int evtchn_next(struct evtchn *e)
{
    uint32_t port;
    ssize_t n;

    do
        n = read(e->fd, &port, sizeof(port));
    while (n < 0 && errno == EINTR);
    if (n < 0)
        return -errno;
    return n == (ssize_t)sizeof(port) ? (int)port : -EIO;
}

int evtchn_unmask(struct evtchn *e, uint32_t local_port)
{
    ssize_t n = write(e->fd, &local_port, sizeof(local_port));

    if (n < 0)
        return -errno;
    return n == (ssize_t)sizeof(local_port) ? 0 : -EIO;
}

int evtchn_alloc_for(struct hyp *h, uint32_t domid, uint32_t remote)
{
    size_t mark = hyp_mark(h);
    evtchn_alloc_unbound_t *op = hyp_scratch(h, sizeof(*op));
    long rc;

    if (!op)
        return -ENOMEM;
    op->dom = (domid_t)domid;
    op->remote_dom = (domid_t)remote;
    rc = hyp_call(h, __HYPERVISOR_event_channel_op, EVTCHNOP_alloc_unbound,
                  hyp_va(op).va, 0, 0, 0);
    if (!rc)
        rc = (long)op->port;
    hyp_release(h, mark);
    return (int)rc;
}
