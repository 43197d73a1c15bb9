/* SPDX-License-Identifier: GPL-2.0 */
/*
 * store/client.h - talk to xenstored: by its socket, or by the kernel's
 * /dev/xen/xenbus. Requests wait for their answer; watch events that arrive
 * meanwhile are kept in order.
 * Returns 0 or -errno unless said otherwise; after -EPIPE/-ECONNRESET the
 * connection is dead and every call fails.
 */
#ifndef STORE_CLIENT_H
#define STORE_CLIENT_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define STORE_SOCKET   "/var/run/xenstored/socket"
#define STORE_MAX_DATA 4096

struct store;
struct loop;
typedef uint32_t store_tx_t; /* 0: no transaction */

/* $XENSTORED_PATH, the socket, /dev/xen/xenbus: the first that opens. */
struct store *store_open(void); /* NULL: errno */
/*
 * Without the last: for Dom0's daemons. The kernel's device always opens, and
 * while xenstored is away a request to it waits without an end.
 */
struct store *store_open_socket(void);
struct store *store_open_path(const char *path);
void store_close(struct store *s);
int store_fd(const struct store *s);
/* False once the daemon has gone: every call fails. */
bool store_alive(const struct store *s);

/* malloc'ed, NUL-ended; NULL: errno. len may be NULL. */
char *store_read(struct store *s, store_tx_t tx, const char *path, size_t *len);
/* malloc'ed array and names in one block: free() it. NULL: errno. */
char **store_list(struct store *s, store_tx_t tx, const char *path,
                  size_t *count);
int store_write(struct store *s, store_tx_t tx, const char *path,
                const void *data, size_t len);
int store_write_text(struct store *s, store_tx_t tx, const char *path,
                     const char *text);
int store_printf(struct store *s, store_tx_t tx, const char *path,
                 const char *fmt, ...) __attribute__((format(printf, 4, 5)));
int store_mkdir(struct store *s, store_tx_t tx, const char *path);
int store_rm(struct store *s, store_tx_t tx, const char *path);
bool store_exists(struct store *s, store_tx_t tx, const char *path);
/* A number; 1 found, 0 not there or not a number, or -errno. */
int store_read_int(struct store *s, store_tx_t tx, const char *path,
                   long long *out);

struct store_perm {
    uint32_t domid;
    char right; /* 'n', 'r', 'w', 'b' */
};
int store_set_perms(struct store *s, store_tx_t tx, const char *path,
                    const struct store_perm *perms, size_t count);
/* malloc'ed; NULL: errno. */
struct store_perm *store_get_perms(struct store *s, store_tx_t tx,
                                   const char *path, size_t *count);

/*
 * Between begin and end, write, mkdir, rm and set_perms return 0 at once and
 * travel together; end waits for all and gives the first error. No other
 * calls in between.
 */
void store_batch_begin(struct store *s);
int store_batch_end(struct store *s);

/* Transactions by hand: commit gives -EAGAIN when all must be done again. */
int store_begin(struct store *s, store_tx_t *tx);
int store_end(struct store *s, store_tx_t tx, bool commit);
/* Or so: fn is run, again if need be; what it returns non-zero aborts. */
typedef int store_tx_fn(struct store *s, store_tx_t tx, void *arg);
int store_transact(struct store *s, store_tx_fn *fn, void *arg);

int store_watch(struct store *s, const char *path, const char *token);
int store_unwatch(struct store *s, const char *path, const char *token);

struct store_event {
    const char *path; /* both valid until the next store_next_event() */
    const char *token;
};
/* 1: *ev filled; 0: none now; or -errno. Never waits. */
int store_next_event(struct store *s, struct store_event *ev);
/* Wait for one at most timeout_ms (-1: for ever): 1, 0, -errno. */
int store_wait_event(struct store *s, struct store_event *ev, int timeout_ms);

/*
 * Bring events into a loop: fn for each, also for those that came while a
 * request waited; `lost` once when the daemon is gone (may be NULL).
 */
typedef void store_event_fn(void *arg, const char *path, const char *token);
typedef void store_lost_fn(void *arg);
int store_attach(struct store *s, struct loop *l, store_event_fn *fn,
                 store_lost_fn *lost, void *arg);
void store_detach(struct store *s);

int store_introduce(struct store *s, uint32_t domid, uint64_t mfn,
                    uint32_t port);
int store_release(struct store *s, uint32_t domid);
int store_resume(struct store *s, uint32_t domid);
int store_is_introduced(struct store *s, uint32_t domid); /* 1, 0, -errno */
/* Text of the daemon's answer, malloc'ed; NULL: errno. args end with NULL. */
char *store_control(struct store *s, const char *const *args);

#endif
