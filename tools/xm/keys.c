/* SPDX-License-Identifier: GPL-2.0 */
/*
 * keys.c - the keys that a domain's file may have, and what is said of the
 * others.
 * Keeps true: a key that is accepted is either handed on or a warning says
 * that it does nothing here.
 * Not here: what becomes of a key (domcfg.c).
 */
#include <stdio.h>
#include <string.h>

#include "keys.h"

const struct key keys[] = {
    {"name", OTHER, VM, NULL, "name of the domain (the file's own name)"},
    {"uuid", TEXT, VM, NULL, "number that names it everywhere (random)"},
    {"description", TEXT, VM, NULL, "any text"},
    {"builder", OTHER, NOWHERE, NULL, "linux; hvm is refused"},
    {"type", OTHER, NOWHERE, NULL, "pv; others are refused"},
    {"kernel", FILE_NAME, IMAGE, NULL, "kernel file in Domain-0"},
    {"ramdisk", FILE_NAME, IMAGE, NULL, "initial ramdisk in Domain-0"},
    {"root", PARAMETER, IMAGE, NULL, "root= for the kernel"},
    {"extra", TEXT, IMAGE, "args", "more kernel parameters"},
    {"bootloader", TEXT, VM, NULL, "program that finds a kernel on the disk"},
    {"bootargs", TEXT, VM, "bootloader_args", "its arguments"},
    {"bootentry", TEXT, VM, NULL, "its entry"},
    {"memory", NUMBER, VM, NULL, "MiB at start (128)"},
    {"maxmem", NUMBER, VM, NULL, "MiB at most (memory)"},
    {"vcpus", NUMBER, VM, NULL, "number of virtual processors (1)"},
    {"vcpu_avail", NUMBER, VM, NULL, "bit mask of those on at start (all)"},
    {"maxvcpus", NUMBER, VM, NULL, "the same as vcpus, for xl's files"},
    {"cpus", CPUS, VM, NULL, "real CPUs, \"0-3,^1\" or one for each vcpu"},
    {"cpu", NUMBER, VM, NULL, "one real CPU for all vcpus"},
    {"cpu_weight", NUMBER, VM, NULL, "share of the CPUs (256)"},
    {"cpu_cap", NUMBER, VM, NULL, "limit in percent of one CPU (0: none)"},
    {"disk", DEVICES, NOWHERE, NULL, "list of 'BACKEND,FRONTEND,MODE'"},
    {"vif", DEVICES, NOWHERE, NULL, "list of 'mac=, bridge=, ...'"},
    {"vfb", DEVICES, NOWHERE, NULL, "list of 'vnc=1, ...'"},
    {"nics", OTHER, NOWHERE, NULL, "number of interfaces without settings"},
    {"on_poweroff", TEXT, VM, NULL, "destroy restart preserve rename-restart"},
    {"on_reboot", TEXT, VM, NULL, "the same (restart)"},
    {"on_crash", TEXT, VM, NULL,
     "the same (restart), and coredump-destroy, coredump-restart"},
    {"restart", OTHER, NOWHERE, NULL, "old: onreboot, always or never"},
    {"on_xend_start", NOTHING, NOWHERE, NULL, "ignore or start"},
    {"on_xend_stop", NOTHING, NOWHERE, NULL, "ignore, shutdown or suspend"},
    {"localtime", YESNO, VM, NULL, "clock in local time"},
    {"rtc_timeoffset", NUMBER, VM, NULL, "seconds added to the clock"},
    {"features", NOTHING, NOWHERE, NULL, "features that the kernel must have"},
    {"ip", OTHER, NOWHERE, NULL, "address for the kernel's ip="},
    {"netmask", OTHER, NOWHERE, NULL, "its netmask"},
    {"gateway", OTHER, NOWHERE, NULL, "its gateway"},
    {"hostname", OTHER, NOWHERE, NULL, "its host name"},
    {"interface", OTHER, NOWHERE, NULL, "its interface (eth0)"},
    {"dhcp", OTHER, NOWHERE, NULL, "off or dhcp"},
    {"nfs_server", OTHER, NOWHERE, NULL, "server of a root over NFS"},
    {"nfs_root", OTHER, NOWHERE, NULL, "its path there"},
    {"pci", NOTHING, NOWHERE, NULL, "PCI devices"},
    {"irq", NOTHING, NOWHERE, NULL, "interrupt lines"},
    {"ioports", NOTHING, NOWHERE, NULL, "I/O ports"},
    {"vtpm", NOTHING, NOWHERE, NULL, "virtual TPM"},
    {"vscsi", NOTHING, NOWHERE, NULL, "SCSI devices"},
    {"vusb", NOTHING, NOWHERE, NULL, "USB devices"},
    {"access_control", NOTHING, NOWHERE, NULL, "security label"},
    {"pool", NOTHING, NOWHERE, NULL, "CPU pool"},
    {"cpuid", NOTHING, NOWHERE, NULL, "CPUID bits"},
    {"tsc_mode", NOTHING, NOWHERE, NULL, "how the TSC is shown"},
    {"superpages", NOTHING, NOWHERE, NULL, "large pages"},
    {"nomigrate", NOTHING, NOWHERE, NULL, "never to be migrated"},
    {"blkif", NOTHING, NOWHERE, NULL, "block back end in the guest"},
    {"netif", NOTHING, NOWHERE, NULL, "network back end in the guest"},
    {"tpmif", NOTHING, NOWHERE, NULL, "TPM back end in the guest"},
    {"driver_domain", NOTHING, NOWHERE, NULL, "back ends in the guest"},
    {"iomem", NOTHING, NOWHERE, NULL, "device memory"},
    {"vif2", NOTHING, NOWHERE, NULL, "interfaces of another protocol"},
    {"ipaddr", NOTHING, NOWHERE, NULL, "old: addresses of the guest"},
    {"ssidref", NOTHING, NOWHERE, NULL, "old: security label"},
    {"actmem", NOTHING, NOWHERE, NULL, "MiB that are not paged out"},
    {"cpus_soft", NOTHING, NOWHERE, NULL, "real CPUs to prefer"},
    {"cpuid_check", NOTHING, NOWHERE, NULL, "CPUID bits the host must have"},
    {"machine_address_size", NOTHING, NOWHERE, NULL, "bits of an address"},
    {"suppress_spurious_page_faults", NOTHING, NOWHERE, NULL,
     "faults the guest is not to see"},
};
const size_t nr_keys = sizeof(keys) / sizeof(keys[0]);

/* Of the emulated machine that only HVM guests have; an empty one ends. */
static const char hvm_keys[] =
    "acpi\0apic\0audio\0boot\0cdrom\0device_model\0device_model_override\0"
    "device_model_version\0display\0extid\0fda\0fdb\0firmware\0"
    "firmware_override\0gfx_passthru\0guest_os_type\0hap\0hpet\0isa\0keymap\0"
    "loader\0macaddr\0memmap\0memory_sharing\0monitor\0monitor_path\0ne2000\0"
    "nestedhvm\0nographic\0nx\0oos\0opengl\0pae\0parallel\0pci_msitranslate\0"
    "pci_power_mgmt\0s3_integrity\0sdl\0serial\0shadow_memory\0snapshot\0"
    "soundhw\0stdvga\0target\0timer_mode\0usb\0usbdevice\0vga\0vhpt\0"
    "videoram\0viridian\0vkb\0vnc\0vncconsole\0vncdisplay\0vnclisten\0"
    "vncpasswd\0vncunused\0vncviewer\0vpt_align\0watchdog\0watchdog_action\0"
    "xauthority\0xen_platform_pci\0xenpaging_extra\0xenpaging_file\0";

static const char *after(const char *hvm_key)
{
    return hvm_key + strlen(hvm_key) + 1;
}

void keys_help(void)
{
    puts("Configuration keys (xmdomain.cfg(5) has more):");
    for (size_t i = 0; i < nr_keys; i++) {
        printf("  %-16s %s%s\n", keys[i].name, keys[i].text,
               keys[i].kind == NOTHING ? " (accepted, without effect)" : "");
    }
    for (const char *key = hvm_keys; *key; key = after(key))
        printf("  %-16s of HVM guests (accepted, without effect)\n", key);
}

static size_t min3(size_t a, size_t b, size_t c)
{
    size_t m = a < b ? a : b;

    return m < c ? m : c;
}

/* How many letters must be added, dropped or changed (Levenshtein). */
static size_t distance(const char *a, const char *b)
{
    size_t row[32];
    size_t lb = strlen(b);

    if (lb >= 31 || strlen(a) >= 31)
        return 99;
    for (size_t j = 0; j <= lb; j++)
        row[j] = j;
    for (size_t i = 1; a[i - 1]; i++) {
        size_t diagonal = row[0];

        row[0] = i;
        for (size_t j = 1; j <= lb; j++) {
            size_t old = row[j];

            row[j] = min3(row[j] + 1, row[j - 1] + 1,
                          diagonal + (a[i - 1] != b[j - 1]));
            diagonal = old;
        }
    }
    return row[lb];
}

static const struct key *find_key(const char *name)
{
    for (size_t i = 0; i < nr_keys; i++) {
        if (strcmp(keys[i].name, name) == 0)
            return &keys[i];
    }
    return NULL;
}

static bool is_hvm_key(const char *name)
{
    for (const char *key = hvm_keys; *key; key = after(key)) {
        if (strcmp(key, name) == 0)
            return true;
    }
    return false;
}

static const char *place_of(const struct config *c,
                            const struct config_entry *e, char *out,
                            size_t size)
{
    if (!e->line)
        return "command line";
    snprintf(out, size, "%s:%d:%d", c->file, e->line, e->column);
    return out;
}

/* The key nearest to `name` yet. */
struct near {
    const char *name, *key;
    size_t distance;
};

static void compare(struct near *n, const char *key)
{
    size_t d = distance(n->name, key);

    if (d < n->distance && d < strlen(n->name)) {
        n->distance = d;
        n->key = key;
    }
}

/* The key that `name` may stand for; NULL if none is near enough to help. */
static const char *nearest_key(const char *name)
{
    struct near n = {name, NULL, 2 + strlen(name) / 4};

    for (size_t i = 0; i < nr_keys; i++)
        compare(&n, keys[i].name);
    for (const char *key = hvm_keys; *key; key = after(key))
        compare(&n, key);
    return n.key;
}

static void warn_unknown(const struct config *c, const struct config_entry *e)
{
    const char *nearest = nearest_key(e->key);
    char place[512];

    fprintf(stderr, "Warning: %s: unknown key '%s'",
            place_of(c, e, place, sizeof(place)), e->key);
    if (nearest)
        fprintf(stderr, "; did you mean '%s'?", nearest);
    fputc('\n', stderr);
}

static bool is_empty(const struct config_value *v)
{
    static const char *const nothing[] = {"", "ignore", "none"};

    if (v->type == CONFIG_STRING) {
        for (size_t i = 0; i < sizeof(nothing) / sizeof(nothing[0]); i++) {
            if (strcmp(v->string, nothing[i]) == 0)
                return true;
        }
        return false;
    }
    return v->type == CONFIG_NONE ||
           (v->type == CONFIG_LIST && v->count == 0) ||
           (v->type == CONFIG_INT && v->integer == 0) ||
           (v->type == CONFIG_BOOL && !v->boolean);
}

/* All in one line: files that once were an HVM guest's have many. */
static void warn_hvm_keys(const struct config *c)
{
    const char *before = NULL;

    for (size_t i = 0; i < c->count; i++) {
        const struct config_entry *e = &c->entries[i];

        if (e->used || is_empty(e->value) || !is_hvm_key(e->key))
            continue;
        if (!before)
            fprintf(stderr, "Warning: %s: without effect, being for HVM guests",
                    c->file);
        before = before ? "," : ":";
        fprintf(stderr, "%s %s", before, e->key);
    }
    if (before)
        fputc('\n', stderr);
}

void keys_warn(const struct config *c)
{
    const struct config_entry *loader = config_find(c, "bootloader");
    const struct config_value *kernel = config_get(c, "kernel");
    char place[512];

    for (size_t i = 0; i < c->count; i++) {
        const struct config_entry *e = &c->entries[i];
        const struct key *k = find_key(e->key);
        bool idle = k && k->kind == NOTHING;

        /* A kernel that is named is booted; the loader is not asked. */
        if (e == loader && kernel && !is_empty(kernel))
            idle = true;
        if (idle && !is_empty(e->value))
            fprintf(stderr, "Warning: %s: '%s' has no effect\n",
                    place_of(c, e, place, sizeof(place)), e->key);
        else if (!k && !e->used && !is_hvm_key(e->key))
            warn_unknown(c, e);
    }
    warn_hvm_keys(c);
}
