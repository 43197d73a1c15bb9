/* SPDX-License-Identifier: GPL-2.0 */
/*
 * dom0_rights.c - Dom0 may use the whole machine but what is ours: RAM that it
 * was not given, interrupt controllers, the interval timer, the console line.
 */
#include "boot/dom0.h"
#include "dev/acpi.h"
#include "dev/irq.h"
#include "dev/uart.h"
#include "domain/domain.h"
#include "lib/rangeset.h"
#include "mm/page.h"

#define LAST_PORT  0xffff
#define LAST_FRAME ((1UL << 40) - 1) /* 52 bits of physical address */
#define MSI_FIRST  0xfee00
#define MSI_LAST   0xfeeff

static const struct {
    uint16_t first, last;
} our_ports[] = {
    {0x20, 0x21}, {0xa0, 0xa1},   /* interrupt controllers */
    {0x40, 0x43}, {0x61, 0x61},   /* interval timer, its gate */
    {0x70, 0x71},                 /* clock: done for it (pv/privop.c) */
    {0xcf8, 0xcf8}, {0xcfc, 0xcff}, /* configuration space: likewise */
};

static int give_ports(struct domain *d)
{
    int rc = rangeset_add(d->ioports, 0, LAST_PORT);

    for (unsigned int i = 0; !rc && i < ARRAY_SIZE(our_ports); i++)
        rc = rangeset_remove(d->ioports, our_ports[i].first, our_ports[i].last);
    for (unsigned int port = 0x2e8; !rc && port < 0x400; port++)
        if (uart_owns_port((uint16_t)port))
            rc = rangeset_remove(d->ioports, port, port);
    return rc;
}

static int keep_frame(struct domain *d, paddr_t pa)
{
    return rangeset_remove(d->iomem, pa >> PAGE_SHIFT, pa >> PAGE_SHIFT);
}

static int give_frames(struct domain *d)
{
    int rc = rangeset_add(d->iomem, 0, LAST_FRAME);

    if (!rc)
        rc = rangeset_remove(d->iomem, MSI_FIRST, MSI_LAST);
    if (!rc && acpi_info.lapic_base)
        rc = keep_frame(d, acpi_info.lapic_base);
    for (unsigned int i = 0; !rc && i < acpi_info.nr_ioapics; i++)
        rc = keep_frame(d, acpi_info.ioapic[i].base);
    return rc;
}

int dom0_give_rights(struct domain *d)
{
    int rc = give_ports(d);

    if (!rc)
        rc = give_frames(d);
    if (!rc)
        rc = rangeset_add(d->irqs, 0, MAX_IRQS - 1);
    return rc;
}
