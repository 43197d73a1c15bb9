/* SPDX-License-Identifier: MIT */
/*
 * layout.h - says at compile time that a shared structure lies as published.
 * Keeps true: a structure that both sides read never moves by accident.
 */
#ifndef ABI_LAYOUT_H
#define ABI_LAYOUT_H

#include <stddef.h>
#include <stdint.h>

/* member stands at offset in type, and type is size bytes long. */
#define ABI_LAYOUT(type, member, offset, size)                                 \
    _Static_assert(offsetof(type, member) == (offset),                         \
                   #type ": " #member " is not at " #offset);                  \
    _Static_assert(sizeof(type) == (size), #type " is not " #size " bytes")

#define ABI_SIZE(type, size)                                                   \
    _Static_assert(sizeof(type) == (size), #type " is not " #size " bytes")

#endif
