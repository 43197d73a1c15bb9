/* SPDX-License-Identifier: GPL-2.0 */
/*
 * startinfo.c - the page that a guest finds in rsi, and its first registers.
 */
#include "private.h"

#include <stdio.h>
#include <string.h>

#include <abi/xen.h>

#define FLAT_CODE 0xe033
#define FLAT_DATA 0xe02b
#define IF_FLAG   0x200

void startinfo_fill(const struct building *b, struct start_info *si)
{
    const struct plan *p = &b->plan;
    bool pfn_given = p->ramdisk.count && !p->ramdisk.virt;

    memset(si, 0, sizeof(*si));
    snprintf(si->magic, sizeof(si->magic), "xen-3.0-x86_64");
    si->nr_pages = b->nr_pages;
    si->shared_info = b->shared_info_mfn << 12;
    si->flags = SIF_VIRT_P2M_4TOOLS | (pfn_given ? SIF_MOD_START_PFN : 0);
    si->store_mfn = b->result->store_mfn;
    si->store_evtchn = b->result->store_port;
    si->console.domU.mfn = b->result->console_mfn;
    si->console.domU.evtchn = b->result->console_port;
    si->pt_base = p->tables.virt;
    si->nr_pt_frames = p->tables.count;
    si->mfn_list = p->p2m.virt;
    if (p->ramdisk.count) {
        si->mod_start = pfn_given ? p->ramdisk.pfn : p->ramdisk.virt;
        si->mod_len = p->ramdisk_bytes;
    }
    if (b->spec->cmdline)
        snprintf(si->cmd_line, sizeof(si->cmd_line), "%s", b->spec->cmdline);
    if (b->img.notes.init_p2m != IMAGE_UNSET) {
        si->first_p2m_pfn = p->p2m.pfn;
        si->nr_p2m_frames = p->p2m.count;
    }
}

void context_fill(const struct building *b, struct vcpu_guest_context *c)
{
    const struct plan *p = &b->plan;

    memset(c, 0, sizeof(*c));
    c->flags = VGCF_in_kernel | VGCF_online;
    c->user_regs.rip = b->img.notes.entry;
    c->user_regs.rsp = p->stack.virt + PAGE;
    c->user_regs.rsi = p->start_info.virt;
    c->user_regs.rflags = IF_FLAG;
    c->user_regs.cs = FLAT_CODE;
    c->user_regs.ss = FLAT_DATA;
    c->kernel_ss = FLAT_DATA;
    c->kernel_sp = c->user_regs.rsp;
    c->ctrlreg[3] = b->p2m[p->tables.pfn] << 12;
}
