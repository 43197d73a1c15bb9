/* SPDX-License-Identifier: GPL-2.0 */
/*
 * fuzz - random hypercalls with arguments that are nearly right, on one vcpu
 * or on several at once (vcpus=N), which then work on the same pages.
 * Keeps true: on one vcpu the same seed makes the same calls. What would end
 * the domain or the machine rightfully, or take the console away, is left
 * out. The test passes when the hypervisor and this kernel are alive at the
 * end, and the shared pages can still be had for writing.
 */
#include "fuzz.h"

static uint64_t state_of[NR_TEST_VCPUS + 1];
static char *scratch_of[NR_TEST_VCPUS + 1];
static volatile unsigned int running;
static volatile uint64_t kind_of[NR_TEST_VCPUS + 1]; /* of the last step */
static uint64_t steps;
char *pages[NR_PAGES];

#define scratch (scratch_of[vcpu_self()])

uint64_t rnd(void)
{
    return random_next(&state_of[vcpu_self()]);
}

uint64_t below(uint64_t n)
{
    return rnd() % n;
}

static const uint64_t odd[] = {
    0, 1, 2, 3, 7, 8, 16, 63, 64, 255, 256, 511, 512, 4095, 4096, 7168, 8192,
    0x7ff0, 0x7ff1, 0x7ff2, 0x7ff4, 0x7fff, 0xffff, 0x10000, 0x7fffffff,
    0x80000000, 0xffffffff, 0x100000000, 0x7fffffffffff, 0x800000000000,
    0x7fffffffffffffff, 0x8000000000000000, 0xffff7fffffffffff,
    0xffff800000000000, 0xffff804000000000, 0xffff82d040200000,
    0xffff830000000000, 0xffff880000000000, 0xffffffffffffffff};

void *a_page(void)
{
    return pages[below(NR_PAGES)];
}

/* A frame of ours, our root, of the hypervisor, or of nobody. Neither the
 * shared page nor our own L1: a store there rightfully stops our clock, or us.
 */
uint64_t a_frame(void)
{
    uint64_t *root = (uint64_t *)start->pt_base;

    switch (below(8)) {
    case 0:
        return mfn_of(root);
    case 1:
        return (root[256] & PTE_FRAME) / PAGE;
    case 2:
        return below(0x20000);
    case 3:
        return odd[below(ARRAY_SIZE(odd))];
    default:
        return mfn_of(a_page());
    }
}

static uint64_t an_entry(void)
{
    uint64_t e = a_frame() * PAGE | (rnd() & 0x67) | PTE_U;

    if (below(8) == 0)
        e |= rnd() & 0xf80;
    if (below(16) == 0)
        e |= rnd() & 0xfff0000000000000UL;
    return e;
}

uint64_t a_value(void)
{
    switch (below(8)) {
    case 0:
    case 1:
        return below(16);
    case 2:
        return odd[below(ARRAY_SIZE(odd))];
    case 3:
        return (uint64_t)a_page();
    case 4:
        return a_frame();
    case 5:
        return an_entry();
    case 6:
        return rnd();
    default:
        return DOMID_SELF;
    }
}

/* Fills a block that a call will read its structure from. */
static void *a_block(void)
{
    uint64_t *block = (uint64_t *)(scratch + below(2) * PAGE);
    unsigned int i;

    for (i = 0; i < 32; i++)
        block[i] = below(3) ? a_value() : a_value() << 32 | (a_value() & 0xff);
    if (below(16) == 0)
        return (void *)odd[below(ARRAY_SIZE(odd))];
    return block;
}

static void page_tables(void)
{
    struct mmu_update *u = (struct mmu_update *)scratch;
    struct mmuext_op *op = (struct mmuext_op *)scratch;
    uint64_t n = 1 + below(8), i;
    uint64_t *page;

    switch (below(6)) {
    case 0:
        page = a_page();
        HC(update_va_mapping, page, an_entry(), below(8));
        break;
    case 1:
        page = a_page();
        map_page(page, mfn_of(page) * PAGE | (below(2) ? PTE_RO : PTE_RW));
        break;
    case 2:
        for (i = 0; i < n; i++)
            u[i] = (struct mmu_update){
                (mfn_of(a_page()) * PAGE) + (rnd() & 0xfff), an_entry()};
        HC(mmu_update, u, n, 0, DOMID_SELF);
        break;
    case 3:
        page = a_page();
        make_read_only(page);
        pin(1 + (int)below(4), page);
        break;
    case 4:
        unpin(a_page());
        break;
    default:
        for (i = 0; i < n; i++) {
            op[i].cmd = (uint32_t)below(24);
            /* A root that is not ours would rightfully end us. */
            if (op[i].cmd == MMUEXT_NEW_BASEPTR)
                op[i].cmd = MMUEXT_NEW_USER_BASEPTR;
            if (op[i].cmd == MMUEXT_CLEAR_PAGE ||
                op[i].cmd == MMUEXT_COPY_PAGE)
                op[i].arg1.mfn = mfn_of(a_page());
            else
                op[i].arg1.mfn = below(2) ? mfn_of(a_page()) : a_frame();
            op[i].arg2.src_mfn = a_value();
        }
        HC(mmuext_op, op, n, 0, DOMID_SELF);
        break;
    }
}

/* Calls that may be made with anything at all. */
static void any_call(void)
{
    static const uint8_t calls[] = {
        __HYPERVISOR_set_gdt, __HYPERVISOR_fpu_taskswitch,
        __HYPERVISOR_get_debugreg, __HYPERVISOR_xen_version,
        __HYPERVISOR_grant_table_op, __HYPERVISOR_event_channel_op,
        __HYPERVISOR_physdev_op, __HYPERVISOR_set_timer_op,
        __HYPERVISOR_vm_assist, __HYPERVISOR_nmi_op, __HYPERVISOR_hvm_op,
        __HYPERVISOR_xenpmu_op, __HYPERVISOR_xsm_op, __HYPERVISOR_tmem_op,
        __HYPERVISOR_dm_op, __HYPERVISOR_update_va_mapping_otherdomain,
        11, 43, 62, 63};
    long nr = calls[below(ARRAY_SIZE(calls))];
    void *block = a_block();

    switch (nr) {
    case __HYPERVISOR_grant_table_op:
        hc5(nr, (long)below(14), (long)block, (long)below(4), 0, 0);
        break;
    case __HYPERVISOR_physdev_op:
        /* Interrupts' wiring and the rights on ports stay as they are. */
        hc5(nr, (long)(below(2) ? 5 : 12), (long)block, 0, 0, 0);
        break;
    case __HYPERVISOR_event_channel_op:
        hc5(nr, (long)below(15), (long)block, 0, 0, 0);
        break;
    case __HYPERVISOR_xen_version:
        hc5(nr, (long)below(12), (long)(below(4) ? (void *)scratch : block), 0,
            0, 0);
        break;
    case __HYPERVISOR_nmi_op:
        hc5(nr, 1, (long)block, 0, 0, 0);
        break;
    default:
        hc5(nr, (long)a_value(), (long)block, (long)a_value(), (long)a_value(),
            (long)a_value());
        break;
    }
}

static void memory_call(void)
{
    struct xen_memory_reservation *r = (void *)scratch;
    uint64_t *list = (uint64_t *)(scratch + PAGE);
    static const uint8_t ops[] = {0, 2, 3, 4, 5, 6, 9, 10, 12, 14, 17, 25, 26,
                                  28, 40, 63};
    uint64_t i;

    if (below(2)) {
        HC(memory_op, ops[below(ARRAY_SIZE(ops))] | below(4) << 6, a_block());
        return;
    }
    for (i = 0; i < 8; i++)
        list[i] = below(2) ? 0x10000 + below(64) : a_value();
    *r = (struct xen_memory_reservation){
        .extent_start = guest_va(below(8) ? list : (void *)a_value()),
        .nr_extents = below(4) ? below(8) : a_value(),
        .extent_order = (uint32_t)(below(4) ? 0 : below(70)),
        .mem_flags = (uint32_t)(below(2) ? 0 : rnd()),
        .domid = DOMID_SELF};
    HC(memory_op, below(2) ? XENMEM_populate_physmap
                           : XENMEM_increase_reservation, r);
}

static void a_multicall(void)
{
    struct multicall_entry *c = (struct multicall_entry *)scratch;
    uint64_t n = below(8), i;
    static const uint8_t calls[] = {
        __HYPERVISOR_xen_version, __HYPERVISOR_fpu_taskswitch,
        __HYPERVISOR_update_descriptor, __HYPERVISOR_get_debugreg,
        __HYPERVISOR_event_channel_op, __HYPERVISOR_multicall, 62};

    for (i = 0; i < n; i++) {
        c[i].op = calls[below(ARRAY_SIZE(calls))];
        c[i].args[0] = below(12);
        c[i].args[1] = below(2) ? a_value() : (uint64_t)scratch + PAGE;
        c[i].args[2] = a_value();
        if (c[i].op == __HYPERVISOR_update_descriptor) {
            c[i].args[0] = mfn_of(a_page()) * PAGE + (rnd() & 0xff8);
            c[i].args[1] = rnd();
        }
        if (c[i].op == __HYPERVISOR_multicall)
            c[i].args[1] = below(3);
    }
    /* A long list in our memory would run over our own stack. */
    if (below(16))
        HC(multicall, c, n);
    else
        HC(multicall, odd[below(ARRAY_SIZE(odd))], a_value());
}

/* Stores to pages that may be tables by now. */
static void a_store(void)
{
    volatile uint64_t *at = (uint64_t *)((char *)a_page() + (rnd() & 0xff8));
    uint64_t e = an_entry();

    TRAP_OF(switch (below(3)) {
        case 0: *at = e; break;
        case 1: __atomic_exchange_n(at, e, __ATOMIC_SEQ_CST); break;
        default: *(volatile uint8_t *)at = (uint8_t)e; break;
    });
}

static void step(void)
{
    uint64_t kind = below(16);

    kind_of[vcpu_self()] = kind;
    switch (kind) {
    case 0:
    case 1:
    case 2:
        page_tables();
        break;
    case 3:
    case 4:
        any_call();
        break;
    case 5:
        memory_call();
        break;
    case 6:
        a_multicall();
        break;
    case 7:
    case 8:
        grant_step();
        break;
    case 9:
        event_step();
        break;
    case 10:
        table_step();
        break;
    case 11:
        time_step();
        break;
    case 12:
        queue_step();
        break;
    case 13:
        if (option("vcpus", 1) > 1)
            vcpu_step();
        break;
    default:
        TRAP_OF(a_store());
        break;
    }
}

/* Faults on our own test pages are the fuzzer's doing. */
static void one(uint64_t i)
{
    int vector = TRAP_OF(step());

    if (vector != -1 && vector != 14 && vector != 13 && vector != 7)
        note("step %lu: trap %d at %lx", i, vector, trap.rip);
}

static void quiet(struct frame *f)
{
    (void)f;
    vcpu_info(vcpu_self())->evtchn_upcall_pending = 0;
    vcpu_info(vcpu_self())->evtchn_pending_sel = 0;
}

static void run(unsigned int vcpu)
{
    uint64_t i;

    for (i = 0; i < steps; i++) {
        one(i);
        if (i % 5000 == 4999)
            note("vcpu %u: %lu steps", vcpu, i + 1);
    }
    events_mask();
    traps_set_up();
    __atomic_fetch_sub(&running, 1, __ATOMIC_SEQ_CST);
    while (vcpu)
        HC(sched_op, SCHEDOP_block, 0);
}

/* Whatever became of the pages, nothing may hold them for ever. */
static void look_at_pages(void)
{
    unsigned int i, good = 0;

    ext_op(MMUEXT_NEW_USER_BASEPTR, 0, 0);
    HC(set_gdt, 0, 0);
    ext_op(MMUEXT_SET_LDT, 0, 0);
    fuzz_tables_end();
    fuzz_grants_end();
    fuzz_queues_end();
    for (i = 0; i < NR_PAGES; i++)
        map_page(pages[i], 0);
    for (i = 0; i < NR_PAGES; i++)
        unpin(pages[i]);
    for (i = 0; i < NR_PAGES; i++)
        good += !make_writable(pages[i]);
    if (option("vcpus", 1) == 1)
        check_eq("the pages can be written again", good, NR_PAGES);
    else
        note("%u of %u pages can be written", good, NR_PAGES);
}

/* Where a vcpu stands that does not come to the end. */
static void tell(uint64_t vcpu)
{
    struct vcpu_runstate_info info;

    memset(&info, 0, sizeof(info));
    HC(vcpu_op, VCPUOP_get_runstate_info, vcpu, &info);
    note("vcpu %lu: step of kind %lu, runstate %d since %lu, now %lu", vcpu,
         kind_of[vcpu], info.state, info.state_entry_time, now());
}

void test_main(void)
{
    uint64_t seed = option("seed", 1), vcpus = option("vcpus", 1), i;

    steps = option("steps", 20000);
    note("seed %lu, %lu steps, %lu vcpus", seed, steps, vcpus);
    for (i = 0; i < NR_PAGES; i++)
        pages[i] = page_new();
    for (i = 0; i < vcpus; i++) {
        state_of[i] = (seed + i * 1000) * 0x9e3779b97f4a7c15UL + 1;
        scratch_of[i] = pages_new(2);
    }
    upcall_hook = quiet;
    fuzz_grants_start();
    fuzz_tables_start();
    running = (unsigned int)vcpus;
    for (i = 1; i < vcpus; i++)
        if (vcpu_make((unsigned int)i, run) || HC(vcpu_op, VCPUOP_up, i, 0))
            panic("a vcpu does not start");
    run(0);
    if (!check("all vcpus come to the end", WAIT_FOR(!running, 100 * SECOND)))
        for (i = 1; i < vcpus; i++)
            tell(i);
    check_eq("the hypervisor still answers",
             HC(xen_version, XENVER_pagesize, 0), 4096);
    check_eq("traps still arrive", TRAP_OF(__asm__ volatile("int3")), 3);
    look_at_pages();
}
