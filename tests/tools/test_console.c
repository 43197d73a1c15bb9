/* SPDX-License-Identifier: GPL-2.0 */
/*
 * test_console.c - a guest's console with a made-up hypervisor and store: a
 * guest that rings or talks without an end, and its log on disk.
 */
#include <errno.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <unistd.h>

#include <abi/io/console.h>

#include "base/buf.h"
#include "base/log.h"
#include "hyp/evtchn.h"
#include "store/client.h"
#include "unit.h"

#include "fake_pages.h"

#include "../../tools/xenconsoled/xenconsoled.h"

#define PORT 7

static struct xencons_interface page;
static bool masked;
static unsigned int notified;
static bool talks_on; /* more text at each notice, as fast as it is read */

int evtchn_bind_interdomain(struct evtchn *e, uint32_t domid, uint32_t port)
{
    (void)e;
    (void)domid;
    (void)port;
    return PORT;
}

int evtchn_unbind(struct evtchn *e, uint32_t port)
{
    (void)e;
    (void)port;
    return 0;
}

int evtchn_notify(struct evtchn *e, uint32_t port)
{
    (void)e;
    (void)port;
    if (talks_on && ++notified < 100000)
        page.out_prod += 1000;
    return 0;
}

int evtchn_unmask(struct evtchn *e, uint32_t port)
{
    (void)e;
    (void)port;
    masked = false;
    return 0;
}

static void *fake_page(uint32_t domid)
{
    (void)domid;
    return &page;
}

char *store_read(struct store *s, store_tx_t tx, const char *path, size_t *len)
{
    (void)s;
    (void)tx;
    (void)len;
    return strstr(path, "name") ? strdup("a/b") : NULL;
}

int store_read_int(struct store *s, store_tx_t tx, const char *path,
                   long long *out)
{
    (void)s;
    (void)tx;
    (void)path;
    *out = 5;
    return strstr(path, "limit") == NULL;
}

int store_write_text(struct store *s, store_tx_t tx, const char *path,
                     const char *text)
{
    (void)s;
    (void)tx;
    (void)path;
    (void)text;
    return 0;
}

int store_watch(struct store *s, const char *path, const char *token)
{
    (void)s;
    (void)path;
    (void)token;
    return 0;
}

int store_unwatch(struct store *s, const char *path, const char *token)
{
    (void)s;
    (void)path;
    (void)token;
    return 0;
}

static char dir[] = "/tmp/console-test-XXXXXX";
static struct daemon d = {.log_guests = true};

static struct guest *begin(void)
{
    memset(&page, 0, sizeof(page));
    talks_on = false;
    notified = 0;
    d.loop = loop_new();
    d.grants = (struct grants *)&page;
    d.log_dir = dir;
    guest_add(&d, 3);
    guest_store_changed(guest_find(&d, 3));
    return guest_find(&d, 3);
}

static void end(void)
{
    guest_mark_all(&d);
    guest_sweep(&d);
    while (d.guests) /* its pty may still have text for a reader */
        loop_once(d.loop, -1);
    loop_free(d.loop);
}

static void rings_without_an_end(void)
{
    struct guest *g = begin();
    unsigned int rings = 0;

    masked = false;
    while (!masked && rings < 100000) {
        masked = true;
        guest_event(g);
        rings++;
    }
    CHECK(rings < 10000); /* then it waits for the period's end */
    while (masked)
        loop_once(d.loop, -1);
    masked = true;
    guest_event(g);
    CHECK(!masked);
    end();
}

/* Its page was granted to another guest, which lives and writes to it. */
static void talks_after_its_end(void)
{
    begin();
    talks_on = true;
    page.out_prod = 1000;
    end();
    CHECK(notified < 1000);
}

static uint64_t size_of(const char *name)
{
    char path[128];
    struct stat st;

    snprintf(path, sizeof(path), "%s/%s", dir, name);
    return stat(path, &st) ? 0 : (uint64_t)st.st_size;
}

static void log_has_a_bound(void)
{
    static char text[1 << 20];
    struct logfile l;

    memset(text, 'x', sizeof(text));
    logfile_open(&l, dir, "long.log");
    for (int i = 0; i < 50; i++)
        logfile_write(&l, text, sizeof(text));
    logfile_write(&l, "last words", 10);
    logfile_close(&l);
    CHECK(size_of("long.log") <= LOGFILE_MAX);
    CHECK(size_of("long.log") >= 10);
    CHECK_EQ(size_of("long.log.1"), LOGFILE_MAX);
    logfile_open(&l, dir, "long.log");
    CHECK(l.size > 0); /* it is taken up where it was */
    logfile_close(&l);
}

/* A limit of the file's size stands for the full disk. */
static void log_goes_on(void)
{
    struct rlimit old, full = {1000, RLIM_INFINITY};
    static char text[3000];
    struct buf b = BUF_INIT;
    char path[128];
    struct logfile l;

    signal(SIGXFSZ, SIG_IGN);
    getrlimit(RLIMIT_FSIZE, &old);
    full.rlim_max = old.rlim_max;
    memset(text, 'x', sizeof(text));
    logfile_open(&l, dir, "full.log");
    setrlimit(RLIMIT_FSIZE, &full);
    for (int i = 0; i < 10; i++)
        logfile_write(&l, text, sizeof(text));
    setrlimit(RLIMIT_FSIZE, &old);
    for (int i = 0; i < 3; i++)
        logfile_write(&l, text, sizeof(text));
    logfile_write(&l, "last words", 10);
    logfile_close(&l);
    snprintf(path, sizeof(path), "%s/full.log", dir);
    CHECK_EQ(buf_read_file(&b, path, 100000), 0);
    CHECK(strstr(b.data, "bytes could not be written]\n") != NULL);
    CHECK(b.len > 10 && !strcmp(b.data + b.len - 10, "last words"));
    buf_free(&b);
}

static void log_has_its_name(void)
{
    begin();
    memcpy(page.out, "hello", 5);
    page.out_prod = 5;
    end();
    CHECK_EQ(size_of("guest-a_b.log") % 1000, 5);
}

static void clean_up(void)
{
    char command[128];

    snprintf(command, sizeof(command), "rm -r %s", dir);
    CHECK_EQ(system(command), 0);
}

int main(void)
{
    static const struct unit_test tests[] = {
        {"one that rings all the time waits, and is heard again",
         rings_without_an_end},
        {"one that ended has its last words, and not for ever",
         talks_after_its_end},
        {"a log has a bound, and the last of what was said", log_has_a_bound},
        {"a log goes on when there is room again", log_goes_on},
        {"what a guest says is in the log of its name", log_has_its_name},
        {"nothing is left", clean_up},
    };

    log_set_level(LOG_ERROR);
    if (!mkdtemp(dir))
        return 77;
    return unit_main("console", tests, sizeof(tests) / sizeof(tests[0]));
}
