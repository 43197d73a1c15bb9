/* SPDX-License-Identifier: GPL-2.0 */
/*
 * test_xenconsole.c - a terminal at the console of a guest that does not
 * listen: whoever sits there can always leave.
 */
#include <sys/socket.h>
#include <sys/wait.h>

#include "unit.h"

int xenconsole_main(int argc, char **argv);
#define main xenconsole_main
#include "../../tools/xenconsole/client.c"
#undef main

static int ends(int fds[2])
{
    return socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, fds);
}

/* [0] of each is the program's end, [1] ours. */
static int user[2], screen[2], tty[2];

/* converse() in a child, whose terminal is `user` and `screen`. */
static pid_t sit_down(void)
{
    pid_t pid;

    CHECK(!ends(user) && !ends(screen) && !ends(tty));
    fcntl(tty[0], F_SETFL, O_NONBLOCK);
    signal(SIGPIPE, SIG_IGN);
    pid = fork();
    if (pid == 0) {
        alarm(60);
        dup2(user[0], STDIN_FILENO);
        dup2(screen[0], STDOUT_FILENO);
        close(user[1]);
        close(screen[1]);
        close(tty[1]);
        converse(tty[0], ESCAPE);
        _exit(0);
    }
    alarm(90);
    close(user[0]);
    close(screen[0]);
    close(tty[0]);
    return pid;
}

static void goes_well(pid_t pid)
{
    int status = -1;

    waitpid(pid, &status, 0);
    alarm(0);
    CHECK_EQ(status, 0);
    close(user[1]);
    close(screen[1]);
    close(tty[1]);
}

static void deaf_guest(void)
{
    static char typed[1 << 20];
    pid_t pid = sit_down();

    memset(typed, 'x', sizeof(typed));
    typed[sizeof(typed) - 1] = ESCAPE;
    CHECK(write_all(user[1], typed, sizeof(typed)));
    goes_well(pid);
}

/* What was typed arrives, though slowly, and nothing of what comes back is
 * lost. */
static void slow_guest(void)
{
    static char typed[30000], got[sizeof(typed)];
    pid_t pid = sit_down();
    size_t n = 0;

    for (size_t i = 0; i < sizeof(typed); i++)
        typed[i] = (char)('a' + i % 26);
    CHECK(write_all(user[1], typed, sizeof(typed)));
    while (n < sizeof(typed)) {
        ssize_t part = read(tty[1], got + n, 777);

        if (part <= 0)
            break;
        n += (size_t)part;
    }
    CHECK_EQ(n, sizeof(typed));
    CHECK(!memcmp(got, typed, n));
    CHECK(write_all(tty[1], "answer", 6));
    CHECK_EQ(recv(screen[1], got, 6, MSG_WAITALL), 6);
    shutdown(tty[1], SHUT_RDWR);
    goes_well(pid);
}

static const struct unit_test tests[] = {
    {"one can leave a guest that does not listen", deaf_guest},
    {"a slow guest gets all that was typed", slow_guest},
};
UNIT_MAIN("xenconsole", tests)
