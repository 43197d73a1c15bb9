/* SPDX-License-Identifier: GPL-2.0 */
/*
 * path.c - where things stand in the store.
 */
#include "store/path.h"

#include <ctype.h>
#include <errno.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/random.h>

/* Append the formatted rest after a '/'; too long: empty. */
static const char *add_rest(store_path_t *out, const char *fmt, va_list ap)
{
    size_t n = strlen(out->text);
    int rest;

    if (!fmt || !fmt[0])
        return out->text;
    if (n + 1 < sizeof(out->text))
        out->text[n++] = '/';
    rest = vsnprintf(out->text + n, sizeof(out->text) - n, fmt, ap);
    if (rest < 0 || n + (size_t)rest >= sizeof(out->text))
        out->text[0] = '\0';
    return out->text;
}

const char *path_domain(store_path_t *out, uint32_t domid, const char *fmt, ...)
{
    va_list ap;

    snprintf(out->text, sizeof(out->text), "/local/domain/%u", domid);
    va_start(ap, fmt);
    add_rest(out, fmt, ap);
    va_end(ap);
    return out->text;
}

const char *path_vm(store_path_t *out, const uint8_t uuid[16], const char *fmt,
                    ...)
{
    char text[37];
    va_list ap;

    uuid_print(text, uuid);
    snprintf(out->text, sizeof(out->text), "/vm/%s", text);
    va_start(ap, fmt);
    add_rest(out, fmt, ap);
    va_end(ap);
    return out->text;
}

const char *path_frontend(store_path_t *out, uint32_t domid, const char *kind,
                          uint32_t devid, const char *fmt, ...)
{
    va_list ap;

    snprintf(out->text, sizeof(out->text), "/local/domain/%u/device/%s/%u",
             domid, kind, devid);
    va_start(ap, fmt);
    add_rest(out, fmt, ap);
    va_end(ap);
    return out->text;
}

const char *path_backend(store_path_t *out, uint32_t back_domid,
                         const char *kind, uint32_t domid, uint32_t devid,
                         const char *fmt, ...)
{
    va_list ap;

    snprintf(out->text, sizeof(out->text), "/local/domain/%u/backend/%s/%u/%u",
             back_domid, kind, domid, devid);
    va_start(ap, fmt);
    add_rest(out, fmt, ap);
    va_end(ap);
    return out->text;
}

const char *path_make(store_path_t *out, const char *fmt, ...)
{
    va_list ap;
    int n;

    va_start(ap, fmt);
    n = vsnprintf(out->text, sizeof(out->text), fmt, ap);
    va_end(ap);
    if (n < 0 || (size_t)n >= sizeof(out->text))
        out->text[0] = '\0';
    return out->text;
}

void uuid_print(char out[37], const uint8_t u[16])
{
    snprintf(out, 37,
             "%02x%02x%02x%02x-%02x%02x-%02x%02x-%02x%02x-"
             "%02x%02x%02x%02x%02x%02x",
             u[0], u[1], u[2], u[3], u[4], u[5], u[6], u[7], u[8], u[9], u[10],
             u[11], u[12], u[13], u[14], u[15]);
}

static int hex(char c)
{
    if (c >= '0' && c <= '9')
        return c - '0';
    c = (char)tolower((unsigned char)c);
    return c >= 'a' && c <= 'f' ? c - 'a' + 10 : -1;
}

bool uuid_parse(const char *text, uint8_t uuid[16])
{
    int i;

    for (i = 0; i < 16; i++) {
        if (*text == '-' && i)
            text++;
        if (hex(text[0]) < 0 || hex(text[1]) < 0)
            return false;
        uuid[i] = (uint8_t)(hex(text[0]) << 4 | hex(text[1]));
        text += 2;
    }
    return !*text;
}

int uuid_make(uint8_t uuid[16])
{
    if (getrandom(uuid, 16, 0) != 16)
        return -errno;
    uuid[6] = (uuid[6] & 0x0f) | 0x40;
    uuid[8] = (uuid[8] & 0x3f) | 0x80;
    return 0;
}

int path_domid(const char *path)
{
    static const char base[] = "/local/domain/";
    unsigned long n;
    char *end;

    if (strncmp(path, base, sizeof(base) - 1) != 0 ||
        !isdigit((unsigned char)path[sizeof(base) - 1]))
        return -1;
    n = strtoul(path + sizeof(base) - 1, &end, 10);
    return (*end == '/' || !*end) && n < 0x7ff0 ? (int)n : -1;
}
