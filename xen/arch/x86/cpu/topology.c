/* SPDX-License-Identifier: GPL-2.0 */
/*
 * topology.c - which model this CPU is, and how APIC ids are made up.
 * Source: Intel SDM vol. 2, CPUID; vol. 3, 8.9; AMD APM vol. 3, appendix E.
 */
#include "cpu/features.h"
#include "cpu/topology.h"
#include "lib/insn.h"

uint32_t cpu_family(void)
{
    uint32_t eax = cpu_features.leaf1_eax, family = eax >> 8 & 15;

    return family == 15 ? family + (eax >> 20 & 0xff) : family;
}

uint32_t cpu_model(void)
{
    uint32_t eax = cpu_features.leaf1_eax, model = eax >> 4 & 15;

    return cpu_family() >= 6 ? model | (eax >> 12 & 0xf0) : model;
}

static unsigned int bits_for(unsigned int n)
{
    unsigned int bits = 0;

    while (1u << bits < n)
        bits++;
    return bits;
}

static void topology_old(struct topology *t)
{
    uint32_t r[4];
    unsigned int logical = 1;

    cpuid(1, 0, r);
    if (r[3] >> 28 & 1)
        logical = MAX(r[1] >> 16 & 0xff, 1u);
    t->threads = 1;
    t->cores = logical;
    if (cpu_features.amd && cpu_features.max_ext_leaf >= 0x80000008) {
        cpuid(0x80000008, 0, r);
        t->cores = (r[2] & 0xff) + 1;
    } else if (cpu_features.max_leaf >= 4) {
        cpuid(4, 0, r);
        t->cores = MIN((r[0] >> 26) + 1, logical);
    }
    t->threads = MAX(logical / t->cores, 1u);
    t->core_shift = bits_for(t->threads);
    t->package_shift = bits_for(logical);
}

void topology_read(struct topology *t)
{
    uint32_t thread[4] = {0}, core[4] = {0};

    if (cpu_features.max_leaf >= 0xb) {
        cpuid(0xb, 0, thread);
        cpuid(0xb, 1, core);
    }
    if ((core[2] >> 8 & 0xff) != 2 || !(thread[1] & 0xffff)) {
        topology_old(t);
        return;
    }
    t->core_shift = thread[0] & 0x1f;
    t->package_shift = core[0] & 0x1f;
    t->threads = thread[1] & 0xffff;
    t->cores = MAX((core[1] & 0xffff) / t->threads, 1u);
}
