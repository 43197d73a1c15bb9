/* SPDX-License-Identifier: GPL-2.0 */
/*
 * rights.c - the frames of devices, ports and lines that a domain may use.
 */
#include "domain/part.h"
#include "lib/errno.h"
#include "lib/rangeset.h"
#include "mm/heap.h"

static struct rangeset *set_create(void)
{
    struct rangeset *set = kzalloc(sizeof(*set));

    if (set)
        rangeset_init(set, kzalloc, kfree);
    return set;
}

static void set_destroy(struct rangeset **set)
{
    if (*set)
        rangeset_empty(*set);
    kfree(*set);
    *set = NULL;
}

static void rights_destroy(struct domain *d)
{
    set_destroy(&d->iomem);
    set_destroy(&d->ioports);
    set_destroy(&d->irqs);
}

static int rights_create(struct domain *d, const struct domain_config *cfg)
{
    (void)cfg;
    d->iomem = set_create();
    d->ioports = set_create();
    d->irqs = set_create();
    if (d->iomem && d->ioports && d->irqs)
        return 0;
    rights_destroy(d);
    return -ENOMEM;
}

const struct domain_part rights_part = {
    .name = "rights",
    .create = rights_create,
    .destroy = rights_destroy,
};
