/* SPDX-License-Identifier: GPL-2.0 */
/*
 * tool_bitmap.c - the tools' bitmaps: bytes, of a length of their own.
 * Keeps true: bits the tool does not name are 0 for us, and all that it made
 * room for is written, within reason.
 */
#include "lib/bitmap.h"
#include "lib/string.h"
#include "service/control.h"

#define TOOL_BITS_MAX 65536u /* more is nonsense, and would take too long */
#define OUR_BITS_MAX  256u

int tool_bitmap_read(uint64_t *map, unsigned int bits,
                     const struct xenctl_bitmap *from)
{
    unsigned int n = MIN(from->nr_bits, bits);

    bitmap_zero(map, bits);
    if (from->nr_bits > TOOL_BITS_MAX)
        return -EINVAL;
    if (copy_from_guest(map, from->bitmap, (n + 7) / 8))
        return -EFAULT;
    for (; n < ROUND_UP(bits, 64); n++) /* of the last byte, the rest */
        bitmap_clear(map, n);
    return 0;
}

int tool_bitmap_write(const struct xenctl_bitmap *to, const uint64_t *map,
                      unsigned int bits)
{
    BITMAP_DECLARE(own, OUR_BITS_MAX) = {0};
    unsigned int bytes = (to->nr_bits + 7) / 8;
    unsigned int n = MIN(to->nr_bits, bits), head;

    if (to->nr_bits > TOOL_BITS_MAX)
        return -EINVAL;
    bitmap_copy(own, map, n);
    head = (n + 7) / 8;
    if (copy_to_guest(to->bitmap, own, head))
        return -EFAULT;
    if (bytes > head && clear_guest(guest_va_at(to->bitmap, head, 1),
                                    bytes - head))
        return -EFAULT;
    return 0;
}
