/* SPDX-License-Identifier: GPL-2.0 */
/*
 * context.h - the running vcpu's segment and debug registers.
 */
#ifndef PV_CONTEXT_H
#define PV_CONTEXT_H

#include "domain/vcpu.h"

/* Bases by instruction where the CPU has it, by MSR where not. The "other" GS
 * base is that of the mode the guest is not in. Values must be canonical. */
void fs_base_write(uint64_t base);
void gs_base_write(uint64_t base);
void gs_base_write_other(uint64_t base);
uint64_t fs_base_read(void);
uint64_t gs_base_read(void);
uint64_t gs_base_read_other(void);

/* Load a selector that may be refused; then 0 is loaded. False: refused. */
bool segment_load_gs(uint16_t sel);
bool segment_load_fs(uint16_t sel);
bool segment_load_ds(uint16_t sel);
bool segment_load_es(uint16_t sel);

void debugregs_load(const struct vcpu *v);

#endif
