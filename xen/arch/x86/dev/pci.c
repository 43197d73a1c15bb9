/* SPDX-License-Identifier: GPL-2.0 */
/*
 * pci.c - configuration space.
 * Keeps true: the pair of ports is used under config_lock, by us and for
 * guests alike; memory-mapped windows are used only where the firmware's map
 * reserves them, or Dom0 has said so.
 * Source: PCI Local Bus Specification 3.0, 3.2.2.3; PCI Express 7.2.2.
 */
#include "boot/boot_info.h"
#include "core/printk.h"
#include "core/spinlock.h"
#include "dev/acpi.h"
#include "dev/pci.h"
#include "lib/errno.h"
#include "mm/directmap.h"

#define CONFIG_ADDRESS 0xcf8
#define CONFIG_DATA    0xcfc
#define BUS_SIZE       (1UL << 20)

static spinlock_t config_lock = SPINLOCK_INIT(RANK_UART);

struct window {
    paddr_t base; /* of bus 0 */
    uint16_t segment;
    uint8_t first_bus, last_bus;
    bool usable;
    volatile uint8_t *bus[256]; /* mapped when first used; config_lock */
};
static struct window windows[8];
static unsigned int nr_windows;

static struct window *window_of(pci_addr_t a)
{
    for (unsigned int i = 0; i < nr_windows; i++) {
        struct window *w = &windows[i];

        if (w->usable && w->segment == a.segment && a.bus >= w->first_bus &&
            a.bus <= w->last_bus)
            return w;
    }
    return NULL;
}

static volatile uint8_t *place_locked(pci_addr_t a, unsigned int reg)
{
    struct window *w = window_of(a);

    if (!w)
        return NULL;
    if (!w->bus[a.bus])
        w->bus[a.bus] = vmap_device(w->base + a.bus * BUS_SIZE, BUS_SIZE);
    return w->bus[a.bus] ? w->bus[a.bus] + a.devfn * PAGE_SIZE + reg : NULL;
}

static bool by_ports(pci_addr_t a, unsigned int reg)
{
    return !a.segment && reg < 256;
}

static void select_locked(pci_addr_t a, unsigned int reg)
{
    outl(0x80000000u | (uint32_t)a.bus << 16 | (uint32_t)a.devfn << 8 |
             (reg & 0xfc),
         CONFIG_ADDRESS);
}

static uint32_t read_locked(pci_addr_t a, unsigned int reg, unsigned int size)
{
    volatile uint8_t *p;
    uint16_t port = (uint16_t)(CONFIG_DATA + (reg & 3));

    if (by_ports(a, reg)) {
        select_locked(a, reg);
        return size == 1 ? inb(port) : size == 2 ? inw(port) : inl(port);
    }
    p = place_locked(a, reg);
    if (!p)
        return UINT32_MAX;
    return size == 1 ? *p : size == 2 ? *(volatile uint16_t *)p
                                      : *(volatile uint32_t *)p;
}

static void write_locked(pci_addr_t a, unsigned int reg, unsigned int size,
                         uint32_t v)
{
    volatile uint8_t *p;
    uint16_t port = (uint16_t)(CONFIG_DATA + (reg & 3));

    if (by_ports(a, reg)) {
        select_locked(a, reg);
        if (size == 1)
            outb((uint8_t)v, port);
        else if (size == 2)
            outw((uint16_t)v, port);
        else
            outl(v, port);
        return;
    }
    p = place_locked(a, reg);
    if (!p)
        return;
    if (size == 1)
        *p = (uint8_t)v;
    else if (size == 2)
        *(volatile uint16_t *)p = (uint16_t)v;
    else
        *(volatile uint32_t *)p = v;
}

static bool sane(unsigned int reg, unsigned int size)
{
    return reg < 4096 && (size == 1 || size == 2 || size == 4) &&
           !(reg & (size - 1));
}

uint32_t pci_read(pci_addr_t a, unsigned int reg, unsigned int size)
{
    uint64_t flags;
    uint32_t v;

    if (!sane(reg, size))
        return UINT32_MAX;
    flags = spin_lock_irqsave(&config_lock);
    v = read_locked(a, reg, size);
    spin_unlock_irqrestore(&config_lock, flags);
    return v;
}

void pci_write(pci_addr_t a, unsigned int reg, unsigned int size, uint32_t v)
{
    uint64_t flags;

    if (!sane(reg, size))
        return;
    flags = spin_lock_irqsave(&config_lock);
    write_locked(a, reg, size, v);
    spin_unlock_irqrestore(&config_lock, flags);
}

/* Bit 31 of the address says that it names a register at all. */
static bool parse_address(uint32_t address, pci_addr_t *a)
{
    *a = (pci_addr_t){0, (uint8_t)(address >> 16), (uint8_t)(address >> 8)};
    return address >> 31;
}

uint32_t pci_port_read(uint32_t address, unsigned int offset,
                       unsigned int size)
{
    pci_addr_t a;

    if (!parse_address(address, &a))
        return UINT32_MAX;
    return pci_read(a, (address & 0xfc) + (offset & 3), size);
}

void pci_port_write(uint32_t address, unsigned int offset, unsigned int size,
                    uint32_t v)
{
    pci_addr_t a;

    if (parse_address(address, &a))
        pci_write(a, (address & 0xfc) + (offset & 3), size, v);
}

unsigned int pci_find_cap(pci_addr_t a, uint8_t id)
{
    unsigned int at;

    if (pci_read(a, 0, 2) == 0xffff || !(pci_read(a, 6, 2) & 0x10))
        return 0;
    at = pci_read(a, 0x34, 1) & 0xfc;
    for (int hops = 0; at >= 0x40 && hops < 48; hops++) {
        uint32_t v = pci_read(a, at, 2);

        if ((v & 0xff) == id)
            return at;
        at = v >> 8 & 0xfc;
    }
    return 0;
}

/* Is all of it reserved in the memory map? */
static bool is_reserved(paddr_t start, paddr_t end)
{
    const struct mem_map *m = &boot_info.mem;

    for (unsigned int i = 0; i < m->nr; i++)
        if (m->r[i].kind == MEM_RESERVED && m->r[i].start <= start &&
            m->r[i].end >= end)
            return true;
    return false;
}

init_text void pci_init(void)
{
    for (unsigned int i = 0; i < acpi_info.nr_mcfg; i++) {
        const struct acpi_mcfg *m = &acpi_info.mcfg[i];
        struct window *w = &windows[nr_windows++];

        w->base = m->base;
        w->segment = m->segment;
        w->first_bus = m->first_bus;
        w->last_bus = m->last_bus;
        w->usable = is_reserved(m->base + m->first_bus * BUS_SIZE,
                                m->base + (m->last_bus + 1UL) * BUS_SIZE);
        printk("PCI: segment %u buses %u-%u at %#lx%s\n", w->segment,
               w->first_bus, w->last_bus, w->base,
               w->usable ? "" : ", not reserved");
    }
}

int pci_mmcfg_reserved(paddr_t base, uint16_t segment, uint8_t first_bus,
                       uint8_t last_bus, bool reserved)
{
    for (unsigned int i = 0; i < nr_windows; i++) {
        struct window *w = &windows[i];

        if (w->base != base || w->segment != segment ||
            w->first_bus != first_bus || w->last_bus != last_bus)
            continue;
        w->usable = reserved;
        return 0;
    }
    return -ENODEV;
}
