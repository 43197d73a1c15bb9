/* SPDX-License-Identifier: GPL-2.0 */
/*
 * logfile.c - what guests say, on disk.
 * Keeps true: a guest that never stops talking costs twice LOGFILE_MAX of the
 * disk, and what it said last is there. A full disk costs what was said
 * meanwhile, and the log says how much; it stops nobody.
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

static int open_path(struct logfile *l)
{
    struct stat st;

    l->fd = open(l->path,
                 O_WRONLY | O_APPEND | O_CREAT | O_CLOEXEC | O_NOFOLLOW, 0640);
    if (l->fd < 0)
        return -errno;
    l->size = fstat(l->fd, &st) ? 0 : (uint64_t)st.st_size;
    return 0;
}

void logfile_open(struct logfile *l, const char *dir, const char *name)
{
    int rc;

    *l = (struct logfile){.fd = -1};
    if ((size_t)snprintf(l->path, sizeof(l->path), "%s/%s", dir, name) >=
        sizeof(l->path)) {
        l->path[0] = '\0';
        return;
    }
    make_dirs(dir);
    rc = open_path(l);
    if (rc)
        log_warn("cannot open %s: %s", l->path, strerror(-rc));
}

void logfile_close(struct logfile *l)
{
    if (l->fd >= 0)
        close(l->fd);
    l->fd = -1;
}

static void give_up(struct logfile *l, int error)
{
    if (!l->complained)
        log_error("%s: %s", l->path, strerror(error));
    l->complained = true;
    l->lost = 0;
    logfile_close(l);
}

static void begin_anew(struct logfile *l)
{
    char old[sizeof(l->path) + 2];
    int rc;

    snprintf(old, sizeof(old), "%s.1", l->path);
    logfile_close(l);
    rc = rename(l->path, old) ? -errno : open_path(l);
    if (rc)
        give_up(l, -rc);
}

/* False: the log is closed. */
static bool put(struct logfile *l, const char *data, size_t len)
{
    while (len) {
        ssize_t n = write(l->fd, data, len);

        if (n < 0 && errno == EINTR)
            continue;
        if (n < 0) {
            give_up(l, errno);
            return false;
        }
        data += n;
        len -= (size_t)n;
        l->size += (uint64_t)n;
    }
    return true;
}

/* Perhaps there is room again. */
static void try_again(struct logfile *l)
{
    char text[80];
    int n = snprintf(text, sizeof(text),
                     "\n[xenconsoled: %llu bytes could not be written]\n",
                     (unsigned long long)l->lost);

    if (!open_path(l) && put(l, text, (size_t)n)) {
        l->complained = false;
        log_info("%s: goes on", l->path);
    }
    l->lost = 0;
}

void logfile_write(struct logfile *l, const char *data, size_t len)
{
    if (!l->path[0])
        return;
    if (l->fd < 0 && l->lost >= LOGFILE_TRY)
        try_again(l);
    if (l->fd >= 0 && l->size >= LOGFILE_MAX)
        begin_anew(l);
    if (l->fd < 0 || !put(l, data, len))
        l->lost += len;
}
