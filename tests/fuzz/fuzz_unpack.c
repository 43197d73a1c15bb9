/* SPDX-License-Identifier: GPL-2.0 */
/*
 * fuzz_unpack.c - any bytes as something packed. The first byte chooses the
 * packing, so that the fuzzer need not guess magic numbers.
 */
#include <stdlib.h>
#include <string.h>

#include "fuzz.h"

#include "lib/unpack.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    static const struct {
        const char *magic;
        size_t len;
    } start[] = {{"", 0},
                 {"\x1f\x8b\x08", 3},
                 {"\xfd"
                  "7zXZ",
                  6},
                 {"\x28\xb5\x2f\xfd", 4},
                 {"\x02\x21\x4c\x18", 4},
                 {"\x04\x22\x4d\x18", 4}};
    static struct unpack_ws ws;
    size_t out_len, got, which;
    uint8_t *in, *out;

    if (size < 2 || size > 1 << 16)
        return 0;
    which = data[0] % (sizeof(start) / sizeof(start[0]));
    out_len = data[1] * 300u;
    in = malloc(start[which].len + size);
    out = malloc(out_len + 1);
    memcpy(in, start[which].magic, start[which].len);
    memcpy(in + start[which].len, data + 2, size - 2);

    unpack(in, start[which].len + size - 2, out, out_len, &got, &ws);
    MUST(got <= out_len);
    free(in);
    free(out);
    return 0;
}
