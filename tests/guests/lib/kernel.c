/* SPDX-License-Identifier: GPL-2.0 */
/*
 * kernel.c - start of a test kernel: shared page, traps, events, vcpus.
 * Keeps true: events stay masked until a test unmasks them; a trap that no
 * test waits for is printed and ends the test as failed.
 */
#include "guest.h"

void guest_start(struct start_info *si);
void trap_c(struct frame *f);
void event_c(struct frame *f);
void syscall_c(struct frame *f);
void nmi_c(struct frame *f);
void failsafe_c(struct frame *f);

struct start_info *start;
struct shared_info *shared;
struct last_trap trap_of[NR_TEST_VCPUS + 1];
struct catch catch_of[NR_TEST_VCPUS + 1];
volatile bool catching_of[NR_TEST_VCPUS + 1];
bool (*trap_hook)(struct frame *f);
void (*syscall_hook)(struct frame *f);
void (*nmi_hook)(struct frame *f);
void (*failsafe_hook)(struct frame *f);
uint64_t failsafe_selectors[4];
volatile unsigned int port_count[NR_TEST_PORTS];
volatile unsigned int upcalls;
void (*port_hook)(unsigned int port);
void (*upcall_hook)(struct frame *f);
struct vcpu_info *vcpu_info_at[XEN_LEGACY_MAX_VCPUS];

static char shared_page[PAGE] __attribute__((aligned(4096)));
static char vcpu_stacks[NR_TEST_VCPUS][16384] __attribute__((aligned(4096)));
static void (*vcpu_run[NR_TEST_VCPUS + 1])(unsigned int vcpu);

unsigned int vcpu_self(void)
{
    uint64_t sp = (uint64_t)__builtin_frame_address(0);
    uint64_t base = (uint64_t)vcpu_stacks;

    if (sp >= base && sp < base + sizeof(vcpu_stacks))
        return (unsigned int)((sp - base) / sizeof(vcpu_stacks[0])) + 1;
    return 0;
}

struct vcpu_info *vcpu_info(unsigned int vcpu)
{
    return vcpu_info_at[vcpu];
}

static void report_trap(const struct frame *f)
{
    print("unexpected trap %lu error %lx rip %lx rsp %lx cr2 %lx\n", f->vector,
          f->error, f->rip, f->rsp, vcpu_info(0)->arch.cr2);
    print("  rax %lx rcx %lx rdx %lx rbx %lx rsi %lx rdi %lx\n", f->rax,
          f->rcx, f->rdx, f->rbx, f->rsi, f->rdi);
    panic("unexpected trap");
}

/* Makes the frame return to where catch_set was called, this time with 1. */
static void back_to_catch(struct frame *f)
{
    f->rbx = catch_at.rbx;
    f->rbp = catch_at.rbp;
    f->r12 = catch_at.r12;
    f->r13 = catch_at.r13;
    f->r14 = catch_at.r14;
    f->r15 = catch_at.r15;
    f->rsp = catch_at.rsp;
    f->rip = catch_at.rip;
    f->rax = 1;
    f->rflags &= ~0x40500UL; /* TF, DF, AC */
    f->cs = FLAT_KERNEL_CS & ~3UL;
    f->ss = FLAT_KERNEL_SS;
}

void trap_c(struct frame *f)
{
    if (trap_hook && trap_hook(f))
        return;
    if (!catching)
        report_trap(f);
    trap.vector = (int)f->vector;
    trap.error = f->error;
    trap.rip = f->rip;
    trap.cs = f->cs;
    trap.rflags = f->rflags;
    trap.cr2 = vcpu_info(vcpu_self())->arch.cr2;
    trap.frame = *f;
    catching = false;
    back_to_catch(f);
}

void syscall_c(struct frame *f)
{
    if (!syscall_hook)
        panic("system call that nobody waits for");
    syscall_hook(f);
}

void nmi_c(struct frame *f)
{
    if (!nmi_hook)
        panic("NMI that nobody waits for");
    nmi_hook(f);
}

void failsafe_c(struct frame *f)
{
    if (!failsafe_hook)
        panic("failsafe callback that nobody waits for");
    failsafe_hook(f);
}

static void take_word(struct vcpu_info *vi, unsigned int word)
{
    uint64_t ready = shared->evtchn_pending[word] & ~shared->evtchn_mask[word];
    unsigned int port;

    (void)vi;
    while (ready) {
        port = word * 64 + (unsigned int)__builtin_ctzl(ready);
        ready &= ready - 1;
        __atomic_fetch_and(&shared->evtchn_pending[word],
                           ~(1UL << (port % 64)), __ATOMIC_SEQ_CST);
        port_count[port]++;
        if (port_hook)
            port_hook(port);
    }
}

static void take_events(void)
{
    struct vcpu_info *vi = vcpu_info(vcpu_self());
    uint64_t words;

    __atomic_store_n(&vi->evtchn_upcall_pending, 0, __ATOMIC_SEQ_CST);
    words = __atomic_exchange_n(&vi->evtchn_pending_sel, 0, __ATOMIC_SEQ_CST);
    while (words) {
        take_word(vi, (unsigned int)__builtin_ctzl(words));
        words &= words - 1;
    }
}

void event_c(struct frame *f)
{
    upcalls++;
    if (upcall_hook)
        upcall_hook(f);
    else
        take_events();
}

void events_mask(void)
{
    vcpu_info(vcpu_self())->evtchn_upcall_mask = 1;
    barrier();
}

void events_unmask(void)
{
    struct vcpu_info *vi = vcpu_info(vcpu_self());

    barrier();
    *(volatile uint8_t *)&vi->evtchn_upcall_mask = 0;
    barrier();
    if (*(volatile uint8_t *)&vi->evtchn_upcall_pending)
        HC(xen_version, XENVER_version, 0); /* events come with its return */
}

void port_mask(unsigned int port)
{
    __atomic_fetch_or(&shared->evtchn_mask[port / 64], 1UL << (port % 64),
                      __ATOMIC_SEQ_CST);
}

long port_unmask(unsigned int port)
{
    struct evtchn_unmask op = {.port = port};

    return HC(event_channel_op, EVTCHNOP_unmask, &op);
}

uint64_t rdtsc(void)
{
    uint32_t lo, hi;

    __asm__ volatile("rdtsc" : "=a"(lo), "=d"(hi)::"memory");
    return (uint64_t)hi << 32 | lo;
}

uint64_t now(void)
{
    volatile struct vcpu_time_info *t = &vcpu_info(vcpu_self())->time;
    uint32_t version;
    uint64_t delta, ns;

    do {
        version = t->version;
        barrier();
        delta = rdtsc() - t->tsc_timestamp;
        if (t->tsc_shift >= 0)
            delta <<= t->tsc_shift;
        else
            delta >>= -t->tsc_shift;
        ns = t->system_time +
             (uint64_t)(((unsigned __int128)delta * t->tsc_to_system_mul) >>
                        32);
        barrier();
    } while ((version & 1) || version != t->version);
    return ns;
}

void traps_set_up(void)
{
    static struct trap_info table[36];
    unsigned int i, n = 0;

    for (i = 0; i < 32; i++) {
        if (i == 2 || i == 15)
            continue;
        table[n++] = (struct trap_info){
            .vector = (uint8_t)i,
            .flags = (i == 3 || i == 4) ? 3 : 0,
            .cs = FLAT_KERNEL_CS,
            .address = trap_ways[i],
        };
    }
    table[n++] = (struct trap_info){0x80, 3, FLAT_KERNEL_CS,
                                    (uint64_t)trap_0x80};
    /* Twice: QEMU's TCG (7.2) reports `int 0x30` as if it were 0x60. */
    table[n++] = (struct trap_info){0x30, 3 | 4, FLAT_KERNEL_CS,
                                    (uint64_t)trap_masked};
    table[n++] = (struct trap_info){0x60, 3 | 4, FLAT_KERNEL_CS,
                                    (uint64_t)trap_masked};
    table[n] = (struct trap_info){0, 0, 0, 0};
    if (HC(set_trap_table, table))
        panic("set_trap_table");
}

static long callback(uint16_t type, const void *address, uint16_t flags)
{
    struct callback_register op = {
        .type = type, .flags = flags, .address = (uint64_t)address};

    return HC(callback_op, CALLBACKOP_register, &op);
}

void callbacks_set_up(void)
{
    if (callback(CALLBACKTYPE_event, event_entry, 0) ||
        callback(CALLBACKTYPE_failsafe, failsafe_entry, 0) ||
        callback(CALLBACKTYPE_syscall, syscall_entry, 0))
        panic("callback_op");
}

/* Puts the frame of the shared page under an address of ours. */
static void map_shared(void)
{
    unsigned int i;

    if (HC(update_va_mapping, shared_page, start->shared_info | PTE_RW,
           UVMF_INVLPG | UVMF_LOCAL))
        panic("mapping the shared page");
    shared = (struct shared_info *)shared_page;
    for (i = 0; i < XEN_LEGACY_MAX_VCPUS; i++)
        vcpu_info_at[i] = &shared->vcpu_info[i];
}

uint64_t option(const char *word, uint64_t otherwise)
{
    const char *at = start->cmd_line;
    size_t n = strlen(word);
    uint64_t value = 0;

    for (; *at; at++) {
        if (!strncmp(at, word, n) && at[n] == '=')
            break;
    }
    if (!*at)
        return otherwise;
    for (at += n + 1; *at >= '0' && *at <= '9'; at++)
        value = value * 10 + (uint64_t)(*at - '0');
    return value;
}

void guest_start(struct start_info *si)
{
    start = si;
    p2m = (uint64_t *)si->mfn_list;
    map_shared();
    traps_set_up();
    callbacks_set_up();
    test_main();
    done();
}

void vcpu_start(unsigned int vcpu)
{
    traps_set_up(); /* each vcpu has a table of its own */
    for (;;) {
        vcpu_run[vcpu](vcpu);
        HC(vcpu_op, VCPUOP_down, vcpu, 0); /* comes back at VCPUOP_up */
    }
}

/* Prepares a vcpu above 0 to call run(), on the boot vcpu's page tables. */
long vcpu_make(unsigned int vcpu, void (*run)(unsigned int vcpu))
{
    return vcpu_make_with(vcpu, run, 0x200);
}

long vcpu_make_with(unsigned int vcpu, void (*run)(unsigned int vcpu),
                    uint64_t rflags)
{
    static struct vcpu_guest_context c;

    memset(&c, 0, sizeof(c));
    vcpu_run[vcpu] = run;
    c.flags = VGCF_in_kernel;
    c.user_regs.rip = (uint64_t)vcpu_entry;
    c.user_regs.rsp = (uint64_t)(vcpu_stacks[vcpu - 1] + sizeof(vcpu_stacks[0]));
    c.user_regs.rdi = vcpu;
    c.user_regs.rflags = rflags;
    c.user_regs.cs = FLAT_KERNEL_CS;
    c.user_regs.ss = FLAT_KERNEL_SS;
    c.kernel_ss = FLAT_KERNEL_SS;
    c.kernel_sp = (uint64_t)(vcpu_stacks[vcpu - 1] + sizeof(vcpu_stacks[0]));
    c.ctrlreg[3] = xen_pfn_to_cr3(mfn_of((void *)start->pt_base));
    c.event_callback_eip = (uint64_t)event_entry;
    c.failsafe_callback_eip = (uint64_t)failsafe_entry;
    c.syscall_callback_eip = (uint64_t)syscall_entry;
    return HC(vcpu_op, VCPUOP_initialise, vcpu, &c);
}
