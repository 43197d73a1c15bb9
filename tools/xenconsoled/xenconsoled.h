/* SPDX-License-Identifier: GPL-2.0 */
/*
 * xenconsoled.h - what the daemon's files share.
 */
#ifndef XENCONSOLED_H
#define XENCONSOLED_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/loop.h"

struct evtchn;
struct grants;
struct hyp;
struct store;

/* All that the daemon works with; one of it. */
struct daemon {
    struct loop *loop;
    struct hyp *hyp;
    struct evtchn *evtchn;
    struct grants *grants; /* NULL: no gntdev, foreign mappings instead */
    struct store *store;
    struct loop_timer reconnect; /* to the store */
    const char *log_dir;
    bool log_guests, log_hypervisor;
    struct guest *guests;
};

/* guest.c: one guest's ring, pty and log */
struct guest *guest_find(struct daemon *d, uint32_t domid);
struct guest *guest_find_port(struct daemon *d, uint32_t local_port);
/* Known from now on; connects once its console is in the store. */
void guest_add(struct daemon *d, uint32_t domid);
void guest_store_changed(struct guest *g);
void guest_event(struct guest *g);
void guest_mark_all(struct daemon *d); /* then keep those seen, */
void guest_keep(struct guest *g);
void guest_sweep(struct daemon *d); /* and end all others */
void guest_reopen_logs(struct daemon *d);
void guest_watch_all(struct daemon *d); /* in a new connection */

/* hvlog.c: the hypervisor's own words */
int hvlog_open(struct daemon *d);
bool hvlog_is_port(uint32_t local_port);
void hvlog_event(struct daemon *d);
void hvlog_reopen(struct daemon *d);

/* logfile.c */
#define LOGFILE_MAX (8u << 20) /* then it becomes NAME.1, and a new one begins */
#define LOGFILE_TRY (4u << 10) /* after so much is lost it is tried again */
struct logfile {
    int fd; /* -1: there is none, or nothing can be written */
    uint64_t size;
    uint64_t lost; /* bytes since then */
    bool complained;
    char path[512];
};
void logfile_open(struct logfile *l, const char *dir, const char *name);
void logfile_close(struct logfile *l);
void logfile_write(struct logfile *l, const char *data, size_t len);

/* ring.c: pure; the indices on the page are the guest's word only */
struct xencons_interface;
struct ring {
    volatile struct xencons_interface *page;
    uint32_t out_cons, in_prod; /* ours: never read back from the page */
};
void ring_init(struct ring *r, volatile struct xencons_interface *page);
/* Bytes taken, at most max; -1: the guest's index makes no sense. */
int ring_take(struct ring *r, char *to, size_t max);
/* What was taken is safe: the guest may use its place again. */
void ring_taken(struct ring *r);
/* Room for input; 0 also when the guest's index makes no sense. */
size_t ring_room(const struct ring *r);
void ring_give(struct ring *r, const char *from, size_t n);

#endif
