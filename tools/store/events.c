/* SPDX-License-Identifier: GPL-2.0 */
/*
 * events.c - what watches tell, waited for or handed out by a loop.
 * Keeps true: events come in order of arrival; none is lost while a request
 * waits.
 */
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "private.h"

void store_keep_event(struct store *s, const char *data, size_t len)
{
    struct event *e = malloc(sizeof(*e) + len + 2);
    char *end;

    if (!e) {
        store_kill(s, -ENOMEM);
        return;
    }
    memcpy(e->path, data, len);
    e->path[len] = e->path[len + 1] = '\0';
    end = memchr(e->path, 0, len + 1);
    e->token = end + 1;
    e->next = NULL;
    *s->last = e;
    s->last = &e->next;
}

static bool pop_event(struct store *s, struct store_event *ev)
{
    struct event *e = s->first;

    if (!e)
        return false;
    s->first = e->next;
    if (!s->first)
        s->last = &s->first;
    free(s->handed);
    s->handed = e;
    ev->path = e->path;
    ev->token = e->token;
    return true;
}

int store_wait_event(struct store *s, struct store_event *ev, int timeout_ms)
{
    uint64_t end = loop_now_ns() + (uint64_t)timeout_ms * 1000000;
    int left = timeout_ms;

    for (;;) {
        int rc;

        if (store_answer_ready(s)) /* nobody asked */
            store_kill(s, -EBADMSG);
        if (pop_event(s, ev))
            return 1;
        if (s->dead)
            return s->dead;
        rc = store_fill(s, left);
        if (rc < 0)
            return rc;
        if (rc == 0 && timeout_ms >= 0) {
            uint64_t now = loop_now_ns();

            if (now >= end)
                return 0;
            left = (int)((end - now) / 1000000) + 1;
        }
    }
}

int store_next_event(struct store *s, struct store_event *ev)
{
    return store_wait_event(s, ev, 0);
}

/* In a loop */

void store_wake_later(struct store *s)
{
    if (!s->loop)
        return;
    store_answer_ready(s); /* some may stand behind the last answer */
    if (s->first && !loop_timer_is_set(&s->soon))
        loop_timer_set(&s->soon, 0);
}

static void deliver(struct store *s)
{
    struct loop *l = s->loop;
    struct store_event ev;
    int rc = 0, n;

    /* A flood of events must not keep others waiting. */
    for (n = 0; n < 64 && s->loop == l; n++) {
        rc = store_next_event(s, &ev);
        if (rc != 1)
            break;
        s->on_event(s->arg, ev.path, ev.token);
    }
    if (s->loop != l)
        return;
    if (rc < 0) {
        store_detach(s);
        if (s->on_lost)
            s->on_lost(s->arg);
        return;
    }
    store_wake_later(s);
}

static void on_readable(void *arg, int fd, uint32_t events)
{
    (void)fd;
    (void)events;
    deliver(arg);
}

static void on_soon(void *arg)
{
    deliver(arg);
}

int store_attach(struct store *s, struct loop *l, store_event_fn *fn,
                 store_lost_fn *lost, void *arg)
{
    s->source = loop_fd_add(l, s->fd, EPOLLIN, on_readable, s);
    if (!s->source)
        return -errno;
    s->loop = l;
    s->on_event = fn;
    s->on_lost = lost;
    s->arg = arg;
    loop_timer_init(&s->soon, l, on_soon, s);
    store_wake_later(s);
    return 0;
}

void store_detach(struct store *s)
{
    if (!s->loop)
        return;
    loop_fd_remove(s->source);
    loop_timer_cancel(&s->soon);
    s->source = NULL;
    s->loop = NULL;
}
