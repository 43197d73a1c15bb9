/* SPDX-License-Identifier: MIT */
/*
 * sysctl.h - __HYPERVISOR_sysctl: the tools ask and set what concerns the
 * whole machine.
 * Keeps true: the argument is always a whole xen_sysctl of 136 bytes, whose
 * version must match. Written by the tool; OUT fields by us. Of a list, the
 * count says how much room there is, and OUT how many there are.
 */
#ifndef ABI_SYSCTL_H
#define ABI_SYSCTL_H

#include <abi/domctl.h>
#include <abi/physdev.h>
#include <abi/xen.h>

#define XEN_SYSCTL_INTERFACE_VERSION 0x00000015

#define XEN_SYSCTL_readconsole            1
#define XEN_SYSCTL_tbuf_op                2
#define XEN_SYSCTL_physinfo               3
#define XEN_SYSCTL_sched_id               4
#define XEN_SYSCTL_perfc_op               5
#define XEN_SYSCTL_getdomaininfolist      6
#define XEN_SYSCTL_debug_keys             7
#define XEN_SYSCTL_getcpuinfo             8
#define XEN_SYSCTL_availheap              9
#define XEN_SYSCTL_get_pmstat             10
#define XEN_SYSCTL_cpu_hotplug            11
#define XEN_SYSCTL_pm_op                  12
#define XEN_SYSCTL_page_offline_op        14
#define XEN_SYSCTL_lockprof_op            15
#define XEN_SYSCTL_cputopoinfo            16
#define XEN_SYSCTL_numainfo               17
#define XEN_SYSCTL_cpupool_op             18
#define XEN_SYSCTL_scheduler_op           19
#define XEN_SYSCTL_coverage_op            20
#define XEN_SYSCTL_psr_cmt_op             21
#define XEN_SYSCTL_pcitopoinfo            22
#define XEN_SYSCTL_psr_alloc              23
#define XEN_SYSCTL_get_cpu_levelling_caps 25
#define XEN_SYSCTL_get_cpu_featureset     26
#define XEN_SYSCTL_livepatch_op           27
#define XEN_SYSCTL_get_cpu_policy         29

/* Our log. */
struct xen_sysctl_readconsole {
    uint8_t clear;       /* forget it afterwards */
    uint8_t incremental; /* start at index; OUT: where to go on */
    uint8_t pad0;
    uint8_t pad1;
    uint32_t index;
    guest_va_t buffer;
    uint32_t count; /* bytes of room; OUT: written */
};
ABI_LAYOUT(struct xen_sysctl_readconsole, count, 16, 24);

#define XEN_SYSCTL_TBUFOP_get_info     0
#define XEN_SYSCTL_TBUFOP_set_cpu_mask 1
#define XEN_SYSCTL_TBUFOP_set_evt_mask 2
#define XEN_SYSCTL_TBUFOP_set_size     3
#define XEN_SYSCTL_TBUFOP_enable       4
#define XEN_SYSCTL_TBUFOP_disable      5
struct xen_sysctl_tbuf_op {
    uint32_t cmd;
    struct xenctl_bitmap cpu_mask;
    uint32_t evt_mask;
    uint64_t buffer_mfn; /* OUT */
    uint32_t size;
};
ABI_LAYOUT(struct xen_sysctl_tbuf_op, buffer_mfn, 32, 48);

#define XEN_SYSCTL_PHYSCAP_hvm                (1U << 0)
#define XEN_SYSCTL_PHYSCAP_pv                 (1U << 1)
#define XEN_SYSCTL_PHYSCAP_directio           (1U << 2)
#define XEN_SYSCTL_PHYSCAP_hap                (1U << 3)
#define XEN_SYSCTL_PHYSCAP_shadow             (1U << 4)
#define XEN_SYSCTL_PHYSCAP_iommu_hap_pt_share (1U << 5)
#define XEN_SYSCTL_PHYSCAP_vmtrace            (1U << 6)
#define XEN_SYSCTL_PHYSCAP_vpmu               (1U << 7)
#define XEN_SYSCTL_PHYSCAP_gnttab_v1          (1U << 8)
#define XEN_SYSCTL_PHYSCAP_gnttab_v2          (1U << 9)
#define XEN_SYSCTL_PHYSCAP_MAX                XEN_SYSCTL_PHYSCAP_gnttab_v2

/* The machine. OUT all. */
struct xen_sysctl_physinfo {
    uint32_t threads_per_core;
    uint32_t cores_per_socket;
    uint32_t nr_cpus;    /* online */
    uint32_t max_cpu_id; /* highest possible */
    uint32_t nr_nodes;
    uint32_t max_node_id;
    uint32_t cpu_khz;
    uint32_t capabilities; /* XEN_SYSCTL_PHYSCAP_ */
    uint32_t arch_capabilities;
    uint32_t pad;
    uint64_t total_pages;
    uint64_t free_pages;
    uint64_t scrub_pages; /* free, but not clean yet */
    uint64_t outstanding_pages; /* free, but claimed */
    uint64_t max_mfn;
    uint32_t hw_cap[8]; /* feature words */
};
ABI_LAYOUT(struct xen_sysctl_physinfo, hw_cap, 80, 112);

struct xen_sysctl_sched_id {
    uint32_t sched_id; /* OUT: XEN_SCHEDULER_ */
};
ABI_LAYOUT(struct xen_sysctl_sched_id, sched_id, 0, 4);

#define XEN_SYSCTL_PERFCOP_reset 1
#define XEN_SYSCTL_PERFCOP_query 2
struct xen_sysctl_perfc_desc {
    char name[80];
    uint32_t nr_vals;
};
typedef struct xen_sysctl_perfc_desc xen_sysctl_perfc_desc_t;
ABI_LAYOUT(struct xen_sysctl_perfc_desc, nr_vals, 80, 84);

typedef uint32_t xen_sysctl_perfc_val_t;

struct xen_sysctl_perfc_op {
    uint32_t cmd;
    uint32_t nr_counters; /* OUT */
    uint32_t nr_vals;     /* OUT */
    guest_va_t desc;      /* OUT */
    guest_va_t val;       /* OUT */
};
ABI_LAYOUT(struct xen_sysctl_perfc_op, val, 24, 32);

struct xen_sysctl_getdomaininfolist {
    domid_t first_domain; /* and those of higher numbers */
    uint32_t max_domains;
    guest_va_t buffer;    /* OUT: xen_domctl_getdomaininfo each */
    uint32_t num_domains; /* OUT */
};
ABI_LAYOUT(struct xen_sysctl_getdomaininfolist, num_domains, 16, 24);

/* As if these had been typed on our console. */
struct xen_sysctl_debug_keys {
    guest_va_t keys;
    uint32_t nr_keys;
};
ABI_LAYOUT(struct xen_sysctl_debug_keys, nr_keys, 8, 16);

struct xen_sysctl_cpuinfo {
    uint64_t idletime; /* ns */
};
typedef struct xen_sysctl_cpuinfo xen_sysctl_cpuinfo_t;
ABI_LAYOUT(struct xen_sysctl_cpuinfo, idletime, 0, 8);

struct xen_sysctl_getcpuinfo {
    uint32_t max_cpus;
    guest_va_t info;  /* OUT: xen_sysctl_cpuinfo each */
    uint32_t nr_cpus; /* OUT */
};
ABI_LAYOUT(struct xen_sysctl_getcpuinfo, nr_cpus, 16, 24);

struct xen_sysctl_availheap {
    uint32_t min_bitwidth; /* of frames' addresses; 0: any */
    uint32_t max_bitwidth;
    int32_t node;         /* -1: all */
    uint64_t avail_bytes; /* OUT */
};
ABI_LAYOUT(struct xen_sysctl_availheap, avail_bytes, 16, 24);

/* Power states and how long processors were in them. */
struct pm_px_val {
    uint64_t freq;      /* MHz */
    uint64_t residency; /* ns */
    uint64_t count;
};
typedef struct pm_px_val pm_px_val_t;
ABI_LAYOUT(struct pm_px_val, count, 16, 24);

struct pm_px_stat {
    uint8_t total;
    uint8_t usable;
    uint8_t last;
    uint8_t cur;
    guest_va_t trans_pt;
    guest_va_t pt;
};
ABI_LAYOUT(struct pm_px_stat, pt, 16, 24);

struct pm_cx_stat {
    uint32_t nr;
    uint32_t last;
    uint64_t idle_time; /* ns */
    guest_va_t triggers;
    guest_va_t residencies;
    uint32_t nr_pc;
    uint32_t nr_cc;
    guest_va_t pc;
    guest_va_t cc;
};
ABI_LAYOUT(struct pm_cx_stat, cc, 48, 56);

#define PMSTAT_CATEGORY_MASK 0xf0
#define PMSTAT_PX            0x10
#define PMSTAT_CX            0x20
#define PMSTAT_get_max_px    (PMSTAT_PX | 0x1)
#define PMSTAT_get_pxstat    (PMSTAT_PX | 0x2)
#define PMSTAT_reset_pxstat  (PMSTAT_PX | 0x3)
#define PMSTAT_get_max_cx    (PMSTAT_CX | 0x1)
#define PMSTAT_get_cxstat    (PMSTAT_CX | 0x2)
#define PMSTAT_reset_cxstat  (PMSTAT_CX | 0x3)
struct xen_sysctl_get_pmstat {
    uint32_t type; /* PMSTAT_ */
    uint32_t cpuid;
    union {
        struct pm_px_stat getpx;
        struct pm_cx_stat getcx;
    } u; /* OUT */
};
ABI_LAYOUT(struct xen_sysctl_get_pmstat, u, 8, 64);

#define XEN_SYSCTL_CPU_HOTPLUG_ONLINE      0
#define XEN_SYSCTL_CPU_HOTPLUG_OFFLINE     1
#define XEN_SYSCTL_CPU_HOTPLUG_SMT_ENABLE  2
#define XEN_SYSCTL_CPU_HOTPLUG_SMT_DISABLE 3
struct xen_sysctl_cpu_hotplug {
    uint32_t cpu;
    uint32_t op; /* XEN_SYSCTL_CPU_HOTPLUG_ */
};
ABI_LAYOUT(struct xen_sysctl_cpu_hotplug, op, 4, 8);

#define CPUFREQ_NAME_LEN 16

struct xen_userspace {
    uint32_t scaling_setspeed;
};
ABI_LAYOUT(struct xen_userspace, scaling_setspeed, 0, 4);

struct xen_ondemand {
    uint32_t sampling_rate_max;
    uint32_t sampling_rate_min;
    uint32_t sampling_rate;
    uint32_t up_threshold;
};
ABI_LAYOUT(struct xen_ondemand, up_threshold, 12, 16);

struct xen_get_cpufreq_para {
    uint32_t cpu_num;
    uint32_t freq_num;
    uint32_t gov_num;
    guest_va_t affected_cpus;
    guest_va_t scaling_available_frequencies;
    guest_va_t scaling_available_governors;
    char scaling_driver[CPUFREQ_NAME_LEN];
    uint32_t cpuinfo_cur_freq; /* kHz, as all of these */
    uint32_t cpuinfo_max_freq;
    uint32_t cpuinfo_min_freq;
    uint32_t scaling_cur_freq;
    char scaling_governor[CPUFREQ_NAME_LEN];
    uint32_t scaling_max_freq;
    uint32_t scaling_min_freq;
    union {
        struct xen_userspace userspace;
        struct xen_ondemand ondemand;
    } u;
    int32_t turbo_enabled;
};
ABI_LAYOUT(struct xen_get_cpufreq_para, turbo_enabled, 112, 120);

struct xen_set_cpufreq_gov {
    char scaling_governor[CPUFREQ_NAME_LEN];
};
ABI_LAYOUT(struct xen_set_cpufreq_gov, scaling_governor, 0, 16);

#define SCALING_MAX_FREQ 1
#define SCALING_MIN_FREQ 2
#define SCALING_SETSPEED 3
#define SAMPLING_RATE    4
#define UP_THRESHOLD     5
struct xen_set_cpufreq_para {
    uint32_t ctrl_type;
    uint32_t ctrl_value;
};
ABI_LAYOUT(struct xen_set_cpufreq_para, ctrl_value, 4, 8);

#define PM_PARA_CATEGORY_MASK                     0xf0
#define CPUFREQ_PARA                              0x10
#define GET_CPUFREQ_PARA                          (CPUFREQ_PARA | 0x01)
#define SET_CPUFREQ_GOV                           (CPUFREQ_PARA | 0x02)
#define SET_CPUFREQ_PARA                          (CPUFREQ_PARA | 0x03)
#define GET_CPUFREQ_AVGFREQ                       (CPUFREQ_PARA | 0x04)
#define XEN_SYSCTL_pm_op_set_sched_opt_smt        0x21
#define XEN_SYSCTL_pm_op_get_max_cstate           0x22
#define XEN_SYSCTL_pm_op_set_max_cstate           0x23
#define XEN_SYSCTL_pm_op_set_vcpu_migration_delay 0x24
#define XEN_SYSCTL_pm_op_get_vcpu_migration_delay 0x25
#define XEN_SYSCTL_pm_op_enable_turbo             0x26
#define XEN_SYSCTL_pm_op_disable_turbo            0x27
#define XEN_SYSCTL_CX_UNLIMITED                   0xffffffff
struct xen_sysctl_pm_op {
    uint32_t cmd;
    uint32_t cpuid;
    union {
        struct xen_get_cpufreq_para get_para;
        struct xen_set_cpufreq_gov set_gov;
        struct xen_set_cpufreq_para set_para;
        uint64_t get_avgfreq;
        uint32_t set_sched_opt_smt;
        uint32_t get_max_cstate;
        uint32_t set_max_cstate;
    } u;
};
ABI_LAYOUT(struct xen_sysctl_pm_op, u, 8, 128);

/* Frames taken out of use. */
#define sysctl_page_offline               1
#define sysctl_page_online                2
#define sysctl_query_page_offline         3
#define PG_OFFLINE_STATUS_MASK            (0xffUL)
#define PG_OFFLINE_INVALID                (0x1UL << 0)
#define PG_OFFLINE_OFFLINED               (0x1UL << 1)
#define PG_OFFLINE_PENDING                (0x1UL << 2)
#define PG_OFFLINE_FAILED                 (0x1UL << 3)
#define PG_OFFLINE_AGAIN                  (0x1UL << 4)
#define PG_OFFLINE_STATUS_OFFLINED        (0x1UL << 1)
#define PG_OFFLINE_STATUS_ONLINE          (0x1UL << 2)
#define PG_OFFLINE_STATUS_OFFLINE_PENDING (0x1UL << 3)
#define PG_OFFLINE_STATUS_BROKEN          (0x1UL << 4)
#define PG_OFFLINE_XENPAGE                (0x1UL << 8)
#define PG_OFFLINE_DOM0PAGE               (0x1UL << 9)
#define PG_OFFLINE_ANONYMOUS              (0x1UL << 10)
#define PG_OFFLINE_NOT_CONV_RAM           (0x1UL << 11)
#define PG_OFFLINE_OWNED                  (0x1UL << 12)
#define PG_OFFLINE_BROKEN                 (0x1UL << 13)
#define PG_OFFLINE_OWNER_SHIFT            16
struct xen_sysctl_page_offline_op {
    uint32_t cmd;
    uint32_t start; /* frames */
    uint32_t end;
    guest_va_t status; /* OUT: uint32_t each */
};
ABI_LAYOUT(struct xen_sysctl_page_offline_op, status, 16, 24);

#define XEN_SYSCTL_LOCKPROF_reset 1
#define XEN_SYSCTL_LOCKPROF_query 2
struct xen_sysctl_lockprof_data {
    char name[40];
    int32_t type;
    int32_t idx;
    uint64_t lock_cnt;
    uint64_t block_cnt;
    uint64_t lock_time;  /* ns */
    uint64_t block_time; /* ns */
};
typedef struct xen_sysctl_lockprof_data xen_sysctl_lockprof_data_t;
ABI_LAYOUT(struct xen_sysctl_lockprof_data, block_time, 72, 80);

struct xen_sysctl_lockprof_op {
    uint32_t cmd;
    uint32_t max_elem;
    uint32_t nr_elem; /* OUT */
    uint64_t time;    /* OUT: ns */
    guest_va_t data;  /* OUT */
};
ABI_LAYOUT(struct xen_sysctl_lockprof_op, data, 24, 32);

#define XEN_INVALID_CORE_ID   (~0U)
#define XEN_INVALID_SOCKET_ID (~0U)
#define XEN_INVALID_NODE_ID   (~0U)
struct xen_sysctl_cputopo {
    uint32_t core;
    uint32_t socket;
    uint32_t node;
};
typedef struct xen_sysctl_cputopo xen_sysctl_cputopo_t;
ABI_LAYOUT(struct xen_sysctl_cputopo, node, 8, 12);

struct xen_sysctl_cputopoinfo {
    uint32_t num_cpus;
    guest_va_t cputopo; /* OUT: xen_sysctl_cputopo each */
};
ABI_LAYOUT(struct xen_sysctl_cputopoinfo, cputopo, 8, 16);

#define XEN_INVALID_MEM_SZ    (~0U)
#define XEN_INVALID_NODE_DIST (~0U)
struct xen_sysctl_meminfo {
    uint64_t memsize; /* bytes */
    uint64_t memfree; /* bytes */
};
typedef struct xen_sysctl_meminfo xen_sysctl_meminfo_t;
ABI_LAYOUT(struct xen_sysctl_meminfo, memfree, 8, 16);

struct xen_sysctl_numainfo {
    uint32_t num_nodes;
    guest_va_t meminfo;  /* OUT: xen_sysctl_meminfo each */
    guest_va_t distance; /* OUT: num_nodes squared, uint32_t each */
};
ABI_LAYOUT(struct xen_sysctl_numainfo, distance, 16, 24);

#define XEN_SYSCTL_CPUPOOL_OP_CREATE     1
#define XEN_SYSCTL_CPUPOOL_OP_DESTROY    2
#define XEN_SYSCTL_CPUPOOL_OP_INFO       3 /* this pool or the next */
#define XEN_SYSCTL_CPUPOOL_OP_ADDCPU     4
#define XEN_SYSCTL_CPUPOOL_OP_RMCPU      5
#define XEN_SYSCTL_CPUPOOL_OP_MOVEDOMAIN 6
#define XEN_SYSCTL_CPUPOOL_OP_FREEINFO   7 /* processors of no pool */
#define XEN_SYSCTL_CPUPOOL_PAR_ANY       0xffffffff
struct xen_sysctl_cpupool_op {
    uint32_t op;
    uint32_t cpupool_id;
    uint32_t sched_id;
    uint32_t domid;
    uint32_t cpu;
    uint32_t n_dom; /* OUT */
    struct xenctl_bitmap cpumap; /* OUT */
};
ABI_LAYOUT(struct xen_sysctl_cpupool_op, cpumap, 24, 40);

#define ARINC653_MAX_DOMAINS_PER_SCHEDULE 64
struct xen_sysctl_arinc653_schedule {
    uint64_t major_frame; /* ns */
    uint8_t num_sched_entries;
    struct {
        xen_domain_handle_t dom_handle;
        uint32_t vcpu_id;
        uint64_t runtime; /* ns */
    } sched_entries[ARINC653_MAX_DOMAINS_PER_SCHEDULE];
};
typedef struct xen_sysctl_arinc653_schedule xen_sysctl_arinc653_schedule_t;
ABI_LAYOUT(struct xen_sysctl_arinc653_schedule, sched_entries, 16, 2064);

#define XEN_SYSCTL_SCHED_RATELIMIT_MAX   500000
#define XEN_SYSCTL_SCHED_RATELIMIT_MIN   100
#define XEN_SYSCTL_CSCHED_TSLICE_MAX     1000
#define XEN_SYSCTL_CSCHED_TSLICE_MIN     1
#define XEN_SYSCTL_CSCHED_MGR_DLY_MAX_US (100 * 1000)
struct xen_sysctl_credit_schedule {
    uint32_t tslice_ms;
    uint32_t ratelimit_us;
    uint32_t vcpu_migr_delay_us;
};
ABI_LAYOUT(struct xen_sysctl_credit_schedule, vcpu_migr_delay_us, 8, 12);

struct xen_sysctl_credit2_schedule {
    uint32_t ratelimit_us;
};
ABI_LAYOUT(struct xen_sysctl_credit2_schedule, ratelimit_us, 0, 4);

struct xen_sysctl_sched_arinc653 {
    guest_va_t schedule;
};

#define XEN_SYSCTL_SCHEDOP_putinfo 0
#define XEN_SYSCTL_SCHEDOP_getinfo 1
struct xen_sysctl_scheduler_op {
    uint32_t cpupool_id;
    uint32_t sched_id;
    uint32_t cmd; /* XEN_SYSCTL_SCHEDOP_ */
    union {
        struct xen_sysctl_sched_arinc653 sched_arinc653;
        struct xen_sysctl_credit_schedule sched_credit;
        struct xen_sysctl_credit2_schedule sched_credit2;
    } u;
};
ABI_LAYOUT(struct xen_sysctl_scheduler_op, u, 16, 32);

#define XEN_SYSCTL_COVERAGE_get_size 0
#define XEN_SYSCTL_COVERAGE_read     1
#define XEN_SYSCTL_COVERAGE_reset    2
struct xen_sysctl_coverage_op {
    uint32_t cmd;
    uint32_t size;
    guest_va_t buffer;
};
ABI_LAYOUT(struct xen_sysctl_coverage_op, buffer, 8, 16);

#define XEN_INVALID_DEV (XEN_INVALID_NODE_ID - 1)
struct xen_sysctl_pcitopoinfo {
    uint32_t num_devs;
    guest_va_t devs;  /* physdev_pci_device each */
    guest_va_t nodes; /* OUT: uint32_t each */
};
ABI_LAYOUT(struct xen_sysctl_pcitopoinfo, nodes, 16, 24);

#define XEN_SYSCTL_CPU_LEVELCAP_faulting    (1UL << 0)
#define XEN_SYSCTL_CPU_LEVELCAP_ecx         (1UL << 1)
#define XEN_SYSCTL_CPU_LEVELCAP_edx         (1UL << 2)
#define XEN_SYSCTL_CPU_LEVELCAP_extd_ecx    (1UL << 3)
#define XEN_SYSCTL_CPU_LEVELCAP_extd_edx    (1UL << 4)
#define XEN_SYSCTL_CPU_LEVELCAP_xsave_eax   (1UL << 5)
#define XEN_SYSCTL_CPU_LEVELCAP_thermal_ecx (1UL << 6)
#define XEN_SYSCTL_CPU_LEVELCAP_l7s0_eax    (1UL << 7)
#define XEN_SYSCTL_CPU_LEVELCAP_l7s0_ebx    (1UL << 8)
struct xen_sysctl_cpu_levelling_caps {
    uint32_t caps; /* OUT: how the machine can hide features from user code */
};
ABI_LAYOUT(struct xen_sysctl_cpu_levelling_caps, caps, 0, 4);

#define XEN_SYSCTL_cpu_featureset_raw     0 /* as the processor says */
#define XEN_SYSCTL_cpu_featureset_host    1 /* as we use it */
#define XEN_SYSCTL_cpu_featureset_pv      2 /* as a PV domain starts with */
#define XEN_SYSCTL_cpu_featureset_hvm     3
#define XEN_SYSCTL_cpu_featureset_pv_max  4 /* as a PV domain may have */
#define XEN_SYSCTL_cpu_featureset_hvm_max 5
struct xen_sysctl_cpu_featureset {
    uint32_t index;
    uint32_t nr_features;
    guest_va_t features; /* OUT: uint32_t each */
};
ABI_LAYOUT(struct xen_sysctl_cpu_featureset, features, 8, 16);

/* Changing our code while it runs. */
#define LIVEPATCH_PAYLOAD_VERSION     2
#define XEN_LIVEPATCH_NAME_SIZE       128
#define XEN_SYSCTL_LIVEPATCH_UPLOAD   0
#define XEN_SYSCTL_LIVEPATCH_GET      1
#define XEN_SYSCTL_LIVEPATCH_LIST     2
#define XEN_SYSCTL_LIVEPATCH_ACTION   3

#define XEN_SYSCTL_cpu_policy_raw         0
#define XEN_SYSCTL_cpu_policy_host        1
#define XEN_SYSCTL_cpu_policy_pv_max      2
#define XEN_SYSCTL_cpu_policy_hvm_max     3
#define XEN_SYSCTL_cpu_policy_pv_default  4
#define XEN_SYSCTL_cpu_policy_hvm_default 5
struct xen_sysctl_cpu_policy {
    uint32_t index; /* XEN_SYSCTL_cpu_policy_ */
    uint32_t nr_leaves;
    uint32_t nr_msrs;
    uint32_t _rsvd;
    guest_va_t leaves; /* OUT: xen_cpuid_leaf_t each */
    guest_va_t msrs;   /* OUT: xen_msr_entry_t each */
};
typedef struct xen_sysctl_cpu_policy xen_sysctl_cpu_policy_t;
ABI_LAYOUT(struct xen_sysctl_cpu_policy, msrs, 24, 32);

/* The argument of the call. */
struct xen_sysctl {
    uint32_t cmd;
    uint32_t interface_version;
    union {
        struct xen_sysctl_readconsole readconsole;
        struct xen_sysctl_tbuf_op tbuf_op;
        struct xen_sysctl_physinfo physinfo;
        struct xen_sysctl_cputopoinfo cputopoinfo;
        struct xen_sysctl_pcitopoinfo pcitopoinfo;
        struct xen_sysctl_numainfo numainfo;
        struct xen_sysctl_sched_id sched_id;
        struct xen_sysctl_perfc_op perfc_op;
        struct xen_sysctl_getdomaininfolist getdomaininfolist;
        struct xen_sysctl_debug_keys debug_keys;
        struct xen_sysctl_getcpuinfo getcpuinfo;
        struct xen_sysctl_availheap availheap;
        struct xen_sysctl_get_pmstat get_pmstat;
        struct xen_sysctl_cpu_hotplug cpu_hotplug;
        struct xen_sysctl_pm_op pm_op;
        struct xen_sysctl_page_offline_op page_offline;
        struct xen_sysctl_lockprof_op lockprof_op;
        struct xen_sysctl_cpupool_op cpupool_op;
        struct xen_sysctl_scheduler_op scheduler_op;
        struct xen_sysctl_coverage_op coverage_op;
        struct xen_sysctl_cpu_levelling_caps cpu_levelling_caps;
        struct xen_sysctl_cpu_featureset cpu_featureset;
        struct xen_sysctl_cpu_policy cpu_policy;
        uint8_t pad[128];
    } u;
};
typedef struct xen_sysctl xen_sysctl_t;
ABI_LAYOUT(struct xen_sysctl, u, 8, 136);

#endif
