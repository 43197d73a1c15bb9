/* SPDX-License-Identifier: GPL-2.0 */
/*
 * types.h - the numbers that run through everything.
 */
#ifndef LIB_TYPES_H
#define LIB_TYPES_H

#include <stdarg.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

typedef uint64_t mfn_t;   /* machine frame number: a physical address / 4096 */
typedef uint64_t paddr_t; /* physical (machine) address, bytes */
typedef uint16_t domid_t; /* a domain's number */

#define PAGE_SHIFT 12
#define PAGE_SIZE  4096UL
#define PAGE_MASK  (~(PAGE_SIZE - 1))

#define INVALID_MFN (~(mfn_t)0)

#define ARRAY_SIZE(a)     (sizeof(a) / sizeof((a)[0]))
#define ROUND_UP(x, a)    (((x) + ((a)-1)) & ~((__typeof__(x))(a)-1))
#define ROUND_DOWN(x, a)  ((x) & ~((__typeof__(x))(a)-1))
#define DIV_ROUND_UP(x, y) (((x) + (y)-1) / (y))
#define MIN(a, b) ((a) < (b) ? (a) : (b))
#define MAX(a, b) ((a) > (b) ? (a) : (b))

#define container_of(ptr, type, member)                                        \
    ((type *)((char *)(ptr)-offsetof(type, member)))

/* Nanoseconds. System time counts from boot. */
typedef int64_t ns_t;
#define NS_NEVER  INT64_MAX
#define SECONDS(n) ((ns_t)(n)*1000000000)
#define MILLISECS(n) ((ns_t)(n)*1000000)
#define MICROSECS(n) ((ns_t)(n)*1000)

#endif
