/* SPDX-License-Identifier: GPL-2.0 */
/*
 * What a killed store leaves is what the next one finds: the process is not
 * killed here, the store is just forgotten without any farewell.
 */
#include <sys/stat.h>
#include <unistd.h>

#include "base/log.h"
#include "store_test.h"

static char dir[64];

static bool collect(void *ctx, const char *path, const struct node *n)
{
    struct bytes *text = ctx;
    char right[8];

    bytes_add(text, path, strlen(path) + 1);
    bytes_add(text, node_value(n), n->value_len);
    for (uint32_t i = 0; i < n->rights->nr; i++)
        bytes_add(text, right, wire_format_right(right, n->rights->r[i]));
    return true;
}

static void collect_watch(void *ctx, const char *path, size_t skip,
                          const char *token, int depth)
{
    char text[256];

    snprintf(text, sizeof(text), "%s %zu %s %d\n", path, skip, token, depth);
    bytes_add(ctx, text, strlen(text));
}

static struct bytes describe(struct xstore *xs)
{
    struct bytes text = {0};

    tree_walk(tree_find(&xs->tree, "/"), "/", collect, &text);
    tree_walk(tree_find(&xs->tree, "@releaseDomain"), "@releaseDomain",
              collect, &text);
    for (unsigned int i = 0; i < 100; i++) {
        const struct domain *d = xstore_domain_find(xs, i);
        char line[128];

        if (!d || !d->introduced)
            continue;
        snprintf(line, sizeof(line), "%u %u %u %d %ld %ld %ld\n", i, d->port,
                 (unsigned int)d->frame, d->target,
                 d->domid ? d->used.nodes : 0, d->used.watches,
                 d->domid ? d->used.bytes : 0);
        bytes_add(&text, line, strlen(line));
    }
    return text;
}

static void open_store(struct bench *b, int found)
{
    xstore_init(&b->xs, &fake_hooks);
    CHECK_EQ(keep_open(&b->xs, dir), found);
    client_init(&b->dom0, &b->xs, xstore_domain(&b->xs, 0));
}

static void close_store(struct bench *b)
{
    CHECK(!xstore_check(&b->xs));
    keep_close(&b->xs);
    client_free(&b->dom0);
    xstore_free(&b->xs);
}

static void test_round_trip(void)
{
    struct bytes before, after;
    struct bytes w0 = {0}, w1 = {0};
    struct client *d5;
    struct bench b;

    open_store(&b, 0);
    SAYS(&b.dom0, XS_INTRODUCE, "5|1234|17", "OK");
    SAYS(&b.dom0, XS_INTRODUCE, "6|99|18", "OK");
    SAYS(&b.dom0, XS_WRITE, "/local/domain/5/x|1", "OK");
    SAYS(&b.dom0, XS_SET_PERMS, "/local/domain/5|n5|r6", "OK");
    SAYS(&b.dom0, XS_SET_PERMS, "@releaseDomain|n0|r6", "OK");
    SAYS(&b.dom0, XS_SET_TARGET, "6|5", "OK");
    SAYS(&b.dom0, XS_WATCH, "/never/kept|t", "OK");
    HEARS(&b.dom0, "/never/kept=t ");
    d5 = &xstore_domain(&b.xs, 5)->client;
    SAYS(d5, XS_WRITE, "own/y|value", "OK");
    SAYS(d5, XS_WATCH, "own|tok|3", "OK");
    SAYS(d5, XS_WATCH, "gone|tok", "OK");
    SAYS(d5, XS_UNWATCH, "gone|tok", "OK");
    SAYS(d5, XS_RM, "own/none", "OK");
    SAYS(&b.dom0, XS_WRITE, "/a/b|x", "OK");
    SAYS(&b.dom0, XS_RM, "/a/b", "OK");
    SAYS(&b.dom0, XS_CONTROL, "quota|set|nodes|55", "OK");
    watch_each(d5, collect_watch, &w0);
    client_reset(&b.dom0);
    before = describe(&b.xs);
    close_store(&b);

    open_store(&b, 1);
    after = describe(&b.xs);
    CHECK_EQ(before.len, after.len);
    CHECK(!memcmp(before.p, after.p, before.len));
    d5 = &xstore_domain(&b.xs, 5)->client;
    watch_each(d5, collect_watch, &w1);
    CHECK(w0.len == w1.len && !memcmp(w0.p, w1.p, w0.len));
    CHECK_EQ(b.xs.limits.nodes, 55);
    CHECK(d5->restored && d5->first);
    bytes_free(&before);
    bytes_free(&after);
    bytes_free(&w0);
    bytes_free(&w1);
    SAYS(&b.dom0, XS_RELEASE, "5", "OK");
    close_store(&b);

    open_store(&b, 1);
    SAYS(&b.dom0, XS_READ, "/local/domain/5", "ENOENT");
    SAYS(&b.dom0, XS_IS_DOMAIN_INTRODUCED, "5", "F");
    SAYS(&b.dom0, XS_IS_DOMAIN_INTRODUCED, "6", "T");
    close_store(&b);
}

static void test_half_a_transaction(void)
{
    struct bench b;
    struct change ch = {.kind = CHANGE_WRITE, .owner = OWNER_INHERIT,
                        .path = "/half", .data = "1", .len = 1};

    open_store(&b, 1);
    SAYS(&b.dom0, XS_WRITE, "/whole|1", "OK");
    keep_begin(&b.xs);
    xstore_change(&b.xs, &ch); /* and here the process is killed */
    close_store(&b);
    open_store(&b, 1);
    SAYS(&b.dom0, XS_READ, "/whole", "1");
    SAYS(&b.dom0, XS_READ, "/half", "ENOENT");
    close_store(&b);
}

static void test_old_transactions(void)
{
    struct client *d6;
    struct bench b;
    uint32_t t;

    open_store(&b, 1);
    d6 = &xstore_domain(&b.xs, 6)->client;
    SAYS(&b.dom0, XS_SET_PERMS, "/whole|n6", "OK");
    t = begin(d6);
    SAYS_TX(d6, XS_WRITE, t, "/whole|2", "OK");
    close_store(&b);
    open_store(&b, 1);
    d6 = &xstore_domain(&b.xs, 6)->client;
    SAYS_TX(d6, XS_WRITE, t, "/whole|2", "OK");
    SAYS_TX(d6, XS_TRANSACTION_END, t, "T", "EAGAIN");
    SAYS_TX(d6, XS_WRITE, t + 1000, "/whole|2", "ENOENT");
    CHECK(begin(d6) > t);
    t = begin(d6);
    SAYS_TX(d6, XS_WRITE, t, "/whole|1", "OK");
    SAYS_TX(d6, XS_TRANSACTION_END, t, "T", "OK");
    close_store(&b);
    open_store(&b, 1); /* its answer was lost: the guest's ring has it still */
    d6 = &xstore_domain(&b.xs, 6)->client;
    SAYS_TX(d6, XS_TRANSACTION_END, t, "T", "OK");
    SAYS_TX(d6, XS_TRANSACTION_END, t, "T", "EAGAIN");
    SAYS_TX(&b.dom0, XS_WRITE, t, "/whole|2", "ENOENT");
    SAYS(&b.dom0, XS_READ, "/whole", "1");
    close_store(&b);
}

static void test_compaction(void)
{
    struct bench b;
    char text[1200];

    open_store(&b, 1);
    memset(text, 'x', sizeof(text));
    for (int i = 0; i < 20000; i++) {
        snprintf(text, sizeof(text), "/many/%d|%d", i % 50, i);
        text[strlen(text)] = 'x';
        text[sizeof(text) - 1] = '\0';
        SAYS(&b.dom0, XS_WRITE, text, "OK");
        keep_compact(&b.xs);
        CHECK(keep_size(&b.xs) < 3 << 20);
    }
    close_store(&b);
    open_store(&b, 1);
    CHECK(strstr(ask(&b.dom0, XS_READ, 0, "/many/49"), "19999x"));
    close_store(&b);
}

static void test_damage(void)
{
    char path[100];
    struct bench b;
    uint64_t seed = 9;
    FILE *f;

    snprintf(path, sizeof(path), "%s/store.log", dir);
    log_open("test", "/dev/null"); /* it rightly complains of each */
    for (int i = 0; i < 300; i++) {
        f = fopen(path, "r+");
        fseek(f, (long)(80 + unit_random(&seed) % 4000), SEEK_SET);
        fputc((int)unit_random(&seed), f);
        fclose(f);
        xstore_init(&b.xs, &fake_hooks);
        CHECK(keep_open(&b.xs, dir) >= 0);
        CHECK(!tree_check(b.xs.tree.top));
        keep_close(&b.xs);
        xstore_free(&b.xs);
    }
}

static const struct unit_test tests[] = {
    {"a restart finds all as it was", test_round_trip},
    {"half a transaction is none", test_half_a_transaction},
    {"transactions from before must be done again", test_old_transactions},
    {"the log stays small", test_compaction},
    {"a damaged log is read as far as it goes", test_damage},
};

int main(void)
{
    char clean[100];
    int rc;

    strcpy(dir, "/tmp/store-keep-XXXXXX");
    if (!mkdtemp(dir))
        return 1;
    rc = unit_main("store keep", tests, sizeof(tests) / sizeof(tests[0]));
    snprintf(clean, sizeof(clean), "rm -r %s", dir);
    return rc | system(clean);
}
