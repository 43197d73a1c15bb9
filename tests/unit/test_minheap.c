/* SPDX-License-Identifier: GPL-2.0 */
/* test_minheap.c - lib/minheap.c against a search for the smallest. */
#include "unit.h"

#include "lib/errno.h"
#include "lib/minheap.h"

#define NODES 60

static struct heap_node node[NODES];
static struct heap_node *slots[NODES];
static struct minheap heap;

static void check_heap(void)
{
    const struct heap_node *top = minheap_top(&heap);
    uint32_t n = 0;

    for (int i = 0; i < NODES; i++) {
        if (!heap_node_is_in(&node[i]))
            continue;
        n++;
        CHECK(heap.slot[node[i].place - 1] == &node[i]);
        CHECK(top->key_ns <= node[i].key_ns);
    }
    CHECK_EQ(heap.count, n);
    CHECK(n || !top);
}

static void smallest_is_on_top(void)
{
    uint64_t seed = 3;

    minheap_init(&heap, slots, NODES);
    for (int i = 0; i < 20000; i++) {
        struct heap_node *n = &node[unit_random(&seed) % NODES];

        if (heap_node_is_in(n))
            minheap_remove(&heap, n);
        else
            CHECK_EQ(minheap_insert(&heap, n,
                                    (int64_t)(unit_random(&seed) % 90) - 45),
                     0);
        check_heap();
    }
}

static void full_is_an_error(void)
{
    struct heap_node a = {0}, b = {0}, c = {0};
    struct heap_node *one[1], *three[3];
    struct minheap h;

    minheap_init(&h, one, 1);
    CHECK_EQ(minheap_insert(&h, &a, 5), 0);
    CHECK_EQ(minheap_insert(&h, &b, 1), -ENOSPC);
    CHECK(!heap_node_is_in(&b));
    CHECK(minheap_grow(&h, three, 3) == one);
    CHECK_EQ(minheap_insert(&h, &b, 1), 0);
    CHECK_EQ(minheap_insert(&h, &c, INT64_MIN), 0);
    CHECK(minheap_top(&h) == &c);
}

static const struct unit_test tests[] = {
    {"the smallest is on top after any step", smallest_is_on_top},
    {"a full heap says so and can grow", full_is_an_error},
};

UNIT_MAIN("minheap", tests)
