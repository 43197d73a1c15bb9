/* SPDX-License-Identifier: GPL-2.0 */
/*
 * rpc_client.c - one call after another over a Unix socket, waiting for each.
 */
#include "base/rpc.h"

#include <errno.h>
#include <poll.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

#include "base/loop.h"

struct rpc_client {
    int fd;
    struct buf in;
};

struct rpc_client *rpc_connect(const char *path)
{
    struct sockaddr_un addr = {.sun_family = AF_UNIX};
    struct rpc_client *c;
    int saved;

    if (strlen(path) >= sizeof(addr.sun_path)) {
        errno = ENAMETOOLONG;
        return NULL;
    }
    memcpy(addr.sun_path, path, strlen(path) + 1);
    c = calloc(1, sizeof(*c));
    if (!c)
        return NULL;
    c->fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);
    if (c->fd >= 0 &&
        connect(c->fd, (const struct sockaddr *)&addr, sizeof(addr)) == 0)
        return c;
    saved = errno;
    rpc_disconnect(c);
    errno = saved;
    return NULL;
}

void rpc_disconnect(struct rpc_client *c)
{
    if (!c)
        return;
    if (c->fd >= 0)
        close(c->fd);
    buf_free(&c->in);
    free(c);
}

static int send_all(int fd, const struct buf *b)
{
    size_t done = 0;

    while (done < b->len) {
        ssize_t n = send(fd, b->data + done, b->len - done, MSG_NOSIGNAL);

        if (n < 0 && errno != EINTR)
            return -errno;
        if (n > 0)
            done += (size_t)n;
    }
    return 0;
}

/* Wait until `deadline_ns` (0: for ever) and read something. */
static int read_some(struct rpc_client *c, uint64_t deadline_ns)
{
    struct pollfd p = {.fd = c->fd, .events = POLLIN};
    uint64_t now = deadline_ns ? loop_now_ns() : 0;
    int ms = -1, rc;
    char *to;
    ssize_t n;

    if (deadline_ns)
        ms = now >= deadline_ns ? 0 : (int)((deadline_ns - now) / 1000000) + 1;
    rc = poll(&p, 1, ms);
    if (rc < 0)
        return errno == EINTR ? 0 : -errno;
    if (rc == 0)
        return -ETIMEDOUT;
    to = buf_room(&c->in, 65536);
    if (!to)
        return -ENOMEM;
    n = recv(c->fd, to, 65536, 0);
    if (n < 0)
        return errno == EINTR ? 0 : -errno;
    if (n == 0)
        return -EPIPE;
    buf_grown(&c->in, (size_t)n);
    return c->in.len > RPC_MAX_BODY + 8192 ? -EMSGSIZE : 0;
}

/* The body's length from the head, which ends with a NUL. */
static int parse_head(const char *head, size_t *body_len)
{
    const char *p = strcasestr(head, "\r\nContent-Length:");
    unsigned long n;
    char *end;

    if (strncmp(head, "HTTP/1.", 7) != 0 || !head[7] || !head[8])
        return -EBADMSG;
    n = strtoul(head + 9, NULL, 10);
    if (n != 200)
        return n == 413 ? -EMSGSIZE : -EPROTO;
    if (!p)
        return -EBADMSG;
    errno = 0;
    n = strtoul(p + 17, &end, 10);
    if (errno || end == p + 17 || n > RPC_MAX_BODY)
        return -EBADMSG;
    *body_len = n;
    return 0;
}

/* One whole answer at the start of c->in; its two lengths. */
static int read_answer(struct rpc_client *c, uint64_t deadline_ns,
                       size_t *head_len, size_t *body_len)
{
    char *end = NULL;
    int rc;

    while (!c->in.len ||
           !(end = memmem(c->in.data, c->in.len, "\r\n\r\n", 4))) {
        rc = read_some(c, deadline_ns);
        if (rc)
            return rc;
    }
    *end = '\0';
    *head_len = (size_t)(end - c->in.data) + 4;
    rc = parse_head(c->in.data, body_len);
    while (!rc && c->in.len < *head_len + *body_len)
        rc = read_some(c, deadline_ns);
    return rc;
}

int rpc_call(struct rpc_client *c, const char *method,
             const struct rpc_value *params, unsigned timeout_ms,
             struct rpc_value **result, int *code, char **text)
{
    struct buf body = BUF_INIT, out = BUF_INIT;
    uint64_t deadline = 0;
    size_t head_len, body_len;
    int rc;

    if (timeout_ms)
        deadline = loop_now_ns() + timeout_ms * 1000000ull;
    rpc_encode_call(&body, method, params);
    buf_printf(&out,
               "POST /RPC2 HTTP/1.1\r\nHost: localhost\r\n"
               "Content-Type: text/xml\r\nContent-Length: %zu\r\n\r\n",
               body.len);
    buf_add(&out, body.data, body.len);
    rc = body.failed || out.failed ? -ENOMEM : send_all(c->fd, &out);
    buf_free(&body);
    buf_free(&out);
    if (!rc)
        rc = read_answer(c, deadline, &head_len, &body_len);
    if (!rc) {
        rc = rpc_decode_answer(c->in.data + head_len, body_len, result, code,
                               text);
        buf_eat(&c->in, head_len + body_len);
    }
    return rc;
}
