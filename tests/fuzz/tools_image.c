/* SPDX-License-Identifier: GPL-2.0 */
/*
 * tools_image.c - any bytes as a kernel for a guest: found, unpacked, planned,
 * its tables filled.
 */
#include <stdlib.h>
#include <string.h>

#include "fuzz.h"

#include "build/image.h"
#include "build/plan.h"
#include "private.h"

#define MAX_ELF  (4u << 20)
#define NR_PAGES 16384u

static void check_region(const struct plan_region *r)
{
    MUST(r->count <= NR_PAGES && r->pfn <= NR_PAGES - r->count);
}

static void plan(const struct image *img)
{
    struct plan_request req = {.nr_pages = NR_PAGES,
                               .ramdisk_bytes = img->file_size,
                               .ramdisk_must_map = !img->notes.mod_start_pfn};
    static uint64_t p2m[NR_PAGES];
    struct plan p;
    uint64_t *tables;
    char err[256];

    if (plan_make(&p, img, &req, err, sizeof(err)))
        return;
    check_region(&p.kernel);
    check_region(&p.ramdisk);
    check_region(&p.p2m);
    check_region(&p.tables);
    check_region(&p.stack);
    tables = malloc(p.tables.count * 4096);
    MUST(tables_fill(&p, p2m, tables) == 0);
    free(tables);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct image img;
    char err[256] = "";
    uint8_t *elf;

    if (image_from_memory(&img, data, size, err, sizeof(err))) {
        MUST(err[0]);
        return 0;
    }
    if (img.elf_size > MAX_ELF)
        return 0;
    elf = malloc(img.elf_size);
    if (!image_unpack_to(&img, elf, err, sizeof(err)) &&
        !image_read_notes(&img, elf + img.note_offset, img.note_size, err,
                          sizeof(err)))
        plan(&img);
    free(elf);
    return 0;
}
