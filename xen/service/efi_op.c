/* SPDX-License-Identifier: GPL-2.0 */
/*
 * efi_op.c - the firmware's facts and runtime services for Dom0.
 * Keeps true: the firmware reads and writes our copies, never a guest's
 * memory; Dom0's FPU state is put away while the firmware runs.
 */
#include "cpu/fpu.h"
#include "cpu/msr.h"
#include "dev/efi.h"
#include "lib/string.h"
#include "mm/heap.h"
#include "service/call.h"
#include "service/efi_op.h"

#define MAX_NAME (8u << 10)  /* bytes of a variable's name */
#define MAX_DATA (256u << 10)

long efi_firmware_info(uint32_t index, union xenpf_efi_info *info)
{
    paddr_t start, end;

    if (!efi_info.present)
        return -ENODEV;
    switch (index) {
    case XEN_FW_EFI_VERSION:
        info->version = efi_info.version;
        return 0;
    case XEN_FW_EFI_RT_VERSION:
        info->version = efi_info.rt_version;
        return 0;
    case XEN_FW_EFI_CONFIG_TABLE:
        info->cfg.addr = efi_info.config_tables;
        info->cfg.nent = efi_info.nr_config_tables;
        return 0;
    case XEN_FW_EFI_VENDOR:
        if (info->vendor.bufsz < 2)
            return -EINVAL;
        info->vendor.revision = efi_info.vendor_revision;
        return copy_to_guest(info->vendor.name, efi_info.vendor,
                             MIN(info->vendor.bufsz & ~1u,
                                 sizeof(efi_info.vendor)));
    case XEN_FW_EFI_MEM_INFO:
        if (!efi_mem_lookup(info->mem.addr, &start, &end, &info->mem.type,
                            &info->mem.attr))
            return -ESRCH;
        info->mem.size = MIN(info->mem.size, end - info->mem.addr);
        return 0;
    case XEN_FW_EFI_PCI_ROM:
    case XEN_FW_EFI_APPLE_PROPERTIES:
        return -ENOENT;
    default:
        return -EINVAL;
    }
}

static uint64_t call(struct vcpu *v, enum efi_service s, uint64_t a, uint64_t b,
                     uint64_t c, uint64_t d, uint64_t e)
{
    const uint64_t arg[5] = {a, b, c, d, e};
    uint64_t status;

    fpu_save(v->fpu);
    status = efi_call(s, arg);
    fpu_load(v->fpu, v->xcr0);
    if (v->ts)
        write_cr0(read_cr0() | CR0_TS); /* what the guest sees of it */
    return status;
}

#define P(x) ((uint64_t)(uintptr_t)(x))

static long get_time(struct vcpu *v, struct xenpf_efi_runtime_call *op)
{
    struct {
        uint32_t resolution, accuracy;
        uint8_t sets_to_zero;
    } caps = {0, 0, 0};
    struct xenpf_efi_time t = {0};

    if (op->misc)
        return -EINVAL;
    op->status = call(v, EFI_GET_TIME, P(&t), P(&caps), 0, 0, 0);
    if (op->status)
        return 0;
    op->u.get_time.time = t;
    op->u.get_time.resolution = caps.resolution;
    op->u.get_time.accuracy = caps.accuracy;
    if (caps.sets_to_zero)
        op->misc |= XEN_EFI_GET_TIME_SET_CLEARS_NS;
    return 0;
}

static long set_time(struct vcpu *v, struct xenpf_efi_runtime_call *op)
{
    if (op->misc)
        return -EINVAL;
    op->status = call(v, EFI_SET_TIME, P(&op->u.set_time), 0, 0, 0, 0);
    return 0;
}

static long get_wakeup_time(struct vcpu *v, struct xenpf_efi_runtime_call *op)
{
    uint8_t enabled = 0, pending = 0;

    if (op->misc)
        return -EINVAL;
    op->status = call(v, EFI_GET_WAKEUP_TIME, P(&enabled), P(&pending),
                      P(&op->u.get_wakeup_time), 0, 0);
    if (!op->status && enabled)
        op->misc |= XEN_EFI_GET_WAKEUP_TIME_ENABLED;
    if (!op->status && pending)
        op->misc |= XEN_EFI_GET_WAKEUP_TIME_PENDING;
    return 0;
}

static long set_wakeup_time(struct vcpu *v, struct xenpf_efi_runtime_call *op)
{
    const uint32_t known =
        XEN_EFI_SET_WAKEUP_TIME_ENABLE | XEN_EFI_SET_WAKEUP_TIME_ENABLE_ONLY;

    if (op->misc & ~known)
        return -EINVAL;
    op->status = call(v, EFI_SET_WAKEUP_TIME,
                      op->misc & XEN_EFI_SET_WAKEUP_TIME_ENABLE,
                      op->misc & XEN_EFI_SET_WAKEUP_TIME_ENABLE_ONLY
                          ? 0
                          : P(&op->u.set_wakeup_time),
                      0, 0, 0);
    op->misc = 0;
    return 0;
}

static long get_next_count(struct vcpu *v, struct xenpf_efi_runtime_call *op)
{
    if (op->misc)
        return -EINVAL;
    op->status =
        call(v, EFI_GET_NEXT_HIGH_MONO_COUNT, P(&op->misc), 0, 0, 0, 0);
    return 0;
}

/* A name: UTF-16 up to its 0, at most MAX_NAME bytes. */
static long copy_name(guest_va_t from, uint16_t *name)
{
    for (unsigned int i = 0; i < MAX_NAME / 2; i++) {
        if (copy_from_guest(&name[i], guest_va_at(from, i, 2), 2))
            return -EFAULT;
        if (!name[i])
            return 0;
    }
    return -E2BIG;
}

struct variable {
    uint16_t *name;
    void *data;
};

static void free_variable(struct variable *x)
{
    kfree(x->name);
    kfree(x->data);
}

static long new_variable(struct variable *x, guest_va_t name, uint64_t size)
{
    *x = (struct variable){NULL, NULL};
    if (size > MAX_DATA)
        return -E2BIG;
    x->name = kzalloc(MAX_NAME);
    x->data = kzalloc(MAX(size, 1));
    if (!x->name || !x->data)
        return -ENOMEM;
    return copy_name(name, x->name);
}

static long get_variable(struct vcpu *v, struct xenpf_efi_runtime_call *op)
{
    uint64_t room = op->u.get_variable.size, size = room;
    struct xenpf_efi_guid guid = op->u.get_variable.vendor_guid;
    struct variable x;
    long rc;

    if (op->misc)
        return -EINVAL;
    if (guest_va_is_null(op->u.get_variable.data))
        room = size = 0;
    rc = new_variable(&x, op->u.get_variable.name, room);
    if (!rc) {
        op->status = call(v, EFI_GET_VARIABLE, P(x.name), P(&guid),
                          P(&op->misc), P(&size), room ? P(x.data) : 0);
        if (!op->status && size <= room)
            rc = copy_to_guest(op->u.get_variable.data, x.data, size);
        op->u.get_variable.size = size;
    }
    free_variable(&x);
    return rc;
}

static long set_variable(struct vcpu *v, struct xenpf_efi_runtime_call *op)
{
    uint64_t size = op->u.set_variable.size;
    struct xenpf_efi_guid guid = op->u.set_variable.vendor_guid;
    struct variable x;
    long rc = new_variable(&x, op->u.set_variable.name, size);

    if (!rc)
        rc = copy_from_guest(x.data, op->u.set_variable.data, size);
    if (!rc)
        op->status = call(v, EFI_SET_VARIABLE, P(x.name), P(&guid), op->misc,
                          size, P(x.data));
    free_variable(&x);
    return rc;
}

static long get_next_name(struct vcpu *v, struct xenpf_efi_runtime_call *op)
{
    uint64_t size = op->u.get_next_variable_name.size;
    uint16_t *name;
    long rc;

    if (op->misc || size < 2)
        return -EINVAL;
    size = MIN(size, MAX_NAME);
    name = kzalloc(MAX_NAME);
    if (!name)
        return -ENOMEM;
    rc = copy_from_guest(name, op->u.get_next_variable_name.name, size);
    if (!rc) {
        op->status =
            call(v, EFI_GET_NEXT_VARIABLE_NAME, P(&size), P(name),
                 P(&op->u.get_next_variable_name.vendor_guid), 0, 0);
        if (!op->status && size <= MAX_NAME)
            rc = copy_to_guest(op->u.get_next_variable_name.name, name, size);
        op->u.get_next_variable_name.size = size;
    }
    kfree(name);
    return rc;
}

static long query_variable_info(struct vcpu *v,
                                struct xenpf_efi_runtime_call *op)
{
    if (op->misc & XEN_EFI_VARINFO_BOOT_SNAPSHOT)
        return -EOPNOTSUPP; /* none was taken while boot services ran */
    if (efi_info.rt_version >> 16 < 2)
        return -EOPNOTSUPP;
    op->status = call(v, EFI_QUERY_VARIABLE_INFO, op->u.query_variable_info.attr,
                      P(&op->u.query_variable_info.max_store_size),
                      P(&op->u.query_variable_info.remain_store_size),
                      P(&op->u.query_variable_info.max_size), 0);
    return 0;
}

static long (*const calls[])(struct vcpu *, struct xenpf_efi_runtime_call *) = {
    [XEN_EFI_get_time] = get_time,
    [XEN_EFI_set_time] = set_time,
    [XEN_EFI_get_wakeup_time] = get_wakeup_time,
    [XEN_EFI_set_wakeup_time] = set_wakeup_time,
    [XEN_EFI_get_next_high_monotonic_count] = get_next_count,
    [XEN_EFI_get_variable] = get_variable,
    [XEN_EFI_set_variable] = set_variable,
    [XEN_EFI_get_next_variable_name] = get_next_name,
    [XEN_EFI_query_variable_info] = query_variable_info,
};

long efi_runtime_op(struct vcpu *v, struct xenpf_efi_runtime_call *op)
{
    if (!efi_info.present)
        return -ENODEV;
    if (op->function >= ARRAY_SIZE(calls))
        return -EOPNOTSUPP; /* capsules */
    return calls[op->function] ? calls[op->function](v, op) : -EINVAL;
}
