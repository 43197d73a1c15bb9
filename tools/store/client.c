/* SPDX-License-Identifier: GPL-2.0 */
/*
 * client.c - a connection to xenstored: requests and answers.
 * Keeps true: answers come in the order of requests (req_id is checked); after
 * a broken frame the connection is used no more.
 */
#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

#include "private.h"

/* Connecting */

static bool is_device(const char *path)
{
    return !strncmp(path, "/dev/", 5) || !strncmp(path, "/proc/", 6);
}

static int open_path(const char *path)
{
    struct sockaddr_un addr = {.sun_family = AF_UNIX};
    int fd;

    if (is_device(path))
        return open(path, O_RDWR | O_CLOEXEC | O_NOCTTY);
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
    s->by_message = is_device(path);
    s->fd = open_path(path);
    if (s->fd >= 0)
        return s;
    saved = errno;
    free(s);
    errno = saved;
    return NULL;
}

struct store *store_open_socket(void)
{
    const char *path = getenv("XENSTORED_PATH");

    return store_open_path(path ? path : STORE_SOCKET);
}

struct store *store_open(void)
{
    struct store *s = store_open_socket();

    if (!s && !getenv("XENSTORED_PATH"))
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

bool store_alive(const struct store *s)
{
    return !s->dead;
}

/* Bytes */

int store_kill(struct store *s, int error)
{
    if (!s->dead)
        s->dead = error;
    return s->dead;
}

int store_fill(struct store *s, int timeout_ms)
{
    struct pollfd p = {.fd = s->fd, .events = POLLIN};
    char *to;
    ssize_t n;
    int rc;

    if (s->dead)
        return s->dead;
    rc = timeout_ms < 0 ? 1 : poll(&p, 1, timeout_ms);
    if (rc <= 0)
        return rc < 0 && errno != EINTR ? store_kill(s, -errno) : 0;
    to = buf_room(&s->in, 8192);
    if (!to)
        return store_kill(s, -ENOMEM);
    n = read(s->fd, to, 8192);
    if (n < 0 && (errno == EINTR || errno == EAGAIN))
        return 0;
    if (n <= 0)
        return store_kill(s, n < 0 ? -errno : -EPIPE);
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
            return store_kill(s, -errno);
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
        store_kill(s, -EBADMSG);
        return false;
    }
    return s->in.len >= sizeof(m) + m.len;
}

bool store_answer_ready(struct store *s)
{
    while (!s->dead && whole(s)) {
        struct xsd_sockmsg m = header(s);

        if (m.type != XS_WATCH_EVENT)
            return true;
        store_keep_event(s, s->in.data + sizeof(m), m.len);
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
 * Wait for the answer to request `id` (XS_INVALID: of any type). 0: *data
 * (malloc'ed, NUL-ended; NULL if not wanted) and *len; or -errno.
 */
static int take_answer(struct store *s, uint32_t id, uint32_t type, char **data,
                       size_t *len)
{
    struct xsd_sockmsg m;
    int rc = 0;

    while (!store_answer_ready(s)) {
        rc = s->dead ? s->dead : store_fill(s, -1);
        if (rc < 0)
            return rc;
    }
    m = header(s);
    if (m.req_id != id ||
        (type != XS_INVALID && m.type != type && m.type != XS_ERROR))
        return store_kill(s, -EBADMSG);
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

/* Take answers of the batch that are there, or wait for all. */
static int batch_collect(struct store *s, bool all)
{
    while (s->batch_done != s->batch_sent) {
        int rc;

        if (!all && !store_answer_ready(s)) {
            if (s->dead || store_fill(s, 0) != 1)
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
        return store_kill(s, -ENOMEM);
    rc = send_all(s, s->out.data, s->out.len);
    buf_eat(&s->out, s->out.len);
    return rc;
}

/* The daemon stops reading from one whose answers pile up: keep both short.
 * The kernel's device takes one message of a write, forgets what stands behind
 * it, and sends from a buffer that the next write fills: one at a time. */
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
        if (s->out.len < BATCH_BYTES && !s->by_message)
            return 0;
        rc = batch_flush(s);
        return rc ? rc : batch_collect(s, s->by_message);
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

int store_batch_end(struct store *s)
{
    int rc;

    s->batching = false;
    rc = batch_flush(s);
    if (!rc)
        rc = batch_collect(s, true);
    store_wake_later(s);
    return rc ? rc : s->batch_error;
}

int store_tell(struct store *s, uint32_t type, store_tx_t tx,
               const struct piece *pieces, int nr)
{
    int rc = request(s, type, tx, pieces, nr, NULL, NULL);

    store_wake_later(s);
    return rc;
}

char *store_ask(struct store *s, uint32_t type, store_tx_t tx,
                const struct piece *pieces, int nr, size_t *len)
{
    char *data = NULL;
    size_t n = 0;
    int rc = request(s, type, tx, pieces, nr, &data, &n);

    store_wake_later(s);
    if (rc) {
        errno = -rc;
        return NULL;
    }
    if (len)
        *len = n;
    return data;
}
