/* SPDX-License-Identifier: GPL-2.0 */
/*
 * client.c - reach xend and say plainly when that does not work.
 */
#include <errno.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

#include "client.h"
#include "xm.h"

static int no_xend(int err)
{
    if (geteuid() != 0)
        return xm_error("Most commands need root access. "
                        "Please try again as root.");
    return xm_error("Unable to connect to xend: %s. Is xend running? "
                    "Start it with: /etc/init.d/xend start",
                    strerror(err));
}

/* The socket, or -errno. XM_SERVER may name another one. */
static int connect_xend(void)
{
    struct sockaddr_un addr = {.sun_family = AF_UNIX};
    const char *path = getenv("XM_SERVER");
    int fd;

    if (!path || !*path)
        path = XEND_SOCKET;
    if (strncmp(path, "httpu://", 8) == 0)
        path += 8;
    if (strlen(path) >= sizeof(addr.sun_path))
        return -ENAMETOOLONG;
    strcpy(addr.sun_path, path);
    fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);
    if (fd < 0)
        return -errno;
    if (connect(fd, (struct sockaddr *)&addr, sizeof(addr)) < 0) {
        int err = -errno;

        close(fd);
        return err;
    }
    return fd;
}

static int send_all(int fd, const char *data, size_t len)
{
    while (len > 0) {
        ssize_t n = send(fd, data, len, MSG_NOSIGNAL);

        if (n < 0 && errno == EINTR)
            continue;
        if (n < 0)
            return -errno;
        data += n;
        len -= (size_t)n;
    }
    return 0;
}

/* Where the body begins and how long it is; false: not all there yet. */
static bool have_body(const struct buf *in, const char **body)
{
    const char *end = in->data ? strstr(in->data, "\r\n\r\n") : NULL;
    const char *field = end ? strcasestr(in->data, "content-length:") : NULL;

    if (!end || !field || field > end)
        return false;
    *body = end + 4;
    return in->len - (size_t)(*body - in->data) >=
           strtoul(field + strlen("content-length:"), NULL, 10);
}

/* Read the whole answer. The body, inside `in`, or NULL with errno. */
static const char *receive(int fd, struct buf *in)
{
    const char *body;

    while (!have_body(in, &body)) {
        char *room = buf_room(in, 16384);
        ssize_t n = room ? read(fd, room, 16384) : -1;

        if (n < 0 && errno == EINTR)
            continue;
        if (n <= 0) {
            if (n == 0)
                errno = ECONNRESET;
            return NULL;
        }
        buf_grown(in, (size_t)n);
    }
    return body;
}

static int exchange(int fd, const struct buf *call, struct buf *in,
                    const char **body)
{
    struct buf head = BUF_INIT;
    int rc;

    buf_printf(&head,
               "POST /RPC2 HTTP/1.1\r\nHost: localhost\r\n"
               "User-Agent: xm\r\nContent-Type: text/xml\r\n"
               "Content-Length: %zu\r\n\r\n",
               call->len);
    buf_add(&head, call->data, call->len);
    rc = head.failed ? -ENOMEM : send_all(fd, head.data, head.len);
    buf_free(&head);
    if (rc)
        return rc;
    *body = receive(fd, in);
    return *body ? 0 : -errno;
}

static int show_fault(int code, const char *text)
{
    if (code == XM_NO_DOMAIN) {
        xm_error("Domain '%s' does not exist.", text);
        return XM_NO_DOMAIN;
    }
    return xm_error("%s", text);
}

int xend_call(const char *method, struct sxp *args, struct sxp **result)
{
    struct buf call = BUF_INIT, in = BUF_INIT;
    struct sxp *value = NULL;
    const char *body;
    char *fault = NULL;
    int code = 0;
    int rc;
    int fd = connect_xend();

    if (fd < 0) {
        sxp_free(args);
        return no_xend(-fd);
    }
    call_encode(&call, method, args);
    sxp_free(args);
    rc = call.failed ? -ENOMEM : exchange(fd, &call, &in, &body);
    close(fd);
    buf_free(&call);
    if (rc) {
        buf_free(&in);
        return xm_error("xend did not answer: %s. See "
                        "/var/log/xen/xend.log",
                        strerror(-rc));
    }
    switch (answer_parse(body, &value, &code, &fault)) {
    case ANSWER_OK:
        rc = XM_OK;
        break;
    case ANSWER_FAULT:
        rc = show_fault(code, fault);
        break;
    default:
        rc = xm_error("xend's answer makes no sense");
    }
    free(fault);
    buf_free(&in);
    if (result && rc == XM_OK)
        *result = value;
    else
        sxp_free(value);
    return rc;
}

int xend_table(const char *state, const char *const *columns,
               struct sxp **result)
{
    struct sxp *args = sxp_list(state);

    for (size_t i = 0; columns[i]; i++)
        sxp_add(args, sxp_atom(columns[i]));
    return xend_call("xend.domains_columns", args, result);
}

int xend_callv(struct sxp **result, const char *method, ...)
{
    struct sxp *args = sxp_list(NULL);
    const char *arg;
    va_list ap;

    va_start(ap, method);
    while ((arg = va_arg(ap, const char *)))
        sxp_add(args, sxp_atom(arg));
    va_end(ap);
    return xend_call(method, args, result);
}
