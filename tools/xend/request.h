/* SPDX-License-Identifier: GPL-2.0 */
/*
 * request.h - what the functions behind the methods share: a call with its
 * arguments, and the ways to answer it.
 */
#ifndef XEND_REQUEST_H
#define XEND_REQUEST_H

#include "xend.h"

#define MAX_COLUMNS 8 /* of xend.domains_columns */

struct call {
    struct rpc_request *req;
    const struct rpc_value *params;
    struct domain *d; /* for rows about a domain; NULL: Domain-0 */
    const char *name; /* the domain as the client named it */
};

/* Parameter n as text whatever its type; "" if missing. */
const char *arg(const struct call *c, unsigned n);
bool arg_true(const struct call *c, unsigned n);
bool arg_number(const struct call *c, unsigned n, long long *out);
int call_domid(const struct call *c);
/* Answer 0, or a fault that says what could not be done. */
void finish(struct call *c, int rc, const char *what);

void req_domains(struct call *c);
void req_domains_with_state(struct call *c);
void req_domains_columns(struct call *c);
void req_domain(struct call *c);
void req_vcpu_info(struct call *c);
void req_restart_count(struct call *c);
void req_create(struct call *c);
void req_destroy(struct call *c);
void req_pause(struct call *c);
void req_unpause(struct call *c);
void req_wait_for_devices(struct call *c);
void req_shutdown(struct call *c);
void req_wait_for_shutdown(struct call *c);
void req_set_name(struct call *c);
void req_sysrq(struct call *c);
void req_mem_max(struct call *c);
void req_mem_target(struct call *c);
void req_vcpu_count(struct call *c);
void req_pincpu(struct call *c);
void req_sched_get(struct call *c);
void req_sched_set(struct call *c);
void req_device_create(struct call *c);
void req_device_destroy(struct call *c);
void req_device_list(struct call *c);
void req_block_class(struct call *c);

#endif
