/* SPDX-License-Identifier: GPL-2.0 */
/* builder.c - makes the scripted guest by the calls that the tools use. */
#include "domu.h"

/* The guest's whole program; position independent. Registers: rbx the step. */
USER_ASM(domu_code,
         "1: mov (%rbx), %rax\n"
         "   mov 8(%rbx), %rdi\n"
         "   mov 16(%rbx), %rsi\n"
         "   mov 24(%rbx), %rdx\n"
         "   mov 32(%rbx), %r10\n"
         "   mov 40(%rbx), %r8\n"
         "   cmp $-2, %rax\n"
         "   jne 2f\n"
         "   mov $29, %eax\n" /* sched_op yield */
         "   xor %edi, %edi\n"
         "   syscall\n"
         "   jmp 1b\n"
         "2: cmp $-3, %rax\n"
         "   jne 3f\n"
         "   mov %rsi, (%rdi)\n"
         "   jmp 9f\n"
         "3: cmp $-4, %rax\n"
         "   jne 4f\n"
         "   mov (%rdi), %rax\n"
         "   jmp 9f\n"
         "4: cmp $-5, %rax\n"
         "   jne 5f\n"
         "   ud2\n"
         "5: syscall\n"
         "9: mov %rax, 48(%rbx)\n"
         "   movq $1, 56(%rbx)\n"
         "   add $64, %rbx\n"
         "   test $0xfff, %ebx\n"
         "   jnz 1b\n"
         "   sub $4096, %rbx\n"
         "   jmp 1b\n");

long domctl(uint32_t cmd, domid_t id, struct xen_domctl *op)
{
    op->cmd = cmd;
    op->interface_version = XEN_DOMCTL_INTERFACE_VERSION;
    op->domain = id;
    return HC(domctl, op);
}

long sysctl(uint32_t cmd, struct xen_sysctl *op)
{
    op->cmd = cmd;
    op->interface_version = XEN_SYSCTL_INTERFACE_VERSION;
    return HC(sysctl, op);
}

long map_foreign(const void *at, uint64_t frame, domid_t id, uint64_t bits)
{
    struct mmu_update u = {machine(entry_at((uint64_t)at, 1)),
                           frame * PAGE | bits};
    long rc = HC(mmu_update, &u, 1, 0, id);

    ext_op(MMUEXT_INVLPG_LOCAL, (uint64_t)at, 0);
    return rc;
}

void give_back_window(void *at)
{
    make_writable(at);
}

static bool create(struct domu *u)
{
    struct xen_domctl op;
    struct xen_domctl_createdomain *c = &op.u.createdomain;
    unsigned int i;

    memset(&op, 0, sizeof(op));
    for (i = 0; i < 16; i++)
        c->handle[i] = (uint8_t)(i * 3);
    c->max_vcpus = 1;
    c->max_evtchn_port = 1023;
    c->max_grant_frames = 4;
    c->max_maptrack_frames = 4;
    c->grant_opts = 1;
    if (domctl(XEN_DOMCTL_createdomain, 0, &op))
        return check("domctl createdomain", false);
    u->id = op.domain;
    memset(&op, 0, sizeof(op));
    op.u.max_vcpus.max = 1;
    if (domctl(XEN_DOMCTL_max_vcpus, u->id, &op))
        return check("domctl max_vcpus", false);
    memset(&op, 0, sizeof(op));
    op.u.max_mem.max_memkb = (DOMU_PAGES + 8) * 4;
    if (domctl(XEN_DOMCTL_max_mem, u->id, &op))
        return check("domctl max_mem", false);
    return true;
}

static bool give_memory(struct domu *u)
{
    struct xen_memory_reservation r = {
        .extent_start = guest_va(u->frame), .nr_extents = DOMU_PAGES,
        .domid = u->id};
    unsigned int i;

    for (i = 0; i < DOMU_PAGES; i++)
        u->frame[i] = i;
    if (HC(memory_op, XENMEM_populate_physmap, &r) != DOMU_PAGES)
        return check("populate_physmap for another domain", false);
    return true;
}

/* Writes one page of the guest through a window of ours. */
static bool fill(struct domu *u, unsigned int n, const void *from, size_t size)
{
    static char *window;

    if (!window)
        window = page_new();
    if (map_foreign(window, u->frame[n], u->id, PTE_RW))
        return check("map a page of another domain", false);
    memset(window, 0, PAGE);
    memcpy(window, from, size);
    give_back_window(window);
    return true;
}

static bool fill_tables(struct domu *u)
{
    static uint64_t t[512];
    unsigned int i;

    memset(t, 0, sizeof(t));
    for (i = 0; i < DOMU_PAGES; i++)
        t[i] = u->frame[i] * PAGE |
               (i >= PG_L1 && i <= PG_L4 ? PTE_RO : PTE_RW);
    t[PG_WINDOW] = 0;
    if (!fill(u, PG_L1, t, PAGE))
        return false;
    memset(t, 0, sizeof(t));
    t[0] = u->frame[PG_L1] * PAGE | PTE_RW;
    if (!fill(u, PG_L2, t, PAGE))
        return false;
    memset(t, 0, sizeof(t));
    t[510] = u->frame[PG_L2] * PAGE | PTE_RW;
    if (!fill(u, PG_L3, t, PAGE))
        return false;
    memset(t, 0, sizeof(t));
    t[511] = u->frame[PG_L3] * PAGE | PTE_RW;
    return fill(u, PG_L4, t, PAGE);
}

static bool pin_root(const struct domu *u)
{
    struct mmuext_op op = {.cmd = MMUEXT_PIN_L4_TABLE};

    op.arg1.mfn = u->frame[PG_L4];
    if (HC(mmuext_op, &op, 1, 0, u->id))
        return check("pin another domain's root", false);
    return true;
}

static bool set_vcpu(struct domu *u)
{
    static struct vcpu_guest_context c;
    struct xen_domctl op;

    memset(&c, 0, sizeof(c));
    memset(&op, 0, sizeof(op));
    c.flags = VGCF_in_kernel | VGCF_online;
    c.user_regs.rip = DOMU_VA(PG_CODE);
    c.user_regs.rsp = DOMU_VA(PG_STACK + 1);
    c.user_regs.rbx = DOMU_VA(PG_SCRIPT);
    c.user_regs.rflags = 0x200;
    c.user_regs.cs = FLAT_KERNEL_CS;
    c.user_regs.ss = FLAT_KERNEL_SS;
    c.kernel_ss = FLAT_KERNEL_SS;
    c.kernel_sp = DOMU_VA(PG_STACK + 1);
    c.ctrlreg[3] = xen_pfn_to_cr3(u->frame[PG_L4]);
    op.u.vcpucontext.ctxt = guest_va(&c);
    if (domctl(XEN_DOMCTL_setvcpucontext, u->id, &op))
        return check("domctl setvcpucontext", false);
    return true;
}

bool domu_make(struct domu *u)
{
    static struct script script;
    unsigned int i;

    u->step = 0;
    if (!u->script) {
        u->script = page_new();
        u->data = page_new();
    }
    for (i = 0; i < ARRAY_SIZE(script.step); i++)
        script.step[i].nr = STEP_WAIT;
    return create(u) && give_memory(u) &&
           fill(u, PG_CODE, domu_code, (size_t)(domu_code_end - domu_code)) &&
           fill(u, PG_SCRIPT, &script, sizeof(script)) && fill_tables(u) &&
           pin_root(u) && set_vcpu(u) &&
           !map_foreign(u->script, u->frame[PG_SCRIPT], u->id, PTE_RW) &&
           !map_foreign(u->data, u->frame[PG_DATA], u->id, PTE_RW);
}

bool domu_build(struct domu *u)
{
    return check("a guest is built", domu_make(u));
}

bool domu_start(struct domu *u)
{
    struct xen_domctl op;

    memset(&op, 0, sizeof(op));
    return !domctl(XEN_DOMCTL_unpausedomain, u->id, &op);
}

struct step *domu_post(struct domu *u, long nr, long a, long b, long c,
                       long d)
{
    struct step *s = &u->script->step[u->step++ % 64];

    s->arg[0] = a;
    s->arg[1] = b;
    s->arg[2] = c;
    s->arg[3] = d;
    s->arg[4] = 0;
    s->done = 0;
    barrier();
    s->nr = nr;
    return s;
}

bool domu_wait(struct domu *u, struct step *s)
{
    uint64_t end = now() + 10 * SECOND;

    (void)u;
    while (!s->done && now() < end)
        HC(sched_op, SCHEDOP_yield, 0);
    return s->done;
}

long domu_do(struct domu *u, long nr, long a, long b, long c, long d)
{
    struct step *s = domu_post(u, nr, a, b, c, d);

    if (!domu_wait(u, s)) {
        note("the guest does not do step %u", u->step - 1);
        return -9999;
    }
    s->nr = STEP_WAIT;
    return s->result;
}

long domu_destroy(struct domu *u)
{
    struct xen_domctl op;

    give_back_window(u->script);
    give_back_window(u->data);
    memset(&op, 0, sizeof(op));
    return domctl(XEN_DOMCTL_destroydomain, u->id, &op);
}
