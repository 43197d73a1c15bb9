/* SPDX-License-Identifier: GPL-2.0 */
/*
 * domfuzz - random hypercalls out of an unprivileged guest.
 * Keeps true: the same seed makes the same calls. The guest may end itself;
 * then another is made. Nothing of any of them may stay behind, and Dom0,
 * which shares the machine with them, must not notice.
 */
#include "domfuzz.h"

static uint64_t state;

static uint64_t rnd(void)
{
    return random_next(&state);
}

static uint64_t below(uint64_t n)
{
    return rnd() % n;
}

static const uint64_t odd[] = {
    0, 1, 2, 8, 255, 511, 512, 4095, 4096, 0x7ff0, 0x7ff1, 0x7ff2, 0x7fff,
    0x7fffffff, 0x80000000, 0xffffffff, 0x7fffffffffff, 0x800000000000,
    0x8000000000000000, 0xffff800000000000, 0xffff82d040200000,
    0xffff818000000000, 0xffff830000000000, 0xffff880000000000,
    0xfffffffffffffff8, 0xffffffffffffffff};

/* A frame: the guest's own mostly, or Dom0's, or a device's, or none. */
static uint64_t frame(const struct domu *u)
{
    uint64_t *root = (uint64_t *)start->pt_base;

    switch (below(10)) {
    case 0:
        return mfn_of(start);
    case 1:
        return (root[256] & PTE_FRAME) / PAGE;
    case 2:
        return below(0x20000);
    case 3:
        return odd[below(ARRAY_SIZE(odd))];
    default:
        return u->frame[below(DOMU_PAGES)];
    }
}

static uint64_t value(const struct domu *u)
{
    switch (below(8)) {
    case 0:
    case 1:
        return below(16);
    case 2:
        return odd[below(ARRAY_SIZE(odd))];
    case 3:
        return DOMU_VA(below(DOMU_PAGES));
    case 4:
        return frame(u);
    case 5:
        return frame(u) * PAGE | (rnd() & 0xe7) | PTE_U;
    case 6:
        return rnd();
    default:
        return below(2) ? DOMID_SELF : 0;
    }
}

/* Fills the guest's data page with what calls read their structures from. */
static long block(struct domu *u)
{
    uint64_t *words = (uint64_t *)u->data;
    unsigned int i;

    for (i = 0; i < 24; i++)
        words[i] = below(3) ? value(u)
                            : value(u) << 32 | (value(u) & 0xff);
    if (below(4) == 0) {
        ((uint32_t *)words)[1] = XEN_DOMCTL_INTERFACE_VERSION;
        ((uint32_t *)words)[0] = (uint32_t)below(90);
    }
    return below(16) ? (long)DOMU_VA(PG_DATA)
                     : (long)odd[below(ARRAY_SIZE(odd))];
}

/* One call. The guest's script, code and stack stay as they are only by
 * luck: when it does not answer, it has ended itself. */
static struct step *one_call(struct domu *u)
{
    static const uint8_t calls[] = {
        __HYPERVISOR_mmu_update, __HYPERVISOR_mmu_update,
        __HYPERVISOR_mmuext_op, __HYPERVISOR_mmuext_op,
        __HYPERVISOR_update_va_mapping, __HYPERVISOR_memory_op,
        __HYPERVISOR_grant_table_op, __HYPERVISOR_event_channel_op,
        __HYPERVISOR_physdev_op, __HYPERVISOR_xen_version,
        __HYPERVISOR_vcpu_op, __HYPERVISOR_set_segment_base,
        __HYPERVISOR_set_gdt, __HYPERVISOR_update_descriptor,
        __HYPERVISOR_multicall, __HYPERVISOR_console_io,
        __HYPERVISOR_platform_op, __HYPERVISOR_domctl, __HYPERVISOR_sysctl,
        __HYPERVISOR_set_debugreg, __HYPERVISOR_get_debugreg,
        __HYPERVISOR_vm_assist, __HYPERVISOR_callback_op,
        __HYPERVISOR_set_trap_table, __HYPERVISOR_nmi_op,
        __HYPERVISOR_update_va_mapping_otherdomain,
        __HYPERVISOR_set_timer_op, __HYPERVISOR_fpu_taskswitch,
        __HYPERVISOR_stack_switch, __HYPERVISOR_hvm_op,
        __HYPERVISOR_xenpmu_op, __HYPERVISOR_kexec_op,
        __HYPERVISOR_event_channel_op_compat,
        __HYPERVISOR_physdev_op_compat, __HYPERVISOR_sched_op_compat, 11, 45,
        63};
    long nr = calls[below(ARRAY_SIZE(calls))];
    long at = block(u);

    switch (nr) {
    case __HYPERVISOR_mmu_update:
    case __HYPERVISOR_mmuext_op:
        return domu_post(u, nr, at, (long)(1 + below(8)), 0,
                         (long)(below(4) ? DOMID_SELF : value(u)));
    case __HYPERVISOR_update_va_mapping:
        return domu_post(u, nr,
                         (long)(below(2) ? DOMU_VA(PG_WINDOW) : value(u)),
                         (long)value(u), (long)below(8), 0);
    case __HYPERVISOR_memory_op:
        return domu_post(u, nr, (long)below(64), at, 0, 0);
    case __HYPERVISOR_grant_table_op:
        return domu_post(u, nr, (long)below(14), at, (long)below(4), 0);
    case __HYPERVISOR_vcpu_op:
        return domu_post(u, nr, (long)below(16), (long)below(3), at, 0);
    case __HYPERVISOR_multicall:
        return domu_post(u, nr, at, (long)below(3), 0, 0);
    case __HYPERVISOR_event_channel_op:
    case __HYPERVISOR_physdev_op:
    case __HYPERVISOR_xen_version:
    case __HYPERVISOR_callback_op:
    case __HYPERVISOR_nmi_op:
        return domu_post(u, nr, (long)below(34), at, 0, 0);
    case __HYPERVISOR_domctl:
    case __HYPERVISOR_sysctl:
    case __HYPERVISOR_platform_op:
    case __HYPERVISOR_set_trap_table:
        return domu_post(u, nr, at, 0, 0, 0);
    default:
        return domu_post(u, nr, (long)value(u), below(2) ? at : (long)value(u),
                         (long)value(u), (long)value(u));
    }
}

/* Does the step, unless the guest has ended or hangs. */
static bool answers(struct domu *u, const struct step *s)
{
    uint64_t end = now() + SECOND / 10;
    struct xen_domctl op;

    while (!s->done && now() < end)
        HC(sched_op, SCHEDOP_yield, 0);
    if (s->done)
        return true;
    memset(&op, 0, sizeof(op));
    domctl(XEN_DOMCTL_getdomaininfo, u->id, &op);
    return false;
}

/* One guest's life; how many of its calls came back. */
static uint64_t life(struct domu *u, uint64_t most)
{
    struct step *s;
    uint64_t n;

    if (!domu_make(u) || !domu_start(u))
        return 0;
    for (n = 0; n < most; n++) {
        s = one_call(u);
        if (!answers(u, s))
            break;
        s->done = 0;
        s->nr = STEP_WAIT;
    }
    if (domu_destroy(u))
        panic("a guest cannot be destroyed");
    return n;
}

static uint64_t free_pages(void)
{
    struct xen_sysctl op;

    memset(&op, 0, sizeof(op));
    sysctl(XEN_SYSCTL_physinfo, &op);
    return op.u.physinfo.free_pages + op.u.physinfo.scrub_pages;
}

void domfuzz(uint64_t seed, uint64_t calls)
{
    static struct domu u;
    uint64_t done_calls = 0, lives = 0, before, n;

    state = seed * 0x9e3779b97f4a7c15UL + 1;
    note("seed %lu, %lu calls", seed, calls);
    life(&u, 10); /* what is made once stays */
    WAIT_FOR(false, SECOND / 5);
    before = free_pages();
    while (done_calls < calls) {
        n = life(&u, 500);
        done_calls += n + 1;
        lives++;
    }
    note("%lu guests made %lu calls", lives, done_calls);
    check("guests could be made to the end", u.id != 0);
    WAIT_FOR(free_pages() >= before, SECOND);
    check("nothing of them stays", free_pages() >= before);
    note("free before %lu, after %lu", before, free_pages());
    check_eq("the hypervisor still answers",
             HC(xen_version, XENVER_pagesize, 0), 4096);
}
