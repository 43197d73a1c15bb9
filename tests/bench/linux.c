/* SPDX-License-Identifier: GPL-2.0 */
/*
 * linux.c - what a process under Linux does most, as the first process.
 * mark() is where split.c looks: before and behind each row of operations.
 * linux.py knows the rows by their order and number.
 */
#include <stdint.h>
#include <stdlib.h>
#include <sys/mman.h>
#include <sys/reboot.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#define PAGES 64

void mark(void);
__attribute__((noinline)) void mark(void)
{
    __asm__ volatile("");
}

static void ask_parent(void)
{
    syscall(SYS_getppid);
}

static void make_child(void)
{
    pid_t child = fork();

    if (!child)
        _exit(0);
    waitpid(child, NULL, 0);
}

/* PAGES pages, so that the call's own part is small. */
static void map_pages(void)
{
    char *p = mmap(NULL, PAGES * 4096, PROT_READ | PROT_WRITE,
                   MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);

    for (int i = 0; i < PAGES; i++)
        p[i * 4096] = 1;
    munmap(p, PAGES * 4096);
}

static int there[2], back[2];

static void echo(void)
{
    char c;

    while (read(there[0], &c, 1) == 1 && write(back[1], &c, 1) == 1)
        ;
    _exit(0);
}

static void pass_byte(void)
{
    char c = 0;

    if (write(there[1], &c, 1) != 1 || read(back[0], &c, 1) != 1)
        abort();
}

static void row(void (*fn)(void), int times)
{
    for (int i = 0; i < 10; i++) /* so that all is there */
        fn();
    mark();
    for (int i = 0; i < times; i++)
        fn();
    mark();
}

int main(void)
{
    row(ask_parent, 1000);
    row(make_child, 50);
    row(map_pages, 20);
    if (pipe(there) || pipe(back))
        abort();
    if (!fork())
        echo();
    row(pass_byte, 200);
    reboot(RB_POWER_OFF);
    return 1;
}
