/* SPDX-License-Identifier: GPL-2.0 */
/* test_loop.c - descriptors, timers, children, signals; buffers; paths. */
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#include "unit.h"

#include "base/buf.h"
#include "base/loop.h"
#include "store/path.h"

static struct loop *l;
static int calls, order[8];
static struct loop_fd *sources[2];

static void on_either(void *arg, int fd, uint32_t events)
{
    (void)fd;
    (void)events;
    calls++;
    loop_fd_remove(sources[0]);
    loop_fd_remove(sources[1]);
    loop_stop(l, *(int *)arg);
}

static void removal(void)
{
    int fds[2][2], i, status = 5;

    l = loop_new();
    for (i = 0; i < 2; i++) {
        CHECK_EQ(pipe(fds[i]), 0);
        CHECK_EQ(write(fds[i][1], "x", 1), 1);
        sources[i] = loop_fd_add(l, fds[i][0], EPOLLIN, on_either, &status);
    }
    CHECK_EQ(loop_run(l), 5);
    CHECK_EQ(loop_once(l, 0), 0);
    CHECK_EQ(calls, 1);
    loop_free(l);
    for (i = 0; i < 4; i++)
        close(fds[i / 2][i % 2]);
}

static void on_timer(void *arg)
{
    order[calls++] = *(int *)arg;
    if (calls == 3)
        loop_stop(l, 0);
}

/* A set timer that gets another function: the first is never called, and
 * nothing of it stays when the timer goes. */
static void timer_anew(void)
{
    struct loop_timer *t = calloc(1, sizeof(*t)), other;
    int ids[] = {1, 2, 3};

    calls = 0;
    l = loop_new();
    loop_timer_init(&other, l, on_timer, &ids[2]);
    loop_timer_set(&other, 1);
    loop_timer_init(t, l, on_timer, &ids[0]);
    loop_timer_set(t, 2);
    loop_timer_init(t, l, on_timer, &ids[1]);
    CHECK(!loop_timer_is_set(t));
    loop_timer_set(t, 3);
    loop_timer_cancel(t);
    free(t);
    while (loop_timer_is_set(&other))
        CHECK_EQ(loop_once(l, -1), 0);
    CHECK_EQ(loop_once(l, 10), 0);
    CHECK_EQ(calls, 1);
    CHECK_EQ(order[0], 3);
    loop_free(l);
}

static void timers(void)
{
    struct loop_timer t[5];
    int ids[5] = {0, 1, 2, 3, 4}, i;
    static const unsigned ms[5] = {30, 10, 20, 15, 5};

    calls = 0;
    l = loop_new();
    for (i = 0; i < 5; i++) {
        loop_timer_init(&t[i], l, on_timer, &ids[i]);
        CHECK_EQ(loop_timer_set(&t[i], ms[i]), 0);
    }
    loop_timer_cancel(&t[3]);
    loop_timer_cancel(&t[3]);
    loop_timer_set(&t[4], 1000000);
    CHECK_EQ(loop_run(l), 0);
    CHECK_EQ(order[0], 1);
    CHECK_EQ(order[1], 2);
    CHECK_EQ(order[2], 0);
    CHECK(loop_timer_is_set(&t[4]));
    CHECK(!loop_timer_is_set(&t[0]));
    loop_free(l);
}

static struct loop_child_end last;
static char last_output[64];
static int ended;

static void on_end(void *arg, const struct loop_child_end *end)
{
    last = *end;
    snprintf(last_output, sizeof(last_output), "%s", end->output);
    if (++ended == *(int *)arg)
        loop_stop(l, 0);
}

static void children(void)
{
    const char *const talk[] = {"/bin/sh", "-c",
                                "echo out; echo err >&2; exit 3", NULL};
    const char *const hang[] = {"/bin/sh", "-c",
                                "trap '' TERM; read x </dev/zero", NULL};
    const char *const none[] = {"/nonexistent", NULL};
    int want = 1;

    l = loop_new();
    CHECK(loop_spawn(l, &(struct loop_spawn){.argv = talk, .capture = 100},
                     on_end, &want) > 0);
    loop_run(l);
    CHECK(WIFEXITED(last.status) && WEXITSTATUS(last.status) == 3);
    CHECK(!strcmp(last_output, "out\nerr\n"));
    CHECK(!last.timed_out);

    CHECK(loop_spawn(l, &(struct loop_spawn){.argv = talk, .capture = 5},
                     on_end, &want) > 0);
    ended = 0;
    loop_run(l);
    CHECK(!strcmp(last_output, "out\ne"));

    ended = 0;
    CHECK(loop_spawn(l, &(struct loop_spawn){.argv = hang, .deadline_ms = 20},
                     on_end, &want) > 0);
    loop_run(l);
    CHECK(last.timed_out && WIFSIGNALED(last.status));
    CHECK(loop_spawn(l, &(struct loop_spawn){.argv = none}, on_end, &want) < 0);
    loop_free(l);
}

/* Some parents leave SIGCHLD ignored; the kernel buries children then. */
static void ignored_children(void)
{
    const char *const quick[] = {"/bin/sh", "-c", "exit 4", NULL};
    int want = 1;

    signal(SIGCHLD, SIG_IGN);
    alarm(60); /* the end would never be told */
    ended = 0;
    l = loop_new();
    CHECK(loop_spawn(l, &(struct loop_spawn){.argv = quick}, on_end, &want) >
          0);
    loop_run(l);
    alarm(0);
    CHECK(WIFEXITED(last.status) && WEXITSTATUS(last.status) == 4);
    loop_free(l);
}

static void on_usr1(void *arg, int signo)
{
    *(int *)arg = signo;
    loop_stop(l, 0);
}

static void signals(void)
{
    int seen = 0;

    l = loop_new();
    CHECK_EQ(loop_signal(l, SIGUSR1, on_usr1, &seen), 0);
    raise(SIGUSR1);
    loop_run(l);
    CHECK_EQ(seen, SIGUSR1);
    loop_free(l);
}

static void buffers(void)
{
    struct buf b = BUF_INIT;
    char *text;
    int i;

    for (i = 0; i < 1000; i++)
        buf_printf(&b, "%d,", i);
    CHECK_EQ(b.len, 3890);
    buf_eat(&b, 3885);
    CHECK(!strcmp(b.data, ",999,"));
    buf_puts(&b, "end");
    text = buf_take(&b);
    CHECK(text && !strcmp(text, ",999,end"));
    free(text);
    text = buf_take(&b);
    CHECK(text && !strcmp(text, ""));
    free(text);
    buf_add(&b, "a\0b", 3);
    CHECK_EQ(b.len, 3);
    buf_free(&b);
}

static void paths(void)
{
    uint8_t u[16];
    char text[37];
    store_path_t p;

    CHECK(!strcmp(path_domain(&p, 7, "a/%d", 3), "/local/domain/7/a/3"));
    CHECK(!strcmp(path_domain(&p, 7, NULL), "/local/domain/7"));
    CHECK(!strcmp(path_backend(&p, 0, "vbd", 7, 51712, "state"),
                  "/local/domain/0/backend/vbd/7/51712/state"));
    CHECK(!strcmp(path_frontend(&p, 7, "vif", 0, NULL),
                  "/local/domain/7/device/vif/0"));
    CHECK(uuid_parse("01234567-89ab-cdef-0123-456789ABCDEF", u));
    uuid_print(text, u);
    CHECK(!strcmp(text, "01234567-89ab-cdef-0123-456789abcdef"));
    CHECK(!strcmp(path_vm(&p, u, "name"),
                  "/vm/01234567-89ab-cdef-0123-456789abcdef/name"));
    CHECK(!uuid_parse("01234567-89ab-cdef-0123-456789abcde", u));
    CHECK_EQ(path_domid("/local/domain/12/x"), 12);
    CHECK_EQ(path_domid("/local/domain/x"), -1);
    CHECK_EQ(path_domid("/vm/1"), -1);
}

static const struct unit_test tests[] = {
    {"a removed source is not called any more", removal},
    {"timers fire in order, cancelled ones never", timers},
    {"a set timer that is made anew is not set", timer_anew},
    {"children: output, status, deadline", children},
    {"children are heard of, whatever the parent left", ignored_children},
    {"signals arrive as callbacks", signals},
    {"buffers grow and are eaten", buffers},
    {"paths and UUIDs", paths},
};
UNIT_MAIN("loop", tests)
