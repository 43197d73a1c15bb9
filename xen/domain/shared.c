/* SPDX-License-Identifier: GPL-2.0 */
/*
 * shared.c - the shared page and vcpu info, wherever the guest put them.
 * Keeps true: v->info always points to memory that stays mapped for us; a
 * registered frame is held by a reference and a writable use until the domain
 * is killed, and stays mapped until nobody knows v: an event that comes
 * meanwhile may go there.
 */
#include "domain/shared.h"

#include "lib/errno.h"
#include "lib/string.h"
#include "mm/directmap.h"
#include "mm/heap.h"
#include "pv/pagetype.h"
#include "service/evtchn.h"

int shared_create(struct domain *d, const struct domain_config *cfg)
{
    (void)cfg;
    d->shared = heap_page();
    if (!d->shared)
        return -ENOMEM;
    d->shared_mfn = virt_to_mfn(d->shared);
    for (unsigned int i = 0; i < XEN_LEGACY_MAX_VCPUS; i++)
        d->shared->vcpu_info[i].evtchn_upcall_mask = 1;
    d->nowhere.evtchn_upcall_mask = 1;
    page_share_with(virt_to_page(d->shared), d, true);
    return 0;
}

void shared_destroy(struct domain *d)
{
    if (d->shared && page_unshare(virt_to_page(d->shared)))
        heap_page_free(d->shared);
    d->shared = NULL;
}

struct vcpu_info *shared_vcpu_info_default(struct vcpu *v)
{
    if (v->id < XEN_LEGACY_MAX_VCPUS)
        return &v->domain->shared->vcpu_info[v->id];
    return &v->domain->nowhere;
}

static int register_locked(struct vcpu *v, mfn_t mfn, uint32_t offset)
{
    struct vcpu_info *old = v->info, *new_info;

    if (v->info_mfn != INVALID_MFN ||
        page_get_and_type(mfn_to_page(mfn), v->domain, PGT_WRITABLE))
        return -EINVAL;
    new_info = frame_keep(mfn);
    if (!new_info) {
        page_put_and_type(mfn_to_page(mfn));
        return -ENOMEM;
    }
    v->info_frame = new_info;
    new_info = (void *)((char *)new_info + offset);
    if (old == &v->domain->nowhere) {
        memset(new_info, 0, sizeof(*new_info));
        new_info->evtchn_upcall_mask = 1;
    } else {
        memcpy(new_info, old, sizeof(*new_info));
    }
    WRITE_ONCE(v->info, new_info);
    v->info_mfn = mfn;
    return 0;
}

/* Under the domain's lock, for two vcpus may register a third at once. */
int shared_vcpu_info_register(struct vcpu *v, mfn_t mfn, uint32_t offset)
{
    int rc;

    if (offset % 8 || offset > PAGE_SIZE - sizeof(struct vcpu_info) ||
        !mfn_valid(mfn))
        return -EINVAL;
    spin_lock(&v->domain->lock);
    rc = register_locked(v, mfn, offset);
    spin_unlock(&v->domain->lock);
    if (rc)
        return rc;
    /* An event that came while we copied went to the old place. */
    smp_mb();
    evtchn_vcpu_info_moved(v);
    return 0;
}

void shared_vcpu_info_drop(struct vcpu *v)
{
    mfn_t mfn = v->info_mfn;

    if (mfn == INVALID_MFN)
        return;
    v->info = &v->domain->nowhere;
    v->info_mfn = INVALID_MFN;
    page_put_and_type(mfn_to_page(mfn));
}

void shared_vcpu_destroy(struct vcpu *v)
{
    if (v->info_frame)
        frame_unkeep(v->info_frame);
    v->info_frame = NULL;
}
