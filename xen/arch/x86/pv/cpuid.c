/* SPDX-License-Identifier: GPL-2.0 */
/*
 * cpuid.c - what a guest may see of the CPU: CPUID leaves and MSRs.
 *
 * A policy is a list of leaves. The widest one is the machine's, less what a
 * PV guest cannot use (masks below); a toolstack may narrow it for a domain.
 * Some bits depend on the moment and are put in when asked.
 * Keeps true: no policy shows what the machine lacks.
 */
#include "pv/cpuid.h"

#include "core/printk.h"
#include "cpu/features.h"
#include "cpu/fpu.h"
#include "cpu/msr.h"
#include "cpu/tsc.h"
#include "lib/errno.h"
#include "lib/string.h"
#include "mm/heap.h"
#include "pv/context.h"
#include "pv/pv.h"

#define BIT(n) (1u << (n))

/* Leaf 1, edx: not PSE, MTRR, PGE, PSE36, thermal and debug store bits. */
#define SHOW_1_EDX                                                             \
    (BIT(0) | BIT(2) | BIT(4) | BIT(5) | BIT(6) | BIT(7) | BIT(8) | BIT(9) |   \
     BIT(11) | BIT(14) | BIT(15) | BIT(16) | BIT(19) | BIT(23) | BIT(24) |     \
     BIT(25) | BIT(26) | BIT(28))
/* SSE3 PCLMUL SSSE3 FMA CX16 SSE4.1 SSE4.2 MOVBE POPCNT AES XSAVE OSXSAVE AVX
 * F16C RDRAND HYPERVISOR */
#define SHOW_1_ECX                                                             \
    (BIT(0) | BIT(1) | BIT(9) | BIT(12) | BIT(13) | BIT(19) | BIT(20) |        \
     BIT(22) | BIT(23) | BIT(25) | BIT(26) | BIT(27) | BIT(28) | BIT(29) |     \
     BIT(30) | BIT(31))
#define CPUID1_EDX_APIC    BIT(9)
#define CPUID1_ECX_XSAVE   BIT(26)
#define CPUID1_ECX_OSXSAVE BIT(27)
#define CPUID1_ECX_HYP     BIT(31)
/* FSGSBASE BMI1 AVX2 BMI2 ERMS AVX512* RDSEED ADX CLFLUSHOPT CLWB SHA */
#define SHOW_7_EBX                                                             \
    (BIT(0) | BIT(3) | BIT(5) | BIT(8) | BIT(9) | BIT(16) | BIT(17) |          \
     BIT(18) | BIT(19) | BIT(21) | BIT(23) | BIT(24) | BIT(28) | BIT(29) |     \
     BIT(30) | BIT(31))
#define SHOW_7_ECX                                                             \
    (BIT(1) | BIT(6) | BIT(8) | BIT(9) | BIT(10) | BIT(11) | BIT(12) |         \
     BIT(14) | BIT(22))
#define SHOW_7_EDX (BIT(2) | BIT(3) | BIT(4) | BIT(8) | BIT(14) | BIT(23))
/* SYSCALL NX MMXEXT RDTSCP LM, and the copies of leaf 1 */
#define SHOW_E1_EDX                                                            \
    (BIT(11) | BIT(20) | BIT(22) | BIT(25) | BIT(27) | BIT(29) | BIT(30) |     \
     BIT(31) | (SHOW_1_EDX & 0x0183f3ffu & ~BIT(11)))
#define SHOW_E1_ECX                                                            \
    (BIT(0) | BIT(1) | BIT(4) | BIT(5) | BIT(6) | BIT(7) | BIT(8) | BIT(11) | \
     BIT(16) | BIT(21))
/* XSAVEOPT XSAVEC XGETBV1, not XSAVES */
#define SHOW_D1_EAX (BIT(0) | BIT(1) | BIT(2))
#define CPUIDD1_EAX_XSAVEC BIT(1)

#define MAX_BASIC 0xdu
#define MAX_EXT   0x80000008u
#define XEN_BASE  0x40000000u
#define XEN_LEAVES 5u

struct cpu_policy cpu_policy_max, cpu_policy_default;

/* ---- policies ---- */

static void leaf_add(struct cpu_policy *p, uint32_t leaf, uint32_t sub,
                     const uint32_t r[4])
{
    struct xen_cpuid_leaf *l = &p->leaf[p->nr];

    if (p->nr == CPU_POLICY_LEAVES)
        return;
    p->nr++;
    l->leaf = leaf;
    l->subleaf = sub;
    l->a = r[0];
    l->b = r[1];
    l->c = r[2];
    l->d = r[3];
}

static void mask_basic(uint32_t leaf, uint32_t sub, uint32_t r[4])
{
    switch (leaf) {
    case 0:
        r[0] = MIN(r[0], MAX_BASIC);
        break;
    case 1:
        r[1] &= 0x0000ff00; /* CLFLUSH size; ids are put in when asked */
        r[2] = (r[2] & SHOW_1_ECX) | CPUID1_ECX_HYP;
        r[3] &= SHOW_1_EDX;
        break;
    case 2:
    case 4:
        break;
    case 7:
        r[0] = 0;
        r[1] &= sub ? 0 : SHOW_7_EBX;
        r[2] &= sub ? 0 : SHOW_7_ECX;
        r[3] &= sub ? 0 : SHOW_7_EDX;
        break;
    case 0xd:
        if (sub == 1) {
            r[0] &= SHOW_D1_EAX;
            r[1] = r[2] = r[3] = 0;
        }
        break;
    default:
        memset(r, 0, 4 * sizeof(*r));
    }
}

static void mask_ext(uint32_t leaf, uint32_t r[4])
{
    switch (leaf) {
    case 0x80000000:
        r[0] = MIN(r[0], MAX_EXT);
        break;
    case 0x80000001:
        r[1] = 0;
        r[2] &= SHOW_E1_ECX;
        r[3] &= SHOW_E1_EDX;
        break;
    case 0x80000007:
        r[0] = r[1] = r[2] = 0;
        r[3] &= BIT(8); /* the TSC runs evenly */
        break;
    case 0x80000008:
        r[0] &= 0xffff;
        r[1] &= BIT(0); /* CLZERO */
        r[2] = r[3] = 0;
        break;
    case 0x80000002 ... 0x80000006:
        break;
    default:
        memset(r, 0, 4 * sizeof(*r));
    }
}

static bool has_subleaves(uint32_t leaf)
{
    return leaf == 4 || leaf == 7 || leaf == 0xb || leaf == 0xd;
}

static unsigned int last_subleaf(uint32_t leaf)
{
    return leaf == 0xd ? 9 : leaf == 4 ? 4 : leaf == 0xb;
}

static void add_basic(struct cpu_policy *p, uint32_t leaf)
{
    uint32_t r[4];

    for (uint32_t sub = 0; sub <= last_subleaf(leaf); sub++) {
        /* Parts of the extended state that we did not switch on. */
        if (leaf == 0xd && sub > 1 && !(cpu_features.xcr0 >> sub & 1))
            continue;
        cpuid(leaf, sub, r);
        mask_basic(leaf, sub, r);
        if (leaf == 0xd && sub == 0) {
            r[0] = (uint32_t)cpu_features.xcr0;
            r[3] = cpu_features.xcr0 >> 32;
        }
        leaf_add(p, leaf, has_subleaves(leaf) ? sub : XEN_CPUID_NO_SUBLEAF, r);
    }
}

void cpu_policy_init(void)
{
    struct cpu_policy *p = &cpu_policy_max;
    struct xen_cpuid_leaf *l;
    uint32_t r[4];

    for (uint32_t leaf = 0; leaf <= MIN(cpu_features.max_leaf, MAX_BASIC);
         leaf++)
        add_basic(p, leaf);
    for (uint32_t leaf = 0x80000000;
         leaf <= MIN(cpu_features.max_ext_leaf, MAX_EXT); leaf++) {
        cpuid(leaf, 0, r);
        mask_ext(leaf, r);
        leaf_add(p, leaf, XEN_CPUID_NO_SUBLEAF, r);
    }
    /* A guest that may be moved to another machine cannot rely on the TSC. */
    cpu_policy_default = *p;
    l = (struct xen_cpuid_leaf *)cpu_policy_find(
        &cpu_policy_default, 0x80000007, XEN_CPUID_NO_SUBLEAF);
    if (l)
        l->d &= ~BIT(8);
}

const struct xen_cpuid_leaf *cpu_policy_find(const struct cpu_policy *p,
                                             uint32_t leaf, uint32_t sub)
{
    if (!has_subleaves(leaf))
        sub = XEN_CPUID_NO_SUBLEAF;
    for (unsigned int i = 0; i < p->nr; i++)
        if (p->leaf[i].leaf == leaf && p->leaf[i].subleaf == sub)
            return &p->leaf[i];
    return NULL;
}

int cpu_policy_create(struct domain *d)
{
    d->cpu_policy = kzalloc(sizeof(*d->cpu_policy));
    if (!d->cpu_policy)
        return -ENOMEM;
    *d->cpu_policy = d->privileged ? cpu_policy_max : cpu_policy_default;
    return 0;
}

void cpu_policy_destroy(struct domain *d)
{
    kfree(d->cpu_policy);
    d->cpu_policy = NULL;
}

/* Feature words may lose bits, not gain them; the rest is the toolstack's. */
static bool narrower(const struct xen_cpuid_leaf *want,
                     const struct xen_cpuid_leaf *most)
{
    switch (want->leaf) {
    case 1:
        return !((want->c & ~most->c & ~CPUID1_ECX_OSXSAVE) |
                 (want->d & ~most->d));
    case 7:
        return !((want->b & ~most->b) | (want->c & ~most->c) |
                 (want->d & ~most->d));
    case 0xd:
        return want->subleaf > 1 || !(want->a & ~most->a);
    case 0x80000001:
        return !((want->c & ~most->c) | (want->d & ~most->d));
    case 0x80000008:
        return (want->a & 0xff) <= (most->a & 0xff);
    }
    return true;
}

int cpu_policy_set(struct domain *d, const struct xen_cpuid_leaf *leaves,
                   unsigned int n, uint32_t *bad_leaf, uint32_t *bad_sub)
{
    struct cpu_policy *p = kzalloc(sizeof(*p));
    unsigned int i;

    if (!p)
        return -ENOMEM;
    *p = *d->cpu_policy;
    for (i = 0; i < n; i++) {
        const struct xen_cpuid_leaf *want = &leaves[i], *most;
        struct xen_cpuid_leaf *l;

        most = cpu_policy_find(&cpu_policy_max, want->leaf, want->subleaf);
        l = (void *)cpu_policy_find(p, want->leaf, want->subleaf);
        if (!most || !l) {
            /* All zero says nothing; the hypervisor's leaves are ours. */
            if (!(want->a | want->b | want->c | want->d) ||
                (want->leaf & 0xff000000) == XEN_BASE)
                continue;
            break;
        }
        if (!narrower(want, most)) {
            printk(LOG_INFO "d%u: CPUID leaf %x wants %08x %08x %08x %08x, "
                            "at most %08x %08x %08x %08x\n",
                   d->id, want->leaf, want->a, want->b, want->c, want->d,
                   most->a, most->b, most->c, most->d);
            break;
        }
        l->a = want->a;
        l->b = want->b;
        l->c = want->c;
        l->d = want->d;
    }
    if (i < n) {
        *bad_leaf = leaves[i].leaf;
        *bad_sub = leaves[i].subleaf;
        kfree(p);
        return -EINVAL;
    }
    *d->cpu_policy = *p;
    kfree(p);
    return 0;
}

/* ---- answering ---- */

static void time_leaf(const struct vcpu *v, uint32_t sub, uint32_t r[4])
{
    if (sub == 0) {
        r[0] = (v->domain->vtsc ? 1 : 0) | (cpu_features.tsc_invariant ? 2 : 0);
        r[1] = v->domain->tsc_mode;
        r[2] = (uint32_t)tsc_khz;
    } else if (sub == 1) {
        r[0] = (uint32_t)tsc_origin;
        r[1] = tsc_origin >> 32;
        r[2] = tsc_scale.mul;
        r[3] = (uint8_t)tsc_scale.shift;
    } else if (sub == 2) {
        r[0] = (uint32_t)tsc_khz;
    }
}

/* How many bits a machine address on this machine has at most. */
static uint32_t machine_width(void)
{
    uint64_t last = max_mfn << PAGE_SHIFT;
    uint32_t n = 0;

    while (last >> n)
        n++;
    return n;
}

static void xen_leaf(const struct vcpu *v, uint32_t n, uint32_t sub,
                     uint32_t r[4])
{
    switch (n) {
    case 0:
        r[0] = XEN_BASE + XEN_LEAVES;
        memcpy(&r[1], "XenVMMXenVMM", 12);
        break;
    case 1:
        r[0] = 4 << 16 | 17;
        break;
    case 2:
        r[0] = 1;        /* hypercall pages */
        r[1] = XEN_BASE; /* the MSR that fills one */
        r[2] = 1;        /* MMU_PT_UPDATE_PRESERVE_AD */
        break;
    case 3:
        time_leaf(v, sub, r);
        break;
    case 5:
        r[1] = machine_width();
        break;
    }
}

/*
 * What XSAVEC takes for the parts switched on. The CPU's own answer counts in
 * what XSS has, and not all emulators give one.
 */
static uint32_t compact_size(const struct vcpu *v)
{
    uint32_t size = 512 + 64;

    for (uint32_t i = 2; i <= last_subleaf(0xd); i++) {
        const struct xen_cpuid_leaf *l =
            cpu_policy_find(v->domain->cpu_policy, 0xd, i);

        if (!l || !(v->xcr0 >> i & 1))
            continue;
        if (l->c & BIT(1)) /* begins at a multiple of 64 */
            size = ROUND_UP(size, 64u);
        size += l->a;
    }
    return size;
}

static void leaf_of_the_moment(const struct vcpu *v, uint32_t leaf,
                               uint32_t sub, uint32_t r[4])
{
    uint32_t now_r[4];

    switch (leaf) {
    case 1:
        r[1] = (r[1] & 0x00ffffff) | v->id * 2 << 24;
        if (cpu_features.xsave && r[2] & CPUID1_ECX_XSAVE)
            r[2] |= CPUID1_ECX_OSXSAVE;
        break;
    case 0xd:
        if (sub == 1 && r[0] & CPUIDD1_EAX_XSAVEC)
            r[1] = compact_size(v);
        if (sub)
            break;
        cpuid(leaf, sub, now_r); /* the size by what is switched on now */
        r[1] = now_r[1];
        break;
    }
}

void guest_cpuid(struct vcpu *v, uint32_t leaf, uint32_t sub, uint32_t r[4])
{
    const struct xen_cpuid_leaf *l;

    memset(r, 0, 4 * sizeof(*r));
    if ((leaf & 0xffffff00) == XEN_BASE) {
        xen_leaf(v, leaf & 0xff, sub, r);
        return;
    }
    l = cpu_policy_find(v->domain->cpu_policy, leaf, sub);
    if (!l)
        return;
    r[0] = l->a;
    r[1] = l->b;
    r[2] = l->c;
    r[3] = l->d;
    leaf_of_the_moment(v, leaf, sub, r);
}

/* ---- MSRs ---- */

static uint64_t guest_efer(void)
{
    return rdmsr(MSR_EFER) & ~(uint64_t)EFER_SVME;
}

static int rdmsr_amd(struct vcpu *v, uint32_t msr, uint64_t *val)
{
    switch (msr) {
    case 0xc0010015: /* HWCR */
    case 0xc0011029: /* DE_CFG */
    case 0xc0010055: /* interrupt pending message */
        if (!cpu_features.amd)
            return -EINVAL;
        return v->domain->privileged ? rdmsr_safe(msr, val) : (*val = 0, 0);
    case 0xc0010000 ... 0xc0010007: /* performance counters: stopped */
        if (!cpu_features.amd)
            return -EINVAL;
        *val = 0;
        return 0;
    }
    return -EINVAL;
}

int guest_rdmsr(struct vcpu *v, uint32_t msr, uint64_t *val)
{
    switch (msr) {
    case MSR_TSC:
        *val = rdtsc();
        return 0;
    case MSR_APIC_BASE:
        *val = 0xfee00000 | 0x800 | (v->id ? 0 : 0x100);
        return 0;
    case MSR_UCODE_REV:
        return v->domain->privileged ? rdmsr_safe(msr, val) : (*val = 0, 0);
    case MSR_PLATFORM_INFO:
    case MSR_MISC_FEATURES_ENABLES:
    case MSR_MCG_CAP: /* no banks */
    case MSR_MCG_STATUS:
        *val = 0;
        return 0;
    case MSR_MISC_ENABLE:
        if (cpu_features.amd)
            return -EINVAL;
        return rdmsr_safe(msr, val);
    case MSR_PAT:
        *val = HYP_PAT;
        return 0;
    case MSR_EFER:
        *val = guest_efer();
        return 0;
    case MSR_FS_BASE:
        *val = fs_base_read();
        return 0;
    case MSR_GS_BASE:
        *val = gs_base_read();
        return 0;
    case MSR_KERNEL_GS_BASE:
        *val = gs_base_read_other();
        return 0;
    case MSR_TSC_AUX:
        *val = v->tsc_aux;
        return cpu_features.rdtscp ? 0 : -EINVAL;
    }
    return rdmsr_amd(v, msr, val);
}

static int wrmsr_base(uint32_t msr, uint64_t val)
{
    if (!guest_addr_ok(val))
        return -EINVAL;
    if (msr == MSR_FS_BASE)
        fs_base_write(val);
    else if (msr == MSR_GS_BASE)
        gs_base_write(val);
    else
        gs_base_write_other(val);
    return 0;
}

int guest_wrmsr(struct vcpu *v, uint32_t msr, uint64_t val)
{
    uint64_t now_val;

    switch (msr) {
    case MSR_FS_BASE:
    case MSR_GS_BASE:
    case MSR_KERNEL_GS_BASE:
        return wrmsr_base(msr, val);
    case MSR_TSC_AUX:
        if (!cpu_features.rdtscp || val >> 32)
            return -EINVAL;
        v->tsc_aux = val;
        wrmsr(MSR_TSC_AUX, val);
        return 0;
    case XEN_BASE:
        return hypercall_page_install(v, val);
    case MSR_UCODE_REV: /* reading it asks for a write of 0 first */
    case MSR_MCG_STATUS:
        return val ? -EINVAL : 0;
    case 0xc0010000 ... 0xc0010007:
        return cpu_features.amd ? 0 : -EINVAL;
    }
    /* What it reads it may write back. */
    if (!guest_rdmsr(v, msr, &now_val) && now_val == val)
        return 0;
    return -EINVAL;
}
