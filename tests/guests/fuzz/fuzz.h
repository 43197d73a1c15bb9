/* SPDX-License-Identifier: GPL-2.0 */
/*
 * fuzz.h - what the parts of the fuzzer share.
 * Keeps true: random numbers come from the running vcpu's own stream.
 */
#ifndef FUZZ_H
#define FUZZ_H

#include "guest.h"

#define NR_PAGES 16
extern char *pages[NR_PAGES];

uint64_t rnd(void);
uint64_t below(uint64_t n);
uint64_t a_value(void);
void *a_page(void);
uint64_t a_frame(void);

void fuzz_grants_start(void);
void fuzz_grants_end(void);
void grant_step(void);
void event_step(void);
void queue_step(void);
void fuzz_queues_end(void);
void vcpu_step(void);
void time_step(void);
void fuzz_tables_start(void);
void fuzz_tables_end(void);
void table_step(void);

#endif
