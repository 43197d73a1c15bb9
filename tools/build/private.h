/* SPDX-License-Identifier: GPL-2.0 */
/*
 * private.h - a domain on its way: what the steps of the builder share.
 */
#ifndef BUILD_PRIVATE_H
#define BUILD_PRIVATE_H

#include "build/build.h"
#include "build/image.h"
#include "build/plan.h"

#define PAGE 4096ull

struct ramdisk {
    int fd; /* -1: none */
    uint64_t file_size;
    uint64_t size; /* as the guest gets it */
    bool packed;   /* to be unpacked on the way */
};

struct building {
    struct hyp *h;
    const struct build_spec *spec;
    struct build_result *result;
    uint32_t domid;
    struct image img;
    struct ramdisk ramdisk;
    struct plan plan;
    uint64_t nr_pages;
    uint64_t *p2m; /* machine frame of each guest frame */
    uint64_t shared_info_mfn;
    char *err;
    size_t err_size;
};

/* One line into b->err; returns rc. */
int build_fail(struct building *b, int rc, const char *fmt, ...)
    __attribute__((format(printf, 3, 4)));

/* Frames [pfn, pfn + count) of the guest, mapped here; NULL: errno. */
void *build_map(struct building *b, uint64_t pfn, uint64_t count);

/* load.c */
int load_kernel(struct building *b); /* and its notes */
int ramdisk_open(struct building *b);
int ramdisk_judge(struct building *b); /* after the notes are known */
int load_ramdisk(struct building *b);
void ramdisk_close(struct building *b);

/* tables.c: fill p->tables.count pages of 512 entries. 0 or -errno. */
int tables_fill(const struct plan *p, const uint64_t *p2m, uint64_t *tables);

/* startinfo.c */
struct start_info;
void startinfo_fill(const struct building *b, struct start_info *si);
struct vcpu_guest_context;
void context_fill(const struct building *b, struct vcpu_guest_context *c);

#endif
