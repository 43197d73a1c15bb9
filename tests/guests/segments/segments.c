/* SPDX-License-Identifier: GPL-2.0 */
/*
 * segments - GDT, LDT, segment bases, debug registers, FPU.
 * Facts: a descriptor page is read-only while in use; descriptors cannot
 * reach ring 0, and system descriptors are refused.
 */
#include "guest.h"

#define DESC_DATA   0x00cff3000000ffffUL /* ring 3, writable, 4 GiB */
#define DESC_CODE64 0x00affb000000ffffUL
#define DESC_RING0  0x00cf93000000ffffUL
#define DESC_TSS    0x0000890000000067UL
#define DESC_LDT    0x0000820000000067UL

static uint64_t *gdt;

static long load_gdt(uint64_t frame, unsigned int entries)
{
    uint64_t frames[16];
    unsigned int i;

    for (i = 0; i < 16; i++)
        frames[i] = frame;
    return HC(set_gdt, frames, entries);
}

static int load_ds(uint16_t selector)
{
    return TRAP_OF(__asm__ volatile("mov %0, %%ds" ::"r"(selector)));
}

static int load_fs(uint16_t selector)
{
    return TRAP_OF(__asm__ volatile("mov %0, %%fs" ::"r"(selector)));
}

static void gdt_set_up(void)
{
    gdt = page_new();
    gdt[1] = DESC_CODE64;
    gdt[2] = DESC_DATA;
    gdt[3] = DESC_RING0;
    check("GDT page mapped for writing is refused",
          load_gdt(mfn_of(gdt), 512) < 0);
    check_eq("GDT page read-only", make_read_only(gdt), 0);
    check_eq("set_gdt", load_gdt(mfn_of(gdt), 512), 0);
    check_eq("a data selector of ours", load_ds(2 << 3 | 3), -1);
    check_eq("a ring 0 descriptor was made ring 3", load_ds(3 << 3 | 3), -1);
    note("ring 0 descriptor reads as %lx", gdt[3]);
    check_eq("a null descriptor", load_ds(5 << 3 | 3), 13);
    check_eq("a null descriptor: error code", trap.error, 5 << 3);
    load_ds(0);
    check("mapping the GDT page for writing is refused",
          make_writable(gdt) < 0);
    check_eq("the hypervisor's selectors stay",
             load_fs(FLAT_RING3_DS32), -1);
    load_fs(0);
}

static void gdt_refused(void)
{
    uint64_t *bad = page_new();

    check_eq("too many GDT entries", load_gdt(mfn_of(gdt), 7169), -E_INVAL);
    check("GDT frame that does not exist", load_gdt(0xffffffffffUL, 512) < 0);
    check_eq("GDT list at a bad pointer", HC(set_gdt, 0x1000, 512), -E_FAULT);
    bad[4] = DESC_TSS;
    make_read_only(bad);
    check("a TSS in the GDT is refused", load_gdt(mfn_of(bad), 512) < 0);
    check_eq("the old GDT is still there", load_ds(2 << 3 | 3), -1);
    load_ds(0);
}

static void descriptors(void)
{
    uint64_t *plain = page_new();
    uint64_t at = machine(&gdt[7]);

    check_eq("update_descriptor", HC(update_descriptor, at, DESC_DATA), 0);
    check_eq("it is in the table", gdt[7], DESC_DATA);
    check_eq("and loads", load_ds(7 << 3 | 3), -1);
    load_ds(0);
    check("a TSS by update_descriptor is refused",
          HC(update_descriptor, at, DESC_TSS) < 0);
    check("an LDT by update_descriptor is refused",
          HC(update_descriptor, at, DESC_LDT) < 0);
    check_eq("a descriptor at a crooked address",
             HC(update_descriptor, at + 4, DESC_DATA), -E_INVAL);
    check_eq("a descriptor in an ordinary page",
             HC(update_descriptor, machine(plain), DESC_DATA), 0);
    check_eq("is written there", plain[0], DESC_DATA);
    check("a descriptor in a page table is refused",
          HC(update_descriptor, machine(entry_at((uint64_t)plain, 1)),
             DESC_DATA) < 0);
    check("a descriptor in a frame that does not exist is refused",
          HC(update_descriptor, 0xffffffffff000UL, DESC_DATA) < 0);
}

static void ldt(void)
{
    uint64_t *table = page_new();

    table[1] = DESC_DATA;
    make_read_only(table);
    check_eq("set the LDT", ext_op(MMUEXT_SET_LDT, (uint64_t)table, 512), 0);
    check_eq("a selector of the LDT", load_ds(1 << 3 | 7), -1);
    load_ds(0);
    check("mapping the LDT page for writing is refused",
          make_writable(table) < 0);
    check("an LDT at a crooked address is refused",
          ext_op(MMUEXT_SET_LDT, (uint64_t)table + 8, 512) < 0);
    check("an LDT of too many entries is refused",
          ext_op(MMUEXT_SET_LDT, (uint64_t)table, 8193) < 0);
    check_eq("no LDT", ext_op(MMUEXT_SET_LDT, 0, 0), 0);
    check_eq("then its selectors are gone", load_ds(1 << 3 | 7), 13);
    check_eq("and the page may be written again", make_writable(table), 0);
}

static uint64_t read_fs(void)
{
    uint64_t v;

    __asm__ volatile("mov %%fs:0, %0" : "=r"(v));
    return v;
}

static uint64_t read_gs(void)
{
    uint64_t v;

    __asm__ volatile("mov %%gs:0, %0" : "=r"(v));
    return v;
}

static void wrmsr(uint32_t msr, uint64_t v)
{
    __asm__ volatile("wrmsr" ::"c"(msr), "a"((uint32_t)v),
                     "d"((uint32_t)(v >> 32)));
}

static uint64_t rdmsr(uint32_t msr)
{
    uint32_t lo, hi;

    __asm__ volatile("rdmsr" : "=a"(lo), "=d"(hi) : "c"(msr));
    return (uint64_t)hi << 32 | lo;
}

static void bases(void)
{
    static uint64_t one = 111, two = 222;

    check_eq("FS base", HC(set_segment_base, SEGBASE_FS, &one), 0);
    check_eq("FS base works", read_fs(), 111);
    check_eq("GS base of the kernel",
             HC(set_segment_base, SEGBASE_GS_KERNEL, &two), 0);
    check_eq("GS base of the kernel works", read_gs(), 222);
    check_eq("GS base of user code",
             HC(set_segment_base, SEGBASE_GS_USER, &one), 0);
    check_eq("does not touch the kernel's", read_gs(), 222);
    check_eq("GS selector of user code",
             HC(set_segment_base, SEGBASE_GS_USER_SEL, 0), 0);
    check_eq("GS base of the kernel still works", read_gs(), 222);
    check_eq("non-canonical FS base",
             HC(set_segment_base, SEGBASE_FS, 0x8000000000000000UL),
             -E_INVAL);
    check_eq("base of no segment", HC(set_segment_base, 9, 0), -E_INVAL);
    wrmsr(0xc0000100, (uint64_t)&two);
    check_eq("FS base by MSR", read_fs(), 222);
    check_eq("FS base reads back", rdmsr(0xc0000100), &two);
    wrmsr(0xc0000101, (uint64_t)&one);
    check_eq("GS base by MSR", read_gs(), 111);
    check_eq("non-canonical base by MSR",
             TRAP_OF(wrmsr(0xc0000100, 0x8000000000000000UL)), 13);
    HC(set_segment_base, SEGBASE_FS, 0);
    HC(set_segment_base, SEGBASE_GS_KERNEL, 0);
}

/* The console's port, which the hypervisor itself writes to for us. */
static void port_breakpoint(void)
{
    uint64_t cr4;

    __asm__ volatile("mov %%cr4, %0" : "=r"(cr4));
    __asm__ volatile("mov %0, %%cr4" ::"r"(cr4 | 8));
    check_eq("DR0: a port", HC(set_debugreg, 0, 0x3f8), 0);
    check_eq("DR7: watch it", HC(set_debugreg, 7, 0x20002), 0);
    note("the hypervisor writes to the watched port");
    check_eq("a port's breakpoint never stops the hypervisor",
             HC(get_debugreg, 6) & 15, 0);
    HC(set_debugreg, 7, 0);
    HC(set_debugreg, 6, 0);
    __asm__ volatile("mov %0, %%cr4" ::"r"(cr4));
}

static volatile uint64_t watched;
static void debug_registers(void)
{
    check_eq("set DR0", HC(set_debugreg, 0, &watched), 0);
    check_eq("read DR0", HC(get_debugreg, 0), &watched);
    check("DR0 in the hypervisor is refused",
          HC(set_debugreg, 0, 0xffff82d040200000UL) < 0);
    check("DR0 non-canonical is refused",
          HC(set_debugreg, 0, 0x8000000000000000UL) < 0);
    check_eq("DR0 is as before", HC(get_debugreg, 0), &watched);
    check("DR7 for I/O without DE is refused",
          HC(set_debugreg, 7, 0x20002) < 0);
    check_eq("DR7: watch writes to 8 bytes", HC(set_debugreg, 7, 0x90002), 0);
    check_eq("the watchpoint is hit", TRAP_OF(watched = 1; barrier()), 1);
    check_eq("DR6 says which", HC(get_debugreg, 6) & 15, 1);
    HC(set_debugreg, 6, 0);
    check_eq("DR7 off", HC(set_debugreg, 7, 0), 0);
    check_eq("then nothing happens", TRAP_OF(watched = 2; barrier()), -1);
    port_breakpoint();
    check("a debug register that there is not", HC(set_debugreg, 9, 0) < 0);
    check("reading one that there is not", HC(get_debugreg, 9) < 0);
    check_eq("mov to DR0", TRAP_OF(__asm__ volatile("mov %0, %%dr0" ::"r"(
                               (uint64_t)0x1000))), -1);
    check_eq("is the same register", HC(get_debugreg, 0), 0x1000);
    HC(set_debugreg, 0, 0);
}

static void fpu(void)
{
    uint64_t in = 0x1122334455667788UL, out = 0;

    check_eq("TS set", HC(fpu_taskswitch, 1), 0);
    check_eq("first use traps",
             TRAP_OF(__asm__ volatile("movq %0, %%xmm3" ::"r"(in))), 7);
    check_eq("second use does not",
             TRAP_OF(__asm__ volatile("movq %0, %%xmm3" ::"r"(in))), -1);
    HC(sched_op, SCHEDOP_yield, 0);
    HC(xen_version, XENVER_version, 0);
    __asm__ volatile("movq %%xmm3, %0" : "=r"(out));
    check_eq("registers survive the hypervisor", out, in);
    HC(fpu_taskswitch, 1);
    check_eq("TS cleared", HC(fpu_taskswitch, 0), 0);
    check_eq("no trap then",
             TRAP_OF(__asm__ volatile("movq %%xmm3, %0" : "=r"(out))), -1);
}

static bool has_avx(void)
{
    uint32_t a = 1, b, c = 0, d;

    __asm__ volatile(XEN_CPUID : "+a"(a), "=b"(b), "+c"(c), "=d"(d));
    return c >> 28 & 1;
}

static void use_ymm(void)
{
    __asm__ volatile("vpxor %ymm3, %ymm3, %ymm3");
}

static void vectors(void)
{
    static const uint64_t in[4] = {1, 2, 3, 4};
    static uint64_t out[4];
    uint64_t cr4;

    if (!has_avx()) {
        skip("AVX", "not offered");
        return;
    }
    __asm__ volatile("mov %%cr4, %0; or %1, %0; mov %0, %%cr4"
                     : "=&r"(cr4)
                     : "r"(1UL << 18)); /* OSXSAVE */
    __asm__ volatile("xsetbv" ::"a"(7), "d"(0), "c"(0));
    HC(fpu_taskswitch, 1);
    check_eq("first use of AVX traps", TRAP_OF(use_ymm()), 7);
    check_eq("second use of AVX does not", TRAP_OF(use_ymm()), -1);
    __asm__ volatile("vmovups %0, %%ymm3" ::"m"(in));
    HC(sched_op, SCHEDOP_yield, 0);
    HC(xen_version, XENVER_version, 0);
    __asm__ volatile("vmovups %%ymm3, %0" : "=m"(out));
    check("wide registers survive the hypervisor",
          !memcmp(in, out, sizeof(in)));
}

static void gdt_away(void)
{
    check_eq("no GDT", HC(set_gdt, 0, 0), 0);
    check_eq("then its selectors are gone", load_ds(2 << 3 | 3), 13);
    check_eq("and the page may be written again", make_writable(gdt), 0);
}

void test_main(void)
{
    gdt_set_up();
    gdt_refused();
    descriptors();
    ldt();
    bases();
    debug_registers();
    fpu();
    vectors();
    gdt_away();
}
