/* SPDX-License-Identifier: GPL-2.0 */
/*
 * client.c - requests to xenstored and its events.
 * Keeps true: answers come in the order of requests (req_id is checked);
 * events are handed out in order of arrival, none is lost while a request
 * waits; after a broken frame the connection is used no more.
 */
#include "store/client.h"

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

#include <abi/io/xs_wire.h>

#include "base/buf.h"
#include "base/loop.h"

#define MAX_TRIES 1000 /* of a transaction in store_transact() */

struct event {
    struct event *next;
    char *token;
    char path[]; /* and the token behind it */
};

struct store {
    int fd;
    int dead; /* -errno once the connection is of no use */
    uint32_t next_id;
    struct buf in;
    struct event *first, **last;
    struct event *handed; /* what store_next_event() gave last */
    /* the batch under way */
    bool batching;
    struct buf out;
    uint32_t batch_first, batch_sent, batch_done;
    int batch_error;
    /* in a loop */
    struct loop *loop;
    struct loop_fd *source;
    struct loop_timer soon; /* events are queued already */
    store_event_fn *on_event;
    store_lost_fn *on_lost;
    void *arg;
};

/* Connecting */

static int open_path(const char *path)
{
    struct sockaddr_un addr = {.sun_family = AF_UNIX};
    int fd;

    if (!strncmp(path, "/dev/", 5) || !strncmp(path, "/proc/", 6))
        return open(path, O_RDWR | O_CLOEXEC);
    if (strlen(path) >= sizeof(addr.sun_path)) {
        errno = ENAMETOOLONG;
        return -1;
    }
    memcpy(addr.sun_path, path, strlen(path) + 1);
    fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);
    if (fd >= 0 &&
        connect(fd, (const struct sockaddr *)&addr, sizeof(addr)) < 0) {
        int saved = errno;

        close(fd);
        errno = saved;
        return -1;
    }
    return fd;
}

struct store *store_open_path(const char *path)
{
    struct store *s = calloc(1, sizeof(*s));
    int saved;

    if (!s)
        return NULL;
    s->last = &s->first;
    s->fd = open_path(path);
    if (s->fd >= 0)
        return s;
    saved = errno;
    free(s);
    errno = saved;
    return NULL;
}

struct store *store_open(void)
{
    const char *path = getenv("XENSTORED_PATH");
    struct store *s;

    if (path)
        return store_open_path(path);
    s = store_open_path(STORE_SOCKET);
    if (!s)
        s = store_open_path("/dev/xen/xenbus");
    return s;
}

void store_close(struct store *s)
{
    if (!s)
        return;
    store_detach(s);
    while (s->first) {
        struct event *e = s->first;

        s->first = e->next;
        free(e);
    }
    free(s->handed);
    buf_free(&s->in);
    buf_free(&s->out);
    close(s->fd);
    free(s);
}

int store_fd(const struct store *s)
{
    return s->fd;
}

/* Bytes */

static int kill_connection(struct store *s, int error)
{
    if (!s->dead)
        s->dead = error;
    return s->dead;
}

/* Read what is there, waiting at most timeout_ms: 1, 0 (nothing), -errno. */
static int fill(struct store *s, int timeout_ms)
{
    struct pollfd p = {.fd = s->fd, .events = POLLIN};
    char *to;
    ssize_t n;
    int rc;

    if (s->dead)
        return s->dead;
    rc = timeout_ms < 0 ? 1 : poll(&p, 1, timeout_ms);
    if (rc <= 0)
        return rc < 0 && errno != EINTR ? kill_connection(s, -errno) : 0;
    to = buf_room(&s->in, 8192);
    if (!to)
        return kill_connection(s, -ENOMEM);
    n = read(s->fd, to, 8192);
    if (n < 0 && (errno == EINTR || errno == EAGAIN))
        return 0;
    if (n <= 0)
        return kill_connection(s, n < 0 ? -errno : -EPIPE);
    buf_grown(&s->in, (size_t)n);
    return 1;
}

static int send_all(struct store *s, const char *data, size_t len)
{
    while (len) {
        ssize_t n = send(s->fd, data, len, MSG_NOSIGNAL);

        if (n < 0 && errno == ENOTSOCK)
            n = write(s->fd, data, len);
        if (n < 0 && errno == EINTR)
            continue;
        if (n < 0)
            return kill_connection(s, -errno);
        data += n;
        len -= (size_t)n;
    }
    return 0;
}

/* Messages */

/* The reader moves data about: headers are read unaligned. */
static struct xsd_sockmsg header(const struct store *s)
{
    struct xsd_sockmsg m;

    memcpy(&m, s->in.data, sizeof(m));
    return m;
}

/* Does s->in begin with a whole message? */
static bool whole(struct store *s)
{
    struct xsd_sockmsg m;

    if (s->in.len < sizeof(m))
        return false;
    m = header(s);
    if (m.len > STORE_MAX_DATA) {
        kill_connection(s, -EBADMSG);
        return false;
    }
    return s->in.len >= sizeof(m) + m.len;
}

static void keep_event(struct store *s, const char *data, size_t len)
{
    struct event *e = malloc(sizeof(*e) + len + 2);
    char *end;

    if (!e) {
        kill_connection(s, -ENOMEM);
        return;
    }
    memcpy(e->path, data, len);
    e->path[len] = e->path[len + 1] = '\0';
    end = memchr(e->path, 0, len + 1);
    e->token = end + 1;
    e->next = NULL;
    *s->last = e;
    s->last = &e->next;
}

/* Sort what has arrived: events are kept; true: an answer stands first. */
static bool answer_ready(struct store *s)
{
    while (!s->dead && whole(s)) {
        struct xsd_sockmsg m = header(s);

        if (m.type != XS_WATCH_EVENT)
            return true;
        keep_event(s, s->in.data + sizeof(m), m.len);
        buf_eat(&s->in, sizeof(m) + m.len);
    }
    return false;
}

static int error_number(const char *name, size_t len)
{
    static const struct {
        const char *name;
        int number;
    } known[] = {
        {"EINVAL", EINVAL}, {"EACCES", EACCES},   {"EEXIST", EEXIST},
        {"EISDIR", EISDIR}, {"ENOENT", ENOENT},   {"ENOMEM", ENOMEM},
        {"ENOSPC", ENOSPC}, {"EIO", EIO},         {"ENOTEMPTY", ENOTEMPTY},
        {"ENOSYS", ENOSYS}, {"EROFS", EROFS},     {"EBUSY", EBUSY},
        {"EAGAIN", EAGAIN}, {"EISCONN", EISCONN}, {"E2BIG", E2BIG},
        {"EPERM", EPERM},   {"EQUOTA", EDQUOT},
    };
    size_t i;

    while (len && !name[len - 1])
        len--;
    for (i = 0; i < sizeof(known) / sizeof(known[0]); i++)
        if (strlen(known[i].name) == len && !memcmp(known[i].name, name, len))
            return known[i].number;
    return EIO;
}

/*
 * Wait for the answer to request `id` (XS_INVALID: of any type). 0: *data (malloc'ed, NUL-ended, NULL
 * if not wanted) and *len; or -errno.
 */
static int take_answer(struct store *s, uint32_t id, uint32_t type, char **data,
                       size_t *len)
{
    struct xsd_sockmsg m;
    int rc = 0;

    while (!answer_ready(s)) {
        rc = s->dead ? s->dead : fill(s, -1);
        if (rc < 0)
            return rc;
    }
    m = header(s);
    if (m.req_id != id ||
        (type != XS_INVALID && m.type != type && m.type != XS_ERROR))
        return kill_connection(s, -EBADMSG);
    rc = 0;
    if (m.type == XS_ERROR) {
        rc = -error_number(s->in.data + sizeof(m), m.len);
    } else if (data) {
        *data = malloc(m.len + 2);
        if (*data) {
            memcpy(*data, s->in.data + sizeof(m), m.len);
            (*data)[m.len] = (*data)[m.len + 1] = '\0';
            *len = m.len;
        } else {
            rc = -ENOMEM;
        }
    }
    buf_eat(&s->in, sizeof(m) + m.len);
    return rc;
}

struct piece {
    const void *data;
    size_t len;
};

/* Take answers of the batch that are there, or wait for all. */
static int batch_collect(struct store *s, bool all)
{
    while (s->batch_done != s->batch_sent) {
        int rc;

        if (!all && !answer_ready(s)) {
            if (s->dead || fill(s, 0) != 1)
                return s->dead;
            continue;
        }
        rc = take_answer(s, s->batch_done, XS_INVALID, NULL, NULL);
        if (s->dead)
            return s->dead;
        if (rc && !s->batch_error)
            s->batch_error = rc;
        s->batch_done++;
    }
    return 0;
}

static int batch_flush(struct store *s)
{
    int rc;

    if (s->out.failed)
        return kill_connection(s, -ENOMEM);
    rc = send_all(s, s->out.data, s->out.len);
    buf_eat(&s->out, s->out.len);
    return rc;
}

/* The daemon stops reading from one whose answers pile up: keep both short. */
#define BATCH_BYTES 8192

static int request(struct store *s, uint32_t type, store_tx_t tx,
                   const struct piece *pieces, int nr, char **data, size_t *len)
{
    struct xsd_sockmsg m = {.type = type, .tx_id = tx};
    int i, rc;

    for (i = 0; i < nr; i++)
        m.len += (uint32_t)pieces[i].len;
    if (m.len > STORE_MAX_DATA) {
        if (s->batching && !s->batch_error)
            s->batch_error = -E2BIG;
        return -E2BIG;
    }
    if (s->dead)
        return s->dead;
    m.req_id = s->next_id++;
    buf_add(&s->out, &m, sizeof(m));
    for (i = 0; i < nr; i++)
        buf_add(&s->out, pieces[i].data, pieces[i].len);

    if (s->batching) {
        s->batch_sent = s->next_id;
        if (s->out.len < BATCH_BYTES)
            return 0;
        rc = batch_flush(s);
        return rc ? rc : batch_collect(s, false);
    }
    rc = batch_flush(s);
    return rc ? rc : take_answer(s, m.req_id, type, data, len);
}

void store_batch_begin(struct store *s)
{
    s->batching = true;
    s->batch_error = 0;
    s->batch_sent = s->batch_done = s->next_id;
}

static void wake_later(struct store *s)
{
    if (s->loop && s->first && !loop_timer_is_set(&s->soon))
        loop_timer_set(&s->soon, 0);
}

int store_batch_end(struct store *s)
{
    int rc;

    s->batching = false;
    rc = batch_flush(s);
    if (!rc)
        rc = batch_collect(s, true);
    wake_later(s);
    return rc ? rc : s->batch_error;
}

static int simple(struct store *s, uint32_t type, store_tx_t tx,
                  const struct piece *pieces, int nr)
{
    int rc = request(s, type, tx, pieces, nr, NULL, NULL);

    wake_later(s);
    return rc;
}

/* NULL and errno instead of -errno. */
static char *asking(struct store *s, uint32_t type, store_tx_t tx,
                    const struct piece *pieces, int nr, size_t *len)
{
    char *data = NULL;
    size_t n = 0;
    int rc = request(s, type, tx, pieces, nr, &data, &n);

    wake_later(s);
    if (rc) {
        errno = -rc;
        return NULL;
    }
    if (len)
        *len = n;
    return data;
}

#define TEXT(t)                                                                \
    {                                                                          \
        (t), strlen(t) + 1                                                     \
    }

/* Nodes */

char *store_read(struct store *s, store_tx_t tx, const char *path, size_t *len)
{
    struct piece p[] = {TEXT(path)};

    return asking(s, XS_READ, tx, p, 1, len);
}

/* NUL-ended names to a block that begins with pointers to them. */
static char **split(char *data, size_t len, size_t *count)
{
    size_t n = 0, i, at;
    char **list, *copy;

    for (i = 0; i < len; i++)
        n += !data[i];
    list = malloc((n + 1) * sizeof(*list) + len + 1);
    if (!list)
        return NULL;
    copy = (char *)(list + n + 1);
    memcpy(copy, data, len);
    copy[len] = '\0';
    for (i = at = 0; i < n; i++) {
        list[i] = copy + at;
        at += strlen(copy + at) + 1;
    }
    list[n] = NULL;
    *count = n;
    return list;
}

/* Lists over 4 KiB come in parts, which must all be of one generation. */
static char *list_in_parts(struct store *s, store_tx_t tx, const char *path,
                           size_t *len)
{
    struct buf all = BUF_INIT;
    char generation[32] = "", number[32];

    for (;;) {
        struct piece p[] = {TEXT(path), TEXT(number)};
        size_t n, head;
        char *part;

        snprintf(number, sizeof(number), "%zu", all.len);
        p[1].len = strlen(number) + 1;
        part = asking(s, XS_DIRECTORY_PART, tx, p, 2, &n);
        if (!part)
            break;
        head = strlen(part) + 1;
        if (all.len && strcmp(part, generation) != 0) {
            buf_eat(&all, all.len); /* it changed: from the start */
            free(part);
            generation[0] = '\0';
            continue;
        }
        snprintf(generation, sizeof(generation), "%s", part);
        if (head < n)
            buf_add(&all, part + head, n - head);
        /* an empty name marks the end */
        if (head >= n || (n - head >= 1 && !part[n - 1] &&
                          (n - head == 1 || !part[n - 2]))) {
            free(part);
            *len = all.len ? all.len - (head < n) : 0;
            return buf_take(&all);
        }
        free(part);
    }
    buf_free(&all);
    return NULL;
}

char **store_list(struct store *s, store_tx_t tx, const char *path,
                  size_t *count)
{
    struct piece p[] = {TEXT(path)};
    size_t len;
    char *data = asking(s, XS_DIRECTORY, tx, p, 1, &len);
    char **list;

    if (!data && errno == E2BIG)
        data = list_in_parts(s, tx, path, &len);
    if (!data)
        return NULL;
    list = split(data, len, count);
    free(data);
    return list;
}

int store_write(struct store *s, store_tx_t tx, const char *path,
                const void *data, size_t len)
{
    struct piece p[] = {TEXT(path), {data, len}};

    return simple(s, XS_WRITE, tx, p, 2);
}

int store_write_text(struct store *s, store_tx_t tx, const char *path,
                     const char *text)
{
    return store_write(s, tx, path, text, strlen(text));
}

int store_printf(struct store *s, store_tx_t tx, const char *path,
                 const char *fmt, ...)
{
    char text[STORE_MAX_DATA];
    va_list ap;
    int n;

    va_start(ap, fmt);
    n = vsnprintf(text, sizeof(text), fmt, ap);
    va_end(ap);
    if (n < 0 || (size_t)n >= sizeof(text))
        return -E2BIG;
    return store_write(s, tx, path, text, (size_t)n);
}

int store_mkdir(struct store *s, store_tx_t tx, const char *path)
{
    struct piece p[] = {TEXT(path)};

    return simple(s, XS_MKDIR, tx, p, 1);
}

int store_rm(struct store *s, store_tx_t tx, const char *path)
{
    struct piece p[] = {TEXT(path)};

    return simple(s, XS_RM, tx, p, 1);
}

bool store_exists(struct store *s, store_tx_t tx, const char *path)
{
    char *data = store_read(s, tx, path, NULL);

    free(data);
    return data != NULL;
}

int store_read_int(struct store *s, store_tx_t tx, const char *path,
                   long long *out)
{
    char *data = store_read(s, tx, path, NULL), *end;
    long long n;

    if (!data)
        return errno == ENOENT ? 0 : -errno;
    errno = 0;
    n = strtoll(data, &end, 10);
    if (end == data || *end || errno) {
        free(data);
        return 0;
    }
    free(data);
    *out = n;
    return 1;
}

/* Rights */

int store_set_perms(struct store *s, store_tx_t tx, const char *path,
                    const struct store_perm *perms, size_t count)
{
    char text[STORE_MAX_DATA];
    struct piece p[] = {TEXT(path), {text, 0}};
    size_t i, n = 0;

    for (i = 0; i < count; i++) {
        if (n + 16 > sizeof(text))
            return -E2BIG;
        n += (size_t)sprintf(text + n, "%c%u", perms[i].right, perms[i].domid) +
             1;
    }
    p[1].len = n;
    return simple(s, XS_SET_PERMS, tx, p, 2);
}

struct store_perm *store_get_perms(struct store *s, store_tx_t tx,
                                   const char *path, size_t *count)
{
    struct piece p[] = {TEXT(path)};
    size_t len, i;
    char *data = asking(s, XS_GET_PERMS, tx, p, 1, &len);
    struct store_perm *perms = NULL;
    char **list;

    if (!data)
        return NULL;
    list = split(data, len, count);
    if (list)
        perms = calloc(*count + 1, sizeof(*perms));
    for (i = 0; perms && i < *count; i++) {
        perms[i].right = list[i][0];
        perms[i].domid = list[i][0] ? (uint32_t)atoi(list[i] + 1) : 0;
    }
    free(list);
    free(data);
    return perms;
}

/* Transactions */

int store_begin(struct store *s, store_tx_t *tx)
{
    struct piece p[] = {TEXT("")};
    char *data = asking(s, XS_TRANSACTION_START, 0, p, 1, NULL);

    if (!data)
        return -errno;
    *tx = (store_tx_t)strtoul(data, NULL, 10);
    free(data);
    return *tx ? 0 : -EBADMSG;
}

int store_end(struct store *s, store_tx_t tx, bool commit)
{
    struct piece p[] = {TEXT(commit ? "T" : "F")};

    return simple(s, XS_TRANSACTION_END, tx, p, 1);
}

int store_transact(struct store *s, store_tx_fn *fn, void *arg)
{
    int tries, rc = -EAGAIN;

    for (tries = 0; tries < MAX_TRIES && rc == -EAGAIN; tries++) {
        store_tx_t tx;

        rc = store_begin(s, &tx);
        if (rc)
            return rc;
        rc = fn(s, tx, arg);
        if (rc) {
            store_end(s, tx, false);
            return rc;
        }
        rc = store_end(s, tx, true);
    }
    return rc;
}

/* Watches */

int store_watch(struct store *s, const char *path, const char *token)
{
    struct piece p[] = {TEXT(path), TEXT(token)};

    return simple(s, XS_WATCH, 0, p, 2);
}

int store_unwatch(struct store *s, const char *path, const char *token)
{
    struct piece p[] = {TEXT(path), TEXT(token)};

    return simple(s, XS_UNWATCH, 0, p, 2);
}

static bool pop_event(struct store *s, struct store_event *ev)
{
    struct event *e = s->first;

    if (!e)
        return false;
    s->first = e->next;
    if (!s->first)
        s->last = &s->first;
    free(s->handed);
    s->handed = e;
    ev->path = e->path;
    ev->token = e->token;
    return true;
}

int store_wait_event(struct store *s, struct store_event *ev, int timeout_ms)
{
    uint64_t end = loop_now_ns() + (uint64_t)timeout_ms * 1000000;
    int left = timeout_ms;

    for (;;) {
        int rc;

        if (answer_ready(s)) /* nobody asked */
            kill_connection(s, -EBADMSG);
        if (pop_event(s, ev))
            return 1;
        if (s->dead)
            return s->dead;
        rc = fill(s, left);
        if (rc < 0)
            return rc;
        if (rc == 0 && timeout_ms >= 0) {
            uint64_t now = loop_now_ns();

            if (now >= end)
                return 0;
            left = (int)((end - now) / 1000000) + 1;
        }
    }
}

int store_next_event(struct store *s, struct store_event *ev)
{
    return store_wait_event(s, ev, 0);
}

/* In a loop */

static void deliver(struct store *s)
{
    struct loop *l = s->loop;
    struct store_event ev;
    int rc = 0, n;

    /* A flood of events must not keep others waiting. */
    for (n = 0; n < 64 && s->loop == l; n++) {
        rc = store_next_event(s, &ev);
        if (rc != 1)
            break;
        s->on_event(s->arg, ev.path, ev.token);
    }
    if (s->loop != l)
        return;
    if (rc < 0) {
        store_detach(s);
        if (s->on_lost)
            s->on_lost(s->arg);
        return;
    }
    wake_later(s);
}

static void on_readable(void *arg, int fd, uint32_t events)
{
    (void)fd;
    (void)events;
    deliver(arg);
}

static void on_soon(void *arg)
{
    deliver(arg);
}

int store_attach(struct store *s, struct loop *l, store_event_fn *fn,
                 store_lost_fn *lost, void *arg)
{
    s->source = loop_fd_add(l, s->fd, EPOLLIN, on_readable, s);
    if (!s->source)
        return -errno;
    s->loop = l;
    s->on_event = fn;
    s->on_lost = lost;
    s->arg = arg;
    loop_timer_init(&s->soon, l, on_soon, s);
    wake_later(s);
    return 0;
}

void store_detach(struct store *s)
{
    if (!s->loop)
        return;
    loop_fd_remove(s->source);
    loop_timer_cancel(&s->soon);
    s->source = NULL;
    s->loop = NULL;
}

/* Domains */

static int about_domain(struct store *s, uint32_t type, uint32_t domid,
                        char *answer)
{
    char number[16];
    struct piece p[] = {{number, 0}};
    char *data;

    p[0].len = (size_t)sprintf(number, "%u", domid) + 1;
    data = asking(s, type, 0, p, 1, NULL);
    if (!data)
        return -errno;
    *answer = data[0];
    free(data);
    return 0;
}

int store_introduce(struct store *s, uint32_t domid, uint64_t mfn,
                    uint32_t port)
{
    char text[3][24];
    struct piece p[3];
    int i;

    sprintf(text[0], "%u", domid);
    sprintf(text[1], "%llu", (unsigned long long)mfn);
    sprintf(text[2], "%u", port);
    for (i = 0; i < 3; i++)
        p[i] = (struct piece){text[i], strlen(text[i]) + 1};
    return simple(s, XS_INTRODUCE, 0, p, 3);
}

int store_release(struct store *s, uint32_t domid)
{
    char c;

    return about_domain(s, XS_RELEASE, domid, &c);
}

int store_resume(struct store *s, uint32_t domid)
{
    char c;

    return about_domain(s, XS_RESUME, domid, &c);
}

int store_is_introduced(struct store *s, uint32_t domid)
{
    char c;
    int rc = about_domain(s, XS_IS_DOMAIN_INTRODUCED, domid, &c);

    return rc ? rc : c == 'T';
}

char *store_control(struct store *s, const char *const *args)
{
    struct piece p[16];
    int n;

    for (n = 0; args[n]; n++) {
        if (n == 16) {
            errno = E2BIG;
            return NULL;
        }
        p[n] = (struct piece)TEXT(args[n]);
    }
    return asking(s, XS_CONTROL, 0, p, n, NULL);
}
