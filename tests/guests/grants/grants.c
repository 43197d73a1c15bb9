/* SPDX-License-Identifier: GPL-2.0 */
/*
 * grants - the domain grants pages to itself: map, unmap, copy, and every
 * reference, handle, length and address that is wrong.
 */
#include "guest.h"

#define REF 8 /* first that is not reserved */

static struct grant_entry_v1 *table;
static char *page, *window, *other;
static uint64_t *window_slot;

static void offer(grant_ref_t ref, uint16_t flags, domid_t to,
                  const void *what)
{
    table[ref].domid = to;
    table[ref].frame = (uint32_t)mfn_of(what);
    __atomic_store_n(&table[ref].flags, flags, __ATOMIC_SEQ_CST);
}

static void set_up(void)
{
    struct gnttab_query_size size = {.dom = DOMID_SELF};
    struct gnttab_setup_table op = {.dom = DOMID_SELF, .nr_frames = 1};
    struct gnttab_get_version version = {.dom = DOMID_SELF};
    uint64_t frames[2] = {0, 0};

    check_eq("query_size", HC(grant_table_op, GNTTABOP_query_size, &size, 1),
             0);
    check_eq("query_size: status", size.status, GNTST_okay);
    note("%u of %u frames", size.nr_frames, size.max_nr_frames);
    check("query_size: there may be some", size.max_nr_frames >= 1);
    op.frame_list = guest_va(frames);
    check_eq("setup_table", HC(grant_table_op, GNTTABOP_setup_table, &op, 1),
             0);
    check_eq("setup_table: status", op.status, GNTST_okay);
    check("setup_table: a frame", frames[0] != 0);
    table = page_new();
    check_eq("the table may be mapped",
             map_page(table, frames[0] * PAGE | PTE_RW), 0);
    op.nr_frames = size.max_nr_frames + 1;
    HC(grant_table_op, GNTTABOP_setup_table, &op, 1);
    check("too many frames are refused", op.status < 0);
    check_eq("get_version",
             HC(grant_table_op, GNTTABOP_get_version, &version, 1), 0);
    check_eq("version 1 is in use", version.version, 1);
}

static int map(struct gnttab_map_grant_ref *op, grant_ref_t ref,
               uint32_t flags)
{
    *op = (struct gnttab_map_grant_ref){
        .host_addr = (uint64_t)window, .flags = flags, .ref = ref, .dom = 0};
    if (HC(grant_table_op, GNTTABOP_map_grant_ref, op, 1))
        return 1;
    return op->status;
}

static int unmap(grant_handle_t handle)
{
    struct gnttab_unmap_grant_ref op = {.host_addr = (uint64_t)window,
                                        .handle = handle};

    if (HC(grant_table_op, GNTTABOP_unmap_grant_ref, &op, 1))
        return 1;
    return op.status;
}

static void mapping(void)
{
    struct gnttab_map_grant_ref op;

    memcpy(page, "granted", 8);
    offer(REF, GTF_permit_access, 0, page);
    check_eq("map", map(&op, REF, GNTMAP_host_map), GNTST_okay);
    check_eq("the page is there", memcmp(window, "granted", 8), 0);
    check_eq("the entry says it is in use",
             table[REF].flags & (GTF_reading | GTF_writing),
             GTF_reading | GTF_writing);
    window[0] = 'G';
    check_eq("it is the same page", page[0], 'G');
    check_eq("unmap", unmap(op.handle), GNTST_okay);
    check_eq("the window is gone", TRAP_OF(*(volatile char *)window), 14);
    check_eq("the entry is free", table[REF].flags, GTF_permit_access);
    check_eq("unmap twice", unmap(op.handle), GNTST_bad_handle);

    check_eq("map read-only",
             map(&op, REF, GNTMAP_host_map | GNTMAP_readonly), GNTST_okay);
    check_eq("only reading is marked",
             table[REF].flags & (GTF_reading | GTF_writing), GTF_reading);
    check_eq("it cannot be written", TRAP_OF(*(volatile char *)window = 1),
             14);
    check_eq("unmap", unmap(op.handle), GNTST_okay);

    check_eq("map through the entry's machine address",
             (op = (struct gnttab_map_grant_ref){
                  .host_addr = machine(window_slot),
                  .flags = GNTMAP_host_map | GNTMAP_contains_pte,
                  .ref = REF,
                  .dom = 0},
              HC(grant_table_op, GNTTABOP_map_grant_ref, &op, 1), op.status),
             GNTST_okay);
    check_eq("the page is there", window[0], 'G');
    {
        struct gnttab_unmap_grant_ref un = {
            .host_addr = machine(window_slot), .handle = op.handle};

        HC(grant_table_op, GNTTABOP_unmap_grant_ref, &un, 1);
        check_eq("unmap the same way", un.status, GNTST_okay);
    }
}

static void map_refused(void)
{
    struct gnttab_map_grant_ref op, first;

    offer(REF + 1, GTF_permit_access | GTF_readonly, 0, page);
    offer(REF + 2, GTF_permit_access, 77, page);
    offer(REF + 3, GTF_invalid, 0, page);
    check_eq("map for writing what is read-only",
             map(&op, REF + 1, GNTMAP_host_map), GNTST_general_error);
    check("map what is granted to another",
          map(&op, REF + 2, GNTMAP_host_map) < 0);
    check("map an entry that is not valid",
          map(&op, REF + 3, GNTMAP_host_map) < 0);
    check_eq("map a reference beyond the table",
             map(&op, 0x7fffffff, GNTMAP_host_map), GNTST_bad_gntref);
    check("map nowhere", map(&op, REF, 0) < 0);
    table[REF + 3].frame = 0xffffffff;
    table[REF + 3].flags = GTF_permit_access;
    check("map a frame that does not exist",
          map(&op, REF + 3, GNTMAP_host_map) < 0);
    table[REF + 3].flags = 0;
    table[REF + 3].frame = (uint32_t)mfn_of((void *)start->pt_base);
    table[REF + 3].flags = GTF_permit_access;
    check("map a page table for writing",
          map(&op, REF + 3, GNTMAP_host_map) < 0);
    op = (struct gnttab_map_grant_ref){.host_addr = 0xffff830000000000UL,
                                       .flags = GNTMAP_host_map,
                                       .ref = REF,
                                       .dom = 0};
    HC(grant_table_op, GNTTABOP_map_grant_ref, &op, 1);
    check("map at the hypervisor's address", op.status < 0);
    op.host_addr = 0x8000000000000000UL;
    HC(grant_table_op, GNTTABOP_map_grant_ref, &op, 1);
    check("map at a non-canonical address", op.status < 0);
    op.host_addr = (uint64_t)window;
    op.dom = 77;
    HC(grant_table_op, GNTTABOP_map_grant_ref, &op, 1);
    check_eq("map of a domain that there is not", op.status,
             GNTST_bad_domain);
    check_eq("none of it left a mark", table[REF].flags, GTF_permit_access);
    check_eq("unmap of a wild handle", unmap(0x12345678), GNTST_bad_handle);
    map(&first, REF, GNTMAP_host_map);
    {
        struct gnttab_unmap_grant_ref un = {.host_addr = (uint64_t)other,
                                            .handle = first.handle};

        HC(grant_table_op, GNTTABOP_unmap_grant_ref, &un, 1);
        check("unmap at another address", un.status < 0);
    }
    check_eq("the mapping is still there", window[0], 'G');
    check_eq("unmap", unmap(first.handle), GNTST_okay);
    check_eq("map from a bad pointer",
             HC(grant_table_op, GNTTABOP_map_grant_ref, 0x1000, 1), -E_FAULT);
    check("an operation of no number", HC(grant_table_op, 99, &op, 1) < 0);
}

static int copy(grant_ref_t ref, uint16_t from, uint16_t to, uint16_t len)
{
    struct gnttab_copy op = {.len = len, .flags = GNTCOPY_source_gref};

    op.source.u.ref = ref;
    op.source.domid = 0;
    op.source.offset = from;
    op.dest.u.gmfn = mfn_of(other);
    op.dest.domid = DOMID_SELF;
    op.dest.offset = to;
    if (HC(grant_table_op, GNTTABOP_copy, &op, 1))
        return 1;
    return op.status;
}

static void copying(void)
{
    struct gnttab_copy back = {.len = 16, .flags = GNTCOPY_dest_gref};

    memset(other, 0, PAGE);
    memcpy(page + 100, "copy me", 8);
    check_eq("copy", copy(REF, 100, 200, 8), GNTST_okay);
    check_eq("it was copied", memcmp(other + 200, "copy me", 8), 0);
    check("and no more", !other[199] && !other[208]);
    check_eq("a whole page", copy(REF, 0, 0, 4096), GNTST_okay);
    check_eq("is copied", memcmp(other, page, PAGE), 0);
    check_eq("nothing at all", copy(REF, 0, 0, 0), GNTST_okay);
    check_eq("across the source's end", copy(REF, 4090, 0, 8),
             GNTST_bad_copy_arg);
    check_eq("across the destination's end", copy(REF, 0, 4090, 8),
             GNTST_bad_copy_arg);
    check_eq("more than a page", copy(REF, 0, 0, 4097), GNTST_bad_copy_arg);
    check_eq("from an offset beyond the page", copy(REF, 5000, 0, 1),
             GNTST_bad_copy_arg);
    check("from a reference that is not valid", copy(REF + 20, 0, 0, 8) < 0);
    check("from a reference of another", copy(REF + 2, 0, 0, 8) < 0);
    back.source.u.gmfn = mfn_of(other);
    back.source.domid = DOMID_SELF;
    back.dest.u.ref = REF;
    back.dest.domid = 0;
    memset(other, 7, 16);
    HC(grant_table_op, GNTTABOP_copy, &back, 1);
    check_eq("copy to a reference", back.status, GNTST_okay);
    check_eq("it arrived", page[15], 7);
    back.dest.u.ref = REF + 1;
    HC(grant_table_op, GNTTABOP_copy, &back, 1);
    check("copy to a read-only reference", back.status < 0);
    back.flags = 0;
    back.dest.u.gmfn = mfn_of((void *)start->pt_base);
    back.dest.domid = DOMID_SELF;
    HC(grant_table_op, GNTTABOP_copy, &back, 1);
    check("copy over a page table", back.status < 0);
    check_eq("the entry is free afterwards", table[REF].flags,
             GTF_permit_access);
}

/* The same reference mapped often: counted up, counted down. */
static void counting(void)
{
    static struct gnttab_map_grant_ref ops[64];
    static struct gnttab_unmap_grant_ref uns[64];
    char *windows = pages_new(64);
    unsigned int i, good = 0;

    for (i = 0; i < 64; i++) {
        map_page(windows + i * PAGE, 0);
        ops[i] = (struct gnttab_map_grant_ref){
            .host_addr = (uint64_t)windows + i * PAGE,
            .flags = GNTMAP_host_map, .ref = REF, .dom = 0};
    }
    check_eq("map 64 times in one call",
             HC(grant_table_op, GNTTABOP_map_grant_ref, ops, 64), 0);
    for (i = 0; i < 64; i++) {
        good += ops[i].status == GNTST_okay &&
                windows[i * PAGE + 15] == page[15];
        uns[i] = (struct gnttab_unmap_grant_ref){
            .host_addr = (uint64_t)windows + i * PAGE,
            .handle = ops[i].handle};
    }
    check_eq("each is there", good, 64);
    HC(grant_table_op, GNTTABOP_unmap_grant_ref, uns, 63);
    check("in use until the last", table[REF].flags & GTF_writing);
    HC(grant_table_op, GNTTABOP_unmap_grant_ref, uns + 63, 1);
    check_eq("free after it", table[REF].flags, GTF_permit_access);
    for (good = i = 0; i < 64; i++)
        good += uns[i].status == GNTST_okay;
    check_eq("each unmap is well", good, 64);
    check("the page itself is free: it can be a table",
          !make_read_only(page) && !make_writable(page));
}

void test_main(void)
{
    page = page_new();
    window = page_new();
    other = page_new();
    window_slot = entry_at((uint64_t)window, 1);
    map_page(window, 0); /* a mapping goes where nothing is */
    set_up();
    mapping();
    map_refused();
    copying();
    counting();
}
