/* SPDX-License-Identifier: GPL-2.0 */
/*
 * elf.h - read an untrusted 64-bit ELF image and its notes.
 * Nothing here copies or allocates: results point into the caller's bytes.
 */
#ifndef LIB_ELF_H
#define LIB_ELF_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define ELF_MAX_SEGMENTS 16

#define ELF_MACHINE_X86_64 62

#define ELF_FLAG_EXEC  1u
#define ELF_FLAG_WRITE 2u
#define ELF_FLAG_READ  4u

/* What a loadable program header says, judged to lie inside the file. */
struct elf_segment {
    uint64_t paddr;
    uint64_t vaddr;
    uint64_t mem_size;   /* at least file_size; the rest is zero */
    const uint8_t *data; /* file_size bytes */
    uint64_t file_size;
    uint32_t flags; /* ELF_FLAG_* */
};

struct elf_image {
    const uint8_t *data;
    size_t size;
    uint64_t entry;
    uint16_t machine;
    uint32_t nr_segments;
    struct elf_segment segment[ELF_MAX_SEGMENTS]; /* by rising paddr */
    uint64_t paddr_start, paddr_end;              /* end: first byte behind */

    /* For the notes; both tables lie inside the file. */
    uint64_t phoff, shoff;
    uint32_t nr_ph, nr_sh;
};

struct elf_note {
    uint32_t type;
    const char *name; /* name_size bytes, the NUL among them */
    uint32_t name_size;
    const uint8_t *desc;
    uint32_t desc_size;
};

/* Where a walk through the notes stands. */
struct elf_note_walk {
    const struct elf_image *elf;
    bool sections; /* look at section headers, not at program headers */
    uint32_t next; /* header to look at next */
    const uint8_t *at, *end;
    uint32_t align;
};

/*
 * Judge and read. On -EINVAL *why names what is wrong. Segments that overlap,
 * wrap or leave the file are refused.
 */
int elf_read(struct elf_image *elf, const void *data, size_t size,
             const char **why);

/* Walk PT_NOTE program headers, or SHT_NOTE sections. */
void elf_note_first(struct elf_note_walk *w, const struct elf_image *elf,
                    bool sections);
bool elf_note_next(struct elf_note_walk *w, struct elf_note *note);

bool elf_note_is(const struct elf_note *note, const char *name);

/* The number in a note of 4 or 8 bytes; false for other sizes. */
bool elf_note_number(const struct elf_note *note, uint64_t *value);

#endif
