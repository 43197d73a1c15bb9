/* SPDX-License-Identifier: GPL-2.0 */
/*
 * console.c - who owns the serial input: Dom0, or our debug keys.
 * Keeps true: a byte goes to one of them; Dom0's wait in a ring, and those
 * that find it full are lost (a person types slower than Dom0 reads).
 * Locks: input_lock guards the ring; taken in interrupt context.
 */
#include "core/cmdline.h"
#include "core/console.h"
#include "core/keys.h"
#include "core/printk.h"
#include "core/spinlock.h"
#include "lib/errno.h"
#include "lib/string.h"

#define INPUT_SIZE 1024u /* a power of two */

static char ring[INPUT_SIZE];
static uint32_t head, tail;
static spinlock_t input_lock = SPINLOCK_INIT(RANK_UART);
static bool ours; /* input goes to the debug keys */
static unsigned int switches; /* how often the switch key came in a row */
static char switch_key = 1;   /* Ctrl-a; 0: never */
void (*console_notify)(void);

/* conswitch=<letter>[x]: another letter; x: start with the hypervisor. */
static int set_switch(const char *s)
{
    if (*s >= 'a' && *s <= 'z')
        switch_key = (char)(*s - 'a' + 1);
    else
        switch_key = 0;
    ours = *s && s[1] == 'x';
    return 0;
}
BOOT_FN("conswitch", set_switch);

static void show_owner(void)
{
    if (switch_key)
        printk("*** Serial input to %s (type 'CTRL-%c' three times to switch "
               "input)\n", ours ? "Xen" : "DOM0", 'a' + switch_key - 1);
}

static void give_to_dom0(char c)
{
    uint64_t flags = spin_lock_irqsave(&input_lock);

    if (head - tail < INPUT_SIZE)
        ring[head++ % INPUT_SIZE] = c;
    spin_unlock_irqrestore(&input_lock, flags);
    if (console_notify)
        console_notify();
}

void console_input(char c)
{
    if (switch_key && c == switch_key) {
        if (++switches == 3) {
            switches = 0;
            ours = !ours;
            show_owner();
        }
        return;
    }
    /* The switch key fewer than three times was meant for Dom0. */
    for (; switches; switches--)
        if (!ours)
            give_to_dom0(switch_key);
    if (ours)
        key_handle(c);
    else
        give_to_dom0(c);
}

size_t console_read(char *buf, size_t n)
{
    uint64_t flags = spin_lock_irqsave(&input_lock);
    size_t got = 0;

    while (got < n && tail != head)
        buf[got++] = ring[tail++ % INPUT_SIZE];
    spin_unlock_irqrestore(&input_lock, flags);
    return got;
}

void console_init(void)
{
    show_owner();
}
