/* SPDX-License-Identifier: GPL-2.0 */
/*
 * irq.h - interrupt lines of devices: numbers, who is told, when they are
 * acknowledged.
 *
 * Numbers: 0 to nr_gsis-1 are IO-APIC lines (GSI); those above are MSIs, made
 * and given back by msi.h. ISA line n is GSI irq_of_isa(n).
 */
#ifndef DEV_IRQ_H
#define DEV_IRQ_H

#include "cpu/percpu.h"
#include "lib/types.h"

#define MAX_IRQS 1024u

/* Runs with interrupts off on the CPU that took it. */
typedef void (*irq_fn)(unsigned int irq, void *data);

/*
 * Tell fn of each interrupt, and let the line through. shared: others may
 * bind it too (level lines). -EBUSY: it is taken; -EINVAL: no such line.
 */
int irq_bind(unsigned int irq, irq_fn fn, void *data, bool shared);
/* The same, but a level line stays masked after each interrupt until all
 * such bindings have called irq_eoi: for guests, who take their time. */
int irq_bind_deferred(unsigned int irq, irq_fn fn, void *data, bool shared);
void irq_eoi(unsigned int irq, void *data);
/* Masks the line when nobody is left. Waits until fn runs nowhere. */
void irq_unbind(unsigned int irq, void *data);

int irq_set_affinity(unsigned int irq, const cpumask_t *cpus);
/* Level line (or one whose EOI is deferred)? Then guests must say eoi. */
bool irq_needs_eoi(unsigned int irq);
bool irq_is_bound(unsigned int irq);
bool irq_exists(unsigned int irq);

/* Trigger mode and polarity of a GSI. -EEXIST: set before, or in use. */
int irq_set_gsi_mode(unsigned int gsi, bool level, bool active_low);

unsigned int irq_of_isa(unsigned int isa_line);
extern unsigned int nr_gsis;

void pic_silence(void); /* before the local APIC stops listening to it */
void irq_init(void);    /* IO-APICs found and masked */
/* From the entry code: vectors from 0x20 up, interrupts off. */
void irq_dispatch(unsigned int vector);
void irq_dump(char key);

#endif
