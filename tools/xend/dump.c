/* SPDX-License-Identifier: GPL-2.0 */
/*
 * dump.c - the memory of a crashed domain as a core file: an ELF with the
 * sections .note.Xen, .xen_p2m and .xen_pages, which `crash` reads.
 * Keeps true: a file that could not be written whole is removed.
 * The lists read from the guest are not trusted: each frame that does not
 * map is a page of zeros.
 */
#include <elf.h>
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

#include <abi/xen.h>

#include "base/log.h"
#include "hyp/memory.h"
#include "xend.h"

#define DUMP_DIR  "/var/xen/dump"
#define PER_FRAME (HYP_PAGE_SIZE / sizeof(uint64_t))
#define MAX_PAGES (1ull << 28)
#define BATCH     256

/* Note types and the magic number of paravirtual domains. */
#define NOTE_HEADER 0x2000001
#define NOTE_FORMAT 0x2000003
#define MAGIC_PV    0xF00FEBEDull

struct p2m_entry {
    uint64_t pfn, gmfn;
};

struct dump {
    struct hyp *h;
    uint32_t domid;
    int fd;
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
static int read_p2m(struct dump *u, uint64_t shared_mfn)
{
    static uint64_t top[PER_FRAME], mid[PER_FRAME], low[PER_FRAME];
    static union {
        struct shared_info info;
        char bytes[HYP_PAGE_SIZE];
    } shared;
    uint64_t max_pfn;

    read_frame(u, shared_mfn, shared.bytes);
    max_pfn = shared.info.arch.max_pfn;
    if (!max_pfn || max_pfn > MAX_PAGES)
        return -ENODATA;
    u->list = calloc(max_pfn, sizeof(*u->list));
    if (!u->list)
        return -ENOMEM;
    read_frame(u, shared.info.arch.pfn_to_mfn_frame_list_list, top);
    for (uint64_t pfn = 0; pfn < max_pfn; pfn++) {
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

static const char names[] = "\0.shstrtab\0.note.Xen\0.xen_p2m\0.xen_pages";

struct notes {
    Elf64_Nhdr header;
    char header_name[4];
    uint64_t magic, vcpus, pages, page_size;
    Elf64_Nhdr format;
    char format_name[4];
    uint64_t version;
} __attribute__((packed));

static Elf64_Shdr section(Elf64_Word name, Elf64_Word type, Elf64_Off offset,
                          uint64_t size, uint64_t entry)
{
    return (Elf64_Shdr){.sh_name = name,
                        .sh_type = type,
                        .sh_offset = offset,
                        .sh_size = size,
                        .sh_entsize = entry,
                        .sh_addralign = 8};
}

static int put_head(const struct dump *u, unsigned vcpus)
{
    struct {
        Elf64_Ehdr e;
        Elf64_Shdr s[5];
        struct notes n;
        char names[sizeof(names)];
    } __attribute__((packed)) head = {
        .e = {.e_ident = {0x7f, 'E', 'L', 'F', ELFCLASS64, ELFDATA2LSB,
                          EV_CURRENT},
              .e_type = ET_CORE,
              .e_machine = EM_X86_64,
              .e_version = EV_CURRENT,
              .e_shoff = sizeof(Elf64_Ehdr),
              .e_ehsize = sizeof(Elf64_Ehdr),
              .e_shentsize = sizeof(Elf64_Shdr),
              .e_shnum = 5,
              .e_shstrndx = 1},
        .n = {{4, 32, NOTE_HEADER},
              "Xen",
              MAGIC_PV,
              vcpus,
              u->count,
              HYP_PAGE_SIZE,
              {4, 8, NOTE_FORMAT},
              "Xen",
              1},
    };
    uint64_t base = offsetof(__typeof__(head), n);
    uint64_t p2m = (sizeof(head) + 7) & ~7ull;
    uint64_t p2m_size = u->count * sizeof(struct p2m_entry);
    uint64_t pages =
        (p2m + p2m_size + HYP_PAGE_SIZE - 1) & ~(HYP_PAGE_SIZE - 1);
    int rc;

    memcpy(head.names, names, sizeof(names));
    head.s[1] = section(1, SHT_STRTAB, base + sizeof(head.n), sizeof(names), 0);
    head.s[2] = section(11, SHT_NOTE, base, sizeof(head.n), 0);
    head.s[3] =
        section(21, SHT_PROGBITS, p2m, p2m_size, sizeof(struct p2m_entry));
    head.s[4] = section(30, SHT_PROGBITS, pages, u->count * HYP_PAGE_SIZE,
                        HYP_PAGE_SIZE);
    rc = put(u->fd, &head, sizeof(head));
    if (!rc && lseek(u->fd, (off_t)p2m, SEEK_SET) < 0)
        rc = -errno;
    if (!rc)
        rc = put(u->fd, u->list, p2m_size);
    if (!rc && lseek(u->fd, (off_t)pages, SEEK_SET) < 0)
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

static void dump_path(const struct domain *d, char *out, size_t size)
{
    char stamp[32];
    time_t now = time(NULL);
    struct tm tm;

    strftime(stamp, sizeof(stamp), "%Y-%m%d-%H%M.%S", localtime_r(&now, &tm));
    snprintf(out, size, "%s/%s", DUMP_DIR, d->cfg->name);
    mkdir("/var/xen", 0755);
    mkdir(DUMP_DIR, 0700);
    mkdir(out, 0700);
    snprintf(out, size, "%s/%s/%s-%s.%d.core", DUMP_DIR, d->cfg->name, stamp,
             d->cfg->name, d->domid);
}

/* In the child. */
static void dump_job(const struct domain *d, struct hyp *h, int out)
{
    struct dump u = {.h = h, .domid = (uint32_t)d->domid, .fd = -1};
    struct dom_info info;
    char path[512];
    int rc = h ? dom_get_info(h, u.domid, &info) : -ENXIO;

    dump_path(d, path, sizeof(path));
    if (!rc)
        rc = read_p2m(&u, info.shared_info_mfn);
    if (!rc)
        u.fd = open(path, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0600);
    if (!rc && u.fd < 0)
        rc = -errno;
    if (!rc)
        rc = put_head(&u, info.max_vcpu_id + 1);
    if (!rc)
        rc = put_pages(&u);
    if (rc && u.fd >= 0)
        unlink(path);
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
