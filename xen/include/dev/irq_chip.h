/* SPDX-License-Identifier: GPL-2.0 */
/*
 * irq_chip.h - what brings an interrupt: an IO-APIC pin or an MSI.
 */
#ifndef DEV_IRQ_CHIP_H
#define DEV_IRQ_CHIP_H

#include "dev/irq.h"

struct irq_chip {
    const char *name;
    void (*mask)(unsigned int irq, void *data);
    void (*unmask)(unsigned int irq, void *data);
    /* From now on it comes as this vector of that CPU. */
    void (*route)(unsigned int irq, void *data, unsigned int vector,
                  unsigned int cpu);
};

/*
 * count numbers in a row for MSIs of one device, vectors given, masked; or
 * -ENOSPC. together: the vectors are in a row too, aligned, on one CPU.
 */
int irq_create(const struct irq_chip *chip, void **data, unsigned int count,
               bool together);
/* Nobody is bound to them any more. */
void irq_destroy(unsigned int irq, unsigned int count);
unsigned int irq_vector(unsigned int irq);
unsigned int irq_cpu(unsigned int irq);
void *irq_chip_data(unsigned int irq, const struct irq_chip *chip);

#endif
