/* SPDX-License-Identifier: GPL-2.0 */
/*
 * bzimage.h - find the kernel inside a file a bootloader may hand us.
 */
#ifndef LIB_BZIMAGE_H
#define LIB_BZIMAGE_H

#include "lib/unpack.h"

struct kernel_payload {
    const uint8_t *data;
    size_t size;
    enum packing packing;   /* PACKING_ELF: use it as it stands */
    uint64_t unpacked_size; /* as the file claims; 0 if it does not tell */
};

/*
 * Look at a Linux bzImage, a plain ELF, or a packed ELF.
 * -EINVAL: a bzImage whose header lies; -ENOEXEC: none of these. *why tells.
 */
int bzimage_find(const void *file, size_t size, struct kernel_payload *payload,
                 const char **why);

#endif
