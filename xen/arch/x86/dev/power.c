/* SPDX-License-Identifier: GPL-2.0 */
/*
 * power.c - reboot, power-off, and standing still after a panic.
 */
#include "core/arch.h"
#include "core/cmdline.h"
#include "core/panic.h"
#include "core/printk.h"
#include "cpu/percpu.h"
#include "dev/acpi.h"
#include "dev/power.h"
#include "lib/insn.h"

bool opt_noreboot;
BOOT_BOOL("noreboot", opt_noreboot);

/* A while that needs no clock: each access to port 0x80 takes about 1 us. */
static void io_delay(unsigned int us)
{
    while (us--)
        outb(0, 0x80);
}

static void reset_by_keyboard_controller(void)
{
    for (int i = 0; i < 10; i++) {
        for (int n = 0; n < 0x10000 && inb(0x64) & 2; n++)
            cpu_relax();
        outb(0xfe, 0x64);
        io_delay(50);
    }
}

static void reset_by_cf9(void)
{
    uint8_t v = inb(0xcf9) & (uint8_t)~6;

    outb(v | 2, 0xcf9); /* hard reset wanted */
    io_delay(50);
    outb(v | 6, 0xcf9); /* now */
    io_delay(50);
}

static void reset_by_triple_fault(void)
{
    struct {
        uint16_t limit;
        uint64_t base;
    } packed nothing = {0, 0};

    __asm__ volatile("lidt %0; int3" ::"m"(nothing));
}

noreturn void machine_reboot(void)
{
    irq_disable();
    printk("Rebooting\n");
    for (;;) {
        acpi_reset();
        io_delay(1000);
        reset_by_cf9();
        reset_by_keyboard_controller();
        reset_by_triple_fault();
    }
}

noreturn void machine_poweroff(void)
{
    irq_disable();
    printk("Powering off\n");
    acpi_poweroff();
    printk(LOG_WARN "the machine does not switch off; it may be done by hand\n");
    for (;;)
        cpu_halt();
}

noreturn void machine_stop(void)
{
    irq_disable();
    if (opt_noreboot) {
        printk(LOG_ERR "Manual reset required ('noreboot' specified)\n");
        for (;;)
            cpu_halt();
    }
    printk(LOG_ERR "Reboot in five seconds...\n");
    io_delay(5000000);
    machine_reboot();
}
