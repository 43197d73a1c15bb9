/* SPDX-License-Identifier: GPL-2.0 */
/*
 * tlb.h - which CPUs may remember what, and making them forget.
 *
 * A clock ticks with every flush. A frame is stamped when a mapping of it may
 * linger; a CPU that flushed after the stamp cannot remember it.
 */
#ifndef MM_TLB_H
#define MM_TLB_H

#include "cpu/percpu.h"
#include "lib/insn.h"
#include "mm/page.h"

uint32_t tlb_clock(void);
/* Drop from *cpus those that flushed since the stamp. */
void tlb_filter(cpumask_t *cpus, uint32_t stamp);

void tlb_flush_here(void);              /* all but global entries of ours */
void tlb_flush_page_here(uint64_t va);
/* On all of these CPUs, this one included if in the set; waits. */
void tlb_flush(const cpumask_t *cpus);
void tlb_flush_page(const cpumask_t *cpus, uint64_t va);
void tlb_flush_interrupt(void);
/* Load a root; counts as a flush. No-op flush-wise if nothing changes. */
void root_load(paddr_t root);
/* The same between the two roots of one vcpu, at each change of its mode: it
 * does not tick the clock, which all CPUs share. Loses nothing but the chance
 * to skip a later flush. */
static inline void root_toggle(paddr_t root)
{
    this_cpu()->loaded_root = root;
    write_cr3(root);
}
void tlb_init_cpu(void);

#endif
