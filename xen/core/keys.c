/* SPDX-License-Identifier: GPL-2.0 */
/*
 * keys.c - one-letter debug keys.
 */
#include "core/keys.h"
#include "core/printk.h"
#include "core/softirq.h"
#include "lib/atomic.h"

static struct key {
    void (*fn)(char key);
    const char *what;
} keys[128];
static uint64_t waiting[2]; /* keys pressed, not yet run; atomic */

void key_register(char key, void (*fn)(char key), const char *what)
{
    unsigned int k = (unsigned char)key;

    if (k < ARRAY_SIZE(keys))
        keys[k] = (struct key){fn, what};
}

void key_handle(char key)
{
    unsigned int k = (unsigned char)key;

    if (k >= ARRAY_SIZE(keys) || !keys[k].fn)
        return;
    __atomic_fetch_or(&waiting[k / 64], 1UL << k % 64, __ATOMIC_SEQ_CST);
    softirq_raise(SOFTIRQ_KEYS);
}

static void run_waiting(void)
{
    for (unsigned int w = 0; w < ARRAY_SIZE(waiting); w++) {
        uint64_t bits = xchg(&waiting[w], 0UL);

        for (; bits; bits &= bits - 1) {
            unsigned int k = w * 64 + (unsigned int)__builtin_ctzl(bits);

            printk("key '%c' (%s)\n", k, keys[k].what);
            keys[k].fn((char)k);
        }
    }
}

static void show_keys(char key)
{
    (void)key;
    for (unsigned int k = 0; k < ARRAY_SIZE(keys); k++)
        if (keys[k].fn)
            printk(" key '%c' => %s\n", k, keys[k].what);
}

void keys_init(void)
{
    softirq_register(SOFTIRQ_KEYS, run_waiting);
    key_register('h', show_keys, "show this list");
}
