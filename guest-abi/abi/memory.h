/* SPDX-License-Identifier: MIT */
/*
 * memory.h - __HYPERVISOR_memory_op: frames given, taken, counted, listed.
 * Keeps true: a command has its number in the low six bits; the bits above
 * are ours, and say where a batch goes on.
 */
#ifndef ABI_MEMORY_H
#define ABI_MEMORY_H

#include <abi/physdev.h>
#include <abi/xen.h>

#define XENMEM_increase_reservation       0
#define XENMEM_decrease_reservation       1
#define XENMEM_maximum_ram_page           2
#define XENMEM_current_reservation        3
#define XENMEM_maximum_reservation        4
#define XENMEM_machphys_mfn_list          5
#define XENMEM_populate_physmap           6
#define XENMEM_add_to_physmap             7
#define XENMEM_memory_map                 9
#define XENMEM_machine_memory_map         10
#define XENMEM_exchange                   11
#define XENMEM_machphys_mapping           12
#define XENMEM_set_memory_map             13
#define XENMEM_maximum_gpfn               14
#define XENMEM_remove_from_physmap        15
#define XENMEM_set_pod_target             16
#define XENMEM_get_pod_target             17
#define XENMEM_get_sharing_freed_pages    18
#define XENMEM_get_sharing_shared_pages   19
#define XENMEM_paging_op                  20
#define XENMEM_access_op                  21
#define XENMEM_sharing_op                 22
#define XENMEM_add_to_physmap_batch       23
#define XENMEM_claim_pages                24
#define XENMEM_machphys_compat_mfn_list   25
#define XENMEM_get_vnumainfo              26
#define XENMEM_reserved_device_memory_map 27
#define XENMEM_acquire_resource           28

/* The command's own bits; the rest counts the extents done already. */
#define MEMOP_EXTENT_SHIFT 6
#define MEMOP_CMD_MASK     ((1 << MEMOP_EXTENT_SHIFT) - 1)

/* mem_flags: width of the frames' addresses, and a node. */
#define XENMEMF_address_bits(x)     (x)
#define XENMEMF_get_address_bits(x) ((x) & 0xffU)
#define XENMEMF_node(x)             (((x) + 1) << 8)
#define XENMEMF_get_node(x)         ((((x) >> 8) - 1) & 0xffU)
#define XENMEMF_populate_on_demand  (1 << 16)
#define XENMEMF_exact_node_request  (1 << 17)
#define XENMEMF_exact_node(n)       (XENMEMF_node(n) | XENMEMF_exact_node_request)
#define XENMEMF_vnode               (1 << 18)

/*
 * A list of extents, 2^extent_order frames each. increase: OUT machine
 * frames; decrease: machine frames; populate: pfns in, OUT machine frames.
 */
struct xen_memory_reservation {
    guest_va_t extent_start; /* array of xen_pfn_t; may be 0 for increase */
    xen_ulong_t nr_extents;
    uint32_t extent_order;
    uint32_t mem_flags; /* XENMEMF_ */
    domid_t domid;
};
typedef struct xen_memory_reservation xen_memory_reservation_t;
ABI_LAYOUT(struct xen_memory_reservation, domid, 24, 32);

/* Trades frames for others of the same total: larger extents, or lower. */
struct xen_memory_exchange {
    struct xen_memory_reservation in;  /* machine frames to give back */
    struct xen_memory_reservation out; /* pfns in, OUT machine frames */
    xen_ulong_t nr_exchanged;          /* OUT: extents of `in` used up */
};
typedef struct xen_memory_exchange xen_memory_exchange_t;
ABI_LAYOUT(struct xen_memory_exchange, nr_exchanged, 64, 72);

/* For current_reservation, maximum_reservation and maximum_gpfn. */
struct xen_memory_domain {
    domid_t domid;
};
ABI_LAYOUT(struct xen_memory_domain, domid, 0, 2);

/* The frames, one for each 2 MiB of it, that the M2P table lies in. */
struct xen_machphys_mfn_list {
    uint32_t max_extents;
    guest_va_t extent_start; /* OUT: array of xen_pfn_t */
    uint32_t nr_extents;     /* OUT */
};
typedef struct xen_machphys_mfn_list xen_machphys_mfn_list_t;
ABI_LAYOUT(struct xen_machphys_mfn_list, nr_extents, 16, 24);

/* Where the M2P table stands in every guest. OUT all. */
struct xen_machphys_mapping {
    xen_ulong_t v_start;
    xen_ulong_t v_end;
    xen_ulong_t max_mfn;
};
typedef struct xen_machphys_mapping xen_machphys_mapping_t;
ABI_LAYOUT(struct xen_machphys_mapping, max_mfn, 16, 24);

#define XENMAPSPACE_shared_info  0
#define XENMAPSPACE_grant_table  1
#define XENMAPSPACE_gmfn         2
#define XENMAPSPACE_gmfn_range   3
#define XENMAPSPACE_gmfn_foreign 4
#define XENMAPSPACE_dev_mmio     5
#define XENMAPIDX_grant_table_status 0x80000000U

/* For guests whose frames we translate: puts a page of ours at a pfn. */
struct xen_add_to_physmap {
    domid_t domid;
    uint16_t size;
    uint32_t space; /* XENMAPSPACE_ */
    xen_ulong_t idx;
    xen_pfn_t gpfn;
};
typedef struct xen_add_to_physmap xen_add_to_physmap_t;
ABI_LAYOUT(struct xen_add_to_physmap, idx, 8, 24);

union xen_add_to_physmap_batch_extra {
    domid_t foreign_domid;
    uint16_t res0;
};

struct xen_add_to_physmap_batch {
    domid_t domid;
    uint16_t space;
    uint16_t size; /* entries of the three arrays */
    union xen_add_to_physmap_batch_extra u;
    guest_va_t idxs;
    guest_va_t gpfns;
    guest_va_t errs; /* OUT: int each */
};
typedef struct xen_add_to_physmap_batch xen_add_to_physmap_batch_t;
ABI_LAYOUT(struct xen_add_to_physmap_batch, idxs, 8, 32);

struct xen_remove_from_physmap {
    domid_t domid;
    xen_pfn_t gpfn;
};
typedef struct xen_remove_from_physmap xen_remove_from_physmap_t;
ABI_LAYOUT(struct xen_remove_from_physmap, gpfn, 8, 16);

/* A memory map: e820 entries of 20 bytes. */
struct xen_memory_map {
    uint32_t nr_entries; /* room; OUT: used */
    guest_va_t buffer;
};
typedef struct xen_memory_map xen_memory_map_t;
ABI_LAYOUT(struct xen_memory_map, buffer, 8, 16);

/* One such entry: address and length in bytes, type as in the PC's e820. */
struct e820entry {
    uint64_t addr;
    uint64_t size;
    uint32_t type;
} __attribute__((__packed__));
ABI_LAYOUT(struct e820entry, type, 16, 20);

/* The map that another domain will be told. */
struct xen_foreign_memory_map {
    domid_t domid;
    struct xen_memory_map map;
};
typedef struct xen_foreign_memory_map xen_foreign_memory_map_t;
ABI_LAYOUT(struct xen_foreign_memory_map, map, 8, 24);

/* Populate on demand, which is not for PV domains. */
struct xen_pod_target {
    uint64_t target_pages;
    uint64_t tot_pages;
    uint64_t pod_cache_pages;
    uint64_t pod_entries;
    domid_t domid;
};
typedef struct xen_pod_target xen_pod_target_t;
ABI_LAYOUT(struct xen_pod_target, domid, 32, 40);

/* Frames that a device needs mapped at their own number. */
struct xen_reserved_device_memory {
    xen_pfn_t start_pfn;
    xen_ulong_t nr_pages;
};
typedef struct xen_reserved_device_memory xen_reserved_device_memory_t;
ABI_LAYOUT(struct xen_reserved_device_memory, nr_pages, 8, 16);

#define XENMEM_RDM_ALL 1
struct xen_reserved_device_memory_map {
    uint32_t flags;
    uint32_t nr_entries;
    guest_va_t buffer;
    union {
        physdev_pci_device_t pci;
    } dev;
};
typedef struct xen_reserved_device_memory_map
    xen_reserved_device_memory_map_t;
ABI_LAYOUT(struct xen_reserved_device_memory_map, buffer, 8, 24);

#define XENMEM_resource_ioreq_server          0
#define XENMEM_resource_grant_table           1
#define XENMEM_resource_vmtrace_buf           2
#define XENMEM_resource_grant_table_id_shared 0
#define XENMEM_resource_grant_table_id_status 1

/* Frames of ours that belong to another domain, for a tool to map. */
struct xen_mem_acquire_resource {
    domid_t domid;
    uint16_t type; /* XENMEM_resource_ */
    uint32_t id;
    uint32_t nr_frames; /* 0 asks how many there are: OUT */
    uint32_t pad;
    uint64_t frame;        /* first one wanted */
    guest_va_t frame_list; /* OUT: array of xen_pfn_t */
};
typedef struct xen_mem_acquire_resource xen_mem_acquire_resource_t;
ABI_LAYOUT(struct xen_mem_acquire_resource, frame_list, 24, 32);

/* Virtual NUMA, as XEN_DOMCTL_setvnumainfo tells it. */
struct xen_vmemrange {
    uint64_t start; /* bytes */
    uint64_t end;
    uint32_t flags;
    uint32_t nid;
};
typedef struct xen_vmemrange xen_vmemrange_t;
ABI_LAYOUT(struct xen_vmemrange, nid, 20, 24);

struct xen_vnuma_topology_info {
    domid_t domid;
    uint16_t pad;
    uint32_t nr_vnodes; /* room; OUT: needed */
    uint32_t nr_vcpus;
    uint32_t nr_vmemranges;
    union {
        guest_va_t h;
        uint64_t pad;
    } vdistance;
    union {
        guest_va_t h;
        uint64_t pad;
    } vcpu_to_vnode;
    union {
        guest_va_t h;
        uint64_t pad;
    } vmemrange;
};
typedef struct xen_vnuma_topology_info xen_vnuma_topology_info_t;
ABI_LAYOUT(struct xen_vnuma_topology_info, vdistance, 16, 40);

#endif
