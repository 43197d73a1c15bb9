/* SPDX-License-Identifier: GPL-2.0 */
/*
 * base/buf.h - bytes that grow at the end and are eaten from the front.
 * data[len] is always NUL once anything was added, so text can be printed.
 * A failed allocation is remembered in `failed`: callers may add many pieces
 * and look once.
 */
#ifndef BASE_BUF_H
#define BASE_BUF_H

#include <stdbool.h>
#include <stddef.h>

struct buf {
    char *data;  /* first unread byte */
    size_t len;  /* bytes from there */
    char *mem;   /* what was allocated */
    size_t cap;  /* its size */
    bool failed; /* an allocation failed; content is incomplete */
};

#define BUF_INIT                                                               \
    {                                                                          \
        0                                                                      \
    }

void buf_free(struct buf *b); /* empty and usable again */

/* Room for n more bytes at the end, or NULL; buf_grown(b, used) afterwards. */
char *buf_room(struct buf *b, size_t n);
void buf_grown(struct buf *b, size_t n);

void buf_add(struct buf *b, const void *data, size_t n);
void buf_puts(struct buf *b, const char *text);
void buf_putc(struct buf *b, char c);
void buf_putd(struct buf *b, long long number); /* in decimal */
void buf_printf(struct buf *b, const char *fmt, ...)
    __attribute__((format(printf, 2, 3)));

void buf_eat(struct buf *b, size_t n); /* drop n bytes from the front */

/* Hand the content over as a malloc'ed C string (NULL if failed); b empty. */
char *buf_take(struct buf *b);

/* The whole file, at most `limit` bytes (-EFBIG beyond). 0 or -errno. */
int buf_read_file(struct buf *b, const char *path, size_t limit);

#endif
