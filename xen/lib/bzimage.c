/* SPDX-License-Identifier: GPL-2.0 */
/*
 * bzimage.c - find the packed kernel inside a Linux bzImage.
 * Keeps true: the payload handed out lies inside the file.
 * Source of the offsets: Linux, Documentation/x86/boot.rst.
 */
#include <stdbool.h>

#include "lib/bytes.h"
#include "lib/bzimage.h"
#include "lib/errno.h"
#include "lib/string.h"

#define BOOT_SETUP_SECTS    0x1f1
#define BOOT_MAGIC          0x1fe
#define BOOT_HEADER         0x202
#define BOOT_VERSION        0x206
#define BOOT_PAYLOAD_OFFSET 0x248
#define BOOT_PAYLOAD_LENGTH 0x24c
#define BOOT_HEADER_END     0x250

/* The first protocol version that tells where the payload is. */
#define VERSION_WITH_PAYLOAD 0x0208

static int refuse(const char **why, const char *text)
{
    *why = text;
    return -EINVAL;
}

static bool is_bzimage(const uint8_t *file, size_t size)
{
    return size >= BOOT_HEADER_END && get_le16(file + BOOT_MAGIC) == 0xaa55 &&
           !memcmp(file + BOOT_HEADER, "HdrS", 4);
}

/*
 * The last four bytes are the unpacked size. gzip has them of its own accord;
 * behind other packings they are no part of the data.
 */
static int read_packed_size(struct kernel_payload *p, const char **why)
{
    if (p->size < 4)
        return refuse(why, "bzImage: payload too short");

    p->unpacked_size = get_le32(p->data + p->size - 4);
    if (p->packing != PACKING_GZIP)
        p->size -= 4;
    return 0;
}

static int find_payload(const uint8_t *file, size_t size,
                        struct kernel_payload *p, const char **why)
{
    uint64_t sects = file[BOOT_SETUP_SECTS] ? file[BOOT_SETUP_SECTS] : 4;
    uint64_t off = (sects + 1) * 512 + get_le32(file + BOOT_PAYLOAD_OFFSET);
    uint64_t len = get_le32(file + BOOT_PAYLOAD_LENGTH);

    if (get_le16(file + BOOT_VERSION) < VERSION_WITH_PAYLOAD)
        return refuse(why, "bzImage: boot protocol older than 2.08");
    if (off > size || len > size - off)
        return refuse(why, "bzImage: payload outside the file");

    p->data = file + off;
    p->size = len;
    p->packing = packing_of(p->data, p->size);
    if (p->packing == PACKING_UNKNOWN)
        return refuse(why, "bzImage: payload in an unknown packing");
    if (p->packing == PACKING_ELF)
        return 0;
    return read_packed_size(p, why);
}

int bzimage_find(const void *file, size_t size, struct kernel_payload *payload,
                 const char **why)
{
    if (is_bzimage(file, size))
        return find_payload(file, size, payload, why);

    *payload = (struct kernel_payload){
        .data = file,
        .size = size,
        .packing = packing_of(file, size),
    };
    if (payload->packing == PACKING_UNKNOWN) {
        *why = "neither bzImage nor ELF, nor a known packing";
        return -ENOEXEC;
    }
    if (payload->packing == PACKING_GZIP)
        return read_packed_size(payload, why);
    return 0;
}
