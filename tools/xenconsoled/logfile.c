/* SPDX-License-Identifier: GPL-2.0 */
/*
 * logfile.c - what guests say, on disk.
 */
#include "xenconsoled.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/log.h"

static void make_dirs(const char *dir)
{
    char path[512];
    char *p;

    snprintf(path, sizeof(path), "%s/", dir);
    for (p = strchr(path + 1, '/'); p; p = strchr(p + 1, '/')) {
        *p = '\0';
        mkdir(path, 0755);
        *p = '/';
    }
}

int logfile_open(const char *dir, const char *name)
{
    char path[512];
    int fd;

    if ((size_t)snprintf(path, sizeof(path), "%s/%s", dir, name) >=
        sizeof(path))
        return -1;
    make_dirs(dir);
    fd = open(path, O_WRONLY | O_APPEND | O_CREAT | O_CLOEXEC | O_NOFOLLOW,
              0640);
    if (fd < 0)
        log_warn("cannot open %s: %s", path, strerror(errno));
    return fd;
}

/* A full disk ends this log until the next SIGHUP, not the daemon. */
void logfile_write(int *fd, const char *what, const char *data, size_t len)
{
    while (*fd >= 0 && len) {
        ssize_t n = write(*fd, data, len);

        if (n < 0 && errno == EINTR)
            continue;
        if (n < 0) {
            log_error("log of %s: %s", what, strerror(errno));
            close(*fd);
            *fd = -1;
            return;
        }
        data += n;
        len -= (size_t)n;
    }
}
