/* SPDX-License-Identifier: GPL-2.0 */
/*
 * services.h - the hypercall handlers of this room.
 */
#ifndef SERVICE_SERVICES_H
#define SERVICE_SERVICES_H

#include "domain/vcpu.h"

long do_memory_op(uint64_t cmd, uint64_t arg);
long do_xen_version(uint64_t cmd, uint64_t arg);
long do_console_io(uint64_t cmd, uint64_t count, uint64_t buffer);
long do_grant_table_op(uint64_t cmd, uint64_t uop, uint64_t count);
long do_event_channel_op(uint64_t cmd, uint64_t arg);
long do_event_channel_op_compat(uint64_t op);
long do_physdev_op(uint64_t cmd, uint64_t arg);
long do_physdev_op_compat(uint64_t op);
long do_sched_op(uint64_t cmd, uint64_t arg);
long do_sched_op_compat(uint64_t cmd, uint64_t arg);
long do_set_timer_op(uint64_t deadline);
long do_vcpu_op(uint64_t cmd, uint64_t vcpuid, uint64_t arg);
long do_vm_assist(uint64_t cmd, uint64_t type);
long do_platform_op(uint64_t op);
long do_mca(uint64_t op);
long do_sysctl(uint64_t op);
long do_domctl(uint64_t op);
long do_multicall(uint64_t list, uint64_t count);

#endif
