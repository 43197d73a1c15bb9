/* SPDX-License-Identifier: GPL-2.0 */
/*
 * daemon.c - what each daemon does when it starts.
 */
#include "base/daemon.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <unistd.h>

/* Some parents close them; what we open then must not be taken for them. */
static void open_standard(void)
{
    int fd;

    do
        fd = open("/dev/null", O_RDWR);
    while (fd >= 0 && fd <= STDERR_FILENO);
    if (fd >= 0)
        close(fd);
}

int daemon_background(int *ready)
{
    int ends[2], rc;
    char verdict;

    open_standard();
    if (pipe2(ends, O_CLOEXEC))
        return -errno;
    switch (fork()) {
    case -1:
        rc = -errno;
        close(ends[0]);
        close(ends[1]);
        return rc;
    case 0:
        close(ends[0]);
        setsid();
        *ready = ends[1];
        return 0;
    default:
        close(ends[1]);
        _exit(read(ends[0], &verdict, 1) == 1 ? verdict : 1);
    }
}

int daemon_report(int ready, char verdict)
{
    int null = open("/dev/null", O_RDWR | O_CLOEXEC), rc;

    if (null < 0)
        return -errno;
    dup2(null, 0);
    dup2(null, 1);
    dup2(null, 2);
    if (null > 2)
        close(null);
    rc = write(ready, &verdict, 1) == 1 ? 0 : -errno;
    close(ready);
    return rc;
}

/* Whatever the umask we were started with: others must not write there, for
 * init scripts end the process of that number. */
int daemon_write_pid(const char *file)
{
    int fd = open(file, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0644);
    FILE *f = fd < 0 ? NULL : fdopen(fd, "w");
    int rc;

    if (!f)
        return -errno;
    rc = fprintf(f, "%ld\n", (long)getpid()) < 0 ? -EIO : 0;
    return fclose(f) ? -errno : rc;
}
