/* SPDX-License-Identifier: GPL-2.0 */
/*
 * fuzz_decode.c - any bytes as an instruction. The first byte chooses 64-bit
 * or 32-bit code.
 */
#include "fuzz.h"

#include "pv/decode.h"

static void apply(const struct insn_desc *d)
{
    struct insn_regs r = {.rip = 0x1000, .rflags = 0x202};
    struct insn_write w;

    for (unsigned int i = 0; i < 16; i++)
        r.reg[i] = 0x0123456789abcdefull * (i + 1);
    insn_address(d, &r);
    insn_source(d, &r);
    MUST((insn_write_result(d, 0xa5a5, &r, &w) == 0) == insn_writes_memory(d));
    insn_string_done(d, &r);
    insn_string_step(d, &r);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct insn_desc d, again;
    size_t n;

    if (!size)
        return 0;
    n = size - 1;
    insn_decode(&d, data + 1, n, data[0] & 1);
    MUST(d.length <= n && d.length <= INSN_MAX_LENGTH);
    if (insn_writes_memory(&d)) {
        MUST(d.has_mem && d.reg < 16 && d.seg < 6);
        MUST(d.op_size == 1 || d.op_size == 2 || d.op_size == 4 ||
             d.op_size == 8);
        apply(&d);
    }

    /* Its own bytes are all it needs, and one less is too few. */
    if (d.kind == INSN_UNKNOWN || d.kind == INSN_SHORT)
        return 0;
    insn_decode(&again, data + 1, d.length, data[0] & 1);
    MUST(again.kind == d.kind && again.length == d.length);
    insn_decode(&again, data + 1, d.length - 1u, data[0] & 1);
    MUST(again.kind == INSN_SHORT || (d.forced && !again.forced));
    return 0;
}
