/* SPDX-License-Identifier: GPL-2.0 */
/*
 * keys.h - one-letter debug keys, from the serial line or `xl debug-keys`.
 */
#ifndef CORE_KEYS_H
#define CORE_KEYS_H

#include "lib/types.h"

/* Register at boot; fn runs in softirq context with interrupts enabled. */
void key_register(char key, void (*fn)(char key), const char *what);
void key_handle(char key); /* any context: queues and runs it soon */
void keys_init(void);

#endif
