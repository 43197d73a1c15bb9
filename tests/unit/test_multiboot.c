/* SPDX-License-Identifier: GPL-2.0 */
/* test_multiboot.c - boot/multiboot.c: the tags of GRUB and qemu, and damaged
 * ones, each in memory of its exact size, so that the sanitizer sees a read
 * behind it. */
#include <stdlib.h>
#include <string.h>

#include "unit.h"

#include "boot/boot_info.h"
#include "lib/errno.h"

/* ---- a block of multiboot2 ---- */

static uint8_t block[8192];
static uint32_t used;
static struct boot_info info;

static void put(const void *p, size_t n)
{
    memcpy(block + used, p, n);
    used += (uint32_t)n;
}
static void put32(uint32_t v)
{
    put(&v, 4);
}
static void put64(uint64_t v)
{
    put(&v, 8);
}

static void begin(void)
{
    memset(block, 0, sizeof(block));
    used = 8;
}

static uint32_t open_tag(uint32_t type)
{
    put32(type);
    put32(0);
    return used - 8;
}

static void close_tag(uint32_t at)
{
    uint32_t size = used - at;

    memcpy(block + at + 4, &size, 4);
    used = (used + 7) & ~7u;
}

static void string_tag(uint32_t type, const char *s)
{
    uint32_t at = open_tag(type);

    put(s, strlen(s) + 1);
    close_tag(at);
}

static void module_tag(uint32_t start, uint32_t end, const char *s)
{
    uint32_t at = open_tag(3);

    put32(start);
    put32(end);
    put(s, strlen(s) + 1);
    close_tag(at);
}

static void mmap_tag(void)
{
    uint32_t at = open_tag(6);

    put32(24);
    put32(0);
    put64(0);
    put64(0x9fc00);
    put64(MEM_RAM);
    put64(0x100000);
    put64(0x7ff00000);
    put64(MEM_RAM);
    close_tag(at);
}

static void efi_range(uint32_t type, uint64_t start, uint64_t pages,
                      uint64_t attribute)
{
    put32(type);
    put32(0);
    put64(start);
    put64(0);
    put64(pages);
    put64(attribute);
    put64(0); /* firmware's steps are longer than the fields */
}

static void efi_mmap_tag(void)
{
    uint32_t at = open_tag(17);

    put32(48);
    put32(1);
    efi_range(7, 0, 0x9f, 0xf);
    efi_range(7, 0x100000, 0x7000, 0xf);
    efi_range(4, 0x7100000, 0x10, 0xf);
    efi_range(6, 0x7110000, 0x10, 0x800000000000000f);
    efi_range(9, 0x7120000, 0x10, 0xf);
    efi_range(10, 0x7130000, 0x10, 0xf);
    efi_range(11, 0xfe000000, 0x10, 0x8000000000000001);
    efi_range(7, 0x8000000, 0x10, 1); /* no write-back: no RAM for us */
    close_tag(at);
}

static void fb_tag(void)
{
    static const uint8_t rest[] = {32, 1, 0, 0, 16, 8, 8, 8, 0, 8};
    uint32_t at = open_tag(8);

    put64(0xc0000000);
    put32(4096);
    put32(1024);
    put32(768);
    put(rest, sizeof(rest));
    close_tag(at);
}

static void rsdp_tag(uint32_t type, uint8_t fill, size_t n)
{
    uint8_t rsdp[36];
    uint32_t at = open_tag(type);

    memset(rsdp, fill, sizeof(rsdp));
    put(rsdp, n);
    close_tag(at);
}

static void finish(void)
{
    close_tag(open_tag(0));
    memcpy(block, &used, 4);
}

static void grub_block(void)
{
    begin();
    string_tag(1, "loglvl=all console=com1");
    string_tag(2, "GRUB 2.06");
    module_tag(0x200000, 0x900000, "/vmlinuz console=hvc0");
    module_tag(0x900000, 0x2900000, "");
    mmap_tag();
    fb_tag();
    rsdp_tag(14, 1, 20);
    rsdp_tag(15, 2, 36);
    finish();
}

/* Parse the first n bytes from memory that has no more. */
static int parse(uint32_t n)
{
    uint8_t *copy = malloc(n);
    int rc;

    memcpy(copy, block, n);
    rc = multiboot2_parse(copy, n, &info);
    info.efi.map = NULL; /* stood in the copy */
    free(copy);
    return rc;
}

static void all_tags(void)
{
    grub_block();
    CHECK_EQ(parse(used), 0);
    CHECK(!strcmp(info.cmdline, "loglvl=all console=com1"));
    CHECK(!strcmp(info.loader, "GRUB 2.06"));
    CHECK_EQ(info.nr_modules, 2);
    CHECK_EQ(info.module[0].start, 0x200000);
    CHECK_EQ(info.module[1].end, 0x2900000);
    CHECK(!strcmp(info.module[0].cmdline, "/vmlinuz console=hvc0"));
    CHECK_EQ(info.mem.nr, 2);
    CHECK_EQ(info.mem.r[1].end, 0x80000000);
    CHECK(!info.mem_from_efi);
    CHECK_EQ(info.fb.width, 1024);
    CHECK_EQ(info.fb.red_pos, 16);
    CHECK_EQ(info.fb.blue_size, 8);
    CHECK_EQ(info.rsdp_len, 36);
    CHECK_EQ(info.rsdp[0], 2);
}

static void efi_map(void)
{
    begin();
    efi_mmap_tag();
    finish();
    CHECK_EQ(parse(used), 0);
    CHECK(info.mem_from_efi);
    CHECK_EQ(info.efi.desc_size, 48);
    CHECK_EQ(info.efi.map_size, 8 * 48);
    mem_map_sanitise(&info.mem);
    CHECK_EQ(info.mem.r[1].kind, MEM_RAM);
    CHECK_EQ(info.mem.r[1].end, 0x7110000); /* with boot services' data */
    CHECK_EQ(info.mem.r[2].kind, MEM_RESERVED);
    CHECK_EQ(info.mem.r[3].kind, MEM_ACPI);
    CHECK_EQ(info.mem.r[4].kind, MEM_NVS);
    CHECK_EQ(info.mem.r[5].kind, MEM_RESERVED);
}

static void e820_wins(void)
{
    for (int first = 0; first < 2; first++) {
        begin();
        if (first)
            mmap_tag();
        efi_mmap_tag();
        if (!first)
            mmap_tag();
        finish();
        CHECK_EQ(parse(used), 0);
        CHECK_EQ(info.mem.nr, 2);
        CHECK(!info.mem_from_efi);
        CHECK_EQ(info.efi.map_size, 8 * 48);
    }
}

static void many_modules(void)
{
    begin();
    for (uint32_t i = 0; i < MAX_MODULES + 5; i++)
        module_tag(i << 20, (i + 1) << 20, "m");
    finish();
    CHECK_EQ(parse(used), 0);
    CHECK_EQ(info.nr_modules, MAX_MODULES);
}

static void module_backwards(void)
{
    begin();
    module_tag(0x300000, 0x200000, "m");
    finish();
    CHECK_EQ(parse(used), 0);
    CHECK_EQ(info.nr_modules, 0);
}

static void long_strings(void)
{
    char s[2000];

    memset(s, 'x', sizeof(s) - 1);
    s[sizeof(s) - 1] = 0;
    begin();
    string_tag(1, s);
    string_tag(2, s);
    module_tag(0, 1, s);
    finish();
    CHECK_EQ(parse(used), 0);
    CHECK_EQ(strlen(info.cmdline), sizeof(info.cmdline) - 1);
    CHECK_EQ(strlen(info.loader), sizeof(info.loader) - 1);
    CHECK_EQ(strlen(info.module[0].cmdline),
             sizeof(info.module[0].cmdline) - 1);
}

static void cut_off(void)
{
    uint32_t whole;

    grub_block();
    whole = used;
    for (uint32_t n = 1; n < whole; n++) {
        CHECK(parse(n) != 0); /* the size says more than there is */
        if (n < 8)
            continue;
        memcpy(block, &n, 4);
        CHECK(parse(n) != 0); /* no end tag */
        memcpy(block, &whole, 4);
    }
}

static void damaged(void)
{
    uint64_t seed = 21;

    for (int i = 0; i < 100000; i++) {
        grub_block();
        if (i & 1) {
            begin();
            efi_mmap_tag();
            fb_tag();
            module_tag(1, 2, "m");
            finish();
        }
        for (int n = 0; n < 3; n++) {
            uint64_t r = unit_random(&seed);
            uint32_t at = (uint32_t)(r % used);

            block[at] = r & 1ull << 40 ? (uint8_t)(r >> 48)
                                       : block[at] ^ (uint8_t)(1u << (r >> 48) % 8);
        }
        parse(used);
        CHECK(info.nr_modules <= MAX_MODULES);
        CHECK(info.mem.nr <= MAX_MEM_RANGES);
        CHECK(info.rsdp_len <= sizeof(info.rsdp));
        mem_map_sanitise(&info.mem);
    }
}

/* ---- multiboot1, as qemu -kernel gives it ---- */

static uint8_t low[4096]; /* "physical" memory */

static const void *at(uint32_t pa)
{
    return low + pa % 2048;
}

static void low32(uint32_t pa, uint32_t v)
{
    memcpy(low + pa, &v, 4);
}

static void qemu_block(void)
{
    memset(low, 0, sizeof(low));
    low32(0, 0x4d); /* memory, command line, modules, map */
    low32(8, 0x1f000);
    low32(16, 0x200);
    strcpy((char *)low + 0x200, "xen.elf32 com1=115200");
    low32(20, 2);
    low32(24, 0x300);
    low32(0x300, 0x500000);
    low32(0x304, 0x600000);
    low32(0x308, 0x400);
    strcpy((char *)low + 0x400, "vmlinuz console=hvc0");
    low32(0x310, 0x600000);
    low32(0x314, 0x700000);
    low32(0x318, 0x440);
    low32(44, 2 * 24);
    low32(48, 0x500);
    low32(0x500, 20);
    low32(0x504 + 8, 0x9fc00);
    low32(0x504 + 16, MEM_RAM);
    low32(0x518, 20);
    low32(0x51c, 0x100000);
    low32(0x51c + 8, 0x1000000);
    low32(0x51c + 16, MEM_RAM);
}

static void multiboot1(void)
{
    qemu_block();
    CHECK_EQ(multiboot1_parse(low, at, &info), 0);
    CHECK(!strcmp(info.cmdline, "xen.elf32 com1=115200"));
    CHECK_EQ(info.nr_modules, 2);
    CHECK_EQ(info.module[1].start, 0x600000);
    CHECK(!strcmp(info.module[0].cmdline, "vmlinuz console=hvc0"));
    CHECK_EQ(info.mem.nr, 2);
    CHECK_EQ(info.mem.r[1].end, 0x1100000);
}

static void multiboot1_without_map(void)
{
    qemu_block();
    low32(0, 0xd);
    CHECK_EQ(multiboot1_parse(low, at, &info), 0);
    CHECK_EQ(info.mem.nr, 1);
    CHECK_EQ(info.mem.r[0].end, 0x100000 + 0x1f000 * 1024ull);
    low32(0, 0xc);
    CHECK_EQ(multiboot1_parse(low, at, &info), -EINVAL);
}

static void multiboot1_damaged(void)
{
    uint64_t seed = 23;

    for (int i = 0; i < 50000; i++) {
        qemu_block();
        for (int n = 0; n < 4; n++) {
            uint64_t r = unit_random(&seed);

            low[r % 0x530] = (uint8_t)(r >> 40);
        }
        low32(44, 0x60); /* its length is the loader's word */
        low32(48, 0x500);
        multiboot1_parse(low, at, &info);
        CHECK(info.nr_modules <= MAX_MODULES);
        CHECK(info.mem.nr <= MAX_MEM_RANGES);
    }
}

static const struct unit_test tests[] = {
    {"all that GRUB tells on a BIOS", all_tags},
    {"an EFI memory map becomes ours", efi_map},
    {"an e820 map goes before an EFI one, in either order", e820_wins},
    {"modules that have no room are left out", many_modules},
    {"a module that ends before it starts is none", module_backwards},
    {"long strings are cut", long_strings},
    {"a block cut off anywhere is refused", cut_off},
    {"a damaged block is read within its bounds", damaged},
    {"all that qemu -kernel tells", multiboot1},
    {"no map: the size of memory will do; neither will not",
     multiboot1_without_map},
    {"a damaged multiboot1 block fills no array beyond its end",
     multiboot1_damaged},
};

UNIT_MAIN("multiboot", tests)
