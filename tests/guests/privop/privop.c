/* SPDX-License-Identifier: GPL-2.0 */
/*
 * privop - instructions of ring 0 that a guest kernel may still use: the
 * hypervisor does them, or refuses them, in the guest's name.
 */
#include "guest.h"

static uint64_t rdmsr(uint32_t msr)
{
    uint32_t lo = 0, hi = 0;

    __asm__ volatile("rdmsr" : "=a"(lo), "=d"(hi) : "c"(msr));
    return (uint64_t)hi << 32 | lo;
}

static void wrmsr(uint32_t msr, uint64_t v)
{
    __asm__ volatile("wrmsr" ::"c"(msr), "a"((uint32_t)v),
                     "d"((uint32_t)(v >> 32)));
}

static void cpuid(uint32_t leaf, uint32_t sub, uint32_t *r)
{
    __asm__ volatile("cpuid"
                     : "=a"(r[0]), "=b"(r[1]), "=c"(r[2]), "=d"(r[3])
                     : "a"(leaf), "c"(sub));
}

static void xen_cpuid(uint32_t leaf, uint32_t sub, uint32_t *r)
{
    __asm__ volatile(XEN_CPUID
                     : "=a"(r[0]), "=b"(r[1]), "=c"(r[2]), "=d"(r[3])
                     : "a"(leaf), "c"(sub));
}

static void cpuids(void)
{
    uint32_t r[4];

    check_eq("CPUID", TRAP_OF(cpuid(0, 0, r)), -1);
    check_eq("CPUID with our prefix", TRAP_OF(xen_cpuid(0x40000000, 0, r)),
             -1);
    check("our signature", r[1] == 0x566e6558 && r[2] == 0x65584d4d &&
                               r[3] == 0x4d4d566e);
    check("our leaves", r[0] >= 0x40000002);
    xen_cpuid(0x40000001, 0, r);
    check_eq("our version", r[0], HC(xen_version, XENVER_version, 0));
    xen_cpuid(1, 0, r);
    check("leaf 1: says there is a hypervisor", r[2] >> 31);
    check("leaf 1: no VMX", !(r[2] >> 5 & 1));
    xen_cpuid(7, 0, r);
    check("leaf 7: no SMEP, no SMAP",
          !(r[1] >> 7 & 1) && !(r[1] >> 20 & 1));
    xen_cpuid(0x80000001, 0, r);
    check("extended: long mode, NX, SYSCALL",
          r[3] >> 29 & 1 && r[3] >> 20 & 1 && r[3] >> 11 & 1);
    check("extended: no SVM", !(r[2] >> 2 & 1));
}

static void msrs(void)
{
    check_eq("EFER", TRAP_OF(rdmsr(0xc0000080)), -1);
    check("EFER: long mode", rdmsr(0xc0000080) >> 10 & 1);
    check("EFER: no SVM", !(rdmsr(0xc0000080) >> 12 & 1));
    check_eq("PAT", rdmsr(0x277), 0x0000050100070406UL);
    check_eq("PAT cannot be another", TRAP_OF(wrmsr(0x277, 0x0606060606060606)),
             13);
    check_eq("APIC base can be read", TRAP_OF(rdmsr(0x1b)), -1);
    check_eq("microcode revision can be read", TRAP_OF(rdmsr(0x8b)), -1);
    check_eq("an MSR that there is not", TRAP_OF(rdmsr(0x12345)), 13);
    check_eq("writing it", TRAP_OF(wrmsr(0x12345, 1)), 13);
    check("the hypervisor's SYSCALL entry is hidden",
          TRAP_OF(rdmsr(0xc0000082)) == 13 || rdmsr(0xc0000082) == 0);
    check_eq("nor can it be written",
             TRAP_OF(wrmsr(0xc0000082, (uint64_t)test_main)), 13);
    check_eq("the hypervisor still answers",
             HC(xen_version, XENVER_pagesize, 0), 4096);
}

static uint64_t read_cr(int n)
{
    uint64_t v = 0;

    switch (n) {
    case 0:
        __asm__ volatile("mov %%cr0, %0" : "=r"(v));
        break;
    case 2:
        __asm__ volatile("mov %%cr2, %0" : "=r"(v));
        break;
    case 3:
        __asm__ volatile("mov %%cr3, %0" : "=r"(v));
        break;
    case 4:
        __asm__ volatile("mov %%cr4, %0" : "=r"(v));
        break;
    }
    return v;
}

static void control_registers(void)
{
    uint64_t cr0 = 0;

    check_eq("read CR0", TRAP_OF(cr0 = read_cr(0)), -1);
    check_eq("CR0: paging and protection", cr0 & 0x80000001, 0x80000001);
    check_eq("write CR0 back",
             TRAP_OF(__asm__ volatile("mov %0, %%cr0" ::"r"(cr0))), -1);
    check_eq("set TS",
             TRAP_OF(__asm__ volatile("mov %0, %%cr0" ::"r"(cr0 | 8))), -1);
    check_eq("TS reads back", read_cr(0) & 8, 8);
    check_eq("TS works",
             TRAP_OF(__asm__ volatile("movq %%xmm0, %%xmm1" ::)), 7);
    __asm__ volatile("mov %0, %%cr0" ::"r"(cr0 | 8));
    check_eq("clts", TRAP_OF(__asm__ volatile("clts")), -1);
    check_eq("TS is clear", read_cr(0) & 8, 0);
    check_eq("paging off",
             TRAP_OF(__asm__ volatile("mov %0, %%cr0" ::"r"(
                 cr0 & ~0x80000000UL))),
             13);
}

static void more_registers(void)
{
    uint64_t cr4 = 0, was;

    TRAP_OF(*(volatile char *)0x123450UL);
    check_eq("CR2 is the last fault", read_cr(2), 0x123450);
    check_eq("CR3 is our root", read_cr(3) / PAGE,
             mfn_of((void *)start->pt_base));
    check_eq("read CR4", TRAP_OF(cr4 = read_cr(4)), -1);
    check("CR4: PAE", cr4 >> 5 & 1);
    check_eq("write CR4 back",
             TRAP_OF(__asm__ volatile("mov %0, %%cr4" ::"r"(cr4))), -1);
    TRAP_OF(__asm__ volatile("mov %0, %%cr4" ::"r"(cr4 & ~0x20UL)));
    was = read_cr(4);
    check("CR4: PAE stays", was >> 5 & 1);
    TRAP_OF(__asm__ volatile("mov %0, %%cr4" ::"r"(cr4 | 1UL << 13)));
    check("CR4: VMX stays off", !(read_cr(4) >> 13 & 1));
    __asm__ volatile("mov %0, %%cr4" ::"r"(cr4));
    check_eq("CR8 is not ours",
             TRAP_OF(__asm__ volatile("mov %%cr8, %0" : "=r"(was))), 13);
}

static uint8_t inb(uint16_t port)
{
    uint8_t v = 0;

    __asm__ volatile("inb %1, %0" : "=a"(v) : "Nd"(port));
    return v;
}

static void outb(uint16_t port, uint8_t v)
{
    __asm__ volatile("outb %0, %1" ::"a"(v), "Nd"(port));
}

static void outl(uint16_t port, uint32_t v)
{
    __asm__ volatile("outl %0, %1" ::"a"(v), "Nd"(port));
}

static uint32_t inl(uint16_t port)
{
    uint32_t v;

    __asm__ volatile("inl %1, %0" : "=a"(v) : "Nd"(port));
    return v;
}

static void ports(void)
{
    struct physdev_set_iopl op = {.iopl = 1};
    uint32_t vendor = 0, seconds;

    check_eq("a port before the right is taken", TRAP_OF(inb(0x80)), 13);
    check_eq("cli before the right is taken", TRAP_OF(__asm__ volatile("cli")),
             13);
    check_eq("take the right", HC(physdev_op, PHYSDEVOP_set_iopl, &op), 0);
    check_eq("a port", TRAP_OF(outb(0x80, 1)), -1);
    check_eq("cli", TRAP_OF(__asm__ volatile("cli")), -1);
    check_eq("sti", TRAP_OF(__asm__ volatile("sti")), -1);
    outb(0x70, 0);
    seconds = inb(0x71);
    check("the clock chip", (seconds & 0x0f) < 10 && seconds < 0x60);
    outl(0xcf8, 0x80000000);
    vendor = inl(0xcfc);
    check_eq("PCI configuration: the host bridge", vendor & 0xffff, 0x8086);
    check_eq("its address reads back", inl(0xcf8), 0x80000000);
    outb(0x43, 0xb0);
    outb(0x42, 0xff);
    outb(0x42, 0xff);
    check_eq("the speaker's timer", TRAP_OF(inb(0x42)), -1);
    check_eq("the interrupt controller is the hypervisor's",
             TRAP_OF(outb(0x21, 0xff)), -1);
    {
        static char text[4];
        void *to = text;
        uint64_t n = 2;

        check_eq("ins", TRAP_OF(__asm__ volatile("rep insb"
                                                 : "+D"(to), "+c"(n)
                                                 : "d"(0x80)
                                                 : "memory")),
                 -1);
        check_eq("ins: as many as asked", n, 0);
    }
    op.iopl = 4;
    check_eq("a right that is too high",
             HC(physdev_op, PHYSDEVOP_set_iopl, &op), -E_INVAL);
    op.iopl = 0;
    check_eq("give the right back", HC(physdev_op, PHYSDEVOP_set_iopl, &op),
             0);
    check_eq("then a port traps again", TRAP_OF(inb(0x80)), 13);
}

static void others(void)
{
    uint32_t lo, hi, aux, r[4];

    check_eq("rdtsc",
             TRAP_OF(__asm__ volatile("rdtsc" : "=a"(lo), "=d"(hi))), -1);
    cpuid(0x80000001, 0, r);
    if (!(r[3] >> 27 & 1))
        skip("rdtscp", "the processor has none");
    else
        check_eq("rdtscp", TRAP_OF(__asm__ volatile("rdtscp" : "=a"(lo), "=d"(hi),
                                                "=c"(aux))),
             -1);
    check_eq("wbinvd", TRAP_OF(__asm__ volatile("wbinvd")), -1);
    check_eq("invlpg is not done", TRAP_OF(__asm__ volatile("invlpg (%0)" ::"r"(
                                       start))),
             13);
    check_eq("lidt", TRAP_OF(__asm__ volatile("lidt (%0)" ::"r"(start))), 13);
    check_eq("ltr",
             TRAP_OF(__asm__ volatile("ltr %0" ::"r"((uint16_t)0xe043))), 13);
    check_eq("lldt", TRAP_OF(__asm__ volatile("lldt %0" ::"r"((uint16_t)8))),
             13);
    check_eq("swapgs", TRAP_OF(__asm__ volatile("swapgs")), 13);
    check_eq("sysret", TRAP_OF(__asm__ volatile("sysretq")), 13);
}

/* What XSAVEC takes for the parts switched on: some begin at 64 bytes. */
static void compact_xsave(uint32_t parts)
{
    uint32_t r[4], size = 512 + 64, wanted;

    xen_cpuid(0xd, 1, r);
    wanted = r[1];
    if (!(r[0] >> 1 & 1)) {
        check_eq("no size of a compact form that there is not", wanted, 0);
        return;
    }
    for (uint32_t i = 2; i < 32; i++) {
        if (!(parts >> i & 1))
            continue;
        xen_cpuid(0xd, i, r);
        size = (r[2] & 2 ? (size + 63) & ~63u : size) + r[0];
    }
    check_eq("the compact form's size is that of its parts", wanted, size);
}

static void xsave(void)
{
    uint32_t r[4], lo = 0, hi = 0;

    xen_cpuid(1, 0, r);
    if (!(r[2] >> 26 & 1)) {
        skip("XSAVE", "not offered");
        return;
    }
    TRAP_OF(__asm__ volatile("mov %0, %%cr4" ::"r"(read_cr(4) | 1UL << 18)));
    check_eq("xgetbv",
             TRAP_OF(__asm__ volatile("xgetbv" : "=a"(lo), "=d"(hi) : "c"(0))),
             -1);
    compact_xsave(lo);
    xen_cpuid(0xd, 0, r);
    check_eq("xsetbv of all that is offered",
             TRAP_OF(__asm__ volatile("xsetbv" ::"a"(r[0]), "d"(r[3]),
                                      "c"(0))),
             -1);
    compact_xsave(r[0]);
    check_eq("xsetbv of the same",
             TRAP_OF(__asm__ volatile("xsetbv" ::"a"(lo), "d"(hi), "c"(0))),
             -1);
    check_eq("xsetbv without x87",
             TRAP_OF(__asm__ volatile("xsetbv" ::"a"(2), "d"(0), "c"(0))), 13);
    check_eq("xsetbv of what there is not",
             TRAP_OF(__asm__ volatile("xsetbv" ::"a"(lo), "d"(0x40000000),
                                      "c"(0))),
             13);
}

void test_main(void)
{
    cpuids();
    msrs();
    control_registers();
    more_registers();
    ports();
    others();
    xsave();
}
