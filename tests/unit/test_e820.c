/* SPDX-License-Identifier: GPL-2.0 */
/* test_e820.c - boot/e820.c against a map of single pages. */
#include <string.h>

#include "unit.h"

#include "boot/boot_info.h"
#include "lib/errno.h"

#define PAGES 200

static uint64_t seed = 11;
static struct mem_map map;
static uint8_t model[PAGES]; /* kind of each page; 0: a hole */

static unsigned int rank(uint32_t kind)
{
    static const uint8_t order[] = {0, 1, 4, 2, 3, 5}; /* by kind */

    return order[kind];
}

static void claim(uint32_t from, uint32_t to, uint8_t kind)
{
    for (uint32_t i = from; i < to; i++)
        if (rank(kind) > rank(model[i]))
            model[i] = kind;
}

static void make_map(unsigned int ranges)
{
    map.nr = 0;
    memset(model, 0, sizeof(model));
    while (ranges--) {
        uint32_t from = (uint32_t)(unit_random(&seed) % PAGES);
        uint32_t to = from + (uint32_t)(unit_random(&seed) % 40);
        uint8_t kind = (uint8_t)(unit_random(&seed) % 5 + 1);

        if (to > PAGES)
            to = PAGES;
        CHECK_EQ(mem_map_add(&map, from * 4096ull, to * 4096ull, kind),
                 to > from ? 0 : -EINVAL);
        claim(from, to, kind);
    }
}

static void check_order(void)
{
    for (unsigned int i = 0; i < map.nr; i++) {
        CHECK(map.r[i].start < map.r[i].end);
        if (!i)
            continue;
        CHECK(map.r[i - 1].end <= map.r[i].start);
        CHECK(map.r[i - 1].end < map.r[i].start ||
              map.r[i - 1].kind != map.r[i].kind);
    }
}

static void check_pages(void)
{
    uint8_t got[PAGES] = {0};

    for (unsigned int i = 0; i < map.nr; i++)
        for (uint64_t p = map.r[i].start / 4096; p < map.r[i].end / 4096; p++)
            got[p] = (uint8_t)map.r[i].kind;
    CHECK(!memcmp(got, model, sizeof(got)));
}

static void sanitised(void)
{
    for (int i = 0; i < 20000; i++) {
        make_map((unsigned int)(unit_random(&seed) % 30));
        mem_map_sanitise(&map);
        check_order();
        check_pages();
    }
}

static void marked(void)
{
    for (int i = 0; i < 5000; i++) {
        uint32_t from = (uint32_t)(unit_random(&seed) % (PAGES - 20));

        make_map(12);
        mem_map_sanitise(&map);
        mem_map_mark(&map, from * 4096ull, (from + 20) * 4096ull, MEM_RESERVED);
        claim(from, from + 20, MEM_RESERVED);
        check_order();
        check_pages();
    }
}

static void limited(void)
{
    for (int i = 0; i < 5000; i++) {
        uint32_t limit = (uint32_t)(unit_random(&seed) % PAGES);

        make_map(12);
        mem_map_sanitise(&map);
        mem_map_limit(&map, limit * 4096ull);
        for (uint32_t p = limit; p < PAGES; p++)
            if (model[p] == MEM_RAM)
                model[p] = 0;
        check_order();
        check_pages();
    }
}

static void full_map(void)
{
    uint64_t at = 0;

    map.nr = 0;
    for (unsigned int i = 0; i < MAX_MEM_RANGES; i++, at += 0x3000)
        CHECK_EQ(mem_map_add(&map, at, at + 0x1000, MEM_RAM), 0);
    CHECK_EQ(mem_map_add(&map, at, at + 0x1000, MEM_RAM), -ENOSPC);
    mem_map_sanitise(&map);
    CHECK_EQ(map.nr, MAX_MEM_RANGES);
    check_order();
}

/* GRUB's own number for EFI's code, and none at all. */
static void odd_kinds(void)
{
    map.nr = 0;
    CHECK_EQ(mem_map_add(&map, 0, 4096, 20), 0);
    CHECK_EQ(mem_map_add(&map, 8192, 12288, 0), 0);
    mem_map_sanitise(&map);
    CHECK_EQ(map.nr, 2);
    CHECK_EQ(map.r[0].kind, MEM_RESERVED);
    CHECK_EQ(map.r[1].kind, MEM_RESERVED);
}

static void high_edge(void)
{
    map.nr = 0;
    CHECK_EQ(mem_map_add(&map, UINT64_MAX - 0xfff, 0, MEM_RAM), -EINVAL);
    CHECK_EQ(mem_map_add(&map, 0x1000, UINT64_MAX, MEM_RESERVED), 0);
    CHECK_EQ(mem_map_add(&map, 0x2000, 0x3000, MEM_RAM), 0);
    mem_map_sanitise(&map);
    for (unsigned int i = 0; i < map.nr; i++)
        CHECK(map.r[i].kind != MEM_RAM);
}

static const struct unit_test tests[] = {
    {"of two claims the stricter one holds, page by page", sanitised},
    {"a marked range is RAM no more", marked},
    {"above a limit there is no RAM, and all else stays", limited},
    {"a full map refuses one more, and keeps what it has", full_map},
    {"a kind that nobody knows is reserved", odd_kinds},
    {"a range up to the last byte hides no RAM", high_edge},
};

UNIT_MAIN("e820", tests)
