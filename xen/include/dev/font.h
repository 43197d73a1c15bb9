/* SPDX-License-Identifier: GPL-2.0 */
/*
 * font.h - letters for the framebuffer: 5 by 7 dots, for a cell of 8 by 16.
 */
#ifndef DEV_FONT_H
#define DEV_FONT_H

#include "lib/types.h"

#define FONT_FIRST ' '
#define FONT_LAST  '~'
/* Rows from the top; bit 4 is the leftmost dot. */
extern const uint8_t font_rows[FONT_LAST - FONT_FIRST + 1][7];

#endif
