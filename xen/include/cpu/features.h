/* SPDX-License-Identifier: GPL-2.0 */
/*
 * features.h - what this CPU has and what we switched on.
 */
#ifndef CPU_FEATURES_H
#define CPU_FEATURES_H

#include "lib/types.h"

struct cpu_features {
    char vendor[13];
    uint32_t max_leaf, max_ext_leaf;
    uint32_t leaf1_eax, leaf1_ecx, leaf1_edx, leaf7_ebx, leaf7_ecx, leaf7_edx;
    uint32_t ext1_ecx, ext1_edx, ext7_edx;
    bool amd; /* AMD or Hygon */
    bool nx, page1g, fsgsbase, smep, smap, xsave, xsaveopt, x2apic;
    bool tsc_deadline, tsc_invariant, rdtscp, cpuid_faulting, hypervisor;
    bool pcid, invpcid, monitor, umip;
    unsigned int phys_bits; /* width of a physical address */
    uint64_t xcr0;          /* extended states switched on */
    unsigned int xsave_size;
};
extern struct cpu_features cpu_features; /* the boot CPU's; others must match */

void features_init(void);         /* boot CPU: detect */
void features_init_cpu(void);     /* each CPU: CR0, CR4, EFER, XCR0, PAT */
extern uint64_t hyp_cr4;          /* CR4 while no guest bit is added */

#endif
