/* SPDX-License-Identifier: MIT */
/*
 * domctl.h - __HYPERVISOR_domctl: the tools act on one domain.
 * Keeps true: the argument is always a whole xen_domctl of 144 bytes, whose
 * version must match. Written by the tool; OUT fields by us. Operations for
 * hardware-virtualised guests have a number here and no structure.
 */
#ifndef ABI_DOMCTL_H
#define ABI_DOMCTL_H

#include <abi/event_channel.h>
#include <abi/grant_table.h>
#include <abi/memory.h>
#include <abi/xen.h>

#define XEN_DOMCTL_INTERFACE_VERSION 0x00000015

#define XEN_DOMCTL_createdomain         1
#define XEN_DOMCTL_destroydomain        2
#define XEN_DOMCTL_pausedomain          3
#define XEN_DOMCTL_unpausedomain        4
#define XEN_DOMCTL_getdomaininfo        5
#define XEN_DOMCTL_setvcpuaffinity      9
#define XEN_DOMCTL_shadow_op            10
#define XEN_DOMCTL_max_mem              11
#define XEN_DOMCTL_setvcpucontext       12
#define XEN_DOMCTL_getvcpucontext       13
#define XEN_DOMCTL_getvcpuinfo          14
#define XEN_DOMCTL_max_vcpus            15
#define XEN_DOMCTL_scheduler_op         16
#define XEN_DOMCTL_setdomainhandle      17
#define XEN_DOMCTL_setdebugging         18
#define XEN_DOMCTL_irq_permission       19
#define XEN_DOMCTL_iomem_permission     20
#define XEN_DOMCTL_ioport_permission    21
#define XEN_DOMCTL_hypercall_init       22
#define XEN_DOMCTL_settimeoffset        24
#define XEN_DOMCTL_getvcpuaffinity      25
#define XEN_DOMCTL_real_mode_area       26
#define XEN_DOMCTL_resumedomain         27
#define XEN_DOMCTL_sendtrigger          28
#define XEN_DOMCTL_subscribe            29
#define XEN_DOMCTL_gethvmcontext        33
#define XEN_DOMCTL_sethvmcontext        34
#define XEN_DOMCTL_set_address_size     35
#define XEN_DOMCTL_get_address_size     36
#define XEN_DOMCTL_assign_device        37
#define XEN_DOMCTL_bind_pt_irq          38
#define XEN_DOMCTL_memory_mapping       39
#define XEN_DOMCTL_ioport_mapping       40
#define XEN_DOMCTL_set_ext_vcpucontext  42
#define XEN_DOMCTL_get_ext_vcpucontext  43
#define XEN_DOMCTL_set_opt_feature      44
#define XEN_DOMCTL_test_assign_device   45
#define XEN_DOMCTL_set_target           46
#define XEN_DOMCTL_deassign_device      47
#define XEN_DOMCTL_unbind_pt_irq        48
#define XEN_DOMCTL_get_device_group     50
#define XEN_DOMCTL_debug_op             54
#define XEN_DOMCTL_gethvmcontext_partial 55
#define XEN_DOMCTL_vm_event_op          56
#define XEN_DOMCTL_mem_sharing_op       57
#define XEN_DOMCTL_gettscinfo           59
#define XEN_DOMCTL_settscinfo           60
#define XEN_DOMCTL_getpageframeinfo3    61
#define XEN_DOMCTL_setvcpuextstate      62
#define XEN_DOMCTL_getvcpuextstate      63
#define XEN_DOMCTL_set_access_required  64
#define XEN_DOMCTL_audit_p2m            65
#define XEN_DOMCTL_set_virq_handler     66
#define XEN_DOMCTL_set_broken_page_p2m  67
#define XEN_DOMCTL_setnodeaffinity      68
#define XEN_DOMCTL_getnodeaffinity      69
#define XEN_DOMCTL_cacheflush           71
#define XEN_DOMCTL_get_vcpu_msrs        72
#define XEN_DOMCTL_set_vcpu_msrs        73
#define XEN_DOMCTL_setvnumainfo         74
#define XEN_DOMCTL_psr_cmt_op           75
#define XEN_DOMCTL_monitor_op           77
#define XEN_DOMCTL_psr_alloc            78
#define XEN_DOMCTL_soft_reset           79
#define XEN_DOMCTL_vuart_op             81
#define XEN_DOMCTL_get_cpu_policy       82
#define XEN_DOMCTL_set_cpu_policy       83
#define XEN_DOMCTL_vmtrace_op           84
#define XEN_DOMCTL_get_paging_mempool_size 85
#define XEN_DOMCTL_set_paging_mempool_size 86
#define XEN_DOMCTL_gdbsx_guestmemio     1000
#define XEN_DOMCTL_gdbsx_pausevcpu      1001
#define XEN_DOMCTL_gdbsx_unpausevcpu    1002
#define XEN_DOMCTL_gdbsx_domstatus      1003

/* flags of a new domain. */
#define XEN_DOMCTL_CDF_hvm          (1U << 0)
#define XEN_DOMCTL_CDF_hap          (1U << 1)
#define XEN_DOMCTL_CDF_s3_integrity (1U << 2)
#define XEN_DOMCTL_CDF_oos_off      (1U << 3)
#define XEN_DOMCTL_CDF_xs_domain    (1U << 4) /* it runs the store */
#define XEN_DOMCTL_CDF_iommu        (1U << 5)
#define XEN_DOMCTL_CDF_nested_virt  (1U << 6)
#define XEN_DOMCTL_CDF_vpmu         (1U << 7)
#define XEN_DOMCTL_CDF_MAX          XEN_DOMCTL_CDF_vpmu

#define XEN_DOMCTL_IOMMU_no_sharept (1U << 0)
#define XEN_DOMCTL_IOMMU_MAX        XEN_DOMCTL_IOMMU_no_sharept

#define XEN_DOMCTL_GRANT_version_mask 0xf
#define XEN_DOMCTL_GRANT_version(v)   ((v) & XEN_DOMCTL_GRANT_version_mask)

/* A new domain, paused; the number in xen_domctl.domain, 0: choose, OUT. */
struct xen_domctl_createdomain {
    uint32_t ssidref;           /* security label, with such a module */
    xen_domain_handle_t handle; /* UUID */
    uint32_t flags;             /* XEN_DOMCTL_CDF_ */
    uint32_t iommu_opts;        /* XEN_DOMCTL_IOMMU_ */
    uint32_t max_vcpus;
    uint32_t max_evtchn_port;
    int32_t max_grant_frames;    /* -1: the default */
    int32_t max_maptrack_frames; /* -1: the default */
    uint32_t grant_opts;         /* highest grant version */
    uint32_t vmtrace_size;
    uint32_t cpupool_id;
    struct xen_arch_domainconfig arch;
};
ABI_LAYOUT(struct xen_domctl_createdomain, arch, 56, 64);

/* flags of a domain's state. */
#define XEN_DOMINF_dying         (1U << 0) /* being taken apart */
#define XEN_DOMINF_hvm_guest     (1U << 1)
#define XEN_DOMINF_shutdown      (1U << 2) /* stopped itself */
#define XEN_DOMINF_paused        (1U << 3) /* stopped by a tool */
#define XEN_DOMINF_blocked       (1U << 4) /* every vcpu sleeps */
#define XEN_DOMINF_running       (1U << 5) /* some vcpu is on a processor */
#define XEN_DOMINF_debugged      (1U << 6)
#define XEN_DOMINF_xs_domain     (1U << 7)
#define XEN_DOMINF_hap           (1U << 8)
#define XEN_DOMINF_shutdownmask  255 /* SHUTDOWN_ reason, */
#define XEN_DOMINF_shutdownshift 16  /* from this bit */

#define XEN_INVALID_MAX_VCPU_ID (~0U)

/* A domain as the tools list it. OUT all. */
struct xen_domctl_getdomaininfo {
    domid_t domain;
    uint16_t pad1;
    uint32_t flags; /* XEN_DOMINF_ */
    uint64_t tot_pages;
    uint64_t max_pages;
    uint64_t outstanding_pages; /* claimed, not yet given */
    uint64_t shr_pages;
    uint64_t paged_pages;
    uint64_t shared_info_frame;
    uint64_t cpu_time; /* ns, all vcpus */
    uint32_t nr_online_vcpus;
    uint32_t max_vcpu_id;
    uint32_t ssidref;
    xen_domain_handle_t handle;
    uint32_t cpupool;
    uint8_t gpaddr_bits;
    uint8_t pad2[7];
    struct xen_arch_domainconfig arch_config;
};
typedef struct xen_domctl_getdomaininfo xen_domctl_getdomaininfo_t;
ABI_LAYOUT(struct xen_domctl_getdomaininfo, handle, 76, 112);

/* What a frame is now, in the top four bits of each answer. */
#define XEN_DOMCTL_PFINFO_LTAB_SHIFT    28
#define XEN_DOMCTL_PFINFO_NOTAB         (0x0U << 28)
#define XEN_DOMCTL_PFINFO_L1TAB         (0x1U << 28)
#define XEN_DOMCTL_PFINFO_L2TAB         (0x2U << 28)
#define XEN_DOMCTL_PFINFO_L3TAB         (0x3U << 28)
#define XEN_DOMCTL_PFINFO_L4TAB         (0x4U << 28)
#define XEN_DOMCTL_PFINFO_LTABTYPE_MASK (0x7U << 28)
#define XEN_DOMCTL_PFINFO_LPINTAB       (0x1U << 31) /* and pinned */
#define XEN_DOMCTL_PFINFO_XTAB          (0xfU << 28) /* not this domain's */
#define XEN_DOMCTL_PFINFO_XALLOC        (0xeU << 28)
#define XEN_DOMCTL_PFINFO_BROKEN        (0xdU << 28)
#define XEN_DOMCTL_PFINFO_LTAB_MASK     (0xfU << 28)

struct xen_domctl_getpageframeinfo3 {
    uint64_t num;     /* entries */
    guest_va_t array; /* frames in, XEN_DOMCTL_PFINFO_ OUT; 64 bits each */
};
ABI_LAYOUT(struct xen_domctl_getpageframeinfo3, array, 8, 16);

/* shadow_op: for us, the record of pages written to. */
#define XEN_DOMCTL_SHADOW_OP_OFF             0
#define XEN_DOMCTL_SHADOW_OP_ENABLE_TEST     1
#define XEN_DOMCTL_SHADOW_OP_ENABLE_LOGDIRTY 2
#define XEN_DOMCTL_SHADOW_OP_CLEAN           11 /* copy out and forget */
#define XEN_DOMCTL_SHADOW_OP_PEEK            12 /* copy out */
#define XEN_DOMCTL_SHADOW_OP_GET_ALLOCATION  30
#define XEN_DOMCTL_SHADOW_OP_SET_ALLOCATION  31
#define XEN_DOMCTL_SHADOW_OP_ENABLE          32
#define XEN_DOMCTL_SHADOW_ENABLE_REFCOUNT    (1 << 1)
#define XEN_DOMCTL_SHADOW_ENABLE_LOG_DIRTY   (1 << 2)
#define XEN_DOMCTL_SHADOW_ENABLE_TRANSLATE   (1 << 3)
#define XEN_DOMCTL_SHADOW_ENABLE_EXTERNAL    (1 << 4)
#define XEN_DOMCTL_SHADOW_LOGDIRTY_FINAL     (1 << 0) /* mode, last round */

struct xen_domctl_shadow_op_stats {
    uint32_t fault_count;
    uint32_t dirty_count;
};
ABI_LAYOUT(struct xen_domctl_shadow_op_stats, dirty_count, 4, 8);

struct xen_domctl_shadow_op {
    uint32_t op;             /* XEN_DOMCTL_SHADOW_OP_ */
    uint32_t mode;           /* XEN_DOMCTL_SHADOW_ENABLE_ or LOGDIRTY_ */
    uint32_t mb;             /* MiB for tables */
    guest_va_t dirty_bitmap; /* OUT: a bit a pfn */
    uint64_t pages;          /* bits of it; OUT: written */
    struct xen_domctl_shadow_op_stats stats; /* OUT */
};
ABI_LAYOUT(struct xen_domctl_shadow_op, pages, 24, 40);

struct xen_domctl_max_mem {
    uint64_t max_memkb;
};
ABI_LAYOUT(struct xen_domctl_max_mem, max_memkb, 0, 8);

struct xen_domctl_vcpucontext {
    uint32_t vcpu;
    guest_va_t ctxt; /* vcpu_guest_context, in or OUT */
};
ABI_LAYOUT(struct xen_domctl_vcpucontext, ctxt, 8, 16);

struct xen_domctl_getvcpuinfo {
    uint32_t vcpu;
    uint8_t online;    /* OUT, as all that follows */
    uint8_t blocked;
    uint8_t running;
    uint64_t cpu_time; /* ns */
    uint32_t cpu;      /* where it runs or ran */
};
ABI_LAYOUT(struct xen_domctl_getvcpuinfo, cpu, 16, 24);

struct xen_domctl_nodeaffinity {
    struct xenctl_bitmap nodemap;
};
ABI_LAYOUT(struct xen_domctl_nodeaffinity, nodemap, 0, 16);

#define XEN_VCPUAFFINITY_HARD  (1U << 0)
#define XEN_VCPUAFFINITY_SOFT  (1U << 1)
#define XEN_VCPUAFFINITY_FORCE (1U << 2)
struct xen_domctl_vcpuaffinity {
    uint32_t vcpu;
    uint32_t flags; /* which of the two maps */
    struct xenctl_bitmap cpumap_hard; /* may run here only; set: OUT in use */
    struct xenctl_bitmap cpumap_soft; /* would rather run here */
};
ABI_LAYOUT(struct xen_domctl_vcpuaffinity, cpumap_hard, 8, 40);

struct xen_domctl_max_vcpus {
    uint32_t max;
};
ABI_LAYOUT(struct xen_domctl_max_vcpus, max, 0, 4);

#define XEN_SCHEDULER_CREDIT   5
#define XEN_SCHEDULER_CREDIT2  6
#define XEN_SCHEDULER_ARINC653 7
#define XEN_SCHEDULER_RTDS     8
#define XEN_SCHEDULER_NULL     9

struct xen_domctl_sched_credit {
    uint16_t weight; /* share beside others; 256 is usual */
    uint16_t cap;    /* percent of one processor; 0: none */
};
ABI_LAYOUT(struct xen_domctl_sched_credit, cap, 2, 4);

struct xen_domctl_sched_credit2 {
    uint16_t weight;
    uint16_t cap;
};
ABI_LAYOUT(struct xen_domctl_sched_credit2, cap, 2, 4);

#define XEN_DOMCTL_SCHEDRT_extra (1U << 0)
struct xen_domctl_sched_rtds {
    uint32_t period; /* microseconds */
    uint32_t budget; /* microseconds */
    uint32_t flags;
};
ABI_LAYOUT(struct xen_domctl_sched_rtds, flags, 8, 12);

typedef struct xen_domctl_schedparam_vcpu {
    union {
        struct xen_domctl_sched_credit credit;
        struct xen_domctl_sched_credit2 credit2;
        struct xen_domctl_sched_rtds rtds;
    } u;
    uint32_t vcpuid;
} xen_domctl_schedparam_vcpu_t;
ABI_LAYOUT(struct xen_domctl_schedparam_vcpu, vcpuid, 12, 16);

#define XEN_DOMCTL_SCHEDOP_putinfo     0
#define XEN_DOMCTL_SCHEDOP_getinfo     1
#define XEN_DOMCTL_SCHEDOP_putvcpuinfo 2
#define XEN_DOMCTL_SCHEDOP_getvcpuinfo 3
struct xen_domctl_scheduler_op {
    uint32_t sched_id; /* XEN_SCHEDULER_ */
    uint32_t cmd;      /* XEN_DOMCTL_SCHEDOP_ */
    union {
        struct xen_domctl_sched_credit credit;
        struct xen_domctl_sched_credit2 credit2;
        struct xen_domctl_sched_rtds rtds;
        struct {
            guest_va_t vcpus; /* xen_domctl_schedparam_vcpu each */
            uint32_t nr_vcpus;
            uint32_t padding;
        } v;
    } u;
};
ABI_LAYOUT(struct xen_domctl_scheduler_op, u, 8, 24);

struct xen_domctl_setdomainhandle {
    xen_domain_handle_t handle;
};
ABI_LAYOUT(struct xen_domctl_setdomainhandle, handle, 0, 16);

struct xen_domctl_setdebugging {
    uint8_t enable;
};
ABI_LAYOUT(struct xen_domctl_setdebugging, enable, 0, 1);

struct xen_domctl_irq_permission {
    uint32_t pirq;
    uint8_t allow_access;
    uint8_t pad[3];
};
ABI_LAYOUT(struct xen_domctl_irq_permission, allow_access, 4, 8);

struct xen_domctl_iomem_permission {
    uint64_t first_mfn;
    uint64_t nr_mfns;
    uint8_t allow_access;
};
ABI_LAYOUT(struct xen_domctl_iomem_permission, allow_access, 16, 24);

struct xen_domctl_ioport_permission {
    uint32_t first_port;
    uint32_t nr_ports;
    uint8_t allow_access;
};
ABI_LAYOUT(struct xen_domctl_ioport_permission, allow_access, 8, 12);

struct xen_domctl_hypercall_init {
    uint64_t gmfn; /* the page to fill */
};
ABI_LAYOUT(struct xen_domctl_hypercall_init, gmfn, 0, 8);

struct xen_domctl_settimeoffset {
    int64_t time_offset_seconds;
};
ABI_LAYOUT(struct xen_domctl_settimeoffset, time_offset_seconds, 0, 8);

struct xen_domctl_address_size {
    uint32_t size; /* bits: 64 */
};
ABI_LAYOUT(struct xen_domctl_address_size, size, 0, 4);

#define XEN_DOMCTL_SENDTRIGGER_NMI   0
#define XEN_DOMCTL_SENDTRIGGER_RESET 1
#define XEN_DOMCTL_SENDTRIGGER_INIT  2
#define XEN_DOMCTL_SENDTRIGGER_POWER 3
#define XEN_DOMCTL_SENDTRIGGER_SLEEP 4
struct xen_domctl_sendtrigger {
    uint32_t trigger;
    uint32_t vcpu;
};
ABI_LAYOUT(struct xen_domctl_sendtrigger, vcpu, 4, 8);

/* assign, test_assign and deassign. */
#define XEN_DOMCTL_DEV_PCI         0
#define XEN_DOMCTL_DEV_DT          1
#define XEN_DOMCTL_DEV_RDM_RELAXED 1
struct xen_domctl_assign_device {
    uint32_t dev;   /* XEN_DOMCTL_DEV_ */
    uint32_t flags; /* XEN_DOMCTL_DEV_RDM_RELAXED */
    union {
        struct {
            uint32_t machine_sbdf; /* segment, bus, device, function */
        } pci;
        struct {
            uint32_t size;
            guest_va_t path;
        } dt;
    } u;
};
ABI_LAYOUT(struct xen_domctl_assign_device, u, 8, 24);

struct xen_domctl_get_device_group {
    uint32_t machine_sbdf;
    uint32_t max_sdevs;
    uint32_t num_sdevs;    /* OUT */
    guest_va_t sdev_array; /* OUT */
};
ABI_LAYOUT(struct xen_domctl_get_device_group, sdev_array, 16, 24);

#define DPCI_ADD_MAPPING    1
#define DPCI_REMOVE_MAPPING 0
struct xen_domctl_memory_mapping {
    uint64_t first_gfn;
    uint64_t first_mfn;
    uint64_t nr_mfns;
    uint32_t add_mapping; /* DPCI_ */
    uint32_t padding;
};
ABI_LAYOUT(struct xen_domctl_memory_mapping, add_mapping, 24, 32);

struct xen_domctl_ioport_mapping {
    uint32_t first_gport;
    uint32_t first_mport;
    uint32_t nr_ports;
    uint32_t add_mapping; /* DPCI_ */
};
ABI_LAYOUT(struct xen_domctl_ioport_mapping, add_mapping, 12, 16);

/* A vcpu's machine-check registers, for save and restore. */
struct hvm_vmce_vcpu {
    uint64_t caps;
    uint64_t mci_ctl2_bank0;
    uint64_t mci_ctl2_bank1;
    uint64_t mcg_ext_ctl;
};
ABI_LAYOUT(struct hvm_vmce_vcpu, mcg_ext_ctl, 24, 32);

/* What vcpu_guest_context has no room for. set: in; get: OUT. */
struct xen_domctl_ext_vcpucontext {
    uint32_t vcpu;
    uint32_t size; /* bytes of this structure that count; get: OUT */
    uint64_t syscall32_callback_eip;
    uint64_t sysenter_callback_eip;
    uint16_t syscall32_callback_cs;
    uint16_t sysenter_callback_cs;
    uint8_t syscall32_disables_events;
    uint8_t sysenter_disables_events;
    union {
        uint64_t mcg_cap;
        struct hvm_vmce_vcpu vmce;
    };
};
ABI_LAYOUT(struct xen_domctl_ext_vcpucontext, vmce, 32, 64);

/* The domain that a device model or helper domain serves. */
struct xen_domctl_set_target {
    domid_t target;
};
ABI_LAYOUT(struct xen_domctl_set_target, target, 0, 2);

/* CPUID leaves and MSRs that a domain sees. */
#define XEN_CPUID_INPUT_UNUSED 0xffffffffU
struct xen_domctl_cpu_policy {
    uint32_t nr_leaves; /* room, or entries; OUT: written */
    uint32_t nr_msrs;
    guest_va_t leaves; /* xen_cpuid_leaf_t each */
    guest_va_t msrs;   /* xen_msr_entry_t each */
    uint32_t err_leaf; /* OUT, at a refusal: which; else all ones */
    uint32_t err_subleaf;
    uint32_t err_msr;
};
typedef struct xen_domctl_cpu_policy xen_domctl_cpu_policy_t;
ABI_LAYOUT(struct xen_domctl_cpu_policy, err_leaf, 24, 40);

/* A port of the caller that hears when domctl.domain suspends. */
struct xen_domctl_subscribe {
    uint32_t port;
};
ABI_LAYOUT(struct xen_domctl_subscribe, port, 0, 4);

struct xen_domctl_debug_op {
    uint32_t op;
    uint32_t vcpu;
};
ABI_LAYOUT(struct xen_domctl_debug_op, vcpu, 4, 8);

/* How a domain gets its TSC. */
struct xen_domctl_tsc_info {
    uint32_t tsc_mode; /* 0 as the machine allows, 1 trapped, 2 native */
    uint32_t gtsc_khz;
    uint32_t incarnation; /* counts restores */
    uint32_t pad;
    uint64_t elapsed_nsec;
};
ABI_LAYOUT(struct xen_domctl_tsc_info, elapsed_nsec, 16, 24);

/* A debugger reads or writes memory of a stopped domain. */
struct xen_domctl_gdbsx_memio {
    uint64_t pgd3val;
    uint64_t gva; /* the guest's address */
    uint64_t uva; /* the caller's buffer */
    uint32_t len;
    uint8_t gwr; /* 1: write to the guest */
    uint32_t remain; /* OUT: bytes not done */
};
ABI_LAYOUT(struct xen_domctl_gdbsx_memio, remain, 32, 40);

struct xen_domctl_gdbsx_pauseunp_vcpu {
    uint32_t vcpu;
};
ABI_LAYOUT(struct xen_domctl_gdbsx_pauseunp_vcpu, vcpu, 0, 4);

struct xen_domctl_gdbsx_domstatus {
    uint8_t paused;
    uint32_t vcpu_id;
    uint32_t vcpu_ev;
};
ABI_LAYOUT(struct xen_domctl_gdbsx_domstatus, vcpu_ev, 8, 12);

/* Sends a global VIRQ_ to this domain from now on. */
struct xen_domctl_set_virq_handler {
    uint32_t virq;
};
ABI_LAYOUT(struct xen_domctl_set_virq_handler, virq, 0, 4);

/* The XSAVE state of a vcpu. */
struct xen_domctl_vcpuextstate {
    uint32_t vcpu;
    uint64_t xfeature_mask; /* XCR0 bits in it */
    uint64_t size;          /* bytes; a null buffer asks for it */
    guest_va_t buffer;      /* XCR0, XCR0 ever set, then the XSAVE area */
};
ABI_LAYOUT(struct xen_domctl_vcpuextstate, buffer, 24, 32);

struct xen_domctl_cacheflush {
    xen_pfn_t start_pfn;
    xen_pfn_t nr_pfns;
};
ABI_LAYOUT(struct xen_domctl_cacheflush, nr_pfns, 8, 16);

struct xen_domctl_paging_mempool {
    uint64_t size; /* bytes */
};
ABI_LAYOUT(struct xen_domctl_paging_mempool, size, 0, 8);

struct xen_domctl_vcpu_msr {
    uint32_t index;
    uint32_t reserved;
    uint64_t value;
};
typedef struct xen_domctl_vcpu_msr xen_domctl_vcpu_msr_t;
ABI_LAYOUT(struct xen_domctl_vcpu_msr, value, 8, 16);

/* The MSRs of a vcpu that no other call carries. */
struct xen_domctl_vcpu_msrs {
    uint32_t vcpu;
    uint32_t msr_count; /* room, or entries; OUT: written */
    guest_va_t msrs;    /* xen_domctl_vcpu_msr each */
};
ABI_LAYOUT(struct xen_domctl_vcpu_msrs, msrs, 8, 16);

struct xen_domctl_vnuma {
    uint32_t nr_vnodes;
    uint32_t nr_vmemranges;
    uint32_t nr_vcpus;
    uint32_t pad;
    guest_va_t vdistance;
    guest_va_t vcpu_to_vnode;
    guest_va_t vnode_to_pnode;
    guest_va_t vmemrange; /* xen_vmemrange each */
};
ABI_LAYOUT(struct xen_domctl_vnuma, vmemrange, 40, 48);

/* The argument of the call. */
struct xen_domctl {
    uint32_t cmd;
    uint32_t interface_version;
    domid_t domain;
    uint16_t _pad[3];
    union {
        struct xen_domctl_createdomain createdomain;
        struct xen_domctl_getdomaininfo getdomaininfo;
        struct xen_domctl_getpageframeinfo3 getpageframeinfo3;
        struct xen_domctl_nodeaffinity nodeaffinity;
        struct xen_domctl_vcpuaffinity vcpuaffinity;
        struct xen_domctl_shadow_op shadow_op;
        struct xen_domctl_max_mem max_mem;
        struct xen_domctl_vcpucontext vcpucontext;
        struct xen_domctl_getvcpuinfo getvcpuinfo;
        struct xen_domctl_max_vcpus max_vcpus;
        struct xen_domctl_scheduler_op scheduler_op;
        struct xen_domctl_setdomainhandle setdomainhandle;
        struct xen_domctl_setdebugging setdebugging;
        struct xen_domctl_irq_permission irq_permission;
        struct xen_domctl_iomem_permission iomem_permission;
        struct xen_domctl_ioport_permission ioport_permission;
        struct xen_domctl_hypercall_init hypercall_init;
        struct xen_domctl_settimeoffset settimeoffset;
        struct xen_domctl_tsc_info tsc_info;
        struct xen_domctl_address_size address_size;
        struct xen_domctl_sendtrigger sendtrigger;
        struct xen_domctl_get_device_group get_device_group;
        struct xen_domctl_assign_device assign_device;
        struct xen_domctl_memory_mapping memory_mapping;
        struct xen_domctl_ioport_mapping ioport_mapping;
        struct xen_domctl_ext_vcpucontext ext_vcpucontext;
        struct xen_domctl_set_target set_target;
        struct xen_domctl_subscribe subscribe;
        struct xen_domctl_debug_op debug_op;
        struct xen_domctl_cpu_policy cpu_policy;
        struct xen_domctl_vcpuextstate vcpuextstate;
        struct xen_domctl_vcpu_msrs vcpu_msrs;
        struct xen_domctl_set_virq_handler set_virq_handler;
        struct xen_domctl_gdbsx_memio gdbsx_guest_memio;
        struct xen_domctl_cacheflush cacheflush;
        struct xen_domctl_gdbsx_pauseunp_vcpu gdbsx_pauseunp_vcpu;
        struct xen_domctl_gdbsx_domstatus gdbsx_domstatus;
        struct xen_domctl_vnuma vnuma;
        struct xen_domctl_paging_mempool paging_mempool;
        uint8_t pad[128];
    } u;
};
typedef struct xen_domctl xen_domctl_t;
ABI_LAYOUT(struct xen_domctl, u, 16, 144);

#endif
