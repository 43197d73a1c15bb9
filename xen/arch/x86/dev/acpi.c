/* SPDX-License-Identifier: GPL-2.0 */
/*
 * acpi.c - the tables that say where the machine's parts are.
 * Keeps true: a table is used only if its length is sane and its bytes sum to
 * 0; entries are read within that length. What is missing gets the default of
 * an old PC.
 * Source: ACPI specification 6.4, chapter 5.
 */
#include "boot/boot_info.h"
#include "core/printk.h"
#include "dev/acpi.h"
#include "lib/errno.h"
#include "lib/insn.h"
#include "lib/string.h"
#include "mm/directmap.h"

#define HEADER_SIZE 36u
#define MAX_TABLE   (4u << 20)

struct acpi_info acpi_info;

static uint16_t get16(const uint8_t *p)
{
    uint16_t v;

    memcpy(&v, p, 2);
    return v;
}
static uint32_t get32(const uint8_t *p)
{
    uint32_t v;

    memcpy(&v, p, 4);
    return v;
}
static uint64_t get64(const uint8_t *p)
{
    uint64_t v;

    memcpy(&v, p, 8);
    return v;
}

static uint8_t sum(const uint8_t *p, size_t n)
{
    uint8_t s = 0;

    while (n--)
        s = (uint8_t)(s + *p++);
    return s;
}

/* Map a whole table, or NULL if it is none. */
static const uint8_t *map_table(paddr_t pa, uint32_t *len)
{
    const uint8_t *h = pa ? vmap_memory(pa, HEADER_SIZE) : NULL;
    const uint8_t *t;

    if (!h)
        return NULL;
    *len = get32(h + 4);
    vunmap((void *)(uintptr_t)h, HEADER_SIZE);
    if (*len < HEADER_SIZE || *len > MAX_TABLE)
        return NULL;
    t = vmap_memory(pa, *len);
    if (t && sum(t, *len)) {
        printk(LOG_WARN "ACPI: table %.4s at %#lx has a bad sum\n",
               (const char *)t, pa);
        vunmap((void *)(uintptr_t)t, *len);
        return NULL;
    }
    return t;
}

static struct acpi_gas get_gas(const uint8_t *p)
{
    return (struct acpi_gas){p[0], p[1], p[2], p[3], get64(p + 4)};
}

/* The 64-bit form of a register if the FADT has it, else the old one. */
static struct acpi_gas fadt_reg(const uint8_t *t, uint32_t len,
                                unsigned int wide, unsigned int old,
                                unsigned int bytes)
{
    if (len >= wide + 12 && get64(t + wide + 4))
        return get_gas(t + wide);
    return (struct acpi_gas){ACPI_SPACE_IO, (uint8_t)(bytes * 8), 0, 0,
                             len >= old + 4 ? get32(t + old) : 0};
}

uint64_t acpi_gas_read(const struct acpi_gas *g)
{
    uint16_t port = (uint16_t)g->addr;
    volatile uint32_t *p;
    uint32_t v;

    if (g->space == ACPI_SPACE_IO)
        return g->width <= 8 ? inb(port) : g->width <= 16 ? inw(port)
                                                          : inl(port);
    p = vmap_device(g->addr, 4);
    if (!p)
        return ~0UL;
    v = *p;
    vunmap((void *)(uintptr_t)p, 4);
    return v;
}

void acpi_gas_write(const struct acpi_gas *g, uint64_t v)
{
    uint16_t port = (uint16_t)g->addr;
    volatile uint8_t *p;

    if (g->space == ACPI_SPACE_IO) {
        if (g->width <= 8)
            outb((uint8_t)v, port);
        else if (g->width <= 16)
            outw((uint16_t)v, port);
        else
            outl((uint32_t)v, port);
        return;
    }
    p = vmap_device(g->addr, 4);
    if (!p)
        return;
    if (g->width <= 8)
        *p = (uint8_t)v;
    else
        *(volatile uint32_t *)p = (uint32_t)v;
}

static void add_cpu(uint32_t apic_id, uint32_t acpi_id, uint32_t flags)
{
    struct acpi_info *a = &acpi_info;

    if (a->nr_cpus < ACPI_MAX_CPUS && flags & 3)
        a->cpu[a->nr_cpus++] =
            (struct acpi_cpu){apic_id, acpi_id, (flags & 1) != 0};
}

static void add_ioapic(const uint8_t *p)
{
    struct acpi_info *a = &acpi_info;

    if (a->nr_ioapics < ACPI_MAX_IOAPICS)
        a->ioapic[a->nr_ioapics++] =
            (struct acpi_ioapic){p[2], get32(p + 4), get32(p + 8)};
}

/* Polarity and trigger: 0 as the bus has it (ISA: high, edge). */
static void add_override(const uint8_t *p)
{
    uint16_t flags = get16(p + 8);
    unsigned int line = p[3];

    if (line >= ARRAY_SIZE(acpi_info.isa))
        return;
    acpi_info.isa[line] = (struct acpi_override){
        true, get32(p + 4), (flags >> 2 & 3) == 3, (flags & 3) == 3};
}

static void read_madt_entry(const uint8_t *p, uint8_t len)
{
    switch (p[0]) {
    case 0: /* local APIC */
        if (len >= 8)
            add_cpu(p[3], p[2], get32(p + 4));
        break;
    case 1:
        if (len >= 12)
            add_ioapic(p);
        break;
    case 2:
        if (len >= 10)
            add_override(p);
        break;
    case 5: /* 64-bit address of the local APICs */
        if (len >= 12)
            acpi_info.lapic_base = get64(p + 4);
        break;
    case 9: /* local x2APIC */
        if (len >= 16)
            add_cpu(get32(p + 4), get32(p + 12), get32(p + 8));
        break;
    }
}

static void read_madt(const uint8_t *t, uint32_t len)
{
    if (len < 44)
        return;
    acpi_info.have_madt = true;
    acpi_info.lapic_base = get32(t + 36);
    acpi_info.pic_present = get32(t + 40) & 1;
    for (uint32_t at = 44; at + 2 <= len && t[at + 1] >= 2;
         at += t[at + 1])
        if (t[at + 1] <= len - at)
            read_madt_entry(t + at, t[at + 1]);
}

/* The name "_S5_" in AML: Name(_S5_, Package(){a, b, ...}). ACPI 20.2. */
static bool find_s5(const uint8_t *t, uint32_t len)
{
    for (uint32_t at = HEADER_SIZE; at + 12 < len; at++) {
        const uint8_t *p = t + at;
        uint8_t v[2];

        if (memcmp(p, "_S5_", 4) || p[4] != 0x12)
            continue;
        p += 5;
        p += (*p >> 6) + 2; /* package length, count of elements */
        for (int i = 0; i < 2; i++) {
            if (p + 1 >= t + len)
                return false;
            if (*p == 0x0a)
                p++;
            v[i] = *p++;
        }
        acpi_info.s5_a = v[0];
        acpi_info.s5_b = v[1];
        return true;
    }
    return false;
}

static void read_dsdt(paddr_t pa)
{
    uint32_t len;
    const uint8_t *t = map_table(pa, &len);

    if (!t)
        return;
    acpi_info.have_s5 = find_s5(t, len);
    vunmap((void *)(uintptr_t)t, len);
}

static void read_fadt(const uint8_t *t, uint32_t len)
{
    struct acpi_info *a = &acpi_info;
    uint32_t flags;
    uint64_t dsdt;

    if (len < 116)
        return;
    flags = get32(t + 112);
    a->sci_irq = get16(t + 46);
    a->pm1a_evt = fadt_reg(t, len, 148, 56, 2);
    a->pm1b_evt = fadt_reg(t, len, 160, 60, 2);
    a->pm1a_cnt = fadt_reg(t, len, 172, 64, 2);
    a->pm1b_cnt = fadt_reg(t, len, 184, 68, 2);
    a->pm_timer = fadt_reg(t, len, 208, 76, 4);
    a->pm1a_cnt.width = a->pm1b_cnt.width = 16;
    a->pm_timer.width = 32;
    a->pm_timer_32bit = flags >> 8 & 1;
    a->reduced_hw = flags >> 20 & 1;
    a->cmos_century = t[108];
    if (len >= 129 && flags >> 10 & 1) {
        a->have_reset = true;
        a->reset = get_gas(t + 116);
        a->reset_value = t[128];
    }
    a->facs = len >= 140 && get64(t + 132) ? get64(t + 132) : get32(t + 36);
    dsdt = len >= 148 && get64(t + 140) ? get64(t + 140) : get32(t + 40);
    read_dsdt(dsdt);
}

static void read_hpet(const uint8_t *t, uint32_t len)
{
    if (len >= 56 && t[40] == ACPI_SPACE_MEMORY && !acpi_info.hpet_base) {
        acpi_info.hpet_base = get64(t + 44);
        acpi_info.hpet_seq = t[52];
    }
}

static void read_mcfg(const uint8_t *t, uint32_t len)
{
    struct acpi_info *a = &acpi_info;

    for (uint32_t at = 44; at + 16 <= len && a->nr_mcfg < ARRAY_SIZE(a->mcfg);
         at += 16)
        a->mcfg[a->nr_mcfg++] = (struct acpi_mcfg){
            get64(t + at), get16(t + at + 8), t[at + 10], t[at + 11]};
}

static const struct {
    char name[5];
    void (*read)(const uint8_t *t, uint32_t len);
} readers[] = {
    {"APIC", read_madt},
    {"FACP", read_fadt},
    {"HPET", read_hpet},
    {"MCFG", read_mcfg},
};

static void read_table(paddr_t pa)
{
    uint32_t len;
    const uint8_t *t = map_table(pa, &len);

    if (!t)
        return;
    for (size_t i = 0; i < ARRAY_SIZE(readers); i++)
        if (!memcmp(t, readers[i].name, 4)) {
            printk(LOG_DEBUG "ACPI: %.4s at %#lx\n", (const char *)t, pa);
            readers[i].read(t, len);
        }
    vunmap((void *)(uintptr_t)t, len);
}

static void read_root(paddr_t pa, unsigned int entry_size)
{
    uint32_t len;
    const uint8_t *t = map_table(pa, &len);

    if (!t)
        return;
    for (uint32_t at = HEADER_SIZE; at + entry_size <= len; at += entry_size)
        read_table(entry_size == 8 ? get64(t + at) : get32(t + at));
    vunmap((void *)(uintptr_t)t, len);
}

static bool rsdp_good(const uint8_t *p)
{
    return !memcmp(p, "RSD PTR ", 8) && !sum(p, 20);
}

static paddr_t scan_for_rsdp(paddr_t from, size_t n, uint8_t *out)
{
    const uint8_t *p = vmap_memory(from, n);
    paddr_t found = 0;

    for (size_t at = 0; p && at + 36 <= n && !found; at += 16)
        if (rsdp_good(p + at)) {
            memcpy(out, p + at, 36);
            found = from + at;
        }
    if (p)
        vunmap((void *)(uintptr_t)p, n);
    return found;
}

/*
 * The loader gives a copy; where the real one is matters to Dom0, which under
 * EFI finds it in the system table, and on a BIOS where we look too.
 */
static bool find_rsdp(const struct boot_info *bi, uint8_t *rsdp)
{
    uint16_t ebda = *(const uint16_t *)paddr_to_virt(0x40e);

    if (!bi->efi.systab) {
        acpi_info.rsdp = scan_for_rsdp((paddr_t)ebda << 4, 1024, rsdp);
        if (!acpi_info.rsdp)
            acpi_info.rsdp = scan_for_rsdp(0xe0000, 0x20000, rsdp);
        if (acpi_info.rsdp)
            return true;
    }
    memcpy(rsdp, bi->rsdp, bi->rsdp_len);
    return bi->rsdp_len >= 20 && rsdp_good(rsdp);
}

static void set_defaults(void)
{
    struct acpi_info *a = &acpi_info;

    a->lapic_base = 0xfee00000;
    a->pic_present = true;
    a->sci_irq = 9;
}

init_text void acpi_init(const struct boot_info *bi)
{
    static uint8_t rsdp[36];

    set_defaults();
    if (!find_rsdp(bi, rsdp)) {
        printk(LOG_WARN "ACPI: no tables found\n");
        return;
    }
    if (rsdp[15] >= 2 && get64(rsdp + 24))
        read_root(get64(rsdp + 24), 8);
    else
        read_root(get32(rsdp + 16), 4);
    printk("ACPI: %u CPUs, %u IO-APICs%s%s%s%s\n", acpi_info.nr_cpus,
           acpi_info.nr_ioapics, acpi_info.hpet_base ? ", HPET" : "",
           acpi_info.pm_timer.addr ? ", PM timer" : "",
           acpi_info.nr_mcfg ? ", MCFG" : "",
           acpi_info.have_reset ? ", reset register" : "");
}

void acpi_reset(void)
{
    if (acpi_info.have_reset)
        acpi_gas_write(&acpi_info.reset, acpi_info.reset_value);
}

#define SLP_EN 0x2000u
#define SCI_EN 0x0001u

static void write_sleep(uint16_t a, uint16_t b)
{
    acpi_gas_write(&acpi_info.pm1a_cnt, a);
    if (acpi_info.pm1b_cnt.addr)
        acpi_gas_write(&acpi_info.pm1b_cnt, b);
}

static uint16_t sleep_value(const struct acpi_gas *cnt, uint8_t type)
{
    uint16_t v = cnt->addr ? (uint16_t)acpi_gas_read(cnt) : 0;

    return (uint16_t)((v & ~(7u << 10)) | (uint16_t)((type & 7u) << 10));
}

void acpi_poweroff(void)
{
    uint16_t a, b;

    if (!acpi_info.have_s5 || !acpi_info.pm1a_cnt.addr)
        return;
    a = sleep_value(&acpi_info.pm1a_cnt, acpi_info.s5_a);
    b = sleep_value(&acpi_info.pm1b_cnt, acpi_info.s5_b);
    write_sleep(a | SLP_EN, b | SLP_EN);
    for (int i = 0; i < 1000000; i++)
        outb(0, 0x80); /* a second */
}

/* Only S5: sleep with memory kept would need us to save the machine. */
int acpi_enter_sleep(uint8_t state, uint16_t pm1a, uint16_t pm1b)
{
    if (state != 5 || !acpi_info.pm1a_cnt.addr)
        return -EOPNOTSUPP;
    if (!(pm1a & SLP_EN))
        return -EINVAL;
    write_sleep((uint16_t)(pm1a & ~SLP_EN), (uint16_t)(pm1b & ~SLP_EN));
    write_sleep(pm1a, pm1b);
    return 0;
}
