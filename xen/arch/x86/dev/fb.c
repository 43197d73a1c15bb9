/* SPDX-License-Identifier: GPL-2.0 */
/*
 * fb.c - the log on a linear framebuffer, as text in cells of 8 by 16.
 * Keeps true: what is on the screen is what is in `text`; scrolling moves the
 * text and draws only cells that changed, for reading video memory is slow.
 */
#include "core/printk.h"
#include "dev/font.h"
#include "dev/video.h"
#include "lib/string.h"
#include "mm/directmap.h"

#define CELL_W   8u
#define CELL_H   16u
#define MAX_COLS 240u
#define MAX_ROWS 90u

static struct boot_fb mode;
static volatile uint8_t *pixels;
static unsigned int cols, rows, col, row, bytes; /* bytes a pixel */
static uint32_t ink;
static char text[MAX_ROWS][MAX_COLS];
static bool yielded;

static void set_pixel(volatile uint8_t *p, uint32_t colour)
{
    for (unsigned int i = 0; i < bytes; i++)
        p[i] = (uint8_t)(colour >> 8 * i);
}

static void draw_row(volatile uint8_t *p, uint8_t dots)
{
    for (unsigned int x = 0; x < CELL_W; x++) {
        bool on = x >= 1 && x <= 5 && dots >> (5 - x) & 1;

        if (bytes == 4)
            ((volatile uint32_t *)p)[x] = on ? ink : 0;
        else
            set_pixel(p + x * bytes, on ? ink : 0);
    }
}

static void draw(unsigned int y, unsigned int x, char c)
{
    volatile uint8_t *p = pixels + (size_t)y * CELL_H * mode.pitch +
                          (size_t)x * CELL_W * bytes;
    bool known = c >= FONT_FIRST && c <= FONT_LAST;
    const uint8_t *glyph = font_rows[known ? c - FONT_FIRST : 0];

    for (unsigned int r = 0; r < CELL_H; r++, p += mode.pitch)
        draw_row(p, r >= 1 && r < 15 ? glyph[(r - 1) / 2] : 0);
}

static void put_cell(unsigned int y, unsigned int x, char c)
{
    if (text[y][x] == c)
        return;
    text[y][x] = c;
    draw(y, x, c);
}

static void new_line(void)
{
    col = 0;
    if (++row < rows)
        return;
    row = rows - 1;
    for (unsigned int y = 0; y < rows; y++)
        for (unsigned int x = 0; x < cols; x++)
            put_cell(y, x, y + 1 < rows ? text[y + 1][x] : ' ');
}

static void put(char c)
{
    if (c == '\n') {
        new_line();
    } else if (c == '\r') {
        col = 0;
    } else if ((unsigned char)c >= ' ') {
        if (col == cols)
            new_line();
        put_cell(row, col++, c);
    }
}

static void fb_write(const char *s, size_t n)
{
    if (yielded)
        return;
    for (; n; n--)
        put(*s++);
}

static struct log_sink fb_sink = {"vga", fb_write, NULL};

void fb_yield(void)
{
    yielded = true;
}

static uint32_t grey(unsigned int pos, unsigned int size)
{
    return size && size <= 8 ? (0xc0u >> (8 - size)) << pos : 0;
}

/* By words: each write goes all the way to the device. */
static init_text void clear_screen(void)
{
    size_t size = (size_t)mode.pitch * mode.height;
    volatile uint64_t *words = (volatile uint64_t *)pixels;

    for (size_t i = 0; i < size / 8; i++)
        words[i] = 0;
    for (size_t i = size & ~7UL; i < size; i++)
        pixels[i] = 0;
}

init_text void fb_init(const struct boot_fb *fb)
{
    mode = *fb;
    bytes = (fb->bpp + 7u) / 8;
    if (!console_wants("vga") || !fb->addr || bytes < 2 || bytes > 4 ||
        fb->pitch < fb->width * bytes)
        return;
    pixels = vmap_write_combining(fb->addr, (size_t)fb->pitch * fb->height);
    if (!pixels)
        return;
    cols = MIN(fb->width / CELL_W, MAX_COLS);
    rows = MIN(fb->height / CELL_H, MAX_ROWS);
    ink = grey(fb->red_pos, fb->red_size) | grey(fb->green_pos, fb->green_size) |
          grey(fb->blue_pos, fb->blue_size);
    memset(text, ' ', sizeof(text));
    clear_screen();
    log_add_sink(&fb_sink);
    printk("Framebuffer: %ux%u, %u bits\n", fb->width, fb->height, fb->bpp);
}
