/* SPDX-License-Identifier: GPL-2.0 */
/* vmcfg.h - a domain's description, judged: plain values to build from. */
#ifndef XEND_VMCFG_H
#define XEND_VMCFG_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/sxp.h"

#define VM_MAX_VCPUS 64
#define VM_CPU_BITS  512

enum action {
    ACT_DESTROY,
    ACT_RESTART,
    ACT_PRESERVE,
    ACT_RENAME_RESTART,
    ACT_DUMP_DESTROY,
    ACT_DUMP_RESTART,
};

struct cpu_map {
    uint8_t bits[VM_CPU_BITS / 8];
};

struct vmcfg {
    char *name;
    uint8_t uuid[16];
    const char *description; /* these point into sxp; NULL: not given */
    const char *kernel, *ramdisk, *bootloader;
    char *cmdline;
    uint64_t memory_mib, maxmem_mib;
    unsigned vcpus;
    uint64_t vcpu_avail;  /* bit n: vcpu n starts online */
    unsigned nr_cpu_maps; /* 0: any; 1: for all; else one a vcpu */
    struct cpu_map *cpu_maps;
    uint32_t weight, cap; /* weight 0: leave the default */
    enum action on_poweroff, on_reboot, on_crash;
    int64_t time_offset;
    struct sxp *sxp; /* the description itself, ours */
};

/* A copy of `vm` is kept. NULL with one line in err. */
struct vmcfg *vmcfg_new(const struct sxp *vm, char *err, size_t err_size);
/* One with a name and a uuid alone, for domains others made. */
struct vmcfg *vmcfg_bare(const char *name, const uint8_t uuid[16]);
struct vmcfg *vmcfg_copy(const struct vmcfg *c);
void vmcfg_free(struct vmcfg *c);
int vmcfg_set_name(struct vmcfg *c, const char *name);
void vmcfg_set_uuid(struct vmcfg *c, const uint8_t uuid[16]);
const char *action_name(enum action a);

/* "0-3,^1" into a map. 0, or -1 when it makes no sense. */
int cpu_map_parse(struct cpu_map *m, const char *text);
bool cpu_map_has(const struct cpu_map *m, unsigned cpu);

/* May a domain be called so? */
bool name_valid(const char *name);

/* Replace or add (name text) in a list. */
void sxp_put(struct sxp *list, const char *name, const char *text);

#endif
