/* SPDX-License-Identifier: GPL-2.0 */
/*
 * dump.c - the memory of a crashed domain as a core file: an ELF with the
 * sections .note.Xen, .xen_prstatus, .xen_shared_info, .xen_p2m and
 * .xen_pages, which `crash` reads.
 * Keeps true: a file that could not be written whole is removed; one with the
 * name of a core is whole.
 * The lists read from the guest are not trusted: each frame that does not
 * map is a page of zeros, and no more frames are written than the domain has,
 * however often a list names one.
 */
#include <elf.h>
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <sys/statvfs.h>
#include <time.h>
#include <unistd.h>

#include <abi/version.h>
#include <abi/xen.h>

#include "base/log.h"
#include "hyp/memory.h"
#include "xend.h"

#define DUMP_DIR  "/var/xen/dump"
#define PER_FRAME (HYP_PAGE_SIZE / sizeof(uint64_t))
#define MAX_PAGES (1ull << 28)
#define BATCH     256
#define KEEP_FREE 10 /* a tenth of the file system is not for cores */

/* Note types and the magic number of paravirtual domains. */
#define NOTE_NONE   0x2000000
#define NOTE_HEADER 0x2000001
#define NOTE_XEN    0x2000002
#define NOTE_FORMAT 0x2000003
#define MAGIC_PV    0xF00FEBEDull

struct p2m_entry {
    uint64_t pfn, gmfn;
};

struct dump {
    struct hyp *h;
    uint32_t domid, vcpus;
    int fd;
    union {
        struct shared_info info;
        char bytes[HYP_PAGE_SIZE];
    } shared;
    struct p2m_entry *list;
    uint64_t count;
};

/* One page of the domain's, copied; zeros where there is none. */
static void read_frame(const struct dump *u, uint64_t mfn, void *out)
{
    void *page = mem_map(u->h, u->domid, PROT_READ, &mfn, 1, NULL);

    memset(out, 0, HYP_PAGE_SIZE);
    if (!page)
        return;
    memcpy(out, page, HYP_PAGE_SIZE);
    mem_unmap(page, 1);
}

/* The guest's list of lists of frames, three levels, as shared_info has. */
static int read_p2m(struct dump *u, uint64_t shared_mfn, uint64_t most)
{
    static uint64_t top[PER_FRAME], mid[PER_FRAME], low[PER_FRAME];
    uint64_t max_pfn;

    read_frame(u, shared_mfn, u->shared.bytes);
    max_pfn = u->shared.info.arch.max_pfn;
    if (!max_pfn || max_pfn > MAX_PAGES)
        return -ENODATA;
    if (most > max_pfn)
        most = max_pfn;
    u->list = calloc(most + 1, sizeof(*u->list));
    if (!u->list)
        return -ENOMEM;
    read_frame(u, u->shared.info.arch.pfn_to_mfn_frame_list_list, top);
    for (uint64_t pfn = 0; pfn < max_pfn && u->count < most; pfn++) {
        uint64_t mfn;

        if (pfn / PER_FRAME / PER_FRAME >= PER_FRAME)
            break;
        if (pfn % (PER_FRAME * PER_FRAME) == 0)
            read_frame(u, top[pfn / PER_FRAME / PER_FRAME], mid);
        if (pfn % PER_FRAME == 0)
            read_frame(u, mid[pfn / PER_FRAME % PER_FRAME], low);
        mfn = low[pfn % PER_FRAME];
        if (mfn >> 62) /* not there, or another domain's */
            continue;
        u->list[u->count++] = (struct p2m_entry){pfn, mfn};
    }
    return u->count ? 0 : -ENODATA;
}

static int put(int fd, const void *data, size_t len)
{
    const char *p = data;

    while (len > 0) {
        ssize_t n = write(fd, p, len);

        if (n < 0 && errno == EINTR)
            continue;
        if (n <= 0)
            return n ? -errno : -EIO;
        p += n;
        len -= (size_t)n;
    }
    return 0;
}

/* ---- the head ---------------------------------------------------------- */

/* Section names, and where each begins among them. */
static const char names[] = "\0.shstrtab\0.note.Xen\0.xen_prstatus\0"
                            ".xen_shared_info\0.xen_p2m\0.xen_pages";
enum part { NO_PART, NAMES, NOTES, PRSTATUS, SHARED, P2M, PAGES, NR_PARTS };
static const unsigned char name_at[NR_PARTS] = {0, 1, 11, 21, 35, 52, 61};

/* Source: the notes of public/elfnote.h; each of them is called "Xen". */
struct note_head {
    Elf64_Nhdr header;
    char name[4];
};

struct notes {
    struct note_head none;
    struct note_head head;
    uint64_t magic, vcpus, pages, page_size;
    struct note_head xen;
    uint64_t major, minor;
    xen_extraversion_t extra;
    xen_compile_info_t compiled;
    xen_capabilities_info_t capabilities;
    xen_changeset_info_t changeset;
    xen_platform_parameters_t platform;
    uint64_t xen_page_size;
    struct note_head format;
    uint64_t version;
};
_Static_assert(sizeof(struct notes) == 1384, "no holes: notes follow closely");

struct head {
    Elf64_Ehdr e;
    Elf64_Shdr s[NR_PARTS];
    struct notes n;
    char names[sizeof(names)];
};

static struct note_head note(Elf64_Word kind, size_t size)
{
    return (struct note_head){{4, (Elf64_Word)size, kind}, "Xen"};
}

static void tell_version(struct notes *n, struct hyp *h)
{
    static struct host_version v;

    if (host_get_version(h, &v))
        return; /* zeros: not known */
    n->major = v.major;
    n->minor = v.minor;
    memcpy(n->extra, v.extra, sizeof(n->extra));
    memcpy(n->compiled.compiler, v.compiler, sizeof(v.compiler));
    memcpy(n->compiled.compile_by, v.compile_by, sizeof(v.compile_by));
    memcpy(n->compiled.compile_domain, v.compile_domain,
           sizeof(v.compile_domain));
    memcpy(n->compiled.compile_date, v.compile_date, sizeof(v.compile_date));
    memcpy(n->capabilities, v.capabilities, sizeof(n->capabilities));
    memcpy(n->changeset, v.changeset, sizeof(n->changeset));
    n->platform.virt_start = v.virt_start;
    n->xen_page_size = v.page_size;
}

static void fill_notes(struct notes *n, const struct dump *u)
{
    const size_t header =
        offsetof(struct notes, xen) - offsetof(struct notes, magic);
    const size_t xen =
        offsetof(struct notes, format) - offsetof(struct notes, major);

    *n = (struct notes){.none = note(NOTE_NONE, 0),
                        .head = note(NOTE_HEADER, header),
                        .magic = MAGIC_PV,
                        .vcpus = u->vcpus,
                        .pages = u->count,
                        .page_size = HYP_PAGE_SIZE,
                        .xen = note(NOTE_XEN, xen),
                        .format = note(NOTE_FORMAT, sizeof(n->version)),
                        .version = 1};
    tell_version(n, u->h);
}

/* Where each part lies: one behind the other, the pages on a page. */
static void fill_sections(Elf64_Shdr *s, const struct dump *u)
{
    const uint64_t size[NR_PARTS] = {
        [NAMES] = sizeof(names),
        [NOTES] = sizeof(struct notes),
        [PRSTATUS] = u->vcpus * sizeof(struct vcpu_guest_context),
        [SHARED] = HYP_PAGE_SIZE,
        [P2M] = u->count * sizeof(struct p2m_entry),
        [PAGES] = u->count * HYP_PAGE_SIZE,
    };
    const uint64_t entry[NR_PARTS] = {
        [PRSTATUS] = sizeof(struct vcpu_guest_context),
        [SHARED] = HYP_PAGE_SIZE,
        [P2M] = sizeof(struct p2m_entry),
        [PAGES] = HYP_PAGE_SIZE,
    };
    uint64_t at = sizeof(struct head);

    for (int i = NAMES; i < NR_PARTS; i++) {
        uint64_t align = i == PAGES ? HYP_PAGE_SIZE : 8;

        s[i] = (Elf64_Shdr){.sh_name = name_at[i],
                            .sh_type = i == NAMES   ? SHT_STRTAB
                                       : i == NOTES ? SHT_NOTE
                                                    : SHT_PROGBITS,
                            .sh_size = size[i],
                            .sh_entsize = entry[i],
                            .sh_addralign = i <= NOTES ? 1 : align};
        if (i <= NOTES)
            continue; /* they are in the head */
        at = (at + align - 1) & ~(align - 1);
        s[i].sh_offset = at;
        at += size[i];
    }
    s[NAMES].sh_offset = offsetof(struct head, names);
    s[NOTES].sh_offset = offsetof(struct head, n);
}

static int put_at(const struct dump *u, const Elf64_Shdr *s, const void *data)
{
    if (lseek(u->fd, (off_t)s->sh_offset, SEEK_SET) < 0)
        return -errno;
    return put(u->fd, data, s->sh_size);
}

/* Registers of each vcpu; zeros where the hypervisor does not tell. */
static int put_vcpus(const struct dump *u, const Elf64_Shdr *s)
{
    struct vcpu_guest_context *all = calloc(1, s->sh_size);
    int rc;

    if (!all)
        return -ENOMEM;
    for (uint32_t i = 0; i < u->vcpus; i++)
        dom_get_vcpu_context(u->h, u->domid, i, &all[i]);
    rc = put_at(u, s, all);
    free(all);
    return rc;
}

static int put_head(const struct dump *u)
{
    static struct head head;
    int rc;

    head.e = (Elf64_Ehdr){
        .e_ident = {0x7f, 'E', 'L', 'F', ELFCLASS64, ELFDATA2LSB, EV_CURRENT},
        .e_type = ET_CORE,
        .e_machine = EM_X86_64,
        .e_version = EV_CURRENT,
        .e_shoff = offsetof(struct head, s),
        .e_ehsize = sizeof(Elf64_Ehdr),
        .e_shentsize = sizeof(Elf64_Shdr),
        .e_shnum = NR_PARTS,
        .e_shstrndx = NAMES};
    fill_sections(head.s, u);
    fill_notes(&head.n, u);
    memcpy(head.names, names, sizeof(names));
    rc = put(u->fd, &head, sizeof(head));
    if (!rc)
        rc = put_vcpus(u, &head.s[PRSTATUS]);
    if (!rc)
        rc = put_at(u, &head.s[SHARED], u->shared.bytes);
    if (!rc)
        rc = put_at(u, &head.s[P2M], u->list);
    if (!rc && lseek(u->fd, (off_t)head.s[PAGES].sh_offset, SEEK_SET) < 0)
        rc = -errno;
    return rc;
}

static int put_pages(const struct dump *u)
{
    static char zero[HYP_PAGE_SIZE];
    uint64_t frames[BATCH];
    int errors[BATCH];
    int rc = 0;

    for (uint64_t i = 0; i < u->count && !rc; i += BATCH) {
        uint64_t n = u->count - i < BATCH ? u->count - i : BATCH;
        char *at;

        for (uint64_t k = 0; k < n; k++)
            frames[k] = u->list[i + k].gmfn;
        at = mem_map(u->h, u->domid, PROT_READ, frames, n, errors);
        if (!at)
            return -errno;
        for (uint64_t k = 0; k < n && !rc; k++)
            rc = put(u->fd, errors[k] ? zero : at + k * HYP_PAGE_SIZE,
                     HYP_PAGE_SIZE);
        mem_unmap(at, n);
    }
    return rc;
}

/* A domain's name may have what would lead to another folder. */
static void file_name(char out[128], const char *name)
{
    snprintf(out, 128, "%s", name);
    if (*out == '.')
        *out = '_';
    for (char *p = out; *p; p++)
        if (*p == '/')
            *p = '_';
}

static void dump_path(const struct domain *d, char *out, size_t size)
{
    char stamp[32], name[128];
    time_t now = time(NULL);
    struct tm tm;

    file_name(name, d->cfg->name);
    strftime(stamp, sizeof(stamp), "%Y-%m%d-%H%M.%S", localtime_r(&now, &tm));
    snprintf(out, size, "%s/%s", DUMP_DIR, name);
    mkdir("/var/xen", 0755);
    mkdir(DUMP_DIR, 0700);
    mkdir(out, 0700);
    snprintf(out, size, "%s/%s/%s-%s.%d.core", DUMP_DIR, name, stamp, name,
             d->domid);
}

/* A guest may crash whenever it likes: its cores shall not fill the disk that
 * Dom0 needs for itself. */
static int find_room(const struct dump *u, const char *path)
{
    char dir[520];
    struct statvfs fs;

    snprintf(dir, sizeof(dir), "%s", path);
    *strrchr(dir, '/') = '\0';
    if (statvfs(dir, &fs))
        return -errno;
    if (fs.f_blocks && /* one in memory may not count */
        fs.f_bavail * fs.f_frsize <
            u->count * HYP_PAGE_SIZE + fs.f_blocks * fs.f_frsize / KEEP_FREE)
        return -ENOSPC;
    return 0;
}

static int write_core(struct dump *u, const char *path)
{
    char part[520];
    int rc = find_room(u, path);

    if (rc)
        return rc;
    snprintf(part, sizeof(part), "%s.part", path);
    u->fd = open(part, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0600);
    if (u->fd < 0)
        return -errno;
    rc = put_head(u);
    if (!rc)
        rc = put_pages(u);
    if (close(u->fd) && !rc)
        rc = -errno;
    if (!rc && rename(part, path))
        rc = -errno;
    if (rc)
        unlink(part);
    return rc;
}

/* In the child. */
static void dump_job(const struct domain *d, struct hyp *h, int out)
{
    static struct dump u;
    struct dom_info info;
    char path[512];
    int rc;

    u.h = h;
    u.domid = (uint32_t)d->domid;
    rc = h ? dom_get_info(h, u.domid, &info) : -ENXIO;
    dump_path(d, path, sizeof(path));
    if (!rc) {
        u.vcpus = info.max_vcpu_id + 1;
        rc = read_p2m(&u, info.shared_info_mfn, info.tot_pages);
    }
    if (!rc)
        rc = write_core(&u, path);
    dprintf(out, "%s: %s", path, rc ? strerror(-rc) : "written");
}

static void dump_ended(struct domain *d, const void *data, size_t len)
{
    log_info("%s (id %d): core %.*s", d->cfg->name, d->domid, (int)len,
             (const char *)data);
    d->dump_done(d);
}

int dump_begin(struct domain *d, dump_done_fn *done)
{
    d->dump_done = done;
    return job_start(d, dump_job, dump_ended, true);
}
