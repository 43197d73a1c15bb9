/* SPDX-License-Identifier: GPL-2.0 */
/*
 * domctl_vcpu_more.c - what of a vcpu vcpu_guest_context has no room for:
 * more callbacks, the extended registers, a few MSRs. For save and restore.
 */
#include "cpu/features.h"
#include "cpu/fpu.h"
#include "cpu/msr.h"
#include "lib/string.h"
#include "mm/heap.h"
#include "service/control.h"

/* ---- callbacks ---- */

long domctl_get_ext_context(struct domain *d, struct xen_domctl *op)
{
    struct xen_domctl_ext_vcpucontext *e = &op->u.ext_vcpucontext;
    uint32_t id = e->vcpu;
    const struct vcpu *v = vcpu_find(d, id);

    if (!v)
        return -ESRCH;
    memset(e, 0, sizeof(*e));
    e->vcpu = id;
    e->size = sizeof(*e);
    e->syscall32_callback_eip = v->syscall32_entry.address;
    e->syscall32_disables_events = v->syscall32_entry.masks_events;
    e->sysenter_callback_eip = v->sysenter_entry.address;
    e->sysenter_disables_events = v->sysenter_entry.masks_events;
    return 0;
}

/* Its machine-check registers are not looked at: guests see no banks. */
long domctl_set_ext_context(struct domain *d, struct xen_domctl *op)
{
    const struct xen_domctl_ext_vcpucontext *e = &op->u.ext_vcpucontext;
    struct vcpu *v = vcpu_find(d, e->vcpu);

    if (!v)
        return -ESRCH;
    if (e->size < offsetof(struct xen_domctl_ext_vcpucontext, vmce) ||
        !guest_addr_ok(e->syscall32_callback_eip) ||
        !guest_addr_ok(e->sysenter_callback_eip))
        return -EINVAL;
    vcpu_pause(v);
    v->syscall32_entry.address = e->syscall32_callback_eip;
    v->syscall32_entry.masks_events = !!e->syscall32_disables_events;
    v->sysenter_entry.address = e->sysenter_callback_eip;
    v->sysenter_entry.masks_events = !!e->sysenter_disables_events;
    vcpu_unpause(v);
    return 0;
}

/* ---- extended registers ---- */

/* XCR0 now, all parts that may hold something, then the area itself. */
struct xstate_head {
    uint64_t xcr0, parts;
};
#define XSTATE_MIN (sizeof(struct xstate_head) + 576)

static int xstate_copy_out(const struct vcpu *v,
                           const struct xen_domctl_vcpuextstate *x,
                           uint64_t parts)
{
    struct xstate_head head = {v->xcr0, parts};

    if (copy_to_guest(x->buffer, &head, sizeof(head)) ||
        copy_to_guest(guest_va_at(x->buffer, 1, sizeof(head)), v->fpu,
                      x->size - sizeof(head)))
        return -EFAULT;
    return 0;
}

long domctl_get_xstate(struct domain *d, struct xen_domctl *op)
{
    struct xen_domctl_vcpuextstate *x = &op->u.vcpuextstate;
    struct vcpu *v = vcpu_find(d, x->vcpu);
    uint64_t parts, size;
    int rc = 0;

    if (!v)
        return -ESRCH;
    if (!cpu_features.xsave) {
        x->xfeature_mask = x->size = 0;
        return 0;
    }
    vcpu_pause(v);
    parts = fpu_parts(v->fpu, v->xcr0);
    size = sizeof(struct xstate_head) + fpu_image_size(parts);
    if ((!x->size && !x->xfeature_mask) || guest_va_is_null(x->buffer)) {
        x->xfeature_mask = cpu_features.xcr0;
        x->size = size;
    } else if (x->size != size || x->xfeature_mask != cpu_features.xcr0) {
        rc = -EINVAL;
    } else {
        rc = xstate_copy_out(v, x, parts);
    }
    vcpu_unpause(v);
    return rc;
}

static int xstate_set(struct vcpu *v, const void *buf, uint64_t size)
{
    const struct xstate_head *head = buf;
    int rc = -EINVAL;

    if (!head->parts) /* it has not used any */
        return head->xcr0 ? -EINVAL : 0;
    if (size < XSTATE_MIN || !fpu_xcr0_valid(head->xcr0) ||
        !fpu_xcr0_valid(head->parts) || head->xcr0 & ~head->parts)
        return -EINVAL;
    vcpu_pause(v);
    if (fpu_from_image(v->fpu, head + 1, size - sizeof(*head), head->parts)) {
        v->xcr0 = head->xcr0;
        rc = 0;
    }
    vcpu_unpause(v);
    return rc;
}

long domctl_set_xstate(struct domain *d, struct xen_domctl *op)
{
    const struct xen_domctl_vcpuextstate *x = &op->u.vcpuextstate;
    struct vcpu *v = vcpu_find(d, x->vcpu);
    void *buf;
    int rc;

    if (!v)
        return -ESRCH;
    if (!cpu_features.xsave || x->size < sizeof(struct xstate_head) ||
        x->size > sizeof(struct xstate_head) + fpu_area_size())
        return -EINVAL;
    buf = kzalloc(x->size);
    if (!buf)
        return -ENOMEM;
    rc = copy_from_guest(buf, x->buffer, x->size);
    if (!rc)
        rc = xstate_set(v, buf, x->size);
    kfree(buf);
    return rc;
}

/* ---- MSRs ---- */

#define NR_VCPU_MSRS 1

long domctl_get_msrs(struct domain *d, struct xen_domctl *op)
{
    struct xen_domctl_vcpu_msrs *m = &op->u.vcpu_msrs;
    const struct vcpu *v = vcpu_find(d, m->vcpu);
    struct xen_domctl_vcpu_msr e = {.index = MSR_TSC_AUX};
    uint32_t room = m->msr_count;

    if (!v)
        return -ESRCH;
    if (guest_va_is_null(m->msrs)) {
        m->msr_count = NR_VCPU_MSRS;
        return 0;
    }
    e.value = v->tsc_aux;
    m->msr_count = e.value ? 1 : 0; /* 0 is what it starts with */
    if (room < m->msr_count)
        return -ENOBUFS;
    return m->msr_count ? copy_to_guest(m->msrs, &e, sizeof(e)) : 0;
}

static int msr_set(struct vcpu *v, const struct xen_domctl_vcpu_msr *e)
{
    if (e->reserved)
        return -EINVAL;
    switch (e->index) {
    case MSR_TSC_AUX:
        if (!cpu_features.rdtscp || e->value >> 32)
            return -EINVAL;
        v->tsc_aux = e->value;
        return 0;
    case MSR_MISC_FEATURES_ENABLES:
        return e->value ? -EINVAL : 0;
    }
    return -EINVAL;
}

/* At a refusal the count says which one. */
long domctl_set_msrs(struct domain *d, struct xen_domctl *op)
{
    struct xen_domctl_vcpu_msrs *m = &op->u.vcpu_msrs;
    struct vcpu *v = vcpu_find(d, m->vcpu);
    struct xen_domctl_vcpu_msr e;
    uint32_t n = m->msr_count;
    int rc = 0;

    if (!v)
        return -ESRCH;
    if (guest_va_is_null(m->msrs)) {
        m->msr_count = NR_VCPU_MSRS;
        return 0;
    }
    if (n > 64)
        return -EINVAL;
    vcpu_pause(v);
    for (m->msr_count = 0; !rc && m->msr_count < n;) {
        rc = copy_from_guest(&e, guest_va_at(m->msrs, m->msr_count, sizeof(e)),
                             sizeof(e));
        if (!rc)
            rc = msr_set(v, &e);
        m->msr_count += !rc;
    }
    vcpu_unpause(v);
    return rc;
}
