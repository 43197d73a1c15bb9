/* SPDX-License-Identifier: GPL-2.0 */
/*
 * platform_op.c - host facts and firmware for Dom0.
 * Keeps true: only a privileged domain gets past the door; the argument is
 * copied in once, worked on, and copied out.
 * P- and C-states stay as the firmware set them: set_processor_pminfo and its
 * like answer -ENOSYS, and Dom0 goes on without.
 */
#include <abi/platform.h>

#include "core/arch.h"
#include "core/panic.h"
#include "cpu/features.h"
#include "cpu/topology.h"
#include "dev/acpi.h"
#include "dev/clock.h"
#include "dev/efi.h"
#include "domain/sched.h"
#include "lib/string.h"
#include "mm/heap.h"
#include "service/call.h"
#include "service/efi_op.h"
#include "service/services.h"

#define NS_PER_S 1000000000UL

static long set_time(uint64_t secs, uint32_t nsecs, uint64_t system_time)
{
    if (nsecs >= NS_PER_S || secs > INT64_MAX / NS_PER_S)
        return -EINVAL;
    wallclock_set(secs * NS_PER_S + nsecs, (ns_t)system_time);
    return 0;
}

static long op_settime32(struct xen_platform_op *op)
{
    return set_time(op->u.settime32.secs, op->u.settime32.nsecs,
                    op->u.settime32.system_time);
}

static long op_settime64(struct xen_platform_op *op)
{
    if (op->u.settime64.mbz)
        return -EINVAL;
    return set_time(op->u.settime64.secs, op->u.settime64.nsecs,
                    op->u.settime64.system_time);
}

static long op_enter_acpi_sleep(struct xen_platform_op *op)
{
    const struct xenpf_enter_acpi_sleep *s = &op->u.enter_acpi_sleep;

    if (s->flags & XENPF_ACPI_SLEEP_EXTENDED)
        return -EOPNOTSUPP; /* hardware-reduced machines */
    if (s->sleep_state < 1 || s->sleep_state > 5)
        return -EINVAL;
    return acpi_enter_sleep((uint8_t)s->sleep_state, s->val_a, s->val_b);
}

static long op_get_cpuinfo(struct xen_platform_op *op)
{
    struct xenpf_pcpuinfo *i = &op->u.pcpu_info;

    i->max_present = nr_cpus - 1;
    i->apic_id = i->acpi_id = UINT32_MAX;
    i->flags = XEN_PCPU_FLAGS_INVALID;
    if (i->xen_cpuid >= nr_cpus)
        return 0;
    i->flags =
        cpumask_has(&cpus_online, i->xen_cpuid) ? XEN_PCPU_FLAGS_ONLINE : 0;
    i->apic_id = cpu_by_id(i->xen_cpuid)->apic_id;
    i->acpi_id = cpu_by_id(i->xen_cpuid)->acpi_id;
    return 0;
}

static long op_get_cpu_version(struct xen_platform_op *op)
{
    struct xenpf_pcpu_version *p = &op->u.pcpu_version;

    p->max_present = nr_cpus - 1;
    memset(p->vendor_id, 0, sizeof(p->vendor_id));
    p->family = p->model = p->stepping = 0;
    if (p->xen_cpuid >= nr_cpus)
        return 0;
    memcpy(p->vendor_id, cpu_features.vendor, sizeof(p->vendor_id));
    p->family = cpu_family();
    p->model = cpu_model();
    p->stepping = cpu_features.leaf1_eax & 15;
    return 0;
}

/* CPUs run from boot to the end; one that is asked to be on, is. */
static long op_cpu_online(struct xen_platform_op *op)
{
    uint32_t n = op->u.cpu_ol.cpuid;

    if (n >= nr_cpus)
        return -EINVAL;
    return cpumask_has(&cpus_online, n) ? 0 : -EOPNOTSUPP;
}

static long op_cpu_offline(struct xen_platform_op *op)
{
    if (op->u.cpu_ol.cpuid == 0 || op->u.cpu_ol.cpuid >= nr_cpus)
        return -EINVAL;
    return -EOPNOTSUPP;
}

/* Idle time of each CPU in the map; the map comes back as those online. */
static long op_getidletime(struct xen_platform_op *op)
{
    struct xenpf_getidletime *g = &op->u.getidletime;
    unsigned int n = MIN(g->cpumap_nr_cpus, MAX_CPUS);
    uint8_t map[MAX_CPUS / 8] = {0};

    if (copy_from_guest(map, g->cpumap_bitmap, (n + 7) / 8))
        return -EFAULT;
    for (unsigned int i = 0; i < n; i++) {
        uint64_t idle;

        if (!(map[i / 8] >> i % 8 & 1))
            continue;
        if (i >= nr_cpus || !cpumask_has(&cpus_online, i)) {
            map[i / 8] &= (uint8_t) ~(1u << i % 8);
            continue;
        }
        idle = cpu_idle_ns(i);
        if (copy_to_guest(guest_va_at(g->idletime, i, sizeof(idle)), &idle,
                          sizeof(idle)))
            return -EFAULT;
    }
    g->now = (uint64_t)now();
    return copy_to_guest(g->cpumap_bitmap, map, (n + 7) / 8);
}

static long op_get_symbol(struct xen_platform_op *op)
{
    struct xenpf_symdata *s = &op->u.symdata;
    const char *name;
    uint32_t len, room = s->namelen;

    if (!symbol_by_number(s->symnum, &name, &s->address)) {
        s->namelen = 0; /* behind the last */
        return 0;
    }
    len = (uint32_t)strlen(name) + 1;
    s->namelen = len;
    s->type = 't';
    s->symnum++;
    return copy_to_guest(s->name, name, MIN(len, room));
}

/* A BIOS's disk and screen data would need its real-mode calls at boot. */
static long op_firmware_info(struct xen_platform_op *op)
{
    struct xenpf_firmware_info *f = &op->u.firmware_info;

    switch (f->type) {
    case XEN_FW_KBD_SHIFT_FLAGS:
        if (f->index)
            return -ESRCH;
        f->u.kbd_shift_flags =
            efi_info.present ? 0 : *(const uint8_t *)paddr_to_virt(0x417);
        return 0;
    case XEN_FW_EFI_INFO:
        return efi_firmware_info(f->index, &f->u.efi_info);
    case XEN_FW_DISK_INFO:
    case XEN_FW_DISK_MBR_SIGNATURE:
        return -ENOENT;
    case XEN_FW_VBEDDC_INFO:
        return -ESRCH;
    default:
        return -EINVAL;
    }
}

static long op_efi_runtime_call(struct xen_platform_op *op)
{
    return efi_runtime_op(current, &op->u.efi_runtime_call);
}

static const struct {
    uint32_t cmd;
    long (*fn)(struct xen_platform_op *op);
} platform_ops[] = {
    {XENPF_settime32, op_settime32},
    {XENPF_settime64, op_settime64},
    {XENPF_firmware_info, op_firmware_info},
    {XENPF_efi_runtime_call, op_efi_runtime_call},
    {XENPF_enter_acpi_sleep, op_enter_acpi_sleep},
    {XENPF_getidletime, op_getidletime},
    {XENPF_get_cpuinfo, op_get_cpuinfo},
    {XENPF_get_cpu_version, op_get_cpu_version},
    {XENPF_cpu_online, op_cpu_online},
    {XENPF_cpu_offline, op_cpu_offline},
    {XENPF_get_symbol, op_get_symbol},
};

static long dispatch(struct xen_platform_op *op)
{
    for (size_t i = 0; i < ARRAY_SIZE(platform_ops); i++)
        if (platform_ops[i].cmd == op->cmd)
            return platform_ops[i].fn(op);
    return -ENOSYS;
}

long do_platform_op(uint64_t uop)
{
    guest_va_t arg = {uop};
    struct xen_platform_op op;
    long rc;

    if (!current->domain->privileged)
        return -EPERM;
    if (copy_from_guest(&op, arg, sizeof(op)))
        return -EFAULT;
    if (op.interface_version != XENPF_INTERFACE_VERSION)
        return -EACCES;
    rc = dispatch(&op);
    if (rc < 0)
        return rc;
    return copy_to_guest(arg, &op, sizeof(op)) ? -EFAULT : rc;
}
