/* SPDX-License-Identifier: GPL-2.0 */
/*
 * xm_domain.c - any bytes as a domain's file, all the way: xm's reading of
 * it, and xend's judgement of what xm makes of it.
 */
#include <stdio.h>
#include <stdlib.h>

#include "fuzz.h"

#include "domcfg.h"
#include "xend.h"

struct xend xend;

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct config_error err = {{0}, 0, 0};
    struct config *c;
    struct sxp *vm;
    struct vmcfg *cfg;
    char why[ERR_SIZE] = "";

    if (!freopen("/dev/null", "w", stderr)) /* warnings of unknown keys */
        return 0;
    c = config_parse("f", (const char *)data, size, NULL, &err);
    vm = c ? domcfg_to_sxp(c, "f", &err) : NULL;
    MUST(vm || err.text[0]);
    if (vm) {
        cfg = vmcfg_new(vm, why, sizeof(why));
        MUST(cfg || why[0]);
        MUST(!cfg || (cfg->vcpus >= 1 && cfg->vcpus <= VM_MAX_VCPUS));
        MUST(!cfg || cfg->maxmem_mib >= cfg->memory_mib);
        MUST(!cfg || name_valid(cfg->name));
        vmcfg_free(cfg);
    }
    sxp_free(vm);
    config_free(c);
    return 0;
}
