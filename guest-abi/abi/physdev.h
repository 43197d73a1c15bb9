/* SPDX-License-Identifier: MIT */
/*
 * physdev.h - __HYPERVISOR_physdev_op: interrupts, ports and PCI for Dom0.
 * Keeps true: every structure is the whole argument of its PHYSDEVOP; a pirq
 * is a domain's own name for an interrupt, a GSI is the machine's.
 */
#ifndef ABI_PHYSDEV_H
#define ABI_PHYSDEV_H

#include <abi/xen.h>

#define PHYSDEVOP_IRQ_UNMASK_NOTIFY 4
#define PHYSDEVOP_irq_status_query  5
#define PHYSDEVOP_set_iopl          6
#define PHYSDEVOP_set_iobitmap      7
#define PHYSDEVOP_apic_read         8
#define PHYSDEVOP_apic_write        9
#define PHYSDEVOP_alloc_irq_vector  10
#define PHYSDEVOP_free_irq_vector   11
#define PHYSDEVOP_eoi               12
#define PHYSDEVOP_map_pirq          13
#define PHYSDEVOP_unmap_pirq        14
#define PHYSDEVOP_manage_pci_add    15
#define PHYSDEVOP_manage_pci_remove 16
#define PHYSDEVOP_pirq_eoi_gmfn_v1  17
#define PHYSDEVOP_restore_msi       19
#define PHYSDEVOP_manage_pci_add_ext 20
#define PHYSDEVOP_setup_gsi         21
#define PHYSDEVOP_get_free_pirq     23
#define PHYSDEVOP_pci_mmcfg_reserved 24
#define PHYSDEVOP_pci_device_add    25
#define PHYSDEVOP_pci_device_remove 26
#define PHYSDEVOP_restore_msi_ext   27
#define PHYSDEVOP_pirq_eoi_gmfn_v2  28
#define PHYSDEVOP_dbgp_op           29
#define PHYSDEVOP_prepare_msix      30
#define PHYSDEVOP_release_msix      31
#define PHYSDEVOP_pirq_eoi_gmfn     PHYSDEVOP_pirq_eoi_gmfn_v2

/* The guest has dealt with a level interrupt. */
struct physdev_eoi {
    uint32_t irq;
};
typedef struct physdev_eoi physdev_eoi_t;
ABI_LAYOUT(struct physdev_eoi, irq, 0, 4);

/* A page of bits, one a pirq: this one needs an eoi. We write it. */
struct physdev_pirq_eoi_gmfn {
    xen_pfn_t gmfn;
};
typedef struct physdev_pirq_eoi_gmfn physdev_pirq_eoi_gmfn_t;
ABI_LAYOUT(struct physdev_pirq_eoi_gmfn, gmfn, 0, 8);

#define _XENIRQSTAT_needs_eoi 0
#define XENIRQSTAT_needs_eoi  (1U << _XENIRQSTAT_needs_eoi)
#define _XENIRQSTAT_shared    1
#define XENIRQSTAT_shared     (1U << _XENIRQSTAT_shared)

struct physdev_irq_status_query {
    uint32_t irq;
    uint32_t flags; /* OUT: XENIRQSTAT_ */
};
typedef struct physdev_irq_status_query physdev_irq_status_query_t;
ABI_LAYOUT(struct physdev_irq_status_query, flags, 4, 8);

/* Which privilege the caller's port accesses and IF changes need. */
struct physdev_set_iopl {
    uint32_t iopl; /* 0 to 3; the guest kernel counts as ring 1 */
};
typedef struct physdev_set_iopl physdev_set_iopl_t;
ABI_LAYOUT(struct physdev_set_iopl, iopl, 0, 4);

/* Ports that user code may touch: bit clear. */
struct physdev_set_iobitmap {
    guest_va_t bitmap;
    uint32_t nr_ports;
};
typedef struct physdev_set_iobitmap physdev_set_iobitmap_t;
ABI_LAYOUT(struct physdev_set_iobitmap, nr_ports, 8, 16);

/* One register of an IO-APIC. */
struct physdev_apic {
    uint64_t apic_physbase; /* machine address */
    uint32_t reg;
    uint32_t value; /* read: OUT */
};
typedef struct physdev_apic physdev_apic_t;
ABI_LAYOUT(struct physdev_apic, reg, 8, 16);

struct physdev_irq {
    uint32_t irq;
    uint32_t vector; /* OUT */
};
typedef struct physdev_irq physdev_irq_t;
ABI_LAYOUT(struct physdev_irq, vector, 4, 8);

#define MAP_PIRQ_TYPE_MSI       0x0
#define MAP_PIRQ_TYPE_GSI       0x1
#define MAP_PIRQ_TYPE_UNKNOWN   0x2
#define MAP_PIRQ_TYPE_MSI_SEG   0x3
#define MAP_PIRQ_TYPE_MULTI_MSI 0x4

/* Gives an interrupt of the machine a pirq in a domain. */
struct physdev_map_pirq {
    domid_t domid;
    int32_t type;        /* MAP_PIRQ_TYPE_ */
    int32_t index;       /* GSI; -1 for message interrupts */
    int32_t pirq;        /* -1: choose; OUT */
    int32_t bus;         /* and segment << 16 */
    int32_t devfn;       /* message interrupts: whose */
    int32_t entry_nr;    /* MSI-X entry, or how many messages; OUT: got */
    uint64_t table_base; /* MSI-X table, machine address; 0: plain MSI */
};
typedef struct physdev_map_pirq physdev_map_pirq_t;
ABI_LAYOUT(struct physdev_map_pirq, table_base, 32, 40);

struct physdev_unmap_pirq {
    domid_t domid;
    int32_t pirq;
};
typedef struct physdev_unmap_pirq physdev_unmap_pirq_t;
ABI_LAYOUT(struct physdev_unmap_pirq, pirq, 4, 8);

/* Older forms of the pci_device calls, for segment 0. */
struct physdev_manage_pci {
    uint8_t bus;
    uint8_t devfn;
};
typedef struct physdev_manage_pci physdev_manage_pci_t;
ABI_LAYOUT(struct physdev_manage_pci, devfn, 1, 2);

struct physdev_restore_msi {
    uint8_t bus;
    uint8_t devfn;
};
typedef struct physdev_restore_msi physdev_restore_msi_t;
ABI_LAYOUT(struct physdev_restore_msi, devfn, 1, 2);

struct physdev_manage_pci_ext {
    uint8_t bus;
    uint8_t devfn;
    uint32_t is_extfn;
    uint32_t is_virtfn;
    struct {
        uint8_t bus;
        uint8_t devfn;
    } physfn;
};
typedef struct physdev_manage_pci_ext physdev_manage_pci_ext_t;
ABI_LAYOUT(struct physdev_manage_pci_ext, physfn, 12, 16);

/* Argument of the old call 19: command and argument in one. */
struct physdev_op {
    uint32_t cmd;
    union {
        physdev_irq_status_query_t irq_status_query;
        physdev_set_iopl_t set_iopl;
        physdev_set_iobitmap_t set_iobitmap;
        physdev_apic_t apic_op;
        physdev_irq_t irq_op;
    } u;
};
typedef struct physdev_op physdev_op_t;
ABI_LAYOUT(struct physdev_op, u, 8, 24);

/* How a line is wired, as ACPI told Dom0. */
struct physdev_setup_gsi {
    int32_t gsi;
    uint8_t triggering; /* 0 edge, 1 level */
    uint8_t polarity;   /* 0 active high, 1 active low */
};
typedef struct physdev_setup_gsi physdev_setup_gsi_t;
ABI_LAYOUT(struct physdev_setup_gsi, triggering, 4, 8);

struct physdev_get_free_pirq {
    int32_t type;  /* MAP_PIRQ_TYPE_ */
    uint32_t pirq; /* OUT */
};
typedef struct physdev_get_free_pirq physdev_get_free_pirq_t;
ABI_LAYOUT(struct physdev_get_free_pirq, pirq, 4, 8);

/* Dom0 found this configuration window free to use. */
#define XEN_PCI_MMCFG_RESERVED 0x1
struct physdev_pci_mmcfg_reserved {
    uint64_t address;
    uint16_t segment;
    uint8_t start_bus;
    uint8_t end_bus;
    uint32_t flags;
};
typedef struct physdev_pci_mmcfg_reserved physdev_pci_mmcfg_reserved_t;
ABI_LAYOUT(struct physdev_pci_mmcfg_reserved, flags, 12, 16);

#define XEN_PCI_DEV_EXTFN  0x1
#define XEN_PCI_DEV_VIRTFN 0x2 /* physfn says of whom */
#define XEN_PCI_DEV_PXM    0x4 /* optarr[0] is its proximity */

/* Dom0 found a device. */
struct physdev_pci_device_add {
    uint16_t seg;
    uint8_t bus;
    uint8_t devfn;
    uint32_t flags; /* XEN_PCI_DEV_ */
    struct {
        uint8_t bus;
        uint8_t devfn;
    } physfn;
    uint32_t optarr[];
};
typedef struct physdev_pci_device_add physdev_pci_device_add_t;
ABI_LAYOUT(struct physdev_pci_device_add, optarr, 12, 12);

/* For remove, restore_msi_ext, prepare_msix and release_msix. */
struct physdev_pci_device {
    uint16_t seg;
    uint8_t bus;
    uint8_t devfn;
};
typedef struct physdev_pci_device physdev_pci_device_t;
ABI_LAYOUT(struct physdev_pci_device, devfn, 3, 4);

#define PHYSDEVOP_DBGP_RESET_PREPARE 1
#define PHYSDEVOP_DBGP_RESET_DONE    2
#define PHYSDEVOP_DBGP_BUS_UNKNOWN   0
#define PHYSDEVOP_DBGP_BUS_PCI       1

/* Dom0 is about to reset, or has reset, a USB debug port's controller. */
struct physdev_dbgp_op {
    uint8_t op;
    uint8_t bus;
    union {
        physdev_pci_device_t pci;
    } u;
};
typedef struct physdev_dbgp_op physdev_dbgp_op_t;
ABI_LAYOUT(struct physdev_dbgp_op, u, 2, 6);

#endif
