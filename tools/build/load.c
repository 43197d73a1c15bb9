/* SPDX-License-Identifier: GPL-2.0 */
/*
 * load.c - kernel and ramdisk into the guest's frames, without detours.
 * A packed kernel is unpacked into a window shaped like its ELF file, in
 * which the pages of each segment are the guest's own frames: what the
 * decompressor writes lies already where the kernel will run. Only pages that
 * a segment does not fill alone, and the zeroes behind it, take a second
 * step. A plain ELF is read from the file straight into the frames.
 * Keeps true: a segment's bytes end up in its own frames and no others; what
 * lies behind them up to its end is zero, whatever was there before.
 */
#include "private.h"

#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>

#include "hyp/memory.h"

#define ASIDE_MAX (256ull << 20) /* symbols and the like */

static uint64_t up(uint64_t n)
{
    return (n + PAGE - 1) & ~(PAGE - 1);
}

static uint64_t down(uint64_t n)
{
    return n & ~(PAGE - 1);
}

/* Read n bytes of a file at `offset`; short is an error. */
static int read_at(int fd, void *to, uint64_t n, uint64_t offset)
{
    char *p = to;

    while (n) {
        ssize_t got = pread(fd, p, n, (off_t)offset);

        if (got < 0 && errno == EINTR)
            continue;
        if (got <= 0)
            return got < 0 ? -errno : -EIO;
        p += got;
        n -= (uint64_t)got;
        offset += (uint64_t)got;
    }
    return 0;
}

/* Guest memory at physical [paddr, paddr + n): *to points at paddr. */
struct patch {
    void *mapping;
    uint64_t pages;
    uint8_t *to;
};

static int patch_open(struct building *b, struct patch *pt, uint64_t paddr,
                      uint64_t n)
{
    uint64_t base = paddr - b->img.notes.paddr_offset;

    pt->pages = (up(base + n) - down(base)) / PAGE;
    pt->mapping = build_map(b, base / PAGE, pt->pages);
    if (!pt->mapping)
        return build_fail(b, -errno, "cannot map the guest's memory: %s",
                          strerror(errno));
    pt->to = (uint8_t *)pt->mapping + base % PAGE;
    return 0;
}

static void patch_close(struct patch *pt)
{
    mem_unmap(pt->mapping, pt->pages);
}

/* Bytes [from, filesz) of a segment, and the zeroes behind them. */
static int load_rest(struct building *b, const struct image_segment *s,
                     uint64_t from, const uint8_t *window)
{
    struct image *img = &b->img;
    struct patch pt = {0};
    int rc = 0;

    if (from == s->memsz)
        return 0;
    rc = patch_open(b, &pt, s->paddr + from, s->memsz - from);
    if (rc)
        return rc;
    if (window)
        memcpy(pt.to, window + s->offset + from, s->filesz - from);
    else if (img->fd >= 0)
        rc = read_at(img->fd, pt.to, s->filesz - from,
                     (uint64_t)(img->payload - img->file) + s->offset + from);
    else
        memcpy(pt.to, img->payload + s->offset + from, s->filesz - from);
    if (rc)
        build_fail(b, rc, "kernel %s: %s", b->spec->kernel, strerror(-rc));
    memset(pt.to + (s->filesz - from), 0, s->memsz - s->filesz);
    patch_close(&pt);
    return rc;
}

/* The segment's pages that it fills alone: [*from, *to) within it. */
static bool whole_pages(const struct image_segment *s, uint64_t *from,
                        uint64_t *to)
{
    *from = up(s->offset) - s->offset;
    *to = *from < s->filesz ? down(s->offset + s->filesz) - s->offset : *from;
    return !((s->offset ^ s->paddr) % PAGE) && *from == 0 && *from < *to;
}

/* What of the file goes into memory of ours: its owner chose how much. */
static uint64_t aside(const struct image *img, bool direct)
{
    uint64_t bytes = img->elf_size;
    unsigned i;

    for (i = 0; direct && i < img->nr_segments; i++) {
        uint64_t from, to;

        if (whole_pages(&img->segments[i], &from, &to))
            bytes -= to - from;
    }
    return bytes;
}

/* The window: anonymous, but for the whole pages of each segment. */
static uint8_t *window_open(struct building *b, bool direct)
{
    const struct image *img = &b->img;
    uint8_t *w = mmap(NULL, up(img->elf_size), PROT_READ | PROT_WRITE,
                      MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE, -1, 0);
    unsigned i;

    if (w == MAP_FAILED)
        return NULL;
    for (i = 0; direct && i < img->nr_segments; i++) {
        const struct image_segment *s = &img->segments[i];
        uint64_t from, to;
        int rc;

        if (!whole_pages(s, &from, &to))
            continue;
        rc = mem_map_at(
            b->h, w + s->offset + from, b->domid, PROT_READ | PROT_WRITE,
            &b->p2m[(s->paddr + from) / PAGE], (to - from) / PAGE, NULL);
        if (rc) {
            munmap(w, up(img->elf_size));
            errno = -rc;
            return NULL;
        }
    }
    return w;
}

static int read_notes(struct building *b, const uint8_t *elf)
{
    struct image *img = &b->img;
    char why[256];
    int rc = image_read_notes(img, elf + img->note_offset, img->note_size, why,
                              sizeof(why));

    if (rc)
        return build_fail(b, rc, "kernel %s: %s", b->spec->kernel, why);
    if (image_pfn(img, img->pend + PAGE - 1) > b->nr_pages)
        return build_fail(
            b, -ENOMEM, "%llu MiB of memory are not enough for kernel %s",
            (unsigned long long)(b->nr_pages >> 8), b->spec->kernel);
    return 0;
}

/*
 * Where frames go depends on a note that is packed as well. It is 0 in all
 * kernels of the last 15 years: so believe it, and do it again if not.
 */
static int load_packed(struct building *b, bool direct)
{
    struct image *img = &b->img;
    char why[256];
    uint8_t *w;
    unsigned i;
    int rc;

    if (aside(img, direct) > ASIDE_MAX)
        return build_fail(b, -EFBIG,
                          "kernel %s: %llu MiB to unpack, and hardly any of it "
                          "to load",
                          b->spec->kernel,
                          (unsigned long long)img->elf_size >> 20);
    w = window_open(b, direct);
    if (!w)
        return build_fail(b, -errno, "cannot map the guest's memory: %s",
                          strerror(errno));
    rc = image_unpack_to(img, w, why, sizeof(why));
    if (rc)
        build_fail(b, rc, "kernel %s: %s", b->spec->kernel, why);
    else
        rc = read_notes(b, w);
    if (!rc && direct && img->notes.paddr_offset) {
        munmap(w, up(img->elf_size));
        return load_packed(b, false);
    }
    for (i = 0; !rc && i < img->nr_segments; i++) {
        const struct image_segment *s = &img->segments[i];
        uint64_t from, to;

        rc = load_rest(b, s, direct && whole_pages(s, &from, &to) ? to : 0, w);
    }
    munmap(w, up(img->elf_size));
    return rc;
}

static int load_plain(struct building *b)
{
    struct image *img = &b->img;
    unsigned i;
    int rc = read_notes(b, img->payload);

    for (i = 0; !rc && i < img->nr_segments; i++)
        rc = load_rest(b, &img->segments[i], 0, NULL);
    return rc;
}

int load_kernel(struct building *b)
{
    if (b->img.packing == PACK_NONE)
        return load_plain(b);
    return load_packed(b, up(b->img.pend) / PAGE <= b->nr_pages);
}

/* Ramdisk */

int ramdisk_open(struct building *b)
{
    struct ramdisk *rd = &b->ramdisk;
    const char *path = b->spec->ramdisk;
    struct stat st;
    int rc;

    rd->fd = -1;
    if (!path || !path[0])
        return 0;
    rd->fd = open(path, O_RDONLY | O_CLOEXEC);
    if (rd->fd < 0 || fstat(rd->fd, &st) < 0) {
        rc = -errno;
        return build_fail(b, rc, "ramdisk %s: %s", path, strerror(-rc));
    }
    if (!S_ISREG(st.st_mode))
        return build_fail(b, -EINVAL, "ramdisk %s: not a regular file", path);
    rd->file_size = rd->size = (uint64_t)st.st_size;
    return 0;
}

void ramdisk_close(struct building *b)
{
    if (b->ramdisk.fd >= 0)
        close(b->ramdisk.fd);
    b->ramdisk.fd = -1;
}

/* Linux unpacks its ramdisk itself; of others nothing is known. */
int ramdisk_judge(struct building *b)
{
    struct ramdisk *rd = &b->ramdisk;
    uint8_t tail[4], head[2];
    int rc;

    if (rd->fd < 0 || rd->file_size < 18 ||
        !strcasecmp(b->img.notes.guest_os, "linux"))
        return 0;
    rc = read_at(rd->fd, head, sizeof(head), 0);
    if (!rc)
        rc = read_at(rd->fd, tail, sizeof(tail), rd->file_size - 4);
    if (rc)
        return build_fail(b, rc, "ramdisk %s: %s", b->spec->ramdisk,
                          strerror(-rc));
    if (packing_of(head, sizeof(head)) != PACK_GZIP)
        return 0;
    rd->packed = true;
    rd->size = tail[0] | (uint64_t)tail[1] << 8 | (uint64_t)tail[2] << 16 |
               (uint64_t)tail[3] << 24;
    return 0;
}

static int unpack_ramdisk(struct building *b, uint8_t *to)
{
    struct ramdisk *rd = &b->ramdisk;
    void *file = mmap(NULL, rd->file_size, PROT_READ, MAP_PRIVATE, rd->fd, 0);
    char why[256];
    int rc;

    if (file == MAP_FAILED)
        return build_fail(b, -errno, "ramdisk %s: %s", b->spec->ramdisk,
                          strerror(errno));
    rc = unpack(PACK_GZIP, file, rd->file_size, to, rd->size, why, sizeof(why));
    munmap(file, rd->file_size);
    if (rc)
        build_fail(b, rc, "ramdisk %s: %s", b->spec->ramdisk, why);
    return rc;
}

int load_ramdisk(struct building *b)
{
    const struct plan_region *r = &b->plan.ramdisk;
    struct ramdisk *rd = &b->ramdisk;
    uint8_t *to;
    int rc;

    if (!r->count)
        return 0;
    to = build_map(b, r->pfn, r->count);
    if (!to)
        return build_fail(b, -errno, "cannot map the guest's memory: %s",
                          strerror(errno));
    if (rd->packed) {
        rc = unpack_ramdisk(b, to);
    } else {
        rc = read_at(rd->fd, to, rd->size, 0);
        if (rc)
            build_fail(b, rc, "ramdisk %s: %s", b->spec->ramdisk,
                       strerror(-rc));
    }
    memset(to + rd->size, 0, r->count * PAGE - rd->size);
    mem_unmap(to, r->count);
    return rc;
}
