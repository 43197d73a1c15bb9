/* SPDX-License-Identifier: GPL-2.0 */
/*
 * pv_image.c - read what a paravirtual kernel says of itself.
 * Keeps true: after success the image lies in one piece of virtual space
 * that does not wrap, and entry and hypercall page lie inside it.
 * Source of the note numbers: the public elfnote.h.
 */
#include "lib/errno.h"
#include "lib/pv_image.h"
#include "lib/string.h"

enum {
    NOTE_ENTRY = 1,
    NOTE_HYPERCALL_PAGE = 2,
    NOTE_VIRT_BASE = 3,
    NOTE_PADDR_OFFSET = 4,
    NOTE_XEN_VERSION = 5,
    NOTE_GUEST_OS = 6,
    NOTE_LOADER = 8,
    NOTE_FEATURES = 10,
    NOTE_HV_START_LOW = 12,
    NOTE_L1_MFN_VALID = 13,
    NOTE_SUSPEND_CANCEL = 14,
    NOTE_INIT_P2M = 15,
    NOTE_MOD_START_PFN = 16,
    NOTE_SUPPORTED_FEATURES = 17,
};

static const char *const feature_names[] = {
    [0] = "writable_page_tables",
    [1] = "writable_descriptor_tables",
    [2] = "auto_translated_physmap",
    [3] = "supervisor_mode_kernel",
    [4] = "pae_pgdir_above_4gb",
    [5] = "mmu_pt_update_preserve_ad",
    [7] = "gnttab_map_avail_bits",
    [8] = "hvm_callback_vector",
    [9] = "hvm_safe_pvclock",
    [10] = "hvm_pirqs",
    [11] = "dom0",
    [12] = "grant_map_identity",
    [13] = "memory_op_vnode_supported",
    [14] = "ARM_SMCCC_supported",
    [15] = "linux_rsdp_unrestricted",
};
#define NR_FEATURES (sizeof(feature_names) / sizeof(feature_names[0]))

static int refuse(const char **why, const char *text)
{
    *why = text;
    return -EINVAL;
}

/* The bit of a feature's name; -1 if nobody knows it. */
static int feature_bit(const char *name, size_t len)
{
    for (size_t i = 0; i < NR_FEATURES; i++)
        if (feature_names[i] && strlen(feature_names[i]) == len &&
            !memcmp(feature_names[i], name, len))
            return (int)i;
    return -1;
}

/* Names divided by '|'; a '!' before one says the kernel insists on it. */
static int read_features(struct pv_image *pv, const char *s, size_t len,
                         const char **why)
{
    size_t end;
    bool insists;
    int bit;

    for (; len; s += end, len -= end) {
        if (*s == '|') {
            end = 1;
            continue;
        }
        insists = *s == '!';
        s += insists;
        len -= insists;
        for (end = 0; end < len && s[end] != '|'; end++)
            ;
        bit = feature_bit(s, end);
        if (bit >= 0)
            pv->supported |= PV_FEATURE(bit);
        if (bit >= 0 && insists)
            pv->required |= PV_FEATURE(bit);
        if (bit < 0 && insists)
            return refuse(why, "kernel requires an unknown feature");
    }
    return 0;
}

/* A note's text, its NUL taken off; never longer than the note. */
static size_t note_text(const struct elf_note *n)
{
    return strnlen((const char *)n->desc, n->desc_size);
}

static void keep_text(char *to, size_t size, const struct elf_note *n)
{
    size_t len = note_text(n);

    if (len > size - 1)
        len = size - 1;
    memcpy(to, n->desc, len);
    to[len] = '\0';
}

/* Two numbers of 8 bytes: which entry bits to look at, what they must be. */
static void read_l1_valid(struct pv_image *pv, const struct elf_note *n)
{
    uint64_t pair[2];

    if (n->desc_size < sizeof(pair))
        return;
    memcpy(pair, n->desc, sizeof(pair));
    pv->l1_mfn_mask = pair[0];
    pv->l1_mfn_value = pair[1];
}

/* The notes that hold text or more than one number. */
static int read_text_note(struct pv_image *pv, const struct elf_note *n,
                          const char **why)
{
    switch (n->type) {
    case NOTE_XEN_VERSION:
        if (note_text(n) != 7 || memcmp(n->desc, "xen-3.0", 7))
            return refuse(why, "kernel's XEN_VERSION is not xen-3.0");
        break;
    case NOTE_GUEST_OS:
        keep_text(pv->guest_os, sizeof(pv->guest_os), n);
        break;
    case NOTE_LOADER:
        keep_text(pv->loader, sizeof(pv->loader), n);
        break;
    case NOTE_FEATURES:
        return read_features(pv, (const char *)n->desc, note_text(n), why);
    case NOTE_L1_MFN_VALID:
        read_l1_valid(pv, n);
        break;
    }
    return 0;
}

static void read_number_note(struct pv_image *pv, uint32_t type, uint64_t v)
{
    switch (type) {
    case NOTE_ENTRY:
        pv->entry = v;
        break;
    case NOTE_HYPERCALL_PAGE:
        pv->hypercall_page = v;
        pv->has_hypercall_page = true;
        break;
    case NOTE_VIRT_BASE:
        pv->virt_base = v;
        break;
    case NOTE_PADDR_OFFSET:
        pv->paddr_offset = v;
        break;
    case NOTE_HV_START_LOW:
        pv->hv_start_low = v;
        break;
    case NOTE_SUSPEND_CANCEL:
        pv->suspend_cancel = v;
        break;
    case NOTE_INIT_P2M:
        pv->init_p2m = v;
        pv->has_init_p2m = true;
        break;
    case NOTE_MOD_START_PFN:
        pv->mod_start_pfn = v;
        break;
    case NOTE_SUPPORTED_FEATURES:
        pv->supported |= (uint32_t)v;
        pv->has_supported = true;
        break;
    }
}

static bool is_number_note(uint32_t type)
{
    switch (type) {
    case NOTE_ENTRY:
    case NOTE_HYPERCALL_PAGE:
    case NOTE_VIRT_BASE:
    case NOTE_PADDR_OFFSET:
    case NOTE_HV_START_LOW:
    case NOTE_SUSPEND_CANCEL:
    case NOTE_INIT_P2M:
    case NOTE_MOD_START_PFN:
    case NOTE_SUPPORTED_FEATURES:
        return true;
    }
    return false;
}

/* Read all Xen notes of one kind of header; *found tells if any was there. */
static int read_notes(struct pv_image *pv, bool sections, bool *found,
                      const char **why)
{
    struct elf_note_walk w;
    struct elf_note n;
    uint64_t v;
    int rc;

    elf_note_first(&w, &pv->elf, sections);
    while (elf_note_next(&w, &n)) {
        if (!elf_note_is(&n, "Xen"))
            continue;
        *found = true;
        if (!is_number_note(n.type)) {
            rc = read_text_note(pv, &n, why);
            if (rc)
                return rc;
            continue;
        }
        if (!elf_note_number(&n, &v))
            return refuse(why, "a Xen note has a number of odd size");
        read_number_note(pv, n.type, v);
    }
    return 0;
}

static bool in_image(const struct pv_image *pv, uint64_t va)
{
    return va >= pv->virt_start && va < pv->virt_end;
}

static int judge_addresses(struct pv_image *pv, const char **why)
{
    pv->virt_start = pv_image_virt(pv, pv->elf.paddr_start);
    pv->virt_end = pv_image_virt(pv, pv->elf.paddr_end);

    if (pv->paddr_offset > pv->elf.paddr_start)
        return refuse(why, "note PADDR_OFFSET lies above the image");
    if (pv->virt_end <= pv->virt_start || pv->virt_start < pv->virt_base)
        return refuse(why, "image wraps round in virtual space");
    if (!in_image(pv, pv->entry))
        return refuse(why, "note ENTRY lies outside the image");
    if (pv->has_hypercall_page &&
        (pv->hypercall_page % 4096 || !in_image(pv, pv->hypercall_page) ||
         pv->virt_end - pv->hypercall_page < 4096))
        return refuse(why, "note HYPERCALL_PAGE is no page of the image");
    if (pv->has_init_p2m && (pv->init_p2m % 4096 || in_image(pv, pv->init_p2m)))
        return refuse(why, "note INIT_P2M is no address for the list");
    return 0;
}

int pv_image_read(struct pv_image *pv, const void *data, size_t size,
                  const char **why)
{
    bool found = false;
    int rc;

    memset(pv, 0, sizeof(*pv));
    rc = elf_read(&pv->elf, data, size, why);
    if (rc)
        return rc;

    rc = read_notes(pv, false, &found, why);
    if (!rc && !found)
        rc = read_notes(pv, true, &found, why);
    if (rc)
        return rc;
    if (!found || !pv->entry) {
        *why = "no Xen notes: not a paravirtual kernel";
        return -ENOEXEC;
    }
    return judge_addresses(pv, why);
}

int pv_image_check(const struct pv_image *pv, bool dom0, uint32_t offered,
                   const char **why)
{
    /* Writable page tables are emulated, so whoever asks for them has them. */
    uint32_t have = offered | PV_FEATURE_WRITABLE_PT;

    if (dom0)
        have |= PV_FEATURE_DOM0;
    if (pv->required & ~have)
        return refuse(why, "kernel requires a feature we do not offer");
    if (dom0 && pv->has_supported && !(pv->supported & PV_FEATURE_DOM0))
        return refuse(why, "kernel cannot be Dom0 (feature dom0 missing)");
    return 0;
}
