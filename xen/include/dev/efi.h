/* SPDX-License-Identifier: GPL-2.0 */
/*
 * efi.h - the firmware's tables and runtime services, if EFI booted us.
 */
#ifndef DEV_EFI_H
#define DEV_EFI_H

#include "lib/types.h"

struct boot_efi;

struct efi_info {
    bool present;
    uint32_t version;      /* of the specification, as the table says it */
    uint32_t rt_version;
    paddr_t config_tables;
    uint32_t nr_config_tables;
    uint32_t vendor_revision;
    uint16_t vendor[100]; /* UTF-16, ends in 0 */
};
extern struct efi_info efi_info;

void efi_init(const struct boot_efi *efi);

/* Offsets of services in the runtime table (UEFI 2.9, 4.5). */
enum efi_service {
    EFI_GET_TIME = 24,
    EFI_SET_TIME = 32,
    EFI_GET_WAKEUP_TIME = 40,
    EFI_SET_WAKEUP_TIME = 48,
    EFI_GET_VARIABLE = 72,
    EFI_GET_NEXT_VARIABLE_NAME = 80,
    EFI_SET_VARIABLE = 88,
    EFI_GET_NEXT_HIGH_MONO_COUNT = 96,
    EFI_QUERY_VARIABLE_INFO = 128,
};
/*
 * Call one, in address space of its own, interrupts on. The caller has saved
 * the FPU. Returns the firmware's status.
 */
uint64_t efi_call(enum efi_service s, const uint64_t arg[5]);

/* The range of the firmware's memory map that holds pa. */
bool efi_mem_lookup(paddr_t pa, paddr_t *start, paddr_t *end, uint32_t *type,
                    uint64_t *attribute);

#endif
