/* SPDX-License-Identifier: GPL-2.0 */
/*
 * context.c - one vcpu's CPU state: made, loaded, saved, set from outside.
 * Keeps true: a CPU holds the translations of a domain only while its bit is
 * set in dirty_cpus, and nothing of a vcpu after vcpu_context_save and the
 * load of the next.
 */
#include <abi/xen.h>

#include "core/panic.h"
#include "cpu/desc.h"
#include "cpu/features.h"
#include "cpu/fpu.h"
#include "cpu/msr.h"
#include "domain/part.h"
#include "domain/shared.h"
#include "lib/string.h"
#include "mm/directmap.h"
#include "mm/heap.h"
#include "mm/tlb.h"
#include "mm/window.h"
#include "pv/context.h"
#include "pv/pgtable.h"
#include "pv/pv.h"
#include "service/call.h"

#define PERDOMAIN_L1_PER_PAGE 16 /* vcpus whose 32 entries fill a table */
/* Bits of CR4 a guest may switch for itself. */
#define CR4_GUEST (CR4_TSD | CR4_DE | CR4_FSGSBASE)

#define SEGMENT_LOAD(seg)                                                      \
    bool segment_load_##seg(uint16_t sel)                                      \
    {                                                                          \
        bool ok = true;                                                        \
                                                                               \
        __asm__ volatile("1: movl %k1, %%" #seg "\n"                           \
                         "2:\n"                                                \
                         ".section .text.fixup, \"ax\"\n"                      \
                         "3: xorl %k1, %k1\n"                                  \
                         "   movl %k1, %%" #seg "\n"                           \
                         "   movb $0, %b0\n"                                   \
                         "   jmp 2b\n"                                         \
                         ".previous\n"                                         \
                         ".section .extable, \"a\"\n"                          \
                         ".balign 4\n"                                         \
                         ".long 1b - ., 3b - .\n"                              \
                         ".previous"                                           \
                         : "+q"(ok), "+r"(sel)::"memory");                     \
        return ok;                                                             \
    }
SEGMENT_LOAD(ds)
SEGMENT_LOAD(es)
SEGMENT_LOAD(fs)
SEGMENT_LOAD(gs)

/* Only while the guest has the instructions itself may we use them. */
static bool base_insns(void)
{
    return this_cpu()->cr4 & CR4_FSGSBASE;
}

void fs_base_write(uint64_t base)
{
    if (base_insns())
        wrfsbase(base);
    else
        wrmsr(MSR_FS_BASE, base);
}

void gs_base_write(uint64_t base)
{
    if (base_insns())
        wrgsbase(base);
    else
        wrmsr(MSR_GS_BASE, base);
}

void gs_base_write_other(uint64_t base)
{
    wrmsr(MSR_KERNEL_GS_BASE, base);
}

uint64_t fs_base_read(void)
{
    return base_insns() ? rdfsbase() : rdmsr(MSR_FS_BASE);
}

uint64_t gs_base_read(void)
{
    return base_insns() ? rdgsbase() : rdmsr(MSR_GS_BASE);
}

uint64_t gs_base_read_other(void)
{
    return rdmsr(MSR_KERNEL_GS_BASE);
}

/*
 * DR7 without the breakpoints on ports (kind 2). A guest's own port access
 * faults before such a breakpoint could be hit: it would only ever stop us.
 */
static uint64_t dr7_for_cpu(uint64_t dr7)
{
    for (unsigned int i = 0; i < 4; i++)
        if ((dr7 >> (16 + 4 * i) & 3) == 2)
            dr7 &= ~(3UL << 2 * i | 0xfUL << (16 + 4 * i));
    return dr7;
}

void debugregs_load(const struct vcpu *v)
{
    uint64_t dr7 = dr7_for_cpu(v->dr[7]);

    write_dr7(0);
    if (!(dr7 & 0xff))
        return;
    write_dr0(v->dr[0]);
    write_dr1(v->dr[1]);
    write_dr2(v->dr[2]);
    write_dr3(v->dr[3]);
    write_dr6(0xffff0ff0UL);
    write_dr7(dr7);
}

/* A guest's processes must not change bases behind a kernel that does not know
 * they can: FSGSBASE is on only if it asked. */
void guest_cr4_load(const struct vcpu *v)
{
    struct cpu *c = this_cpu();
    uint64_t cr4 = (hyp_cr4 & ~CR4_GUEST) | (v->cr4 & CR4_GUEST);

    if (v->domain->vtsc)
        cr4 |= CR4_TSD;
    if (c->cr4 != cr4) {
        write_cr4(cr4);
        c->cr4 = cr4;
    }
}

static void segments_save(struct vcpu *v)
{
    __asm__("mov %%ds, %0; mov %%es, %1; mov %%fs, %2; mov %%gs, %3"
            : "=r"(v->ds), "=r"(v->es), "=r"(v->fs), "=r"(v->gs));
    v->fs_base = fs_base_read();
    if (v->in_kernel) {
        v->gs_base_kernel = gs_base_read();
        v->gs_base_user = gs_base_read_other();
    } else {
        v->gs_base_user = gs_base_read();
        v->gs_base_kernel = gs_base_read_other();
    }
}

static void segments_load(struct vcpu *v)
{
    bool ok = segment_load_ds(v->ds);

    ok &= segment_load_es(v->es);
    ok &= segment_load_fs(v->fs);
    ok &= segment_load_gs(v->gs);
    if (!ok)
        v->slow_exit |= SLOW_EXIT_SELECTORS;
    fs_base_write(v->fs_base);
    gs_base_write(v->in_kernel ? v->gs_base_kernel : v->gs_base_user);
    gs_base_write_other(v->in_kernel ? v->gs_base_user : v->gs_base_kernel);
}

void vcpu_context_save(struct vcpu *v)
{
    if (vcpu_is_idle(v))
        return;
    segments_save(v);
    if (v->dr[7] & 0xff)
        write_dr7(0);
    clts();
    fpu_save(v->fpu);
}

static void root_leave(struct cpu *c)
{
    desc_load_gdt((uint64_t)c->gdt_page - FIRST_RESERVED_GDT_BYTE);
}

/*
 * prev's state is saved already. Our GDT stands in the guest's address space:
 * step over the CPU's own copy while the space changes.
 * The root is loaded even if it is the one there: this CPU may remember v's
 * descriptor tables as they were when v last ran here, and v may have changed
 * them elsewhere since and written to what was one of them.
 */
void vcpu_context_load(struct vcpu *v)
{
    struct cpu *c = this_cpu();
    static PERCPU struct domain *loaded; /* whose root is in CR3 */
    struct domain *old = percpu(loaded);
    uint64_t root;

    ASSERT(!windows_open());
    root_leave(c);
    if (vcpu_is_idle(v)) {
        root_load(idle_l4_pa);
        percpu(loaded) = NULL;
    } else {
        root = v->in_kernel ? v->root_kernel : v->root_user;
        cpumask_set(&v->domain->dirty_cpus, c->id);
        v->perdomain_l1[FIRST_RESERVED_GDT_PAGE] =
            pte_make(c->gdt_page_mfn, HYP_RW & ~PTE_G);
        c->loaded_root = 0;
        root_load(root << PAGE_SHIFT);
        percpu(loaded) = v->domain;
    }
    if (old && old != percpu(loaded))
        cpumask_clear(&old->dirty_cpus, c->id);
    if (vcpu_is_idle(v))
        return;

    c->regs_end = c->tss.rsp[0] = (uint64_t)(&v->regs + 1);
    v->hyp_stack = ROUND_UP((uint64_t)c, CPU_AREA_SIZE);
    desc_load_gdt(VCPU_GDT_VA(v->id));
    desc_load_ldt(VCPU_LDT_VA(v->id), v->ldt_entries * 8);
    guest_cr4_load(v);
    if (cpu_features.rdtscp)
        wrmsr(MSR_TSC_AUX, v->tsc_aux);
    segments_load(v);
    fpu_load(v->fpu, v->xcr0);
    if (v->ts)
        write_cr0(read_cr0() | CR0_TS);
    debugregs_load(v);
    clock_publish(v);
}

/* The table with v's 32 entries, made if it is the first of its 16. */
static int perdomain_l1_create(struct vcpu *v)
{
    pte_t *l2 = mfn_to_virt(pte_mfn(v->domain->perdomain_l3[0]));
    pte_t *slot = &l2[v->id / PERDOMAIN_L1_PER_PAGE];
    pte_t *l1;

    if (!*slot) {
        l1 = heap_page();
        if (!l1)
            return -ENOMEM;
        *slot = pte_make(virt_to_mfn(l1), HYP_RW & ~(PTE_G | PTE_NX));
    }
    l1 = mfn_to_virt(pte_mfn(*slot));
    v->perdomain_l1 = l1 + v->id % PERDOMAIN_L1_PER_PAGE * 32;
    return 0;
}

int pv_vcpu_create(struct vcpu *v)
{
    v->info_mfn = INVALID_MFN;
    v->traps = heap_page();
    v->fpu = kzalloc(fpu_area_size());
    if (!v->traps || !v->fpu)
        goto fail;
    fpu_init_area(v->fpu);
    v->xcr0 = 1;
    v->dr[6] = 0xffff0ff0UL;
    v->dr[7] = 0x400;
    if (vcpu_is_idle(v))
        return 0;
    if (perdomain_l1_create(v))
        goto fail;
    v->info = shared_vcpu_info_default(v);
    return 0;

fail:
    pv_vcpu_destroy(v);
    return -ENOMEM;
}

void pv_vcpu_destroy(struct vcpu *v)
{
    if (v->traps)
        heap_page_free(v->traps);
    kfree(v->fpu);
    v->traps = NULL;
    v->fpu = NULL;
}

int pv_domain_create(struct domain *d, const struct domain_config *cfg)
{
    pte_t *l2;

    (void)cfg;
    d->perdomain_l3 = heap_page();
    l2 = heap_page();
    if (!d->perdomain_l3 || !l2) {
        if (l2)
            heap_page_free(l2);
        if (d->perdomain_l3)
            heap_page_free(d->perdomain_l3);
        d->perdomain_l3 = NULL;
        return -ENOMEM;
    }
    d->perdomain_l3[0] = pte_make(virt_to_mfn(l2), HYP_RW & ~(PTE_G | PTE_NX));
    d->perdomain_l3_mfn = virt_to_mfn(d->perdomain_l3);
    return cpu_policy_create(d);
}

void pv_domain_destroy(struct domain *d)
{
    pte_t *l2;

    if (!d->perdomain_l3)
        return;
    l2 = mfn_to_virt(pte_mfn(d->perdomain_l3[0]));
    for (unsigned int i = 0; i < PTES_PER_TABLE; i++)
        if (l2[i])
            heap_page_free(mfn_to_virt(pte_mfn(l2[i])));
    heap_page_free(l2);
    heap_page_free(d->perdomain_l3);
    d->perdomain_l3 = NULL;
    cpu_policy_destroy(d);
}

static void regs_from_context(struct vcpu *v, const struct cpu_user_regs *u)
{
    struct regs *r = &v->regs;

    memcpy(r, u, offsetof(struct cpu_user_regs, error_code));
    r->rip = u->rip;
    r->cs = u->cs | 3;
    r->rflags = (u->rflags & (0xdd5UL | FLAGS_RF | FLAGS_AC | 0x200000UL)) |
                FLAGS_IF | 2;
    v->iopl = u->rflags >> 12 & 3; /* virtual; the real one stays 0 */
    r->rsp = u->rsp;
    r->ss = u->ss | 3;
    v->ds = u->ds;
    v->es = u->es;
    v->fs = u->fs;
    v->gs = u->gs;
}

static bool context_ok(const struct vcpu_guest_context *c)
{
    if (!guest_addr_ok(c->event_callback_eip) ||
        !guest_addr_ok(c->failsafe_callback_eip) ||
        !guest_addr_ok(c->syscall_callback_eip) ||
        !guest_addr_ok(c->fs_base) || !guest_addr_ok(c->gs_base_kernel) ||
        !guest_addr_ok(c->gs_base_user) ||
        c->gdt_ents > FIRST_RESERVED_GDT_ENTRY || c->ldt_ents > 8192)
        return false;
    for (unsigned int i = 0; i < 256; i++)
        if (!guest_addr_ok(c->trap_ctxt[i].address))
            return false;
    return c->flags & VGCF_in_kernel || c->ctrlreg[1];
}

static void callbacks_from_context(struct vcpu *v,
                                   const struct vcpu_guest_context *c)
{
    v->event_entry.address = c->event_callback_eip;
    v->failsafe_entry.address = c->failsafe_callback_eip;
    v->failsafe_entry.masks_events = c->flags & VGCF_failsafe_disables_events;
    v->syscall_entry.address = c->syscall_callback_eip;
    v->syscall_entry.masks_events = c->flags & VGCF_syscall_disables_events;
    memcpy(v->traps, c->trap_ctxt, sizeof(c->trap_ctxt));
    for (unsigned int i = 0; i < 256; i++)
        v->traps[i].vector = (uint8_t)i;
}

/* Everything that holds references: roots first, they may take several goes. */
static int tables_from_context(struct vcpu *v,
                               const struct vcpu_guest_context *c)
{
    mfn_t kernel = xen_cr3_to_pfn(c->ctrlreg[3]);
    mfn_t user = c->ctrlreg[1] ? xen_cr3_to_pfn(c->ctrlreg[1]) : 0;
    int rc = mmu_finish_drop(current);

    if (!rc && v->root_kernel != kernel)
        rc = vcpu_set_root(v, kernel);
    if (!rc && v->root_user != user)
        rc = vcpu_set_user_root(v, user);
    if (!rc)
        rc = gdt_set(v, c->gdt_frames, (unsigned int)c->gdt_ents);
    if (!rc)
        rc = ldt_set(v, c->ldt_base, (unsigned int)c->ldt_ents);
    return rc;
}

int vcpu_context_set(struct vcpu *v, const struct vcpu_guest_context *c)
{
    int rc;

    if (!context_ok(c))
        return -EINVAL;
    rc = tables_from_context(v, c);
    if (rc)
        return rc;
    for (unsigned int i = 0; i < 8; i++)
        if (i < 4 || i > 5)
            (void)debugreg_set(v, i, c->debugreg[i]);
    if (!v->initialised)
        v->domain->vm_assist |= c->vm_assist & VM_ASSIST_ALLOWED;
    regs_from_context(v, &c->user_regs);
    callbacks_from_context(v, c);
    v->in_kernel = !!(c->flags & VGCF_in_kernel);
    v->kernel_sp = c->kernel_sp;
    v->kernel_ss = (uint16_t)c->kernel_ss | 3;
    v->fs_base = c->fs_base;
    v->gs_base_kernel = c->gs_base_kernel;
    v->gs_base_user = c->gs_base_user;
    v->cr4 = c->ctrlreg[4] & CR4_GUEST & (hyp_cr4 | CR4_TSD);
    v->ts = false;
    if (c->flags & VGCF_i387_valid)
        fpu_from_fxsave(v->fpu, c->fpu_ctxt.x);
    v->initialised = true;
    if (c->flags & VGCF_online)
        __atomic_fetch_and(&v->pause_flags, ~(1u << VPF_DOWN),
                           __ATOMIC_SEQ_CST);
    else
        __atomic_fetch_or(&v->pause_flags, 1u << VPF_DOWN, __ATOMIC_SEQ_CST);
    return 0;
}

static void regs_to_context(const struct vcpu *v, struct cpu_user_regs *u)
{
    const struct regs *r = &v->regs;

    memcpy(u, r, offsetof(struct cpu_user_regs, error_code));
    u->rip = r->rip;
    u->cs = v->in_kernel ? r->cs & ~3u : r->cs;
    u->saved_upcall_mask = v->info->evtchn_upcall_mask;
    u->rflags = r->rflags & ~(FLAGS_IF | FLAGS_IOPL);
    if (!u->saved_upcall_mask)
        u->rflags |= FLAGS_IF;
    if (v->domain->vm_assist & 1u << VMASST_TYPE_architectural_iopl)
        u->rflags |= (uint64_t)v->iopl << 12;
    u->rsp = r->rsp;
    u->ss = r->ss;
    u->ds = v->ds;
    u->es = v->es;
    u->fs = v->fs;
    u->gs = v->gs;
}

void vcpu_context_get(struct vcpu *v, struct vcpu_guest_context *c)
{
    memset(c, 0, sizeof(*c));
    fpu_to_fxsave(v->fpu, c->fpu_ctxt.x);
    if (v->initialised)
        c->flags |= VGCF_i387_valid;
    if (v->in_kernel)
        c->flags |= VGCF_in_kernel;
    if (!(v->pause_flags & 1u << VPF_DOWN))
        c->flags |= VGCF_online;
    if (v->failsafe_entry.masks_events)
        c->flags |= VGCF_failsafe_disables_events;
    if (v->syscall_entry.masks_events)
        c->flags |= VGCF_syscall_disables_events;
    regs_to_context(v, &c->user_regs);
    memcpy(c->trap_ctxt, v->traps, sizeof(c->trap_ctxt));
    c->ldt_base = v->ldt_base;
    c->ldt_ents = v->ldt_entries;
    memcpy(c->gdt_frames, v->gdt_frames, sizeof(v->gdt_frames));
    c->gdt_ents = v->gdt_entries;
    c->kernel_ss = v->kernel_ss;
    c->kernel_sp = v->kernel_sp;
    c->ctrlreg[0] = CR0_PE | CR0_ET | CR0_NE | CR0_WP | CR0_AM | CR0_PG |
                    (v->ts ? CR0_TS : 0);
    c->ctrlreg[1] = v->root_user ? xen_pfn_to_cr3(v->root_user) : 0;
    c->ctrlreg[3] = xen_pfn_to_cr3(v->root_kernel);
    c->ctrlreg[4] = v->cr4;
    memcpy(c->debugreg, v->dr, sizeof(c->debugreg));
    c->event_callback_eip = v->event_entry.address;
    c->failsafe_callback_eip = v->failsafe_entry.address;
    c->syscall_callback_eip = v->syscall_entry.address;
    c->vm_assist = v->domain->vm_assist;
    c->fs_base = v->fs_base;
    c->gs_base_kernel = v->gs_base_kernel;
    c->gs_base_user = v->gs_base_user;
}
