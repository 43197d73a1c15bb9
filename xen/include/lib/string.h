/* SPDX-License-Identifier: GPL-2.0 */
/*
 * string.h - memory and string basics.
 * The standard names mean what the C standard says. On the host the C
 * library provides them; parse.c holds what it does not have.
 */
#ifndef LIB_STRING_H
#define LIB_STRING_H

#include <stddef.h>
#include <stdint.h>

void *memcpy(void *to, const void *from, size_t len);
void *memmove(void *to, const void *from, size_t len);
void *memset(void *to, int byte, size_t len);
int memcmp(const void *a, const void *b, size_t len);

size_t strlen(const char *s);
size_t strnlen(const char *s, size_t max);
int strcmp(const char *a, const char *b);
int strncmp(const char *a, const char *b, size_t max);
char *strchr(const char *s, int c);

/* Copy and always end with a NUL; returns the length wanted. */
size_t strlcpy(char *to, const char *from, size_t size);

/*
 * Read a number: decimal, 0x hexadecimal, or octal after a leading 0.
 * *end is the first character not used. Returns -EINVAL if there is no digit,
 * -ERANGE if it does not fit; then neither *value nor *end is touched.
 */
int parse_u64(const char *s, const char **end, uint64_t *value);

/* A number with B, K, M, G or T behind it, or nothing, which means K; the
 * result is in bytes. */
int parse_size(const char *s, const char **end, uint64_t *bytes);

#endif
