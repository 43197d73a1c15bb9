/* SPDX-License-Identifier: GPL-2.0 */
/*
 * memory.h - what memory_op.c is told by others.
 */
#ifndef SERVICE_MEMORY_H
#define SERVICE_MEMORY_H

#include <abi/memory.h>

#include "domain/domain.h"
#include "domain/part.h"

/* Entry i of the firmware's memory map; false: no such. boot sets it. */
extern bool (*machine_memory_map)(unsigned int i, struct e820entry *e);

#define MEMORY_MAP_MAX 128 /* entries a domain may be given */

extern const struct domain_part memory_part; /* frees the map */

#endif
