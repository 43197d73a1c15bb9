/* SPDX-License-Identifier: GPL-2.0 */
/*
 * msi.c - message-signalled interrupts.
 * Keeps true: the messages in a device's registers are the ones composed here;
 * an MSI-X entry nobody is bound to is masked.
 * Locks: msi_lock guards the list.
 * Source: PCI Local Bus Specification 3.0, 6.8; Intel SDM vol. 3, 11.11.
 */
#include "core/printk.h"
#include "core/spinlock.h"
#include "dev/irq_chip.h"
#include "dev/msi.h"
#include "lib/errno.h"
#include "lib/list.h"
#include "mm/directmap.h"
#include "mm/heap.h"

#define CAP_MSI  0x05
#define CAP_MSIX 0x11

#define MSI_64BIT   0x0080u
#define MSI_MASKING 0x0100u

#define MAX_MESSAGES 32u

/* All messages of an MSI capability, or one entry of an MSI-X table. */
struct msi {
    struct list link;
    pci_addr_t dev;
    unsigned int cap;
    bool x;
    unsigned int entry; /* x: in the table */
    volatile uint32_t *slot; /* x: address low, high, data, control */
    unsigned int irq, count;
    uint32_t masked; /* one bit a message */
    uint32_t address, data;
};

static struct list msis = LIST_INIT(msis);
static spinlock_t msi_lock = SPINLOCK_INIT(RANK_PIRQ);

static unsigned int mask_reg(const struct msi *m)
{
    uint32_t control = pci_read(m->dev, m->cap + 2, 2);

    if (!(control & MSI_MASKING))
        return 0;
    return m->cap + (control & MSI_64BIT ? 0x10 : 0x0c);
}

static void write_masks(const struct msi *m)
{
    unsigned int reg;

    if (m->x) {
        m->slot[3] = (m->slot[3] & ~1u) | (m->masked & 1);
        return;
    }
    reg = mask_reg(m);
    if (reg)
        pci_write(m->dev, reg, 4, m->masked);
}

static void write_message(const struct msi *m)
{
    uint32_t control;

    if (m->x) {
        m->slot[3] |= 1; /* not while it is half written */
        m->slot[0] = m->address;
        m->slot[1] = 0;
        m->slot[2] = m->data;
        write_masks(m);
        return;
    }
    control = pci_read(m->dev, m->cap + 2, 2);
    control = (control & ~0x70u) | (uint32_t)__builtin_ctz(m->count) << 4;
    pci_write(m->dev, m->cap + 2, 2, control);
    pci_write(m->dev, m->cap + 4, 4, m->address);
    if (control & MSI_64BIT)
        pci_write(m->dev, m->cap + 8, 4, 0);
    pci_write(m->dev, m->cap + (control & MSI_64BIT ? 12 : 8), 2, m->data);
    write_masks(m);
}

static void msi_mask(unsigned int irq, void *data)
{
    struct msi *m = data;

    __atomic_fetch_or(&m->masked, 1u << (irq - m->irq), __ATOMIC_SEQ_CST);
    write_masks(m);
}

static void msi_unmask(unsigned int irq, void *data)
{
    struct msi *m = data;

    __atomic_fetch_and(&m->masked, ~(1u << (irq - m->irq)), __ATOMIC_SEQ_CST);
    write_masks(m);
}

/* Messages of one capability differ only in the low bits of the vector. */
static void msi_route(unsigned int irq, void *data, unsigned int vector,
                      unsigned int cpu)
{
    struct msi *m = data;

    m->address = 0xfee00000u | cpu_by_id(cpu)->apic_id << 12;
    m->data = vector & ~(m->count - 1);
    (void)irq;
    write_message(m);
}

static const struct irq_chip msi_chip = {"MSI", msi_mask, msi_unmask,
                                         msi_route};

static struct msi *find_locked(pci_addr_t a, bool x, unsigned int entry)
{
    struct msi *m;

    list_for_each(m, &msis, link)
        if (m->dev.segment == a.segment && m->dev.bus == a.bus &&
            m->dev.devfn == a.devfn && m->x == x && m->entry == entry)
            return m;
    return NULL;
}

/* Give it numbers and enter it, unless another is there. */
static int add(struct msi *m)
{
    void *data[MAX_MESSAGES];
    int rc = -EEXIST;

    for (unsigned int i = 0; i < m->count; i++)
        data[i] = m;
    m->masked = UINT32_MAX;
    spin_lock(&msi_lock);
    if (!find_locked(m->dev, m->x, m->entry))
        rc = 0;
    if (!rc)
        list_add(&m->link, &msis);
    spin_unlock(&msi_lock);
    if (rc)
        return rc;
    rc = irq_create(&msi_chip, data, m->count, m->count > 1);
    if (rc < 0) {
        spin_lock(&msi_lock);
        list_del(&m->link);
        spin_unlock(&msi_lock);
        return rc;
    }
    m->irq = (unsigned int)rc;
    return rc;
}

static struct msi *new_msi(pci_addr_t a, unsigned int cap, unsigned int count)
{
    struct msi *m = kzalloc(sizeof(*m));

    if (!m)
        return NULL;
    m->dev = a;
    m->cap = cap;
    m->count = count;
    return m;
}

int msi_create(pci_addr_t a, unsigned int count)
{
    unsigned int cap = pci_find_cap(a, CAP_MSI);
    struct msi *m;
    int rc;

    if (!cap)
        return -ENODEV;
    if (!count || count & (count - 1) ||
        count > 1u << (pci_read(a, cap + 2, 2) >> 1 & 7) ||
        count > MAX_MESSAGES)
        return -EINVAL;
    m = new_msi(a, cap, count);
    if (!m)
        return -ENOMEM;
    rc = add(m);
    if (rc < 0)
        kfree(m);
    else
        msi_route(m->irq, m, irq_vector(m->irq), irq_cpu(m->irq));
    return rc;
}

/* Where a base address register points: memory only. 0: nowhere. */
static paddr_t bar_address(pci_addr_t a, unsigned int n)
{
    uint32_t lo = pci_read(a, 0x10 + 4 * n, 4);
    uint64_t hi = 0;

    if (n > 5 || lo & 1)
        return 0;
    if ((lo & 6) == 4 && n < 5)
        hi = pci_read(a, 0x14 + 4 * n, 4);
    return hi << 32 | (lo & ~0xfu);
}

static paddr_t table_address(pci_addr_t a, unsigned int cap)
{
    uint32_t table = pci_read(a, cap + 4, 4);
    paddr_t bar = bar_address(a, table & 7);

    return bar ? bar + (table & ~7u) : 0;
}

int msix_create(pci_addr_t a, unsigned int entry)
{
    unsigned int cap = pci_find_cap(a, CAP_MSIX);
    paddr_t table;
    struct msi *m;
    int rc;

    if (!cap)
        return -ENODEV;
    table = table_address(a, cap);
    if (!table || entry > (pci_read(a, cap + 2, 2) & 0x7ff))
        return -EINVAL;
    m = new_msi(a, cap, 1);
    if (!m)
        return -ENOMEM;
    m->x = true;
    m->entry = entry;
    m->slot = vmap_device(table + entry * 16UL, 16);
    rc = m->slot ? add(m) : -ENOMEM;
    if (rc < 0) {
        if (m->slot)
            vunmap((void *)(uintptr_t)m->slot, 16);
        kfree(m);
        return rc;
    }
    msi_route(m->irq, m, irq_vector(m->irq), irq_cpu(m->irq));
    return rc;
}

unsigned int msi_count(unsigned int irq)
{
    const struct msi *m = irq_chip_data(irq, &msi_chip);

    return m && m->irq == irq ? m->count : 0;
}

void msi_destroy(unsigned int irq)
{
    struct msi *m = irq_chip_data(irq, &msi_chip);

    if (!m || m->irq != irq)
        return;
    irq_destroy(irq, m->count);
    spin_lock(&msi_lock);
    list_del(&m->link);
    spin_unlock(&msi_lock);
    if (m->slot)
        vunmap((void *)(uintptr_t)m->slot, 16);
    kfree(m);
}

int msi_restore(pci_addr_t a)
{
    struct msi *m;
    int rc = -ESRCH;

    spin_lock(&msi_lock);
    list_for_each(m, &msis, link)
        if (m->dev.segment == a.segment && m->dev.bus == a.bus &&
            m->dev.devfn == a.devfn) {
            write_message(m);
            rc = 0;
        }
    spin_unlock(&msi_lock);
    return rc;
}

bool msix_owns_frame(mfn_t mfn)
{
    bool owns = false;
    struct msi *m;

    spin_lock(&msi_lock);
    list_for_each(m, &msis, link)
        if (m->x && table_address(m->dev, m->cap) >> PAGE_SHIFT == mfn)
            owns = true;
    spin_unlock(&msi_lock);
    return owns;
}
