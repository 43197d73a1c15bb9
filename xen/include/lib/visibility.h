/* SPDX-License-Identifier: GPL-2.0 */
/*
 * visibility.h - read before every file of the hypervisor (rules.mk): what is
 * declared here is found here, so no address goes through a table.
 * The -fvisibility option alone speaks of definitions only.
 */
#pragma GCC visibility push(hidden)
