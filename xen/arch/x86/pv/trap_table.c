/* SPDX-License-Identifier: GPL-2.0 */
/*
 * trap_table.c - where the guest wants its traps and callbacks.
 * Keeps true: a stored handler address is canonical and none of ours.
 */
#include <abi/callback.h>
#include <abi/nmi.h>
#include <abi/xen.h>

#include "core/softirq.h"
#include "lib/string.h"
#include "pv/pv.h"
#include "service/call.h"

static int trap_set(struct vcpu *v, const struct trap_info *t)
{
    if (!guest_addr_ok(t->address))
        return -EINVAL;
    v->traps[t->vector] = *t;
    return 0;
}

/* Read lines up to one with address 0; a null table clears all. */
long do_set_trap_table(uint64_t traps)
{
    const guest_va_t at = {traps};
    struct vcpu *v = current;
    struct trap_info t;

    if (guest_va_is_null(at)) {
        memset(v->traps, 0, 256 * sizeof(*v->traps));
        return 0;
    }
    for (unsigned int i = 0; i < 256; i++) {
        if (copy_from_guest(&t, guest_va_at(at, i, sizeof(t)), sizeof(t)))
            return -EFAULT;
        if (!t.address)
            return 0;
        if (trap_set(v, &t))
            return -EINVAL;
    }
    return 0;
}

static struct callback *callback_slot(struct vcpu *v, unsigned int type)
{
    switch (type) {
    case CALLBACKTYPE_event:
        return &v->event_entry;
    case CALLBACKTYPE_failsafe:
        return &v->failsafe_entry;
    case CALLBACKTYPE_syscall:
        return &v->syscall_entry;
    case CALLBACKTYPE_syscall32:
        return &v->syscall32_entry;
    case CALLBACKTYPE_nmi:
        return &v->nmi_entry;
    }
    return NULL;
}

static int callback_set(struct vcpu *v, unsigned int type, uint64_t address,
                        bool masks)
{
    struct callback *cb = callback_slot(v, type);

    if (!cb)
        return -ENOSYS;
    if (!guest_addr_ok(address))
        return -EINVAL;
    cb->address = address;
    cb->masks_events = masks;
    return 0;
}

static long callback_register(struct vcpu *v, void *arg)
{
    struct callback_register *op = arg;
    int rc;

    if (op->type == CALLBACKTYPE_nmi && v->id)
        return -EINVAL;
    rc = callback_set(v, op->type, op->address, op->flags & CALLBACKF_mask_events);
    return rc;
}

static long callback_unregister(struct vcpu *v, void *arg)
{
    struct callback_unregister *op = arg;

    /* A guest cannot do without the others. */
    if (op->type != CALLBACKTYPE_nmi)
        return callback_slot(v, op->type) ? -EINVAL : -ENOSYS;
    return callback_set(v, op->type, 0, false);
}

static const struct subop callback_ops[] = {
    [CALLBACKOP_register] =
        SUBOP(callback_register, struct callback_register, SUBOP_IN, ANYONE),
    [CALLBACKOP_unregister] = SUBOP(
        callback_unregister, struct callback_unregister, SUBOP_IN, ANYONE),
};

long do_callback_op(uint64_t cmd, uint64_t arg)
{
    guest_va_t at = {arg};

    return subop_call(callback_ops, ARRAY_SIZE(callback_ops), cmd, at);
}

/* The old form: three addresses. Syscalls leave the event mask alone. */
long do_set_callbacks(uint64_t event, uint64_t failsafe, uint64_t syscall)
{
    struct vcpu *v = current;

    if (!guest_addr_ok(event) || !guest_addr_ok(failsafe) ||
        !guest_addr_ok(syscall))
        return -EINVAL;
    callback_set(v, CALLBACKTYPE_event, event, true);
    callback_set(v, CALLBACKTYPE_failsafe, failsafe, false);
    callback_set(v, CALLBACKTYPE_syscall, syscall, false);
    return 0;
}

long do_nmi_op(uint64_t cmd, uint64_t arg)
{
    struct vcpu *v = current;
    struct xennmi_callback op;
    guest_va_t at = {arg};

    switch (cmd) {
    case XENNMI_register_callback:
        if (copy_from_guest(&op, at, sizeof(op)))
            return -EFAULT;
        return v->id ? -EINVAL
                     : callback_set(v, CALLBACKTYPE_nmi, op.handler_address,
                                    false);
    case XENNMI_unregister_callback:
        return callback_set(v, CALLBACKTYPE_nmi, 0, false);
    }
    return -ENOSYS;
}
