/* SPDX-License-Identifier: GPL-2.0 */
/*
 * cpu_policy.c - CPU policies as the tools carry them about: lists of CPUID
 * leaves and MSRs, and the feature words that are cut from them.
 * Keeps true: a policy is replaced as a whole or not at all.
 */
#include "cpu/features.h"
#include "cpu/msr.h"
#include "lib/string.h"
#include "mm/heap.h"
#include "pv/pv.h"
#include "service/control.h"

/* Room a tool must make: it lists more leaves than we keep, empty ones. */
#define LEAVES_MAX 160u
#define NR_MSRS    2u

#define MSR_ARCH_CAPABILITIES 0x10a
#define MAX_BASIC_LEAF        0xdu
#define MAX_EXT_LEAF          0x80000021u

/* Both are 0 for guests: CPUID does not fault, no promise of immunity. */
static const struct xen_msr_entry policy_msrs[NR_MSRS] = {
    {.idx = MSR_PLATFORM_INFO},
    {.idx = MSR_ARCH_CAPABILITIES},
};

/* ---- out ---- */

/* *nr: room, then how many there are. A null buffer asks how many at most. */
static int list_out(guest_va_t to, uint32_t *nr, const void *list,
                    uint32_t have, uint32_t most, size_t size)
{
    uint32_t room = *nr;

    if (guest_va_is_null(to)) {
        *nr = most;
        return 0;
    }
    *nr = have;
    if (room < have)
        return -ENOBUFS;
    return copy_to_guest(to, list, have * size);
}

static int policy_out(const struct cpu_policy *p, guest_va_t leaves,
                      uint32_t *nr_leaves, guest_va_t msrs, uint32_t *nr_msrs)
{
    int rc = list_out(leaves, nr_leaves, p->leaf, p->nr, LEAVES_MAX,
                      sizeof(p->leaf[0]));

    if (rc)
        return rc;
    return list_out(msrs, nr_msrs, policy_msrs, NR_MSRS, NR_MSRS,
                    sizeof(policy_msrs[0]));
}

long domctl_get_policy(struct domain *d, struct xen_domctl *op)
{
    struct xen_domctl_cpu_policy *p = &op->u.cpu_policy;

    return policy_out(d->cpu_policy, p->leaves, &p->nr_leaves, p->msrs,
                      &p->nr_msrs);
}

/* ---- in ---- */

static int msrs_check(struct xen_domctl_cpu_policy *p)
{
    struct xen_msr_entry e;

    if (p->nr_msrs > NR_MSRS)
        return -E2BIG;
    for (uint32_t i = 0; i < p->nr_msrs; i++) {
        if (copy_from_guest(&e, guest_va_at(p->msrs, i, sizeof(e)), sizeof(e)))
            return -EFAULT;
        if ((e.idx == MSR_PLATFORM_INFO || e.idx == MSR_ARCH_CAPABILITIES) &&
            !e.flags && !e.val)
            continue;
        p->err_msr = e.idx;
        return -EINVAL;
    }
    return 0;
}

static int leaves_set(struct domain *d, struct xen_domctl_cpu_policy *p,
                      struct xen_cpuid_leaf *list)
{
    int rc;

    if (copy_from_guest(list, p->leaves, p->nr_leaves * sizeof(*list)))
        return -EFAULT;
    rc = msrs_check(p);
    if (rc)
        return rc;
    domain_pause(d);
    rc = cpu_policy_set(d, list, p->nr_leaves, &p->err_leaf, &p->err_subleaf);
    domain_unpause(d);
    return rc;
}

long domctl_set_policy(struct domain *d, struct xen_domctl *op)
{
    struct xen_domctl_cpu_policy *p = &op->u.cpu_policy;
    struct xen_cpuid_leaf *list;
    int rc;

    p->err_leaf = p->err_subleaf = p->err_msr = ~0u;
    if (p->nr_leaves > LEAVES_MAX)
        return -E2BIG;
    list = kzalloc((p->nr_leaves + 1) * sizeof(*list));
    if (!list)
        return -ENOMEM;
    rc = leaves_set(d, p, list);
    kfree(list);
    return rc;
}

/* ---- the machine's own ---- */

static bool more_subleaves(uint32_t leaf, uint32_t sub, const uint32_t r[4])
{
    switch (leaf) {
    case 4:
        return r[0] & 0x1f && sub < 5;
    case 7:
        return sub < 1;
    case 0xb:
        return r[2] >> 8 & 0xff && sub < 1;
    case 0xd:
        return sub < 9;
    }
    return false;
}

static void policy_add(struct cpu_policy *p, uint32_t leaf, bool host)
{
    bool with_sub = leaf == 4 || leaf == 7 || leaf == 0xb || leaf == 0xd;
    uint32_t r[4];

    for (uint32_t sub = 0; p->nr < CPU_POLICY_LEAVES; sub++) {
        cpuid(leaf, sub, r);
        if (host && leaf == 7 && !sub) {
            r[1] &= ~(!cpu_features.smep << 7 | !cpu_features.smap << 20);
        } else if (host && leaf == 1 && !cpu_features.xsave) {
            r[2] &= ~(3u << 26);
        }
        p->leaf[p->nr++] = (struct xen_cpuid_leaf){
            leaf, with_sub ? sub : XEN_CPUID_NO_SUBLEAF, r[0], r[1], r[2], r[3]};
        if (!more_subleaves(leaf, sub, r))
            break;
    }
}

/* As the CPU says it, or (host) less what we have switched off. */
static void policy_read(struct cpu_policy *p, bool host)
{
    memset(p, 0, sizeof(*p));
    for (uint32_t l = 0; l <= MIN(cpu_features.max_leaf, MAX_BASIC_LEAF); l++)
        policy_add(p, l, host);
    for (uint32_t l = 0x80000000;
         l <= MIN(cpu_features.max_ext_leaf, MAX_EXT_LEAF); l++)
        policy_add(p, l, host);
}

long sysctl_policy(struct xen_sysctl *op)
{
    struct xen_sysctl_cpu_policy *s = &op->u.cpu_policy;
    const struct cpu_policy *p = NULL;
    struct cpu_policy *own = NULL;
    int rc;

    if (s->_rsvd)
        return -EINVAL;
    switch (s->index) {
    case XEN_SYSCTL_cpu_policy_raw:
    case XEN_SYSCTL_cpu_policy_host:
        p = own = kzalloc(sizeof(*own));
        if (!own)
            return -ENOMEM;
        policy_read(own, s->index == XEN_SYSCTL_cpu_policy_host);
        break;
    case XEN_SYSCTL_cpu_policy_pv_max:
        p = &cpu_policy_max;
        break;
    case XEN_SYSCTL_cpu_policy_pv_default:
        p = &cpu_policy_default;
        break;
    case XEN_SYSCTL_cpu_policy_hvm_max:
    case XEN_SYSCTL_cpu_policy_hvm_default:
        return -EOPNOTSUPP;
    default:
        return -EINVAL;
    }
    rc = policy_out(p, s->leaves, &s->nr_leaves, s->msrs, &s->nr_msrs);
    kfree(own);
    return rc;
}

/* ---- feature words ---- */

/* Which leaf and register each word is; its place in struct xen_cpuid_leaf. */
static const struct {
    uint32_t leaf, sub;
    uint8_t at;
} word_source[FEATURE_WORDS] = {
#define WORD(l, s, r) {l, s, offsetof(struct xen_cpuid_leaf, r)}
    WORD(1, XEN_CPUID_NO_SUBLEAF, d),
    WORD(1, XEN_CPUID_NO_SUBLEAF, c),
    WORD(0x80000001, XEN_CPUID_NO_SUBLEAF, d),
    WORD(0x80000001, XEN_CPUID_NO_SUBLEAF, c),
    WORD(0xd, 1, a),
    WORD(7, 0, b),
    WORD(7, 0, c),
    WORD(0x80000007, XEN_CPUID_NO_SUBLEAF, d),
    WORD(0x80000008, XEN_CPUID_NO_SUBLEAF, b),
    WORD(7, 0, d),
    WORD(7, 1, a),
    WORD(0x80000021, XEN_CPUID_NO_SUBLEAF, a),
    WORD(7, 1, b),
    WORD(7, 2, d),
    WORD(7, 1, c),
    WORD(7, 1, d),
    {0, 0, 0}, /* MSR_ARCH_CAPABILITIES: none of it is offered */
    {0, 0, 0},
    WORD(0x80000021, XEN_CPUID_NO_SUBLEAF, c),
#undef WORD
};

static void features_of(const struct cpu_policy *p,
                        uint32_t words[FEATURE_WORDS])
{
    for (unsigned int i = 0; i < FEATURE_WORDS; i++) {
        const struct xen_cpuid_leaf *l = NULL;

        if (word_source[i].leaf)
            l = cpu_policy_find(p, word_source[i].leaf, word_source[i].sub);
        words[i] = 0;
        if (l)
            memcpy(&words[i], (const char *)l + word_source[i].at, 4);
    }
}

static int features_read(uint32_t words[FEATURE_WORDS], bool host)
{
    struct cpu_policy *p = kzalloc(sizeof(*p));

    if (!p)
        return -ENOMEM;
    policy_read(p, host);
    features_of(p, words);
    kfree(p);
    return 0;
}

void host_features(uint32_t words[FEATURE_WORDS])
{
    if (features_read(words, true))
        memset(words, 0, FEATURE_WORDS * sizeof(*words));
}

static int features_by_index(uint32_t index, uint32_t words[FEATURE_WORDS])
{
    switch (index) {
    case XEN_SYSCTL_cpu_featureset_raw:
    case XEN_SYSCTL_cpu_featureset_host:
        return features_read(words, index == XEN_SYSCTL_cpu_featureset_host);
    case XEN_SYSCTL_cpu_featureset_pv:
        features_of(&cpu_policy_default, words);
        return 0;
    case XEN_SYSCTL_cpu_featureset_pv_max:
        features_of(&cpu_policy_max, words);
        return 0;
    case XEN_SYSCTL_cpu_featureset_hvm:
    case XEN_SYSCTL_cpu_featureset_hvm_max:
        return -EOPNOTSUPP;
    }
    return -EINVAL;
}

/* A short buffer gets what fits, and -ENOBUFS. */
long sysctl_featureset(struct xen_sysctl *op)
{
    struct xen_sysctl_cpu_featureset *f = &op->u.cpu_featureset;
    uint32_t words[FEATURE_WORDS], room = f->nr_features;
    int rc = features_by_index(f->index, words);

    if (rc)
        return rc;
    if (guest_va_is_null(f->features)) {
        f->nr_features = FEATURE_WORDS;
        return 0;
    }
    f->nr_features = MIN(room, FEATURE_WORDS);
    if (copy_to_guest(f->features, words, f->nr_features * sizeof(words[0])))
        return -EFAULT;
    return room < FEATURE_WORDS ? -ENOBUFS : 0;
}

/* User code asks the CPU itself; only kernels that ask us see a policy. */
long sysctl_levelling(struct xen_sysctl *op)
{
    op->u.cpu_levelling_caps.caps = 0;
    return 0;
}
