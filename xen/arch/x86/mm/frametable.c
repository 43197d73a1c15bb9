/* SPDX-License-Identifier: GPL-2.0 */
/*
 * frametable.c - the frame table and the machine-to-physical table, made for
 * the RAM there is, 2 MiB of table at a time.
 * Keeps true: max_mfn is one above the last frame of RAM; a frame that is no
 * RAM has no struct page, or one marked as a hole; what guests read of the
 * M2P below max_mfn is mapped, and all ones where there is no RAM.
 */
#include "boot/boot_info.h"
#include "core/panic.h"
#include "core/printk.h"
#include "lib/bitmap.h"
#include "lib/string.h"
#include "mm/directmap.h"
#include "mm/heap.h"
#include "mm/page.h"

#define TABLE_CHUNK  0x200000UL
#define FRAMES_A_CHUNK (TABLE_CHUNK / sizeof(struct page)) /* 256 MiB of RAM */
#define M2P_A_CHUNK    (TABLE_CHUNK / sizeof(uint64_t))    /* 1 GiB */
#define MAX_CHUNKS     (RAM_LIMIT / PAGE_SIZE / FRAMES_A_CHUNK + 1)

_Static_assert(FRAMES_A_CHUNK == 1UL << FRAME_CHUNK_SHIFT,
               "a chunk holds whole entries");

/* The first MiB counts as the firmware's: Dom0 looks for its tables there. */
#define FIRST_RAM_FRAME 256

mfn_t max_mfn;
uint64_t ram_chunks[BITMAP_WORDS(MAX_CHUNKS)];

static bool range_is_ram(const struct mem_range *r, mfn_t *first, mfn_t *end)
{
    *first = MAX(ROUND_UP(r->start, PAGE_SIZE) >> PAGE_SHIFT, FIRST_RAM_FRAME);
    *end = r->end >> PAGE_SHIFT;
    return r->kind == MEM_RAM && *first < *end;
}

static bool any_ram(const struct mem_map *ram, mfn_t from, mfn_t until)
{
    mfn_t first, end;

    for (unsigned int i = 0; i < ram->nr; i++)
        if (range_is_ram(&ram->r[i], &first, &end) && first < until &&
            end > from)
            return true;
    return false;
}

static paddr_t new_chunk(int fill)
{
    paddr_t pa = boot_alloc(TABLE_CHUNK, TABLE_CHUNK);

    memset(paddr_to_virt(pa), fill, TABLE_CHUNK);
    return pa;
}

static void map_chunk(uint64_t va, paddr_t pa, uint64_t flags)
{
    if (map_pages(va, pa, TABLE_CHUNK, flags))
        panic("no memory for the frame table");
}

/* All frames of the chunk begin as ours, in use, and holes. */
static void add_frame_chunk(mfn_t from)
{
    struct page *pg = mfn_to_page(from);

    map_chunk((uint64_t)pg, new_chunk(0), HYP_RW);
    for (size_t i = 0; i < FRAMES_A_CHUNK; i++) {
        pg[i].count = 1;
        pg[i].owner = DOMID_NONE;
        pg[i].next = pg[i].prev = PAGE_LINK_END;
        pg[i].flags = PGF_HOLE;
    }
    bitmap_set(ram_chunks, from / FRAMES_A_CHUNK);
}

static void add_m2p_chunk(mfn_t from, paddr_t pa, bool shared)
{
    uint64_t at = from * sizeof(uint64_t);

    map_chunk(M2P_RO_START + at, pa, HYP_RO | PTE_U);
    if (!shared)
        map_chunk(M2P_RW_START + at, pa, HYP_RW);
}

static void make_m2p(const struct mem_map *ram)
{
    paddr_t ones = 0;

    for (mfn_t m = 0; m < max_mfn; m += M2P_A_CHUNK) {
        if (any_ram(ram, m, m + M2P_A_CHUNK)) {
            add_m2p_chunk(m, new_chunk(0xff), false);
            continue;
        }
        if (!ones)
            ones = new_chunk(0xff);
        add_m2p_chunk(m, ones, true);
    }
}

init_text void frametable_init(const struct mem_map *ram)
{
    mfn_t first, end, total = 0;

    for (unsigned int i = 0; i < ram->nr; i++)
        if (range_is_ram(&ram->r[i], &first, &end)) {
            max_mfn = MAX(max_mfn, end);
            total += end - first;
        }
    for (mfn_t m = 0; m < max_mfn; m += FRAMES_A_CHUNK)
        if (any_ram(ram, m, m + FRAMES_A_CHUNK))
            add_frame_chunk(m);
    for (unsigned int i = 0; i < ram->nr; i++)
        if (range_is_ram(&ram->r[i], &first, &end))
            for (; first < end; first++)
                mfn_to_page(first)->flags = 0;
    make_m2p(ram);
    printk("System RAM: %lu MiB (%lu KiB), last frame %#lx\n", total >> 8,
           total << 2, max_mfn - 1);
}
