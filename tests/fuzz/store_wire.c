/* SPDX-License-Identifier: GPL-2.0 */
/*
 * store_wire.c - any requests, from Dom0 and two guests, in any order. A
 * request is four bytes (who, type, transaction, length) and a body; with
 * bit 7 of the first byte the body is an absolute path's end, so that the
 * fuzzer finds nodes easily; with bit 6 its last byte is repeated until the
 * body is as long as may be.
 */
#include <string.h>

#include "base/log.h"
#include "control.h"
#include "fuzz.h"
#include "keep.h"
#include "watch.h"

static int fake_connect(struct xstore *xs, struct domain *d)
{
    (void)xs;
    d->ring = (struct ring *)(uintptr_t)8; /* never looked into */
    return 0;
}

static void fake_disconnect(struct xstore *xs, struct domain *d)
{
    (void)xs;
    d->ring = NULL;
}

static const struct xstore_hooks hooks = {fake_connect, fake_disconnect};

/* Every answer and event is well-formed; exactly one is an answer. */
static void look_at_answers(struct client *c, uint32_t type)
{
    int answers = 0;

    while (c->out.len) {
        struct wire_msg m;

        MUST(wire_judge(bytes_start(&c->out), c->out.len, &m) ==
             WIRE_COMPLETE);
        if (m.hdr.type != XS_WATCH_EVENT) {
            MUST(m.hdr.type == type || m.hdr.type == XS_ERROR);
            answers++;
        }
        client_sent(c, m.size);
    }
    MUST(answers == 1);
}

static size_t one_request(struct xstore *xs, struct client *dom0,
                          const uint8_t *p, size_t size)
{
    static char body[XENSTORE_PAYLOAD_MAX];
    struct client *c = dom0;
    struct wire_msg m;
    size_t len = p[3], used = 0;
    struct domain *d = xstore_domain_find(xs, 5U + (p[0] & 1));

    if ((p[0] & 6) && d && d->introduced)
        c = &d->client;
    if (len > size - 4)
        len = size - 4;
    if (p[0] & 0x80)
        used = (size_t)sprintf(body, "/local/domain/%d/", p[0] & 7);
    memcpy(body + used, p + 4, len);
    used += len;
    if (p[0] & 0x40) {
        memset(body + used, used ? body[used - 1] : 0, sizeof(body) - used);
        used = sizeof(body);
    }
    m.hdr = (struct xsd_sockmsg){p[1], p[0], p[2], (uint32_t)used};
    m.body = body;
    m.size = sizeof(m.hdr) + m.hdr.len;
    client_sent(c, c->out.len);
    ops_request(c, &m);
    look_at_answers(c, p[1]);
    return 4 + len;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct client dom0;
    struct wire_msg m;
    struct xstore xs;
    const char *bad;

    log_set_level(LOG_ERROR);
    wire_judge(data, size, &m);
    xstore_init(&xs, &hooks);
    client_init(&dom0, &xs, xstore_domain(&xs, 0));
    for (unsigned int i = 5; i < 7; i++) {
        struct domain *d = xstore_domain(&xs, i);

        d->introduced = true;
        d->client.first = d->client.restored = i == 6;
    }
    xs.txn_floor = 3;
    while (size >= 4) {
        size_t used = one_request(&xs, &dom0, data, size);

        data += used;
        size -= used;
    }
    bad = xstore_check(&xs);
    if (bad)
        fprintf(stderr, "%s\n", bad);
    MUST(!bad);
    client_free(&dom0);
    xstore_free(&xs);
    return 0;
}
