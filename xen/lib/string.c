/* SPDX-License-Identifier: GPL-2.0 */
/*
 * string.c - memory and string basics under their standard names.
 * Keeps true: nothing here becomes a call of itself. gcc turns copy loops
 * into calls of memcpy, so the bulk is done by string instructions.
 */
#include "lib/string.h"

void *memcpy(void *to, const void *from, size_t len)
{
    void *d = to;
    size_t words = len / 8;
    size_t rest = len % 8;

    asm volatile("rep movsq" : "+D"(d), "+S"(from), "+c"(words) : : "memory");
    asm volatile("rep movsb" : "+D"(d), "+S"(from), "+c"(rest) : : "memory");
    return to;
}

static void copy_down(void *to, const void *from, size_t len)
{
    unsigned char *d = (unsigned char *)to + len - 1;
    const unsigned char *s = (const unsigned char *)from + len - 1;

    asm volatile("std; rep movsb; cld"
                 : "+D"(d), "+S"(s), "+c"(len)
                 :
                 : "memory", "cc");
}

void *memmove(void *to, const void *from, size_t len)
{
    uintptr_t ahead = (uintptr_t)to - (uintptr_t)from;

    /* Wraps to a huge number when `to` lies below `from`. */
    if (ahead >= len)
        return memcpy(to, from, len);
    if (ahead)
        copy_down(to, from, len);
    return to;
}

void *memset(void *to, int byte, size_t len)
{
    void *d = to;
    size_t words = len / 8;
    size_t rest = len % 8;
    uint64_t pattern = (uint8_t)byte * 0x0101010101010101ull;

    asm volatile("rep stosq" : "+D"(d), "+c"(words) : "a"(pattern) : "memory");
    asm volatile("rep stosb" : "+D"(d), "+c"(rest) : "a"(pattern) : "memory");
    return to;
}

int memcmp(const void *a, const void *b, size_t len)
{
    const unsigned char *x = a;
    const unsigned char *y = b;

    for (; len; len--, x++, y++)
        if (*x != *y)
            return *x - *y;
    return 0;
}

size_t strnlen(const char *s, size_t max)
{
    size_t n = 0;

    while (n < max && s[n])
        n++;
    return n;
}

size_t strlen(const char *s)
{
    return strnlen(s, SIZE_MAX);
}

int strncmp(const char *a, const char *b, size_t max)
{
    for (; max && *a && *a == *b; max--)
        a++, b++;
    return max ? (unsigned char)*a - (unsigned char)*b : 0;
}

int strcmp(const char *a, const char *b)
{
    return strncmp(a, b, SIZE_MAX);
}

char *strchr(const char *s, int c)
{
    for (; *s != (char)c; s++)
        if (!*s)
            return NULL;
    return (char *)(uintptr_t)s; /* the standard's own loss of const */
}
