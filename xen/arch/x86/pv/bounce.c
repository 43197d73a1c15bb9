/* SPDX-License-Identifier: GPL-2.0 */
/*
 * bounce.c - how a guest kernel is told: a frame on its stack, as hardware
 * would push it, and its handler's address in rip.
 *
 * From low to high: rcx, r11, [error code | ds es fs gs], rip,
 * cs and the event mask, flags, rsp, ss.
 * Keeps true: rip and stack never point into the hypervisor; a guest whose
 * stack takes no frame is ended.
 */
#include <abi/xen.h>

#include "core/printk.h"
#include "cpu/desc.h"
#include "cpu/msr.h"
#include "lib/string.h"
#include "mm/guestcopy.h"
#include "mm/tlb.h"
#include "pv/pv.h"

#define FRAME_MAX_WORDS 12
/* Flags that must not follow into a handler. */
#define FLAGS_CLEARED                                                          \
    (FLAGS_TF | FLAGS_NT | FLAGS_RF | FLAGS_VM | FLAGS_AC)

void guest_mode_toggle(struct vcpu *v)
{
    uint64_t root = v->in_kernel ? v->root_user : v->root_kernel;

    swapgs();
    v->in_kernel = !v->in_kernel;
    root_toggle(root << PAGE_SHIFT);
}

/* The five words an interrupt pushes, as the guest is to see them. */
static void frame_tail(const struct vcpu *v, uint64_t *w, bool was_kernel)
{
    const struct regs *r = &v->regs;
    uint8_t mask = v->info->evtchn_upcall_mask;
    uint64_t cs = was_kernel ? r->cs & ~3u : r->cs;
    uint64_t flags = r->rflags & ~(FLAGS_IF | FLAGS_IOPL);

    if (!mask)
        flags |= FLAGS_IF;
    if (v->domain->vm_assist & 1u << VMASST_TYPE_architectural_iopl)
        flags |= (uint64_t)v->iopl << 12;
    w[0] = r->rip;
    w[1] = cs | (uint64_t)mask << 32;
    w[2] = flags;
    w[3] = r->rsp;
    w[4] = r->ss;
}

/*
 * Push n extra words and the frame, and aim the vcpu at cb. rcx and r11 come
 * first, lowest.
 */
static void bounce(struct vcpu *v, const struct callback *cb,
                   const uint64_t *extra, unsigned int n)
{
    uint64_t frame[FRAME_MAX_WORDS];
    bool was_kernel = v->in_kernel;
    size_t size = (2 + n + 5) * 8;
    struct regs *r = &v->regs;
    guest_va_t at;

    if (!cb->address) {
        domain_crash(v->domain, "no handler for what happened at %016lx",
                     r->rip);
        return;
    }
    if (!was_kernel)
        guest_mode_toggle(v);
    frame[0] = r->rcx;
    frame[1] = r->r11;
    for (unsigned int i = 0; i < n; i++)
        frame[2 + i] = extra[i];
    frame_tail(v, frame + 2 + n, was_kernel);

    at.va = ((was_kernel ? r->rsp : v->kernel_sp) & ~15UL) - size;
    if (copy_to_guest(at, frame, size)) {
        domain_crash(v->domain, "no stack at %016lx for a handler", at.va);
        return;
    }
    if (cb->masks_events)
        v->info->evtchn_upcall_mask = 1;
    r->rip = cb->address;
    r->cs = GUEST_CS64;
    r->rflags = (r->rflags & ~FLAGS_CLEARED) | FLAGS_IF;
    r->rsp = at.va;
    r->ss = GUEST_SS;
}

static bool has_error_code(unsigned int vector)
{
    return vector == TRAP_DF || (vector >= TRAP_TS && vector <= TRAP_PF) ||
           vector == TRAP_AC || vector == TRAP_CP;
}

static struct callback trap_callback(const struct vcpu *v, unsigned int vector)
{
    const struct trap_info *t = &v->traps[vector];
    struct callback cb = {t->address, TI_GET_IF(t)};

    return cb;
}

void bounce_trap(struct vcpu *v, unsigned int vector, uint32_t error_code)
{
    struct callback cb = trap_callback(v, vector);
    uint64_t error = error_code;

    bounce(v, &cb, &error, has_error_code(vector));
}

void bounce_page_fault(struct vcpu *v, uint64_t cr2, uint32_t error_code)
{
    struct callback cb = trap_callback(v, TRAP_PF);
    uint64_t error = error_code;

    if (v->in_kernel)
        error &= ~(uint64_t)PFEC_USER;
    v->info->arch.cr2 = cr2;
    if (!cb.address)
        printk(LOG_GUEST "d%uv%u: page fault at %016lx, error %04lx\n",
               v->domain->id, v->id, cr2, error);
    bounce(v, &cb, &error, 1);
}

bool bounce_int(struct vcpu *v, unsigned int vector, unsigned int insn_len)
{
    const struct trap_info *t = &v->traps[vector];
    struct callback cb = trap_callback(v, vector);

    /* The guest kernel counts as ring 1. */
    if (!t->address || TI_GET_DPL(t) < (v->in_kernel ? 1 : 3))
        return false;
    v->regs.rip += insn_len;
    bounce(v, &cb, NULL, 0);
    return true;
}

void bounce_event(struct vcpu *v)
{
    struct callback cb = {v->event_entry.address, true};

    bounce(v, &cb, NULL, 0);
}

void bounce_nmi(struct vcpu *v)
{
    const struct trap_info *ti = &v->traps[TRAP_NMI];
    struct callback cb = v->nmi_entry;

    v->nmi_pending = false;
    if (!cb.address) { /* not registered apart: the trap table has it */
        cb.address = ti->address;
        cb.masks_events = TI_GET_IF(ti);
    }
    if (!cb.address)
        return;
    v->nmi_masked = true;
    bounce(v, &cb, NULL, 0);
}

void bounce_failsafe(struct vcpu *v, const uint16_t *sel)
{
    uint64_t extra[4] = {0};

    if (sel) {
        for (unsigned int i = 0; i < 4; i++)
            extra[i] = sel[i];
    } else {
        __asm__("mov %%ds, %k0; mov %%es, %k1; mov %%fs, %k2; mov %%gs, %k3"
                : "=r"(extra[0]), "=r"(extra[1]), "=r"(extra[2]),
                  "=r"(extra[3]));
    }
    bounce(v, &v->failsafe_entry, extra, 4);
}

static void bounce_user_syscall(struct vcpu *v, const struct callback *cb)
{
    if (!cb->address) {
        v->regs.rip -= 2;
        bounce_trap(v, TRAP_GP, 0);
        return;
    }
    bounce(v, cb, NULL, 0);
}

/*
 * What every system call of a guest's processes goes through: the same frame
 * as bounce() makes, written word by word. Anything unusual is left to it.
 */
void bounce_syscall(struct vcpu *v)
{
    struct regs *r = &v->regs;
    uint64_t sp = (v->kernel_sp & ~15UL) - 7 * 8, *to = (uint64_t *)sp;
    uint8_t mask = v->info->evtchn_upcall_mask;
    uint64_t flags = r->rflags & ~(FLAGS_IF | FLAGS_IOPL);

    if (unlikely(!v->syscall_entry.address || !guest_range_ok(sp, 7 * 8) ||
                 v->domain->vm_assist & 1u << VMASST_TYPE_architectural_iopl)) {
        bounce_user_syscall(v, &v->syscall_entry);
        return;
    }
    if (!mask)
        flags |= FLAGS_IF;
    guest_mode_toggle(v);
    user_access_begin();
    put_guest_word(&to[0], r->rcx, fault);
    put_guest_word(&to[1], r->r11, fault);
    put_guest_word(&to[2], r->rip, fault);
    put_guest_word(&to[3], GUEST_CS64 | (uint64_t)mask << 32, fault);
    put_guest_word(&to[4], flags, fault);
    put_guest_word(&to[5], r->rsp, fault);
    put_guest_word(&to[6], GUEST_SS, fault);
    user_access_end();
    if (v->syscall_entry.masks_events)
        v->info->evtchn_upcall_mask = 1;
    r->rip = v->syscall_entry.address;
    r->rflags = (r->rflags & ~FLAGS_CLEARED) | FLAGS_IF;
    r->rsp = sp;
    return;

fault:
    user_access_end();
    domain_crash(v->domain, "no stack at %016lx for a system call", sp);
}

void bounce_syscall32(struct vcpu *v)
{
    if (v->in_kernel) {
        domain_crash(v->domain, "32-bit syscall in kernel mode");
        return;
    }
    bounce_user_syscall(v, &v->syscall32_entry);
}
