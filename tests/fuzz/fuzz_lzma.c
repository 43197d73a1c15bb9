/* SPDX-License-Identifier: GPL-2.0 */
/*
 * fuzz_lzma.c - any bytes as LZMA2 chunks, without the xz frame, whose
 * checksums would keep a fuzzer out.
 */
#include <stdlib.h>

#include "fuzz.h"

#include "../../xen/lib/unpack/lzma.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    static struct lzma z;
    const uint8_t *in = data + 1, *in_end = data + size;
    size_t out_len = size ? data[0] * 200u : 0;
    uint8_t *out, *at;

    if (!size)
        return 0;
    at = out = calloc(1, out_len + 1);
    lzma2_unpack(&z, &in, in_end, &at, out + out_len);
    MUST(in > data && in <= in_end && at >= out && at <= out + out_len);
    x86_unfilter(out, (size_t)(at - out), 0);
    free(out);
    return 0;
}
