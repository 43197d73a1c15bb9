/* SPDX-License-Identifier: GPL-2.0 */
/*
 * base/loop.h - wait for descriptors, timers, children and signals at once.
 * Keeps true: a callback is never called after its source was removed, also
 * when both happen in the same round. All callbacks run from loop_run() or
 * loop_once(), never from inside another call.
 */
#ifndef BASE_LOOP_H
#define BASE_LOOP_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/epoll.h>
#include <sys/types.h>

struct loop;
struct loop_fd;

struct loop *loop_new(void); /* NULL: errno says why */
void loop_free(struct loop *l);

int loop_run(struct loop *l);               /* until loop_stop; its status */
void loop_stop(struct loop *l, int status); /* after the current callback */
/* One round; waits at most `timeout_ms` (-1: for ever). 0 or -errno. */
int loop_once(struct loop *l, int timeout_ms);

uint64_t loop_now_ns(void); /* CLOCK_MONOTONIC */

/* Descriptors. `events` are EPOLLIN, EPOLLOUT...; level triggered, unless
 * EPOLLET is among them. */
typedef void loop_fd_fn(void *arg, int fd, uint32_t events);
struct loop_fd *loop_fd_add(struct loop *l, int fd, uint32_t events,
                            loop_fd_fn *fn, void *arg);
int loop_fd_events(struct loop_fd *f, uint32_t events); /* change them */
void loop_fd_remove(struct loop_fd *f); /* does not close; NULL is fine */

/* Timers live inside their owner; one-shot, set again as you like. */
typedef void loop_timer_fn(void *arg);
struct loop_timer {
    struct loop *loop;
    loop_timer_fn *fn;
    void *arg;
    uint64_t when_ns;
    size_t place; /* 0: not set */
};
/* Not set, whatever it was. It must not go while it is set. */
void loop_timer_init(struct loop_timer *t, struct loop *l, loop_timer_fn *fn,
                     void *arg);
int loop_timer_set(struct loop_timer *t, uint64_t in_ms); /* 0 or -ENOMEM */
void loop_timer_cancel(struct loop_timer *t);
bool loop_timer_is_set(const struct loop_timer *t);

/* Signals: blocked for the process and delivered as callbacks. */
typedef void loop_signal_fn(void *arg, int signo);
int loop_signal(struct loop *l, int signo, loop_signal_fn *fn, void *arg);

/*
 * Children. The child gets its own process group and an empty signal mask.
 * After deadline_ms (0: none) the group gets SIGTERM, 2 s later SIGKILL.
 * With `capture` > 0 stdout and stderr are collected, at most that many
 * bytes (the rest is read and dropped); else they go to /dev/null unless
 * `keep_output`.
 */
struct loop_child_end {
    pid_t pid;
    int status; /* as from waitpid() */
    bool timed_out;
    const char *output; /* "" if none; valid during the callback */
};
typedef void loop_child_fn(void *arg, const struct loop_child_end *end);
struct loop_spawn {
    const char *const *argv; /* argv[0]: the program's path */
    const char *const *envp; /* NULL: ours */
    unsigned deadline_ms;
    size_t capture;
    bool keep_output;
};
/* pid, or -errno. fn may be NULL. */
pid_t loop_spawn(struct loop *l, const struct loop_spawn *how,
                 loop_child_fn *fn, void *arg);
/* The child goes on, but nobody is told of its end. */
void loop_child_forget(struct loop *l, pid_t pid);
/* Cut its deadline to now. */
void loop_child_kill(struct loop *l, pid_t pid);

#endif
