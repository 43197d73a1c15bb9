/* SPDX-License-Identifier: MIT */
/*
 * callback.h - __HYPERVISOR_callback_op: where we call a guest kernel.
 * Keeps true: addresses are in the guest kernel, entered with our flat
 * selectors on its own stack.
 */
#ifndef ABI_CALLBACK_H
#define ABI_CALLBACK_H

#include <abi/xen.h>

#define CALLBACKTYPE_event               0 /* events wait */
#define CALLBACKTYPE_failsafe            1 /* a segment or iret went wrong */
#define CALLBACKTYPE_syscall             2 /* user code's 64-bit syscall */
#define CALLBACKTYPE_sysenter_deprecated 3
#define CALLBACKTYPE_nmi                 4
#define CALLBACKTYPE_sysenter            5 /* user code's sysenter */
#define CALLBACKTYPE_syscall32           7 /* user code's 32-bit syscall */

#define _CALLBACKF_mask_events 0 /* enter with events masked */
#define CALLBACKF_mask_events  (1U << _CALLBACKF_mask_events)

#define CALLBACKOP_register   0
#define CALLBACKOP_unregister 1

struct callback_register {
    uint16_t type;  /* CALLBACKTYPE_ */
    uint16_t flags; /* CALLBACKF_ */
    xen_callback_t address;
};
typedef struct callback_register callback_register_t;
ABI_LAYOUT(struct callback_register, address, 8, 16);

struct callback_unregister {
    uint16_t type;
    uint16_t _unused;
};
typedef struct callback_unregister callback_unregister_t;
ABI_LAYOUT(struct callback_unregister, type, 0, 4);

#endif
