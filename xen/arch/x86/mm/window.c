/* SPDX-License-Identifier: GPL-2.0 */
/*
 * window.c - the memory of high frames, through a few pages of each CPU.
 * Keeps true: a CPU's windows are a stack, and it alone uses its addresses, so
 * no other has to forget one. A closed window goes on showing its frame until
 * another is wanted there: the same frame again costs no flush.
 * No lock: an interrupt, even an NMI, leaves the stack as it found it, and a
 * window's entry is looked at only after the window was taken.
 */
#include "mm/window.h"

#include "core/panic.h"
#include "cpu/percpu.h"
#include "lib/insn.h"
#include "lib/string.h"
#include "mm/directmap.h"

/* A walk down four levels holds four; nothing needs the double of that. */
#define WINDOWS_A_CPU 16

static PERCPU unsigned int nr_open;
static pte_t *entries[MAX_CPUS]; /* of each CPU's first window */

static uint64_t window_va(unsigned int cpu, unsigned int n)
{
    return WINDOW_START + ((uint64_t)cpu * WINDOWS_A_CPU + n) * PAGE_SIZE;
}

/* All that may ever start, for a few tables of 4 KiB. */
init_text void window_init(void)
{
    if (max_mfn <= directmap_frames)
        return;
    for (unsigned int cpu = 0; cpu < MAX_CPUS; cpu++) {
        entries[cpu] = small_page_entry(window_va(cpu, 0));
        if (!entries[cpu])
            panic("no memory for windows to high frames");
    }
}

void *window_open(mfn_t mfn)
{
    unsigned int cpu = cpu_id(), n = percpu(nr_open)++;
    pte_t e = pte_make(mfn, HYP_RW), *slot = &entries[cpu][n];
    uint64_t va = window_va(cpu, n);

    BUG_ON(n >= WINDOWS_A_CPU);
    barrier();
    if (*slot != e) {
        WRITE_ONCE(*slot, e);
        invlpg(va);
    }
    return (void *)va;
}

void window_close(const void *p)
{
    unsigned int n = percpu(nr_open) - 1;

    BUG_ON(ROUND_DOWN((uint64_t)p, PAGE_SIZE) != window_va(cpu_id(), n));
    barrier();
    percpu(nr_open) = n;
}

unsigned int windows_open(void)
{
    return percpu(nr_open);
}

uint64_t window_word(mfn_t mfn, unsigned int i)
{
    const uint64_t *words = window_open(mfn);
    uint64_t w = READ_ONCE(words[i]);

    window_close(words);
    return w;
}

void frame_clear(mfn_t mfn)
{
    void *p = frame_map(mfn);

    memset(p, 0, PAGE_SIZE);
    frame_unmap(p);
}

void frame_copy(mfn_t to, mfn_t from)
{
    const void *src = frame_map(from);
    void *dst = frame_map(to);

    memcpy(dst, src, PAGE_SIZE);
    frame_unmap(dst);
    frame_unmap(src);
}
