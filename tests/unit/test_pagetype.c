/* SPDX-License-Identifier: GPL-2.0 */
/*
 * test_pagetype.c - the page-type machine under random hypercalls.
 * The model knows pins, roots and what stands in memory, and works out from
 * these alone what every frame must be and how often it is used; a second
 * model remembers what each CPU may have cached. Run it with a seed as the
 * argument to repeat a run, and a number of operations as the second.
 */
#include "unit.h"

#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "machine.h"

#define NR_DOMAINS  2
#define NR_VCPUS    2
#define OWN_FRAMES  20 /* of each domain */
#define NR_PLACES   5

/* Entries are only ever written here: enough to build any shape. */
static const unsigned int places[NR_PLACES] = {0, 1, 200, 264, 511};

static struct domain doms[NR_DOMAINS];
static struct vcpu vcpus[NR_DOMAINS][NR_VCPUS];
static struct vcpu *vcpu_table[NR_DOMAINS][NR_VCPUS];
static __thread uint64_t rng;
static __thread unsigned int preempt_odds; /* of 256 */
static __thread struct {
    bool wanted;
    uint64_t a[4];
} resume;

static uint64_t rnd(uint64_t n)
{
    return unit_random(&rng) % n;
}

struct domain *domain_find(domid_t id)
{
    if (id >= NR_DOMAINS)
        return NULL;
    domain_ref(&doms[id]);
    return &doms[id];
}

long hypercall_resume(struct vcpu *v, unsigned int nr, uint64_t a1, uint64_t a2,
                      uint64_t a3, uint64_t a4)
{
    (void)v;
    (void)nr;
    resume.wanted = true;
    resume.a[0] = a1;
    resume.a[1] = a2;
    resume.a[2] = a3;
    resume.a[3] = a4;
    return 0;
}

void m2p_set(mfn_t mfn, uint64_t pfn)
{
    (void)mfn;
    (void)pfn;
}

/* Fit for descriptors: so says the first word. */
bool descriptors_validate(mfn_t mfn)
{
    return !(fake_memory(mfn)[0] & PTE_P);
}

/* Something else is due, now and then. */
static void preempt_roll(struct cpu *c)
{
    c->softirq_pending = preempt_odds && rnd(256) < preempt_odds;
}

/* --- what must be so, worked out from tables alone --- */

struct tally {
    unsigned int refs, uses[8];
};

static void tally_entry(struct tally *t, unsigned int level, pte_t e)
{
    mfn_t mfn = pte_mfn(e);

    if (!(e & PTE_P) || !mfn_valid(mfn))
        return;
    t[mfn].refs++;
    if (level > 1)
        t[mfn].uses[level - 1]++;
    else if (e & PTE_W)
        t[mfn].uses[7]++;
}

/* A table that holds its entries below `done`. */
static void tally_table(struct tally *t, mfn_t mfn, unsigned int level,
                        unsigned int done)
{
    for (unsigned int i = 0; i < NR_PLACES; i++)
        if (places[i] < done && !(level == 4 && places[i] == 264))
            tally_entry(t, level, fake_memory(mfn)[places[i]]);
}

/* The second domain was never given another's frame to write to. */
static void check_foreign(mfn_t mfn)
{
    const struct page *pg = &fake_frame_table[mfn];

    if (pg->owner != 1 || !page_is(pg, PGT_L1))
        return;
    for (unsigned int i = 0; i < NR_PLACES; i++) {
        pte_t e = fake_memory(mfn)[places[i]];

        if ((e & (PTE_P | PTE_W)) == (PTE_P | PTE_W))
            CHECK_EQ(fake_frame_table[pte_mfn(e)].owner, 1);
    }
}

static void tally_frame(struct tally *t, mfn_t mfn)
{
    const struct page *pg = &fake_frame_table[mfn];
    unsigned int level = kind_level(pg->type & PGT_KIND);
    unsigned int done = (pg->type & PGT_DONE) >> PGT_DONE_SHIFT;

    CHECK(!(pg->type & PGT_BUSY));
    if (pg->count & PGC_ALLOCATED)
        t[mfn].refs++;
    if (pg->type & PGT_PINNED) {
        t[mfn].refs++;
        t[mfn].uses[level]++;
    }
    if (pg->type & PGT_PARTIAL) {
        CHECK(!(pg->type & PGT_COUNT));
        t[mfn].refs++;
    }
    if (level >= 1 && level <= 4 && pg->type & PGT_VALIDATED) {
        CHECK(pg->type & PGT_COUNT);
        tally_table(t, mfn, level, 512);
    } else if (pg->type & PGT_PARTIAL) {
        tally_table(t, mfn, level, done);
    }
}

static void tally_vcpu(struct tally *t, const struct vcpu *v)
{
    mfn_t roots[2] = {v->root_kernel, v->root_user};

    for (unsigned int i = 0; i < 2; i++) {
        if (!roots[i])
            continue;
        t[roots[i]].refs++;
        t[roots[i]].uses[4]++;
    }
    for (unsigned int i = 0; i < ARRAY_SIZE(v->drop_later); i++)
        if (v->drop_later[i])
            t[page_to_mfn(v->drop_later[i])].refs++;
}

static void check_frame(const struct tally *t, mfn_t mfn)
{
    const struct page *pg = &fake_frame_table[mfn];
    unsigned int kind = kind_level(pg->type & PGT_KIND);

    CHECK_EQ(pg->count & PGC_COUNT, t[mfn].refs);
    CHECK_EQ(pg->type & PGT_COUNT, t[mfn].uses[kind]);
    for (unsigned int k = 0; k < 8; k++)
        if (k != kind)
            CHECK_EQ(t[mfn].uses[k], 0); /* the invariant itself */
    if (!t[mfn].refs)
        CHECK(pg->flags & PGF_FREE);
}

static void check_all(void)
{
    struct tally t[FAKE_FRAMES] = {{0, {0}}};
    unsigned int owned[NR_DOMAINS] = {0};

    for (mfn_t m = 1; m < FAKE_FRAMES; m++)
        tally_frame(t, m);
    for (unsigned int d = 0; d < NR_DOMAINS; d++)
        for (unsigned int i = 0; i < NR_VCPUS; i++)
            tally_vcpu(t, &vcpus[d][i]);
    for (mfn_t m = 1; m < FAKE_FRAMES; m++) {
        check_frame(t, m);
        check_foreign(m);
        if (fake_frame_table[m].owner < NR_DOMAINS)
            owned[fake_frame_table[m].owner]++;
    }
    for (unsigned int d = 0; d < NR_DOMAINS; d++)
        CHECK_EQ(doms[d].tot_pages, owned[d]);
}

/* --- what a CPU may remember --- */

static bool cached_write[FAKE_CPUS][FAKE_FRAMES];
static bool cached_table[FAKE_CPUS][FAKE_FRAMES];

static void forget(unsigned int cpu)
{
    memset(cached_write[cpu], 0, sizeof(cached_write[cpu]));
    memset(cached_table[cpu], 0, sizeof(cached_table[cpu]));
}

static void remember(unsigned int cpu, mfn_t table, unsigned int level)
{
    cached_table[cpu][table] = true;
    for (unsigned int i = 0; i < NR_PLACES; i++) {
        pte_t e = fake_memory(table)[places[i]];

        if (!(e & PTE_P) || (level == 4 && places[i] == 264) ||
            !mfn_valid(pte_mfn(e)))
            continue;
        if (level > 1)
            remember(cpu, pte_mfn(e), level - 1);
        else if (e & PTE_W)
            cached_write[cpu][pte_mfn(e)] = true;
    }
}

/* The worst CPU there is: it has looked at all that it can reach. */
static void remember_all(void)
{
    for (unsigned int c = 0; c < FAKE_CPUS; c++) {
        struct vcpu *v = fake_cpus[c].curr;

        if (v && v->root_kernel)
            remember(c, v->root_kernel, 4);
    }
}

static void check_caches(void)
{
    for (unsigned int c = 0; c < FAKE_CPUS; c++) {
        for (mfn_t m = 1; m < FAKE_FRAMES; m++) {
            uint64_t t = fake_frame_table[m].type;
            bool used = t & (PGT_COUNT | PGT_PARTIAL);

            if (cached_write[c][m] && used)
                CHECK(!kind_is_table(t & PGT_KIND));
            if (cached_table[c][m] && used)
                CHECK((t & PGT_KIND) != PGT_WRITABLE);
        }
    }
}

/* --- would it be allowed? Answers of the model, when nothing is half done --- */

static bool any_partial(void)
{
    for (mfn_t m = 1; m < FAKE_FRAMES; m++)
        if (fake_frame_table[m].type & PGT_PARTIAL)
            return true;
    return false;
}

/* May frame m of domain d become (or is it) kind k, given what it is now?
 * want[] is what was promised so far in this question. */
static bool may_be(mfn_t m, unsigned int d, unsigned int k, uint8_t *want);

static bool entry_ok(pte_t e, unsigned int level, unsigned int d, uint8_t *want)
{
    if (!(e & PTE_P))
        return true;
    if (e & (PTE_ADDR & ~((1UL << 40) - 1)) || (level > 1 && e & PTE_PSE))
        return false;
    if (!mfn_valid(pte_mfn(e)))
        return false; /* no device frames here */
    if (level > 1)
        return may_be(pte_mfn(e), d, level - 1, want);
    if (fake_frame_table[pte_mfn(e)].owner != d)
        return false;
    return !(e & PTE_W) || may_be(pte_mfn(e), d, 7, want);
}

static bool may_be(mfn_t m, unsigned int d, unsigned int k, uint8_t *want)
{
    struct page *pg = mfn_valid(m) ? &fake_frame_table[m] : NULL;

    if (!pg || pg->owner != d)
        return false;
    if (want[m])
        return want[m] == k;
    want[m] = (uint8_t)k;
    if (pg->type & PGT_COUNT)
        return kind_level(pg->type & PGT_KIND) == k;
    if (k == 7)
        return true;
    if (k == 5)
        return descriptors_validate(m);
    for (unsigned int i = 0; i < NR_PLACES; i++) {
        if (k == 4 && places[i] == 264)
            continue;
        if (!entry_ok(fake_memory(m)[places[i]], k, d, want))
            return false;
    }
    return true;
}

static bool model_pin(mfn_t m, unsigned int d, unsigned int level)
{
    uint8_t want[FAKE_FRAMES] = {0};

    return mfn_valid(m) && !(fake_frame_table[m].type & PGT_PINNED) &&
           may_be(m, d, level, want);
}

/* --- operations --- */

static mfn_t random_frame(void)
{
    return rnd(50) ? 1 + rnd(FAKE_FRAMES - 1) : rnd(FAKE_FRAMES * 2);
}

static mfn_t frame_of_domain(unsigned int d)
{
    for (unsigned int i = 0; i < 8; i++) {
        mfn_t m = 1 + rnd(FAKE_FRAMES - 1);

        if (fake_frame_table[m].owner == d)
            return m;
    }
    return random_frame();
}

static pte_t random_entry(unsigned int d)
{
    uint64_t flags = rnd(8) ? PTE_P : 0;

    flags |= rnd(3) ? 0 : PTE_W;
    flags |= rnd(2) ? PTE_U : 0;
    flags |= rnd(4) ? 0 : PTE_A | PTE_D;
    flags |= rnd(8) ? 0 : PTE_G;
    flags |= rnd(40) ? 0 : PTE_PSE;
    flags |= rnd(60) ? 0 : 1UL << 45;
    flags |= rnd(16) ? 0 : PTE_NX;
    if (!rnd(4))
        return 0;
    return pte_make(rnd(12) ? frame_of_domain(d) : random_frame(), flags);
}

static long call_mmu_update(uint64_t reqs, uint64_t count, uint64_t dom)
{
    uint32_t done = 0;
    uint64_t a[4] = {reqs, count, (uint64_t)&done, dom};
    long rc;

    do {
        resume.wanted = false;
        rc = do_mmu_update(a[0], a[1], a[2], a[3]);
        memcpy(a, resume.a, sizeof(a));
    } while (resume.wanted);
    if (!rc)
        CHECK_EQ(done, count);
    return rc;
}

static long call_ext(struct mmuext_op *op, uint64_t dom)
{
    uint64_t a[4] = {(uint64_t)op, 1, 0, dom};
    long rc;

    do {
        resume.wanted = false;
        rc = do_mmuext_op(a[0], a[1], a[2], a[3]);
        memcpy(a, resume.a, sizeof(a));
    } while (resume.wanted);
    return rc;
}

/* Who asks, and about whom: the first domain may handle the second's. */
static unsigned int target_of(const struct vcpu *v)
{
    return v->domain->id == 0 && !rnd(6) ? 1 : v->domain->id;
}

static void do_pin(struct vcpu *v, bool exact)
{
    unsigned int d = target_of(v), level = 1 + (unsigned int)rnd(4);
    mfn_t m = frame_of_domain(d);
    struct mmuext_op op = {.cmd = MMUEXT_PIN_L1_TABLE + level - 1,
                           .arg1.mfn = m};
    bool expect = exact && model_pin(m, d, level);
    long rc = call_ext(&op, d);

    if (exact)
        CHECK_EQ(rc == 0, expect);
}

static void do_unpin(struct vcpu *v)
{
    unsigned int d = target_of(v);
    struct mmuext_op op = {.cmd = MMUEXT_UNPIN_TABLE,
                           .arg1.mfn = frame_of_domain(d)};

    call_ext(&op, d);
}

static void do_root(struct vcpu *v, bool exact)
{
    bool user = !rnd(3);
    mfn_t m = user && !rnd(3) ? 0 : frame_of_domain(v->domain->id);
    struct mmuext_op op = {
        .cmd = user ? MMUEXT_NEW_USER_BASEPTR : MMUEXT_NEW_BASEPTR,
        .arg1.mfn = m};
    uint8_t want[FAKE_FRAMES] = {0};
    bool expect = exact && (!m || may_be(m, v->domain->id, 4, want));
    long rc = call_ext(&op, DOMID_SELF);

    if (exact && (m || user))
        CHECK_EQ(rc == 0, expect);
}

/* A frame in use as a table, if luck has it. */
static mfn_t table_of_domain(unsigned int d)
{
    mfn_t m = 0;

    for (unsigned int i = 0; i < 6; i++) {
        m = frame_of_domain(d);
        if (mfn_valid(m) &&
            kind_is_table(page_kind(&fake_frame_table[m])) &&
            fake_frame_table[m].type & PGT_VALIDATED)
            break;
    }
    return m;
}

/* Another right, nothing else, for an entry that is there. */
static void do_rights(struct vcpu *v)
{
    mfn_t m = table_of_domain(v->domain->id);
    struct mmu_update u;
    unsigned int place = places[rnd(NR_PLACES)];

    if (!mfn_valid(m))
        return;
    u.ptr = m << PAGE_SHIFT | place * 8;
    u.val = fake_memory(m)[place] ^ (rnd(2) ? PTE_W : PTE_AVL);
    call_mmu_update((uint64_t)&u, 1, DOMID_SELF);
}

/* Updates of table entries, in one call; some of another domain's frames. */
static void do_updates(struct vcpu *v)
{
    struct mmu_update u[8];
    unsigned int n = 1 + (unsigned int)rnd(8), d = v->domain->id, from = d;
    mfn_t table = table_of_domain(d);

    if (d == 0 && !rnd(5))
        from = 1;
    for (unsigned int i = 0; i < n; i++) {
        if (!rnd(3))
            table = table_of_domain(d);
        u[i].ptr = table << PAGE_SHIFT | places[rnd(NR_PLACES)] * 8 |
                   (rnd(4) ? MMU_NORMAL_PT_UPDATE : MMU_PT_UPDATE_PRESERVE_AD);
        u[i].val = random_entry(from);
    }
    call_mmu_update((uint64_t)u, n, from == d ? DOMID_SELF : from);
}

/* The guest writes to memory that is just memory. */
static void do_poke(struct vcpu *v)
{
    mfn_t m = frame_of_domain(v->domain->id);
    struct page *pg;

    if (!mfn_valid(m))
        return;
    pg = &fake_frame_table[m];
    if (page_get_and_type(pg, v->domain, PGT_WRITABLE))
        return;
    for (unsigned int i = 1 + (unsigned int)rnd(3); i-- > 0;)
        fake_memory(m)[places[rnd(NR_PLACES)]] =
            random_entry(v->domain->id);
    page_put_and_type(pg);
}

/* A frame laid out as a table of frames that can be lower tables. */
static void do_lay_out(struct vcpu *v)
{
    mfn_t m = frame_of_domain(v->domain->id);
    struct page *pg;

    if (!mfn_valid(m))
        return;
    pg = &fake_frame_table[m];
    if (page_get_and_type(pg, v->domain, PGT_WRITABLE))
        return;
    for (unsigned int i = 0; i < NR_PLACES; i++)
        fake_memory(m)[places[i]] =
            rnd(2) ? 0 : pte_make(frame_of_domain(v->domain->id), PTE_P);
    page_put_and_type(pg);
}

static bool fill(struct vcpu *v, mfn_t m, mfn_t below, uint64_t flags)
{
    struct page *pg = mfn_valid(m) ? &fake_frame_table[m] : NULL;

    if (!pg || page_get_and_type(pg, v->domain, PGT_WRITABLE))
        return false;
    for (unsigned int i = 0; i < NR_PLACES; i++)
        fake_memory(m)[places[i]] = 0;
    fake_memory(m)[places[rnd(3)]] = pte_make(below, flags);
    fake_memory(m)[places[4]] =
        below && flags & PTE_W
            ? pte_make(frame_of_domain(v->domain->id), PTE_P | PTE_W)
            : 0;
    page_put_and_type(pg);
    return true;
}

/* A whole tree with writable leaves, and into use with it. */
static void do_build(struct vcpu *v)
{
    struct mmuext_op op = {.cmd = MMUEXT_NEW_BASEPTR};
    mfn_t below = frame_of_domain(v->domain->id);

    for (unsigned int level = 1; level <= 4; level++) {
        mfn_t m = frame_of_domain(v->domain->id);

        if (!fill(v, m, below, level == 1 ? PTE_P | PTE_W : PTE_P))
            return;
        below = m;
    }
    op.arg1.mfn = below;
    call_ext(&op, DOMID_SELF);
}

/* An entry for the other domain's frame, as a grant for reading makes it. */
static void do_grant(struct vcpu *v)
{
    struct domain *other = &doms[!v->domain->id];
    mfn_t m = frame_of_domain(v->domain->id);
    pte_t e = pte_make(frame_of_domain(other->id), PTE_P | PTE_U);

    if (!mfn_valid(m) || l1e_take(e, v->domain, other))
        return;
    if (pte_install(v, e, m << PAGE_SHIFT | places[rnd(NR_PLACES)] * 8, true))
        l1e_drop(e);
}

/* A table of level 1 that v's root leads to, 0: none. */
static mfn_t leaf_table(const struct vcpu *v)
{
    mfn_t m = v->root_kernel;

    for (unsigned int level = 4; m && level > 1; level--) {
        pte_t e = 0;

        for (unsigned int i = 0; i < NR_PLACES && !(e & PTE_P); i++)
            if (level < 4 || places[i] != 264)
                e = fake_memory(m)[places[i]];
        m = e & PTE_P ? pte_mfn(e) : 0;
    }
    return m;
}

/*
 * The first domain maps a frame of the second's for writing, lets go of it
 * without a flush, and its owner makes a table of it at once. Chance alone
 * does the three in a row too seldom. On one CPU at a time only.
 */
static void do_foreign(struct vcpu *v)
{
    mfn_t table = leaf_table(v), m = frame_of_domain(1);
    struct mmuext_op pin = {.cmd = MMUEXT_PIN_L1_TABLE, .arg1.mfn = m};
    struct mmu_update u = {table << PAGE_SHIFT | places[rnd(3)] * 8,
                           pte_make(m, PTE_P | PTE_W | PTE_U)};
    struct vcpu *owner = &vcpus[1][rnd(NR_VCPUS)];

    if (v->domain->id || !table || !fake_on_flush ||
        call_mmu_update((uint64_t)&u, 1, 1))
        return;
    remember_all();
    u.val = 0;
    call_mmu_update((uint64_t)&u, 1, DOMID_SELF);
    fake_cpu = &fake_cpus[owner->cpu];
    if (page_get_and_type(&fake_frame_table[m], owner->domain, PGT_WRITABLE))
        return;
    for (unsigned int i = 0; i < NR_PLACES; i++)
        fake_memory(m)[places[i]] = 0;
    page_put_and_type(&fake_frame_table[m]);
    call_ext(&pin, DOMID_SELF);
}

static void do_seg(struct vcpu *v)
{
    mfn_t m = frame_of_domain(v->domain->id);

    if (mfn_valid(m) &&
        !page_get_and_type(&fake_frame_table[m], v->domain, PGT_SEG))
        page_put_and_type(&fake_frame_table[m]);
}

/* Balloon: a frame back, a frame new. */
static void do_balloon(struct vcpu *v)
{
    struct domain *d = v->domain;
    mfn_t m = frame_of_domain(d->id);
    struct page *pg = &fake_frame_table[mfn_valid(m) ? m : 1];

    if (rnd(2)) {
        if (d->tot_pages < OWN_FRAMES)
            (void)domain_alloc_pages(d, 0, 0, 0);
        return;
    }
    if (!page_get(pg, d))
        return;
    if (rnd(2)) {
        page_drop_allocated(pg);
        page_put(pg);
    } else if (page_steal(d, pg)) {
        page_put(pg);
    } else {
        heap_free(pg, 0);
    }
}

static void step(struct vcpu *v, bool exact)
{
    switch (rnd(21)) {
    case 0 ... 2:
        do_pin(v, exact);
        break;
    case 3:
    case 4:
        do_unpin(v);
        break;
    case 5:
        do_root(v, exact);
        break;
    case 6 ... 10:
        do_updates(v);
        break;
    case 11:
    case 12:
        do_poke(v);
        break;
    case 13:
        do_lay_out(v);
        break;
    case 14:
        do_seg(v);
        break;
    case 15:
    case 16:
        do_build(v);
        break;
    case 17:
        do_grant(v);
        break;
    case 18:
        do_rights(v);
        break;
    case 19:
        do_foreign(v);
        break;
    default:
        do_balloon(v);
    }
}

static void set_up(void)
{
    fake_machine_init();
    fake_on_look = preempt_roll;
    for (unsigned int i = 0; i < NR_DOMAINS; i++) {
        struct domain *d = &doms[i];

        memset(d, 0, sizeof(*d));
        d->id = (domid_t)i;
        d->privileged = i == 0;
        d->max_vcpus = NR_VCPUS;
        d->vcpu = vcpu_table[i];
        d->max_pages = OWN_FRAMES;
        d->page_head = PAGE_LINK_END;
        d->perdomain_l3_mfn = 0;
        spin_lock_init(&d->page_lock, RANK_PAGES);
        atomic_set(&d->refs, 1);
        for (unsigned int j = 0; j < NR_VCPUS; j++) {
            struct vcpu *v = &vcpus[i][j];

            memset(v, 0, sizeof(*v));
            v->domain = d;
            v->id = j;
            v->cpu = i * NR_VCPUS + j;
            v->in_kernel = 1;
            vcpu_table[i][j] = v;
            fake_cpus[v->cpu].curr = v;
            cpumask_set(&d->dirty_cpus, v->cpu);
        }
        for (unsigned int j = 0; j < OWN_FRAMES; j++)
            BUG_ON(!domain_alloc_pages(d, 0, 0, 0));
    }
}

/* Everything is given back, and nothing was lost. */
static void tear_down(void)
{
    for (unsigned int i = 0; i < NR_DOMAINS; i++) {
        doms[i].dying = DOMAIN_DYING;
        for (unsigned int j = 0; j < NR_VCPUS; j++) {
            fake_cpu = &fake_cpus[vcpus[i][j].cpu];
            do {
                    } while (vcpu_drop_roots(&vcpus[i][j]) == -ERESTART);
        }
        do {
            } while (domain_release_pages(&doms[i]) == -ERESTART);
        check_all();
    }
    for (unsigned int i = 0; i < NR_DOMAINS; i++) {
        CHECK_EQ(doms[i].tot_pages, 0);
        CHECK_EQ(atomic_read(&doms[i].refs), 1);
    }
    CHECK_EQ(heap_free_pages(), FAKE_FRAMES - 1);
}

static uint64_t seed;
static unsigned long operations = 1000000;

static void one_at_a_time(void)
{
    set_up();
    rng = seed;
    fake_on_flush = forget;
    for (unsigned long i = 0; i < operations && !unit_why[0]; i++) {
        struct cpu *c = &fake_cpus[rnd(FAKE_CPUS)];

        if (!rnd(2000)) {
            tear_down();
            for (unsigned int n = 0; n < FAKE_CPUS; n++)
                fake_flush(n);
            set_up();
        }
        fake_cpu = c;
        preempt_odds = rnd(3) ? 0 : 128;
        step(c->curr, !any_partial());
        CHECK_EQ(fake_windows, 0);
        check_all();
        check_caches();
        if (!rnd(4))
            remember_all();
        if (unit_why[0])
            printf("seed %lu, operation %lu\n", (unsigned long)seed, i);
    }
    tear_down();
    fake_on_flush = NULL;
}

static void *hammer(void *arg)
{
    unsigned int me = (unsigned int)(uint64_t)arg;

    fake_cpu = &fake_cpus[me];
    rng = seed + me;
    for (unsigned long i = 0; i < operations / 8; i++) {
        preempt_odds = rnd(3) ? 0 : 128;
        step(fake_cpu->curr, false);
    }
    BUG_ON(fake_windows);
    return NULL;
}

static void all_at_once(void)
{
    pthread_t t[FAKE_CPUS];

    set_up();
    for (uint64_t i = 0; i < FAKE_CPUS; i++)
        pthread_create(&t[i], NULL, hammer, (void *)i);
    for (unsigned int i = 0; i < FAKE_CPUS; i++)
        pthread_join(t[i], NULL);
    check_all();
    tear_down();
}

static const struct unit_test tests[] = {
    {"random calls keep every count and kind as the model has them",
     one_at_a_time},
    {"four CPUs at once leave counts that add up", all_at_once},
};

int main(int argc, char **argv)
{
    seed = argc > 1 ? strtoul(argv[1], NULL, 0) : (uint64_t)time(NULL);
    if (argc > 2)
        operations = strtoul(argv[2], NULL, 0);
    printf("pagetype: seed %lu\n", (unsigned long)seed);
    return unit_main("pagetype", tests, ARRAY_SIZE(tests));
}
