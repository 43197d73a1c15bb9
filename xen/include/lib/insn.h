/* SPDX-License-Identifier: GPL-2.0 */
/*
 * insn.h - single machine instructions, each as a function of its name.
 */
#ifndef LIB_INSN_H
#define LIB_INSN_H

#include "lib/types.h"

#define INSN static inline __attribute__((__always_inline__))

INSN void cpu_relax(void)
{
    __asm__ volatile("pause" ::: "memory");
}
#ifdef HOST_TEST /* a test's process is never interrupted */
INSN void irq_disable(void)
{
}
INSN void irq_enable(void)
{
}
#else
INSN void irq_disable(void)
{
    __asm__ volatile("cli" ::: "memory");
}
INSN void irq_enable(void)
{
    __asm__ volatile("sti" ::: "memory");
}
#endif
INSN uint64_t read_flags(void)
{
    uint64_t f;

    __asm__ volatile("pushfq; popq %0" : "=r"(f)::"memory");
    return f;
}
INSN bool irq_enabled(void)
{
    return read_flags() & 0x200;
}
INSN uint64_t irq_save(void)
{
    uint64_t f = read_flags();

    irq_disable();
    return f;
}
INSN void irq_restore(uint64_t flags)
{
    if (flags & 0x200)
        irq_enable();
}
/* Enable interrupts and sleep until one comes; none slips between. */
INSN void sti_hlt(void)
{
    __asm__ volatile("sti; hlt" ::: "memory");
}
INSN void cpu_halt(void)
{
    __asm__ volatile("hlt" ::: "memory");
}

INSN uint8_t inb(uint16_t port)
{
    uint8_t v;

    __asm__ volatile("inb %1, %0" : "=a"(v) : "Nd"(port));
    return v;
}
INSN uint16_t inw(uint16_t port)
{
    uint16_t v;

    __asm__ volatile("inw %1, %0" : "=a"(v) : "Nd"(port));
    return v;
}
INSN uint32_t inl(uint16_t port)
{
    uint32_t v;

    __asm__ volatile("inl %1, %0" : "=a"(v) : "Nd"(port));
    return v;
}
INSN void outb(uint8_t v, uint16_t port)
{
    __asm__ volatile("outb %0, %1" ::"a"(v), "Nd"(port));
}
INSN void outw(uint16_t v, uint16_t port)
{
    __asm__ volatile("outw %0, %1" ::"a"(v), "Nd"(port));
}
INSN void outl(uint32_t v, uint16_t port)
{
    __asm__ volatile("outl %0, %1" ::"a"(v), "Nd"(port));
}

#define INSN_CR(n)                                                             \
    INSN uint64_t read_cr##n(void)                                             \
    {                                                                          \
        uint64_t v;                                                            \
                                                                               \
        __asm__ volatile("mov %%cr" #n ", %0" : "=r"(v)::"memory");            \
        return v;                                                              \
    }                                                                          \
    INSN void write_cr##n(uint64_t v)                                          \
    {                                                                          \
        __asm__ volatile("mov %0, %%cr" #n ::"r"(v) : "memory");               \
    }
INSN_CR(0)
INSN_CR(2)
INSN_CR(3)
INSN_CR(4)
#undef INSN_CR

#define INSN_DR(n)                                                             \
    INSN uint64_t read_dr##n(void)                                             \
    {                                                                          \
        uint64_t v;                                                            \
                                                                               \
        __asm__ volatile("mov %%db" #n ", %0" : "=r"(v));                      \
        return v;                                                              \
    }                                                                          \
    INSN void write_dr##n(uint64_t v)                                          \
    {                                                                          \
        __asm__ volatile("mov %0, %%db" #n ::"r"(v));                          \
    }
INSN_DR(0)
INSN_DR(1)
INSN_DR(2)
INSN_DR(3)
INSN_DR(6)
INSN_DR(7)
#undef INSN_DR

INSN uint64_t rdmsr(uint32_t msr)
{
    uint32_t lo, hi;

    __asm__ volatile("rdmsr" : "=a"(lo), "=d"(hi) : "c"(msr));
    return (uint64_t)hi << 32 | lo;
}
INSN void wrmsr(uint32_t msr, uint64_t v)
{
    __asm__ volatile("wrmsr" ::"c"(msr), "a"((uint32_t)v),
                     "d"((uint32_t)(v >> 32))
                     : "memory");
}
INSN uint64_t rdtsc(void)
{
    uint32_t lo, hi;

    __asm__ volatile("rdtsc" : "=a"(lo), "=d"(hi));
    return (uint64_t)hi << 32 | lo;
}
/* rdtsc that no earlier load overtakes. */
INSN uint64_t rdtsc_ordered(void)
{
    __asm__ volatile("lfence" ::: "memory");
    return rdtsc();
}
INSN void cpuid(uint32_t leaf, uint32_t sub, uint32_t r[4])
{
    __asm__ volatile("cpuid"
                     : "=a"(r[0]), "=b"(r[1]), "=c"(r[2]), "=d"(r[3])
                     : "a"(leaf), "c"(sub));
}
/* a * b / c without losing bits between; the result must fit. */
INSN uint64_t mul_div(uint64_t a, uint64_t b, uint64_t c)
{
    uint64_t lo, hi;

    __asm__("mulq %3" : "=a"(lo), "=d"(hi) : "0"(a), "rm"(b) : "cc");
    __asm__("divq %4" : "=a"(lo), "=d"(hi) : "0"(lo), "1"(hi), "rm"(c) : "cc");
    return lo;
}
#ifdef HOST_TEST
void invlpg(uint64_t va); /* the test's */
#else
INSN void invlpg(uint64_t va)
{
    __asm__ volatile("invlpg (%0)" ::"r"(va) : "memory");
}
#endif
INSN void wbinvd(void)
{
    __asm__ volatile("wbinvd" ::: "memory");
}
INSN void clts(void)
{
    __asm__ volatile("clts");
}
INSN void xsetbv(uint32_t i, uint64_t v)
{
    __asm__ volatile("xsetbv" ::"c"(i), "a"((uint32_t)v),
                     "d"((uint32_t)(v >> 32)));
}
INSN uint64_t rdfsbase(void)
{
    uint64_t v;

    __asm__ volatile("rdfsbase %0" : "=r"(v));
    return v;
}
INSN uint64_t rdgsbase(void)
{
    uint64_t v;

    __asm__ volatile("rdgsbase %0" : "=r"(v));
    return v;
}
INSN void wrfsbase(uint64_t v)
{
    __asm__ volatile("wrfsbase %0" ::"r"(v));
}
INSN void wrgsbase(uint64_t v)
{
    __asm__ volatile("wrgsbase %0" ::"r"(v));
}
INSN void swapgs(void)
{
    __asm__ volatile("swapgs" ::: "memory");
}

#endif
