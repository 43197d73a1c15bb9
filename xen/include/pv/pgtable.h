/* SPDX-License-Identifier: GPL-2.0 */
/*
 * pgtable.h - the guest's page tables: entries judged, entered and left.
 */
#ifndef PV_PGTABLE_H
#define PV_PGTABLE_H

#include <abi/xen.h>

#include "domain/vcpu.h"
#include "mm/pte.h"

/*
 * Replace roots of v; takes references, drops the old ones; loads CR3 if v is
 * current. mfn 0 for the user root: none. 0, -EINVAL, -ERESTART.
 */
int vcpu_set_root(struct vcpu *v, mfn_t root);
int vcpu_set_user_root(struct vcpu *v, mfn_t root);
/* teardown: drop both roots; -ERESTART: call again. */
int vcpu_drop_roots(struct vcpu *v);

/*
 * A write fault at va: if it hit a page table of the guest, do the write, as
 * far as it is allowed. True: done or retry, return to the guest; false: the
 * fault is the guest's.
 */
bool ptwrite_fault(struct vcpu *v, uint64_t va, uint32_t error_code);

/* The L1 entry that maps va in the running tables: its slot's address in the
 * direct map and its table's page; false if upper levels are absent. */
bool guest_l1_slot(struct vcpu *v, uint64_t va, pte_t **slot,
                   struct page **table);
/* The entry that maps va (0: none), walking v's tables by physical address. */
pte_t guest_walk(mfn_t root, uint64_t va, unsigned int *level);

/* Grants: install `e` at va / at a machine address of an L1 entry. `e` already
 * carries its own references. The old entry must be 0 or is dropped. */
int pte_install(struct vcpu *v, pte_t e, uint64_t host_addr, bool is_pte_addr);
/* Remove an entry that must map mfn; -EINVAL if it does not. */
int pte_remove(struct vcpu *v, mfn_t mfn, uint64_t host_addr, bool is_pte_addr,
               uint64_t replace_with_va);

/* machine to physical (m2p.c) */
#define M2P_INVALID (~0UL)
void m2p_set(mfn_t mfn, uint64_t pfn);
uint64_t m2p_get(mfn_t mfn);

long do_mmu_update(uint64_t reqs, uint64_t count, uint64_t done, uint64_t dom);
long do_mmuext_op(uint64_t ops, uint64_t count, uint64_t done, uint64_t dom);
long do_update_va_mapping(uint64_t va, uint64_t pte, uint64_t flags);
long do_update_va_mapping_otherdomain(uint64_t va, uint64_t pte, uint64_t flags,
                                      uint64_t dom);

#endif
