/* SPDX-License-Identifier: GPL-2.0 */
/*
 * store_test.h - a store without a hypervisor, and short words to talk to it.
 */
#ifndef STORE_TEST_H
#define STORE_TEST_H

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "control.h"
#include "keep.h"
#include "txn.h"
#include "unit.h"
#include "watch.h"

static int fake_connects;

static int fake_connect(struct xstore *xs, struct domain *d)
{
    (void)xs;
    d->ring = (struct ring *)(uintptr_t)8; /* never looked into */
    fake_connects++;
    return 0;
}

static void fake_disconnect(struct xstore *xs, struct domain *d)
{
    (void)xs;
    d->ring = NULL;
}

static const struct xstore_hooks fake_hooks = {
    .connect = fake_connect,
    .disconnect = fake_disconnect,
};

/* A store with one client of domain 0 and rings of domains 5 and 6. */
struct bench {
    struct xstore xs;
    struct client dom0;
    struct client *d5, *d6;
};

static char reply[XENSTORE_PAYLOAD_MAX + 2]; /* of the last ask(), with NUL */
static size_t reply_len;

/* The answer goes to `reply` (an error as its name); events stay in out. */
static inline const char *ask_bytes(struct client *c, uint32_t type,
                                    uint32_t tx, const char *body, size_t len)
{
    struct bytes rest = {0};
    struct wire_msg m = {.hdr = {type, 7, tx, (uint32_t)len}, .body = body};
    int answers = 0;

    ops_request(c, &m);
    while (c->out.len) {
        struct xsd_sockmsg hdr;

        memcpy(&hdr, bytes_start(&c->out), sizeof(hdr));
        if (hdr.type == XS_WATCH_EVENT) {
            bytes_add(&rest, bytes_start(&c->out), sizeof(hdr) + hdr.len);
        } else {
            answers++;
            CHECK(hdr.type == type || hdr.type == XS_ERROR);
            CHECK_EQ(hdr.req_id, 7);
            CHECK_EQ(hdr.tx_id, tx);
            reply_len = hdr.len;
            memcpy(reply, bytes_start(&c->out) + sizeof(hdr), hdr.len);
            reply[hdr.len] = '\0';
        }
        client_sent(c, sizeof(hdr) + hdr.len);
    }
    bytes_add(&c->out, bytes_start(&rest), rest.len);
    bytes_free(&rest);
    CHECK_EQ(answers, 1);
    return reply;
}

/* With its final NUL, and '|' standing for NULs inside. */
static inline const char *ask(struct client *c, uint32_t type, uint32_t tx,
                              const char *text)
{
    char body[XENSTORE_PAYLOAD_MAX + 1];
    size_t len = strlen(text) + 1;

    memcpy(body, text, len);
    for (size_t i = 0; i < len; i++)
        if (body[i] == '|')
            body[i] = '\0';
    if (type == XS_WRITE)
        len--; /* a value has no NUL */
    return ask_bytes(c, type, tx, body, len);
}

#define SAYS(c, type, text, wanted)                                            \
    do {                                                                       \
        const char *got_ = ask(c, type, 0, text);                              \
                                                                               \
        if (strcmp(got_, wanted))                                              \
            unit_fail(__FILE__, __LINE__, "%s of %s says '%s', wanted '%s'",   \
                      wire_type_name(type), text, got_, wanted);               \
    } while (0)

#define SAYS_TX(c, type, tx, text, wanted)                                     \
    do {                                                                       \
        const char *got_ = ask(c, type, tx, text);                             \
                                                                               \
        if (strcmp(got_, wanted))                                              \
            unit_fail(__FILE__, __LINE__, "%s of %s says '%s', wanted '%s'",   \
                      wire_type_name(type), text, got_, wanted);               \
    } while (0)

static inline uint32_t begin(struct client *c)
{
    return (uint32_t)atoi(ask(c, XS_TRANSACTION_START, 0, ""));
}

/* The events waiting, "path=token " each, and none after that. */
static inline const char *events(struct client *c)
{
    static char text[8192];
    size_t len = 0;

    text[0] = '\0';
    while (c->out.len) {
        struct xsd_sockmsg hdr;
        const char *body = bytes_start(&c->out) + sizeof(hdr);

        memcpy(&hdr, bytes_start(&c->out), sizeof(hdr));
        CHECK_EQ(hdr.type, XS_WATCH_EVENT);
        if (len + hdr.len + 8 < sizeof(text))
            len += (size_t)snprintf(text + len, sizeof(text) - len, "%s=%s ",
                                    body, body + strlen(body) + 1);
        client_sent(c, sizeof(hdr) + hdr.len);
    }
    return text;
}

#define HEARS(c, wanted)                                                       \
    do {                                                                       \
        const char *got_ = events(c);                                          \
                                                                               \
        if (strcmp(got_, wanted))                                              \
            unit_fail(__FILE__, __LINE__, "hears '%s', wanted '%s'", got_,     \
                      wanted);                                                 \
    } while (0)

static inline void bench_open(struct bench *b)
{
    xstore_init(&b->xs, &fake_hooks);
    client_init(&b->dom0, &b->xs, xstore_domain(&b->xs, 0));
    b->d5 = &xstore_domain(&b->xs, 5)->client;
    b->d6 = &xstore_domain(&b->xs, 6)->client;
    SAYS(&b->dom0, XS_INTRODUCE, "5|1000|1", "OK");
    SAYS(&b->dom0, XS_INTRODUCE, "6|1001|1", "OK");
    for (int i = 5; i < 7; i++) {
        char text[64];

        snprintf(text, sizeof(text), "/local/domain/%d", i);
        SAYS(&b->dom0, XS_MKDIR, text, "OK");
        snprintf(text, sizeof(text), "/local/domain/%d|n%d|", i, i);
        text[strlen(text) - 1] = '\0';
        SAYS(&b->dom0, XS_SET_PERMS, text, "OK");
    }
}

static inline void bench_close(struct bench *b)
{
    const char *bad = xstore_check(&b->xs);

    if (bad)
        unit_fail(__FILE__, __LINE__, "%s", bad);
    client_free(&b->dom0);
    xstore_free(&b->xs);
}

#endif
