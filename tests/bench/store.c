/* SPDX-License-Identifier: GPL-2.0 */
/*
 * store.c - requests a second of a xenstored, through its socket.
 *
 *   store [-s SOCKET] [-t SECONDS] [-c CLIENTS] [-d DEPTH] [-N NODES]
 *
 * Three loads, one line each: reads, writes, and small transactions (start,
 * read, write, end; four requests). CLIENTS connections, each with DEPTH
 * loads under way; what the answers of one read set off leaves in one write.
 * NODES are made first below /bench and removed at the end. Speaks the wire
 * protocol itself, so that both daemons are measured by the same program;
 * what it asks is spelt out beforehand, so that it measures little else.
 */
#include <errno.h>
#include <getopt.h>
#include <poll.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <time.h>
#include <unistd.h>

#include <abi/io/xs_wire.h>

#define MAX_CLIENTS 64
#define MAX_DEPTH   16

/* One load under way: where in its sequence it is. */
struct job {
    int step;
    uint32_t tx;
    unsigned int node;
};

struct conn {
    int fd;
    char in[65536], out[65536];
    size_t in_len, out_len;
    struct job job[MAX_DEPTH];
};

enum load { READS, WRITES, TRANSACTIONS, NR_LOADS };
static const char *const load_names[] = {"read", "write", "transaction"};

static const char *socket_path = "/var/run/xenstored/socket";
static double seconds = 3;
static int nr_conns = 1, depth = 1;
static unsigned int nr_nodes = 1000;
static struct conn conns[MAX_CLIENTS];
static uint64_t answers, retries;

static void die(const char *what)
{
    fprintf(stderr, "store: %s: %s\n", what, strerror(errno));
    exit(1);
}

static double now(void)
{
    struct timespec t;

    clock_gettime(CLOCK_MONOTONIC, &t);
    return (double)t.tv_sec + (double)t.tv_nsec / 1e9;
}

static void open_conn(struct conn *c)
{
    struct sockaddr_un at = {.sun_family = AF_UNIX};

    strncpy(at.sun_path, socket_path, sizeof(at.sun_path) - 1);
    c->fd = socket(AF_UNIX, SOCK_STREAM, 0);
    if (c->fd < 0 || connect(c->fd, (struct sockaddr *)&at, sizeof(at)))
        die(socket_path);
    c->in_len = 0;
}

static void flush(struct conn *c)
{
    if (send(c->fd, c->out, c->out_len, 0) != (ssize_t)c->out_len)
        die("send");
    c->out_len = 0;
}

/* Into what flush() sends. */
static void put_msg(struct conn *c, uint32_t type, uint32_t id, uint32_t tx,
                    const void *body, size_t len)
{
    struct xsd_sockmsg hdr = {type, id, tx, (uint32_t)len};

    memcpy(c->out + c->out_len, &hdr, sizeof(hdr));
    memcpy(c->out + c->out_len + sizeof(hdr), body, len);
    c->out_len += sizeof(hdr) + len;
}

/* A path with its NUL, then a value. */
static struct node {
    char body[40];
    size_t path_len, len;
} * nodes;

static void spell_nodes(void)
{
    nodes = calloc(nr_nodes, sizeof(*nodes));
    if (!nodes)
        die("nodes");
    for (unsigned int i = 0; i < nr_nodes; i++) {
        struct node *n = &nodes[i];

        n->path_len =
            (size_t)sprintf(n->body, "/bench/%u/%u", i / 50, i % 50) + 1;
        n->len = n->path_len +
                 (size_t)sprintf(n->body + n->path_len, "%u", i + 1000);
    }
}

static void put_read(struct conn *c, int j)
{
    const struct node *n = &nodes[c->job[j].node];

    put_msg(c, XS_READ, (uint32_t)j, c->job[j].tx, n->body, n->path_len);
}

static void put_write(struct conn *c, int j)
{
    const struct node *n = &nodes[c->job[j].node];

    put_msg(c, XS_WRITE, (uint32_t)j, c->job[j].tx, n->body, n->len);
}

/* The next request of a job; a transaction goes through four steps. */
static void next_request(struct conn *c, int j, enum load load)
{
    struct job *job = &c->job[j];

    if (load != TRANSACTIONS || job->step == 0)
        job->node = (job->node * 7 + 13) % nr_nodes;
    if (load == READS) {
        put_read(c, j);
        return;
    }
    if (load == WRITES) {
        put_write(c, j);
        return;
    }
    switch (job->step) {
    case 0:
        job->tx = 0;
        put_msg(c, XS_TRANSACTION_START, (uint32_t)j, 0, "", 1);
        break;
    case 1:
        put_read(c, j);
        break;
    case 2:
        put_write(c, j);
        break;
    case 3:
        put_msg(c, XS_TRANSACTION_END, (uint32_t)j, job->tx, "T", 2);
        break;
    }
}

static void answered(struct conn *c, const struct xsd_sockmsg *hdr,
                     const char *body, enum load load)
{
    struct job *job = &c->job[hdr->req_id];

    answers++;
    if (hdr->type == XS_ERROR) {
        if (strcmp(body, "EAGAIN") || job->step != 3) {
            fprintf(stderr, "store: the daemon says %.20s\n", body);
            exit(1);
        }
        retries++;
    }
    if (load == TRANSACTIONS) {
        if (job->step == 0)
            job->tx = (uint32_t)strtoul(body, NULL, 10);
        job->step = (job->step + 1) % 4;
    }
}

/* Take in what came; each answer sets off the job's next request if `go`. */
static int receive(struct conn *c, enum load load, bool go)
{
    ssize_t n = recv(c->fd, c->in + c->in_len, sizeof(c->in) - c->in_len, 0);
    struct xsd_sockmsg hdr;
    size_t at = 0;
    int done = 0;

    if (n <= 0)
        die("recv");
    c->in_len += (size_t)n;
    while (c->in_len - at >= sizeof(hdr)) {
        memcpy(&hdr, c->in + at, sizeof(hdr));
        if (c->in_len - at < sizeof(hdr) + hdr.len)
            break;
        answered(c, &hdr, c->in + at + sizeof(hdr), load);
        at += sizeof(hdr) + hdr.len;
        done++;
        if (go || (load == TRANSACTIONS && c->job[hdr.req_id].step)) {
            next_request(c, (int)hdr.req_id, load);
            done--;
        }
    }
    memmove(c->in, c->in + at, c->in_len - at);
    c->in_len -= at;
    if (c->out_len)
        flush(c);
    return done;
}

static void run(enum load load)
{
    struct pollfd fds[MAX_CLIENTS];
    double start = now(), end = start + seconds;
    int under_way = nr_conns * depth;
    bool go = true;

    answers = retries = 0;
    for (int i = 0; i < nr_conns; i++) {
        fds[i] = (struct pollfd){conns[i].fd, POLLIN, 0};
        for (int j = 0; j < depth; j++) {
            conns[i].job[j] = (struct job){0, 0, (unsigned int)(i * 97 + j)};
            next_request(&conns[i], j, load);
        }
        flush(&conns[i]);
    }
    for (unsigned int round = 0; under_way; round++) {
        /* The clock and poll() are system calls: as few as may be. */
        if (round % 16 == 0)
            go = now() < end;
        if (nr_conns == 1)
            fds[0].revents = POLLIN;
        else if (poll(fds, (nfds_t)nr_conns, 10000) <= 0)
            die("no answer");
        for (int i = 0; i < nr_conns; i++)
            if (fds[i].revents)
                under_way -= receive(&conns[i], load, go);
    }
    end = now() - start;
    printf("%-12s clients %d depth %d: %9.0f requests/s", load_names[load],
           nr_conns, depth, (double)answers / end);
    printf("%s\n", retries ? ", some retried" : "");
    fflush(stdout);
}

/* One request that belongs to no load. */
static void ask(uint32_t type, const void *body, size_t len)
{
    conns[0].job[0].step = 0;
    put_msg(&conns[0], type, 0, 0, body, len);
    flush(&conns[0]);
    while (!receive(&conns[0], WRITES, false))
        ;
}

static void fill(void)
{
    for (unsigned int i = 0; i < nr_nodes; i++)
        ask(XS_WRITE, nodes[i].body, nodes[i].len);
}

int main(int argc, char **argv)
{
    int c;

    while ((c = getopt(argc, argv, "s:t:c:d:N:")) != -1) {
        switch (c) {
        case 's':
            socket_path = optarg;
            break;
        case 't':
            seconds = atof(optarg);
            break;
        case 'c':
            nr_conns = atoi(optarg);
            break;
        case 'd':
            depth = atoi(optarg);
            break;
        case 'N':
            nr_nodes = (unsigned int)atoi(optarg);
            break;
        default:
            return 2;
        }
    }
    if (nr_conns < 1 || nr_conns > MAX_CLIENTS || depth < 1 ||
        depth > MAX_DEPTH || !nr_nodes)
        return 2;
    for (int i = 0; i < nr_conns; i++)
        open_conn(&conns[i]);
    spell_nodes();
    fill();
    for (int load = 0; load < NR_LOADS; load++)
        run((enum load)load);
    ask(XS_RM, "/bench", 7);
    return 0;
}
