/* SPDX-License-Identifier: MIT */
/*
 * vcpu.h - __HYPERVISOR_vcpu_op: a guest sets up one of its vcpus.
 * Keeps true: timers, runstate and placement calls act on the calling vcpu
 * alone; starting and stopping may name another.
 */
#ifndef ABI_VCPU_H
#define ABI_VCPU_H

#include <abi/xen.h>

#define VCPUOP_initialise                    0 /* vcpu_guest_context */
#define VCPUOP_up                            1
#define VCPUOP_down                          2
#define VCPUOP_is_up                         3
#define VCPUOP_get_runstate_info             4
#define VCPUOP_register_runstate_memory_area 5
#define VCPUOP_set_periodic_timer            6
#define VCPUOP_stop_periodic_timer           7
#define VCPUOP_set_singleshot_timer          8
#define VCPUOP_stop_singleshot_timer         9
#define VCPUOP_register_vcpu_info            10
#define VCPUOP_send_nmi                      11
#define VCPUOP_get_physid                    12
#define VCPUOP_register_vcpu_time_memory_area 13

#define RUNSTATE_running  0
#define RUNSTATE_runnable 1 /* would run, but another does */
#define RUNSTATE_blocked  2
#define RUNSTATE_offline  3 /* down or paused */

/* In state_entry_time: we are writing; with VMASST runstate_update_flag. */
#define XEN_RUNSTATE_UPDATE (1ULL << 63)

/* How long a vcpu was in each state. Written by us. */
struct vcpu_runstate_info {
    int32_t state;             /* RUNSTATE_ */
    uint64_t state_entry_time; /* ns of system time */
    uint64_t time[4];          /* ns, for each state */
};
typedef struct vcpu_runstate_info vcpu_runstate_info_t;
ABI_LAYOUT(struct vcpu_runstate_info, time, 16, 48);

/* Where we keep that record up to date. */
struct vcpu_register_runstate_memory_area {
    union {
        guest_va_t h;
        uint64_t p;
    } addr;
};
typedef struct vcpu_register_runstate_memory_area
    vcpu_register_runstate_memory_area_t;
ABI_LAYOUT(struct vcpu_register_runstate_memory_area, addr, 0, 8);

struct vcpu_set_periodic_timer {
    uint64_t period_ns; /* at least 1 ms */
};
typedef struct vcpu_set_periodic_timer vcpu_set_periodic_timer_t;
ABI_LAYOUT(struct vcpu_set_periodic_timer, period_ns, 0, 8);

/* flags of a one-shot timer: a time gone by is an error, not an event. */
#define _VCPU_SSHOTTMR_future 0
#define VCPU_SSHOTTMR_future  (1U << _VCPU_SSHOTTMR_future)

struct vcpu_set_singleshot_timer {
    uint64_t timeout_abs_ns; /* system time */
    uint32_t flags;
};
typedef struct vcpu_set_singleshot_timer vcpu_set_singleshot_timer_t;
ABI_LAYOUT(struct vcpu_set_singleshot_timer, flags, 8, 16);

/* Moves the vcpu_info of one vcpu into the guest's own page, once. */
struct vcpu_register_vcpu_info {
    uint64_t mfn;
    uint32_t offset; /* bytes; all 64 within the page */
    uint32_t rsvd;
};
typedef struct vcpu_register_vcpu_info vcpu_register_vcpu_info_t;
ABI_LAYOUT(struct vcpu_register_vcpu_info, offset, 8, 16);

struct vcpu_get_physid {
    uint64_t phys_id; /* OUT: APIC id, and ACPI id from bit 32 */
};
typedef struct vcpu_get_physid vcpu_get_physid_t;
ABI_LAYOUT(struct vcpu_get_physid, phys_id, 0, 8);
#define xen_vcpu_physid_to_x86_apicid(physid) ((uint32_t)(physid))
#define xen_vcpu_physid_to_x86_acpiid(physid) ((uint32_t)((physid) >> 32))

/* A second place for the vcpu's time record, which user code may read. */
struct vcpu_register_time_memory_area {
    union {
        guest_va_t h;
        uint64_t p;
    } addr;
};
typedef struct vcpu_register_time_memory_area vcpu_register_time_memory_area_t;
ABI_LAYOUT(struct vcpu_register_time_memory_area, addr, 0, 8);

#endif
