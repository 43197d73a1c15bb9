/* SPDX-License-Identifier: GPL-2.0 */
/*
 * percpu.h - what belongs to one CPU alone.
 *
 * Each CPU has an area of 64 KiB, aligned to its size, in our address space:
 *   page 0       the entry stub of SYSCALL (executable, not writable)
 *   pages 1-2    struct cpu
 *   page 3       nothing: guard
 *   pages 4-7    stacks for NMI, #MC, #DB, #DF (one page each, by IST)
 *   page 8       nothing: guard
 *   pages 9-15   the stack C runs on; its top is the end of the area
 * All our stacks lie in the area, so the stack pointer finds it, and GS stays
 * the guest's. Variables of other rooms marked PERCPU have one copy a CPU.
 */
#ifndef CPU_PERCPU_H
#define CPU_PERCPU_H

#include "lib/compiler.h"
#include "lib/types.h"

#define MAX_CPUS 256

#define CPU_AREA_SHIFT 16
#define CPU_AREA_SIZE  (1UL << CPU_AREA_SHIFT)
#define CPU_AREA_DATA  0x1000UL /* where struct cpu starts */
#define CPU_STACK_NMI  0x5000UL /* tops, from the area's start */
#define CPU_STACK_MC   0x6000UL
#define CPU_STACK_DB   0x7000UL
#define CPU_STACK_DF   0x8000UL
#define CPU_STACK_TOP  CPU_AREA_SIZE

struct vcpu;

struct tss {
    uint32_t reserved0;
    uint64_t rsp[3];
    uint64_t reserved1;
    uint64_t ist[7];
    uint64_t reserved2;
    uint16_t reserved3;
    uint16_t iomap_base;
} packed;

struct cpu {
    /* entry.S lives on the first fields; order is known through offsets.c. */
    uint64_t guest_rsp;     /* SYSCALL: the guest's stack pointer, briefly */
    uint64_t regs_end;      /* end of current's struct regs, = tss.rsp[0] */
    struct vcpu *curr;      /* whose turn it is here */
    uint64_t softirq_pending; /* bits, see core/softirq.h; atomic */

    unsigned int id;        /* 0.. in order of start */
    uint32_t apic_id;
    uint32_t acpi_id;
    bool online;
    struct vcpu *idle;      /* what runs when nothing else does */
    long percpu_offset;     /* from a PERCPU variable to this CPU's copy */
    uint64_t loaded_root;   /* physical address in CR3 */
    uint64_t cr4;           /* what the last guest needed; 0: none yet */
    unsigned int irq_depth; /* nested interrupt handlers */
    void *gdt_page;         /* this CPU's page of hypervisor descriptors */
    mfn_t gdt_page_mfn;
    struct tss tss aligned_to(16);
};

/* Valid for n that cpu_present(n). */
struct cpu *cpu_by_id(unsigned int n);

void percpu_init_boot(void);
int percpu_map_boot(void);
/* Make area and variables of a CPU that will be started. 0 or -ENOMEM. */
int percpu_create(unsigned int n, uint32_t apic_id, uint32_t acpi_id);
/* The first page of its area, through the direct map. */
void *cpu_area_stub(unsigned int n);

#ifdef HOST_TEST
struct cpu *this_cpu(void); /* tests/fake */
#else
static always_inline struct cpu *this_cpu(void)
{
    uint64_t sp;

    __asm__("mov %%rsp, %0" : "=r"(sp));
    return (struct cpu *)((sp & ~(CPU_AREA_SIZE - 1)) + CPU_AREA_DATA);
}
#endif

#define cpu_id()  (this_cpu()->id)
#define current   (this_cpu()->curr)

#define PERCPU __attribute__((section(".percpu")))
#define percpu_of(c, var)                                                      \
    (*(__typeof__(var) *)((char *)&(var) + (c)->percpu_offset))
#define percpu(var)        percpu_of(this_cpu(), var)
#define percpu_on(n, var)  percpu_of(cpu_by_id(n), var)

/* Sets of CPUs. */
typedef struct {
    uint64_t bits[MAX_CPUS / 64];
} cpumask_t;

extern cpumask_t cpus_online;
extern unsigned int nr_cpus; /* numbers in use; all are < nr_cpus */

static inline bool cpumask_has(const cpumask_t *m, unsigned int n)
{
    return READ_ONCE(m->bits[n / 64]) >> (n % 64) & 1;
}
static inline void cpumask_set(cpumask_t *m, unsigned int n) /* atomic */
{
    __atomic_fetch_or(&m->bits[n / 64], 1UL << (n % 64), __ATOMIC_SEQ_CST);
}
static inline void cpumask_clear(cpumask_t *m, unsigned int n) /* atomic */
{
    __atomic_fetch_and(&m->bits[n / 64], ~(1UL << (n % 64)), __ATOMIC_SEQ_CST);
}
static inline bool cpumask_empty(const cpumask_t *m)
{
    for (unsigned int i = 0; i < MAX_CPUS / 64; i++)
        if (m->bits[i])
            return false;
    return true;
}
/* The first member >= n, or MAX_CPUS. */
static inline unsigned int cpumask_next(const cpumask_t *m, unsigned int n)
{
    for (; n < MAX_CPUS; n = (n | 63) + 1) {
        uint64_t w = m->bits[n / 64] >> (n % 64);

        if (w)
            return n + (unsigned int)__builtin_ctzl(w);
    }
    return MAX_CPUS;
}
#define for_each_cpu(n, mask)                                                  \
    for (n = cpumask_next(mask, 0); n < MAX_CPUS;                              \
         n = cpumask_next(mask, n + 1))

#endif
