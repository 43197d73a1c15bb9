/* SPDX-License-Identifier: GPL-2.0 */
/*
 * test_image.c - kernels made by hand: packings, headers, notes, the plan for
 * them and their first page tables.
 */
#include <elf.h>
#include <errno.h>
#include <lz4.h>
#include <lzma.h>
#include <stdlib.h>
#include <string.h>
#include <zlib.h>
#include <zstd.h>

#include <abi/elfnote.h>

#include "unit.h"

#include "build/image.h"
#include "build/plan.h"
#include "private.h"

#define PADDR     0x1000000ull
#define FILESZ    0x5123u
#define MEMSZ     0x9000u
#define OFFSET    0x1000u
#define NOTES     0x200u
#define VIRT_BASE 0xffffffff80000000ull

static uint8_t elf[OFFSET + FILESZ];
static char err[256];

static size_t put_note(uint8_t *at, uint32_t type, const void *desc,
                       uint32_t size)
{
    Elf64_Nhdr n = {4, size, type};

    memcpy(at, &n, sizeof(n));
    memcpy(at + 12, "Xen", 4);
    memcpy(at + 16, desc, size);
    return 16 + ((size + 3) & ~3u);
}

static size_t put_number(uint8_t *at, uint32_t type, uint64_t v)
{
    return put_note(at, type, &v, 8);
}

static void make_elf(const char *features)
{
    Elf64_Ehdr *eh = (Elf64_Ehdr *)elf;
    Elf64_Phdr *ph = (Elf64_Phdr *)(elf + sizeof(*eh));
    uint8_t *n = elf + NOTES;
    size_t i;

    memset(elf, 0, sizeof(elf));
    memcpy(eh->e_ident, ELFMAG, SELFMAG);
    eh->e_ident[EI_CLASS] = ELFCLASS64;
    eh->e_ident[EI_DATA] = ELFDATA2LSB;
    eh->e_machine = EM_X86_64;
    eh->e_phoff = sizeof(*eh);
    eh->e_phentsize = sizeof(*ph);
    eh->e_phnum = 2;
    ph[0].p_type = PT_LOAD;
    ph[0].p_offset = OFFSET;
    ph[0].p_paddr = PADDR;
    ph[0].p_filesz = FILESZ;
    ph[0].p_memsz = MEMSZ;
    n += put_number(n, XEN_ELFNOTE_ENTRY, VIRT_BASE + PADDR + 16);
    n += put_number(n, XEN_ELFNOTE_VIRT_BASE, VIRT_BASE);
    n += put_number(n, XEN_ELFNOTE_INIT_P2M, 0x8000000000ull);
    n += put_number(n, XEN_ELFNOTE_MOD_START_PFN, 1);
    n += put_note(n, XEN_ELFNOTE_GUEST_OS, "linux", 6);
    n += put_note(n, XEN_ELFNOTE_FEATURES, features,
                  (uint32_t)strlen(features) + 1);
    ph[1].p_type = PT_NOTE;
    ph[1].p_offset = NOTES;
    ph[1].p_filesz = (uint64_t)(n - (elf + NOTES));
    for (i = OFFSET; i < sizeof(elf); i++)
        elf[i] = (uint8_t)(i * 7 + i / 300);
}

static void read_whole(struct image *img)
{
    uint8_t *copy = malloc(img->elf_size);

    CHECK_EQ(image_unpack_to(img, copy, err, sizeof(err)), 0);
    CHECK_EQ(img->elf_size, sizeof(elf));
    CHECK(!memcmp(copy, elf, sizeof(elf)));
    CHECK_EQ(image_read_notes(img, copy + img->note_offset, img->note_size, err,
                              sizeof(err)),
             0);
    free(copy);
}

static void plain(void)
{
    struct image img;

    make_elf("!writable_page_tables|pae_pgdir_above_4gb");
    CHECK_EQ(image_from_memory(&img, elf, sizeof(elf), err, sizeof(err)), 0);
    CHECK_EQ(img.packing, PACK_NONE);
    CHECK_EQ(img.nr_segments, 1);
    CHECK_EQ(img.pstart, PADDR);
    CHECK_EQ(img.pend, PADDR + MEMSZ);
    read_whole(&img);
    CHECK(img.notes.entry == VIRT_BASE + PADDR + 16);
    CHECK(img.notes.init_p2m == 0x8000000000ull);
    CHECK(img.notes.hypercall_page == IMAGE_UNSET);
    CHECK(img.notes.mod_start_pfn);
    CHECK(!strcmp(img.notes.guest_os, "linux"));
}

/* A bzImage around a payload: its size follows, unless gzip has it. */
static size_t make_bzimage(uint8_t *to, const uint8_t *payload, size_t n,
                           bool add_size)
{
    uint32_t size = sizeof(elf), length = (uint32_t)n + (add_size ? 4 : 0);
    uint32_t offset = 16;
    size_t start = 2 * 512 + offset;

    memset(to, 0, start);
    to[0x1f1] = 1;
    to[0x1fe] = 0x55;
    to[0x1ff] = 0xaa;
    memcpy(to + 0x202, "HdrS", 4);
    to[0x206] = 0x0f;
    to[0x207] = 0x02;
    memcpy(to + 0x248, &offset, 4);
    memcpy(to + 0x24c, &length, 4);
    memcpy(to + start, payload, n);
    if (add_size)
        memcpy(to + start + n, &size, 4);
    return start + length;
}

static size_t pack(enum image_packing how, uint8_t *to, size_t room)
{
    size_t n = 0;
    z_stream z = {0};

    switch (how) {
    case PACK_GZIP:
        deflateInit2(&z, 9, Z_DEFLATED, 15 + 16, 9, 0);
        z.next_in = elf;
        z.avail_in = sizeof(elf);
        z.next_out = to;
        z.avail_out = (uInt)room;
        deflate(&z, Z_FINISH);
        n = z.total_out;
        deflateEnd(&z);
        break;
    case PACK_XZ:
        lzma_easy_buffer_encode(6, LZMA_CHECK_CRC32, NULL, elf, sizeof(elf), to,
                                &n, room);
        break;
    case PACK_ZSTD:
        n = ZSTD_compress(to, room, elf, sizeof(elf), 3);
        break;
    case PACK_LZ4_LEGACY: {
        int got = LZ4_compress_default((const char *)elf, (char *)to + 8,
                                       sizeof(elf), (int)room - 8);
        uint32_t len = (uint32_t)got;

        memcpy(to, "\x02\x21\x4c\x18", 4);
        memcpy(to + 4, &len, 4);
        n = len + 8;
        break;
    }
    default:
        break;
    }
    return n;
}

static void packed(void)
{
    static uint8_t file[65536], data[65536];
    static const enum image_packing how[] = {PACK_GZIP, PACK_XZ, PACK_ZSTD,
                                             PACK_LZ4_LEGACY};
    static const char *const names[] = {"gzip", "xz", "zstd", "lz4"};
    struct image img;
    size_t i, n, k;

    make_elf("pae_pgdir_above_4gb");
    for (i = 0; i < 4; i++) {
        unit_set_row(names[i]);
        n = pack(how[i], data, sizeof(data));
        CHECK(n > 100);
        k = make_bzimage(file, data, n, how[i] != PACK_GZIP);
        CHECK_EQ(image_from_memory(&img, file, k, err, sizeof(err)), 0);
        CHECK_EQ(img.packing, how[i]);
        read_whole(&img);
        /* bare, where the format says its own size */
        if (how[i] != PACK_LZ4_LEGACY) {
            CHECK_EQ(image_from_memory(&img, data, n, err, sizeof(err)), 0);
            read_whole(&img);
        }
        /* cut short at any place: an error, never a crash */
        for (k = n - 200; k < n; k += 9) {
            size_t m = make_bzimage(file, data, k, how[i] != PACK_GZIP);
            uint8_t *out;

            if (image_from_memory(&img, file, m, err, sizeof(err)))
                continue;
            out = malloc(img.elf_size ? img.elf_size : 1);
            CHECK(image_unpack_to(&img, out, err, sizeof(err)) < 0);
            free(out);
        }
    }
}

static void wrong_kernels(void)
{
    Elf64_Phdr *ph = (Elf64_Phdr *)(elf + sizeof(Elf64_Ehdr));
    struct image img;

    make_elf("");
    ((Elf64_Ehdr *)elf)->e_machine = EM_AARCH64;
    CHECK_EQ(image_from_memory(&img, elf, sizeof(elf), err, sizeof(err)),
             -ENOEXEC);
    make_elf("");
    ph[0].p_filesz = FILESZ + 1;
    CHECK_EQ(image_from_memory(&img, elf, sizeof(elf), err, sizeof(err)),
             -ENOEXEC);
    make_elf("");
    ph[0].p_memsz = FILESZ - 1;
    CHECK_EQ(image_from_memory(&img, elf, sizeof(elf), err, sizeof(err)),
             -ENOEXEC);
    make_elf("");
    ph[0].p_paddr = ~0ull - MEMSZ - 100; /* rounding up would give 0 */
    CHECK_EQ(image_from_memory(&img, elf, sizeof(elf), err, sizeof(err)),
             -ENOEXEC);
    ph[0].p_paddr = ~0ull - 100;
    CHECK_EQ(image_from_memory(&img, elf, sizeof(elf), err, sizeof(err)),
             -ENOEXEC);
    make_elf("");
    ((Elf64_Ehdr *)elf)->e_phoff = sizeof(elf) - 10;
    CHECK_EQ(image_from_memory(&img, elf, sizeof(elf), err, sizeof(err)),
             -ENOEXEC);
    make_elf("!auto_translated_physmap");
    CHECK_EQ(image_from_memory(&img, elf, sizeof(elf), err, sizeof(err)), 0);
    CHECK_EQ(image_read_notes(&img, elf + img.note_offset, img.note_size, err,
                              sizeof(err)),
             -ENOEXEC);
    CHECK(strstr(err, "auto_translated_physmap") != NULL);
    CHECK_EQ(image_read_notes(&img, elf, 0, err, sizeof(err)), -ENOEXEC);
    CHECK_EQ(image_from_memory(&img, "hello, world", 12, err, sizeof(err)),
             -ENOEXEC);
}

/* The plan */

static void get_image(struct image *img)
{
    make_elf("");
    CHECK_EQ(image_from_memory(img, elf, sizeof(elf), err, sizeof(err)), 0);
    CHECK_EQ(image_read_notes(img, elf + img->note_offset, img->note_size, err,
                              sizeof(err)),
             0);
}

static void planned(void)
{
    struct plan_request req = {.nr_pages = 32768, .ramdisk_bytes = 10000};
    struct image img;
    struct plan p;

    get_image(&img);
    CHECK_EQ(plan_make(&p, &img, &req, err, sizeof(err)), 0);
    CHECK_EQ(p.kernel.pfn, 0x1000);
    CHECK_EQ(p.kernel.count, 9);
    CHECK_EQ(p.start_info.pfn, 0x1009);
    CHECK_EQ(p.store.pfn, 0x100a);
    CHECK_EQ(p.console.pfn, 0x100b);
    CHECK_EQ(p.tables.pfn, 0x100c);
    CHECK(p.start_info.virt == VIRT_BASE + 0x1009000);
    CHECK_EQ(p.stack.pfn, p.tables.pfn + p.tables.count);
    CHECK(p.p2m.virt == 0x8000000000ull);
    CHECK_EQ(p.p2m.count, 64);
    CHECK_EQ(p.ramdisk.count, 3);
    CHECK_EQ(p.ramdisk.virt, 0);
    CHECK_EQ(p.ramdisk.pfn, p.p2m.pfn + 64);
    CHECK_EQ(p.map_end % (4 << 20), 0);
    CHECK(p.map_end >= p.stack.virt + 4096 + (512 << 10));
    /* 20 MiB low: 10 L1, 1 for the list; L2 and L3 of each; one root */
    CHECK_EQ(p.nr_tables[1], 11);
    CHECK_EQ(p.nr_tables[2], 2);
    CHECK_EQ(p.nr_tables[3], 2);

    req.ramdisk_must_map = true;
    CHECK_EQ(plan_make(&p, &img, &req, err, sizeof(err)), 0);
    CHECK_EQ(p.ramdisk.pfn, 0x1009);
    CHECK(p.ramdisk.virt == VIRT_BASE + 0x1009000);

    img.notes.init_p2m = IMAGE_UNSET;
    CHECK_EQ(plan_make(&p, &img, &req, err, sizeof(err)), 0);
    CHECK_EQ(p.p2m.pfn, 0x100c);
    CHECK(p.p2m.virt == VIRT_BASE + 0x100c000);
}

static void refused(void)
{
    struct plan_request req = {.nr_pages = 4096};
    struct image img;
    struct plan p;

    get_image(&img);
    CHECK_EQ(plan_make(&p, &img, &req, err, sizeof(err)), -ENOMEM);
    CHECK(strstr(err, "16 MiB of memory are not enough") != NULL);
    req.nr_pages = 1ull << 40;
    CHECK_EQ(plan_make(&p, &img, &req, err, sizeof(err)), -EINVAL);
    req.nr_pages = 32768;
    img.notes.virt_base = 0xffff800000000000ull;
    CHECK_EQ(plan_make(&p, &img, &req, err, sizeof(err)), -ENOEXEC);
    get_image(&img);
    img.notes.init_p2m = 0xffff810000000000ull;
    CHECK_EQ(plan_make(&p, &img, &req, err, sizeof(err)), -ENOEXEC);
    img.notes.init_p2m = 0 - 4096ull;
    CHECK_EQ(plan_make(&p, &img, &req, err, sizeof(err)), -ENOEXEC);
}

/* Walk the tables as a CPU would; 0: not mapped. */
static uint64_t walk(const struct plan *p, const uint64_t *p2m,
                     const uint64_t *tables, uint64_t va)
{
    uint64_t entry = p2m[p->tables.pfn] << 12;
    int level;

    for (level = 4; level >= 1; level--) {
        uint64_t mfn = entry >> 12, i;

        for (i = 0; i < p->tables.count; i++)
            if (p2m[p->tables.pfn + i] == mfn)
                break;
        if (i == p->tables.count)
            return 0;
        entry = tables[i * 512 + (va >> (3 + 9 * level) & 511)];
        if (!(entry & 1))
            return 0;
    }
    return entry;
}

static void tables(void)
{
    struct plan_request req = {.nr_pages = 32768};
    struct image img;
    struct plan p;
    uint64_t *p2m = malloc(32768 * sizeof(*p2m)), *mem, i;

    get_image(&img);
    CHECK_EQ(plan_make(&p, &img, &req, err, sizeof(err)), 0);
    for (i = 0; i < 32768; i++)
        p2m[i] = 0x100000 + (i ^ 5) * 3;
    mem = malloc(p.tables.count * 4096);
    CHECK_EQ(tables_fill(&p, p2m, mem), 0);
    for (i = 0; i < (p.map_end - p.virt_base) >> 12; i++) {
        uint64_t e = walk(&p, p2m, mem, VIRT_BASE + i * 4096);
        bool table = i >= p.tables.pfn && i < p.tables.pfn + p.tables.count;

        CHECK_EQ(e >> 12, p2m[i]);
        CHECK_EQ(e >> 1 & 1, !table);
    }
    CHECK_EQ(walk(&p, p2m, mem, p.map_end), 0);
    CHECK_EQ(walk(&p, p2m, mem, VIRT_BASE - 4096), 0);
    for (i = 0; i < p.p2m.count; i++)
        CHECK_EQ(walk(&p, p2m, mem, p.p2m.virt + i * 4096) >> 12,
                 p2m[p.p2m.pfn + i]);
    p.tables.count--; /* one too few is noticed */
    CHECK_EQ(tables_fill(&p, p2m, mem), -ENOSPC);
    free(mem);
    free(p2m);
}

static const struct unit_test tests[] = {
    {"a plain ELF with notes", plain},
    {"all packings, whole and cut short", packed},
    {"wrong kernels are named", wrong_kernels},
    {"everything gets its place", planned},
    {"what cannot fit is refused", refused},
    {"first page tables map what they should", tables},
};
UNIT_MAIN("image", tests)
