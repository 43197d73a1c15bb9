/* SPDX-License-Identifier: GPL-2.0 */
/*
 * efi_op.h - the firmware's facts and services for Dom0.
 */
#ifndef SERVICE_EFI_OP_H
#define SERVICE_EFI_OP_H

#include <abi/platform.h>

#include "domain/vcpu.h"

long efi_firmware_info(uint32_t index, union xenpf_efi_info *info);
long efi_runtime_op(struct vcpu *v, struct xenpf_efi_runtime_call *op);

#endif
