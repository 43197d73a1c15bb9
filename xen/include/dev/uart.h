/* SPDX-License-Identifier: GPL-2.0 */
/*
 * uart.h - 16550 serial lines com1 and com2.
 */
#ifndef DEV_UART_H
#define DEV_UART_H

#include "lib/types.h"

void uart_init(void);      /* early: polled, becomes a log sink */
void uart_init_irq(void);  /* once interrupts work: input by interrupt */
/* Ports and line that the console line uses, for who must not touch it. */
bool uart_owns_port(uint16_t port);
int uart_irq(void); /* ISA line, or -1 */

#endif
