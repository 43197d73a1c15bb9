/* SPDX-License-Identifier: GPL-2.0 */
/*
 * kernel.h - what Dom0's Linux offers in /dev/xen: numbers and shapes of the
 * requests, as its user interface defines them.
 */
#ifndef HYP_KERNEL_H
#define HYP_KERNEL_H

#include <stdint.h>
#include <sys/ioctl.h>

#define REQUEST(letter, nr, type) _IOC(_IOC_NONE, letter, nr, sizeof(type))

/* /dev/xen/privcmd */
struct privcmd_hypercall {
    uint64_t op;
    uint64_t arg[5];
};
struct privcmd_mmapbatch_v2 {
    unsigned int num;
    uint16_t dom;
    uint64_t addr;
    const uint64_t *arr;
    int *err;
};
struct privcmd_mmap_resource {
    uint16_t dom;
    uint32_t type;
    uint32_t id;
    uint32_t idx;
    uint64_t num;
    uint64_t addr;
};
#define PRIVCMD_HYPERCALL     REQUEST('P', 0, struct privcmd_hypercall)
#define PRIVCMD_MMAPBATCH_V2  REQUEST('P', 4, struct privcmd_mmapbatch_v2)
#define PRIVCMD_MMAP_RESOURCE REQUEST('P', 7, struct privcmd_mmap_resource)

/* /dev/xen/evtchn */
struct evtchn_bind_virq_request {
    unsigned int virq;
};
struct evtchn_bind_interdomain_request {
    unsigned int domid, port;
};
struct evtchn_domid_request {
    unsigned int domid;
};
struct evtchn_port_request {
    unsigned int port;
};
#define EVTCHN_BIND_VIRQ REQUEST('E', 0, struct evtchn_bind_virq_request)
#define EVTCHN_BIND_INTERDOMAIN                                                \
    REQUEST('E', 1, struct evtchn_bind_interdomain_request)
#define EVTCHN_BIND_UNBOUND REQUEST('E', 2, struct evtchn_domid_request)
#define EVTCHN_UNBIND       REQUEST('E', 3, struct evtchn_port_request)
#define EVTCHN_NOTIFY       REQUEST('E', 4, struct evtchn_port_request)

/* /dev/xen/gntdev */
struct gntdev_ref {
    uint32_t domid;
    uint32_t ref;
};
struct gntdev_map_request {
    uint32_t count;
    uint32_t pad;
    uint64_t index; /* out: where to mmap() */
    struct gntdev_ref refs[1];
};
struct gntdev_unmap_request {
    uint64_t index;
    uint32_t count;
    uint32_t pad;
};
struct gntdev_find_request {
    uint64_t vaddr;
    uint64_t offset; /* out */
    uint32_t count;  /* out */
    uint32_t pad;
};
struct gntdev_notify_request {
    uint64_t index;
    uint32_t action;
    uint32_t port;
};
#define GNTDEV_MAP        REQUEST('G', 0, struct gntdev_map_request)
#define GNTDEV_UNMAP      REQUEST('G', 1, struct gntdev_unmap_request)
#define GNTDEV_FIND       REQUEST('G', 2, struct gntdev_find_request)
#define GNTDEV_NOTIFY     REQUEST('G', 7, struct gntdev_notify_request)
#define GNTDEV_CLEAR_BYTE 1
#define GNTDEV_SEND_EVENT 2

/* /dev/xen/gntalloc */
struct gntalloc_request {
    uint16_t domid;
    uint16_t flags;
    uint32_t count;
    uint64_t index; /* out: where to mmap() */
    uint32_t refs[1];
};
#define GNTALLOC_ALLOC    REQUEST('G', 5, struct gntalloc_request)
#define GNTALLOC_WRITABLE 1

#endif
