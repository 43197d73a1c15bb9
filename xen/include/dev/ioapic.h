/* SPDX-License-Identifier: GPL-2.0 */
/*
 * ioapic.h - the IO-APICs: pins, by global number (GSI).
 */
#ifndef DEV_IOAPIC_H
#define DEV_IOAPIC_H

#include "lib/types.h"

/* Find them, mask every pin. Returns how many GSIs there are. */
unsigned int ioapic_init(void);
/* Route gsi to a CPU's vector; masked as it was. */
void ioapic_route(unsigned int gsi, unsigned int vector, uint32_t apic_id,
                  bool level, bool active_low);
void ioapic_mask(unsigned int gsi);
void ioapic_unmask(unsigned int gsi);
bool ioapic_has(unsigned int gsi);
/* Dom0 reads id and version registers. -EINVAL: no IO-APIC at base. */
int ioapic_guest_read(paddr_t base, uint32_t reg, uint32_t *value);
bool ioapic_owns_frame(mfn_t mfn);

#endif
