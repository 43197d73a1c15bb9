/* SPDX-License-Identifier: GPL-2.0 */
/*
 * rpc_answer.c - reads the server's answer, with a reader for just the XML
 * that XML-RPC consists of: tags (attributes are passed over), text, CDATA,
 * comments, character references.
 * Why not libxml2 as on the server's side: its start-up costs a short-lived
 * command more than all the rest of its work.
 */
#include "rpc_private.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

struct reader {
    const char *at, *end;
    struct rpc_builder *b;
};

static bool starts(const struct reader *r, const char *word)
{
    size_t n = strlen(word);

    return (size_t)(r->end - r->at) >= n && !memcmp(r->at, word, n);
}

/* Go behind the next `word`. */
static bool pass(struct reader *r, const char *word)
{
    const char *p = memmem(r->at, (size_t)(r->end - r->at), word, strlen(word));

    if (!p)
        return false;
    r->at = p + strlen(word);
    return true;
}

static void put_char(struct rpc_builder *b, unsigned long c)
{
    char s[4];
    size_t n = 0;

    if (c < 0x80) {
        s[n++] = (char)c;
    } else if (c < 0x800) {
        s[n++] = (char)(0xc0 | c >> 6);
    } else if (c < 0x10000) {
        s[n++] = (char)(0xe0 | c >> 12);
        s[n++] = (char)(0x80 | (c >> 6 & 63));
    } else {
        s[n++] = (char)(0xf0 | c >> 18);
        s[n++] = (char)(0x80 | (c >> 12 & 63));
        s[n++] = (char)(0x80 | (c >> 6 & 63));
    }
    if (c >= 0x80)
        s[n++] = (char)(0x80 | (c & 63));
    rpc_builder_text(b, s, n);
}

/* at stands on '&'. */
static bool read_entity(struct reader *r)
{
    static const struct {
        const char *name;
        char c;
    } known[] = {{"&amp;", '&'},
                 {"&lt;", '<'},
                 {"&gt;", '>'},
                 {"&quot;", '"'},
                 {"&apos;", '\''}};
    unsigned long c = 0;
    size_t i, n;
    int base = 10;
    char text[12];
    char *end;

    for (i = 0; i < sizeof(known) / sizeof(known[0]); i++) {
        if (starts(r, known[i].name)) {
            r->at += strlen(known[i].name);
            rpc_builder_text(r->b, &known[i].c, 1);
            return true;
        }
    }
    if (!starts(r, "&#"))
        return false;
    r->at += 2;
    if (starts(r, "x")) {
        base = 16;
        r->at++;
    }
    for (n = 0; n < sizeof(text) - 1 && r->at < r->end && *r->at != ';'; n++)
        text[n] = *r->at++;
    text[n] = '\0';
    if (!n || r->at >= r->end || *r->at != ';')
        return false;
    r->at++;
    c = strtoul(text, &end, base);
    if (*end || c == 0 || c > 0x10ffff)
        return false;
    put_char(r->b, c);
    return true;
}

static bool is_name(char c)
{
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') ||
           (c >= '0' && c <= '9') || c == '.' || c == ':' || c == '_' ||
           c == '-';
}

/* at stands behind '<' or '</'. */
static bool read_tag(struct reader *r, bool closing)
{
    char name[32];
    size_t n = 0;
    char quote = 0;
    bool empty;

    while (r->at < r->end && is_name(*r->at)) {
        if (n + 1 >= sizeof(name))
            return false;
        name[n++] = *r->at++;
    }
    name[n] = '\0';
    while (r->at < r->end && (quote || *r->at != '>')) {
        if (quote ? *r->at == quote : *r->at == '"' || *r->at == '\'')
            quote = quote ? 0 : *r->at;
        r->at++;
    }
    if (!n || r->at >= r->end)
        return false;
    empty = r->at[-1] == '/';
    r->at++;
    if (!closing)
        rpc_builder_start(r->b, name);
    if (closing || empty)
        rpc_builder_end(r->b, name);
    return !(closing && empty);
}

static bool read_cdata(struct reader *r)
{
    const char *from = r->at;

    if (!pass(r, "]]>"))
        return false;
    rpc_builder_text(r->b, from, (size_t)(r->at - 3 - from));
    return true;
}

static bool read_markup(struct reader *r)
{
    if (starts(r, "<?"))
        return pass(r, "?>");
    if (starts(r, "<!--"))
        return pass(r, "-->");
    if (starts(r, "<![CDATA[")) {
        r->at += 9;
        return read_cdata(r);
    }
    if (starts(r, "</")) {
        r->at += 2;
        return read_tag(r, true);
    }
    r->at++;
    return read_tag(r, false);
}

static int parse(struct rpc_builder *b, const char *data, size_t len)
{
    struct reader r = {data, data + len, b};

    while (r.at < r.end && !b->error) {
        const char *from = r.at;
        bool ok = true;

        while (r.at < r.end && *r.at != '<' && *r.at != '&')
            r.at++;
        if (r.at > from)
            rpc_builder_text(b, from, (size_t)(r.at - from));
        else
            ok = *r.at == '&' ? read_entity(&r) : read_markup(&r);
        if (!ok)
            return -EBADMSG;
    }
    if (!b->error && (b->depth || !b->root_seen))
        return -EBADMSG;
    return b->error;
}

static int take_fault(const struct rpc_value *fault, int *code, char **text)
{
    *code = (int)rpc_number(rpc_get(fault, "faultCode"), -1);
    *text = strdup(rpc_text(rpc_get(fault, "faultString"), "unknown fault"));
    return *text ? 1 : -ENOMEM;
}

int rpc_decode_answer(const char *data, size_t len, struct rpc_value **result,
                      int *code, char **text)
{
    struct rpc_builder b;
    int rc;

    if (len > RPC_MAX_BODY)
        return -EBADMSG;
    rpc_builder_init(&b);
    rc = parse(&b, data, len);
    if (!rc && b.fault) {
        rc = take_fault(b.fault, code, text);
    } else if (!rc && !b.method && b.params->count == 1) {
        *result = b.params->members[0].value;
        b.params->count = 0;
    } else if (!rc) {
        rc = -EBADMSG;
    }
    rpc_builder_free(&b);
    return rc;
}
