/* SPDX-License-Identifier: GPL-2.0 */
/*
 * keep.c - what the store knows, in files that outlive its process.
 * Keeps true: DIR/store.log, as far as its header's `end` says, replayed from
 * the start, gives the tree, rights, domains and guests' watches as they are
 * now. The files are mapped, so what is stored into them is safe from
 * `kill -9` without a system call; nothing is ever synced, as after a crash
 * of the machine there are no guests to remember.
 * When the log has grown far beyond what a fresh one would take, a fresh one
 * replaces it.
 */
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/log.h"
#include "keep.h"
#include "keep_log.h"

#define COMPACT_MIN (1UL << 20)
#define SLOT_SIZE   ((sizeof(struct keep_slot) + 4095) & ~4095UL)
#define MAX_SLOTS   4096U

struct keep {
    char *dir;
    struct log_file log;
    unsigned int depth; /* of keep_begin() */
    size_t compact_at;
    int slots_fd;
    char *slots;
    unsigned int nr_slots;
    struct bytes scratch;
};

/* Connections. */

static int open_slots(struct keep *k, bool fresh)
{
    struct stat st;

    k->slots_fd =
        keep_file_open(k->dir, "rings", O_CREAT | (fresh ? O_TRUNC : 0));
    if (k->slots_fd < 0)
        return k->slots_fd;
    if (fstat(k->slots_fd, &st))
        return -errno;
    k->nr_slots = (unsigned int)((size_t)st.st_size / SLOT_SIZE);
    if (k->nr_slots > MAX_SLOTS)
        k->nr_slots = MAX_SLOTS;
    k->slots = keep_file_map(k->slots_fd, MAX_SLOTS * SLOT_SIZE);
    return k->slots ? 0 : -errno;
}

static struct keep_slot *slot_at(const struct keep *k, unsigned int i)
{
    return (struct keep_slot *)(k->slots + i * SLOT_SIZE);
}

static struct keep_slot *find_slot(struct keep *k, unsigned int domid)
{
    struct keep_slot *spare = NULL;

    for (unsigned int i = 0; i < k->nr_slots; i++) {
        struct keep_slot *s = slot_at(k, i);

        if (s->used && s->domid == domid)
            return s;
        if (!s->used && !spare)
            spare = s;
    }
    if (spare || k->nr_slots == MAX_SLOTS ||
        keep_file_grow(k->slots_fd, (k->nr_slots + 1) * SLOT_SIZE))
        return spare;
    return slot_at(k, k->nr_slots++);
}

struct keep_slot *keep_slot_get(struct xstore *xs, unsigned int domid,
                                bool *was_there)
{
    struct keep_slot *s;

    *was_there = false;
    if (!xs->keep)
        return calloc(1, sizeof(*s));
    s = find_slot(xs->keep, domid);
    if (!s)
        return NULL;
    *was_there = s->used && s->out_len <= WIRE_MSG_MAX;
    if (!*was_there) {
        memset(s, 0, sizeof(*s)); /* another domain wrote the requests here */
        s->domid = domid;
    }
    return s;
}

void keep_slot_put(struct xstore *xs, struct keep_slot *s)
{
    if (xs->keep)
        s->used = 0;
    else
        free(s);
}

/* Keeping. */

static void give_up(struct xstore *xs, int rc)
{
    char path[4096];

    log_error("keep: %s: a restart will not remember what comes from here on",
              strerror(-rc));
    snprintf(path, sizeof(path), "%s/store.log", xs->keep->dir);
    unlink(path);
    keep_log_close(&xs->keep->log);
}

static void append(struct xstore *xs, enum record_kind kind, unsigned int domid,
                   const void *body, size_t len)
{
    struct keep *k = xs->keep;
    int rc;

    if (!k->log.head)
        return;
    rc = keep_log_append(&k->log, kind, domid, body, len, NULL, 0);
    if (rc)
        give_up(xs, rc);
    else if (!k->depth)
        keep_log_commit(&k->log, xs);
}

void keep_begin(struct xstore *xs)
{
    if (xs->keep)
        xs->keep->depth++;
}

void keep_end(struct xstore *xs)
{
    if (xs->keep && !--xs->keep->depth && xs->keep->log.head)
        keep_log_commit(&xs->keep->log, xs);
}

void keep_change(struct xstore *xs, const struct change *ch)
{
    struct bytes *b;

    if (!xs->keep)
        return;
    b = &xs->keep->scratch;
    bytes_use(b, b->len);
    change_pack(b, ch);
    append(xs, REC_CHANGE, 0, bytes_start(b), b->len);
}

/* Only a domain's own connection comes back after a restart. */
static bool is_kept(const struct client *c)
{
    return c->xs->keep && c == &c->dom->client;
}

void keep_watch(struct client *c, const char *path, size_t skip,
                const char *token, int depth)
{
    if (!is_kept(c))
        return;
    keep_pack_watch(&c->xs->keep->scratch, path, skip, token, depth);
    append(c->xs, REC_WATCH, c->dom->domid, bytes_start(&c->xs->keep->scratch),
           c->xs->keep->scratch.len);
}

void keep_unwatch(struct client *c, const char *path, const char *token)
{
    if (!is_kept(c))
        return;
    keep_pack_watch(&c->xs->keep->scratch, path, 0, token, 0);
    append(c->xs, REC_UNWATCH, c->dom->domid,
           bytes_start(&c->xs->keep->scratch), c->xs->keep->scratch.len);
}

void keep_reset(struct client *c)
{
    if (is_kept(c))
        append(c->xs, REC_RESET, c->dom->domid, NULL, 0);
}

void keep_domain(struct xstore *xs, const struct domain *d)
{
    struct domain_record rec = keep_pack_domain(d);

    if (xs->keep)
        append(xs, REC_DOMAIN, d->domid, &rec, sizeof(rec));
}

void keep_gone(struct xstore *xs)
{
    struct bytes *b;

    if (!xs->keep)
        return;
    b = &xs->keep->scratch;
    bytes_use(b, b->len);
    for (struct domain *d = xs->domain_list; d; d = d->next)
        if (d->gone)
            bytes_add(b, &d->domid, sizeof(d->domid));
    append(xs, REC_GONE, 0, bytes_start(b), b->len);
}

void keep_limits(struct xstore *xs)
{
    if (xs->keep)
        append(xs, REC_LIMITS, 0, &xs->limits, sizeof(xs->limits));
}

void keep_txn_done(struct client *c, uint32_t id)
{
    if (is_kept(c))
        append(c->xs, REC_TXN_DONE, c->dom->domid, &id, sizeof(id));
}

void keep_txn_id(struct xstore *xs, uint32_t id)
{
    if (xs->keep && xs->keep->log.head)
        xs->keep->log.head->last_txn = id;
}

/* The log as a whole. */

static int start_afresh(struct xstore *xs)
{
    struct keep *k = xs->keep;
    struct log_file fresh = {.fd = -1};
    char from[4096], to[4096];
    int rc = keep_log_begin(&fresh, k->dir, "store.log.new");

    if (rc)
        return rc;
    rc = keep_write_all(xs, &fresh);
    if (!rc) {
        snprintf(from, sizeof(from), "%s/store.log.new", k->dir);
        snprintf(to, sizeof(to), "%s/store.log", k->dir);
        rc = rename(from, to) ? -errno : 0;
    }
    if (rc) {
        keep_log_close(&fresh);
        return rc;
    }
    keep_log_close(&k->log);
    k->log = fresh;
    k->compact_at = fresh.pos * 4 > COMPACT_MIN ? fresh.pos * 4 : COMPACT_MIN;
    return 0;
}

void keep_compact(struct xstore *xs)
{
    struct keep *k = xs->keep;
    int rc;

    if (!k || !k->log.head || k->log.pos < k->compact_at)
        return;
    rc = start_afresh(xs);
    if (rc) {
        log_warn("keep: cannot write %s/store.log.new: %s", k->dir,
                 strerror(-rc));
        k->compact_at = k->log.pos * 2;
    }
}

size_t keep_size(const struct xstore *xs)
{
    return xs->keep ? xs->keep->log.pos : 0;
}

int keep_open(struct xstore *xs, const char *dir)
{
    struct keep *k = need_memory(calloc(1, sizeof(*k)));
    bool found;
    int rc;

    k->dir = need_memory(strdup(dir));
    k->slots_fd = -1;
    k->log.fd = -1;
    found = keep_log_reuse(&k->log, dir) == 0;
    if (found) {
        rc = keep_replay(xs, &k->log);
        if (rc)
            log_error("keep: the log is damaged; what was readable is used");
    }
    xs->keep = k;
    rc = open_slots(k, !found);
    if (!rc)
        rc = start_afresh(xs);
    if (rc) {
        keep_close(xs);
        return rc;
    }
    return found;
}

void keep_close(struct xstore *xs)
{
    struct keep *k = xs->keep;

    if (!k)
        return;
    keep_log_close(&k->log);
    if (k->slots)
        munmap(k->slots, MAX_SLOTS * SLOT_SIZE);
    if (k->slots_fd >= 0)
        close(k->slots_fd);
    bytes_free(&k->scratch);
    free(k->dir);
    free(k);
    xs->keep = NULL;
}
