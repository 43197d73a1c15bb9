/* SPDX-License-Identifier: GPL-2.0 */
/*
 * test_unpack.c - lib/unpack against the libraries that pack: what they pack
 * we unpack, and what is cut or spoilt does no harm.
 */
#include <lz4frame.h>
#include <lz4hc.h>
#include <lzma.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>
#include <zlib.h>
#include <zstd.h>

#include "unit.h"

#include "lib/errno.h"
#include "lib/unpack.h"

#define MAX_PLAIN  (3u << 20)
#define MAX_PACKED (MAX_PLAIN + (1u << 18))

static struct unpack_ws ws;
static uint8_t plain[MAX_PLAIN];
static uint8_t packed[MAX_PACKED];

typedef size_t packer(int variant, const uint8_t *in, size_t len, uint8_t *out,
                      size_t room);

static size_t pack_gzip(int variant, const uint8_t *in, size_t len,
                        uint8_t *out, size_t room)
{
    static const int levels[] = {0, 1, 6, 9, 6, 6};
    static const int strategies[] = {0, 0, 0, 0, Z_FIXED, Z_HUFFMAN_ONLY};
    z_stream z = {.next_in = (uint8_t *)(uintptr_t)in,
                  .avail_in = (unsigned)len,
                  .next_out = out,
                  .avail_out = (unsigned)room};
    gz_header head = {.name = (uint8_t *)"name",
                      .comment = (uint8_t *)"comment",
                      .extra = (uint8_t *)"xtra",
                      .extra_len = 4,
                      .hcrc = 1};

    deflateInit2(&z, levels[variant], Z_DEFLATED, 31, 8, strategies[variant]);
    if (variant == 3)
        deflateSetHeader(&z, &head);
    deflate(&z, Z_FINISH);
    deflateEnd(&z);
    return z.total_out;
}

static size_t pack_xz(int variant, const uint8_t *in, size_t len, uint8_t *out,
                      size_t room)
{
    static const lzma_check checks[] = {LZMA_CHECK_CRC32, LZMA_CHECK_CRC64,
                                        LZMA_CHECK_NONE,  LZMA_CHECK_SHA256,
                                        LZMA_CHECK_CRC32, LZMA_CHECK_CRC32};
    lzma_options_lzma o;
    lzma_filter f[] = {{LZMA_FILTER_X86, NULL},
                       {LZMA_FILTER_LZMA2, &o},
                       {LZMA_VLI_UNKNOWN, NULL}};
    lzma_mt mt = {.threads = 1,
                  .block_size = 100000, /* many blocks */
                  .filters = f + 1,
                  .check = LZMA_CHECK_CRC32};
    size_t at = 0;
    lzma_stream s = LZMA_STREAM_INIT;

    lzma_lzma_preset(&o, variant == 1 ? 9 : variant == 2 ? 0 : 6);
    o.dict_size = 1u << 20;
    if (variant == 4) {
        o.lc = 1;
        o.lp = 3;
        o.pb = 4;
    }
    if (variant != 5) {
        if (lzma_stream_buffer_encode(variant & 1 ? f + 1 : f, checks[variant],
                                      NULL, in, len, out, &at, room))
            return 0;
        return at;
    }
    if (lzma_stream_encoder_mt(&s, &mt))
        return 0;
    s.next_in = in;
    s.avail_in = len;
    s.next_out = out;
    s.avail_out = room;
    while (lzma_code(&s, LZMA_FINISH) == LZMA_OK)
        ;
    at = s.total_out;
    lzma_end(&s);
    return at;
}

static size_t pack_zstd(int variant, const uint8_t *in, size_t len,
                        uint8_t *out, size_t room)
{
    static const int levels[] = {1, 3, 9, 19, -5, 3};
    ZSTD_CCtx *c = ZSTD_createCCtx();
    ZSTD_outBuffer o = {out, room, 0};
    ZSTD_inBuffer i = {in, len, 0};

    ZSTD_CCtx_setParameter(c, ZSTD_c_compressionLevel, levels[variant]);
    ZSTD_CCtx_setParameter(c, ZSTD_c_checksumFlag, variant != 1);
    if (variant == 5) /* a stream: its size is not told */
        ZSTD_CCtx_setParameter(c, ZSTD_c_contentSizeFlag, 0);
    while (ZSTD_compressStream2(c, &o, &i, ZSTD_e_end))
        ;
    ZSTD_freeCCtx(c);
    return o.pos;
}

static size_t pack_lz4_legacy(const uint8_t *in, size_t len, uint8_t *out,
                              size_t room)
{
    size_t at = 4, n;

    memcpy(out, "\x02\x21\x4c\x18", 4);
    for (; len; in += n, len -= n) {
        uint32_t got;

        n = len < 8u << 20 ? len : 8u << 20;
        got = (uint32_t)LZ4_compress_HC((const char *)in, (char *)out + at + 4,
                                        (int)n, (int)(room - at - 4), 9);
        memcpy(out + at, &got, 4);
        at += 4 + got;
    }
    return at;
}

static size_t pack_lz4(int variant, const uint8_t *in, size_t len, uint8_t *out,
                       size_t room)
{
    LZ4F_preferences_t p = {0};

    if (variant == 0)
        return pack_lz4_legacy(in, len, out, room);
    p.frameInfo.blockSizeID = variant & 1 ? LZ4F_max64KB : LZ4F_max4MB;
    p.frameInfo.blockMode =
        variant == 3 ? LZ4F_blockIndependent : LZ4F_blockLinked;
    p.frameInfo.contentChecksumFlag = variant != 2;
    p.frameInfo.blockChecksumFlag = variant == 4;
    p.frameInfo.contentSize = variant == 5 ? len : 0;
    p.compressionLevel = variant == 5 ? 9 : 0;
    return LZ4F_compressFrame(out, room, in, len, &p);
}

static const struct {
    const char *name;
    packer *pack;
    int variants;
} kinds[] = {
    {"gzip", pack_gzip, 6},
    {"xz", pack_xz, 6},
    {"zstd", pack_zstd, 6},
    {"lz4", pack_lz4, 6},
};
#define NR_KINDS (sizeof(kinds) / sizeof(kinds[0]))

/* Bytes of different nature, from noise to this program's own code. */
static size_t make_plain(int nature, uint64_t *seed)
{
    static const size_t sizes[] = {0, 1, 3, 300, 70000, 1 << 18};
    size_t len = nature < 6 ? sizes[nature] : 200000u + (size_t)nature;
    FILE *f;

    for (size_t i = 0; i < len; i++)
        switch (nature % 4) {
        case 0: /* noise */
            plain[i] = (uint8_t)unit_random(seed);
            break;
        case 1: /* words of a small alphabet */
            plain[i] = "etaoin shrdlu\n"[unit_random(seed) % 14 *
                                         (unit_random(seed) % 3) / 2];
            break;
        case 2: /* what was before, at some distance, and a little noise */
            plain[i] = i > 1000 && unit_random(seed) % 50
                           ? plain[i - 1 - (i >> 9) % 999]
                           : (uint8_t)unit_random(seed);
            break;
        case 3: /* long runs */
            plain[i] = (uint8_t)(i >> 12);
            break;
        }
    if (nature != 10)
        return len;

    f = fopen("/proc/self/exe", "r");
    len = f ? fread(plain, 1, sizeof(plain), f) : 0;
    if (f)
        fclose(f);
    return len;
}

static void roundtrip(size_t kind, int variant, size_t len)
{
    size_t n = kinds[kind].pack(variant, plain, len, packed, sizeof(packed));
    uint8_t *in = malloc(n); /* exact sizes, for the sanitizer */
    uint8_t *out = malloc(len ? len : 1);
    size_t got = 0;
    char row[64];

    snprintf(row, sizeof(row), "%s variant %d, %zu bytes", kinds[kind].name,
             variant, len);
    unit_set_row(row);
    memcpy(in, packed, n);
    CHECK_EQ(unpack(in, n, out, len, &got, &ws), 0);
    CHECK_EQ(got, len);
    CHECK(!memcmp(out, plain, len));
    if (len)
        CHECK_EQ(unpack(in, n, out, len - 1, &got, &ws), -ENOSPC);
    free(in);
    free(out);
    unit_set_row("");
}

static void what_they_pack_we_unpack(void)
{
    uint64_t seed = 1;

    for (int nature = 0; nature <= 10; nature++) {
        size_t len = make_plain(nature, &seed);

        for (size_t k = 0; k < NR_KINDS; k++)
            for (int v = 0; v < kinds[k].variants; v++)
                roundtrip(k, v, len);
    }
}

/* A legacy lz4 frame has no end: cut between blocks it is a shorter one. */
static bool has_end(size_t kind, int variant)
{
    return kind != 3 || variant != 0;
}

static void cut_ones_are_refused(void)
{
    uint64_t seed = 2;
    uint8_t out[3000];

    for (size_t k = 0; k < NR_KINDS; k++)
        for (int v = 0; v < kinds[k].variants; v++) {
            size_t n, got;

            make_plain(6, &seed);
            n = kinds[k].pack(v, plain, sizeof(out), packed, sizeof(packed));
            unit_set_row(kinds[k].name);
            for (size_t len = 0; len < n; len++) {
                uint8_t *in = malloc(len ? len : 1);
                int rc;

                memcpy(in, packed, len);
                rc = unpack(in, len, out, sizeof(out), &got, &ws);
                free(in);
                CHECK(rc < 0 || !has_end(k, v));
                CHECK(rc != -ENOSPC);
            }
            unit_set_row("");
        }
}

/* A flipped bit is found by a check, or was of no meaning. */
static void spoil_one(size_t kind, int variant, size_t n, size_t len,
                      uint64_t *seed)
{
    uint8_t *in = malloc(n);
    uint8_t *out = malloc(len);
    size_t got = 0;
    int flips = 1 + (int)(unit_random(seed) % 3);
    /* Two flips may hit the data and the flag that tells of a check. */
    bool has_check = flips == 1 &&
                     !(kind == 1 && (variant == 2 || variant == 3)) &&
                     !(kind == 2 && variant == 1) &&
                     !(kind == 3 && (variant == 0 || variant == 2));
    int rc;

    memcpy(in, packed, n);
    while (flips--)
        in[unit_random(seed) % n] ^= (uint8_t)(1u << unit_random(seed) % 8);
    rc = unpack(in, n, out, len, &got, &ws);
    CHECK(got <= len);
    if (!rc && has_check && got)
        CHECK(got <= len && !memcmp(out, plain, got));
    free(in);
    free(out);
}

static void spoilt_ones_do_no_harm(void)
{
    uint64_t seed = 3;

    for (size_t k = 0; k < NR_KINDS; k++)
        for (int v = 0; v < kinds[k].variants; v++)
            for (int nature = 5; nature < 9; nature++) {
                size_t len = 6000, n;

                make_plain(nature, &seed);
                n = kinds[k].pack(v, plain, len, packed, sizeof(packed));
                unit_set_row(kinds[k].name);
                for (int i = 0; i < 150; i++)
                    spoil_one(k, v, n, len, &seed);
                unit_set_row("");
            }
}

static void several_in_a_row_are_one(void)
{
    uint64_t seed = 4;
    size_t len = make_plain(4, &seed);
    uint8_t *out = malloc(2 * len);

    for (size_t k = 0; k < NR_KINDS; k++) {
        size_t n = kinds[k].pack(1, plain, len, packed, sizeof(packed));
        size_t got = 0;

        unit_set_row(kinds[k].name);
        memcpy(packed + n, packed, n);
        CHECK_EQ(unpack(packed, 2 * n, out, 2 * len, &got, &ws), 0);
        CHECK_EQ(got, 2 * len);
        CHECK(!memcmp(out, plain, len) && !memcmp(out + len, plain, len));
        /* Other bytes behind are none of ours. */
        memset(packed + n, 0x55, 64);
        CHECK_EQ(unpack(packed, n + 64, out, 2 * len, &got, &ws), 0);
        CHECK_EQ(got, len);
        unit_set_row("");
    }
    free(out);
}

static void others_are_named(void)
{
    uint8_t out[16];
    size_t got;

    CHECK_EQ(unpack("BZh9", 4, out, sizeof(out), &got, &ws), -EOPNOTSUPP);
    CHECK_EQ(unpack("what?", 5, out, sizeof(out), &got, &ws), -EOPNOTSUPP);
    CHECK_EQ(unpack("", 0, out, sizeof(out), &got, &ws), -EOPNOTSUPP);
    CHECK(!strcmp(packing_name(packing_of("BZh9", 4)), "bzip2"));
    CHECK(!strcmp(packing_name(packing_of("\x89LZO", 4)), "lzo"));
}

static const struct unit_test tests[] = {
    {"what they pack we unpack", what_they_pack_we_unpack},
    {"cut ones are refused", cut_ones_are_refused},
    {"spoilt ones do no harm", spoilt_ones_do_no_harm},
    {"several in a row are one", several_in_a_row_are_one},
    {"other packings are named", others_are_named},
};

UNIT_MAIN("unpack", tests)
