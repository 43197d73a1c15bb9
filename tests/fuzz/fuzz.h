/* SPDX-License-Identifier: GPL-2.0 */
/*
 * fuzz.h - what a harness is: one function that eats any bytes. libFuzzer
 * calls it (make fuzz), or replay.c does (make check).
 */
#ifndef FUZZ_H
#define FUZZ_H

#include <stddef.h>
#include <stdint.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

/* A broken promise; the fuzzer keeps the input that led to it. */
#define MUST(cond)                                                             \
    do {                                                                       \
        if (!(cond))                                                           \
            __builtin_trap();                                                  \
    } while (0)

#endif
