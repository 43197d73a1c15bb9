/* SPDX-License-Identifier: GPL-2.0 */
/*
 * ctl.c - domctl and sysctl: our copy in, the call, our copy out.
 */
#include "ctl.h"

#include <errno.h>

int hyp_domctl(struct hyp *h, unsigned cmd, uint32_t domid,
               struct xen_domctl *op)
{
    size_t mark = hyp_mark(h);
    struct xen_domctl *arg;
    long rc;

    if (domid > 0xffff)
        return -ESRCH;
    arg = hyp_scratch(h, sizeof(*arg));
    if (!arg)
        return -ENOMEM;
    op->cmd = cmd;
    op->interface_version = XEN_DOMCTL_INTERFACE_VERSION;
    op->domain = (domid_t)domid;
    *arg = *op;
    rc = hyp_call(h, __HYPERVISOR_domctl, hyp_va(arg).va, 0, 0, 0, 0);
    *op = *arg;
    hyp_release(h, mark);
    return (int)rc;
}

int hyp_sysctl(struct hyp *h, unsigned cmd, struct xen_sysctl *op)
{
    size_t mark = hyp_mark(h);
    struct xen_sysctl *arg = hyp_scratch(h, sizeof(*arg));
    long rc;

    if (!arg)
        return -ENOMEM;
    op->cmd = cmd;
    op->interface_version = XEN_SYSCTL_INTERFACE_VERSION;
    *arg = *op;
    rc = hyp_call(h, __HYPERVISOR_sysctl, hyp_va(arg).va, 0, 0, 0, 0);
    *op = *arg;
    hyp_release(h, mark);
    return (int)rc;
}
