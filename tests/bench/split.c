/* SPDX-License-Identifier: GPL-2.0 */
/*
 * split.c - a plugin of QEMU: counts instructions by whose they are.
 * An address tells: processes lie in the lower half, a 64-bit PV hypervisor in
 * the 8 TiB that the interface reserves for it, the kernel elsewhere. At the
 * address mark=N it writes a line of the four counts to out=FILE.
 * Debian has no header for plugins, so what is used stands here.
 * Source: QEMU 7.2, docs/devel/tcg-plugins.rst, API version 1.
 */
#include <inttypes.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define EXPORT __attribute__((visibility("default")))

struct tb;
struct insn;
EXPORT extern int qemu_plugin_version;
int qemu_plugin_version = 1;
extern size_t qemu_plugin_tb_n_insns(const struct tb *tb);
extern struct insn *qemu_plugin_tb_get_insn(const struct tb *tb, size_t n);
extern uint64_t qemu_plugin_insn_vaddr(const struct insn *insn);
extern void qemu_plugin_register_vcpu_tb_trans_cb(uint64_t id,
                                                  void (*fn)(uint64_t id,
                                                             struct tb *tb));
extern void qemu_plugin_register_vcpu_insn_exec_inline(struct insn *insn,
                                                       int op, void *counter,
                                                       uint64_t n);
extern void qemu_plugin_register_vcpu_insn_exec_cb(struct insn *insn,
                                                   void (*fn)(unsigned int cpu,
                                                              void *data),
                                                   int flags, void *data);
EXPORT int qemu_plugin_install(uint64_t id, const void *info, int argc,
                               char **argv);

#define ADD 0 /* the one inline operation there is */

enum { ALL, HYPERVISOR, KERNEL, PROCESS, KINDS };
static uint64_t count[KINDS], mark;
static FILE *out;

static void at_mark(unsigned int cpu, void *data)
{
    (void)cpu;
    (void)data;
    fprintf(out, "%" PRIu64 " %" PRIu64 " %" PRIu64 " %" PRIu64 "\n",
            count[ALL], count[HYPERVISOR], count[KERNEL], count[PROCESS]);
    fflush(out);
}

static int whose(uint64_t at)
{
    if (at < 1UL << 47)
        return PROCESS;
    return at >= 0xffff800000000000UL && at < 0xffff880000000000UL ? HYPERVISOR
                                                                   : KERNEL;
}

static void translated(uint64_t id, struct tb *tb)
{
    (void)id;
    for (size_t i = 0; i < qemu_plugin_tb_n_insns(tb); i++) {
        struct insn *insn = qemu_plugin_tb_get_insn(tb, i);
        uint64_t at = qemu_plugin_insn_vaddr(insn);

        qemu_plugin_register_vcpu_insn_exec_inline(insn, ADD, &count[ALL], 1);
        qemu_plugin_register_vcpu_insn_exec_inline(insn, ADD, &count[whose(at)],
                                                   1);
        if (at == mark)
            qemu_plugin_register_vcpu_insn_exec_cb(insn, at_mark, 0, NULL);
    }
}

int qemu_plugin_install(uint64_t id, const void *info, int argc, char **argv)
{
    (void)info;
    for (int i = 0; i < argc; i++) {
        if (!strncmp(argv[i], "mark=", 5))
            mark = strtoull(argv[i] + 5, NULL, 0);
        else if (!strncmp(argv[i], "out=", 4))
            out = fopen(argv[i] + 4, "w");
    }
    if (!mark || !out)
        return 1;
    qemu_plugin_register_vcpu_tb_trans_cb(id, translated);
    return 0;
}
