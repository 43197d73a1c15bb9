/* SPDX-License-Identifier: MIT */
/*
 * mca.h - __HYPERVISOR_mca: Dom0 fetches what the machine-check banks said.
 * Keeps true: a record is kept until Dom0 acknowledges it by its id; VIRQ_MCA
 * tells that there are new ones.
 */
#ifndef ABI_MCA_H
#define ABI_MCA_H

#include <abi/xen.h>

#define __HYPERVISOR_mca          __HYPERVISOR_arch_0
#define XEN_MCA_INTERFACE_VERSION 0x01ecc003

/* A record is a row of entries, each of which begins with this. */
#define MC_TYPE_GLOBAL   0
#define MC_TYPE_BANK     1
#define MC_TYPE_EXTENDED 2
#define MC_TYPE_RECOVERY 3

struct mcinfo_common {
    uint16_t type; /* MC_TYPE_ */
    uint16_t size; /* bytes of this entry: the next one is behind it */
};
typedef struct mcinfo_common xen_mcinfo_common_t;
ABI_LAYOUT(struct mcinfo_common, size, 2, 4);

/* How it was found, and what it means. */
#define MC_FLAG_CORRECTABLE   1
#define MC_FLAG_UNCORRECTABLE 2
#define MC_FLAG_RECOVERABLE   4
#define MC_FLAG_POLLED        8
#define MC_FLAG_RESET         16 /* left from before the machine's reset */
#define MC_FLAG_CMCI          32 /* told by an interrupt */
#define MC_FLAG_MCE           64 /* told by a machine-check exception */

#define XEN_MC_VCPUID_INVALID 0xffff

/* MC_TYPE_GLOBAL: where, and who ran there. */
struct mcinfo_global {
    xen_mcinfo_common_t common;
    uint16_t mc_domid;
    uint16_t mc_vcpuid;
    uint32_t mc_socketid;
    uint16_t mc_coreid;
    uint16_t mc_core_threadid;
    uint32_t mc_apicid;
    uint32_t mc_flags;   /* MC_FLAG_ */
    uint64_t mc_gstatus; /* MSR 0x17a */
};
ABI_LAYOUT(struct mcinfo_global, mc_gstatus, 24, 32);

/* MC_TYPE_BANK: one bank's registers. */
struct mcinfo_bank {
    xen_mcinfo_common_t common;
    uint16_t mc_bank;
    uint16_t mc_domid; /* owner of the frame at mc_addr, if known */
    uint64_t mc_status;
    uint64_t mc_addr; /* valid if a bit of mc_status says so, as mc_misc */
    uint64_t mc_misc;
    uint64_t mc_ctrl2;
    uint64_t mc_tsc; /* when it was read */
};
ABI_LAYOUT(struct mcinfo_bank, mc_tsc, 40, 48);

struct mcinfo_msr {
    uint64_t reg;
    uint64_t value;
};
typedef struct mcinfo_msr xen_mcinfo_msr_t;
ABI_LAYOUT(struct mcinfo_msr, value, 8, 16);

/* MC_TYPE_EXTENDED: other registers. */
struct mcinfo_extended {
    xen_mcinfo_common_t common;
    uint32_t mc_msrs; /* how many of mc_msr are filled */
    xen_mcinfo_msr_t mc_msr[32];
};
ABI_LAYOUT(struct mcinfo_extended, mc_msr, 8, 520);

/* MC_TYPE_RECOVERY: what was done about it. */
#define REC_ACTION_RECOVERED   1
#define REC_ACTION_NONE        2
#define REC_ACTION_NEED_RESET  4
#define MC_ACTION_PAGE_OFFLINE 1
#define MC_ACTION_CPU_OFFLINE  2
#define MC_ACTION_CACHE_SHRINK 4

struct page_offline_action {
    uint64_t mfn;
    uint64_t status;
};
typedef struct page_offline_action xen_page_offline_action_t;
ABI_LAYOUT(struct page_offline_action, status, 8, 16);

struct cpu_offline_action {
    uint32_t mc_socketid;
    uint16_t mc_coreid;
    uint16_t mc_core_threadid;
};
typedef struct cpu_offline_action xen_cpu_offline_action_t;
ABI_LAYOUT(struct cpu_offline_action, mc_core_threadid, 6, 8);

#define MAX_UNION_SIZE 16
struct mcinfo_recovery {
    xen_mcinfo_common_t common;
    uint16_t mc_bank;
    uint8_t action_flags; /* REC_ACTION_ */
    uint8_t action_types; /* MC_ACTION_ */
    union {
        xen_page_offline_action_t page_retire;
        xen_cpu_offline_action_t cpu_offline;
        uint8_t pad[MAX_UNION_SIZE];
    } action_info;
};
ABI_LAYOUT(struct mcinfo_recovery, action_info, 8, 24);

/* A record. What is behind the last entry is 0. */
#define MCINFO_HYPERCALLSIZE    1024
#define MCINFO_MAXSIZE          768
#define MCINFO_FLAGS_UNCOMPLETE 1
struct mc_info {
    uint32_t mi_nentries;
    uint32_t flags; /* MCINFO_FLAGS_ */
    uint64_t mi_data[(MCINFO_MAXSIZE - 1) / 8];
};
typedef struct mc_info mc_info_t;
ABI_LAYOUT(struct mc_info, mi_data, 8, 768);

/* One processor. */
#define __MC_MSR_ARRAYSIZE 8
#define MC_NCAPS           7
#define MC_CAPS_STD_EDX    0 /* CPUID 1 */
#define MC_CAPS_AMD_EDX    1 /* CPUID 0x80000001 */
#define MC_CAPS_TM         2
#define MC_CAPS_LINUX      3
#define MC_CAPS_STD_ECX    4
#define MC_CAPS_VIA        5
#define MC_CAPS_AMD_ECX    6

struct mcinfo_logical_cpu {
    uint32_t mc_cpunr;
    uint32_t mc_chipid; /* package */
    uint16_t mc_coreid;
    uint16_t mc_threadid;
    uint32_t mc_apicid;
    uint32_t mc_clusterid;
    uint32_t mc_ncores; /* in a package */
    uint32_t mc_ncores_active;
    uint32_t mc_nthreads;   /* in a core */
    int32_t mc_cpuid_level; /* highest leaf */
    uint32_t mc_family;
    uint32_t mc_vendor; /* as Linux counts: 0 Intel, 2 AMD, 9 Hygon */
    uint32_t mc_model;
    uint32_t mc_step;
    char mc_vendorid[16];
    char mc_brandid[64];
    uint32_t mc_cpu_caps[MC_NCAPS];
    uint32_t mc_cache_size;
    uint32_t mc_cache_alignment;
    int32_t mc_nmsrvals; /* how many of mc_msrvalues are filled */
    xen_mcinfo_msr_t mc_msrvalues[__MC_MSR_ARRAYSIZE];
};
typedef struct mcinfo_logical_cpu xen_mc_logical_cpu_t;
ABI_LAYOUT(struct mcinfo_logical_cpu, mc_msrvalues, 176, 304);

/* The oldest record of one kind; or, with XEN_MC_ACK, forget this one. */
#define XEN_MC_fetch        1
#define XEN_MC_NONURGENT    1 /* IN: found by looking */
#define XEN_MC_URGENT       2 /* IN: told by an exception */
#define XEN_MC_ACK          4 /* IN */
#define XEN_MC_OK           0 /* OUT */
#define XEN_MC_FETCHFAILED  1 /* OUT */
#define XEN_MC_NODATA       2 /* OUT */
#define XEN_MC_NOMATCH      4 /* OUT */
#define XEN_MC_CANNOTHANDLE 8
#define XEN_MC_NOTDELIVERED 16
struct xen_mc_fetch {
    uint32_t flags;
    uint32_t _pad0;
    uint64_t fetch_id; /* OUT; IN with XEN_MC_ACK */
    guest_va_t data;   /* struct mc_info */
};
typedef struct xen_mc_fetch xen_mc_fetch_t;
ABI_LAYOUT(struct xen_mc_fetch, data, 16, 24);

#define XEN_MC_notifydomain 2
struct xen_mc_notifydomain {
    uint16_t mc_domid;
    uint16_t mc_vcpuid;
    uint32_t flags;
};
typedef struct xen_mc_notifydomain xen_mc_notifydomain_t;
ABI_LAYOUT(struct xen_mc_notifydomain, flags, 4, 8);

/* The processors; without a list, their number alone. */
#define XEN_MC_physcpuinfo 3
struct xen_mc_physcpuinfo {
    uint32_t ncpus; /* IN: room; OUT: how many */
    uint32_t _pad0;
    guest_va_t info; /* of struct mcinfo_logical_cpu */
};
typedef struct xen_mc_physcpuinfo xen_mc_physcpuinfo_t;
ABI_LAYOUT(struct xen_mc_physcpuinfo, info, 8, 16);

/* For trying it out. */
#define XEN_MC_msrinject      4
#define MC_MSRINJ_MAXMSRS     8
#define MC_MSRINJ_F_INTERPOSE 1
#define MC_MSRINJ_F_GPADDR    2
struct xen_mc_msrinject {
    uint32_t mcinj_cpunr;
    uint32_t mcinj_flags;
    uint32_t mcinj_count;
    domid_t mcinj_domid;
    uint16_t _pad0;
    xen_mcinfo_msr_t mcinj_msr[MC_MSRINJ_MAXMSRS];
};
typedef struct xen_mc_msrinject xen_mc_msrinject_t;
ABI_LAYOUT(struct xen_mc_msrinject, mcinj_msr, 16, 144);

#define XEN_MC_mceinject 5
struct xen_mc_mceinject {
    uint32_t mceinj_cpunr;
};
typedef struct xen_mc_mceinject xen_mc_mceinject_t;
ABI_LAYOUT(struct xen_mc_mceinject, mceinj_cpunr, 0, 4);

#define XEN_MC_inject_v2 6

/* The argument of the call. */
struct xen_mc {
    uint32_t cmd; /* XEN_MC_ */
    uint32_t interface_version;
    union {
        xen_mc_fetch_t mc_fetch;
        xen_mc_notifydomain_t mc_notifydomain;
        xen_mc_physcpuinfo_t mc_physcpuinfo;
        xen_mc_msrinject_t mc_msrinject;
        xen_mc_mceinject_t mc_mceinject;
    } u;
};
typedef struct xen_mc xen_mc_t;
ABI_LAYOUT(struct xen_mc, u, 8, 152);

#endif
