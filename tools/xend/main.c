/* SPDX-License-Identifier: GPL-2.0 */
/*
 * main.c - xend: the life of the domains, behind one socket.
 * Keeps true: nothing is known here alone; what a killed xend knew is in the
 * hypervisor, the store and the state directory (recall.c).
 */
#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/daemon.h"
#include "base/log.h"
#include "xend.h"

#define PID_FILE  "/var/run/xend.pid"
#define LOCK_FILE "/var/lib/xend/xend.lock"
#define RETRY_MS  250

struct xend xend;

static struct loop_timer store_retry;
static bool recalled;

/* ---- the store --------------------------------------------------------- */

static void store_event(void *arg, const char *path, const char *token)
{
    (void)arg;
    (void)path;
    if (strncmp(token, "dev/", 4) == 0)
        device_store_event(token);
    else
        domains_refresh();
}

static void store_lost(void *arg)
{
    (void)arg;
    log_error("xenstored is gone; waiting for it to come back");
    store_close(xend.store);
    xend.store = NULL;
    for (struct domain *d = xend.domains; d; d = d->next) {
        for (struct device *dev = d->devices; dev; dev = dev->next)
            dev->watched = false;
    }
    loop_timer_set(&store_retry, RETRY_MS);
}

/* What waited for xenstored goes on. */
static void go_on(void)
{
    struct domain *d, *next_domain;
    struct device *dev, *next;

    for (d = xend.domains; d; d = next_domain) {
        next_domain = d->next; /* d may end here */
        for (dev = d->devices; dev; dev = next) {
            next = dev->next; /* and dev too */
            device_store_back(dev);
        }
        destroy_devices_changed(d);
    }
}

/* Domain-0 is in the store too, as programs that list domains expect. */
static void introduce_dom0(struct store *s)
{
    if (store_exists(s, 0, "/local/domain/0/name"))
        return;
    store_write_text(s, 0, "/local/domain/0/name", "Domain-0");
    store_write_text(s, 0, "/local/domain/0/domid", "0");
    /* xl makes no domain before it finds the name of the only pool */
    store_write_text(s, 0, "/local/pool/0/name", "Pool-0");
}

void store_connect(void)
{
    struct store *s = store_open_socket();
    int rc =
        s ? store_attach(s, xend.loop, store_event, store_lost, NULL) : -errno;

    if (!rc)
        rc = store_watch(s, "@releaseDomain", "release");
    if (!rc)
        rc = store_watch(s, "@introduceDomain", "introduce");
    if (rc) {
        if (s)
            store_close(s);
        loop_timer_set(&store_retry, RETRY_MS);
        return;
    }
    xend.store = s;
    introduce_dom0(s);
    log_info("connected to xenstored");
    if (!recalled) {
        recalled = true;
        recall();
        return;
    }
    go_on();
    domains_refresh();
}

static void store_retry_due(void *arg)
{
    (void)arg;
    store_connect();
}

/* ---- start and end ----------------------------------------------------- */

static void on_signal(void *arg, int signo)
{
    (void)arg;
    if (signo == SIGHUP) {
        log_reopen();
        return;
    }
    log_info("xend ends; the domains go on");
    loop_stop(xend.loop, 0);
}

static int take_lock(void)
{
    int fd;

    mkdir("/var/lib/xend", 0755);
    mkdir("/var/run/xend", 0755);
    fd = open(LOCK_FILE, O_RDWR | O_CREAT | O_CLOEXEC, 0600);
    if (fd < 0)
        return -errno;
    if (flock(fd, LOCK_EX | LOCK_NB))
        return -errno; /* EWOULDBLOCK: another xend runs */
    return 0;
}

/* Domain-0's network, if the settings name a script for it. */
static void start_network(void)
{
    static const char *argv[18];
    char *words = strdup(xend.set.network_script);
    struct loop_spawn how = {.argv = argv, .deadline_ms = 60000};
    char *path = NULL;
    int n = 0;

    for (char *w = strtok(words, " "); w && n < 15; w = strtok(NULL, " ")) {
        argv[n++] = w;
        if (n == 1)
            argv[n++] = "start";
    }
    if (n && *argv[0] != '/' &&
        asprintf(&path, "/etc/xen/scripts/%s", argv[0]) > 0)
        argv[0] = path;
    if (n && loop_spawn(xend.loop, &how, NULL, NULL) < 0)
        log_error("cannot run %s", argv[0]);
    free(path);
    free(words);
}

static int say(const char *text)
{
    fprintf(stderr, "xend: %s\n", text);
    return 1;
}

/* Everything up to the point where clients can connect. */
static int set_up(void)
{
    static char text[ERR_SIZE + 64];
    int rc = take_lock();

    if (rc == -EWOULDBLOCK)
        return say("another xend is running already");
    if (rc)
        return say("cannot write to /var/lib/xend");
    xend.hyp = hyp_open();
    if (!xend.hyp)
        return say("cannot reach the hypervisor (/dev/xen/privcmd)");
    rc = keep_init();
    if (rc) {
        snprintf(text, sizeof(text), "%s: %s", xend.set.state_dir,
                 strerror(-rc));
        return say(text);
    }
    xend.loop = loop_new();
    if (!xend.loop)
        return say("no event loop");
    loop_signal(xend.loop, SIGTERM, on_signal, NULL);
    loop_signal(xend.loop, SIGINT, on_signal, NULL);
    loop_signal(xend.loop, SIGHUP, on_signal, NULL);
    signal(SIGPIPE, SIG_IGN);
    loop_timer_init(&store_retry, xend.loop, store_retry_due, NULL);
    store_connect();
    if (!rpc_listen(xend.loop, xend.set.socket, request_arrived, NULL)) {
        snprintf(text, sizeof(text), "%s: %s", xend.set.socket,
                 strerror(errno));
        return say(text);
    }
    if (daemon_write_pid(PID_FILE))
        log_warn("cannot write %s", PID_FILE);
    start_network();
    return 0;
}

/* A pid file alone may be of an xend that was killed, and its number another
 * process's by now: one that runs has the lock. */
static bool lock_is_held(void)
{
    int fd = open(LOCK_FILE, O_RDWR | O_CLOEXEC);
    bool held = fd >= 0 && flock(fd, LOCK_EX | LOCK_NB) && errno == EWOULDBLOCK;

    if (fd >= 0)
        close(fd);
    return held;
}

static pid_t running_pid(void)
{
    FILE *f = lock_is_held() ? fopen(PID_FILE, "r") : NULL;
    int pid = 0;

    if (f && fscanf(f, "%d", &pid) != 1)
        pid = 0;
    if (f)
        fclose(f);
    return pid > 0 && kill(pid, 0) == 0 ? pid : 0;
}

static int usage(void)
{
    fprintf(stderr, "usage: xend [start|stop|status] [-F]\n"
                    "  -F, --foreground  stay, log to stderr's terminal too\n");
    return 2;
}

int main(int argc, char **argv)
{
    char err[ERR_SIZE];
    bool foreground = false;
    pid_t other;
    int ready = -1;
    int rc;

    for (int i = 1; i < argc; i++) {
        if (!strcmp(argv[i], "-F") || !strcmp(argv[i], "--foreground"))
            foreground = true;
        else if (!strcmp(argv[i], "stop"))
            return (other = running_pid()) ? kill(other, SIGTERM) != 0 : 0;
        else if (!strcmp(argv[i], "status"))
            return running_pid() ? 0 : 3;
        else if (strcmp(argv[i], "start") != 0)
            return usage();
    }
    umask(022);
    if (!foreground && daemon_background(&ready))
        return say("cannot start a process");
    if (settings_read(&xend.set, err))
        return say(err);
    rc = log_open("xend", xend.set.logfile);
    if (rc)
        fprintf(stderr, "xend: %s: %s\n", xend.set.logfile, strerror(-rc));
    log_info("xend starts");
    rc = set_up();
    if (rc)
        return rc;
    if (!foreground && daemon_report(ready, 0))
        log_warn("nobody waits for xend to be ready");
    rc = loop_run(xend.loop);
    unlink(PID_FILE);
    unlink(xend.set.socket);
    return rc;
}
