/* SPDX-License-Identifier: GPL-2.0 */
/*
 * percpu.c - each CPU's own area and its copy of the PERCPU variables.
 * Keeps true: the boot CPU's area lies in the image and its PERCPU variables
 * are the image's own; the others' are made here before the CPU is started.
 */
#include "cpu/percpu.h"
#include "lib/errno.h"
#include "lib/string.h"
#include "mm/directmap.h"
#include "mm/heap.h"

extern char percpu_start[], percpu_end[];
extern char boot_cpu_area[];

cpumask_t cpus_online;
unsigned int nr_cpus = 1;

static uint64_t area_of(unsigned int n)
{
    return PERCPU_START + (uint64_t)n * CPU_AREA_SIZE;
}

struct cpu *cpu_by_id(unsigned int n)
{
    return (struct cpu *)(area_of(n) + CPU_AREA_DATA);
}

/* What each page of the area may be used for; 0: a guard. */
static uint64_t area_page_flags(unsigned int page)
{
    if (page == 0)
        return HYP_RX;
    return page == 3 || page == 8 ? 0 : HYP_RW;
}

static int map_area(unsigned int n, paddr_t (*page_at)(unsigned int))
{
    for (unsigned int i = 0; i < CPU_AREA_SIZE / PAGE_SIZE; i++) {
        paddr_t pa;
        int rc;

        if (!area_page_flags(i))
            continue;
        pa = page_at(i);
        if (!pa)
            return -ENOMEM;
        rc = map_pages(area_of(n) + i * PAGE_SIZE, pa, PAGE_SIZE,
                       area_page_flags(i));
        if (rc)
            return rc;
    }
    return 0;
}

static paddr_t boot_area_page(unsigned int i)
{
    return image_to_paddr(boot_cpu_area + i * PAGE_SIZE);
}

static paddr_t new_area_page(unsigned int i)
{
    void *p = heap_page();

    (void)i;
    return p ? virt_to_paddr(p) : 0;
}

/* The boot CPU's area, entered into the new tables. */
init_text int percpu_map_boot(void)
{
    return map_area(0, boot_area_page);
}

/* The first page of an area is code; it is written through this view. */
void *cpu_area_stub(unsigned int n)
{
    return paddr_to_virt(mapped_paddr(area_of(n)));
}

void percpu_init_boot(void)
{
    struct cpu *c = cpu_by_id(0);

    c->id = 0;
    c->percpu_offset = 0;
    c->online = true;
    c->regs_end = area_of(0) + CPU_STACK_TOP;
    cpumask_set(&cpus_online, 0);
}

int percpu_create(unsigned int n, uint32_t apic_id, uint32_t acpi_id)
{
    size_t size = (size_t)(percpu_end - percpu_start);
    char *copy = kzalloc(size);
    struct cpu *c = cpu_by_id(n);
    int rc;

    if (!copy)
        return -ENOMEM;
    rc = map_area(n, new_area_page);
    if (rc)
        return rc;
    c->id = n;
    c->apic_id = apic_id;
    c->acpi_id = acpi_id;
    c->percpu_offset = copy - percpu_start;
    c->regs_end = area_of(n) + CPU_STACK_TOP;
    return 0;
}
