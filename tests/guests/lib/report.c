/* SPDX-License-Identifier: GPL-2.0 */
/*
 * report.c - printing over the hypervisor's console, and counting checks.
 * Keeps true: each check prints one line that starts with PASS, FAIL or
 * SKIP; the last line of a test that got to its end starts with DONE.
 */
#include "guest.h"

static unsigned int passed, failed, skipped;

struct sink {
    char text[512];
    size_t used;
};

static void put(struct sink *s, char c)
{
    if (s->used < sizeof(s->text))
        s->text[s->used++] = c;
}

static void put_number(struct sink *s, uint64_t n, unsigned int base,
                       int width, char pad)
{
    char digits[24];
    int used = 0;

    do {
        digits[used++] = "0123456789abcdef"[n % base];
        n /= base;
    } while (n);
    while (width-- > used)
        put(s, pad);
    while (used)
        put(s, digits[--used]);
}

static void put_signed(struct sink *s, int64_t n, int width)
{
    if (n < 0) {
        put(s, '-');
        n = -n;
    }
    put_number(s, (uint64_t)n, 10, width, ' ');
}

/* One conversion: %[0][width][l]{d,u,x,s,c}. Returns what follows it. */
static const char *convert(struct sink *s, const char *f, va_list *args)
{
    char pad = *f == '0' ? '0' : ' ';
    int width = 0, longs = 0;
    const char *text;

    while (*f >= '0' && *f <= '9')
        width = width * 10 + *f++ - '0';
    while (*f == 'l') {
        longs = 1;
        f++;
    }
    switch (*f) {
    case 'd':
        put_signed(s, longs ? va_arg(*args, long) : va_arg(*args, int), width);
        break;
    case 'u':
    case 'x':
        put_number(s, longs ? va_arg(*args, unsigned long)
                            : va_arg(*args, unsigned int),
                   *f == 'x' ? 16 : 10, width, pad);
        break;
    case 's':
        text = va_arg(*args, const char *);
        while (*text) {
            put(s, *text++);
            width--;
        }
        while (width-- > 0)
            put(s, ' ');
        break;
    case 'c':
        put(s, (char)va_arg(*args, int));
        break;
    default:
        put(s, *f);
        break;
    }
    return f + 1;
}

static void format_to(struct sink *s, const char *format, va_list *args)
{
    while (*format) {
        if (*format == '%')
            format = convert(s, format + 1, args);
        else
            put(s, *format++);
    }
}

static void write_out(const struct sink *s)
{
    HC(console_io, CONSOLEIO_write, s->used, s->text);
}

void print(const char *format, ...)
{
    struct sink s = {.used = 0};
    va_list args;

    va_start(args, format);
    format_to(&s, format, &args);
    va_end(args);
    write_out(&s);
}

void note(const char *format, ...)
{
    struct sink s = {.used = 0};
    va_list args;

    put(&s, '#');
    put(&s, ' ');
    va_start(args, format);
    format_to(&s, format, &args);
    va_end(args);
    put(&s, '\n');
    write_out(&s);
}

bool check(const char *name, bool good)
{
    if (good)
        passed++;
    else
        failed++;
    print("%s %s\n", good ? "PASS" : "FAIL", name);
    return good;
}

bool check_same(const char *name, long got, long want)
{
    if (got == want)
        return check(name, true);
    failed++;
    print("FAIL %s: got %ld (0x%lx), wanted %ld (0x%lx)\n", name, got, got,
          want, want);
    return false;
}

void skip(const char *name, const char *why)
{
    skipped++;
    print("SKIP %s: %s\n", name, why);
}

static void end_domain(void)
{
    struct sched_shutdown how = {.reason = SHUTDOWN_poweroff};

    for (;;)
        HC(sched_op, SCHEDOP_shutdown, &how);
}

void done(void)
{
    print("DONE %u passed %u failed %u skipped\n", passed, failed, skipped);
    end_domain();
    __builtin_unreachable();
}

void panic(const char *why)
{
    failed++;
    print("FAIL kernel: %s\n", why);
    done();
}

void *memset(void *to, int byte, size_t n)
{
    void *start_of = to;

    __asm__ volatile("rep stosb" : "+D"(to), "+c"(n) : "a"(byte) : "memory");
    return start_of;
}

void *memcpy(void *to, const void *from, size_t n)
{
    void *start_of = to;

    __asm__ volatile("rep movsb" : "+D"(to), "+S"(from), "+c"(n) : : "memory");
    return start_of;
}

int memcmp(const void *a, const void *b, size_t n)
{
    const unsigned char *x = a, *y = b;

    for (; n; n--, x++, y++) {
        if (*x != *y)
            return *x - *y;
    }
    return 0;
}

size_t strlen(const char *s)
{
    size_t n = 0;

    while (s[n])
        n++;
    return n;
}

int strcmp(const char *a, const char *b)
{
    while (*a && *a == *b) {
        a++;
        b++;
    }
    return (unsigned char)*a - (unsigned char)*b;
}

int strncmp(const char *a, const char *b, size_t n)
{
    for (; n; n--, a++, b++) {
        if (*a != *b || !*a)
            return (unsigned char)*a - (unsigned char)*b;
    }
    return 0;
}
