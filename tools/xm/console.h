/* SPDX-License-Identifier: GPL-2.0 */
/* console.h - the program that shows a guest's console. */
#ifndef XM_CONSOLE_H
#define XM_CONSOLE_H

/* Become it for domain `id` (num NULL: the first console); fails only. */
int console_run(const char *id, const char *num);

#endif
