/* SPDX-License-Identifier: GPL-2.0 */
/*
 * test_heap.c - mm/heap.c and mm/window.c on a machine whose direct map ends
 * in the middle of its RAM. A file is its memory: mapped once, as the direct
 * map, up to that end; and page by page where a window is flushed to.
 */
#define _GNU_SOURCE
#include "unit.h"

#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

#include "arch/x86/mm/window.c" /* its variable is each CPU's own here */
#include "core/spinlock.h"
#include "mm/heap.h"
#include "mm/tlb.h"

#define FRAMES   700
#define LOW_END  300 /* no power of two: chunks must not cross it */
#define HOLE     500 /* 20 frames */
#define HOLE_END 520
#define CPUS     2
#define WINDOWS  (MAX_CPUS * WINDOWS_A_CPU)

uint64_t FRAMETABLE_START, DIRECTMAP_START, WINDOW_START;
mfn_t max_mfn = FRAMES, directmap_frames = LOW_END;
uint64_t ram_chunks[1] = {1};
cpumask_t cpus_online = {{(1u << CPUS) - 1}};

static struct page pages[FRAMES + 1024];
static struct cpu cpu[CPUS];
static unsigned int here, flushes;
static int memory; /* the file */
static pte_t window_pte[WINDOWS];
static bool interrupt_comes;
static unsigned int open_on[CPUS];

struct cpu *this_cpu(void)
{
    return &cpu[here];
}
void panic_at(const char *file, int line, const char *what)
{
    printf("BUG %s:%d: %s\n", file, line, what);
    exit(1);
}
void panic(const char *fmt, ...)
{
    printf("panic: %s\n", fmt);
    exit(1);
}
void spin_lock(spinlock_t *l)
{
    (void)l;
}
void spin_unlock(spinlock_t *l)
{
    (void)l;
}
uint32_t tlb_clock(void)
{
    return 1;
}
void tlb_filter(cpumask_t *cpus, uint32_t stamp)
{
    (void)stamp;
    memset(cpus, 0, sizeof(*cpus));
}
void tlb_flush(const cpumask_t *cpus)
{
    (void)cpus;
}

pte_t *small_page_entry(uint64_t va)
{
    return &window_pte[(va - WINDOW_START) / PAGE_SIZE];
}

static void check_interrupt(void);

/* The processor walks the table anew: the page shows what the entry says. */
void invlpg(uint64_t va)
{
    pte_t e = *small_page_entry(va);

    flushes++;
    if (mmap((void *)va, PAGE_SIZE, PROT_READ | PROT_WRITE,
             MAP_SHARED | MAP_FIXED, memory, (off_t)(e & PTE_ADDR)) ==
        MAP_FAILED)
        panic("mmap");
    if (interrupt_comes)
        check_interrupt();
}

static void *reserve(size_t size)
{
    void *p = mmap(NULL, size, PROT_NONE,
                   MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE, -1, 0);

    if (p == MAP_FAILED)
        panic("mmap");
    return p;
}

static bool is_ram(mfn_t m)
{
    return m > 0 && m < FRAMES && (m < HOLE || m >= HOLE_END);
}

static void machine_init(void)
{
    char *space = reserve((WINDOWS + FRAMES) * PAGE_SIZE);

    memory = memfd_create("memory", 0);
    if (memory < 0 || ftruncate(memory, FRAMES * (long)PAGE_SIZE))
        panic("memfd");
    FRAMETABLE_START = (uint64_t)pages;
    WINDOW_START = (uint64_t)space;
    DIRECTMAP_START = WINDOW_START + WINDOWS * PAGE_SIZE;
    if (mmap((void *)DIRECTMAP_START, LOW_END * PAGE_SIZE,
             PROT_READ | PROT_WRITE, MAP_SHARED | MAP_FIXED, memory, 0) ==
        MAP_FAILED)
        panic("mmap");
    for (mfn_t m = 0; m < ARRAY_SIZE(pages); m++) {
        pages[m].count = 1;
        pages[m].owner = DOMID_NONE;
        pages[m].next = pages[m].prev = PAGE_LINK_END;
        pages[m].flags = is_ram(m) ? 0 : PGF_HOLE;
    }
    for (unsigned int i = 0; i < CPUS; i++)
        cpu[i] = (struct cpu){
            .id = i,
            .percpu_offset =
                (long)((uintptr_t)&open_on[i] - (uintptr_t)&nr_open),
        };
    heap_add_range(1, HOLE);
    heap_add_range(HOLE_END, FRAMES);
    window_init();
}

#define USABLE (FRAMES - 1 - (HOLE_END - HOLE))

/* Take all there is for these flags; frees it again. How many, and which. */
static unsigned int take_all(unsigned int bits, unsigned int flags,
                             mfn_t *least, mfn_t *most)
{
    static struct page *got[FRAMES];
    unsigned int n = 0;

    *least = FRAMES;
    *most = 0;
    while ((got[n] = heap_alloc(0, bits, flags))) {
        *least = MIN(*least, page_to_mfn(got[n]));
        *most = MAX(*most, page_to_mfn(got[n]));
        n++;
    }
    for (unsigned int i = 0; i < n; i++)
        heap_free(got[i], 0);
    return n;
}

static void ours_are_low(void)
{
    mfn_t least, most;

    CHECK_EQ(take_all(0, 0, &least, &most), LOW_END - 1);
    CHECK_EQ(most, LOW_END - 1);
    CHECK_EQ(take_all(0, HEAP_HIGH, &least, &most), USABLE);
    CHECK_EQ(heap_free_pages(), USABLE);
    CHECK_EQ(heap_free_low_pages(), LOW_END - 1);
}

static void guests_are_high_first(void)
{
    struct page *got[USABLE];
    unsigned int high = USABLE - (LOW_END - 1);

    for (unsigned int i = 0; i < USABLE; i++) {
        got[i] = heap_alloc(0, 0, HEAP_HIGH | HEAP_ZERO);
        CHECK_EQ(page_to_mfn(got[i]) >= LOW_END, i < high);
    }
    for (unsigned int i = 0; i < USABLE; i++)
        heap_free(got[i], 0);
}

static void address_bits_hold(void)
{
    mfn_t least, most;

    /* 2^21 bytes are 512 frames; of the high ones, 300 to 499. */
    CHECK_EQ(take_all(21, HEAP_HIGH, &least, &most), HOLE - 1);
    CHECK_EQ(most, HOLE - 1);
    CHECK_EQ(take_all(20, HEAP_HIGH, &least, &most), 255);
    CHECK_EQ(take_all(20, 0, &least, &most), 255);
    CHECK_EQ(heap_free_pages_between(20, 21), HOLE - 256);
    CHECK_EQ(heap_free_pages_between(0, 0), USABLE);
}

/* Each frame has one holder, no chunk spans the end of the direct map. */
static void mixture(void)
{
    static struct {
        struct page *pg;
        unsigned int order;
    } held[64];
    static bool taken[FRAMES];
    uint64_t rng = 7;

    for (unsigned int i = 0; i < 200000; i++) {
        unsigned int at = (unsigned int)(unit_random(&rng) % 64);
        unsigned int order = (unsigned int)(unit_random(&rng) % 6);
        mfn_t m = held[at].pg ? page_to_mfn(held[at].pg) : 0;

        if (held[at].pg) {
            memset(&taken[m], 0, 1UL << held[at].order);
            heap_free(held[at].pg, held[at].order);
            held[at].pg = NULL;
            continue;
        }
        held[at].order = order;
        held[at].pg = heap_alloc(order, 0, unit_random(&rng) & HEAP_HIGH);
        if (!held[at].pg)
            continue;
        m = page_to_mfn(held[at].pg);
        CHECK_EQ(m & ((1UL << order) - 1), 0);
        CHECK_EQ(m < LOW_END, m + (1UL << order) - 1 < LOW_END);
        for (unsigned int j = 0; j < 1U << order; j++) {
            CHECK(is_ram(m + j) && !taken[m + j]);
            taken[m + j] = true;
        }
    }
    for (unsigned int at = 0; at < 64; at++)
        if (held[at].pg)
            heap_free(held[at].pg, held[at].order);
    CHECK_EQ(heap_free_pages(), USABLE);
    CHECK(heap_alloc(7, 0, 0) == &pages[128]); /* all joined up again */
    heap_free(&pages[128], 7);
}

/* Runs that begin and end anywhere: over the end of the direct map, too. */
static void runs_join(void)
{
    mfn_t end, at = 1;
    uint64_t rng = 11;

    for (unsigned int i = 0; i < USABLE; i++)
        CHECK(heap_alloc(0, 0, HEAP_HIGH) != NULL);
    while (at < FRAMES) {
        end = at + 1 + unit_random(&rng) % 90;
        end = MIN(end, at < HOLE ? HOLE : FRAMES);
        heap_free_run(&pages[at], end - at);
        at = end == HOLE ? HOLE_END : end;
    }
    CHECK_EQ(heap_free_pages(), USABLE);
    CHECK(heap_alloc(7, 0, 0) == &pages[128]);
    heap_free(&pages[128], 7);
}

static void fill(mfn_t m, uint64_t word)
{
    uint64_t *p = frame_map(m);

    for (unsigned int i = 0; i < 512; i++)
        p[i] = word;
    frame_unmap(&p[511]);
}

static void windows_show_frames(void)
{
    static const mfn_t frames[] = {1, LOW_END - 1, LOW_END, 499, FRAMES - 1};

    for (unsigned int i = 0; i < ARRAY_SIZE(frames); i++)
        fill(frames[i], 0x100 + i);
    for (unsigned int i = 0; i < ARRAY_SIZE(frames); i++)
        CHECK_EQ(frame_word(frames[i], i * 100), 0x100 + i);
    frame_copy(LOW_END, FRAMES - 1);
    CHECK_EQ(frame_word(LOW_END, 511), 0x104);
    frame_copy(1, FRAMES - 1);
    CHECK_EQ(*(uint64_t *)mfn_to_virt(1), 0x104);
    frame_clear(LOW_END);
    CHECK_EQ(frame_word(LOW_END, 0), 0);
    CHECK_EQ(windows_open(), 0);
}

static void windows_nest(void)
{
    char *p[WINDOWS_A_CPU];

    for (unsigned int i = 0; i < WINDOWS_A_CPU; i++) {
        p[i] = frame_map(LOW_END + i);
        *(uint64_t *)p[i] = i;
    }
    for (unsigned int i = WINDOWS_A_CPU; i-- > 0;) {
        CHECK_EQ(*(uint64_t *)p[i], i);
        CHECK_EQ(windows_open(), i + 1);
        frame_unmap(p[i]);
    }
    /* The same again: what is still there needs no flush. */
    flushes = 0;
    for (unsigned int i = 0; i < 4; i++)
        CHECK_EQ(frame_word(LOW_END, 0), 0);
    CHECK_EQ(flushes, 0);
    CHECK_EQ(frame_word(LOW_END + 9, 0), 9);
    CHECK_EQ(flushes, 1);
}

/* Comes in the middle of window_open(). */
static void check_interrupt(void)
{
    unsigned int before = windows_open();

    interrupt_comes = false;
    CHECK_EQ(frame_word(LOW_END + 3, 0), 3);
    fill(LOW_END + 50, 50);
    CHECK_EQ(windows_open(), before);
}

static void interrupts_leave_them(void)
{
    uint64_t *first = frame_map(LOW_END + 5), *second;

    interrupt_comes = true;
    second = frame_map(LOW_END + 40);
    CHECK(!interrupt_comes);
    *second = 40;
    CHECK_EQ(*first, 5);
    frame_unmap(second);
    frame_unmap(first);
    CHECK_EQ(frame_word(LOW_END + 40, 0), 40);
    CHECK_EQ(frame_word(LOW_END + 50, 0), 50);
}

static void each_cpu_has_its_own(void)
{
    uint64_t *mine = frame_map(LOW_END + 5), *other;

    here = 1;
    CHECK_EQ(windows_open(), 0);
    other = frame_map(LOW_END + 6);
    CHECK(other != mine);
    *other = 66;
    here = 0;
    CHECK_EQ(*mine, 5);
    frame_unmap(mine);
    here = 1;
    frame_unmap(other);
    here = 0;
    CHECK_EQ(frame_word(LOW_END + 6, 0), 66);
}

static const struct unit_test tests[] = {
    {"our own memory is never high, a guest's may be any", ours_are_low},
    {"a guest gets high frames as long as there are some",
     guests_are_high_first},
    {"a limit of address bits holds for low and high", address_bits_hold},
    {"chunks come and go, join up, and stay on one side", mixture},
    {"runs of any length join up again", runs_join},
    {"a window shows its frame, to read, write, copy and clear",
     windows_show_frames},
    {"windows are a stack, and one closed may be had again", windows_nest},
    {"an interrupt in the middle leaves windows as they were",
     interrupts_leave_them},
    {"each CPU has windows of its own", each_cpu_has_its_own},
};

int main(void)
{
    machine_init();
    return unit_main("heap", tests, ARRAY_SIZE(tests));
}
