/* SPDX-License-Identifier: GPL-2.0 */
/*
 * image.c - judge a kernel file: bzImage or ELF, packed or not.
 * Keeps true: no offset or size from the file is used before it was compared
 * with what there is; segments don't overlap, neither in the file's unpacked
 * form nor in the guest's memory, and stand in ascending order.
 */
#include "build/image.h"

#include <elf.h>
#include <errno.h>
#include <fcntl.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>

#include <abi/elfnote.h>
#include <abi/features.h>

#define HEAD_SIZE 65536u /* of the ELF: header and program headers */
#define PAGE      4096u
#define MAX_PADDR (~0ull - (2u << 20)) /* sums of it stay below 2^64 */

static int fail(char *err, size_t size, int rc, const char *fmt, ...)
    __attribute__((format(printf, 4, 5)));

static int fail(char *err, size_t size, int rc, const char *fmt, ...)
{
    va_list ap;

    va_start(ap, fmt);
    vsnprintf(err, size, fmt, ap);
    va_end(ap);
    return rc;
}

static uint32_t le32(const uint8_t *p)
{
    return (uint32_t)p[0] | (uint32_t)p[1] << 8 | (uint32_t)p[2] << 16 |
           (uint32_t)p[3] << 24;
}

/* bzImage: set-up sectors, then a payload whose last word is its size. */

#define BZ_SECTORS  0x1f1
#define BZ_BOOTFLAG 0x1fe
#define BZ_MAGIC    0x202
#define BZ_VERSION  0x206
#define BZ_OFFSET   0x248
#define BZ_LENGTH   0x24c
#define BZ_HEADER   0x250

static bool is_bzimage(const uint8_t *f, size_t size)
{
    return size > BZ_HEADER && f[BZ_BOOTFLAG] == 0x55 &&
           f[BZ_BOOTFLAG + 1] == 0xaa && !memcmp(f + BZ_MAGIC, "HdrS", 4);
}

static int bzimage_payload(struct image *img, char *err, size_t err_size)
{
    const uint8_t *f = img->file;
    unsigned version = f[BZ_VERSION] | (unsigned)f[BZ_VERSION + 1] << 8;
    uint64_t sectors = f[BZ_SECTORS] ? f[BZ_SECTORS] : 4;
    uint64_t start = (sectors + 1) * 512 + le32(f + BZ_OFFSET);
    uint64_t length = le32(f + BZ_LENGTH);

    if (version < 0x0208)
        return fail(err, err_size, -ENOEXEC,
                    "bzImage of version %u.%02u is too old", version >> 8,
                    version & 255);
    if (start > img->file_size || length > img->file_size - start || length < 8)
        return fail(err, err_size, -ENOEXEC, "bzImage is cut short or damaged");
    img->payload = f + start;
    img->payload_size = length;
    img->packing = packing_of(img->payload, img->payload_size);
    if (img->packing == PACK_NONE) {
        if (memcmp(img->payload, ELFMAG, SELFMAG) != 0)
            return fail(err, err_size, -ENOEXEC,
                        "bzImage is packed in a way not known here");
        img->elf_size = length;
        return 0;
    }
    img->elf_size = le32(img->payload + length - 4);
    if (img->packing != PACK_GZIP)
        img->payload_size -= 4;
    return 0;
}

static int bare_payload(struct image *img, char *err, size_t err_size)
{
    img->payload = img->file;
    img->payload_size = img->file_size;
    img->packing = packing_of(img->file, img->file_size);
    if (img->packing == PACK_NONE &&
        (img->file_size < SELFMAG || memcmp(img->file, ELFMAG, SELFMAG) != 0))
        return fail(err, err_size, -ENOEXEC,
                    "not a kernel (neither bzImage nor ELF)");
    img->elf_size =
        unpacked_size(img->packing, img->payload, img->payload_size);
    return 0;
}

int image_find_payload(struct image *img, char *err, size_t err_size)
{
    int rc = is_bzimage(img->file, img->file_size)
                 ? bzimage_payload(img, err, err_size)
                 : bare_payload(img, err, err_size);

    if (rc)
        return rc;
    if (img->elf_size < sizeof(Elf64_Ehdr) || img->elf_size > IMAGE_MAX_BYTES)
        return fail(err, err_size, -ENOEXEC,
                    "size of the unpacked kernel (%llu) makes no sense",
                    (unsigned long long)img->elf_size);
    return 0;
}

/* ELF */

static int check_header(const Elf64_Ehdr *eh, char *err, size_t err_size)
{
    if (memcmp(eh->e_ident, ELFMAG, SELFMAG) != 0)
        return fail(err, err_size, -ENOEXEC, "not an ELF image inside");
    if (eh->e_ident[EI_CLASS] != ELFCLASS64 ||
        eh->e_ident[EI_DATA] != ELFDATA2LSB || eh->e_machine != EM_X86_64)
        return fail(err, err_size, -ENOEXEC,
                    "not a 64-bit x86 kernel (only these can run here)");
    if (eh->e_phentsize != sizeof(Elf64_Phdr) || !eh->e_phnum ||
        eh->e_phnum > 128)
        return fail(err, err_size, -ENOEXEC,
                    "ELF has no sensible program headers");
    return 0;
}

static int add_segment(struct image *img, const Elf64_Phdr *ph, char *err,
                       size_t err_size)
{
    struct image_segment *s = &img->segments[img->nr_segments];
    struct image_segment *prev = img->nr_segments ? s - 1 : NULL;

    if (!ph->p_memsz)
        return 0;
    if (img->nr_segments == IMAGE_MAX_SEGMENTS)
        return fail(err, err_size, -ENOEXEC, "ELF has too many segments");
    if (ph->p_filesz > ph->p_memsz || ph->p_offset > img->elf_size ||
        ph->p_filesz > img->elf_size - ph->p_offset ||
        ph->p_memsz > IMAGE_MAX_BYTES || ph->p_paddr > MAX_PADDR - ph->p_memsz)
        return fail(err, err_size, -ENOEXEC,
                    "ELF segment lies outside of the file");
    if (prev && ph->p_paddr < prev->paddr + prev->memsz)
        return fail(err, err_size, -ENOEXEC,
                    "ELF segments overlap or are out of order");
    if (prev && ph->p_filesz && prev->filesz &&
        ph->p_offset < prev->offset + prev->filesz)
        return fail(err, err_size, -ENOEXEC, "ELF segments overlap");
    *s = (struct image_segment){ph->p_offset, ph->p_paddr, ph->p_filesz,
                                ph->p_memsz};
    if (!prev)
        img->pstart = s->paddr;
    img->pend = s->paddr + s->memsz;
    img->nr_segments++;
    return 0;
}

int image_parse_elf(struct image *img, const uint8_t *elf, size_t size,
                    char *err, size_t err_size)
{
    Elf64_Ehdr eh;
    unsigned i;
    int rc;

    if (size < sizeof(eh))
        return fail(err, err_size, -ENOEXEC, "ELF image is cut short");
    memcpy(&eh, elf, sizeof(eh));
    rc = check_header(&eh, err, err_size);
    if (rc)
        return rc;
    if (eh.e_phoff > size ||
        (uint64_t)eh.e_phnum * sizeof(Elf64_Phdr) > size - eh.e_phoff)
        return fail(err, err_size, -ENOEXEC,
                    "ELF program headers lie too far behind");

    for (i = 0; i < eh.e_phnum; i++) {
        Elf64_Phdr ph;

        memcpy(&ph, elf + eh.e_phoff + i * sizeof(ph), sizeof(ph));
        if (ph.p_type == PT_LOAD) {
            rc = add_segment(img, &ph, err, err_size);
            if (rc)
                return rc;
        } else if (ph.p_type == PT_NOTE && !img->note_size &&
                   ph.p_offset <= img->elf_size &&
                   ph.p_filesz <= img->elf_size - ph.p_offset) {
            img->note_offset = ph.p_offset;
            img->note_size = ph.p_filesz < 65536 ? ph.p_filesz : 65536;
        }
    }
    if (!img->nr_segments)
        return fail(err, err_size, -ENOEXEC, "ELF has nothing to load");
    if (img->pend - img->pstart > IMAGE_MAX_BYTES)
        return fail(err, err_size, -ENOEXEC, "ELF segments are spread too far");
    return 0;
}

/* Notes */

static uint64_t note_number(const uint8_t *desc, uint32_t size)
{
    uint64_t v = 0;

    if (size != 1 && size != 2 && size != 4 && size != 8)
        return IMAGE_UNSET;
    memcpy(&v, desc, size);
    return v;
}

static void note_text(char *out, size_t out_size, const uint8_t *desc,
                      uint32_t size)
{
    size_t n = 0;

    while (n < size && n + 1 < out_size && desc[n]) {
        out[n] = desc[n] >= ' ' && desc[n] < 127 ? (char)desc[n] : '?';
        n++;
    }
    out[n] = '\0';
}

static void take_note(struct image_notes *n, uint32_t type, const uint8_t *desc,
                      uint32_t size)
{
    n->present = true;
    switch (type) {
    case XEN_ELFNOTE_ENTRY:
        n->entry = note_number(desc, size);
        break;
    case XEN_ELFNOTE_HYPERCALL_PAGE:
        n->hypercall_page = note_number(desc, size);
        break;
    case XEN_ELFNOTE_VIRT_BASE:
        n->virt_base = note_number(desc, size);
        break;
    case XEN_ELFNOTE_PADDR_OFFSET:
        n->paddr_offset = note_number(desc, size);
        break;
    case XEN_ELFNOTE_INIT_P2M:
        n->init_p2m = note_number(desc, size);
        break;
    case XEN_ELFNOTE_HV_START_LOW:
        n->hv_start_low = note_number(desc, size);
        break;
    case XEN_ELFNOTE_L1_MFN_VALID:
        n->l1_mfn_mask = size == 16 ? note_number(desc, 8) : IMAGE_UNSET;
        n->l1_mfn_value = size == 16 ? note_number(desc + 8, 8) : IMAGE_UNSET;
        break;
    case XEN_ELFNOTE_MOD_START_PFN:
        n->mod_start_pfn = note_number(desc, size) != 0;
        break;
    case XEN_ELFNOTE_SUSPEND_CANCEL:
        n->suspend_cancel = note_number(desc, size) != 0;
        break;
    case XEN_ELFNOTE_SUPPORTED_FEATURES:
        n->has_supported_features = true;
        n->supported_features = (uint32_t)note_number(desc, size);
        break;
    case XEN_ELFNOTE_GUEST_OS:
        note_text(n->guest_os, sizeof(n->guest_os), desc, size);
        break;
    case XEN_ELFNOTE_GUEST_VERSION:
        note_text(n->guest_version, sizeof(n->guest_version), desc, size);
        break;
    case XEN_ELFNOTE_LOADER:
        note_text(n->loader, sizeof(n->loader), desc, size);
        break;
    case XEN_ELFNOTE_XEN_VERSION:
        note_text(n->xen_version, sizeof(n->xen_version), desc, size);
        break;
    case XEN_ELFNOTE_FEATURES:
        note_text(n->features, sizeof(n->features), desc, size);
        break;
    default:
        break; /* for other kinds of guests */
    }
}

static void parse_notes(struct image_notes *n, const uint8_t *p, size_t size)
{
    size_t at = 0;

    while (size - at >= 12) {
        uint32_t name_size = le32(p + at), desc_size = le32(p + at + 4);
        uint32_t type = le32(p + at + 8);
        uint64_t desc = at + 12 + (((uint64_t)name_size + 3) & ~3ull);
        uint64_t next = desc + (((uint64_t)desc_size + 3) & ~3ull);

        if (desc > size || desc_size > size - desc)
            return;
        if (name_size == 4 && !memcmp(p + at + 12, "Xen", 4))
            take_note(n, type, p + desc, desc_size);
        if (next > size)
            return;
        at = next;
    }
}

/* A feature with '!' before it is a must; of those, what we can't give. */
static const char *unmet_feature(const char *features, char *name, size_t size)
{
    static const char *const given[] = {"writable_page_tables",
                                        "writable_descriptor_tables",
                                        "pae_pgdir_above_4gb",
                                        "highmem_assist",
                                        "gnttab_map_avail_bits",
                                        "mmu_pt_update_preserve_ad",
                                        NULL};
    const char *p = features;
    size_t n, i;

    while ((p = strchr(p, '!')) != NULL) {
        p++;
        n = strcspn(p, "|,! ");
        for (i = 0; given[i]; i++)
            if (strlen(given[i]) == n && !strncmp(given[i], p, n))
                break;
        if (!given[i]) {
            snprintf(name, size, "%.*s", (int)n, p);
            return name;
        }
    }
    return NULL;
}

int image_read_notes(struct image *img, const uint8_t *notes, size_t size,
                     char *err, size_t err_size)
{
    struct image_notes *n = &img->notes;
    char feature[64];

    *n = (struct image_notes){
        .entry = IMAGE_UNSET,
        .hypercall_page = IMAGE_UNSET,
        .virt_base = IMAGE_UNSET,
        .paddr_offset = IMAGE_UNSET,
        .init_p2m = IMAGE_UNSET,
        .hv_start_low = IMAGE_UNSET,
    };
    parse_notes(n, notes, size);
    if (!n->present)
        return fail(err, err_size, -ENOEXEC,
                    "not a Xen PV kernel (it has no Xen notes)");
    if (n->entry == IMAGE_UNSET)
        return fail(err, err_size, -ENOEXEC,
                    "kernel has no PV entry point (built without Xen PV?)");
    if (n->virt_base == IMAGE_UNSET)
        n->virt_base = 0;
    if (n->paddr_offset == IMAGE_UNSET)
        n->paddr_offset = 0;
    if (n->loader[0] && strcmp(n->loader, "generic") != 0)
        return fail(err, err_size, -ENOEXEC, "kernel wants another loader (%s)",
                    n->loader);
    if (unmet_feature(n->features, feature, sizeof(feature)))
        return fail(err, err_size, -ENOEXEC,
                    "kernel needs feature %s, which PV guests don't have",
                    feature);
    if (n->virt_base & (PAGE - 1) || n->paddr_offset & (PAGE - 1) ||
        img->pstart < n->paddr_offset ||
        (n->init_p2m != IMAGE_UNSET && n->init_p2m & (PAGE - 1)))
        return fail(err, err_size, -ENOEXEC,
                    "addresses in the kernel's notes make no sense");
    return 0;
}

/* Whole images */

static int look(struct image *img, char *err, size_t err_size)
{
    uint8_t *head;
    long n;
    int rc = image_find_payload(img, err, err_size);

    if (rc)
        return rc;
    if (img->packing == PACK_NONE)
        return image_parse_elf(img, img->payload, img->payload_size, err,
                               err_size);
    head = malloc(HEAD_SIZE);
    if (!head)
        return fail(err, err_size, -ENOMEM, "out of memory");
    n = unpack_head(img->packing, img->payload, img->payload_size, head,
                    img->elf_size < HEAD_SIZE ? img->elf_size : HEAD_SIZE);
    rc = n < 0 ? fail(err, err_size, (int)n, "packed data is damaged")
               : image_parse_elf(img, head, (size_t)n, err, err_size);
    free(head);
    return rc;
}

int image_from_memory(struct image *img, const void *data, size_t size,
                      char *err, size_t err_size)
{
    *img = (struct image){.file = data, .file_size = size, .fd = -1};
    return look(img, err, err_size);
}

int image_open(struct image *img, const char *path, char *err, size_t err_size)
{
    char why[256] = "";
    struct stat st;
    void *p;
    int rc;

    *img = (struct image){.fd = open(path, O_RDONLY | O_CLOEXEC)};
    if (img->fd < 0 || fstat(img->fd, &st) < 0) {
        rc = -errno;
        image_close(img);
        return fail(err, err_size, rc, "kernel %s: %s", path, strerror(-rc));
    }
    if (!S_ISREG(st.st_mode) || st.st_size < (off_t)sizeof(Elf64_Ehdr) ||
        (uint64_t)st.st_size > IMAGE_MAX_BYTES) {
        image_close(img);
        return fail(err, err_size, -ENOEXEC, "kernel %s: not a kernel", path);
    }
    p = mmap(NULL, (size_t)st.st_size, PROT_READ, MAP_PRIVATE, img->fd, 0);
    if (p == MAP_FAILED) {
        rc = -errno;
        image_close(img);
        return fail(err, err_size, rc, "kernel %s: %s", path, strerror(-rc));
    }
    img->file = p;
    img->file_size = (size_t)st.st_size;
    rc = look(img, why, sizeof(why));
    if (rc) {
        image_close(img);
        fail(err, err_size, rc, "kernel %s: %s", path, why);
    }
    return rc;
}

void image_close(struct image *img)
{
    if (img->fd < 0)
        return;
    if (img->file)
        munmap((void *)(uintptr_t)img->file, img->file_size);
    close(img->fd);
    img->fd = -1;
    img->file = NULL;
}

int image_unpack_to(struct image *img, uint8_t *dst, char *err, size_t err_size)
{
    /* All of it will be read, in order: map it in at once. */
    if (img->fd >= 0) {
        uintptr_t from = (uintptr_t)img->payload & ~(uintptr_t)(PAGE - 1);
        size_t n = (uintptr_t)img->payload + img->payload_size - from;

        madvise((void *)from, n, MADV_POPULATE_READ);
    }
    return unpack(img->packing, img->payload, img->payload_size, dst,
                  img->elf_size, err, err_size);
}
