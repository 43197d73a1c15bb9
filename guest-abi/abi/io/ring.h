/* SPDX-License-Identifier: MIT */
/*
 * ring.h - the shared page of a split driver: requests and answers in turn.
 * Keeps true: four free-running counters, then slots; a slot belongs to the
 * frontend until req_prod passes it, and to the backend until rsp_prod does.
 * The other side's counters are untrusted: copy a slot once, then use that.
 */
#ifndef ABI_IO_RING_H
#define ABI_IO_RING_H

#include <stddef.h>
#include <stdint.h>

typedef uint32_t RING_IDX; /* counts up for ever; take it modulo the size */

/* The counters; both sides write, each its own two. */
#define ABI_RING_HEADER                                                        \
    RING_IDX req_prod;  /* frontend: requests written */                       \
    RING_IDX req_event; /* backend: tell me when req_prod gets here */         \
    RING_IDX rsp_prod;  /* backend: answers written */                         \
    RING_IDX rsp_event; /* frontend: tell me when rsp_prod gets here */        \
    union {                                                                    \
        uint8_t pvt_pad[4];                                                    \
    } pvt;                                                                     \
    uint8_t __pad[44]

/* The shared page of a kind of device, and its two private views. */
#define DEFINE_RING_TYPES(name, req_t, rsp_t)                                  \
    union name##_sring_entry {                                                 \
        req_t req;                                                             \
        rsp_t rsp;                                                             \
    };                                                                         \
    struct name##_sring {                                                      \
        ABI_RING_HEADER;                                                       \
        union name##_sring_entry ring[1];                                      \
    };                                                                         \
    struct name##_front_ring {                                                 \
        RING_IDX req_prod_pvt;                                                 \
        RING_IDX rsp_cons;                                                     \
        uint32_t nr_ents;                                                      \
        struct name##_sring *sring;                                            \
    };                                                                         \
    struct name##_back_ring {                                                  \
        RING_IDX rsp_prod_pvt;                                                 \
        RING_IDX req_cons;                                                     \
        uint32_t nr_ents;                                                      \
        struct name##_sring *sring;                                            \
    };                                                                         \
    typedef struct name##_sring name##_sring_t;                                \
    typedef struct name##_front_ring name##_front_ring_t;                      \
    typedef struct name##_back_ring name##_back_ring_t

/* The largest power of two that is not above x; 0 for 0. */
static inline uint32_t ring_floor_pow2(uint32_t x)
{
    return x ? 1U << (31 - __builtin_clz(x)) : 0;
}

/* Slots in `bytes` of shared memory. */
#define ABI_RING_SLOTS(name, bytes)                                            \
    ring_floor_pow2((uint32_t)(((bytes) - offsetof(struct name##_sring, ring)) \
                               / sizeof(union name##_sring_entry)))

#endif
