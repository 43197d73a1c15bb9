/* SPDX-License-Identifier: GPL-2.0 */
/* fuzz_elf.c - any bytes as a kernel file: bzImage, ELF and Xen notes. */
#include <string.h>

#include "fuzz.h"

#include "lib/bzimage.h"
#include "lib/pv_image.h"

static void check_segments(const struct elf_image *elf, const uint8_t *data,
                           size_t size)
{
    uint64_t end = 0;

    for (uint32_t i = 0; i < elf->nr_segments; i++) {
        const struct elf_segment *s = &elf->segment[i];

        MUST(s->data >= data && s->file_size <= size);
        MUST((size_t)(s->data - data) <= size - s->file_size);
        MUST(s->mem_size >= s->file_size && s->paddr >= end);
        end = s->paddr + s->mem_size;
        MUST(end >= s->paddr);
    }
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct kernel_payload p;
    struct pv_image pv;
    const char *why = NULL;
    int rc = bzimage_find(data, size, &p, &why);

    MUST(rc ? why && *why : p.data >= data && p.size <= size);
    if (!rc)
        MUST((size_t)(p.data - data) <= size - p.size);

    why = NULL;
    rc = pv_image_read(&pv, data, size, &why);
    if (rc) {
        MUST(why && *why);
        return 0;
    }
    check_segments(&pv.elf, data, size);
    MUST(pv.entry >= pv.virt_start && pv.entry < pv.virt_end);
    MUST(!(pv.required & ~pv.supported));
    MUST(memchr(pv.guest_os, 0, sizeof(pv.guest_os)));
    pv_image_check(&pv, true, 0, &why);
    return 0;
}
