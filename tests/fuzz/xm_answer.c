/* SPDX-License-Identifier: GPL-2.0 */
/* xm_answer.c - any bytes as what xend answers. */
#include <stdlib.h>
#include <string.h>

#include "fuzz.h"

#include "client.h"
#include "xend.h"

struct xend xend; /* linked along, not used here */

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    char *text = strndup((const char *)data, size);
    struct sxp *s = NULL;
    char *fault = NULL;
    int code = 0;
    enum answer a = answer_parse(text, &s, &code, &fault);

    MUST((a == ANSWER_OK) == (s != NULL));
    MUST((a == ANSWER_FAULT) == (fault != NULL));
    sxp_free(s);
    free(fault);
    free(text);
    return 0;
}
