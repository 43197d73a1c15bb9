/* SPDX-License-Identifier: GPL-2.0 */
#include "store_test.h"

static struct bench b;

static void test_isolation(void)
{
    uint32_t t;

    bench_open(&b);
    SAYS(&b.dom0, XS_WRITE, "/a|1", "OK");
    SAYS(&b.dom0, XS_WATCH, "/a|t", "OK");
    HEARS(&b.dom0, "/a=t ");
    t = begin(&b.dom0);
    SAYS_TX(&b.dom0, XS_WRITE, t, "/a|2", "OK");
    SAYS_TX(&b.dom0, XS_WRITE, t, "/a/b/c|3", "OK");
    SAYS_TX(&b.dom0, XS_READ, t, "/a", "2");
    SAYS(&b.dom0, XS_READ, "/a", "1");
    SAYS(&b.dom0, XS_READ, "/a/b", "ENOENT");
    HEARS(&b.dom0, "");
    SAYS_TX(&b.dom0, XS_TRANSACTION_END, t, "T", "OK");
    HEARS(&b.dom0, "/a=t /a/b/c=t ");
    SAYS(&b.dom0, XS_READ, "/a/b/c", "3");
    SAYS_TX(&b.dom0, XS_TRANSACTION_END, t, "T", "ENOENT");
    t = begin(&b.dom0);
    SAYS_TX(&b.dom0, XS_RM, t, "/a", "OK");
    SAYS_TX(&b.dom0, XS_TRANSACTION_START, t, "", "EBUSY");
    SAYS_TX(&b.dom0, XS_TRANSACTION_END, t, "x", "EINVAL");
    SAYS_TX(&b.dom0, XS_TRANSACTION_END, t, "F", "OK");
    SAYS(&b.dom0, XS_READ, "/a", "2");
    HEARS(&b.dom0, "");
    bench_close(&b);
}

/* In a transaction `in` is asked; meanwhile `out` happens; does it pass? */
static const struct {
    const char *sentence;
    uint32_t in_type;
    const char *in;
    uint32_t out_type;
    const char *out;
    const char *end;
} rows[] = {
    {"read, and its value changes", XS_READ, "/d/x", XS_WRITE, "/d/x|2",
     "EAGAIN"},
    {"read, and another's value changes", XS_READ, "/d/x", XS_WRITE, "/d/y|2",
     "OK"},
    {"read, and a child comes", XS_READ, "/d", XS_WRITE, "/d/z|2", "OK"},
    {"list, and a child comes", XS_DIRECTORY, "/d", XS_WRITE, "/d/z|2",
     "EAGAIN"},
    {"list, and a child goes", XS_DIRECTORY, "/d", XS_RM, "/d/x", "EAGAIN"},
    {"list, and a child's value changes", XS_DIRECTORY, "/d", XS_WRITE,
     "/d/x|2", "OK"},
    {"not found, and it comes", XS_READ, "/d/n", XS_WRITE, "/d/n|1", "EAGAIN"},
    {"make, and so does another", XS_WRITE, "/d/n|1", XS_WRITE, "/d/n|2",
     "EAGAIN"},
    {"make, and another makes a sister", XS_WRITE, "/d/n|1", XS_WRITE,
     "/d/m|2", "OK"},
    {"make, and the parent goes", XS_WRITE, "/d/n|1", XS_RM, "/d", "EAGAIN"},
    {"make, and the parent's rights change", XS_WRITE, "/d/n|1", XS_SET_PERMS,
     "/d|n0|r5", "EAGAIN"},
    {"write blindly, and so does another", XS_WRITE, "/d/x|1", XS_WRITE,
     "/d/x|2", "OK"},
    {"write, and it goes", XS_WRITE, "/d/x|1", XS_RM, "/d/x", "EAGAIN"},
    {"read, and it goes", XS_READ, "/d/x", XS_RM, "/d", "EAGAIN"},
    {"remove, and a child comes", XS_RM, "/d", XS_WRITE, "/d/n|1", "OK"},
    {"remove, and it is gone already", XS_RM, "/d/x", XS_RM, "/d/x", "EAGAIN"},
    {"read the rights, and they change", XS_GET_PERMS, "/d/x", XS_SET_PERMS,
     "/d/x|n5", "EAGAIN"},
    {"read the rights, and the value changes", XS_GET_PERMS, "/d/x", XS_WRITE,
     "/d/x|8", "OK"},
    {"set the rights, and the value changes", XS_SET_PERMS, "/d/x|n5",
     XS_WRITE, "/d/x|8", "OK"},
};

static void test_conflicts(void)
{
    for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
        uint32_t t;

        unit_set_row(rows[i].sentence);
        bench_open(&b);
        SAYS(&b.dom0, XS_WRITE, "/d/x|0", "OK");
        SAYS(&b.dom0, XS_WRITE, "/d/y|0", "OK");
        t = begin(&b.dom0);
        ask(&b.dom0, rows[i].in_type, t, rows[i].in);
        ask(&b.dom0, rows[i].out_type, 0, rows[i].out);
        SAYS_TX(&b.dom0, XS_TRANSACTION_END, t, "T", rows[i].end);
        bench_close(&b);
    }
}

static void test_all_or_nothing(void)
{
    uint32_t t, u;

    bench_open(&b);
    SAYS(&b.dom0, XS_WRITE, "/n|0", "OK");
    t = begin(&b.dom0);
    u = begin(&b.dom0);
    SAYS_TX(&b.dom0, XS_READ, t, "/n", "0");
    SAYS_TX(&b.dom0, XS_READ, u, "/n", "0");
    SAYS_TX(&b.dom0, XS_WRITE, t, "/n|1", "OK");
    SAYS_TX(&b.dom0, XS_WRITE, u, "/n|1", "OK");
    SAYS_TX(&b.dom0, XS_WRITE, u, "/left/behind|1", "OK");
    SAYS_TX(&b.dom0, XS_TRANSACTION_END, t, "T", "OK");
    SAYS_TX(&b.dom0, XS_TRANSACTION_END, u, "T", "EAGAIN");
    SAYS(&b.dom0, XS_READ, "/n", "1");
    SAYS(&b.dom0, XS_READ, "/left", "ENOENT");
    bench_close(&b);
}

static void test_guest_quota(void)
{
    char path[64];
    uint32_t t;
    int made = 0;

    bench_open(&b);
    SAYS(&b.dom0, XS_CONTROL, "quota|set|nodes|20", "OK");
    t = begin(b.d5);
    for (int i = 0; i < 30; i++) {
        snprintf(path, sizeof(path), "n%d|1", i);
        made += !strcmp(ask(b.d5, XS_WRITE, t, path), "OK");
    }
    CHECK_EQ(made, 19);
    SAYS_TX(b.d5, XS_RM, t, "n1", "OK");
    SAYS_TX(b.d5, XS_WRITE, t, "more|1", "OK");
    SAYS(b.d5, XS_WRITE, "outside|1", "OK");
    SAYS_TX(b.d5, XS_TRANSACTION_END, t, "T", "ENOSPC");
    CHECK_EQ(b.d5->dom->used.nodes, 2);
    SAYS(&b.dom0, XS_CONTROL, "quota|set|nodes|5000", "OK");
    t = begin(b.d5);
    made = 0;
    for (int i = 0; i < 2000; i++) {
        snprintf(path, sizeof(path), "n%d|1", i);
        made += !strcmp(ask(b.d5, XS_WRITE, t, path), "OK");
    }
    CHECK(made > 1000 && made <= 1024);
    SAYS_TX(b.d5, XS_TRANSACTION_END, t, "F", "OK");
    SAYS(b.d5, XS_TRANSACTION_END, "T", "ENOENT");
    CHECK_EQ(b.d5->nr_txns, 0);
    bench_close(&b);
}

static void test_doom(void)
{
    uint32_t t;

    bench_open(&b);
    t = begin(b.d5);
    SAYS_TX(b.d5, XS_WRITE, t, "x|1", "OK");
    for (int i = 0; i < 100; i++)
        SAYS(&b.dom0, XS_WRITE, "/y|1", "OK");
    txn_doom_old(&b.xs, 50, UINT64_MAX);
    SAYS_TX(b.d5, XS_WRITE, t, "x|2", "OK");
    SAYS_TX(b.d5, XS_READ, t, "x", "ENOENT");
    SAYS_TX(b.d5, XS_TRANSACTION_END, t, "T", "EAGAIN");
    bench_close(&b);
}

/* Many transactions at once, each adding one to several counters: with
 * retries nothing is lost, whatever the order. */
static void test_counters(void)
{
    uint32_t t[8] = {0};
    int done[8] = {0}, total = 0;
    uint64_t seed = 3;
    char text[64];

    bench_open(&b);
    for (int i = 0; i < 4; i++) {
        snprintf(text, sizeof(text), "/c/%d|0", i);
        SAYS(&b.dom0, XS_WRITE, text, "OK");
    }
    for (int step = 0; step < 4000; step++) {
        int w = (int)(unit_random(&seed) % 8), k;

        if (!t[w]) {
            t[w] = begin(&b.dom0);
            done[w] = 0;
        } else if (done[w] < 2) {
            k = (w + done[w]++) % 4;
            snprintf(text, sizeof(text), "/c/%d", k);
            k = atoi(ask(&b.dom0, XS_READ, t[w], text));
            snprintf(text + 4, sizeof(text) - 4, "|%d", k + 1);
            SAYS_TX(&b.dom0, XS_WRITE, t[w], text, "OK");
        } else {
            if (!strcmp(ask(&b.dom0, XS_TRANSACTION_END, t[w], "T"), "OK"))
                total += 2;
            t[w] = 0;
        }
    }
    for (int i = 0; i < 4; i++) {
        snprintf(text, sizeof(text), "/c/%d", i);
        total -= atoi(ask(&b.dom0, XS_READ, 0, text));
    }
    CHECK_EQ(total, 0);
    bench_close(&b);
}

/* All values of a guest, written anew in each of its transactions: one that
 * writes at the bottom copies all above it. */
static void test_views_have_a_bound(void)
{
    static char path[1200], body[3200];
    int refused = 0;

    bench_open(&b);
    memset(body, 'v', sizeof(body));
    strcpy(path, "d");
    for (int i = 0; i < 500; i++) {
        size_t len = strlen(path) + 1;

        memcpy(body, path, len);
        ask_bytes(b.d5, XS_WRITE, 0, body, len + 2000);
        CHECK(!strcmp(reply, "OK"));
        strcat(path, "/d");
        memset(body, 'v', len);
    }
    for (int i = 0; i < 10; i++) {
        uint32_t tx = begin(b.d5);

        snprintf(body, sizeof(body), "%s|1", path);
        refused += !strcmp(ask(b.d5, XS_WRITE, tx, body), "ENOSPC");
    }
    CHECK(refused > 5);
    CHECK(b.d5->dom->used.bytes < 2 * (long)b.xs.limits.memory);
    SAYS(b.d5, XS_RESET_WATCHES, "", "OK"); /* and no transaction is left */
    CHECK(b.d5->dom->used.bytes < 1100000);
    bench_close(&b);
}

static void test_snapshots_have_a_bound(void)
{
    uint32_t old, young;

    bench_open(&b);
    old = begin(b.d6);
    SAYS_TX(b.d6, XS_WRITE, old, "x|1", "OK");
    for (int i = 0; i < 20000; i++)
        SAYS(b.d5, XS_WRITE, "y|1", "OK");
    young = begin(b.d6);
    SAYS_TX(b.d6, XS_WRITE, young, "z|1", "OK");
    txn_doom_old(&b.xs, UINT64_MAX, 1 << 20);
    SAYS_TX(b.d6, XS_TRANSACTION_END, old, "T", "EAGAIN");
    SAYS_TX(b.d6, XS_TRANSACTION_END, young, "T", "OK");
    bench_close(&b);
}

static const struct unit_test tests[] = {
    {"a transaction is alone until its end", test_isolation},
    {"it is refused only for what it relied on", test_conflicts},
    {"it happens as a whole or not at all", test_all_or_nothing},
    {"quotas hold inside, too", test_guest_quota},
    {"an old one of a guest must be done again", test_doom},
    {"nothing is lost between many", test_counters},
    {"what a guest's transactions copy counts as its own",
     test_views_have_a_bound},
    {"a snapshot that keeps much alive is given up",
     test_snapshots_have_a_bound},
};
UNIT_MAIN("store transactions", tests)
