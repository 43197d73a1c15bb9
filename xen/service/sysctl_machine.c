/* SPDX-License-Identifier: GPL-2.0 */
/*
 * sysctl_machine.c - what the machine is: processors, memory, devices.
 * Keeps true: every list is as long as the caller made room for, or shorter.
 */
#include "abi/physdev.h"
#include "cpu/features.h"
#include "cpu/topology.h"
#include "cpu/tsc.h"
#include "dev/pci.h"
#include "domain/pages.h"
#include "domain/sched.h"
#include "lib/string.h"
#include "mm/heap.h"
#include "service/control.h"

/* ---- processors ---- */

long sysctl_physinfo(struct xen_sysctl *op)
{
    struct xen_sysctl_physinfo *p = &op->u.physinfo;
    uint32_t words[FEATURE_WORDS];
    struct topology t;

    topology_read(&t);
    host_features(words);
    memset(p, 0, sizeof(*p));
    p->threads_per_core = t.threads;
    p->cores_per_socket = t.cores;
    for (unsigned int n = 0; n < nr_cpus; n++)
        p->nr_cpus += cpumask_has(&cpus_online, n);
    p->max_cpu_id = nr_cpus - 1;
    p->nr_nodes = 1;
    p->cpu_khz = (uint32_t)tsc_khz;
    p->capabilities = XEN_SYSCTL_PHYSCAP_pv | XEN_SYSCTL_PHYSCAP_gnttab_v1;
    p->total_pages = heap_total_pages();
    p->free_pages = heap_free_pages();
    p->outstanding_pages = pages_claimed();
    p->max_mfn = max_mfn - 1;
    memcpy(p->hw_cap, words, sizeof(p->hw_cap));
    return 0;
}

/* A null list asks for its length. */
long sysctl_cputopo(struct xen_sysctl *op)
{
    struct xen_sysctl_cputopoinfo *c = &op->u.cputopoinfo;
    uint32_t room = c->num_cpus;
    struct topology t;

    c->num_cpus = nr_cpus;
    if (guest_va_is_null(c->cputopo))
        return 0;
    c->num_cpus = MIN(room, nr_cpus);
    topology_read(&t);
    for (uint32_t n = 0; n < c->num_cpus; n++) {
        uint32_t id = cpu_by_id(n)->apic_id;
        struct xen_sysctl_cputopo e = {XEN_INVALID_CORE_ID,
                                       XEN_INVALID_SOCKET_ID,
                                       XEN_INVALID_NODE_ID};

        if (cpumask_has(&cpus_online, n)) {
            e.core = topology_core(&t, id);
            e.socket = topology_package(&t, id);
            e.node = 0;
        }
        if (copy_to_guest(guest_va_at(c->cputopo, n, sizeof(e)), &e, sizeof(e)))
            return -EFAULT;
    }
    return 0;
}

long sysctl_cpuinfo(struct xen_sysctl *op)
{
    struct xen_sysctl_getcpuinfo *g = &op->u.getcpuinfo;

    g->nr_cpus = MIN(g->max_cpus, nr_cpus);
    for (uint32_t n = 0; n < g->nr_cpus; n++) {
        struct xen_sysctl_cpuinfo e = {0};

        if (cpumask_has(&cpus_online, n))
            e.idletime = cpu_idle_ns(n);
        if (copy_to_guest(guest_va_at(g->info, n, sizeof(e)), &e, sizeof(e)))
            return -EFAULT;
    }
    return 0;
}

/* ---- memory ---- */

#define DISTANCE_SELF 10

/* One node has it all. */
long sysctl_numa(struct xen_sysctl *op)
{
    struct xen_sysctl_numainfo *n = &op->u.numainfo;
    struct xen_sysctl_meminfo mem = {
        .memsize = heap_total_pages() << PAGE_SHIFT,
        .memfree = heap_free_pages() << PAGE_SHIFT,
    };
    uint32_t distance = DISTANCE_SELF, room = n->num_nodes;

    n->num_nodes = 1;
    if (guest_va_is_null(n->meminfo) && guest_va_is_null(n->distance))
        return 0;
    if (!room) {
        n->num_nodes = 0;
        return 0;
    }
    if (!guest_va_is_null(n->meminfo) &&
        copy_to_guest(n->meminfo, &mem, sizeof(mem)))
        return -EFAULT;
    if (!guest_va_is_null(n->distance) &&
        copy_to_guest(n->distance, &distance, sizeof(distance)))
        return -EFAULT;
    return 0;
}

long sysctl_heap(struct xen_sysctl *op)
{
    struct xen_sysctl_availheap *h = &op->u.availheap;

    if (h->node > 0)
        return -EINVAL;
    h->avail_bytes = heap_free_pages_between(h->min_bitwidth, h->max_bitwidth)
                     << PAGE_SHIFT;
    return 0;
}

/* ---- devices ---- */

static uint32_t device_node(const struct physdev_pci_device *dev)
{
    pci_addr_t a = {dev->seg, dev->bus, dev->devfn};

    return (pci_read(a, 0, 2) & 0xffff) == 0xffff ? XEN_INVALID_DEV : 0;
}

/* Stops when something else is due; the count says how far it came. */
long sysctl_pcitopo(struct xen_sysctl *op)
{
    struct xen_sysctl_pcitopoinfo *t = (void *)&op->u;
    uint32_t n = t->num_devs;

    for (t->num_devs = 0; t->num_devs < n; t->num_devs++) {
        struct physdev_pci_device dev;
        uint32_t node;

        if (t->num_devs && preempt_wanted())
            break;
        if (copy_from_guest(&dev, guest_va_at(t->devs, t->num_devs, sizeof(dev)),
                            sizeof(dev)))
            return -EFAULT;
        node = device_node(&dev);
        if (copy_to_guest(guest_va_at(t->nodes, t->num_devs, sizeof(node)),
                          &node, sizeof(node)))
            return -EFAULT;
    }
    return 0;
}
