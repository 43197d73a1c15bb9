/* SPDX-License-Identifier: GPL-2.0 */
/*
 * descriptors.c - a vcpu moves away and back, and changes its LDT meanwhile.
 *
 * On processor 0 the LDT lies in page a. The vcpu goes to processor 1, there
 * lets go of page a, writes to it, and makes an LDT of page b. Another vcpu of
 * the same root keeps processor 0 busy all the time, so that no other root is
 * loaded there. Back on processor 0 the LDT must be page b: whoever reads page
 * a reads descriptors that nobody has judged.
 */
#include "races.h"

#define DESC_SMALL(limit) (0x0040f30000000000UL | (limit))
#define SELECTOR          7 /* the first of the LDT, ring 3 */
#define ROUNDS            5

static volatile bool over, up;

static uint32_t limit_of(uint16_t selector)
{
    uint32_t limit = ~0u;

    __asm__ volatile("lsl %1, %0" : "+r"(limit) : "r"((uint32_t)selector));
    return limit;
}

static void keep_busy(unsigned int vcpu)
{
    (void)vcpu;
    up = true;
    while (!over)
        __asm__ volatile("pause" ::: "memory");
}

static long load_ldt(const void *at, unsigned int entries)
{
    return ext_op(MMUEXT_SET_LDT, (uint64_t)at, entries);
}

/* What stands in the LDT when we are back. */
static uint32_t there_and_back(uint64_t *a, uint64_t *b)
{
    a[0] = DESC_SMALL(0xaaa);
    b[0] = DESC_SMALL(0xbbb);
    make_read_only(a);
    make_read_only(b);
    if (load_ldt(a, 1024) || limit_of(SELECTOR) != 0xaaa ||
        limit_of(SELECTOR | 512 << 3) != 0xbbb)
        return 0;

    pin_to_cpu(0, 1);
    if (load_ldt(NULL, 0) || make_writable(a))
        return 0;
    a[0] = DESC_SMALL(0xccc);
    load_ldt(b, 512);
    pin_to_cpu(0, 0);
    return limit_of(SELECTOR);
}

void stale_descriptors(void)
{
    uint64_t *pages = pages_new(2);
    unsigned int i, good = 0;

    if (!pin_to_cpu(0, 0) || vcpu_make(1, keep_busy) || !pin_to_cpu(1, 0) ||
        HC(vcpu_op, VCPUOP_up, 1, 0))
        panic("no second vcpu");
    while (!up)
        HC(sched_op, SCHEDOP_yield, 0);
    for (i = 0; i < ROUNDS; i++) {
        uint32_t limit = there_and_back(pages, pages + PAGE / 8);

        if (limit != 0xbbb)
            note("the LDT's first limit is %x", limit);
        good += limit == 0xbbb;
        load_ldt(NULL, 0);
        make_writable(pages);
        make_writable(pages + PAGE / 8);
    }
    check_eq("an LDT left on another processor is forgotten", good, ROUNDS);
    over = true;
    WAIT_FOR(!HC(vcpu_op, VCPUOP_is_up, 1, 0), 10 * SECOND);
}
