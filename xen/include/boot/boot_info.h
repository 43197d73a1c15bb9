/* SPDX-License-Identifier: GPL-2.0 */
/*
 * boot_info.h - what the loader told us, as plain data, whoever it was.
 */
#ifndef BOOT_BOOT_INFO_H
#define BOOT_BOOT_INFO_H

#include "lib/types.h"

#define MB1_LOADER_MAGIC 0x2badb002u
#define MB2_LOADER_MAGIC 0x36d76289u

/* Kinds of memory, as e820 numbers them. */
enum mem_kind {
    MEM_RAM = 1,
    MEM_RESERVED = 2,
    MEM_ACPI = 3,
    MEM_NVS = 4,
    MEM_UNUSABLE = 5,
};

struct mem_range {
    uint64_t start, end; /* bytes, end not included */
    uint32_t kind;
};

#define MAX_MEM_RANGES 256
struct mem_map {
    unsigned int nr;
    struct mem_range r[MAX_MEM_RANGES];
};

#define MAX_MODULES 16
struct boot_module {
    paddr_t start, end;
    char cmdline[1024];
};

struct boot_fb {
    paddr_t addr; /* 0: none */
    uint32_t pitch, width, height;
    uint8_t bpp, kind; /* kind 1: direct colour, 2: text */
    uint8_t red_pos, red_size, green_pos, green_size, blue_pos, blue_size;
};

struct boot_efi {
    paddr_t systab; /* 0: not booted by EFI */
    const void *map;      /* the loader's copy of the EFI memory map */
    uint32_t map_size, desc_size, desc_version;
};

struct boot_info {
    char loader[64];
    char cmdline[1024];
    struct mem_map mem;  /* as given; e820.c puts it in order */
    bool mem_from_efi;
    unsigned int nr_modules;
    struct boot_module module[MAX_MODULES];
    uint8_t rsdp[36]; /* the ACPI root pointer itself */
    unsigned int rsdp_len;
    struct boot_fb fb;
    struct boot_efi efi;
    paddr_t info_start, info_end; /* where the loader's block lies */
};
extern struct boot_info boot_info;

/* Read a multiboot2 block of at most max bytes. 0 or -EINVAL. */
int multiboot2_parse(const void *info, size_t max, struct boot_info *out);
/* The same for multiboot1; at(pa) shows physical memory. */
int multiboot1_parse(const void *info, const void *(*at)(uint32_t pa),
                     struct boot_info *out);

/* Add a range of an EFI memory map's kind. */
uint32_t efi_mem_kind(uint32_t efi_type, uint64_t attribute);

/* e820.c: sorted, without overlaps; of two claims the stricter one holds. */
void mem_map_sanitise(struct mem_map *m);
/* Cut [start, end) out of the RAM of m and call it kind instead. */
void mem_map_mark(struct mem_map *m, uint64_t start, uint64_t end,
                  uint32_t kind);
int mem_map_add(struct mem_map *m, uint64_t start, uint64_t end,
                uint32_t kind);
const char *mem_kind_name(uint32_t kind);
/* Forget RAM above limit. */
void mem_map_limit(struct mem_map *m, uint64_t limit);

#endif
