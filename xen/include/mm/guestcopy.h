/* SPDX-License-Identifier: GPL-2.0 */
/*
 * guestcopy.h - copies that may fault. The address is checked to be none of
 * ours, the tables of the running vcpu translate it, a fault ends the copy.
 * Interrupts stay as they are. Returns 0 or -EFAULT (possibly half done).
 */
#ifndef MM_GUESTCOPY_H
#define MM_GUESTCOPY_H

#include <abi/xen.h>

#include "cpu/features.h"
#include "lib/compiler.h"
#include "lib/types.h"
#include "mm/layout.h"

must_check int copy_from_guest(void *dst, guest_va_t src, size_t n);
must_check int copy_to_guest(guest_va_t dst, const void *src, size_t n);
must_check int clear_guest(guest_va_t dst, size_t n);
/* One naturally aligned word, read or written in one access. */
must_check int read_guest64(uint64_t *v, uint64_t va);
must_check int write_guest64(uint64_t va, uint64_t v);

static inline guest_va_t guest_va_at(guest_va_t base, uint64_t index,
                                     size_t size)
{
    guest_va_t r = {base.va + index * size};

    return r;
}
static inline bool guest_va_is_null(guest_va_t g)
{
    return g.va == 0;
}

/*
 * One word to a checked guest address, in place: for the frame that every
 * system call pushes. Between user_access_begin() and
 * user_access_end(); a fault goes to the label.
 */
#define GUEST_FIXUP(label)                                                     \
    ".pushsection .extable, \"a\"\n"                                          \
    ".balign 4\n"                                                              \
    ".long 1b - ., %l[" #label "] - .\n"                                       \
    ".popsection"
#define put_guest_word(p, v, label)                                            \
    __asm__ goto("1: movq %1, %0\n" GUEST_FIXUP(label)                         \
                 :                                                             \
                 : "m"(*(uint64_t *)(p)), "r"((uint64_t)(v))                   \
                 : "memory"                                                    \
                 : label)
static inline void user_access_begin(void)
{
    if (unlikely(cpu_features.smap))
        __asm__ volatile("stac" ::: "memory");
}

static inline void user_access_end(void)
{
    if (unlikely(cpu_features.smap))
        __asm__ volatile("clac" ::: "memory");
}

/* Nine words, the frame of an iret; the address is checked. guestcopy.S */
must_check int guest_copy_nine(void *dst, const void *src);

/* An instruction that may fault, and where to go on (extable.c). */
struct fixup {
    int32_t insn, handler; /* relative to their own place */
};
/* The handler for a fault of ours at rip, or 0. */
uint64_t extable_find(uint64_t rip);

#endif
