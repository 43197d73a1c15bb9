/* SPDX-License-Identifier: GPL-2.0 */
/*
 * hypercall_page.c - a page of entry stubs, for kernels that want one: call
 * page + 32 * number. 64-bit ABI: arguments in registers, rcx and r11 kept.
 */
#include "entry/hypercall.h"
#include "lib/errno.h"
#include "lib/string.h"
#include "mm/window.h"
#include "pv/pagetype.h"
#include "pv/pv.h"

#define STUB_SIZE 32

/* push rcx; push r11; mov $nr, eax; syscall; pop r11; pop rcx; ret */
static void stub(uint8_t *p, uint32_t nr)
{
    static const uint8_t head[] = {0x51, 0x41, 0x53, 0xb8};
    static const uint8_t tail[] = {0x0f, 0x05, 0x41, 0x5b, 0x59, 0xc3};

    memcpy(p, head, sizeof(head));
    memcpy(p + sizeof(head), &nr, sizeof(nr));
    memcpy(p + sizeof(head) + sizeof(nr), tail, sizeof(tail));
}

/* push rcx; push r11; push rax; mov $23, eax; syscall: does not come back. */
static void stub_iret(uint8_t *p)
{
    static const uint8_t code[] = {0x51, 0x41, 0x53, 0x50, 0xb8, 23,
                                   0,    0,    0,    0x0f, 0x05};

    memcpy(p, code, sizeof(code));
}

void hypercall_page_fill(void *page)
{
    uint8_t *p = page;

    memset(p, 0xcc, PAGE_SIZE);
    for (unsigned int nr = 0; nr < PAGE_SIZE / STUB_SIZE; nr++)
        stub(p + nr * STUB_SIZE, nr);
    memset(p + __HYPERVISOR_iret * STUB_SIZE, 0xcc, STUB_SIZE);
    stub_iret(p + __HYPERVISOR_iret * STUB_SIZE);
}

int hypercall_page_write(struct domain *d, mfn_t mfn)
{
    struct page *pg;
    void *p;

    if (!mfn_valid(mfn))
        return -EINVAL;
    pg = mfn_to_page(mfn);
    if (page_get_and_type(pg, d, PGT_WRITABLE))
        return -EINVAL;
    p = frame_map(mfn);
    hypercall_page_fill(p);
    frame_unmap(p);
    page_put_and_type(pg);
    return 0;
}

/* The MSR of CPUID leaf 0x40000002: machine address, page number in the low
 * bits; there is but one page. */
int hypercall_page_install(struct vcpu *v, uint64_t msr_value)
{
    if (msr_value & ~PAGE_MASK)
        return -EINVAL;
    return hypercall_page_write(v->domain, msr_value >> PAGE_SHIFT);
}
