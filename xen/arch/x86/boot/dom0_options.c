/* SPDX-License-Identifier: GPL-2.0 */
/*
 * dom0_options.c - what the command line says of Dom0: memory and vcpus.
 * dom0_mem=SIZE,min:SIZE,max:SIZE (a size with - in front: all memory but so
 * much); dom0_max_vcpus=N or MIN-MAX; dom0_vcpus_pin.
 */
#include "boot/dom0.h"
#include "core/cmdline.h"
#include "lib/errno.h"
#include "lib/string.h"

struct dom0_options dom0_options = {.max_vcpus = UINT32_MAX};

/* [-]SIZE, to a comma or the end. */
static int parse_amount(const char *s, const char **end, struct mem_amount *out)
{
    bool minus = *s == '-';
    uint64_t bytes;
    int rc;

    if (minus)
        s++;
    rc = parse_size(s, end, &bytes);
    if (rc || *end == s || (**end && **end != ','))
        return -EINVAL;
    out->given = true;
    out->minus = minus;
    out->pages = bytes >> PAGE_SHIFT;
    return 0;
}

static int parse_dom0_mem(const char *value)
{
    struct dom0_options *o = &dom0_options;
    const char *s = value;
    int rc;

    strlcpy(o->mem_text, value, sizeof(o->mem_text));
    o->mem_bad = true;
    for (;;) {
        if (!strncmp(s, "min:", 4))
            rc = parse_amount(s + 4, &s, &o->min);
        else if (!strncmp(s, "max:", 4))
            rc = parse_amount(s + 4, &s, &o->max);
        else
            rc = parse_amount(s, &s, &o->mem);
        if (rc)
            return rc;
        if (!*s)
            break;
        s++;
    }
    o->mem_bad = false;
    return 0;
}
BOOT_FN("dom0_mem", parse_dom0_mem);

static int parse_dom0_max_vcpus(const char *value)
{
    const char *s;
    uint64_t lo, hi;

    if (*value == '-') {
        lo = 1;
        s = value;
    } else if (parse_u64(value, &s, &lo)) {
        return -EINVAL;
    }
    hi = lo;
    if (*s == '-' && parse_u64(s + 1, &s, &hi))
        return -EINVAL;
    if (*s || !lo || hi < lo || hi > UINT32_MAX)
        return -EINVAL;
    dom0_options.min_vcpus = (uint32_t)lo;
    dom0_options.max_vcpus = (uint32_t)hi;
    return 0;
}
BOOT_FN("dom0_max_vcpus", parse_dom0_max_vcpus);

static bool *const opt_pin = &dom0_options.pin;
static int parse_pin(const char *value)
{
    *opt_pin = !value[0] || (strcmp(value, "no") && strcmp(value, "0") &&
                             strcmp(value, "false") && strcmp(value, "off"));
    return 0;
}
BOOT_FN("dom0_vcpus_pin", parse_pin);

static uint64_t amount(const struct mem_amount *a, uint64_t all)
{
    if (!a->minus)
        return a->pages;
    return a->pages < all ? all - a->pages : 0;
}

/* What stays for us and for guests' needs if the administrator says nothing:
 * a sixteenth, 128 MiB at most. */
static uint64_t reserve(uint64_t free)
{
    return MIN(free / 16, (128UL << 20) >> PAGE_SHIFT);
}

uint64_t dom0_pages_wanted(uint64_t free, uint64_t *max)
{
    const struct dom0_options *o = &dom0_options;
    uint64_t n = free - reserve(free);

    if (o->mem.given)
        n = amount(&o->mem, free);
    *max = UINT32_MAX;
    if (o->max.given) {
        *max = amount(&o->max, free);
        n = MIN(n, *max);
    }
    if (o->min.given)
        n = MAX(n, amount(&o->min, free));
    return n;
}

unsigned int dom0_vcpus_wanted(unsigned int cpus)
{
    const struct dom0_options *o = &dom0_options;
    unsigned int n = MIN(cpus, o->max_vcpus);

    return MAX(n, o->min_vcpus);
}
