/* SPDX-License-Identifier: GPL-2.0 */
/* test_rangeset.c - lib/rangeset.c against an array of bools. */
#include <stdlib.h>
#include <string.h>

#include "unit.h"

#include "lib/errno.h"
#include "lib/rangeset.h"

#define TOP 64

static bool model[TOP];
static int memory_left; /* how often get_memory may succeed */
static int in_use;

static void *get_memory(size_t bytes)
{
    if (memory_left <= 0)
        return NULL;
    memory_left--;
    in_use++;
    return malloc(bytes);
}

static void put_memory(void *p)
{
    in_use--;
    free(p);
}

static void check_order(const struct rangeset *set)
{
    const struct range *r;
    size_t n = 0;

    rangeset_for_each(r, set)
    {
        CHECK(r->first <= r->last);
        CHECK(!r->next || r->last + 1 < r->next->first);
        n++;
    }
    CHECK_EQ(set->count, n);
    CHECK_EQ(in_use, n);
}

static void check_model(const struct rangeset *set)
{
    for (size_t i = 0; i < TOP; i++) {
        bool all = true, any = false;

        for (size_t j = i; j < TOP; j++) {
            all &= model[j];
            any |= model[j];
            CHECK_EQ(rangeset_contains(set, i, j), all);
            CHECK_EQ(rangeset_overlaps(set, i, j), any);
        }
    }
}

static void random_step(struct rangeset *set, uint64_t *seed)
{
    size_t first = unit_random(seed) % TOP;
    size_t last = first + unit_random(seed) % (TOP - first);
    bool add = unit_random(seed) % 2;
    int rc;

    if (unit_random(seed) % 2)
        last = first + (last - first) / 8;
    memory_left = unit_random(seed) % 4 ? 9 : 0;
    rc = add ? rangeset_add(set, first, last)
             : rangeset_remove(set, first, last);
    CHECK(!rc || (rc == -ENOMEM && !memory_left));
    if (!rc)
        memset(model + first, add, last - first + 1);
}

static void matches_the_model(void)
{
    struct rangeset set;
    uint64_t seed = 7;

    rangeset_init(&set, get_memory, put_memory);
    for (int i = 0; i < 4000; i++) {
        random_step(&set, &seed);
        check_order(&set);
        check_model(&set);
    }
    rangeset_empty(&set);
    CHECK_EQ(in_use, 0);
    CHECK(rangeset_is_empty(&set));
}

static void ends_of_all_numbers(void)
{
    struct rangeset set;

    memory_left = 99;
    rangeset_init(&set, get_memory, put_memory);
    CHECK_EQ(rangeset_add(&set, 0, UINT64_MAX), 0);
    CHECK(rangeset_contains(&set, 0, UINT64_MAX));
    CHECK_EQ(rangeset_remove(&set, 5, UINT64_MAX - 1), 0);
    CHECK_EQ(set.count, 2);
    CHECK(rangeset_contains_one(&set, UINT64_MAX));
    CHECK_EQ(rangeset_remove(&set, 0, 0), 0);
    CHECK(!rangeset_contains_one(&set, 0));
    CHECK_EQ(rangeset_add(&set, 3, UINT64_MAX), 0);
    CHECK_EQ(set.count, 1);
    CHECK_EQ(rangeset_add(&set, 9, 8), -EINVAL);
    CHECK_EQ(rangeset_remove(&set, 9, 8), -EINVAL);
    CHECK(rangeset_next(&set, 0)->first == 1);
    rangeset_empty(&set);
    CHECK(!rangeset_next(&set, 0));
}

static const struct unit_test tests[] = {
    {"random steps match an array, memory or not", matches_the_model},
    {"0 and the highest number are numbers too", ends_of_all_numbers},
};

UNIT_MAIN("rangeset", tests)
