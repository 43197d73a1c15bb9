/* SPDX-License-Identifier: GPL-2.0 */
/*
 * bytes.h - bytes that grow at the end and are used up from the front.
 * Running out of memory ends the daemon: quotas keep guests far from it, and
 * what the store knew is kept for the next start.
 */
#ifndef XENSTORED_BYTES_H
#define XENSTORED_BYTES_H

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

struct bytes {
    char *p;
    size_t head, len, cap; /* used: p[head] to p[head + len] */
};

static inline void *need_memory(void *p)
{
    if (!p) {
        fputs("xenstored: out of memory\n", stderr);
        abort();
    }
    return p;
}

static inline char *bytes_start(const struct bytes *b)
{
    return b->p + b->head;
}

/* Room for n more; the caller fills it and adds to len. */
static inline char *bytes_room(struct bytes *b, size_t n)
{
    if (b->head && b->head + b->len + n > b->cap) {
        memmove(b->p, b->p + b->head, b->len);
        b->head = 0;
    }
    if (b->len + n > b->cap) {
        b->cap = (b->len + n) * 2;
        b->p = need_memory(realloc(b->p, b->cap));
    }
    return b->p + b->head + b->len;
}

static inline void bytes_add(struct bytes *b, const void *data, size_t n)
{
    if (!n)
        return;
    memcpy(bytes_room(b, n), data, n);
    b->len += n;
}

static inline void bytes_use(struct bytes *b, size_t n)
{
    b->head += n;
    b->len -= n;
    if (!b->len)
        b->head = 0;
}

static inline void bytes_free(struct bytes *b)
{
    free(b->p);
    *b = (struct bytes){0};
}

/* Give back what a burst took. */
static inline void bytes_trim(struct bytes *b)
{
    if (!b->len && b->cap > 64 * 1024)
        bytes_free(b);
}

#endif
