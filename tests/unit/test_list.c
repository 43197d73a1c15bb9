/* SPDX-License-Identifier: GPL-2.0 */
/* test_list.c - lib/list.h: order, removal, and walks that remove. */
#include "unit.h"

#include "lib/list.h"

struct item {
    int number;
    struct list link;
};

static struct item item[5];
static struct list head;

/* The numbers on the list, as digits of one number. */
static int digits(void)
{
    struct item *pos;
    int v = 0;

    list_for_each(pos, &head, link) v = v * 10 + pos->number;
    return v;
}

static void set_up(void)
{
    list_init(&head);
    for (int i = 0; i < 5; i++) {
        item[i].number = i + 1;
        list_add_tail(&item[i].link, &head);
    }
}

static void order_is_kept(void)
{
    set_up();
    CHECK_EQ(digits(), 12345);
    list_del(&item[2].link);
    CHECK_EQ(digits(), 1245);
    list_add(&item[2].link, &head);
    CHECK_EQ(digits(), 31245);
    CHECK(list_first(&head, struct item, link) == &item[2]);
}

static void an_entry_goes_twice(void)
{
    set_up();
    list_del(&item[0].link);
    CHECK(list_empty(&item[0].link));
    list_del(&item[0].link);
    CHECK_EQ(digits(), 2345);
}

static void a_walk_may_remove(void)
{
    struct item *pos, *tmp;

    set_up();
    list_for_each_safe(pos, tmp, &head, link)
    {
        if (pos->number & 1)
            list_del(&pos->link);
    }
    CHECK_EQ(digits(), 24);
    list_for_each_safe(pos, tmp, &head, link) list_del(&pos->link);
    CHECK(list_empty(&head));
}

static const struct unit_test tests[] = {
    {"entries stay in order", order_is_kept},
    {"an entry off the list may be taken off again", an_entry_goes_twice},
    {"a walk may remove where it stands", a_walk_may_remove},
};

UNIT_MAIN("list", tests)
