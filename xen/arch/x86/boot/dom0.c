/* SPDX-License-Identifier: GPL-2.0 */
/*
 * dom0.c - build Dom0 from the loader's modules and let it go.
 *
 * Its low memory, seen from the kernel's base address up:
 *   kernel | initrd (if the kernel wants it mapped) | p2m list (if it gave no
 *   place for it) | start info | page tables | stack | room up to 4 MiB
 * then, unmapped: initrd, the frames of the p2m list and its tables, the rest.
 * The tables are written as plain memory; making them the vcpu's root then
 * validates them like any guest's.
 */
#include <abi/xen.h>

#include "boot/boot_info.h"
#include "boot/dom0.h"
#include "boot/start.h"
#include "core/console.h"
#include "core/panic.h"
#include "core/printk.h"
#include "core/softirq.h"
#include "cpu/desc.h"
#include "dev/acpi.h"
#include "dev/clock.h"
#include "dev/power.h"
#include "domain/pages.h"
#include "domain/sched.h"
#include "lib/bzimage.h"
#include "lib/errno.h"
#include "lib/pv_image.h"
#include "lib/string.h"
#include "mm/directmap.h"
#include "mm/heap.h"
#include "mm/window.h"
#include "pv/cpuid.h"
#include "pv/pagetype.h"
#include "pv/pgtable.h"
#include "pv/pv.h"
#include "service/evtchn.h"
#include "service/memory.h"

#define OFFERED (PV_FEATURE_DOM0 | PV_FEATURE_WRITABLE_PT | PV_FEATURE(4))
#define VGATYPE_NONE 0xff /* no such screen: nothing is told */
#define TABLE_FLAGS (PTE_P | PTE_W | PTE_U | PTE_A | PTE_D)
#define SLACK_MIN   (512UL << 10)
#define REGION_ALIGN (4UL << 20)
#define P2M_PIECE    (REGION_ALIGN / sizeof(mfn_t)) /* entries */

struct build {
    struct domain *d;
    struct pv_image pv;
    void *image;        /* the unpacked kernel */
    size_t image_order; /* of its frames; -1: not ours */
    const void *initrd;
    size_t initrd_size;

    uint64_t v_start, v_end; /* mapped at boot, and so frames from pfn 0 up */
    uint64_t v_initrd, v_p2m, v_start_info, v_tables, v_stack;
    unsigned long nr_tables;

    uint64_t nr_pages;
    mfn_t **p2m; /* ours while we build; nr_pages entries, in pieces */
    uint64_t next_pfn; /* first one behind what is used */
    uint64_t pfn_initrd, pfn_p2m, nr_p2m_frames;
    mfn_t l4;
};

/* One line that says what is wrong, then the end. */
static noreturn void give_up(const char *what, const char *why)
{
    printk(LOG_ERR "Cannot start Dom0: %s: %s\n", what, why);
    machine_stop();
}

/* ---- the image ---- */

static unsigned int order_for(uint64_t bytes)
{
    unsigned int order = 0;

    while (PAGE_SIZE << order < bytes)
        order++;
    return order;
}

static void *frames(uint64_t bytes)
{
    struct page *pg = heap_alloc(order_for(bytes), 0, 0);

    return pg ? page_to_virt(pg) : NULL;
}

static void unpack_kernel(struct build *b, const struct kernel_payload *p)
{
    struct unpack_ws *ws = frames(sizeof(*ws));
    size_t got = 0;
    int rc;

    if (!p->unpacked_size || p->unpacked_size > 1UL << 30)
        give_up("kernel", "its unpacked size is not told");
    b->image = frames(p->unpacked_size);
    if (!b->image || !ws)
        give_up("kernel", "not enough memory to unpack it");
    b->image_order = order_for(p->unpacked_size);
    rc = unpack(p->data, p->size, b->image, p->unpacked_size, &got, ws);
    if (rc == -EOPNOTSUPP)
        give_up(packing_name(p->packing), "a packing that is not known here");
    if (rc)
        give_up(packing_name(p->packing), "the packed kernel is damaged");
    heap_free(virt_to_page(ws), order_for(sizeof(*ws)));
}

static void read_kernel(struct build *b)
{
    const struct boot_module *m = &boot_info.module[0];
    struct kernel_payload p;
    const char *why = "?";
    size_t size;

    if (!boot_info.nr_modules)
        give_up("no module", "the boot entry names no Dom0 kernel");
    size = m->end - m->start;
    if (bzimage_find(paddr_to_virt(m->start), size, &p, &why))
        give_up("kernel", why);
    if (p.packing == PACKING_ELF) {
        b->image = (void *)p.data;
        b->image_order = (size_t)-1;
    } else {
        printk("Dom0 kernel: %s, %lu KiB, unpacks to %lu KiB\n",
               packing_name(p.packing), p.size >> 10, p.unpacked_size >> 10);
        unpack_kernel(b, &p);
        p.size = p.unpacked_size;
    }
    if (pv_image_read(&b->pv, b->image, p.size, &why) ||
        pv_image_check(&b->pv, true, OFFERED, &why))
        give_up("kernel", why);
    if (boot_info.nr_modules > 1) {
        m = &boot_info.module[1];
        b->initrd = paddr_to_virt(m->start);
        b->initrd_size = m->end - m->start;
    }
}

/* ---- the plan ---- */

static uint64_t tables_for(uint64_t start, uint64_t end)
{
    uint64_t n = 1;

    for (unsigned int shift = 21; shift <= 39; shift += 9)
        n += ((end - 1) >> shift) - (start >> shift) + 1;
    return n;
}

/* Lay the region out; the tables that map it stand in it, so the end is found
 * by trying. */
static void plan(struct build *b)
{
    const struct pv_image *pv = &b->pv;
    uint64_t at = ROUND_UP(pv->virt_end, PAGE_SIZE);

    b->v_start = pv->virt_base;
    if (!pv->mod_start_pfn) {
        b->v_initrd = at;
        at = ROUND_UP(at + b->initrd_size, PAGE_SIZE);
    }
    if (!pv->has_init_p2m) {
        b->v_p2m = at;
        at = ROUND_UP(at + b->nr_pages * 8, PAGE_SIZE);
    } else {
        b->v_p2m = pv->init_p2m;
    }
    b->v_start_info = at;
    b->v_tables = at + PAGE_SIZE;
    for (b->nr_tables = 4;; b->nr_tables++) {
        b->v_stack = b->v_tables + b->nr_tables * PAGE_SIZE;
        b->v_end = ROUND_UP(b->v_stack + PAGE_SIZE + SLACK_MIN, REGION_ALIGN);
        if (tables_for(b->v_start, b->v_end) <= b->nr_tables)
            break;
    }
    b->next_pfn = (b->v_end - b->v_start) >> PAGE_SHIFT;
}

static uint64_t p2m_pieces(const struct build *b)
{
    return DIV_ROUND_UP(b->nr_pages, P2M_PIECE);
}

/* Pieces of it, as no chunk of the heap may be large enough for all. */
static void p2m_create(struct build *b)
{
    bool ok = (b->p2m = frames(p2m_pieces(b) * sizeof(*b->p2m)));

    for (uint64_t i = 0; ok && i < p2m_pieces(b); i++)
        ok = (b->p2m[i] = frames(P2M_PIECE * sizeof(mfn_t)));
    if (!ok)
        give_up("memory", "no room for the list of its frames");
}

static mfn_t *p2m_entry(const struct build *b, uint64_t pfn)
{
    return &b->p2m[pfn / P2M_PIECE][pfn % P2M_PIECE];
}

static void take_memory(struct build *b)
{
    uint64_t n = 0;
    int order = 9;

    p2m_create(b);
    while (n < b->nr_pages) {
        struct page *pg;

        while (order > 0 && n + (1UL << order) > b->nr_pages)
            order--;
        /* No domain had it before, and a kernel clears what it uses. */
        pg = domain_alloc_pages(b->d, (unsigned int)order, 0,
                                PAGES_ANY_CONTENT);
        if (!pg && --order < 0)
            give_up("memory", "it ran out");
        for (uint64_t i = 0; pg && i < 1UL << order; i++, n++) {
            *p2m_entry(b, n) = page_to_mfn(pg) + i;
            m2p_set(page_to_mfn(pg) + i, n);
        }
    }
}

/* ---- writing into it ---- */

static mfn_t mfn_of(const struct build *b, uint64_t pfn)
{
    if (pfn >= b->nr_pages)
        give_up("memory", "dom0_mem is too small for kernel and initrd");
    return *p2m_entry(b, pfn);
}

static uint64_t pfn_of(const struct build *b, uint64_t va)
{
    return (va - b->v_start) >> PAGE_SHIFT;
}

/* Copy n bytes (from NULL: zeros) to pseudo-physical address pa. */
static void put(struct build *b, uint64_t pa, const void *from, size_t n)
{
    while (n) {
        size_t in_page = pa % PAGE_SIZE, some = MIN(n, PAGE_SIZE - in_page);
        char *to = frame_map(mfn_of(b, pa >> PAGE_SHIFT));

        if (from) {
            memcpy(to + in_page, from, some);
            from = (const char *)from + some;
        } else {
            memset(to + in_page, 0, some);
        }
        frame_unmap(to);
        pa += some;
        n -= some;
    }
}

static void load_kernel(struct build *b)
{
    const struct elf_image *elf = &b->pv.elf;
    void *page;

    for (unsigned int i = 0; i < elf->nr_segments; i++) {
        const struct elf_segment *s = &elf->segment[i];
        uint64_t pa = pv_image_virt(&b->pv, s->paddr) - b->v_start;

        put(b, pa, s->data, s->file_size);
        put(b, pa + s->file_size, NULL, s->mem_size - s->file_size);
    }
    if (!b->pv.has_hypercall_page)
        return;
    page = frame_map(mfn_of(b, pfn_of(b, b->pv.hypercall_page)));
    hypercall_page_fill(page);
    frame_unmap(page);
}

static void load_initrd(struct build *b)
{
    uint64_t pfn = b->next_pfn;

    if (!b->initrd_size)
        return;
    if (b->pv.mod_start_pfn)
        b->next_pfn += DIV_ROUND_UP(b->initrd_size, PAGE_SIZE);
    else
        pfn = pfn_of(b, b->v_initrd);
    b->pfn_initrd = pfn;
    put(b, pfn << PAGE_SHIFT, b->initrd, b->initrd_size);
}

static mfn_t new_table(struct build *b, uint64_t *pfn)
{
    mfn_t mfn = mfn_of(b, (*pfn)++);

    frame_clear(mfn);
    return mfn;
}

static void entry_set(mfn_t table, unsigned int i, pte_t e)
{
    pte_t *entries = frame_map(table);

    entries[i] = e;
    frame_unmap(entries);
}

/* Map frame n of its at va, with tables from *pfn on made as needed. */
static void map_page(struct build *b, uint64_t va, uint64_t n, uint64_t flags,
                     uint64_t *pfn)
{
    mfn_t table = b->l4;

    for (unsigned int level = 4; level > 1; level--) {
        pte_t e = frame_word(table, pte_index(va, level));

        if (!e) {
            e = pte_make(new_table(b, pfn), TABLE_FLAGS);
            entry_set(table, pte_index(va, level), e);
        }
        table = pte_mfn(e);
    }
    entry_set(table, pte_index(va, 1), pte_make(mfn_of(b, n), flags));
}

static void map_region(struct build *b)
{
    uint64_t first = pfn_of(b, b->v_tables), next = first;
    uint64_t pages = (b->v_end - b->v_start) >> PAGE_SHIFT;

    b->l4 = new_table(b, &next);
    for (uint64_t pfn = 0; pfn < pages; pfn++) {
        bool is_table = pfn >= first && pfn < first + b->nr_tables;
        uint64_t flags = is_table ? TABLE_FLAGS & ~PTE_W : TABLE_FLAGS;

        map_page(b, b->v_start + (pfn << PAGE_SHIFT), pfn, flags, &next);
    }
    BUG_ON(next > first + b->nr_tables);
}

/* The list gets frames of its own and tables that map them where the kernel
 * said; both count as p2m frames, which it gives back one day. */
static void map_p2m(struct build *b)
{
    uint64_t list = DIV_ROUND_UP(b->nr_pages * 8, PAGE_SIZE), table;

    b->pfn_p2m = b->next_pfn;
    table = b->pfn_p2m + list;
    for (uint64_t i = 0; i < list; i++)
        map_page(b, b->v_p2m + (i << PAGE_SHIFT), b->pfn_p2m + i, TABLE_FLAGS,
                 &table);
    b->nr_p2m_frames = table - b->pfn_p2m;
    b->next_pfn = table;
}

/* A frame may become a table only while nothing maps it writable. */
static void write_p2m(struct build *b)
{
    if (b->pv.has_init_p2m)
        map_p2m(b);
    else
        b->pfn_p2m = pfn_of(b, b->v_p2m);
    for (uint64_t n = 0; n < b->nr_pages; n += P2M_PIECE)
        put(b, (b->pfn_p2m << PAGE_SHIFT) + n * sizeof(mfn_t), p2m_entry(b, n),
            MIN(b->nr_pages - n, P2M_PIECE) * sizeof(mfn_t));
}

/* ---- what the kernel is told ---- */

static void fill_vga(dom0_vga_console_info_t *vga)
{
    const struct boot_fb *fb = &boot_info.fb;

    memset(vga, 0, sizeof(*vga));
    if (fb->kind != 1) {
        vga->video_type = boot_info.efi.systab ? VGATYPE_NONE
                                               : XEN_VGATYPE_TEXT_MODE_3;
        vga->u.text_mode_3.font_height = 16;
        vga->u.text_mode_3.rows = 25;
        vga->u.text_mode_3.columns = 80;
        return;
    }
    vga->video_type = boot_info.efi.systab ? XEN_VGATYPE_EFI_LFB
                                           : XEN_VGATYPE_VESA_LFB;
    vga->u.vesa_lfb.width = (uint16_t)fb->width;
    vga->u.vesa_lfb.height = (uint16_t)fb->height;
    vga->u.vesa_lfb.bytes_per_line = (uint16_t)fb->pitch;
    vga->u.vesa_lfb.bits_per_pixel = fb->bpp;
    vga->u.vesa_lfb.lfb_base = (uint32_t)fb->addr;
    vga->u.vesa_lfb.ext_lfb_base = fb->addr >> 32;
    vga->u.vesa_lfb.lfb_size =
        (uint32_t)(((uint64_t)fb->pitch * fb->height + 0xffff) >> 16);
    vga->u.vesa_lfb.red_pos = fb->red_pos;
    vga->u.vesa_lfb.red_size = fb->red_size;
    vga->u.vesa_lfb.green_pos = fb->green_pos;
    vga->u.vesa_lfb.green_size = fb->green_size;
    vga->u.vesa_lfb.blue_pos = fb->blue_pos;
    vga->u.vesa_lfb.blue_size = fb->blue_size;
}

/* The loader puts the file's name before its arguments. */
static const char *kernel_arguments(const char *cmdline)
{
    const char *space = strchr(cmdline, ' ');

    if (cmdline[0] != '/' && cmdline[0] != '(')
        return cmdline;
    return space ? space + 1 : "";
}

static void write_start_info(struct build *b)
{
    char *page = frame_map(mfn_of(b, pfn_of(b, b->v_start_info)));
    struct start_info *si = (void *)page;
    dom0_vga_console_info_t *vga = (void *)(page + sizeof(*si));

    memset(page, 0, PAGE_SIZE);
    strlcpy(si->magic, "xen-3.0-x86_64", sizeof(si->magic));
    si->nr_pages = b->nr_pages;
    si->shared_info = b->d->shared_mfn << PAGE_SHIFT;
    si->flags = SIF_PRIVILEGED | SIF_INITDOMAIN;
    si->pt_base = b->v_tables;
    si->nr_pt_frames = b->nr_tables;
    si->mfn_list = b->v_p2m;
    if (b->initrd_size && b->pv.mod_start_pfn) {
        si->mod_start = b->pfn_initrd;
        si->flags |= SIF_MOD_START_PFN;
    } else if (b->initrd_size) {
        si->mod_start = b->v_initrd;
    }
    si->mod_len = b->initrd_size;
    if (b->pv.has_init_p2m) {
        si->first_p2m_pfn = b->pfn_p2m;
        si->nr_p2m_frames = b->nr_p2m_frames;
    }
    fill_vga(vga);
    if (vga->video_type != VGATYPE_NONE) {
        si->console.dom0.info_off = sizeof(*si);
        si->console.dom0.info_size = sizeof(*vga);
    }
    strlcpy(si->cmd_line, kernel_arguments(boot_info.module[0].cmdline),
            sizeof(si->cmd_line));
    frame_unmap(page);
}

static void set_vcpu(struct build *b)
{
    struct vcpu *v = b->d->vcpu[0];
    struct regs *r = &v->regs;
    int rc;

    do {
        softirq_run(); /* while one is pending the pin makes no headway */
        rc = page_pin(b->d, mfn_to_page(b->l4), PGT_L4);
        if (!rc)
            rc = vcpu_set_root(v, b->l4);
    } while (rc == -ERESTART || rc == -EINTR);
    if (rc)
        give_up("page tables", "they were refused");
    r->rip = b->pv.entry;
    r->rsp = b->v_stack + PAGE_SIZE;
    r->rsi = b->v_start_info;
    r->rflags = FLAGS_IF | 2;
    r->cs = GUEST_CS64;
    r->ss = GUEST_SS;
    v->ds = v->es = v->fs = v->gs = GUEST_SS;
    v->kernel_ss = GUEST_SS;
    v->kernel_sp = r->rsp;
    v->in_kernel = 1;
    v->initialised = true;
    v->pause_flags = 0;
}

/* ---- all of it ---- */

static void make_domain(struct build *b)
{
    struct domain_config cfg = {
        .privileged = true,
        .max_vcpus = dom0_vcpus_wanted(nr_cpus),
        .max_evtchn_port = (1u << 17) - 1,
        .max_grant_frames = 64,
        .max_maptrack_frames = 1024,
        .max_grant_version = 1,
    };
    int rc;

    b->d = domain_create(0, &cfg, &rc);
    if (!b->d)
        give_up("memory", "not enough to make a domain");
    dom0 = b->d;
    for (unsigned int i = 0; i < cfg.max_vcpus; i++) {
        cpumask_t one = {{0}};

        if (vcpu_create(b->d, i))
            give_up("memory", "not enough for its vcpus");
        cpumask_set(&one, i % nr_cpus);
        if (dom0_options.pin)
            (void)vcpu_set_affinity(b->d->vcpu[i], &one, NULL);
    }
    if (dom0_give_rights(b->d))
        give_up("memory", "not enough for its rights");
}

static void p2m_free(struct build *b)
{
    for (uint64_t i = 0; i < p2m_pieces(b); i++)
        heap_free(virt_to_page(b->p2m[i]),
                  order_for(P2M_PIECE * sizeof(mfn_t)));
    heap_free(virt_to_page(b->p2m),
              order_for(p2m_pieces(b) * sizeof(*b->p2m)));
}

static void free_modules(struct build *b)
{
    if (b->image_order != (size_t)-1)
        heap_free(virt_to_page(b->image), (unsigned int)b->image_order);
    p2m_free(b);
    for (unsigned int i = 0; i < boot_info.nr_modules; i++) {
        const struct boot_module *m = &boot_info.module[i];

        if (m->end > m->start)
            heap_add_range(ROUND_UP(m->start, PAGE_SIZE) >> PAGE_SHIFT,
                           m->end >> PAGE_SHIFT);
    }
}

static void build_dom0(void)
{
    static struct build b;
    uint64_t free, max;

    if (dom0_options.mem_bad)
        give_up(dom0_options.mem_text, "dom0_mem= takes SIZE,min:SIZE,max:SIZE");
    read_kernel(&b);
    make_domain(&b);
    free = heap_free_pages();
    b.nr_pages = dom0_pages_wanted(free, &max);
    if (b.nr_pages > free - MIN(free, 2048UL))
        give_up("memory", "dom0_mem is more than there is");
    b.d->max_pages = MAX(max, b.nr_pages);
    plan(&b);
    if (b.next_pfn + DIV_ROUND_UP(b.initrd_size, PAGE_SIZE) +
            b.nr_pages / 400 >= b.nr_pages)
        give_up("memory", "dom0_mem is too small for kernel and initrd");
    take_memory(&b);
    load_kernel(&b);
    load_initrd(&b);
    map_region(&b);
    write_p2m(&b);
    write_start_info(&b);
    printk("Dom0: %lu MiB, %u vcpus, kernel [%lx, %lx), entry %lx\n",
           b.nr_pages >> 8, b.d->max_vcpus, b.pv.virt_start, b.pv.virt_end,
           b.pv.entry);
    clock_publish_wall(b.d);
    set_vcpu(&b);
    free_modules(&b);
}

static struct mem_map dom0_map;

/* The firmware's map, less the interrupt controllers: no device of Dom0 may
 * be put there, and EFI's maps do not name them. */
static init_text void make_dom0_map(void)
{
    struct mem_map *m = &dom0_map;

    *m = boot_info.mem;
    for (unsigned int i = 0; i < acpi_info.nr_ioapics; i++) {
        paddr_t base = acpi_info.ioapic[i].base;

        (void)mem_map_add(m, base, base + PAGE_SIZE, MEM_RESERVED);
    }
    (void)mem_map_add(m, acpi_info.lapic_base, acpi_info.lapic_base + (1 << 20),
                      MEM_RESERVED);
    mem_map_sanitise(m);
}

static bool firmware_map(unsigned int i, struct e820entry *e)
{
    const struct mem_map *m = &dom0_map;

    if (i >= m->nr)
        return false;
    e->addr = m->r[i].start;
    e->size = m->r[i].end - m->r[i].start;
    e->type = m->r[i].kind;
    return true;
}

/* Dom0 ends: so does the machine's work. */
static void dom0_ended(uint8_t reason)
{
    switch (reason) {
    case SHUTDOWN_poweroff:
        printk("Dom0 switches the machine off\n");
        machine_poweroff();
    case SHUTDOWN_reboot:
        printk("Dom0 restarts the machine\n");
        machine_reboot();
    case SHUTDOWN_watchdog:
        printk(LOG_ERR "Dom0's watchdog ran out\n");
        machine_reboot();
    case SHUTDOWN_crash:
        printk(LOG_ERR "Dom0 crashed, on vcpu %u\n", current->id);
        if (current->domain == dom0) {
            regs_dump(&current->regs);
            guest_dump(current);
        }
        break;
    default:
        printk(LOG_ERR "Dom0 ended with reason %u\n", reason);
    }
    machine_stop();
}

static void console_has_input(void)
{
    evtchn_raise_global_virq(VIRQ_CONSOLE);
}

static void log_has_line(void)
{
    if (dom0)
        evtchn_raise_global_virq(VIRQ_CON_RING);
}

noreturn void start_domains(void)
{
    cpu_policy_init();
    make_dom0_map();
    machine_memory_map = firmware_map;
    hwdom_shutdown = dom0_ended;
    domain_raise_global_virq = evtchn_raise_global_virq;
    domain_send = evtchn_send_from;
    wallclock_notify = clock_publish_wall_all;
    build_dom0();
    console_notify = console_has_input;
    (void)log_has_line;
    printk("Starting Dom0\n");
    vcpu_wake(dom0->vcpu[0]);
    cpu_idle_enter();
}
