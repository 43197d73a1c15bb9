/* SPDX-License-Identifier: GPL-2.0 */
/*
 * tables - page tables that a guest may build, and every way to change an
 * entry: by hypercall, and by a store that the hypervisor traps.
 */
#include "guest.h"

static char *page, *other;
static uint64_t *slot; /* the L1 entry that maps page */
static uint64_t rw, ro;

static void maps(void)
{
    const uint64_t *m2p = (const uint64_t *)MACH2PHYS_VIRT_START;
    struct mmu_update u[3];
    uint32_t count = 9;

    check_eq("M2P turns P2M back", m2p[mfn_of(page)], pfn_of(page));
    check_eq("update_va_mapping: read-only",
             HC(update_va_mapping, page, ro, UVMF_INVLPG | UVMF_ALL), 0);
    /* The hypervisor may add G, and U, to a guest kernel's entries. */
    check_eq("entry is as asked", *slot & (PTE_P | PTE_W | 0xe00), PTE_P);
    check_eq("update_va_mapping: writable, flush all",
             HC(update_va_mapping, page, rw, UVMF_TLB_FLUSH | UVMF_ALL), 0);
    check_eq("update_va_mapping: of nothing mapped there",
             HC(update_va_mapping, VIRT + 0x38000000UL, rw, 0), -E_INVAL);
    check_eq("mmu_update of no requests",
             HC(mmu_update, u, 0, &count, DOMID_SELF), 0);
    check_eq("mmu_update: none done", count, 0);
    u[0] = (struct mmu_update){machine(slot), ro};
    u[1] = (struct mmu_update){machine(slot), rw};
    check_eq("mmu_update of two",
             HC(mmu_update, u, 2, &count, DOMID_SELF), 0);
    check_eq("mmu_update: two done", count, 2);
    u[1].val = mfn_of((void *)start->pt_base) * PAGE | PTE_RW;
    u[2] = (struct mmu_update){machine(slot), ro};
    check("mmu_update stops at a bad one",
          HC(mmu_update, u, 3, &count, DOMID_SELF) < 0);
    check_eq("mmu_update: one done before it", count, 1);
    check_eq("mmu_update: the first was kept", *slot & PTE_W, 0);
    check_eq("mmu_update of an ordinary page",
             mmu_one(machine(other), 0x1234), 0);
    check_eq("is a store", *(uint64_t *)other, 0x1234);
    mmu_one(machine(slot), rw);
}

static void keep_bits(void)
{
    mmu_one(machine(slot), rw & ~(PTE_A | PTE_D));
    *(volatile char *)page = 1;
    check_eq("the processor set A and D", *slot & (PTE_A | PTE_D),
             PTE_A | PTE_D);
    check_eq("an update that keeps A and D",
             mmu_one(machine(slot) | MMU_PT_UPDATE_PRESERVE_AD,
                     ro & ~(PTE_A | PTE_D)),
             0);
    check_eq("kept them", *slot & (PTE_A | PTE_D), PTE_A | PTE_D);
    check_eq("and did the rest", *slot & PTE_W, 0);
    mmu_one(machine(slot), rw);
}

static void m2p_updates(void)
{
    const volatile uint64_t *m2p = (const uint64_t *)MACH2PHYS_VIRT_START;
    uint64_t mfn = mfn_of(page);

    check_eq("M2P update",
             mmu_one(mfn * PAGE | MMU_MACHPHYS_UPDATE, 0x4242), 0);
    check_eq("is in the table", m2p[mfn], 0x4242);
    mmu_one(mfn * PAGE | MMU_MACHPHYS_UPDATE, pfn_of(page));
    check("M2P update of a frame of others",
          mmu_one(0UL * PAGE | MMU_MACHPHYS_UPDATE, 1) < 0);
    check_eq("M2P cannot be written",
             TRAP_OF(((volatile uint64_t *)MACH2PHYS_VIRT_START)[mfn] = 1),
             14);
}

/* New tables under an L2 entry that is still empty. */
static void building(void)
{
    uint64_t *l1 = page_new(), *l2 = page_new(), *l2e, *l3e;
    uint64_t va = VIRT + 0x10000000UL, va3 = 0xffffff0000000000UL;
    uint64_t *l3 = page_new();

    l1[3] = mfn_of(page) * PAGE | PTE_RW;
    make_read_only(l1);
    l2e = entry_at(va, 2);
    check_eq("the place is empty", *l2e, 0);
    check_eq("hang an L1 into the L2",
             mmu_one(machine(l2e), mfn_of(l1) * PAGE | PTE_RW), 0);
    *(uint64_t *)page = 77;
    check_eq("its mapping works", *(volatile uint64_t *)(va + 3 * PAGE), 77);
    check_eq("an entry of it changes",
             HC(update_va_mapping, va + 4 * PAGE,
                mfn_of(other) * PAGE | PTE_RW, UVMF_INVLPG),
             0);
    *(volatile uint64_t *)(va + 4 * PAGE) = 88;
    check_eq("that mapping works", *(uint64_t *)other, 88);
    check("it cannot become writable while it is a table",
          make_writable(l1) < 0);
    check_eq("take it out", mmu_one(machine(l2e), 0), 0);
    check_eq("its mapping is gone",
             TRAP_OF(*(volatile uint64_t *)(va + 3 * PAGE)), 14);
    check_eq("it is an ordinary page again", make_writable(l1), 0);

    make_read_only(l1);
    l2[0] = mfn_of(l1) * PAGE | PTE_RW;
    make_read_only(l2);
    l3[0] = mfn_of(l2) * PAGE | PTE_RW;
    make_read_only(l3);
    l3e = entry_at(va3, 4);
    check_eq("hang an L3 with all below into the L4",
             mmu_one(machine(l3e), mfn_of(l3) * PAGE | PTE_RW), 0);
    check_eq("its mapping works", *(volatile uint64_t *)(va3 + 3 * PAGE), 77);
    check_eq("take it out", mmu_one(machine(l3e), 0), 0);
    ext_op(MMUEXT_TLB_FLUSH_LOCAL, 0, 0);
    check_eq("its mapping is gone",
             TRAP_OF(*(volatile uint64_t *)(va3 + 3 * PAGE)), 14);
    check_eq("all are ordinary pages again: L3", make_writable(l3), 0);
    check_eq("all are ordinary pages again: L2", make_writable(l2), 0);
    check_eq("all are ordinary pages again: L1", make_writable(l1), 0);
}

static void pinning(void)
{
    uint64_t *l1 = page_new(), *l2, *l3, *l4;

    check("pin of a page that is mapped for writing", pin(1, l1) < 0);
    make_read_only(l1);
    check_eq("pin an empty L1", pin(1, l1), 0);
    check_eq("pin it twice", pin(1, l1), -E_INVAL);
    check("pin it as an L2", pin(2, l1) < 0);
    check("make it writable", make_writable(l1) < 0);
    check_eq("unpin", unpin(l1), 0);
    check_eq("unpin twice", unpin(l1), -E_INVAL);
    check_eq("now it may be written", make_writable(l1), 0);
    l2 = table_new();
    l3 = table_new();
    l4 = table_new();
    check_eq("pin an empty L2", pin(2, l2), 0);
    check_eq("pin an empty L3", pin(3, l3), 0);
    check_eq("pin an empty L4", pin(4, l4), 0);
    check_eq("unpin L2", unpin(l2), 0);
    check_eq("unpin L3", unpin(l3), 0);
    check_eq("unpin L4", unpin(l4), 0);
    check_eq("L2 may be written again", make_writable(l2), 0);
    check_eq("L3 may be written again", make_writable(l3), 0);
    check_eq("L4 may be written again", make_writable(l4), 0);
}

static uint64_t *root_copy(void)
{
    uint64_t *root = page_new(), *old = (uint64_t *)start->pt_base;
    unsigned int i;

    for (i = 0; i < 512; i++)
        root[i] = i >= 256 && i < 272 ? 0 : old[i];
    make_read_only(root);
    return root;
}

static void roots(void)
{
    uint64_t *root = root_copy();
    void *old = (void *)start->pt_base;

    check_eq("switch to another root",
             ext_op(MMUEXT_NEW_BASEPTR, mfn_of(root), 0), 0);
    check_eq("the kernel goes on under it", *(volatile uint64_t *)page,
             *(volatile uint64_t *)page);
    check("the root in use cannot be written", make_writable(root) < 0);
    check_eq("and back", ext_op(MMUEXT_NEW_BASEPTR, mfn_of(old), 0), 0);
    check_eq("then it is an ordinary page", make_writable(root), 0);
    make_read_only(root);
    check_eq("as the root of user code",
             ext_op(MMUEXT_NEW_USER_BASEPTR, mfn_of(root), 0), 0);
    check("a root of user code cannot be written", make_writable(root) < 0);
    check_eq("no root of user code", ext_op(MMUEXT_NEW_USER_BASEPTR, 0, 0),
             0);
    check_eq("then it is an ordinary page too", make_writable(root), 0);
    check("a page that is no root", ext_op(MMUEXT_NEW_BASEPTR,
                                           mfn_of(page), 0) < 0);
    check("a frame that does not exist",
          ext_op(MMUEXT_NEW_BASEPTR, 0xffffffffffUL, 0) < 0);
    check_eq("CR3 by instruction",
             TRAP_OF(__asm__ volatile("mov %0, %%cr3" ::"r"(
                 mfn_of(old) * PAGE))),
             -1);
}

static void small_ops(void)
{
    uint64_t mask = 1;

    memset(page, 0x5a, PAGE);
    memset(other, 0, PAGE);
    check_eq("copy a page",
             ext_op(MMUEXT_COPY_PAGE, mfn_of(other), mfn_of(page)), 0);
    check_eq("it was copied", memcmp(page, other, PAGE), 0);
    check_eq("clear a page", ext_op(MMUEXT_CLEAR_PAGE, mfn_of(page), 0), 0);
    check_eq("it was cleared", *(uint64_t *)(page + 2048), 0);
    check("clear a page table",
          ext_op(MMUEXT_CLEAR_PAGE, mfn_of((void *)start->pt_base), 0) < 0);
    check_eq("flush the TLB", ext_op(MMUEXT_TLB_FLUSH_LOCAL, 0, 0), 0);
    check_eq("flush one address",
             ext_op(MMUEXT_INVLPG_LOCAL, (uint64_t)page, 0), 0);
    check_eq("flush on all", ext_op(MMUEXT_TLB_FLUSH_ALL, 0, 0), 0);
    check_eq("flush one address on all",
             ext_op(MMUEXT_INVLPG_ALL, (uint64_t)page, 0), 0);
    check_eq("flush on some",
             ext_op(MMUEXT_TLB_FLUSH_MULTI, 0, (uint64_t)&mask), 0);
    check_eq("flush one address on some",
             ext_op(MMUEXT_INVLPG_MULTI, (uint64_t)page, (uint64_t)&mask), 0);
    check("flush on some: bad pointer",
          ext_op(MMUEXT_TLB_FLUSH_MULTI, 0, 0x1000) < 0);
    check_eq("flush the caches", ext_op(MMUEXT_FLUSH_CACHE, 0, 0), 0);
    check_eq("an operation of no number", ext_op(99, 0, 0), -E_NOSYS);
}

/* One trapped store: what is in the entry, and the trap it made. */
#define STORE(name, before, after, text, ...)                                  \
    do {                                                                       \
        mmu_one(machine(slot), before);                                        \
        check_eq(name, TRAP_OF(__asm__ volatile(text ::__VA_ARGS__ : "memory", \
                                                "cc", "rax")),                 \
                 -1);                                                          \
        check_eq(name ": result", *slot &PTE_FRAME_OR_FLAGS,                   \
                 (after) &PTE_FRAME_OR_FLAGS);                                 \
    } while (0)
#define PTE_FRAME_OR_FLAGS (PTE_FRAME | PTE_P | PTE_W | 0xe00UL | PTE_NX)

static void trapped_stores(void)
{
    uint64_t there = mfn_of(other) * PAGE | PTE_RW;

    STORE("mov of 8 bytes", rw, ro, "mov %1, (%0)", "r"(slot), "r"(ro));
    STORE("mov of 4 bytes", rw, ro, "movl %1, (%0)", "r"(slot),
          "r"((uint32_t)ro));
    STORE("mov of 1 byte", rw, ro, "movb %1, (%0)", "r"(slot),
          "q"((uint8_t)ro));
    STORE("mov of 8 bytes, constant", rw, 0, "movq $0, (%0)", "r"(slot));
    STORE("mov of a byte, constant", rw, ro, "movb $0x65, (%0)", "r"(slot));
    STORE("xchg", rw, there, "mov %1, %%rax; xchg %%rax, (%0)", "r"(slot),
          "r"(there));
    STORE("lock and, byte", rw, ro, "lock andb $0xfd, (%0)", "r"(slot));
    STORE("lock or, byte", ro, rw, "lock orb $2, (%0)", "r"(slot));
    STORE("and, sign-extended", rw, ro, "andq $-3, (%0)", "r"(slot));
    STORE("or, register", ro, rw, "mov $2, %%eax; or %%rax, (%0)", "r"(slot));
    STORE("xor", rw, ro, "xorq $2, (%0)", "r"(slot));
    STORE("lock btr, constant", rw, ro, "lock btrq $1, (%0)", "r"(slot));
    STORE("lock bts, constant", ro, rw, "lock btsq $1, (%0)", "r"(slot));
    STORE("lock btr, register", rw, ro,
          "mov $1, %%eax; lock btr %%rax, (%0)", "r"(slot));
    STORE("lock bts, next byte", rw, rw | 0x200, "lock btsq $9, (%0)",
          "r"(slot));
    STORE("cmpxchg that fits", rw, there,
          "mov (%0), %%rax; lock cmpxchg %1, (%0)", "r"(slot), "r"(there));
    STORE("cmpxchg that does not fit", rw, rw,
          "mov $1, %%eax; lock cmpxchg %1, (%0)", "r"(slot), "r"(there));
    STORE("xadd", ro, rw, "mov $2, %%eax; lock xadd %%rax, (%0)", "r"(slot));
    STORE("add", ro, rw, "addq $2, (%0)", "r"(slot));
    STORE("store with an index", rw, ro, "mov %1, (%0, %2, 8)",
          "r"((uint64_t)slot - 0x80), "r"(ro), "r"(16UL));
    STORE("store with a displacement", rw, ro, "mov %1, 0x12345(%0)",
          "r"((uint64_t)slot - 0x12345), "r"(ro));
    mmu_one(machine(slot), rw);
}

/* What such stores leave in registers and flags. */
static void store_results(void)
{
    uint64_t old = ro;
    uint8_t carry, zero;

    mmu_one(machine(slot), rw);
    __asm__ volatile("xchg %0, (%1)" : "+r"(old) : "r"(slot) : "memory");
    check_eq("xchg gives the old entry", old & PTE_FRAME, rw & PTE_FRAME);
    mmu_one(machine(slot), rw);
    __asm__ volatile("lock btrq $1, (%1); setc %0"
                     : "=q"(carry)
                     : "r"(slot)
                     : "memory", "cc");
    check_eq("btr gives the old bit", carry, 1);
    old = 1;
    __asm__ volatile("lock cmpxchg %3, (%2); setz %1"
                     : "+a"(old), "=q"(zero)
                     : "r"(slot), "r"(0UL)
                     : "memory", "cc");
    check("cmpxchg that does not fit gives the old entry",
          !zero && (old & PTE_FRAME) == (rw & PTE_FRAME));
    mmu_one(machine(slot), rw);
}

static void stores_refused(void)
{
    uint64_t table = mfn_of((void *)start->pt_base) * PAGE | PTE_RW;
    uint64_t *l2 = entry_at((uint64_t)page, 2);

    check_eq("store of an entry that is not allowed",
             TRAP_OF(*(volatile uint64_t *)slot = table), 14);
    check_eq("store of an entry that is not allowed: error code",
             trap.error & ~4UL, 3);
    check_eq("left the entry as it was", *slot & PTE_FRAME, rw & PTE_FRAME);
    check_eq("store across two entries",
             TRAP_OF(*(volatile uint64_t *)((char *)slot + 4) = 0), 14);
    check_eq("store to an L2", TRAP_OF(*(volatile uint64_t *)l2 = 0), 14);
    check_eq("store to the root",
             TRAP_OF(*(volatile uint64_t *)start->pt_base = 0), 14);
    check_eq("store of 16 bytes",
             TRAP_OF(__asm__ volatile("movups %%xmm0, (%0)" ::"r"(
                 (uint64_t)slot & ~15UL))),
             14);
}

void test_main(void)
{
    page = page_new();
    other = page_new();
    slot = entry_at((uint64_t)page, 1);
    rw = mfn_of(page) * PAGE | PTE_RW;
    ro = rw & ~PTE_W;
    check_eq("assist: writable page tables",
             HC(vm_assist, VMASST_CMD_enable, VMASST_TYPE_writable_pagetables),
             0);
    maps();
    keep_bits();
    m2p_updates();
    building();
    pinning();
    roots();
    small_ops();
    trapped_stores();
    store_results();
    stores_refused();
}
