/* SPDX-License-Identifier: GPL-2.0 */
/*
 * console_op.c - Dom0 writes to and reads from the machine's console.
 */
#include "core/console.h"
#include "core/printk.h"
#include "service/call.h"
#include "service/services.h"

#define CHUNK 128

static long console_write(struct vcpu *v, guest_va_t from, uint64_t count)
{
    char buf[CHUNK];

    while (count) {
        size_t n = MIN(count, sizeof(buf));

        if (copy_from_guest(buf, from, n))
            return -EFAULT;
        log_write_raw(buf, n);
        count -= n;
        from.va += n;
        if (count && preempt_wanted())
            return hypercall_resume(v, __HYPERVISOR_console_io,
                                    CONSOLEIO_write, count, from.va, 0);
    }
    return 0;
}

/* Bytes read, at most count. */
static long console_read_to(guest_va_t to, uint64_t count)
{
    uint64_t done = 0;
    char buf[CHUNK];

    while (done < count) {
        guest_va_t at = {to.va + done};
        size_t n = console_read(buf, MIN(count - done, sizeof(buf)));

        if (!n)
            break;
        if (copy_to_guest(at, buf, n))
            return -EFAULT;
        done += n;
    }
    return (long)done;
}

long do_console_io(uint64_t cmd, uint64_t count, uint64_t buffer)
{
    const guest_va_t at = {buffer};
    struct vcpu *v = current;

    if (!v->domain->privileged)
        return -EPERM;
    count = (uint32_t)count; /* an int in the ABI */
    if (count > INT32_MAX)
        return -EINVAL;
    switch (cmd) {
    case CONSOLEIO_write:
        return console_write(v, at, count);
    case CONSOLEIO_read:
        return console_read_to(at, count);
    }
    return -ENOSYS;
}
