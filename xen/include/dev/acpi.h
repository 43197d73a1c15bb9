/* SPDX-License-Identifier: GPL-2.0 */
/*
 * acpi.h - what the ACPI tables say of the machine; and the registers that
 * reset it, put it to sleep, and count.
 */
#ifndef DEV_ACPI_H
#define DEV_ACPI_H

#include "lib/types.h"

#define ACPI_MAX_CPUS    256
#define ACPI_MAX_IOAPICS 16

struct acpi_cpu {
    uint32_t apic_id, acpi_id;
    bool enabled;
};
struct acpi_ioapic {
    uint32_t id;
    paddr_t base;
    uint32_t gsi_base;
};
/* An ISA line that is not the GSI of its number, or not edge/high. */
struct acpi_override {
    bool set;
    uint32_t gsi;
    bool level, low;
};
struct acpi_mcfg {
    paddr_t base;
    uint16_t segment;
    uint8_t first_bus, last_bus;
};

/* A register somewhere (ACPI spec 6.4, 5.2.3.2). */
struct acpi_gas {
    uint8_t space, width, offset, access;
    uint64_t addr;
};
#define ACPI_SPACE_MEMORY 0
#define ACPI_SPACE_IO     1

struct acpi_info {
    paddr_t rsdp; /* physical address, 0: none */
    bool have_madt, pic_present;
    paddr_t lapic_base;
    unsigned int nr_cpus;
    struct acpi_cpu cpu[ACPI_MAX_CPUS];
    unsigned int nr_ioapics;
    struct acpi_ioapic ioapic[ACPI_MAX_IOAPICS];
    struct acpi_override isa[16];
    uint16_t sci_irq;
    struct acpi_gas pm_timer, reset, pm1a_cnt, pm1b_cnt, pm1a_evt, pm1b_evt;
    bool pm_timer_32bit, have_reset, reduced_hw;
    uint8_t reset_value;
    uint8_t cmos_century;
    paddr_t facs;
    paddr_t hpet_base; /* 0: none */
    uint32_t hpet_seq;
    unsigned int nr_mcfg;
    struct acpi_mcfg mcfg[8];
    bool have_s5;
    uint8_t s5_a, s5_b; /* SLP_TYP values that switch off */
};
extern struct acpi_info acpi_info;

struct boot_info;
void acpi_init(const struct boot_info *bi);
uint64_t acpi_gas_read(const struct acpi_gas *g);
void acpi_gas_write(const struct acpi_gas *g, uint64_t v);
void acpi_reset(void);    /* returns if there is no such register */
void acpi_poweroff(void); /* returns if it did not work */
/* Dom0's enter_acpi_sleep: write its PM1 control values. */
int acpi_enter_sleep(uint8_t state, uint16_t pm1a, uint16_t pm1b);

#endif
