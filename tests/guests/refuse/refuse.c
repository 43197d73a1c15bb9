/* SPDX-License-Identifier: GPL-2.0 */
/*
 * refuse - what a guest must never get: each line is an attack, and passes
 * when the hypervisor answers with an error and changes nothing.
 */
#include "guest.h"

#define NOWHERE 0xffffffffffUL /* a frame beyond all memory */

static char *page;
static uint64_t *slot, rw, *root;

/* An L1 entry for page's address, by each of the two calls. */
static void entry_refused(const char *name, uint64_t pte)
{
    check(name, HC(update_va_mapping, page, pte, UVMF_INVLPG) < 0 &&
                    mmu_one(machine(slot), pte) < 0 &&
                    (*slot & PTE_FRAME) == (rw & PTE_FRAME));
}

static void mappings(void)
{
    uint64_t *l1 = (void *)((uint64_t)slot & ~(PAGE - 1));
    uint64_t xen = start->shared_info / PAGE;

    entry_refused("the root, writable", mfn_of(root) * PAGE | PTE_RW);
    entry_refused("an L1, writable", mfn_of(l1) * PAGE | PTE_RW);
    entry_refused("a frame beyond memory", NOWHERE * PAGE | PTE_RW);
    entry_refused("a frame beyond memory, read-only",
                  NOWHERE * PAGE | PTE_RO);
    entry_refused("reserved bits", rw | 1UL << 51);
    check_eq("the shared page may be mapped",
             HC(update_va_mapping, page, xen * PAGE | PTE_RW, UVMF_INVLPG), 0);
    HC(update_va_mapping, page, rw, UVMF_INVLPG);
    check_eq("an L1, read-only, may be mapped",
             HC(update_va_mapping, page, mfn_of(l1) * PAGE | PTE_RO,
                UVMF_INVLPG),
             0);
    HC(update_va_mapping, page, rw, UVMF_INVLPG);
}

static uint64_t hypervisor_frame(void)
{
    return (root[256] & PTE_FRAME) / PAGE;
}

static void hypervisor(void)
{
    uint64_t frame = hypervisor_frame();

    note("L4 entry 256 is %lx", root[256]);
    entry_refused("a table of the hypervisor, writable",
                  frame * PAGE | PTE_RW);
    check("a hypervisor address by update_va_mapping",
          HC(update_va_mapping, HYPERVISOR_VIRT_START, rw, 0) < 0);
    check("a hypervisor address, higher",
          HC(update_va_mapping, 0xffff830000000000UL, rw, 0) < 0);
    check("L4 entry 256", mmu_one(machine(&root[256]), rw) < 0);
    check("L4 entry 271", mmu_one(machine(&root[271]), rw) < 0);
    check("L4 entry 256, cleared", mmu_one(machine(&root[256]), 0) < 0);
    check("an update in a frame of the hypervisor",
          mmu_one(frame * PAGE, 0) < 0);
    check("an update in no frame", mmu_one(NOWHERE * PAGE, 0) < 0);
    check_eq("a jump into the hypervisor",
             TRAP_OF(((void (*)(void))0xffff82d040200000UL)()), 14);
    check("results into the hypervisor",
          HC(xen_version, XENVER_get_features, 0xffff82d040200000UL) ==
              -E_FAULT);
    check("results into the M2P",
          HC(xen_version, XENVER_extraversion, MACH2PHYS_VIRT_START) ==
              -E_FAULT);
    check("results to a non-canonical address",
          HC(xen_version, XENVER_extraversion, 0x8000000000000000UL) ==
              -E_FAULT);
    check("results that run into the hypervisor",
          HC(xen_version, XENVER_commandline, 0xffff7ffffffffff0UL) ==
              -E_FAULT);
}

static void type_confusion(void)
{
    uint64_t *l1 = table_new(), *l2 = table_new(), *l4 = table_new();
    uint64_t gdt_frame = mfn_of(l1);
    uint64_t *l2e = entry_at(VIRT + 0x10000000UL, 2);
    static const uint32_t pins[] = {MMUEXT_PIN_L1_TABLE, MMUEXT_PIN_L2_TABLE,
                                    MMUEXT_PIN_L3_TABLE, MMUEXT_PIN_L4_TABLE};
    unsigned int i;

    pin(1, l1);
    for (i = 1; i < 4; i++)
        check("a pinned L1 as a higher table",
              ext_op(pins[i], mfn_of(l1), 0) < 0);
    check("a pinned L1 as GDT", HC(set_gdt, &gdt_frame, 512) < 0);
    check("a pinned L1 as root",
          ext_op(MMUEXT_NEW_BASEPTR, mfn_of(l1), 0) < 0);
    check("a pinned L1 as user root",
          ext_op(MMUEXT_NEW_USER_BASEPTR, mfn_of(l1), 0) < 0);
    check("a pinned L1 in an L3's place",
          mmu_one(machine(entry_at(0xffffff0000000000UL, 4)),
                  mfn_of(l1) * PAGE | PTE_RW) < 0);
    check("an L1 as its own entry",
          mmu_one(machine(&l1[0]), mfn_of(l1) * PAGE | PTE_RW) < 0);
    check("an L1 copied over",
          ext_op(MMUEXT_COPY_PAGE, mfn_of(l1), mfn_of(page)) < 0);
    unpin(l1);

    pin(2, l2);
    check("an L2 in an L2's entry",
          mmu_one(machine(l2e), mfn_of(l2) * PAGE | PTE_RW) < 0);
    check("a superpage in an L2",
          mmu_one(machine(&l2[0]),
                  (rw & ~0x1fffffUL) | PTE_RW | PTE_PS) < 0);
    check("a writable page in an L2's entry",
          mmu_one(machine(&l2[0]), mfn_of(page) * PAGE | PTE_RW) < 0);
    check("an L2 pinned as L1", ext_op(pins[0], mfn_of(l2), 0) < 0);
    unpin(l2);

    pin(4, l4);
    check("an L4 in its own entry, writable",
          mmu_one(machine(&l4[0]), mfn_of(l4) * PAGE | PTE_RW) < 0);
    check("the running root in an entry of another",
          mmu_one(machine(&l4[0]), mfn_of(root) * PAGE | PTE_RW) < 0);
    unpin(l4);
}

static void bad_tables(void)
{
    uint64_t *l1 = page_new(), *l2 = page_new();

    l1[7] = mfn_of(root) * PAGE | PTE_RW;
    make_read_only(l1);
    check("pin of an L1 that maps a table for writing", pin(1, l1) < 0);
    check_eq("it stays an ordinary page", make_writable(l1), 0);
    l1[7] = NOWHERE * PAGE | PTE_RW;
    make_read_only(l1);
    check("pin of an L1 that maps nothing real", pin(1, l1) < 0);
    check_eq("it stays an ordinary page", make_writable(l1), 0);
    l1[7] = mfn_of(l1) * PAGE | PTE_RW;
    make_read_only(l1);
    check("pin of an L1 that maps itself for writing", pin(1, l1) < 0);
    check_eq("it stays an ordinary page", make_writable(l1), 0);
    l1[7] = 0;
    l1[511] = mfn_of(l2) * PAGE | PTE_RW; /* l2 still writable elsewhere */
    make_read_only(l1);
    l2[0] = mfn_of(l1) * PAGE | PTE_RW;
    make_read_only(l2);
    check("pin of an L2 that its own L1 maps for writing", pin(2, l2) < 0);
    check_eq("neither stays a table: L1", make_writable(l1), 0);
    check_eq("neither stays a table: L2", make_writable(l2), 0);
    l1[511] = 0;
    l2[0] = mfn_of(page) * PAGE | PTE_RW;
    make_read_only(l2);
    check("pin of an L2 with a writable page as L1", pin(2, l2) < 0);
    check_eq("it stays an ordinary page", make_writable(l2), 0);
}

static void counts(void)
{
    struct mmu_update u = {machine(slot), rw};
    struct mmuext_op op = {.cmd = MMUEXT_TLB_FLUSH_LOCAL};
    struct multicall_entry call = {.op = 999};

    check("mmu_update of very many from a short list",
          HC(mmu_update, &u, 0x40000000, 0, DOMID_SELF) < 0);
    check("mmuext_op of very many from a short list",
          HC(mmuext_op, &op, 0x40000000, 0, DOMID_SELF) < 0);
    check_eq("mmu_update of a domain that there is not",
             HC(mmu_update, &u, 1, 0, 77), -E_SRCH);
    check_eq("mmuext_op of a domain that there is not",
             HC(mmuext_op, &op, 1, 0, 77), -E_SRCH);
    check("mmu_update list in the hypervisor",
          HC(mmu_update, 0xffff82d040200000UL, 1, 0, DOMID_SELF) < 0);
    check("mmu_update list that wraps",
          HC(mmu_update, 0xfffffffffffffff8UL, 0x7fffffff, 0, DOMID_SELF) <
              0);
    check_eq("a call of no number", hc5(63, 0, 0, 0, 0, 0), -E_NOSYS);
    check_eq("a call of a huge number", hc5(1L << 40, 0, 0, 0, 0, 0),
             -E_NOSYS);
    check_eq("a call of a negative number", hc5(-1, 0, 0, 0, 0, 0), -E_NOSYS);
    check_eq("a call of a retired number", hc5(11, 0, 0, 0, 0, 0), -E_NOSYS);
    HC(multicall, &call, 1);
    check_eq("a multicall of no number", (long)call.result, -E_NOSYS);
    check("a stack in the hypervisor",
          HC(stack_switch, FLAT_KERNEL_SS, 0xffff82d040200000UL) <= 0);
}

static void devices(void)
{
    uint64_t apic = 0xfee00000UL, ioapic = 0xfec00000UL;
    long rc;

    entry_refused("the local APIC, writable",
                  apic | PTE_RW | PTE_PCD | PTE_PWT);
    rc = mmu_one(machine(slot), ioapic | PTE_RW | PTE_PCD | PTE_PWT);
    check("the IO-APIC cannot be mapped for writing",
          rc < 0 || !(*slot & PTE_W));
    mmu_one(machine(slot), rw);
}

void test_main(void)
{
    page = page_new();
    slot = entry_at((uint64_t)page, 1);
    rw = mfn_of(page) * PAGE | PTE_RW;
    root = (uint64_t *)start->pt_base;
    mappings();
    hypervisor();
    type_confusion();
    bad_tables();
    counts();
    devices();
    HC(stack_switch, FLAT_KERNEL_SS, start);
}
