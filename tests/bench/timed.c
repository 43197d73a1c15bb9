/* SPDX-License-Identifier: GPL-2.0 */
/*
 * timed.c - how long a command takes, to the microsecond.
 *
 *   timed COMMAND...                 until it ends
 *   timed -f FILE -w TEXT COMMAND... until then FILE also holds TEXT
 *   timed -q COMMAND...              what it prints is thrown away
 *
 * The last line is `took MILLISECONDS status STATUS`. FILE is looked at in
 * short naps, since it need not exist yet. Nobody waits longer than five
 * minutes. -q, because a long answer waits for a slow terminal.
 */
#include <fcntl.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#define LONGEST 300000.0
#define NAP_NS  2000000

static double now_ms(void)
{
    struct timespec t;

    clock_gettime(CLOCK_MONOTONIC, &t);
    return (double)t.tv_sec * 1e3 + (double)t.tv_nsec / 1e6;
}

static int run(char **command, bool quiet)
{
    pid_t child = fork();
    int status;

    if (child == 0) {
        if (quiet && !freopen("/dev/null", "w", stdout))
            _exit(127);
        execvp(command[0], command);
        perror(command[0]);
        _exit(127);
    }
    if (child < 0 || waitpid(child, &status, 0) != child)
        return 126;
    return WIFEXITED(status) ? WEXITSTATUS(status) : 125;
}

/* The text may stand anywhere: a console's log is short, so read it whole. */
static int holds(const char *file, const char *text)
{
    static char buf[1 << 20];
    int fd = open(file, O_RDONLY | O_CLOEXEC);
    ssize_t n;

    if (fd < 0)
        return 0;
    n = read(fd, buf, sizeof(buf));
    close(fd);
    return n > 0 && memmem(buf, (size_t)n, text, strlen(text)) != NULL;
}

static int wait_for(const char *file, const char *text, double start)
{
    struct timespec nap = {0, NAP_NS};

    while (!holds(file, text)) {
        if (now_ms() - start > LONGEST)
            return 124;
        nanosleep(&nap, NULL);
    }
    return 0;
}

int main(int argc, char **argv)
{
    const char *file = NULL, *text = NULL;
    bool quiet = false;
    double start;
    int c, status;

    while ((c = getopt(argc, argv, "+f:w:q")) != -1) {
        if (c == 'f')
            file = optarg;
        else if (c == 'w')
            text = optarg;
        else if (c == 'q')
            quiet = true;
        else
            return 2;
    }
    if (optind == argc || !file != !text)
        return 2;
    start = now_ms();
    status = run(argv + optind, quiet);
    if (status == 0 && file)
        status = wait_for(file, text, start);
    printf("took %.3f status %d\n", now_ms() - start, status);
    return status;
}
