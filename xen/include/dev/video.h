/* SPDX-License-Identifier: GPL-2.0 */
/*
 * video.h - the log on a screen: VGA text, or a linear framebuffer.
 */
#ifndef DEV_VIDEO_H
#define DEV_VIDEO_H

#include "boot/boot_info.h"

void vga_init(void);
void fb_init(const struct boot_fb *fb);
/* console= names where the log goes. */
bool console_wants(const char *name);
/* Dom0 draws from now on: we keep away. */
void video_yield(void);
void fb_yield(void);

#endif
