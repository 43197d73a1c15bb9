/* SPDX-License-Identifier: GPL-2.0 */
/*
 * hvlog.c - the hypervisor's log ring into hypervisor.log.
 * Keeps true: a text is written once, also over a restart of the daemon (the
 * place reached is kept in a file that doesn't outlive the machine's boot).
 */
#include "xenconsoled.h"

#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <abi/xen.h>

#include "base/log.h"
#include "hyp/domain.h"
#include "hyp/evtchn.h"

#define PLACE_FILE "/run/xenconsoled.hypervisor"
#define PIECE      16384

static int port = -1, place_fd = -1;
static struct logfile logfile = {.fd = -1};
static uint32_t place;

bool hvlog_is_port(uint32_t local_port)
{
    return port >= 0 && (uint32_t)port == local_port;
}

void hvlog_reopen(struct daemon *d)
{
    if (port < 0)
        return;
    logfile_close(&logfile);
    logfile_open(&logfile, d->log_dir, "hypervisor.log");
}

static void read_ring(struct daemon *d)
{
    static char piece[PIECE];
    int n;

    while ((n = host_read_console(d->hyp, piece, sizeof(piece), true, false,
                                  &place)) > 0)
        logfile_write(&logfile, piece, (size_t)n);
    if (place_fd >= 0 &&
        pwrite(place_fd, &place, sizeof(place), 0) != sizeof(place))
        log_warn("cannot keep the place in the hypervisor's log");
}

void hvlog_event(struct daemon *d)
{
    evtchn_unmask(d->evtchn, (uint32_t)port);
    read_ring(d);
}

int hvlog_open(struct daemon *d)
{
    port = evtchn_bind_virq(d->evtchn, VIRQ_CON_RING);
    if (port < 0) {
        log_warn("no news from the hypervisor's log: %s", strerror(-port));
        return port;
    }
    place_fd = open(PLACE_FILE, O_RDWR | O_CREAT | O_CLOEXEC, 0600);
    if (place_fd >= 0 &&
        pread(place_fd, &place, sizeof(place), 0) != sizeof(place))
        place = 0;
    logfile_open(&logfile, d->log_dir, "hypervisor.log");
    read_ring(d);
    return 0;
}
