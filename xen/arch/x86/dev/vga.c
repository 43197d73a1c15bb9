/* SPDX-License-Identifier: GPL-2.0 */
/*
 * vga.c - the log in VGA text mode, and the choice of consoles.
 */
#include "core/cmdline.h"
#include "core/printk.h"
#include "dev/video.h"
#include "lib/insn.h"
#include "lib/string.h"
#include "mm/directmap.h"

#define COLS 80u
#define ROWS 25u
#define TEXT_BASE  0xb8000
#define ATTRIBUTE  0x0700

static char console_choice[64] = "com1,vga";
BOOT_STRING("console", console_choice);

bool console_wants(const char *name)
{
    const char *at = console_choice;
    size_t n = strlen(name);

    while (at) {
        if (!strncmp(at, name, n) && (!at[n] || at[n] == ','))
            return true;
        at = strchr(at, ',');
        if (at)
            at++;
    }
    return false;
}

static volatile uint16_t *screen;
static unsigned int col, row;

static void new_line(void)
{
    col = 0;
    if (++row < ROWS)
        return;
    row = ROWS - 1;
    for (unsigned int i = 0; i < COLS * (ROWS - 1); i++)
        screen[i] = screen[i + COLS];
    for (unsigned int i = COLS * (ROWS - 1); i < COLS * ROWS; i++)
        screen[i] = ATTRIBUTE | ' ';
}

static void put(char c)
{
    if (c == '\n') {
        new_line();
        return;
    }
    if (c == '\r') {
        col = 0;
        return;
    }
    if ((unsigned char)c < ' ')
        return;
    if (col == COLS)
        new_line();
    screen[row * COLS + col++] = (uint16_t)(ATTRIBUTE | (unsigned char)c);
}

static void set_cursor(void)
{
    unsigned int at = row * COLS + col;

    outb(0x0e, 0x3d4);
    outb((uint8_t)(at >> 8), 0x3d5);
    outb(0x0f, 0x3d4);
    outb((uint8_t)at, 0x3d5);
}

static bool yielded;

static void vga_write(const char *s, size_t n)
{
    if (yielded)
        return;
    for (; n; n--)
        put(*s++);
    set_cursor();
}

static struct log_sink vga_sink = {"vga", vga_write, NULL};

void video_yield(void)
{
    yielded = true;
    fb_yield();
}

init_text void vga_init(void)
{
    if (!console_wants("vga"))
        return;
    screen = vmap_device(TEXT_BASE, COLS * ROWS * 2);
    if (!screen)
        return;
    for (unsigned int i = 0; i < COLS * ROWS; i++)
        screen[i] = ATTRIBUTE | ' ';
    log_add_sink(&vga_sink);
}
