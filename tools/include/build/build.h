/* SPDX-License-Identifier: GPL-2.0 */
/*
 * build/build.h - make a PV domain from files: paused, complete, ready to be
 * introduced to xenstored and unpaused.
 * Keeps true: on any error the domain is destroyed again before returning.
 */
#ifndef BUILD_BUILD_H
#define BUILD_BUILD_H

#include <stdbool.h>
#include <stdint.h>

#include "hyp/domain.h"
#include "hyp/privcmd.h"

struct build_spec {
    const char *kernel;  /* path */
    const char *ramdisk; /* path or NULL */
    const char *cmdline; /* or NULL */
    uint8_t uuid[16];
    uint64_t memory_kib;     /* given at start */
    uint64_t maxmem_kib;     /* ceiling; 0: as memory_kib */
    uint32_t vcpus;          /* at most, 1.. */
    const uint8_t *affinity; /* CPU map for all vcpus, or NULL */
    uint32_t affinity_bits;
    int64_t time_offset;          /* seconds added to UTC */
    struct dom_sched sched;       /* weight 0: leave the default */
    uint32_t max_grant_frames;    /* 0: the hypervisor's default */
    uint32_t max_maptrack_frames; /* 0: the hypervisor's default */
    uint32_t max_evtchn_port;     /* 0: 1023 */
    uint32_t ssidref, cpupool;
    uint32_t backend_domid; /* who serves console and store: 0 */
};

struct build_result {
    uint32_t domid;
    uint64_t nr_pages;
    uint64_t store_mfn, console_mfn;
    uint32_t store_port, console_port; /* in the guest */
    /* what the kernel said of itself */
    char guest_os[32], guest_version[32], loader[32], features[256];
    uint64_t entry, virt_base, init_p2m, hv_start_low;
    uint32_t kernel_pages;
    bool suspend_cancel;
};

/* 0, or -errno with one line in err ("what and where"). */
int build_domain(struct hyp *h, const struct build_spec *spec,
                 struct build_result *result, char *err, size_t err_size);

/* Look at the files only: would they do? The same errors. */
int build_check(const struct build_spec *spec, char *err, size_t err_size);

#endif
