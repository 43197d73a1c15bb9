/* SPDX-License-Identifier: GPL-2.0 */
/*
 * races.h - what several vcpus of one guest do to the hypervisor at once.
 */
#ifndef RACES_H
#define RACES_H

#include "guest.h"

/* Run vcpu on this processor alone; takes effect before it goes on. */
bool pin_to_cpu(unsigned int vcpu, unsigned int cpu);

void stale_descriptors(void); /* descriptors.c */
void calls(void);             /* calls.c */

#endif
