/* SPDX-License-Identifier: GPL-2.0 */
/*
 * start.c - the story of the boot: each room in its order.
 * Keeps true: nothing uses a room that has not been started; until
 * directmap_init() only the low 4 GiB can be seen.
 */
#include "boot/boot_info.h"
#include "boot/start.h"
#include "core/arch.h"
#include "core/cmdline.h"
#include "core/console.h"
#include "core/keys.h"
#include "core/panic.h"
#include "core/printk.h"
#include "core/softirq.h"
#include "core/timer.h"
#include "cpu/desc.h"
#include "cpu/features.h"
#include "cpu/lapic.h"
#include "dev/acpi.h"
#include "dev/clock.h"
#include "dev/efi.h"
#include "dev/irq.h"
#include "dev/pci.h"
#include "dev/uart.h"
#include "dev/video.h"
#include "domain/sched.h"
#include "entry/fault.h"
#include "lib/string.h"
#include "mm/directmap.h"
#include "mm/heap.h"
#include "mm/window.h"
#include "pv/audit.h"
#include "pv/pgtable.h"
#include "service/mca.h"

struct boot_info boot_info;
static struct mem_map boot_free; /* RAM that nobody uses yet */
static uint64_t opt_mem;
BOOT_SIZE("mem", opt_mem);

static const void *low_memory(uint32_t pa)
{
    return paddr_to_virt(pa);
}

static init_text void read_loader_info(uint32_t magic, paddr_t info)
{
    const void *p = paddr_to_virt(info);
    int rc = -1;

    if (magic == MB2_LOADER_MAGIC)
        rc = multiboot2_parse(p, 1 << 20, &boot_info);
    else if (magic == MB1_LOADER_MAGIC)
        rc = multiboot1_parse(p, low_memory, &boot_info);
    boot_info.info_start = info;
    boot_info.info_end =
        info + (magic == MB2_LOADER_MAGIC ? *(const uint32_t *)p : PAGE_SIZE);
    if (rc)
        strlcpy(boot_info.loader, "unknown, and not understood",
                sizeof(boot_info.loader));
}

/* The options, behind the image's own name if that is there: QEMU puts it in
 * front, GRUB 2 leaves it out. A name has a slash, and no = before it. */
static init_text const char *options_of(const char *cmdline)
{
    const char *end = strchr(cmdline, ' '), *slash = strchr(cmdline, '/');
    const char *eq = strchr(cmdline, '=');

    if (!slash || (end && slash > end) || (eq && eq < slash))
        return cmdline;
    return end ? end + 1 : "";
}

/* RAM that has no frame number of 32 bits, or that `mem=` excludes. */
static init_text void limit_memory(void)
{
    paddr_t end = 0;

    for (unsigned int i = 0; i < boot_info.mem.nr; i++)
        if (boot_info.mem.r[i].kind == MEM_RAM)
            end = MAX(end, boot_info.mem.r[i].end);
    if (end > RAM_LIMIT)
        printk(LOG_WARN "RAM above 16 TiB is not used; it ends at %#lx\n",
               end);
    mem_map_limit(&boot_info.mem, opt_mem ? MIN(opt_mem, RAM_LIMIT)
                                          : RAM_LIMIT);
}

/* Where the direct map must reach at least: what the loader left for us. */
static init_text paddr_t loaded_end(void)
{
    paddr_t end = MAX(image_to_paddr(image_end), boot_info.info_end);

    for (unsigned int i = 0; i < boot_info.nr_modules; i++)
        end = MAX(end, boot_info.module[i].end);
    return end;
}

static init_text void show_memory(void)
{
    const struct mem_map *m = &boot_info.mem;

    printk("Memory map (%s):\n", boot_info.mem_from_efi ? "EFI" : "e820");
    for (unsigned int i = 0; i < m->nr; i++)
        printk(" [%016lx, %016lx] %s\n", m->r[i].start, m->r[i].end - 1,
               mem_kind_name(m->r[i].kind));
}

static init_text void keep(paddr_t start, paddr_t end)
{
    mem_map_mark(&boot_free, ROUND_DOWN(start, PAGE_SIZE),
                 ROUND_UP(end, PAGE_SIZE), MEM_RESERVED);
}

/* What of the RAM is free: not the first MiB, not what we or modules are in. */
static init_text void set_up_memory(void)
{
    mem_map_sanitise(&boot_info.mem);
    limit_memory();
    show_memory();
    boot_free = boot_info.mem;
    keep(0, 0x100000);
    keep(image_base, image_to_paddr(image_end));
    keep(boot_info.info_start, boot_info.info_end);
    for (unsigned int i = 0; i < boot_info.nr_modules; i++)
        keep(boot_info.module[i].start, boot_info.module[i].end);
    boot_alloc_init(&boot_free);
    directmap_init(&boot_info.mem, loaded_end());
    frametable_init(&boot_info.mem);
    window_init();
    heap_init();
    heap_is_live = true;
    printk("Heap: %lu MiB free\n", heap_free_pages() >> 8);
    if (max_mfn > directmap_frames)
        printk("Direct map: to %#lx; memory above it is for guests\n",
               directmap_frames << PAGE_SHIFT);
}

static init_text void show_modules(void)
{
    for (unsigned int i = 0; i < boot_info.nr_modules; i++)
        printk("Module %u: [%lx, %lx) %s\n", i, boot_info.module[i].start,
               boot_info.module[i].end, boot_info.module[i].cmdline);
}

noreturn void start(uint32_t magic, paddr_t info, paddr_t base)
{
    image_base = base;
    percpu_init_boot();
    desc_init_early();
    read_loader_info(magic, info);
    cmdline_parse(options_of(boot_info.cmdline));
    uart_init();
    printk("Xenolith version %s, built with gcc %s\n", XEN_VERSION_STRING,
           __VERSION__);
    printk("Loader: %s\n", boot_info.loader);
    printk("Options: %s\n", cmdline_saved);
    features_init();
    set_up_memory();
    show_modules();
    if (boot_info.fb.kind == 1)
        fb_init(&boot_info.fb);
    else
        vga_init();
    desc_init_cpu(this_cpu());
    acpi_init(&boot_info);
    efi_init(&boot_info.efi);
    timers_init();
    keys_init();
    pic_silence();
    lapic_init_boot(acpi_info.lapic_base);
    irq_init();
    clock_init();
    lapic_timer_calibrate();
    irq_enable();
    pci_init();
    uart_init_irq();
    sched_init();
    mca_init();
    mcheck_init_cpu();
    smp_start_all();
    watchdog_init();
    mca_start_looking();
    console_init();
    m2p_show_to_control();
    audit_init();
    debug_init();
    start_domains();
}
