/* SPDX-License-Identifier: MIT */
/*
 * blkif.h - requests and answers of a block device.
 * Keeps true: sectors on the ring are 512 bytes, whatever the disk has; the
 * frontend writes requests, the backend answers, `id` joins the two.
 */
#ifndef ABI_IO_BLKIF_H
#define ABI_IO_BLKIF_H

#include <abi/grant_table.h>
#include <abi/io/ring.h>

typedef uint16_t blkif_vdev_t;
typedef uint64_t blkif_sector_t;

#define BLKIF_OP_READ            0
#define BLKIF_OP_WRITE           1
#define BLKIF_OP_WRITE_BARRIER   2
#define BLKIF_OP_FLUSH_DISKCACHE 3
#define BLKIF_OP_RESERVED_1      4
#define BLKIF_OP_DISCARD         5
#define BLKIF_OP_INDIRECT        6 /* segments stand in granted pages */

#define BLKIF_MAX_SEGMENTS_PER_REQUEST       11
#define BLKIF_MAX_INDIRECT_PAGES_PER_REQUEST 8

/* Part of one granted page. */
struct blkif_request_segment {
    grant_ref_t gref;
    uint8_t first_sect; /* 0 to 7, both included */
    uint8_t last_sect;
};
ABI_LAYOUT(struct blkif_request_segment, first_sect, 4, 8);

struct blkif_request {
    uint8_t operation; /* BLKIF_OP_ */
    uint8_t nr_segments;
    blkif_vdev_t handle;
    uint64_t id;
    blkif_sector_t sector_number;
    struct blkif_request_segment seg[BLKIF_MAX_SEGMENTS_PER_REQUEST];
};
typedef struct blkif_request blkif_request_t;
ABI_LAYOUT(struct blkif_request, seg, 24, 112);

#define BLKIF_DISCARD_SECURE (1 << 0)
struct blkif_request_discard {
    uint8_t operation;
    uint8_t flag; /* BLKIF_DISCARD_SECURE */
    blkif_vdev_t handle;
    uint64_t id;
    blkif_sector_t sector_number;
    uint64_t nr_sectors;
};
typedef struct blkif_request_discard blkif_request_discard_t;
ABI_LAYOUT(struct blkif_request_discard, nr_sectors, 24, 32);

struct blkif_request_indirect {
    uint8_t operation;
    uint8_t indirect_op; /* BLKIF_OP_READ or so */
    uint16_t nr_segments;
    uint64_t id;
    blkif_sector_t sector_number;
    blkif_vdev_t handle;
    grant_ref_t indirect_grefs[BLKIF_MAX_INDIRECT_PAGES_PER_REQUEST];
};
typedef struct blkif_request_indirect blkif_request_indirect_t;
ABI_LAYOUT(struct blkif_request_indirect, indirect_grefs, 28, 64);

#define BLKIF_RSP_EOPNOTSUPP (-2)
#define BLKIF_RSP_ERROR      (-1)
#define BLKIF_RSP_OKAY       0
struct blkif_response {
    uint64_t id;
    uint8_t operation;
    int16_t status; /* BLKIF_RSP_ */
};
typedef struct blkif_response blkif_response_t;
ABI_LAYOUT(struct blkif_response, status, 10, 16);

DEFINE_RING_TYPES(blkif, struct blkif_request, struct blkif_response);
ABI_LAYOUT(struct blkif_sring, ring, 64, 176);

/* The `info` node of a backend. */
#define VDISK_CDROM     0x1
#define VDISK_REMOVABLE 0x2
#define VDISK_READONLY  0x4

#endif
