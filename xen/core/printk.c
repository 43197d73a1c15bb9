/* SPDX-License-Identifier: GPL-2.0 */
/*
 * printk.c - the log ring and its sinks.
 * Keeps true: a line goes whole into the ring and to every sink; the ring
 * always holds the last LOG_SIZE bytes.
 * Locks: console_lock guards the ring, the sinks and their devices.
 */
#include "core/arch.h"
#include "core/cmdline.h"
#include "core/printk.h"
#include "core/spinlock.h"
#include "lib/errno.h"
#include "lib/format.h"
#include "lib/string.h"

#define LOG_SIZE 65536u /* a power of two */
#define PREFIX   "(XEN) "

static char ring[LOG_SIZE];
static uint32_t head; /* bytes ever written; wraps with the ring */
static uint32_t tail; /* where reading without an index starts */
static spinlock_t console_lock = SPINLOCK_INIT(RANK_CONSOLE);
static bool unlocked; /* after a panic: nobody else runs */
static struct log_sink *sinks;
static bool at_line_start = true;
void (*log_notify)(void);

/* What is shown: levels up to these. Guests' lines have a limit of their own.*/
static unsigned int log_level = 2, guest_level = 1;

static int parse_level(const char *s)
{
    static const char *const words[] = {"none", "error", "warning", "info",
                                        "debug"};

    if (!strncmp(s, "all", 3))
        return 4;
    for (int i = 0; i < (int)ARRAY_SIZE(words); i++)
        if (!strncmp(s, words[i], strlen(words[i])))
            return i;
    return -EINVAL;
}
static int set_log_level(const char *s)
{
    int n = parse_level(s);

    if (n < 0)
        return n;
    log_level = n ? (unsigned int)n - 1 : 0; /* errors are always shown */
    return 0;
}
static int set_guest_level(const char *s)
{
    int n = parse_level(s);

    if (n < 0)
        return n;
    guest_level = (unsigned int)n;
    return 0;
}
BOOT_FN("loglvl", set_log_level);
BOOT_FN("guest_loglvl", set_guest_level);

static uint64_t lock(void)
{
    uint64_t flags = irq_save();

    if (!unlocked)
        spin_lock(&console_lock);
    return flags;
}

static void unlock(uint64_t flags)
{
    if (!unlocked)
        spin_unlock(&console_lock);
    irq_restore(flags);
}

static void show_locked(const char *s, size_t n)
{
    for (struct log_sink *k = sinks; k; k = k->next)
        k->write(s, n);
}

static void put_locked(const char *s, size_t n)
{
    for (size_t i = 0; i < n; i++)
        ring[head++ % LOG_SIZE] = s[i];
    if (head - tail > LOG_SIZE)
        tail = head - LOG_SIZE;
    show_locked(s, n);
}

/* Our own text: each line begins with the prefix. */
static void put_lines_locked(const char *s)
{
    while (*s) {
        const char *nl = strchr(s, '\n');
        size_t n = nl ? (size_t)(nl - s) + 1 : strlen(s);

        if (at_line_start)
            put_locked(PREFIX, sizeof(PREFIX) - 1);
        put_locked(s, n);
        at_line_start = nl;
        s += n;
    }
}

/* Guests may fill no log: so many lines at once, then some a second. */
static bool guest_line_allowed(void)
{
    static ns_t last;
    static unsigned int credit = 100, lost;
    ns_t t = now();
    uint64_t gained = (uint64_t)(t - last) / MILLISECS(100);

    if (gained) {
        credit = (unsigned int)MIN(100, credit + gained);
        last = t;
    }
    if (!credit) {
        lost++;
        return false;
    }
    credit--;
    if (lost) {
        char note[64];

        snprintf(note, sizeof(note), "%u guest lines left out\n", lost);
        lost = 0;
        put_lines_locked(note);
    }
    return true;
}

static bool wanted_locked(unsigned int level)
{
    if (level < 4)
        return level <= log_level;
    return guest_level && guest_line_allowed();
}

void vprintk(const char *fmt, va_list ap)
{
    static char line[1024]; /* console_lock */
    unsigned int level = 2;
    uint64_t flags = lock();

    if (fmt[0] == '\001') {
        level = (unsigned int)(fmt[1] - '0');
        fmt += 2;
    }
    if (wanted_locked(level)) {
        vsnprintf(line, sizeof(line), fmt, ap);
        put_lines_locked(line);
    }
    unlock(flags);
    if (log_notify)
        log_notify();
}

void printk(const char *fmt, ...)
{
    va_list ap;

    va_start(ap, fmt);
    vprintk(fmt, ap);
    va_end(ap);
}

/*
 * Dom0's own text stays out of the ring: a program there that prints the ring
 * would never come to its end.
 */
void log_write_raw(const char *s, size_t n)
{
    uint64_t flags = lock();

    show_locked(s, n);
    if (n)
        at_line_start = s[n - 1] == '\n';
    unlock(flags);
}

void log_add_sink(struct log_sink *s)
{
    uint64_t flags = lock();
    uint32_t from = head > LOG_SIZE ? head - LOG_SIZE : 0;

    /* It shows what was said before it was there. */
    for (; from != head; from++)
        s->write(&ring[from % LOG_SIZE], 1);
    s->next = sinks;
    sinks = s;
    unlock(flags);
}

size_t log_read(char *buf, size_t n, uint32_t *index, bool incremental)
{
    uint64_t flags = lock();
    uint32_t at = tail;
    size_t got = 0;

    if (incremental && head - *index <= head - tail)
        at = *index;
    while (got < n && at != head)
        buf[got++] = ring[at++ % LOG_SIZE];
    *index = at;
    unlock(flags);
    return got;
}

void log_clear(void)
{
    uint64_t flags = lock();

    tail = head;
    unlock(flags);
}

void log_force_unlock(void)
{
    unlocked = true;
}
