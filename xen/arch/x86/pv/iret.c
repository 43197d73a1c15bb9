/* SPDX-License-Identifier: GPL-2.0 */
/*
 * iret.c - a guest kernel returns through us, to its user mode or to itself.
 * Keeps true: whatever stands in the frame, the guest goes on in ring 3 with
 * interrupts enabled and I/O privilege 0.
 */
#include <abi/xen.h>

#include "cpu/desc.h"
#include "mm/guestcopy.h"
#include "pv/pv.h"

#define FLAGS_GUEST_MAY_SET                                                    \
    (0xdd5UL | FLAGS_RF | FLAGS_AC | 0x200000UL) /* and CF..OF, ID */

/* All of the frame, copied once. False: it cannot be read. */
static bool frame_read(uint64_t sp, struct iret_context *f)
{
    int rc;

    if (!guest_range_ok(sp, sizeof(*f)))
        return false;
    user_access_begin();
    rc = guest_copy_nine(f, (const void *)sp);
    user_access_end();
    return !rc;
}

/* The way back is IRET, which judges selectors and rip itself. */
void do_iret(void)
{
    struct vcpu *v = current;
    struct regs *r = &v->regs;
    struct iret_context f;

    if (!frame_read(r->rsp, &f)) {
        domain_crash(v->domain, "no iret frame at %016lx", r->rsp);
        return;
    }
    if ((f.cs & 3) == 3) {
        if (!v->root_user) {
            domain_crash(v->domain, "iret to user mode without a user root");
            return;
        }
        guest_mode_toggle(v);
    }
    if (v->domain->vm_assist & 1u << VMASST_TYPE_architectural_iopl)
        v->iopl = f.rflags >> 12 & 3;
    v->info->evtchn_upcall_mask = !(f.rflags & FLAGS_IF);
    v->nmi_masked = false;

    r->rax = f.rax;
    if (!(f.flags & VGCF_in_syscall)) {
        r->r11 = f.r11;
        r->rcx = f.rcx;
    }
    r->rip = f.rip;
    r->cs = (uint16_t)f.cs | 3;
    r->rflags = (f.rflags & FLAGS_GUEST_MAY_SET) | FLAGS_IF | 2;
    r->rsp = f.rsp;
    r->ss = (uint16_t)f.ss | 3;
}
