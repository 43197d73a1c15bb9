/* SPDX-License-Identifier: GPL-2.0 */
/*
 * test_store.c - the store's client beside a server that follows a script:
 * it expects certain requests and sends certain bytes.
 */
#include <errno.h>
#include <pthread.h>
#include <pty.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <termios.h>
#include <unistd.h>

#include <abi/io/xs_wire.h>

#include "unit.h"

#include "base/loop.h"
#include "store/client.h"

static char path[108];
static int listener;

static bool read_full(int fd, void *to, size_t n)
{
    return !n || recv(fd, to, n, MSG_WAITALL) == (ssize_t)n;
}

static void put(int fd, uint32_t type, uint32_t id, const char *data,
                size_t len)
{
    struct xsd_sockmsg m = {type, id, 0, (uint32_t)len};

    CHECK(send(fd, &m, sizeof(m), MSG_NOSIGNAL) == sizeof(m));
    CHECK(!len || send(fd, data, len, MSG_NOSIGNAL) == (ssize_t)len);
}

/* An answer and two events, so that one read gets all of them. */
static void put_glued(int fd, uint32_t id)
{
    struct xsd_sockmsg answer = {XS_READ, id, 0, 5};
    struct xsd_sockmsg event = {XS_WATCH_EVENT, 0, 0, 6};
    char all[100], *p = all;

    p = (char *)memcpy(p, &answer, sizeof(answer)) + sizeof(answer);
    p = (char *)memcpy(p, "value", 5) + 5;
    for (int i = 0; i < 2; i++) {
        p = (char *)memcpy(p, &event, sizeof(event)) + sizeof(event);
        p = (char *)memcpy(p, "/a\0tok", 6) + 6;
    }
    CHECK(send(fd, all, (size_t)(p - all), MSG_NOSIGNAL) == p - all);
}

/*
 * The server: READ /slow gets two events before its answer, /glued right
 * behind it, /gone ENOENT,
 * /broken an answer to something else; a commit fails twice; the list of
 * /restless is long, and another each time.
 */
static void *serve(void *arg)
{
    static const char event[] = "/a\0tok";
    int fd = accept(listener, NULL, NULL), commits = 0, generation = 0;
    struct xsd_sockmsg m;
    char data[4097];

    while (read_full(fd, &m, sizeof(m)) && m.len <= 4096 &&
           read_full(fd, data, m.len)) {
        data[m.len] = '\0';
        if (m.type == XS_READ && !strcmp(data, "/slow")) {
            put(fd, XS_WATCH_EVENT, 0, event, sizeof(event));
            put(fd, XS_WATCH_EVENT, 0, "@x\0t2", 6);
            put(fd, XS_READ, m.req_id, "value", 5);
        } else if (m.type == XS_READ && !strcmp(data, "/glued")) {
            put_glued(fd, m.req_id);
        } else if (m.type == XS_READ && !strcmp(data, "/gone")) {
            put(fd, XS_ERROR, m.req_id, "ENOENT", 7);
        } else if (m.type == XS_READ && !strcmp(data, "/broken")) {
            put(fd, XS_READ, m.req_id + 5, "", 0);
        } else if (m.type == XS_READ) {
            put(fd, XS_READ, m.req_id, "17", 2);
        } else if (m.type == XS_DIRECTORY && !strcmp(data, "/restless")) {
            put(fd, XS_ERROR, m.req_id, "E2BIG", 6);
        } else if (m.type == XS_DIRECTORY_PART) {
            snprintf(data, sizeof(data), "%09d", ++generation);
            memcpy(data + 10, "name", 5);
            put(fd, m.type, m.req_id, data, 15);
        } else if (m.type == XS_DIRECTORY) {
            put(fd, XS_DIRECTORY, m.req_id, "one\0two\0", 8);
        } else if (m.type == XS_GET_PERMS) {
            put(fd, XS_GET_PERMS, m.req_id, "n0\0r7\0", 6);
        } else if (m.type == XS_TRANSACTION_START) {
            put(fd, m.type, m.req_id, "33", 3);
        } else if (m.type == XS_TRANSACTION_END && data[0] == 'T' &&
                   commits++ < 2) {
            put(fd, XS_ERROR, m.req_id, "EAGAIN", 7);
        } else if (m.type == XS_RM) {
            put(fd, XS_ERROR, m.req_id, "EACCES", 7);
        } else if (m.type == XS_IS_DOMAIN_INTRODUCED) {
            put(fd, m.type, m.req_id, "T", 2);
        } else {
            put(fd, m.type, m.req_id, "OK", 3);
        }
    }
    close(fd);
    return arg;
}

static struct store *s;
static pthread_t thread;

static void begin(void)
{
    struct sockaddr_un a = {.sun_family = AF_UNIX};

    snprintf(path, sizeof(path), "/tmp/test_store.%d", (int)getpid());
    unlink(path);
    memcpy(a.sun_path, path, sizeof(path));
    listener = socket(AF_UNIX, SOCK_STREAM, 0);
    CHECK(!bind(listener, (struct sockaddr *)&a, sizeof(a)) &&
          !listen(listener, 1));
    pthread_create(&thread, NULL, serve, NULL);
    s = store_open_path(path);
    CHECK(s != NULL);
}

static void end(void)
{
    store_close(s);
    pthread_join(thread, NULL);
    close(listener);
    unlink(path);
}

static void requests(void)
{
    struct store_perm *perms;
    long long n = 0;
    size_t count;
    char **list;

    begin();
    CHECK(store_read(s, 0, "/gone", NULL) == NULL && errno == ENOENT);
    CHECK_EQ(store_read_int(s, 0, "/n", &n), 1);
    CHECK_EQ(n, 17);
    CHECK_EQ(store_read_int(s, 0, "/gone", &n), 0);
    CHECK_EQ(store_write_text(s, 0, "/a", "b"), 0);
    CHECK_EQ(store_rm(s, 0, "/a"), -EACCES);
    list = store_list(s, 0, "/", &count);
    CHECK(list && count == 2 && !strcmp(list[1], "two") && !list[2]);
    free(list);
    perms = store_get_perms(s, 0, "/a", &count);
    CHECK(perms && count == 2 && perms[1].right == 'r' && perms[1].domid == 7);
    free(perms);
    CHECK_EQ(store_is_introduced(s, 7), 1);
    end();
}

static void events(void)
{
    struct store_event ev;
    char *value;

    begin();
    CHECK_EQ(store_next_event(s, &ev), 0);
    value = store_read(s, 0, "/slow", NULL);
    CHECK(value && !strcmp(value, "value"));
    free(value);
    CHECK_EQ(store_next_event(s, &ev), 1);
    CHECK(!strcmp(ev.path, "/a") && !strcmp(ev.token, "tok"));
    CHECK_EQ(store_next_event(s, &ev), 1);
    CHECK(!strcmp(ev.path, "@x") && !strcmp(ev.token, "t2"));
    CHECK_EQ(store_next_event(s, &ev), 0);
    CHECK_EQ(store_wait_event(s, &ev, 5), 0);
    end();
}

static int in_loop;

static void on_event(void *arg, const char *where, const char *token)
{
    (void)where;
    (void)token;
    if (++in_loop == 2)
        loop_stop(arg, 0);
}

static void on_lost(void *arg)
{
    in_loop = -1;
    loop_stop(arg, 0);
}

static void looping(void)
{
    struct loop *l = loop_new();

    begin();
    in_loop = 0;
    CHECK_EQ(store_attach(s, l, on_event, on_lost, l), 0);
    free(store_read(s, 0, "/slow", NULL)); /* they come with this answer */
    loop_run(l);
    CHECK_EQ(in_loop, 2);
    in_loop = 0;
    free(store_read(s, 0, "/glued", NULL)); /* nothing more will come */
    alarm(60);
    loop_run(l);
    alarm(0);
    CHECK_EQ(in_loop, 2);
    shutdown(store_fd(s), SHUT_RDWR);
    loop_run(l);
    CHECK_EQ(in_loop, -1);
    end();
    loop_free(l);
}

static int tries;

static int write_some(struct store *st, store_tx_t tx, void *arg)
{
    (void)arg;
    tries++;
    CHECK_EQ(tx, 33);
    return store_write_text(st, tx, "/a", "b");
}

static void transactions(void)
{
    begin();
    CHECK_EQ(store_transact(s, write_some, NULL), 0);
    CHECK_EQ(tries, 3);
    end();
}

static void batches(void)
{
    char *value, big[5000];
    int i;

    begin();
    store_batch_begin(s);
    for (i = 0; i < 2000; i++)
        CHECK_EQ(store_printf(s, 0, "/a", "%d", i), 0);
    CHECK_EQ(store_batch_end(s), 0);
    store_batch_begin(s);
    CHECK_EQ(store_batch_end(s), 0);
    store_batch_begin(s);
    store_write_text(s, 0, "/a", "1");
    store_rm(s, 0, "/a");
    store_write_text(s, 0, "/a", "2");
    CHECK_EQ(store_batch_end(s), -EACCES);
    memset(big, 'x', sizeof(big));
    CHECK_EQ(store_write(s, 0, "/a", big, sizeof(big)), -E2BIG);
    value = store_read(s, 0, "/a", NULL);
    CHECK(value && !strcmp(value, "17"));
    free(value);
    end();
}

/* As the kernel's device: of what one write brings, the first message. */
static void *serve_device(void *arg)
{
    int fd = *(int *)arg;
    char data[8192];
    struct xsd_sockmsg m;
    ssize_t n;

    while ((n = read(fd, data, sizeof(data))) >= (ssize_t)sizeof(m)) {
        memcpy(&m, data, sizeof(m));
        m.len = 3;
        memcpy(data, &m, sizeof(m));
        memcpy(data + sizeof(m), "OK", 3);
        CHECK(write(fd, data, sizeof(m) + 3) == (ssize_t)sizeof(m) + 3);
    }
    return arg;
}

static void device(void)
{
    pthread_t server;
    struct termios raw;
    struct store *dev;
    char name[64];
    int master, slave, i;

    CHECK(openpty(&master, &slave, name, NULL, NULL) == 0);
    CHECK(tcgetattr(slave, &raw) == 0);
    cfmakeraw(&raw);
    CHECK(tcsetattr(slave, TCSANOW, &raw) == 0);
    CHECK(pthread_create(&server, NULL, serve_device, &master) == 0);
    dev = store_open_path(name);
    CHECK(dev != NULL);
    alarm(60); /* what is forgotten is waited for without an end */
    store_batch_begin(dev);
    for (i = 0; i < 20; i++)
        CHECK_EQ(store_printf(dev, 0, "/a", "%d", i), 0);
    CHECK_EQ(store_batch_end(dev), 0);
    alarm(0);
    store_close(dev);
    close(slave);
    pthread_join(server, NULL);
    close(master);
}

static void restless(void)
{
    size_t count;

    begin();
    alarm(60); /* it would go on without an end */
    CHECK(store_list(s, 0, "/restless", &count) == NULL && errno == EAGAIN);
    alarm(0);
    CHECK_EQ(store_write_text(s, 0, "/a", "b"), 0);
    end();
}

static void broken(void)
{
    begin();
    CHECK(store_read(s, 0, "/broken", NULL) == NULL && errno == EBADMSG);
    CHECK_EQ(store_write_text(s, 0, "/a", "b"), -EBADMSG);
    end();
}

static const struct unit_test tests[] = {
    {"requests and their errors", requests},
    {"events during a request are kept in order", events},
    {"events arrive in a loop; a lost daemon is told", looping},
    {"a transaction is done again until it commits", transactions},
    {"a batch gives the first error and stays in step", batches},
    {"a batch goes to a device message by message", device},
    {"a list that always changes is given up", restless},
    {"an answer out of step ends the connection", broken},
};
UNIT_MAIN("store-client", tests)
