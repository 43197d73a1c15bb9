/* SPDX-License-Identifier: MIT */
/*
 * grant_table.h - __HYPERVISOR_grant_table_op: letting others at one's pages.
 * Keeps true: table entries are written by the granting guest, except the
 * reading/writing (in use) bits, which are ours. OUT fields are ours.
 */
#ifndef ABI_GRANT_TABLE_H
#define ABI_GRANT_TABLE_H

#include <abi/xen.h>

typedef uint32_t grant_ref_t;    /* index of an entry */
typedef uint32_t grant_handle_t; /* names a mapping to its unmap */
typedef uint16_t grant_status_t; /* version 2: in-use bits, on own pages */

/* The first entries are filled by the tools before the guest runs. */
#define GNTTAB_NR_RESERVED_ENTRIES 8
#define GNTTAB_RESERVED_CONSOLE    0
#define GNTTAB_RESERVED_XENSTORE   1

/* flags of an entry: its kind, */
#define GTF_invalid         (0U << 0)
#define GTF_permit_access   (1U << 0)
#define GTF_accept_transfer (2U << 0)
#define GTF_transitive      (3U << 0)
#define GTF_type_mask       (3U << 0)
/* and, of an access entry, what is allowed, and (ours) what happens now. */
#define _GTF_readonly 2
#define GTF_readonly  (1U << _GTF_readonly)
#define _GTF_reading  3
#define GTF_reading   (1U << _GTF_reading)
#define _GTF_writing  4
#define GTF_writing   (1U << _GTF_writing)
#define _GTF_PWT      5
#define GTF_PWT       (1U << _GTF_PWT)
#define _GTF_PCD      6
#define GTF_PCD       (1U << _GTF_PCD)
#define _GTF_PAT      7
#define GTF_PAT       (1U << _GTF_PAT)
#define _GTF_sub_page 8
#define GTF_sub_page  (1U << _GTF_sub_page)
/* Of a transfer entry (ours): on the way, and done. */
#define _GTF_transfer_committed 2
#define GTF_transfer_committed  (1U << _GTF_transfer_committed)
#define _GTF_transfer_completed 3
#define GTF_transfer_completed  (1U << _GTF_transfer_completed)

/* Version 1 of an entry. */
struct grant_entry_v1 {
    uint16_t flags; /* GTF_ */
    domid_t domid;  /* to whom */
    uint32_t frame; /* which frame */
};
typedef struct grant_entry_v1 grant_entry_v1_t;
ABI_LAYOUT(struct grant_entry_v1, frame, 4, 8);

/* What all forms of a version 2 entry begin with. */
struct grant_entry_header {
    uint16_t flags;
    domid_t domid;
};
typedef struct grant_entry_header grant_entry_header_t;
ABI_LAYOUT(struct grant_entry_header, domid, 2, 4);

/* Version 2 of an entry: wide frames, parts of pages, grants of grants. */
union grant_entry_v2 {
    grant_entry_header_t hdr;
    struct {
        grant_entry_header_t hdr;
        uint32_t pad0;
        uint64_t frame;
    } full_page;
    struct {
        grant_entry_header_t hdr;
        uint16_t page_off; /* bytes */
        uint16_t length;   /* bytes */
        uint64_t frame;
    } sub_page; /* for GNTTABOP_copy alone */
    struct {
        grant_entry_header_t hdr;
        domid_t trans_domid; /* whose entry is meant */
        uint16_t pad0;
        grant_ref_t gref;
    } transitive; /* for GNTTABOP_copy alone */
    uint32_t __spacer[4];
};
typedef union grant_entry_v2 grant_entry_v2_t;
ABI_SIZE(union grant_entry_v2, 16);

#define GNTTABOP_map_grant_ref     0
#define GNTTABOP_unmap_grant_ref   1
#define GNTTABOP_setup_table       2
#define GNTTABOP_dump_table        3
#define GNTTABOP_transfer          4
#define GNTTABOP_copy              5
#define GNTTABOP_query_size        6
#define GNTTABOP_unmap_and_replace 7
#define GNTTABOP_set_version       8
#define GNTTABOP_get_status_frames 9
#define GNTTABOP_get_version       10
#define GNTTABOP_swap_grant_ref    11
#define GNTTABOP_cache_flush       12

/* flags of a mapping. */
#define _GNTMAP_device_map      0 /* for a device: an IOMMU address */
#define GNTMAP_device_map       (1 << _GNTMAP_device_map)
#define _GNTMAP_host_map        1 /* for the processor */
#define GNTMAP_host_map         (1 << _GNTMAP_host_map)
#define _GNTMAP_readonly        2
#define GNTMAP_readonly         (1 << _GNTMAP_readonly)
#define _GNTMAP_application_map 3 /* user code may touch it too */
#define GNTMAP_application_map  (1 << _GNTMAP_application_map)
#define _GNTMAP_contains_pte    4 /* host_addr: machine address of an L1e */
#define GNTMAP_contains_pte     (1 << _GNTMAP_contains_pte)
#define _GNTMAP_guest_avail0    16 /* to the entry's available bits */
#define GNTMAP_guest_avail_mask ((uint32_t)~0 << _GNTMAP_guest_avail0)

/* Maps an entry of dom where host_addr says. */
struct gnttab_map_grant_ref {
    uint64_t host_addr;
    uint32_t flags; /* GNTMAP_ */
    grant_ref_t ref;
    domid_t dom;
    int16_t status;        /* OUT: GNTST_ */
    grant_handle_t handle; /* OUT */
    uint64_t dev_bus_addr; /* OUT */
};
typedef struct gnttab_map_grant_ref gnttab_map_grant_ref_t;
ABI_LAYOUT(struct gnttab_map_grant_ref, handle, 20, 32);

/* Ends a mapping; addresses that are 0 are left alone. */
struct gnttab_unmap_grant_ref {
    uint64_t host_addr;
    uint64_t dev_bus_addr;
    grant_handle_t handle;
    int16_t status; /* OUT */
};
typedef struct gnttab_unmap_grant_ref gnttab_unmap_grant_ref_t;
ABI_LAYOUT(struct gnttab_unmap_grant_ref, handle, 16, 24);

/* Makes the table at least nr_frames long and tells its frames. */
struct gnttab_setup_table {
    domid_t dom;
    uint32_t nr_frames;
    int16_t status;        /* OUT */
    guest_va_t frame_list; /* OUT: array of xen_pfn_t */
};
typedef struct gnttab_setup_table gnttab_setup_table_t;
ABI_LAYOUT(struct gnttab_setup_table, frame_list, 16, 24);

/* Prints a table to the log. */
struct gnttab_dump_table {
    domid_t dom;
    int16_t status; /* OUT */
};
typedef struct gnttab_dump_table gnttab_dump_table_t;
ABI_LAYOUT(struct gnttab_dump_table, status, 2, 4);

/* Gives a frame away to a waiting accept_transfer entry. */
struct gnttab_transfer {
    xen_pfn_t mfn;
    domid_t domid;
    grant_ref_t ref;
    int16_t status; /* OUT */
};
typedef struct gnttab_transfer gnttab_transfer_t;
ABI_LAYOUT(struct gnttab_transfer, ref, 12, 24);

#define _GNTCOPY_source_gref 0 /* source is a reference, not a frame */
#define GNTCOPY_source_gref  (1 << _GNTCOPY_source_gref)
#define _GNTCOPY_dest_gref   1
#define GNTCOPY_dest_gref    (1 << _GNTCOPY_dest_gref)

struct gnttab_copy_ptr {
    union {
        grant_ref_t ref;
        xen_pfn_t gmfn;
    } u;
    domid_t domid;
    uint16_t offset; /* bytes into the page */
};

/* Copies inside one page, between domains or one's own pages. */
struct gnttab_copy {
    struct gnttab_copy_ptr source;
    struct gnttab_copy_ptr dest;
    uint16_t len;   /* bytes */
    uint16_t flags; /* GNTCOPY_ */
    int16_t status; /* OUT */
};
typedef struct gnttab_copy gnttab_copy_t;
ABI_LAYOUT(struct gnttab_copy, len, 32, 40);

struct gnttab_query_size {
    domid_t dom;
    uint32_t nr_frames;     /* OUT: now */
    uint32_t max_nr_frames; /* OUT: at most */
    int16_t status;         /* OUT */
};
typedef struct gnttab_query_size gnttab_query_size_t;
ABI_LAYOUT(struct gnttab_query_size, status, 12, 16);

/* Ends a mapping and moves the entry of new_addr in its place. */
struct gnttab_unmap_and_replace {
    uint64_t host_addr;
    uint64_t new_addr;
    grant_handle_t handle;
    int16_t status; /* OUT */
};
typedef struct gnttab_unmap_and_replace gnttab_unmap_and_replace_t;
ABI_LAYOUT(struct gnttab_unmap_and_replace, handle, 16, 24);

struct gnttab_set_version {
    uint32_t version; /* 1 or 2; OUT: the one in use now */
};
typedef struct gnttab_set_version gnttab_set_version_t;
ABI_LAYOUT(struct gnttab_set_version, version, 0, 4);

/* Tells the frames of the in-use bits of a version 2 table. */
struct gnttab_get_status_frames {
    uint32_t nr_frames;
    domid_t dom;
    int16_t status;        /* OUT */
    guest_va_t frame_list; /* OUT: array of uint64_t */
};
typedef struct gnttab_get_status_frames gnttab_get_status_frames_t;
ABI_LAYOUT(struct gnttab_get_status_frames, frame_list, 8, 16);

struct gnttab_get_version {
    domid_t dom;
    uint16_t pad;
    uint32_t version; /* OUT */
};
typedef struct gnttab_get_version gnttab_get_version_t;
ABI_LAYOUT(struct gnttab_get_version, version, 4, 8);

/* Swaps two unused entries of the caller. */
struct gnttab_swap_grant_ref {
    grant_ref_t ref_a;
    grant_ref_t ref_b;
    int16_t status; /* OUT */
};
typedef struct gnttab_swap_grant_ref gnttab_swap_grant_ref_t;
ABI_LAYOUT(struct gnttab_swap_grant_ref, status, 8, 12);

#define GNTTAB_CACHE_CLEAN       (1U << 0)
#define GNTTAB_CACHE_INVAL       (1U << 1)
#define GNTTAB_CACHE_SOURCE_GREF (1U << 31)

/* For machines whose devices do not see the caches; x86 has none. */
struct gnttab_cache_flush {
    union {
        uint64_t dev_bus_addr;
        grant_ref_t ref;
    } a;
    uint16_t offset;
    uint16_t length;
    uint32_t op; /* GNTTAB_CACHE_ */
};
typedef struct gnttab_cache_flush gnttab_cache_flush_t;
ABI_LAYOUT(struct gnttab_cache_flush, op, 12, 16);

/* status of one operation. */
#define GNTST_okay              0
#define GNTST_general_error     (-1)
#define GNTST_bad_domain        (-2)
#define GNTST_bad_gntref        (-3)
#define GNTST_bad_handle        (-4)
#define GNTST_bad_virt_addr     (-5)
#define GNTST_bad_dev_addr      (-6)
#define GNTST_no_device_space   (-7)
#define GNTST_permission_denied (-8)
#define GNTST_bad_page          (-9)
#define GNTST_bad_copy_arg      (-10)
#define GNTST_address_too_big   (-11)
#define GNTST_eagain            (-12)
#define GNTST_no_space          (-13)

#endif
