/* SPDX-License-Identifier: GPL-2.0 */
/*
 * rpc_server.c - HTTP around XML-RPC, for many clients in one loop.
 * Keeps true: a connection has at most one request under way; a request
 * outlives its connection (its answer is then dropped); memory a client can
 * make us hold is bounded (head, body, number of connections, time). Clients
 * that are slow or silent keep no others out: when there are too many, the
 * eldest that asks for nothing has to go.
 */
#include "base/rpc.h"

#include <ctype.h>
#include <errno.h>
#include <fcntl.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <unistd.h>

#include "base/log.h"
#include "base/loop.h"

#define MAX_HEAD        8192
#define MAX_CONNECTIONS 128
#define IDLE_MS         60000 /* between the first byte and the last */

struct connection {
    struct rpc_server *server;
    int fd, uid;
    struct loop_fd *source;
    struct loop_timer idle;
    struct buf in, out;
    size_t head_len, body_len; /* of the request being read; 0: no head yet */
    bool keep;                 /* the client wants to go on afterwards */
    bool closing;              /* after `out` is written */
    struct rpc_request *request;
    struct connection *next;
};

struct rpc_request {
    struct connection *conn; /* NULL: gone */
    struct rpc_server *server;
    struct rpc_request *next; /* in the server's list */
};

struct rpc_server {
    struct loop *loop;
    int fd;
    char *path; /* NULL: the socket is not ours to remove */
    struct loop_fd *source;
    rpc_call_fn *fn;
    void *arg;
    struct connection *connections;
    unsigned nr_connections;
    struct rpc_request *requests;
};

static void connection_free(struct connection *c)
{
    struct connection **at = &c->server->connections;

    while (*at != c)
        at = &(*at)->next;
    *at = c->next;
    if (c->server->nr_connections-- == MAX_CONNECTIONS && c->server->source)
        loop_fd_events(c->server->source, EPOLLIN);
    if (c->request)
        c->request->conn = NULL;
    loop_timer_cancel(&c->idle);
    loop_fd_remove(c->source);
    close(c->fd);
    buf_free(&c->in);
    buf_free(&c->out);
    free(c);
}

static void on_idle(void *arg)
{
    connection_free(arg);
}

static void connection_wait(struct connection *c)
{
    uint32_t events = c->out.len ? EPOLLOUT : c->request ? 0 : EPOLLIN;

    loop_fd_events(c->source, events);
}

/* Write what can be written; false: the connection is gone. */
static bool connection_flush(struct connection *c)
{
    while (c->out.len) {
        ssize_t n = send(c->fd, c->out.data, c->out.len, MSG_NOSIGNAL);

        if (n < 0 && errno == EINTR)
            continue;
        if (n < 0 && errno == EAGAIN)
            break;
        if (n < 0) {
            connection_free(c);
            return false;
        }
        buf_eat(&c->out, (size_t)n);
    }
    if (!c->out.len && c->closing) {
        connection_free(c);
        return false;
    }
    connection_wait(c);
    return true;
}

static void put_reply(struct connection *c, const char *status,
                      const char *type, const char *body, size_t len)
{
    buf_printf(&c->out,
               "HTTP/1.1 %s\r\nServer: xend\r\nContent-Type: %s\r\n"
               "Content-Length: %zu\r\nConnection: %s\r\n\r\n",
               status, type, len, c->closing ? "close" : "keep-alive");
    buf_add(&c->out, body, len);
    if (c->out.failed) {
        buf_free(&c->out);
        c->closing = true;
    }
}

static bool refuse(struct connection *c, const char *status)
{
    c->closing = true;
    put_reply(c, status, "text/plain", status, strlen(status));
    return connection_flush(c);
}

/* The value of a header line, or NULL. */
static const char *header(const char *head, const char *name)
{
    size_t n = strlen(name);
    const char *line = strstr(head, "\r\n");

    for (; line && line[2]; line = strstr(line + 2, "\r\n"))
        if (!strncasecmp(line + 2, name, n) && line[2 + n] == ':')
            return line + 3 + n + strspn(line + 3 + n, " \t");
    return NULL;
}

/* Look at the head; 0, or the status line to refuse with. */
static const char *judge_head(struct connection *c, const char *head)
{
    const char *length = header(head, "Content-Length");
    const char *conn = header(head, "Connection");
    unsigned long n;
    char *end;

    if (strncmp(head, "POST ", 5) != 0)
        return "405 Method Not Allowed";
    if (header(head, "Transfer-Encoding") || !length)
        return "411 Length Required";
    if (!isdigit((unsigned char)*length))
        return "400 Bad Request";
    errno = 0;
    n = strtoul(length, &end, 10);
    if (errno || (*end != '\r' && *end != ' '))
        return "400 Bad Request";
    if (n > RPC_MAX_BODY)
        return "413 Payload Too Large";
    c->body_len = n;
    c->keep = strstr(head, "HTTP/1.1\r\n") != NULL;
    if (conn && !strncasecmp(conn, "close", 5))
        c->keep = false;
    if (conn && !strncasecmp(conn, "keep-alive", 10))
        c->keep = true;
    if (header(head, "Expect"))
        buf_puts(&c->out, "HTTP/1.1 100 Continue\r\n\r\n");
    return NULL;
}

/* The whole request is here: decode it and hand it on. */
static bool dispatch(struct connection *c)
{
    struct rpc_server *s = c->server;
    struct rpc_request *req;
    struct rpc_value *params;
    char *method;
    int rc;

    rc = rpc_decode_call(c->in.data + c->head_len, c->body_len, &method,
                         &params);
    buf_eat(&c->in, c->head_len + c->body_len);
    c->head_len = 0;
    loop_timer_cancel(&c->idle);
    if (rc)
        return refuse(c, rc == -ENOMEM ? "503 Service Unavailable"
                                       : "400 Bad Request");

    req = calloc(1, sizeof(*req));
    if (!req) {
        free(method);
        rpc_free(params);
        return refuse(c, "503 Service Unavailable");
    }
    req->conn = c;
    req->server = s;
    req->next = s->requests;
    s->requests = req;
    c->request = req;
    c->closing = !c->keep;
    connection_wait(c);
    s->fn(s->arg, req, method, params);
    free(method);
    rpc_free(params);
    return false; /* the answer may have ended the connection already */
}

/* Work on what was read; false: don't touch c any more. */
static bool process(struct connection *c)
{
    const char *status;
    char *end;

    if (c->request || c->closing || !c->in.len)
        return true;
    if (!loop_timer_is_set(&c->idle))
        loop_timer_set(&c->idle, IDLE_MS);
    if (!c->head_len) {
        end = memmem(c->in.data, c->in.len, "\r\n\r\n", 4);
        if (!end && c->in.len > MAX_HEAD)
            return refuse(c, "431 Request Header Fields Too Large");
        if (!end)
            return true;
        if (memchr(c->in.data, 0, (size_t)(end - c->in.data)))
            return refuse(c, "400 Bad Request");
        c->head_len = (size_t)(end - c->in.data) + 4;
        end[2] = '\0'; /* the head is a string now, ending with one CRLF */
        status = judge_head(c, c->in.data);
        if (status)
            return refuse(c, status);
        if (c->out.len && !connection_flush(c))
            return false;
    }
    if (c->in.len < c->head_len + c->body_len)
        return true;
    return dispatch(c);
}

static void on_connection(void *arg, int fd, uint32_t events)
{
    struct connection *c = arg;
    char *to;
    ssize_t n;

    if (events & EPOLLOUT) {
        if (!connection_flush(c) || c->out.len)
            return;
        process(c); /* what came in the meantime */
        return;
    }
    if (c->request) { /* only HUP or an error can bring us here */
        connection_free(c);
        return;
    }
    to = buf_room(&c->in, 16384);
    if (!to) {
        connection_free(c);
        return;
    }
    n = recv(fd, to, 16384, 0);
    if (n < 0 && (errno == EAGAIN || errno == EINTR))
        return;
    if (n <= 0) {
        connection_free(c);
        return;
    }
    buf_grown(&c->in, (size_t)n);
    process(c);
}

static bool drop_idle(struct rpc_server *s)
{
    struct connection *eldest = NULL;

    for (struct connection *c = s->connections->next; c; c = c->next)
        if (!c->request)
            eldest = c;
    if (eldest)
        connection_free(eldest);
    return eldest;
}

static void on_listen(void *arg, int fd, uint32_t events)
{
    struct rpc_server *s = arg;
    struct connection *c;
    struct ucred cred;
    socklen_t len = sizeof(cred);
    int peer = accept4(fd, NULL, NULL, SOCK_NONBLOCK | SOCK_CLOEXEC);

    (void)events;
    if (peer < 0)
        return;
    c = calloc(1, sizeof(*c));
    if (!c) {
        close(peer);
        return;
    }
    c->server = s;
    c->fd = peer;
    c->uid = -1;
    if (getsockopt(peer, SOL_SOCKET, SO_PEERCRED, &cred, &len) == 0)
        c->uid = (int)cred.uid;
    loop_timer_init(&c->idle, s->loop, on_idle, c);
    c->source = loop_fd_add(s->loop, peer, EPOLLIN, on_connection, c);
    if (!c->source) {
        close(peer);
        free(c);
        return;
    }
    c->next = s->connections;
    s->connections = c;
    if (++s->nr_connections == MAX_CONNECTIONS && !drop_idle(s))
        loop_fd_events(s->source, 0); /* the next ones wait */
}

struct rpc_server *rpc_listen_fd(struct loop *l, int fd, rpc_call_fn *fn,
                                 void *arg)
{
    struct rpc_server *s = calloc(1, sizeof(*s));

    if (!s)
        return NULL;
    fcntl(fd, F_SETFL, fcntl(fd, F_GETFL) | O_NONBLOCK);
    s->loop = l;
    s->fd = fd;
    s->fn = fn;
    s->arg = arg;
    s->source = loop_fd_add(l, fd, EPOLLIN, on_listen, s);
    if (s->source)
        return s;
    free(s);
    return NULL;
}

/* A socket that nobody listens on is left over from a killed daemon. */
static bool is_stale(const struct sockaddr_un *addr)
{
    int fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);
    int rc = connect(fd, (const struct sockaddr *)addr, sizeof(*addr));
    bool stale = rc < 0 && errno == ECONNREFUSED;

    close(fd);
    return stale;
}

static int open_socket(const char *path)
{
    struct sockaddr_un addr = {.sun_family = AF_UNIX};
    mode_t old;
    int fd, rc;

    if (strlen(path) >= sizeof(addr.sun_path)) {
        errno = ENAMETOOLONG;
        return -1;
    }
    memcpy(addr.sun_path, path, strlen(path) + 1);
    if (is_stale(&addr))
        unlink(path);
    fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);
    if (fd < 0)
        return -1;
    old = umask(0177);
    rc = bind(fd, (const struct sockaddr *)&addr, sizeof(addr));
    umask(old);
    if (rc == 0 && listen(fd, 64) == 0)
        return fd;
    rc = errno;
    close(fd);
    errno = rc;
    return -1;
}

struct rpc_server *rpc_listen(struct loop *l, const char *path, rpc_call_fn *fn,
                              void *arg)
{
    int fd = open_socket(path);
    struct rpc_server *s;

    if (fd < 0)
        return NULL;
    s = rpc_listen_fd(l, fd, fn, arg);
    if (!s) {
        close(fd);
        return NULL;
    }
    s->path = strdup(path);
    return s;
}

void rpc_server_free(struct rpc_server *s)
{
    struct rpc_request *req;

    if (!s)
        return;
    loop_fd_remove(s->source);
    s->source = NULL;
    while (s->connections)
        connection_free(s->connections);
    for (req = s->requests; req; req = req->next)
        req->server = NULL;
    close(s->fd);
    if (s->path)
        unlink(s->path);
    free(s->path);
    free(s);
}

/* Send the answer (taken over) and let go of the request. */
static void finish(struct rpc_request *req, struct buf *body)
{
    struct connection *c = req->conn;
    struct rpc_request **at;

    if (req->server) {
        for (at = &req->server->requests; *at != req; at = &(*at)->next)
            ;
        *at = req->next;
    }
    free(req);
    if (c) {
        c->request = NULL;
        if (body->failed)
            c->closing = true;
        else
            put_reply(c, "200 OK", "text/xml", body->data, body->len);
        if (connection_flush(c) && !c->out.len)
            process(c);
    }
    buf_free(body);
}

void rpc_answer(struct rpc_request *req, struct rpc_value *result)
{
    struct buf body = BUF_INIT;

    if (result)
        rpc_encode_answer(&body, result);
    else
        rpc_encode_fault(&body, ENOMEM, "out of memory");
    rpc_free(result);
    finish(req, &body);
}

void rpc_fault(struct rpc_request *req, int code, const char *fmt, ...)
{
    struct buf body = BUF_INIT;
    char text[1024];
    va_list ap;

    va_start(ap, fmt);
    vsnprintf(text, sizeof(text), fmt, ap);
    va_end(ap);
    rpc_encode_fault(&body, code, text);
    finish(req, &body);
}

int rpc_peer_uid(const struct rpc_request *req)
{
    return req->conn ? req->conn->uid : -1;
}
