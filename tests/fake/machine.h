/* SPDX-License-Identifier: GPL-2.0 */
/*
 * machine.h - a machine in the test's memory: frames, a frame table, CPUs.
 * Included once, by a test of pv/ or domain/ code. Keeps true: a flush is
 * noted with a clock as mm/tlb.c does, so that a test can tell what a CPU may
 * remember.
 */
#ifndef FAKE_MACHINE_H
#define FAKE_MACHINE_H

#include <pthread.h>
#include <sched.h>
#include <sys/mman.h>

#include "core/arch.h"
#include "core/panic.h"
#include "core/printk.h"
#include "core/smpcall.h"
#include "core/softirq.h"
#include "core/spinlock.h"
#include "cpu/features.h"
#include "domain/domain.h"
#include "domain/pages.h"
#include "lib/errno.h"
#include "mm/directmap.h"
#include "mm/guestcopy.h"
#include "mm/heap.h"
#include "mm/tlb.h"
#include "mm/window.h"
#include "pv/pagetype.h"
#include "pv/pgtable.h"
#include "pv/pv.h"
#include "service/call.h"

#define FAKE_FRAMES 96
#define FAKE_LOW    48 /* the others are in no direct map */
#define FAKE_CPUS   4

uint64_t FRAMETABLE_START, DIRECTMAP_START;
mfn_t max_mfn = FAKE_FRAMES, directmap_frames = FAKE_LOW;
uint64_t ram_chunks[1] = {1};
cpumask_t cpus_online = {{(1u << FAKE_CPUS) - 1}};
unsigned int nr_cpus = FAKE_CPUS;
struct cpu_features cpu_features = {.phys_bits = 40, .nx = true};

static struct page fake_frame_table[FAKE_FRAMES + 1];
/* High frames, then low ones, then nothing: who looks for a high frame in the
 * direct map meets a fault. */
static uint64_t (*fake_space)[512];
static __thread const uint64_t *fake_window[8]; /* open ones, in order */
static __thread unsigned int fake_windows;
static struct cpu fake_cpus[FAKE_CPUS];
static __thread struct cpu *fake_cpu = &fake_cpus[0];
static uint32_t fake_clock = 1;
static uint32_t fake_flushed[FAKE_CPUS] = {1, 1, 1, 1};
static void (*fake_on_flush)(unsigned int cpu);

static uint64_t *fake_memory(mfn_t mfn)
{
    return fake_space[mfn < FAKE_LOW ? FAKE_FRAMES - FAKE_LOW + mfn
                                     : mfn - FAKE_LOW];
}

struct cpu *this_cpu(void);
/* Each look may find that something else is due. */
static void (*fake_on_look)(struct cpu *c);

struct cpu *this_cpu(void)
{
    if (fake_on_look)
        fake_on_look(fake_cpu);
    return fake_cpu;
}

void panic_at(const char *file, int line, const char *what)
{
    fprintf(stderr, "BUG %s:%d: %s\n", file, line, what);
    abort();
}

void printk(const char *fmt, ...)
{
    (void)fmt;
}

void spin_lock_init(spinlock_t *l, enum lock_rank rank)
{
    *l = (spinlock_t){0, 0, (uint16_t)rank, 0};
}

void spin_lock(spinlock_t *l)
{
    uint16_t me = __atomic_fetch_add(&l->next, 1, __ATOMIC_SEQ_CST);

    while (__atomic_load_n(&l->owner, __ATOMIC_ACQUIRE) != me)
        sched_yield();
}

void spin_unlock(spinlock_t *l)
{
    __atomic_fetch_add(&l->owner, 1, __ATOMIC_SEQ_CST);
}

uint32_t tlb_clock(void)
{
    return __atomic_load_n(&fake_clock, __ATOMIC_SEQ_CST);
}

void tlb_filter(cpumask_t *cpus, uint32_t stamp)
{
    for (unsigned int n = 0; n < FAKE_CPUS; n++)
        if ((int32_t)(__atomic_load_n(&fake_flushed[n], __ATOMIC_SEQ_CST) -
                      stamp) > 0)
            cpumask_clear(cpus, n);
}

static void fake_flush(unsigned int n)
{
    uint32_t t = __atomic_add_fetch(&fake_clock, 1, __ATOMIC_SEQ_CST);

    if (fake_on_flush)
        fake_on_flush(n);
    __atomic_store_n(&fake_flushed[n], t, __ATOMIC_SEQ_CST);
}

void arch_wait(void)
{
}

void tlb_flush(const cpumask_t *cpus)
{
    for (unsigned int n = 0; n < FAKE_CPUS; n++)
        if (cpumask_has(cpus, n))
            fake_flush(n);
}

void tlb_flush_page(const cpumask_t *cpus, uint64_t va)
{
    (void)cpus;
    (void)va;
}

void tlb_flush_here(void)
{
    fake_flush(fake_cpu->id);
}

void tlb_flush_page_here(uint64_t va)
{
    (void)va;
}

void root_load(paddr_t root)
{
    fake_cpu->loaded_root = root;
    fake_flush(fake_cpu->id);
}

void smp_call(const cpumask_t *cpus, void (*fn)(void *), void *data)
{
    (void)cpus;
    (void)fn;
    (void)data;
}

void *window_open(mfn_t mfn)
{
    BUG_ON(fake_windows == ARRAY_SIZE(fake_window));
    fake_window[fake_windows] = fake_memory(mfn);
    return (void *)fake_window[fake_windows++];
}

void window_close(const void *p)
{
    BUG_ON(!fake_windows || (const void *)ROUND_DOWN((uint64_t)p, PAGE_SIZE) !=
                                fake_window[--fake_windows]);
}

uint64_t window_word(mfn_t mfn, unsigned int i)
{
    return fake_memory(mfn)[i];
}

void frame_clear(mfn_t mfn)
{
    memset(fake_memory(mfn), 0, PAGE_SIZE);
}

void frame_copy(mfn_t to, mfn_t from)
{
    memcpy(fake_memory(to), fake_memory(from), PAGE_SIZE);
}

/* The heap: any frame without an owner. */
static spinlock_t fake_heap_lock;

struct page *heap_alloc(unsigned int order, unsigned int address_bits,
                        unsigned int flags)
{
    struct page *found = NULL;

    (void)order;
    (void)address_bits;
    spin_lock(&fake_heap_lock);
    for (unsigned int i = 1; i < FAKE_FRAMES && !found; i++)
        if (fake_frame_table[i].flags & PGF_FREE)
            found = &fake_frame_table[i];
    if (found)
        found->flags &= (uint8_t)~PGF_FREE;
    spin_unlock(&fake_heap_lock);
    if (found) {
        cpumask_t all = cpus_online;

        tlb_filter(&all, found->tlb_stamp);
        tlb_flush(&all);
        if (flags & HEAP_ZERO)
            frame_clear(page_to_mfn(found));
    }
    return found;
}

void heap_free(struct page *pg, unsigned int order)
{
    (void)order;
    BUG_ON(pg->count || pg->type || pg->owner != DOMID_NONE);
    spin_lock(&fake_heap_lock);
    pg->flags |= PGF_FREE;
    spin_unlock(&fake_heap_lock);
}

void heap_free_run(struct page *pg, size_t n)
{
    for (size_t i = 0; i < n; i++) {
        BUG_ON(pg[i].flags & PGF_FREE);
        pg[i].type = 0;
        pg[i].owner = DOMID_NONE;
        heap_free(&pg[i], 0);
    }
}

uint64_t heap_free_pages(void)
{
    uint64_t n = 0;

    for (unsigned int i = 1; i < FAKE_FRAMES; i++)
        n += !!(fake_frame_table[i].flags & PGF_FREE);
    return n;
}

void domain_ref(struct domain *d)
{
    atomic_inc(&d->refs);
}

void domain_put(struct domain *d)
{
    BUG_ON(atomic_add(&d->refs, -1) < 0);
}

/* A guest's address is an address of the test's. */
int copy_from_guest(void *dst, guest_va_t src, size_t n)
{
    memcpy(dst, (const void *)src.va, n);
    return 0;
}

int copy_to_guest(guest_va_t dst, const void *src, size_t n)
{
    memcpy((void *)dst.va, src, n);
    return 0;
}

void root_fill_hyp(pte_t *l4, mfn_t perdomain_l3)
{
    for (unsigned int i = HYP_FIRST_SLOT; i <= HYP_LAST_SLOT; i++)
        l4[i] = pte_make(perdomain_l3, HYP_RW);
}

int ldt_set(struct vcpu *v, uint64_t base, unsigned int entries)
{
    (void)v;
    (void)base;
    (void)entries;
    return 0;
}

static void fake_machine_init(void)
{
    FRAMETABLE_START = (uint64_t)fake_frame_table;
    if (!fake_space) {
        size_t size = FAKE_FRAMES * PAGE_SIZE;

        fake_space = mmap(NULL, 2 * size, PROT_NONE,
                          MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE, -1, 0);
        BUG_ON(mprotect(fake_space, size, PROT_READ | PROT_WRITE));
    }
    DIRECTMAP_START = (uint64_t)fake_space[FAKE_FRAMES - FAKE_LOW];
    for (unsigned int i = 0; i < FAKE_FRAMES; i++) {
        fake_frame_table[i].owner = DOMID_NONE;
        fake_frame_table[i].flags = i ? PGF_FREE : 0;
    }
    for (unsigned int i = 0; i < FAKE_CPUS; i++)
        fake_cpus[i].id = i;
}

#endif
