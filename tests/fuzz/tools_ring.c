/* SPDX-License-Identifier: GPL-2.0 */
/* tools_ring.c - a guest that writes anything to its console page, anytime. */
#include <string.h>

#include <abi/io/console.h>

#include "fuzz.h"

#include "../../tools/xenconsoled/xenconsoled.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    static struct xencons_interface page;
    struct ring r;
    char piece[3000];

    memset(&page, 0, sizeof(page));
    ring_init(&r, &page);
    while (size >= 6) {
        uint32_t value;
        size_t room;
        int n;

        memcpy(&value, data + 1, 4);
        if (data[0] & 1)
            page.out_prod = value;
        if (data[0] & 2)
            page.in_cons = value;
        if (data[0] & 4)
            page.out_cons = page.in_prod = value;
        if (data[0] & 8)
            page.out_prod += data[5];
        n = ring_take(&r, piece, sizeof(piece));
        MUST(n >= -1 && n <= (int)sizeof(page.out));
        if (data[0] & 16)
            ring_taken(&r);
        room = ring_room(&r);
        MUST(room <= sizeof(page.in));
        ring_give(&r, piece, room < data[5] ? room : data[5]);
        data += 6;
        size -= 6;
    }
    return 0;
}
