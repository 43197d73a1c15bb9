/* SPDX-License-Identifier: GPL-2.0 */
/*
 * grant.c - the books of the grants: entries, who uses them, who mapped what.
 * Keeps true: an entry's reading and writing bits are set exactly while it is
 * in use so; a frame in use through a grant stays its owner's and, if it may
 * be written to, writable memory; a mapping's handle is known to its maker
 * alone.
 * Locks: each table has two, never held together, and never two tables'.
 * Not here: the calls, and page tables (grant_op.c).
 */
#include "service/grant_private.h"

#include "core/printk.h"
#include "lib/errno.h"
#include "lib/string.h"
#include "mm/heap.h"
#include "mm/tlb.h"
#include "pv/pagetype.h"
#include "pv/pgtable.h"

#include "core/softirq.h"

#define DEFAULT_FRAMES     64
#define DEFAULT_MAP_FRAMES 1024
#define MOST_FRAMES        4096
#define MOST_MAP_FRAMES    16384
#define CAS_TRIES          8 /* a guest that keeps changing an entry loses */

static struct grant_entry_v1 *shared_entry(const struct grant_table *t,
                                           grant_ref_t ref)
{
    return &t->shared[ref / ENTRIES_A_FRAME][ref % ENTRIES_A_FRAME];
}

static struct active_entry *active_entry(const struct grant_table *t,
                                         grant_ref_t ref)
{
    return &t->active[ref / ENTRIES_A_FRAME][ref % ENTRIES_A_FRAME];
}

static bool ref_valid(const struct grant_table *t, grant_ref_t ref)
{
    return ref / ENTRIES_A_FRAME < t->nr_frames;
}

/* One more frame; the caller holds no lock, two may race. */
static int grow_one(struct domain *d, unsigned int at)
{
    struct grant_table *t = d->grants;
    struct active_entry *active;
    struct page *pg;

    active = kzalloc(ENTRIES_A_FRAME * sizeof(*active));
    pg = heap_alloc(0, 0, HEAP_ZERO);
    if (!active || !pg) {
        kfree(active);
        if (pg)
            heap_free(pg, 0);
        return -ENOMEM;
    }
    spin_lock(&t->lock);
    if (t->nr_frames != at || READ_ONCE(d->dying) != DOMAIN_ALIVE) {
        spin_unlock(&t->lock);
        kfree(active);
        heap_free(pg, 0);
        return READ_ONCE(d->dying) == DOMAIN_ALIVE ? 0 : -EINVAL;
    }
    page_share_with(pg, d, true);
    t->active[at] = active;
    t->shared[at] = page_to_virt(pg);
    t->nr_frames = at + 1;
    spin_unlock(&t->lock);
    return 0;
}

int grant_grow(struct domain *d, unsigned int nr)
{
    struct grant_table *t = d->grants;
    unsigned int at;
    int rc;

    if (!t || nr > t->max_frames)
        return -EINVAL;
    while ((at = READ_ONCE(t->nr_frames)) < nr) {
        rc = grow_one(d, at);
        if (rc)
            return rc;
    }
    return 0;
}

int grant_frame_get(struct domain *d, uint64_t n, uint64_t *mfn)
{
    struct grant_table *t = d->grants;
    int rc;

    if (!t || n >= t->max_frames)
        return -EINVAL;
    rc = grant_grow(d, (unsigned int)n + 1);
    if (rc)
        return rc;
    spin_lock(&t->lock);
    if (n < t->nr_frames)
        *mfn = virt_to_mfn(t->shared[n]);
    else
        rc = -EINVAL;
    spin_unlock(&t->lock);
    return rc;
}

unsigned int grant_frames_max(const struct domain *d)
{
    return d->grants ? d->grants->max_frames : 0;
}

unsigned int grant_mappings(const struct domain *d)
{
    return d->grants ? d->grants->nr_maps : 0;
}

int grant_seed(struct domain *d, grant_ref_t ref, domid_t to, mfn_t mfn)
{
    struct grant_table *t = d->grants;
    struct grant_entry_v1 *e;
    int rc = grant_grow(d, (unsigned int)(ref / ENTRIES_A_FRAME) + 1);

    if (rc)
        return rc;
    spin_lock(&t->lock);
    e = shared_entry(t, ref);
    e->domid = to;
    e->frame = (uint32_t)mfn;
    smp_wmb();
    e->flags = GTF_permit_access;
    spin_unlock(&t->lock);
    return 0;
}

/* Say in the guest's entry that it is in use, if it allows that. */
static int entry_mark_locked(struct grant_entry_v1 *e, domid_t by, bool readonly)
{
    uint32_t *word = (uint32_t *)e; /* flags below, domid above */

    for (unsigned int i = 0; i < CAS_TRIES; i++) {
        uint32_t w = READ_ONCE(*word);

        if ((w & GTF_type_mask) != GTF_permit_access ||
            w & (GTF_sub_page) || (domid_t)(w >> 16) != by)
            return GNTST_general_error;
        if (!readonly && w & GTF_readonly)
            return GNTST_general_error;
        if (cas32(word, w,
                  w | GTF_reading | (readonly ? 0 : (uint32_t)GTF_writing)))
            return GNTST_okay;
    }
    return GNTST_general_error;
}

static void entry_unmark_locked(struct grant_entry_v1 *e, uint16_t bits)
{
    __atomic_fetch_and(&e->flags, (uint16_t)~bits, __ATOMIC_SEQ_CST);
}

/* What the books hold of a frame: with the first use, with the first writer. */
static int frame_hold_locked(struct domain *rd, struct active_entry *a,
                             bool readonly)
{
    struct page *pg;

    if (!mfn_valid(a->mfn))
        return GNTST_bad_page;
    pg = mfn_to_page(a->mfn);
    /* Frames of ours outlive no domain, so they can't be granted on. */
    if (READ_ONCE(pg->count) & PGC_HYP)
        return GNTST_bad_page;
    if (!a->uses && !page_get(pg, rd))
        return GNTST_bad_page;
    if (!readonly && !a->writers && page_get_type(pg, PGT_WRITABLE, false)) {
        if (!a->uses)
            page_put(pg);
        return GNTST_general_error;
    }
    a->uses++;
    a->writers += !readonly;
    return GNTST_okay;
}

static int entry_acquire_locked(struct domain *rd, grant_ref_t ref, domid_t by,
                                bool readonly)
{
    struct grant_table *t = rd->grants;
    struct active_entry *a = active_entry(t, ref);
    struct grant_entry_v1 *e = shared_entry(t, ref);
    uint16_t undo;
    int rc;

    if (a->uses && a->domid != by)
        return GNTST_general_error;
    if (a->uses == ~0u)
        return GNTST_no_space;

    if (!a->uses || (!readonly && !a->writers)) {
        rc = entry_mark_locked(e, by, readonly);
        if (rc)
            return rc;
    }
    if (!a->uses) {
        a->domid = by;
        a->mfn = READ_ONCE(e->frame);
    }
    rc = frame_hold_locked(rd, a, readonly);
    if (rc) {
        undo = (uint16_t)((a->uses ? 0 : GTF_reading) |
                          (a->writers ? 0 : GTF_writing));
        entry_unmark_locked(e, undo);
    }
    return rc;
}

int entry_acquire(struct domain *rd, grant_ref_t ref, domid_t by, bool readonly,
                  uint64_t *mfn)
{
    struct grant_table *t = rd->grants;
    int rc;

    if (!t)
        return GNTST_bad_domain;
    spin_lock(&t->lock);
    if (READ_ONCE(rd->dying) != DOMAIN_ALIVE)
        rc = GNTST_bad_domain;
    else if (!ref_valid(t, ref))
        rc = GNTST_bad_gntref;
    else
        rc = entry_acquire_locked(rd, ref, by, readonly);
    if (!rc)
        *mfn = active_entry(t, ref)->mfn;
    spin_unlock(&t->lock);
    return rc;
}

void entry_release(struct domain *rd, grant_ref_t ref, bool readonly)
{
    struct grant_table *t = rd->grants;
    struct active_entry *a = active_entry(t, ref);
    struct page *pg;
    uint16_t bits = 0;
    bool last;

    spin_lock(&t->lock);
    pg = mfn_to_page(a->mfn);
    a->uses--;
    if (!readonly && --a->writers == 0) {
        page_put_type(pg);
        bits |= GTF_writing;
    }
    last = a->uses == 0;
    if (last)
        bits |= GTF_reading;
    /* The table itself is gone first when its domain dies. */
    if (bits && ref_valid(t, ref))
        entry_unmark_locked(shared_entry(t, ref), bits);
    spin_unlock(&t->lock);
    if (last)
        page_put(pg);
}

static struct mapping *map_at(const struct grant_table *t, uint32_t handle)
{
    return handle / MAPS_A_FRAME < t->nr_map_frames
               ? &t->maps[handle / MAPS_A_FRAME][handle % MAPS_A_FRAME]
               : NULL;
}

static bool more_maps_locked(struct grant_table *t)
{
    uint32_t first = t->nr_map_frames * (uint32_t)MAPS_A_FRAME;
    struct mapping *m;

    if (t->nr_map_frames >= t->max_map_frames)
        return false;
    m = heap_page();
    if (!m)
        return false;
    for (uint32_t i = 0; i < MAPS_A_FRAME; i++)
        m[i].ref = i + 1 < MAPS_A_FRAME ? first + i + 1 : t->free_map;
    t->maps[t->nr_map_frames++] = m;
    t->free_map = first;
    return true;
}

uint32_t mapping_new(struct domain *d)
{
    struct grant_table *t = d->grants;
    uint32_t handle = MAP_END;

    spin_lock(&t->map_lock);
    if (t->free_map != MAP_END || more_maps_locked(t)) {
        struct mapping *m;

        handle = t->free_map;
        m = map_at(t, handle);
        t->free_map = m->ref;
        m->flags = MAPPING_BUSY;
        t->nr_maps++;
    }
    spin_unlock(&t->map_lock);
    return handle;
}

void mapping_set(struct domain *d, uint32_t handle, const struct mapping *m)
{
    struct grant_table *t = d->grants;

    spin_lock(&t->map_lock);
    *map_at(t, handle) = *m;
    spin_unlock(&t->map_lock);
}

bool mapping_begin(struct domain *d, uint32_t handle, struct mapping *out)
{
    struct grant_table *t = d->grants;
    struct mapping *m;
    bool ok;

    spin_lock(&t->map_lock);
    m = map_at(t, handle);
    ok = m && m->flags && !(m->flags & MAPPING_BUSY);
    if (ok) {
        *out = *m;
        m->flags |= MAPPING_BUSY;
    }
    spin_unlock(&t->map_lock);
    return ok;
}

void mapping_end(struct domain *d, uint32_t handle, uint16_t flags)
{
    struct grant_table *t = d->grants;
    struct mapping *m;

    spin_lock(&t->map_lock);
    m = map_at(t, handle);
    if (flags & (MAPPING_HOST | MAPPING_DEVICE)) {
        m->flags = flags;
    } else {
        m->flags = 0;
        m->ref = t->free_map;
        t->free_map = handle;
        t->nr_maps--;
    }
    spin_unlock(&t->map_lock);
}

static unsigned int limit_of(int32_t asked, unsigned int normal,
                             unsigned int most)
{
    return asked < 0 ? normal : MIN((unsigned int)asked, most);
}

static int grant_create(struct domain *d, const struct domain_config *cfg)
{
    struct grant_table *t = kzalloc(sizeof(*t));

    if (!t)
        return -ENOMEM;
    spin_lock_init(&t->lock, RANK_GRANT);
    spin_lock_init(&t->map_lock, RANK_GRANT);
    t->max_frames = limit_of(cfg->max_grant_frames, DEFAULT_FRAMES, MOST_FRAMES);
    t->max_map_frames = limit_of(cfg->max_maptrack_frames, DEFAULT_MAP_FRAMES,
                                 MOST_MAP_FRAMES);
    t->free_map = MAP_END;
    t->shared = kzalloc((t->max_frames + 1) * sizeof(*t->shared));
    t->active = kzalloc((t->max_frames + 1) * sizeof(*t->active));
    t->maps = kzalloc((t->max_map_frames + 1) * sizeof(*t->maps));
    if (!t->shared || !t->active || !t->maps) {
        kfree(t->shared);
        kfree(t->active);
        kfree(t->maps);
        kfree(t);
        return -ENOMEM;
    }
    d->grants = t;
    return 0;
}

/* d is dying: give up one of its mappings. Its page tables still map the
 * frame, by references of their own, but none of its vcpus runs. */
static void mapping_abandon(struct domain *d, uint32_t handle)
{
    struct mapping m;
    struct domain *rd;
    bool readonly;

    if (!mapping_begin(d, handle, &m))
        return;
    rd = page_owner(mfn_to_page(m.mfn));
    readonly = m.flags & MAPPING_READONLY;
    if (m.flags & MAPPING_HOST)
        entry_release(rd, m.ref, readonly);
    if (m.flags & MAPPING_DEVICE)
        entry_release(rd, m.ref, readonly);
    mapping_end(d, handle, 0);
}

/* The table goes from d's sight; what others hold of it goes when they do. */
static void frames_unshare(struct grant_table *t)
{
    unsigned int n;

    spin_lock(&t->lock);
    n = t->nr_frames;
    t->nr_frames = 0;
    spin_unlock(&t->lock);

    while (n-- > 0) {
        struct page *pg = virt_to_page(t->shared[n]);

        t->shared[n] = NULL;
        if (page_unshare(pg))
            heap_free(pg, 0);
    }
}

static int grant_teardown(struct domain *d)
{
    struct grant_table *t = d->grants;

    if (!t)
        return 0;
    if (!t->torn_down && t->nr_maps)
        tlb_flush(&d->dirty_cpus);
    while (t->torn_down < t->nr_map_frames * MAPS_A_FRAME) {
        mapping_abandon(d, t->torn_down++);
        if (preempt_wanted())
            return -ERESTART;
    }
    frames_unshare(t);
    return 0;
}

static void grant_destroy(struct domain *d)
{
    struct grant_table *t = d->grants;

    if (!t)
        return;
    d->grants = NULL;
    for (unsigned int i = 0; i < t->max_frames; i++)
        kfree(t->active[i]);
    for (unsigned int i = 0; i < t->nr_map_frames; i++)
        heap_page_free(t->maps[i]);
    kfree(t->shared);
    kfree(t->active);
    kfree(t->maps);
    kfree(t);
}

static void grant_dump(struct domain *d)
{
    struct grant_table *t = d->grants;
    unsigned int used = 0;

    if (!t)
        return;
    spin_lock(&t->lock);
    for (grant_ref_t r = 0; ref_valid(t, r); r++)
        used += active_entry(t, r)->uses != 0;
    spin_unlock(&t->lock);
    printk("d%d: grants: %u of %u frames, %u entries in use, %u mapped\n",
           d->id, t->nr_frames, t->max_frames, used, t->nr_maps);
}

const struct domain_part grant_part = {
    .name = "grants",
    .create = grant_create,
    .teardown = grant_teardown,
    .destroy = grant_destroy,
    .dump = grant_dump,
};
