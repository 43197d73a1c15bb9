/* SPDX-License-Identifier: GPL-2.0 */
/*
 * domain.h - a domain: memory, vcpus and rights under one number.
 */
#ifndef DOMAIN_DOMAIN_H
#define DOMAIN_DOMAIN_H

#include <abi/xen.h>

#include "core/spinlock.h"
#include "cpu/percpu.h"
#include "lib/atomic.h"
#include "lib/list.h"
#include "lib/types.h"
#include "mm/pte.h"

struct evtchn_table;
struct grant_table;
struct pirq_table;
struct rangeset;
struct vcpu;

#define DOMID_FIRST_RESERVED_ID DOMID_FIRST_RESERVED

enum domain_dying { DOMAIN_ALIVE, DOMAIN_DYING, DOMAIN_DEAD };

struct domain {
    domid_t id;      /* set at creation, never changes */
    bool privileged; /* Dom0: may use the control calls */
    bool is_idle;
    bool shown;         /* in the list: domain_find() finds it */
    atomic_t refs;      /* no lock; freed at 0 */
    struct domain *next; /* RCU-less list by id, under domain_list_lock */
    struct domain *next_in_bucket; /* of the table by id, the same lock */
    uint8_t handle[16]; /* the toolstack's, not looked at */
    uint32_t ssidref;
    uint32_t create_flags;    /* XEN_DOMCTL_CDF_*, for the toolstack */
    uint32_t arch_misc_flags; /* XEN_X86_MSR_RELAXED */
    uint64_t create_time_s;

    unsigned int max_vcpus;
    struct vcpu **vcpu; /* [max_vcpus]; entries appear, never go before d */

    /* Memory. page_lock guards the list and the numbers. */
    spinlock_t page_lock;
    uint32_t page_head;     /* mfn of the first page, PAGE_LINK_END if none */
    uint32_t page_head2;    /* teardown: a second list, see pagetype.c */
    uint8_t release_phase;  /* teardown: which of them is being emptied */
    uint64_t tot_pages;     /* frames owned */
    uint64_t max_pages;     /* limit of the former */
    uint64_t claimed_pages; /* set aside by XENMEM_claim_pages, heap lock */
    uint64_t max_gpfn;

    struct shared_info *shared; /* our page, the guest maps it */
    mfn_t shared_mfn;
    /* Vcpus beyond the shared page's 32 stand here until they register. */
    struct vcpu_info nowhere;

    /* PV (pv/). */
    pte_t *perdomain_l3;    /* slot 258 of all its roots */
    mfn_t perdomain_l3_mfn;
    uint32_t vm_assist;     /* VMASST_TYPE_* bits */
    cpumask_t dirty_cpus;   /* CPUs that may hold its translations */
    uint64_t hypercall_va;  /* last hypercall page filled; informative */
    bool vtsc;              /* rdtsc is emulated */
    uint32_t tsc_mode;
    uint32_t tsc_incarnation; /* how often it was moved or restored */
    int64_t tsc_elapsed_ns;   /* its age, less our system time */
    int64_t time_offset_s;  /* wall clock less ours */
    struct cpu_policy *cpu_policy; /* what CPUID and MSRs show */
    struct e820entry *e820; /* XENMEM_set_memory_map's; page_lock */
    unsigned int nr_e820;
    void *m2p_map_bitmap;   /* log-dirty and the like: 0 if unused */

    /* Parts, each with its own lock. */
    struct evtchn_table *evtchn;
    struct grant_table *grants;
    struct pirq_table *pirqs;
    struct rangeset *iomem;   /* frames of devices it may map */
    struct rangeset *ioports; /* ports it may use */
    struct rangeset *irqs;    /* lines it may bind */
    uint32_t pci_address;     /* last write to port 0xcf8 */
    uint8_t rtc_index;        /* last write to port 0x70 */

    /* Life. */
    spinlock_t lock;           /* the next few */
    enum domain_dying dying;
    bool is_shutting_down;
    bool is_shut_down;
    uint8_t shutdown_code;     /* SHUTDOWN_*, or SHUTDOWN_CODE_NONE */
    uint32_t suspend_port;     /* told of a suspend; 0: VIRQ_DOM_EXC is */
    bool paused_by_control;
    atomic_t pause_count;
    unsigned int teardown_step; /* domain_kill() goes on here */
    void *sched_data;           /* sched_credit.c's */
    struct list polling_link;
    unsigned int nr_polling;    /* vcpus in SCHEDOP_poll, atomic */
    struct timer *watchdogs;    /* [2] */
};

#define SHUTDOWN_CODE_NONE 0xff

extern struct domain *dom0;
extern struct domain *idle_domain;

/*
 * Make domain `id`, paused once, without vcpus. NULL with *err set.
 * max_vcpus >= 1. The caller gets no reference beyond the list's.
 */
struct domain_config {
    bool privileged;
    uint8_t handle[16];
    uint32_t ssidref;
    uint32_t max_vcpus, max_evtchn_port;
    int32_t max_grant_frames, max_maptrack_frames;
    uint32_t max_grant_version;
};
struct domain *domain_create(domid_t id, const struct domain_config *cfg,
                             int *err);
int domain_choose_id(void); /* a free id >= 1, or -errno */

/* A counted reference, or NULL; give back with domain_put. */
struct domain *domain_find(domid_t id);
struct domain *domain_next(domid_t after); /* smallest id > after; counted */
struct domain *domain_first(void);
void domain_ref(struct domain *d); /* one more of a reference held */
void domain_put(struct domain *d);

/*
 * Take it apart; 0 done, -ERESTART: call again. The id is free once the last
 * reference is gone.
 */
int domain_kill(struct domain *d);
/* A guest that cannot go on: logs, dumps, shuts down with SHUTDOWN_crash. */
void domain_crash(struct domain *d, const char *why, ...) printf_like(2, 3);
void domain_shutdown(struct domain *d, uint8_t reason);
void domain_resume(struct domain *d); /* after SHUTDOWN_suspend */
void domain_pause(struct domain *d);  /* waits until no vcpu runs */
void domain_unpause(struct domain *d);
int domain_pause_by_control(struct domain *d);
int domain_unpause_by_control(struct domain *d);

/* VIRQ_DOM_EXC and other global events; evtchn.c sets this at boot. */
extern void (*domain_raise_global_virq)(unsigned int virq);
/* Its port rings at the other end: evtchn.c again. */
extern long (*domain_send)(struct domain *d, uint32_t port);
/* What becomes of the machine when Dom0 ends; boot sets it, it never returns. */
extern void (*hwdom_shutdown)(uint8_t reason);

#define for_each_vcpu(d, v, i)                                                 \
    for (i = 0; i < (d)->max_vcpus; i++)                                       \
        if (((v) = (d)->vcpu[i]) != NULL)

#endif
