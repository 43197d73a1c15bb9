/* SPDX-License-Identifier: GPL-2.0 */
/*
 * tools_rpc.c - any bytes as a call and as an answer. What our own reader of
 * answers takes, written again, reads as the same.
 */
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "fuzz.h"

#include "base/rpc.h"

static void call(const char *data, size_t size)
{
    struct rpc_value *params = NULL;
    char *method = NULL;
    int rc = rpc_decode_call(data, size, &method, &params);

    MUST(rc == 0 || rc == -EBADMSG || rc == -ENOMEM);
    if (rc)
        return;
    MUST(method[0] && params->type == RPC_ARRAY);
    free(method);
    rpc_free(params);
}

static void answer(const char *data, size_t size)
{
    struct rpc_value *v = NULL, *again = NULL;
    struct buf one = BUF_INIT, two = BUF_INIT;
    char *text = NULL;
    int code, rc = rpc_decode_answer(data, size, &v, &code, &text);

    MUST(rc == 0 || rc == 1 || rc == -EBADMSG || rc == -ENOMEM);
    free(text);
    if (rc)
        return;
    rpc_encode_answer(&one, v);
    MUST(rpc_decode_answer(one.data, one.len, &again, &code, &text) == 0);
    rpc_encode_answer(&two, again);
    MUST(one.len == two.len && !memcmp(one.data, two.data, one.len));
    rpc_free(v);
    rpc_free(again);
    buf_free(&one);
    buf_free(&two);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    call((const char *)data, size);
    answer((const char *)data, size);
    return 0;
}
