/* SPDX-License-Identifier: GPL-2.0 */
/*
 * domctl.c - the tools act on one domain: door and table.
 * Keeps true: the argument is copied in once; one domctl runs at a time, so a
 * domain does not begin to die, nor get a vcpu, while another looks at it.
 * Locks: domctl_lock, above all others. Whoever finds it taken makes the call
 * again: nobody spins on it, since its holder may wait for vcpus to stop.
 */
#include "core/spinlock.h"
#include "service/control.h"
#include "service/services.h"

static spinlock_t domctl_lock = SPINLOCK_INIT(RANK_DOMCTL);

struct row {
    domctl_fn fn;   /* NULL: never done here, */
    uint8_t refuse; /* for this reason */
    uint8_t flags;  /* CTL_ */
};

#define ROW(nr, f, fl)  [XEN_DOMCTL_##nr] = {f, 0, fl}
#define REFUSE(nr, err) [XEN_DOMCTL_##nr] = {NULL, err, CTL_NO_DOMAIN}

static const struct row rows[] = {
    ROW(createdomain, domctl_create, CTL_NO_DOMAIN | CTL_OUT),
    ROW(destroydomain, domctl_destroy, CTL_OTHER),
    ROW(pausedomain, domctl_pause, CTL_OTHER),
    ROW(unpausedomain, domctl_unpause, 0),
    ROW(resumedomain, domctl_resume, CTL_OTHER | CTL_ALIVE),
    ROW(max_vcpus, domctl_max_vcpus, CTL_OTHER | CTL_ALIVE),
    ROW(getdomaininfo, domctl_get_info, CTL_OR_NEXT | CTL_OUT),

    ROW(max_mem, domctl_max_mem, CTL_ALIVE),
    ROW(setdomainhandle, domctl_set_handle, 0),
    ROW(setdebugging, domctl_set_debugging, CTL_OTHER),
    ROW(hypercall_init, domctl_hypercall_page, CTL_ALIVE),
    ROW(settimeoffset, domctl_time_offset, CTL_ALIVE),
    ROW(set_address_size, domctl_set_address_size, 0),
    ROW(get_address_size, domctl_get_address_size, CTL_OUT),
    ROW(setnodeaffinity, domctl_set_node_affinity, 0),
    ROW(getnodeaffinity, domctl_get_node_affinity, CTL_OUT),
    ROW(settscinfo, domctl_set_tsc, CTL_OTHER | CTL_ALIVE),
    ROW(gettscinfo, domctl_get_tsc, CTL_OUT),
    ROW(scheduler_op, domctl_scheduler, CTL_OUT),
    ROW(subscribe, domctl_subscribe, CTL_ALIVE),
    ROW(set_virq_handler, domctl_virq_handler, CTL_ALIVE),
    ROW(getpageframeinfo3, domctl_page_info, CTL_OTHER),

    ROW(irq_permission, domctl_irq_right, CTL_ALIVE),
    ROW(iomem_permission, domctl_iomem_right, CTL_ALIVE),
    ROW(ioport_permission, domctl_ioport_right, CTL_ALIVE),
    ROW(memory_mapping, domctl_memory_mapping, CTL_ALIVE),

    ROW(setvcpucontext, domctl_set_context, CTL_OTHER | CTL_ALIVE),
    ROW(getvcpucontext, domctl_get_context, CTL_OTHER),
    ROW(getvcpuinfo, domctl_vcpu_info, CTL_OUT),
    ROW(setvcpuaffinity, domctl_set_affinity, CTL_ALIVE | CTL_OUT),
    ROW(getvcpuaffinity, domctl_get_affinity, CTL_OUT),
    ROW(sendtrigger, domctl_trigger, CTL_ALIVE),
    ROW(set_ext_vcpucontext, domctl_set_ext_context, CTL_OTHER | CTL_ALIVE),
    ROW(get_ext_vcpucontext, domctl_get_ext_context, CTL_OUT),
    ROW(setvcpuextstate, domctl_set_xstate, CTL_OTHER | CTL_ALIVE),
    ROW(getvcpuextstate, domctl_get_xstate, CTL_OTHER | CTL_OUT),
    ROW(set_vcpu_msrs, domctl_set_msrs, CTL_OTHER | CTL_ALIVE | CTL_OUT_ALWAYS),
    ROW(get_vcpu_msrs, domctl_get_msrs, CTL_OTHER | CTL_OUT_ALWAYS),

    ROW(set_cpu_policy, domctl_set_policy,
        CTL_OTHER | CTL_ALIVE | CTL_OUT_ALWAYS),
    ROW(get_cpu_policy, domctl_get_policy, CTL_OUT_ALWAYS),

    /* Guests translated by hardware; there are none. */
    REFUSE(gethvmcontext, EINVAL),
    REFUSE(sethvmcontext, EINVAL),
    REFUSE(gethvmcontext_partial, EINVAL),
    REFUSE(ioport_mapping, EINVAL),
    REFUSE(bind_pt_irq, EINVAL),
    REFUSE(unbind_pt_irq, EINVAL),
    REFUSE(set_access_required, EOPNOTSUPP),
    REFUSE(set_broken_page_p2m, EINVAL),
    REFUSE(get_paging_mempool_size, EOPNOTSUPP),
    REFUSE(set_paging_mempool_size, EOPNOTSUPP),
    REFUSE(shadow_op, EINVAL),
    REFUSE(audit_p2m, ENOSYS),
    REFUSE(vm_event_op, EOPNOTSUPP),
    REFUSE(mem_sharing_op, EOPNOTSUPP),
    REFUSE(monitor_op, EOPNOTSUPP),
    REFUSE(vmtrace_op, EOPNOTSUPP),
    REFUSE(soft_reset, EOPNOTSUPP),
    REFUSE(set_target, EOPNOTSUPP),
    REFUSE(debug_op, EINVAL),
    /* No IOMMU, no cache or memory bandwidth control, one node. */
    REFUSE(assign_device, EOPNOTSUPP),
    REFUSE(test_assign_device, EOPNOTSUPP),
    REFUSE(deassign_device, EOPNOTSUPP),
    REFUSE(get_device_group, EOPNOTSUPP),
    REFUSE(psr_cmt_op, ENODEV),
    REFUSE(psr_alloc, ENODEV),
    REFUSE(setvnumainfo, EOPNOTSUPP),
    /* Other architectures'. */
    REFUSE(cacheflush, EOPNOTSUPP),
    REFUSE(vuart_op, EOPNOTSUPP),
    REFUSE(gdbsx_guestmemio, EOPNOTSUPP),
    REFUSE(gdbsx_pausevcpu, EOPNOTSUPP),
    REFUSE(gdbsx_unpausevcpu, EOPNOTSUPP),
    REFUSE(gdbsx_domstatus, EOPNOTSUPP),
};

static struct domain *domain_named(domid_t id, unsigned int flags)
{
    struct domain *d = NULL;

    if (id >= DOMID_FIRST_RESERVED)
        return NULL;
    d = domain_find(id);
    if (!d && flags & CTL_OR_NEXT)
        d = domain_next(id);
    return d;
}

/* Refuse what the row forbids for this domain, else do it. */
static long row_call(const struct row *row, struct domain *d,
                     struct xen_domctl *op)
{
    if (row->flags & CTL_OTHER && d == current->domain)
        return -EINVAL;
    if (row->flags & CTL_ALIVE && d->dying != DOMAIN_ALIVE)
        return -EINVAL;
    return row->fn(d, op);
}

static long row_run(const struct row *row, struct xen_domctl *op)
{
    struct domain *d = NULL;
    long rc;

    if (!(row->flags & CTL_NO_DOMAIN)) {
        d = domain_named(op->domain, row->flags);
        if (!d)
            return -ESRCH;
    }
    if (!spin_trylock(&domctl_lock)) {
        rc = -ERESTART;
    } else {
        rc = row_call(row, d, op);
        spin_unlock(&domctl_lock);
    }
    if (d)
        domain_put(d);
    return rc;
}

long do_domctl(uint64_t arg)
{
    guest_va_t at = {arg};
    struct xen_domctl op;
    const struct row *row;
    long rc;

    if (copy_from_guest(&op, at, sizeof(op)))
        return -EFAULT;
    if (op.interface_version != XEN_DOMCTL_INTERFACE_VERSION)
        return -EACCES;
    if (!current->domain->privileged)
        return -EPERM;
    if (op.cmd >= ARRAY_SIZE(rows))
        return -ENOSYS;
    row = &rows[op.cmd];
    if (!row->fn)
        return row->refuse ? -(long)row->refuse : -ENOSYS;

    rc = row_run(row, &op);
    if (rc == -ERESTART)
        return hypercall_resume(current, __HYPERVISOR_domctl, arg, 0, 0, 0);
    if ((row->flags & CTL_OUT && rc >= 0) ||
        (row->flags & CTL_OUT_ALWAYS) == CTL_OUT_ALWAYS)
        if (copy_to_guest(at, &op, sizeof(op)))
            return -EFAULT;
    return rc;
}
