/* SPDX-License-Identifier: MIT */
/*
 * netif.h - requests and answers of a network interface.
 * Keeps true: two rings, seen from the frontend: tx sends, rx receives; a
 * packet may take several slots, all but the last marked "more data".
 */
#ifndef ABI_IO_NETIF_H
#define ABI_IO_NETIF_H

#include <abi/grant_table.h>
#include <abi/io/ring.h>

#define XEN_NETIF_NR_SLOTS_MIN 18 /* slots a packet may always take */
#define XEN_NETIF_MAX_TX_SIZE  0xFFFF

/* flags of a packet to send. */
#define _NETTXF_csum_blank     0 /* checksum still to be made */
#define NETTXF_csum_blank      (1U << _NETTXF_csum_blank)
#define _NETTXF_data_validated 1 /* data known to be good */
#define NETTXF_data_validated  (1U << _NETTXF_data_validated)
#define _NETTXF_more_data      2 /* goes on in the next slot */
#define NETTXF_more_data       (1U << _NETTXF_more_data)
#define _NETTXF_extra_info     3 /* a netif_extra_info follows */
#define NETTXF_extra_info      (1U << _NETTXF_extra_info)

struct netif_tx_request {
    grant_ref_t gref;
    uint16_t offset; /* bytes into the page */
    uint16_t flags;  /* NETTXF_ */
    uint16_t id;
    uint16_t size; /* bytes; in the first slot, of the whole packet */
};
typedef struct netif_tx_request netif_tx_request_t;
ABI_LAYOUT(struct netif_tx_request, size, 10, 12);

#define XEN_NETIF_EXTRA_TYPE_NONE      0
#define XEN_NETIF_EXTRA_TYPE_GSO       1
#define XEN_NETIF_EXTRA_TYPE_MCAST_ADD 2
#define XEN_NETIF_EXTRA_TYPE_MCAST_DEL 3
#define XEN_NETIF_EXTRA_TYPE_HASH      4
#define XEN_NETIF_EXTRA_TYPE_MAX       5
#define _XEN_NETIF_EXTRA_FLAG_MORE     0
#define XEN_NETIF_EXTRA_FLAG_MORE      (1U << _XEN_NETIF_EXTRA_FLAG_MORE)
#define XEN_NETIF_GSO_TYPE_NONE        0
#define XEN_NETIF_GSO_TYPE_TCPV4       1
#define XEN_NETIF_GSO_TYPE_TCPV6       2

/* Takes a slot behind the packet's first. */
struct netif_extra_info {
    uint8_t type;  /* XEN_NETIF_EXTRA_TYPE_ */
    uint8_t flags; /* XEN_NETIF_EXTRA_FLAG_MORE */
    union {
        struct {
            uint16_t size; /* bytes of one segment */
            uint8_t type;  /* XEN_NETIF_GSO_TYPE_ */
            uint8_t pad;
            uint16_t features;
        } gso;
        struct {
            uint8_t addr[6];
        } mcast;
        struct {
            uint8_t type;
            uint8_t algorithm;
            uint8_t value[4];
        } hash;
        uint16_t pad[3];
    } u;
};
typedef struct netif_extra_info netif_extra_info_t;
ABI_LAYOUT(struct netif_extra_info, u, 2, 8);

struct netif_tx_response {
    uint16_t id;
    int16_t status; /* NETIF_RSP_ */
};
typedef struct netif_tx_response netif_tx_response_t;
ABI_LAYOUT(struct netif_tx_response, status, 2, 4);

/* An empty page to receive into. */
struct netif_rx_request {
    uint16_t id;
    uint16_t pad;
    grant_ref_t gref;
};
typedef struct netif_rx_request netif_rx_request_t;
ABI_LAYOUT(struct netif_rx_request, gref, 4, 8);

#define _NETRXF_data_validated 0
#define NETRXF_data_validated  (1U << _NETRXF_data_validated)
#define _NETRXF_csum_blank     1
#define NETRXF_csum_blank      (1U << _NETRXF_csum_blank)
#define _NETRXF_more_data      2
#define NETRXF_more_data       (1U << _NETRXF_more_data)
#define _NETRXF_extra_info     3
#define NETRXF_extra_info      (1U << _NETRXF_extra_info)
#define _NETRXF_gso_prefix     4
#define NETRXF_gso_prefix      (1U << _NETRXF_gso_prefix)

struct netif_rx_response {
    uint16_t id;
    uint16_t offset; /* bytes into the page */
    uint16_t flags;  /* NETRXF_ */
    int16_t status;  /* NETIF_RSP_, or bytes received */
};
typedef struct netif_rx_response netif_rx_response_t;
ABI_LAYOUT(struct netif_rx_response, status, 6, 8);

DEFINE_RING_TYPES(netif_tx, struct netif_tx_request, struct netif_tx_response);
DEFINE_RING_TYPES(netif_rx, struct netif_rx_request, struct netif_rx_response);

#define NETIF_RSP_DROPPED (-2)
#define NETIF_RSP_ERROR   (-1)
#define NETIF_RSP_OKAY    0
#define NETIF_RSP_NULL    1 /* the slot of an extra info */

#endif
