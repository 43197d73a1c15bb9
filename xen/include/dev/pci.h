/* SPDX-License-Identifier: GPL-2.0 */
/*
 * pci.h - configuration space: by ports 0xcf8/0xcfc, or memory (MCFG).
 */
#ifndef DEV_PCI_H
#define DEV_PCI_H

#include "lib/types.h"

typedef struct {
    uint16_t segment;
    uint8_t bus, devfn;
} pci_addr_t;

void pci_init(void);
/* size 1, 2 or 4; reg aligned to it. All ones if there is no such place. */
uint32_t pci_read(pci_addr_t a, unsigned int reg, unsigned int size);
void pci_write(pci_addr_t a, unsigned int reg, unsigned int size, uint32_t v);
/* Offset of a capability, or 0. */
unsigned int pci_find_cap(pci_addr_t a, uint8_t id);
/* Dom0 says where memory-mapped configuration space is. -EINVAL: not so. */
int pci_mmcfg_reserved(paddr_t base, uint16_t segment, uint8_t first_bus,
                       uint8_t last_bus, bool reserved);/* A guest's access through the ports: the address it has latched, the offset
 * from 0xcfc. */
uint32_t pci_port_read(uint32_t address, unsigned int offset,
                       unsigned int size);
void pci_port_write(uint32_t address, unsigned int offset, unsigned int size,
                    uint32_t v);

#endif
