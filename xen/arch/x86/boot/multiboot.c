/* SPDX-License-Identifier: GPL-2.0 */
/*
 * multiboot.c - the loader's tags to plain data.
 * Keeps true: nothing outside the block is read, whatever its sizes say; what
 * does not fit our arrays is left out. Pure: runs on the host, fuzzed.
 * Source: the multiboot specifications 0.6.96 and 2.0.
 */
#include "boot/boot_info.h"
#include "lib/errno.h"
#include "lib/string.h"

struct mb2_tag {
    uint32_t type, size;
};

enum mb2_type {
    TAG_END = 0,
    TAG_CMDLINE = 1,
    TAG_LOADER = 2,
    TAG_MODULE = 3,
    TAG_MMAP = 6,
    TAG_FB = 8,
    TAG_EFI64 = 12,
    TAG_RSDP_OLD = 14,
    TAG_RSDP_NEW = 15,
    TAG_EFI_MMAP = 17,
};

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

/* A string of at most n bytes, ended or not. */
static void take_string(char *to, size_t size, const uint8_t *from, size_t n)
{
    size_t len = strnlen((const char *)from, n);

    if (len >= size)
        len = size - 1;
    memcpy(to, from, len);
    to[len] = 0;
}

static void take_module(struct boot_info *out, uint32_t start, uint32_t end,
                        const uint8_t *str, size_t n)
{
    struct boot_module *m = &out->module[out->nr_modules];

    if (out->nr_modules == MAX_MODULES || end < start)
        return;
    m->start = start;
    m->end = end;
    take_string(m->cmdline, sizeof(m->cmdline), str, n);
    out->nr_modules++;
}

static void take_mmap(struct boot_info *out, const uint8_t *p, size_t n)
{
    uint32_t step = n >= 8 ? get32(p) : 0;

    if (step < 20)
        return;
    for (size_t at = 8; at + step <= n; at += step) {
        uint64_t start = get64(p + at), len = get64(p + at + 8);

        mem_map_add(&out->mem, start, start + len, get32(p + at + 16));
    }
}

static void take_fb(struct boot_info *out, const uint8_t *p, size_t n)
{
    struct boot_fb *fb = &out->fb;

    if (n < 24)
        return;
    fb->addr = get64(p);
    fb->pitch = get32(p + 8);
    fb->width = get32(p + 12);
    fb->height = get32(p + 16);
    fb->bpp = p[20];
    fb->kind = p[21];
    if (fb->kind == 1 && n >= 30) {
        fb->red_pos = p[24];
        fb->red_size = p[25];
        fb->green_pos = p[26];
        fb->green_size = p[27];
        fb->blue_pos = p[28];
        fb->blue_size = p[29];
    }
}

/* Source: UEFI specification 2.9, 7.2.3, table of memory types. */
uint32_t efi_mem_kind(uint32_t efi_type, uint64_t attribute)
{
    switch (efi_type) {
    case 1: /* loader code and data */
    case 2:
    case 3: /* boot services code and data */
    case 4:
    case 7: /* conventional */
        return attribute & 8 ? MEM_RAM : MEM_RESERVED; /* write-back? */
    case 8:
        return MEM_UNUSABLE;
    case 9:
        return MEM_ACPI;
    case 10:
        return MEM_NVS;
    default:
        return MEM_RESERVED;
    }
}

static void take_efi_mmap(struct boot_info *out, const uint8_t *p, size_t n)
{
    uint32_t step = n >= 8 ? get32(p) : 0;
    bool have_e820 = out->mem.nr > 0;

    if (step < 40 || step > 4096)
        return;
    out->efi.desc_size = step;
    out->efi.desc_version = get32(p + 4);
    out->efi.map = p + 8;
    out->efi.map_size = (uint32_t)((n - 8) / step * step);
    if (have_e820)
        return;
    out->mem_from_efi = true;
    for (size_t at = 8; at + step <= n; at += step) {
        uint64_t start = get64(p + at + 8);
        uint64_t len = get64(p + at + 24) << PAGE_SHIFT;

        mem_map_add(&out->mem, start, start + len,
                    efi_mem_kind(get32(p + at), get64(p + at + 32)));
    }
}

static void take_rsdp(struct boot_info *out, const uint8_t *p, size_t n)
{
    if (n > sizeof(out->rsdp))
        n = sizeof(out->rsdp);
    if (n < out->rsdp_len)
        return; /* the newer form was there already */
    memcpy(out->rsdp, p, n);
    out->rsdp_len = (unsigned int)n;
}

static void take_tag(struct boot_info *out, uint32_t type, const uint8_t *p,
                     size_t n)
{
    switch (type) {
    case TAG_CMDLINE:
        take_string(out->cmdline, sizeof(out->cmdline), p, n);
        break;
    case TAG_LOADER:
        take_string(out->loader, sizeof(out->loader), p, n);
        break;
    case TAG_MODULE:
        if (n >= 8)
            take_module(out, get32(p), get32(p + 4), p + 8, n - 8);
        break;
    case TAG_MMAP:
        if (out->mem_from_efi)
            out->mem.nr = 0;
        out->mem_from_efi = false;
        take_mmap(out, p, n);
        break;
    case TAG_FB:
        take_fb(out, p, n);
        break;
    case TAG_EFI64:
        if (n >= 8)
            out->efi.systab = get64(p);
        break;
    case TAG_RSDP_OLD:
    case TAG_RSDP_NEW:
        take_rsdp(out, p, n);
        break;
    case TAG_EFI_MMAP:
        take_efi_mmap(out, p, n);
        break;
    }
}

int multiboot2_parse(const void *info, size_t max, struct boot_info *out)
{
    const uint8_t *p = info;
    size_t total, at = 8;

    memset(out, 0, sizeof(*out));
    if (max < 16)
        return -EINVAL;
    total = get32(p);
    if (total < 16 || total > max)
        return -EINVAL;
    while (at + sizeof(struct mb2_tag) <= total) {
        uint32_t type = get32(p + at), size = get32(p + at + 4);

        if (type == TAG_END)
            return 0;
        if (size < sizeof(struct mb2_tag) || size > total - at)
            return -EINVAL;
        take_tag(out, type, p + at + 8, size - 8);
        at += ROUND_UP((size_t)size, 8);
    }
    return -EINVAL; /* no end tag */
}

enum mb1_flag {
    MB1_MEM = 1,
    MB1_CMDLINE = 4,
    MB1_MODS = 8,
    MB1_MMAP = 0x40,
    MB1_LOADER = 0x200,
    MB1_FB = 0x1000,
};

static void take_mb1_mmap(struct boot_info *out, const uint8_t *p, size_t n)
{
    /* Each entry: size of the rest, then start, length, kind. */
    for (size_t at = 0; at + 24 <= n;) {
        uint64_t start = get64(p + at + 4), len = get64(p + at + 12);
        uint32_t rest = get32(p + at);

        if (rest < 20 || rest > 4096)
            break;
        mem_map_add(&out->mem, start, start + len, get32(p + at + 20));
        at += rest + 4;
    }
}

int multiboot1_parse(const void *info, const void *(*at)(uint32_t pa),
                     struct boot_info *out)
{
    const uint8_t *p = info;
    uint32_t flags = get32(p);

    memset(out, 0, sizeof(*out));
    if (flags & MB1_CMDLINE)
        take_string(out->cmdline, sizeof(out->cmdline), at(get32(p + 16)),
                    sizeof(out->cmdline));
    if (flags & MB1_LOADER)
        take_string(out->loader, sizeof(out->loader), at(get32(p + 64)),
                    sizeof(out->loader));
    if (flags & MB1_MODS)
        for (uint32_t i = 0; i < get32(p + 20) && i < MAX_MODULES; i++) {
            const uint8_t *m = at(get32(p + 24) + i * 16);

            take_module(out, get32(m), get32(m + 4), at(get32(m + 8)),
                        sizeof(out->module[0].cmdline));
        }
    if (flags & MB1_MMAP)
        take_mb1_mmap(out, at(get32(p + 48)), get32(p + 44));
    else if (flags & MB1_MEM)
        mem_map_add(&out->mem, 0x100000,
                    0x100000 + get32(p + 8) * 1024ull, MEM_RAM);
    if (flags & MB1_FB)
        take_fb(out, p + 88, 28);
    return out->mem.nr ? 0 : -EINVAL;
}
