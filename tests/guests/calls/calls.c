/* SPDX-License-Identifier: GPL-2.0 */
/*
 * calls - the small calls: version, console, physdev, platform, assists,
 * and the control calls that only read.
 */
#include "guest.h"

static void version(void)
{
    xen_extraversion_t extra;
    struct xen_compile_info compile;
    static xen_capabilities_info_t caps;
    struct xen_platform_parameters params;
    struct xen_feature_info feature = {.submap_idx = 0};
    xen_domain_handle_t handle;
    long rc;

    rc = HC(xen_version, XENVER_version, 0);
    check("version", rc >= 0x40000);
    note("version %ld.%ld", rc >> 16, rc & 0xffff);
    memset(extra, 'x', sizeof(extra));
    check_eq("extra version", HC(xen_version, XENVER_extraversion, extra), 0);
    check("ends inside its room", strlen(extra) < sizeof(extra));
    check_eq("compile info", HC(xen_version, XENVER_compile_info, &compile),
             0);
    check_eq("capabilities", HC(xen_version, XENVER_capabilities, caps), 0);
    check_eq("x86-64 guests are among them",
             strncmp(caps, "xen-3.0-x86_64", 14), 0);
    check_eq("platform parameters",
             HC(xen_version, XENVER_platform_parameters, &params), 0);
    check_eq("hypervisor's start", params.virt_start, HYPERVISOR_VIRT_START);
    check_eq("features", HC(xen_version, XENVER_get_features, &feature), 0);
    check("writable page tables are not",
          !(feature.submap >> XENFEAT_writable_page_tables & 1));
    check("this is Dom0", feature.submap >> XENFEAT_dom0 & 1);
    check("keeping A and D is",
          feature.submap >> XENFEAT_mmu_pt_update_preserve_ad & 1);
    feature.submap_idx = 77;
    check_eq("features far beyond",
             HC(xen_version, XENVER_get_features, &feature), -E_INVAL);
    check_eq("page size", HC(xen_version, XENVER_pagesize, 0), 4096);
    check_eq("handle", HC(xen_version, XENVER_guest_handle, handle), 0);
    check_eq("a question of no number", HC(xen_version, 99, 0), -E_NOSYS);
    check_eq("an answer to nowhere",
             HC(xen_version, XENVER_extraversion, 0x1000), -E_FAULT);
}

static void console(void)
{
    static char line[] = "# a line by console_io\n";
    char c;

    check("write", HC(console_io, CONSOLEIO_write, sizeof(line) - 1, line) >=
                       0);
    check_eq("write from nowhere", HC(console_io, CONSOLEIO_write, 5, 0x1000),
             -E_FAULT);
    check_eq("read when there is nothing",
             HC(console_io, CONSOLEIO_read, 1, &c), 0);
    check("an operation of no number", HC(console_io, 9, 1, &c) == -E_NOSYS);
}

static void physdev(void)
{
    struct physdev_apic apic = {.apic_physbase = 0xfec00000, .reg = 1};
    struct physdev_map_pirq map = {.domid = DOMID_SELF,
                                   .type = MAP_PIRQ_TYPE_GSI, .index = 9,
                                   .pirq = 9};
    struct physdev_irq_status_query query = {.irq = 9};
    struct physdev_setup_gsi gsi = {.gsi = 9, .triggering = 1};
    struct evtchn_bind_pirq bind = {.pirq = 9};
    struct evtchn_close close;
    struct physdev_eoi eoi = {.irq = 9};

    check_eq("read the IO-APIC", HC(physdev_op, PHYSDEVOP_apic_read, &apic),
             0);
    check("its version", (apic.value & 0xff) >= 0x11);
    apic.apic_physbase = 0x1234000;
    check("an IO-APIC that there is not",
          HC(physdev_op, PHYSDEVOP_apic_read, &apic) < 0);
    check_eq("set up a line", HC(physdev_op, PHYSDEVOP_setup_gsi, &gsi), 0);
    check_eq("map a line", HC(physdev_op, PHYSDEVOP_map_pirq, &map), 0);
    check_eq("its number", map.pirq, 9);
    check_eq("ask for its kind",
             HC(physdev_op, PHYSDEVOP_irq_status_query, &query), 0);
    check_eq("bind it", HC(event_channel_op, EVTCHNOP_bind_pirq, &bind), 0);
    check("bind it twice",
          HC(event_channel_op, EVTCHNOP_bind_pirq, &bind) < 0);
    check_eq("end of interrupt", HC(physdev_op, PHYSDEVOP_eoi, &eoi), 0);
    close.port = bind.port;
    check_eq("close it", HC(event_channel_op, EVTCHNOP_close, &close), 0);
    bind.pirq = 100000;
    check("bind a line that cannot be",
          HC(event_channel_op, EVTCHNOP_bind_pirq, &bind) < 0);
    eoi.irq = 100000;
    check_eq("end of an interrupt that cannot be",
             HC(physdev_op, PHYSDEVOP_eoi, &eoi), -E_INVAL);
    map.index = 5000;
    map.pirq = -1;
    check("map a line that cannot be",
          HC(physdev_op, PHYSDEVOP_map_pirq, &map) < 0);
    check_eq("an operation of no number", HC(physdev_op, 99, &map), -E_NOSYS);
    check_eq("a bad pointer", HC(physdev_op, PHYSDEVOP_eoi, 0x1000),
             -E_FAULT);
}

static void platform(void)
{
    static struct xen_platform_op op;

    op.cmd = XENPF_get_cpuinfo;
    op.interface_version = XENPF_INTERFACE_VERSION;
    op.u.pcpu_info.xen_cpuid = 0;
    check_eq("processor 0", HC(platform_op, &op), 0);
    check("it is on", op.u.pcpu_info.flags & XEN_PCPU_FLAGS_ONLINE);
    op.u.pcpu_info.xen_cpuid = 5000;
    check_eq("processor 5000", HC(platform_op, &op), 0);
    check("there is none", op.u.pcpu_info.flags & XEN_PCPU_FLAGS_INVALID);
    op.interface_version = 1;
    check_eq("another version", HC(platform_op, &op), -E_ACCES);
    op.interface_version = XENPF_INTERFACE_VERSION;
    op.cmd = 999;
    check_eq("an operation of no number", HC(platform_op, &op), -E_NOSYS);
    check_eq("a bad pointer", HC(platform_op, 0x1000), -E_FAULT);
    memset(&op, 0, sizeof(op));
    op.interface_version = XENPF_INTERFACE_VERSION;
    op.cmd = XENPF_settime64;
    op.u.settime64.secs = 1800000000;
    op.u.settime64.system_time = now();
    check_eq("set the wall clock", HC(platform_op, &op), 0);
    check("it is set", shared->wc_sec <= 1800000000 &&
                           shared->wc_sec > 1800000000 - 3600);
    op.u.settime64.mbz = 1;
    check("but not from what must be zero", HC(platform_op, &op) < 0);
}

static long mca(struct xen_mc *op, uint32_t cmd)
{
    op->cmd = cmd;
    op->interface_version = XEN_MCA_INTERFACE_VERSION;
    return HC(mca, op);
}

static void processors(void)
{
    static struct mcinfo_logical_cpu cpu[2];
    struct xen_mc op = {0};
    struct xen_mc_physcpuinfo *info = &op.u.mc_physcpuinfo;

    check_eq("mca: how many processors", mca(&op, XEN_MC_physcpuinfo), 0);
    check_eq("one", info->ncpus, 1);
    info->info = guest_va(cpu);
    info->ncpus = 2;
    check_eq("what they are", mca(&op, XEN_MC_physcpuinfo), 0);
    check_eq("as many as there are", info->ncpus, 1);
    check("the first is described",
          cpu[0].mc_cpunr == 0 && cpu[0].mc_vendorid[0] &&
              cpu[0].mc_nmsrvals == 1 &&
              cpu[0].mc_msrvalues[0].reg == 0x179);
    info->ncpus = 0;
    check_eq("a list without room", mca(&op, XEN_MC_physcpuinfo), -E_INVAL);
    info->ncpus = 1;
    info->info.va = 0x1000;
    check_eq("a list nowhere", mca(&op, XEN_MC_physcpuinfo), -E_FAULT);
}

static void machine_checks(void)
{
    static struct mc_info data;
    struct xen_mc op = {0};
    struct xen_mc_fetch *f = &op.u.mc_fetch;

    processors();
    for (uint32_t kind = XEN_MC_NONURGENT; kind <= XEN_MC_URGENT; kind++) {
        *f = (struct xen_mc_fetch){.flags = kind, .data = guest_va(&data)};
        check_eq("mca: fetch", mca(&op, XEN_MC_fetch), 0);
        check_eq("there is nothing", f->flags, XEN_MC_NODATA);
        f->flags = kind | XEN_MC_ACK;
        f->fetch_id = 1;
        check_eq("acknowledge what there is not", mca(&op, XEN_MC_fetch),
                 -E_INVAL);
        *f = (struct xen_mc_fetch){.flags = kind};
        check_eq("fetch to nowhere", mca(&op, XEN_MC_fetch), -E_INVAL);
    }
    *f = (struct xen_mc_fetch){.flags = XEN_MC_NONURGENT | XEN_MC_URGENT,
                               .data = guest_va(&data)};
    check_eq("fetch of both kinds", mca(&op, XEN_MC_fetch), -E_INVAL);
    f->flags = 0;
    check_eq("fetch of no kind", mca(&op, XEN_MC_fetch), -E_INVAL);
    check_eq("mca: tell a domain", mca(&op, XEN_MC_notifydomain),
             -E_OPNOTSUPP);
    check_eq("mca: inject", mca(&op, XEN_MC_msrinject), -E_OPNOTSUPP);
    check_eq("mca: an operation of no number", mca(&op, 99), -E_INVAL);
    op.interface_version = 1;
    check_eq("mca: another version", HC(mca, &op), -E_ACCES);
    check_eq("mca: a bad pointer", HC(mca, 0x1000), -E_FAULT);
}

static void assists(void)
{
    check_eq("assist: 4 GiB segments",
             HC(vm_assist, VMASST_CMD_enable, VMASST_TYPE_4gb_segments), 0);
    check_eq("assist: extended CR3",
             HC(vm_assist, VMASST_CMD_enable, VMASST_TYPE_pae_extended_cr3),
             0);
    check_eq("assist: runstate flag",
             HC(vm_assist, VMASST_CMD_enable,
                VMASST_TYPE_runstate_update_flag),
             0);
    check_eq("assist: off again",
             HC(vm_assist, VMASST_CMD_disable,
                VMASST_TYPE_runstate_update_flag),
             0);
    check("assist of no number", HC(vm_assist, VMASST_CMD_enable, 63) < 0);
    check("assist far beyond", HC(vm_assist, VMASST_CMD_enable, 1000) < 0);
    check("what to do with it, of no number", HC(vm_assist, 9, 2) < 0);
}

static void control(void)
{
    static struct xen_sysctl s;
    static struct xen_domctl d;

    s.cmd = XEN_SYSCTL_physinfo;
    s.interface_version = XEN_SYSCTL_INTERFACE_VERSION;
    check_eq("sysctl physinfo", HC(sysctl, &s), 0);
    check("processors and memory", s.u.physinfo.nr_cpus >= 1 &&
                                       s.u.physinfo.total_pages > 0x4000);
    s.interface_version = 3;
    check_eq("sysctl of another version", HC(sysctl, &s), -E_ACCES);
    s.interface_version = XEN_SYSCTL_INTERFACE_VERSION;
    s.cmd = 999;
    check_eq("sysctl of no number", HC(sysctl, &s), -E_NOSYS);
    check_eq("sysctl at a bad pointer", HC(sysctl, 0x1000), -E_FAULT);
    d.cmd = XEN_DOMCTL_getdomaininfo;
    d.interface_version = XEN_DOMCTL_INTERFACE_VERSION;
    check_eq("domctl getdomaininfo", HC(domctl, &d), 0);
    check_eq("of Dom0", d.u.getdomaininfo.domain, 0);
    check_eq("it knows our pages", d.u.getdomaininfo.tot_pages,
             start->nr_pages);
    check("it runs", d.u.getdomaininfo.flags & XEN_DOMINF_running);
    d.interface_version = 3;
    check_eq("domctl of another version", HC(domctl, &d), -E_ACCES);
    d.interface_version = XEN_DOMCTL_INTERFACE_VERSION;
    d.cmd = 999;
    check_eq("domctl of no number", HC(domctl, &d), -E_NOSYS);
    d.cmd = XEN_DOMCTL_pausedomain;
    d.domain = 0;
    check_eq("a domain cannot pause itself", HC(domctl, &d), -E_INVAL);
    d.cmd = XEN_DOMCTL_destroydomain;
    check_eq("nor destroy itself", HC(domctl, &d), -E_INVAL);
    d.domain = 77;
    check_eq("a domain that there is not", HC(domctl, &d), -E_SRCH);
}

static void retired(void)
{
    check("xenpmu", HC(xenpmu_op, 0, start) < 0);
    check_eq("tmem", HC(tmem_op, start), -E_NOSYS);
    check("hvm_op", HC(hvm_op, 99, start) < 0);
}

void test_main(void)
{
    version();
    console();
    physdev();
    platform();
    machine_checks();
    assists();
    control();
    retired();
}
