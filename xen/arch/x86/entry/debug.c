/* SPDX-License-Identifier: GPL-2.0 */
/*
 * debug.c - debug keys that show where the machine stands.
 * Keeps true: a CPU that is asked by NMI copies its registers and nothing
 * else; the one that asked prints, as an NMI may have come inside printk().
 */
#include "core/arch.h"
#include "core/keys.h"
#include "core/panic.h"
#include "core/printk.h"
#include "core/timer.h"
#include "cpu/lapic.h"
#include "dev/power.h"
#include "domain/part.h"
#include "domain/sched.h"
#include "entry/fault.h"
#include "lib/atomic.h"
#include "lib/string.h"
#include "mm/heap.h"

/* ---- registers of all CPUs ---- */

static PERCPU struct regs seen;
static PERCPU int asked;

bool debug_nmi(const struct regs *r)
{
    if (!load_acquire(&percpu(asked)))
        return false;
    percpu(seen) = *r;
    store_release(&percpu(asked), 0);
    return true;
}

/* False: the CPU does not even answer an NMI. */
static bool ask(unsigned int cpu)
{
    ns_t end = now() + MILLISECS(100);

    store_release(&percpu_on(cpu, asked), 1);
    lapic_send_nmi(cpu);
    while (load_acquire(&percpu_on(cpu, asked)))
        if (now() > end)
            return false;
    return true;
}

static void show_cpu(unsigned int cpu, const struct regs *r)
{
    const struct vcpu *v = cpu_by_id(cpu)->curr;

    printk("CPU%u: d%uv%u, %s\n", cpu, v->domain->id, v->id,
           vcpu_is_idle(v)       ? "idle"
           : regs_from_guest(r)  ? "in the guest"
                                 : "in the hypervisor");
    if (r->cs)
        regs_print(r);
}

static void show_registers(char key)
{
    unsigned int n;

    (void)key;
    for_each_cpu(n, &cpus_online) {
        if (n == cpu_id())
            show_cpu(n, &current->regs); /* how it came in */
        else if (ask(n))
            show_cpu(n, &percpu_on(n, seen));
        else
            printk(LOG_WARN "CPU%u does not answer\n", n);
    }
}

/* ---- domains ---- */

static void for_each_domain(void (*fn)(struct domain *))
{
    struct domain *d = domain_first();

    while (d) {
        domid_t id = d->id;

        fn(d);
        domain_put(d);
        d = domain_next(id);
    }
}

static void show_vcpu(const struct vcpu *v)
{
    const struct vcpu_info *info = v->info;

    printk("  v%u: CPU%u%s flags %x pause %d, events %s%s, %s rip %lx rsp "
           "%lx\n",
           v->id, v->cpu, v->running ? " (running)" : "", v->pause_flags,
           atomic_read(&v->pause_count),
           info && info->evtchn_upcall_pending ? "pending" : "none",
           info && info->evtchn_upcall_mask ? " (masked)" : "",
           v->in_kernel ? "kernel" : "user", v->regs.rip, v->regs.rsp);
}

static void show_domain(struct domain *d)
{
    struct vcpu *v;
    unsigned int i;

    printk("d%u: %lu of %lu pages, %d references, pause %d%s%s\n", d->id,
           d->tot_pages, d->max_pages, atomic_read(&d->refs),
           atomic_read(&d->pause_count), d->is_shut_down ? ", shut down" : "",
           d->dying ? ", dying" : "");
    for_each_vcpu(d, v, i)
        show_vcpu(v);
}

static void show_domains(char key)
{
    (void)key;
    for_each_domain(show_domain);
}

/* ---- the parts of each domain, by name ---- */

static const char *part_wanted;

static void show_part(struct domain *d)
{
    for (unsigned int i = 0; i < nr_domain_parts; i++)
        if (!strcmp(domain_parts[i]->name, part_wanted) &&
            domain_parts[i]->dump)
            domain_parts[i]->dump(d);
}

static void show_events(char key)
{
    (void)key;
    part_wanted = "evtchn";
    for_each_domain(show_part);
}

static void show_grants(char key)
{
    (void)key;
    part_wanted = "grants";
    for_each_domain(show_part);
}

/* ---- the rest ---- */

static void show_memory(char key)
{
    (void)key;
    printk("Heap: %lu of %lu KiB free\n", heap_free_pages() << 2,
           heap_total_pages() << 2);
    if (max_mfn > directmap_frames)
        printk(" in the direct map: %lu KiB\n", heap_free_low_pages() << 2);
    for (unsigned int bits = PAGE_SHIFT; bits < 52; bits++) {
        uint64_t n = heap_free_pages_between(bits, bits + 1);

        if (n)
            printk(" addresses of %u bits: %lu KiB\n", bits + 1, n << 2);
    }
}

static void show_timers(char key)
{
    unsigned int n;

    (void)key;
    printk("System time %lu us\n", now() / 1000);
    for_each_cpu(n, &cpus_online)
        timers_show(n);
}

static void reboot(char key)
{
    (void)key;
    machine_reboot();
}

void debug_init(void)
{
    key_register('d', show_registers, "show registers of all CPUs");
    key_register('e', show_events, "show event channels");
    key_register('g', show_grants, "show grants");
    key_register('H', show_memory, "show memory");
    key_register('q', show_domains, "show domains and vcpus");
    key_register('r', sched_dump, "show run queues");
    key_register('t', show_timers, "show timers");
    key_register('R', reboot, "reboot the machine");
}
