/* SPDX-License-Identifier: GPL-2.0 */
/*
 * build/plan.h - where everything of a new 64-bit PV domain goes: pure
 * arithmetic, no memory is touched.
 * Keeps true: regions do not overlap, all lie inside the domain's memory, and
 * the page tables counted are exactly those that map everything listed.
 */
#ifndef BUILD_PLAN_H
#define BUILD_PLAN_H

#include <stddef.h>
#include <stdint.h>

#include "build/image.h"

struct plan_region {
    uint64_t pfn;   /* first guest frame */
    uint64_t count; /* frames; 0: not there */
    uint64_t virt;  /* address in the guest at start; 0: unmapped */
};

struct plan {
    uint64_t nr_pages;  /* memory at start */
    uint64_t virt_base; /* virt of guest frame 0 */
    struct plan_region kernel, ramdisk, p2m, start_info, store, console;
    struct plan_region tables, stack;
    uint64_t ramdisk_bytes;
    uint64_t low_end;      /* first frame after the boot part */
    uint64_t map_end;      /* virtual: where the low mapping ends */
    unsigned nr_tables[5]; /* by level 1..4 */
};

struct plan_request {
    uint64_t nr_pages;
    uint64_t ramdisk_bytes;
    bool ramdisk_must_map; /* the kernel has no MOD_START_PFN */
};

/* 0 or -errno, err has one line ("kernel needs ... MiB"). */
int plan_make(struct plan *p, const struct image *img,
              const struct plan_request *req, char *err, size_t err_size);

#endif
