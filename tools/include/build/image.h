/* SPDX-License-Identifier: GPL-2.0 */
/*
 * build/image.h - a kernel file: what it is, what it wants, where it goes.
 * The bytes are not trusted: every offset is checked before use.
 */
#ifndef BUILD_IMAGE_H
#define BUILD_IMAGE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define IMAGE_MAX_SEGMENTS 16
#define IMAGE_MAX_BYTES    (1ull << 30) /* unpacked */
#define IMAGE_UNSET        (~0ull)

struct image_segment {
    uint64_t offset; /* in the ELF file */
    uint64_t paddr;  /* physical, as the file says */
    uint64_t filesz, memsz;
};

/* What the ELF notes ask for; IMAGE_UNSET where a note is missing. */
struct image_notes {
    bool present; /* any Xen note at all */
    uint64_t entry, hypercall_page, virt_base, paddr_offset;
    uint64_t init_p2m, hv_start_low;
    uint64_t l1_mfn_mask, l1_mfn_value;
    bool mod_start_pfn;
    bool suspend_cancel;
    bool has_supported_features;
    uint32_t supported_features;
    char guest_os[32], guest_version[32], loader[32], xen_version[32];
    char features[256];
};

enum image_packing {
    PACK_NONE,
    PACK_GZIP,
    PACK_XZ,
    PACK_ZSTD,
    PACK_LZ4_LEGACY,
};

struct image {
    /* the file as it lies on disk */
    const uint8_t *file;
    size_t file_size;
    int fd; /* -1: it came from memory */
    /* the ELF inside it */
    const uint8_t *payload;
    size_t payload_size;
    enum image_packing packing;
    uint64_t elf_size; /* unpacked */
    /* read from it */
    struct image_segment segments[IMAGE_MAX_SEGMENTS];
    unsigned nr_segments;
    uint64_t pstart, pend;           /* extent of all segments, physical */
    uint64_t note_offset, note_size; /* in the ELF; size 0: none */
    struct image_notes notes;        /* after image_read_notes() */
};

/*
 * Open and look: format, ELF header, segments. Of a packed file only the
 * beginning is unpacked. 0 or -errno, `err` then has one line.
 */
int image_open(struct image *img, const char *path, char *err, size_t err_size);
/* The same from memory, which must stay. */
int image_from_memory(struct image *img, const void *data, size_t size,
                      char *err, size_t err_size);
void image_close(struct image *img);

/* The whole ELF into `dst` (img->elf_size bytes). */
int image_unpack_to(struct image *img, uint8_t *dst, char *err,
                    size_t err_size);

/*
 * Notes from the unpacked ELF (elf_size bytes), or from the PT_NOTE bytes
 * alone; checks that a 64-bit PV guest is there.
 */
int image_read_notes(struct image *img, const uint8_t *notes, size_t size,
                     char *err, size_t err_size);

/*
 * Pure parts, for tests and fuzzers.
 * image_find_payload: bzImage or bare; sets payload, packing and elf_size.
 * image_parse_elf: header and segments, from the first `size` bytes of it.
 */
int image_find_payload(struct image *img, char *err, size_t err_size);
int image_parse_elf(struct image *img, const uint8_t *elf, size_t size,
                    char *err, size_t err_size);

/* Frame number of a physical address (after the notes were read). */
static inline uint64_t image_pfn(const struct image *img, uint64_t paddr)
{
    return (paddr - img->notes.paddr_offset) >> 12;
}

/* Unpack all of it: exactly dst_size bytes must come out. 0 or -errno. */
int unpack(enum image_packing packing, const uint8_t *src, size_t src_size,
           uint8_t *dst, size_t dst_size, char *err, size_t err_size);
/* The first dst_size bytes only; the count that came out, or -errno. */
long unpack_head(enum image_packing packing, const uint8_t *src,
                 size_t src_size, uint8_t *dst, size_t dst_size);
enum image_packing packing_of(const uint8_t *data, size_t size);
/* Size when unpacked, read from its end or frames; 0 if unknown. */
uint64_t unpacked_size(enum image_packing packing, const uint8_t *src,
                       size_t src_size);

#endif
