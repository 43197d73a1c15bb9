/* SPDX-License-Identifier: GPL-2.0 */
/*
 * ctl.h - the two hypercalls that domain.c and host.c are made of.
 */
#ifndef HYP_CTL_H
#define HYP_CTL_H

#include <abi/domctl.h>
#include <abi/sysctl.h>

#include "hyp/privcmd.h"

/* 0 or -errno; *op is what the hypervisor left of it. */
int hyp_domctl(struct hyp *h, unsigned cmd, uint32_t domid,
               struct xen_domctl *op);
int hyp_sysctl(struct hyp *h, unsigned cmd, struct xen_sysctl *op);

#endif
