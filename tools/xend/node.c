/* SPDX-License-Identifier: GPL-2.0 */
/* node.c - what clients ask about the machine. */
#include <errno.h>
#include <fcntl.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/utsname.h>
#include <unistd.h>

#include "xend.h"

#define LOG_TAIL   (1u << 20)
#define DMESG_SIZE (256u << 10)

static void add(struct rpc_value *list, const char *key, const char *fmt, ...)
    __attribute__((format(printf, 3, 4)));

static void add(struct rpc_value *list, const char *key, const char *fmt, ...)
{
    struct rpc_value *pair = rpc_array();
    char text[1200];
    va_list ap;

    va_start(ap, fmt);
    vsnprintf(text, sizeof(text), fmt, ap);
    va_end(ap);
    rpc_add(pair, rpc_string(key));
    rpc_add(pair, rpc_string(text));
    rpc_add(list, pair);
}

const char *scheduler_name(void)
{
    /* XEN_SCHEDULER_*: numbers of the public interface */
    static const char *const names[] = {
        [4] = "sedf",     [5] = "credit", [6] = "credit2",
        [7] = "arinc653", [8] = "rtds",   [9] = "null",
    };
    uint32_t id;

    if (host_get_scheduler(xend.hyp, &id) ||
        id >= sizeof(names) / sizeof(names[0]) || !names[id])
        return "unknown";
    return names[id];
}

static void add_machine(struct rpc_value *list, const struct host_info *h)
{
    struct utsname u;
    char caps[9 * 8 + 1];
    size_t used = 0;

    uname(&u);
    for (int i = 0; i < 8; i++)
        used += (size_t)snprintf(caps + used, sizeof(caps) - used, "%s%08x",
                                 i ? ":" : "", h->hw_cap[i]);
    add(list, "host", "%s", u.nodename);
    add(list, "release", "%s", u.release);
    add(list, "version", "%s", u.version);
    add(list, "machine", "%s", u.machine);
    add(list, "nr_cpus", "%u", h->nr_cpus);
    add(list, "nr_nodes", "%u", h->nr_nodes);
    add(list, "cores_per_socket", "%u", h->cores_per_socket);
    add(list, "threads_per_core", "%u", h->threads_per_core);
    add(list, "cpu_mhz", "%u", h->cpu_khz / 1000);
    add(list, "hw_caps", "%s", caps);
    add(list, "virt_caps", "%s", h->capabilities & 1 ? "hvm" : "");
    add(list, "total_memory", "%llu", (unsigned long long)h->total_pages / 256);
    add(list, "free_memory", "%llu", (unsigned long long)h->free_pages / 256);
    add(list, "free_cpus", "%u", 0u);
}

static void add_hypervisor(struct rpc_value *list, const struct host_version *v)
{
    add(list, "xen_major", "%u", v->major);
    add(list, "xen_minor", "%u", v->minor);
    add(list, "xen_extra", "%s", v->extra);
    add(list, "xen_caps", "%s", v->capabilities);
    add(list, "xen_scheduler", "%s", scheduler_name());
    add(list, "xen_pagesize", "%u", v->page_size);
    add(list, "platform_params", "virt_start=0x%llx",
        (unsigned long long)v->virt_start);
    add(list, "xen_changeset", "%s", v->changeset);
    add(list, "xen_commandline", "%s", v->command_line);
    add(list, "cc_compiler", "%s", v->compiler);
    add(list, "cc_compile_by", "%s", v->compile_by);
    add(list, "cc_compile_domain", "%s", v->compile_domain);
    add(list, "cc_compile_date", "%s", v->compile_date);
    add(list, "xend_config_format", "%d", 4);
}

static void add_topology(struct rpc_value *list)
{
    struct host_cpu cpus[256];
    int count = host_get_topology(xend.hyp, cpus, 256);
    struct buf b = BUF_INIT;

    buf_puts(&b, "cpu: core socket node");
    for (int i = 0; i < count && i < 256; i++)
        buf_printf(&b, "\n%25s%d: %u %u %u", "", i, cpus[i].core,
                   cpus[i].socket, cpus[i].node);
    add(list, "cpu_topology", "%s", b.data ? b.data : "");
    buf_free(&b);
}

struct rpc_value *node_info(char *err)
{
    static struct host_version version;
    struct host_info host;
    struct rpc_value *list;
    int rc = host_get_info(xend.hyp, &host);

    if (!rc)
        rc = host_get_version(xend.hyp, &version);
    if (rc) {
        snprintf(err, ERR_SIZE, "the hypervisor does not answer: %s",
                 strerror(-rc));
        return NULL;
    }
    list = rpc_array();
    add_machine(list, &host);
    add_topology(list);
    add_hypervisor(list, &version);
    return list;
}

/* Only what XML may carry: no control characters but tab and newline. */
static struct rpc_value *clean_text(char *text, size_t len)
{
    struct rpc_value *v;
    size_t out = 0;

    for (size_t i = 0; i < len; i++) {
        unsigned char c = (unsigned char)text[i];

        if (c == '\r' || c == 0)
            continue;
        text[out++] =
            (c < 32 && c != '\n' && c != '\t') || c >= 127 ? '?' : (char)c;
    }
    text[out] = '\0';
    v = rpc_string(text);
    free(text);
    return v;
}

struct rpc_value *node_dmesg(bool clear)
{
    char *text = malloc(DMESG_SIZE + 1);
    uint32_t index = 0;
    int n;

    if (!text)
        return NULL;
    n = host_read_console(xend.hyp, text, DMESG_SIZE, false, clear, &index);
    return clean_text(text, n > 0 ? (size_t)n : 0);
}

struct rpc_value *node_log(void)
{
    int fd = open(xend.set.logfile, O_RDONLY | O_CLOEXEC);
    char *text = malloc(LOG_TAIL + 1);
    off_t size = fd >= 0 ? lseek(fd, 0, SEEK_END) : 0;
    ssize_t n = 0;

    if (text && fd >= 0)
        n = pread(fd, text, LOG_TAIL,
                  size > (off_t)LOG_TAIL ? size - (off_t)LOG_TAIL : 0);
    if (fd >= 0)
        close(fd);
    return text ? clean_text(text, n > 0 ? (size_t)n : 0) : NULL;
}
