/* SPDX-License-Identifier: GPL-2.0 */
/*
 * guest.h - what a test kernel has: hypercalls, traps, pages, events, and
 * the lines it reports by.
 * Keeps true: a test kernel includes this header and the interface's own,
 * nothing else; all of it runs in the guest kernel, on one vcpu unless a
 * test starts more.
 */
#ifndef GUEST_H
#define GUEST_H

#include <stdarg.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include <abi/callback.h>
#include <abi/domctl.h>
#include <abi/event_channel.h>
#include <abi/grant_table.h>
#include <abi/mca.h>
#include <abi/memory.h>
#include <abi/nmi.h>
#include <abi/physdev.h>
#include <abi/platform.h>
#include <abi/sched.h>
#include <abi/sysctl.h>
#include <abi/vcpu.h>
#include <abi/version.h>
#include <abi/xen.h>

#define PAGE  4096UL
#define VIRT  0xffffffff80000000UL
#define ARRAY_SIZE(a) (sizeof(a) / sizeof((a)[0]))

#define E_PERM  1
#define E_NOENT 2
#define E_SRCH  3
#define E_INTR  4
#define E_BIG   7
#define E_AGAIN 11
#define E_NOMEM 12
#define E_ACCES 13
#define E_FAULT 14
#define E_BUSY  16
#define E_EXIST 17
#define E_XDEV  18
#define E_NODEV 19
#define E_INVAL 22
#define E_NOSPC 28
#define E_NOSYS 38
#define E_NOBUFS 105
#define E_OPNOTSUPP 95
#define E_TIME  62

/* The number after `state`, which must not be 0: as good as random. */
static inline uint64_t random_next(uint64_t *state)
{
    *state ^= *state << 13;
    *state ^= *state >> 7;
    *state ^= *state << 17;
    return *state;
}

/* --- hypercalls ------------------------------------------------------- */

static inline long hc5(long nr, long a, long b, long c, long d, long e)
{
    register long r10 __asm__("r10") = d;
    register long r8 __asm__("r8") = e;

    __asm__ volatile("syscall"
                     : "+a"(nr), "+D"(a), "+S"(b), "+d"(c), "+r"(r10),
                       "+r"(r8)
                     :
                     : "rcx", "r11", "memory");
    return nr;
}

#define HC5_(nr, a, b, c, d, e, ...)                                           \
    hc5(nr, (long)(a), (long)(b), (long)(c), (long)(d), (long)(e))
/* HC(sched_op, SCHEDOP_yield, 0): up to five arguments, of any type. */
#define HC(call, ...) HC5_(__HYPERVISOR_##call, __VA_ARGS__, 0, 0, 0, 0, 0)

static inline guest_va_t guest_va(const void *p)
{
    return (guest_va_t){(uint64_t)p};
}

/* --- reporting -------------------------------------------------------- */

void print(const char *format, ...) __attribute__((format(printf, 1, 2)));
/* One line of the report; the name is all that a reader of it knows. */
bool check(const char *name, bool good);
bool check_same(const char *name, long got, long want);
/* Of any types that fit a long: numbers, pointers. */
#define check_eq(name, got, want) check_same(name, (long)(got), (long)(want))
void skip(const char *name, const char *why);
void note(const char *format, ...) __attribute__((format(printf, 1, 2)));
/* Prints the counts and ends the domain. */
void done(void) __attribute__((noreturn));
void panic(const char *why) __attribute__((noreturn));

void *memset(void *to, int byte, size_t n);
void *memcpy(void *to, const void *from, size_t n);
int memcmp(const void *a, const void *b, size_t n);
size_t strlen(const char *s);
int strcmp(const char *a, const char *b);
int strncmp(const char *a, const char *b, size_t n);

/* --- this kernel ------------------------------------------------------ */

extern struct start_info *start;
extern struct shared_info *shared;
/* The number after word= on the command line, or otherwise. */
uint64_t option(const char *word, uint64_t otherwise);
/* What a test is: every folder beside lib/ has one. */
void test_main(void);

/* --- traps ------------------------------------------------------------ */

/* Registers at an entry; what is put here is what runs next. */
struct frame {
    uint64_t r15, r14, r13, r12, rbp, rbx, r11, r10, r9, r8;
    uint64_t rax, rcx, rdx, rsi, rdi;
    uint64_t vector, error;
    uint64_t rip, cs, rflags, rsp, ss;
};

struct catch {
    uint64_t rbx, rbp, r12, r13, r14, r15, rsp, rip;
};

/* The last trap of each vcpu, as it arrived. */
struct last_trap {
    int vector; /* -1: none */
    uint64_t error, rip, cr2, cs, rflags;
    struct frame frame;
};
#define NR_TEST_VCPUS 4
extern struct last_trap trap_of[NR_TEST_VCPUS + 1];
extern struct catch catch_of[NR_TEST_VCPUS + 1];
extern volatile bool catching_of[NR_TEST_VCPUS + 1];
/* Those of the vcpu that runs this. */
#define trap     (trap_of[vcpu_self()])
#define catch_at (catch_of[vcpu_self()])
#define catching (catching_of[vcpu_self()])

int catch_set(struct catch *at) __attribute__((returns_twice));
void go_to(const struct frame *to) __attribute__((noreturn));

/* Vector of the trap that doing this makes, or -1. */
#define TRAP_OF(...)                                                           \
    ({                                                                         \
        trap.vector = -1;                                                      \
        if (!catch_set(&catch_at)) {                                           \
            catching = true;                                                   \
            __VA_ARGS__;                                                       \
        }                                                                      \
        catching = false;                                                      \
        trap.vector;                                                           \
    })

/* If a test sets this it sees traps first; true: handled, go on. */
extern bool (*trap_hook)(struct frame *f);
extern void (*syscall_hook)(struct frame *f);
extern void (*nmi_hook)(struct frame *f);
extern void (*failsafe_hook)(struct frame *f);
extern uint64_t failsafe_selectors[4];

extern char trap_0x80[], trap_masked[], event_entry[], syscall_entry[];
extern char nmi_entry[], failsafe_entry[], vcpu_entry[], hypercall_page[];
extern const uint64_t trap_ways[32];
extern char leave_by_iret[];
void traps_set_up(void);
void callbacks_set_up(void);

/* --- pages ------------------------------------------------------------ */

#define PTE_P   0x001UL
#define PTE_W   0x002UL
#define PTE_U   0x004UL
#define PTE_PWT 0x008UL
#define PTE_PCD 0x010UL
#define PTE_A   0x020UL
#define PTE_D   0x040UL
#define PTE_PS  0x080UL
#define PTE_G   0x100UL
#define PTE_NX  (1UL << 63)
#define PTE_RW  (PTE_P | PTE_W | PTE_U | PTE_A | PTE_D)
#define PTE_RO  (PTE_P | PTE_U | PTE_A | PTE_D)
#define PTE_FRAME 0x000ffffffffff000UL

void *page_new(void);      /* a zeroed page, mapped for writing */
void *pages_new(unsigned int count); /* contiguous in pfn and address */
uint64_t pfn_of(const void *page);
uint64_t mfn_of(const void *page);
void *page_of_mfn(uint64_t mfn); /* a bootstrap page, by its frame */
extern uint64_t *p2m;
/* Address of the entry of level 1 to 4 for va in the first tables. */
uint64_t *entry_at(uint64_t va, int level);
/* Changes how one of this kernel's own pages is mapped. */
long map_page(const void *page, uint64_t pte);
long make_read_only(const void *page);
long make_writable(const void *page);
long mmu_one(uint64_t ptr, uint64_t val);
long ext_op(uint32_t cmd, uint64_t arg1, uint64_t arg2);
long pin(int level, const void *page);
long unpin(const void *page);
/* A table of the given level, read-only, with copies of the running root's
 * upper half for level 4. */
uint64_t *table_new(void);
uint64_t machine(const void *at); /* machine address of a byte */

/* --- events and time -------------------------------------------------- */

#define NR_TEST_PORTS 4096
extern volatile unsigned int port_count[NR_TEST_PORTS];
extern volatile unsigned int upcalls;
extern void (*port_hook)(unsigned int port);
/* A test that uses another form of events looks for itself. */
extern void (*upcall_hook)(struct frame *f);
void events_mask(void);
void events_unmask(void); /* and take those that wait */
void port_mask(unsigned int port);
long port_unmask(unsigned int port);
struct vcpu_info *vcpu_info(unsigned int vcpu);
extern struct vcpu_info *vcpu_info_at[XEN_LEGACY_MAX_VCPUS];
uint64_t now(void); /* ns of system time, on vcpu 0 */
uint64_t rdtsc(void);

/* Until condition or ns have gone by; the condition's value. */
#define WAIT_FOR(condition, ns)                                                \
    ({                                                                         \
        uint64_t end_ = now() + (ns);                                          \
        while (!(condition) && now() < end_)                                   \
            __asm__ volatile("pause" ::: "memory");                            \
        (condition);                                                           \
    })
#define SECOND 1000000000UL

/* Which vcpu this is, in tests that start more (0 otherwise). */
unsigned int vcpu_self(void);
long vcpu_make(unsigned int vcpu, void (*run)(unsigned int vcpu));
long vcpu_make_with(unsigned int vcpu, void (*run)(unsigned int vcpu),
                    uint64_t rflags);
void vcpu_start(unsigned int vcpu) __attribute__((noreturn));

/* --- user mode --------------------------------------------------------- */

#define USER_CODE  0x400000UL
#define USER_DATA  0x401000UL
#define USER_STACK (USER_DATA + PAGE)

extern char *user_code_page, *user_data_page;
/* A root of its own with a page of code and one of data. */
void user_set_up(void);
/* Runs code there with these registers until it traps; the vector. */
int user_run(const void *code, size_t n, struct frame *regs);
/* The bytes of assembly that stand between name and name_end. */
#define USER_ASM(name, text)                                                   \
    extern const char name[], name##_end[];                                    \
    __asm__(".pushsection .rodata\n" #name ": " text "\n" #name                \
            "_end:\n.popsection")
#define USER_RUN(name, regs) user_run(name, (size_t)(name##_end - name), regs)

static inline void barrier(void)
{
    __asm__ volatile("" ::: "memory");
}

#endif
