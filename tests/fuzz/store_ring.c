/* SPDX-License-Identifier: GPL-2.0 */
/*
 * store_ring.c - a guest that writes anything to its store page, anytime,
 * while the daemon is killed and goes on now and then.
 */
#include <string.h>

#include "base/log.h"
#include "fuzz.h"
#include "ring.h"

static int refuse(struct xstore *xs, struct domain *d)
{
    (void)xs;
    (void)d;
    return -1;
}

static void forget(struct xstore *xs, struct domain *d)
{
    (void)xs;
    d->ring = NULL;
}

static const struct xstore_hooks hooks = {refuse, forget};

static void one_step(struct ring *r, const uint8_t *p)
{
    struct xenstore_domain_interface *page = r->page;
    uint32_t value;

    memcpy(&value, p + 1, 4);
    switch (p[0] % 8) {
    case 0:
        page->req_prod = value;
        break;
    case 1:
        page->rsp_cons = value;
        break;
    case 2:
        page->connection = value;
        break;
    case 3: /* listen */
        page->rsp_cons = page->rsp_prod;
        break;
    case 4: /* a request of an honest header */
    {
        struct xsd_sockmsg hdr = {p[1], p[2], p[3] & 3, p[4]};

        for (size_t i = 0; i < sizeof(hdr); i++)
            page->req[page->req_prod++ % XENSTORE_RING_SIZE] =
                ((char *)&hdr)[i];
        break;
    }
    case 5: /* bytes of a body */
        for (size_t i = 1; i < 5; i++)
            page->req[page->req_prod++ % XENSTORE_RING_SIZE] = (char)p[i];
        break;
    case 6: /* the daemon is killed */
        r->slot->in_base += p[1] == 0xff ? value : 0;
        ring_begin(r, true);
        break;
    case 7:
        page->req_cons = page->rsp_prod = value;
        break;
    }
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    static struct xenstore_domain_interface page;
    static struct keep_slot slot;
    struct ring r = {.page = &page, .slot = &slot, .port = -1};
    struct xstore xs;

    log_set_level(LOG_ERROR);
    memset(&page, 0, sizeof(page));
    memset(&slot, 0, sizeof(slot));
    xstore_init(&xs, &hooks);
    r.d = xstore_domain(&xs, 5);
    r.d->introduced = true;
    r.d->ring = &r;
    ring_begin(&r, false);
    for (; size >= 5; data += 5, size -= 5) {
        one_step(&r, data);
        ring_pump(&r, 4);
        MUST(slot.out_len <= sizeof(slot.out));
        MUST(r.req_cons - slot.in_base <= sizeof(slot.in));
        MUST(r.d->client.out.len < 1 << 20);
    }
    xstore_free(&xs);
    return 0;
}
