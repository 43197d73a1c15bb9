/* SPDX-License-Identifier: GPL-2.0 */
/*
 * domu.h - a guest of 32 pages that does, step by step, what Dom0 tells it.
 * Keeps true: Dom0 writes a step into the guest's script page, the guest
 * carries it out and leaves the result there; nobody else touches the page.
 */
#ifndef DOMU_H
#define DOMU_H

#include "guest.h"

#define DOMU_PAGES 32
/* Guest pages by number, which is also where they stand from VIRT on. */
enum {
    PG_CODE,
    PG_STACK,
    PG_SCRIPT,
    PG_L1,
    PG_L2,
    PG_L3,
    PG_L4,
    PG_DATA,  /* free for tests, to the end */
    PG_DATA2,
    PG_DATA3,
    PG_WINDOW, /* a place to map things at */
};
#define DOMU_VA(page) (VIRT + (page) * PAGE)

struct domu {
    domid_t id;
    uint64_t frame[DOMU_PAGES];
    struct script *script; /* mapped in Dom0 */
    char *data;            /* PG_DATA, mapped in Dom0 */
    unsigned int step;
};

/* Calls that are none: what the guest does with rdi and rsi. */
#define STEP_WAIT  (-2L)
#define STEP_STORE (-3L) /* *(u64 *)rdi = rsi */
#define STEP_LOAD  (-4L) /* result = *(u64 *)rdi */
#define STEP_UD    (-5L) /* an instruction that there is not */
struct step {
    volatile long nr;
    long arg[5];
    volatile long result;
    volatile long done;
};
struct script {
    struct step step[64];
};

long domctl(uint32_t cmd, domid_t id, struct xen_domctl *op);
long sysctl(uint32_t cmd, struct xen_sysctl *op);
/* Puts a foreign frame under an address of ours. */
long map_foreign(const void *at, uint64_t frame, domid_t id, uint64_t bits);
void give_back_window(void *at);
/* Creates, fills and starts it; false: which call failed was reported. */
bool domu_build(struct domu *u);
/* The same without a line of report. */
bool domu_make(struct domu *u);
bool domu_start(struct domu *u);
/* Makes the guest do one thing; its result. */
long domu_do(struct domu *u, long nr, long a, long b, long c, long d);
bool domu_wait(struct domu *u, struct step *s);
struct step *domu_post(struct domu *u, long nr, long a, long b, long c,
                       long d);
long domu_destroy(struct domu *u);

#endif
