/* SPDX-License-Identifier: GPL-2.0 */
/*
 * rpc_call.c - reads a client's call with libxml2's push parser.
 * Keeps true: no document type, no entities but the predefined ones, nothing
 * is ever fetched; no tree is built but our own, bounded one.
 */
#include "rpc_private.h"

#include <errno.h>
#include <libxml/parser.h>

struct reading {
    struct rpc_builder *builder;
    xmlParserCtxtPtr ctxt;
};

static void on_start(void *arg, const xmlChar *name, const xmlChar **atts)
{
    struct reading *r = arg;

    (void)atts;
    rpc_builder_start(r->builder, (const char *)name);
}

static void on_end(void *arg, const xmlChar *name)
{
    struct reading *r = arg;

    rpc_builder_end(r->builder, (const char *)name);
}

static void on_text(void *arg, const xmlChar *text, int len)
{
    struct reading *r = arg;

    rpc_builder_text(r->builder, (const char *)text, (size_t)len);
}

static void on_doctype(void *arg, const xmlChar *name, const xmlChar *id,
                       const xmlChar *sys)
{
    struct reading *r = arg;

    (void)name;
    (void)id;
    (void)sys;
    if (!r->builder->error)
        r->builder->error = -EBADMSG;
    xmlStopParser(r->ctxt); /* before any entity is defined */
}

static int parse(struct rpc_builder *b, const char *data, size_t len)
{
    xmlSAXHandler sax = {
        .startElement = on_start,
        .endElement = on_end,
        .characters = on_text,
        .cdataBlock = on_text,
        .internalSubset = on_doctype,
    };
    struct reading r = {.builder = b};
    xmlParserCtxtPtr ctxt;
    size_t at;
    int rc = 0;

    ctxt = r.ctxt = xmlCreatePushParserCtxt(&sax, &r, NULL, 0, NULL);
    if (!ctxt)
        return -ENOMEM;
    xmlCtxtUseOptions(ctxt, XML_PARSE_NONET | XML_PARSE_NOERROR |
                                XML_PARSE_NOWARNING);
    for (at = 0; at < len && !rc && !b->error; at += 16384) {
        size_t piece = len - at < 16384 ? len - at : 16384;

        rc = xmlParseChunk(ctxt, data + at, (int)piece, 0);
    }
    if (!rc && !b->error)
        rc = xmlParseChunk(ctxt, NULL, 0, 1);
    if (!ctxt->wellFormed)
        rc = 1;
    if (ctxt->myDoc)
        xmlFreeDoc(ctxt->myDoc);
    xmlFreeParserCtxt(ctxt);
    if (b->error)
        return b->error;
    return rc ? -EBADMSG : 0;
}

int rpc_decode_call(const char *data, size_t len, char **method,
                    struct rpc_value **params)
{
    struct rpc_builder b;
    int rc;

    if (len > RPC_MAX_BODY)
        return -EBADMSG;
    rpc_builder_init(&b);
    rc = parse(&b, data, len);
    if (!rc && (!b.method || !b.method[0]))
        rc = -EBADMSG;
    if (!rc) {
        *method = b.method;
        *params = b.params;
        b.method = NULL;
        b.params = NULL;
    }
    rpc_builder_free(&b);
    return rc;
}
