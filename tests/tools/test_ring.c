/* SPDX-License-Identifier: GPL-2.0 */
/* test_ring.c - the console page beside a guest that may write anything. */
#include <string.h>

#include <abi/io/console.h>

#include "unit.h"

#include "../../tools/xenconsoled/xenconsoled.h"

static struct xencons_interface page;
static struct ring r;

static void fresh(uint32_t start)
{
    memset(&page, 0, sizeof(page));
    page.out_cons = page.out_prod = page.in_cons = page.in_prod = start;
    ring_init(&r, &page);
}

static void guest_says(const char *text)
{
    for (; *text; text++)
        page.out[MASK_XENCONS_IDX(page.out_prod++, page.out)] = *text;
}

static void text_out(void)
{
    char got[64];
    uint32_t start;

    for (start = 0; start < 3; start++) {
        fresh(start == 2 ? 0xfffffffe : start * 2047);
        guest_says("hello, world");
        CHECK_EQ(ring_take(&r, got, 5), 5);
        CHECK(!memcmp(got, "hello", 5));
        CHECK_EQ(ring_take(&r, got, sizeof(got)), 7);
        CHECK(!memcmp(got, ", world", 7));
        CHECK_EQ(ring_take(&r, got, sizeof(got)), 0);
        CHECK_EQ(page.out_cons, page.out_prod - 12);
        ring_taken(&r);
        CHECK_EQ(page.out_cons, page.out_prod);
    }
}

static void text_in(void)
{
    fresh(0xfffffff0);
    CHECK_EQ(ring_room(&r), sizeof(page.in));
    ring_give(&r, "abcdefghijklmnopqrst", 20);
    CHECK_EQ(ring_room(&r), sizeof(page.in) - 20);
    CHECK_EQ(page.in_prod, 0xfffffff0 + 20);
    CHECK_EQ(page.in[MASK_XENCONS_IDX(0xfffffff0u + 19, page.in)], 't');
    page.in_cons += 20;
    CHECK_EQ(ring_room(&r), sizeof(page.in));
}

static void lies(void)
{
    char got[4096];

    fresh(0);
    page.out_prod = 5000;
    CHECK_EQ(ring_take(&r, got, sizeof(got)), -1);
    guest_says("again");
    CHECK_EQ(ring_take(&r, got, sizeof(got)), 5);
    page.in_cons = 77; /* it cannot have read what was not written */
    CHECK_EQ(ring_room(&r), 0);
    page.out_cons = 1234; /* ours: what stands there does not matter */
    guest_says("x");
    CHECK_EQ(ring_take(&r, got, sizeof(got)), 1);
}

static const struct unit_test tests[] = {
    {"text out, over the end of the ring and of the index", text_out},
    {"text in, and how much fits", text_in},
    {"indices that make no sense do no harm", lies},
};
UNIT_MAIN("console-ring", tests)
