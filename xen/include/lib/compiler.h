/* SPDX-License-Identifier: GPL-2.0 */
/*
 * compiler.h - what we say to the compiler, in words.
 */
#ifndef LIB_COMPILER_H
#define LIB_COMPILER_H

#define likely(x)   __builtin_expect(!!(x), 1)
#define unlikely(x) __builtin_expect(!!(x), 0)

#define noreturn     __attribute__((__noreturn__))
#define printf_like(f, a) __attribute__((format(printf, f, a)))
#define packed       __attribute__((__packed__))
#define aligned_to(n) __attribute__((aligned(n)))
#define used_by_asm  __attribute__((__used__))
#define must_check   __attribute__((warn_unused_result))
#define always_inline inline __attribute__((__always_inline__))
#define noinline     __attribute__((__noinline__))
#define unused       __attribute__((__unused__))

/* Where a thing is linked (see image.lds.S). */
#define init_text __attribute__((section(".init.text"), __noinline__))
#define init_data __attribute__((section(".init.data")))
#define read_mostly __attribute__((section(".data.read_mostly")))

/* One read or write, neither torn, repeated nor left out. */
#define READ_ONCE(x)     (*(const volatile __typeof__(x) *)&(x))
#define WRITE_ONCE(x, v) (*(volatile __typeof__(x) *)&(x) = (v))

#define barrier() __asm__ volatile("" ::: "memory")

#endif
