/* SPDX-License-Identifier: GPL-2.0 */
#include "store_test.h"

static struct bench b;

static void test_basics(void)
{
    bench_open(&b);
    SAYS(&b.dom0, XS_WRITE, "/a/b/c|hello", "OK");
    SAYS(&b.dom0, XS_READ, "/a/b/c", "hello");
    CHECK_EQ(reply_len, 5);
    SAYS(&b.dom0, XS_READ, "/a/b", "");
    SAYS(&b.dom0, XS_READ, "/a/x", "ENOENT");
    SAYS(&b.dom0, XS_WRITE, "/a/b/d|", "OK");
    ask(&b.dom0, XS_DIRECTORY, 0, "/a/b");
    CHECK_EQ(reply_len, 4);
    CHECK(!memcmp(reply, "c\0d\0", 4));
    SAYS(&b.dom0, XS_MKDIR, "/a/b", "OK");
    SAYS(&b.dom0, XS_RM, "/a/b", "OK");
    SAYS(&b.dom0, XS_READ, "/a/b/c", "ENOENT");
    SAYS(&b.dom0, XS_RM, "/a/b", "OK");
    SAYS(&b.dom0, XS_RM, "/a/b/c", "ENOENT");
    SAYS(&b.dom0, XS_RM, "/", "EINVAL");
    SAYS(&b.dom0, XS_WRITE, "relative|x", "OK");
    SAYS(&b.dom0, XS_READ, "/local/domain/0/relative", "x");
    SAYS(&b.dom0, XS_GET_DOMAIN_PATH, "5", "/local/domain/5");
    SAYS(&b.dom0, XS_IS_DOMAIN_INTRODUCED, "5", "T");
    SAYS(&b.dom0, XS_IS_DOMAIN_INTRODUCED, "9", "F");
    SAYS(&b.dom0, XS_READ, "/a//b", "EINVAL");
    bench_close(&b);
}

static void test_bad_requests(void)
{
    bench_open(&b);
    for (uint32_t type = 0; type < 200; type++) {
        ask_bytes(&b.dom0, type, 0, "", 0);
        ask_bytes(b.d5, type, 0, "", 0);
        ask_bytes(b.d5, type, 0, "x", 1);
        ask_bytes(b.d5, type, 77, "\0\0\0\0\0", 5);
    }
    CHECK(!strcmp(ask_bytes(&b.dom0, XS_READ, 0, "/nonul", 6), "EINVAL"));
    CHECK(!strcmp(ask(&b.dom0, 20, 0, "x"), "ENOSYS"));
    CHECK(!strcmp(ask(&b.dom0, XS_READ, 99, "/"), "ENOENT"));
    SAYS(b.d5, XS_INTRODUCE, "7|1|1", "EACCES");
    SAYS(b.d5, XS_CONTROL, "check", "EACCES");
    bench_close(&b);
}

static void test_rights(void)
{
    static char many[XENSTORE_PAYLOAD_MAX] = "mine"; /* and empty rights */

    bench_open(&b);
    SAYS(b.d5, XS_WRITE, "mine/x|1", "OK");
    SAYS(b.d5, XS_READ, "/local/domain/5/mine/x", "1");
    ask(b.d5, XS_GET_PERMS, 0, "mine/x");
    CHECK(!strcmp(reply, "n5"));
    SAYS(b.d6, XS_READ, "/local/domain/5/mine/x", "EACCES");
    SAYS(b.d6, XS_READ, "/local/domain/5/mine/none", "EACCES");
    SAYS(b.d6, XS_WRITE, "/local/domain/5/mine/x|2", "EACCES");
    SAYS(b.d6, XS_RM, "/local/domain/5/mine", "EACCES");
    SAYS(b.d6, XS_SET_PERMS, "/local/domain/5/mine/x|n6", "EACCES");
    SAYS(b.d5, XS_SET_PERMS, "mine/x|n5|r6", "OK");
    SAYS(b.d6, XS_READ, "/local/domain/5/mine/x", "1");
    SAYS(b.d6, XS_WRITE, "/local/domain/5/mine/x|2", "EACCES");
    SAYS(b.d5, XS_SET_PERMS, "mine/x|n6", "EPERM");
    SAYS(b.d5, XS_SET_PERMS, "mine/x|n5|r1|r2|r3|r4|r6", "ENOSPC");
    SAYS(b.d5, XS_SET_PERMS, "mine/x|z5", "EINVAL");
    ask_bytes(b.d5, XS_SET_PERMS, 0, many, sizeof(many));
    CHECK(!strcmp(reply, "EINVAL"));
    SAYS(b.d5, XS_WRITE, "/tool|1", "EACCES");
    SAYS(&b.dom0, XS_SET_PERMS, "/local/domain/6|w6|b5", "OK");
    SAYS(b.d5, XS_WRITE, "/local/domain/6/gift|1", "OK");
    ask(b.d5, XS_GET_PERMS, 0, "/local/domain/6/gift");
    CHECK(!memcmp(reply, "w5\0b5", 6));
    bench_close(&b);
}

static void test_read_only(void)
{
    struct client ro;

    bench_open(&b);
    client_init(&ro, &b.xs, xstore_domain(&b.xs, 0));
    ro.read_only = true;
    SAYS(&ro, XS_WRITE, "/a|1", "EROFS");
    SAYS(&ro, XS_RM, "/a", "EROFS");
    SAYS(&ro, XS_INTRODUCE, "9|1|1", "EROFS");
    ask(&ro, XS_DIRECTORY, 0, "/");
    CHECK(!strcmp(reply, "local"));
    client_free(&ro);
    bench_close(&b);
}

static void test_big_directory(void)
{
    char path[64], all[64 * 1024], body[64];
    size_t len = 0;
    char gen[32] = "";

    bench_open(&b);
    for (int i = 0; i < 2000; i++) {
        snprintf(path, sizeof(path), "/big/node-%d", i);
        SAYS(&b.dom0, XS_MKDIR, path, "OK");
    }
    SAYS(&b.dom0, XS_DIRECTORY, "/big", "E2BIG");
    for (;;) {
        size_t n, head;

        n = (size_t)snprintf(body, sizeof(body), "/big|%zu|", len) - 1;
        body[n] = '\0';
        ask(&b.dom0, XS_DIRECTORY_PART, 0, body);
        head = strlen(reply) + 1;
        if (gen[0])
            CHECK(!strcmp(gen, reply));
        strcpy(gen, reply);
        CHECK(reply_len > head);
        memcpy(all + len, reply + head, reply_len - head);
        len += reply_len - head;
        if (len >= 2 && !all[len - 1] && !all[len - 2])
            break;
        if (reply_len <= head)
            break;
    }
    CHECK_EQ(wire_count(all, len), 2001);
    bench_close(&b);
}

static void test_death(void)
{
    bench_open(&b);
    SAYS(b.d5, XS_WRITE, "mine|1", "OK");
    SAYS(&b.dom0, XS_WRITE, "/shared|1", "OK");
    SAYS(&b.dom0, XS_SET_PERMS, "/shared|n0|b5|r6", "OK");
    SAYS(&b.dom0, XS_WRITE, "/theirs/x|1", "OK");
    SAYS(&b.dom0, XS_SET_PERMS, "/theirs/x|n5", "OK");
    SAYS(&b.dom0, XS_SET_TARGET, "6|5", "OK");
    SAYS(b.d6, XS_READ, "/theirs/x", "1");
    SAYS(&b.dom0, XS_WATCH, "@releaseDomain|t", "OK");
    HEARS(&b.dom0, "@releaseDomain=t ");
    SAYS(b.d5, XS_WATCH, "mine|w", "OK");
    SAYS(&b.dom0, XS_RELEASE, "5", "OK");
    HEARS(&b.dom0, "@releaseDomain=t ");
    SAYS(&b.dom0, XS_READ, "/local/domain/5", "ENOENT");
    SAYS(&b.dom0, XS_READ, "/theirs/x", "ENOENT");
    ask(&b.dom0, XS_GET_PERMS, 0, "/shared");
    CHECK_EQ(reply_len, 6);
    CHECK(!memcmp(reply, "n0\0r6", 6));
    CHECK(!xstore_domain_find(&b.xs, 5));
    CHECK_EQ(xstore_domain_find(&b.xs, 6)->target, -1);
    SAYS(&b.dom0, XS_INTRODUCE, "5|7|8", "OK");
    b.d5 = &xstore_domain(&b.xs, 5)->client;
    SAYS(b.d5, XS_READ, "/shared", "EACCES");
    CHECK_EQ(b.d5->dom->used.nodes, 0);
    bench_close(&b);
}

static void test_quota(void)
{
    char path[4000], big[3000];
    int made = 0;

    bench_open(&b);
    for (int i = 0; i < 1100; i++) {
        snprintf(path, sizeof(path), "n%d|1", i);
        made += !strcmp(ask(b.d5, XS_WRITE, 0, path), "OK");
    }
    CHECK_EQ(made, 999); /* its home is its own, too */
    SAYS(b.d5, XS_WRITE, "n1|other", "OK");
    SAYS(b.d5, XS_RM, "n1", "OK");
    SAYS(b.d5, XS_WRITE, "again|1", "OK");
    SAYS(b.d6, XS_WRITE, "fine|1", "OK");
    memset(big, 'x', sizeof(big));
    big[2500] = '\0';
    memcpy(big, "v|", 2);
    SAYS(b.d6, XS_WRITE, big, "ENOSPC");
    made = 0;
    for (int i = 0; i < 200; i++) {
        snprintf(path, sizeof(path), "w%d|t", i);
        made += !strcmp(ask(b.d6, XS_WATCH, 0, path), "OK");
    }
    CHECK_EQ(made, 128);
    made = 0;
    for (int i = 0; i < 20; i++)
        made += begin(b.d6) != 0;
    CHECK_EQ(made, 10);
    SAYS(b.d6, XS_RESET_WATCHES, "", "OK");
    CHECK_EQ(b.d6->dom->used.watches, 0);
    CHECK(begin(b.d6));
    SAYS(&b.dom0, XS_CONTROL, "quota|set|nodes|3", "OK");
    SAYS(b.d6, XS_WRITE, "x/y/z|1", "ENOSPC");
    memset(path, 'p', sizeof(path));
    path[0] = '/';
    path[2049] = '\0';
    SAYS(b.d6, XS_READ, path, "E2BIG");
    bench_close(&b);
}

/* What a guest writes of others costs us nothing if they are not there. */
static void test_strangers(void)
{
    char text[64];
    int known = 0;

    bench_open(&b);
    SAYS(b.d5, XS_MKDIR, "x", "OK");
    for (int i = 100; i < 1000; i += 2) {
        snprintf(text, sizeof(text), "x|n5|r%d|r6|r%d", i, i + 1);
        SAYS(b.d5, XS_SET_PERMS, text, "OK");
    }
    for (const struct domain *d = b.xs.domain_list; d; d = d->next)
        known++;
    CHECK_EQ(known, 3);
    ask(b.d5, XS_GET_PERMS, 0, "x");
    CHECK_EQ(reply_len, 6); /* n5, r6 */
    CHECK(!memcmp(reply, "n5\0r6", 6));
    SAYS(&b.dom0, XS_SET_PERMS, "/local/domain/5/x|n5|r77", "OK");
    CHECK(xstore_domain_find(&b.xs, 77)); /* Dom0 knows what it does */
    bench_close(&b);
}

static void test_control(void)
{
    bench_open(&b);
    SAYS(&b.dom0, XS_CONTROL, "check", "OK");
    CHECK(strstr(ask(&b.dom0, XS_CONTROL, 0, "help"), "memreport"));
    CHECK(strstr(ask(&b.dom0, XS_CONTROL, 0, "quota"), "nodes"));
    CHECK(strstr(ask(&b.dom0, XS_CONTROL, 0, "quota|5"), "memory"));
    CHECK(strstr(ask(&b.dom0, XS_CONTROL, 0, "memreport"), "domain 5"));
    SAYS(&b.dom0, XS_CONTROL, "no-such", "EINVAL");
    SAYS(&b.dom0, XS_CONTROL, "quota|set|nodes|x", "EINVAL");
    bench_close(&b);
}

static const struct unit_test tests[] = {
    {"what is written is read", test_basics},
    {"a bad request gets an error and nothing else", test_bad_requests},
    {"a guest may what the rights say", test_rights},
    {"the read-only socket changes nothing", test_read_only},
    {"a long directory is read in parts", test_big_directory},
    {"a dead domain leaves nothing for the next with its id", test_death},
    {"a guest cannot take more than its quota", test_quota},
    {"domains that are not there cost nothing", test_strangers},
    {"control commands answer", test_control},
};
UNIT_MAIN("store", tests)
