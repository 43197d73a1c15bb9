/* SPDX-License-Identifier: GPL-2.0 */
/*
 * msi.h - message-signalled interrupts: we write address and data, the
 * device's owner switches them on.
 */
#ifndef DEV_MSI_H
#define DEV_MSI_H

#include "dev/pci.h"
#include "lib/types.h"

/*
 * Make `count` interrupts of a device's MSI capability (1, 2, 4... 32), or one
 * for entry `entry` of its MSI-X table. Returns the first irq, or -errno:
 * -ENODEV no such capability, -EEXIST in use, -EINVAL beyond its size.
 */
int msi_create(pci_addr_t a, unsigned int count);
int msix_create(pci_addr_t a, unsigned int entry);
/* Give back all that came with one call. irq: the first. */
void msi_destroy(unsigned int irq);
/* How many interrupts were made with this first one; 0: it is none. */
unsigned int msi_count(unsigned int irq);
/* Write the device's registers again, after it was reset. */
int msi_restore(pci_addr_t a);
/* Is that frame an MSI-X table we write? Guests must not. */
bool msix_owns_frame(mfn_t mfn);

#endif
