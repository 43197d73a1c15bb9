/* SPDX-License-Identifier: GPL-2.0 */
/*
 * domains - Dom0 makes a guest, and the two try what they may do to each
 * other; then the guest goes and nothing of it stays.
 */
#include "domfuzz.h"

static struct domu u;
static uint32_t exc_port;

/* A hypercall of the guest's; pointers are addresses in its PG_DATA. */
#define DO(call, ...) DO_(__HYPERVISOR_##call, __VA_ARGS__, 0, 0, 0, 0)
#define DO_(nr, a, b, c, d, ...)                                               \
    domu_do(&u, nr, (long)(a), (long)(b), (long)(c), (long)(d))
#define AT(offset) (DOMU_VA(PG_DATA) + (offset))

static uint64_t free_pages(void)
{
    struct xen_sysctl op;

    memset(&op, 0, sizeof(op));
    if (sysctl(XEN_SYSCTL_physinfo, &op))
        return 0;
    return op.u.physinfo.free_pages + op.u.physinfo.scrub_pages;
}

static uint32_t flags_of(domid_t id)
{
    struct xen_domctl op;

    memset(&op, 0, sizeof(op));
    if (domctl(XEN_DOMCTL_getdomaininfo, id, &op) || op.domain != id)
        return 0xffffffff;
    return op.u.getdomaininfo.flags;
}

static void looks(void)
{
    static struct xen_domctl_getdomaininfo list[8];
    struct xen_sysctl s;
    struct xen_domctl op;

    memset(&op, 0, sizeof(op));
    check_eq("its information", domctl(XEN_DOMCTL_getdomaininfo, u.id, &op),
             0);
    check_eq("its pages", op.u.getdomaininfo.tot_pages, DOMU_PAGES);
    check_eq("its limit", op.u.getdomaininfo.max_pages, DOMU_PAGES + 8);
    check_eq("its handle", op.u.getdomaininfo.handle[5], 15);
    check("it is paused", op.u.getdomaininfo.flags & XEN_DOMINF_paused);
    memset(&s, 0, sizeof(s));
    s.u.getdomaininfolist.max_domains = 8;
    s.u.getdomaininfolist.buffer = guest_va(list);
    check_eq("a list of domains", sysctl(XEN_SYSCTL_getdomaininfolist, &s),
             0);
    check("with both", s.u.getdomaininfolist.num_domains == 2 &&
                           list[0].domain == 0 && list[1].domain == u.id);
    memset(&op, 0, sizeof(op));
    check_eq("address size",
             domctl(XEN_DOMCTL_get_address_size, u.id, &op) ||
                 op.u.address_size.size != 64,
             0);
}

static void frame_types(void)
{
    uint64_t types[4] = {u.frame[PG_L1], u.frame[PG_L4], u.frame[PG_STACK],
                         mfn_of(start)};
    struct xen_domctl op;

    memset(&op, 0, sizeof(op));
    op.u.getpageframeinfo3.num = 4;
    op.u.getpageframeinfo3.array = guest_va(types);
    check_eq("kinds of frames",
             domctl(XEN_DOMCTL_getpageframeinfo3, u.id, &op), 0);
    check_eq("an L1", types[0] & 0xf0000000, XEN_DOMCTL_PFINFO_L1TAB);
    check_eq("a pinned L4", types[1] & 0xf0000000,
             XEN_DOMCTL_PFINFO_L4TAB | XEN_DOMCTL_PFINFO_LPINTAB);
    check_eq("an ordinary page", types[2] & 0xf0000000, 0);
    check_eq("a frame of another", types[3] & 0xf0000000,
             XEN_DOMCTL_PFINFO_XTAB);
}

static void runs(void)
{
    check("unpause", domu_start(&u));
    check_eq("it answers", DO(xen_version, XENVER_version),
             HC(xen_version, XENVER_version, 0));
    check_eq("it writes its memory",
             domu_do(&u, STEP_STORE, AT(64), 0x1234, 0, 0) == -9999, 0);
    check_eq("Dom0 sees it", *(uint64_t *)(u.data + 64), 0x1234);
    *(uint64_t *)(u.data + 72) = 0x5678;
    check_eq("and the other way", domu_do(&u, STEP_LOAD, AT(72), 0, 0, 0),
             0x5678);
    check("it is not paused now", !(flags_of(u.id) & XEN_DOMINF_paused));
}

/* What a guest may not, although Dom0 may. */
static void unprivileged(void)
{
    struct mmu_update *m = (struct mmu_update *)u.data;
    struct evtchn_alloc_unbound *un = (void *)u.data;
    struct xen_memory_reservation *r = (void *)u.data;
    struct physdev_set_iopl *iopl = (void *)u.data;

    check("console", DO(console_io, CONSOLEIO_write, 4, AT(0)) < 0 ||
                         !DO(console_io, CONSOLEIO_write, 0, AT(0)));
    memset(u.data, 0, 256);
    ((uint32_t *)u.data)[0] = XEN_DOMCTL_getdomaininfo;
    ((uint32_t *)u.data)[1] = XEN_DOMCTL_INTERFACE_VERSION;
    check_eq("domctl", DO(domctl, AT(0)), -E_PERM);
    ((uint32_t *)u.data)[0] = XEN_SYSCTL_physinfo;
    check_eq("sysctl", DO(sysctl, AT(0)), -E_PERM);
    ((uint32_t *)u.data)[0] = XENPF_settime64;
    ((uint32_t *)u.data)[1] = XENPF_INTERFACE_VERSION;
    check_eq("platform_op", DO(platform_op, AT(0)), -E_PERM);
    check("the machine's memory map",
          DO(memory_op, XENMEM_machine_memory_map, AT(0)) < 0);
    check("a frame of Dom0's, mapped",
          DO(update_va_mapping, DOMU_VA(PG_WINDOW),
             mfn_of(page_new()) * PAGE | PTE_RW, 0) < 0);
    check("a frame of Dom0's, read-only",
          DO(update_va_mapping, DOMU_VA(PG_WINDOW),
             mfn_of(page_new()) * PAGE | PTE_RO, 0) < 0);
    check("the local APIC",
          DO(update_va_mapping, DOMU_VA(PG_WINDOW), 0xfee00000 | PTE_RW, 0) <
              0);
    check("the screen",
          DO(update_va_mapping, DOMU_VA(PG_WINDOW), 0xb8000 | PTE_RW, 0) < 0);
    *m = (struct mmu_update){machine(entry_at((uint64_t)start, 1)), 0};
    check("an entry of Dom0's tables",
          DO(mmu_update, AT(0), 1, 0, DOMID_SELF) < 0);
    *m = (struct mmu_update){u.frame[PG_L1] * PAGE + PG_WINDOW * 8,
                             mfn_of(page_new()) * PAGE | PTE_RW};
    check("a frame of Dom0's in Dom0's name",
          DO(mmu_update, AT(0), 1, 0, 0) < 0);
    *un = (struct evtchn_alloc_unbound){.dom = 0, .remote_dom = u.id};
    check("a port of Dom0's",
          DO(event_channel_op, EVTCHNOP_alloc_unbound, AT(0)) < 0);
    memset(r, 0, sizeof(*r));
    *r = (struct xen_memory_reservation){.nr_extents = 1, .domid = 0};
    check("memory for Dom0",
          DO(memory_op, XENMEM_increase_reservation, AT(0)) <= 0);
    *iopl = (struct physdev_set_iopl){.iopl = 1};
    note("iopl 1 in a guest: %ld", DO(physdev_op, PHYSDEVOP_set_iopl, AT(0)));
}

static void memory_limit(void)
{
    struct xen_memory_reservation *r = (void *)u.data;
    uint64_t *list = (uint64_t *)(u.data + 256);
    unsigned int i;
    long got;

    for (i = 0; i < 16; i++)
        list[i] = 100 + i;
    *r = (struct xen_memory_reservation){
        .extent_start = {AT(256)}, .nr_extents = 16, .domid = DOMID_SELF};
    got = DO(memory_op, XENMEM_populate_physmap, AT(0));
    check_eq("it may grow to its limit, no further", got, 8);
    r->nr_extents = 8;
    check_eq("it may give back",
             DO(memory_op, XENMEM_decrease_reservation, AT(0)), 8);
}

static void events(void)
{
    struct evtchn_alloc_unbound un = {.dom = u.id, .remote_dom = 0};
    struct evtchn_bind_interdomain bind = {.remote_dom = u.id};
    struct evtchn_send *send = (void *)u.data;

    check_eq("a port in the guest, for Dom0",
             HC(event_channel_op, EVTCHNOP_alloc_unbound, &un), 0);
    bind.remote_port = un.port;
    check_eq("bound from Dom0",
             HC(event_channel_op, EVTCHNOP_bind_interdomain, &bind), 0);
    port_unmask(bind.local_port);
    port_count[bind.local_port] = 0;
    events_unmask();
    port_count[bind.local_port] = 0;
    send->port = un.port;
    check_eq("the guest sends", DO(event_channel_op, EVTCHNOP_send, AT(0)),
             0);
    check("Dom0 hears", WAIT_FOR(port_count[bind.local_port], SECOND));
    send->port = un.port + 100;
    check("the guest sends to a port it does not have",
          DO(event_channel_op, EVTCHNOP_send, AT(0)) < 0);
}

/* The guest grants PG_DATA2 to Dom0; Dom0 maps and copies it. */
static void grants(char *window)
{
    struct gnttab_setup_table *setup = (void *)u.data;
    uint64_t *frame = (uint64_t *)(u.data + 256);
    struct gnttab_map_grant_ref map = {.host_addr = (uint64_t)window,
                                       .flags = GNTMAP_host_map,
                                       .ref = 8, .dom = u.id};
    struct gnttab_unmap_grant_ref un = {.host_addr = (uint64_t)window};
    struct grant_entry_v1 e = {GTF_permit_access, 0,
                               (uint32_t)u.frame[PG_DATA2]};
    uint64_t word;

    map_page(window, 0);
    *setup = (struct gnttab_setup_table){
        .dom = DOMID_SELF, .nr_frames = 1, .frame_list = {AT(256)}};
    DO(grant_table_op, GNTTABOP_setup_table, AT(0), 1);
    check_eq("the guest has a grant table", setup->status, GNTST_okay);
    check_eq("and maps it",
             DO(update_va_mapping, DOMU_VA(PG_WINDOW), *frame * PAGE | PTE_RW,
                UVMF_INVLPG),
             0);
    memcpy(&word, &e, 8);
    domu_do(&u, STEP_STORE, DOMU_VA(PG_WINDOW) + 64, (long)word, 0, 0);
    domu_do(&u, STEP_STORE, DOMU_VA(PG_DATA2), 0xfeedface, 0, 0);
    HC(grant_table_op, GNTTABOP_map_grant_ref, &map, 1);
    check_eq("Dom0 maps the granted page", map.status, GNTST_okay);
    if (map.status)
        return;
    check_eq("and sees it", *(uint64_t *)window, 0xfeedface);
    *(uint64_t *)window = 0xabad1dea;
    check_eq("the guest sees Dom0's write",
             domu_do(&u, STEP_LOAD, DOMU_VA(PG_DATA2), 0, 0, 0), 0xabad1dea);
    check("the entry is in use",
          domu_do(&u, STEP_LOAD, DOMU_VA(PG_WINDOW) + 64, 0, 0, 0) &
              GTF_reading);
    un.handle = map.handle;
    HC(grant_table_op, GNTTABOP_unmap_grant_ref, &un, 1);
    check_eq("Dom0 unmaps it", un.status, GNTST_okay);
    map.ref = 9;
    HC(grant_table_op, GNTTABOP_map_grant_ref, &map, 1);
    check("a page not granted", map.status < 0);
}

static void control(void)
{
    static struct vcpu_guest_context c;
    struct xen_domctl op;
    struct step *s;

    memset(&op, 0, sizeof(op));
    check_eq("pause", domctl(XEN_DOMCTL_pausedomain, u.id, &op), 0);
    check("it is paused", flags_of(u.id) & XEN_DOMINF_paused);
    s = domu_post(&u, STEP_STORE, (long)AT(8), 7, 0, 0);
    WAIT_FOR(false, SECOND / 50);
    check("and does nothing", !s->done);
    memset(&op, 0, sizeof(op));
    op.u.vcpucontext.ctxt = guest_va(&c);
    check_eq("its registers", domctl(XEN_DOMCTL_getvcpucontext, u.id, &op),
             0);
    check("are where it was", c.user_regs.rip >= DOMU_VA(PG_CODE) &&
                                  c.user_regs.rip < DOMU_VA(PG_CODE + 1));
    check_eq("its root", c.ctrlreg[3] / PAGE, u.frame[PG_L4]);
    domctl(XEN_DOMCTL_unpausedomain, u.id, &op);
    check("unpaused it does it", domu_wait(&u, s));
    memset(&op, 0, sizeof(op));
    op.u.getvcpuinfo.vcpu = 0;
    check_eq("its vcpu", domctl(XEN_DOMCTL_getvcpuinfo, u.id, &op), 0);
    check("is online and used time",
          op.u.getvcpuinfo.online && op.u.getvcpuinfo.cpu_time);
    op.u.getvcpuinfo.vcpu = 9;
    check("a vcpu that there is not",
          domctl(XEN_DOMCTL_getvcpuinfo, u.id, &op) < 0);
}

/* Which pages were written; Debian's build refuses this for PV. */
static void dirty_pages(void)
{
    static uint64_t bits[8];
    struct xen_domctl op;
    long rc;

    memset(&op, 0, sizeof(op));
    op.u.shadow_op.op = XEN_DOMCTL_SHADOW_OP_ENABLE_LOGDIRTY;
    rc = domctl(XEN_DOMCTL_shadow_op, u.id, &op);
    if (rc < 0) {
        skip("the record of pages written", "not offered");
        return;
    }
    memset(&op, 0, sizeof(op));
    op.u.shadow_op.op = XEN_DOMCTL_SHADOW_OP_CLEAN;
    op.u.shadow_op.dirty_bitmap = guest_va(bits);
    op.u.shadow_op.pages = 64;
    check_eq("record: clean", domctl(XEN_DOMCTL_shadow_op, u.id, &op), 0);
    domu_do(&u, STEP_STORE, DOMU_VA(PG_DATA3), 1, 0, 0);
    op.u.shadow_op.op = XEN_DOMCTL_SHADOW_OP_PEEK;
    op.u.shadow_op.pages = 64;
    check_eq("record: peek", domctl(XEN_DOMCTL_shadow_op, u.id, &op), 0);
    check("record: the page that was written", bits[0] >> PG_DATA3 & 1);
    check("record: not one that was not", !(bits[0] >> PG_CODE & 1));
    op.u.shadow_op.op = XEN_DOMCTL_SHADOW_OP_OFF;
    check_eq("record: off", domctl(XEN_DOMCTL_shadow_op, u.id, &op), 0);
}

static void bind_exc(void)
{
    struct evtchn_bind_virq op = {.virq = VIRQ_DOM_EXC};

    if (HC(event_channel_op, EVTCHNOP_bind_virq, &op))
        panic("VIRQ_DOM_EXC");
    exc_port = op.port;
    port_unmask(exc_port);
}

/* It is named twice, as the tables' owner and the frames'. */
static void named_twice(void)
{
    struct mmu_update none;

    check_eq("no updates in its tables, of its frames",
             HC(mmu_update, &none, 0, 0, (u.id + 1u) << 16 | u.id), 0);
}

static void ends(char *window)
{
    struct sched_shutdown *how = (void *)u.data;
    uint32_t flags;

    (void)window;
    named_twice();
    events_unmask();
    port_count[exc_port] = 0;
    how->reason = SHUTDOWN_reboot;
    domu_post(&u, __HYPERVISOR_sched_op, SCHEDOP_shutdown, (long)AT(0), 0, 0);
    check("Dom0 hears that it shut down", ({
              uint64_t end = now() + 10 * SECOND;

              while (!port_count[exc_port] && now() < end)
                  HC(sched_op, SCHEDOP_yield, 0);
              port_count[exc_port];
          }));
    flags = flags_of(u.id);
    check("its state says so", flags & XEN_DOMINF_shutdown);
    check_eq("and why", flags >> XEN_DOMINF_shutdownshift & 0xff,
             SHUTDOWN_reboot);
    check_eq("destroy it", domu_destroy(&u), 0);
    check_eq("it is gone", flags_of(u.id), 0xffffffff);
}

static void crashes(void)
{
    uint32_t flags = 0;
    uint64_t end;

    if (!domu_build(&u) || !domu_start(&u))
        return;
    domu_post(&u, STEP_UD, 0, 0, 0, 0);
    for (end = now() + 10 * SECOND; now() < end;) {
        flags = flags_of(u.id);
        if (flags & XEN_DOMINF_shutdown)
            break;
        HC(sched_op, SCHEDOP_yield, 0);
    }
    check("a guest without handlers crashes", flags & XEN_DOMINF_shutdown);
    check_eq("and that is the reason",
             flags >> XEN_DOMINF_shutdownshift & 0xff, SHUTDOWN_crash);
    check_eq("destroy it", domu_destroy(&u), 0);
}

/* A page of a dying guest that Dom0 still maps keeps it there. */
static void lingers(void)
{
    struct xen_domctl op;

    if (!domu_build(&u) || !domu_start(&u))
        return;
    DO(xen_version, XENVER_version);
    memset(&op, 0, sizeof(op));
    check_eq("destroy one that has mapped pages",
             domctl(XEN_DOMCTL_destroydomain, u.id, &op), 0);
    check("it is dying", flags_of(u.id) & XEN_DOMINF_dying);
    check_eq("its page can still be read", *(volatile char *)u.data,
             *(volatile char *)u.data);
    give_back_window(u.script);
    give_back_window(u.data);
    check_eq("without the mappings it goes", flags_of(u.id), 0xffffffff);
}

static void many(void)
{
    uint64_t before, after;
    unsigned int i, good = 0;

    domu_build(&u);
    domu_destroy(&u);
    WAIT_FOR(false, SECOND / 5); /* what is freed a little later */
    before = free_pages();
    for (i = 0; i < 20; i++) {
        if (!domu_build(&u) || !domu_start(&u))
            break;
        good += DO(xen_version, XENVER_pagesize) == 4096;
        good += !domu_destroy(&u);
    }
    check_eq("20 guests came and went", good, 40);
    WAIT_FOR(free_pages() >= before, SECOND);
    after = free_pages();
    check("and left no page behind", after >= before);
    note("free before %lu, after %lu", before, after);
}

void test_main(void)
{
    char *window = page_new();
    uint64_t calls = option("fuzz", 0);

    if (calls) {
        domfuzz(option("seed", 1), calls);
        return;
    }
    check("free memory", free_pages() > 1000);
    bind_exc();
    if (!domu_build(&u))
        return;
    looks();
    frame_types();
    runs();
    unprivileged();
    memory_limit();
    events();
    grants(window);
    control();
    dirty_pages();
    ends(window);
    crashes();
    lingers();
    many();
}
