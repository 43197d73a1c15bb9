/* SPDX-License-Identifier: GPL-2.0 */
/*
 * log.c - lines with time and level, each written with one write().
 * Keeps true: a line is never mixed with another process's line in the same
 * file, and a full disk never stops the caller. A file that has grown to
 * LOG_MAX becomes FILE.1, and a new one begins: what guests can make us say
 * costs no more of the disk than twice that.
 */
#include "base/log.h"

#include <errno.h>
#include <fcntl.h>
#include <stdarg.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

#define LINE_MAX_LEN 2048
#define LOG_MAX      (8u << 20)

static const char *log_program = "";
static char log_path[512];
static int log_fd = STDERR_FILENO;
static uint64_t log_size; /* of the file, so far as we know */
static enum log_level log_limit = LOG_INFO;

static void make_parents(const char *file)
{
    char path[sizeof(log_path)];
    char *p;

    snprintf(path, sizeof(path), "%s", file);
    for (p = strchr(path + 1, '/'); p; p = strchr(p + 1, '/')) {
        *p = '\0';
        mkdir(path, 0755);
        *p = '/';
    }
}

static int open_file(const char *file)
{
    int fd = open(file, O_WRONLY | O_APPEND | O_CREAT | O_CLOEXEC, 0640);
    struct stat st;

    if (fd >= 0)
        log_size = fstat(fd, &st) ? 0 : (uint64_t)st.st_size;
    return fd;
}

int log_open(const char *program, const char *file)
{
    int fd = STDERR_FILENO;

    log_program = program;
    if (file) {
        if (strlen(file) >= sizeof(log_path))
            return -ENAMETOOLONG;
        make_parents(file);
        fd = open_file(file);
        if (fd < 0)
            return -errno;
    }
    if (log_fd != STDERR_FILENO)
        close(log_fd);
    log_fd = fd;
    snprintf(log_path, sizeof(log_path), "%s", file ? file : "");
    return 0;
}

void log_reopen(void)
{
    int fd;

    if (!log_path[0])
        return;
    fd = open_file(log_path);
    if (fd < 0) {
        log_warn("cannot open %s anew: %s", log_path, strerror(errno));
        return;
    }
    close(log_fd);
    log_fd = fd;
}

static void begin_anew(void)
{
    char old[sizeof(log_path) + 2];

    log_size = 0; /* if it cannot be done: try again after as much */
    snprintf(old, sizeof(old), "%s.1", log_path);
    if (rename(log_path, old) == 0)
        log_reopen();
}

void log_set_level(enum log_level level)
{
    log_limit = level;
}

/* "[2026-01-31 12:00:00.123 xend] ERROR " */
static size_t put_head(char *line, size_t size, enum log_level level)
{
    static const char *const names[] = {"ERROR", "WARN", "INFO", "DEBUG"};
    struct timespec now;
    struct tm tm;
    size_t n;

    clock_gettime(CLOCK_REALTIME, &now);
    localtime_r(&now.tv_sec, &tm);
    n = strftime(line, size, "[%Y-%m-%d %H:%M:%S", &tm);
    return n + (size_t)snprintf(line + n, size - n, ".%03ld %s %d] %s ",
                                now.tv_nsec / 1000000, log_program,
                                (int)getpid(), names[level]);
}

void log_write(enum log_level level, const char *fmt, ...)
{
    char line[LINE_MAX_LEN];
    int saved = errno;
    size_t n, i, head;
    va_list ap;

    if (level > log_limit)
        return;

    head = n = put_head(line, sizeof(line) - 1, level);
    va_start(ap, fmt);
    n += (size_t)vsnprintf(line + n, sizeof(line) - 1 - n, fmt, ap);
    va_end(ap);
    if (n > sizeof(line) - 2)
        n = sizeof(line) - 2;
    /* What guests and clients send must not forge lines. */
    for (i = head; i < n; i++)
        if ((unsigned char)line[i] < ' ' && line[i] != '\t')
            line[i] = '?';
    line[n++] = '\n';
    if (log_path[0] && log_size >= LOG_MAX)
        begin_anew();
    log_size += n;
    if (write(log_fd, line, n) < 0)
        (void)0; /* nowhere left to say so */
    errno = saved;
}
