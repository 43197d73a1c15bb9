/* SPDX-License-Identifier: GPL-2.0 */
/*
 * loop.c - one epoll set, one heap of timers, one signalfd.
 * Keeps true: a source removed in a callback is not called again in the same
 * round (it is marked dead and freed when the round is over); timers[1..] is
 * a heap by time and each timer's `place` is its index there.
 */
#include "base/loop.h"

#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <spawn.h>
#include <stdlib.h>
#include <string.h>
#include <sys/signalfd.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include "base/buf.h"

#define ROUND_EVENTS  64
#define KILL_AFTER_MS 2000

extern char **environ;

struct loop_fd {
    struct loop *loop;
    int fd;
    loop_fd_fn *fn;
    void *arg;
    bool dead;
    struct loop_fd *next_dead;
};

struct child {
    struct loop *loop;
    pid_t pid;
    loop_child_fn *fn;
    void *arg;
    struct loop_timer deadline;
    bool timed_out;
    int status;
    struct loop_fd *out;
    int out_fd;
    struct buf text;
    size_t limit;
    struct child *next;
};

struct signal_hook {
    int signo;
    loop_signal_fn *fn;
    void *arg;
    struct signal_hook *next;
};

struct loop {
    int epoll;
    bool stop;
    int status;
    int depth; /* inside a round: dead sources must wait */
    struct loop_fd *dead;
    struct loop_timer **timers; /* [0] unused */
    size_t nr_timers, room;
    sigset_t mask;
    int signal_fd;
    struct loop_fd *signal_source;
    struct signal_hook *hooks;
    struct child *children;
};

uint64_t loop_now_ns(void)
{
    struct timespec t;

    clock_gettime(CLOCK_MONOTONIC, &t);
    return (uint64_t)t.tv_sec * 1000000000u + (uint64_t)t.tv_nsec;
}

struct loop *loop_new(void)
{
    struct loop *l = calloc(1, sizeof(*l));

    if (!l)
        return NULL;
    l->signal_fd = -1;
    sigemptyset(&l->mask);
    l->epoll = epoll_create1(EPOLL_CLOEXEC);
    if (l->epoll < 0) {
        free(l);
        return NULL;
    }
    return l;
}

static void bury(struct loop *l)
{
    while (l->dead) {
        struct loop_fd *f = l->dead;

        l->dead = f->next_dead;
        free(f);
    }
}

static void child_free(struct child *c)
{
    loop_timer_cancel(&c->deadline);
    loop_fd_remove(c->out);
    if (c->out_fd >= 0)
        close(c->out_fd);
    buf_free(&c->text);
    free(c);
}

void loop_free(struct loop *l)
{
    if (!l)
        return;
    while (l->children) {
        struct child *c = l->children;

        l->children = c->next;
        child_free(c);
    }
    while (l->hooks) {
        struct signal_hook *h = l->hooks;

        l->hooks = h->next;
        free(h);
    }
    loop_fd_remove(l->signal_source);
    if (l->signal_fd >= 0)
        close(l->signal_fd);
    bury(l);
    close(l->epoll);
    free(l->timers);
    free(l);
}

/* Descriptors */

struct loop_fd *loop_fd_add(struct loop *l, int fd, uint32_t events,
                            loop_fd_fn *fn, void *arg)
{
    struct loop_fd *f = calloc(1, sizeof(*f));
    struct epoll_event ev = {.events = events, .data.ptr = f};

    if (!f)
        return NULL;
    f->loop = l;
    f->fd = fd;
    f->fn = fn;
    f->arg = arg;
    if (epoll_ctl(l->epoll, EPOLL_CTL_ADD, fd, &ev) < 0) {
        free(f);
        return NULL;
    }
    return f;
}

int loop_fd_events(struct loop_fd *f, uint32_t events)
{
    struct epoll_event ev = {.events = events, .data.ptr = f};

    return epoll_ctl(f->loop->epoll, EPOLL_CTL_MOD, f->fd, &ev) < 0 ? -errno
                                                                    : 0;
}

void loop_fd_remove(struct loop_fd *f)
{
    if (!f || f->dead)
        return;
    /* The descriptor may be closed already; then it left the set by itself. */
    epoll_ctl(f->loop->epoll, EPOLL_CTL_DEL, f->fd, NULL);
    f->dead = true;
    f->next_dead = f->loop->dead;
    f->loop->dead = f;
    if (!f->loop->depth)
        bury(f->loop);
}

/* Timers: a binary heap */

static void heap_put(struct loop *l, size_t i, struct loop_timer *t)
{
    l->timers[i] = t;
    t->place = i;
}

static void heap_up(struct loop *l, size_t i, struct loop_timer *t)
{
    for (; i > 1 && l->timers[i / 2]->when_ns > t->when_ns; i /= 2)
        heap_put(l, i, l->timers[i / 2]);
    heap_put(l, i, t);
}

static void heap_down(struct loop *l, size_t i, struct loop_timer *t)
{
    size_t kid;

    for (; (kid = 2 * i) <= l->nr_timers; i = kid) {
        if (kid < l->nr_timers &&
            l->timers[kid + 1]->when_ns < l->timers[kid]->when_ns)
            kid++;
        if (l->timers[kid]->when_ns >= t->when_ns)
            break;
        heap_put(l, i, l->timers[kid]);
    }
    heap_put(l, i, t);
}

void loop_timer_init(struct loop_timer *t, struct loop *l, loop_timer_fn *fn,
                     void *arg)
{
    /* What t holds may be anything, but the heap knows whether it is set. */
    for (size_t i = 1; i <= l->nr_timers; i++) {
        if (l->timers[i] != t)
            continue;
        t->loop = l;
        t->place = i;
        loop_timer_cancel(t);
        break;
    }
    *t = (struct loop_timer){.loop = l, .fn = fn, .arg = arg};
}

bool loop_timer_is_set(const struct loop_timer *t)
{
    return t->place != 0;
}

int loop_timer_set(struct loop_timer *t, uint64_t in_ms)
{
    struct loop *l = t->loop;

    loop_timer_cancel(t);
    if (l->nr_timers + 2 > l->room) {
        size_t room = l->room ? l->room * 2 : 16;
        struct loop_timer **more = realloc(l->timers, room * sizeof(*more));

        if (!more)
            return -ENOMEM;
        l->timers = more;
        l->room = room;
    }
    t->when_ns = loop_now_ns() + in_ms * 1000000u;
    heap_up(l, ++l->nr_timers, t);
    return 0;
}

void loop_timer_cancel(struct loop_timer *t)
{
    struct loop *l = t->loop;
    size_t i = t->place;
    struct loop_timer *last;

    if (!i)
        return;
    t->place = 0;
    last = l->timers[l->nr_timers--];
    if (last == t)
        return;
    if (i > 1 && l->timers[i / 2]->when_ns > last->when_ns)
        heap_up(l, i, last);
    else
        heap_down(l, i, last);
}

static void run_timers(struct loop *l)
{
    /* Most rounds of a daemon have none: spare them the clock. */
    uint64_t now = l->nr_timers ? loop_now_ns() : 0;

    while (l->nr_timers && l->timers[1]->when_ns <= now && !l->stop) {
        struct loop_timer *t = l->timers[1];

        loop_timer_cancel(t);
        t->fn(t->arg);
    }
}

static int time_left_ms(const struct loop *l, int timeout_ms)
{
    uint64_t now, ms;

    if (!l->nr_timers)
        return timeout_ms;
    now = loop_now_ns();
    if (l->timers[1]->when_ns <= now)
        return 0;
    ms = (l->timers[1]->when_ns - now + 999999u) / 1000000u;
    if (ms > 3600000u)
        ms = 3600000u;
    return timeout_ms >= 0 && (uint64_t)timeout_ms < ms ? timeout_ms : (int)ms;
}

/* Rounds */

int loop_once(struct loop *l, int timeout_ms)
{
    struct epoll_event ev[ROUND_EVENTS];
    int n, i;

    n = epoll_wait(l->epoll, ev, ROUND_EVENTS, time_left_ms(l, timeout_ms));
    if (n < 0 && errno != EINTR)
        return -errno;

    l->depth++;
    run_timers(l);
    for (i = 0; i < n && !l->stop; i++) {
        struct loop_fd *f = ev[i].data.ptr;

        if (!f->dead)
            f->fn(f->arg, f->fd, ev[i].events);
    }
    if (--l->depth == 0)
        bury(l);
    return 0;
}

int loop_run(struct loop *l)
{
    l->stop = false;
    l->status = 0;
    while (!l->stop) {
        int rc = loop_once(l, -1);

        if (rc < 0)
            return rc;
    }
    return l->status;
}

void loop_stop(struct loop *l, int status)
{
    l->stop = true;
    l->status = status;
}

/* Signals */

static void on_signal(void *arg, int fd, uint32_t events)
{
    struct loop *l = arg;
    struct signalfd_siginfo si;
    struct signal_hook *h, *next;

    (void)events;
    while (read(fd, &si, sizeof(si)) == (ssize_t)sizeof(si)) {
        for (h = l->hooks; h; h = next) {
            next = h->next;
            if (h->signo == (int)si.ssi_signo)
                h->fn(h->arg, h->signo);
        }
    }
}

int loop_signal(struct loop *l, int signo, loop_signal_fn *fn, void *arg)
{
    struct signal_hook *h = calloc(1, sizeof(*h));
    int fd;

    if (!h)
        return -ENOMEM;
    sigaddset(&l->mask, signo);
    if (sigprocmask(SIG_BLOCK, &l->mask, NULL) < 0)
        goto failed;
    fd = signalfd(l->signal_fd, &l->mask, SFD_NONBLOCK | SFD_CLOEXEC);
    if (fd < 0)
        goto failed;
    l->signal_fd = fd;
    if (!l->signal_source)
        l->signal_source = loop_fd_add(l, fd, EPOLLIN, on_signal, l);
    if (!l->signal_source)
        goto failed;
    h->signo = signo;
    h->fn = fn;
    h->arg = arg;
    h->next = l->hooks;
    l->hooks = h;
    return 0;

failed:
    free(h);
    return -errno;
}

/* Children */

static void child_done(struct child *c)
{
    struct loop_child_end end = {
        .pid = c->pid,
        .status = c->status,
        .timed_out = c->timed_out,
        .output = c->text.len ? c->text.data : "",
    };
    struct child **at = &c->loop->children;

    while (*at != c)
        at = &(*at)->next;
    *at = c->next;
    if (c->fn)
        c->fn(c->arg, &end);
    child_free(c);
}

static bool child_read(struct child *c)
{
    char piece[4096];
    ssize_t n;

    while ((n = read(c->out_fd, piece, sizeof(piece))) > 0) {
        size_t left = c->limit - c->text.len;

        buf_add(&c->text, piece, (size_t)n < left ? (size_t)n : left);
    }
    return n == 0 || (errno != EAGAIN && errno != EINTR);
}

static void on_child_output(void *arg, int fd, uint32_t events)
{
    struct child *c = arg;

    (void)fd;
    (void)events;
    if (!child_read(c))
        return;
    loop_fd_remove(c->out);
    c->out = NULL;
    close(c->out_fd);
    c->out_fd = -1;
}

/* What a dead child still had in its pipe belongs to it; grandchildren that
 * keep the pipe open are not waited for. */
static void reap(struct loop *l)
{
    struct child *c;

again:
    for (c = l->children; c; c = c->next) {
        if (waitpid(c->pid, &c->status, WNOHANG) != c->pid)
            continue;
        if (c->out_fd >= 0)
            child_read(c);
        child_done(c);
        goto again;
    }
}

static void on_sigchld(void *arg, int signo)
{
    (void)signo;
    reap(arg);
}

static void on_deadline(void *arg)
{
    struct child *c = arg;

    kill(-c->pid, c->timed_out ? SIGKILL : SIGTERM);
    if (!c->timed_out)
        loop_timer_set(&c->deadline, KILL_AFTER_MS);
    c->timed_out = true;
}

static int watch_sigchld(struct loop *l)
{
    struct signal_hook *h;

    for (h = l->hooks; h; h = h->next)
        if (h->signo == SIGCHLD && h->fn == on_sigchld)
            return 0;
    signal(SIGCHLD, SIG_DFL); /* ignored, as parents may leave it: no ends */
    return loop_signal(l, SIGCHLD, on_sigchld, l);
}

static int spawn(const struct loop_spawn *how, int out, pid_t *pid)
{
    posix_spawn_file_actions_t files;
    posix_spawnattr_t attr;
    sigset_t none, all;
    int rc;

    sigemptyset(&none);
    sigfillset(&all);
    posix_spawnattr_init(&attr);
    posix_spawnattr_setflags(&attr, POSIX_SPAWN_SETPGROUP |
                                        POSIX_SPAWN_SETSIGMASK |
                                        POSIX_SPAWN_SETSIGDEF);
    posix_spawnattr_setpgroup(&attr, 0);
    posix_spawnattr_setsigmask(&attr, &none);
    posix_spawnattr_setsigdefault(&attr, &all);
    posix_spawn_file_actions_init(&files);
    posix_spawn_file_actions_addopen(&files, 0, "/dev/null", O_RDONLY, 0);
    if (out >= 0) {
        posix_spawn_file_actions_adddup2(&files, out, 1);
        posix_spawn_file_actions_adddup2(&files, out, 2);
    } else if (!how->keep_output) {
        posix_spawn_file_actions_addopen(&files, 1, "/dev/null", O_WRONLY, 0);
        posix_spawn_file_actions_addopen(&files, 2, "/dev/null", O_WRONLY, 0);
    }
    rc = posix_spawn(pid, how->argv[0], &files, &attr,
                     (char *const *)(uintptr_t)how->argv,
                     how->envp ? (char *const *)(uintptr_t)how->envp : environ);
    posix_spawn_file_actions_destroy(&files);
    posix_spawnattr_destroy(&attr);
    return -rc;
}

/* The pipe that collects the child's words: [0] stays here. */
static int open_pipe(struct child *c, int *out)
{
    int fds[2];

    if (pipe2(fds, O_CLOEXEC) < 0)
        return -errno;
    fcntl(fds[0], F_SETFL, O_NONBLOCK);
    c->out_fd = fds[0];
    *out = fds[1];
    c->out = loop_fd_add(c->loop, fds[0], EPOLLIN, on_child_output, c);
    return c->out ? 0 : -ENOMEM;
}

pid_t loop_spawn(struct loop *l, const struct loop_spawn *how,
                 loop_child_fn *fn, void *arg)
{
    struct child *c = calloc(1, sizeof(*c));
    int out = -1;
    int rc;

    if (!c)
        return -ENOMEM;
    c->loop = l;
    c->fn = fn;
    c->arg = arg;
    c->limit = how->capture;
    c->out_fd = -1;
    loop_timer_init(&c->deadline, l, on_deadline, c);

    rc = watch_sigchld(l);
    if (!rc && how->capture)
        rc = open_pipe(c, &out);
    if (!rc)
        rc = spawn(how, out, &c->pid);
    if (out >= 0)
        close(out);
    if (rc) {
        child_free(c);
        return rc;
    }
    if (how->deadline_ms)
        loop_timer_set(&c->deadline, how->deadline_ms);
    c->next = l->children;
    l->children = c;
    return c->pid;
}

void loop_child_forget(struct loop *l, pid_t pid)
{
    struct child *c;

    for (c = l->children; c; c = c->next)
        if (c->pid == pid)
            c->fn = NULL;
}

void loop_child_kill(struct loop *l, pid_t pid)
{
    struct child *c;

    for (c = l->children; c; c = c->next)
        if (c->pid == pid && !c->timed_out)
            loop_timer_set(&c->deadline, 0);
}
