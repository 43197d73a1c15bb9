/* SPDX-License-Identifier: GPL-2.0 */
/*
 * client.c - xenconsole: a guest's console in this terminal.
 * Keeps true: however it ends, the terminal gets its old settings back.
 * Ctrl-] leaves, also when the guest takes nothing of what is typed; so does
 * the guest's end.
 */
#include <errno.h>
#include <fcntl.h>
#include <getopt.h>
#include <poll.h>
#include <signal.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <termios.h>
#include <unistd.h>

#include "base/loop.h"
#include "store/client.h"
#include "store/path.h"

#define ESCAPE     0x1d /* Ctrl-] */
#define WAIT_MS    30000
#define TYPED_MAX  65536
#define NO_TTY_MSG "its console is not served (is xenconsoled running?)"

static struct termios before;
static bool is_raw;

static void restore_terminal(void)
{
    if (is_raw)
        tcsetattr(STDIN_FILENO, TCSAFLUSH, &before);
    is_raw = false;
}

static void on_signal(int signo)
{
    restore_terminal();
    signal(signo, SIG_DFL);
    raise(signo);
}

static void raw_terminal(void)
{
    struct termios raw;

    if (tcgetattr(STDIN_FILENO, &before) < 0)
        return;
    raw = before;
    cfmakeraw(&raw);
    is_raw = true;
    atexit(restore_terminal);
    signal(SIGTERM, on_signal);
    signal(SIGHUP, on_signal);
    signal(SIGINT, on_signal);
    tcsetattr(STDIN_FILENO, TCSAFLUSH, &raw);
}

/* Which domain has this name? -1: none. */
static long find_domain(struct store *s, const char *name)
{
    size_t n, i;
    char **ids, *end;
    long id = strtol(name, &end, 10);
    store_path_t path;

    if (*name && !*end)
        return id;
    ids = store_list(s, 0, "/local/domain", &n);
    for (i = 0, id = -1; ids && i < n && id < 0; i++) {
        char *its = store_read(
            s, 0, path_make(&path, "/local/domain/%s/name", ids[i]), NULL);

        if (its && !strcmp(its, name))
            id = strtol(ids[i], NULL, 10);
        free(its);
    }
    free(ids);
    return id;
}

/* The pty's name, as soon as there is one; NULL: errno, ESRCH if it's gone. */
static char *wait_for_tty(struct store *s, uint32_t domid)
{
    uint64_t end = loop_now_ns() + WAIT_MS * 1000000ull;
    struct store_event ev;
    store_path_t path, name;

    path_domain(&path, domid, "console/tty");
    path_domain(&name, domid, "name");
    store_watch(s, path.text, "tty");
    store_watch(s, "@releaseDomain", "gone");
    for (;;) {
        char *tty = store_read(s, 0, path.text, NULL);
        uint64_t now = loop_now_ns();

        if (tty && tty[0])
            return tty;
        free(tty);
        errno = ESRCH;
        if (!store_exists(s, 0, name.text))
            return NULL;
        errno = ETIMEDOUT;
        if (now >= end ||
            store_wait_event(s, &ev, (int)((end - now) / 1000000) + 1) < 0)
            return NULL;
    }
}

static bool write_all(int fd, const char *p, size_t n)
{
    while (n) {
        ssize_t done = write(fd, p, n);

        if (done < 0 && errno == EAGAIN) {
            struct pollfd wait = {.fd = fd, .events = POLLOUT};

            poll(&wait, 1, -1);
            continue;
        }
        if (done < 0 && errno != EINTR)
            return false;
        if (done > 0) {
            p += done;
            n -= (size_t)done;
        }
    }
    return true;
}

/* What was typed and the guest has not taken yet. */
struct typed {
    char text[TYPED_MAX];
    size_t len;
};

/* False: the escape key is among it. What finds no room is lost, as at any
 * terminal, for the key must be seen. */
static bool read_typed(struct typed *t, int escape, bool *open)
{
    char text[256];
    ssize_t n = read(STDIN_FILENO, text, sizeof(text));
    size_t room = sizeof(t->text) - t->len, len = n > 0 ? (size_t)n : 0;
    char *leave = memchr(text, escape, len);

    if (n <= 0)
        *open = n < 0 && errno == EINTR;
    if (leave)
        len = (size_t)(leave - text);
    if (len > room)
        len = room;
    memcpy(t->text + t->len, text, len);
    t->len += len;
    return leave == NULL;
}

static void pass_typed(struct typed *t, int tty)
{
    ssize_t n = t->len ? write(tty, t->text, t->len) : 0;

    if (n <= 0)
        return;
    t->len -= (size_t)n;
    memmove(t->text, t->text + n, t->len);
}

/* False: the guest is gone. */
static bool show(int tty)
{
    char text[4096];
    ssize_t n = read(tty, text, sizeof(text));

    if (n > 0)
        return write_all(STDOUT_FILENO, text, (size_t)n);
    return n < 0 && (errno == EINTR || errno == EAGAIN);
}

/* Until the user leaves or the guest is gone. */
static void converse(int tty, int escape)
{
    static struct typed typed;
    struct pollfd p[2] = {{.fd = tty}, {.fd = STDIN_FILENO, .events = POLLIN}};
    bool open = true;

    for (;;) {
        p[0].events = (short)(POLLIN | (typed.len ? POLLOUT : 0));
        if (poll(p, open ? 2 : 1, -1) < 0) {
            if (errno != EINTR)
                return;
            continue;
        }
        if (p[0].revents & ~POLLOUT && !show(tty))
            return;
        if (open && p[1].revents && !read_typed(&typed, escape, &open))
            break;
        pass_typed(&typed, tty);
    }
    pass_typed(&typed, tty);
}

static int usage(FILE *to)
{
    fprintf(to, "usage: xenconsole [--escape CHARACTER] NAME|ID\n"
                "Leave with Ctrl-], or Ctrl and the character given.\n");
    return to == stdout ? 0 : 2;
}

int main(int argc, char **argv)
{
    static const struct option options[] = {
        {"escape", required_argument, NULL, 'e'},
        {"num", required_argument, NULL, 'n'},
        {"interactive", no_argument, NULL, 'i'},
        {"help", no_argument, NULL, 'h'},
        {NULL, 0, NULL, 0},
    };
    int c, tty, escape = ESCAPE;
    struct store *s;
    char *name;
    long domid;

    while ((c = getopt_long(argc, argv, "e:n:ih", options, NULL)) != -1) {
        if (c == 'e' && optarg[0])
            escape = optarg[optarg[0] == '^' && optarg[1]] & 0x1f;
        else if (c == 'h')
            return usage(stdout);
        else if (c != 'i' && (c != 'n' || strcmp(optarg, "0") != 0))
            return usage(stderr);
    }
    if (optind != argc - 1)
        return usage(stderr);

    s = store_open();
    if (!s) {
        fprintf(stderr, "xenconsole: xenstored is not running: %s\n",
                strerror(errno));
        return 1;
    }
    domid = find_domain(s, argv[optind]);
    name = domid < 0 ? NULL : wait_for_tty(s, (uint32_t)domid);
    if (!name) {
        fprintf(stderr, "xenconsole: domain %s: %s\n", argv[optind],
                domid < 0 || errno == ESRCH ? "does not exist" : NO_TTY_MSG);
        return 1;
    }
    tty = open(name, O_RDWR | O_NOCTTY | O_NONBLOCK | O_CLOEXEC);
    if (tty < 0) {
        fprintf(stderr, "xenconsole: %s: %s\n", name, strerror(errno));
        return 1;
    }
    free(name);
    store_close(s);
    raw_terminal();
    converse(tty, escape);
    restore_terminal();
    printf("\n");
    return 0;
}
