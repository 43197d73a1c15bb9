/* SPDX-License-Identifier: GPL-2.0 */
/*
 * pv_image.h - what a paravirtual kernel says of itself in its "Xen" notes.
 */
#ifndef LIB_PV_IMAGE_H
#define LIB_PV_IMAGE_H

#include "lib/elf.h"

/* Feature bits a kernel may name (XENFEAT_*), as masks. */
#define PV_FEATURE(bit)            (1u << (bit))
#define PV_FEATURE_WRITABLE_PT     PV_FEATURE(0)
#define PV_FEATURE_AUTO_TRANSLATED PV_FEATURE(2)
#define PV_FEATURE_SUPERVISOR      PV_FEATURE(3)
#define PV_FEATURE_DOM0            PV_FEATURE(11)

struct pv_image {
    struct elf_image elf;

    uint64_t entry;          /* virtual; note ENTRY */
    uint64_t virt_base;      /* where paddr_offset stands in virtual space */
    uint64_t paddr_offset;   /* taken off each p_paddr */
    uint64_t hypercall_page; /* virtual; valid if has_hypercall_page */
    uint64_t init_p2m;       /* virtual; valid if has_init_p2m */
    uint64_t hv_start_low;   /* 0 if not given */
    uint64_t l1_mfn_mask, l1_mfn_value;
    bool has_hypercall_page;
    bool has_init_p2m;
    bool mod_start_pfn;  /* the initrd may stay unmapped */
    bool suspend_cancel; /* a cancelled suspend returns 1 */

    uint32_t required;  /* features it cannot do without */
    uint32_t supported; /* features it can use; required ones among them */
    bool has_supported; /* note SUPPORTED_FEATURES was there */

    uint64_t virt_start, virt_end; /* the loaded image, whole */
    char guest_os[16];
    char loader[16];
};

/*
 * Read the ELF and its notes. -EINVAL: *why says what is wrong;
 * -ENOEXEC: a sound ELF that is no paravirtual kernel.
 */
int pv_image_read(struct pv_image *pv, const void *data, size_t size,
                  const char **why);

/*
 * May it run as Dom0, or as DomU, on a hypervisor that offers these
 * features? Returns 0 or -EINVAL and *why.
 */
int pv_image_check(const struct pv_image *pv, bool dom0, uint32_t offered,
                   const char **why);

/* The virtual address at which a segment stands. */
static inline uint64_t pv_image_virt(const struct pv_image *pv, uint64_t paddr)
{
    return paddr - pv->paddr_offset + pv->virt_base;
}

#endif
