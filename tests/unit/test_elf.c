/* SPDX-License-Identifier: GPL-2.0 */
/*
 * test_elf.c - lib/elf.c, pv_image.c and bzimage.c on images made here, sound
 * and spoilt.
 */
#include <stdlib.h>
#include <string.h>

#include "unit.h"

#include "lib/bzimage.h"
#include "lib/errno.h"
#include "lib/pv_image.h"

#define BASE  0xffffffff80000000ull
#define PADDR 0x1000000ull

/* A small kernel: two segments in the wrong order, and notes. */
struct image {
    uint8_t bytes[4096];
    size_t notes_at, notes_len;
};

static void put16(uint8_t *p, uint16_t v)
{
    memcpy(p, &v, sizeof(v));
}

static void put32(uint8_t *p, uint32_t v)
{
    memcpy(p, &v, sizeof(v));
}

static void put64(uint8_t *p, uint64_t v)
{
    memcpy(p, &v, sizeof(v));
}

static void put_phdr(uint8_t *p, uint32_t type, uint64_t off, uint64_t paddr,
                     uint64_t file_size, uint64_t mem_size)
{
    put32(p, type);
    put32(p + 4, ELF_FLAG_READ | ELF_FLAG_EXEC);
    put64(p + 8, off);
    put64(p + 16, 0); /* p_vaddr says nothing, as in Linux's third segment */
    put64(p + 24, paddr);
    put64(p + 32, file_size);
    put64(p + 40, mem_size);
    put64(p + 48, 4);
}

static void put_note(struct image *m, uint32_t type, const void *desc,
                     uint32_t len)
{
    uint8_t *p = m->bytes + m->notes_at + m->notes_len;

    put32(p, 4);
    put32(p + 4, len);
    put32(p + 8, type);
    memcpy(p + 12, "Xen", 4);
    memcpy(p + 16, desc, len);
    m->notes_len += 16 + ((len + 3) & ~3u);
    put64(m->bytes + 64 + 2 * 56 + 32, m->notes_len); /* PT_NOTE's size */
}

static void put_number(struct image *m, uint32_t type, uint64_t v)
{
    put_note(m, type, &v, sizeof(v));
}

/* All but the notes. */
static void make_bare(struct image *m)
{
    uint8_t *h = m->bytes;

    memset(m, 0, sizeof(*m));
    memcpy(h, "\177ELF\2\1\1", 7);
    put16(h + 16, 2);
    put16(h + 18, ELF_MACHINE_X86_64);
    put64(h + 24, 0x1234);
    put64(h + 32, 64);
    put16(h + 54, 56);
    put16(h + 56, 3);
    m->notes_at = 1024;
    put_phdr(h + 64, 1, 512, PADDR + 0x2000, 16, 0x3000);
    put_phdr(h + 64 + 56, 1, 768, PADDR, 32, 32);
    put_phdr(h + 64 + 112, 4, m->notes_at, 0, 0, 0);
    memset(h + 512, 0xaa, 16);
    memset(h + 768, 0xbb, 32);
}

static void make_kernel(struct image *m)
{
    make_bare(m);
    put_note(m, 5, "xen-3.0", 8);
    put_note(m, 6, "linux", 6);
    put_note(m, 8, "generic", 8);
    put_note(m, 10, "!writable_page_tables|pae_pgdir_above_4gb", 42);
    put_number(m, 1, BASE + PADDR + 0x10);
    put_number(m, 3, BASE);
    put_number(m, 4, 0);
    put_number(m, 12, 0xffff800000000000ull);
    put_number(m, 14, 1);
    put_number(m, 15, 0x8000000000ull);
    put_number(m, 16, 1);
    put_number(m, 17, 0x8801);
}

static void segments_come_in_order(void)
{
    const char *why = "";
    struct elf_image elf;
    struct image m;

    make_kernel(&m);
    CHECK_EQ(elf_read(&elf, m.bytes, sizeof(m.bytes), &why), 0);
    CHECK_EQ(elf.nr_segments, 2);
    CHECK_EQ(elf.segment[0].paddr, PADDR);
    CHECK(elf.segment[0].data == m.bytes + 768);
    CHECK_EQ(elf.segment[1].file_size, 16);
    CHECK_EQ(elf.segment[1].mem_size, 0x3000);
    CHECK_EQ(elf.paddr_start, PADDR);
    CHECK_EQ(elf.paddr_end, PADDR + 0x5000);
    CHECK_EQ(elf.entry, 0x1234);
}

static void notes_are_read(void)
{
    const char *why = "";
    struct pv_image pv;
    struct image m;

    make_kernel(&m);
    CHECK_EQ(pv_image_read(&pv, m.bytes, sizeof(m.bytes), &why), 0);
    CHECK_EQ(pv.entry, BASE + PADDR + 0x10);
    CHECK_EQ(pv.virt_start, BASE + PADDR);
    CHECK_EQ(pv.virt_end, BASE + PADDR + 0x5000);
    CHECK_EQ(pv.required, PV_FEATURE_WRITABLE_PT);
    CHECK_EQ(pv.supported, 0x8811);
    CHECK(pv.has_init_p2m && pv.init_p2m == 0x8000000000ull);
    CHECK(pv.mod_start_pfn && pv.suspend_cancel && !pv.has_hypercall_page);
    CHECK(!strcmp(pv.guest_os, "linux") && !strcmp(pv.loader, "generic"));
    CHECK_EQ(pv_image_check(&pv, true, 0, &why), 0);
    CHECK_EQ(pv_image_check(&pv, false, 0, &why), 0);
}

static void notes_may_stand_in_sections(void)
{
    const char *why = "";
    struct pv_image pv;
    struct image m;
    uint8_t *sh;

    make_kernel(&m);
    put32(m.bytes + 64 + 112, 0); /* no PT_NOTE any more */
    CHECK_EQ(pv_image_read(&pv, m.bytes, sizeof(m.bytes), &why), -ENOEXEC);

    sh = m.bytes + 2048;
    put64(m.bytes + 40, 2048);
    put16(m.bytes + 58, 64);
    put16(m.bytes + 60, 2);
    put32(sh + 64 + 4, 7);
    put64(sh + 64 + 24, m.notes_at);
    put64(sh + 64 + 32, m.notes_len);
    CHECK_EQ(pv_image_read(&pv, m.bytes, sizeof(m.bytes), &why), 0);
    CHECK_EQ(pv.entry, BASE + PADDR + 0x10);
}

/* Spoil one field of a sound kernel. */
static void no_elf(struct image *m)
{
    m->bytes[1] = 'e';
}
static void is_32bit(struct image *m)
{
    m->bytes[4] = 1;
}
static void is_arm(struct image *m)
{
    put16(m->bytes + 18, 183);
}
static void headers_outside(struct image *m)
{
    put64(m->bytes + 32, sizeof(m->bytes) - 100);
}
static void headers_wrap(struct image *m)
{
    put64(m->bytes + 32, ~0ull - 20);
}
static void segment_outside(struct image *m)
{
    put64(m->bytes + 64 + 8, sizeof(m->bytes) - 15);
}
static void segment_file_wraps(struct image *m)
{
    put64(m->bytes + 64 + 32, ~0ull);
    put64(m->bytes + 64 + 40, ~0ull);
}
static void segment_shrinks(struct image *m)
{
    put64(m->bytes + 64 + 40, 15);
}
static void segment_wraps(struct image *m)
{
    put64(m->bytes + 64 + 24, ~0ull - 0x1000);
}
static void segments_overlap(struct image *m)
{
    put64(m->bytes + 64 + 24, PADDR + 31);
}
static void nothing_to_load(struct image *m)
{
    put32(m->bytes + 64, 0);
    put32(m->bytes + 64 + 56, 0);
}
static void entry_outside(struct image *m)
{
    put_number(m, 1, BASE + PADDR + 0x5000);
}
static void base_wraps(struct image *m)
{
    put_number(m, 3, ~0ull - 0xfff);
}
static void offset_above(struct image *m)
{
    put_number(m, 4, PADDR + 1);
}
static void hypercalls_outside(struct image *m)
{
    put_number(m, 2, BASE);
}
static void hypercalls_askew(struct image *m)
{
    put_number(m, 2, BASE + PADDR + 0x800);
}
static void p2m_inside(struct image *m)
{
    put_number(m, 15, BASE + PADDR + 0x1000);
}
static void odd_number(struct image *m)
{
    put_note(m, 1, "abc", 3);
}
static void old_version(struct image *m)
{
    put_note(m, 5, "xen-2.0", 8);
}
static void unknown_required(struct image *m)
{
    put_note(m, 10, "dom0|!gates_of_dawn", 20);
}
static void no_notes(struct image *m)
{
    make_bare(m);
}
static void note_too_long(struct image *m)
{
    put32(m->bytes + m->notes_at + 4, 0xfffffff0);
}

static const struct {
    const char *sentence;
    void (*spoil)(struct image *m);
    int rc;
    const char *why;
} spoilt[] = {
    {"not ELF", no_elf, -EINVAL, "not an ELF"},
    {"32 bits", is_32bit, -EINVAL, "64-bit"},
    {"another machine", is_arm, -EINVAL, "x86-64"},
    {"headers outside", headers_outside, -EINVAL, "program headers"},
    {"headers that wrap", headers_wrap, -EINVAL, "program headers"},
    {"a segment outside", segment_outside, -EINVAL, "outside the file"},
    {"a segment's bytes wrap", segment_file_wraps, -EINVAL, "outside the file"},
    {"a segment that shrinks", segment_shrinks, -EINVAL, "smaller"},
    {"a segment that wraps", segment_wraps, -EINVAL, "wraps"},
    {"overlap", segments_overlap, -EINVAL, "overlap"},
    {"nothing to load", nothing_to_load, -EINVAL, "nothing"},
    {"entry outside", entry_outside, -EINVAL, "ENTRY"},
    {"virtual base wraps", base_wraps, -EINVAL, "wraps"},
    {"offset above the image", offset_above, -EINVAL, "PADDR_OFFSET"},
    {"hypercall page outside", hypercalls_outside, -EINVAL, "HYPERCALL_PAGE"},
    {"hypercall page askew", hypercalls_askew, -EINVAL, "HYPERCALL_PAGE"},
    {"p2m inside the image", p2m_inside, -EINVAL, "INIT_P2M"},
    {"a number of three bytes", odd_number, -EINVAL, "odd size"},
    {"an old version", old_version, -EINVAL, "XEN_VERSION"},
    {"an unknown need", unknown_required, -EINVAL, "unknown feature"},
    {"no notes", no_notes, -ENOEXEC, "no Xen notes"},
    {"a note longer than all", note_too_long, -ENOEXEC, "no Xen notes"},
};

static void spoilt_ones_are_named(void)
{
    for (size_t i = 0; i < sizeof(spoilt) / sizeof(spoilt[0]); i++) {
        const char *why = "";
        struct pv_image pv;
        struct image m;

        make_kernel(&m);
        spoilt[i].spoil(&m);
        unit_set_row(spoilt[i].sentence);
        CHECK_EQ(pv_image_read(&pv, m.bytes, sizeof(m.bytes), &why),
                 spoilt[i].rc);
        if (!strstr(why, spoilt[i].why))
            unit_fail(__FILE__, __LINE__, "says \"%s\"", why);
    }
}

static void features_decide(void)
{
    const char *why = "";
    struct pv_image pv;
    struct image m;

    make_bare(&m);
    put_number(&m, 1, PADDR);
    put_note(&m, 10, "!hvm_callback_vector", 21);
    CHECK_EQ(pv_image_read(&pv, m.bytes, sizeof(m.bytes), &why), 0);
    CHECK_EQ(pv_image_check(&pv, true, 0, &why), -EINVAL);
    CHECK_EQ(pv_image_check(&pv, true, 1u << 8, &why), 0);

    make_bare(&m);
    put_number(&m, 1, PADDR);
    put_number(&m, 17, 1);
    CHECK_EQ(pv_image_read(&pv, m.bytes, sizeof(m.bytes), &why), 0);
    CHECK_EQ(pv_image_check(&pv, false, 0, &why), 0);
    CHECK_EQ(pv_image_check(&pv, true, 0, &why), -EINVAL);
    CHECK(strstr(why, "dom0"));
}

static void any_damage_does_no_harm(void)
{
    uint64_t seed = 9;

    for (int i = 0; i < 100000; i++) {
        size_t len = unit_random(&seed) % 4 ? 4096 : unit_random(&seed) % 4096;
        uint8_t *copy = malloc(len ? len : 1);
        const char *why = "";
        struct pv_image pv;
        struct image m;

        make_kernel(&m);
        for (int k = 0; k < 4; k++) {
            size_t at = unit_random(&seed) % (m.notes_at + m.notes_len);

            if (at < 512 || at >= m.notes_at)
                m.bytes[at] = (uint8_t)unit_random(&seed);
        }
        memcpy(copy, m.bytes, len);
        if (!pv_image_read(&pv, copy, len, &why)) {
            const struct elf_segment *s = pv.elf.segment;

            for (uint32_t n = 0; n < pv.elf.nr_segments; n++)
                CHECK(s[n].data >= copy &&
                      s[n].data + s[n].file_size <= copy + len);
            CHECK(pv.entry >= pv.virt_start && pv.entry < pv.virt_end);
        } else {
            CHECK(*why);
        }
        free(copy);
    }
}

static void make_bzimage(uint8_t *b, size_t size)
{
    memset(b, 0, size);
    b[0x1f1] = 1;
    put16(b + 0x1fe, 0xaa55);
    memcpy(b + 0x202, "HdrS", 4);
    put16(b + 0x206, 0x020f);
    put32(b + 0x248, 16);
    put32(b + 0x24c, 100);
    memcpy(b + 1024 + 16,
           "\xfd"
           "7zXZ",
           6);
    put32(b + 1024 + 16 + 96, 4711);
}

static void bzimages_are_opened(void)
{
    struct kernel_payload p;
    const char *why = "";
    uint8_t b[2048];

    make_bzimage(b, sizeof(b));
    CHECK_EQ(bzimage_find(b, sizeof(b), &p, &why), 0);
    CHECK(p.data == b + 1040 && p.size == 96);
    CHECK_EQ(p.packing, PACKING_XZ);
    CHECK_EQ(p.unpacked_size, 4711);
    CHECK(!strcmp(packing_name(p.packing), "xz"));

    memcpy(b + 1040, "\x1f\x8b\x08\x00\x00\x00", 6);
    CHECK_EQ(bzimage_find(b, sizeof(b), &p, &why), 0);
    CHECK(p.packing == PACKING_GZIP && p.size == 100);
}

static void bzimages_may_lie(void)
{
    struct kernel_payload p;
    const char *why = "";
    uint8_t b[2048];

    make_bzimage(b, sizeof(b));
    put32(b + 0x248, 2048 - 1024 - 99);
    CHECK_EQ(bzimage_find(b, sizeof(b), &p, &why), -EINVAL);
    CHECK(strstr(why, "outside"));
    put32(b + 0x248, 0xfffffff0);
    CHECK_EQ(bzimage_find(b, sizeof(b), &p, &why), -EINVAL);
    make_bzimage(b, sizeof(b));
    put16(b + 0x206, 0x0207);
    CHECK_EQ(bzimage_find(b, sizeof(b), &p, &why), -EINVAL);
    CHECK(strstr(why, "2.08"));
    make_bzimage(b, sizeof(b));
    b[1040] = 0;
    CHECK_EQ(bzimage_find(b, sizeof(b), &p, &why), -EINVAL);
    CHECK(strstr(why, "unknown packing"));
    make_bzimage(b, sizeof(b));
    memcpy(b + 0x202, "Hdr!", 4);
    CHECK_EQ(bzimage_find(b, sizeof(b), &p, &why), -ENOEXEC);
    CHECK_EQ(bzimage_find(b, 0, &p, &why), -ENOEXEC);
    CHECK_EQ(bzimage_find("\177ELF", 4, &p, &why), 0);
    CHECK_EQ(p.packing, PACKING_ELF);
}

static const struct unit_test tests[] = {
    {"segments come by rising address", segments_come_in_order},
    {"a kernel's notes are read", notes_are_read},
    {"notes may stand in sections", notes_may_stand_in_sections},
    {"what is wrong is named", spoilt_ones_are_named},
    {"features decide who may run", features_decide},
    {"any damage does no harm", any_damage_does_no_harm},
    {"a bzImage's payload is found", bzimages_are_opened},
    {"a bzImage that lies is refused", bzimages_may_lie},
};

UNIT_MAIN("elf", tests)
