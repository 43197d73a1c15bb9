/* SPDX-License-Identifier: GPL-2.0 */
/*
 * ops_domain.c - requests about domains: who talks to the store, and for whom.
 */
#include <errno.h>
#include <inttypes.h>

#include "keep.h"
#include "ops.h"
#include "watch.h"

static int domain_arg(struct request *rq, int i, unsigned int *domid)
{
    if (!wire_parse_domid(rq->arg[i], domid))
        return -EINVAL;
    return 0;
}

/* A domain other than 0 that was introduced. */
static int known_domain(struct request *rq, struct domain **d)
{
    unsigned int domid;
    int rc = domain_arg(rq, 0, &domid);

    if (rc)
        return rc;
    if (!domid || domid >= DOMID_MAX)
        return -EINVAL;
    *d = xstore_domain_find(rq->xs, domid);
    return *d && (*d)->introduced ? 0 : -ENOENT;
}

int op_introduce(struct request *rq)
{
    unsigned int domid;
    uint64_t frame, port;
    struct domain *d;
    int rc = domain_arg(rq, 0, &domid);

    if (rc)
        return rc;
    if (!domid || domid >= DOMID_MAX ||
        !wire_parse_u64(rq->arg[1], UINT64_MAX, &frame) ||
        !wire_parse_u64(rq->arg[2], UINT32_MAX, &port) || !port)
        return -EINVAL;
    d = xstore_domain(rq->xs, domid);
    d->frame = frame;
    d->port = (uint32_t)port;
    rc = rq->xs->hooks->connect(rq->xs, d);
    if (rc) {
        if (!d->introduced)
            d->port = 0;
        return rc;
    }
    d->introduced = true;
    d->shutdown = false;
    keep_domain(rq->xs, d);
    request_answer_ok(rq);
    watch_fire(rq->xs, "@introduceDomain", NULL, NULL);
    return 0;
}

int op_release(struct request *rq)
{
    struct domain *d;
    int rc = known_domain(rq, &d);

    if (rc)
        return rc == -ENOENT && rq->c->first ? 0 : rc;
    request_answer_ok(rq);
    d->gone = true;
    xstore_bury(rq->xs);
    return 0;
}

int op_resume(struct request *rq)
{
    struct domain *d;
    int rc = known_domain(rq, &d);

    if (rc)
        return rc;
    d->shutdown = false;
    keep_domain(rq->xs, d);
    return 0;
}

int op_set_target(struct request *rq)
{
    unsigned int target;
    struct domain *d;
    int rc = known_domain(rq, &d);

    if (!rc)
        rc = domain_arg(rq, 1, &target);
    if (rc)
        return rc;
    if (target >= DOMID_MAX || !xstore_domain_find(rq->xs, target))
        return -ENOENT;
    d->target = (int)target;
    keep_domain(rq->xs, d);
    return 0;
}

int op_is_introduced(struct request *rq)
{
    unsigned int domid;
    const struct domain *d;
    int rc = domain_arg(rq, 0, &domid);

    if (rc)
        return rc;
    d = domid == DOMID_MAX ? rq->c->dom : xstore_domain_find(rq->xs, domid);
    request_answer_text(rq, d && d->introduced ? "T" : "F");
    return 0;
}

int op_get_domain_path(struct request *rq)
{
    unsigned int domid;
    char text[32];
    int rc = domain_arg(rq, 0, &domid);

    if (rc)
        return rc;
    if (domid == DOMID_MAX)
        domid = rq->c->dom->domid;
    snprintf(text, sizeof(text), "%s%u", HOME, domid);
    request_answer_text(rq, text);
    return 0;
}
