/* SPDX-License-Identifier: GPL-2.0 */
/*
 * rpc_private.h - between the XML readers and the builder of values.
 */
#ifndef BASE_RPC_PRIVATE_H
#define BASE_RPC_PRIVATE_H

#include "base/rpc.h"

#define RPC_MAX_XML_DEPTH (4 * RPC_MAX_DEPTH + 16)

/* What a reader tells of the document, in order. */
struct rpc_builder {
    unsigned char open[RPC_MAX_XML_DEPTH]; /* elements we are in */
    int depth;
    struct rpc_value *value[RPC_MAX_DEPTH]; /* values under way; may be NULL */
    char *name[RPC_MAX_DEPTH];              /* of the member under way */
    int nr_values;
    struct buf text; /* of the innermost element */
    char *method;
    struct rpc_value *params;
    struct rpc_value *fault;
    bool root_seen;
    int error; /* -errno; nothing is built any more */
};

void rpc_builder_init(struct rpc_builder *b);
void rpc_builder_free(struct rpc_builder *b);
void rpc_builder_start(struct rpc_builder *b, const char *element);
void rpc_builder_end(struct rpc_builder *b, const char *element);
void rpc_builder_text(struct rpc_builder *b, const char *text, size_t len);

/* Only UTF-8, and only characters that XML may hold. */
bool rpc_text_ok(const char *text);

#endif
