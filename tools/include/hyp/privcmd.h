/* SPDX-License-Identifier: GPL-2.0 */
/*
 * hyp/privcmd.h - hypercalls from Dom0's user space, and the memory they may
 * read and write. Functions return 0 (or a count) or -errno.
 */
#ifndef HYP_PRIVCMD_H
#define HYP_PRIVCMD_H

#include <stddef.h>
#include <stdint.h>

#include <abi/xen.h>

#define HYP_PAGE_SHIFT 12
#define HYP_PAGE_SIZE  4096ul

struct hyp; /* one open /dev/xen/privcmd; not shared between threads */

struct hyp *hyp_open(void); /* NULL: errno says why */
void hyp_close(struct hyp *h);
int hyp_fd(const struct hyp *h);

/* The hypervisor's answer as it is: >= 0 or -errno. */
long hyp_call(struct hyp *h, unsigned op, uint64_t a0, uint64_t a1, uint64_t a2,
              uint64_t a3, uint64_t a4);

/*
 * Memory that hypercalls may use: always present, zeroed. Taken and given
 * back like a stack: hyp_release(mark) frees all that came after the mark.
 */
size_t hyp_mark(const struct hyp *h);
void *hyp_scratch(struct hyp *h, size_t size); /* NULL: no memory */
void hyp_release(struct hyp *h, size_t mark);

static inline guest_va_t hyp_va(const void *p)
{
    return (guest_va_t){(uint64_t)(uintptr_t)p};
}

/* memory_op with all 64 bits of its result. */
long hyp_memory_op(struct hyp *h, unsigned cmd, void *arg);

#endif
