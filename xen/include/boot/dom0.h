/* SPDX-License-Identifier: GPL-2.0 */
/*
 * dom0.h - what is wanted of Dom0.
 */
#ifndef BOOT_DOM0_H
#define BOOT_DOM0_H

#include "lib/types.h"

struct mem_amount {
    bool given;
    bool minus; /* all memory less this */
    uint64_t pages;
};

struct dom0_options {
    struct mem_amount mem, min, max;
    bool mem_bad;      /* mem_text could not be read */
    char mem_text[64];
    uint32_t min_vcpus, max_vcpus;
    bool pin;
};
extern struct dom0_options dom0_options;

/* Frames for Dom0 when so many are free; *max: its limit later. */
uint64_t dom0_pages_wanted(uint64_t free, uint64_t *max);
unsigned int dom0_vcpus_wanted(unsigned int cpus);

/* dom0_rights.c: all of the machine but what is ours. 0 or -ENOMEM. */
struct domain;
int dom0_give_rights(struct domain *d);

#endif
