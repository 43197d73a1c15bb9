/* SPDX-License-Identifier: GPL-2.0 */
/*
 * socket.c - Dom0's programs, by Unix sockets.
 * Keeps true: each program with work gets the same number of requests a
 * round; answers of a round leave in one write. One that does not read its
 * answers is not read from; one that does not read its events is cut off
 * before it costs much memory.
 */
#include <errno.h>
#include <linux/sockios.h>
#include <stddef.h>
#include <sys/ioctl.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <unistd.h>

#include "base/log.h"
#include "base/loop.h"
#include "socket.h"
#include "uring.h"

#define REQUESTS_A_TURN 64
#define READ_AT_ONCE    (64 * 1024)
#define URING_READ      4096 /* a buffer each socket keeps */
#define TAG_BITS        (URING_SENT | URING_SURE)
#define SEND_BUFFER     (256 * 1024) /* asked for; the kernel doubles it */
#define PIECE_COST      2048
#define UNSENT_PAUSE    (256 * 1024)
#define UNSENT_MAX      (64 * 1024 * 1024)

struct sock {
    struct client client;
    int fd;
    struct loop_fd *source;
    uint32_t events; /* what the loop waits for */
    struct bytes in;
    char *room;     /* where the uring reads to */
    bool receiving; /* the kernel may write there */
    bool closing;
    bool shut;
    bool queued;
    bool blocked; /* the other end's buffer is full */
    bool unsent;
    bool no_sure; /* its buffer has a size we did not choose */
    size_t sure;  /* bytes of its buffer that are free for certain */
    struct sock *next_queued;
    struct sock *next_unsent;
    struct sock *next, **prev;
};

static struct {
    struct xstore *xs;
    struct loop *loop;
    struct uring *uring;
    struct sock *all;
    struct sock *queue, **queue_end;
    struct sock *unsent; /* for socket_hand_over() */
    int listen_fd[2];
    struct loop_fd *listener[2];
    char scratch[READ_AT_ONCE];
} here = {.queue_end = &here.queue, .listen_fd = {-1, -1}};

static void enqueue(struct sock *s)
{
    if (s->queued)
        return;
    s->queued = true;
    s->next_queued = NULL;
    *here.queue_end = s;
    here.queue_end = &s->next_queued;
}

static void sock_wake(struct client *c)
{
    enqueue(c->owner);
}

/* Closed only from socket_run(), when nothing else holds it. */
static void sock_free(struct sock *s)
{
    *s->prev = s->next;
    if (s->next)
        s->next->prev = s->prev;
    loop_fd_remove(s->source);
    close(s->fd);
    s->client.wake = NULL;
    client_free(&s->client);
    bytes_free(&s->in);
    free(s->room);
    free(s);
}

static void sock_end(struct sock *s)
{
    s->closing = true;
    enqueue(s);
}

static void want(struct sock *s, uint32_t events)
{
    if (events == s->events)
        return;
    s->events = events;
    loop_fd_events(s->source, events);
}

/* After sending: wait for room if something is left. */
static void sent_so_far(struct sock *s)
{
    const struct bytes *out = &s->client.out;

    if (out->len > UNSENT_MAX) {
        log_warn("a program does not read its events: connection closed");
        s->closing = true;
    }
    want(s, (here.uring || out->len > UNSENT_PAUSE ? 0U : EPOLLIN) |
                (out->len ? EPOLLOUT : 0U));
}

static void flush(struct sock *s)
{
    struct bytes *out = &s->client.out;

    while (out->len) {
        ssize_t n = send(s->fd, bytes_start(out), out->len,
                         MSG_DONTWAIT | MSG_NOSIGNAL);

        if (n < 0 && errno == EINTR)
            continue;
        if (n < 0 && errno != EAGAIN)
            s->closing = true;
        if (n <= 0)
            break;
        client_sent(&s->client, (size_t)n);
    }
    sent_so_far(s);
}

static void send_later(struct sock *s)
{
    if (s->client.out.len > UNSENT_MAX)
        sent_so_far(s);
    if (s->unsent || s->blocked || !s->client.out.len)
        return;
    s->unsent = true;
    s->next_unsent = here.unsent;
    here.unsent = s;
}

/* Will all that is to be sent fit? The kernel counts each piece with its
 * head; asking it costs a system call, so its answer is used up first. */
static bool all_fits(struct sock *s)
{
    size_t cost = 2 * s->client.out.len + PIECE_COST;
    int waiting;

    if (s->no_sure)
        return false;
    if (s->sure < cost) {
        if (ioctl(s->fd, SIOCOUTQ, &waiting) || waiting < 0 ||
            waiting > SEND_BUFFER)
            waiting = SEND_BUFFER;
        s->sure = (size_t)(SEND_BUFFER - waiting);
    }
    if (s->sure < cost)
        return false;
    s->sure -= cost;
    return true;
}

void socket_hand_over(void)
{
    struct sock *s;

    while ((s = here.unsent)) {
        here.unsent = s->next_unsent;
        s->unsent = false;
        if (s->closing)
            enqueue(s); /* it waited for this to be freed */
        else
            uring_send(here.uring, s->fd, bytes_start(&s->client.out),
                       s->client.out.len, all_fits(s), (uintptr_t)s);
    }
}

static void sent(struct sock *s, int res)
{
    if (res > 0)
        client_sent(&s->client, (size_t)res);
    else if (res != -EAGAIN && res != -EINTR)
        s->closing = true;
    s->blocked = s->client.out.len;
    sent_so_far(s);
    if (s->closing || !s->blocked)
        enqueue(s);
}

/* Act on the messages in p[0..len]; bytes used. */
static size_t serve(struct sock *s, const char *p, size_t len,
                    unsigned int budget)
{
    struct wire_msg m;
    size_t used = 0;

    while (budget-- && s->client.out.len <= UNSENT_PAUSE) {
        switch (wire_judge(p + used, len - used, &m)) {
        case WIRE_MORE:
            return used;
        case WIRE_TOO_LONG:
            s->closing = true;
            return used;
        case WIRE_COMPLETE:
            ops_request(&s->client, &m);
            used += m.size;
        }
    }
    return used;
}

static bool has_message(const struct sock *s)
{
    struct wire_msg m;

    return s->client.out.len <= UNSENT_PAUSE &&
           wire_judge(bytes_start(&s->in), s->in.len, &m) != WIRE_MORE;
}

/* `n` bytes came at p. */
static void take(struct sock *s, const char *p, size_t n)
{
    size_t used;

    if (s->in.len) {
        bytes_add(&s->in, p, n);
        used = serve(s, bytes_start(&s->in), s->in.len, REQUESTS_A_TURN);
        bytes_use(&s->in, used);
    } else {
        used = serve(s, p, n, REQUESTS_A_TURN);
        bytes_add(&s->in, p + used, n - used);
    }
    enqueue(s);
}

static void read_more(struct sock *s)
{
    ssize_t n = recv(s->fd, here.scratch, sizeof(here.scratch), MSG_DONTWAIT);

    if (n < 0 && (errno == EAGAIN || errno == EINTR))
        return;
    if (n <= 0)
        sock_end(s);
    else
        take(s, here.scratch, (size_t)n);
}

void socket_answered(uint64_t tag, int res)
{
    struct sock *s = (struct sock *)(uintptr_t)(tag & ~(uint64_t)TAG_BITS);

    if (tag & URING_SENT) {
        sent(s, res);
        return;
    }
    s->receiving = false;
    if (s->closing || (res <= 0 && res != -EINTR && res != -EAGAIN))
        sock_end(s);
    else
        take(s, s->room, res > 0 ? (size_t)res : 0);
}

/* Have the kernel read for us, unless there is more than enough already. */
static void ask_for_more(struct sock *s)
{
    if (!here.uring || s->receiving || s->client.out.len > UNSENT_PAUSE ||
        has_message(s))
        return;
    s->receiving = true;
    uring_recv(here.uring, s->fd, s->room, URING_READ, (uintptr_t)s);
}

static void on_socket(void *arg, int fd, uint32_t events)
{
    struct sock *s = arg;

    (void)fd;
    if (events & EPOLLOUT) {
        s->blocked = false;
        want(s, s->events & ~(uint32_t)EPOLLOUT);
        enqueue(s);
    }
    if ((events & EPOLLIN) && !has_message(s))
        read_more(s);
    else if ((events & (EPOLLHUP | EPOLLERR)) && !s->receiving)
        sock_end(s);
}

/* One turn for one socket. True: it has more. */
static bool turn(struct sock *s)
{
    if (!s->closing && has_message(s))
        bytes_use(&s->in, serve(s, bytes_start(&s->in), s->in.len,
                                REQUESTS_A_TURN));
    if (!s->closing && here.uring)
        send_later(s);
    else if (!s->closing)
        flush(s);
    if (s->closing)
        return false;
    ask_for_more(s);
    return has_message(s);
}

/* True when nothing holds it any more. */
static bool is_over(struct sock *s)
{
    if (!s->closing)
        return false;
    if (s->receiving && !s->shut)
        shutdown(s->fd, SHUT_RDWR); /* so that the kernel's read ends */
    s->shut = true;
    return !s->receiving && !s->queued && !s->unsent;
}

bool socket_run(void)
{
    struct sock **last = here.queue_end;

    while (here.queue) {
        struct sock *s = here.queue;
        bool was_last = last == &s->next_queued, more;

        here.queue = s->next_queued;
        if (!here.queue)
            here.queue_end = &here.queue;
        s->queued = false;
        more = turn(s);
        if (is_over(s))
            sock_free(s);
        else if (more)
            enqueue(s);
        if (was_last)
            break;
    }
    return here.queue;
}

static void on_listen(void *arg, int fd, uint32_t events)
{
    static const int size = SEND_BUFFER;
    struct sock *s;
    int conn = accept4(fd, NULL, NULL, SOCK_CLOEXEC | SOCK_NONBLOCK);

    (void)events;
    if (conn < 0)
        return;
    s = need_memory(calloc(1, sizeof(*s)));
    client_init(&s->client, here.xs, xstore_domain(here.xs, 0));
    s->client.read_only = arg != NULL;
    s->client.wake = sock_wake;
    s->client.owner = s;
    s->fd = conn;
    s->no_sure = setsockopt(conn, SOL_SOCKET, SO_SNDBUFFORCE, &size,
                            sizeof(size));
    s->events = here.uring ? 0 : EPOLLIN;
    s->source = loop_fd_add(here.loop, conn, s->events, on_socket, s);
    if (here.uring)
        s->room = need_memory(malloc(URING_READ));
    s->next = here.all;
    s->prev = &here.all;
    if (s->next)
        s->next->prev = &s->next;
    here.all = s;
    if (!s->source)
        sock_end(s);
    enqueue(s);
}

static int listen_at(const char *dir, const char *name, mode_t mode)
{
    struct sockaddr_un at = {.sun_family = AF_UNIX};
    int fd, rc;

    if ((size_t)snprintf(at.sun_path, sizeof(at.sun_path), "%s/%s", dir,
                         name) >= sizeof(at.sun_path))
        return -ENAMETOOLONG;
    fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
    if (fd < 0)
        return -errno;
    unlink(at.sun_path);
    if (bind(fd, (struct sockaddr *)&at, sizeof(at)) ||
        chmod(at.sun_path, mode) || listen(fd, 128)) {
        rc = -errno;
        close(fd);
        return rc;
    }
    return fd;
}

int socket_open(struct xstore *xs, struct loop *loop, struct uring *uring,
                const char *dir)
{
    static const char *const names[] = {"socket", "socket_ro"};
    static const mode_t modes[] = {0600, 0660};

    here.xs = xs;
    here.loop = loop;
    here.uring = uring;
    for (int i = 0; i < 2; i++) {
        int fd = listen_at(dir, names[i], modes[i]);

        if (fd < 0)
            return fd;
        here.listen_fd[i] = fd;
        here.listener[i] = loop_fd_add(loop, fd, EPOLLIN, on_listen,
                                       i ? &here : NULL);
        if (!here.listener[i])
            return -errno;
    }
    return 0;
}

void socket_close(void)
{
    while (here.all)
        sock_free(here.all);
    for (int i = 0; i < 2; i++) {
        loop_fd_remove(here.listener[i]);
        if (here.listen_fd[i] >= 0)
            close(here.listen_fd[i]);
    }
}
