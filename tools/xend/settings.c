/* SPDX-License-Identifier: GPL-2.0 */
/*
 * settings.c - /etc/xen/xend-config.sxp. A missing file means defaults; a
 * key that this xend has no use for is left alone, so old files still do.
 */
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/log.h"
#include "xend.h"

#define CONFIG_FILE "/etc/xen/xend-config.sxp"

static char *text_of(const struct sxp *all, const char *key,
                     const char *otherwise)
{
    const char *text = sxp_get(all, key);

    return strdup(text ? text : otherwise);
}

static unsigned number_of(const struct sxp *all, const char *key,
                          unsigned otherwise)
{
    const char *text = sxp_get(all, key);
    char *end;
    unsigned long v;

    if (!text)
        return otherwise;
    v = strtoul(text, &end, 10);
    if (end == text || *end || v > 1u << 30) {
        log_warn("%s: '%s' is not a number; %u is used", key, text, otherwise);
        return otherwise;
    }
    return (unsigned)v;
}

static bool yes_of(const struct sxp *all, const char *key, bool otherwise)
{
    const char *text = sxp_get(all, key);

    if (!text)
        return otherwise;
    return strcmp(text, "yes") == 0 || strcmp(text, "1") == 0 ||
           strcmp(text, "true") == 0 || strcmp(text, "on") == 0;
}

static void set_level(const char *name)
{
    static const struct {
        const char *name;
        enum log_level level;
    } levels[] = {{"DEBUG", LOG_DEBUG},  {"INFO", LOG_INFO},
                  {"WARNING", LOG_WARN}, {"WARN", LOG_WARN},
                  {"ERROR", LOG_ERROR},  {"CRITICAL", LOG_ERROR}};

    for (size_t i = 0; i < sizeof(levels) / sizeof(levels[0]); i++) {
        if (strcasecmp(name, levels[i].name) == 0)
            log_set_level(levels[i].level);
    }
}

int settings_read(struct settings *s, char *err)
{
    const char *path = getenv("XEND_CONFIG");
    const char *level;
    struct sxp *all;

    if (!path || !*path)
        path = CONFIG_FILE;
    if (access(path, F_OK) && errno == ENOENT)
        all = sxp_list(NULL);
    else
        all = sxp_read(path, err, ERR_SIZE);
    if (!all)
        return -EINVAL;
    s->logfile = text_of(all, "logfile", "/var/log/xen/xend.log");
    s->socket =
        text_of(all, "xend-unix-xmlrpc-path", "/var/run/xend/xmlrpc.sock");
    s->vif_script = text_of(all, "vif-script", "vif-bridge");
    s->network_script = text_of(all, "network-script", "");
    s->state_dir = text_of(all, "xend-state-path", "/var/lib/xend/state");
    s->scripts = "/etc/xen/scripts";
    s->dom0_min_mib = number_of(all, "dom0-min-mem", 196);
    s->balloon_dom0 = yes_of(all, "enable-dom0-ballooning", true);
    s->dump_crashed = yes_of(all, "enable-dump", false);
    s->console_limit_kib = number_of(all, "console-limit", 1024);
    s->create_timeout_s = number_of(all, "device-create-timeout", 100);
    s->destroy_timeout_s = number_of(all, "device-destroy-timeout", 100);
    level = sxp_get(all, "loglevel");
    if (level)
        set_level(level);
    sxp_free(all);
    return 0;
}
