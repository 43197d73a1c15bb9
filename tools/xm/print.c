/* SPDX-License-Identifier: GPL-2.0 */
/*
 * print.c - the tables of list, vcpu-list and uptime.
 * Keeps true: widths and headings are those that scripts have been cutting
 * into fields for years.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "print.h"

const char *field(const struct sxp *s, const char *name, const char *otherwise)
{
    const char *text = sxp_get(s, name);

    return text ? text : otherwise;
}

long long field_int(const struct sxp *s, const char *name, long long otherwise)
{
    const char *text = sxp_get(s, name);

    return text && *text ? strtoll(text, NULL, 10) : otherwise;
}

double field_float(const struct sxp *s, const char *name)
{
    const char *text = sxp_get(s, name);

    return text ? strtod(text, NULL) : 0;
}

const char *cell(const struct sxp *row, unsigned n)
{
    const struct sxp *v = row->first;

    while (v && n--)
        v = v->next;
    return v && v->atom ? v->atom : "";
}

void print_sxp(const struct sxp *s)
{
    struct buf out = BUF_INIT;

    sxp_print(&out, s);
    if (out.len && out.data[out.len - 1] == '\n')
        fputs(out.data, stdout);
    else
        puts(out.data ? out.data : "");
    buf_free(&out);
}

void print_list_head(void)
{
    printf("%-40s %3s %8s %5s %5s %9s\n", "Name", "ID", "Mem(MiB)", "VCPUs",
           "State", "Time(s)");
}

const char *const list_columns[] = {
    "name", "domid", "memory", "online_vcpus", "state", "cpu_time", NULL};

void print_list_row(const struct sxp *row)
{
    printf("%-40s %3s %8s %5s %-6s %8.1f\n", cell(row, 0), cell(row, 1),
           cell(row, 2), cell(row, 3), cell(row, 4),
           strtod(cell(row, 5), NULL));
}

const char *cpus_to_text(const struct sxp *list, long long nr, char *out,
                         size_t size)
{
    const struct sxp *c = list && list->first ? list->first->next : NULL;
    long long count = 0;
    size_t used = 0;

    out[0] = '\0';
    for (const struct sxp *i = c; i; i = i->next)
        count++;
    if (count >= nr)
        return "any cpu";
    while (c && used + 24 < size) {
        long first = strtol(c->atom ? c->atom : "0", NULL, 10);
        long last = first;

        while ((c = c->next) && c->atom &&
               strtol(c->atom, NULL, 10) == last + 1)
            last++;
        used += (size_t)snprintf(out + used, size - used, "%s%ld",
                                 used ? "," : "", first);
        if (last > first)
            used += (size_t)snprintf(out + used, size - used, "-%ld", last);
    }
    return out;
}

void print_vcpu_head(void)
{
    printf("%-32s %5s %5s %5s %5s %9s %s\n", "Name", "ID", "VCPU", "CPU",
           "State", "Time(s)", "CPU Affinity");
}

void print_vcpu_rows(const struct sxp *info)
{
    for (const struct sxp *v = info->first; v; v = v->next) {
        char state[4] = "---";
        char affinity[256];
        bool online;

        if (!v->first || !v->first->atom || strcmp(v->first->atom, "vcpu"))
            continue;
        online = field_int(v, "online", 0);
        if (online) {
            state[0] = field_int(v, "running", 0) ? 'r' : '-';
            state[1] = field_int(v, "blocked", 0) ? 'b' : '-';
        } else {
            state[2] = 'p';
        }
        printf("%-32s %5s %5lld %5s %5s %9.1f %s\n", field(info, "name", ""),
               field(info, "domid", ""), field_int(v, "number", 0),
               online ? field(v, "cpu", "-") : "-", state,
               field_float(v, "cpu_time"),
               cpus_to_text(sxp_find(v, "cpumap"),
                            field_int(info, "nr_cpus", 1), affinity,
                            sizeof(affinity)));
    }
}

void print_uptime_head(void)
{
    printf("%-33s %4s %s \n", "Name", "ID", "Uptime");
}

/* "3 days, " or nothing. */
static const char *days_text(long days, char *out, size_t size)
{
    out[0] = '\0';
    if (days > 0)
        snprintf(out, size, "%ld day%s, ", days, days == 1 ? "" : "s");
    return out;
}

const char *const uptime_columns[] = {"name", "domid", "start_time", NULL};

void print_uptime_row(const struct sxp *row, bool brief)
{
    const char *name = cell(row, 0), *id = cell(row, 1);
    time_t now = time(NULL);
    double start = strtod(cell(row, 2), NULL);
    long up = start > 0 ? (long)((double)now - start) : 0;
    char days[32];
    char clock[16];

    if (up < 0)
        up = 0;
    days_text(up / 86400, days, sizeof(days));
    if (!brief) {
        printf("%-33s %4s %s%2ld:%02ld:%02ld\n", name, id, days, up / 3600 % 24,
               up / 60 % 60, up % 60);
        return;
    }
    strftime(clock, sizeof(clock), "%H:%M:%S", localtime(&now));
    printf(" %s up %s%2ld:%02ld, %s (%s)\n", clock, days, up / 3600 % 24,
           up / 60 % 60, name, id);
}
