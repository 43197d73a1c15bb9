/* SPDX-License-Identifier: GPL-2.0 */
/*
 * insn_guest.h - between the decoder, which knows no guest, and a vcpu.
 */
#ifndef PV_INSN_GUEST_H
#define PV_INSN_GUEST_H

#include "domain/vcpu.h"
#include "pv/decode.h"

/* Read and decode the instruction at v's rip; v is current. False: its bytes
 * cannot be read. */
bool insn_fetch(const struct vcpu *v, struct insn_desc *insn);
/* What the decoder's arithmetic needs of v to carry insn out. */
void insn_regs_read(const struct vcpu *v, const struct insn_desc *insn,
                    struct insn_regs *out);
/* A general register by the number instructions name it with, 0 to 15. */
uint64_t *reg_by_number(struct regs *r, unsigned int n);

#endif
