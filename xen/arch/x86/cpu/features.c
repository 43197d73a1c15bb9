/* SPDX-License-Identifier: GPL-2.0 */
/*
 * features.c - what this CPU has, what we switch on.
 * Keeps true: all CPUs run with the same CR0, CR4 (less guest bits), PAT and
 * set of extended states.
 * Source: Intel SDM vol. 2, CPUID; AMD APM vol. 3, appendix E.
 */
#include "core/cmdline.h"
#include "core/panic.h"
#include "core/printk.h"
#include "cpu/features.h"
#include "cpu/msr.h"
#include "lib/string.h"

#define XCR0_X87 0x1UL
#define XCR0_SSE 0x2UL
#define XCR0_AVX 0x4UL
#define XCR0_AVX512 0xe0UL
/* States a guest may have: no MPX, PKRU, or what needs XSS. */
#define XCR0_OFFERED (XCR0_X87 | XCR0_SSE | XCR0_AVX | XCR0_AVX512)

struct cpu_features cpu_features;
uint64_t hyp_cr4;

static bool opt_smep = true, opt_xsave = true;
static enum boot_choice opt_smap;
BOOT_CHOICE("smap", opt_smap);
BOOT_BOOL("smep", opt_smep);
BOOT_BOOL("xsave", opt_xsave);

static void read_basic(struct cpu_features *f)
{
    uint32_t r[4];

    cpuid(0, 0, r);
    f->max_leaf = r[0];
    memcpy(f->vendor, &r[1], 4);
    memcpy(f->vendor + 4, &r[3], 4);
    memcpy(f->vendor + 8, &r[2], 4);
    f->amd = !strcmp(f->vendor, "AuthenticAMD") ||
             !strcmp(f->vendor, "HygonGenuine");
    cpuid(1, 0, r);
    f->leaf1_eax = r[0];
    f->leaf1_ecx = r[2];
    f->leaf1_edx = r[3];
    if (f->max_leaf >= 7) {
        cpuid(7, 0, r);
        f->leaf7_ebx = r[1];
        f->leaf7_ecx = r[2];
        f->leaf7_edx = r[3];
    }
    cpuid(0x80000000, 0, r);
    f->max_ext_leaf = r[0];
    cpuid(0x80000001, 0, r);
    f->ext1_ecx = r[2];
    f->ext1_edx = r[3];
    if (f->max_ext_leaf >= 0x80000007) {
        cpuid(0x80000007, 0, r);
        f->ext7_edx = r[3];
    }
    f->phys_bits = 36;
    if (f->max_ext_leaf >= 0x80000008) {
        cpuid(0x80000008, 0, r);
        f->phys_bits = r[0] & 0xff;
    }
}

static void read_bits(struct cpu_features *f)
{
    f->pcid = f->leaf1_ecx >> 17 & 1;
    f->x2apic = f->leaf1_ecx >> 21 & 1;
    f->tsc_deadline = f->leaf1_ecx >> 24 & 1;
    f->xsave = opt_xsave && (f->leaf1_ecx >> 26 & 1);
    f->hypervisor = f->leaf1_ecx >> 31;
    f->monitor = f->leaf1_ecx >> 3 & 1;
    f->fsgsbase = f->leaf7_ebx & 1;
    f->smep = f->leaf7_ebx >> 7 & 1;
    f->invpcid = f->leaf7_ebx >> 10 & 1;
    f->smap = f->leaf7_ebx >> 20 & 1;
    f->umip = f->leaf7_ecx >> 2 & 1;
    f->nx = f->ext1_edx >> 20 & 1;
    f->page1g = f->ext1_edx >> 26 & 1;
    f->rdtscp = f->ext1_edx >> 27 & 1;
    f->tsc_invariant = f->ext7_edx >> 8 & 1;
}

static void read_xsave(struct cpu_features *f)
{
    uint32_t r[4];

    if (!f->xsave)
        return;
    cpuid(0xd, 0, r);
    f->xcr0 = r[0] & XCR0_OFFERED;
    if (!(f->xcr0 & XCR0_AVX) || (f->xcr0 & XCR0_AVX512) != XCR0_AVX512)
        f->xcr0 &= ~XCR0_AVX512;
    cpuid(0xd, 1, r);
    f->xsaveopt = r[0] & 1;
}

/* Can CPUID be made to fault in ring 3? Intel: MSR_PLATFORM_INFO bit 31; AMD:
 * leaf 0x80000021, eax bit 17. */
static void read_cpuid_faulting(struct cpu_features *f)
{
    uint32_t r[4];
    uint64_t v;

    if (!f->amd) {
        if (!rdmsr_safe(MSR_PLATFORM_INFO, &v))
            f->cpuid_faulting = v >> 31 & 1;
    } else if (f->max_ext_leaf >= 0x80000021) {
        cpuid(0x80000021, 0, r);
        f->cpuid_faulting = r[0] >> 17 & 1;
    }
}

/* Guests' CPUID shall fault, so that they see what pv/cpuid.c shows. */
static void cpuid_faulting_on(void)
{
    if (!cpu_features.cpuid_faulting)
        return;
    if (cpu_features.amd)
        wrmsr(MSR_HWCR, rdmsr(MSR_HWCR) | HWCR_CPUID_USER_DIS);
    else
        wrmsr(MSR_MISC_FEATURES_ENABLES,
              rdmsr(MSR_MISC_FEATURES_ENABLES) | 1);
}

/*
 * QEMU's TCG (7.2) checks an IRET from ring 3 to ring 3 against SMAP as if it
 * were a supervisor access, and every 64-bit PV Linux does that: no SMAP there
 * unless the command line insists.
 */
static bool smap_is_broken(const struct cpu_features *f)
{
    uint32_t r[4];

    if (!f->hypervisor)
        return false;
    cpuid(0x40000000, 0, r);
    return !memcmp(&r[1], "TCGTCGTCGTCG", 12);
}

init_text void features_init(void)
{
    struct cpu_features *f = &cpu_features;

    read_basic(f);
    read_bits(f);
    read_xsave(f);
    read_cpuid_faulting(f);
    if (!f->nx)
        panic("this CPU has no execute-disable (or the firmware hid it)");
    if (opt_smap ? opt_smap == CHOICE_NO : smap_is_broken(f))
        f->smap = false;
    if (!opt_smep)
        f->smep = false;

    hyp_cr4 = CR4_DE | CR4_PSE | CR4_PAE | CR4_MCE | CR4_PGE | CR4_OSFXSR |
              CR4_OSXMMEXCPT;
    if (f->xsave)
        hyp_cr4 |= CR4_OSXSAVE;
    if (f->fsgsbase)
        hyp_cr4 |= CR4_FSGSBASE;
    if (f->smep)
        hyp_cr4 |= CR4_SMEP;
    if (f->smap)
        hyp_cr4 |= CR4_SMAP;
    features_init_cpu();
    if (f->xsave) {
        uint32_t r[4];

        cpuid(0xd, 0, r);
        f->xsave_size = r[1]; /* for what XCR0 holds now */
    }
    printk("CPU: %s family %#x, %u address bits%s%s%s%s%s\n", f->vendor,
           f->leaf1_eax, f->phys_bits, f->page1g ? " 1G-pages" : "",
           f->fsgsbase ? " fsgsbase" : "", f->smep ? " smep" : "",
           f->smap ? " smap" : "", f->xsave ? " xsave" : "");
}

void features_init_cpu(void)
{
    wrmsr(MSR_PAT, HYP_PAT);
    write_cr0(CR0_PE | CR0_MP | CR0_ET | CR0_NE | CR0_WP | CR0_AM | CR0_PG);
    write_cr4(hyp_cr4);
    wrmsr(MSR_EFER, rdmsr(MSR_EFER) | EFER_NX);
    if (cpu_features.xsave)
        xsetbv(0, cpu_features.xcr0);
    cpuid_faulting_on();
}
