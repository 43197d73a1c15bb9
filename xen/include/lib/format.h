/* SPDX-License-Identifier: GPL-2.0 */
/*
 * format.h - text from values. Knows %d %i %u %x %X %o %c %s %p %%, the
 * lengths hh h l ll z j t, flags - 0 # + and space, width, precision and *.
 * Both return the length the whole text has; at most size bytes are written,
 * the last of them a NUL.
 */
#ifndef LIB_FORMAT_H
#define LIB_FORMAT_H

#include <stdarg.h>
#include <stddef.h>

int vsnprintf(char *buf, size_t size, const char *fmt, va_list args)
    __attribute__((format(printf, 3, 0)));
int snprintf(char *buf, size_t size, const char *fmt, ...)
    __attribute__((format(printf, 3, 4)));

#endif
