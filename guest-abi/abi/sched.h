/* SPDX-License-Identifier: MIT */
/*
 * sched.h - __HYPERVISOR_sched_op: a guest gives up the processor, or ends.
 * Keeps true: every structure is written by the guest and is the whole
 * argument of its SCHEDOP.
 */
#ifndef ABI_SCHED_H
#define ABI_SCHED_H

#include <abi/event_channel.h>

#define SCHEDOP_yield           0 /* let others run first */
#define SCHEDOP_block           1 /* unmask events, sleep until one */
#define SCHEDOP_shutdown        2 /* the whole domain stops */
#define SCHEDOP_poll            3 /* sleep until one of some ports */
#define SCHEDOP_remote_shutdown 4
#define SCHEDOP_shutdown_code   5 /* a reason told before the shutdown */
#define SCHEDOP_watchdog        6
#define SCHEDOP_pin_override    7

/* Why a domain stops. */
#define SHUTDOWN_poweroff   0
#define SHUTDOWN_reboot     1
#define SHUTDOWN_suspend    2 /* to be saved; the call comes back later */
#define SHUTDOWN_crash      3
#define SHUTDOWN_watchdog   4
#define SHUTDOWN_soft_reset 5
#define SHUTDOWN_MAX        5

struct sched_shutdown {
    uint32_t reason; /* SHUTDOWN_ */
};
typedef struct sched_shutdown sched_shutdown_t;
ABI_LAYOUT(struct sched_shutdown, reason, 0, 4);

struct sched_poll {
    guest_va_t ports; /* array of evtchn_port_t */
    uint32_t nr_ports;
    uint64_t timeout; /* ns of system time; 0: none */
};
typedef struct sched_poll sched_poll_t;
ABI_LAYOUT(struct sched_poll, timeout, 16, 24);

struct sched_remote_shutdown {
    domid_t domain_id;
    uint32_t reason;
};
typedef struct sched_remote_shutdown sched_remote_shutdown_t;
ABI_LAYOUT(struct sched_remote_shutdown, reason, 4, 8);

/* id 0 makes a new one, and its number is the call's result. */
struct sched_watchdog {
    uint32_t id;
    uint32_t timeout; /* seconds; 0 ends it */
};
typedef struct sched_watchdog sched_watchdog_t;
ABI_LAYOUT(struct sched_watchdog, timeout, 4, 8);

struct sched_pin_override {
    int32_t pcpu; /* negative ends it */
};
typedef struct sched_pin_override sched_pin_override_t;
ABI_LAYOUT(struct sched_pin_override, pcpu, 0, 4);

#endif
