/* SPDX-License-Identifier: GPL-2.0 */
/*
 * test_xend.c - what xend makes of descriptions, names and numbers, without a
 * hypervisor or a store.
 */
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#include <abi/sched.h>

#include "unit.h"
#include "xend.h"

struct xend xend;

static struct sxp *parse(const char *text)
{
    char err[128];
    struct sxp *all = sxp_parse("test", text, strlen(text), err, sizeof(err));
    struct sxp *one = all && all->first ? sxp_copy(all->first) : NULL;

    sxp_free(all);
    return one;
}

static void disk_numbers(void)
{
    static const struct {
        const char *name;
        long number;
    } rows[] = {
        {"xvda", 51712},
        {"xvda1", 51713},
        {"xvdb", 51728},
        {"xvdp15", 51967},
        {"xvdq", 0x10001000},
        {"xvdaa", 0x10001a00},
        {"xvda16", 0x10000010},
        {"sda1", 2049},
        {"sdp", 2288},
        {"sdq", -1},
        {"hda", 768},
        {"hdb1", 833},
        {"hdc", 5632},
        {"hdd2", 5698},
        {"hde", -1},
        {"51712", 51712},
        {"/dev/xvda", 51712},
        {"", -1},
        {"xvd", -1},
        {"xvda0", -1},
        {"xvda1x", -1},
        {"xvdA", -1},
        {"xvdzzzzzzzzzz", -1},
        {"xvda9999", -1},
        {"5171x", -1},
        {"sda16", -1},
    };

    for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
        unit_set_row(rows[i].name);
        CHECK_EQ(vbd_number(rows[i].name), rows[i].number);
    }
}

static void rates(void)
{
    static const struct {
        const char *text, *wanted;
    } rows[] = {
        {"10Mb/s", "62500,50000"},
        {"250KB/s@20ms", "5000,20000"},
        {"1GB/s", "50000000,50000"},
        {"800b/s@1s", "100,1000000"},
        {"10Mb", NULL},
        {"fast", NULL},
        {"0Mb/s", NULL},
        {"-1Mb/s", NULL},
        {"nanMb/s", NULL},
        {"infMb/s", NULL},
        {"1Mb/s@nans", NULL},
        {"10Mb/s@", NULL},
        {"10Mb/s@5h", NULL},
        {"10Mb/sx", NULL},
        {"", NULL},
    };

    for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
        char *got = vif_rate(rows[i].text);

        unit_set_row(rows[i].text);
        CHECK((got != NULL) == (rows[i].wanted != NULL));
        CHECK(!got || strcmp(got, rows[i].wanted) == 0);
        free(got);
    }
}

static void addresses(void)
{
    CHECK(vif_mac_valid("00:16:3e:1d:97:dc"));
    CHECK(vif_mac_valid("AA:bb:0C:00:00:01"));
    CHECK(!vif_mac_valid("00:16:3e:1d:97"));
    CHECK(!vif_mac_valid("00:16:3e:1d:97:dc:01"));
    CHECK(!vif_mac_valid("00:16:3e:zz:97:dc"));
    CHECK(!vif_mac_valid("01:16:3e:1d:97:dc"));
    CHECK(!vif_mac_valid("00:00:00:00:00:00"));
    CHECK(!vif_mac_valid("0:16:3e:1d:97:dc"));
    CHECK(!vif_mac_valid(""));
}

static void cpu_lists(void)
{
    struct cpu_map m;

    CHECK_EQ(cpu_map_parse(&m, "0-3,^1"), 0);
    CHECK(cpu_map_has(&m, 0) && !cpu_map_has(&m, 1) && cpu_map_has(&m, 3) &&
          !cpu_map_has(&m, 4));
    CHECK_EQ(cpu_map_parse(&m, "7"), 0);
    CHECK(cpu_map_has(&m, 7) && !cpu_map_has(&m, 6));
    CHECK_EQ(cpu_map_parse(&m, "all"), 0);
    CHECK_EQ(cpu_map_parse(&m, "^0"), 0);
    CHECK(!cpu_map_has(&m, 0) && cpu_map_has(&m, 1) && cpu_map_has(&m, 511));
    CHECK_EQ(cpu_map_parse(&m, "all, ^1-2"), 0);
    CHECK(cpu_map_has(&m, 0) && !cpu_map_has(&m, 2) && cpu_map_has(&m, 3));
    CHECK_EQ(cpu_map_parse(&m, "allx"), -1);
    CHECK_EQ(cpu_map_parse(&m, ""), -1);
    CHECK_EQ(cpu_map_parse(&m, "1-"), -1);
    CHECK_EQ(cpu_map_parse(&m, "3-1"), -1);
    CHECK_EQ(cpu_map_parse(&m, "9999"), -1);
    CHECK_EQ(cpu_map_parse(&m, "1,^1"), -1);
    CHECK_EQ(cpu_map_parse(&m, "a"), -1);
}

#define VM(rest) "(vm (name x) " rest " (image (linux (kernel /k))))"

static void descriptions(void)
{
    static const struct {
        const char *text, *complaint; /* NULL: good */
    } rows[] = {
        {VM("(memory 64)"), NULL},
        {VM("(memory 64) (maxmem 32)"), "maxmem"},
        {VM("(memory 0)"), "memory"},
        {VM("(memory abc)"), "memory"},
        {VM("(vcpus 0)"), "vcpus"},
        {VM("(vcpus 65)"), "vcpus"},
        {VM("(vcpus 2) (vcpu_avail 2)"), "vcpu_avail"},
        {VM("(vcpus 2) (cpus (0))"), NULL},
        {VM("(vcpus 2) (cpus (0 1))"), NULL},
        {VM("(vcpus 3) (cpus (0 1))"), "cpus"},
        {VM("(cpus (x))"), "cpus"},
        {VM("(cpus (()))"), "cpus"},
        {VM("(uuid zz)"), "uuid"},
        {VM("(on_crash coredump-restart)"), NULL},
        {VM("(on_reboot coredump-restart)"), "on_reboot"},
        {VM("(on_poweroff explode)"), "on_poweroff"},
        {"(vm (name 12) (image (linux (kernel /k))))", "name"},
        {"(vm (name 'a b') (image (linux (kernel /k))))", "name"},
        {"(vm (image (linux (kernel /k))))", "no name"},
        {"(vm (name x))", "neither kernel"},
        {"(vm (name x) (image (hvm)))", "paravirtual"},
        {"(() ())", "not a domain"},
    };

    for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
        char err[ERR_SIZE] = "";
        struct sxp *s = parse(rows[i].text);
        struct vmcfg *c = vmcfg_new(s, err, sizeof(err));

        unit_set_row(rows[i].text);
        CHECK((c != NULL) == (rows[i].complaint == NULL));
        CHECK(c || (rows[i].complaint && strstr(err, rows[i].complaint)));
        vmcfg_free(c);
        sxp_free(s);
    }
}

static void parameters(void)
{
    char err[ERR_SIZE];
    struct sxp *s = parse("(vm (name x) (image (linux (kernel /k) "
                          "(root '/dev/xvda1 ro') (ip a:b) (args 'c d'))))");
    struct vmcfg *c = vmcfg_new(s, err, sizeof(err));

    CHECK(c && strcmp(c->cmdline, "ip=a:b root=/dev/xvda1 ro c d") == 0);
    CHECK(c && c->memory_mib == 128 && c->maxmem_mib == 128);
    CHECK(c && c->on_poweroff == ACT_DESTROY && c->on_crash == ACT_RESTART);
    vmcfg_free(c);
    sxp_free(s);
}

/* Two domains and a file on disk: who may have it? */
static struct domain *add_domain(const char *name)
{
    uint8_t uuid[16] = {(uint8_t)name[0]};

    return domain_new(vmcfg_bare(name, uuid));
}

static bool add_disk(struct domain *d, const char *text, char *err)
{
    struct sxp *s = parse(text);
    struct device *dev = device_new(d, s, err);

    sxp_free(s);
    return dev != NULL;
}

static void sharing(void)
{
    char path[] = "/tmp/xend-test-XXXXXX";
    char w[128], r[128], shared[128], err[ERR_SIZE] = "";
    int fd = mkstemp(path);
    struct domain *a = add_domain("aa");
    struct domain *b = add_domain("bb");

    snprintf(w, sizeof(w), "(vbd (uname file:%s) (dev xvda) (mode w))", path);
    snprintf(r, sizeof(r), "(vbd (uname file:%s) (dev xvdb) (mode r))", path);
    snprintf(shared, sizeof(shared),
             "(vbd (uname tap:aio:%s) (dev xvdc) (mode w!))", path);
    CHECK(add_disk(a, r, err));
    CHECK(add_disk(b, r, err));
    CHECK(!add_disk(b, w, err));
    CHECK(strstr(err, "in use by domain 'aa'") != NULL);
    device_free(a->devices);
    CHECK(!add_disk(a, w, err)); /* bb still reads it */
    device_free(b->devices);
    CHECK(add_disk(a, w, err));
    CHECK(!add_disk(b, r, err));
    CHECK(!add_disk(b, shared, err));
    device_free(a->devices);
    CHECK(add_disk(a, shared, err));
    CHECK(add_disk(b, shared, err));
    CHECK(!add_disk(b, shared, err)); /* the same name twice */
    unlink(path);
    close(fd);
    domain_free(a);
    domain_free(b);
}

static const char *type_of(struct domain *d, const char *uname, char *err)
{
    char text[256];
    const char *type = "refused";

    snprintf(text, sizeof(text), "(vbd (uname '%s') (dev xvda) (mode r))",
             uname);
    if (add_disk(d, text, err)) {
        type = d->devices->vbd_type;
        type = strcmp(type, "phy") == 0    ? "phy"
               : strcmp(type, "file") == 0 ? "file"
                                           : "own";
        device_free(d->devices);
    }
    return type;
}

/* What the administrators' files have before a path, and who serves it. */
static void disk_types(void)
{
    static const char *const files[] = {
        "file:",     "tap:aio:",          "tap:raw:", "tap:tapdisk:aio:",
        "tap2:aio:", "tap2:tapdisk:aio:", "tap:sync:"};
    char dir[] = "/tmp/xend-test-XXXXXX";
    char path[64], uname[128], err[ERR_SIZE] = "";
    struct domain *a = add_domain("aa");
    int fd;

    CHECK(mkdtemp(dir) != NULL);
    xend.set.scripts = dir;
    snprintf(path, sizeof(path), "%s/block-ours", dir);
    fd = open(path, O_CREAT | O_WRONLY, 0700);
    for (size_t i = 0; i < sizeof(files) / sizeof(files[0]); i++) {
        snprintf(uname, sizeof(uname), "%s%s", files[i], path);
        unit_set_row(uname);
        CHECK(strcmp(type_of(a, uname, err), "file") == 0);
    }
    CHECK(strcmp(type_of(a, "tap:qcow2:/x", err), "refused") == 0);
    CHECK(strcmp(type_of(a, "ours:any thing", err), "own") == 0);
    CHECK(strcmp(type_of(a, "theirs:any thing", err), "refused") == 0);
    CHECK(strstr(err, "block-TYPE in /tmp/xend-test") != NULL);
    CHECK(strcmp(type_of(a, "../ours:x", err), "refused") == 0);
    close(fd);
    unlink(path);
    rmdir(dir);
    domain_free(a);
}

/* A disk is known by what it is, not by its path: others' paths may be on a
 * server that does not answer, or lead elsewhere by now. */
static void moved_disk(void)
{
    char path[] = "/tmp/xend-test-XXXXXX";
    char w[128], moved[64], err[ERR_SIZE] = "";
    int fd = mkstemp(path);
    struct domain *a = add_domain("aa");
    struct domain *b = add_domain("bb");

    snprintf(w, sizeof(w), "(vbd (uname file:%s) (dev xvda) (mode w))", path);
    CHECK(add_disk(a, w, err));
    snprintf(moved, sizeof(moved), "%s.moved", path);
    CHECK_EQ(rename(path, moved), 0);
    snprintf(w, sizeof(w), "(vbd (uname file:%s) (dev xvda) (mode w))", moved);
    CHECK(!add_disk(b, w, err));
    CHECK(strstr(err, "in use by domain 'aa'") != NULL);
    close(fd);
    fd = open(path, O_RDWR | O_CREAT | O_EXCL, 0600);
    snprintf(w, sizeof(w), "(vbd (uname file:%s) (dev xvda) (mode w))", path);
    CHECK(add_disk(b, w, err)); /* another file by now */
    unlink(path);
    unlink(moved);
    close(fd);
    domain_free(a);
    domain_free(b);
}

/* What only the administrator's own script understands is compared as text. */
static void own_scripts(void)
{
    char dir[] = "/tmp/xend-test-XXXXXX", script[64], err[ERR_SIZE] = "";
    const char *before = xend.set.scripts;
    struct domain *a = add_domain("aa"), *b = add_domain("bb");
    int fd;

    CHECK(mkdtemp(dir) != NULL);
    xend.set.scripts = dir;
    snprintf(script, sizeof(script), "%s/block-mine", dir);
    fd = open(script, O_WRONLY | O_CREAT | O_CLOEXEC, 0700);
    close(fd);
    CHECK(add_disk(a, "(vbd (uname mine:x) (dev xvda) (mode w))", err));
    CHECK(!add_disk(b, "(vbd (uname mine:x) (dev xvda) (mode w))", err));
    CHECK(strstr(err, "in use by domain 'aa'") != NULL);
    CHECK(add_disk(b, "(vbd (uname mine:y) (dev xvda) (mode w))", err));
    xend.set.scripts = before;
    unlink(script);
    rmdir(dir);
    domain_free(a);
    domain_free(b);
}

static void own_addresses(void)
{
    char err[ERR_SIZE] = "";
    struct domain *a = add_domain("aa");

    xend.set.scripts = "/etc/xen/scripts";
    xend.set.vif_script = strdup("vif-bridge");

    CHECK(add_disk(a, "(vif)", err));
    CHECK(add_disk(a, "(vif (mac 00:16:3e:00:00:01))", err));
    CHECK(!add_disk(a, "(vif (mac 00:16:3E:00:00:01))", err));
    CHECK(!add_disk(a, "(vif (bridge no-such-br))", err));
    CHECK(strstr(err, "no-such-br does not exist") != NULL);
    CHECK(add_disk(a, "(vif (bridge no-such-br) (script vif-own))", err));
    CHECK_EQ(a->devices->devid, 0);
    CHECK_EQ(a->devices->next->devid, 1);
    CHECK(strncmp(a->devices->mac, "00:16:3e:", 9) == 0);
    CHECK(sxp_get(a->devices->cfg, "mac") != NULL);
    free(xend.set.vif_script);
    domain_free(a);
}

static void states(void)
{
    static const struct {
        unsigned state, reason;
        const char *wanted;
    } rows[] = {
        {DOM_RUNNING, 0, "r-----"},
        {DOM_BLOCKED, 0, "-b----"},
        {DOM_PAUSED, 0, "--p---"},
        {DOM_SHUTDOWN | DOM_BLOCKED, 0, "---s--"},
        {DOM_SHUTDOWN, 3, "---sc-"},
        {DOM_DYING, 0, "-----d"},
        {0, 0, "------"},
    };
    char text[7];

    for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
        struct dom_info info = {.state = rows[i].state,
                                .shutdown_reason = rows[i].reason};

        unit_set_row(rows[i].wanted);
        CHECK(strcmp(state_text(&info, text), rows[i].wanted) == 0);
    }
}

/* The values that `xm list` and its like ask for. */
static void columns(void)
{
    static const struct {
        const char *column, *wanted;
    } rows[] = {
        {"name", "aa"},         {"domid", "7"},        {"memory", "16"},
        {"state", "r-----"},    {"online_vcpus", "2"}, {"cpu_time", "61.007"},
        {"start_time", "12.5"},
    };
    struct domain *a = add_domain("aa");
    struct dom_info info = {.domid = 7,
                            .tot_pages = 4096 - 100,
                            .online_vcpus = 2,
                            .state = DOM_RUNNING,
                            .cpu_time_ns = 61006500000};
    char room[32];

    a->domid = 7;
    a->start_time = 12.5;
    for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
        struct buf b = BUF_INIT;
        column_fn *put = column_find(rows[i].column);

        unit_set_row(rows[i].column);
        CHECK(put != NULL);
        if (put)
            put(&b, &info);
        CHECK(b.data && strcmp(b.data, rows[i].wanted) == 0);
        buf_free(&b);
    }
    CHECK(column_find("colour") == NULL);
    domain_free(a);
    CHECK(strcmp(listed_name(&info, room), "Domain-7") == 0);
    info.domid = 0;
    CHECK(strcmp(listed_name(&info, room), "Domain-0") == 0);
}

/* Before the builder has told its number, it is known by its uuid. */
static void unfinished_name(void)
{
    struct domain *a = add_domain("aa");
    struct dom_info info = {.domid = 7, .uuid = {'a'}};
    char room[32];

    CHECK(strcmp(listed_name(&info, room), "aa") == 0);
    domain_free(a);
}

/* What a guest wrote where a number should be. */
static void tables_stay_tables(void)
{
    static const struct {
        const char *text, *wanted;
    } rows[] = {
        {"4", "4"},
        {"8\n51728 0 0 4", "8?51728?0?0?4"},
        {"\033[2J\302\233x\177", "?[2J??x?"},
        {"0123456789012345678901234567890123456789and more",
         "0123456789012345678901234567890123456789"},
    };

    for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
        char text[64];

        unit_set_row(rows[i].wanted);
        strcpy(text, rows[i].text);
        device_plain(text);
        CHECK(strcmp(text, rows[i].wanted) == 0);
    }
}

static void restarts(void)
{
    struct domain *a = add_domain("aa");

    CHECK(!policy_too_soon(a, SHUTDOWN_crash)); /* it was never restarted */
    a->restarted_at = up_time() - 1;
    CHECK(policy_too_soon(a, SHUTDOWN_crash));
    CHECK(policy_too_soon(a, SHUTDOWN_reboot));
    a->restarted_at = up_time() - 30;
    CHECK(policy_too_soon(a, SHUTDOWN_crash));
    CHECK(!policy_too_soon(a, SHUTDOWN_reboot));
    a->restarted_at = wall_time() + 3600;
    CHECK(!policy_too_soon(a, SHUTDOWN_crash));
    domain_free(a);
}

/* Children: one that tells what the kernel thinks of it, one that never ends. */
static char said[64];
static int ends;

static void job_tells(const struct domain *d, struct hyp *h, int out)
{
    char text[16];
    int fd = open("/proc/self/oom_score_adj", O_RDONLY);
    ssize_t n = read(fd, text, sizeof(text));

    (void)d;
    (void)h;
    if (n > 0 && write(out, text, (size_t)n) != n)
        _exit(1);
}

static void job_stays(const struct domain *d, struct hyp *h, int out)
{
    (void)d;
    (void)h;
    if (write(out, "begun", 5) == 5)
        for (;;)
            pause();
}

static void job_heard(struct domain *d, const void *report, size_t len)
{
    CHECK(d->job == NULL);
    memcpy(said, report, len);
    said[len] = '\0';
    ends++;
}

static void jobs(void)
{
    struct domain *a = add_domain("aa");

    xend.loop = loop_new();
    ends = 0;
    CHECK_EQ(job_start(a, job_tells, job_heard, true), 0);
    while (!ends)
        loop_once(xend.loop, -1);
    CHECK(strcmp(said, "1000\n") == 0);
    CHECK(!job_stop(a, job_heard));

    CHECK_EQ(job_start(a, job_stays, NULL, true), 0);
    CHECK(job_stop(a, job_heard));
    CHECK_EQ(ends, 1); /* it was not waited for, */
    while (ends == 1)
        loop_once(xend.loop, -1);
    CHECK_EQ(said[0], '\0'); /* and only its end counts */

    CHECK_EQ(job_start(a, job_stays, job_heard, true), 0);
    domain_free(a);
    while (waitpid(-1, NULL, WNOHANG) >= 0) /* until no child is left */
        loop_once(xend.loop, 100);
    CHECK_EQ(ends, 2);
    loop_free(xend.loop);
    xend.loop = NULL;
}

static const struct unit_test tests[] = {
    {"disk names have the numbers that front ends expect", disk_numbers},
    {"rates become bytes and microseconds", rates},
    {"only a station's address is a MAC", addresses},
    {"lists of CPUs become maps", cpu_lists},
    {"descriptions are judged", descriptions},
    {"kernel parameters stand in the customary order", parameters},
    {"nobody reads a disk that another writes, but by w!", sharing},
    {"a disk's prefix tells who serves it", disk_types},
    {"a disk is known by what it is, not by its path", moved_disk},
    {"disks of own scripts are shared as little", own_scripts},
    {"interfaces have addresses of their own", own_addresses},
    {"states have their letters", states},
    {"columns have a domain's values", columns},
    {"a domain being built has its name in lists", unfinished_name},
    {"what a guest wrote makes no lines and no colours", tables_stay_tables},
    {"a clock that was set keeps no guest from its restart", restarts},
    {"jobs are ended without waiting, and go first without memory", jobs},
};

UNIT_MAIN("xend", tests)
