/* SPDX-License-Identifier: GPL-2.0 */
/* memory - frames given back, taken, exchanged; limits; maps of memory. */
#include "guest.h"

static long memory(int op, void *arg)
{
    return HC(memory_op, op, arg);
}

static long reserve(int op, uint64_t *list, uint64_t n, uint32_t order,
                    uint32_t flags)
{
    struct xen_memory_reservation r = {
        .extent_start = guest_va(list), .nr_extents = n,
        .extent_order = order, .mem_flags = flags, .domid = DOMID_SELF};

    return memory(op, &r);
}

static long current(void)
{
    domid_t self = DOMID_SELF;

    return memory(XENMEM_current_reservation, &self);
}

/* What the map says of an address; 0: nothing. */
static uint32_t kind_at(const struct e820entry *e, unsigned int nr,
                        uint64_t at)
{
    for (; nr; nr--, e++)
        if (at >= e->addr && at - e->addr < e->size)
            return e->type;
    return 0;
}

static void facts(void)
{
    struct xen_machphys_mapping m2p = {0, 0, 0};
    static char buffer[128 * 20];
    struct xen_memory_map map = {.nr_entries = 128,
                                 .buffer = guest_va(buffer)};
    domid_t self = DOMID_SELF, nobody = 77;
    const struct e820entry *e = (const struct e820entry *)buffer;

    check_eq("current reservation", current(), start->nr_pages);
    check("maximum reservation",
          memory(XENMEM_maximum_reservation, &self) >= current());
    check_eq("reservation of a domain that there is not",
             memory(XENMEM_current_reservation, &nobody), -E_SRCH);
    check("highest frame", memory(XENMEM_maximum_ram_page, NULL) > 0x1000);
    check_eq("where M2P stands", memory(XENMEM_machphys_mapping, &m2p), 0);
    check_eq("M2P start", m2p.v_start, MACH2PHYS_VIRT_START);
    check_eq("machine memory map",
             memory(XENMEM_machine_memory_map, &map), 0);
    check("it has entries", map.nr_entries > 2 && map.nr_entries < 128);
    check("the first is low memory", e->addr == 0 && e->type == 1);
    check("the interrupt controllers' addresses are taken",
          kind_at(e, map.nr_entries, 0xfec00000) == 2 &&
              kind_at(e, map.nr_entries, 0xfee00000) == 2);
    map.nr_entries = 1;
    note("map with too little room: %ld, %u entries",
         memory(XENMEM_machine_memory_map, &map), map.nr_entries);
    check("an operation of no number", memory(63, &map) == -E_NOSYS);
    check_eq("a bad pointer",
             memory(XENMEM_machphys_mapping, (void *)0x1000), -E_FAULT);
}

static void give_and_take(void)
{
    char *page = page_new();
    uint64_t mfn = mfn_of(page), pfn = pfn_of(page), frame, before;

    before = (uint64_t)current();
    frame = mfn;
    check_eq("give back a page",
             reserve(XENMEM_decrease_reservation, &frame, 1, 0, 0), 1);
    map_page(page, 0); /* the last that holds it */
    check_eq("one less", current(), before - 1);
    check("a page given back cannot be mapped",
          map_page(page, mfn * PAGE | PTE_RW) < 0);
    frame = mfn;
    check_eq("nor be given back twice",
             reserve(XENMEM_decrease_reservation, &frame, 1, 0, 0), 0);
    frame = pfn;
    check_eq("take one",
             reserve(XENMEM_populate_physmap, &frame, 1, 0, 0), 1);
    check_eq("as many as before", current(), before);
    p2m[pfn] = frame;
    check_eq("M2P knows it",
             ((const uint64_t *)MACH2PHYS_VIRT_START)[frame], pfn);
    check_eq("it can be mapped", map_page(page, frame * PAGE | PTE_RW), 0);
    check_eq("it is clean", *(uint64_t *)(page + 8), 0);
    *(uint64_t *)page = 1;
}

static void limits(void)
{
    static uint64_t list[600];
    uint64_t frame, n;
    long rc;

    frame = 0x1000000;
    note("one page over the limit: %ld",
         reserve(XENMEM_populate_physmap, &frame, 1, 0, 0));
    frame = 0x1000000;
    check("an order that is too large",
          reserve(XENMEM_populate_physmap, &frame, 1, 40, 0) <= 0);
    check("more extents than the list holds",
          reserve(XENMEM_decrease_reservation, list, 1UL << 40, 0, 0) <= 0);
    check("a list in the hypervisor",
          reserve(XENMEM_populate_physmap, (uint64_t *)0xffff82d040200000UL,
                  1, 0, 0) <= 0);
    frame = mfn_of((void *)start->pt_base);
    rc = reserve(XENMEM_decrease_reservation, &frame, 1, 0, 0);
    note("giving back the root: %ld", rc);
    check_eq("the root is still mapped", entry_at(VIRT, 4) != NULL, 1);
    frame = 0xffffffffffUL;
    check_eq("give back a frame that does not exist",
             reserve(XENMEM_decrease_reservation, &frame, 1, 0, 0), 0);
    frame = (((uint64_t *)start->pt_base)[256] & PTE_FRAME) / PAGE;
    check_eq("give back a frame of the hypervisor",
             reserve(XENMEM_decrease_reservation, &frame, 1, 0, 0), 0);
    for (n = 0; n < 600; n++)
        list[n] = 0xffffffffffUL;
    check_eq("a list of frames that do not exist",
             reserve(XENMEM_decrease_reservation, list, 600, 0, 0), 0);
}

/* 2^order pages of ours for one extent of them, below 2^bits. */
static void exchange(uint32_t order, uint32_t bits)
{
    static uint64_t in[64], out[1];
    uint64_t n = 1UL << order, i, before = (uint64_t)current();
    char *pages = pages_new((unsigned int)n);
    struct xen_memory_exchange x = {
        .in = {.extent_start = guest_va(in), .nr_extents = n,
               .domid = DOMID_SELF},
        .out = {.extent_start = guest_va(out), .nr_extents = 1,
                .extent_order = order, .mem_flags = bits,
                .domid = DOMID_SELF}};
    bool good = true;
    long rc;

    for (i = 0; i < n; i++) {
        in[i] = mfn_of(pages + i * PAGE);
        map_page(pages + i * PAGE, 0);
    }
    out[0] = pfn_of(pages);
    rc = memory(XENMEM_exchange, &x);
    check_eq("exchange", rc, 0);
    check_eq("all were taken", x.nr_exchanged, n);
    check_eq("no frame more or less", current(), before);
    check_eq("the extent is aligned", out[0] & (n - 1), 0);
    check("and as low as asked", (out[0] + n) * PAGE <= 1UL << bits);
    for (i = 0; i < n; i++) {
        p2m[pfn_of(pages) + i] = out[0] + i;
        good = good &&
               ((const uint64_t *)MACH2PHYS_VIRT_START)[out[0] + i] ==
                   pfn_of(pages) + i &&
               !map_page(pages + i * PAGE, (out[0] + i) * PAGE | PTE_RW);
    }
    check("M2P knows each, each can be mapped", good);
}

static void exchange_refused(void)
{
    static uint64_t in[4], out[4];
    char *pages = pages_new(4);
    struct xen_memory_exchange x = {
        .in = {.extent_start = guest_va(in), .nr_extents = 4,
               .domid = DOMID_SELF},
        .out = {.extent_start = guest_va(out), .nr_extents = 1,
                .extent_order = 2, .domid = DOMID_SELF}};
    unsigned int i;

    for (i = 0; i < 4; i++)
        in[i] = mfn_of(pages + i * PAGE);
    make_read_only(pages);
    pin(1, pages);
    out[0] = pfn_of(pages);
    check("exchange of a page that is a table",
          memory(XENMEM_exchange, &x) < 0);
    unpin(pages);
    make_writable(pages);
    x.out.nr_extents = 3;
    check_eq("exchange of unlike totals", memory(XENMEM_exchange, &x),
             -E_INVAL);
    x.out.nr_extents = 1;
    x.out.extent_order = 40;
    check("exchange for a huge extent", memory(XENMEM_exchange, &x) < 0);
    x.out.extent_order = 2;
    x.nr_exchanged = 9;
    check("exchange that claims to be further than it can be",
          memory(XENMEM_exchange, &x) < 0);
    x.nr_exchanged = 0;
    x.out.extent_start = guest_va((void *)0xffff82d040200000UL);
    check("exchange with a list in the hypervisor",
          memory(XENMEM_exchange, &x) < 0);
    x.out.extent_start = guest_va(out);
    x.in.domid = 77;
    check("exchange of a domain that there is not",
          memory(XENMEM_exchange, &x) < 0);
    check_eq("the pages are as they were",
             TRAP_OF(*(volatile char *)(pages + PAGE) = 1), -1);
}

void test_main(void)
{
    facts();
    give_and_take();
    limits();
    exchange(6, 32);
    exchange(0, 32);
    exchange_refused();
}
