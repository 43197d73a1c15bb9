/* SPDX-License-Identifier: GPL-2.0 */
/*
 * version_op.c - who we are, and small switches a guest sets for itself.
 */
#include <abi/features.h>
#include <abi/version.h>

#include "core/cmdline.h"
#include "lib/format.h"
#include "lib/string.h"
#include "mm/layout.h"
#include "pv/pv.h"
#include "service/call.h"
#include "service/services.h"

/* The interface we speak: that of Xen 4.17. */
#define ABI_MAJOR 4
#define ABI_MINOR 17

/* From the linker script: the ELF note GNU ld makes of --build-id. */
extern const unsigned char build_id[], build_id_end[];

static long give(guest_va_t arg, const void *what, size_t n)
{
    return copy_to_guest(arg, what, n);
}

static long give_string(guest_va_t arg, const char *s, size_t room)
{
    char buf[1024];

    memset(buf, 0, room);
    strlcpy(buf, s, room);
    return give(arg, buf, room);
}

static long compile_info(guest_va_t arg)
{
    struct xen_compile_info info;

    memset(&info, 0, sizeof(info));
    strlcpy(info.compiler, "gcc " __VERSION__, sizeof(info.compiler));
    strlcpy(info.compile_by, "xenolith", sizeof(info.compile_by));
    strlcpy(info.compile_domain, "", sizeof(info.compile_domain));
    strlcpy(info.compile_date, XEN_BUILD_DATE, sizeof(info.compile_date));
    return give(arg, &info, sizeof(info));
}

static long get_features(const struct vcpu *v, guest_va_t arg)
{
    struct xen_feature_info info;

    if (copy_from_guest(&info, arg, sizeof(info)))
        return -EFAULT;
    info.submap = 0;
    if (info.submap_idx == 0) {
        info.submap = 1u << XENFEAT_mmu_pt_update_preserve_ad |
                      1u << XENFEAT_gnttab_map_avail_bits |
                      1u << XENFEAT_memory_op_vnode_supported;
        if (v->domain->vm_assist & 1u << VMASST_TYPE_pae_extended_cr3)
            info.submap |= 1u << XENFEAT_pae_pgdir_above_4gb;
        if (v->domain->privileged)
            info.submap |= 1u << XENFEAT_dom0;
    } else if (info.submap_idx >= XENFEAT_NR_SUBMAPS) {
        return -EINVAL;
    }
    return give(arg, &info, sizeof(info));
}

/* An array that grows: its length is asked for first with a null pointer. */
static long get_build_id(guest_va_t arg)
{
    size_t n = (size_t)(build_id_end - build_id);
    struct xen_build_id head;

    if (!n)
        return -ENODATA;
    if (guest_va_is_null(arg))
        return (long)n;
    if (copy_from_guest(&head, arg, sizeof(head)))
        return -EFAULT;
    if (!head.len)
        return -EINVAL;
    if (n > head.len)
        return -ENOBUFS;
    arg.va += offsetof(struct xen_build_id, buf);
    return copy_to_guest(arg, build_id, n) ? -EFAULT : (long)n;
}

long do_xen_version(uint64_t cmd, uint64_t uarg)
{
    struct xen_platform_parameters params = {.virt_start = HYP_START};
    const struct vcpu *v = current;
    const guest_va_t arg = {uarg};

    switch (cmd) {
    case XENVER_version:
        return ABI_MAJOR << 16 | ABI_MINOR;
    case XENVER_extraversion:
        return give_string(arg, ".0-xenolith", XEN_EXTRAVERSION_LEN);
    case XENVER_compile_info:
        return compile_info(arg);
    case XENVER_capabilities:
        return give_string(arg, "xen-3.0-x86_64 ",
                           XEN_CAPABILITIES_INFO_LEN);
    case XENVER_changeset:
        return give_string(arg, "xenolith-" XEN_VERSION_STRING,
                           XEN_CHANGESET_INFO_LEN);
    case XENVER_platform_parameters:
        return give(arg, &params, sizeof(params));
    case XENVER_get_features:
        return get_features(v, arg);
    case XENVER_pagesize:
        return guest_va_is_null(arg) ? (long)PAGE_SIZE : -EINVAL;
    case XENVER_guest_handle:
        return give(arg, v->domain->handle, sizeof(v->domain->handle));
    case XENVER_commandline:
        if (!v->domain->privileged)
            return -EPERM;
        return give_string(arg, cmdline_saved, sizeof(cmdline_saved));
    case XENVER_build_id:
        if (!v->domain->privileged)
            return -EPERM;
        return get_build_id(arg);
    }
    return -ENOSYS;
}

long do_vm_assist(uint64_t cmd, uint64_t type)
{
    struct domain *d = current->domain;

    if (type >= 32 || !(VM_ASSIST_ALLOWED & 1u << type))
        return -EINVAL;
    switch (cmd) {
    case VMASST_CMD_enable:
        __atomic_fetch_or(&d->vm_assist, 1u << type, __ATOMIC_SEQ_CST);
        return 0;
    case VMASST_CMD_disable:
        __atomic_fetch_and(&d->vm_assist, ~(1u << type), __ATOMIC_SEQ_CST);
        return 0;
    }
    return -ENOSYS;
}
