/* SPDX-License-Identifier: GPL-2.0 */
/*
 * near.c - steps of the fuzzer that mostly succeed: grants, events, timers,
 * and whole trees of page tables.
 */
#include "fuzz.h"

#define REFS    24 /* 8 to 31 */
#define WINDOWS 16
#define TABLES  12

static struct grant_entry_v1 *grants;
static char *windows;
static grant_handle_t handles[64];
static unsigned int handles_at;
static uint64_t *tables[TABLES];

void fuzz_grants_start(void)
{
    struct gnttab_setup_table op = {.dom = DOMID_SELF, .nr_frames = 1};
    uint64_t frame = 0;
    unsigned int i;

    op.frame_list = guest_va(&frame);
    grants = page_new();
    windows = pages_new(WINDOWS);
    if (HC(grant_table_op, GNTTABOP_setup_table, &op, 1) || op.status ||
        map_page(grants, frame * PAGE | PTE_RW))
        panic("grant table");
    for (i = 0; i < WINDOWS; i++)
        map_page(windows + i * PAGE, 0);
}

static void *a_window(void)
{
    return windows + below(WINDOWS) * PAGE;
}

static void change_grant(void)
{
    struct grant_entry_v1 *g = &grants[8 + below(REFS)];
    static const uint16_t flags[] = {0, 1, 1, 1, 5, 2, 3, 0xffff};

    if (g->flags & (GTF_reading | GTF_writing) && below(4))
        return;
    g->flags = 0;
    barrier();
    g->domid = (domid_t)(below(8) ? 0 : a_value());
    g->frame = (uint32_t)(below(4) ? mfn_of(a_page()) : a_frame());
    barrier();
    g->flags = flags[below(ARRAY_SIZE(flags))];
}

static void map_grant(void)
{
    struct gnttab_map_grant_ref op = {
        .host_addr = (uint64_t)a_window(),
        .flags = GNTMAP_host_map | (below(3) ? 0 : GNTMAP_readonly),
        .ref = (grant_ref_t)(8 + below(REFS)), .dom = 0};

    if (below(16) == 0)
        op.flags = (uint32_t)rnd() & 0x1f;
    if (below(16) == 0)
        op.host_addr = a_value();
    /* A wild entry address could hit the tables that map this code. */
    if (op.flags & GNTMAP_contains_pte)
        op.host_addr = machine(a_page()) + (rnd() & 0xff8);
    HC(grant_table_op, GNTTABOP_map_grant_ref, &op, 1);
    if (!op.status)
        handles[handles_at++ % 64] = op.handle;
}

static void unmap_grant(void)
{
    struct gnttab_unmap_grant_ref op = {
        .host_addr = below(8) ? (uint64_t)a_window() : 0,
        .handle = below(16) ? handles[below(64)] : (uint32_t)a_value()};

    HC(grant_table_op, GNTTABOP_unmap_grant_ref, &op, 1);
}

static void copy_grant(void)
{
    struct gnttab_copy op = {.len = (uint16_t)(below(4) ? below(4097) : rnd()),
                             .flags = (uint16_t)below(4)};

    op.source.domid = (domid_t)(below(8) ? 0 : DOMID_SELF);
    op.dest.domid = (domid_t)(below(8) ? 0 : DOMID_SELF);
    if (op.flags & GNTCOPY_source_gref)
        op.source.u.ref = (grant_ref_t)(8 + below(REFS));
    else
        op.source.u.gmfn = mfn_of(a_page());
    if (op.flags & GNTCOPY_dest_gref)
        op.dest.u.ref = (grant_ref_t)(8 + below(REFS));
    else
        op.dest.u.gmfn = mfn_of(a_page());
    op.source.offset = (uint16_t)below(64);
    op.dest.offset = (uint16_t)below(64);
    HC(grant_table_op, GNTTABOP_copy, &op, 1);
}

void grant_step(void)
{
    switch (below(8)) {
    case 0:
    case 1:
        change_grant();
        break;
    case 2:
    case 3:
        map_grant();
        break;
    case 4:
    case 5:
    case 6:
        unmap_grant();
        break;
    default:
        copy_grant();
        break;
    }
}

/* Every handle at every window: whatever is still mapped goes. */
void fuzz_grants_end(void)
{
    struct gnttab_unmap_grant_ref op;
    unsigned int i, w;

    for (i = 0; i < 64; i++) {
        for (w = 0; w < WINDOWS; w++) {
            op = (struct gnttab_unmap_grant_ref){
                .host_addr = (uint64_t)windows + w * PAGE,
                .handle = handles[i]};
            HC(grant_table_op, GNTTABOP_unmap_grant_ref, &op, 1);
        }
    }
    for (i = 8; i < 512; i++)
        grants[i].flags = 0;
    for (w = 0; w < WINDOWS; w++)
        map_page(windows + w * PAGE, 0);
}

/* Few ports, so that calls meet. */
static uint32_t a_port(void)
{
    return (uint32_t)(below(16) ? 1 + below(24) : a_value());
}

void event_step(void)
{
    union {
        struct evtchn_alloc_unbound un;
        struct evtchn_bind_interdomain join;
        struct evtchn_bind_ipi ipi;
        struct evtchn_bind_virq virq;
        struct evtchn_bind_vcpu move;
        struct evtchn_status status;
        struct evtchn_send port;
    } op;

    memset(&op, 0, sizeof(op));
    switch (below(10)) {
    case 0:
        op.un = (struct evtchn_alloc_unbound){DOMID_SELF, 0, 0};
        HC(event_channel_op, EVTCHNOP_alloc_unbound, &op);
        break;
    case 1:
        op.join.remote_port = a_port();
        HC(event_channel_op, EVTCHNOP_bind_interdomain, &op);
        break;
    case 2:
        op.ipi.vcpu = (uint32_t)below(3);
        HC(event_channel_op, EVTCHNOP_bind_ipi, &op);
        break;
    case 3:
        op.virq.virq = (uint32_t)below(26);
        op.virq.vcpu = (uint32_t)below(3);
        HC(event_channel_op, EVTCHNOP_bind_virq, &op);
        break;
    case 4:
        op.move.port = a_port();
        op.move.vcpu = (uint32_t)below(3);
        HC(event_channel_op, EVTCHNOP_bind_vcpu, &op);
        break;
    case 5:
        op.status.dom = DOMID_SELF;
        op.status.port = a_port();
        HC(event_channel_op, EVTCHNOP_status, &op);
        break;
    case 6:
        op.port.port = a_port();
        HC(event_channel_op, EVTCHNOP_close, &op);
        break;
    case 7:
        op.port.port = a_port();
        HC(event_channel_op, EVTCHNOP_unmask, &op);
        break;
    default:
        op.port.port = a_port();
        HC(event_channel_op, EVTCHNOP_send, &op);
        break;
    }
}

/* The queues of events: their pages, and away with them. */
void queue_step(void)
{
    struct evtchn_init_control init = {.control_gfn = mfn_of(a_page()),
                                       .offset = (uint32_t)below(3) * 2048,
                                       .vcpu = (uint32_t)below(3)};
    struct evtchn_expand_array more = {.array_gfn = mfn_of(a_page())};
    struct evtchn_bind_pirq pirq = {.pirq = (uint32_t)(64 + below(1024))};
    evtchn_port_t ports[8];
    struct sched_poll poll = {.ports = guest_va(ports), .timeout = 1};
    unsigned int i;

    switch (below(8)) {
    case 0:
        fuzz_queues_end();
        break;
    case 1:
    case 2:
        HC(event_channel_op, EVTCHNOP_init_control, &init);
        break;
    case 3:
    case 4:
        HC(event_channel_op, EVTCHNOP_expand_array, &more);
        break;
    case 5:
        HC(event_channel_op, EVTCHNOP_bind_pirq, &pirq);
        break;
    default:
        poll.nr_ports = (uint32_t)below(9);
        for (i = 0; i < 8; i++)
            ports[i] = a_port();
        HC(sched_op, SCHEDOP_poll, &poll);
        break;
    }
}

void fuzz_queues_end(void)
{
    struct evtchn_reset op = {.dom = DOMID_SELF};

    HC(event_channel_op, EVTCHNOP_reset, &op);
}

/* Vcpus that never run: made, and their records moved, by all at once. What
 * they hold they hold for ever, so the pages are not asked for at the end. */
void vcpu_step(void)
{
    static struct vcpu_guest_context c[NR_TEST_VCPUS + 1];
    struct vcpu_guest_context *mine = &c[vcpu_self()];
    struct vcpu_register_vcpu_info info = {.mfn = mfn_of(a_page()),
                                           .offset = (uint32_t)below(64) * 64};
    uint64_t vcpu = 8 + below(24), other = below(16) ? vcpu : below(3);

    if (below(2)) {
        if (other != vcpu_self()) /* our own clock stays where it is */
            HC(vcpu_op, VCPUOP_register_vcpu_info, other,
               below(16) ? (void *)&info : NULL);
        return;
    }
    mine->flags = VGCF_in_kernel;
    mine->ctrlreg[3] = xen_pfn_to_cr3(
        below(2) ? mfn_of((void *)start->pt_base) : mfn_of(tables[9]));
    mine->gdt_frames[0] = mfn_of(a_page());
    mine->gdt_frames[1] = mfn_of(a_page());
    mine->gdt_ents = below(1025);
    HC(vcpu_op, VCPUOP_initialise, vcpu, mine);
}

void time_step(void)
{
    struct vcpu_set_singleshot_timer shot = {now() + rnd() % SECOND / 1000,
                                             (uint32_t)below(3)};
    struct vcpu_runstate_info info;

    switch (below(8)) {
    case 0:
        HC(vcpu_op, VCPUOP_set_singleshot_timer, vcpu_self(), &shot);
        break;
    case 1:
        HC(vcpu_op, VCPUOP_stop_singleshot_timer, vcpu_self(), 0);
        break;
    case 2:
        HC(set_timer_op, below(2) ? shot.timeout_abs_ns : a_value());
        break;
    case 3:
        HC(sched_op, SCHEDOP_yield, 0);
        break;
    case 4:
        HC(vcpu_op, VCPUOP_get_runstate_info, below(3), &info);
        break;
    case 5:
        HC(vcpu_op, VCPUOP_is_up, a_value(), 0);
        break;
    case 6:
        events_unmask();
        break;
    default:
        events_mask();
        break;
    }
}

/* --- trees of page tables: 4 of each level --- */

void fuzz_tables_start(void)
{
    unsigned int i;

    for (i = 0; i < TABLES; i++)
        tables[i] = table_new();
}

static unsigned int level_of(unsigned int table)
{
    return table / (TABLES / 4) + 1;
}

/* An entry of one table: a table one level down, a page, or nothing. */
static void fill(unsigned int table)
{
    unsigned int level = level_of(table), per = TABLES / 4;
    uint64_t index = below(4) ? below(4) : below(512), e;

    if (level == 1)
        e = mfn_of(a_page()) * PAGE | (below(2) ? PTE_RO : PTE_RW);
    else
        e = mfn_of(tables[(level - 2) * per + below(per)]) * PAGE | PTE_RW;
    if (below(3) == 0)
        e = 0;
    if (below(32) == 0)
        e = mfn_of(tables[below(TABLES)]) * PAGE | PTE_RW;
    mmu_one(machine(&tables[table][index]), e);
}

void table_step(void)
{
    unsigned int table = (unsigned int)below(TABLES);

    switch (below(8)) {
    case 0:
        pin((int)level_of(table), tables[table]);
        break;
    case 1:
        unpin(tables[table]);
        break;
    case 2:
        if (level_of(table) == 4)
            ext_op(MMUEXT_NEW_USER_BASEPTR, mfn_of(tables[table]), 0);
        break;
    case 3:
        ext_op(MMUEXT_NEW_USER_BASEPTR, 0, 0);
        break;
    case 4:
        TRAP_OF(*(volatile uint64_t *)&tables[table][below(512)] =
                    mfn_of(a_page()) * PAGE | PTE_RO);
        break;
    default:
        fill(table);
        break;
    }
}

void fuzz_tables_end(void)
{
    unsigned int i, k;

    ext_op(MMUEXT_NEW_USER_BASEPTR, 0, 0);
    for (i = 0; i < TABLES; i++)
        for (k = 0; k < 512; k++)
            if (tables[i][k] && (k < 256 || k >= 272))
                mmu_one(machine(&tables[i][k]), 0);
    for (i = 0; i < TABLES; i++)
        unpin(tables[i]);
}
