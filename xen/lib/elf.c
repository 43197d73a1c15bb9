/* SPDX-License-Identifier: GPL-2.0 */
/*
 * elf.c - judge and read an untrusted 64-bit ELF image.
 * Keeps true: no byte outside [data, data + size) is read; what is handed
 * out lies inside; sums of the image's own numbers are checked for wrap.
 * Source of the layouts: System V ABI, chapters 4 and 5.
 */
#include "lib/bytes.h"
#include "lib/elf.h"
#include "lib/errno.h"
#include "lib/string.h"

#define EHDR_SIZE 64
#define PHDR_SIZE 56
#define SHDR_SIZE 64
#define NHDR_SIZE 12

#define PT_LOAD  1
#define PT_NOTE  4
#define SHT_NOTE 7

static int refuse(const char **why, const char *text)
{
    *why = text;
    return -EINVAL;
}

static bool inside(uint64_t off, uint64_t len, uint64_t size)
{
    return off <= size && len <= size - off;
}

static const uint8_t *phdr(const struct elf_image *elf, uint32_t i)
{
    return elf->data + elf->phoff + (uint64_t)i * PHDR_SIZE;
}

static const uint8_t *shdr(const struct elf_image *elf, uint32_t i)
{
    return elf->data + elf->shoff + (uint64_t)i * SHDR_SIZE;
}

static int read_header(struct elf_image *elf, const char **why)
{
    const uint8_t *h = elf->data;

    if (elf->size < EHDR_SIZE || memcmp(h, "\177ELF", 4))
        return refuse(why, "not an ELF file");
    if (h[4] != 2 || h[5] != 1)
        return refuse(why, "ELF: not 64-bit little-endian");

    elf->machine = get_le16(h + 18);
    elf->entry = get_le64(h + 24);
    elf->phoff = get_le64(h + 32);
    elf->shoff = get_le64(h + 40);
    elf->nr_ph = get_le16(h + 56);
    elf->nr_sh = get_le16(h + 60);

    if (elf->machine != ELF_MACHINE_X86_64)
        return refuse(why, "ELF: not for x86-64");
    if (!elf->nr_ph || get_le16(h + 54) != PHDR_SIZE)
        return refuse(why, "ELF: no program headers");
    if (!inside(elf->phoff, (uint64_t)elf->nr_ph * PHDR_SIZE, elf->size))
        return refuse(why, "ELF: program headers outside the file");

    /* Sections are an extra: without sound ones we do without. */
    if (get_le16(h + 58) != SHDR_SIZE ||
        !inside(elf->shoff, (uint64_t)elf->nr_sh * SHDR_SIZE, elf->size))
        elf->nr_sh = 0;
    return 0;
}

/* Put one segment in its place among those read before. */
static int add_segment(struct elf_image *elf, const struct elf_segment *seg,
                       const char **why)
{
    uint32_t i = elf->nr_segments;

    if (i == ELF_MAX_SEGMENTS)
        return refuse(why, "ELF: too many loadable segments");

    for (; i && elf->segment[i - 1].paddr > seg->paddr; i--)
        elf->segment[i] = elf->segment[i - 1];
    elf->segment[i] = *seg;
    elf->nr_segments++;
    return 0;
}

static int read_segment(struct elf_image *elf, const uint8_t *ph,
                        const char **why)
{
    uint64_t off = get_le64(ph + 8);
    struct elf_segment seg = {
        .flags = get_le32(ph + 4),
        .vaddr = get_le64(ph + 16),
        .paddr = get_le64(ph + 24),
        .file_size = get_le64(ph + 32),
        .mem_size = get_le64(ph + 40),
    };

    if (!seg.mem_size && !seg.file_size)
        return 0;
    if (!inside(off, seg.file_size, elf->size))
        return refuse(why, "ELF: segment outside the file");
    if (seg.mem_size < seg.file_size)
        return refuse(why, "ELF: segment smaller than its contents");
    if (seg.paddr + seg.mem_size < seg.paddr)
        return refuse(why, "ELF: segment wraps round");

    seg.data = elf->data + off;
    return add_segment(elf, &seg, why);
}

static int read_segments(struct elf_image *elf, const char **why)
{
    const struct elf_segment *seg = elf->segment;
    uint32_t i;
    int rc;

    for (i = 0; i < elf->nr_ph; i++) {
        if (get_le32(phdr(elf, i)) != PT_LOAD)
            continue;
        rc = read_segment(elf, phdr(elf, i), why);
        if (rc)
            return rc;
    }
    if (!elf->nr_segments)
        return refuse(why, "ELF: nothing to load");

    for (i = 1; i < elf->nr_segments; i++)
        if (seg[i - 1].paddr + seg[i - 1].mem_size > seg[i].paddr)
            return refuse(why, "ELF: segments overlap");

    elf->paddr_start = seg[0].paddr;
    elf->paddr_end = seg[i - 1].paddr + seg[i - 1].mem_size;
    return 0;
}

int elf_read(struct elf_image *elf, const void *data, size_t size,
             const char **why)
{
    int rc;

    memset(elf, 0, sizeof(*elf));
    elf->data = data;
    elf->size = size;
    rc = read_header(elf, why);
    return rc ? rc : read_segments(elf, why);
}

void elf_note_first(struct elf_note_walk *w, const struct elf_image *elf,
                    bool sections)
{
    *w = (struct elf_note_walk){.elf = elf, .sections = sections};
}

/* Is the next header one of notes? Then stand at its first byte. */
static void enter_header(struct elf_note_walk *w)
{
    const struct elf_image *elf = w->elf;
    const uint8_t *h;
    uint64_t off, len, align;
    uint32_t wanted = w->sections ? SHT_NOTE : PT_NOTE;

    h = w->sections ? shdr(elf, w->next) : phdr(elf, w->next);
    w->next++;
    if (get_le32(w->sections ? h + 4 : h) != wanted)
        return;

    off = get_le64(w->sections ? h + 24 : h + 8);
    len = get_le64(h + 32);
    align = get_le64(h + 48);
    if (!inside(off, len, elf->size))
        return;

    w->align = align == 8 ? 8 : 4;
    w->at = elf->data + off;
    w->end = w->at + len;
}

static uint64_t round_up(uint64_t v, uint32_t to)
{
    return (v + to - 1) & ~(uint64_t)(to - 1);
}

/* Take the note that stands at w->at; false if what is left holds none. */
static bool take_note(struct elf_note_walk *w, struct elf_note *note)
{
    uint64_t left = (uint64_t)(w->end - w->at);
    uint64_t desc_off, all;

    if (left < NHDR_SIZE)
        return false;

    note->name_size = get_le32(w->at);
    note->desc_size = get_le32(w->at + 4);
    note->type = get_le32(w->at + 8);
    desc_off = round_up(NHDR_SIZE + (uint64_t)note->name_size, w->align);
    all = desc_off + note->desc_size;
    if (all > left)
        return false;

    note->name = (const char *)w->at + NHDR_SIZE;
    note->desc = w->at + desc_off;
    all = round_up(all, w->align);
    w->at += all < left ? all : left;
    return true;
}

bool elf_note_next(struct elf_note_walk *w, struct elf_note *note)
{
    uint32_t nr = w->sections ? w->elf->nr_sh : w->elf->nr_ph;

    for (;;) {
        if (w->at != w->end && take_note(w, note))
            return true;
        w->at = w->end = NULL;
        if (w->next >= nr)
            return false;
        enter_header(w);
    }
}

bool elf_note_is(const struct elf_note *note, const char *name)
{
    size_t size = strlen(name) + 1;

    return note->name_size == size && !memcmp(note->name, name, size);
}

bool elf_note_number(const struct elf_note *note, uint64_t *value)
{
    if (note->desc_size != 4 && note->desc_size != 8)
        return false;

    *value = note->desc_size == 8 ? get_le64(note->desc) : get_le32(note->desc);
    return true;
}
