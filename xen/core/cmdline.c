/* SPDX-License-Identifier: GPL-2.0 */
/*
 * cmdline.c - boot options: `name=value`, `name`, `no-name` for a bool.
 */
#include "core/cmdline.h"
#include "core/printk.h"
#include "lib/errno.h"
#include "lib/string.h"

extern const struct boot_opt boot_opts_start[], boot_opts_end[];

char cmdline_saved[1024];

static int parse_bool(const char *s, bool *b)
{
    static const char *const yes[] = {"", "1", "on", "yes", "true", "enable"};
    static const char *const no[] = {"0", "off", "no", "false", "disable"};

    for (size_t i = 0; i < ARRAY_SIZE(yes); i++)
        if (!strcmp(s, yes[i])) {
            *b = true;
            return 0;
        }
    for (size_t i = 0; i < ARRAY_SIZE(no); i++)
        if (!strcmp(s, no[i])) {
            *b = false;
            return 0;
        }
    return -EINVAL;
}

static int parse_choice(const char *s, enum boot_choice *c)
{
    bool yes;
    int rc = parse_bool(s, &yes);

    if (!rc)
        *c = yes ? CHOICE_YES : CHOICE_NO;
    return rc;
}

static int apply(const struct boot_opt *o, const char *value)
{
    const char *end = value;
    uint64_t n = 0;
    int rc;

    switch (o->kind) {
    case OPT_BOOL:
        return parse_bool(value, o->var);
    case OPT_CHOICE:
        return parse_choice(value, o->var);
    case OPT_UINT:
        rc = parse_u64(value, &end, &n);
        if (rc || *end || n > UINT32_MAX)
            return -EINVAL;
        *(unsigned int *)o->var = (unsigned int)n;
        return 0;
    case OPT_SIZE:
        rc = parse_size(value, &end, &n);
        if (rc || *end)
            return -EINVAL;
        *(uint64_t *)o->var = n;
        return 0;
    case OPT_STRING:
        strlcpy(o->var, value, o->len);
        return 0;
    case OPT_FN:
        return o->fn(value);
    }
    return -EINVAL;
}

/* An option may stand in several rooms; each hears of it. */
static bool apply_all(const char *name, const char *value, bool bool_only)
{
    bool known = false;

    for (const struct boot_opt *o = boot_opts_start; o < boot_opts_end; o++) {
        if (strcmp(o->name, name) || (bool_only && o->kind > OPT_CHOICE))
            continue;
        known = true;
        if (apply(o, value))
            printk(LOG_WARN "option %s: bad value '%s'\n", name, value);
    }
    return known;
}

static void take_word(char *word)
{
    char *eq = strchr(word, '=');
    const char *value = "";

    if (eq) {
        *eq = 0;
        value = eq + 1;
    }
    if (apply_all(word, value, false))
        return;
    if (!eq && !strncmp(word, "no-", 3) && apply_all(word + 3, "0", true))
        return;
    if (!eq && !strncmp(word, "no", 2) && apply_all(word + 2, "0", true))
        return;
    printk(LOG_WARN "option %s: not known\n", word);
}

void cmdline_parse(const char *line)
{
    static char buf[sizeof(cmdline_saved)];
    char *at = buf;

    strlcpy(cmdline_saved, line, sizeof(cmdline_saved));
    strlcpy(buf, line, sizeof(buf));
    while (*at) {
        char *end = strchr(at, ' ');

        if (end)
            *end = 0;
        if (*at)
            take_word(at);
        if (!end)
            break;
        at = end + 1;
    }
}
