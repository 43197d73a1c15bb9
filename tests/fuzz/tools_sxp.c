/* SPDX-License-Identifier: GPL-2.0 */
/* tools_sxp.c - any bytes as S-expressions; what is read, writes and reads. */
#include <stdlib.h>
#include <string.h>

#include "fuzz.h"

#include "base/sxp.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    char err[256];
    struct sxp *s = sxp_parse("f", (const char *)data, size, err, sizeof(err));
    struct buf one = BUF_INIT, two = BUF_INIT;
    struct sxp *again;

    if (!s) {
        MUST(err[0]);
        return 0;
    }
    sxp_print_flat(&one, s);
    again = sxp_parse("g", one.data, one.len, err, sizeof(err));
    /* one level deeper than before: only that may stop it */
    MUST(again || strstr(err, "deeply"));
    if (again) {
        sxp_print_flat(&two, again->first);
        MUST(one.len == two.len && !memcmp(one.data, two.data, one.len));
    }
    sxp_free(again);
    sxp_free(s);
    buf_free(&one);
    buf_free(&two);
    return 0;
}
