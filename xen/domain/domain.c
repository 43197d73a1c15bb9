/* SPDX-License-Identifier: GPL-2.0 */
/*
 * domain.c - create, find, count references, kill, take apart.
 * Keeps true: a domain is in the list from its creation until its last
 * reference is gone; the first reference belongs to the living domain and is
 * dropped at the end of domain_kill().
 * Locks: list_lock guards list and table; d->lock the state of dying and shutdown.
 */
#include "domain/domain.h"

#include "core/panic.h"
#include "core/printk.h"
#include "domain/pages.h"
#include "domain/part.h"
#include "domain/sched.h"
#include "domain/shared.h"
#include "lib/errno.h"
#include "lib/format.h"
#include "lib/rangeset.h"
#include "lib/string.h"
#include "pv/pgtable.h"
#include "pv/pv.h"

#define NR_BUCKETS 256

struct domain *dom0;
struct domain *idle_domain;
void (*domain_raise_global_virq)(unsigned int virq);
long (*domain_send)(struct domain *d, uint32_t port);
void (*hwdom_shutdown)(uint8_t reason);

static spinlock_t list_lock = SPINLOCK_INIT(RANK_DOMAIN_LIST);
static struct domain *domain_list; /* by id, ascending */

static struct domain *buckets[NR_BUCKETS]; /* by id modulo their number */

static struct domain **bucket_of(domid_t id)
{
    return &buckets[id % NR_BUCKETS];
}

static void list_enter(struct domain *d)
{
    struct domain **pp;

    spin_lock(&list_lock);
    for (pp = &domain_list; *pp && (*pp)->id < d->id; pp = &(*pp)->next)
        ;
    d->next = *pp;
    *pp = d;
    pp = bucket_of(d->id);
    d->next_in_bucket = *pp;
    *pp = d;
    d->shown = true;
    spin_unlock(&list_lock);
}

static void list_leave(struct domain *d)
{
    struct domain **pp;

    spin_lock(&list_lock);
    for (pp = &domain_list; *pp != d; pp = &(*pp)->next)
        ;
    *pp = d->next;
    for (pp = bucket_of(d->id); *pp != d; pp = &(*pp)->next_in_bucket)
        ;
    *pp = d->next_in_bucket;
    d->shown = false;
    spin_unlock(&list_lock);
}

/* It may be on its way out; list_lock is held. */
static struct domain *lookup_locked(domid_t id)
{
    struct domain *d = *bucket_of(id);

    while (d && d->id != id)
        d = d->next_in_bucket;
    return d;
}

struct domain *domain_find(domid_t id)
{
    struct domain *d;

    spin_lock(&list_lock);
    d = lookup_locked(id);
    if (d && !atomic_inc_unless_zero(&d->refs))
        d = NULL;
    spin_unlock(&list_lock);
    return d;
}

/* The first from here on that is not on its way out; list_lock is held. */
static struct domain *counted_locked(struct domain *d)
{
    while (d && !atomic_inc_unless_zero(&d->refs))
        d = d->next;
    return d;
}

struct domain *domain_first(void)
{
    struct domain *d;

    spin_lock(&list_lock);
    d = counted_locked(domain_list);
    spin_unlock(&list_lock);
    return d;
}

struct domain *domain_next(domid_t after)
{
    struct domain *d;

    spin_lock(&list_lock);
    d = lookup_locked(after); /* most often it is still there */
    if (d)
        d = d->next;
    else
        for (d = domain_list; d && d->id <= after; d = d->next)
            ;
    d = counted_locked(d);
    spin_unlock(&list_lock);
    return d;
}

static bool id_is_used(domid_t id)
{
    bool used;

    spin_lock(&list_lock);
    used = lookup_locked(id) != NULL;
    spin_unlock(&list_lock);
    return used;
}

void domain_ref(struct domain *d)
{
    atomic_inc(&d->refs);
}

static void parts_destroy(struct domain *d, unsigned int n)
{
    while (n--)
        if (domain_parts[n]->destroy)
            domain_parts[n]->destroy(d);
}

static void domain_free(struct domain *d)
{
    struct vcpu *v;
    unsigned int i;

    for_each_vcpu(d, v, i)
        vcpu_destroy(v);
    parts_destroy(d, nr_domain_parts);
    kfree(d->vcpu);
    kfree(d);
}

void domain_put(struct domain *d)
{
    if (!atomic_dec_to_zero(&d->refs))
        return;
    list_leave(d);
    domain_free(d);
    if (domain_raise_global_virq)
        domain_raise_global_virq(VIRQ_DOM_EXC);
}

int domain_choose_id(void)
{
    static unsigned int last;

    for (unsigned int i = 1; i < DOMID_FIRST_RESERVED; i++) {
        unsigned int id = last + i;

        if (id >= DOMID_FIRST_RESERVED)
            id -= DOMID_FIRST_RESERVED - 1;
        if (!id_is_used((domid_t)id)) {
            last = id;
            return (int)id;
        }
    }
    return -ENFILE;
}

static struct domain *domain_alloc(domid_t id, const struct domain_config *cfg)
{
    struct domain *d = kzalloc(sizeof(*d));

    if (!d)
        return NULL;
    d->vcpu = kzalloc(cfg->max_vcpus * sizeof(struct vcpu *));
    if (!d->vcpu) {
        kfree(d);
        return NULL;
    }
    d->id = id;
    d->privileged = cfg->privileged;
    d->is_idle = id == DOMID_IDLE;
    d->max_vcpus = cfg->max_vcpus;
    d->ssidref = cfg->ssidref;
    memcpy(d->handle, cfg->handle, sizeof(d->handle));
    atomic_set(&d->refs, 1);
    spin_lock_init(&d->lock, RANK_DOMAIN);
    spin_lock_init(&d->page_lock, RANK_PAGES);
    d->page_head = PAGE_LINK_END;
    d->shutdown_code = SHUTDOWN_CODE_NONE;
    return d;
}

struct domain *domain_create(domid_t id, const struct domain_config *cfg,
                             int *err)
{
    struct domain *d = domain_alloc(id, cfg);
    unsigned int i;

    *err = -ENOMEM;
    if (!d)
        return NULL;
    if (!d->is_idle) {
        /* Not to be scheduled before its builder says so. */
        d->paused_by_control = !cfg->privileged;
        atomic_set(&d->pause_count, d->paused_by_control);
        for (i = 0; i < nr_domain_parts; i++) {
            *err = domain_parts[i]->create ? domain_parts[i]->create(d, cfg) : 0;
            if (*err)
                goto undo;
        }
        list_enter(d);
    }
    *err = 0;
    return d;

undo:
    parts_destroy(d, i);
    kfree(d->vcpu);
    kfree(d);
    return NULL;
}

void domain_pause(struct domain *d)
{
    struct vcpu *v;
    unsigned int i;

    atomic_inc(&d->pause_count);
    for_each_vcpu(d, v, i)
        vcpu_sleep(v, v != current);
}

void domain_unpause(struct domain *d)
{
    struct vcpu *v;
    unsigned int i;

    if (!atomic_dec_to_zero(&d->pause_count))
        return;
    for_each_vcpu(d, v, i)
        vcpu_wake(v);
}

int domain_pause_by_control(struct domain *d)
{
    if (d == current->domain)
        return -EINVAL;
    spin_lock(&d->lock);
    if (d->paused_by_control) {
        spin_unlock(&d->lock);
        return 0;
    }
    d->paused_by_control = true;
    spin_unlock(&d->lock);
    domain_pause(d);
    return 0;
}

int domain_unpause_by_control(struct domain *d)
{
    bool was;

    spin_lock(&d->lock);
    was = d->paused_by_control;
    d->paused_by_control = false;
    spin_unlock(&d->lock);
    if (!was)
        return -EINVAL;
    domain_unpause(d);
    return 0;
}

/* The last vcpu has stopped: tell the toolstack. d->lock is held. */
static bool shutdown_complete_locked(struct domain *d)
{
    struct vcpu *v;
    unsigned int i;

    if (d->is_shut_down)
        return false;
    for_each_vcpu(d, v, i)
        if (!v->paused_for_shutdown)
            return false;
    d->is_shut_down = true;
    return true;
}

/* Whoever saves it may wait for a port of its own. */
static void shutdown_tell(struct domain *d)
{
    uint32_t port = READ_ONCE(d->suspend_port);

    if (d->shutdown_code == SHUTDOWN_suspend && port && domain_send)
        domain_send(d, port);
    else if (domain_raise_global_virq)
        domain_raise_global_virq(VIRQ_DOM_EXC);
}

void domain_shutdown(struct domain *d, uint8_t reason)
{
    struct vcpu *v;
    unsigned int i;
    bool done;

    if (d == dom0 && hwdom_shutdown)
        hwdom_shutdown(reason);
    spin_lock(&d->lock);
    if (d->is_shutting_down) {
        spin_unlock(&d->lock);
        return;
    }
    d->is_shutting_down = true;
    if (d->shutdown_code == SHUTDOWN_CODE_NONE)
        d->shutdown_code = reason;
    for_each_vcpu(d, v, i) {
        vcpu_pause_nosync(v);
        v->paused_for_shutdown = true;
    }
    done = shutdown_complete_locked(d);
    spin_unlock(&d->lock);
    if (done)
        shutdown_tell(d);
}

void domain_resume(struct domain *d)
{
    struct vcpu *v;
    unsigned int i;

    domain_pause(d);
    spin_lock(&d->lock);
    d->is_shutting_down = d->is_shut_down = false;
    d->shutdown_code = SHUTDOWN_CODE_NONE;
    for_each_vcpu(d, v, i) {
        if (v->paused_for_shutdown)
            vcpu_unpause(v);
        v->paused_for_shutdown = false;
    }
    spin_unlock(&d->lock);
    domain_unpause(d);
}

void domain_crash(struct domain *d, const char *why, ...)
{
    va_list ap;
    char text[160];

    if (d->is_shutting_down && d->shutdown_code == SHUTDOWN_crash)
        return;
    va_start(ap, why);
    vsnprintf(text, sizeof(text), why, ap);
    va_end(ap);
    printk(LOG_ERR "d%u crashed: %s\n", d->id, text);
    if (current->domain == d) {
        printk(LOG_ERR "d%uv%u, %s mode:\n", d->id, current->id,
               current->in_kernel ? "kernel" : "user");
        regs_dump(&current->regs);
        guest_dump(current);
    }
    domain_shutdown(d, SHUTDOWN_crash);
}

/* The steps of domain_kill; each may say -ERESTART and is then called again. */
static int kill_parts(struct domain *d)
{
    for (unsigned int i = nr_domain_parts; i-- > 0;) {
        int rc = domain_parts[i]->teardown ? domain_parts[i]->teardown(d) : 0;

        if (rc)
            return rc;
    }
    return 0;
}

static int kill_tables(struct domain *d)
{
    struct vcpu *v;
    unsigned int i;

    for_each_vcpu(d, v, i) {
        int rc = vcpu_drop_roots(v);

        if (rc)
            return rc;
        gdt_drop(v);
        ldt_unmap(v);
        shared_vcpu_info_drop(v);
    }
    return 0;
}

int domain_kill(struct domain *d)
{
    static int (*const steps[])(struct domain *) = {kill_parts, kill_tables,
                                                    domain_release_pages};

    if (d == current->domain || d == dom0)
        return -EINVAL;
    spin_lock(&d->lock);
    if (d->dying == DOMAIN_DEAD) {
        spin_unlock(&d->lock);
        return 0;
    }
    if (d->dying == DOMAIN_ALIVE) {
        d->dying = DOMAIN_DYING;
        spin_unlock(&d->lock);
        domain_pause(d);
        spin_lock(&d->lock);
    }
    spin_unlock(&d->lock);

    while (d->teardown_step < ARRAY_SIZE(steps)) {
        int rc = steps[d->teardown_step](d);

        if (rc)
            return rc;
        d->teardown_step++;
    }
    d->dying = DOMAIN_DEAD;
    if (domain_raise_global_virq)
        domain_raise_global_virq(VIRQ_DOM_EXC);
    domain_put(d);
    return 0;
}
