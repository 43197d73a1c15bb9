/* SPDX-License-Identifier: GPL-2.0 */
/*
 * traps - exceptions, iret and callbacks reach the guest as promised.
 * Facts: the architecture's vectors and error codes; the frame as in the
 * fact sheet: mask beside cs, ring bits of cs clear for the guest kernel.
 */
#include "guest.h"

static char *hole = (char *)(VIRT + 0x38000000UL);
static struct frame seen;
static bool masked_inside;

static void exceptions(void)
{
    check_eq("int3", TRAP_OF(__asm__ volatile("int3")), 3);
    check_eq("int3: rip is behind it", trap.frame.rip, trap.rip);
    check_eq("ud2", TRAP_OF(__asm__ volatile("ud2")), 6);
    check_eq("divide error",
             TRAP_OF(__asm__ volatile("xor %%ecx,%%ecx; xor %%edx, %%edx;"
                                      "div %%ecx" ::
                                          : "rax", "rcx", "rdx")),
             0);
    check_eq("non-canonical access",
             TRAP_OF(*(volatile char *)0x8000000000000000UL), 13);
    check_eq("non-canonical access: error code", trap.error, 0);
    check_eq("lgdt is refused",
             TRAP_OF(__asm__ volatile("lgdt (%0)" ::"r"(hole))), 13);
}

static void page_faults(void)
{
    char *page = page_new();

    check_eq("read of a hole", TRAP_OF(*(volatile char *)hole), 14);
    check_eq("read of a hole: error code", trap.error, 0);
    check_eq("read of a hole: address", trap.cr2, hole);
    check_eq("write to a hole", TRAP_OF(*(volatile char *)(hole + 5) = 1), 14);
    check_eq("write to a hole: error code", trap.error, 2);
    check_eq("write to a hole: address", trap.cr2, hole + 5);
    make_read_only(page);
    check_eq("write to a read-only page",
             TRAP_OF(*(volatile char *)page = 1), 14);
    check_eq("write to a read-only page: error code", trap.error, 3);
    map_page(page, mfn_of(page) * PAGE | PTE_RW | PTE_NX);
    check_eq("execution where it is forbidden",
             TRAP_OF(((void (*)(void))page)()), 14);
    check_eq("execution where it is forbidden: error code", trap.error, 0x11);
    make_writable(page);
    check_eq("read of the hypervisor's own memory",
             TRAP_OF(*(volatile char *)0xffff82d040200000UL), 14);
}

/* QEMU's TCG (7.2) multiplies by 16 in long mode; a real CPU by 8. */
static bool int_error(uint64_t vector)
{
    return trap.error == vector * 8 + 2 || trap.error == vector * 16 + 2;
}

static void software_interrupts(void)
{
    check_eq("int 0x80", TRAP_OF(__asm__ volatile("int $0x80")), 0x80);
    check_eq("int of a vector that has no handler",
             TRAP_OF(__asm__ volatile("int $0x55")), 13);
    check("int of a vector that has no handler: error code", int_error(0x55));
    check_eq("int of a vector closed to it",
             TRAP_OF(__asm__ volatile("int $14")), 13);
    check("int of a vector closed to it: error code", int_error(14));
}

static bool keep_frame(struct frame *f)
{
    seen = *f;
    masked_inside = vcpu_info(0)->evtchn_upcall_mask;
    return true;
}

static void frames(void)
{
    uint64_t sum;

    trap_hook = keep_frame;
    vcpu_info(0)->evtchn_upcall_mask = 1;
    __asm__ volatile("mov $11, %%rcx; mov $12, %%r11; mov $13, %%r15;"
                     "mov $14, %%rax; mov $15, %%rdi; mov $16, %%r9; int3;"
                     "lea (%%rcx,%%r11), %0; add %%r15, %0; add %%rax, %0;"
                     "add %%rdi, %0; add %%r9, %0"
                     : "=&d"(sum)
                     :
                     : "rcx", "r11", "r15", "rax", "rdi", "r9", "memory");
    check_eq("registers survive a trap", sum, 11 + 12 + 13 + 14 + 15 + 16);
    check("registers are in the frame", seen.rcx == 11 && seen.r11 == 12 &&
                                            seen.r15 == 13 && seen.rax == 14);
    check_eq("cs in the frame: guest kernel", seen.cs & 0xffff,
             FLAT_KERNEL_CS & ~3);
    check_eq("mask in the frame: set", (seen.cs >> 32) & 0xff, 1);
    check_eq("ss in the frame", seen.ss & 0xffff, FLAT_KERNEL_SS);
    check_eq("IF in the frame: clear", seen.rflags & 0x200, 0);
    vcpu_info(0)->evtchn_upcall_mask = 0;
    __asm__ volatile("int3");
    check_eq("IF in the frame: set", seen.rflags & 0x200, 0x200);
    check_eq("mask in the frame: clear", (seen.cs >> 32) & 0xff, 0);
    check("a plain trap does not mask events", !masked_inside);
    __asm__ volatile("int $0x30");
    check("a trap that asks for it masks events", masked_inside);
    check("iret unmasks them again", !vcpu_info(0)->evtchn_upcall_mask);
    vcpu_info(0)->evtchn_upcall_mask = 1;
    trap_hook = NULL;
}

static void single_step(void)
{
    check_eq("single step",
             TRAP_OF(__asm__ volatile("pushf; orl $0x100, (%%rsp); popf; nop;"
                                      "nop" ::: "memory", "cc")),
             1);
    check_eq("single step: the flag is in the frame", trap.rflags & 0x100,
             0x100);
}

/* iret hypercalls of our own making. */
static volatile int landed;
static void land(void)
{
    __asm__ volatile("int3");
    landed++;
}

static int iret_to(uint64_t rip, uint64_t cs, uint64_t flags, uint64_t ss)
{
    static char stack[4096] __attribute__((aligned(16)));
    struct frame f = {.rip = rip, .cs = cs, .rflags = flags, .ss = ss,
                      .rsp = (uint64_t)stack + sizeof(stack) - 8};

    return TRAP_OF(go_to(&f));
}

static void irets(void)
{
    uint64_t cs = FLAT_KERNEL_CS & ~3UL;

    check_eq("iret within the guest kernel",
             iret_to((uint64_t)land, cs, 0x202, FLAT_KERNEL_SS), 3);
    check("iret: IF clears the mask", !vcpu_info(0)->evtchn_upcall_mask);
    check_eq("iret with IF clear",
             iret_to((uint64_t)land, cs, 0x2, FLAT_KERNEL_SS), 3);
    check("iret: no IF sets the mask", vcpu_info(0)->evtchn_upcall_mask);
    check_eq("iret: IOPL is not the guest's",
             iret_to((uint64_t)land, cs, 0x3002, FLAT_KERNEL_SS), 3);
    check_eq("iret: IOPL reads as none", trap.rflags & 0x3000, 0);
    check_eq("iret: NT and VM are dropped",
             iret_to((uint64_t)land, cs, 0x24002, FLAT_KERNEL_SS), 3);
    check_eq("iret: carry and direction are kept",
             iret_to((uint64_t)land, cs, 0x403, FLAT_KERNEL_SS), 3);
    check_eq("iret: carry and direction", trap.rflags & 0x401, 0x401);
}

static volatile bool failsafe_seen;
static void on_failsafe(struct frame *f)
{
    static char stack[4096] __attribute__((aligned(16)));

    failsafe_seen = true;
    f->rip = (uint64_t)land;
    f->cs = FLAT_KERNEL_CS & ~3UL;
    f->ss = FLAT_KERNEL_SS;
    f->rsp = (uint64_t)stack + sizeof(stack);
    f->rflags &= ~0x100UL;
}

static void failsafe(void)
{
    failsafe_hook = on_failsafe;
    failsafe_seen = false;
    iret_to(0x8000000000000000UL, FLAT_KERNEL_CS & ~3UL, 0x202,
            FLAT_KERNEL_SS);
    note("iret to a non-canonical address: vector %d, failsafe %d",
         trap.vector, failsafe_seen);
    check("iret to a non-canonical address is told to the guest",
          failsafe_seen || trap.vector == 13);
    failsafe_seen = false;
    iret_to((uint64_t)land, 0x1230, 0x202, FLAT_KERNEL_SS);
    check("iret to a selector that is not there is told to the guest",
          failsafe_seen || trap.vector == 13);
    failsafe_hook = NULL;
}

static volatile int nmis;
static void on_nmi(struct frame *f)
{
    (void)f;
    nmis++;
}

static void nmi(void)
{
    struct callback_register op = {.type = CALLBACKTYPE_nmi,
                                   .address = (uint64_t)nmi_entry};

    nmi_hook = on_nmi;
    check_eq("register for NMI", HC(callback_op, CALLBACKOP_register, &op), 0);
    check_eq("send an NMI to itself", HC(vcpu_op, VCPUOP_send_nmi, 0, 0), 0);
    check_eq("the NMI arrives", nmis, 1);
}

USER_ASM(user_ends, "mov $7, %eax; int $0x80");
USER_ASM(user_reads_kernel, "mov (%rdi), %rax; int $0x80");
USER_ASM(user_cli, "cli; int $0x80");
USER_ASM(user_ud2, "ud2");
USER_ASM(user_int3, "int3");
USER_ASM(user_int_closed, "int $14");
USER_ASM(user_writes_code, "movb $1, (%rdi)");
USER_ASM(user_syscall, "mov $5, %ebx; syscall; int $0x80");
USER_ASM(user_rdmsr, "mov $0xc0000080, %ecx; rdmsr; int $0x80");
USER_ASM(user_cpuid, "xor %eax, %eax; cpuid; int $0x80");

static struct frame syscall_frame;
static void on_syscall(struct frame *f)
{
    syscall_frame = *f;
    f->rax = 1234;
}

static void user_mode(void)
{
    struct frame f = {.rdi = 0};

    user_set_up();
    check_eq("user code runs", USER_RUN(user_ends, &f), 0x80);
    check_eq("user code ran", trap.frame.rax, 7);
    check_eq("cs in the frame: user", trap.cs & 3, 3);
    f.rdi = (uint64_t)start;
    check_eq("user code cannot see the kernel",
             USER_RUN(user_reads_kernel, &f), 14);
    check_eq("user fault: error code", trap.error, 4);
    f.rdi = USER_CODE;
    check_eq("user code cannot write its code",
             USER_RUN(user_writes_code, &f), 14);
    check_eq("user write fault: error code", trap.error, 7);
    f.rdi = MACH2PHYS_VIRT_START + 0x1000000000;
    check_eq("user code cannot see the hypervisor",
             USER_RUN(user_reads_kernel, &f), 14);
    check_eq("user cli", USER_RUN(user_cli, &f), 13);
    check_eq("user ud2", USER_RUN(user_ud2, &f), 6);
    check_eq("user int3", USER_RUN(user_int3, &f), 3);
    check_eq("user int of a closed vector", USER_RUN(user_int_closed, &f), 13);
    check_eq("user rdmsr", USER_RUN(user_rdmsr, &f), 13);
    check_eq("user cpuid", USER_RUN(user_cpuid, &f), 0x80);
    syscall_hook = on_syscall;
    f.rax = 99;
    check_eq("user syscall comes back", USER_RUN(user_syscall, &f), 0x80);
    check_eq("user syscall: its number", syscall_frame.rax, 99);
    check_eq("user syscall: rip behind it", syscall_frame.rip,
             USER_CODE + 5 + 2);
    check_eq("user syscall: rcx is that address too", syscall_frame.rcx,
             USER_CODE + 5 + 2);
    check_eq("user syscall: r11 has the flags", syscall_frame.r11 & 0x202,
             0x202);
    check_eq("user syscall: result", trap.frame.rax, 1234);
    check_eq("user syscall: other registers", trap.frame.rbx, 5);
    syscall_hook = NULL;
    failsafe_hook = on_failsafe;
    failsafe_seen = false;
    f.cs = 0x1233;
    USER_RUN(user_ends, &f);
    check("iret to a bad user selector is told to the guest",
          failsafe_seen || trap.vector == 13);
    f.cs = FLAT_USER_CS;
    f.ss = 0x1233;
    failsafe_seen = false;
    USER_RUN(user_ends, &f);
    check("iret to a bad user stack selector is told to the guest",
          failsafe_seen || trap.vector == 13);
    failsafe_hook = NULL;
}

static void trap_table(void)
{
    struct trap_info bad[2] = {
        {0x60, 3, FLAT_KERNEL_CS, 0x8000000000000000UL}, {0, 0, 0, 0}};
    struct trap_info ours[3] = {
        {0x31, 3, FLAT_KERNEL_CS, (uint64_t)trap_0x80},
        {0x62, 3, FLAT_KERNEL_CS, (uint64_t)trap_0x80}, {0, 0, 0, 0}};

    check_eq("trap table: handler at a non-canonical address",
             HC(set_trap_table, bad), -E_INVAL);
    bad[0].address = HYPERVISOR_VIRT_START + 0x5000000000;
    note("handler in the hypervisor: %ld", HC(set_trap_table, bad));
    check_eq("trap table: bad pointer", HC(set_trap_table, hole), -E_FAULT);
    check_eq("trap table: pointer into the hypervisor",
             HC(set_trap_table, 0xffff82d040200000UL), -E_FAULT);
    check_eq("trap table: one more vector", HC(set_trap_table, ours), 0);
    check_eq("the new vector works", TRAP_OF(__asm__ volatile("int $0x31")),
             0x80);
    check_eq("trap table: nothing", HC(set_trap_table, 0), 0);
    traps_set_up();
    check_eq("after that the new vector has no handler",
             TRAP_OF(__asm__ volatile("int $0x31")), 13);
}

static void callbacks(void)
{
    struct callback_register op = {.type = CALLBACKTYPE_event,
                                   .address = 0x8000000000000000UL};
    struct callback_unregister un = {.type = CALLBACKTYPE_event};

    check_eq("callback at a non-canonical address",
             HC(callback_op, CALLBACKOP_register, &op), -E_INVAL);
    op.type = 99;
    op.address = (uint64_t)event_entry;
    check_eq("callback of no type", HC(callback_op, CALLBACKOP_register, &op),
             -E_NOSYS);
    check_eq("callback operation of no number", HC(callback_op, 9, &op),
             -E_NOSYS);
    check_eq("callback pointer", HC(callback_op, CALLBACKOP_register, hole),
             -E_FAULT);
    note("unregister event: %ld", HC(callback_op, CALLBACKOP_unregister, &un));
    callbacks_set_up();
    check_eq("nmi operation of no number", HC(nmi_op, 7, 0), -E_NOSYS);
}

void test_main(void)
{
    exceptions();
    page_faults();
    software_interrupts();
    frames();
    single_step();
    irets();
    failsafe();
    nmi();
    trap_table();
    callbacks();
    user_mode();
}
