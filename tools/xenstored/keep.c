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
#include <stdatomic.h>
#include <sys/file.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/log.h"
#include "keep.h"
#include "watch.h"

#define LOG_MAGIC   0x31474f4c53584f4eULL /* changes with the format */
#define LOG_MAP     (1UL << 30)           /* address space, not memory */
#define LOG_STEP    (256UL << 10)
#define COMPACT_MIN (1UL << 20)
#define SLOT_SIZE   ((sizeof(struct keep_slot) + 4095) & ~4095UL)
#define MAX_SLOTS   4096U

struct log_head {
    uint64_t magic;
    char boot[40]; /* which boot of the machine wrote it */
    _Atomic uint64_t end;
    uint64_t clock;
    uint32_t last_txn;
    uint32_t pad;
};

enum record_kind {
    REC_CHANGE, /* a packed change */
    REC_NODE,   /* rights, then a packed write: a node as it is */
    REC_WATCH,
    REC_UNWATCH,
    REC_RESET,
    REC_DOMAIN,
    REC_GONE,
    REC_LIMITS,
    REC_TXN_DONE,
};

struct record {
    uint32_t len; /* with this, a multiple of 8 */
    uint32_t kind;
    uint32_t body_len;
    uint32_t domid; /* or a count */
};

struct log_file {
    int fd;
    struct log_head *head; /* the mapping's start */
    size_t size;           /* of the file */
    size_t pos;            /* where the next record goes */
};

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

/* Files. */

static int grow_file(int fd, size_t size)
{
    /* Real blocks, or a full disk would be a bus error later. */
    int rc = fallocate(fd, 0, 0, (off_t)size);

    if (rc && (errno == EOPNOTSUPP || errno == ENOSYS))
        rc = ftruncate(fd, (off_t)size);
    return rc ? -errno : 0;
}

static int open_in(const char *dir, const char *name, int flags)
{
    char path[4096];
    int fd;

    snprintf(path, sizeof(path), "%s/%s", dir, name);
    fd = open(path, flags | O_RDWR | O_CLOEXEC, 0600);
    return fd < 0 ? -errno : fd;
}

static void *map_file(int fd, size_t len)
{
    void *p = mmap(NULL, len, PROT_READ | PROT_WRITE,
                   MAP_SHARED | MAP_NORESERVE, fd, 0);

    return p == MAP_FAILED ? NULL : p;
}

static void boot_id(char out[40])
{
    int fd = open("/proc/sys/kernel/random/boot_id", O_RDONLY | O_CLOEXEC);

    memset(out, 0, 40);
    if (fd < 0)
        return;
    if (read(fd, out, 39) < 0)
        out[0] = '\0';
    close(fd);
}

static void log_close(struct log_file *l)
{
    if (l->head)
        munmap(l->head, LOG_MAP);
    if (l->fd >= 0)
        close(l->fd);
    l->head = NULL;
    l->fd = -1;
}

/* An empty log in `name`. */
static int log_begin(struct log_file *l, const char *dir, const char *name)
{
    int rc;

    l->fd = open_in(dir, name, O_CREAT | O_TRUNC);
    if (l->fd < 0)
        return l->fd;
    l->size = LOG_STEP;
    rc = grow_file(l->fd, l->size);
    if (!rc) {
        l->head = map_file(l->fd, LOG_MAP);
        rc = l->head ? 0 : -errno;
    }
    if (rc) {
        log_close(l);
        return rc;
    }
    l->head->magic = LOG_MAGIC;
    boot_id(l->head->boot);
    l->pos = sizeof(*l->head);
    atomic_store(&l->head->end, l->pos);
    return 0;
}

/* The log of the process before us; -ENOENT if there is none that counts. */
static int log_reuse(struct log_file *l, const char *dir)
{
    char boot[40];
    struct stat st;

    l->fd = open_in(dir, "store.log", 0);
    if (l->fd < 0)
        return l->fd;
    if (fstat(l->fd, &st) || (size_t)st.st_size < LOG_STEP ||
        (size_t)st.st_size > LOG_MAP)
        goto none;
    l->size = (size_t)st.st_size;
    l->head = map_file(l->fd, LOG_MAP);
    if (!l->head)
        goto none;
    boot_id(boot);
    l->pos = l->head->end;
    if (l->head->magic == LOG_MAGIC && !memcmp(boot, l->head->boot, 40) &&
        l->pos >= sizeof(*l->head) && l->pos <= l->size)
        return 0;
none:
    log_close(l);
    return -ENOENT;
}

static int log_append(struct log_file *l, enum record_kind kind,
                      unsigned int domid, const void *body, size_t body_len,
                      const void *more, size_t more_len)
{
    struct record rec = {
        .len = (uint32_t)((sizeof(rec) + body_len + more_len + 7) & ~7UL),
        .kind = kind,
        .body_len = (uint32_t)(body_len + more_len),
        .domid = domid,
    };
    char *p;

    if (l->pos + rec.len > l->size) {
        size_t size = l->size + LOG_STEP + rec.len;
        int rc = size > LOG_MAP ? -EFBIG : grow_file(l->fd, size);

        if (rc)
            return rc;
        l->size = size;
    }
    p = (char *)l->head + l->pos;
    memcpy(p, &rec, sizeof(rec));
    if (body_len)
        memcpy(p + sizeof(rec), body, body_len);
    if (more_len)
        memcpy(p + sizeof(rec) + body_len, more, more_len);
    l->pos += rec.len;
    return 0;
}

static void log_commit(struct log_file *l, const struct xstore *xs)
{
    l->head->clock = tree_clock();
    l->head->last_txn = xs->last_txn;
    atomic_store_explicit(&l->head->end, l->pos, memory_order_release);
}

/* A fresh log: everything as it is, in as few records as it takes. */

struct writer {
    struct xstore *xs;
    struct log_file *l;
    struct bytes scratch;
    unsigned int domid;
    int rc;
};

static void put(struct writer *w, enum record_kind kind, unsigned int domid,
                const void *body, size_t len, const void *more, size_t more_len)
{
    if (!w->rc)
        w->rc = log_append(w->l, kind, domid, body, len, more, more_len);
}

static bool put_node(void *ctx, const char *path, const struct node *n)
{
    struct writer *w = ctx;
    struct change ch = {.kind = CHANGE_WRITE,
                        .owner = OWNER_INHERIT,
                        .path = path,
                        .data = node_value(n),
                        .len = n->value_len};

    bytes_use(&w->scratch, w->scratch.len);
    change_pack(&w->scratch, &ch);
    put(w, REC_NODE, n->rights->nr, n->rights->r,
        n->rights->nr * sizeof(struct right), bytes_start(&w->scratch),
        w->scratch.len);
    return true;
}

struct watch_record {
    uint32_t skip;
    int32_t depth;
    uint32_t path_len; /* with its NUL; then the token with its own */
    uint32_t pad;
};

static void pack_watch(struct bytes *b, const char *path, size_t skip,
                       const char *token, int depth)
{
    struct watch_record rec = {.skip = (uint32_t)skip,
                               .depth = depth,
                               .path_len = (uint32_t)strlen(path) + 1};

    bytes_use(b, b->len);
    bytes_add(b, &rec, sizeof(rec));
    bytes_add(b, path, rec.path_len);
    bytes_add(b, token, strlen(token) + 1);
}

static void put_watch(void *ctx, const char *path, size_t skip,
                      const char *token, int depth)
{
    struct writer *w = ctx;

    pack_watch(&w->scratch, path, skip, token, depth);
    put(w, REC_WATCH, w->domid, bytes_start(&w->scratch), w->scratch.len, NULL,
        0);
}

struct domain_record {
    uint64_t frame;
    uint32_t port;
    int32_t target;
    uint8_t introduced;
    uint8_t shutdown;
    uint8_t pad[6];
};

static struct domain_record domain_record(const struct domain *d)
{
    return (struct domain_record){.frame = d->frame,
                                  .port = d->port,
                                  .target = d->target,
                                  .introduced = d->introduced,
                                  .shutdown = d->shutdown};
}

static int write_all(struct xstore *xs, struct log_file *l)
{
    static const char *const tops[] = {"/", "@introduceDomain",
                                       "@releaseDomain"};
    struct writer w = {.xs = xs, .l = l};

    put(&w, REC_LIMITS, 0, &xs->limits, sizeof(xs->limits), NULL, 0);
    for (size_t i = 0; i < 3; i++)
        tree_walk(tree_find(&xs->tree, tops[i]), tops[i], put_node, &w);
    for (struct domain *d = xs->domain_list; d; d = d->next) {
        struct domain_record rec = domain_record(d);

        put(&w, REC_DOMAIN, d->domid, &rec, sizeof(rec), NULL, 0);
        w.domid = d->domid;
        watch_each(&d->client, put_watch, &w);
    }
    bytes_free(&w.scratch);
    if (!w.rc)
        log_commit(l, xs);
    return w.rc;
}

static int start_afresh(struct xstore *xs)
{
    struct keep *k = xs->keep;
    struct log_file fresh = {.fd = -1};
    char from[4096], to[4096];
    int rc = log_begin(&fresh, k->dir, "store.log.new");

    if (rc)
        return rc;
    rc = write_all(xs, &fresh);
    if (!rc) {
        snprintf(from, sizeof(from), "%s/store.log.new", k->dir);
        snprintf(to, sizeof(to), "%s/store.log", k->dir);
        rc = rename(from, to) ? -errno : 0;
    }
    if (rc) {
        log_close(&fresh);
        return rc;
    }
    log_close(&k->log);
    k->log = fresh;
    k->compact_at = fresh.pos * 4 > COMPACT_MIN ? fresh.pos * 4 : COMPACT_MIN;
    return 0;
}

/* Replay. */

static int replay_node(struct xstore *xs, uint32_t nr, const char *p,
                       size_t len)
{
    char path[XENSTORE_ABS_PATH_MAX + 1];
    size_t rights_len = nr * sizeof(struct right);
    struct rights *r;
    struct node *gone;
    struct change ch;

    if (!nr || nr > XENSTORE_PAYLOAD_MAX || rights_len > len ||
        !change_unpack(p + rights_len, len - rights_len, &ch, path))
        return -EINVAL;
    change_apply(&xs->tree, &ch, &gone);
    r = rights_new(p, nr);
    for (uint32_t i = 0; i < nr; i++)
        xstore_domain(xs, r->r[i].domid);
    tree_set_rights(&xs->tree, path, r);
    rights_put(r);
    return 0;
}

static int replay_change(struct xstore *xs, const char *p, size_t len)
{
    char path[XENSTORE_ABS_PATH_MAX + 1];
    struct change ch;

    if (!change_unpack(p, len, &ch, path))
        return -EINVAL;
    xstore_change(xs, &ch);
    return 0;
}

static int replay_watch(struct domain *d, enum record_kind kind, const char *p,
                        size_t len)
{
    struct watch_record rec;
    const char *token;

    if (len < sizeof(rec) + 2 || p[len - 1])
        return -EINVAL;
    memcpy(&rec, p, sizeof(rec));
    p += sizeof(rec);
    len -= sizeof(rec);
    if (!rec.path_len || rec.path_len >= len || p[rec.path_len - 1] ||
        !wire_path_ok(p, rec.path_len - 1) || rec.skip >= rec.path_len)
        return -EINVAL;
    token = p + rec.path_len;
    if (kind == REC_UNWATCH)
        return watch_remove(&d->client, p, token);
    return watch_add(&d->client, p, rec.skip, token, rec.depth);
}

static int replay_domain(struct domain *d, const char *p, size_t len)
{
    struct domain_record rec;

    if (len != sizeof(rec))
        return -EINVAL;
    memcpy(&rec, p, sizeof(rec));
    d->frame = rec.frame;
    d->port = rec.port;
    d->target = rec.target;
    d->introduced = rec.introduced;
    d->shutdown = rec.shutdown;
    return 0;
}

static int replay_gone(struct xstore *xs, const char *p, size_t len)
{
    uint16_t domid;

    for (size_t at = 0; at + sizeof(domid) <= len; at += sizeof(domid)) {
        memcpy(&domid, p + at, sizeof(domid));
        if (domid && xstore_domain_find(xs, domid))
            xstore_domain_find(xs, domid)->gone = true;
    }
    xstore_bury(xs);
    return 0;
}

static int replay_one(struct xstore *xs, const struct record *rec,
                      const char *body)
{
    struct domain *d;

    switch (rec->kind) {
    case REC_CHANGE:
        return replay_change(xs, body, rec->body_len);
    case REC_NODE:
        return replay_node(xs, rec->domid, body, rec->body_len);
    case REC_GONE:
        return replay_gone(xs, body, rec->body_len);
    case REC_LIMITS:
        if (rec->body_len != sizeof(xs->limits))
            return -EINVAL;
        memcpy(&xs->limits, body, sizeof(xs->limits));
        return 0;
    }
    if (rec->domid >= DOMID_MAX)
        return -EINVAL;
    d = xstore_domain(xs, rec->domid);
    switch (rec->kind) {
    case REC_WATCH:
    case REC_UNWATCH:
        return replay_watch(d, (enum record_kind)rec->kind, body,
                            rec->body_len);
    case REC_RESET:
        watch_remove_all(&d->client);
        return 0;
    case REC_DOMAIN:
        return replay_domain(d, body, rec->body_len);
    case REC_TXN_DONE:
        if (rec->body_len != sizeof(d->client.done_txn))
            return -EINVAL;
        memcpy(&d->client.done_txn, body, sizeof(d->client.done_txn));
        return 0;
    }
    return -EINVAL;
}

static int replay(struct xstore *xs, const struct log_file *l)
{
    const char *p = (const char *)l->head;
    size_t at = sizeof(*l->head);
    struct record rec;

    xs->quiet = true;
    for (; at < l->pos; at += rec.len) {
        int rc;

        memcpy(&rec, p + at, sizeof(rec));
        if (rec.len < sizeof(rec) || rec.len > l->pos - at ||
            rec.body_len > rec.len - sizeof(rec))
            break;
        rc = replay_one(xs, &rec, p + at + sizeof(rec));
        if (rc)
            log_warn("keep: record %u at %zu: %s", rec.kind, at,
                     strerror(-rc));
    }
    xs->quiet = false;
    tree_clock_forward(l->head->clock + 1);
    xs->last_txn = l->head->last_txn;
    xs->txn_floor = l->head->last_txn;
    for (struct domain *d = xs->domain_list; d; d = d->next)
        d->client.restored = d->client.first = d->introduced;
    return at < l->pos ? -EINVAL : 0;
}

/* Connections. */

static int open_slots(struct keep *k, bool fresh)
{
    struct stat st;

    k->slots_fd = open_in(k->dir, "rings", O_CREAT | (fresh ? O_TRUNC : 0));
    if (k->slots_fd < 0)
        return k->slots_fd;
    if (fstat(k->slots_fd, &st))
        return -errno;
    k->nr_slots = (unsigned int)((size_t)st.st_size / SLOT_SIZE);
    if (k->nr_slots > MAX_SLOTS)
        k->nr_slots = MAX_SLOTS;
    k->slots = map_file(k->slots_fd, MAX_SLOTS * SLOT_SIZE);
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
        grow_file(k->slots_fd, (k->nr_slots + 1) * SLOT_SIZE))
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
        memset(s, 0, offsetof(struct keep_slot, in));
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
    log_close(&xs->keep->log);
}

static void append(struct xstore *xs, enum record_kind kind,
                   unsigned int domid, const void *body, size_t len)
{
    struct keep *k = xs->keep;
    int rc;

    if (!k->log.head)
        return;
    rc = log_append(&k->log, kind, domid, body, len, NULL, 0);
    if (rc)
        give_up(xs, rc);
    else if (!k->depth)
        log_commit(&k->log, xs);
}

void keep_begin(struct xstore *xs)
{
    if (xs->keep)
        xs->keep->depth++;
}

void keep_end(struct xstore *xs)
{
    if (xs->keep && !--xs->keep->depth && xs->keep->log.head)
        log_commit(&xs->keep->log, xs);
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
    pack_watch(&c->xs->keep->scratch, path, skip, token, depth);
    append(c->xs, REC_WATCH, c->dom->domid,
           bytes_start(&c->xs->keep->scratch), c->xs->keep->scratch.len);
}

void keep_unwatch(struct client *c, const char *path, const char *token)
{
    if (!is_kept(c))
        return;
    pack_watch(&c->xs->keep->scratch, path, 0, token, 0);
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
    struct domain_record rec = domain_record(d);

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
    found = log_reuse(&k->log, dir) == 0;
    if (found) {
        rc = replay(xs, &k->log);
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
    log_close(&k->log);
    if (k->slots)
        munmap(k->slots, MAX_SLOTS * SLOT_SIZE);
    if (k->slots_fd >= 0)
        close(k->slots_fd);
    bytes_free(&k->scratch);
    free(k->dir);
    free(k);
    xs->keep = NULL;
}
