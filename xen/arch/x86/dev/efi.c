/* SPDX-License-Identifier: GPL-2.0 */
/*
 * efi.c - the firmware's tables and runtime services.
 * Keeps true: the firmware was never told of virtual addresses, so its code
 * runs where its memory stands at its physical addresses: in a root of its own
 * whose lower half holds just the ranges marked for runtime.
 * Locks: efi_lock; one call at a time.
 * Source: UEFI specification 2.9, chapters 4, 7 and 8.
 */
#include "boot/boot_info.h"
#include "core/printk.h"
#include "core/spinlock.h"
#include "dev/efi.h"
#include "lib/string.h"
#include "mm/directmap.h"
#include "mm/heap.h"
#include "mm/tlb.h"
#include "mm/window.h"

#define SYSTAB_SIGNATURE 0x5453595320494249UL /* "IBI SYST" */
#define RUNTIME_SIGNATURE 0x56524553544e5552UL /* "RUNTSERV" */
#define ATTR_RUNTIME (1UL << 63)
#define ATTR_WB      8UL

struct efi_info efi_info;
static struct boot_efi boot;
static const uint8_t *runtime; /* the table of services */
static pte_t *efi_l4;
static spinlock_t efi_lock = SPINLOCK_INIT(RANK_NONE);

static uint32_t get32(const uint8_t *p)
{
    uint32_t v;

    memcpy(&v, p, 4);
    return v;
}
static uint64_t get64(const uint8_t *p)
{
    uint64_t v;

    memcpy(&v, p, 8);
    return v;
}

struct efi_range {
    paddr_t start, end;
    uint32_t type;
    uint64_t attribute;
};

static bool range_at(uint32_t at, struct efi_range *r)
{
    const uint8_t *p = (const uint8_t *)boot.map + at;

    if (!boot.desc_size || at + boot.desc_size > boot.map_size)
        return false;
    r->type = get32(p);
    r->start = get64(p + 8);
    r->end = r->start + (get64(p + 24) << PAGE_SHIFT);
    r->attribute = get64(p + 32);
    return true;
}

bool efi_mem_lookup(paddr_t pa, paddr_t *start, paddr_t *end, uint32_t *type,
                    uint64_t *attribute)
{
    struct efi_range r;

    for (uint32_t at = 0; range_at(at, &r); at += boot.desc_size)
        if (pa >= r.start && pa < r.end) {
            *start = r.start;
            *end = r.end;
            *type = r.type;
            *attribute = r.attribute;
            return true;
        }
    return false;
}

/* Writable and executable: that is how firmware is linked. */
static init_text bool map_runtime_ranges(void)
{
    struct efi_range r;

    for (uint32_t at = 0; range_at(at, &r); at += boot.desc_size) {
        uint64_t flags = PTE_P | PTE_W | PTE_A | PTE_D;

        if (!(r.attribute & ATTR_RUNTIME))
            continue;
        if (!(r.attribute & ATTR_WB))
            flags |= PTE_PCD | PTE_PWT;
        if (r.end > 1UL << 47 ||
            map_pages_in(efi_l4, r.start, r.start, r.end - r.start, flags))
            return false;
    }
    return true;
}

static init_text void read_vendor(paddr_t pa)
{
    const uint16_t *s = pa ? vmap_memory(pa, sizeof(efi_info.vendor)) : NULL;
    size_t i = 0;

    for (; s && i + 1 < ARRAY_SIZE(efi_info.vendor) && s[i]; i++)
        efi_info.vendor[i] = s[i];
    if (s)
        vunmap((void *)(uintptr_t)s, sizeof(efi_info.vendor));
}

static init_text bool read_systab(const uint8_t *t)
{
    if (get64(t) != SYSTAB_SIGNATURE)
        return false;
    efi_info.version = get32(t + 8);
    efi_info.vendor_revision = get32(t + 32);
    efi_info.nr_config_tables = get32(t + 104);
    efi_info.config_tables = get64(t + 112);
    read_vendor(get64(t + 24));
    runtime = vmap_memory(get64(t + 88), 136);
    if (!runtime || get64(runtime) != RUNTIME_SIGNATURE)
        return false;
    efi_info.rt_version = get32(runtime + 8);
    return true;
}

init_text void efi_init(const struct boot_efi *efi)
{
    const uint8_t *t;

    boot = *efi;
    if (!efi->systab)
        return;
    t = vmap_memory(efi->systab, 120);
    efi_l4 = heap_page();
    if (!t || !efi_l4 || !read_systab(t)) {
        printk(LOG_WARN "EFI: no sound system table at %#lx\n", efi->systab);
        return;
    }
    root_fill_hyp(efi_l4, 0);
    efi_info.present = true;
    if (!boot.map_size || !map_runtime_ranges()) {
        printk(LOG_WARN "EFI: no runtime services\n");
        runtime = NULL;
    }
    printk("EFI: version %u.%u, %u configuration tables\n",
           efi_info.version >> 16, (efi_info.version & 0xffff) / 10,
           efi_info.nr_config_tables);
}

typedef uint64_t __attribute__((ms_abi)) (*efi_fn)(uint64_t, uint64_t,
                                                   uint64_t, uint64_t,
                                                   uint64_t);
#define EFI_UNSUPPORTED 0x8000000000000003UL

uint64_t efi_call(enum efi_service s, const uint64_t arg[5])
{
    uint64_t back = this_cpu()->loaded_root, status;
    efi_fn fn;

    if (!runtime)
        return EFI_UNSUPPORTED;
    spin_lock(&efi_lock);
    fn = (efi_fn)get64(runtime + s);
    /* An interrupt looks into the GDT, which is the vcpu's. */
    efi_l4[PERDOMAIN_SLOT] = frame_word(back >> PAGE_SHIFT, PERDOMAIN_SLOT);
    root_load(virt_to_paddr(efi_l4));
    status = fn(arg[0], arg[1], arg[2], arg[3], arg[4]);
    root_load(back);
    spin_unlock(&efi_lock);
    return status;
}
