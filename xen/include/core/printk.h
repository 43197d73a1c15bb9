/* SPDX-License-Identifier: GPL-2.0 */
/*
 * printk.h - the log: a ring that keeps lines, and sinks that show them.
 * Each line goes out as "(XEN) text". Guests' own output passes through
 * core/console.h instead.
 */
#ifndef CORE_PRINTK_H
#define CORE_PRINTK_H

#include "lib/compiler.h"
#include "lib/types.h"

/* Level: a digit behind \001 at the start of the format. */
#define LOG_ERR   "\001" "0"
#define LOG_WARN  "\001" "1"
#define LOG_INFO  "\001" "2"
#define LOG_DEBUG "\001" "3"
#define LOG_GUEST "\001" "4" /* something a guest did; rate limited */

void printk(const char *fmt, ...) printf_like(1, 2);
void vprintk(const char *fmt, va_list ap);

struct log_sink {
    const char *name;
    void (*write)(const char *s, size_t n); /* any CPU, under the console lock */
    struct log_sink *next;
};
void log_add_sink(struct log_sink *s);

/* Read the ring for sysctl readconsole: bytes from *index on (moves it). */
size_t log_read(char *buf, size_t n, uint32_t *index, bool incremental);
void log_clear(void);
/* Called (any context) after a line was added; evtchn hangs CON_RING on it. */
extern void (*log_notify)(void);
/* For panic: from now on ignore locks. */
void log_force_unlock(void);
/* Raw bytes to the sinks, not the ring, no prefix: Dom0's console output. */
void log_write_raw(const char *s, size_t n);

#endif
