/* SPDX-License-Identifier: GPL-2.0 */
/* test_log.c - the daemons' files: the log's lines and its bound, the pid. */
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/buf.h"
#include "base/daemon.h"
#include "base/log.h"
#include "unit.h"

#define BOUND (8 << 20)

static char dir[] = "/tmp/log-test-XXXXXX";

static const char *path_of(const char *name)
{
    static char path[64];

    snprintf(path, sizeof(path), "%s/%s", dir, name);
    return path;
}

static long size_of(const char *name)
{
    struct stat st;

    return stat(path_of(name), &st) ? -1 : (long)st.st_size;
}

static void no_forged_lines(void)
{
    struct buf b = BUF_INIT;

    CHECK_EQ(log_open("test", path_of("short")), 0);
    log_info("one\n[2026] \033[2Jforged");
    CHECK_EQ(buf_read_file(&b, path_of("short"), 1000), 0);
    CHECK(strstr(b.data, "INFO one?[2026] ?[2Jforged\n") != NULL);
    CHECK(strchr(b.data, '\n') == b.data + b.len - 1);
    buf_free(&b);
}

static void bounded(void)
{
    static char text[1500];

    memset(text, 'x', sizeof(text) - 1);
    CHECK_EQ(log_open("test", path_of("long")), 0);
    for (int i = 0; i < 20000; i++)
        log_info("%s", text);
    CHECK(size_of("long") > 0);
    CHECK(size_of("long") < BOUND + 4096);
    CHECK(size_of("long.1") >= BOUND);
    CHECK(size_of("long.1") < BOUND + 4096);
    CHECK_EQ(log_open("test", NULL), 0);
    unlink(path_of("long.1"));
    unlink(path_of("long"));
    unlink(path_of("short"));
    CHECK_EQ(rmdir(dir), 0);
}

static void pid_file(void)
{
    mode_t old = umask(0);
    struct stat st;

    CHECK_EQ(daemon_write_pid(path_of("pid")), 0);
    umask(old);
    CHECK_EQ(stat(path_of("pid"), &st), 0);
    CHECK_EQ(st.st_mode & 0777, 0644);
    unlink(path_of("pid"));
}

int main(void)
{
    static const struct unit_test tests[] = {
        {"what others sent makes no lines and no colours", no_forged_lines},
        {"a pid file is nobody else's to write", pid_file},
        {"a file that has grown is put aside", bounded},
    };

    if (!mkdtemp(dir))
        return 77;
    return unit_main("log", tests, sizeof(tests) / sizeof(tests[0]));
}
