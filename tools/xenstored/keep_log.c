/* SPDX-License-Identifier: GPL-2.0 */
/*
 * keep_log.c - the log's file: mapped, grown, records put behind one another.
 * Keeps true: what stands before the header's `end` is whole, and survives
 * this process; a log of another boot of the machine does not count.
 */
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>

#include "keep_log.h"

#define LOG_MAGIC 0x31474f4c53584f4eULL /* changes with the format */
#define LOG_MAP   (1UL << 30)           /* address space, not memory */
#define LOG_STEP  (256UL << 10)

int keep_file_grow(int fd, size_t size)
{
    /* Real blocks, or a full disk would be a bus error later. */
    int rc = fallocate(fd, 0, 0, (off_t)size);

    if (rc && (errno == EOPNOTSUPP || errno == ENOSYS))
        rc = ftruncate(fd, (off_t)size);
    return rc ? -errno : 0;
}

int keep_file_open(const char *dir, const char *name, int flags)
{
    char path[4096];
    int fd;

    snprintf(path, sizeof(path), "%s/%s", dir, name);
    fd = open(path, flags | O_RDWR | O_CLOEXEC, 0600);
    return fd < 0 ? -errno : fd;
}

void *keep_file_map(int fd, size_t len)
{
    void *p = mmap(NULL, len, PROT_READ | PROT_WRITE,
                   MAP_SHARED | MAP_NORESERVE, fd, 0);

    return p == MAP_FAILED ? NULL : p;
}

static void boot_id(char out[40])
{
    int fd = open("/proc/sys/kernel/random/boot_id", O_RDONLY | O_CLOEXEC);

    memset(out, 0, 40);
    if (fd < 0)
        return;
    if (read(fd, out, 39) < 0)
        out[0] = '\0';
    close(fd);
}

void keep_log_close(struct log_file *l)
{
    if (l->head)
        munmap(l->head, LOG_MAP);
    if (l->fd >= 0)
        close(l->fd);
    l->head = NULL;
    l->fd = -1;
}

int keep_log_begin(struct log_file *l, const char *dir, const char *name)
{
    int rc;

    l->fd = keep_file_open(dir, name, O_CREAT | O_TRUNC);
    if (l->fd < 0)
        return l->fd;
    l->size = LOG_STEP;
    rc = keep_file_grow(l->fd, l->size);
    if (!rc) {
        l->head = keep_file_map(l->fd, LOG_MAP);
        rc = l->head ? 0 : -errno;
    }
    if (rc) {
        keep_log_close(l);
        return rc;
    }
    l->head->magic = LOG_MAGIC;
    boot_id(l->head->boot);
    l->pos = sizeof(*l->head);
    atomic_store(&l->head->end, l->pos);
    return 0;
}

int keep_log_reuse(struct log_file *l, const char *dir)
{
    char boot[40];
    struct stat st;

    l->fd = keep_file_open(dir, "store.log", 0);
    if (l->fd < 0)
        return l->fd;
    if (fstat(l->fd, &st) || (size_t)st.st_size < LOG_STEP ||
        (size_t)st.st_size > LOG_MAP)
        goto none;
    l->size = (size_t)st.st_size;
    l->head = keep_file_map(l->fd, LOG_MAP);
    if (!l->head)
        goto none;
    boot_id(boot);
    l->pos = l->head->end;
    if (l->head->magic == LOG_MAGIC && !memcmp(boot, l->head->boot, 40) &&
        l->pos >= sizeof(*l->head) && l->pos <= l->size)
        return 0;
none:
    keep_log_close(l);
    return -ENOENT;
}

int keep_log_append(struct log_file *l, enum record_kind kind,
                    unsigned int domid, const void *body, size_t body_len,
                    const void *more, size_t more_len)
{
    struct record rec = {
        .len = (uint32_t)((sizeof(rec) + body_len + more_len + 7) & ~7UL),
        .kind = kind,
        .body_len = (uint32_t)(body_len + more_len),
        .domid = domid,
    };
    char *p;

    if (l->pos + rec.len > l->size) {
        size_t size = l->size + LOG_STEP + rec.len;
        int rc = size > LOG_MAP ? -EFBIG : keep_file_grow(l->fd, size);

        if (rc)
            return rc;
        l->size = size;
    }
    p = (char *)l->head + l->pos;
    memcpy(p, &rec, sizeof(rec));
    if (body_len)
        memcpy(p + sizeof(rec), body, body_len);
    if (more_len)
        memcpy(p + sizeof(rec) + body_len, more, more_len);
    l->pos += rec.len;
    return 0;
}

void keep_log_commit(struct log_file *l, const struct xstore *xs)
{
    l->head->clock = tree_clock();
    l->head->last_txn = xs->last_txn;
    atomic_store_explicit(&l->head->end, l->pos, memory_order_release);
}
