/* SPDX-License-Identifier: GPL-2.0 */
/*
 * irq.c - lines, vectors, and who is told.
 * Keeps true: each existing irq has one vector on one CPU (and, while it
 * moves, its last one too); a line without a bound function is masked; a level
 * line with deferred bindings is masked from the interrupt until the last of
 * them has said irq_eoi().
 * Locks: each irq's lock (RANK_IRQ) guards its fields; vector_lock all CPUs'
 * vector tables. Functions are called without them; irq_unbind() waits for
 * calls under way.
 */
#include "core/arch.h"
#include "core/keys.h"
#include "core/printk.h"
#include "core/smpcall.h"
#include "core/spinlock.h"
#include "core/timer.h"
#include "cpu/lapic.h"
#include "dev/acpi.h"
#include "dev/ioapic.h"
#include "dev/irq.h"
#include "dev/irq_chip.h"
#include "lib/atomic.h"
#include "lib/errno.h"
#include "mm/tlb.h"

#define MAX_ACTIONS 8u
#define LEGACY_SYSCALL_VECTOR 0x80

struct irq_action {
    irq_fn fn;
    void *data;
    bool shared, deferred;
    bool owes_eoi;
};

struct irq_desc {
    spinlock_t lock;
    const struct irq_chip *chip; /* NULL: no such irq */
    void *chip_data;
    uint8_t vector; /* 0: none yet */
    uint8_t old_vector;
    unsigned int cpu, old_cpu;
    ns_t moved_at;
    bool level, active_low;
    bool mode_set; /* trigger and polarity are known for good */
    bool fixed;    /* one of several vectors in a row: stays where it is */
    unsigned int nr_actions, nr_owing;
    struct irq_action action[MAX_ACTIONS];
    atomic_t running; /* dispatches under way */
    uint64_t count;
};

static struct irq_desc descs[MAX_IRQS];
static PERCPU uint16_t vector_irq[256]; /* irq + 1; 0: nobody's */
static spinlock_t vector_lock = SPINLOCK_INIT(RANK_TIMER);
unsigned int nr_gsis;

static struct irq_desc *desc_of(unsigned int irq)
{
    return irq < MAX_IRQS && descs[irq].chip ? &descs[irq] : NULL;
}
static unsigned int irq_of(const struct irq_desc *d)
{
    return (unsigned int)(d - descs);
}

bool irq_exists(unsigned int irq)
{
    return desc_of(irq);
}

/* --- vectors ------------------------------------------------------------ */

static bool vectors_free(unsigned int cpu, unsigned int first, unsigned int n)
{
    for (unsigned int v = first; v < first + n; v++)
        if (v > VECTOR_LAST_DEVICE || v == LEGACY_SYSCALL_VECTOR ||
            percpu_on(cpu, vector_irq)[v])
            return false;
    return true;
}

/* n vectors in a row on cpu, aligned to n, for irq and those behind it. */
static unsigned int vectors_take(unsigned int cpu, unsigned int irq,
                                 unsigned int n)
{
    uint64_t flags = spin_lock_irqsave(&vector_lock);
    unsigned int first = ROUND_UP(VECTOR_FIRST_DEVICE, n);

    for (; first + n - 1 <= VECTOR_LAST_DEVICE; first += n)
        if (vectors_free(cpu, first, n))
            break;
    if (first + n - 1 > VECTOR_LAST_DEVICE)
        first = 0;
    for (unsigned int i = 0; first && i < n; i++)
        percpu_on(cpu, vector_irq)[first + i] = (uint16_t)(irq + i + 1);
    spin_unlock_irqrestore(&vector_lock, flags);
    return first;
}

static void vector_give(unsigned int cpu, unsigned int vector)
{
    uint64_t flags = spin_lock_irqsave(&vector_lock);

    percpu_on(cpu, vector_irq)[vector] = 0;
    spin_unlock_irqrestore(&vector_lock, flags);
}

/* A CPU of the set with room, this one first. */
static unsigned int take_on_any(const cpumask_t *cpus, unsigned int irq,
                                unsigned int n, unsigned int *cpu)
{
    unsigned int v;

    *cpu = cpu_id();
    if (cpumask_has(cpus, *cpu)) {
        v = vectors_take(*cpu, irq, n);
        if (v)
            return v;
    }
    for_each_cpu(*cpu, cpus) {
        if (!cpumask_has(&cpus_online, *cpu))
            continue;
        v = vectors_take(*cpu, irq, n);
        if (v)
            return v;
    }
    return 0;
}

static void drop_old_vector_locked(struct irq_desc *d)
{
    if (d->old_vector)
        vector_give(d->old_cpu, d->old_vector);
    d->old_vector = 0;
}

/* --- what the entry code calls ------------------------------------------ */

/* Tell everybody bound; their list was copied under the lock. */
static void call_actions(struct irq_desc *d, const struct irq_action *a,
                         unsigned int n)
{
    for (unsigned int i = 0; i < n; i++)
        a[i].fn(irq_of(d), a[i].data);
}

/* Mask a level line for those who answer later; true if there are any. */
static bool hold_back_locked(struct irq_desc *d)
{
    if (!d->level)
        return false;
    for (unsigned int i = 0; i < d->nr_actions; i++)
        if (d->action[i].deferred && !d->action[i].owes_eoi) {
            d->action[i].owes_eoi = true;
            d->nr_owing++;
        }
    if (d->nr_owing)
        d->chip->mask(irq_of(d), d->chip_data);
    return d->nr_owing;
}

static void dispatch_device(struct irq_desc *d, unsigned int vector)
{
    struct irq_action now_bound[MAX_ACTIONS];
    unsigned int n;
    bool eoi_first;

    spin_lock(&d->lock);
    d->count++;
    if (d->old_vector && vector == d->vector && cpu_id() == d->cpu)
        drop_old_vector_locked(d);
    eoi_first = hold_back_locked(d) || !d->level;
    n = d->nr_actions;
    for (unsigned int i = 0; i < n; i++)
        now_bound[i] = d->action[i];
    atomic_inc(&d->running);
    if (!n && d->chip) /* late, after the last was unbound */
        d->chip->mask(irq_of(d), d->chip_data);
    spin_unlock(&d->lock);

    if (eoi_first)
        lapic_eoi();
    call_actions(d, now_bound, n);
    if (!eoi_first)
        lapic_eoi();
    atomic_add(&d->running, -1);
}

static void dispatch_unknown(unsigned int vector)
{
    static unsigned int told;

    lapic_eoi();
    if (told++ < 10)
        printk(LOG_WARN "CPU%u: nobody's interrupt, vector %#x\n", cpu_id(),
               vector);
}

void irq_dispatch(unsigned int vector)
{
    uint64_t held = lock_ranks_put_aside();
    struct cpu *c = this_cpu();
    unsigned int n;

    c->irq_depth++;
    switch (vector) {
    case VECTOR_LAPIC_TIMER:
        lapic_eoi();
        timer_interrupt();
        break;
    case VECTOR_SOFTIRQ:
        lapic_eoi();
        break;
    case VECTOR_CALL:
        lapic_eoi();
        smp_call_interrupt();
        break;
    case VECTOR_TLB_FLUSH:
        lapic_eoi();
        tlb_flush_interrupt();
        break;
    case VECTOR_LAPIC_ERROR:
        lapic_eoi();
        lapic_report_error();
        break;
    case VECTOR_SPURIOUS: /* no EOI: SDM vol. 3, 11.9 */
        break;
    default:
        n = percpu(vector_irq)[vector & 0xff];
        if (n)
            dispatch_device(&descs[n - 1], vector);
        else
            dispatch_unknown(vector);
    }
    c->irq_depth--;
    lock_ranks_take_back(held);
}

/* --- binding ------------------------------------------------------------ */

static int check_new_locked(const struct irq_desc *d, bool shared)
{
    if (!d->nr_actions)
        return 0;
    if (!shared || !d->action[0].shared || d->nr_actions == MAX_ACTIONS)
        return -EBUSY;
    return 0;
}

static void route_locked(struct irq_desc *d)
{
    d->chip->route(irq_of(d), d->chip_data, d->vector, d->cpu);
}

static int give_vector_locked(struct irq_desc *d)
{
    if (d->vector)
        return 0;
    d->vector = (uint8_t)take_on_any(&cpus_online, irq_of(d), 1, &d->cpu);
    return d->vector ? 0 : -ENOSPC;
}

static int bind(unsigned int irq, struct irq_action a)
{
    struct irq_desc *d = desc_of(irq);
    uint64_t flags;
    int rc;

    if (!d)
        return -EINVAL;
    flags = spin_lock_irqsave(&d->lock);
    rc = check_new_locked(d, a.shared);
    if (!rc)
        rc = give_vector_locked(d);
    if (!rc) {
        d->action[d->nr_actions++] = a;
        route_locked(d);
        if (!d->nr_owing)
            d->chip->unmask(irq, d->chip_data);
    }
    spin_unlock_irqrestore(&d->lock, flags);
    return rc;
}

int irq_bind(unsigned int irq, irq_fn fn, void *data, bool shared)
{
    return bind(irq, (struct irq_action){fn, data, shared, false, false});
}

int irq_bind_deferred(unsigned int irq, irq_fn fn, void *data, bool shared)
{
    return bind(irq, (struct irq_action){fn, data, shared, true, false});
}

static struct irq_action *find_locked(struct irq_desc *d, const void *data)
{
    for (unsigned int i = 0; i < d->nr_actions; i++)
        if (d->action[i].data == data)
            return &d->action[i];
    return NULL;
}

/* One who owed an eoi owes it no more; the last one opens the line. */
static void settle_locked(struct irq_desc *d, struct irq_action *a)
{
    if (!a->owes_eoi)
        return;
    a->owes_eoi = false;
    if (!--d->nr_owing)
        d->chip->unmask(irq_of(d), d->chip_data);
}

void irq_eoi(unsigned int irq, void *data)
{
    struct irq_desc *d = desc_of(irq);
    struct irq_action *a;
    uint64_t flags;

    if (!d)
        return;
    flags = spin_lock_irqsave(&d->lock);
    a = find_locked(d, data);
    if (a)
        settle_locked(d, a);
    spin_unlock_irqrestore(&d->lock, flags);
}

void irq_unbind(unsigned int irq, void *data)
{
    struct irq_desc *d = desc_of(irq);
    struct irq_action *a;
    uint64_t flags;

    if (!d)
        return;
    flags = spin_lock_irqsave(&d->lock);
    a = find_locked(d, data);
    if (a) {
        if (d->nr_actions == 1)
            d->chip->mask(irq, d->chip_data);
        if (a->owes_eoi && --d->nr_owing == 0 && d->nr_actions > 1)
            d->chip->unmask(irq, d->chip_data);
        *a = d->action[--d->nr_actions];
    }
    spin_unlock_irqrestore(&d->lock, flags);
    while (!this_cpu()->irq_depth && atomic_read(&d->running))
        cpu_relax();
}

bool irq_is_bound(unsigned int irq)
{
    const struct irq_desc *d = desc_of(irq);

    return d && d->nr_actions;
}

bool irq_needs_eoi(unsigned int irq)
{
    const struct irq_desc *d = desc_of(irq);

    return d && d->level;
}

/* --- moving ------------------------------------------------------------- */

static int move_locked(struct irq_desc *d, const cpumask_t *cpus)
{
    unsigned int cpu, vector;

    if (!d->vector || cpumask_has(cpus, d->cpu))
        return 0; /* not in use yet, or well where it is */
    if (d->fixed)
        return -EBUSY;
    /* An interrupt may still be on its way to the last place. */
    if (d->old_vector && now() - d->moved_at < MILLISECS(10))
        return -EBUSY;
    drop_old_vector_locked(d);
    vector = take_on_any(cpus, irq_of(d), 1, &cpu);
    if (!vector)
        return -ENOSPC;
    d->old_vector = d->vector;
    d->old_cpu = d->cpu;
    d->vector = (uint8_t)vector;
    d->cpu = cpu;
    d->moved_at = now();
    route_locked(d);
    return 0;
}

int irq_set_affinity(unsigned int irq, const cpumask_t *cpus)
{
    struct irq_desc *d = desc_of(irq);
    uint64_t flags;
    int rc;

    if (!d)
        return -EINVAL;
    flags = spin_lock_irqsave(&d->lock);
    rc = move_locked(d, cpus);
    spin_unlock_irqrestore(&d->lock, flags);
    return rc;
}

unsigned int irq_vector(unsigned int irq)
{
    return descs[irq].vector;
}

unsigned int irq_cpu(unsigned int irq)
{
    return descs[irq].cpu;
}

/* --- lines of IO-APICs -------------------------------------------------- */

static void gsi_mask(unsigned int irq, void *data)
{
    (void)data;
    ioapic_mask(irq);
}
static void gsi_unmask(unsigned int irq, void *data)
{
    (void)data;
    ioapic_unmask(irq);
}
static void gsi_route(unsigned int irq, void *data, unsigned int vector,
                      unsigned int cpu)
{
    const struct irq_desc *d = &descs[irq];

    (void)data;
    ioapic_route(irq, vector, cpu_by_id(cpu)->apic_id, d->level,
                 d->active_low);
}
static const struct irq_chip gsi_chip = {"IO-APIC", gsi_mask, gsi_unmask,
                                         gsi_route};

unsigned int irq_of_isa(unsigned int line)
{
    return line < ARRAY_SIZE(acpi_info.isa) && acpi_info.isa[line].set
               ? acpi_info.isa[line].gsi
               : line;
}

int irq_set_gsi_mode(unsigned int gsi, bool level, bool active_low)
{
    struct irq_desc *d = desc_of(gsi);
    uint64_t flags;
    int rc = 0;

    if (!d || gsi >= nr_gsis)
        return -EINVAL;
    flags = spin_lock_irqsave(&d->lock);
    if (d->mode_set || d->nr_actions) {
        rc = -EEXIST;
    } else {
        d->mode_set = true;
        d->level = level;
        d->active_low = active_low;
        if (d->vector)
            route_locked(d);
    }
    spin_unlock_irqrestore(&d->lock, flags);
    return rc;
}

/* ISA lines as the overrides say; what lies above is PCI's. */
static init_text void init_gsi(unsigned int gsi)
{
    struct irq_desc *d = &descs[gsi];

    if (!ioapic_has(gsi))
        return;
    spin_lock_init(&d->lock, RANK_IRQ);
    d->chip = &gsi_chip;
    d->level = d->active_low = gsi >= ARRAY_SIZE(acpi_info.isa);
}

static init_text void apply_overrides(void)
{
    for (unsigned int i = 0; i < ARRAY_SIZE(acpi_info.isa); i++) {
        const struct acpi_override *o = &acpi_info.isa[i];

        if (!o->set || !desc_of(o->gsi))
            continue;
        descs[o->gsi].level = o->level;
        descs[o->gsi].active_low = o->low;
    }
}

/* The old pair of PICs: vectors out of the way, all lines masked. */
init_text void pic_silence(void)
{
    outb(0x11, 0x20);
    outb(0x11, 0xa0);
    outb(0x20, 0x21);
    outb(0x28, 0xa1);
    outb(0x04, 0x21);
    outb(0x02, 0xa1);
    outb(0x01, 0x21);
    outb(0x01, 0xa1);
    outb(0xff, 0x21);
    outb(0xff, 0xa1);
}

init_text void irq_init(void)
{
    nr_gsis = ioapic_init();
    nr_gsis = MIN(nr_gsis, MAX_IRQS / 2);
    for (unsigned int i = 0; i < nr_gsis; i++)
        init_gsi(i);
    apply_overrides();
    key_register('i', irq_dump, "show interrupts");
}

/* --- MSIs --------------------------------------------------------------- */

static spinlock_t create_lock = SPINLOCK_INIT(RANK_PIRQ);

static unsigned int find_free_locked(unsigned int count)
{
    unsigned int run = 0;

    for (unsigned int i = nr_gsis; i < MAX_IRQS; i++) {
        run = descs[i].chip ? 0 : run + 1;
        if (run == count)
            return i + 1 - count;
    }
    return MAX_IRQS;
}

static int give_vectors(unsigned int first, unsigned int count, bool together)
{
    unsigned int cpu = 0, v = 0, row = together ? count : 1;

    for (unsigned int i = 0; i < count; i++) {
        struct irq_desc *d = &descs[first + i];

        if (i % row == 0) {
            v = take_on_any(&cpus_online, first + i, row, &cpu);
            if (!v) {
                while (i--)
                    vector_give(descs[first + i].cpu, descs[first + i].vector);
                return -ENOSPC;
            }
        }
        d->vector = (uint8_t)(v + i % row);
        d->cpu = cpu;
    }
    return 0;
}

int irq_create(const struct irq_chip *chip, void **data, unsigned int count,
               bool together)
{
    unsigned int first;
    int rc = -ENOSPC;

    spin_lock(&create_lock);
    first = find_free_locked(count);
    if (first < MAX_IRQS) {
        for (unsigned int i = 0; i < count; i++)
            descs[first + i] = (struct irq_desc){.chip_data = data[i]};
        rc = give_vectors(first, count, together);
    }
    for (unsigned int i = 0; !rc && i < count; i++) {
        struct irq_desc *d = &descs[first + i];

        spin_lock_init(&d->lock, RANK_IRQ);
        d->mode_set = true;
        d->fixed = together;
        store_release(&d->chip, chip);
    }
    spin_unlock(&create_lock);
    return rc ? rc : (int)first;
}

void irq_destroy(unsigned int irq, unsigned int count)
{
    for (unsigned int i = irq; i < irq + count; i++) {
        struct irq_desc *d = desc_of(i);
        uint64_t flags;

        if (!d)
            continue;
        flags = spin_lock_irqsave(&d->lock);
        d->chip->mask(i, d->chip_data);
        drop_old_vector_locked(d);
        vector_give(d->cpu, d->vector);
        d->vector = 0;
        spin_unlock_irqrestore(&d->lock, flags);
        while (atomic_read(&d->running))
            cpu_relax();
        spin_lock(&create_lock);
        d->chip = NULL;
        spin_unlock(&create_lock);
    }
}

void *irq_chip_data(unsigned int irq, const struct irq_chip *chip)
{
    const struct irq_desc *d = desc_of(irq);

    return d && d->chip == chip ? d->chip_data : NULL;
}

void irq_dump(char key)
{
    (void)key;
    for (unsigned int i = 0; i < MAX_IRQS; i++) {
        const struct irq_desc *d = desc_of(i);

        if (d && d->vector)
            printk("irq %u: %s %s vector %#x CPU%u bound %u owing %u count "
                   "%lu\n", i, d->chip->name, d->level ? "level" : "edge",
                   d->vector, d->cpu, d->nr_actions, d->nr_owing, d->count);
    }
}
