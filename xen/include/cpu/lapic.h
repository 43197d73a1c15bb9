/* SPDX-License-Identifier: GPL-2.0 */
/*
 * lapic.h - the local APIC (xAPIC or x2APIC): IPIs, one-shot timer, EOI.
 */
#ifndef CPU_LAPIC_H
#define CPU_LAPIC_H

#include "lib/types.h"

/* Vectors: 0x20-0xdf for devices, the rest ours. Higher means more urgent. */
#define VECTOR_FIRST_DEVICE 0x30
#define VECTOR_LAST_DEVICE  0xdf
#define VECTOR_LAPIC_TIMER  0xf0
#define VECTOR_CALL         0xf8 /* smpcall.c */
#define VECTOR_TLB_FLUSH    0xf9 /* tlb.c */
#define VECTOR_SOFTIRQ      0xfa /* look at your softirqs */
#define VECTOR_LAPIC_ERROR  0xfe
#define VECTOR_SPURIOUS     0xff

void lapic_init_boot(paddr_t base);   /* find the mode, map, enable */
void lapic_init_cpu(void);            /* each CPU */
uint32_t lapic_id(void);
void lapic_eoi(void);
void lapic_send_ipi(unsigned int cpu, unsigned int vector);
void lapic_send_nmi(unsigned int cpu);
void lapic_send_init(uint32_t apic_id);
void lapic_send_startup(uint32_t apic_id, unsigned int page);
/* Arm this CPU's timer for a TSC value or a delay; NS_NEVER stops it. */
void lapic_timer_set(ns_t deadline);
void lapic_timer_calibrate(void);
bool lapic_is_x2apic(void);
void lapic_report_error(void);

#endif
