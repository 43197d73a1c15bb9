/* SPDX-License-Identifier: GPL-2.0 */
/*
 * ioapic.c - the IO-APICs.
 * Keeps true: a pin that nobody bound is masked; nobody but us writes here.
 * Locks: ioapic_lock for the pair of index and data register.
 * Source: Intel 82093AA data sheet.
 */
#include "core/panic.h"
#include "core/printk.h"
#include "core/spinlock.h"
#include "dev/acpi.h"
#include "dev/ioapic.h"
#include "lib/errno.h"
#include "mm/directmap.h"

#define REG_ID       0x00
#define REG_VERSION  0x01
#define REG_ARB      0x02
#define REG_PIN(n)   (0x10 + 2 * (n))
#define PIN_MASKED   0x10000u
#define PIN_LEVEL    0x8000u
#define PIN_LOW      0x2000u
#define PIN_SMI      0x200u
#define PIN_DELIVERY 0x700u

struct ioapic {
    volatile uint32_t *regs;
    paddr_t base;
    unsigned int gsi_base, pins;
};

static struct ioapic ioapics[ACPI_MAX_IOAPICS];
static unsigned int nr_ioapics;
static spinlock_t ioapic_lock = SPINLOCK_INIT(RANK_UART);

static uint32_t get_locked(const struct ioapic *a, uint32_t reg)
{
    a->regs[0] = reg;
    return a->regs[4];
}

static void set_locked(const struct ioapic *a, uint32_t reg, uint32_t v)
{
    a->regs[0] = reg;
    a->regs[4] = v;
}

static const struct ioapic *of_gsi(unsigned int gsi)
{
    for (unsigned int i = 0; i < nr_ioapics; i++)
        if (gsi >= ioapics[i].gsi_base &&
            gsi < ioapics[i].gsi_base + ioapics[i].pins)
            return &ioapics[i];
    return NULL;
}

bool ioapic_has(unsigned int gsi)
{
    return of_gsi(gsi);
}

void ioapic_route(unsigned int gsi, unsigned int vector, uint32_t apic_id,
                  bool level, bool active_low)
{
    const struct ioapic *a = of_gsi(gsi);
    uint32_t pin = REG_PIN(gsi - a->gsi_base), v;
    uint64_t flags = spin_lock_irqsave(&ioapic_lock);

    v = (get_locked(a, pin) & PIN_MASKED) | vector |
        (level ? PIN_LEVEL : 0) | (active_low ? PIN_LOW : 0);
    set_locked(a, pin, v | PIN_MASKED); /* not between two halves */
    set_locked(a, pin + 1, apic_id << 24);
    set_locked(a, pin, v);
    spin_unlock_irqrestore(&ioapic_lock, flags);
}

static void set_mask(unsigned int gsi, bool masked)
{
    const struct ioapic *a = of_gsi(gsi);
    uint32_t pin = REG_PIN(gsi - a->gsi_base), v;
    uint64_t flags = spin_lock_irqsave(&ioapic_lock);

    v = get_locked(a, pin);
    set_locked(a, pin, masked ? v | PIN_MASKED : v & ~PIN_MASKED);
    spin_unlock_irqrestore(&ioapic_lock, flags);
}

void ioapic_mask(unsigned int gsi)
{
    set_mask(gsi, true);
}

void ioapic_unmask(unsigned int gsi)
{
    set_mask(gsi, false);
}

/* What the firmware left is cleared, except SMI, which is its own. */
static init_text void clear_pins(const struct ioapic *a)
{
    for (unsigned int n = 0; n < a->pins; n++) {
        uint32_t v = get_locked(a, REG_PIN(n));

        if ((v & PIN_DELIVERY) == PIN_SMI && !(v & PIN_MASKED))
            continue;
        set_locked(a, REG_PIN(n), PIN_MASKED);
        set_locked(a, REG_PIN(n) + 1, 0);
    }
}

static init_text void add_ioapic(const struct acpi_ioapic *from)
{
    struct ioapic *a = &ioapics[nr_ioapics];

    a->regs = vmap_device(from->base, PAGE_SIZE);
    a->base = from->base;
    a->gsi_base = from->gsi_base;
    if (!a->regs || get_locked(a, REG_VERSION) == UINT32_MAX) {
        printk(LOG_WARN "IO-APIC at %#lx does not answer\n", from->base);
        return;
    }
    a->pins = (get_locked(a, REG_VERSION) >> 16 & 0xff) + 1;
    nr_ioapics++;
    clear_pins(a);
    printk("IO-APIC %u at %#lx: GSI %u to %u\n", from->id, from->base,
           a->gsi_base, a->gsi_base + a->pins - 1);
}

init_text unsigned int ioapic_init(void)
{
    unsigned int end = 0;

    for (unsigned int i = 0; i < acpi_info.nr_ioapics; i++)
        add_ioapic(&acpi_info.ioapic[i]);
    for (unsigned int i = 0; i < nr_ioapics; i++)
        end = MAX(end, ioapics[i].gsi_base + ioapics[i].pins);
    return end;
}

int ioapic_guest_read(paddr_t base, uint32_t reg, uint32_t *value)
{
    for (unsigned int i = 0; i < nr_ioapics; i++) {
        const struct ioapic *a = &ioapics[i];
        uint64_t flags;

        if (a->base != base)
            continue;
        if (reg >= REG_PIN(a->pins) || (reg > REG_ARB && reg < REG_PIN(0)))
            return -EINVAL;
        flags = spin_lock_irqsave(&ioapic_lock);
        *value = get_locked(a, reg);
        spin_unlock_irqrestore(&ioapic_lock, flags);
        return 0;
    }
    return -EINVAL;
}

bool ioapic_owns_frame(mfn_t mfn)
{
    for (unsigned int i = 0; i < nr_ioapics; i++)
        if (ioapics[i].base >> PAGE_SHIFT == mfn)
            return true;
    return false;
}
