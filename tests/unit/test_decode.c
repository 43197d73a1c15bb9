/* SPDX-License-Identifier: GPL-2.0 */
/*
 * test_decode.c - pv/decode.c against the assembler, the disassembler and
 * the processor.
 */
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>

#include "unit.h"

#include "lib/errno.h"
#include "pv/decode.h"

/* Registers have values that no two sums of ours make equal. */
#define R(n)    (0x0000100000000000ull * ((n) + 1) + 0x1010ull * ((n) + 1))
#define FS_BASE 0x7000000000001000ull
#define GS_BASE 0x6000000000002000ull
#define RIP     0x400000ull

/*
 * One row: name, mode, what the assembler reads, kind, operand size, and the
 * linear address of its memory operand (0: it has none).
 */
#define ROWS(X)                                                                \
    X(a01, 64, "movq %rax, (%rdi)", MOV, 8, R(7))                              \
    X(a02, 64, "movl %r9d, 16(%rbx)", MOV, 4, R(3) + 16)                       \
    X(a03, 64, "movw %cx, -2(%rbp,%rax,8)", MOV, 2, R(5) + R(0) * 8 - 2)       \
    X(a04, 64, "movb %ah, 0x12345678(%rcx)", MOV, 1, R(1) + 0x12345678)        \
    X(a05, 64, "movb %sil, (%r12)", MOV, 1, R(12))                             \
    X(a06, 64, "movq %r15, (%r13)", MOV, 8, R(13))                             \
    X(a07, 64, "movq %rdx, (%rsp,%r12,2)", MOV, 8, R(4) + R(12) * 2)           \
    X(a08, 64, "movq %rdx, 0x100(%rip)", MOV, 8, RIP + 7 + 0x100)              \
    X(a09, 64, "movq $-5, 0x100(%rip)", MOV, 8, RIP + 11 + 0x100)              \
    X(a10, 64, "movq %rdx, %gs:8(%rax)", MOV, 8, GS_BASE + R(0) + 8)           \
    X(a11, 64, "movl $0x80000000, %fs:0x28", MOV, 4, FS_BASE + 0x28)           \
    X(a12, 64, "movw $0x1234, (%rdi)", MOV, 2, R(7))                           \
    X(a13, 64, "movb $0x80, (%rdi)", MOV, 1, R(7))                             \
    X(a14, 64, "movq %rdx, (%eax)", MOV, 8, (uint32_t)R(0))                    \
    X(a15, 64, "movq %rax, -8(,%r14,4)", MOV, 8, R(14) * 4 - 8)                \
    X(a16, 64, "ds movq %rax, (%rdi)", MOV, 8, R(7))                           \
    X(b01, 64, "xchgq %rax, (%rdi)", XCHG, 8, R(7))                            \
    X(b02, 64, "lock xchgb %bh, (%rdi)", XCHG, 1, R(7))                        \
    X(c01, 64, "lock andb $0xfd, 1(%rbx)", AND, 1, R(3) + 1)                   \
    X(c02, 64, "lock orb $2, (%rdi)", OR, 1, R(7))                             \
    X(c03, 64, "andq $-67, (%rdi)", AND, 8, R(7))                              \
    X(c04, 64, "lock andq $0x7fffffff, (%rdi)", AND, 8, R(7))                  \
    X(c05, 64, "addl $1000, (%rdi)", ADD, 4, R(7))                             \
    X(c06, 64, "subw $1000, (%rdi)", SUB, 2, R(7))                             \
    X(c07, 64, "xorq %r8, (%r8,%r9)", XOR, 8, R(8) + R(9))                     \
    X(c08, 64, "addb %al, (%rax)", ADD, 1, R(0))                               \
    X(c09, 64, "lock orq %rcx, (%rdi)", OR, 8, R(7))                           \
    X(c10, 64, "subl %ecx, (%rdi)", SUB, 4, R(7))                              \
    X(d01, 64, "lock btsq $1, (%rdi)", BTS, 8, R(7))                           \
    X(d02, 64, "lock btrq $6, 8(%rdi)", BTR, 8, R(7) + 8)                      \
    X(d03, 64, "btcl $33, (%rdi)", BTC, 4, R(7))                               \
    X(d04, 64, "lock btrq %r10, (%rdi)", BTR, 8, R(7) + (R(10) >> 6) * 8)      \
    X(d05, 64, "btsw %ax, (%rdi)", BTS, 2, R(7) + 0x202)                       \
    X(e01, 64, "lock cmpxchgq %rcx, (%rdi)", CMPXCHG, 8, R(7))                 \
    X(e02, 64, "cmpxchgb %dl, (%rdi)", CMPXCHG, 1, R(7))                       \
    X(e03, 64, "lock xaddl %ecx, (%rdi)", XADD, 4, R(7))                       \
    X(f01, 64, "rep stosq", STOS, 8, R(7))                                     \
    X(f02, 64, "stosb", STOS, 1, R(7))                                         \
    X(f03, 64, "rep movsl", MOVS, 4, R(7))                                     \
    X(f04, 64, "movsb %gs:(%rsi), (%rdi)", MOVS, 1, R(7))                      \
    X(g01, 64, "inb $0x71, %al", IN, 1, 0)                                     \
    X(g02, 64, "inw %dx, %ax", IN, 2, 0)                                       \
    X(g03, 64, "inl %dx, %eax", IN, 4, 0)                                      \
    X(g04, 64, "outb %al, $0x80", OUT, 1, 0)                                   \
    X(g05, 64, "outl %eax, $0xf0", OUT, 4, 0)                                  \
    X(g06, 64, "outw %ax, %dx", OUT, 2, 0)                                     \
    X(g07, 64, "rep insw", INS, 2, R(7))                                       \
    X(g08, 64, "rep outsl", OUTS, 4, R(6))                                     \
    X(g09, 64, "outsb %fs:(%rsi), %dx", OUTS, 1, FS_BASE + R(6))               \
    X(h01, 64, "movq %cr0, %rax", MOV_FROM_CR, 8, 0)                           \
    X(h02, 64, "movq %r11, %cr3", MOV_TO_CR, 8, 0)                             \
    X(h03, 64, "movq %cr8, %r9", MOV_FROM_CR, 8, 0)                            \
    X(h04, 64, "movq %dr7, %rcx", MOV_FROM_DR, 8, 0)                           \
    X(h05, 64, "movq %rbx, %dr6", MOV_TO_DR, 8, 0)                             \
    X(h06, 64, "lmsw %ax", LMSW, 2, 0)                                         \
    X(h07, 64, "lmsw (%rdi)", LMSW, 2, R(7))                                   \
    X(h08, 64, "smsw %eax", SMSW, 4, 0)                                        \
    X(h09, 64, "smsw (%rdi)", SMSW, 2, R(7))                                   \
    X(i01, 64, "cli", CLI, 0, 0)                                               \
    X(i02, 64, "sti", STI, 0, 0)                                               \
    X(i03, 64, "clts", CLTS, 0, 0)                                             \
    X(i04, 64, "hlt", HLT, 0, 0)                                               \
    X(i05, 64, "rdmsr", RDMSR, 0, 0)                                           \
    X(i06, 64, "wrmsr", WRMSR, 0, 0)                                           \
    X(i07, 64, "cpuid", CPUID, 0, 0)                                           \
    X(i08, 64, "rdtsc", RDTSC, 0, 0)                                           \
    X(i09, 64, "rdtscp", RDTSCP, 2, 0)                                         \
    X(i10, 64, "rdpmc", RDPMC, 0, 0)                                           \
    X(i11, 64, "invd", INVD, 0, 0)                                             \
    X(i12, 64, "wbinvd", WBINVD, 0, 0)                                         \
    X(i13, 64, "invlpg 64(%rdi)", INVLPG, 2, R(7) + 64)                        \
    X(i14, 64, "xgetbv", XGETBV, 2, 0)                                         \
    X(i15, 64, "xsetbv", XSETBV, 2, 0)                                         \
    X(i16, 64, "int $0x80", INT, 0, 0)                                         \
    X(i17, 64, "int3", INT3, 0, 0)                                             \
    X(i18, 64, "ud2; .ascii \"xen\"; cpuid", CPUID, 0, 0)                      \
    X(j01, 64, "iretq", OTHER, 0, 0)                                           \
    X(j02, 64, "lgdt (%rdi)", OTHER, 2, R(7))                                  \
    X(j03, 64, "lidt 16(%rdi)", OTHER, 2, R(7) + 16)                           \
    X(j04, 64, "ltr %ax", OTHER, 0, 0)                                         \
    X(j05, 64, "swapgs", OTHER, 2, 0)                                          \
    X(j06, 64, "sysretq", OTHER, 0, 0)                                         \
    X(k01, 32, "movl %eax, 4(%ebx)", MOV, 4, (uint32_t)R(3) + 4)               \
    X(k02, 32, "movl %ecx, 0x11223344", MOV, 4, 0x11223344)                    \
    X(k03, 32, "movl $7, -4(%esp)", MOV, 4, (uint32_t)R(4) - 4)                \
    X(k04, 32, "into", INTO, 0, 0)                                             \
    X(k05, 32, "int $0x80", INT, 0, 0)                                         \
    X(k06, 32, "inl %dx, %eax", IN, 4, 0)                                      \
    X(k07, 32, "movl %cr0, %eax", MOV_FROM_CR, 4, 0)                           \
    X(l01, 64, "movq (%rdi), %rax", UNKNOWN, 0, 0)                             \
    X(l02, 64, "movq %rax, %rbx", UNKNOWN, 8, 0)                               \
    X(l03, 64, "cmpq $3, (%rdi)", UNKNOWN, 8, R(7))                            \
    X(l04, 64, "adcq %rax, (%rdi)", UNKNOWN, 0, 0)                             \
    X(l05, 64, ".byte 0xf0; movq %rax, (%rdi)", UNKNOWN, 8, R(7))              \
    X(l06, 64, "btq $3, (%rdi)", UNKNOWN, 8, R(7))                             \
    X(l07, 64, "ud2; .ascii \"xen\"; rdtsc", UNKNOWN, 0, 0)                    \
    X(l08, 64, "ud2", UNKNOWN, 0, 0)                                           \
    X(l09, 32, "movl %eax, (%bx)", UNKNOWN, 4, 0)                              \
    X(l10, 32, "incl %eax", UNKNOWN, 0, 0)                                     \
    X(l11, 64, "vmcall", UNKNOWN, 2, 0)                                        \
    X(l12, 64, ".byte 0xf0; cli", UNKNOWN, 0, 0)

#define ASSEMBLE(id, mode, text, ...)                                          \
    __asm__(".pushsection .rodata\n.code" #mode "\n" #id ": " text "\n" #id    \
            "_end:\n.code64\n.popsection\n");                                  \
    extern const uint8_t id[], id##_end[];
ROWS(ASSEMBLE)

struct row {
    const char *text;
    const uint8_t *code, *end;
    bool code64;
    enum insn_kind kind;
    uint8_t op_size;
    uint64_t address;
};
#define AS_ROW(id, mode, text, kind, op_size, address)                         \
    {text, id, id##_end, (mode) == 64, INSN_##kind, op_size, address},
static const struct row rows[] = {ROWS(AS_ROW)};
#define NR_ROWS (sizeof(rows) / sizeof(rows[0]))

static struct insn_regs values(void)
{
    struct insn_regs r = {.rip = RIP};

    for (int i = 0; i < 16; i++)
        r.reg[i] = R(i);
    r.seg_base[SEG_FS] = FS_BASE;
    r.seg_base[SEG_GS] = GS_BASE;
    return r;
}

static void reads_what_as_wrote(void)
{
    struct insn_regs r = values();
    struct insn_desc d;

    for (size_t i = 0; i < NR_ROWS; i++) {
        const struct row *row = &rows[i];

        unit_set_row(row->text);
        insn_decode(&d, row->code, (size_t)(row->end - row->code), row->code64);
        CHECK_EQ(d.kind, row->kind);
        if (row->kind == INSN_UNKNOWN)
            continue;
        CHECK_EQ(d.length, row->end - row->code);
        if (row->op_size)
            CHECK_EQ(d.op_size, row->op_size);
        CHECK_EQ(d.has_mem, row->address != 0);
        if (d.has_mem)
            CHECK_EQ(insn_address(&d, &r), row->address);
    }
}

static void says_when_bytes_are_missing(void)
{
    struct insn_desc d;

    for (size_t i = 0; i < NR_ROWS; i++) {
        const struct row *row = &rows[i];
        size_t len = (size_t)(row->end - row->code);

        unit_set_row(row->text);
        for (size_t n = 0; n < len && row->kind != INSN_UNKNOWN; n++) {
            uint8_t *copy = malloc(n ? n : 1); /* for the sanitizer */

            memcpy(copy, row->code, n);
            insn_decode(&d, copy, n, row->code64);
            free(copy);
            /* A prefix of ud2 "xen" is a ud2. */
            CHECK(d.kind == INSN_SHORT || row->code[1] == 0x0b);
        }
    }
}

static void details_are_right(void)
{
    struct insn_desc d;

    insn_decode(&d, h03, 15, true);
    CHECK(d.reg == 8 && d.rm_reg == 9);
    insn_decode(&d, g01, 15, true);
    CHECK(d.imm == 0x71 && !d.port_in_dx);
    insn_decode(&d, g02, 15, true);
    CHECK(d.port_in_dx);
    insn_decode(&d, a04, 15, true);
    CHECK(d.reg == REG_RAX && d.reg_is_high);
    insn_decode(&d, a05, 15, true);
    CHECK(d.reg == REG_RSI && !d.reg_is_high);
    insn_decode(&d, a09, 15, true);
    CHECK(d.has_imm && d.imm == (uint64_t)-5);
    insn_decode(&d, a11, 15, true);
    CHECK((uint32_t)d.imm == 0x80000000u && d.seg == SEG_FS);
    insn_decode(&d, f01, 15, true);
    CHECK(d.rep && !d.lock);
    insn_decode(&d, c01, 15, true);
    CHECK(d.lock && d.imm == (uint64_t)-3);
    insn_decode(&d, i18, 15, true);
    CHECK(d.forced);
    insn_decode(&d, i16, 15, true);
    CHECK(d.imm == 0x80);
}

static void fifteen_bytes_are_the_end(void)
{
    uint8_t code[32];
    struct insn_desc d;

    memset(code, 0x66, sizeof(code));
    code[14] = 0xfa;
    insn_decode(&d, code, sizeof(code), true);
    CHECK_EQ(d.kind, INSN_CLI);
    CHECK_EQ(d.length, 15);
    code[14] = 0x66;
    code[15] = 0xfa;
    insn_decode(&d, code, sizeof(code), true);
    CHECK_EQ(d.kind, INSN_UNKNOWN);
}

/* Run code on this processor: its memory is *mem, its registers rax, rdx. */
static uint64_t run(const uint8_t *code, size_t len, uint64_t *mem,
                    uint64_t *rax, uint64_t *rdx, uint64_t flags)
{
    static uint8_t *page;

    if (!page)
        page = mmap(NULL, 4096, PROT_READ | PROT_WRITE | PROT_EXEC,
                    MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
    memcpy(page, code, len);
    page[len] = 0xc3; /* ret */

    __asm__ volatile("sub $128, %%rsp\n" /* the red zone is not ours */
                     "push %[flags]\n"
                     "popfq\n"
                     "call *%[page]\n"
                     "pushfq\n"
                     "pop %[flags]\n"
                     "add $128, %%rsp\n"
                     : [flags] "+r"(flags), "+a"(*rax), "+d"(*rdx)
                     : "D"(mem), [page] "r"(page)
                     : "memory", "cc");
    return flags;
}

/* Instructions of the form "op something of rdx or imm, (rdi)". */
#define RUNS(X)                                                                \
    X(r01, 64, "movq %rdx, (%rdi)", ~0u)                                       \
    X(r02, 64, "movb %dh, (%rdi)", ~0u)                                        \
    X(r03, 64, "xchgq %rdx, (%rdi)", ~0u)                                      \
    X(r04, 64, "xchgl %edx, (%rdi)", ~0u)                                      \
    X(r05, 64, "xchgw %dx, (%rdi)", ~0u)                                       \
    X(r06, 64, "xchgb %dh, (%rdi)", ~0u)                                       \
    X(r07, 64, "xchgb %dl, (%rdi)", ~0u)                                       \
    X(r08, 64, "addq %rdx, (%rdi)", ~0u)                                       \
    X(r09, 64, "addb %dl, (%rdi)", ~0u)                                        \
    X(r10, 64, "subl %edx, (%rdi)", ~0u)                                       \
    X(r11, 64, "subw %dx, (%rdi)", ~0u)                                        \
    X(r12, 64, "andq %rdx, (%rdi)", ~0x10u)                                    \
    X(r13, 64, "orb %dh, (%rdi)", ~0x10u)                                      \
    X(r14, 64, "xorl %edx, (%rdi)", ~0x10u)                                    \
    X(r15, 64, "lock andb $0xfd, (%rdi)", ~0x10u)                              \
    X(r16, 64, "orq $-128, (%rdi)", ~0x10u)                                    \
    X(r17, 64, "addw $0x7fff, (%rdi)", ~0u)                                    \
    X(r18, 64, "subq $0x12345678, (%rdi)", ~0u)                                \
    X(r19, 64, "lock btsq $63, (%rdi)", ~0x894u)                               \
    X(r20, 64, "btrl $33, (%rdi)", ~0x894u)                                    \
    X(r21, 64, "btcw $7, (%rdi)", ~0x894u)                                     \
    X(r22, 64, "lock cmpxchgq %rdx, (%rdi)", ~0u)                              \
    X(r23, 64, "cmpxchgl %edx, (%rdi)", ~0u)                                   \
    X(r24, 64, "cmpxchgb %dh, (%rdi)", ~0u)                                    \
    X(r25, 64, "xaddq %rdx, (%rdi)", ~0u)                                      \
    X(r26, 64, "xaddb %dl, (%rdi)", ~0u)                                       \
    X(r27, 64, "movl $-2, (%rdi)", ~0u)                                        \
    X(r28, 64, "movq $-2, (%rdi)", ~0u)
RUNS(ASSEMBLE)

static const struct {
    const char *text;
    const uint8_t *code, *end;
    uint32_t flags; /* those that are defined */
} runs[] = {
#define AS_RUN(id, mode, text, flags) {text, id, id##_end, flags},
    RUNS(AS_RUN)};

/* Our result on memory and registers, and the processor's. */
static void compare_run(const uint8_t *code, size_t len, uint64_t defined,
                        uint64_t mem, uint64_t rax, uint64_t rdx,
                        uint64_t flags)
{
    struct insn_regs r = {.reg = {[REG_RAX] = rax, [REG_RDX] = rdx},
                          .rflags = flags};
    uint64_t ours = mem;
    struct insn_write w;
    struct insn_desc d;
    uint64_t got;

    insn_decode(&d, code, len, true);
    CHECK_EQ(insn_write_result(&d, mem, &r, &w), 0);
    if (w.writes)
        memcpy(&ours, &w.value, d.op_size);
    if (w.sets_reg)
        r.reg[w.reg] = w.reg_value;

    got = run(code, len, &mem, &rax, &rdx, flags);
    CHECK_EQ(ours, mem);
    CHECK_EQ(r.reg[REG_RAX], rax);
    CHECK_EQ(r.reg[REG_RDX], rdx);
    CHECK_EQ(w.rflags & 0x8d5 & defined, got & 0x8d5 & defined);
}

static void results_are_the_processors(void)
{
    static const uint64_t odd[] = {0,          1,     0x80,       0xff,
                                   0x7fff,     ~0ull, 1ull << 63, 0x7fffffff,
                                   0x80000000, 0x8000};
    uint64_t seed = 5;

    for (size_t i = 0; i < sizeof(runs) / sizeof(runs[0]); i++)
        for (int n = 0; n < 2000; n++) {
            uint64_t v[3];

            for (int k = 0; k < 3; k++)
                v[k] = unit_random(&seed) % 3 ? odd[unit_random(&seed) % 10]
                                              : unit_random(&seed);
            unit_set_row(runs[i].text);
            compare_run(runs[i].code, (size_t)(runs[i].end - runs[i].code),
                        runs[i].flags, v[0], v[1], v[2],
                        0x202 | (unit_random(&seed) & 0x8d5));
        }
}

static void strings_step(void)
{
    struct insn_regs r = values();
    struct insn_desc d;

    insn_decode(&d, f03, 15, true); /* rep movsl */
    r.reg[REG_RCX] = 2;
    CHECK(!insn_string_done(&d, &r));
    insn_string_step(&d, &r);
    CHECK(r.reg[REG_RCX] == 1 && r.reg[REG_RDI] == R(7) + 4 &&
          r.reg[REG_RSI] == R(6) + 4);
    r.rflags = 0x400;
    insn_string_step(&d, &r);
    CHECK(r.reg[REG_RCX] == 0 && r.reg[REG_RDI] == R(7) &&
          r.reg[REG_RSI] == R(6));
    CHECK(insn_string_done(&d, &r));
    CHECK_EQ(insn_source(&d, &r), R(6));

    insn_decode(&d, g09, 15, true); /* outsb fs: */
    r.rflags = 0;
    insn_string_step(&d, &r);
    CHECK(r.reg[REG_RDI] == R(7) && r.reg[REG_RSI] == R(6) + 1);
    CHECK(r.reg[REG_RCX] == 0);
}

/* Mnemonics of which we must know the length, when they write to memory. */
static bool is_ours(const char *mnemonic, const char *operands)
{
    static const char *const names[] = {"mov",     "and",  "or",   "xor", "add",
                                        "sub",     "xchg", "bts",  "btr", "btc",
                                        "cmpxchg", "xadd", "stos", "movs"};
    const char *last = strrchr(operands, ',');
    size_t len = strlen(mnemonic);

    if (!last || operands[strlen(operands) - 1] != ')')
        return false; /* the destination is last, in parentheses */
    if (strstr(operands, "mm") || !strncmp(operands, "%cs", 3) ||
        !strncmp(operands, "%ds", 3) || !strncmp(operands, "%es", 3) ||
        !strncmp(operands, "%fs,", 4) || !strncmp(operands, "%gs,", 4) ||
        !strncmp(operands, "%ss", 3))
        return false;
    for (size_t i = 0; i < sizeof(names) / sizeof(names[0]); i++) {
        size_t n = strlen(names[i]);

        if (!strncmp(mnemonic, names[i], n) &&
            (len == n || (len == n + 1 && strchr("bwlq", mnemonic[n]))))
            return true;
    }
    return false;
}

/* "  4010:\t48 89 07 \tmov %rax,(%rdi)": the bytes, then what follows. */
static size_t read_bytes(const char **line, uint8_t *code)
{
    const char *p = strchr(*line, '\t');
    size_t n = 0;
    char *end;

    for (p = p ? p + 1 : ""; n < 16; p = end + 1) {
        unsigned long v = strtoul(p, &end, 16);

        if (end != p + 2)
            break;
        code[n++] = (uint8_t)v;
    }
    p = strchr(p, '\t');
    *line = p ? p + 1 : "";
    return n;
}

static int nr_compared;

static void compare_line(const char *line)
{
    char mnemonic[32] = "", operands[128] = "";
    const char *text = line;
    struct insn_desc d;
    uint8_t code[16];
    size_t n = read_bytes(&text, code);

    if (!strncmp(text, "lock ", 5))
        text += 5;
    if (!n || sscanf(text, "%31s %127[^ #\n]", mnemonic, operands) != 2)
        return;

    insn_decode(&d, code, n, true);
    if (is_ours(mnemonic, operands)) {
        nr_compared++;
        unit_set_row(text);
        CHECK(insn_writes_memory(&d));
        CHECK_EQ(d.length, n);
    } else if (strcmp(mnemonic, "rep") && strcmp(mnemonic, "repz")) {
        unit_set_row(text);
        CHECK(!insn_writes_memory(&d) || d.length == n);
    }
    unit_set_row("");
}

/* This very program holds some thousand instructions that write memory. */
static void lengths_are_objdumps(void)
{
    FILE *f = popen("objdump -dw /proc/$PPID/exe 2>/dev/null", "r");
    char line[512];

    nr_compared = 0;
    while (f && fgets(line, sizeof(line), f))
        compare_line(line);
    if (f)
        pclose(f);
    CHECK(nr_compared > 100);
    printf("# decode: %d lengths compared with objdump's\n", nr_compared);
}

static void any_bytes_do_no_harm(void)
{
    uint64_t seed = 11;

    for (int i = 0; i < 200000; i++) {
        size_t n = unit_random(&seed) % 16;
        uint8_t *code = malloc(n ? n : 1);
        struct insn_regs r = values();
        struct insn_write w;
        struct insn_desc d;

        for (size_t k = 0; k < n; k++)
            code[k] = (uint8_t)unit_random(&seed);
        if (n > 2 && i % 3)
            code[0] = i % 3 == 1 ? 0x0f : 0xf0;
        insn_decode(&d, code, n, i & 1);
        CHECK(d.length <= n);
        insn_address(&d, &r);
        insn_write_result(&d, 0, &r, &w);
        insn_string_step(&d, &r);
        free(code);
    }
}

static const struct unit_test tests[] = {
    {"it reads what the assembler wrote", reads_what_as_wrote},
    {"it says when bytes are missing", says_when_bytes_are_missing},
    {"ports, registers and prefixes are told", details_are_right},
    {"fifteen bytes are the end", fifteen_bytes_are_the_end},
    {"results and flags are the processor's", results_are_the_processors},
    {"strings step both ways", strings_step},
    {"lengths are those of objdump", lengths_are_objdumps},
    {"any bytes do no harm", any_bytes_do_no_harm},
};

UNIT_MAIN("decode", tests)
