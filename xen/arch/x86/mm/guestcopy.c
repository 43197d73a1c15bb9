/* SPDX-License-Identifier: GPL-2.0 */
/*
 * guestcopy.c - to and from addresses of the running guest.
 * Keeps true: an address that is ours, or is none, is never touched on a
 * guest's behalf; SMAP is lifted for the copy alone.
 */
#include "mm/guestcopy.h"

#include "lib/errno.h"
#include "mm/layout.h"

int guest_copy(void *to, const void *from, size_t n);
int guest_zero(void *to, size_t n);

int copy_from_guest(void *dst, guest_va_t src, size_t n)
{
    int rc;

    if (unlikely(!guest_range_ok(src.va, n)))
        return -EFAULT;
    user_access_begin();
    rc = guest_copy(dst, (const void *)src.va, n);
    user_access_end();
    return rc;
}

int copy_to_guest(guest_va_t dst, const void *src, size_t n)
{
    int rc;

    if (unlikely(!guest_range_ok(dst.va, n)))
        return -EFAULT;
    user_access_begin();
    rc = guest_copy((void *)dst.va, src, n);
    user_access_end();
    return rc;
}

int clear_guest(guest_va_t dst, size_t n)
{
    int rc;

    if (unlikely(!guest_range_ok(dst.va, n)))
        return -EFAULT;
    user_access_begin();
    rc = guest_zero((void *)dst.va, n);
    user_access_end();
    return rc;
}

/* An aligned word lies in one page, and guest_copy moves it in one access. */
int read_guest64(uint64_t *v, uint64_t va)
{
    guest_va_t src = {va};

    return va & 7 ? -EFAULT : copy_from_guest(v, src, sizeof(*v));
}

int write_guest64(uint64_t va, uint64_t v)
{
    guest_va_t dst = {va};

    return va & 7 ? -EFAULT : copy_to_guest(dst, &v, sizeof(v));
}
