/* SPDX-License-Identifier: GPL-2.0 */
/*
 * directmap.c - our own address space.
 * Keeps true: code is never writable where it runs, data never runs; all RAM
 * below frame directmap_frames stands in the direct map and nothing else does;
 * the L4 slots are filled at boot and never change, so that guests' roots may
 * hold copies of them.
 * Locks: vmap_lock guards the area for devices, kept frames and tables made
 * late.
 */
#include "boot/boot_info.h"
#include "core/cmdline.h"
#include "core/panic.h"
#include "core/spinlock.h"
#include "cpu/features.h"
#include "cpu/percpu.h"
#include "lib/bitmap.h"
#include "lib/errno.h"
#include "lib/insn.h"
#include "lib/string.h"
#include "mm/directmap.h"
#include "mm/heap.h"
#include "mm/tlb.h"

#define SIZE_2M 0x200000UL
#define SIZE_1G 0x40000000UL

pte_t idle_l4[PTES_PER_TABLE] aligned_to(4096);
paddr_t idle_l4_pa;
paddr_t image_base;
mfn_t directmap_frames;
bool heap_is_live;

static uint64_t opt_directmap;
BOOT_SIZE("directmap", opt_directmap);

extern char image_text_end[], image_init_text_end[], image_rodata_end[],
    image_data_end[];

static spinlock_t vmap_lock = SPINLOCK_INIT(RANK_NONE);

/* An empty table, or 0. */
static paddr_t new_table(void)
{
    paddr_t pa;
    void *p;

    if (heap_is_live) {
        p = heap_page();
        return p ? virt_to_paddr(p) : 0;
    }
    pa = boot_alloc(PAGE_SIZE, PAGE_SIZE);
    memset(paddr_to_virt(pa), 0, PAGE_SIZE);
    return pa;
}

static pte_t *entry_of(pte_t *table, uint64_t va, unsigned int level)
{
    return &table[pte_index(va, level)];
}

static pte_t *table_at(pte_t e)
{
    return mfn_to_virt(pte_mfn(e));
}

/* The table below *e, made if there is none. NULL: no memory. */
static pte_t *table_below(pte_t *e, uint64_t user)
{
    if (!(*e & PTE_P)) {
        paddr_t pa = new_table();

        if (!pa)
            return NULL;
        WRITE_ONCE(*e, pa | PTE_P | PTE_W | PTE_A | user);
    }
    BUG_ON(*e & PTE_PSE);
    return table_at(*e);
}

/* How large a page may start at va and pa: its level. */
static unsigned int leaf_level(uint64_t va, paddr_t pa, size_t size)
{
    uint64_t both = va | pa;

    if (!(both & (SIZE_1G - 1)) && size >= SIZE_1G && cpu_features.page1g)
        return 3;
    if (!(both & (SIZE_2M - 1)) && size >= SIZE_2M)
        return 2;
    return 1;
}

/* The entry of that level for va, tables made as needed; NULL: no memory. */
static pte_t *make_entry(pte_t *root, uint64_t va, unsigned int level,
                         uint64_t user)
{
    pte_t *table = root;

    for (unsigned int l = 4; l > level && table; l--)
        table = table_below(entry_of(table, va, l), user);
    return table ? entry_of(table, va, level) : NULL;
}

pte_t *small_page_entry(uint64_t va)
{
    return make_entry(idle_l4, va, 1, 0);
}

static int map_one(pte_t *root, uint64_t va, paddr_t pa, unsigned int level,
                   uint64_t flags)
{
    pte_t *e = make_entry(root, va, level, flags & PTE_U);

    if (!e)
        return -ENOMEM;
    if (level > 1)
        flags |= PTE_PSE;
    WRITE_ONCE(*e, pa | flags);
    return 0;
}

int map_pages(uint64_t va, paddr_t pa, size_t size, uint64_t flags)
{
    return map_pages_in(idle_l4, va, pa, size, flags);
}

int map_pages_in(pte_t *root, uint64_t va, paddr_t pa, size_t size,
                 uint64_t flags)
{
    while (size) {
        unsigned int level = leaf_level(va, pa, size);
        size_t step = 1UL << (PAGE_SHIFT + 9 * (level - 1));
        int rc = map_one(root, va, pa, level, flags);

        if (rc)
            return rc;
        va += step;
        pa += step;
        size -= MIN(step, size);
    }
    return 0;
}

/* The entry that maps va, of whatever level; NULL if none does. */
static pte_t *find_entry(uint64_t va, unsigned int *level)
{
    pte_t *e = entry_of(idle_l4, va, 4);

    for (*level = 4; *e & PTE_P; e = entry_of(table_at(*e), va, *level)) {
        if (*level == 1 || *e & PTE_PSE)
            return e;
        --*level;
    }
    return NULL;
}

paddr_t mapped_paddr(uint64_t va)
{
    unsigned int level;
    pte_t *e = find_entry(va, &level);
    uint64_t within;

    if (!e)
        return ~0UL;
    within = (1UL << (PAGE_SHIFT + 9 * (level - 1))) - 1;
    return (*e & PTE_ADDR & ~within) | (va & within);
}

static void map_or_panic(uint64_t va, paddr_t pa, size_t size, uint64_t flags)
{
    if (map_pages(va, pa, size, flags))
        panic("no memory for our own page tables");
}

static void map_image(void)
{
    const struct {
        char *start, *end;
        uint64_t flags;
    } part[] = {
        {image_start, image_init_text_end, HYP_RX},
        {image_init_text_end, image_rodata_end, HYP_RO},
        {image_rodata_end, image_end, HYP_RW},
    };

    for (size_t i = 0; i < ARRAY_SIZE(part); i++)
        map_or_panic((uint64_t)part[i].start, image_to_paddr(part[i].start),
                     (size_t)(part[i].end - part[i].start), part[i].flags);
}

static void map_ram(const struct mem_map *ram)
{
    for (unsigned int i = 0; i < ram->nr; i++) {
        paddr_t start = ROUND_UP(ram->r[i].start, PAGE_SIZE);
        paddr_t end = ROUND_DOWN(
            MIN(ram->r[i].end, directmap_frames << PAGE_SHIFT), PAGE_SIZE);

        if (ram->r[i].kind == MEM_RAM && start < end)
            map_or_panic(DIRECTMAP_START + start, start, end - start, HYP_RW);
    }
}

/* Every slot gets its L3 now: guests' roots copy the slots. */
static void fill_slots(void)
{
    for (unsigned int i = HYP_FIRST_SLOT; i <= HYP_LAST_SLOT; i++)
        if (i != PERDOMAIN_SLOT &&
            !table_below(&idle_l4[i], i == HYP_FIRST_SLOT ? PTE_U : 0))
            panic("no memory for our own page tables");
    /* Guests see slot 256, and never change what is there. */
    idle_l4[HYP_FIRST_SLOT] |= PTE_NX;
    idle_l4[HYP_FIRST_SLOT] &= ~PTE_W;
}

static init_text paddr_t directmap_size(paddr_t least)
{
    paddr_t wanted = ROUND_UP(MAX(opt_directmap, least), SIZE_2M);

    return opt_directmap ? MIN(wanted, DIRECTMAP_SIZE) : DIRECTMAP_SIZE;
}

/* The loader's tables, which see 4 GiB, are left behind. */
init_text void directmap_init(const struct mem_map *ram, paddr_t least)
{
    paddr_t size = directmap_size(least);

    directmap_frames = size >> PAGE_SHIFT;
    idle_l4_pa = image_to_paddr(idle_l4);
    boot_alloc_limit(MIN(size, 4 * SIZE_1G));
    fill_slots();
    map_image();
    map_ram(ram);
    if (percpu_map_boot())
        panic("no memory for the boot CPU's area");
    root_load(idle_l4_pa);
    boot_alloc_limit(size);
}

void root_fill_hyp(pte_t *l4, mfn_t perdomain_l3)
{
    memcpy(&l4[HYP_FIRST_SLOT], &idle_l4[HYP_FIRST_SLOT],
           (HYP_LAST_SLOT - HYP_FIRST_SLOT + 1) * sizeof(*l4));
    l4[PERDOMAIN_SLOT] =
        perdomain_l3 ? pte_make(perdomain_l3, PTE_P | PTE_W | PTE_A) : 0;
}

/*
 * The area for devices and kept frames: a page used is a bit set. It is 1 GiB,
 * a device stays once found, and few frames are kept, so a simple search will
 * do.
 */
#define VMAP_PAGES ((VMAP_END - VMAP_START) >> PAGE_SHIFT)
static BITMAP_DECLARE(vmap_used, VMAP_PAGES);
static size_t vmap_from; /* all pages below are used */

/* n free pages in a row, and a guard behind; VMAP_PAGES if there is no room. */
static size_t vmap_find_locked(size_t n)
{
    size_t at = bitmap_next_zero(vmap_used, VMAP_PAGES, vmap_from);

    while (at + n < VMAP_PAGES) {
        size_t next = bitmap_next_set(vmap_used, VMAP_PAGES, at);

        if (next - at > n)
            return at;
        at = bitmap_next_zero(vmap_used, VMAP_PAGES, next);
    }
    return VMAP_PAGES;
}

static void *vmap(paddr_t pa, size_t size, uint64_t flags)
{
    paddr_t first = ROUND_DOWN(pa, PAGE_SIZE);
    size_t n = (ROUND_UP(pa + size, PAGE_SIZE) - first) >> PAGE_SHIFT;
    uint64_t irq = spin_lock_irqsave(&vmap_lock), va;
    size_t at = vmap_find_locked(n);
    int rc = -ENOSPC;

    va = VMAP_START + (at << PAGE_SHIFT);
    /* Small pages only: vunmap clears one by one. */
    if (at < VMAP_PAGES)
        rc = 0;
    for (size_t i = 0; !rc && i < n; i++)
        rc = map_one(idle_l4, va + (i << PAGE_SHIFT), first + (i << PAGE_SHIFT),
                     1, flags);
    if (!rc)
        bitmap_set_range(vmap_used, at, n);
    spin_unlock_irqrestore(&vmap_lock, irq);
    return rc ? NULL : (void *)(va + (pa - first));
}

void *vmap_device(paddr_t pa, size_t size)
{
    return vmap(pa, size, HYP_UC);
}

void *vmap_memory(paddr_t pa, size_t size)
{
    return vmap(pa, size, HYP_RW);
}

/* HYP_PAT has write-combining at index 5: PAT and PWT. */
void *vmap_write_combining(paddr_t pa, size_t size)
{
    return vmap(pa, size, HYP_RW | PTE_PAT1 | PTE_PWT);
}

/*
 * Other CPUs may remember the pages; they are global entries. The addresses
 * are therefore used again only after a flush of everything there.
 */
void vunmap(void *p, size_t size)
{
    uint64_t first = ROUND_DOWN((uint64_t)p, PAGE_SIZE);
    uint64_t end = ROUND_UP((uint64_t)p + size, PAGE_SIZE);

    for (uint64_t va = first; va < end; va += PAGE_SIZE) {
        unsigned int level;
        pte_t *e = find_entry(va, &level);

        if (e)
            WRITE_ONCE(*e, 0);
        tlb_flush_page(&cpus_online, va);
    }
    spin_lock(&vmap_lock);
    bitmap_clear_range(vmap_used, (first - VMAP_START) >> PAGE_SHIFT,
                       (end - first) >> PAGE_SHIFT);
    spin_unlock(&vmap_lock);
}

void *frame_keep(mfn_t mfn)
{
    return mfn < directmap_frames ? mfn_to_virt(mfn)
                                  : vmap_memory(mfn << PAGE_SHIFT, PAGE_SIZE);
}

static bool is_direct(const void *p)
{
    return (uint64_t)p >= DIRECTMAP_START;
}

void frame_unkeep(void *p)
{
    if (!is_direct(p))
        vunmap((void *)ROUND_DOWN((uint64_t)p, PAGE_SIZE), PAGE_SIZE);
}

mfn_t frame_kept(const void *p)
{
    return is_direct(p) ? virt_to_mfn(p)
                        : mapped_paddr((uint64_t)p) >> PAGE_SHIFT;
}
