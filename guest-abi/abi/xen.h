/* SPDX-License-Identifier: MIT */
/*
 * xen.h - the root of the interface: hypercall numbers, the shared page,
 * the start page, and the structures of the calls that have no own header.
 * Keeps true: names and numbers are the published ones of Xen's PV ABI, so
 * any text about that ABI is also a text about these headers.
 */
#ifndef ABI_XEN_H
#define ABI_XEN_H

#include <abi/arch-x86_64.h>

/* Hypercall numbers: rax at `syscall`, or the slot of the hypercall page. */
#define __HYPERVISOR_set_trap_table               0
#define __HYPERVISOR_mmu_update                   1
#define __HYPERVISOR_set_gdt                      2
#define __HYPERVISOR_stack_switch                 3
#define __HYPERVISOR_set_callbacks                4
#define __HYPERVISOR_fpu_taskswitch               5
#define __HYPERVISOR_sched_op_compat              6
#define __HYPERVISOR_platform_op                  7
#define __HYPERVISOR_set_debugreg                 8
#define __HYPERVISOR_get_debugreg                 9
#define __HYPERVISOR_update_descriptor            10
#define __HYPERVISOR_memory_op                    12
#define __HYPERVISOR_multicall                    13
#define __HYPERVISOR_update_va_mapping            14
#define __HYPERVISOR_set_timer_op                 15
#define __HYPERVISOR_event_channel_op_compat      16
#define __HYPERVISOR_xen_version                  17
#define __HYPERVISOR_console_io                   18
#define __HYPERVISOR_physdev_op_compat            19
#define __HYPERVISOR_grant_table_op               20
#define __HYPERVISOR_vm_assist                    21
#define __HYPERVISOR_update_va_mapping_otherdomain 22
#define __HYPERVISOR_iret                         23
#define __HYPERVISOR_vcpu_op                      24
#define __HYPERVISOR_set_segment_base             25
#define __HYPERVISOR_mmuext_op                    26
#define __HYPERVISOR_xsm_op                       27
#define __HYPERVISOR_nmi_op                       28
#define __HYPERVISOR_sched_op                     29
#define __HYPERVISOR_callback_op                  30
#define __HYPERVISOR_xenoprof_op                  31
#define __HYPERVISOR_event_channel_op             32
#define __HYPERVISOR_physdev_op                   33
#define __HYPERVISOR_hvm_op                       34
#define __HYPERVISOR_sysctl                       35
#define __HYPERVISOR_domctl                       36
#define __HYPERVISOR_kexec_op                     37
#define __HYPERVISOR_tmem_op                      38
#define __HYPERVISOR_argo_op                      39
#define __HYPERVISOR_xenpmu_op                    40
#define __HYPERVISOR_dm_op                        41
#define __HYPERVISOR_hypfs_op                     42
#define __HYPERVISOR_arch_0                       48
#define __HYPERVISOR_arch_1                       49
#define __HYPERVISOR_arch_2                       50
#define __HYPERVISOR_arch_3                       51
#define __HYPERVISOR_arch_4                       52
#define __HYPERVISOR_arch_5                       53
#define __HYPERVISOR_arch_6                       54
#define __HYPERVISOR_arch_7                       55
/* On x86 the first of these is the machine-check interface. */
#define __HYPERVISOR_mca __HYPERVISOR_arch_0

/* Virtual interrupts: V one each vcpu, G one a domain or one in all. */
#define VIRQ_TIMER      0  /* V: a timer of this vcpu has run out */
#define VIRQ_DEBUG      1  /* V: say what state you are in */
#define VIRQ_CONSOLE    2  /* G: serial input for the console's owner */
#define VIRQ_DOM_EXC    3  /* G: some domain shut down or died */
#define VIRQ_TBUF       4  /* G: trace records wait */
#define VIRQ_DEBUGGER   6  /* G: a domain under debugging stopped */
#define VIRQ_XENOPROF   7  /* V: profile samples wait */
#define VIRQ_CON_RING   8  /* G: our log ring has new text */
#define VIRQ_PCPU_STATE 9  /* G: a processor came or went */
#define VIRQ_MEM_EVENT  10 /* G: memory event */
#define VIRQ_ARGO       11 /* G: message for this domain */
#define VIRQ_ENOMEM     12 /* G: memory runs short */
#define VIRQ_XENPMU     13 /* V: performance counter */
#define VIRQ_ARCH_0     16
#define VIRQ_ARCH_1     17
#define VIRQ_ARCH_2     18
#define VIRQ_ARCH_3     19
#define VIRQ_ARCH_4     20
#define VIRQ_ARCH_5     21
#define VIRQ_ARCH_6     22
#define VIRQ_ARCH_7     23
#define VIRQ_MCA        VIRQ_ARCH_0 /* machine-check records wait */
#define NR_VIRQS        24

/* Low two bits of mmu_update.ptr: what kind of update. */
#define MMU_NORMAL_PT_UPDATE      0 /* *ptr = val, checked */
#define MMU_MACHPHYS_UPDATE       1 /* M2P[ptr >> 12] = val */
#define MMU_PT_UPDATE_PRESERVE_AD 2 /* as 0, but A and D bits are or'ed in */
#define MMU_PT_UPDATE_NO_TRANSLATE 3

/* mmuext_op.cmd. In brackets: what arg1 and arg2 hold. */
#define MMUEXT_PIN_L1_TABLE       0  /* [mfn] keep it a table, checked now */
#define MMUEXT_PIN_L2_TABLE       1
#define MMUEXT_PIN_L3_TABLE       2
#define MMUEXT_PIN_L4_TABLE       3
#define MMUEXT_UNPIN_TABLE        4  /* [mfn] */
#define MMUEXT_NEW_BASEPTR        5  /* [mfn] kernel-mode root */
#define MMUEXT_TLB_FLUSH_LOCAL    6
#define MMUEXT_INVLPG_LOCAL       7  /* [linear_addr] */
#define MMUEXT_TLB_FLUSH_MULTI    8  /* [, vcpumask] */
#define MMUEXT_INVLPG_MULTI       9  /* [linear_addr, vcpumask] */
#define MMUEXT_TLB_FLUSH_ALL      10
#define MMUEXT_INVLPG_ALL         11 /* [linear_addr] */
#define MMUEXT_FLUSH_CACHE        12
#define MMUEXT_SET_LDT            13 /* [linear_addr, nr_ents] */
#define MMUEXT_NEW_USER_BASEPTR   15 /* [mfn] user-mode root; 0: none */
#define MMUEXT_CLEAR_PAGE         16 /* [mfn] */
#define MMUEXT_COPY_PAGE          17 /* [mfn, src_mfn] */
#define MMUEXT_FLUSH_CACHE_GLOBAL 18
#define MMUEXT_MARK_SUPER         19
#define MMUEXT_UNMARK_SUPER       20

/* One request of __HYPERVISOR_mmuext_op; written by the guest. */
struct mmuext_op {
    uint32_t cmd;
    union {
        xen_pfn_t mfn;
        uint64_t linear_addr;
    } arg1;
    union {
        uint32_t nr_ents;
        guest_va_t vcpumask; /* bitmap, 64 bits */
        xen_pfn_t src_mfn;
    } arg2;
};
typedef struct mmuext_op mmuext_op_t;
ABI_LAYOUT(struct mmuext_op, arg2, 16, 24);

/* Third argument of __HYPERVISOR_update_va_mapping: what to flush, where. */
#define UVMF_NONE           (0UL << 0)
#define UVMF_TLB_FLUSH      (1UL << 0)
#define UVMF_INVLPG         (2UL << 0)
#define UVMF_FLUSHTYPE_MASK (3UL << 0)
#define UVMF_MULTI          (0UL << 2) /* other bits: address of a bitmap */
#define UVMF_LOCAL          (0UL << 2) /* and no bitmap: this vcpu alone */
#define UVMF_ALL            (1UL << 2)

#define CONSOLEIO_write 0
#define CONSOLEIO_read  1

#define VMASST_CMD_enable  0
#define VMASST_CMD_disable 1

#define VMASST_TYPE_4gb_segments         0 /* nothing to do in 64 bits */
#define VMASST_TYPE_4gb_segments_notify  1
#define VMASST_TYPE_writable_pagetables  2 /* trapped stores to tables work */
#define VMASST_TYPE_pae_extended_cr3     3
#define VMASST_TYPE_architectural_iopl   4 /* IOPL as rings 0 and 3 see it */
#define VMASST_TYPE_runstate_update_flag 5 /* XEN_RUNSTATE_UPDATE is set */
#define VMASST_TYPE_m2p_strict           32 /* no M2P in user tables */

/* Domain numbers with a meaning of their own. */
typedef uint16_t domid_t;
#define DOMID_FIRST_RESERVED 0x7ff0U
#define DOMID_SELF           0x7ff0U
#define DOMID_IO             0x7ff1U /* owner of device frames */
#define DOMID_XEN            0x7ff2U /* owner of our shared frames */
#define DOMID_COW            0x7ff3U
#define DOMID_INVALID        0x7ff4U
#define DOMID_IDLE           0x7fffU
#define DOMID_MASK           0x7fffU

/* One request of __HYPERVISOR_mmu_update; written by the guest. */
struct mmu_update {
    uint64_t ptr; /* machine address of the entry, kind in bits 0-1 */
    uint64_t val; /* new content */
};
typedef struct mmu_update mmu_update_t;
ABI_LAYOUT(struct mmu_update, val, 8, 16);

/* Bit of a batch count that says: continued by us, not a new call. */
#define MMU_UPDATE_PREEMPTED (1U << 31)

/* One call of a __HYPERVISOR_multicall batch; result is written by us. */
struct multicall_entry {
    xen_ulong_t op;
    xen_ulong_t result;
    xen_ulong_t args[6];
};
typedef struct multicall_entry multicall_entry_t;
ABI_LAYOUT(struct multicall_entry, args, 16, 64);

/*
 * How a vcpu turns TSC ticks into time. Written by us, read by the guest
 * without a lock: `version` is odd during a write; read it before and after.
 */
struct vcpu_time_info {
    uint32_t version;
    uint32_t pad0;
    uint64_t tsc_timestamp;     /* ticks, at the last write */
    uint64_t system_time;       /* ns since boot, at tsc_timestamp */
    uint32_t tsc_to_system_mul; /* ns per shifted tick, times 2^32 */
    int8_t tsc_shift;           /* bits; negative shifts right */
    uint8_t flags;              /* XEN_PVCLOCK_ bits */
    uint8_t pad1[2];
};
typedef struct vcpu_time_info vcpu_time_info_t;
ABI_LAYOUT(struct vcpu_time_info, tsc_shift, 28, 32);

#define XEN_PVCLOCK_TSC_STABLE_BIT (1 << 0) /* vcpus agree on the time */
#define XEN_PVCLOCK_GUEST_STOPPED  (1 << 1)

/*
 * A vcpu's own corner of shared memory: in shared_info for the first 32, or
 * where VCPUOP_register_vcpu_info put it. Both sides write.
 */
struct vcpu_info {
    uint8_t evtchn_upcall_pending; /* we set, the guest clears */
    uint8_t evtchn_upcall_mask;    /* the guest's interrupt flag, inverted */
    xen_ulong_t evtchn_pending_sel; /* bit i: word i of the pending bits */
    struct arch_vcpu_info arch;
    struct vcpu_time_info time;
};
typedef struct vcpu_info vcpu_info_t;
ABI_LAYOUT(struct vcpu_info, time, 32, 64);

/* The page a domain shares with us; start_info says where it is. */
struct shared_info {
    struct vcpu_info vcpu_info[XEN_LEGACY_MAX_VCPUS];
    xen_ulong_t evtchn_pending[64]; /* one bit a port: look here */
    xen_ulong_t evtchn_mask[64];    /* one bit a port: the guest's "not now" */
    uint32_t wc_version;            /* odd while the wall clock changes */
    uint32_t wc_sec;                /* UTC at system time 0 */
    uint32_t wc_nsec;
    uint32_t wc_sec_hi; /* upper half of the seconds */
    struct arch_shared_info arch;
};
typedef struct shared_info shared_info_t;
ABI_LAYOUT(struct shared_info, wc_version, 3072, 3136);
ABI_LAYOUT(struct shared_info, arch, 3088, 3136);

#define MAX_GUEST_CMDLINE 1024

/* What a new guest finds at the address in rsi. Written by the builder. */
struct start_info {
    char magic[32];       /* "xen-3.0-x86_64" */
    uint64_t nr_pages;    /* frames of this domain */
    uint64_t shared_info; /* machine address of the shared page */
    uint32_t flags;       /* SIF_ */
    xen_pfn_t store_mfn;  /* ring to the store */
    uint32_t store_evtchn;
    union {
        struct {
            xen_pfn_t mfn; /* console ring */
            uint32_t evtchn;
        } domU;
        struct {
            uint32_t info_off; /* dom0_vga_console_info, from this start */
            uint32_t info_size;
        } dom0;
    } console;
    uint64_t pt_base;      /* virtual address of the root table */
    uint64_t nr_pt_frames; /* frames of the first page tables */
    uint64_t mfn_list;     /* virtual address of the list pfn to mfn */
    uint64_t mod_start;    /* initrd: address, or pfn with SIF_MOD_START_PFN */
    uint64_t mod_len;      /* bytes */
    char cmd_line[MAX_GUEST_CMDLINE];
    uint64_t first_p2m_pfn; /* frames that hold mfn_list, when it has a */
    uint64_t nr_p2m_frames; /* place of its own (XEN_ELFNOTE_INIT_P2M) */
};
typedef struct start_info start_info_t;
ABI_LAYOUT(struct start_info, console, 72, 1168);
ABI_LAYOUT(struct start_info, cmd_line, 128, 1168);

#define SIF_PRIVILEGED      (1 << 0) /* may control the machine */
#define SIF_INITDOMAIN      (1 << 1) /* is Dom0 */
#define SIF_MULTIBOOT_MOD   (1 << 2) /* mod_start is a list of modules */
#define SIF_MOD_START_PFN   (1 << 3)
#define SIF_VIRT_P2M_4TOOLS (1 << 4) /* tools can read a flat list */
#define SIF_PM_MASK         (0xff << 8) /* power management: who does it */

/* One module where SIF_MULTIBOOT_MOD is set. */
struct xen_multiboot_mod_list {
    uint32_t mod_start;
    uint32_t mod_end;
    uint32_t cmdline;
    uint32_t pad;
};
ABI_LAYOUT(struct xen_multiboot_mod_list, cmdline, 8, 16);

#define XEN_VGATYPE_TEXT_MODE_3 0x03
#define XEN_VGATYPE_VESA_LFB    0x23
#define XEN_VGATYPE_EFI_LFB     0x70

/* How the screen was left to Dom0; stands behind its start_info. */
typedef struct dom0_vga_console_info {
    uint8_t video_type; /* XEN_VGATYPE_ */
    union {
        struct {
            uint16_t font_height; /* pixels */
            uint16_t cursor_x, cursor_y;
            uint16_t rows, columns;
        } text_mode_3;
        struct {
            uint16_t width, height; /* pixels */
            uint16_t bytes_per_line;
            uint16_t bits_per_pixel;
            uint32_t lfb_base; /* machine address, low half */
            uint32_t lfb_size; /* 64 KiB units */
            uint8_t red_pos, red_size;
            uint8_t green_pos, green_size;
            uint8_t blue_pos, blue_size;
            uint8_t rsvd_pos, rsvd_size;
            uint32_t gbl_caps;
            uint16_t mode_attrs;
            uint16_t pad;
            uint32_t ext_lfb_base; /* machine address, high half */
        } vesa_lfb;
    } u;
} dom0_vga_console_info_t;
ABI_LAYOUT(struct dom0_vga_console_info, u, 4, 40);

typedef uint8_t xen_domain_handle_t[16]; /* a domain's UUID */

typedef struct {
    uint8_t a[16];
} xen_uuid_t;

/* A bitmap of the tools: bytes, lowest bit first. */
struct xenctl_bitmap {
    guest_va_t bitmap;
    uint32_t nr_bits;
};
typedef struct xenctl_bitmap xenctl_bitmap_t;
ABI_LAYOUT(struct xenctl_bitmap, nr_bits, 8, 16);

#endif
