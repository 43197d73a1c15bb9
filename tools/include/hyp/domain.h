/* SPDX-License-Identifier: GPL-2.0 */
/*
 * hyp/domain.h - what the toolstack asks of the hypervisor about domains and
 * the host: domctl and sysctl as typed calls, no policy.
 * All functions return 0 (or a count) or -errno.
 */
#ifndef HYP_DOMAIN_H
#define HYP_DOMAIN_H

#include <stdbool.h>
#include <stdint.h>

#include <abi/xen.h>

#include "hyp/privcmd.h"

struct dom_limits {
    uint8_t uuid[16];
    uint32_t max_vcpus;
    uint32_t max_evtchn_port;
    int32_t max_grant_frames;    /* -1: the hypervisor's default */
    int32_t max_maptrack_frames; /* -1: the hypervisor's default */
    uint32_t ssidref;
    uint32_t cpupool;
};

/* *domid 0: choose one. */
int dom_create(struct hyp *h, const struct dom_limits *limits, uint32_t *domid);
/*
 * Until it is done (-EAGAIN if the hypervisor isn't in half a minute); the
 * domain may stay as a zombie while others map it.
 */
int dom_destroy(struct hyp *h, uint32_t domid);
int dom_pause(struct hyp *h, uint32_t domid);
int dom_unpause(struct hyp *h, uint32_t domid);
int dom_resume(struct hyp *h, uint32_t domid); /* after a suspend */
int dom_shutdown(struct hyp *h, uint32_t domid, unsigned reason);

enum dom_state_flags {
    DOM_DYING = 1 << 0,
    DOM_SHUTDOWN = 1 << 1,
    DOM_PAUSED = 1 << 2,
    DOM_BLOCKED = 1 << 3,
    DOM_RUNNING = 1 << 4,
    DOM_HVM = 1 << 5,
};

struct dom_info {
    uint32_t domid;
    unsigned state;           /* DOM_* */
    unsigned shutdown_reason; /* SHUTDOWN_*, with DOM_SHUTDOWN */
    uint64_t tot_pages, max_pages;
    uint64_t shared_info_mfn;
    uint64_t cpu_time_ns;
    uint32_t online_vcpus;
    uint32_t max_vcpu_id; /* highest in use; ~0 without vcpus */
    uint32_t ssidref, cpupool;
    uint8_t uuid[16];
};

int dom_get_info(struct hyp *h, uint32_t domid, struct dom_info *info);
/* Domains with id >= first, in order, at most max of them; the count. */
int dom_list(struct hyp *h, uint32_t first, struct dom_info *info,
             unsigned max);

int dom_set_max_vcpus(struct hyp *h, uint32_t domid, uint32_t count);
int dom_set_max_mem(struct hyp *h, uint32_t domid, uint64_t kib);
int dom_set_uuid(struct hyp *h, uint32_t domid, const uint8_t uuid[16]);
int dom_set_address_size(struct hyp *h, uint32_t domid, uint32_t bits);
int dom_get_address_size(struct hyp *h, uint32_t domid, uint32_t *bits);
int dom_set_time_offset(struct hyp *h, uint32_t domid, int64_t seconds);
int dom_init_hypercall_page(struct hyp *h, uint32_t domid, uint64_t mfn);
/* What a guest sees of the CPU: the hypervisor's default for PV guests. */
int dom_set_default_cpu_policy(struct hyp *h, uint32_t domid);

struct vcpu_guest_context;
int dom_set_vcpu_context(struct hyp *h, uint32_t domid, uint32_t vcpu,
                         const struct vcpu_guest_context *ctx);
int dom_get_vcpu_context(struct hyp *h, uint32_t domid, uint32_t vcpu,
                         struct vcpu_guest_context *ctx);

struct dom_vcpu_info {
    bool online, blocked, running;
    uint64_t cpu_time_ns;
    uint32_t cpu; /* where it runs, or ran last */
};
int dom_get_vcpu_info(struct hyp *h, uint32_t domid, uint32_t vcpu,
                      struct dom_vcpu_info *info);

/* CPU maps: bit n of byte n/8. `bits` says how many fit into map. */
int dom_set_vcpu_affinity(struct hyp *h, uint32_t domid, uint32_t vcpu,
                          const uint8_t *map, uint32_t bits);
int dom_get_vcpu_affinity(struct hyp *h, uint32_t domid, uint32_t vcpu,
                          uint8_t *map, uint32_t bits);

struct dom_sched {
    uint32_t weight;
    uint32_t cap;
};
/* Credit and credit2; -ENOSYS with another scheduler. */
int dom_get_sched(struct hyp *h, uint32_t domid, struct dom_sched *s);
int dom_set_sched(struct hyp *h, uint32_t domid, const struct dom_sched *s);

int dom_permit_iomem(struct hyp *h, uint32_t domid, uint64_t first_mfn,
                     uint64_t count, bool allow);
int dom_permit_ioport(struct hyp *h, uint32_t domid, uint32_t first,
                      uint32_t count, bool allow);
int dom_permit_irq(struct hyp *h, uint32_t domid, uint32_t pirq, bool allow);
int dom_send_nmi(struct hyp *h, uint32_t domid, uint32_t vcpu);
/* Types of frames, in place: pfns in, PFINFO bits added; at most 1024. */
int dom_get_page_types(struct hyp *h, uint32_t domid, uint64_t *pfns,
                       uint32_t count);

/* The host */
struct host_info {
    uint32_t threads_per_core, cores_per_socket, nr_cpus, max_cpu_id;
    uint32_t nr_nodes, cpu_khz;
    uint32_t capabilities; /* XEN_SYSCTL_PHYSCAP_* */
    uint64_t total_pages, free_pages, scrub_pages, outstanding_pages;
    uint32_t hw_cap[8];
};
int host_get_info(struct hyp *h, struct host_info *info);
int host_get_scheduler(struct hyp *h, uint32_t *sched_id);

struct host_version {
    unsigned major, minor;
    char extra[16];
    char compiler[64], compile_by[16], compile_domain[32], compile_date[32];
    char capabilities[1024];
    char changeset[64];
    char command_line[1024];
    uint64_t virt_start;
    uint32_t page_size;
};
int host_get_version(struct hyp *h, struct host_version *v);

/*
 * The hypervisor's log. *index is where to read on (0 at first; updated),
 * used when `incremental`. Returns bytes put into buf.
 */
int host_read_console(struct hyp *h, char *buf, size_t size, bool incremental,
                      bool clear, uint32_t *index);
int host_send_keys(struct hyp *h, const char *keys);

struct host_cpu {
    uint32_t core, socket, node;
};
/* Count of CPUs; fills at most max. */
int host_get_topology(struct hyp *h, struct host_cpu *cpus, uint32_t max);
/* Idle time of each CPU in ns; count. */
int host_get_cpu_idle(struct hyp *h, uint64_t *idle_ns, uint32_t max);

#endif
