/* SPDX-License-Identifier: MIT */
/*
 * version.h - __HYPERVISOR_xen_version: who answers, and what it can do.
 * Keeps true: strings end in a zero byte inside their array; all structures
 * are written by us, save the fields named otherwise.
 */
#ifndef ABI_VERSION_H
#define ABI_VERSION_H

#include <abi/features.h>
#include <abi/xen.h>

#define XENVER_version             0 /* result: major << 16 | minor */
#define XENVER_extraversion        1
#define XENVER_compile_info        2
#define XENVER_capabilities        3
#define XENVER_changeset           4
#define XENVER_platform_parameters 5
#define XENVER_get_features        6
#define XENVER_pagesize            7 /* result: bytes */
#define XENVER_guest_handle        8 /* xen_domain_handle_t of the caller */
#define XENVER_commandline         9
#define XENVER_build_id            10

typedef char xen_extraversion_t[16];
#define XEN_EXTRAVERSION_LEN (sizeof(xen_extraversion_t))

struct xen_compile_info {
    char compiler[64];
    char compile_by[16];
    char compile_domain[32];
    char compile_date[32];
};
typedef struct xen_compile_info xen_compile_info_t;
ABI_LAYOUT(struct xen_compile_info, compile_domain, 80, 144);

typedef char xen_capabilities_info_t[1024];
#define XEN_CAPABILITIES_INFO_LEN (sizeof(xen_capabilities_info_t))

typedef char xen_changeset_info_t[64];
#define XEN_CHANGESET_INFO_LEN (sizeof(xen_changeset_info_t))

struct xen_platform_parameters {
    xen_ulong_t virt_start; /* first address that is not the guest's */
};
typedef struct xen_platform_parameters xen_platform_parameters_t;
ABI_LAYOUT(struct xen_platform_parameters, virt_start, 0, 8);

struct xen_feature_info {
    uint32_t submap_idx; /* guest: which word */
    uint32_t submap;     /* its bits, XENFEAT_ */
};
typedef struct xen_feature_info xen_feature_info_t;
ABI_LAYOUT(struct xen_feature_info, submap, 4, 8);

typedef char xen_commandline_t[1024];

/* A null pointer asks for the length alone, as the call's result. */
struct xen_build_id {
    uint32_t len; /* guest: room in buf */
    unsigned char buf[];
};
typedef struct xen_build_id xen_build_id_t;
ABI_LAYOUT(struct xen_build_id, buf, 4, 4);

#endif
