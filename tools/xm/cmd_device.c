/* SPDX-License-Identifier: GPL-2.0 */
/*
 * cmd_device.c - disks and interfaces of a running domain.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "args.h"
#include "client.h"
#include "devstr.h"
#include "print.h"
#include "xm.h"

#define NR(a) (sizeof(a) / sizeof((a)[0]))

static int attach(const char *domain, struct sxp *device)
{
    struct sxp *args = sxp_list(NULL);

    sxp_add(args, sxp_atom(domain));
    sxp_add(args, device);
    return xend_call("xend.domain.device_create", args, NULL);
}

int cmd_block_attach(int argc, char **argv)
{
    int n = args_plain(argc, argv);

    if (n < 0)
        return XM_FAILED;
    return attach(argv[1], disk_parts_to_sxp(argv[2], argv[3], argv[4],
                                             n > 4 ? argv[5] : NULL));
}

int cmd_network_attach(int argc, char **argv)
{
    struct sxp *vif;
    char err[256];
    int n = args_plain(argc, argv);

    if (n < 0)
        return XM_FAILED;
    vif = sxp_list("vif");
    for (int i = 2; i <= n; i++) {
        if (vif_add(vif, argv[i], err, sizeof(err))) {
            sxp_free(vif);
            return xm_misuse("%s", err);
        }
    }
    return attach(argv[1], vif);
}

static int detach(int argc, char **argv, const char *class)
{
    bool force = false;
    const struct option_spec specs[] = {{'f', "force", &force, NULL}};

    if (args_take(argc, argv, specs, NR(specs)) < 0)
        return XM_FAILED;
    return xend_callv(NULL, "xend.domain.destroyDevice", argv[1], class,
                      argv[2], force ? "1" : "0", NULL);
}

int cmd_block_detach(int argc, char **argv)
{
    return detach(argc, argv, "vbd");
}

int cmd_network_detach(int argc, char **argv)
{
    return detach(argc, argv, "vif");
}

static void block_row(const char *devid, const struct sxp *d)
{
    printf("%-5s  %-3s  %-5s  %-4s  %-6s %-7s  %s\n", devid,
           field(d, "backend-id", "0"), field(d, "handle", "0"),
           field(d, "state", "?"), field(d, "event-channel", "-"),
           field(d, "ring-ref", "-"), field(d, "be-path", "?"));
}

static void network_row(const char *devid, const struct sxp *d)
{
    printf("%-3s %-3s %-17s    %-3s   %-3s  %-6s %5s/%-5s   %s\n", devid,
           field(d, "backend-id", "0"), field(d, "mac", "?"),
           field(d, "handle", "0"), field(d, "state", "?"),
           field(d, "event-channel", "-"), field(d, "tx-ring-ref", "-"),
           field(d, "rx-ring-ref", "-"), field(d, "be-path", "?"));
}

static int list_one(const char *domain, const char *class, bool full,
                    void (*row)(const char *, const struct sxp *))
{
    struct sxp *all;
    int rc =
        xend_callv(&all, "xend.domain.getDeviceSxprs", domain, class, NULL);

    if (rc)
        return rc;
    for (const struct sxp *d = all->first; d; d = d->next) {
        if (full)
            print_sxp(d);
        else if (d->first && d->first->atom && d->first->next)
            row(d->first->atom, d->first->next);
    }
    sxp_free(all);
    return XM_OK;
}

static int list_devices(int argc, char **argv, const char *class,
                        const char *head,
                        void (*row)(const char *, const struct sxp *))
{
    bool full = false;
    const struct option_spec specs[] = {{'l', "long", &full, NULL}};
    int n = args_take(argc, argv, specs, NR(specs));
    int worst = XM_OK;

    if (n < 0)
        return XM_FAILED;
    if (!full)
        puts(head);
    for (int i = 1; i <= n; i++) {
        int rc = list_one(argv[i], class, full, row);

        if (rc)
            worst = rc;
    }
    return worst;
}

int cmd_block_list(int argc, char **argv)
{
    return list_devices(argc, argv, "vbd",
                        "Vdev  BE handle state evt-ch ring-ref BE-path",
                        block_row);
}

int cmd_network_list(int argc, char **argv)
{
    return list_devices(argc, argv, "vif",
                        "Idx BE     MAC Addr.     handle state evt-ch "
                        "tx-/rx-ring-ref BE-path",
                        network_row);
}
