/* SPDX-License-Identifier: GPL-2.0 */
/*
 * call.h - how hypercalls are served: argument registers in, long out;
 * sub-operations through tables that name size, direction and right.
 */
#ifndef SERVICE_CALL_H
#define SERVICE_CALL_H

#include <abi/xen.h>

#include "core/softirq.h"
#include "domain/vcpu.h"
#include "lib/errno.h"
#include "mm/guestcopy.h"

enum subop_dir { SUBOP_NONE, SUBOP_IN, SUBOP_OUT, SUBOP_IN_OUT };
enum subop_right { ANYONE, DOM0_ONLY };

struct subop {
    long (*fn)(struct vcpu *v, void *arg);
    uint16_t size; /* of the argument; at most 256 */
    uint8_t dir, right;
};
#define SUBOP(f, type, d, r) {f, sizeof(type), d, r}

/*
 * Look up cmd, check the right, copy the argument in, call, copy it out if the
 * handler returned >= 0. -ENOSYS: not in the table.
 */
long subop_call(const struct subop *table, size_t n, uint64_t cmd,
                guest_va_t arg);

/*
 * End a long hypercall for now: the guest will make it again with these
 * arguments. Return its value from the handler.
 */
long hypercall_resume(struct vcpu *v, unsigned int nr, uint64_t a1, uint64_t a2,
                      uint64_t a3, uint64_t a4);

/*
 * The domain an operation names: DOMID_SELF or v's own id, or any domain if v
 * is privileged. A reference, or NULL.
 */
struct domain *domain_get_for(struct vcpu *v, domid_t id);
static inline bool may_control(const struct vcpu *v, const struct domain *d)
{
    return v->domain == d || v->domain->privileged;
}

#endif
