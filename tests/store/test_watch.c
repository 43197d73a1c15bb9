/* SPDX-License-Identifier: GPL-2.0 */
#include "store_test.h"

static struct bench b;

static void test_where(void)
{
    bench_open(&b);
    SAYS(&b.dom0, XS_WATCH, "/a|t", "OK");
    HEARS(&b.dom0, "/a=t ");
    SAYS(&b.dom0, XS_WATCH, "/a|t", "EEXIST");
    SAYS(&b.dom0, XS_WATCH, "/a|u", "OK");
    HEARS(&b.dom0, "/a=u ");
    SAYS(&b.dom0, XS_UNWATCH, "/a|u", "OK");
    SAYS(&b.dom0, XS_UNWATCH, "/a|u", "ENOENT");
    SAYS(&b.dom0, XS_WRITE, "/a/b/c|1", "OK");
    HEARS(&b.dom0, "/a/b/c=t ");
    SAYS(&b.dom0, XS_WRITE, "/ab|1", "OK");
    HEARS(&b.dom0, "");
    SAYS(&b.dom0, XS_SET_PERMS, "/a/b|n0|r5", "OK");
    HEARS(&b.dom0, "/a/b=t ");
    SAYS(&b.dom0, XS_MKDIR, "/a/b", "OK");
    HEARS(&b.dom0, "");
    SAYS(&b.dom0, XS_RM, "/a/b", "OK");
    HEARS(&b.dom0, "/a/b=t ");
    SAYS(&b.dom0, XS_WATCH, "a b|t", "EINVAL");
    SAYS(&b.dom0, XS_WATCH, "@nothing|t", "EINVAL");
    bench_close(&b);
}

static void test_deep_removal(void)
{
    bench_open(&b);
    SAYS(&b.dom0, XS_WRITE, "/x/y/z|1", "OK");
    SAYS(&b.dom0, XS_WATCH, "/x/y/z|deep", "OK");
    SAYS(&b.dom0, XS_WATCH, "/x/y/none|no", "OK");
    SAYS(&b.dom0, XS_WATCH, "/|root", "OK");
    HEARS(&b.dom0, "/x/y/z=deep /x/y/none=no /=root ");
    SAYS(&b.dom0, XS_RM, "/x", "OK");
    HEARS(&b.dom0, "/x=root /x/y/z=deep ");
    bench_close(&b);
}

static void test_relative_and_depth(void)
{
    bench_open(&b);
    SAYS(b.d5, XS_WATCH, "dev|t", "OK");
    HEARS(b.d5, "dev=t ");
    SAYS(&b.dom0, XS_WRITE, "/local/domain/5/dev/x|1", "OK");
    HEARS(b.d5, "dev/x=t ");
    SAYS(b.d5, XS_WATCH, "/local/domain/5/dev|t", "EEXIST");
    SAYS(b.d5, XS_WATCH, "top|d|1", "OK");
    HEARS(b.d5, "top=d ");
    SAYS(b.d5, XS_WRITE, "top/a|1", "OK");
    SAYS(b.d5, XS_WRITE, "top/a/b|1", "OK");
    HEARS(b.d5, "top/a=d ");
    bench_close(&b);
}

static void test_rights(void)
{
    bench_open(&b);
    SAYS(&b.dom0, XS_WRITE, "/s/open|1", "OK");
    SAYS(&b.dom0, XS_SET_PERMS, "/s/open|n0|r5", "OK");
    SAYS(&b.dom0, XS_WRITE, "/s/shut|1", "OK");
    SAYS(b.d5, XS_WATCH, "/s|t", "OK");
    HEARS(b.d5, "/s=t ");
    SAYS(&b.dom0, XS_WRITE, "/s/open|2", "OK");
    SAYS(&b.dom0, XS_WRITE, "/s/shut|2", "OK");
    HEARS(b.d5, "/s/open=t ");
    SAYS(&b.dom0, XS_SET_PERMS, "/s/open|n0", "OK");
    HEARS(b.d5, "/s/open=t ");
    SAYS(&b.dom0, XS_WRITE, "/s/open|3", "OK");
    SAYS(&b.dom0, XS_RM, "/s/shut", "OK");
    HEARS(b.d5, "");
    SAYS(b.d5, XS_WATCH, "@releaseDomain|r", "OK");
    HEARS(b.d5, "@releaseDomain=r ");
    SAYS(&b.dom0, XS_RELEASE, "6", "OK");
    HEARS(b.d5, "");
    SAYS(&b.dom0, XS_SET_PERMS, "@releaseDomain|n0|r5", "OK");
    HEARS(b.d5, "@releaseDomain=r ");
    SAYS(&b.dom0, XS_INTRODUCE, "6|1|1", "OK");
    SAYS(&b.dom0, XS_RELEASE, "6", "OK");
    HEARS(b.d5, "@releaseDomain=r ");
    bench_close(&b);
}

static void test_no_flood(void)
{
    char text[64];

    bench_open(&b);
    SAYS(b.d5, XS_WATCH, "x|t", "OK");
    HEARS(b.d5, "x=t ");
    for (int i = 0; i < 1000; i++)
        SAYS(&b.dom0, XS_WRITE, "/local/domain/5/x|1", "OK");
    HEARS(b.d5, "x=t ");
    for (int i = 0; i < 100000; i++) {
        snprintf(text, sizeof(text), "/local/domain/5/x/%d|1", i % 500);
        SAYS(&b.dom0, XS_WRITE, text, "OK");
    }
    CHECK(b.d5->out.len < 70000);
    CHECK(b.d5->lost_event);
    client_sent(b.d5, b.d5->out.len);
    CHECK(!b.d5->lost_event);
    HEARS(b.d5, "x=t "); /* so it looks at all again */
    bench_close(&b);
}

/* More watches than there may be events waiting: each is told, and once. */
static void test_lost_are_told_once(void)
{
    static char path[64], token[1200];
    int told = 0, rounds = 0;

    bench_open(&b);
    memset(token, 'x', sizeof(token) - 1);
    for (int i = 0; i < 100; i++) {
        snprintf(path, sizeof(path), "/local/domain/5/%d", i);
        memcpy(token, path + 16, strlen(path + 16));
        CHECK_EQ(watch_add(b.d5, path, 0, token, WATCH_ALL_DEPTHS), 0);
    }
    for (int i = 0; i < 100; i++) {
        snprintf(path, sizeof(path), "/local/domain/5/%d|1", i);
        SAYS(&b.dom0, XS_WRITE, path, "OK");
    }
    CHECK(b.d5->lost_event);
    for (; b.d5->out.len && rounds < 1000; rounds++) {
        struct xsd_sockmsg hdr;

        memcpy(&hdr, bytes_start(&b.d5->out), sizeof(hdr));
        client_sent(b.d5, sizeof(hdr) + hdr.len);
        told++;
    }
    CHECK_EQ(told, 100);
    bench_close(&b);
}

/* Many watches at one place that their owner may not read. */
static void test_asked_once(void)
{
    char text[32];

    bench_open(&b);
    for (int i = 0; i < 100; i++) {
        snprintf(text, sizeof(text), "/|%d", i);
        SAYS(b.d5, XS_WATCH, text, "OK");
    }
    events(b.d5);
    SAYS(&b.dom0, XS_WRITE, "/a|1", "OK");
    HEARS(b.d5, "");
    SAYS(&b.dom0, XS_SET_PERMS, "/a|n0|r5", "OK");
    CHECK_EQ(strlen(events(b.d5)), 10 * 5 + 90 * 6); /* "/a=12 " */
    SAYS(&b.dom0, XS_WRITE, "/b|1", "OK");
    HEARS(b.d5, "");
    bench_close(&b);
}

static void test_introduce(void)
{
    bench_open(&b);
    SAYS(&b.dom0, XS_WATCH, "@introduceDomain|i", "OK");
    HEARS(&b.dom0, "@introduceDomain=i ");
    SAYS(&b.dom0, XS_INTRODUCE, "9|1|1", "OK");
    HEARS(&b.dom0, "@introduceDomain=i ");
    bench_close(&b);
}

static const struct unit_test tests[] = {
    {"a watch is told of its node and all below", test_where},
    {"who watches inside what is removed is told its own path",
     test_deep_removal},
    {"relative paths stay relative, depth is kept", test_relative_and_depth},
    {"a guest hears only of what it may read", test_rights},
    {"who does not listen costs no memory", test_no_flood},
    {"what there was no room for is told later, and once",
     test_lost_are_told_once},
    {"each change is judged anew, for all watches of a guest",
     test_asked_once},
    {"a new domain is announced", test_introduce},
};
UNIT_MAIN("store watches", tests)
