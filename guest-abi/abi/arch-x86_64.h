/* SPDX-License-Identifier: MIT */
/*
 * arch-x86_64.h - what a 64-bit PV guest shares with us about the processor.
 * Keeps true: included by xen.h only, which everybody includes; 64-bit PV is
 * the only kind of guest, so there are no 32-bit variants here.
 */
#ifndef ABI_ARCH_X86_64_H
#define ABI_ARCH_X86_64_H

#include <abi/layout.h>

typedef uint64_t xen_pfn_t;      /* number of a 4 KiB frame */
typedef uint64_t xen_ulong_t;    /* a guest's long */
typedef uint64_t xen_callback_t; /* guest code address */

/* A guest's address: copied through, never dereferenced. */
typedef struct {
    uint64_t va;
} guest_va_t;

/*
 * Selectors of our own descriptors, which stand at the end of every guest's
 * GDT. A guest kernel and its user code both run in ring 3.
 */
#define FLAT_RING3_CS32  0xe023
#define FLAT_RING3_CS64  0xe033
#define FLAT_RING3_DS32  0xe02b
#define FLAT_RING3_DS64  0x0000
#define FLAT_RING3_SS32  0xe02b
#define FLAT_RING3_SS64  0xe02b
#define FLAT_KERNEL_CS64 FLAT_RING3_CS64
#define FLAT_KERNEL_CS32 FLAT_RING3_CS32
#define FLAT_KERNEL_CS   FLAT_KERNEL_CS64
#define FLAT_KERNEL_DS64 FLAT_RING3_DS64
#define FLAT_KERNEL_DS32 FLAT_RING3_DS32
#define FLAT_KERNEL_DS   FLAT_KERNEL_DS64
#define FLAT_KERNEL_SS64 FLAT_RING3_SS64
#define FLAT_KERNEL_SS32 FLAT_RING3_SS32
#define FLAT_KERNEL_SS   FLAT_KERNEL_SS64
#define FLAT_USER_CS64   FLAT_RING3_CS64
#define FLAT_USER_CS32   FLAT_RING3_CS32
#define FLAT_USER_CS     FLAT_USER_CS64
#define FLAT_USER_DS64   FLAT_RING3_DS64
#define FLAT_USER_DS32   FLAT_RING3_DS32
#define FLAT_USER_DS     FLAT_USER_DS64
#define FLAT_USER_SS64   FLAT_RING3_SS64
#define FLAT_USER_SS32   FLAT_RING3_SS32
#define FLAT_USER_SS     FLAT_USER_SS64

/* GDT pages and entries below these numbers are the guest's. */
#define FIRST_RESERVED_GDT_PAGE  14
#define FIRST_RESERVED_GDT_BYTE  (FIRST_RESERVED_GDT_PAGE * 4096)
#define FIRST_RESERVED_GDT_ENTRY (FIRST_RESERVED_GDT_BYTE / 8)

/* Addresses that no guest table may fill: the hypervisor's sixteen L4 slots. */
#define HYPERVISOR_VIRT_START 0xffff800000000000UL
#define HYPERVISOR_VIRT_END   0xffff880000000000UL
/* The first of them is the machine-to-physical table, readable by guests. */
#define MACH2PHYS_VIRT_START  0xffff800000000000UL
#define MACH2PHYS_VIRT_END    0xffff804000000000UL
#define MACH2PHYS_NR_ENTRIES  ((MACH2PHYS_VIRT_END - MACH2PHYS_VIRT_START) >> 3)

/* Vcpus that find their vcpu_info in the shared page without asking. */
#define XEN_LEGACY_MAX_VCPUS 32

/* Which base __HYPERVISOR_set_segment_base sets. */
#define SEGBASE_FS          0
#define SEGBASE_GS_USER     1 /* used while the guest's user code runs */
#define SEGBASE_GS_KERNEL   2 /* used while the guest's kernel runs */
#define SEGBASE_GS_USER_SEL 3 /* not a base: loads this selector for user */

/*
 * One line of the table given to __HYPERVISOR_set_trap_table. The guest
 * writes it; a line with address 0 ends the list.
 */
struct trap_info {
    uint8_t vector;
    uint8_t flags; /* bits 0-1: ring that may use `int`; bit 2: mask events */
    uint16_t cs;
    uint64_t address;
};
typedef struct trap_info trap_info_t;
ABI_LAYOUT(struct trap_info, address, 8, 16);

#define TI_GET_DPL(ti)      ((ti)->flags & 3)
#define TI_GET_IF(ti)       ((ti)->flags & 4)
#define TI_SET_DPL(ti, dpl) ((ti)->flags |= (dpl))
#define TI_SET_IF(ti, on)   ((ti)->flags |= ((!!(on)) << 2))

/* Registers of a stopped vcpu, in the order tools and guests expect. */
struct cpu_user_regs {
    uint64_t r15;
    uint64_t r14;
    uint64_t r13;
    uint64_t r12;
    uint64_t rbp;
    uint64_t rbx;
    uint64_t r11;
    uint64_t r10;
    uint64_t r9;
    uint64_t r8;
    uint64_t rax;
    uint64_t rcx;
    uint64_t rdx;
    uint64_t rsi;
    uint64_t rdi;
    uint32_t error_code;   /* ours while inside; no meaning outside */
    uint32_t entry_vector; /* likewise */
    uint64_t rip;
    uint16_t cs;
    uint16_t _pad0[1];
    uint8_t saved_upcall_mask; /* the vcpu's event mask, next to cs */
    uint8_t _pad1[3];
    uint64_t rflags; /* IF stands for "events not masked" */
    uint64_t rsp;
    uint16_t ss;
    uint16_t _pad2[3];
    uint16_t es;
    uint16_t _pad3[3];
    uint16_t ds;
    uint16_t _pad4[3];
    uint16_t fs;
    uint16_t _pad5[3];
    uint16_t gs;
    uint16_t _pad6[3];
};
typedef struct cpu_user_regs cpu_user_regs_t;
ABI_LAYOUT(struct cpu_user_regs, rip, 128, 200);

/* Bits of vcpu_guest_context.flags. */
#define _VGCF_i387_valid               0 /* fpu_ctxt has something to load */
#define VGCF_i387_valid                (1 << _VGCF_i387_valid)
#define _VGCF_in_kernel                2 /* it stands in kernel mode */
#define VGCF_in_kernel                 (1 << _VGCF_in_kernel)
#define _VGCF_failsafe_disables_events 3
#define VGCF_failsafe_disables_events  (1 << _VGCF_failsafe_disables_events)
#define _VGCF_syscall_disables_events  4
#define VGCF_syscall_disables_events   (1 << _VGCF_syscall_disables_events)
#define _VGCF_online                   5 /* not waiting for VCPUOP_up */
#define VGCF_online                    (1 << _VGCF_online)
/* Not stored; the iret frame's flags say with it: r11 and rcx may be lost. */
#define _VGCF_in_syscall 8
#define VGCF_in_syscall  (1 << _VGCF_in_syscall)
#define VGCF_I387_VALID  VGCF_i387_valid
#define VGCF_IN_KERNEL   VGCF_in_kernel
#define VGCF_IN_SYSCALL  VGCF_in_syscall

/*
 * All of a vcpu that is not in memory: written by whoever builds or restores
 * it (VCPUOP_initialise, XEN_DOMCTL_setvcpucontext), read back by the tools.
 */
struct vcpu_guest_context {
    struct {
        char x[512];
    } fpu_ctxt; /* FXSAVE image */
    uint64_t flags;
    struct cpu_user_regs user_regs;
    struct trap_info trap_ctxt[256];
    uint64_t ldt_base; /* linear address */
    uint64_t ldt_ents;
    uint64_t gdt_frames[16]; /* machine frames, the first 14 in use */
    uint64_t gdt_ents;
    uint64_t kernel_ss; /* stack for entries from user mode */
    uint64_t kernel_sp;
    uint64_t ctrlreg[8]; /* 0, 3 (machine frame << 12), 1: user CR3, 4 */
    uint64_t debugreg[8];
    uint64_t event_callback_eip;
    uint64_t failsafe_callback_eip;
    uint64_t syscall_callback_eip;
    uint64_t vm_assist; /* one bit for each VMASST_TYPE_ */
    uint64_t fs_base;
    uint64_t gs_base_kernel;
    uint64_t gs_base_user;
};
typedef struct vcpu_guest_context vcpu_guest_context_t;
ABI_LAYOUT(struct vcpu_guest_context, user_regs, 520, 5168);

/* ctrlreg[1] and [3] hold a root table's machine frame this way. */
#define xen_pfn_to_cr3(pfn) ((uint64_t)(pfn) << 12)
#define xen_cr3_to_pfn(cr3) ((uint64_t)(cr3) >> 12)

/*
 * Stack of __HYPERVISOR_iret, from rsp upwards. Pushed by the guest kernel;
 * rings in cs and ss decide whether user or kernel mode follows.
 */
struct iret_context {
    uint64_t rax;
    uint64_t r11;
    uint64_t rcx;
    uint64_t flags; /* VGCF_in_syscall or 0 */
    uint64_t rip;
    uint64_t cs;
    uint64_t rflags;
    uint64_t rsp;
    uint64_t ss;
};
ABI_LAYOUT(struct iret_context, rip, 32, 72);

/* The processor's part of vcpu_info. */
struct arch_vcpu_info {
    uint64_t cr2; /* we write it before a page fault is bounced */
    uint64_t pad;
};
typedef struct arch_vcpu_info arch_vcpu_info_t;

/*
 * The processor's part of the shared page. The guest writes where its own
 * list of frames stands, so that tools can save it.
 */
struct arch_shared_info {
    uint64_t max_pfn; /* entries in that list */
    xen_pfn_t pfn_to_mfn_frame_list_list; /* three-level form; ~0: not used */
    uint64_t nmi_reason;                  /* XEN_NMIREASON_ bits, ours */
    uint64_t p2m_cr3;                     /* flat form: root of its tables, */
    uint64_t p2m_vaddr;                   /* its virtual address, and a */
    uint64_t p2m_generation;              /* count, odd while it changes */
};
typedef struct arch_shared_info arch_shared_info_t;
ABI_LAYOUT(struct arch_shared_info, p2m_generation, 40, 48);

/* x86 options of a new domain; a PV domain gets no emulated devices. */
#define XEN_X86_EMU_LAPIC    (1U << 0)
#define XEN_X86_EMU_HPET     (1U << 1)
#define XEN_X86_EMU_PM       (1U << 2)
#define XEN_X86_EMU_RTC      (1U << 3)
#define XEN_X86_EMU_IOAPIC   (1U << 4)
#define XEN_X86_EMU_PIC      (1U << 5)
#define XEN_X86_EMU_VGA      (1U << 6)
#define XEN_X86_EMU_IOMMU    (1U << 7)
#define XEN_X86_EMU_PIT      (1U << 8)
#define XEN_X86_EMU_USE_PIRQ (1U << 9)
#define XEN_X86_EMU_VPCI     (1U << 10)
#define XEN_X86_EMU_ALL      0x7ffU
#define XEN_X86_MSR_RELAXED  (1U << 0) /* bad MSR reads give 0, not a fault */
#define XEN_X86_MISC_FLAGS_MAX XEN_X86_MSR_RELAXED
struct xen_arch_domainconfig {
    uint32_t emulation_flags; /* XEN_X86_EMU_ */
    uint32_t misc_flags;      /* XEN_X86_MSR_RELAXED */
};
ABI_LAYOUT(struct xen_arch_domainconfig, misc_flags, 4, 8);

/* One CPUID leaf and one MSR of a CPU policy, as tools carry them about. */
#define XEN_CPUID_NO_SUBLEAF 0xffffffffU
typedef struct xen_cpuid_leaf {
    uint32_t leaf;
    uint32_t subleaf; /* XEN_CPUID_NO_SUBLEAF where ecx does not matter */
    uint32_t a, b, c, d;
} xen_cpuid_leaf_t;
ABI_LAYOUT(struct xen_cpuid_leaf, a, 8, 24);

typedef struct xen_msr_entry {
    uint32_t idx;
    uint32_t flags; /* zero */
    uint64_t val;
} xen_msr_entry_t;
ABI_LAYOUT(struct xen_msr_entry, val, 8, 16);

/* ud2 and "xen" before CPUID ask us, not the processor, for the answer. */
#define XEN_EMULATE_PREFIX ".byte 0x0f,0x0b,0x78,0x65,0x6e ; "
#define XEN_CPUID          XEN_EMULATE_PREFIX "cpuid"

#endif
