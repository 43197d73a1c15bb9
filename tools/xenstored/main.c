/* SPDX-License-Identifier: GPL-2.0 */
/*
 * main.c - xenstored: the store of Dom0 and its guests.
 * Keeps true: one loop, nothing in it waits; each round every program and
 * every guest with work gets its turn. Whatever kills this process, the next
 * one goes on where it was (keep.c).
 */
#include <errno.h>
#include <fcntl.h>
#include <getopt.h>
#include <signal.h>
#include <sys/file.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/daemon.h"
#include "base/log.h"
#include "base/loop.h"
#include "connect.h"
#include "socket.h"
#include "txn.h"

#define OLD_TXN_CHANGES  100000 /* seconds of a very busy store */
#define OLD_TXN_REPLACED (16UL << 20)

struct options {
    bool foreground;
    bool no_domains;
    bool trace;
    const char *pid_file;
    const char *log_file;
    const char *run_dir;
    const char *state_dir;
};

static const char usage[] =
    "usage: xenstored [option...]\n"
    "  -F, --foreground       do not go into the background (-N, --no-fork)\n"
    "  -D, --no-domain-init   serve the socket only, without a hypervisor\n"
    "  -P, --pid-file FILE    write the process id there\n"
    "  -L, --log-file FILE    log there (in the background:\n"
    "                         /var/log/xen/xenstored.log)\n"
    "  -R, --run-dir DIR      sockets are there (/var/run/xenstored)\n"
    "  -S, --state-dir DIR    what outlives a restart (/var/lib/xenstored)\n"
    "  -T, --trace            log each request\n"
    "  -h, --help             this text\n";

static bool stopping;

static int parse(int argc, char **argv, struct options *o)
{
    static const struct option longs[] = {
        {"foreground", no_argument, NULL, 'F'},
        {"no-fork", no_argument, NULL, 'N'},
        {"no-domain-init", no_argument, NULL, 'D'},
        {"pid-file", required_argument, NULL, 'P'},
        {"log-file", required_argument, NULL, 'L'},
        {"run-dir", required_argument, NULL, 'R'},
        {"state-dir", required_argument, NULL, 'S'},
        {"trace", no_argument, NULL, 'T'},
        {"help", no_argument, NULL, 'h'},
        {NULL, 0, NULL, 0},
    };
    int c;

    while ((c = getopt_long(argc, argv, "FNDP:L:R:S:Th", longs, NULL)) != -1) {
        switch (c) {
        case 'F':
        case 'N':
            o->foreground = true;
            break;
        case 'D':
            o->no_domains = true;
            break;
        case 'P':
            o->pid_file = optarg;
            break;
        case 'L':
            o->log_file = optarg;
            break;
        case 'R':
            o->run_dir = optarg;
            break;
        case 'S':
            o->state_dir = optarg;
            break;
        case 'T':
            o->trace = true;
            break;
        case 'h':
            fputs(usage, stdout);
            exit(0);
        default:
            fputs(usage, stderr);
            return -EINVAL;
        }
    }
    return optind == argc ? 0 : -EINVAL;
}

/* A directory and those above it. */
static int make_dir(const char *path, mode_t mode)
{
    char part[4096];

    if (strlen(path) >= sizeof(part))
        return -ENAMETOOLONG;
    for (size_t i = 1;; i++) {
        if (path[i] && path[i] != '/')
            continue;
        memcpy(part, path, i);
        part[i] = '\0';
        if (mkdir(part, path[i] ? 0755 : mode) && errno != EEXIST)
            return -errno;
        if (!path[i])
            return 0;
    }
}

/* One daemon a state directory; the lock goes with the process. */
static int lock(const char *dir)
{
    char path[4200];
    int fd;

    snprintf(path, sizeof(path), "%s/lock", dir);
    fd = open(path, O_RDWR | O_CREAT | O_CLOEXEC, 0600);
    if (fd < 0)
        return -errno;
    return flock(fd, LOCK_EX | LOCK_NB) ? -EBUSY : 0;
}

static void on_signal(void *arg, int signo)
{
    (void)arg;
    if (signo == SIGHUP)
        log_reopen();
    else
        stopping = true;
}

static int start(struct xstore *xs, struct loop *loop, const struct options *o)
{
    static const char first[] = "/tool/xenstored";
    struct change ch = {.kind = CHANGE_WRITE,
                        .owner = OWNER_INHERIT,
                        .path = first};
    int rc = keep_open(xs, o->state_dir);

    if (rc < 0)
        log_error("%s: %s: nothing will outlive a restart", o->state_dir,
                  strerror(-rc));
    if (rc > 0)
        log_info("going on with what was kept");
    else
        xstore_change(xs, &ch);
    if (!o->no_domains) {
        rc = connect_open(xs, loop);
        if (rc) {
            log_error("no hypervisor to talk to: %s", strerror(-rc));
            return rc;
        }
        rc = connect_dom0(xs);
        if (rc)
            log_error("the kernel's own connection: %s", strerror(-rc));
        connect_restored(xs);
    }
    rc = socket_open(xs, loop, o->run_dir);
    if (rc)
        log_error("sockets in %s: %s", o->run_dir, strerror(-rc));
    return rc;
}

static void serve(struct xstore *xs, struct loop *loop)
{
    uint64_t looked = tree_clock(), replaced = xs->replaced;
    bool busy = true;

    /* No timer anywhere: reading the clock costs as much as a request. */
    while (!stopping) {
        int rc = loop_once(loop, busy ? 0 : -1);

        if (rc)
            log_error("loop: %s", strerror(-rc));
        /* Rings may give sockets something to send, and the other way. */
        busy = connect_run(xs);
        busy |= socket_run();
        busy |= connect_run(xs);
        keep_compact(xs);
        if (tree_clock() - looked > OLD_TXN_CHANGES / 10 ||
            xs->replaced - replaced > OLD_TXN_REPLACED / 8) {
            looked = tree_clock();
            replaced = xs->replaced;
            txn_doom_old(xs, OLD_TXN_CHANGES, OLD_TXN_REPLACED);
        }
    }
}

/*
 * Programs and we wait for each other; who has the processor then, counts
 * (socket.c). Two steps of niceness make it us, and leave two fifths of it
 * to a program that runs while guests keep us busy. Not vital: a user who
 * may not is served a little later.
 */
static void go_first(void)
{
    errno = 0;
    if (nice(-2) == -1 && errno)
        log_info("nice: %s", strerror(errno));
}

static int run(const struct options *o, int ready)
{
    static struct xstore xs;
    struct loop *loop = loop_new();
    int rc;

    if (!loop)
        return -errno;
    xstore_init(&xs, o->no_domains ? &no_domain_hooks : &connect_hooks);
    xs.trace = o->trace;
    rc = start(&xs, loop, o);
    if (rc)
        return rc;
    loop_signal(loop, SIGTERM, on_signal, NULL);
    loop_signal(loop, SIGINT, on_signal, NULL);
    loop_signal(loop, SIGHUP, on_signal, NULL);
    if (o->pid_file)
        rc = daemon_write_pid(o->pid_file);
    if (!rc && ready >= 0)
        rc = daemon_report(ready, 0);
    if (rc)
        log_error("start: %s", strerror(-rc));
    else
        serve(&xs, loop);
    socket_close();
    connect_close();
    return rc;
}

int main(int argc, char **argv)
{
    struct options o = {.run_dir = "/var/run/xenstored",
                        .state_dir = "/var/lib/xenstored"};
    struct rlimit files = {65536, 65536};
    int ready = -1, rc = parse(argc, argv, &o);

    if (rc)
        return 2;
    rc = make_dir(o.run_dir, 0755);
    if (!rc)
        rc = make_dir(o.state_dir, 0700);
    if (!rc && !o.foreground)
        rc = daemon_background(&ready);
    if (!o.log_file && !o.foreground)
        o.log_file = "/var/log/xen/xenstored.log";
    if (!rc && log_open("xenstored", o.log_file))
        log_error("%s: %s", o.log_file, strerror(errno));
    if (!rc)
        rc = lock(o.state_dir);
    if (rc) {
        fprintf(stderr, "xenstored: cannot start: %s\n",
                rc == -EBUSY ? "another one is running" : strerror(-rc));
        return 1;
    }
    signal(SIGPIPE, SIG_IGN);
    go_first();
    setrlimit(RLIMIT_NOFILE, &files);
    return run(&o, ready) ? 1 : 0;
}
