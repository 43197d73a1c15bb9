/* SPDX-License-Identifier: GPL-2.0 */
/*
 * panic.h - the end: file, line, symbolised back-trace, then stop or reboot.
 */
#ifndef CORE_PANIC_H
#define CORE_PANIC_H

#include "lib/compiler.h"
#include "lib/types.h"

struct regs;

noreturn void panic(const char *fmt, ...) printf_like(1, 2);
noreturn void panic_at(const char *file, int line, const char *what);
void backtrace(uint64_t rbp, uint64_t rip);
/* The words alone; then with control registers and back-trace, of this CPU. */
void regs_print(const struct regs *r);
void regs_dump(const struct regs *r);
/* Before the last words: this CPU alone speaks, the others stand still. */
void panic_enter(void);
/* For the NMI handler: did panic_enter() send it? Then it does not return. */
void panic_stop_here(void);
/* "name+0x12" of the symbol that holds addr; false if it is none of ours. */
bool symbol_lookup(uint64_t addr, const char **name, uint64_t *offset);
/* The n-th symbol by address; false: there are not so many. */
bool symbol_by_number(uint64_t n, const char **name, uint64_t *addr);

/* After a fatal end: wait or reboot as the command line says. */
noreturn void machine_stop(void);

#define BUG()       panic_at(__FILE__, __LINE__, "BUG")
#define BUG_ON(x)                                                              \
    do {                                                                       \
        if (unlikely(x))                                                       \
            panic_at(__FILE__, __LINE__, #x);                                  \
    } while (0)
#ifdef DEBUG
#define ASSERT(x) BUG_ON(!(x))
#else
#define ASSERT(x) ((void)sizeof(x))
#endif

#endif
