/* SPDX-License-Identifier: GPL-2.0 */
/*
 * entry.h - labels of entry.S and the functions it calls.
 */
#ifndef ENTRY_ENTRY_H
#define ENTRY_ENTRY_H

#include "domain/vcpu.h"

/* 256 stubs, 16 bytes apart, for the IDT. */
extern const char trap_entry_table[256][16];

/* Code for page 0 of each CPU's area: LSTAR points to its start, CSTAR
 * (syscall32_stub - syscall_stub) bytes behind. */
extern const char syscall_stub[], syscall32_stub[], syscall_stub_end[];

struct regs *guest_exit_work(void);
void trap_from_guest(struct vcpu *v);
void trap_from_hypervisor(struct regs *r);
void iret_to_guest_failed(struct vcpu *v);

/* Interrupt vectors from 0x20 up, 0x80 excepted; interrupts off. dev/irq.c */
void irq_dispatch(unsigned int vector);

#endif
