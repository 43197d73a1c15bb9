/* SPDX-License-Identifier: GPL-2.0 */
/*
 * fake_pages.h - guests' pages without a hypervisor: every grant maps to what
 * the test's fake_page() says, and nothing maps by frame.
 */
#ifndef FAKE_PAGES_H
#define FAKE_PAGES_H

#include "hyp/grant.h"
#include "hyp/memory.h"

static void *fake_page(uint32_t domid);

void *grants_map(struct grants *g, uint32_t domid, const uint32_t *refs,
                 size_t count, int prot)
{
    (void)g;
    (void)refs;
    (void)count;
    (void)prot;
    return fake_page(domid);
}

int grants_unmap(struct grants *g, void *where, size_t count)
{
    (void)g;
    (void)where;
    (void)count;
    return 0;
}

void *mem_map(struct hyp *h, uint32_t domid, int prot, const uint64_t *frames,
              size_t count, int *err)
{
    (void)h;
    (void)domid;
    (void)prot;
    (void)frames;
    (void)count;
    (void)err;
    return NULL;
}

void mem_unmap(void *where, size_t count)
{
    (void)where;
    (void)count;
}

#endif
