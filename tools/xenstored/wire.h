/* SPDX-License-Identifier: GPL-2.0 */
/*
 * wire.h - the store's messages as bytes: judged here, before anything acts.
 */
#ifndef XENSTORED_WIRE_H
#define XENSTORED_WIRE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include <abi/io/xs_wire.h>

#define WIRE_MSG_MAX (sizeof(struct xsd_sockmsg) + XENSTORE_PAYLOAD_MAX)
#define DOMID_MAX    0x7ff0U /* ids from here on are reserved names */
#define DOMID_NAME_SELF 0x7ff0U

enum wire_verdict {
    WIRE_MORE,     /* not all of it is here yet */
    WIRE_COMPLETE, /* the first message is whole */
    WIRE_TOO_LONG, /* no message may be so long: drop the sender */
};

/* One request, its body still in the sender's (copied) bytes. */
struct wire_msg {
    struct xsd_sockmsg hdr;
    const char *body; /* hdr.len bytes, no NUL promised */
    size_t size;      /* header and body */
};

/* One right in a list: the domain, and 'r', 'w', both, or none. */
#define RIGHT_READ  1U
#define RIGHT_WRITE 2U
struct right {
    uint16_t domid;
    uint8_t bits;
};

enum wire_verdict wire_judge(const void *buf, size_t len, struct wire_msg *m);

/* The NUL-ended strings of a body; how many, or -1 if the last is not ended
 * or there are more than `max`. */
int wire_strings(const char *body, size_t len, const char **out, int max);

/* The number of NULs in a body: strings it holds. */
size_t wire_count(const char *body, size_t len);

/* Is this an absolute path that a node may have? */
bool wire_path_ok(const char *path, size_t len);
bool wire_is_special(const char *path);

bool wire_parse_domid(const char *s, unsigned int *domid);
bool wire_parse_u64(const char *s, uint64_t max, uint64_t *out);
bool wire_parse_right(const char *s, struct right *r);
/* "rw12" style, with its NUL; returns the bytes written (at most 8). */
size_t wire_format_right(char *out, struct right r);

/* The name that goes with an errno on the wire ("EINVAL" for strangers). */
const char *wire_error_name(int err);
const char *wire_type_name(uint32_t type);

#endif
