/* SPDX-License-Identifier: GPL-2.0 */
/* multicall - batches: order, results, errors inside, bad lists. */
#include "guest.h"

static struct multicall_entry calls[64];

static void set(unsigned int i, long op, long a, long b, long c, long d)
{
    calls[i] = (struct multicall_entry){
        .op = (uint64_t)op, .result = 0x5555,
        .args = {(uint64_t)a, (uint64_t)b, (uint64_t)c, (uint64_t)d}};
}

static void batches(void)
{
    struct xen_feature_info info = {.submap_idx = 0};
    unsigned int i;
    bool good = true;

    set(0, __HYPERVISOR_xen_version, XENVER_version, 0, 0, 0);
    set(1, __HYPERVISOR_xen_version, 1234, 0, 0, 0);
    set(2, __HYPERVISOR_xen_version, XENVER_get_features, (long)&info, 0, 0);
    set(3, 62, 0, 0, 0, 0);
    set(4, __HYPERVISOR_sched_op, SCHEDOP_yield, 0, 0, 0);
    check_eq("a batch", HC(multicall, calls, 5), 0);
    check_eq("result of the first", (long)calls[0].result,
             HC(xen_version, XENVER_version, 0));
    check_eq("an error is the entry's own", (long)calls[1].result, -E_NOSYS);
    check_eq("the next is done all the same", (long)calls[2].result, 0);
    check("and wrote its answer", info.submap != 0);
    check_eq("a call of no number", (long)calls[3].result, -E_NOSYS);
    check_eq("the last is done", (long)calls[4].result, 0);
    for (i = 0; i < 64; i++)
        set(i, __HYPERVISOR_xen_version, XENVER_version, 0, 0, 0);
    check_eq("a batch of 64", HC(multicall, calls, 64), 0);
    for (i = 0; i < 64; i++)
        good = good && calls[i].result == calls[0].result;
    check("all have their result", good && calls[0].result != 0x5555);
    check_eq("a batch of none", HC(multicall, calls, 0), 0);
}

static void mapping_batch(void)
{
    char *page = page_new();
    uint64_t rw = mfn_of(page) * PAGE | PTE_RW, *slot;
    struct mmu_update u;
    uint32_t count = 0;

    slot = entry_at((uint64_t)page, 1);
    set(0, __HYPERVISOR_update_va_mapping, (long)page, (long)(rw & ~PTE_W),
        UVMF_INVLPG, 0);
    u = (struct mmu_update){machine(slot), rw};
    set(1, __HYPERVISOR_mmu_update, (long)&u, 1, (long)&count, DOMID_SELF);
    set(2, __HYPERVISOR_update_va_mapping, (long)page, (long)(rw & ~PTE_W),
        UVMF_INVLPG, 0);
    check_eq("a batch of mappings", HC(multicall, calls, 3), 0);
    check("each did its part", !calls[0].result && !calls[1].result &&
                                   !calls[2].result && count == 1);
    check_eq("the last one stands", *slot & PTE_W, 0);
    check_eq("and the page is read-only", TRAP_OF(*(volatile char *)page = 1),
             14);
}

static void refused(void)
{
    check_eq("a list at a bad address", HC(multicall, 0x1000, 1), -E_FAULT);
    check_eq("a list in the hypervisor",
             HC(multicall, 0xffff82d040200000UL, 1), -E_FAULT);
    check("a list of far too many",
          HC(multicall, calls, 0xffffffffffffffffUL) < 0);
    set(0, __HYPERVISOR_multicall, (long)calls, 1, 0, 0);
    HC(multicall, calls, 1);
    note("a multicall in a multicall answers %ld", (long)calls[0].result);
    check("a multicall in a multicall comes back", true);
    set(0, __HYPERVISOR_xen_version, XENVER_version, 0, 0, 0);
    make_read_only((void *)((uint64_t)calls & ~(PAGE - 1)));
    check_eq("a list that cannot be written", HC(multicall, calls, 1),
             -E_FAULT);
    make_writable((void *)((uint64_t)calls & ~(PAGE - 1)));
}

void test_main(void)
{
    batches();
    mapping_batch();
    refused();
}
