/* SPDX-License-Identifier: GPL-2.0 */
/*
 * privop.c - privileged instructions that PV guests still execute: they fault,
 * we read them (decode.c) and act.
 * Keeps true: a guest reaches only ports it was given; control registers and
 * MSRs only by the policy here and in cpuid.c; an instruction takes effect
 * wholly or not at all.
 */
#include "core/printk.h"
#include "core/softirq.h"
#include "cpu/desc.h"
#include "cpu/features.h"
#include "cpu/fpu.h"
#include "cpu/msr.h"
#include "cpu/tsc.h"
#include "dev/pci.h"
#include "dev/rtc.h"
#include "domain/sched.h"
#include "lib/errno.h"
#include "lib/rangeset.h"
#include "mm/guestcopy.h"
#include "pv/context.h"
#include "pv/insn_guest.h"
#include "pv/pgtable.h"
#include "pv/pv.h"

#define PCI_ADDRESS 0xcf8
#define PCI_DATA    0xcfc
#define RTC_INDEX   0x70
#define RTC_DATA    0x71

/* ---- ports ---- */

/* The guest kernel counts as ring 1, guest user mode as ring 3. */
static bool iopl_ok(const struct vcpu *v)
{
    return v->iopl >= (v->in_kernel ? 1 : 3);
}

/* The guest's I/O bitmap, for its user mode: a clear bit allows the port. */
static bool iobitmap_ok(const struct vcpu *v, unsigned int port,
                        unsigned int size)
{
    guest_va_t at = {(uint64_t)v->iobmp + port / 8};
    uint8_t two[2] = {0xff, 0xff};
    unsigned int bits, want = (1u << size) - 1;

    if (!v->iobmp || port + size > v->iobmp_limit)
        return false;
    if (copy_from_guest(two, at, port % 8 + size > 8 ? 2 : 1))
        return false;
    bits = two[0] | (unsigned int)two[1] << 8;
    return !(bits >> port % 8 & want);
}

static uint64_t all_ones(unsigned int size)
{
    return (1UL << size * 8) - 1;
}

static bool port_allowed(const struct domain *d, unsigned int port,
                         unsigned int size)
{
    return d->ioports && rangeset_contains(d->ioports, port, port + size - 1);
}

static bool is_pci_data(unsigned int port, unsigned int size)
{
    return port >= PCI_DATA && port + size <= PCI_DATA + 4;
}

static uint64_t raw_in(unsigned int port, unsigned int size)
{
    switch (size) {
    case 1:
        return inb((uint16_t)port);
    case 2:
        return inw((uint16_t)port);
    default:
        return inl((uint16_t)port);
    }
}

static void raw_out(unsigned int port, unsigned int size, uint64_t value)
{
    switch (size) {
    case 1:
        outb((uint8_t)value, (uint16_t)port);
        break;
    case 2:
        outw((uint16_t)value, (uint16_t)port);
        break;
    default:
        outl((uint32_t)value, (uint16_t)port);
        break;
    }
}

static uint64_t port_read(struct domain *d, unsigned int port,
                          unsigned int size)
{
    if (d->privileged) {
        if (port == PCI_ADDRESS && size == 4)
            return d->pci_address;
        if (is_pci_data(port, size))
            return pci_port_read(d->pci_address, port - PCI_DATA, size);
        if (port == RTC_DATA && size == 1)
            return rtc_read(d->rtc_index);
    }
    if (port_allowed(d, port, size))
        return raw_in(port, size);
    return all_ones(size);
}

static void port_write(struct domain *d, unsigned int port, unsigned int size,
                       uint64_t value)
{
    if (d->privileged) {
        if (port == PCI_ADDRESS && size == 4) {
            d->pci_address = (uint32_t)value;
            return;
        }
        if (is_pci_data(port, size)) {
            pci_port_write(d->pci_address, port - PCI_DATA, size,
                           (uint32_t)value);
            return;
        }
        if (port == RTC_INDEX && size == 1) {
            d->rtc_index = value & 0x7f;
            return;
        }
        if (port == RTC_DATA && size == 1) {
            rtc_write(d->rtc_index, (uint8_t)value);
            return;
        }
    }
    if (port_allowed(d, port, size))
        raw_out(port, size, value);
}

static bool do_in_out(struct vcpu *v, const struct insn_desc *i)
{
    unsigned int port = i->port_in_dx ? (uint16_t)v->regs.rdx : (uint8_t)i->imm;

    if (!iopl_ok(v) && !iobitmap_ok(v, port, i->op_size))
        return false;
    if (i->kind == INSN_IN)
        v->regs.rax = insn_reg_merge(v->regs.rax,
                                     port_read(v->domain, port, i->op_size),
                                     i->op_size, false);
    else
        port_write(v->domain, port, i->op_size, v->regs.rax);
    return true;
}

static int string_one(struct vcpu *v, const struct insn_desc *i,
                      const struct insn_regs *r, unsigned int port)
{
    guest_va_t at = {insn_address(i, r)};
    uint64_t value = 0;

    if (i->kind == INSN_OUTS) {
        if (copy_from_guest(&value, at, i->op_size))
            return -EFAULT;
        port_write(v->domain, port, i->op_size, value);
        return 0;
    }
    value = port_read(v->domain, port, i->op_size);
    return copy_to_guest(at, &value, i->op_size);
}

/* INS and OUTS; a repeated one is cut short when something else is due and
 * goes on when the guest executes it again. */
static bool do_string_io(struct vcpu *v, const struct insn_desc *i, bool *again)
{
    unsigned int port = (uint16_t)v->regs.rdx;
    struct insn_regs r;

    if (!iopl_ok(v) && !iobitmap_ok(v, port, i->op_size))
        return false;
    insn_regs_read(v, i, &r);
    *again = false;
    while (!insn_string_done(i, &r)) {
        if (string_one(v, i, &r, port))
            return false;
        insn_string_step(i, &r);
        if (!i->rep)
            break;
        if (preempt_wanted() && !insn_string_done(i, &r)) {
            *again = true;
            break;
        }
    }
    v->regs.rcx = r.reg[REG_RCX];
    v->regs.rsi = r.reg[REG_RSI];
    v->regs.rdi = r.reg[REG_RDI];
    return true;
}

/* ---- control and debug registers ---- */

static uint64_t guest_cr0(const struct vcpu *v)
{
    return CR0_PE | CR0_MP | CR0_ET | CR0_NE | CR0_WP | CR0_AM | CR0_PG |
           (v->ts ? CR0_TS : 0);
}

static uint64_t guest_cr4(const struct vcpu *v)
{
    uint64_t shown = CR4_DE | CR4_PAE | CR4_MCE | CR4_PGE | CR4_OSFXSR |
                     CR4_OSXMMEXCPT | CR4_OSXSAVE;

    return (hyp_cr4 & (shown & ~CR4_DE)) | v->cr4;
}

static bool cr_read(struct vcpu *v, const struct insn_desc *i)
{
    uint64_t *to = reg_by_number(&v->regs, i->rm_reg);

    switch (i->reg) {
    case 0:
        *to = guest_cr0(v);
        return true;
    case 2:
        *to = v->info->arch.cr2;
        return true;
    case 3:
        *to = (v->in_kernel ? v->root_kernel : v->root_user) << PAGE_SHIFT;
        return true;
    case 4:
        *to = guest_cr4(v);
        return true;
    }
    return false;
}

static bool cr0_write(struct vcpu *v, uint64_t value)
{
    if ((value ^ guest_cr0(v)) & ~CR0_TS)
        return false;
    do_fpu_taskswitch(value & CR0_TS);
    return true;
}

static bool cr4_write(struct vcpu *v, uint64_t value)
{
    uint64_t own = CR4_TSD | CR4_DE |
                   (cpu_features.fsgsbase ? CR4_FSGSBASE : 0);

    /* What is not the guest's it may repeat, but not change. */
    v->cr4 = value & own;
    guest_cr4_load(v);
    return true;
}

/* May need several goes: then the instruction is executed again. */
static bool cr3_write(struct vcpu *v, uint64_t value, bool *again)
{
    int rc = mmu_finish_drop(v);

    if (!rc)
        rc = vcpu_set_root(v, value >> PAGE_SHIFT);
    *again = rc == -ERESTART;
    return !rc || *again;
}

static bool cr_write(struct vcpu *v, const struct insn_desc *i, bool *again)
{
    uint64_t value = *reg_by_number(&v->regs, i->rm_reg);

    switch (i->reg) {
    case 0:
        return cr0_write(v, value);
    case 2:
        v->info->arch.cr2 = value;
        return true;
    case 3:
        return cr3_write(v, value, again);
    case 4:
        return cr4_write(v, value);
    }
    return false;
}

static bool dr_access(struct vcpu *v, const struct insn_desc *i)
{
    uint64_t *reg = reg_by_number(&v->regs, i->rm_reg);
    long value;

    if (i->kind == INSN_MOV_TO_DR)
        return !debugreg_set(v, i->reg, *reg);
    value = do_get_debugreg(i->reg);
    if (value == -EINVAL)
        return false;
    *reg = (uint64_t)value;
    return true;
}

/* ---- the rest ---- */

static void set_edx_eax(struct vcpu *v, uint64_t value)
{
    v->regs.rax = (uint32_t)value;
    v->regs.rdx = value >> 32;
}

static uint64_t edx_eax(const struct vcpu *v)
{
    return (uint32_t)v->regs.rax | v->regs.rdx << 32;
}

static bool msr_access(struct vcpu *v, bool write)
{
    uint32_t msr = (uint32_t)v->regs.rcx;
    uint64_t value = edx_eax(v);
    int rc;

    rc = write ? guest_wrmsr(v, msr, value) : guest_rdmsr(v, msr, &value);
    if (rc && !v->traps[TRAP_GP].address) {
        /* Too early for the guest to handle a fault: harmless instead. */
        value = 0;
        rc = 0;
    }
    if (!rc && !write)
        set_edx_eax(v, value);
    return !rc;
}

static void do_cpuid(struct vcpu *v)
{
    uint32_t r[4];

    guest_cpuid(v, (uint32_t)v->regs.rax, (uint32_t)v->regs.rcx, r);
    v->regs.rax = r[0];
    v->regs.rbx = r[1];
    v->regs.rcx = r[2];
    v->regs.rdx = r[3];
}

static bool do_rdtsc(struct vcpu *v, bool aux)
{
    if (v->cr4 & CR4_TSD && !v->in_kernel)
        return false;
    set_edx_eax(v, rdtsc());
    if (aux)
        v->regs.rcx = (uint32_t)v->tsc_aux;
    return true;
}

static bool do_xsetbv(struct vcpu *v)
{
    uint64_t value = edx_eax(v);

    if ((uint32_t)v->regs.rcx || !cpu_features.xsave || !fpu_xcr0_valid(value))
        return false;
    v->xcr0 = value;
    fpu_set_xcr0(value);
    return true;
}

static bool flush_caches(const struct vcpu *v)
{
    if (v->domain->privileged)
        wbinvd();
    return true;
}

/* What only the guest's kernel may execute. */
static bool kernel_insn(struct vcpu *v, const struct insn_desc *i, bool *again)
{
    switch (i->kind) {
    case INSN_MOV_FROM_CR:
        return cr_read(v, i);
    case INSN_MOV_TO_CR:
        return cr_write(v, i, again);
    case INSN_MOV_FROM_DR:
    case INSN_MOV_TO_DR:
        return dr_access(v, i);
    case INSN_CLTS:
        do_fpu_taskswitch(0);
        return true;
    case INSN_RDMSR:
        return msr_access(v, false);
    case INSN_WRMSR:
        return msr_access(v, true);
    case INSN_WBINVD:
    case INSN_INVD:
        return flush_caches(v);
    case INSN_XSETBV:
        return do_xsetbv(v);
    case INSN_HLT:
        vcpu_block(v);
        return true;
    default:
        return false;
    }
}

static bool emulate(struct vcpu *v, const struct insn_desc *i, bool *again)
{
    switch (i->kind) {
    case INSN_IN:
    case INSN_OUT:
        return do_in_out(v, i);
    case INSN_INS:
    case INSN_OUTS:
        return do_string_io(v, i, again);
    case INSN_CLI:
    case INSN_STI:
        return iopl_ok(v); /* events are masked elsewhere: nothing to do */
    case INSN_CPUID:
        do_cpuid(v);
        return true;
    case INSN_RDTSC:
        return do_rdtsc(v, false);
    case INSN_RDTSCP:
        return do_rdtsc(v, true);
    default:
        return v->in_kernel && kernel_insn(v, i, again);
    }
}

static void step_over(struct vcpu *v, const struct insn_desc *i)
{
    v->regs.rip += i->length;
    v->regs.rflags &= ~FLAGS_RF;
    if (v->regs.rflags & FLAGS_TF) {
        v->dr[6] |= 0x4000; /* BS: a single step ended */
        bounce_trap(v, TRAP_DB, 0);
    }
}

bool privop_emulate(struct vcpu *v, uint32_t error_code)
{
    struct insn_desc insn;
    bool again = false;

    if (error_code || !insn_fetch(v, &insn))
        return false;
    if (!emulate(v, &insn, &again))
        return false;
    if (!again)
        step_over(v, &insn);
    return true;
}

/* ud2, "xen", cpuid: the guest asks for its own view of CPUID. */
bool forced_cpuid_emulate(struct vcpu *v)
{
    struct insn_desc insn;

    if (!insn_fetch(v, &insn) || !insn.forced || insn.kind != INSN_CPUID)
        return false;
    do_cpuid(v);
    step_over(v, &insn);
    return true;
}
