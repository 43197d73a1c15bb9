/* SPDX-License-Identifier: GPL-2.0 */
/*
 * e820.c - the memory map, put in order.
 * Keeps true after mem_map_sanitise: ranges ascend, do not overlap, none is
 * empty, neighbours of one kind are one; where the firmware claimed two kinds
 * for a byte, it is not RAM unless both say so.
 */
#include "boot/boot_info.h"
#include "lib/errno.h"
#include "lib/string.h"

int mem_map_add(struct mem_map *m, uint64_t start, uint64_t end, uint32_t kind)
{
    if (end <= start)
        return -EINVAL; /* empty, or it wraps */
    if (m->nr == MAX_MEM_RANGES)
        return -ENOSPC;
    if (!kind || kind > MEM_UNUSABLE)
        kind = MEM_RESERVED; /* a loader's own, as GRUB's 20: EFI code */
    m->r[m->nr++] = (struct mem_range){start, end, kind};
    return 0;
}

/* Which of two claims holds: the higher. RAM is the weakest. */
static unsigned int strictness(uint32_t kind)
{
    switch (kind) {
    case MEM_RAM:
        return 0;
    case MEM_ACPI:
        return 1;
    case MEM_NVS:
        return 2;
    case MEM_RESERVED:
        return 3;
    default:
        return 4;
    }
}

/* The kind that holds from `at` on, and where that may change; 0: a hole. */
static uint32_t kind_at(const struct mem_map *m, uint64_t at, uint64_t *until)
{
    uint32_t kind = 0;

    *until = UINT64_MAX;
    for (unsigned int i = 0; i < m->nr; i++) {
        const struct mem_range *r = &m->r[i];

        if (r->start > at)
            *until = MIN(*until, r->start);
        else if (r->end > at) {
            *until = MIN(*until, r->end);
            if (!kind || strictness(r->kind) > strictness(kind))
                kind = r->kind;
        }
    }
    return kind;
}

static void append(struct mem_map *m, uint64_t start, uint64_t end,
                   uint32_t kind)
{
    struct mem_range *last = m->nr ? &m->r[m->nr - 1] : NULL;

    if (last && last->kind == kind && last->end == start)
        last->end = end;
    else
        mem_map_add(m, start, end, kind);
}

void mem_map_sanitise(struct mem_map *m)
{
    static struct mem_map in; /* too large for a stack; boot is alone */
    uint64_t at = 0, until;

    memcpy(&in, m, sizeof(in));
    m->nr = 0;
    for (; at != UINT64_MAX; at = until) {
        uint32_t kind = kind_at(&in, at, &until);

        if (kind && until != UINT64_MAX)
            append(m, at, until, kind);
    }
}

void mem_map_mark(struct mem_map *m, uint64_t start, uint64_t end,
                  uint32_t kind)
{
    if (!mem_map_add(m, start, end, kind))
        mem_map_sanitise(m);
}

void mem_map_limit(struct mem_map *m, uint64_t limit)
{
    unsigned int kept = 0;

    for (unsigned int i = 0; i < m->nr; i++) {
        struct mem_range r = m->r[i];

        if (r.kind == MEM_RAM)
            r.end = MIN(r.end, limit);
        if (r.start < r.end)
            m->r[kept++] = r;
    }
    m->nr = kept;
}

const char *mem_kind_name(uint32_t kind)
{
    switch (kind) {
    case MEM_RAM:
        return "RAM";
    case MEM_ACPI:
        return "ACPI tables";
    case MEM_NVS:
        return "ACPI NVS";
    case MEM_UNUSABLE:
        return "unusable";
    default:
        return "reserved";
    }
}
