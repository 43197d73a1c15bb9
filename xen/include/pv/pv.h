/* SPDX-License-Identifier: GPL-2.0 */
/*
 * pv.h - what a paravirtual guest sees of the CPU, besides page tables.
 */
#ifndef PV_PV_H
#define PV_PV_H

#include "domain/vcpu.h"

/* bounce.c: build a frame on the guest kernel's stack and go to its handler. */
void bounce_trap(struct vcpu *v, unsigned int vector, uint32_t error_code);
void bounce_page_fault(struct vcpu *v, uint64_t cr2, uint32_t error_code);
void bounce_event(struct vcpu *v);   /* the event callback */
/* The return to the guest failed. sel: the ds, es, fs, gs that could not be
 * loaded, or NULL: those in use, rip, cs or ss were the trouble. */
void bounce_failsafe(struct vcpu *v, const uint16_t *sel);
void bounce_syscall(struct vcpu *v); /* guest user's syscall */
void bounce_syscall32(struct vcpu *v);
/* `int vector`: false if the guest has no handler open to it. */
bool bounce_int(struct vcpu *v, unsigned int vector, unsigned int insn_len);
void bounce_nmi(struct vcpu *v);
/* Switch guest mode: swap GS bases, load the other root. */
void guest_mode_toggle(struct vcpu *v);

void do_iret(void); /* iret.c */

/* trap_table.c */
long do_set_trap_table(uint64_t traps);
long do_set_callbacks(uint64_t event, uint64_t failsafe, uint64_t syscall);
long do_callback_op(uint64_t cmd, uint64_t arg);
long do_nmi_op(uint64_t cmd, uint64_t arg);

/* segment.c */
long do_set_gdt(uint64_t frames, uint64_t entries);
long do_update_descriptor(uint64_t pa, uint64_t desc);
long do_stack_switch(uint64_t ss, uint64_t sp);
long do_set_segment_base(uint64_t which, uint64_t base);
long do_set_debugreg(uint64_t reg, uint64_t value);
long do_get_debugreg(uint64_t reg);
long do_fpu_taskswitch(uint64_t set);
int gdt_set(struct vcpu *v, const uint64_t *frames, unsigned int entries);
void gdt_drop(struct vcpu *v);
int ldt_set(struct vcpu *v, uint64_t base, unsigned int entries);
bool ldt_fault(struct vcpu *v, uint64_t cr2); /* map a page of it: true: retry */
void ldt_unmap(struct vcpu *v);
/* May a guest have this descriptor? Forces DPL 3 where that mends it. */
bool descriptor_judge(uint64_t *desc);
/* Are all descriptors in the frame fit for a GDT or LDT (page type SEG)? */
bool descriptors_validate(mfn_t mfn);
int debugreg_set(struct vcpu *v, unsigned int reg, uint64_t value);

/* privop.c: the instruction at regs.rip raised #GP (or #UD): done by us? */
bool privop_emulate(struct vcpu *v, uint32_t error_code);
bool forced_cpuid_emulate(struct vcpu *v);

/* cpuid.c: what the guest may see */
struct cpu_policy;
void guest_cpuid(struct vcpu *v, uint32_t leaf, uint32_t sub, uint32_t r[4]);
int guest_rdmsr(struct vcpu *v, uint32_t msr, uint64_t *val);
int guest_wrmsr(struct vcpu *v, uint32_t msr, uint64_t val);
int cpu_policy_create(struct domain *d);
void cpu_policy_destroy(struct domain *d);

/* For a crash: its stack and the page walk of rip. */
void guest_dump(struct vcpu *v);

/* context.c */
#define VM_ASSIST_ALLOWED                                                      \
    (1u << VMASST_TYPE_4gb_segments | 1u << VMASST_TYPE_4gb_segments_notify |  \
     1u << VMASST_TYPE_writable_pagetables |                                   \
     1u << VMASST_TYPE_pae_extended_cr3 |                                      \
     1u << VMASST_TYPE_architectural_iopl |                                    \
     1u << VMASST_TYPE_runstate_update_flag)
int pv_vcpu_create(struct vcpu *v);
void pv_vcpu_destroy(struct vcpu *v);
int pv_domain_create(struct domain *d, const struct domain_config *cfg);
void pv_domain_destroy(struct domain *d);
/* v does not run. 0, -EINVAL, -ERESTART (validating the roots goes on). */
int vcpu_context_set(struct vcpu *v, const struct vcpu_guest_context *c);
void vcpu_context_get(struct vcpu *v, struct vcpu_guest_context *c);
/* CR4 with the bits v owns; for the running vcpu after v->cr4 changed. */
void guest_cr4_load(const struct vcpu *v);

/* hypercall_page.c */
void hypercall_page_fill(void *page);
int hypercall_page_write(struct domain *d, mfn_t mfn);
int hypercall_page_install(struct vcpu *v, uint64_t msr_value);

/* clock.c */
void clock_publish(struct vcpu *v);   /* write v's time record */
void clock_publish_wall(struct domain *d);
void clock_publish_wall_all(void);

#endif
