/* SPDX-License-Identifier: GPL-2.0 */
/*
 * console.h - who owns the serial input: Dom0, or our debug keys.
 * Three times Ctrl-a switches.
 */
#ifndef CORE_CONSOLE_H
#define CORE_CONSOLE_H

#include "lib/types.h"

/* A character came in (interrupt context). */
void console_input(char c);
/* Take up to n waiting input bytes for Dom0. */
size_t console_read(char *buf, size_t n);
/* Called when input waits for Dom0. */
extern void (*console_notify)(void);
void console_init(void);

#endif
