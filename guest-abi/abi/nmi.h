/* SPDX-License-Identifier: MIT */
/*
 * nmi.h - __HYPERVISOR_nmi_op: a guest asks to hear of NMIs.
 * Keeps true: reasons are bits of arch_shared_info.nmi_reason, set by us.
 */
#ifndef ABI_NMI_H
#define ABI_NMI_H

#include <abi/xen.h>

#define _XEN_NMIREASON_io_error 0
#define XEN_NMIREASON_io_error  (1UL << _XEN_NMIREASON_io_error)
#define _XEN_NMIREASON_pci_serr 1
#define XEN_NMIREASON_pci_serr  (1UL << _XEN_NMIREASON_pci_serr)
#define _XEN_NMIREASON_unknown  2
#define XEN_NMIREASON_unknown   (1UL << _XEN_NMIREASON_unknown)

#define XENNMI_register_callback   0
#define XENNMI_unregister_callback 1

struct xennmi_callback {
    uint64_t handler_address;
    uint64_t pad;
};
typedef struct xennmi_callback xennmi_callback_t;
ABI_LAYOUT(struct xennmi_callback, pad, 8, 16);

#endif
