/* SPDX-License-Identifier: GPL-2.0 */
/*
 * test_dump.c - the core file of a guest that lies about its memory, with a
 * made-up hypervisor.
 */
#include "unit.h"

#include "../../tools/xend/dump.c"

#define SHARED_MFN 1
#define PAGES      300 /* that the domain has */

static union {
    struct shared_info info;
    uint64_t entry[PER_FRAME];
} shared, list;

void *mem_map(struct hyp *h, uint32_t domid, int prot, const uint64_t *frames,
              size_t count, int *err)
{
    static char pages[BATCH][HYP_PAGE_SIZE];

    (void)h;
    (void)domid;
    (void)prot;
    if (err)
        memset(err, 0, count * sizeof(*err));
    memcpy(pages[0], frames[0] == SHARED_MFN ? (void *)&shared : (void *)&list,
           HYP_PAGE_SIZE);
    return pages;
}

void mem_unmap(void *where, size_t count)
{
    (void)where;
    (void)count;
}

int dom_get_info(struct hyp *h, uint32_t domid, struct dom_info *info)
{
    (void)h;
    *info = (struct dom_info){.domid = domid};
    return 0;
}

int dom_get_vcpu_context(struct hyp *h, uint32_t domid, uint32_t vcpu,
                         struct vcpu_guest_context *ctx)
{
    (void)h;
    (void)domid;
    (void)vcpu;
    (void)ctx;
    return -ENODATA;
}

int host_get_version(struct hyp *h, struct host_version *v)
{
    (void)h;
    (void)v;
    return -EPERM;
}

int job_start(struct domain *d, job_fn *fn, job_done_fn *done,
              bool dies_with_us)
{
    (void)d;
    (void)fn;
    (void)done;
    (void)dies_with_us;
    return -ENOSYS;
}

/* The same frame a quarter of a milliard times. */
static void lying_list(void)
{
    struct dump u = {.vcpus = 1};
    char path[] = "/tmp/dump-test-XXXXXX";
    struct stat st;
    int fd = mkstemp(path);

    shared.info.arch.max_pfn = MAX_PAGES;
    shared.info.arch.pfn_to_mfn_frame_list_list = 2;
    for (size_t i = 0; i < PER_FRAME; i++)
        list.entry[i] = 5;
    CHECK_EQ(read_p2m(&u, SHARED_MFN, PAGES), 0);
    CHECK_EQ(u.count, PAGES);
    CHECK_EQ(write_core(&u, path), 0);
    CHECK_EQ(stat(path, &st), 0);
    CHECK(st.st_size >= (off_t)(PAGES * HYP_PAGE_SIZE));
    CHECK(st.st_size < (off_t)((PAGES + 20) * HYP_PAGE_SIZE));
    CHECK_EQ(st.st_mode & 0777, 0600);
    free(u.list);
    close(fd);
    unlink(path);
}

static void no_room(void)
{
    struct dump u = {.vcpus = 1, .count = 1ull << 40};

    CHECK_EQ(write_core(&u, "/tmp/dump-test.core"), -ENOSPC);
    CHECK(access("/tmp/dump-test.core.part", F_OK) < 0);
    u.count = 1;
    CHECK_EQ(write_core(&u, "/no-such/dump-test.core"), -ENOENT);
}

static void empty_list(void)
{
    struct dump u = {.vcpus = 1};

    memset(&list, 0xff, sizeof(list));
    shared.info.arch.max_pfn = 1000;
    CHECK_EQ(read_p2m(&u, SHARED_MFN, PAGES), -ENODATA);
    free(u.list);
    u = (struct dump){.vcpus = 1};
    shared.info.arch.max_pfn = MAX_PAGES + 1;
    CHECK_EQ(read_p2m(&u, SHARED_MFN, PAGES), -ENODATA);
}

static void names_stay_names(void)
{
    static const struct {
        const char *name, *wanted;
    } rows[] = {
        {"guest-1", "guest-1"},
        {"a/b", "a_b"},
        {"../../etc", "_._.._etc"},
        {"..", "_."},
    };
    char out[128];

    for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
        unit_set_row(rows[i].name);
        file_name(out, rows[i].name);
        CHECK(!strcmp(out, rows[i].wanted));
    }
}

static const struct unit_test tests[] = {
    {"a core has no more pages than the domain", lying_list},
    {"a core that would fill the disk is not written", no_room},
    {"a guest without a list has no core", empty_list},
    {"a core's name leads to no other folder", names_stay_names},
};
UNIT_MAIN("dump", tests)
