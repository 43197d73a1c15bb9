/* SPDX-License-Identifier: GPL-2.0 */
/*
 * socket.c - Dom0's programs, by Unix sockets.
 * Keeps true: each program with work gets the same number of requests a
 * round; answers of a round leave in one write. One that does not read its
 * answers is not read from; one that does not read its events is cut off
 * before it costs much memory.
 *
 * A system call is the dearest part of a request, so a program that asks and
 * waits costs three: wait, read, write. The loop tells only what is new
 * (EPOLLET), and a read that does not fill the room says that all is read.
 */
#include <errno.h>
#include <sched.h>
#include <stddef.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <unistd.h>

#include "base/log.h"
#include "base/loop.h"
#include "socket.h"

#define REQUESTS_A_TURN 64
#define READ_AT_ONCE    (64 * 1024)
#define UNSENT_PAUSE    (256 * 1024)
#define UNSENT_MAX      (64 * 1024 * 1024)
#define TURNS_ALONE     256
#define NEWS            (EPOLLIN | EPOLLRDHUP | EPOLLET)

struct sock {
    struct client client;
    int fd;
    struct loop_fd *source;
    struct bytes in;
    bool readable; /* there may be more to read */
    bool ending;   /* ... up to the end */
    bool blocked;  /* waits for the other end to read */
    bool closing;
    bool queued; /* waits for its turn, or has it */
    struct sock *next_queued;
    struct sock *next, **prev;
};

static struct {
    struct xstore *xs;
    struct loop *loop;
    struct sock *all;
    struct sock *queue, **queue_end;
    const struct sock *last; /* whose turn it was */
    unsigned int alone;      /* turns it had without another's in between */
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
    if (here.last == s)
        here.last = NULL;
    client_free(&s->client);
    bytes_free(&s->in);
    free(s);
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
    if (out->len > UNSENT_MAX) {
        log_warn("a program does not read its events: connection closed");
        s->closing = true;
    }
    if (s->blocked != (out->len != 0)) {
        s->blocked = !s->blocked;
        loop_fd_events(s->source, NEWS | (s->blocked ? EPOLLOUT : 0U));
    }
}

/* Act on the messages in p[0..len]; bytes used. */
static size_t serve(struct sock *s, const char *p, size_t len)
{
    unsigned int budget = REQUESTS_A_TURN;
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

static void serve_waiting(struct sock *s)
{
    bytes_use(&s->in, serve(s, bytes_start(&s->in), s->in.len));
}

/* Does a whole message wait, and may it be acted on? */
static bool has_message(const struct sock *s)
{
    struct wire_msg m;

    return s->in.len && s->client.out.len <= UNSENT_PAUSE &&
           wire_judge(bytes_start(&s->in), s->in.len, &m) != WIRE_MORE;
}

static bool wants_more(const struct sock *s)
{
    return s->readable && s->client.out.len <= UNSENT_PAUSE;
}

static void read_more(struct sock *s)
{
    ssize_t n = recv(s->fd, here.scratch, sizeof(here.scratch), MSG_DONTWAIT);
    size_t used;

    if (n < 0 && errno == EINTR)
        return;
    if (n < (ssize_t)sizeof(here.scratch) && !s->ending)
        s->readable = false;
    if (n < 0 && errno == EAGAIN) {
        s->readable = false;
    } else if (n <= 0) {
        s->closing = true;
    } else if (s->in.len) {
        bytes_add(&s->in, here.scratch, (size_t)n);
        serve_waiting(s);
    } else {
        used = serve(s, here.scratch, (size_t)n);
        bytes_add(&s->in, here.scratch + used, (size_t)n - used);
    }
}

static void on_socket(void *arg, int fd, uint32_t events)
{
    struct sock *s = arg;

    (void)fd;
    s->readable |= (events & ~(uint32_t)EPOLLOUT) != 0;
    s->ending |= (events & (EPOLLRDHUP | EPOLLHUP | EPOLLERR)) != 0;
    enqueue(s);
}

/* One turn for one socket. True: it has more. */
static bool turn(struct sock *s)
{
    if (has_message(s))
        serve_waiting(s);
    else if (wants_more(s))
        read_more(s);
    if (!s->closing)
        flush(s);
    return !s->closing && (wants_more(s) || has_message(s));
}

/*
 * When to be run, once somebody asked. A single program waits for the answer:
 * at once, so that it finds it there when it reads and need not be put to
 * sleep and woken. Of several, all shall have asked: then one wait serves
 * them all. The scheduler is told by our class; SCHED_BATCH disturbs nobody.
 */
static void note_turn(const struct sock *s)
{
    static const struct sched_param none;

    if (s == here.last) {
        if (++here.alone == TURNS_ALONE)
            sched_setscheduler(0, SCHED_OTHER, &none);
        return;
    }
    if (here.alone >= TURNS_ALONE)
        sched_setscheduler(0, SCHED_BATCH, &none);
    here.last = s;
    here.alone = 0;
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
        note_turn(s);
        more = turn(s);
        s->queued = false;
        if (s->closing)
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
    int conn = accept4(fd, NULL, NULL, SOCK_CLOEXEC | SOCK_NONBLOCK);
    struct sock *s;

    (void)events;
    if (conn < 0)
        return;
    s = need_memory(calloc(1, sizeof(*s)));
    client_init(&s->client, here.xs, xstore_domain(here.xs, 0));
    s->client.read_only = arg != NULL;
    s->client.wake = sock_wake;
    s->client.owner = s;
    s->fd = conn;
    s->source = loop_fd_add(here.loop, conn, NEWS, on_socket, s);
    s->closing = !s->source;
    s->next = here.all;
    s->prev = &here.all;
    if (s->next)
        s->next->prev = &s->next;
    here.all = s;
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

int socket_open(struct xstore *xs, struct loop *loop, const char *dir)
{
    static const char *const names[] = {"socket", "socket_ro"};
    static const mode_t modes[] = {0600, 0660};

    here.xs = xs;
    here.loop = loop;
    here.alone = TURNS_ALONE; /* the first turn will begin as for several */
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
