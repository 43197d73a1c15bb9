/* SPDX-License-Identifier: GPL-2.0 */
/*
 * test_rpc.c - XML-RPC: values to text and back, and a server that must
 * outlive whatever its clients send.
 */
#include <errno.h>
#include <pthread.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

#include "unit.h"

#include "base/loop.h"
#include "base/rpc.h"

static struct rpc_value *sample(void)
{
    struct rpc_value *st = rpc_struct(), *list = rpc_array();

    rpc_set(st, "name", rpc_string("a<b>&\"c\" \xe2\x82\xac\r\n"));
    rpc_set(st, "domid", rpc_int(7));
    rpc_set(st, "big", rpc_int(1ll << 40));
    rpc_set(st, "yes", rpc_bool(true));
    rpc_set(st, "half", rpc_double(0.5));
    rpc_set(st, "nothing", rpc_nil());
    rpc_add(list, rpc_int(-1));
    rpc_add(list, rpc_array());
    rpc_add(list, rpc_string(""));
    rpc_set(st, "list", list);
    return st;
}

static void is_sample(const struct rpc_value *v)
{
    CHECK_EQ(v->type, RPC_STRUCT);
    CHECK(!strcmp(rpc_text(rpc_get(v, "name"), "?"),
                  "a<b>&\"c\" \xe2\x82\xac\r\n"));
    CHECK_EQ(rpc_number(rpc_get(v, "domid"), 0), 7);
    CHECK_EQ(rpc_number(rpc_get(v, "big"), 0), 1ll << 40);
    CHECK(rpc_get(v, "yes")->boolean);
    CHECK(rpc_get(v, "half")->number == 0.5);
    CHECK_EQ(rpc_get(v, "nothing")->type, RPC_NIL);
    CHECK_EQ(rpc_number(rpc_at(rpc_get(v, "list"), 0), 0), -1);
    CHECK_EQ(rpc_at(rpc_get(v, "list"), 1)->type, RPC_ARRAY);
    CHECK(!strcmp(rpc_text(rpc_at(rpc_get(v, "list"), 2), "?"), ""));
    CHECK(rpc_at(rpc_get(v, "list"), 3) == NULL);
}

static void round_trip(void)
{
    struct rpc_value *v = sample(), *params = rpc_array(), *back = NULL;
    struct buf call = BUF_INIT, answer = BUF_INIT;
    char *method = NULL, *text = NULL;
    int code = 0;

    rpc_encode_answer(&answer, v);
    CHECK_EQ(rpc_decode_answer(answer.data, answer.len, &back, &code, &text),
             0);
    if (back)
        is_sample(back);
    rpc_free(back);

    rpc_add(params, v);
    rpc_encode_call(&call, "xend.domain", params);
    back = NULL;
    CHECK_EQ(rpc_decode_call(call.data, call.len, &method, &back), 0);
    CHECK(method && !strcmp(method, "xend.domain"));
    if (back)
        is_sample(rpc_at(back, 0));
    rpc_free(back);
    rpc_free(params);
    free(method);
    buf_free(&call);
    buf_free(&answer);
}

/* What a client reads of it; v is taken over. */
static struct rpc_value *sent(struct rpc_value *v)
{
    struct rpc_value *back = NULL;
    struct buf out = BUF_INIT;
    char *text = NULL;
    int code;

    rpc_encode_answer(&out, v);
    CHECK_EQ(rpc_decode_answer(out.data, out.len, &back, &code, &text), 0);
    rpc_free(v);
    buf_free(&out);
    return back;
}

static void odd_strings(void)
{
    struct rpc_value *back =
        sent(rpc_string("\x01\xff\xc0\x80 ok \xed\xa0\x80"));

    CHECK(back && strstr(back->string, " ok ") != NULL);
    rpc_free(back);
}

static const char *cell(const struct rpc_value *rows, size_t row, size_t n)
{
    return rpc_text(rpc_at(rpc_at(rows, row), n), "?");
}

/* Rows without a tree of values: what is read is what was written. */
static void rows(void)
{
    struct rpc_value *back;
    struct buf b;

    rpc_rows_begin(&b);
    rpc_row_open(&b);
    rpc_cell_open(&b);
    rpc_put_text(&b, "a<b>&\xff");
    rpc_cell_close(&b);
    rpc_cell_open(&b);
    buf_putd(&b, INT64_MIN);
    rpc_cell_close(&b);
    rpc_row_close(&b);
    rpc_row_open(&b);
    rpc_cell_open(&b);
    rpc_cell_close(&b);
    rpc_row_close(&b);
    back = sent(rpc_rows_end(&b));
    CHECK_EQ(back ? back->count : 0, 2);
    CHECK(!strcmp(cell(back, 0, 0), "a<b>&?"));
    CHECK(!strcmp(cell(back, 0, 1), "-9223372036854775808"));
    CHECK(!strcmp(cell(back, 1, 0), ""));
    rpc_free(back);
}

static void no_rows(void)
{
    struct rpc_value *back;
    struct buf b;

    rpc_rows_begin(&b);
    back = sent(rpc_rows_end(&b));
    CHECK(back && back->type == RPC_ARRAY && !back->count);
    rpc_free(back);
}

static void faults(void)
{
    struct buf out = BUF_INIT;
    struct rpc_value *v = NULL;
    char *text = NULL;
    int code = 0;

    rpc_encode_fault(&out, 3, "Domain <x> does not exist");
    CHECK_EQ(rpc_decode_answer(out.data, out.len, &v, &code, &text), 1);
    CHECK_EQ(code, 3);
    CHECK(text && !strcmp(text, "Domain <x> does not exist"));
    free(text);
    buf_free(&out);
}

static void bad_calls(void)
{
    static const char *const rows[] = {
        "",
        "<",
        "<methodCall>",
        "<methodCall></methodCall>",
        "<methodCall><methodName></methodName></methodCall>",
        "<methodResponse><params><param><value>1</value></param></params>"
        "</methodResponse>",
        "<methodCall><methodName>a</methodName><params><param><value><int>x"
        "</int></value></param></params></methodCall>",
        "<methodCall><methodName>a</methodName><params><value>1</value>"
        "</params></methodCall>",
        "<methodCall><methodName>a</methodName></methodCall><methodCall/>",
        "<!DOCTYPE x [<!ENTITY a 'b'>]><methodCall><methodName>&a;"
        "</methodName></methodCall>",
        "<methodCall><methodName>a</methodName><params><param><value><struct>"
        "<member><value>1</value></member></struct></value></param></params>"
        "</methodCall>",
        "<methodCall><methodName>a</methodName><params><param><value><int>1"
        "</int><int>2</int></value></param></params></methodCall>",
    };
    size_t i;

    for (i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
        struct rpc_value *v = NULL;
        char *method = NULL;

        unit_set_row(rows[i]);
        CHECK_EQ(rpc_decode_call(rows[i], strlen(rows[i]), &method, &v),
                 -EBADMSG);
    }
}

static void nesting(void)
{
    struct buf b = BUF_INIT;
    struct rpc_value *v = NULL;
    char *method = NULL;
    int i;

    buf_puts(&b, "<methodCall><methodName>a</methodName><params><param>");
    for (i = 0; i < 1000; i++)
        buf_puts(&b, "<value><array><data>");
    CHECK_EQ(rpc_decode_call(b.data, b.len, &method, &v), -EBADMSG);
    buf_free(&b);
}

/* Each member is compared with those before. */
static void long_structs(void)
{
    struct buf b = BUF_INIT;
    struct rpc_value *v = NULL;
    char *method = NULL;

    buf_puts(&b, "<methodCall><methodName>a</methodName><params><param>"
                 "<value><struct>");
    while (b.len < RPC_MAX_BODY - 200)
        buf_printf(&b, "<member><name>%zu</name><value/></member>", b.len);
    buf_puts(&b, "</struct></value></param></params></methodCall>");
    CHECK_EQ(rpc_decode_call(b.data, b.len, &method, &v), -EBADMSG);
    buf_free(&b);
}

/* A server in a thread of its own */

static char path[108];
static struct loop *loop;
static struct rpc_request *held;

static void on_call(void *arg, struct rpc_request *req, const char *method,
                    const struct rpc_value *params)
{
    (void)arg;
    if (!strcmp(method, "echo")) {
        rpc_answer(req, rpc_string(rpc_text(rpc_at(params, 0), "?")));
    } else if (!strcmp(method, "hold")) {
        held = req;
    } else if (!strcmp(method, "release")) {
        rpc_answer(held, rpc_int(1));
        held = NULL;
        rpc_answer(req, rpc_int(2));
    } else if (!strcmp(method, "stop")) {
        rpc_answer(req, rpc_nil());
        loop_stop(loop, 0);
    } else {
        rpc_fault(req, 1, "no method %s", method);
    }
}

static void *serve(void *arg)
{
    loop_run(arg);
    return NULL;
}

static int raw_connect(void)
{
    struct sockaddr_un a = {.sun_family = AF_UNIX};
    int fd = socket(AF_UNIX, SOCK_STREAM, 0);

    memcpy(a.sun_path, path, strlen(path) + 1);
    if (connect(fd, (struct sockaddr *)&a, sizeof(a)) < 0) {
        close(fd);
        return -1;
    }
    return fd;
}

/* Send anything; the first line that comes back. */
static void say(const char *text, char *line, size_t size)
{
    int fd = raw_connect();
    ssize_t n;

    CHECK(fd >= 0);
    CHECK(send(fd, text, strlen(text), MSG_NOSIGNAL) >= 0);
    shutdown(fd, SHUT_WR);
    n = recv(fd, line, size - 1, 0);
    line[n > 0 ? n : 0] = '\0';
    close(fd);
}

static void echo(struct rpc_client *c, const char *word)
{
    struct rpc_value *params = rpc_array(), *result = NULL;
    char *text = NULL;
    int code;

    rpc_add(params, rpc_string(word));
    CHECK_EQ(rpc_call(c, "echo", params, 10000, &result, &code, &text), 0);
    CHECK(!strcmp(rpc_text(result, "?"), word));
    rpc_free(result);
    rpc_free(params);
}

static void server(void)
{
    struct rpc_server *s;
    struct rpc_client *c, *c2, *waiting;
    struct rpc_value *v = NULL;
    pthread_t thread;
    char line[256], *text = NULL, *big = malloc(100001);
    int fd, code = 0, silent[200];

    strcpy(path, "/tmp/test_rpc.XXXXXX");
    fd = mkstemp(path);
    close(fd);
    unlink(path);
    loop = loop_new();
    s = rpc_listen(loop, path, on_call, NULL);
    CHECK(s != NULL);
    if (!s)
        return;
    pthread_create(&thread, NULL, serve, loop);

    c = rpc_connect(path);
    CHECK(c != NULL);
    echo(c, "one");
    memset(big, 'x', 100000);
    big[100000] = '\0';
    echo(c, big); /* the same connection goes on */
    CHECK_EQ(rpc_call(c, "nonsense", NULL, 10000, &v, &code, &text), 1);
    CHECK(text && !strcmp(text, "no method nonsense"));
    free(text);

    say("GET / HTTP/1.0\r\n\r\n", line, sizeof(line));
    CHECK(strstr(line, "HTTP/1.1 405") == line);
    say("POST / HTTP/1.0\r\n\r\n", line, sizeof(line));
    CHECK(strstr(line, "HTTP/1.1 411") == line);
    say("POST / HTTP/1.0\r\nContent-Length: 99999999999\r\n\r\n", line,
        sizeof(line));
    CHECK(strstr(line, "HTTP/1.1 413") == line);
    say("POST / HTTP/1.0\r\nContent-Length: 4\r\n\r\n<xx>", line, sizeof(line));
    CHECK(strstr(line, "HTTP/1.1 400") == line);
    say("\0\1\2", line, sizeof(line));
    memset(big, 'a', 20000);
    big[20000] = '\0';
    say(big, line, sizeof(line));

    /* more than there may be, all of them silent */
    for (int i = 0; i < 200; i++)
        silent[i] = raw_connect();
    c2 = rpc_connect(path);
    echo(c2, "not kept out");
    rpc_disconnect(c2);
    for (int i = 0; i < 200; i++)
        close(silent[i]);
    rpc_disconnect(c); /* it was the first to go */
    c = rpc_connect(path);

    /* one that waits, and one that gave up waiting */
    waiting = rpc_connect(path);
    CHECK_EQ(rpc_call(waiting, "hold", NULL, 50, &v, &code, &text), -ETIMEDOUT);
    rpc_disconnect(waiting);
    CHECK_EQ(rpc_call(c, "release", NULL, 10000, &v, &code, &text), 0);
    CHECK_EQ(rpc_number(v, 0), 2);
    rpc_free(v);
    echo(c, "still here");

    CHECK_EQ(rpc_call(c, "stop", NULL, 10000, &v, &code, &text), 0);
    rpc_free(v);
    pthread_join(thread, NULL);
    rpc_disconnect(c);
    rpc_server_free(s);
    loop_free(loop);
    CHECK(access(path, F_OK) < 0);
    free(big);
}

static const struct unit_test tests[] = {
    {"all kinds of values travel both ways", round_trip},
    {"what is not UTF-8 does not break the text", odd_strings},
    {"rows are written as they are read", rows},
    {"no rows are an empty array", no_rows},
    {"faults carry code and text", faults},
    {"bad calls are refused", bad_calls},
    {"depth is bounded", nesting},
    {"a struct's length is bounded", long_structs},
    {"a server outlives bad clients", server},
};
UNIT_MAIN("rpc", tests)
