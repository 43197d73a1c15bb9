/* SPDX-License-Identifier: GPL-2.0 */
/*
 * msr.h - numbers of model specific registers, and access that may fault.
 */
#ifndef CPU_MSR_H
#define CPU_MSR_H

#include "lib/insn.h"
#include "lib/types.h"

#define MSR_TSC           0x10
#define MSR_APIC_BASE     0x1b
#define MSR_UCODE_REV     0x8b
#define MSR_PLATFORM_INFO 0xce
#define MSR_MISC_FEATURES_ENABLES 0x140
#define MSR_SYSENTER_CS   0x174
#define MSR_SYSENTER_ESP  0x175
#define MSR_SYSENTER_EIP  0x176
#define MSR_MCG_CAP       0x179
#define MSR_MCG_STATUS    0x17a
#define MSR_MCG_CTL       0x17b
#define MSR_MISC_ENABLE   0x1a0
#define MSR_PAT           0x277
#define MSR_TSC_DEADLINE  0x6e0
#define MSR_X2APIC        0x800
#define MSR_EFER          0xc0000080
#define MSR_STAR          0xc0000081
#define MSR_LSTAR         0xc0000082
#define MSR_CSTAR         0xc0000083
#define MSR_SYSCALL_MASK  0xc0000084
#define MSR_FS_BASE       0xc0000100
#define MSR_GS_BASE       0xc0000101
#define MSR_KERNEL_GS_BASE 0xc0000102
#define MSR_TSC_AUX       0xc0000103
#define MSR_HWCR          0xc0010015
#define HWCR_CPUID_USER_DIS (1UL << 35)

#define EFER_SCE   0x1
#define EFER_LME   0x100
#define EFER_LMA   0x400
#define EFER_NX    0x800
#define EFER_SVME  0x1000

#define CR0_TS  0x8UL
#define CR0_PE  0x1UL
#define CR0_MP  0x2UL
#define CR0_EM  0x4UL
#define CR0_ET  0x10UL
#define CR0_NE  0x20UL
#define CR0_WP  0x10000UL
#define CR0_AM  0x40000UL
#define CR0_PG  0x80000000UL
#define CR4_TSD 0x4UL
#define CR4_DE  0x8UL
#define CR4_PSE 0x10UL
#define CR4_PAE 0x20UL
#define CR4_MCE 0x40UL
#define CR4_PGE 0x80UL
#define CR4_PCE 0x100UL
#define CR4_OSFXSR 0x200UL
#define CR4_OSXMMEXCPT 0x400UL
#define CR4_UMIP 0x800UL
#define CR4_FSGSBASE 0x10000UL
#define CR4_PCIDE 0x20000UL
#define CR4_OSXSAVE 0x40000UL
#define CR4_SMEP 0x100000UL
#define CR4_SMAP 0x200000UL

/* The PAT all guests see, and so the machine's. */
#define HYP_PAT 0x0000050100070406UL

/* 0, or -EFAULT when the MSR raised #GP. */
int rdmsr_safe(uint32_t msr, uint64_t *v);
int wrmsr_safe(uint32_t msr, uint64_t v);

#endif
