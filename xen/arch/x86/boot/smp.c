/* SPDX-License-Identifier: GPL-2.0 */
/*
 * smp.c - wake the other CPUs, one at a time, in the order of the MADT.
 * Keeps true: a CPU counts in nr_cpus once it has answered; numbers have no
 * gaps. After one that does not answer no other is tried: it might wake late,
 * on the next one's stack.
 * Source: Intel SDM vol. 3, 8.4.4 (INIT, SIPI, SIPI).
 */
#include "boot/boot_info.h"
#include "boot/start.h"
#include "core/arch.h"
#include "core/cmdline.h"
#include "core/printk.h"
#include "core/timer.h"
#include "cpu/desc.h"
#include "cpu/features.h"
#include "cpu/lapic.h"
#include "cpu/tsc.h"
#include "dev/acpi.h"
#include "dev/clock.h"
#include "domain/sched.h"
#include "entry/fault.h"
#include "lib/atomic.h"
#include "lib/string.h"
#include "mm/directmap.h"
#include "mm/tlb.h"

extern const char trampoline_start[], trampoline_end[], trampoline_gdt[],
    trampoline_gdt_ptr[], trampoline_far[], trampoline_cr3[], trampoline_64[];
extern char boot_l4[];

uint64_t ap_stack used_by_asm; /* for the AP that is being woken */
static int ap_arrived;         /* it runs our code */

static unsigned int opt_maxcpus = MAX_CPUS;
static bool opt_smp = true;
BOOT_UINT("maxcpus", opt_maxcpus);
BOOT_BOOL("smp", opt_smp);

static init_text bool holds_module(paddr_t page)
{
    for (unsigned int i = 0; i < boot_info.nr_modules; i++)
        if (boot_info.module[i].start < page + PAGE_SIZE &&
            boot_info.module[i].end > page)
            return true;
    return false;
}

/* A free page of RAM below 640 KiB, as high as may be; 0: none. */
static init_text paddr_t find_low_page(void)
{
    const struct mem_map *m = &boot_info.mem;
    paddr_t best = 0;

    for (unsigned int i = 0; i < m->nr; i++) {
        paddr_t end = ROUND_DOWN(MIN(m->r[i].end, 0xa0000), PAGE_SIZE);

        if (m->r[i].kind != MEM_RAM)
            continue;
        while (end > m->r[i].start + PAGE_SIZE && holds_module(end - PAGE_SIZE))
            end -= PAGE_SIZE;
        if (end >= m->r[i].start + PAGE_SIZE && end - PAGE_SIZE > best)
            best = end - PAGE_SIZE;
    }
    return best;
}

static init_text void put32(char *page, const char *symbol, unsigned int offset,
                            uint32_t v)
{
    memcpy(page + (symbol - trampoline_start) + offset, &v, 4);
}

static init_text void lay_trampoline(paddr_t pa)
{
    char *page = paddr_to_virt(pa);

    memcpy(page, trampoline_start, (size_t)(trampoline_end - trampoline_start));
    put32(page, trampoline_gdt_ptr, 2,
          (uint32_t)pa + (uint32_t)(trampoline_gdt - trampoline_start));
    put32(page, trampoline_far, 0,
          (uint32_t)pa + (uint32_t)(trampoline_64 - trampoline_start));
    put32(page, trampoline_cr3, 0, (uint32_t)image_to_paddr(boot_l4));
}

static init_text bool wait_arrived(unsigned int us)
{
    ns_t end = now() + MICROSECS(us);

    while (!load_acquire(&ap_arrived)) {
        if (now() > end)
            return false;
        cpu_relax();
    }
    return true;
}

static init_text bool wake(uint32_t apic_id, paddr_t trampoline)
{
    unsigned int page = (unsigned int)(trampoline >> PAGE_SHIFT);

    store_release(&ap_arrived, 0);
    lapic_send_init(apic_id);
    udelay(10000);
    lapic_send_startup(apic_id, page);
    if (wait_arrived(1000))
        return true;
    lapic_send_startup(apic_id, page);
    return wait_arrived(5000000);
}

static init_text bool start_one(const struct acpi_cpu *a, paddr_t trampoline)
{
    unsigned int n = nr_cpus;
    struct cpu *c = cpu_by_id(n);

    if (percpu_create(n, a->apic_id, a->acpi_id)) {
        printk(LOG_WARN "CPU%u: no memory to start it\n", n);
        return false;
    }
    ap_stack = (uint64_t)c - CPU_AREA_DATA + CPU_STACK_TOP;
    timers_init_cpu(n);
    sched_init_cpu(n);
    if (!wake(a->apic_id, trampoline)) {
        printk(LOG_WARN "CPU%u (APIC id %#x) does not answer\n", n,
               a->apic_id);
        return false;
    }
    tsc_sync_boot_cpu();
    nr_cpus = n + 1;
    while (!READ_ONCE(c->online))
        cpu_relax();
    return true;
}

static init_text bool may_start(const struct acpi_cpu *a)
{
    return a->enabled && a->apic_id != this_cpu()->apic_id &&
           nr_cpus < MIN(opt_maxcpus, MAX_CPUS) &&
           (a->apic_id < 0xff || lapic_is_x2apic());
}

static init_text void name_boot_cpu(void)
{
    for (unsigned int i = 0; i < acpi_info.nr_cpus; i++)
        if (acpi_info.cpu[i].apic_id == this_cpu()->apic_id)
            this_cpu()->acpi_id = acpi_info.cpu[i].acpi_id;
}

init_text void smp_start_all(void)
{
    paddr_t page = find_low_page();

    name_boot_cpu();
    if (!opt_smp || !page)
        return;
    lay_trampoline(page);
    for (unsigned int i = 0; i < acpi_info.nr_cpus; i++)
        if (may_start(&acpi_info.cpu[i]) &&
            !start_one(&acpi_info.cpu[i], page))
            break;
    printk("%u CPUs online\n", nr_cpus);
}

/* The AP, on its own stack and our tables, interrupts off. */
noreturn void ap_start(void)
{
    struct cpu *c = this_cpu();

    features_init_cpu();
    c->loaded_root = idle_l4_pa;
    desc_init_cpu(c);
    lapic_init_cpu();
    mcheck_init_cpu();
    tlb_init_cpu();
    store_release(&ap_arrived, 1);
    tsc_sync_ap();
    cpumask_set(&cpus_online, c->id);
    store_release(&c->online, true);
    irq_enable();
    cpu_idle_enter();
}
