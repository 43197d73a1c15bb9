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
 * May an entry stand in d's table of this level? Looks at its bits alone;
 * makes of it what the CPU shall see (user bit forced, global bit gone).
 */
enum pte_verdict { PTE_ABSENT, PTE_FIT, PTE_UNFIT };
enum pte_verdict pte_judge(pte_t *e, unsigned int level,
                           const struct domain *d);

/*
 * What a present, judged L1 entry of d refers to, among the frames of `from`:
 * take it (-EINVAL, -EPERM, -EBUSY, -ERESTART), drop it.
 */
must_check int l1e_take(pte_t e, struct domain *d, struct domain *from);
void l1e_drop(pte_t e);
/* Judge and take in one: an entry of a table of d that comes into use. */
must_check int l1e_enter(pte_t *e, struct domain *d);
/* The same for the table below an entry of level 2 to 4. */
must_check int child_take(pte_t e, unsigned int level, struct domain *d,
                          bool preemptible);
int child_drop(pte_t e, bool preemptible);

/*
 * Change one entry of a table in which the caller holds a use. keep_ad: the
 * CPU's accessed and dirty bits stay. l1_exchange changes it only if it is
 * `old` (-EAGAIN: it is not). table_set is for levels 2 to 4, v current; after
 * it mmu_finish_drop(v) has to return 0 before the next.
 */
int l1_set(pte_t *slot, pte_t e, struct domain *d, struct domain *from,
           bool keep_ad);
int l1_exchange(pte_t *slot, pte_t old, pte_t e, struct domain *d,
                struct domain *from);
int table_set(struct vcpu *v, struct page *table, unsigned int level,
              pte_t *slot, pte_t e, bool keep_ad);

/* Work put off because something else was due: 0 done, -ERESTART. */
int mmu_finish_drop(struct vcpu *v);
/* Keep a part-dropped table for it; the caller's reference goes along. */
void mmu_drop_later(struct vcpu *v, struct page *pg);

/* Owners of frames that no domain owns; NULL for other numbers. */
struct domain *domain_special(domid_t id);

/*
 * Replace roots of v; takes references, drops the old ones; loads CR3 if v is
 * current. mfn 0 for the user root: none. 0, -EINVAL, -ERESTART. Afterwards
 * mmu_finish_drop() on the current vcpu may have work.
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

/* The L1 entry that maps va in the kernel root: its slot, mapped until the
 * caller's frame_unmap(), and its table's page; false if upper levels are
 * absent. No reference is taken: take one, and a use, before the slot is
 * changed. */
bool guest_l1_slot(struct vcpu *v, uint64_t va, pte_t **slot,
                   struct page **table);
/* The entry that maps va (0: none), walking v's tables by physical address. */
pte_t guest_walk(mfn_t root, uint64_t va, unsigned int *level);

/* Grants: install `e` at va / at a machine address of an L1 entry. `e` already
 * carries its own references. The old entry must be 0 or is dropped. */
int pte_install(struct vcpu *v, pte_t e, uint64_t host_addr, bool is_pte_addr);
/*
 * Remove an entry that must map mfn; -EINVAL if it does not. What it was is in
 * *old: the caller drops it (l1e_drop) once the TLBs were flushed.
 * replace_with_va: the entry of that address moves here; 0: nothing does.
 */
int pte_remove(struct vcpu *v, mfn_t mfn, uint64_t host_addr, bool is_pte_addr,
               uint64_t replace_with_va, pte_t *old);

/* machine to physical (m2p.c) */
#define M2P_INVALID (~0UL)
void m2p_set(mfn_t mfn, uint64_t pfn);
uint64_t m2p_get(mfn_t mfn);
/* The frame that 2 MiB piece i of the table starts in, INVALID_MFN: none. */
mfn_t m2p_piece_mfn(unsigned int i);
/* Boot, all frames known: let the control domain map the table. */
void m2p_show_to_control(void);

long do_mmu_update(uint64_t reqs, uint64_t count, uint64_t done, uint64_t dom);
long do_mmuext_op(uint64_t ops, uint64_t count, uint64_t done, uint64_t dom);
long do_update_va_mapping(uint64_t va, uint64_t pte, uint64_t flags);
long do_update_va_mapping_otherdomain(uint64_t va, uint64_t pte, uint64_t flags,
                                      uint64_t dom);

#endif
