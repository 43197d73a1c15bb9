/* SPDX-License-Identifier: MIT */
/*
 * elfnote.h - types of the ELF notes, named "Xen", in a guest kernel.
 * Keeps true: defines alone, so that assembly may include it.
 */
#ifndef ABI_ELFNOTE_H
#define ABI_ELFNOTE_H

#define XEN_ELFNOTE_INFO               0
#define XEN_ELFNOTE_ENTRY              1  /* first instruction */
#define XEN_ELFNOTE_HYPERCALL_PAGE     2  /* page for us to fill */
#define XEN_ELFNOTE_VIRT_BASE          3  /* virtual address of pfn 0 */
#define XEN_ELFNOTE_PADDR_OFFSET       4  /* subtracted from p_paddr */
#define XEN_ELFNOTE_XEN_VERSION        5  /* "xen-3.0" */
#define XEN_ELFNOTE_GUEST_OS           6
#define XEN_ELFNOTE_GUEST_VERSION      7
#define XEN_ELFNOTE_LOADER             8  /* "generic" */
#define XEN_ELFNOTE_PAE_MODE           9
#define XEN_ELFNOTE_FEATURES           10 /* names, '!' before a must */
#define XEN_ELFNOTE_BSD_SYMTAB         11
#define XEN_ELFNOTE_HV_START_LOW       12 /* we must not start below */
#define XEN_ELFNOTE_L1_MFN_VALID       13 /* mask and value of "present" */
#define XEN_ELFNOTE_SUSPEND_CANCEL     14 /* it can go on after a suspend */
#define XEN_ELFNOTE_INIT_P2M           15 /* address for the p2m list */
#define XEN_ELFNOTE_MOD_START_PFN      16 /* initrd need not be mapped */
#define XEN_ELFNOTE_SUPPORTED_FEATURES 17 /* XENFEAT_ bits */
#define XEN_ELFNOTE_PHYS32_ENTRY       18 /* entry that is not PV */
#define XEN_ELFNOTE_MAX                XEN_ELFNOTE_PHYS32_ENTRY

/* In dumps of a crashed system, not in kernels. */
#define XEN_ELFNOTE_CRASH_INFO              0x1000001
#define XEN_ELFNOTE_CRASH_REGS              0x1000002
#define XEN_ELFNOTE_DUMPCORE_NONE           0x2000000
#define XEN_ELFNOTE_DUMPCORE_HEADER         0x2000001
#define XEN_ELFNOTE_DUMPCORE_XEN_VERSION    0x2000002
#define XEN_ELFNOTE_DUMPCORE_FORMAT_VERSION 0x2000003

#endif
