/* SPDX-License-Identifier: GPL-2.0 */
/*
 * multicall.c - several hypercalls for the price of one entry.
 */
#include <abi/xen.h>

#include "entry/hypercall.h"
#include "service/call.h"
#include "service/services.h"

static long multicall_one(struct vcpu *v)
{
    struct multicall_entry *mc = &v->mc;

    /* iret replaces the registers this very call returns through. */
    if (mc->op >= NR_HYPERCALLS || mc->op == __HYPERVISOR_iret ||
        mc->op == __HYPERVISOR_multicall)
        return -ENOSYS;
    return hypercall_table[mc->op](mc->args[0], mc->args[1], mc->args[2],
                                   mc->args[3], mc->args[4]);
}

/* Make the calls in order; results go into the entries. Stops between entries
 * when something else is due, and goes on with the rest. */
long do_multicall(uint64_t list, uint64_t count)
{
    const guest_va_t at0 = {list};
    struct vcpu *v = current;
    uint64_t i;

    if (v->in_multicall || count > UINT32_MAX)
        return -EINVAL;
    v->in_multicall = 1;
    for (i = 0; i < count; i++) {
        guest_va_t at = guest_va_at(at0, i, sizeof(v->mc));
        guest_va_t result = {at.va + offsetof(struct multicall_entry, result)};
        long rc;

        if (i && preempt_wanted())
            goto resume;
        if (copy_from_guest(&v->mc, at, sizeof(v->mc)))
            goto fault;
        rc = multicall_one(v);
        if (v->multicall_resume) {
            v->multicall_resume = false;
            if (copy_to_guest(at, &v->mc, sizeof(v->mc)))
                goto fault;
            goto resume;
        }
        if (copy_to_guest(result, &rc, sizeof(rc)))
            goto fault;
    }
    v->in_multicall = 0;
    return 0;

fault:
    v->in_multicall = 0;
    return -EFAULT;

resume:
    v->in_multicall = 0;
    return hypercall_resume(v, __HYPERVISOR_multicall,
                            guest_va_at(at0, i, sizeof(v->mc)).va, count - i, 0,
                            0);
}
