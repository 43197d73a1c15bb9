/* SPDX-License-Identifier: GPL-2.0 */
/*
 * uart.c - 16550 serial lines: output polled, input by interrupt.
 * Source: National Semiconductor PC16550D data sheet.
 */
#include "core/cmdline.h"
#include "core/console.h"
#include "core/printk.h"
#include "dev/irq.h"
#include "dev/uart.h"
#include "dev/video.h"
#include "lib/errno.h"
#include "lib/insn.h"
#include "lib/string.h"

enum uart_reg { RBR = 0, IER = 1, FCR = 2, LCR = 3, MCR = 4, LSR = 5, SCR = 7 };
#define LCR_DLAB  0x80
#define LSR_READY 0x01
#define LSR_EMPTY 0x20
#define SPIN_MAX  100000 /* a line that never drains is no reason to hang */

struct uart {
    const char *name;
    uint16_t port;
    uint8_t irq;
    unsigned int baud;
    uint8_t lcr; /* bits, parity, stop */
    bool present;
    struct log_sink sink;
};

static void com1_write(const char *s, size_t n);
static void com2_write(const char *s, size_t n);
static struct uart uarts[2] = {
    {"com1", 0x3f8, 4, 115200, 0x03, false, {"com1", com1_write, 0}},
    {"com2", 0x2f8, 3, 115200, 0x03, false, {"com2", com2_write, 0}},
};

/* "8n1": data bits, parity, stop bits. */
static int parse_frame(struct uart *u, const char *s)
{
    static const char parity[] = "noems"; /* none odd even mark space */
    const char *p;

    if (strnlen(s, 3) < 3 || s[0] < '5' || s[0] > '8')
        return -EINVAL;
    p = strchr(parity, s[1]);
    if (!p || (s[2] != '1' && s[2] != '2'))
        return -EINVAL;
    u->lcr = (uint8_t)(s[0] - '5');
    if (p != parity)
        u->lcr |= (uint8_t)(0x08 | (p - parity - 1) << 4);
    if (s[2] == '2')
        u->lcr |= 0x04;
    return 0;
}

/* baud[,8n1[,port[,irq]]]; baud "auto" keeps the default. */
static int parse_uart(struct uart *u, const char *s)
{
    uint64_t v;

    if (!strncmp(s, "auto", 4)) {
        s += 4;
    } else {
        if (parse_u64(s, &s, &v) || !v || v > 115200)
            return -EINVAL;
        u->baud = (unsigned int)v;
    }
    if (*s != ',')
        return *s ? -EINVAL : 0;
    if (parse_frame(u, s + 1))
        return -EINVAL;
    s += 4;
    if (*s == ',' && !parse_u64(s + 1, &s, &v))
        u->port = (uint16_t)v;
    if (*s == ',' && !parse_u64(s + 1, &s, &v) && v < 16)
        u->irq = (uint8_t)v;
    return 0;
}
static int set_com1(const char *s)
{
    return parse_uart(&uarts[0], s);
}
static int set_com2(const char *s)
{
    return parse_uart(&uarts[1], s);
}
BOOT_FN("com1", set_com1);
BOOT_FN("com2", set_com2);

static void put(const struct uart *u, char c)
{
    for (int i = 0; i < SPIN_MAX; i++) {
        if (inb(u->port + LSR) & LSR_EMPTY)
            break;
        cpu_relax();
    }
    outb((uint8_t)c, u->port);
}

static void write(const struct uart *u, const char *s, size_t n)
{
    for (; n; n--, s++) {
        if (*s == '\n')
            put(u, '\r');
        put(u, *s);
    }
}
static void com1_write(const char *s, size_t n)
{
    write(&uarts[0], s, n);
}
static void com2_write(const char *s, size_t n)
{
    write(&uarts[1], s, n);
}

static bool is_there(const struct uart *u)
{
    outb(0x5a, u->port + SCR);
    return inb(u->port + SCR) == 0x5a;
}

static void open_uart(struct uart *u)
{
    unsigned int divisor = 115200 / u->baud;

    if (!is_there(u))
        return;
    u->present = true;
    outb(0, u->port + IER);
    outb(LCR_DLAB, u->port + LCR);
    outb((uint8_t)divisor, u->port);
    outb((uint8_t)(divisor >> 8), u->port + IER);
    outb(u->lcr, u->port + LCR);
    outb(0x07, u->port + FCR); /* queues on and empty */
    outb(0x0b, u->port + MCR); /* DTR, RTS, interrupt line */
    log_add_sink(&u->sink);
}

init_text void uart_init(void)
{
    for (size_t i = 0; i < ARRAY_SIZE(uarts); i++)
        if (console_wants(uarts[i].name))
            open_uart(&uarts[i]);
}

static void input_ready(unsigned int irq, void *data)
{
    const struct uart *u = data;

    (void)irq;
    for (int i = 0; i < 64 && inb(u->port + LSR) & LSR_READY; i++)
        console_input((char)inb(u->port + RBR));
}

init_text void uart_init_irq(void)
{
    for (size_t i = 0; i < ARRAY_SIZE(uarts); i++) {
        struct uart *u = &uarts[i];

        if (!u->present)
            continue;
        if (irq_bind(irq_of_isa(u->irq), input_ready, u, false)) {
            printk(LOG_WARN "%s: no interrupt, so no input\n", u->name);
            continue;
        }
        outb(1, u->port + IER); /* received data */
    }
}

bool uart_owns_port(uint16_t port)
{
    for (size_t i = 0; i < ARRAY_SIZE(uarts); i++)
        if (uarts[i].present && port >= uarts[i].port &&
            port < uarts[i].port + 8)
            return true;
    return false;
}

int uart_irq(void)
{
    for (size_t i = 0; i < ARRAY_SIZE(uarts); i++)
        if (uarts[i].present)
            return uarts[i].irq;
    return -1;
}
