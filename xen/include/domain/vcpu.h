/* SPDX-License-Identifier: GPL-2.0 */
/*
 * vcpu.h - a virtual CPU: registers, what the guest set up, who may run it.
 */
#ifndef DOMAIN_VCPU_H
#define DOMAIN_VCPU_H

#include <abi/xen.h>
#include <abi/vcpu.h>

#include "core/timer.h"
#include "cpu/percpu.h"
#include "cpu/regs.h"
#include "domain/domain.h"

/* Why a vcpu may not run, besides pause counts. Atomic bits. */
#define VPF_BLOCKED  0 /* waits for an event */
#define VPF_DOWN     1 /* VCPUOP_down, or not initialised */
#define VPF_POLL     2 /* SCHEDOP_poll */
#define VPF_PARKED   3 /* its domain has used up its cap */
#define VPF_WAITS    (1u << VPF_BLOCKED | 1u << VPF_POLL) /* of itself */

/* What a handler did that the short way back to the guest does not undo. */
#define SLOW_EXIT_REGS  1 /* regs were replaced, rax too */
#define SLOW_EXIT_CHECK 2 /* look at pending NMI and the like */
#define SLOW_EXIT_SELECTORS 4 /* ds..gs could not be loaded: failsafe */

struct callback {
    uint64_t address; /* 0: none */
    bool masks_events;
};

struct vcpu {
    /* First, for entry.S: the frame that interrupts push ends 16-aligned. */
    uint64_t pad0;
    struct regs regs; /* the guest's, while we run */
    uint64_t hyp_stack;  /* stack top of the CPU we run on */
    uint8_t in_kernel;   /* guest kernel mode, else guest user mode */
    uint8_t slow_exit;       /* SLOW_EXIT_*: the short way back won't do */
    uint8_t in_multicall;
    bool multicall_resume;   /* the entry at hand wants to be made again */
    struct callback syscall_entry; /* guest user's syscall */
    uint64_t kernel_sp;
    uint16_t kernel_ss;

    struct domain *domain;
    unsigned int id;
    struct vcpu_info *info; /* where the guest looks, our mapping */
    mfn_t info_mfn;         /* frame registered, INVALID_MFN: shared_info */
    void *info_frame;       /* where it is mapped; NULL: none ever was */
    uint64_t root_kernel;   /* L4 frames, referenced and typed; 0: none */
    uint64_t root_user;
    struct page *drop_later[2]; /* tables part-dropped, our references */

    struct trap_info *traps; /* [256], by vector; address 0: none */
    struct callback event_entry, failsafe_entry, syscall32_entry,
        sysenter_entry, nmi_entry;

    /* Segments. */
    mfn_t gdt_frames[14];
    unsigned int gdt_entries;
    uint64_t ldt_base; /* guest address */
    unsigned int ldt_entries;
    unsigned int ldt_mapped; /* bit a page */
    uint16_t ds, es, fs, gs; /* while not running */
    uint64_t fs_base, gs_base_kernel, gs_base_user;
    pte_t *perdomain_l1; /* 32 entries: its GDT and LDT pages */

    uint64_t cr4; /* bits the guest owns */
    bool ts;      /* virtual CR0.TS */
    bool iopl_set_by_iret;
    uint8_t iopl; /* virtual, 0..3 */
    uint64_t dr[8];
    uint64_t xcr0;
    void *fpu;
    uint64_t tsc_aux;
    bool nmi_pending, nmi_masked;
    uint8_t *iobmp; /* guest address of I/O bitmap, see physdev */
    unsigned int iobmp_limit;

    /* Scheduling (domain/sched.c); sched lock of `cpu` unless said. */
    unsigned int cpu;        /* whose queue */
    volatile bool running;   /* on `cpu` now */
    uint32_t pause_flags;    /* VPF_* bits, atomic */
    atomic_t pause_count;
    bool initialised;
    uint8_t being_initialised; /* some vcpu does, by VCPUOP_initialise */
    cpumask_t affinity, soft_affinity, affinity_saved;
    bool affinity_broken;
    struct vcpu_runstate_info runstate;
    ns_t runstate_since;
    guest_va_t runstate_area;
    guest_va_t time_area;    /* VCPUOP_register_vcpu_time_memory_area */
    void *sched_data;

    int poll_port; /* 0: not polling; <0: several */
    struct timer poll_timer, singleshot, periodic;
    ns_t period, periodic_last;
    bool paused_for_shutdown;
    uint32_t virq_port[24]; /* NR_VIRQS; evtchn lock */

    /* A hypercall inside a multicall asks to be resumed: its new arguments. */
    struct multicall_entry mc;
};

/* Allocate vcpu `id` of d, down and not initialised. -errno on failure. */
int vcpu_create(struct domain *d, unsigned int id);
void vcpu_destroy(struct vcpu *v); /* nobody runs or finds it any more */
struct vcpu *vcpu_find(struct domain *d, unsigned int id);

/* Do not run until vcpu_unpause; the first waits until it has stopped. */
void vcpu_pause(struct vcpu *v);
void vcpu_pause_nosync(struct vcpu *v);
void vcpu_unpause(struct vcpu *v);

static inline bool vcpu_is_idle(const struct vcpu *v)
{
    return v->domain->is_idle;
}

/* Wake it if it waits for events; make it look at its events if it runs. */
void vcpu_kick(struct vcpu *v);
/* Set upcall_pending and kick. */
void vcpu_mark_event(struct vcpu *v);

#endif
