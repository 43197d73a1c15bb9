/* SPDX-License-Identifier: GPL-2.0 */
/*
 * main.c - xenconsoled: every guest's console as a pty and a log file.
 * Keeps true: the guests it serves are those that the hypervisor lists, in
 * this order of learning: @introduceDomain, a look at the list, the guest's
 * console directory in the store. After a restart the same finds all again.
 */
#include "xenconsoled.h"

#include <errno.h>
#include <fcntl.h>
#include <getopt.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <unistd.h>

#include "base/daemon.h"
#include "base/log.h"
#include "base/loop.h"
#include "hyp/domain.h"
#include "hyp/evtchn.h"
#include "hyp/grant.h"
#include "hyp/privcmd.h"
#include "store/client.h"

#define LOG_DIR      "/var/log/xen/console"
#define BATCH        64 /* domains asked for at once */
#define RECONNECT_MS 500

static const char usage[] =
    "usage: xenconsoled [-i] [-v] [--log=none|guest|hv|all] "
    "[--log-dir=DIR] [--pid-file=FILE]\n";

static bool is_alive(const struct dom_info *i)
{
    return i->domid != 0 && !(i->state & DOM_DYING);
}

/* Compare the hypervisor's list with ours. */
static void look_at_domains(struct daemon *d)
{
    static struct dom_info info[BATCH];
    uint32_t first = 0;
    int n, i;

    guest_mark_all(d);
    do {
        n = dom_list(d->hyp, first, info, BATCH);
        if (n < 0) {
            log_error("cannot list domains: %s", strerror(-n));
            return; /* sweeping now would end living guests */
        }
        for (i = 0; i < n; i++) {
            struct guest *g = guest_find(d, info[i].domid);

            if (!is_alive(&info[i]))
                continue;
            if (g)
                guest_keep(g);
            else
                guest_add(d, info[i].domid);
        }
        if (n)
            first = info[n - 1].domid + 1;
    } while (n == BATCH);
    guest_sweep(d);
}

static void on_store(void *arg, const char *path, const char *token)
{
    struct daemon *d = arg;
    struct guest *g;

    (void)path;
    if (!strncmp(token, "dom", 3)) {
        g = guest_find(d, (uint32_t)strtoul(token + 3, NULL, 10));
        if (g)
            guest_store_changed(g);
        return;
    }
    look_at_domains(d);
}

static void on_evtchn(void *arg, int fd, uint32_t events)
{
    struct daemon *d = arg;
    int port;

    (void)fd;
    (void)events;
    while ((port = evtchn_next(d->evtchn)) >= 0) {
        struct guest *g = guest_find_port(d, (uint32_t)port);

        if (g)
            guest_event(g);
        else if (hvlog_is_port((uint32_t)port))
            hvlog_event(d);
    }
}

static int watch_store(struct daemon *d);

static int watch_store(struct daemon *d);

/* xenstored went away. It will be back, with all that we need in it. */
static void on_reconnect(void *arg)
{
    struct daemon *d = arg;
    struct store *fresh = store_open_socket(), *old = d->store;

    if (!fresh) {
        loop_timer_set(&d->reconnect, RECONNECT_MS);
        return;
    }
    d->store = fresh;
    store_close(old);
    if (watch_store(d) < 0) {
        loop_timer_set(&d->reconnect, RECONNECT_MS);
        return;
    }
    log_info("the store is back");
    guest_watch_all(d);
    look_at_domains(d);
}

static void on_lost(void *arg)
{
    struct daemon *d = arg;

    log_warn("the store is gone; waiting for it");
    loop_timer_set(&d->reconnect, RECONNECT_MS);
}

static int watch_store(struct daemon *d)
{
    int rc = store_attach(d->store, d->loop, on_store, on_lost, d);

    if (!rc)
        rc = store_watch(d->store, "@introduceDomain", "new");
    if (!rc)
        rc = store_watch(d->store, "@releaseDomain", "gone");
    return rc;
}

static void on_hangup(void *arg, int signo)
{
    struct daemon *d = arg;

    (void)signo;
    log_reopen();
    guest_reopen_logs(d);
    hvlog_reopen(d);
}

static void on_terminate(void *arg, int signo)
{
    struct daemon *d = arg;

    (void)signo;
    loop_stop(d->loop, 0);
}

static int start(struct daemon *d)
{
    d->loop = loop_new();
    d->hyp = hyp_open();
    d->evtchn = evtchn_open();
    d->store = store_open_socket();
    d->grants = grants_open();
    if (!d->loop || !d->hyp || !d->evtchn || !d->store) {
        log_error("cannot start: %s: %s",
                  !d->hyp      ? "no hypervisor here"
                  : !d->evtchn ? "no event channels"
                  : !d->store  ? "xenstored is not running"
                               : "no memory",
                  strerror(errno));
        return -1;
    }
    signal(SIGPIPE, SIG_IGN);
    loop_timer_init(&d->reconnect, d->loop, on_reconnect, d);
    if (loop_signal(d->loop, SIGHUP, on_hangup, d) < 0 ||
        loop_signal(d->loop, SIGTERM, on_terminate, d) < 0 ||
        loop_signal(d->loop, SIGINT, on_terminate, d) < 0 ||
        !loop_fd_add(d->loop, evtchn_fd(d->evtchn), EPOLLIN, on_evtchn, d) ||
        watch_store(d) < 0) {
        log_error("cannot start: %s", strerror(errno));
        return -1;
    }
    if (d->log_hypervisor)
        hvlog_open(d);
    look_at_domains(d);
    return 0;
}

static bool set_logs(struct daemon *d, const char *which)
{
    bool all = !strcmp(which, "all"), none = !strcmp(which, "none");

    d->log_guests = all || !strcmp(which, "guest");
    d->log_hypervisor = all || !strcmp(which, "hv");
    return d->log_guests || d->log_hypervisor || none;
}

/* All that can go wrong goes wrong before the parent is told. */
static int begin(struct daemon *d, const char *pid_file, bool foreground)
{
    int rc = start(d);

    if (rc)
        return rc;
    if (pid_file) {
        rc = daemon_write_pid(pid_file);
        if (rc)
            log_error("%s: %s", pid_file, strerror(-rc));
    }
    if (!rc && !foreground)
        rc = log_open("xenconsoled", "/var/log/xen/xenconsoled.log");
    return rc;
}

static int serve(struct daemon *d, const char *pid_file, bool foreground)
{
    int ready = -1, rc = foreground ? 0 : daemon_background(&ready);

    if (rc) {
        log_error("cannot go into the background: %s", strerror(-rc));
        return 1;
    }
    rc = begin(d, pid_file, foreground);
    if (!foreground && daemon_report(ready, rc != 0))
        log_warn("nobody waits for our start");
    if (rc)
        return 1;
    rc = loop_run(d->loop);
    if (pid_file)
        unlink(pid_file);
    return rc < 0;
}

int main(int argc, char **argv)
{
    static const struct option options[] = {
        {"interactive", no_argument, NULL, 'i'},
        {"verbose", no_argument, NULL, 'v'},
        {"log", required_argument, NULL, 'l'},
        {"log-dir", required_argument, NULL, 'd'},
        {"pid-file", required_argument, NULL, 'p'},
        {"help", no_argument, NULL, 'h'},
        {NULL, 0, NULL, 0},
    };
    static struct daemon d = {
        .log_dir = LOG_DIR, .log_guests = true, .log_hypervisor = true};
    const struct rlimit files = {16384, 16384}; /* each guest has three */
    const char *pid_file = NULL;
    bool foreground = false;
    int c;

    while ((c = getopt_long(argc, argv, "ivh", options, NULL)) != -1) {
        if (c == 'i')
            foreground = true;
        else if (c == 'v')
            log_set_level(LOG_DEBUG);
        else if (c == 'd')
            d.log_dir = optarg;
        else if (c == 'p')
            pid_file = optarg;
        else if (c == 'h')
            return printf("%s", usage) < 0;
        else if (c != 'l' || !set_logs(&d, optarg))
            return fprintf(stderr, "%s", usage), 2;
    }
    log_open("xenconsoled", NULL);
    if (setrlimit(RLIMIT_NOFILE, &files))
        log_warn("at most some 300 consoles: %s", strerror(errno));
    return serve(&d, pid_file, foreground);
}
