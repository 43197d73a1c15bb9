/* SPDX-License-Identifier: GPL-2.0 */
/*
 * mca_op.c - Dom0 asks for the processors, and fetches what their
 * machine-check banks said.
 * Keeps true: only a privileged domain gets past the door; a record stays
 * until its id is acknowledged.
 * Errors cannot be injected here: a machine monitor does that.
 */
#include <abi/mca.h>

#include "cpu/features.h"
#include "cpu/msr.h"
#include "cpu/topology.h"
#include "lib/string.h"
#include "mm/page.h"
#include "service/call.h"
#include "service/mca.h"
#include "service/services.h"

/* --- processors --------------------------------------------------------- */

static uint32_t vendor_number(void)
{
    if (!cpu_features.amd)
        return 0;
    return strcmp(cpu_features.vendor, "HygonGenuine") ? 2 : 9;
}

static void brand(char name[64])
{
    uint32_t r[4];

    if (cpu_features.max_ext_leaf < 0x80000004)
        return;
    for (uint32_t i = 0; i < 3; i++) {
        cpuid(0x80000002 + i, 0, r);
        memcpy(name + i * 16, r, 16);
    }
}

static void describe_cpu(unsigned int n, struct mcinfo_logical_cpu *c)
{
    const struct cpu_features *f = &cpu_features;
    uint32_t apic_id = cpu_by_id(n)->apic_id;
    struct topology t;

    topology_read(&t);
    memset(c, 0, sizeof(*c));
    c->mc_cpunr = n;
    c->mc_apicid = apic_id;
    c->mc_chipid = topology_package(&t, apic_id);
    c->mc_coreid = (uint16_t)topology_core(&t, apic_id);
    c->mc_threadid = (uint16_t)topology_thread(&t, apic_id);
    c->mc_clusterid = UINT32_MAX;
    c->mc_ncores = c->mc_ncores_active = t.cores;
    c->mc_nthreads = t.threads;
    c->mc_cpuid_level = (int32_t)f->max_leaf;
    c->mc_family = cpu_family();
    c->mc_model = cpu_model();
    c->mc_step = f->leaf1_eax & 15;
    c->mc_vendor = vendor_number();
    memcpy(c->mc_vendorid, f->vendor, sizeof(f->vendor));
    brand(c->mc_brandid);
    c->mc_cpu_caps[MC_CAPS_STD_EDX] = f->leaf1_edx;
    c->mc_cpu_caps[MC_CAPS_STD_ECX] = f->leaf1_ecx;
    c->mc_cpu_caps[MC_CAPS_AMD_EDX] = f->ext1_edx;
    c->mc_cpu_caps[MC_CAPS_AMD_ECX] = f->ext1_ecx;
    c->mc_nmsrvals = 1;
    c->mc_msrvalues[0] = (struct mcinfo_msr){MSR_MCG_CAP, mce_cap_of(n)};
}

static long op_physcpuinfo(struct xen_mc *op)
{
    struct xen_mc_physcpuinfo *p = &op->u.mc_physcpuinfo;
    struct mcinfo_logical_cpu c;

    if (guest_va_is_null(p->info)) {
        p->ncpus = nr_cpus;
        return 0;
    }
    if (!p->ncpus)
        return -EINVAL;
    p->ncpus = MIN(p->ncpus, nr_cpus);
    for (unsigned int n = 0; n < p->ncpus; n++) {
        describe_cpu(n, &c);
        if (copy_to_guest(guest_va_at(p->info, n, sizeof(c)), &c, sizeof(c)))
            return -EFAULT;
    }
    return 0;
}

/* --- records ------------------------------------------------------------ */

static domid_t owner_of(const struct mce_error *e)
{
    mfn_t mfn = e->addr >> PAGE_SHIFT;

    return e->status & MCI_ADDRV && mfn_valid(mfn) ? mfn_to_page(mfn)->owner
                                                   : DOMID_NONE;
}

/* As Dom0 reads it: where it was, then what the bank said. */
static void lay_out(const struct mca_record *r, struct mc_info *mi)
{
    const struct mce_error *e = &r->error;
    uint32_t apic_id = cpu_by_id(r->cpu)->apic_id;
    struct mcinfo_global *g = (void *)mi->mi_data;
    struct mcinfo_bank *b = (void *)(g + 1);
    struct topology t;

    topology_read(&t);
    memset(mi, 0, sizeof(*mi));
    mi->mi_nentries = 2;
    *g = (struct mcinfo_global){
        .common = {MC_TYPE_GLOBAL, sizeof(*g)},
        .mc_domid = r->domid,
        .mc_vcpuid = r->vcpuid,
        .mc_socketid = topology_package(&t, apic_id),
        .mc_coreid = (uint16_t)topology_core(&t, apic_id),
        .mc_core_threadid = (uint16_t)topology_thread(&t, apic_id),
        .mc_apicid = apic_id,
        .mc_flags = r->flags,
        .mc_gstatus = e->gstatus};
    *b = (struct mcinfo_bank){.common = {MC_TYPE_BANK, sizeof(*b)},
                              .mc_bank = (uint16_t)e->bank,
                              .mc_domid = owner_of(e),
                              .mc_status = e->status,
                              .mc_addr = e->addr,
                              .mc_misc = e->misc,
                              .mc_tsc = e->tsc};
}

static long fetch_oldest(enum mca_kind kind, struct xen_mc_fetch *f)
{
    struct mca_record r;
    struct mc_info mi;

    if (guest_va_is_null(f->data))
        return -EINVAL;
    f->flags = XEN_MC_OK;
    f->fetch_id = 0;
    if (!mca_oldest(kind, &r)) {
        f->flags = XEN_MC_NODATA;
        return 0;
    }
    lay_out(&r, &mi);
    if (copy_to_guest(f->data, &mi, sizeof(mi)))
        f->flags = XEN_MC_FETCHFAILED;
    else
        f->fetch_id = r.id;
    return 0;
}

static long op_fetch(struct xen_mc *op)
{
    struct xen_mc_fetch *f = &op->u.mc_fetch;
    enum mca_kind kind;

    switch (f->flags & ~(uint32_t)XEN_MC_ACK) {
    case XEN_MC_NONURGENT:
        kind = MCA_QUIET;
        break;
    case XEN_MC_URGENT:
        kind = MCA_URGENT;
        break;
    default:
        return -EINVAL;
    }
    if (!(f->flags & XEN_MC_ACK))
        return fetch_oldest(kind, f);
    f->flags = XEN_MC_OK;
    return mca_forget(kind, f->fetch_id) ? 0 : -EINVAL;
}

static long dispatch(struct xen_mc *op)
{
    switch (op->cmd) {
    case XEN_MC_fetch:
        return op_fetch(op);
    case XEN_MC_physcpuinfo:
        return op_physcpuinfo(op);
    case XEN_MC_notifydomain:
    case XEN_MC_msrinject:
    case XEN_MC_mceinject:
    case XEN_MC_inject_v2:
        return -EOPNOTSUPP;
    default:
        return -EINVAL;
    }
}

long do_mca(uint64_t uop)
{
    guest_va_t arg = {uop};
    struct xen_mc op;
    long rc;

    if (!current->domain->privileged)
        return -EPERM;
    if (copy_from_guest(&op, arg, sizeof(op)))
        return -EFAULT;
    if (op.interface_version != XEN_MCA_INTERFACE_VERSION)
        return -EACCES;
    rc = dispatch(&op);
    if (rc < 0)
        return rc;
    return copy_to_guest(arg, &op, sizeof(op)) ? -EFAULT : rc;
}
