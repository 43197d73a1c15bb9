/* SPDX-License-Identifier: GPL-2.0 */
/*
 * calls.c - what can be asked of the store, each as a function.
 */
#include <errno.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "private.h"

#define MAX_TRIES 1000 /* of a transaction in store_transact() */
#define MAX_LISTS 100  /* begun anew since it changed: a guest may go on so */

/* Nodes */

char *store_read(struct store *s, store_tx_t tx, const char *path, size_t *len)
{
    struct piece p[] = {TEXT(path)};

    return store_ask(s, XS_READ, tx, p, 1, len);
}

/* NUL-ended names to a block that begins with pointers to them. */
static char **split(char *data, size_t len, size_t *count)
{
    size_t n = 0, i, at;
    char **list, *copy;

    for (i = 0; i < len; i++)
        n += !data[i];
    list = malloc((n + 1) * sizeof(*list) + len + 1);
    if (!list)
        return NULL;
    copy = (char *)(list + n + 1);
    memcpy(copy, data, len);
    copy[len] = '\0';
    for (i = at = 0; i < n; i++) {
        list[i] = copy + at;
        at += strlen(copy + at) + 1;
    }
    list[n] = NULL;
    *count = n;
    return list;
}

/* Lists over 4 KiB come in parts, which must all be of one generation. */
static char *list_in_parts(struct store *s, store_tx_t tx, const char *path,
                           size_t *len)
{
    struct buf all = BUF_INIT;
    char generation[32] = "", number[32];
    int begun = 1;

    while (begun <= MAX_LISTS) {
        struct piece p[] = {TEXT(path), TEXT(number)};
        size_t n, head;
        char *part;

        snprintf(number, sizeof(number), "%zu", all.len);
        p[1].len = strlen(number) + 1;
        part = store_ask(s, XS_DIRECTORY_PART, tx, p, 2, &n);
        if (!part)
            break;
        head = strlen(part) + 1;
        if (all.len && strcmp(part, generation) != 0) {
            buf_eat(&all, all.len); /* it changed: from the start */
            free(part);
            generation[0] = '\0';
            begun++;
            continue;
        }
        snprintf(generation, sizeof(generation), "%s", part);
        if (head < n)
            buf_add(&all, part + head, n - head);
        /* an empty name marks the end */
        if (head >= n || (n - head >= 1 && !part[n - 1] &&
                          (n - head == 1 || !part[n - 2]))) {
            free(part);
            *len = all.len ? all.len - (head < n) : 0;
            return buf_take(&all);
        }
        free(part);
    }
    if (begun > MAX_LISTS)
        errno = EAGAIN;
    buf_free(&all);
    return NULL;
}

char **store_list(struct store *s, store_tx_t tx, const char *path,
                  size_t *count)
{
    struct piece p[] = {TEXT(path)};
    size_t len;
    char *data = store_ask(s, XS_DIRECTORY, tx, p, 1, &len);
    char **list;

    if (!data && errno == E2BIG)
        data = list_in_parts(s, tx, path, &len);
    if (!data)
        return NULL;
    list = split(data, len, count);
    free(data);
    return list;
}

int store_write(struct store *s, store_tx_t tx, const char *path,
                const void *data, size_t len)
{
    struct piece p[] = {TEXT(path), {data, len}};

    return store_tell(s, XS_WRITE, tx, p, 2);
}

int store_write_text(struct store *s, store_tx_t tx, const char *path,
                     const char *text)
{
    return store_write(s, tx, path, text, strlen(text));
}

int store_printf(struct store *s, store_tx_t tx, const char *path,
                 const char *fmt, ...)
{
    char text[STORE_MAX_DATA];
    va_list ap;
    int n;

    va_start(ap, fmt);
    n = vsnprintf(text, sizeof(text), fmt, ap);
    va_end(ap);
    if (n < 0 || (size_t)n >= sizeof(text))
        return -E2BIG;
    return store_write(s, tx, path, text, (size_t)n);
}

int store_mkdir(struct store *s, store_tx_t tx, const char *path)
{
    struct piece p[] = {TEXT(path)};

    return store_tell(s, XS_MKDIR, tx, p, 1);
}

int store_rm(struct store *s, store_tx_t tx, const char *path)
{
    struct piece p[] = {TEXT(path)};

    return store_tell(s, XS_RM, tx, p, 1);
}

bool store_exists(struct store *s, store_tx_t tx, const char *path)
{
    char *data = store_read(s, tx, path, NULL);

    free(data);
    return data != NULL;
}

int store_read_int(struct store *s, store_tx_t tx, const char *path,
                   long long *out)
{
    char *data = store_read(s, tx, path, NULL), *end;
    long long n;

    if (!data)
        return errno == ENOENT ? 0 : -errno;
    errno = 0;
    n = strtoll(data, &end, 10);
    if (end == data || *end || errno) {
        free(data);
        return 0;
    }
    free(data);
    *out = n;
    return 1;
}

/* Rights */

int store_set_perms(struct store *s, store_tx_t tx, const char *path,
                    const struct store_perm *perms, size_t count)
{
    char text[STORE_MAX_DATA];
    struct piece p[] = {TEXT(path), {text, 0}};
    size_t i, n = 0;

    for (i = 0; i < count; i++) {
        if (n + 16 > sizeof(text))
            return -E2BIG;
        n += (size_t)sprintf(text + n, "%c%u", perms[i].right, perms[i].domid) +
             1;
    }
    p[1].len = n;
    return store_tell(s, XS_SET_PERMS, tx, p, 2);
}

struct store_perm *store_get_perms(struct store *s, store_tx_t tx,
                                   const char *path, size_t *count)
{
    struct piece p[] = {TEXT(path)};
    size_t len, i;
    char *data = store_ask(s, XS_GET_PERMS, tx, p, 1, &len);
    struct store_perm *perms = NULL;
    char **list;

    if (!data)
        return NULL;
    list = split(data, len, count);
    if (list)
        perms = calloc(*count + 1, sizeof(*perms));
    for (i = 0; perms && i < *count; i++) {
        perms[i].right = list[i][0];
        perms[i].domid = list[i][0] ? (uint32_t)atoi(list[i] + 1) : 0;
    }
    free(list);
    free(data);
    return perms;
}

/* Transactions */

int store_begin(struct store *s, store_tx_t *tx)
{
    struct piece p[] = {TEXT("")};
    char *data = store_ask(s, XS_TRANSACTION_START, 0, p, 1, NULL);

    if (!data)
        return -errno;
    *tx = (store_tx_t)strtoul(data, NULL, 10);
    free(data);
    return *tx ? 0 : -EBADMSG;
}

int store_end(struct store *s, store_tx_t tx, bool commit)
{
    struct piece p[] = {TEXT(commit ? "T" : "F")};

    return store_tell(s, XS_TRANSACTION_END, tx, p, 1);
}

int store_transact(struct store *s, store_tx_fn *fn, void *arg)
{
    int tries, rc = -EAGAIN;

    for (tries = 0; tries < MAX_TRIES && rc == -EAGAIN; tries++) {
        store_tx_t tx;

        rc = store_begin(s, &tx);
        if (rc)
            return rc;
        rc = fn(s, tx, arg);
        if (rc) {
            store_end(s, tx, false);
            return rc;
        }
        rc = store_end(s, tx, true);
    }
    return rc;
}

/* Watches */

int store_watch(struct store *s, const char *path, const char *token)
{
    struct piece p[] = {TEXT(path), TEXT(token)};

    return store_tell(s, XS_WATCH, 0, p, 2);
}

int store_unwatch(struct store *s, const char *path, const char *token)
{
    struct piece p[] = {TEXT(path), TEXT(token)};

    return store_tell(s, XS_UNWATCH, 0, p, 2);
}

/* Domains */

static int about_domain(struct store *s, uint32_t type, uint32_t domid,
                        char *answer)
{
    char number[16];
    struct piece p[] = {{number, 0}};
    char *data;

    p[0].len = (size_t)sprintf(number, "%u", domid) + 1;
    data = store_ask(s, type, 0, p, 1, NULL);
    if (!data)
        return -errno;
    *answer = data[0];
    free(data);
    return 0;
}

int store_introduce(struct store *s, uint32_t domid, uint64_t mfn,
                    uint32_t port)
{
    char text[3][24];
    struct piece p[3];
    int i;

    sprintf(text[0], "%u", domid);
    sprintf(text[1], "%llu", (unsigned long long)mfn);
    sprintf(text[2], "%u", port);
    for (i = 0; i < 3; i++)
        p[i] = (struct piece){text[i], strlen(text[i]) + 1};
    return store_tell(s, XS_INTRODUCE, 0, p, 3);
}

int store_release(struct store *s, uint32_t domid)
{
    char c;

    return about_domain(s, XS_RELEASE, domid, &c);
}

int store_resume(struct store *s, uint32_t domid)
{
    char c;

    return about_domain(s, XS_RESUME, domid, &c);
}

int store_is_introduced(struct store *s, uint32_t domid)
{
    char c;
    int rc = about_domain(s, XS_IS_DOMAIN_INTRODUCED, domid, &c);

    return rc ? rc : c == 'T';
}

char *store_control(struct store *s, const char *const *args)
{
    struct piece p[16];
    int n;

    for (n = 0; args[n]; n++) {
        if (n == 16) {
            errno = E2BIG;
            return NULL;
        }
        p[n] = (struct piece)TEXT(args[n]);
    }
    return store_ask(s, XS_CONTROL, 0, p, n, NULL);
}
