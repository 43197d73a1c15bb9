/* SPDX-License-Identifier: GPL-2.0 */
/*
 * guest.c - one guest's console: its ring, a pty for whoever looks, a log.
 * Keeps true: every byte taken from the ring is in the log before anything
 * else happens to it; a guest that talks or rings too much waits (its ring
 * stays full, its event masked), it neither loses text nor holds up others;
 * a slow reader of the pty costs at most KEEP bytes, then misses the oldest;
 * what a dying guest left in its ring is still read, then its page is let go
 * at once.
 */
#include "xenconsoled.h"

#include <errno.h>
#include <fcntl.h>
#include <pty.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <termios.h>
#include <unistd.h>

#include <abi/grant_table.h>
#include <abi/io/console.h>

#include "base/buf.h"
#include "base/log.h"
#include "base/loop.h"
#include "hyp/evtchn.h"
#include "hyp/grant.h"
#include "hyp/memory.h"
#include "store/client.h"
#include "store/path.h"

#define KEEP       (128u << 10) /* for a slow reader */
#define PERIOD_MS  200
#define PER_PERIOD (64u << 10) /* bytes a guest may say in a period */
#define PER_EVENT  32          /* of them an event counts as, if it says none */
#define LAST_WORDS 2000        /* ms that a reader has after the end */

struct guest {
    struct daemon *daemon;
    uint32_t domid;
    char name[128];
    char token[32];
    bool seen;  /* in this round of looking at all domains */
    bool ended; /* only the pty is left */
    struct ring ring;
    void *page;
    bool by_grant;
    int port;    /* local; -1: not connected */
    bool waits;  /* said too much; its event stays masked */
    size_t said; /* in this period */
    bool complained;
    struct loop_timer period;
    int master, slave;
    struct logfile log;
    struct loop_fd *source;
    struct buf out; /* for the pty */
    size_t keep;
    struct guest *next;
};

static void read_ring(struct guest *g);

/* Finding */

struct guest *guest_find(struct daemon *d, uint32_t domid)
{
    struct guest *g;

    for (g = d->guests; g; g = g->next)
        if (g->domid == domid && !g->ended)
            return g;
    return NULL;
}

struct guest *guest_find_port(struct daemon *d, uint32_t local_port)
{
    struct guest *g;

    for (g = d->guests; g; g = g->next)
        if (g->port >= 0 && (uint32_t)g->port == local_port)
            return g;
    return NULL;
}

/* The pty */

static void want(struct guest *g)
{
    uint32_t events = 0;

    if (!g->source)
        return;
    if (g->out.len)
        events |= EPOLLOUT;
    if (g->page && ring_room(&g->ring))
        events |= EPOLLIN;
    loop_fd_events(g->source, events);
}

static void write_pty(struct guest *g)
{
    while (g->out.len) {
        ssize_t n = write(g->master, g->out.data, g->out.len);

        if (n < 0 && errno == EINTR)
            continue;
        if (n <= 0)
            break;
        buf_eat(&g->out, (size_t)n);
    }
}

static void read_pty(struct guest *g)
{
    char piece[1024];
    size_t room = g->page ? ring_room(&g->ring) : 0;
    ssize_t n;

    if (!room)
        return;
    n = read(g->master, piece, room < sizeof(piece) ? room : sizeof(piece));
    if (n <= 0)
        return;
    ring_give(&g->ring, piece, (size_t)n);
    evtchn_notify(g->daemon->evtchn, (uint32_t)g->port);
}

static void guest_free(struct guest *g);

static void on_pty(void *arg, int fd, uint32_t events)
{
    struct guest *g = arg;

    (void)fd;
    if (events & EPOLLOUT)
        write_pty(g);
    if (events & EPOLLIN)
        read_pty(g);
    if (g->ended && !g->out.len) {
        guest_free(g);
        return;
    }
    want(g);
}

/* Both ends stay open here, so readers may come and go. */
static int open_pty(struct guest *g)
{
    struct termios raw;
    char tty[64];
    store_path_t path;

    if (openpty(&g->master, &g->slave, tty, NULL, NULL) < 0)
        return -errno;
    fcntl(g->master, F_SETFL, O_NONBLOCK);
    fcntl(g->master, F_SETFD, FD_CLOEXEC);
    fcntl(g->slave, F_SETFD, FD_CLOEXEC);
    if (tcgetattr(g->slave, &raw) == 0) {
        cfmakeraw(&raw);
        tcsetattr(g->slave, TCSANOW, &raw);
    }
    if (fchmod(g->slave, 0600) < 0)
        log_warn("%s: cannot close %s to others", g->name, tty);
    g->source = loop_fd_add(g->daemon->loop, g->master, EPOLLIN, on_pty, g);
    if (!g->source)
        return -errno;
    return store_write_text(g->daemon->store, 0,
                            path_domain(&path, g->domid, "console/tty"), tty);
}

/* The ring */

static void open_log(struct guest *g)
{
    char file[160];

    if (!g->daemon->log_guests)
        return;
    snprintf(file, sizeof(file), "guest-%s.log", g->name);
    logfile_open(&g->log, g->daemon->log_dir, file);
}

static void on_period(void *arg)
{
    struct guest *g = arg;

    g->said = 0;
    if (!g->waits)
        return;
    g->waits = false;
    read_ring(g);
    if (!g->waits && g->port >= 0)
        evtchn_unmask(g->daemon->evtchn, (uint32_t)g->port);
    want(g);
}

static void take_text(struct guest *g, const char *text, size_t n)
{
    logfile_write(&g->log, text, n);
    if (!g->source)
        return;
    buf_add(&g->out, text, n);
    if (g->out.failed)
        buf_free(&g->out);
    if (g->out.len > g->keep)
        buf_eat(&g->out, g->out.len - g->keep);
    write_pty(g);
}

static void count(struct guest *g, size_t n)
{
    g->said += n;
    if (!loop_timer_is_set(&g->period))
        loop_timer_set(&g->period, PERIOD_MS);
    g->waits = g->said >= PER_PERIOD;
}

/* All that is there, unless it is too much for this period. */
static void read_ring(struct guest *g)
{
    char piece[sizeof(((struct xencons_interface *)0)->out)];
    int n;

    if (!g->page)
        return;
    while (!g->waits && (n = ring_take(&g->ring, piece, sizeof(piece))) != 0) {
        if (n < 0) {
            if (!g->complained)
                log_warn("%s (%u): console indices make no sense", g->name,
                         g->domid);
            g->complained = true;
            return;
        }
        take_text(g, piece, (size_t)n);
        ring_taken(&g->ring); /* who is killed before reads them again */
        if (g->port >= 0)
            evtchn_notify(g->daemon->evtchn, (uint32_t)g->port);
        count(g, (size_t)n);
    }
}

void guest_event(struct guest *g)
{
    count(g, PER_EVENT);
    read_ring(g);
    if (!g->waits)
        evtchn_unmask(g->daemon->evtchn, (uint32_t)g->port);
    want(g);
}

static void *map_page(struct guest *g, uint64_t frame)
{
    const uint32_t ref = GNTTAB_RESERVED_CONSOLE;
    struct daemon *d = g->daemon;
    void *page = NULL;

    if (d->grants)
        page = grants_map(d->grants, g->domid, &ref, 1, PROT_READ | PROT_WRITE);
    g->by_grant = page != NULL;
    if (!page)
        page =
            mem_map(d->hyp, g->domid, PROT_READ | PROT_WRITE, &frame, 1, NULL);
    return page;
}

static void unmap_page(struct guest *g)
{
    if (!g->page)
        return;
    if (g->by_grant)
        grants_unmap(g->daemon->grants, g->page, 1);
    else
        mem_unmap(g->page, 1);
    g->page = NULL;
}

static int connect_ring(struct guest *g, uint64_t frame, uint32_t port)
{
    g->page = map_page(g, frame);
    if (!g->page)
        return -errno;
    ring_init(&g->ring, g->page);
    g->port = evtchn_bind_interdomain(g->daemon->evtchn, g->domid, port);
    if (g->port >= 0)
        return 0;
    unmap_page(g);
    return g->port;
}

/* From the store */

static void read_name(struct guest *g)
{
    store_path_t path;
    char *name = store_read(g->daemon->store, 0,
                            path_domain(&path, g->domid, "name"), NULL);
    char *p;

    if (!name || !name[0])
        snprintf(g->name, sizeof(g->name), "%u", g->domid);
    else
        snprintf(g->name, sizeof(g->name), "%.100s", name);
    free(name);
    for (p = g->name; *p; p++)
        if (*p == '/' || (unsigned char)*p < ' ')
            *p = '_';
}

static bool is_ours(struct guest *g)
{
    store_path_t path;
    char *type = store_read(g->daemon->store, 0,
                            path_domain(&path, g->domid, "console/type"), NULL);
    bool ours = !type || !strcmp(type, "xenconsoled");

    free(type);
    return ours;
}

static int read_number(struct guest *g, const char *key, long long *out)
{
    store_path_t path;

    return store_read_int(g->daemon->store, 0,
                          path_domain(&path, g->domid, "console/%s", key), out);
}

void guest_store_changed(struct guest *g)
{
    long long frame, port, limit = KEEP;
    int rc;

    if (g->page || g->ended || read_number(g, "ring-ref", &frame) != 1 ||
        read_number(g, "port", &port) != 1 || !is_ours(g))
        return;
    if (frame < 0 || port <= 0 || port > UINT32_MAX)
        return;
    if (read_number(g, "limit", &limit) == 1 && limit > 0 && limit < KEEP)
        g->keep = (size_t)limit;
    read_name(g);
    rc = connect_ring(g, (uint64_t)frame, (uint32_t)port);
    if (rc) {
        log_warn("%s (%u): cannot connect its console: %s", g->name, g->domid,
                 strerror(-rc));
        return;
    }
    open_log(g);
    rc = open_pty(g);
    if (rc)
        log_error("%s (%u): no pty: %s", g->name, g->domid, strerror(-rc));
    log_info("%s (%u): console connected by %s", g->name, g->domid,
             g->by_grant ? "grant" : "frame");
    guest_event(g);
}

/* The watch fires at once: that is when all is read for the first time. */
static void watch_console(struct guest *g)
{
    store_path_t path;

    store_watch(g->daemon->store, path_domain(&path, g->domid, "console"),
                g->token);
}

void guest_watch_all(struct daemon *d)
{
    struct guest *g;

    for (g = d->guests; g; g = g->next)
        if (!g->ended)
            watch_console(g);
}

void guest_add(struct daemon *d, uint32_t domid)
{
    struct guest *g = calloc(1, sizeof(*g));

    if (!g)
        return;
    g->daemon = d;
    g->domid = domid;
    g->port = g->master = g->slave = g->log.fd = -1;
    g->keep = KEEP;
    g->seen = true;
    loop_timer_init(&g->period, d->loop, on_period, g);
    snprintf(g->token, sizeof(g->token), "dom%u", domid);
    g->next = d->guests;
    d->guests = g;
    watch_console(g);
}

/* The end */

static void guest_free(struct guest *g)
{
    struct guest **at = &g->daemon->guests;

    while (*at != g)
        at = &(*at)->next;
    *at = g->next;
    loop_timer_cancel(&g->period);
    loop_fd_remove(g->source);
    if (g->master >= 0)
        close(g->master);
    if (g->slave >= 0)
        close(g->slave);
    logfile_close(&g->log);
    buf_free(&g->out);
    free(g);
}

static void on_last_words(void *arg)
{
    guest_free(arg);
}

static void guest_end(struct guest *g)
{
    store_path_t path;

    store_unwatch(g->daemon->store, path_domain(&path, g->domid, "console"),
                  g->token);
    /* Once: another guest may still write to a page that was granted to it. */
    g->waits = false;
    g->said = 0;
    read_ring(g);
    if (g->port >= 0)
        evtchn_unbind(g->daemon->evtchn, (uint32_t)g->port);
    g->port = -1;
    unmap_page(g);
    g->ended = true;
    if (!g->out.len) {
        guest_free(g);
        return;
    }
    loop_timer_cancel(&g->period);
    loop_timer_init(&g->period, g->daemon->loop, on_last_words, g);
    loop_timer_set(&g->period, LAST_WORDS);
    want(g);
}

void guest_mark_all(struct daemon *d)
{
    struct guest *g;

    for (g = d->guests; g; g = g->next)
        g->seen = false;
}

void guest_keep(struct guest *g)
{
    g->seen = true;
}

void guest_sweep(struct daemon *d)
{
    struct guest *g, *next;

    for (g = d->guests; g; g = next) {
        next = g->next;
        if (!g->seen && !g->ended)
            guest_end(g);
    }
}

void guest_reopen_logs(struct daemon *d)
{
    struct guest *g;

    for (g = d->guests; g; g = g->next) {
        if (g->ended || !g->page)
            continue;
        logfile_close(&g->log);
        open_log(g);
    }
}
