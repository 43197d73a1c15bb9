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
    int fd;              /* -1: not from a file */
    /* the ELF inside it */
    const uint8_t *payload;
    size_t payload_size;
    enum image_packing packing;
    uint64_t elf_size;   /* unpacked */
    uint8_t *unpacked;   /* PACK_NONE or image_unpack() was used */
    bool unpacked_is_ours;
    /* read from it */
    struct image_segment segments[IMAGE_MAX_SEGMENTS];
    unsigned nr_segments;
    uint64_t pstart, pend; /* extent of all segments, physical */
    struct image_notes notes;
};

/*
 * Open and look: format, headers, notes. 0 or -errno, `err` has one line.
 * Packed files are only unpacked as far as needed where that is possible.
 */
int image_open(struct image *img, const char *path, char *err,
               size_t err_size);
/* The same from memory, which must stay. */
int image_from_memory(struct image *img, const void *data, size_t size,
                      char *err, size_t err_size);
void image_close(struct image *img);

/* The whole ELF into `dst` (img->elf_size bytes). */
int image_unpack_to(struct image *img, uint8_t *dst, char *err,
                    size_t err_size);

/*
 * Pure parts, for tests and fuzzers.
 * image_find_payload: bzImage or bare; sets payload and packing.
 * image_parse_elf: headers, segments and notes from `elf`, `size` bytes of
 * which may be only the first part of an ELF of `whole` bytes; -EAGAIN when
 * more of it is needed (*need bytes).
 */
int image_find_payload(struct image *img, char *err, size_t err_size);
int image_parse_elf(struct image *img, const uint8_t *elf, size_t size,
                    uint64_t whole, uint64_t *need, char *err,
                    size_t err_size);

/* Unpack any of the packings; sizes checked. 0 or -errno. */
int unpack(enum image_packing packing, const uint8_t *src, size_t src_size,
           uint8_t *dst, size_t dst_size, char *err, size_t err_size);
enum image_packing packing_of(const uint8_t *data, size_t size);
/* Size when unpacked, read from its end or frames; 0 if unknown. */
uint64_t unpacked_size(enum image_packing packing, const uint8_t *src,
                       size_t src_size);

#endif
