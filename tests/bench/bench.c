/* SPDX-License-Identifier: GPL-2.0 */
/*
 * bench.c - counts the instructions of single operations, by rdtsc.
 * Keeps true: under QEMU's -icount shift=0 a TSC tick is one instruction, so
 * two runs agree. A line BENCH has the name, least and median of the counts,
 * the cost of reading the TSC taken off.
 */
#include "guest.h"

#define ROUNDS 64

extern char fast_trap[], fast_fault[], fast_event[], fast_syscall[];
extern char user_code[], user_code_end[];

uint64_t event_time;
struct vcpu_info *fast_info;
uint64_t *fast_word;

static uint64_t samples[ROUNDS];
static uint64_t reading; /* what two reads with nothing between cost */

static void sort(void)
{
    unsigned int i, j;
    uint64_t x;

    for (i = 1; i < ROUNDS; i++) {
        x = samples[i];
        for (j = i; j && samples[j - 1] > x; j--)
            samples[j] = samples[j - 1];
        samples[j] = x;
    }
}

static void report(const char *name, uint64_t divisor)
{
    sort();
    print("BENCH %s %lu %lu\n", name, (samples[0] - reading) / divisor,
          (samples[ROUNDS / 2] - reading) / divisor);
}

/* Runs the statement for every sample; `i` is the round. */
#define TIME(...)                                                              \
    for (unsigned int i = 0; i < ROUNDS; i++) {                                \
        uint64_t t_ = rdtsc();                                                 \
        __VA_ARGS__;                                                           \
        samples[i] = rdtsc() - t_;                                             \
    }
#define BENCH(name, ...)                                                       \
    do {                                                                       \
        TIME(__VA_ARGS__)                                                      \
        report(name, 1);                                                       \
    } while (0)

static void bench_calls(void)
{
    static struct xen_feature_info info;
    static struct multicall_entry calls[8];
    unsigned int k;

    BENCH("null hypercall", HC(xen_version, XENVER_version, 0));
    BENCH("xen_version with a copy",
          HC(xen_version, XENVER_get_features, &info));
    for (k = 0; k < 8; k++)
        calls[k].op = __HYPERVISOR_xen_version;
    BENCH("8-call multicall", HC(multicall, calls, 8));
    BENCH("stack_switch", HC(stack_switch, FLAT_KERNEL_SS, 0xffffffff80110000));
    BENCH("set_segment_base", HC(set_segment_base, SEGBASE_GS_USER, 0x1000));
    BENCH("fpu_taskswitch", HC(fpu_taskswitch, 0));
    HC(stack_switch, FLAT_KERNEL_SS, start);
}

static void set_trap(uint8_t vector, const void *at, uint8_t flags)
{
    struct trap_info t[2] = {
        {vector, flags, FLAT_KERNEL_CS, (uint64_t)at}, {0, 0, 0, 0}};

    if (HC(set_trap_table, t))
        panic("set_trap_table");
}

static void set_callback(uint16_t type, const void *at)
{
    struct callback_register op = {.type = type, .address = (uint64_t)at};

    if (HC(callback_op, CALLBACKOP_register, &op))
        panic("callback_op");
}

static void bench_traps(void)
{
    char *hole = (char *)(start->pt_base | 0x3fffff) + 0x40000000;

    set_trap(3, fast_trap, 3);
    BENCH("int3 and iret", __asm__ volatile("int3"));
    set_trap(14, fast_fault, 0);
    BENCH("page fault and iret",
          __asm__ volatile("movb %%al, (%0)" ::"d"(hole)));
    traps_set_up();
}

static void bench_events(void)
{
    struct evtchn_bind_ipi ipi = {.vcpu = 0};
    struct evtchn_send send;
    static uint64_t arrival[ROUNDS];
    unsigned int k;

    if (HC(event_channel_op, EVTCHNOP_bind_ipi, &ipi))
        panic("bind_ipi");
    send.port = ipi.port;
    fast_info = vcpu_info(0);
    fast_word = &shared->evtchn_pending[ipi.port / 64];
    set_callback(CALLBACKTYPE_event, fast_event);
    port_unmask(ipi.port);
    *fast_word = 0;
    events_unmask();
    TIME(HC(event_channel_op, EVTCHNOP_send, &send);
         arrival[i] = event_time - t_)
    report("IPI to own upcall and iret", 1);
    for (k = 0; k < ROUNDS; k++)
        samples[k] = arrival[k];
    report("IPI to own upcall", 1);
    events_mask();
    port_mask(ipi.port);
    BENCH("event send, masked", HC(event_channel_op, EVTCHNOP_send, &send));
    set_callback(CALLBACKTYPE_event, event_entry);
}

static void bench_entries(void)
{
    char *page = page_new();
    static struct mmu_update u[17];
    uint64_t rw = mfn_of(page) * PAGE | PTE_RW, ro = rw & ~PTE_W;
    uint64_t *slot = entry_at((uint64_t)page, 1);
    static uint64_t one[ROUNDS];
    unsigned int k;

    BENCH("update_va_mapping",
          HC(update_va_mapping, page, i % 2 ? rw : ro, UVMF_NONE));
    BENCH("update_va_mapping and invlpg",
          HC(update_va_mapping, page, i % 2 ? rw : ro,
             UVMF_INVLPG | UVMF_LOCAL));
    for (k = 0; k < 17; k++)
        u[k] = (struct mmu_update){machine(slot), k % 2 ? rw : ro};
    TIME(HC(mmu_update, &u[i % 2], 1, 0, DOMID_SELF))
    for (k = 0; k < ROUNDS; k++)
        one[k] = samples[k];
    report("mmu_update", 1);
    TIME(HC(mmu_update, u, 17, 0, DOMID_SELF))
    for (k = 0; k < ROUNDS; k++)
        samples[k] = samples[k] - one[k] + reading;
    report("mmu_update, each further entry", 16);
    BENCH("write to a read-only L1 entry",
          *(volatile uint64_t *)slot = i % 2 ? rw : ro);
    BENCH("xchg of a read-only L1 entry",
          __atomic_exchange_n(slot, i % 2 ? rw : ro, __ATOMIC_SEQ_CST));
}

static void bench_tables(void)
{
    char *block = pages_new(512);
    uint64_t *empty = table_new(), *full = page_new();
    uint64_t *root = page_new(), *now_root = (uint64_t *)start->pt_base;
    unsigned int k;

    for (k = 0; k < 512; k++)
        full[k] = mfn_of(block + k * PAGE) * PAGE | PTE_RW;
    if (make_read_only(full))
        panic("table");
    BENCH("pin and unpin of an empty L1", pin(1, empty); unpin(empty));
    BENCH("pin and unpin of a full L1", pin(1, full); unpin(full));
    for (k = 0; k < 512; k++)
        root[k] = k >= 256 && k < 272 ? 0 : now_root[k];
    if (make_read_only(root) || pin(4, root))
        panic("second root");
    BENCH("base pointer switch",
          ext_op(MMUEXT_NEW_BASEPTR, mfn_of(i % 2 ? now_root : root), 0));
    ext_op(MMUEXT_NEW_BASEPTR, mfn_of(now_root), 0);
    BENCH("flush of the local TLB", ext_op(MMUEXT_TLB_FLUSH_LOCAL, 0, 0));
    unpin(root);
}

static void bench_time(void)
{
    struct vcpu_set_singleshot_timer op = {.flags = 0};
    uint64_t later = now() + 3600 * SECOND;

    BENCH("set_timer_op", HC(set_timer_op, later + i * 1000));
    op.timeout_abs_ns = later;
    HC(set_timer_op, 0);
    BENCH("set_singleshot_timer",
          HC(vcpu_op, VCPUOP_set_singleshot_timer, 0, &op));
    HC(vcpu_op, VCPUOP_stop_singleshot_timer, 0, 0);
    BENCH("sched_yield", HC(sched_op, SCHEDOP_yield, 0));
}

static void bench_grants(void)
{
    struct gnttab_setup_table setup = {.dom = DOMID_SELF, .nr_frames = 1};
    uint64_t frame = 0;
    struct grant_entry_v1 *table = page_new();
    char *page = page_new(), *window = page_new(), *to = page_new();
    struct gnttab_map_grant_ref map = {
        .host_addr = (uint64_t)window, .flags = GNTMAP_host_map,
        .ref = 8, .dom = 0};
    struct gnttab_unmap_grant_ref un = {.host_addr = (uint64_t)window};
    struct gnttab_copy copy = {.len = 4096, .flags = GNTCOPY_source_gref};

    setup.frame_list = guest_va(&frame);
    if (HC(grant_table_op, GNTTABOP_setup_table, &setup, 1) || setup.status ||
        map_page(table, frame * PAGE | PTE_RW))
        panic("grant table");
    table[8] = (struct grant_entry_v1){GTF_permit_access, 0,
                                       (uint32_t)mfn_of(page)};
    BENCH("grant map and unmap",
          HC(grant_table_op, GNTTABOP_map_grant_ref, &map, 1);
          un.handle = map.handle;
          HC(grant_table_op, GNTTABOP_unmap_grant_ref, &un, 1));
    if (map.status || un.status)
        panic("grant map");
    copy.source.u.ref = 8;
    copy.source.domid = DOMID_SELF;
    copy.dest.domid = DOMID_SELF;
    copy.dest.u.gmfn = mfn_of(to);
    BENCH("grant copy of a page",
          HC(grant_table_op, GNTTABOP_copy, &copy, 1));
    if (copy.status) {
        note("grant copy answers %d", copy.status);
        panic("grant copy");
    }
}

/* Adds user mappings of three pages at 0x400000 to a root of their own. */
static uint64_t *user_root(const char *code, const char *data)
{
    uint64_t *l1 = page_new(), *l2 = page_new(), *l3 = page_new();
    uint64_t *l4 = page_new();

    l1[0] = mfn_of(code) * PAGE | PTE_RO;
    l1[1] = mfn_of(data) * PAGE | PTE_RW;
    make_read_only(l1);
    l2[2] = mfn_of(l1) * PAGE | PTE_RW;
    make_read_only(l2);
    l3[0] = mfn_of(l2) * PAGE | PTE_RW;
    make_read_only(l3);
    l4[0] = mfn_of(l3) * PAGE | PTE_RW;
    make_read_only(l4);
    if (pin(4, l4) || ext_op(MMUEXT_NEW_USER_BASEPTR, mfn_of(l4), 0))
        panic("user root");
    return l4;
}

static void bench_user(void)
{
    static char stack[8192] __attribute__((aligned(16)));
    char *code = page_new(), *data = page_new();
    struct frame f = {.rip = 0x400000, .cs = FLAT_USER_CS, .rflags = 0x200,
                      .rsp = 0x402000, .ss = FLAT_USER_SS, .rdi = 0x401000};

    memcpy(code, user_code, (size_t)(user_code_end - user_code));
    user_root(code, data);
    set_callback(CALLBACKTYPE_syscall, fast_syscall);
    HC(stack_switch, FLAT_KERNEL_SS, stack + sizeof(stack));
    if (!catch_set(&catch_at)) {
        catching = true;
        go_to(&f);
    }
    memcpy(samples, data, sizeof(samples));
    report("user's system call and iret", 1);
}

void test_main(void)
{
    TIME(barrier())
    sort();
    reading = samples[0];
    note("rdtsc twice costs %lu", reading);
    bench_calls();
    bench_traps();
    bench_events();
    bench_entries();
    bench_tables();
    bench_time();
    bench_grants();
    bench_user();
    check("bench", true);
}
