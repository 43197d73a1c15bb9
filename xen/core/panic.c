/* SPDX-License-Identifier: GPL-2.0 */
/*
 * panic.c - the end, told as fully as can be.
 */
#include "core/arch.h"
#include "core/panic.h"
#include "core/printk.h"
#include "core/smpcall.h"
#include "cpu/lapic.h"
#include "cpu/regs.h"
#include "dev/power.h"
#include "lib/atomic.h"
#include "lib/format.h"

extern const char image_start[], image_text_end[], image_init_text_end[];

/* Made by symbols.awk: count, rows, names. Empty in the first link. */
extern const char symbols_start[], symbols_end[];
struct symbol_row {
    uint32_t addr, name;
};

static bool is_code(uint64_t addr)
{
    return addr >= (uint64_t)image_start &&
           addr < (uint64_t)image_init_text_end;
}

bool symbol_lookup(uint64_t addr, const char **name, uint64_t *offset)
{
    const struct symbol_row *row = (const void *)(symbols_start + 8);
    uint64_t lo = 0, hi, count, want = addr - (uint64_t)image_start;

    if (&symbols_start[0] == &symbols_end[0] || !is_code(addr))
        return false;
    count = *(const uint64_t *)symbols_start;
    for (hi = count; hi - lo > 1;) {
        uint64_t mid = (lo + hi) / 2;

        if (row[mid].addr <= want)
            lo = mid;
        else
            hi = mid;
    }
    *name = (const char *)&row[count] + row[lo].name;
    *offset = want - row[lo].addr;
    return true;
}

bool symbol_by_number(uint64_t n, const char **name, uint64_t *addr)
{
    const struct symbol_row *row = (const void *)(symbols_start + 8);
    uint64_t count;

    if (&symbols_start[0] == &symbols_end[0])
        return false;
    count = *(const uint64_t *)symbols_start;
    if (n >= count)
        return false;
    *name = (const char *)&row[count] + row[n].name;
    *addr = (uint64_t)image_start + row[n].addr;
    return true;
}

/* A return address may stand behind the last byte of its function. */
static void show_place(uint64_t addr, unsigned int back)
{
    const char *name;
    uint64_t offset;

    if (symbol_lookup(addr - back, &name, &offset))
        printk(LOG_ERR "  [%016lx] %s+%#lx\n", addr, name, offset + back);
    else
        printk(LOG_ERR "  [%016lx]\n", addr);
}

void backtrace(uint64_t rbp, uint64_t rip)
{
    uint64_t area = (uint64_t)this_cpu() & ~(CPU_AREA_SIZE - 1);

    printk(LOG_ERR "Back-trace:\n");
    show_place(rip, 0);
    for (int depth = 0; depth < 24; depth++) {
        const uint64_t *frame = (const uint64_t *)rbp;

        /* Frames ascend within this CPU's stacks. */
        if (rbp % 8 || rbp < area + 0x3000 || rbp > area + CPU_AREA_SIZE - 16)
            break;
        if (!is_code(frame[1]))
            break;
        show_place(frame[1], 1);
        if (frame[0] <= rbp)
            break;
        rbp = frame[0];
    }
}

void regs_print(const struct regs *r)
{
    uint64_t offset;
    const char *name;

    if (!regs_from_guest(r) && symbol_lookup(r->rip, &name, &offset))
        printk(LOG_ERR "at %s+%#lx\n", name, offset);
    printk(LOG_ERR "rip %04x:%016lx rflags %08lx\n", r->cs, r->rip, r->rflags);
    printk(LOG_ERR "rsp %04x:%016lx rbp %016lx\n", r->ss, r->rsp, r->rbp);
    printk(LOG_ERR "rax %016lx rbx %016lx rcx %016lx\n", r->rax, r->rbx,
           r->rcx);
    printk(LOG_ERR "rdx %016lx rsi %016lx rdi %016lx\n", r->rdx, r->rsi,
           r->rdi);
    printk(LOG_ERR "r8  %016lx r9  %016lx r10 %016lx\n", r->r8, r->r9, r->r10);
    printk(LOG_ERR "r11 %016lx r12 %016lx r13 %016lx\n", r->r11, r->r12,
           r->r13);
    printk(LOG_ERR "r14 %016lx r15 %016lx\n", r->r14, r->r15);
}

void regs_dump(const struct regs *r)
{
    printk(LOG_ERR "CPU%u vector %u error %#x\n", cpu_id(), r->vector,
           r->error_code);
    regs_print(r);
    printk(LOG_ERR "cr0 %016lx cr2 %016lx\n", read_cr0(), read_cr2());
    printk(LOG_ERR "cr3 %016lx cr4 %016lx\n", read_cr3(), read_cr4());
    if (!regs_from_guest(r))
        backtrace(r->rbp, r->rip);
}

/* Whose panic it is: CPU + 1. */
static uint32_t speaker;

/*
 * The first CPU to get here speaks; the others stand still. It may come here
 * again, when it stumbles over its own last words, but not for ever.
 */
void panic_enter(void)
{
    static unsigned int depth;
    unsigned int n, me = cpu_id();

    irq_disable();
    if (!cas32(&speaker, 0, me + 1) && READ_ONCE(speaker) != me + 1)
        for (;;)
            cpu_halt();
    log_force_unlock();
    if (depth++ > 2)
        machine_stop();
    for_each_cpu(n, &cpus_online)
        if (n != me && depth == 1)
            lapic_send_nmi(n);
}

void panic_stop_here(void)
{
    uint32_t who = READ_ONCE(speaker);

    if (!who || who == cpu_id() + 1)
        return;
    for (;;)
        cpu_halt();
}

noreturn void panic(const char *fmt, ...)
{
    static char text[512];
    va_list ap;

    panic_enter();
    va_start(ap, fmt);
    vsnprintf(text, sizeof(text), fmt, ap);
    va_end(ap);
    printk(LOG_ERR "****************************************\n");
    printk(LOG_ERR "Panic on CPU %u: %s\n", cpu_id(), text);
    backtrace(*(uint64_t *)__builtin_frame_address(0),
              (uint64_t)__builtin_return_address(0));
    printk(LOG_ERR "****************************************\n");
    machine_stop();
}

noreturn void panic_at(const char *file, int line, const char *what)
{
    panic("%s:%d: %s", file, line, what);
}
