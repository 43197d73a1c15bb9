/* SPDX-License-Identifier: GPL-2.0 */
/*
 * fault.h - page faults, and what else the machine reports.
 */
#ifndef ENTRY_FAULT_H
#define ENTRY_FAULT_H

#include "domain/vcpu.h"

void fault_from_guest(struct vcpu *v);
/* True: mended, run the instruction again. */
bool fault_from_hypervisor(struct regs *r);
bool fault_on_iret(struct vcpu *v);

/* mcheck.c */
void nmi_received(struct regs *r);
void machine_check_received(struct regs *r);
void mcheck_init_cpu(void);
void watchdog_init(void); /* once all CPUs run */

/* debug.c: the NMI was a question for this CPU's registers. */
bool debug_nmi(const struct regs *r);
void debug_init(void); /* registers its keys */

#endif
