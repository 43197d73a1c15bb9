/* SPDX-License-Identifier: GPL-2.0 */
/* domfuzz.h - random calls out of a guest (option fuzz=N of `domains`). */
#ifndef DOMFUZZ_H
#define DOMFUZZ_H

#include "domu.h"

void domfuzz(uint64_t seed, uint64_t calls);

#endif
