/* SPDX-License-Identifier: GPL-2.0 */
/*
 * domctl_rights.c - lines, ports and frames of devices for a domain.
 * Keeps true: nobody passes on a right that he does not have; a set changes
 * only while no vcpu of its domain can look into it.
 */
#include "lib/rangeset.h"
#include "service/control.h"
#include "service/evtchn_private.h"

#define NR_PORTS 65536u

static int right_change(struct domain *d, struct rangeset *set, uint64_t first,
                        uint64_t last, bool allow)
{
    bool other = d != current->domain;
    int rc;

    if (other)
        domain_pause(d);
    rc = allow ? rangeset_add(set, first, last)
               : rangeset_remove(set, first, last);
    if (other)
        domain_unpause(d);
    return rc;
}

long domctl_irq_right(struct domain *d, struct xen_domctl *op)
{
    const struct xen_domctl_irq_permission *p = &op->u.irq_permission;

    if (p->pirq >= NR_PIRQS)
        return -EINVAL;
    if (!rangeset_contains_one(current->domain->irqs, p->pirq))
        return -EPERM;
    return right_change(d, d->irqs, p->pirq, p->pirq, p->allow_access);
}

long domctl_iomem_right(struct domain *d, struct xen_domctl *op)
{
    const struct xen_domctl_iomem_permission *p = &op->u.iomem_permission;
    uint64_t last = p->first_mfn + p->nr_mfns - 1;

    if (!p->nr_mfns || last < p->first_mfn)
        return -EINVAL;
    if (!rangeset_contains(current->domain->iomem, p->first_mfn, last))
        return -EPERM;
    return right_change(d, d->iomem, p->first_mfn, last, p->allow_access);
}

long domctl_ioport_right(struct domain *d, struct xen_domctl *op)
{
    const struct xen_domctl_ioport_permission *p = &op->u.ioport_permission;
    uint32_t last = p->first_port + p->nr_ports - 1;

    if (!p->nr_ports || p->first_port >= NR_PORTS ||
        p->nr_ports > NR_PORTS - p->first_port)
        return -EINVAL;
    if (!rangeset_contains(current->domain->ioports, p->first_port, last))
        return -EPERM;
    return right_change(d, d->ioports, p->first_port, last, p->allow_access);
}

/* A PV guest maps device frames itself, if both may: nothing else to do. */
long domctl_memory_mapping(struct domain *d, struct xen_domctl *op)
{
    const struct xen_domctl_memory_mapping *p = &op->u.memory_mapping;
    uint64_t last = p->first_mfn + p->nr_mfns - 1;

    if (!p->nr_mfns || last < p->first_mfn ||
        p->first_gfn + p->nr_mfns - 1 < p->first_gfn)
        return -EINVAL;
    if (!rangeset_contains(current->domain->iomem, p->first_mfn, last) ||
        !rangeset_contains(d->iomem, p->first_mfn, last))
        return -EPERM;
    return 0;
}
