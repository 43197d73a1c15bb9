/* SPDX-License-Identifier: GPL-2.0 */
/*
 * topology.h - which model this CPU is; which package, core and thread an
 * APIC id means.
 */
#ifndef CPU_TOPOLOGY_H
#define CPU_TOPOLOGY_H

#include "lib/types.h"

uint32_t cpu_family(void);
uint32_t cpu_model(void);

/* Where in an APIC id the core's number starts, and the package's. */
struct topology {
    unsigned int core_shift, package_shift;
    unsigned int threads, cores; /* in a core; in a package */
};

void topology_read(struct topology *t);

static inline uint32_t topology_package(const struct topology *t, uint32_t id)
{
    return id >> t->package_shift;
}
static inline uint32_t topology_core(const struct topology *t, uint32_t id)
{
    return (id & ((1u << t->package_shift) - 1)) >> t->core_shift;
}
static inline uint32_t topology_thread(const struct topology *t, uint32_t id)
{
    return id & ((1u << t->core_shift) - 1);
}

#endif
