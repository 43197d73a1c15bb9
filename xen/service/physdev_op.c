/* SPDX-License-Identifier: GPL-2.0 */
/*
 * physdev_op.c - lines, ports and PCI for Dom0.
 * Keeps true: only a privileged domain gives names (pirqs) to the machine's
 * interrupts, its own or another domain's.
 */
#include <abi/physdev.h>

#include "dev/ioapic.h"
#include "dev/irq.h"
#include "dev/msi.h"
#include "dev/pci.h"
#include "service/call.h"
#include "service/pirq.h"
#include "service/services.h"

static long op_eoi(struct vcpu *v, void *arg)
{
    const struct physdev_eoi *op = arg;

    if (pirq_irq(v->domain, op->irq) < 0)
        return -EINVAL;
    pirq_eoi(v->domain, op->irq);
    return 0;
}

static long op_irq_status_query(struct vcpu *v, void *arg)
{
    struct physdev_irq_status_query *op = arg;
    int irq = pirq_irq(v->domain, op->irq);

    /* Linux asks before it has bound a line, by GSI number too. */
    if (irq < 0)
        irq = (int)op->irq;
    if (!irq_exists((unsigned int)irq))
        return -EINVAL;
    op->flags = irq_needs_eoi((unsigned int)irq) ? XENIRQSTAT_needs_eoi : 0;
    return 0;
}

static long op_set_iopl(struct vcpu *v, void *arg)
{
    const struct physdev_set_iopl *op = arg;

    if (op->iopl > 3)
        return -EINVAL;
    v->iopl = (uint8_t)op->iopl;
    return 0;
}

static long op_set_iobitmap(struct vcpu *v, void *arg)
{
    const struct physdev_set_iobitmap *op = arg;

    if (op->nr_ports > 65536 || !guest_range_ok(op->bitmap.va, 8192))
        return -EINVAL;
    v->iobmp = (uint8_t *)op->bitmap.va;
    v->iobmp_limit = op->nr_ports;
    return 0;
}

static long op_apic_read(struct vcpu *v, void *arg)
{
    struct physdev_apic *op = arg;

    (void)v;
    return ioapic_guest_read(op->apic_physbase, op->reg, &op->value);
}

/* The pins are ours: they are set by setup_gsi and by binding. */
static long op_apic_write(struct vcpu *v, void *arg)
{
    (void)v;
    (void)arg;
    return -EPERM;
}

/* Vectors are our affair; the number that Dom0 sees is the line's own. */
static long op_alloc_irq_vector(struct vcpu *v, void *arg)
{
    struct physdev_irq *op = arg;

    (void)v;
    if (op->irq >= nr_gsis || !irq_exists(op->irq))
        return -EINVAL;
    op->vector = op->irq;
    return 0;
}

static long op_setup_gsi(struct vcpu *v, void *arg)
{
    const struct physdev_setup_gsi *op = arg;

    (void)v;
    if (op->gsi < 0 || op->triggering > 1 || op->polarity > 1)
        return -EINVAL;
    return irq_set_gsi_mode((unsigned int)op->gsi, op->triggering,
                            op->polarity);
}

static pci_addr_t address_of(const struct physdev_map_pirq *op)
{
    uint32_t bus = (uint32_t)op->bus;
    uint16_t segment = op->type == MAP_PIRQ_TYPE_MSI ? 0 : bus >> 16 & 0xffff;

    return (pci_addr_t){segment, (uint8_t)bus, (uint8_t)op->devfn};
}

static long map_gsi(struct domain *d, struct physdev_map_pirq *op)
{
    unsigned int gsi = (unsigned int)op->index;

    if (op->index < 0 || gsi >= nr_gsis || !irq_exists(gsi))
        return -EINVAL;
    return pirq_map(d, op->pirq, gsi, 1, false);
}

/* Make the messages first: their numbers are what the pirq names. */
static long map_msi(struct domain *d, struct physdev_map_pirq *op)
{
    bool several = op->type == MAP_PIRQ_TYPE_MULTI_MSI;
    unsigned int count = 1;
    int irq, rc;

    if (op->entry_nr < 0 || (several && (op->table_base || op->entry_nr > 32)))
        return -EINVAL;
    while (several && count < (unsigned int)op->entry_nr)
        count *= 2; /* the capability knows no others */
    irq = op->table_base
              ? msix_create(address_of(op), (unsigned int)op->entry_nr)
              : msi_create(address_of(op), count);
    if (irq < 0)
        return irq;
    rc = pirq_map(d, op->pirq, (unsigned int)irq, count, true);
    if (rc < 0)
        msi_destroy((unsigned int)irq);
    return rc;
}

static long op_map_pirq(struct vcpu *v, void *arg)
{
    struct physdev_map_pirq *op = arg;
    struct domain *d = domain_get_for(v, op->domid);
    long rc;

    if (!d)
        return -ESRCH;
    switch (op->type) {
    case MAP_PIRQ_TYPE_GSI:
        rc = map_gsi(d, op);
        break;
    case MAP_PIRQ_TYPE_MSI:
    case MAP_PIRQ_TYPE_MSI_SEG:
    case MAP_PIRQ_TYPE_MULTI_MSI:
        rc = map_msi(d, op);
        break;
    default:
        rc = -EINVAL;
    }
    domain_put(d);
    if (rc < 0)
        return rc;
    op->pirq = (int32_t)rc;
    return 0;
}

static long op_unmap_pirq(struct vcpu *v, void *arg)
{
    const struct physdev_unmap_pirq *op = arg;
    struct domain *d = domain_get_for(v, op->domid);
    long rc = -EINVAL;

    if (!d)
        return -ESRCH;
    if (op->pirq >= 0)
        rc = pirq_unmap(d, (unsigned int)op->pirq);
    domain_put(d);
    return rc;
}

static long op_get_free_pirq(struct vcpu *v, void *arg)
{
    struct physdev_get_free_pirq *op = arg;
    int n = pirq_choose_free(v->domain);

    if (n < 0)
        return n;
    op->pirq = (uint32_t)n;
    return 0;
}

static long is_there(pci_addr_t a)
{
    return pci_read(a, 0, 2) == 0xffff ? -ENODEV : 0;
}

/*
 * We keep no list of devices: configuration space is asked when needed. Of
 * these calls only the answer matters.
 */
static long op_manage_pci_add(struct vcpu *v, void *arg)
{
    const struct physdev_manage_pci *op = arg;

    (void)v;
    return is_there((pci_addr_t){0, op->bus, op->devfn});
}

static long op_manage_pci_add_ext(struct vcpu *v, void *arg)
{
    const struct physdev_manage_pci_ext *op = arg;

    (void)v;
    return is_there((pci_addr_t){0, op->bus, op->devfn});
}

static long op_manage_pci_remove(struct vcpu *v, void *arg)
{
    (void)v;
    (void)arg;
    return 0;
}

static long op_pci_device_add(struct vcpu *v, void *arg)
{
    const struct physdev_pci_device_add *op = arg;

    (void)v;
    return is_there((pci_addr_t){op->seg, op->bus, op->devfn});
}

static long op_pci_device_remove(struct vcpu *v, void *arg)
{
    (void)v;
    (void)arg;
    return 0;
}

/* MSI-X tables are ours from the first entry on: nothing to prepare. */
static long op_msix(struct vcpu *v, void *arg)
{
    const struct physdev_pci_device *op = arg;

    (void)v;
    return is_there((pci_addr_t){op->seg, op->bus, op->devfn});
}

static long op_restore_msi(struct vcpu *v, void *arg)
{
    const struct physdev_restore_msi *op = arg;

    (void)v;
    return msi_restore((pci_addr_t){0, op->bus, op->devfn});
}

static long op_restore_msi_ext(struct vcpu *v, void *arg)
{
    const struct physdev_pci_device *op = arg;

    (void)v;
    return msi_restore((pci_addr_t){op->seg, op->bus, op->devfn});
}

static long op_pci_mmcfg_reserved(struct vcpu *v, void *arg)
{
    const struct physdev_pci_mmcfg_reserved *op = arg;

    (void)v;
    if (op->flags & ~XEN_PCI_MMCFG_RESERVED)
        return -EINVAL;
    return pci_mmcfg_reserved(op->address, op->segment, op->start_bus,
                              op->end_bus, op->flags & XEN_PCI_MMCFG_RESERVED);
}

/* No console of ours is a USB debug port: it may be reset freely. */
static long op_dbgp(struct vcpu *v, void *arg)
{
    const struct physdev_dbgp_op *op = arg;

    (void)v;
    return op->op == PHYSDEVOP_DBGP_RESET_PREPARE ||
                   op->op == PHYSDEVOP_DBGP_RESET_DONE
               ? 0
               : -ENOSYS;
}

static const struct subop physdev_ops[] = {
    [PHYSDEVOP_irq_status_query] =
        SUBOP(op_irq_status_query, struct physdev_irq_status_query,
              SUBOP_IN_OUT, ANYONE),
    [PHYSDEVOP_set_iopl] =
        SUBOP(op_set_iopl, struct physdev_set_iopl, SUBOP_IN, ANYONE),
    [PHYSDEVOP_set_iobitmap] =
        SUBOP(op_set_iobitmap, struct physdev_set_iobitmap, SUBOP_IN, ANYONE),
    [PHYSDEVOP_apic_read] =
        SUBOP(op_apic_read, struct physdev_apic, SUBOP_IN_OUT, DOM0_ONLY),
    [PHYSDEVOP_apic_write] =
        SUBOP(op_apic_write, struct physdev_apic, SUBOP_IN, DOM0_ONLY),
    [PHYSDEVOP_alloc_irq_vector] = SUBOP(
        op_alloc_irq_vector, struct physdev_irq, SUBOP_IN_OUT, DOM0_ONLY),
    [PHYSDEVOP_eoi] = SUBOP(op_eoi, struct physdev_eoi, SUBOP_IN, ANYONE),
    [PHYSDEVOP_map_pirq] =
        SUBOP(op_map_pirq, struct physdev_map_pirq, SUBOP_IN_OUT, DOM0_ONLY),
    [PHYSDEVOP_unmap_pirq] =
        SUBOP(op_unmap_pirq, struct physdev_unmap_pirq, SUBOP_IN, DOM0_ONLY),
    [PHYSDEVOP_manage_pci_add] = SUBOP(
        op_manage_pci_add, struct physdev_manage_pci, SUBOP_IN, DOM0_ONLY),
    [PHYSDEVOP_manage_pci_remove] = SUBOP(
        op_manage_pci_remove, struct physdev_manage_pci, SUBOP_IN, DOM0_ONLY),
    [PHYSDEVOP_manage_pci_add_ext] =
        SUBOP(op_manage_pci_add_ext, struct physdev_manage_pci_ext, SUBOP_IN,
              DOM0_ONLY),
    [PHYSDEVOP_restore_msi] = SUBOP(op_restore_msi, struct physdev_restore_msi,
                                    SUBOP_IN, DOM0_ONLY),
    [PHYSDEVOP_setup_gsi] =
        SUBOP(op_setup_gsi, struct physdev_setup_gsi, SUBOP_IN, DOM0_ONLY),
    [PHYSDEVOP_get_free_pirq] =
        SUBOP(op_get_free_pirq, struct physdev_get_free_pirq, SUBOP_IN_OUT,
              ANYONE),
    [PHYSDEVOP_pci_mmcfg_reserved] =
        SUBOP(op_pci_mmcfg_reserved, struct physdev_pci_mmcfg_reserved,
              SUBOP_IN, DOM0_ONLY),
    [PHYSDEVOP_pci_device_add] = SUBOP(
        op_pci_device_add, struct physdev_pci_device_add, SUBOP_IN, DOM0_ONLY),
    [PHYSDEVOP_pci_device_remove] = SUBOP(
        op_pci_device_remove, struct physdev_pci_device, SUBOP_IN, DOM0_ONLY),
    [PHYSDEVOP_restore_msi_ext] = SUBOP(
        op_restore_msi_ext, struct physdev_pci_device, SUBOP_IN, DOM0_ONLY),
    [PHYSDEVOP_dbgp_op] =
        SUBOP(op_dbgp, struct physdev_dbgp_op, SUBOP_IN, DOM0_ONLY),
    [PHYSDEVOP_prepare_msix] =
        SUBOP(op_msix, struct physdev_pci_device, SUBOP_IN, DOM0_ONLY),
    [PHYSDEVOP_release_msix] =
        SUBOP(op_msix, struct physdev_pci_device, SUBOP_IN, DOM0_ONLY),
};

long do_physdev_op(uint64_t cmd, uint64_t arg)
{
    return subop_call(physdev_ops, ARRAY_SIZE(physdev_ops), cmd,
                      (guest_va_t){arg});
}

/* The old form: number and argument in one structure; few are still used. */
long do_physdev_op_compat(uint64_t uop)
{
    guest_va_t arg = {uop + offsetof(struct physdev_op, u)};
    uint32_t cmd;

    if (copy_from_guest(&cmd, (guest_va_t){uop}, sizeof(cmd)))
        return -EFAULT;
    switch (cmd) {
    case PHYSDEVOP_IRQ_UNMASK_NOTIFY:
        return 0; /* every line says by itself whether it needs an eoi */
    case PHYSDEVOP_irq_status_query:
    case PHYSDEVOP_set_iopl:
    case PHYSDEVOP_set_iobitmap:
    case PHYSDEVOP_apic_read:
    case PHYSDEVOP_apic_write:
    case PHYSDEVOP_alloc_irq_vector:
        return do_physdev_op(cmd, arg.va);
    default:
        return -ENOSYS;
    }
}
