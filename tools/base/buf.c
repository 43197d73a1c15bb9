/* SPDX-License-Identifier: GPL-2.0 */
/*
 * buf.c - bytes that grow at the end and are eaten from the front.
 * Keeps true: mem <= data, data + len < mem + cap, data[len] is NUL.
 */
#include "base/buf.h"

#include <errno.h>
#include <fcntl.h>
#include <stdarg.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

void buf_free(struct buf *b)
{
    free(b->mem);
    *b = (struct buf)BUF_INIT;
}

/* The unread part back to the start, when that wins at least half. */
static void buf_shift(struct buf *b)
{
    memmove(b->mem, b->data, b->len + 1);
    b->data = b->mem;
}

char *buf_room(struct buf *b, size_t n)
{
    size_t used = b->mem ? (size_t)(b->data - b->mem) : 0;
    size_t want;
    char *mem;

    if (b->failed || n > SIZE_MAX / 4 || b->len > SIZE_MAX / 4)
        goto failed;
    if (b->mem && used + b->len + n < b->cap)
        return b->data + b->len;
    if (used > b->cap / 2 && b->len + n < b->cap) {
        buf_shift(b);
        return b->data + b->len;
    }

    want = (b->len + n + 1) * 3 / 2 + 64;
    mem = malloc(want);
    if (!mem)
        goto failed;
    if (b->len)
        memcpy(mem, b->data, b->len);
    mem[b->len] = '\0';
    free(b->mem);
    b->mem = b->data = mem;
    b->cap = want;
    return b->data + b->len;

failed:
    b->failed = true;
    return NULL;
}

void buf_grown(struct buf *b, size_t n)
{
    b->len += n;
    b->data[b->len] = '\0';
}

void buf_add(struct buf *b, const void *data, size_t n)
{
    char *to = buf_room(b, n);

    if (!to)
        return;
    if (n)
        memcpy(to, data, n);
    buf_grown(b, n);
}

void buf_puts(struct buf *b, const char *text)
{
    buf_add(b, text, strlen(text));
}

void buf_putc(struct buf *b, char c)
{
    buf_add(b, &c, 1);
}

void buf_putd(struct buf *b, long long number)
{
    unsigned long long rest = number < 0 ? 0 - (unsigned long long)number
                                         : (unsigned long long)number;
    char text[24], *p = text + sizeof(text);

    do
        *--p = (char)('0' + rest % 10);
    while (rest /= 10);
    if (number < 0)
        *--p = '-';
    buf_add(b, p, (size_t)(text + sizeof(text) - p));
}

void buf_printf(struct buf *b, const char *fmt, ...)
{
    va_list ap, again;
    char *to;
    int n;

    va_start(ap, fmt);
    va_copy(again, ap);
    n = vsnprintf(NULL, 0, fmt, ap);
    va_end(ap);
    to = n < 0 ? NULL : buf_room(b, (size_t)n + 1);
    if (to) {
        vsnprintf(to, (size_t)n + 1, fmt, again);
        buf_grown(b, (size_t)n);
    }
    va_end(again);
}

void buf_eat(struct buf *b, size_t n)
{
    if (n >= b->len) {
        b->data = b->mem;
        b->len = 0;
        if (b->data)
            b->data[0] = '\0';
        return;
    }
    b->data += n;
    b->len -= n;
}

char *buf_take(struct buf *b)
{
    char *mem;

    if (!buf_room(b, 0)) {
        buf_free(b);
        return NULL;
    }
    buf_shift(b);
    mem = b->mem;
    mem[b->len] = '\0';
    *b = (struct buf)BUF_INIT;
    return mem;
}

int buf_read_file(struct buf *b, const char *path, size_t limit)
{
    int fd = open(path, O_RDONLY | O_CLOEXEC);
    size_t total = 0;
    int rc = 0;

    if (fd < 0)
        return -errno;
    for (;;) {
        char *to = buf_room(b, 65536);
        ssize_t n;

        if (!to) {
            rc = -ENOMEM;
            break;
        }
        n = read(fd, to, 65536);
        if (n < 0 && errno == EINTR)
            continue;
        if (n <= 0) {
            rc = n < 0 ? -errno : 0;
            break;
        }
        buf_grown(b, (size_t)n);
        total += (size_t)n;
        if (total > limit) {
            rc = -EFBIG;
            break;
        }
    }
    close(fd);
    return rc;
}
