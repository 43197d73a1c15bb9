/* SPDX-License-Identifier: GPL-2.0 */
/*
 * wire.c - reads the store's messages without side effects.
 * Keeps true: nothing is believed about a byte before it was judged here, and
 * nothing is read behind the length given.
 */
#include <errno.h>
#include <stdio.h>
#include <string.h>

#include "wire.h"

enum wire_verdict wire_judge(const void *buf, size_t len, struct wire_msg *m)
{
    if (len < sizeof(m->hdr))
        return WIRE_MORE;
    memcpy(&m->hdr, buf, sizeof(m->hdr));
    if (m->hdr.len > XENSTORE_PAYLOAD_MAX)
        return WIRE_TOO_LONG;
    m->body = (const char *)buf + sizeof(m->hdr);
    m->size = sizeof(m->hdr) + m->hdr.len;
    return len < m->size ? WIRE_MORE : WIRE_COMPLETE;
}

size_t wire_count(const char *body, size_t len)
{
    size_t n = 0;

    for (size_t i = 0; i < len; i++)
        n += body[i] == '\0';
    return n;
}

int wire_strings(const char *body, size_t len, const char **out, int max)
{
    int n = 0;

    while (len) {
        const char *end = memchr(body, '\0', len);

        if (!end || n == max)
            return -1;
        out[n++] = body;
        len -= (size_t)(end + 1 - body);
        body = end + 1;
    }
    return n;
}

/* What a path may be made of; the slash has rules of its own. */
static const bool path_char[256] = {
    ['-'] = true,         ['_'] = true,         ['@'] = true,
    ['0' ... '9'] = true, ['A' ... 'Z'] = true, ['a' ... 'z'] = true,
};

bool wire_is_special(const char *path)
{
    return !strcmp(path, "@introduceDomain") || !strcmp(path, "@releaseDomain");
}

bool wire_path_ok(const char *path, size_t len)
{
    if (!len || len > XENSTORE_ABS_PATH_MAX)
        return false;
    if (path[0] != '/')
        return wire_is_special(path);
    for (size_t i = 1; i < len; i++)
        if (!path_char[(unsigned char)path[i]] &&
            (path[i] != '/' || path[i - 1] == '/'))
            return false;
    return len == 1 || path[len - 1] != '/';
}

bool wire_parse_u64(const char *s, uint64_t max, uint64_t *out)
{
    uint64_t v = 0;

    if (!*s)
        return false;
    for (; *s; s++) {
        unsigned int digit = (unsigned int)(*s - '0');

        if (digit > 9 || v > (UINT64_MAX - digit) / 10)
            return false;
        v = v * 10 + digit;
    }
    *out = v;
    return v <= max;
}

bool wire_parse_domid(const char *s, unsigned int *domid)
{
    uint64_t v;

    if (!wire_parse_u64(s, DOMID_MAX, &v))
        return false;
    *domid = (unsigned int)v;
    return true;
}

bool wire_parse_right(const char *s, struct right *r)
{
    unsigned int domid;

    switch (*s) {
    case 'n':
        r->bits = 0;
        break;
    case 'r':
        r->bits = RIGHT_READ;
        break;
    case 'w':
        r->bits = RIGHT_WRITE;
        break;
    case 'b':
        r->bits = RIGHT_READ | RIGHT_WRITE;
        break;
    default:
        return false;
    }
    if (!wire_parse_domid(s + 1, &domid) || domid >= DOMID_MAX)
        return false;
    r->domid = (uint16_t)domid;
    return true;
}

size_t wire_format_right(char *out, struct right r)
{
    static const char letter[] = {'n', 'r', 'w', 'b'};

    return (size_t)snprintf(out, 8, "%c%u", letter[r.bits & 3],
                            (unsigned int)r.domid) + 1;
}

const char *wire_error_name(int err)
{
    static const struct {
        int err;
        const char *name;
    } names[] = {
        {EINVAL, "EINVAL"}, {EACCES, "EACCES"}, {EEXIST, "EEXIST"},
        {EISDIR, "EISDIR"}, {ENOENT, "ENOENT"}, {ENOMEM, "ENOMEM"},
        {ENOSPC, "ENOSPC"}, {EIO, "EIO"},       {ENOTEMPTY, "ENOTEMPTY"},
        {ENOSYS, "ENOSYS"}, {EROFS, "EROFS"},   {EBUSY, "EBUSY"},
        {EAGAIN, "EAGAIN"}, {EISCONN, "EISCONN"}, {E2BIG, "E2BIG"},
        {EPERM, "EPERM"},
    };

    for (size_t i = 0; i < sizeof(names) / sizeof(names[0]); i++)
        if (names[i].err == err)
            return names[i].name;
    return "EINVAL";
}

const char *wire_type_name(uint32_t type)
{
    static const char *const names[] = {
        [XS_CONTROL] = "control",
        [XS_DIRECTORY] = "directory",
        [XS_READ] = "read",
        [XS_GET_PERMS] = "get_perms",
        [XS_WATCH] = "watch",
        [XS_UNWATCH] = "unwatch",
        [XS_TRANSACTION_START] = "transaction_start",
        [XS_TRANSACTION_END] = "transaction_end",
        [XS_INTRODUCE] = "introduce",
        [XS_RELEASE] = "release",
        [XS_GET_DOMAIN_PATH] = "get_domain_path",
        [XS_WRITE] = "write",
        [XS_MKDIR] = "mkdir",
        [XS_RM] = "rm",
        [XS_SET_PERMS] = "set_perms",
        [XS_WATCH_EVENT] = "watch_event",
        [XS_ERROR] = "error",
        [XS_IS_DOMAIN_INTRODUCED] = "is_domain_introduced",
        [XS_RESUME] = "resume",
        [XS_SET_TARGET] = "set_target",
        [XS_RESET_WATCHES] = "reset_watches",
        [XS_DIRECTORY_PART] = "directory_part",
    };

    if (type >= sizeof(names) / sizeof(names[0]) || !names[type])
        return "unknown";
    return names[type];
}
